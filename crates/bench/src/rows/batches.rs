//! Webhooks that carry several events, as LINE sends them when much comes at once.

use linedesk_store::Location;

use super::ingest::{self, ROUNDS, USERS, Webhooks, in_turn, kept, measure};
use crate::desk::Process;
use crate::line;
use crate::report::Report;

/// Events in a webhook.
const SIZES: [u64; 3] = [1, 10, 100];
const EVENTS: u64 = 40_000;
const CONNECTIONS: usize = 16;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk(folder.path(), &line).await?;
    let floor_process = Process::floor().await?;
    let events = EVENTS / scale;
    let mut webhooks = Webhooks { connections: CONNECTIONS, first: 0, events, in_each: 10 };
    measure(&[&floor_process], webhooks).await?;
    measure(&[&process], webhooks).await?;
    let (mut sent, mut all) = (events, Vec::new());
    webhooks.first = USERS;
    for in_each in SIZES {
        webhooks.in_each = in_each;
        all.push((in_each, in_turn(&floor_process, &[&process], webhooks).await?));
        webhooks.first += ROUNDS * USERS;
        sent += ROUNDS * events;
    }
    drop((process, floor_process));
    let kept = kept(Location::Sqlite { data_dir: folder.path().to_owned() }).await?;
    for (in_each, measured) in all {
        let what = format!("durable events/s, {in_each} in a webhook, {CONNECTIONS} connections, SQLite");
        report.add(ingest::kept_line(format!("batches.sqlite.{in_each}"), what, &measured, kept, sent));
    }
    Ok(())
}
