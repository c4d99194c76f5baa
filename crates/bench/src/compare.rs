//! Two runs, of two versions or of two days: which lines became worse, measured in their floors.
//!
//! The ratio to the floor is compared, because the machine of one day is not that of the other. A line without a floor is
//! compared as it is.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::report::{Figure, Line, Report};

/// Less than this may be noise.
const WORSE: f64 = 0.10;

/// How a figure changed. A side that has no such line has no number.
#[derive(Debug, PartialEq)]
struct Change {
    key: String,
    old: Option<f64>,
    new: Option<f64>,
    has_floor: bool,
    more_is_better: bool,
}

impl Change {
    /// By which part of the old one it is more.
    fn by(&self) -> Option<f64> {
        self.old.zip(self.new).filter(|(old, _)| *old > 0.0).map(|(old, new)| new / old - 1.0)
    }

    fn is_worse(&self) -> bool {
        self.by().is_some_and(|by| if self.more_is_better { by < -WORSE } else { by > WORSE })
    }
}

pub(crate) fn read(path: &Path) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not what `--json` prints", path.display()))
}

/// A table of all lines, and how many of them became worse.
pub(crate) fn compare(old: &Report, new: &Report) -> anyhow::Result<(String, usize)> {
    anyhow::ensure!(old.scale == new.scale, "one of them is of a `--quick` run, the other is not");
    let changes = changes(&old.lines, &new.lines);
    let shown = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), |number| format!("{number:.3}"));
    let mut table = format!(
        "measured / floor, {} → {}\n\n| line | old | new | change | |\n|---|---|---|---|---|\n",
        old.version, new.version
    );
    for change in &changes {
        let by = change.by().map_or_else(String::new, |by| format!("{:+.1} %", by * 100.0));
        let mark = if change.is_worse() { "**worse**" } else { "" };
        let floor = if change.has_floor { "" } else { " (no floor)" };
        writeln!(table, "| {}{floor} | {} | {} | {by} | {mark} |", change.key, shown(change.old), shown(change.new))?;
    }
    Ok((table, changes.iter().filter(|change| change.is_worse()).count()))
}

/// In the order of the new one; what it has no longer comes last.
fn changes(old: &[Line], new: &[Line]) -> Vec<Change> {
    let (old, new) = (figures(old), figures(new));
    let of = |all: &[(String, Figure)], key: &str| all.iter().find(|(other, _)| other == key).map(|(_, it)| it.clone());
    let gone = old.iter().filter(|(key, _)| of(&new, key).is_none());
    let keys = new.iter().chain(gone).map(|(key, _)| key);
    keys.map(|key| change(key, of(&old, key).as_ref(), of(&new, key).as_ref())).collect()
}

/// The figures of all lines, the CPU's beside their own.
fn figures(lines: &[Line]) -> Vec<(String, Figure)> {
    let both = |line: &Line| {
        let cpu = line.cpu.clone().map(|cpu| (format!("{}.cpu", line.key), cpu));
        [Some((line.key.clone(), line.figure.clone())), cpu].into_iter().flatten().collect::<Vec<_>>()
    };
    lines.iter().flat_map(both).collect()
}

fn change(key: &str, old: Option<&Figure>, new: Option<&Figure>) -> Change {
    // A ratio and a bare number are not comparable.
    let has_floor = [old, new].into_iter().flatten().all(|figure| figure.ratio().is_some());
    let number = |figure: &Figure| if has_floor { figure.ratio() } else { Some(figure.value) };
    Change {
        key: key.to_owned(),
        old: old.and_then(number),
        new: new.and_then(number),
        has_floor,
        more_is_better: new.or(old).is_some_and(|figure| figure.more_is_better),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, figure: Figure) -> Line {
        Line { key: key.to_owned(), figure, ..Line::default() }
    }

    fn report(lines: Vec<Line>) -> Report {
        Report { lines, ..Report::new(1) }
    }

    #[test]
    fn a_slower_machine_alone_is_no_change() {
        let old = [line("ingest", Figure::more(10_000.0, "/s", 50_000.0))];
        let new = [line("ingest", Figure::more(5_000.0, "/s", 25_000.0))];
        let changes = changes(&old, &new);
        assert_eq!(changes[0].by(), Some(0.0));
        assert!(!changes[0].is_worse());
    }

    #[test]
    fn worse_is_less_of_a_rate_and_more_of_a_cost() {
        let is_worse = |old, new| change("k", Some(&old), Some(&new)).is_worse();
        let rate = |value| Figure::more(value, "/s", 100.0);
        let cost = |value| Figure::less(value, "ms", 1.0);
        assert!(is_worse(rate(50.0), rate(44.0)));
        assert!(!is_worse(rate(50.0), rate(46.0)));
        assert!(!is_worse(rate(50.0), rate(90.0)));
        assert!(is_worse(cost(5.0), cost(5.6)));
        assert!(!is_worse(cost(5.0), cost(5.4)));
        assert!(!is_worse(cost(5.0), cost(1.0)));
    }

    #[test]
    fn lines_are_matched_by_key_wherever_they_are() {
        let figure = || Figure::less(2.0, "ms", 1.0);
        let old = [line("a", figure()), line("b", figure())];
        let new = [line("b", figure()), line("c", figure())];
        let told: Vec<_> = changes(&old, &new).into_iter().map(|c| (c.key, c.old, c.new)).collect();
        let same = Some(2.0);
        assert_eq!(told, [("b".into(), same, same), ("c".into(), None, same), ("a".into(), same, None)]);
    }

    #[test]
    fn without_a_floor_on_both_sides_the_numbers_themselves_are_compared() {
        let old = Figure::less(20.0, "MB", None);
        let new = Figure::less(30.0, "MB", 3.0);
        let change = change("memory", Some(&old), Some(&new));
        assert_eq!((change.old, change.new, change.has_floor), (Some(20.0), Some(30.0), false));
        assert!(change.is_worse());
    }

    #[test]
    fn cpu_is_a_line_of_its_own() {
        let of = |cpu| Line { cpu: Some(Figure::less(cpu, "µs", 10.0)), ..line("a", Figure::less(1.0, "ms", 1.0)) };
        let (table, worse) = compare(&report(vec![of(50.0)]), &report(vec![of(60.0)])).unwrap();
        assert!(table.contains("| a.cpu | 5.000 | 6.000 | +20.0 % | **worse** |"), "{table}");
        assert_eq!(worse, 1);
    }

    #[test]
    fn a_quick_run_is_not_compared_with_a_whole_one() {
        compare(&Report::new(1), &Report::new(10)).unwrap_err();
    }

    #[test]
    fn what_is_printed_is_what_is_read() {
        let line = Line { by_size: vec![(10, 0.5)], ..line("a", Figure::more(1.5, "/s", None)) };
        let text = serde_json::to_string(&report(vec![line])).unwrap();
        let read: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(read.lines[0].figure, Figure::more(1.5, "/s", None));
        assert_eq!(read.lines[0].by_size, [(10, 0.5)]);
    }
}
