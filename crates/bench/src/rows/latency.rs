//! How long a customer's words take to an operator's screen.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::child;
use crate::desk::{self, Process, sign_in};
use crate::load::{Connection, webhook_body, webhook_request};
use crate::report::{Line, Report, percentile};
use crate::sockets::Socket;

const EVENTS: u64 = 3_000;
const PER_SECOND: u64 = 100;
const USERS: u64 = 200;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let events = EVENTS / scale;
    let floor_process = Process::floor().await?;
    let mut floor = answers(&floor_process, events).await?;
    drop(floor_process);

    let folder = tempfile::tempdir()?;
    let line = child::line().await?;
    let process = Process::desk(folder.path(), &line).await?;
    let token = sign_in(&reqwest::Client::new(), &process, "admin").await?;
    let mut times = times_of_texts(&process, &token, events, 0).await?;
    let (p50, p99) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    let floor_p50 = percentile(&mut floor, 0.5);
    report.add(Line {
        what: "webhook sent → frame at an operator, 100 events/s".to_owned(),
        measured: format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
        bar: "p50 ≤ 5 ms, p99 ≤ 25 ms".to_owned(),
        reached: p50 <= 5.0 && p99 <= 25.0,
        floor: format!("p50 {floor_p50:.2} ms, p99 {:.2} ms verify + parse + answer", percentile(&mut floor, 0.99)),
        ratio: format!("{:.1}", p50 / floor_p50),
    });
    Ok(())
}

/// How long each of so many texts takes from the webhook to an operator's socket, in ms; their ids begin at `first`.
pub(super) async fn times_of_texts(
    process: &Process,
    token: &str,
    events: u64,
    first: u64,
) -> anyhow::Result<Vec<f64>> {
    let mut socket = Socket::signed_in(&process.addr, token).await?;
    let (sent_to, mut sent) = mpsc::channel::<(u64, Instant)>(1024);
    let addr = process.addr.clone();
    let sending = async move {
        let mut connection = Connection::open(&addr).await?;
        let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
        for number in first..first + events {
            ticks.tick().await;
            let request = webhook_request(&webhook_body(number % USERS, number, &format!("n{number}."), desk::now().0));
            sent_to.send((number, Instant::now())).await?;
            anyhow::ensure!(connection.call(&request).await? == 200, "not taken");
        }
        anyhow::Ok(())
    };
    let receiving = async {
        let mut begun = HashMap::new();
        let mut times = Vec::new();
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
        anyhow::Ok(times)
    };
    let (done, times) = tokio::join!(sending, receiving);
    done?;
    times
}

async fn answers(floor: &Process, events: u64) -> anyhow::Result<Vec<f64>> {
    let mut connection = Connection::open(&floor.addr).await?;
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    let mut times = Vec::new();
    for number in 0..events {
        ticks.tick().await;
        let request = webhook_request(&webhook_body(number % USERS, number, "x", desk::now().0));
        let sent = Instant::now();
        anyhow::ensure!(connection.call(&request).await? == 200, "not taken");
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}
