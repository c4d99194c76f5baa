//! How many webhooks a second are kept, and what each costs.

use linedesk_store::StoreError;
use linedesk_store::ops::conversations::{self, Filter};

use crate::child;
use crate::desk::{self, Process};
use crate::load::{Load, send_all, webhook_body, webhook_request};
use crate::report::{Line, Report, percentile};

const EVENTS: u64 = 60_000;
const CONNECTIONS: usize = 64;

struct Measured {
    load: Load,
    cpu_us: f64,
}

async fn measure(process: &Process, from: u64, events: u64) -> anyhow::Result<Measured> {
    let now_ms = desk::now().0;
    let text = "Hello, is the office open on Saturday?";
    let requests = (from..from + events).map(|number| webhook_request(&webhook_body(number, number, text, now_ms)));
    let requests: Vec<_> = requests.collect();
    let before = process.cpu_seconds()?;
    let load = send_all(&process.addr, CONNECTIONS, requests).await?;
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let cpu_us = (process.cpu_seconds()? - before) * 1e6 / events as f64;
    Ok(Measured { load, cpu_us })
}

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let events = EVENTS / scale;
    let floor_process = Process::floor().await?;
    measure(&floor_process, 0, events / 4).await?;
    let floor = measure(&floor_process, 0, events).await?;
    drop(floor_process);

    let folder = tempfile::tempdir()?;
    let line = child::line().await?;
    let process = Process::desk(folder.path(), &line).await?;
    measure(&process, 0, events / 4).await?;
    let mut desk = measure(&process, 1_000_000, events).await?;
    drop(process);

    // Kept: what a new process finds, after the first was killed.
    let store = desk::open(folder.path()).await?;
    let page = store.read::<_, StoreError, _>(|tx| conversations::list(tx, &Filter::default(), None, 1)).await?;
    desk::close(store).await?;
    let expected = i64::try_from(events + events / 4)?;
    let (rate, floor_rate) = (desk.load.per_second(), floor.load.per_second());
    report.add(Line {
        what: format!("durable webhooks/s, {CONNECTIONS} connections, SQLite"),
        measured: format!("{rate:.0}/s, kept {} of {expected}", page.total),
        bar: "≥ 10,000/s, all kept".to_owned(),
        reached: rate >= 10_000.0 && page.total == expected,
        floor: format!("{floor_rate:.0}/s verify + parse"),
        ratio: format!("{:.2}", rate / floor_rate),
    });
    report.add(Line {
        what: "CPU per event in the server".to_owned(),
        measured: format!("{:.0} µs", desk.cpu_us),
        bar: "≤ 100 µs".to_owned(),
        reached: desk.cpu_us <= 100.0,
        floor: format!("{:.0} µs", floor.cpu_us),
        ratio: format!("{:.1}", desk.cpu_us / floor.cpu_us),
    });
    let mut floor_times = floor.load.times;
    report.add(Line {
        what: "webhook answered, all connections busy".to_owned(),
        measured: format!(
            "p50 {:.1} ms, p99 {:.1} ms",
            percentile(&mut desk.load.times, 0.5),
            percentile(&mut desk.load.times, 0.99)
        ),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!(
            "p50 {:.1} ms, p99 {:.1} ms",
            percentile(&mut floor_times, 0.5),
            percentile(&mut floor_times, 0.99)
        ),
        ratio: format!("{:.1}", percentile(&mut desk.load.times, 0.5) / percentile(&mut floor_times, 0.5)),
    });
    Ok(())
}
