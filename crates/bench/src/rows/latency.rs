//! How long a customer's words take to an operator's screen.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::desk::{self, Process, sign_in};
use crate::line;
use crate::load::{Connection, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report, percentile};
use crate::sockets::Socket;

/// What texts beside something else are measured with.
pub(super) const PER_SECOND: u64 = 100;
/// Events a second, how many of them, and the bars of p50 and p99 in ms.
const RATES: [(u64, u64, f64, f64); 3] =
    [(10, 300, 5.0, 25.0), (PER_SECOND, 3_000, 5.0, 25.0), (1_000, 20_000, 5.0, 20.0)];
const USERS: u64 = 200;
/// LINE sends over several; a customer's texts come over one.
const CONNECTIONS: u64 = 8;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk(folder.path(), &line).await?;
    let token = sign_in(&reqwest::Client::new(), &process, "admin").await?;
    let mut first = 0;
    for (rate, events, p50_bar, p99_bar) in RATES {
        let events = events / scale;
        let floor_process = Process::floor().await?;
        let floor_cpu = floor_process.cpu()?;
        let mut floor = answers(&floor_process, rate, events).await?;
        let floor_us = floor_cpu.us_each(events)?;
        drop(floor_process);
        let cpu = process.cpu()?;
        let mut times = times_of_texts(&[&process], &token, rate, events, first).await?;
        let cpu_us = cpu.us_each(events)?;
        first += events;
        let (p50, p99) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
        let floor_p50 = percentile(&mut floor, 0.5);
        report.add(Line {
            key: format!("latency.{rate}"),
            what: format!("webhook sent → frame at an operator, {rate} events/s"),
            measured: format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
            bar: format!("p50 ≤ {p50_bar:.0} ms, p99 ≤ {p99_bar:.0} ms"),
            reached: p50 <= p50_bar && p99 <= p99_bar,
            floor: format!("p50 {floor_p50:.2} ms, p99 {:.2} ms verify + parse + answer", percentile(&mut floor, 0.99)),
            figure: Figure::less(p50, "ms", floor_p50),
            cpu: Some(Figure::less(cpu_us, "µs an event", floor_us)),
            ..Line::default()
        });
    }
    Ok(())
}

/// Ticks of one of the connections that share a rate.
fn ticks(per_second: u64) -> tokio::time::Interval {
    tokio::time::interval(Duration::from_micros(1_000_000 * CONNECTIONS / per_second))
}

/// How long each of so many texts takes from the webhook to an operator's socket, in ms; their ids begin at `first`.
/// Webhooks go to all nodes in turn, the operator is at the last one.
pub(super) async fn times_of_texts(
    nodes: &[&Process],
    token: &str,
    per_second: u64,
    events: u64,
    first: u64,
) -> anyhow::Result<Vec<f64>> {
    let mut socket = Socket::signed_in(&nodes.last().context("no nodes")?.addr, token).await?;
    let (sent_to, mut sent) = mpsc::channel::<(u64, Instant)>(4096);
    let mut sending = JoinSet::new();
    for (at, node) in (0..CONNECTIONS).zip(nodes.iter().cycle()) {
        let (addr, sent_to) = (node.addr.clone(), sent_to.clone());
        sending.spawn(async move {
            let mut connection = Connection::open(&addr).await?;
            let mut ticks = ticks(per_second);
            for number in (first..first + events).filter(|number| number % CONNECTIONS == at) {
                ticks.tick().await;
                let request =
                    webhook_request(&webhook_body(number % USERS, number, &format!("n{number}."), desk::now().0));
                sent_to.send((number, Instant::now())).await?;
                anyhow::ensure!(connection.call(&request).await? == 200, "not taken");
            }
            anyhow::Ok(())
        });
    }
    let (mut begun, mut times) = (HashMap::new(), Vec::new());
    while times.len() < usize::try_from(events)? {
        let number = socket
            .next(|text| {
                let (_, rest) = text.split_once("\"content\":\"n")?;
                rest.split_once('.')?.0.parse::<u64>().ok()
            })
            .await?;
        let arrived = Instant::now();
        while let Ok((number, at)) = sent.try_recv() {
            begun.insert(number, at);
        }
        if let Some(at) = number.and_then(|number| begun.remove(&number)) {
            times.push(arrived.duration_since(at).as_secs_f64() * 1000.0);
        }
    }
    while let Some(done) = sending.join_next().await {
        done??;
    }
    Ok(times)
}

pub(super) async fn answers(floor: &Process, per_second: u64, events: u64) -> anyhow::Result<Vec<f64>> {
    let mut sending = JoinSet::new();
    for at in 0..CONNECTIONS {
        let addr = floor.addr.clone();
        sending.spawn(async move {
            let mut connection = Connection::open(&addr).await?;
            let mut ticks = ticks(per_second);
            let mut times = Vec::new();
            for number in (0..events).filter(|number| number % CONNECTIONS == at) {
                ticks.tick().await;
                let request = webhook_request(&webhook_body(number % USERS, number, "x", desk::now().0));
                let sent = Instant::now();
                anyhow::ensure!(connection.call(&request).await? == 200, "not taken");
                times.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = sending.join_next().await {
        times.append(&mut done??);
    }
    Ok(times)
}
