//! A busy desk's inbox: every operator is told of every conversation that changes.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::broadcast;
use crate::desk::{self, Process, sign_in};
use crate::line;
use crate::load::{send_all, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report};
use crate::sockets::Socket;

const OPERATORS: u64 = 500;
const CONVERSATIONS: u64 = 1_000;
/// Texts of each customer that are measured.
const TEXTS_EACH: u64 = 2;
const CONNECTIONS: usize = 8;
/// Whoever has not heard of everything by then never will.
const WITHIN: Duration = Duration::from_secs(120);

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let operators = OPERATORS / scale;
    let texts = CONVERSATIONS * TEXTS_EACH;
    let (floor, floor_us) = broadcast::floor(operators, texts).await?;
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let process = Process::desk_with_operators(folder.path(), &line, usize::try_from(operators)?).await?;
    // The conversations are there before.
    send_all(&[&process.addr], CONNECTIONS, (0..CONVERSATIONS).map(text).collect()).await?;
    let http = reqwest::Client::new();
    let mut readers = JoinSet::new();
    for number in 0..operators {
        let token = sign_in(&http, &process, &format!("operator{number}")).await?;
        let socket = Socket::signed_in(&process.addr, &token).await?;
        readers
            .spawn(async { tokio::time::timeout(WITHIN, read_inbox(socket)).await.context("an update is missing")? });
    }
    let cpu = process.cpu()?;
    let begun = Instant::now();
    let all = CONVERSATIONS..CONVERSATIONS + texts;
    send_all(&[&process.addr], CONNECTIONS, all.map(text).collect()).await?;
    let mut frames = 0;
    while let Some(done) = readers.join_next().await {
        frames += done??;
    }
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = frames as f64 / seconds;
    report.add(Line {
        key: "inbox".to_owned(),
        what: format!("inbox of {operators} operators, {CONVERSATIONS} busy conversations: updates/s"),
        measured: format!(
            "{rate:.0}/s: {texts} texts told to all within {seconds:.2} s, the latest of each conversation"
        ),
        bar: "the latest state of every conversation to every operator".to_owned(),
        reached: true,
        floor: format!("{floor:.0}/s raw broadcast"),
        figure: Figure::more(rate, "/s", floor),
        cpu: Some(Figure::less(cpu.us_each(frames)?, "µs an update", floor_us)),
        ..Line::default()
    });
    Ok(())
}

/// The text of a number; every customer writes in turn.
fn text(number: u64) -> Vec<u8> {
    webhook_request(&webhook_body(number % CONVERSATIONS, number, &format!("n{number}."), desk::now().0))
}

/// How many updates came until the last text of every conversation was among them. Those before may be left out: a
/// summary that is no longer true is not told.
async fn read_inbox(mut socket: Socket) -> anyhow::Result<u64> {
    let mut missing: HashSet<u64> = (CONVERSATIONS * TEXTS_EACH..CONVERSATIONS * (TEXTS_EACH + 1)).collect();
    let mut frames = 0;
    while !missing.is_empty() {
        let number = socket
            .next(|text| {
                let is_update = text.starts_with("{\"type\":\"conversation_update\"");
                let number = || text.split_once("\"content\":\"n")?.1.split_once('.')?.0.parse::<u64>().ok();
                is_update.then(number).flatten()
            })
            .await?;
        let Some(number) = number else { continue };
        frames += 1;
        missing.remove(&number);
    }
    Ok(frames)
}
