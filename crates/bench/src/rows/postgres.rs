//! Ingest with the events in PostgreSQL.

use linedesk_store::Location;

use super::ingest::{ROUNDS, TOLD, USERS, Webhooks, in_turn, kept, kept_line, measure};
use crate::database::{self, Database};
use crate::desk::Process;
use crate::line;
use crate::report::{Line, Report};

pub(super) const EVENTS: u64 = 20_000;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let Some(server) = database::postgres() else { return Ok(()) };
    let database = Database::create(&server, "ingest").await?;
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk_with(folder.path(), &line, &[("database_url", &database.url)]).await?;
    let what = format!("durable webhooks/s, {TOLD} connections, PostgreSQL");
    report.add(ingest(&database, &[&process], EVENTS / scale, format!("ingest.postgres.{TOLD}"), what).await?);
    Ok(())
}

/// To nodes that share a database, over connections shared out among them.
pub(super) async fn ingest(
    database: &Database,
    nodes: &[&Process],
    events: u64,
    key: String,
    what: String,
) -> anyhow::Result<Line> {
    let floor = Process::floor().await?;
    let mut webhooks = Webhooks { connections: TOLD, first: 0, events: events / 4, in_each: 1 };
    measure(&[&floor], webhooks).await?;
    measure(nodes, webhooks).await?;
    (webhooks.first, webhooks.events) = (USERS, events);
    let of_postgres = database.cpu().await?;
    let measured = in_turn(&floor, nodes, webhooks).await?;
    let postgres_us = of_postgres.us_each(ROUNDS * events)?;
    let kept = kept(Location::Postgres { url: database.url.clone(), schema: None }).await?;
    let mut line = kept_line(key, what, &measured, kept, events / 4 + ROUNDS * events);
    line.measured = format!("{}; PostgreSQL {postgres_us:.0} µs CPU an event", line.measured);
    Ok(line)
}
