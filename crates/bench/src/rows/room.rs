//! Many operators who look at one conversation while its customer writes.

use std::time::Instant;

use tokio::task::JoinSet;

use super::broadcast;
use crate::desk::{self, Process, sign_in};
use crate::line;
use crate::load::{Connection, send_all, user_id, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report, say};
use crate::sockets::{Socket, seq_of};

/// Sockets, and how many messages each is told.
const ROOMS: [(u64, u64); 4] = [(1, 1_000), (50, 1_000), (500, 1_000), (5_000, 200)];
/// The room with a bar.
const TOLD: u64 = 500;
/// Accounts; where there are more sockets, operators have several.
const OPERATORS: u64 = 500;
const FLOOR_RATIO: f64 = 0.7;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let operators = OPERATORS / scale;
    let process = Process::desk_with_operators(folder.path(), &line, usize::try_from(operators)?).await?;
    let http = reqwest::Client::new();
    let mut tokens = Vec::new();
    for number in 0..operators {
        tokens.push(sign_in(&http, &process, &format!("operator{number}")).await?);
    }
    anyhow::ensure!(Connection::open(&process.addr).await?.call(&text(0)).await? == 200, "not taken");
    let mut first = 1;
    for (sockets, messages) in ROOMS {
        // A tenth of everything is a tenth of the sockets, but one.
        let count = (sockets / scale).max(1);
        let (floor, floor_us) = broadcast::floor(count, messages).await?;
        say(&format!("{count} sockets join the room"));
        let told = room(&process, &tokens, count, first..first + messages).await?;
        first += messages;
        anyhow::ensure!(told.in_order, "{count} sockets in one room: not every message in order to every socket");
        let rate = told.per_second;
        report.add(Line {
            key: format!("room.{sockets}"),
            what: format!("{count} sockets in one room: deliveries/s"),
            measured: format!("{rate:.0}/s ({messages} messages to each, all in order)"),
            bar: if sockets == TOLD {
                format!("≥ 100,000/s, every message to every socket, in order; ≥ {FLOOR_RATIO} of the floor")
            } else {
                "every message to every socket, in order".to_owned()
            },
            reached: sockets != TOLD || (rate >= 100_000.0 && rate >= FLOOR_RATIO * floor),
            floor: format!("{floor:.0}/s raw broadcast"),
            figure: Figure::more(rate, "/s", floor),
            cpu: Some(Figure::less(told.cpu_us, "µs a delivery", floor_us)),
            ..Line::default()
        });
    }
    Ok(())
}

/// The customer's text of a number.
fn text(number: u64) -> Vec<u8> {
    webhook_request(&webhook_body(1, number, &format!("n{number}."), desk::now().0))
}

struct Told {
    per_second: f64,
    cpu_us: f64,
    in_order: bool,
}

async fn room(
    process: &Process,
    tokens: &[String],
    sockets: u64,
    messages: std::ops::Range<u64>,
) -> anyhow::Result<Told> {
    let mut readers = JoinSet::new();
    for token in tokens.iter().cycle().take(usize::try_from(sockets)?) {
        let mut socket = Socket::signed_in(&process.addr, token).await?;
        let join =
            format!("{{\"type\":\"join_room\",\"id\":\"j\",\"payload\":{{\"line_user_id\":\"{}\"}}}}", user_id(1));
        socket.send(&join).await?;
        socket.wait_for(|text| text.ends_with("\"reply_to\":\"j\"}")).await?;
        readers.spawn(read_room(socket, messages.clone()));
    }
    let cpu = process.cpu()?;
    let begun = Instant::now();
    // One connection: a customer's messages come in order.
    send_all(&[&process.addr], 1, messages.map(text).collect()).await?;
    let (mut frames, mut in_order) = (0, true);
    while let Some(done) = readers.join_next().await {
        let read = done??;
        frames += read.frames;
        in_order &= read.in_order;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let per_second = frames as f64 / begun.elapsed().as_secs_f64();
    Ok(Told { per_second, cpu_us: cpu.us_each(frames)?, in_order })
}

struct Read {
    /// Everything delivered to it: messages, and the summaries that change with them.
    frames: u64,
    in_order: bool,
}

async fn read_room(mut socket: Socket, messages: std::ops::Range<u64>) -> anyhow::Result<Read> {
    let (mut frames, mut in_order, mut next, mut last_seq) = (0, true, messages.start, 0);
    while next < messages.end {
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
