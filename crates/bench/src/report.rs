//! The table: what was measured, its bar, its floor and their ratio.

use serde::Serialize;

/// One line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) measured: String,
    /// What it must reach.
    pub(crate) bar: String,
    pub(crate) reached: bool,
    /// The same without the desk, in the same run.
    pub(crate) floor: String,
    pub(crate) ratio: String,
}

#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Line>);

impl Report {
    /// Adds a line, and shows it while the rest still runs.
    pub(crate) fn add(&mut self, line: Line) {
        #[expect(clippy::print_stderr, reason = "progress")]
        {
            eprintln!("{}: {} ({})", line.what, line.measured, if line.reached { "reached" } else { "MISSED" });
        }
        self.0.push(line);
    }

    #[expect(clippy::print_stdout, reason = "the table is what the command is for")]
    pub(crate) fn print(&self, json: bool) {
        if json {
            println!("{}", serde_json::to_string_pretty(&self.0).unwrap_or_default());
            return;
        }
        println!("| what | measured | bar | reached | floor | ratio |\n|---|---|---|---|---|---|");
        for line in &self.0 {
            let reached = if line.reached { "yes" } else { "**no**" };
            let Line { what, measured, bar, floor, ratio, .. } = line;
            println!("| {what} | {measured} | {bar} | {reached} | {floor} | {ratio} |");
        }
    }
}

/// `p` (0 to 1) of some times in ms; they are sorted by it.
pub(crate) fn percentile(times: &mut [f64], p: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let at = ((times.len().saturating_sub(1)) as f64 * p).round() as usize;
    times.get(at).copied().unwrap_or(f64::NAN)
}
