//! Mixed load for a while: what is kept in memory and open must not grow with what has passed.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use crate::desk::{self, Process, sign_in_at};
use crate::line;
use crate::load::{Connection, user_id, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report, percentile};
use crate::sockets::{Socket, seq_of};

/// With `--large`, an hour.
const SECONDS: u64 = 300;
const LARGE_SECONDS: u64 = 3_600;
const OPERATORS: usize = 20;
/// The same customers go on writing: what grows is only what they wrote.
const USERS: u64 = 1_000;
const WRITERS: u64 = 4;
const EACH_PER_SECOND: u64 = 50;
/// A socket stays for so long and comes back where it was.
const STAYS: Duration = Duration::from_secs(3);
/// An access token lives for 15 minutes.
const SIGN_IN_EVERY: Duration = Duration::from_secs(600);
/// How much more at the end is still flat.
const GROWTH: f64 = 1.1;

pub(super) async fn run(scale: u64, is_large: bool, report: &mut Report) -> anyhow::Result<()> {
    let seconds = if is_large { LARGE_SECONDS } else { SECONDS / scale };
    let end = Instant::now() + Duration::from_secs(seconds);
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk_with_operators(folder.path(), &line, OPERATORS).await?;
    let base = process.url("");
    let cpu = process.cpu()?;

    let mut work = JoinSet::new();
    for writer in 0..WRITERS {
        work.spawn(write(process.addr.clone(), writer, end));
    }
    for number in 0..OPERATORS {
        work.spawn(answer(process.addr.clone(), base.clone(), number, end));
    }
    let (mut own, mut handles) = (Vec::new(), Vec::new());
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    while Instant::now() < end {
        ticks.tick().await;
        own.push(process.own_memory_kib()?);
        handles.push(process.open_files()?);
    }
    let mut done = 0;
    while let Some(count) = work.join_next().await {
        done += count??;
    }
    let (own, own_growth) = quarters(&own)?;
    let (open, open_growth) = quarters(&handles)?;
    report.add(Line {
        key: "soak".to_owned(),
        what: format!("{seconds} s of mixed load: {done} webhooks, sockets and pages"),
        measured: format!(
            "own memory {:.1} MB, × {own_growth:.2} from the second quarter to the last; {open:.0} open files, × {open_growth:.2}",
            own / 1024.0
        ),
        bar: format!("both × {GROWTH} at most"),
        reached: own_growth <= GROWTH && open_growth <= GROWTH,
        figure: Figure::less(own_growth, "times", None),
        cpu: Some(Figure::less(cpu.us_each(done)?, "µs a webhook, socket or page", None)),
        ..Line::default()
    });
    Ok(())
}

/// The median of the last quarter, and how many times that of the second it is; the first one warms up.
fn quarters(samples: &[f64]) -> anyhow::Result<(f64, f64)> {
    let quarter = samples.len() / 4;
    anyhow::ensure!(quarter > 0, "too short");
    let mut second = samples[quarter..2 * quarter].to_vec();
    let mut last = samples[samples.len() - quarter..].to_vec();
    let (second, last) = (percentile(&mut second, 0.5), percentile(&mut last, 0.5));
    Ok((last, last / second))
}

/// Customers write.
async fn write(addr: String, writer: u64, end: Instant) -> anyhow::Result<u64> {
    let mut connection = Connection::open(&addr).await?;
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / EACH_PER_SECOND));
    let mut count = 0;
    while Instant::now() < end {
        ticks.tick().await;
        let number = count * WRITERS + writer;
        let body = webhook_body(number % USERS, number, "Hello, is the office open on Saturday?", desk::now().0);
        anyhow::ensure!(connection.call(&webhook_request(&body)).await? == 200, "not taken");
        count += 1;
    }
    Ok(count)
}

/// An operator comes, looks at conversations, goes, and comes back where they were.
async fn answer(addr: String, base: String, number: usize, end: Instant) -> anyhow::Result<u64> {
    let http = reqwest::Client::new();
    let name = format!("operator{number}");
    let (mut token, mut signed_in) = (sign_in_at(&http, &base, &name).await?, Instant::now());
    let (mut count, mut seq) = (0, None);
    while Instant::now() < end {
        if signed_in.elapsed() > SIGN_IN_EVERY {
            (token, signed_in) = (sign_in_at(&http, &base, &name).await?, Instant::now());
        }
        let mut socket = Socket::open(&addr, "/api/v1/ws/live-chat").await?;
        let resume = seq.map_or_else(String::new, |seq: i64| format!(",\"resume_after\":{seq}"));
        socket.send(&format!("{{\"type\":\"auth\",\"payload\":{{\"token\":\"{token}\"{resume}}}}}")).await?;
        let user = user_id(count * 37 % USERS);
        for path in [
            "/conversations?limit=50".to_owned(),
            format!("/conversations/{user}"),
            "/messages/search?q=Saturday".to_owned(),
        ] {
            let url = format!("{base}/api/v1/admin/live-chat{path}");
            let answer = http.get(url).bearer_auth(&token).send().await?;
            // Nobody may have written under this name yet.
            anyhow::ensure!(answer.status().is_success() || answer.status() == 404, "{path}: {}", answer.status());
            answer.bytes().await?;
        }
        let hear = async {
            loop {
                let heard = socket.next(|text| seq_of(text).ok()).await?;
                seq = heard.or(seq);
            }
        };
        if let Ok(ended) = tokio::time::timeout(STAYS, hear).await {
            let ended: anyhow::Result<()> = ended;
            ended.context("a socket ended")?;
        }
        count += 1;
    }
    Ok(count)
}
