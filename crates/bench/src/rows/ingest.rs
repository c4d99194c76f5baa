//! How many webhooks a second are kept, and what each costs.

use anyhow::Context as _;
use linedesk_store::StoreError;
use linedesk_store::ops::conversations::{self, Filter};

use crate::child;
use crate::desk::{self, Process};
use crate::load::{Load, send_all, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report, percentile};

/// Connections, and how many events over them.
const LOADS: [(usize, u64); 4] = [(1, 8_000), (16, 40_000), (64, 60_000), (256, 60_000)];
/// The load whose costs are told in full.
const TOLD: usize = 64;
/// What each is measured so often; the median counts.
const ROUNDS: usize = 3;
/// Users of one load: new to the desk.
const USERS: u64 = 10_000_000;
const FLOOR_RATIO: f64 = 0.5;
const CPU_US: f64 = 50.0;

struct Measured {
    load: Load,
    cpu_us: f64,
}

async fn measure(process: &Process, connections: usize, from: u64, events: u64) -> anyhow::Result<Measured> {
    let now_ms = desk::now().0;
    let text = "Hello, is the office open on Saturday?";
    let requests = (from..from + events).map(|number| webhook_request(&webhook_body(number, number, text, now_ms)));
    let requests: Vec<_> = requests.collect();
    let before = process.cpu_seconds()?;
    let load = send_all(&process.addr, connections, requests).await?;
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let cpu_us = (process.cpu_seconds()? - before) * 1e6 / events as f64;
    Ok(Measured { load, cpu_us })
}

/// The round in the middle, by its rate.
fn median(mut rounds: Vec<Measured>) -> anyhow::Result<Measured> {
    rounds.sort_by(|one, other| one.load.per_second().total_cmp(&other.load.per_second()));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle).context("no rounds")
}

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = child::line().await?;
    let process = Process::desk(folder.path(), &line).await?;
    let floor_process = Process::floor().await?;
    let (mut sent, mut number) = (LOADS[2].1 / scale / 4, USERS);
    // Both are warm.
    measure(&floor_process, TOLD, 0, sent).await?;
    measure(&process, TOLD, 0, sent).await?;
    let mut all = Vec::new();
    for (connections, events) in LOADS {
        let events = events / scale;
        let (mut floors, mut desks) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors.push(measure(&floor_process, connections, number, events).await?);
            desks.push(measure(&process, connections, number, events).await?);
            number += USERS;
            sent += events;
        }
        all.push((connections, median(floors)?, median(desks)?));
    }
    drop((process, floor_process));

    // Kept: what a new process finds, after the first was killed.
    let store = desk::open(folder.path()).await?;
    let page = store.read::<_, StoreError, _>(|tx| conversations::list(tx, &Filter::default(), None, 1)).await?;
    desk::close(store).await?;
    let is_kept = page.total == i64::try_from(sent)?;
    for (connections, floor, desk) in all {
        let is_told = connections == TOLD;
        let (rate, floor_rate) = (desk.load.per_second(), floor.load.per_second());
        let ratio = rate / floor_rate;
        let bar = format!("≥ 10,000/s, all kept; ≥ {FLOOR_RATIO} of the floor");
        report.add(Line {
            key: format!("ingest.sqlite.{connections}"),
            what: format!("durable webhooks/s, {connections} connections, SQLite"),
            measured: if is_told {
                format!("{rate:.0}/s, kept {} of {sent}", page.total)
            } else {
                format!("{rate:.0}/s")
            },
            bar: if is_told { bar } else { "(none)".to_owned() },
            reached: !is_told || (rate >= 10_000.0 && is_kept && ratio >= FLOOR_RATIO),
            floor: format!("{floor_rate:.0}/s verify + parse"),
            figure: Figure::more(rate, "/s", floor_rate),
            ..Line::default()
        });
        if is_told {
            tell_costs(desk, floor, report);
        }
    }
    Ok(())
}

fn tell_costs(mut desk: Measured, mut floor: Measured, report: &mut Report) {
    report.add(Line {
        key: "ingest.sqlite.cpu_each".to_owned(),
        what: "CPU per event in the server".to_owned(),
        measured: format!("{:.0} µs", desk.cpu_us),
        bar: format!("≤ {CPU_US} µs"),
        reached: desk.cpu_us <= CPU_US,
        floor: format!("{:.0} µs", floor.cpu_us),
        figure: Figure::less(desk.cpu_us, "µs", floor.cpu_us),
        ..Line::default()
    });
    let shown = |load: &mut Load| (percentile(&mut load.times, 0.5), percentile(&mut load.times, 0.99));
    let ((p50, p99), (floor_p50, floor_p99)) = (shown(&mut desk.load), shown(&mut floor.load));
    report.add(Line {
        key: "ingest.sqlite.answered".to_owned(),
        what: "webhook answered, all connections busy".to_owned(),
        measured: format!("p50 {p50:.1} ms, p99 {p99:.1} ms"),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!("p50 {floor_p50:.1} ms, p99 {floor_p99:.1} ms"),
        figure: Figure::less(p50, "ms", floor_p50),
        ..Line::default()
    });
}
