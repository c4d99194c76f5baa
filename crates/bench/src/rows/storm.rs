//! Everybody comes back at once, as after a restart of the load balancer, while customers go on writing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

use crate::desk::{self, Process, sign_in};
use crate::line;
use crate::load::{Connection, send_all, user_id, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report, percentile};
use crate::sockets::{Socket, seq_of};

const OPERATORS: usize = 100;
const SOCKETS: usize = 5_000;
/// What each of them missed: one text of each of so many customers.
const MISSED: u64 = 20;
/// So many connect at the same time; a listener's queue has its limits.
const AT_ONCE: usize = 256;
/// Texts that customers write meanwhile, a second. Each is told to every socket.
const PER_SECOND: u64 = 10;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let count = SOCKETS / usize::try_from(scale)?;
    let (floor, floor_us) = floor(count).await?;

    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk_with_operators(folder.path(), &line, OPERATORS).await?;
    let http = reqwest::Client::new();
    let mut tokens = Vec::new();
    for number in 0..OPERATORS {
        tokens.push(sign_in(&http, &process, &format!("operator{number}")).await?);
    }
    // They were there before; this is the last that they heard.
    let mut before = Socket::open(&process.addr, "/api/v1/ws/live-chat").await?;
    before.send(&auth(&tokens[0], None)).await?;
    let seq = before.next(seq_of).await??;
    drop(before);
    let text = |number: u64| webhook_request(&webhook_body(number, number, "While you were away", desk::now().0));
    send_all(&[&process.addr], 1, (0..MISSED).map(text).collect()).await?;

    let (begun, cpu) = (Instant::now(), process.cpu()?);
    let mut coming = JoinSet::new();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    for number in 0..count {
        let (addr, places) = (process.addr.clone(), Arc::clone(&places));
        let auth = auth(&tokens[number % OPERATORS], Some(seq));
        coming.spawn(async move {
            let place = places.acquire_owned().await?;
            let mut socket = Socket::open(&addr, "/api/v1/ws/live-chat").await?;
            socket.send(&auth).await?;
            socket.wait_for(|text| text.starts_with("{\"type\":\"auth_success\"")).await?;
            drop(place);
            let mut missing: Vec<_> = (0..MISSED).map(user_id).collect();
            while !missing.is_empty() {
                socket.next(|text| missing.retain(|user| !text.contains(user.as_str()))).await?;
            }
            anyhow::Ok((begun.elapsed(), socket))
        });
    }
    let (stop, stopped) = oneshot::channel();
    let mut meanwhile = JoinSet::new();
    meanwhile.spawn(write_until(process.addr.clone(), stopped));
    let (mut last, mut sockets) = (Duration::ZERO, Vec::with_capacity(count));
    while let Some(back) = coming.join_next().await {
        let (after, socket) = back??;
        last = last.max(after);
        sockets.push(socket);
    }
    let cpu_us = cpu.us_each(u64::try_from(count)?)?;
    drop(stop);
    let mut answers = meanwhile.join_next().await.context("nobody wrote")???;
    anyhow::ensure!(!answers.is_empty(), "nothing was written meanwhile");
    // Live, not only signed in: what comes now is heard by all.
    let after = 9_000_000;
    send_all(&[&process.addr], 1, vec![text(after)]).await?;
    let user = user_id(after);
    for socket in &mut sockets {
        tokio::time::timeout(Duration::from_secs(30), socket.wait_for(|text| text.contains(&user)))
            .await
            .context("not live")??;
    }
    let p99 = percentile(&mut answers, 0.99);
    report.add(Line {
        key: "storm".to_owned(),
        what: format!("{count} sockets come back at once, each {MISSED} events behind"),
        measured: format!(
            "all live after {:.2} s, nothing missed; webhooks meanwhile p99 {p99:.1} ms",
            last.as_secs_f64()
        ),
        bar: "≤ 3 s, webhooks p99 ≤ 100 ms".to_owned(),
        reached: last <= Duration::from_secs(3) && p99 <= 100.0,
        floor: format!("{:.2} s to connect to a bare server", floor.as_secs_f64()),
        figure: Figure::less(last.as_secs_f64(), "s", floor.as_secs_f64()),
        cpu: Some(Figure::less(cpu_us, "µs a socket", floor_us)),
        ..Line::default()
    });
    Ok(())
}

fn auth(token: &str, after: Option<i64>) -> String {
    let resume = after.map_or_else(String::new, |seq| format!(",\"resume_after\":{seq}"));
    format!("{{\"type\":\"auth\",\"payload\":{{\"token\":\"{token}\"{resume}}}}}")
}

/// How long each webhook took, in ms.
async fn write_until(addr: String, mut stopped: oneshot::Receiver<()>) -> anyhow::Result<Vec<f64>> {
    let mut connection = Connection::open(&addr).await?;
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    let mut answers = Vec::new();
    for number in 1_000_000.. {
        tokio::select! {
            _ = &mut stopped => break,
            _ = ticks.tick() => {}
        }
        let request = webhook_request(&webhook_body(number, number, "Meanwhile", desk::now().0));
        let sent = Instant::now();
        anyhow::ensure!(connection.call(&request).await? == 200, "not taken");
        answers.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(answers)
}

/// The same number of sockets at a bare server, and the CPU time of each in µs.
async fn floor(count: usize) -> anyhow::Result<(Duration, f64)> {
    let process = Process::floor().await?;
    let cpu = process.cpu()?;
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let begun = Instant::now();
    let mut coming = JoinSet::new();
    for _ in 0..count {
        let (addr, places) = (process.addr.clone(), Arc::clone(&places));
        coming.spawn(async move {
            let _place = places.acquire_owned().await?;
            Socket::open(&addr, "/ws").await
        });
    }
    let mut sockets = Vec::with_capacity(count);
    while let Some(open) = coming.join_next().await {
        sockets.push(open??);
    }
    Ok((begun.elapsed(), cpu.us_each(u64::try_from(count)?)?))
}
