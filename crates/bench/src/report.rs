//! The table: what was measured, its bar, its floor and their ratio. For people as Markdown, for [`crate::compare`] as JSON.

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Names the line in every version, whatever its words become.
    pub(crate) key: String,
    pub(crate) what: String,
    pub(crate) measured: String,
    /// What it must reach.
    pub(crate) bar: String,
    pub(crate) reached: bool,
    /// The same without the desk, in the same run.
    pub(crate) floor: String,
    /// What is compared between versions.
    pub(crate) figure: Figure,
    /// CPU time of the server for each operation.
    pub(crate) cpu: Option<Figure>,
    /// The figure at several sizes of the desk, where the line has them: how many messages, and what it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) by_size: Vec<(u64, f64)>,
}

/// A number, and the same of the floor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) unit: String,
    pub(crate) floor: Option<f64>,
    pub(crate) more_is_better: bool,
}

impl Figure {
    /// A rate.
    pub(crate) fn more(value: f64, unit: &str, floor: impl Into<Option<f64>>) -> Self {
        Self { value, unit: unit.to_owned(), floor: floor.into(), more_is_better: true }
    }

    /// A cost.
    pub(crate) fn less(value: f64, unit: &str, floor: impl Into<Option<f64>>) -> Self {
        Self { value, unit: unit.to_owned(), floor: floor.into(), more_is_better: false }
    }

    /// How many times the floor it is. Without a floor, or with one too small to be seen, nothing.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.floor.filter(|floor| *floor > 0.0).map(|floor| self.value / floor)
    }

    fn ratio_text(&self) -> String {
        match self.ratio() {
            None => String::new(),
            Some(ratio) if ratio < 1.0 => format!("{ratio:.2}"),
            Some(ratio) if ratio < 100.0 => format!("{ratio:.1}"),
            Some(ratio) => format!("{ratio:.0}"),
        }
    }

    /// With its unit and its floor.
    fn text(&self) -> String {
        let floor = self.floor.map_or_else(String::new, |floor| format!(" (floor {floor:.1})"));
        format!("{:.1} {}{floor}", self.value, self.unit)
    }
}

/// What one run measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) version: String,
    /// What everything was divided by. Runs of different scales are not comparable.
    pub(crate) scale: u64,
    pub(crate) lines: Vec<Line>,
}

impl Report {
    pub(crate) fn new(scale: u64) -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), scale, lines: Vec::new() }
    }

    /// Adds a line, and shows it while the rest still runs.
    pub(crate) fn add(&mut self, line: Line) {
        say(&format!("{}: {} ({})", line.what, line.measured, if line.reached { "reached" } else { "MISSED" }));
        self.lines.push(line);
    }

    /// Adds of each line the one in the middle of several rounds, with its own floor.
    pub(crate) fn add_medians(&mut self, rounds: Vec<Self>) {
        let mut all: Vec<Line> = rounds.into_iter().flat_map(|round| round.lines).collect();
        while let Some(first) = all.first() {
            let key = first.key.clone();
            let (mut same, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|line| line.key == key);
            same.sort_by(|one, other| one.figure.value.total_cmp(&other.figure.value));
            let middle = same.len() / 2;
            self.lines.push(same.swap_remove(middle));
            all = others;
        }
    }

    #[expect(clippy::print_stdout, reason = "the table is what the command is for")]
    pub(crate) fn print(&self, json: bool) {
        if json {
            println!("{}", serde_json::to_string_pretty(self).unwrap_or_default());
            return;
        }
        println!("| what | measured | bar | reached | floor | ratio | CPU |\n|---|---|---|---|---|---|---|");
        for line in &self.lines {
            let reached = if line.reached { "yes" } else { "**no**" };
            let Line { what, measured, bar, floor, .. } = line;
            let (ratio, cpu) = (line.figure.ratio_text(), line.cpu.as_ref().map_or_else(String::new, Figure::text));
            println!("| {what} | {measured} | {bar} | {reached} | {floor} | {ratio} | {cpu} |");
        }
    }
}

/// Progress, beside the table.
#[expect(clippy::print_stderr, reason = "standard output is the table's")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_rounds_each_line_is_the_one_in_the_middle() {
        let round = |a: f64, b: f64| {
            let line = |key: &str, value| Line {
                key: key.to_owned(),
                figure: Figure::more(value, "/s", value / 2.0),
                ..Line::default()
            };
            Report { lines: vec![line("a", a), line("b", b)], ..Report::new(1) }
        };
        let mut report = Report::new(1);
        report.add_medians(vec![round(1.0, 60.0), round(3.0, 40.0), round(2.0, 50.0)]);
        let told: Vec<_> =
            report.lines.iter().map(|line| (line.key.as_str(), line.figure.value, line.figure.floor)).collect();
        assert_eq!(told, [("a", 2.0, Some(1.0)), ("b", 50.0, Some(25.0))]);
    }
}
