//! Many operators who look at one conversation while its customer writes.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::child;
use crate::desk::{self, Process, sign_in};
use crate::load::{Connection, send_all, user_id, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report};
use crate::sockets::{Socket, seq_of};

const SOCKETS: u64 = 500;
const MESSAGES: u64 = 1_000;
const FLOOR_RATIO: f64 = 0.7;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let (sockets, messages) = (SOCKETS / scale, MESSAGES);
    let floor = floor(sockets, messages).await?;

    let folder = tempfile::tempdir()?;
    let line = child::line().await?;
    let process = Process::desk_with_operators(folder.path(), &line, usize::try_from(sockets)?).await?;
    let request = |number: u64| webhook_request(&webhook_body(1, number, &format!("n{number}."), desk::now().0));
    anyhow::ensure!(Connection::open(&process.addr).await?.call(&request(0)).await? == 200, "not taken");

    let http = reqwest::Client::new();
    let mut readers = JoinSet::new();
    for number in 0..sockets {
        let token = sign_in(&http, &process, &format!("operator{number}")).await?;
        let mut socket = Socket::signed_in(&process.addr, &token).await?;
        let join =
            format!("{{\"type\":\"join_room\",\"id\":\"j\",\"payload\":{{\"line_user_id\":\"{}\"}}}}", user_id(1));
        socket.send(&join).await?;
        socket.wait_for(|text| text.ends_with("\"reply_to\":\"j\"}")).await?;
        readers.spawn(read_room(socket, messages));
    }
    let cpu_before = process.cpu_seconds()?;
    let begun = Instant::now();
    let requests = (1..=messages).map(request).collect();
    // One connection: a customer's messages come in order.
    send_all(&process.addr, 1, requests).await?;
    let (mut frames, mut in_order) = (0, true);
    while let Some(done) = readers.join_next().await {
        let read = done??;
        frames += read.frames;
        in_order &= read.in_order;
    }
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let (rate, cpu_us) = (frames as f64 / seconds, (process.cpu_seconds()? - cpu_before) * 1e6 / frames as f64);
    report.add(Line {
        key: "room.500".to_owned(),
        what: format!("{sockets} operators in one room: deliveries/s"),
        measured: format!(
            "{rate:.0}/s ({messages} messages to each, {}), {cpu_us:.1} µs CPU each",
            if in_order { "all in order" } else { "NOT in order" }
        ),
        bar: format!("≥ 100,000/s, every message to every socket, in order; ≥ {FLOOR_RATIO} of the floor"),
        reached: rate >= 100_000.0 && in_order && rate >= FLOOR_RATIO * floor,
        floor: format!("{floor:.0}/s raw broadcast"),
        figure: Figure::more(rate, "/s", floor),
        ..Line::default()
    });
    Ok(())
}

struct Read {
    /// Everything delivered to it: messages, and the summaries that change with them.
    frames: u64,
    in_order: bool,
}

async fn read_room(mut socket: Socket, messages: u64) -> anyhow::Result<Read> {
    let (mut frames, mut in_order, mut next, mut last_seq) = (0, true, 1, 0);
    while next <= messages {
        let (number, seq) = socket
            .next(|text| {
                let is_message = text.starts_with("{\"type\":\"new_message\"");
                let number = || text.split_once("\"content\":\"n")?.1.split_once('.')?.0.parse::<u64>().ok();
                (is_message.then(number).flatten(), seq_of(text).ok())
            })
            .await?;
        let Some(seq) = seq else { continue };
        in_order &= seq > last_seq;
        last_seq = seq;
        frames += 1;
        if let Some(number) = number {
            in_order &= number == next;
            next = number + 1;
        }
    }
    Ok(Read { frames, in_order })
}

/// Raw broadcast of encoded frames to as many sockets.
async fn floor(sockets: u64, messages: u64) -> anyhow::Result<f64> {
    let process = Process::floor().await?;
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let mut socket = Socket::open(&process.addr, "/ws").await?;
        readers.spawn(async move {
            for _ in 0..messages {
                socket.next(seq_of).await??;
            }
            anyhow::Ok(())
        });
    }
    // Every handler has subscribed when the upgrade was answered.
    let begun = Instant::now();
    reqwest::Client::new().post(process.url(&format!("/broadcast/{messages}"))).send().await?.error_for_status()?;
    while let Some(done) = readers.join_next().await {
        done??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    Ok((sockets * messages) as f64 / begun.elapsed().as_secs_f64())
}
