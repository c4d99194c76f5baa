//! What an idle process and idle operators take.

use std::time::Duration;

use super::ingest::{USERS, Webhooks, measure};
use crate::desk::{Process, sign_in};
use crate::line;
use crate::report::{Figure, Line, Report};
use crate::sockets::Socket;

const IDLE_MB: f64 = 25.0;
const SOCKET_KB: f64 = 12.0;
const OPERATORS: usize = 100;
const SOCKETS_EACH: usize = 20;
/// Half as many come before, so that what is kept of every desk is kept.
const CONVERSATIONS: u64 = 40_000;
const CONNECTIONS: usize = 16;
/// For the allocator and the last presence updates to come to rest.
const SETTLE: Duration = Duration::from_secs(2);

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    process_and_sockets(report).await?;
    conversations(CONVERSATIONS / scale, report).await
}

async fn process_and_sockets(report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk_with_operators(folder.path(), &line, OPERATORS).await?;
    tokio::time::sleep(SETTLE).await;
    let (idle_kib, own_kib) = (process.memory_kib()?, process.own_memory_kib()?);
    let floor = Process::floor().await?;
    tokio::time::sleep(SETTLE).await;
    let floor_idle_kib = floor.memory_kib()?;

    let mut floor_sockets = Vec::new();
    for _ in 0..OPERATORS * SOCKETS_EACH {
        floor_sockets.push(Socket::open(&floor.addr, "/ws").await?);
    }
    tokio::time::sleep(SETTLE).await;
    let floor_each = each(floor.memory_kib()? - floor_idle_kib);

    let http = reqwest::Client::new();
    let mut tokens = Vec::new();
    for number in 0..OPERATORS {
        tokens.push(sign_in(&http, &process, &format!("operator{number}")).await?);
    }
    tokio::time::sleep(SETTLE).await;
    let before_kib = process.memory_kib()?;
    let mut sockets = Vec::new();
    for token in tokens.iter().cycle().take(OPERATORS * SOCKETS_EACH) {
        sockets.push(Socket::signed_in(&process.addr, token).await?);
    }
    tokio::time::sleep(SETTLE).await;
    let desk_each = each(process.memory_kib()? - before_kib);

    report.add(Line {
        key: "memory.idle".to_owned(),
        what: "memory, idle process".to_owned(),
        measured: format!("{:.1} MB, {:.1} MB of it its own", idle_kib / 1024.0, own_kib / 1024.0),
        bar: format!("≤ {IDLE_MB} MB"),
        reached: idle_kib <= IDLE_MB * 1024.0,
        floor: format!("{:.1} MB bare server", floor_idle_kib / 1024.0),
        figure: Figure::less(idle_kib / 1024.0, "MB", floor_idle_kib / 1024.0),
        ..Line::default()
    });
    report.add(Line {
        key: "memory.socket".to_owned(),
        what: format!("memory per idle signed-in socket, of {}", OPERATORS * SOCKETS_EACH),
        measured: format!("{desk_each:.1} KB"),
        bar: format!("≤ {SOCKET_KB} KB"),
        reached: desk_each <= SOCKET_KB,
        floor: format!("{floor_each:.1} KB bare socket"),
        figure: Figure::less(desk_each, "KB", floor_each),
        ..Line::default()
    });
    Ok(())
}

/// What customers leave in memory who wrote once. The floor is the bare server that only answers them.
async fn conversations(count: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk(folder.path(), &line).await?;
    let desk_each = bytes_each(&process, count).await?;
    drop(process);
    let floor_each = bytes_each(&Process::floor().await?, count).await?;
    report.add(Line {
        key: "memory.conversation".to_owned(),
        what: format!("memory per conversation, of {count} that came"),
        measured: format!("{desk_each:.0} bytes"),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!("{floor_each:.0} bytes bare server"),
        // A floor of nothing would make a ratio of nothing.
        figure: Figure::less(desk_each, "bytes", None),
        ..Line::default()
    });
    Ok(())
}

/// By how much the server's own memory grows with each of so many customers.
async fn bytes_each(server: &Process, count: u64) -> anyhow::Result<f64> {
    let webhooks = |first| Webhooks { connections: CONNECTIONS, first, events: count, in_each: 1 };
    measure(&[server], Webhooks { events: count / 2, ..webhooks(0) }).await?;
    tokio::time::sleep(SETTLE).await;
    let before_kib = server.own_memory_kib()?;
    measure(&[server], webhooks(USERS)).await?;
    tokio::time::sleep(SETTLE).await;
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    Ok((server.own_memory_kib()? - before_kib) * 1024.0 / count as f64)
}

#[expect(clippy::cast_precision_loss, reason = "a mean")]
fn each(kib: f64) -> f64 {
    kib / (OPERATORS * SOCKETS_EACH) as f64
}
