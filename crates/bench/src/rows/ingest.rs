//! How many webhooks a second are kept, and what each costs.

use anyhow::Context as _;
use linedesk_store::ops::conversations::{self, Filter};
use linedesk_store::{Location, StoreError};

use crate::cpu::Cpu;
use crate::desk::{self, Process};
use crate::line;
use crate::load::{Load, event_with, send_all, webhook_of, webhook_request};
use crate::report::{Figure, Line, Report, percentile};

/// Connections, and how many events over them.
const LOADS: [(usize, u64); 4] = [(1, 8_000), (16, 40_000), (64, 60_000), (256, 60_000)];
/// The load whose costs are told in full, and which other rows share.
pub(super) const TOLD: usize = 64;
/// What each is measured so often; the median counts.
pub(super) const ROUNDS: u64 = 3;
/// Users of one load: new to the desk.
pub(super) const USERS: u64 = 10_000_000;
const FLOOR_RATIO: f64 = 0.5;
const CPU_US: f64 = 50.0;

/// What is sent: how many events, how many of them in each webhook, and the number of the first one's user.
#[derive(Clone, Copy)]
pub(super) struct Webhooks {
    pub(super) connections: usize,
    pub(super) first: u64,
    pub(super) events: u64,
    pub(super) in_each: u64,
}

pub(super) struct Measured {
    pub(super) load: Load,
    events: u64,
    /// Of each event, in all servers.
    pub(super) cpu_us: f64,
}

impl Measured {
    /// Events.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub(super) fn per_second(&self) -> f64 {
        self.events as f64 / self.load.elapsed.as_secs_f64()
    }
}

/// Every event is of another user.
pub(super) async fn measure(servers: &[&Process], webhooks: Webhooks) -> anyhow::Result<Measured> {
    let Webhooks { connections, first, events, in_each } = webhooks;
    let now_ms = desk::now().0;
    let what = "\"type\":\"text\",\"text\":\"Hello, is the office open on Saturday?\"";
    let event = |number| event_with(number, number, what, now_ms);
    let starts = (first..first + events).step_by(usize::try_from(in_each)?);
    let requests = starts.map(|start| {
        let batch: Vec<_> = (start..(start + in_each).min(first + events)).map(event).collect();
        webhook_request(&webhook_of(&batch))
    });
    let requests: Vec<_> = requests.collect();
    let addrs: Vec<_> = servers.iter().map(|server| server.addr.as_str()).collect();
    let cpu = Cpu::begin(servers.iter().map(|server| server.id()))?;
    let load = send_all(&addrs, connections, requests).await?;
    Ok(Measured { load, events, cpu_us: cpu.us_each(events)? })
}

/// The round in the middle, by its rate.
pub(super) fn median(mut rounds: Vec<Measured>) -> anyhow::Result<Measured> {
    rounds.sort_by(|one, other| one.per_second().total_cmp(&other.per_second()));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle).context("no rounds")
}

/// Measures the floor and the servers in turn. The first round's users come right after each other, those of the others
/// `USERS` further on.
pub(super) async fn in_turn(
    floor: &Process,
    servers: &[&Process],
    mut webhooks: Webhooks,
) -> anyhow::Result<(Measured, Measured)> {
    let (mut floors, mut desks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floors.push(measure(&[floor], webhooks).await?);
        desks.push(measure(servers, webhooks).await?);
        webhooks.first += USERS;
    }
    Ok((median(floors)?, median(desks)?))
}

/// How many conversations are in a database, which is how many events were kept.
pub(super) async fn kept(location: Location) -> anyhow::Result<u64> {
    let store = desk::open_at(location).await?;
    let page = store.read::<_, StoreError, _>(|tx| conversations::list(tx, &Filter::default(), None, 1)).await?;
    desk::close(store).await?;
    Ok(u64::try_from(page.total)?)
}

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk(folder.path(), &line).await?;
    let floor_process = Process::floor().await?;
    let mut sent = LOADS[2].1 / scale / 4;
    // Both are warm.
    let mut webhooks = Webhooks { connections: TOLD, first: 0, events: sent, in_each: 1 };
    measure(&[&floor_process], webhooks).await?;
    measure(&[&process], webhooks).await?;
    webhooks.first = USERS;
    let mut all = Vec::new();
    for (connections, events) in LOADS {
        (webhooks.connections, webhooks.events) = (connections, events / scale);
        all.push((connections, in_turn(&floor_process, &[&process], webhooks).await?));
        webhooks.first += ROUNDS * USERS;
        sent += ROUNDS * webhooks.events;
    }
    drop((process, floor_process));

    // Kept: what a new process finds, after the first was killed.
    let kept = kept(Location::Sqlite { data_dir: folder.path().to_owned() }).await?;
    for (connections, measured) in all {
        let what = format!("durable webhooks/s, {connections} connections, SQLite");
        let mut line = kept_line(format!("ingest.sqlite.{connections}"), what, &measured, kept, sent);
        if connections != TOLD {
            report.add(line);
            continue;
        }
        let rate = line.figure.value;
        line.bar = format!("≥ 10,000/s, all kept; ≥ {FLOOR_RATIO} of the floor");
        line.reached &= rate >= 10_000.0 && line.figure.ratio().is_some_and(|ratio| ratio >= FLOOR_RATIO);
        report.add(line);
        let (floor, desk) = measured;
        tell_costs(desk, floor, report);
    }
    Ok(())
}

/// A rate beside its floor; of what was sent, all must be kept.
pub(super) fn kept_line(key: String, what: String, (floor, desk): &(Measured, Measured), kept: u64, sent: u64) -> Line {
    let (rate, floor_rate) = (desk.per_second(), floor.per_second());
    Line {
        key,
        what,
        measured: format!("{rate:.0}/s, kept {kept} of {sent}"),
        bar: "all kept".to_owned(),
        reached: kept == sent,
        floor: format!("{floor_rate:.0}/s verify + parse"),
        figure: Figure::more(rate, "/s", floor_rate),
        cpu: Some(cpu(desk, floor)),
        ..Line::default()
    }
}

fn cpu(desk: &Measured, floor: &Measured) -> Figure {
    Figure::less(desk.cpu_us, "µs an event", floor.cpu_us)
}

fn tell_costs(mut desk: Measured, mut floor: Measured, report: &mut Report) {
    report.add(Line {
        key: "ingest.sqlite.cpu_each".to_owned(),
        what: "CPU per event in the server".to_owned(),
        measured: format!("{:.0} µs", desk.cpu_us),
        bar: format!("≤ {CPU_US} µs"),
        reached: desk.cpu_us <= CPU_US,
        floor: format!("{:.0} µs", floor.cpu_us),
        figure: cpu(&desk, &floor),
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
