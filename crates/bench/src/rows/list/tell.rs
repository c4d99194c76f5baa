//! The lines about desks of several sizes.

use anyhow::Context as _;

use super::{Cost, Measured};
use crate::past::LANGUAGES;
use crate::report::{Figure, Line, Report};

/// Flat: the largest takes at most so many times what the smallest takes.
const FLAT: f64 = 1.5;
const SEARCH_MS: f64 = 50.0;

type Of = fn(&Measured) -> &Cost;

fn by_size(all: &[Measured], of: impl Fn(&Measured) -> f64) -> Vec<(u64, f64)> {
    all.iter().map(|one| (one.messages, of(one))).collect()
}

pub(super) fn tell(all: &[Measured], floor_start: f64, report: &mut Report) -> anyhow::Result<()> {
    let (first, last) = all.first().zip(all.last()).context("no sizes")?;
    let sizes = all.iter().map(|one| one.messages.to_string()).collect::<Vec<_>>().join(" / ");
    report.add(Line {
        key: "start".to_owned(),
        what: format!("start to ready, at {sizes} messages"),
        measured: format!(
            "{} ms",
            all.iter().map(|one| format!("{:.0}", one.start_ms)).collect::<Vec<_>>().join(" / ")
        ),
        bar: "≤ 150 ms".to_owned(),
        reached: last.start_ms <= 150.0,
        floor: format!("{floor_start:.0} ms empty"),
        figure: Figure::less(last.start_ms, "ms", floor_start),
        by_size: by_size(all, |one| one.start_ms),
        ..Line::default()
    });
    let rows: [(&str, &str, Of); 4] = [
        ("list.first", "list, first page", |one| &one.list),
        ("list.middle", "list, a page in the middle", |one| &one.far),
        ("open", "opening a conversation: unread count and latest messages", |one| &one.open),
        ("history", "a page of history", |one| &one.history),
    ];
    for (key, what, of) in rows {
        let times = all.iter().map(|one| format!("{:.2}", of(one).ms)).collect::<Vec<_>>().join(" / ");
        let growth = of(last).ms / of(first).ms;
        report.add(Line {
            key: key.to_owned(),
            what: format!("{what}, at {sizes} messages"),
            measured: format!("p50 {times} ms: × {growth:.2}"),
            bar: format!("p50 ≤ 5 ms, × {FLAT} at most"),
            reached: growth <= FLAT && of(last).ms <= 5.0,
            floor: format!("{:.2} ms /healthz", last.bare.ms),
            figure: Figure::less(of(last).ms, "ms", last.bare.ms),
            cpu: Some(Figure::less(of(last).cpu_us, "µs a call", last.bare.cpu_us)),
            by_size: by_size(all, |one| of(one).ms),
        });
    }
    for (at, (language, (common, rare))) in LANGUAGES.iter().zip(&last.searches).enumerate() {
        report.add(Line {
            key: format!("search.{}", language.name.to_lowercase()),
            what: format!("search in {} messages, {}", last.messages, language.name),
            measured: format!("p95 {:.1} ms a common phrase, {:.1} ms a word of one message", common.ms, rare.ms),
            bar: format!("p95 ≤ {SEARCH_MS} ms"),
            reached: common.ms.max(rare.ms) <= SEARCH_MS,
            floor: format!("{:.2} ms /healthz", last.bare.ms),
            figure: Figure::less(common.ms, "ms", last.bare.ms),
            cpu: Some(Figure::less(common.cpu_us, "µs a call", last.bare.cpu_us)),
            by_size: by_size(all, |one| one.searches[at].0.ms),
        });
    }
    report.add(Line {
        key: "disk".to_owned(),
        what: format!("disk a message, at {} messages", last.messages),
        measured: format!("{:.0} bytes", last.bytes_each),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!("{:.0} bytes at {}", first.bytes_each, first.messages),
        figure: Figure::less(last.bytes_each, "bytes", first.bytes_each),
        by_size: by_size(all, |one| one.bytes_each),
        ..Line::default()
    });
    Ok(())
}
