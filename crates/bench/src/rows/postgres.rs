//! Ingest with the events in PostgreSQL.

use linedesk_store::Location;

use super::ingest::{ROUNDS, TOLD, USERS, Webhooks, cpu, in_turn, kept, measure};
use crate::database::{self, Database};
use crate::desk::Process;
use crate::line;
use crate::report::{Figure, Line, Report};

const EVENTS: u64 = 20_000;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let Some(server) = database::postgres() else { return Ok(()) };
    let database = Database::create(&server, "ingest").await?;
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk_with(folder.path(), &line, &[("database_url", &database.url)]).await?;
    let floor_process = Process::floor().await?;
    let events = EVENTS / scale;
    let mut webhooks = Webhooks { connections: TOLD, first: 0, events: events / 4, in_each: 1 };
    measure(&[&floor_process], webhooks).await?;
    measure(&[&process], webhooks).await?;
    (webhooks.first, webhooks.events) = (USERS, events);
    let of_postgres = database.cpu().await?;
    let (floor, desk) = in_turn(&floor_process, &[&process], webhooks).await?;
    let postgres_us = of_postgres.us_each(ROUNDS * events)?;
    drop(process);

    let sent = events / 4 + ROUNDS * events;
    let kept = kept(Location::Postgres { url: database.url.clone(), schema: None }).await?;
    let (rate, floor_rate) = (desk.per_second(), floor.per_second());
    report.add(Line {
        key: format!("ingest.postgres.{TOLD}"),
        what: format!("durable webhooks/s, {TOLD} connections, PostgreSQL"),
        measured: format!("{rate:.0}/s, kept {kept} of {sent}; PostgreSQL {postgres_us:.0} µs CPU an event"),
        bar: "all kept".to_owned(),
        reached: kept == sent,
        floor: format!("{floor_rate:.0}/s verify + parse"),
        figure: Figure::more(rate, "/s", floor_rate),
        cpu: Some(cpu(&desk, &floor)),
        ..Line::default()
    });
    Ok(())
}
