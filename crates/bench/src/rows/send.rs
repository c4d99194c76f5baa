//! How long an operator's words take until LINE has accepted them.

use std::time::Instant;

use crate::desk::{self, Process, sign_in};
use crate::line;
use crate::load::{Connection, send_all, user_id, webhook_body, webhook_request};
use crate::report::{Figure, Line, Report, percentile};
use crate::sockets::Socket;

/// Conversations that the operator answers in turn.
const CONVERSATIONS: u64 = 50;
const SENDS: u64 = 2_000;
/// Not measured: connections to LINE are opened, and the reply tokens, which are free of charge, are used up.
const WARM: u64 = CONVERSATIONS;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let sends = SENDS / scale;
    let folder = tempfile::tempdir()?;
    let line = line::start().await?;
    let (mut floor, floor_p50) = {
        let mut times = bare_calls(&line, sends).await?;
        let p50 = percentile(&mut times, 0.5);
        (times, p50)
    };
    // The limit is for people.
    let limits = [("sends_per_minute", "60000"), ("sends_burst", "60000"), ("commands_per_minute", "60000")];
    let process = Process::desk_with(folder.path(), &line, &limits).await?;
    let http = reqwest::Client::new();
    let token = sign_in(&http, &process, "admin").await?;
    let waiting = |user| webhook_request(&webhook_body(user, user, "agent", desk::now().0));
    send_all(&[&process.addr], 1, (0..CONVERSATIONS).map(waiting).collect()).await?;
    for user in 0..CONVERSATIONS {
        let claim = process.url(&format!("/api/v1/admin/live-chat/conversations/{}/claim", user_id(user)));
        http.post(claim).bearer_auth(&token).send().await?.error_for_status()?;
    }
    let mut socket = Socket::signed_in(&process.addr, &token).await?;
    let mut times = Vec::new();
    let mut cpu = process.cpu()?;
    for number in 0..WARM + sends {
        if number == WARM {
            cpu = process.cpu()?;
            times.clear();
        }
        let begun = Instant::now();
        send(&mut socket, number).await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let cpu_us = cpu.us_each(sends)?;
    let (p50, p99) = (percentile(&mut times, 0.5), percentile(&mut times, 0.99));
    report.add(Line {
        key: "send".to_owned(),
        what: format!("operator sends → accepted by LINE, {sends} in turn"),
        measured: format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!("p50 {floor_p50:.2} ms, p99 {:.2} ms a bare call of LINE", percentile(&mut floor, 0.99)),
        figure: Figure::less(p50, "ms", floor_p50),
        cpu: Some(Figure::less(cpu_us, "µs a message", None)),
        ..Line::default()
    });
    Ok(())
}

/// Sends a text and waits until the desk says that LINE has it.
async fn send(socket: &mut Socket, number: u64) -> anyhow::Result<()> {
    let user = user_id(number % CONVERSATIONS);
    let payload = format!("{{\"line_user_id\":\"{user}\",\"text\":\"One moment.\",\"temp_id\":\"t{number}\"}}");
    socket.send(&format!("{{\"type\":\"send_message\",\"id\":\"s{number}\",\"payload\":{payload}}}")).await?;
    let own = format!("\"temp_id\":\"t{number}\"");
    loop {
        let is_accepted = socket
            .next(|text| {
                let is_refused =
                    text.starts_with("{\"type\":\"error\"") || text.starts_with("{\"type\":\"message_failed\"");
                anyhow::ensure!(!is_refused, "not sent: {text}");
                let is_own = text.starts_with("{\"type\":\"message_ack\"") && text.contains(&own);
                Ok(is_own && text.contains("\"state\":\"accepted\""))
            })
            .await??;
        if is_accepted {
            return Ok(());
        }
    }
}

/// The call that the desk makes, over one connection, without a desk.
async fn bare_calls(line_url: &str, calls: u64) -> anyhow::Result<Vec<f64>> {
    let mut connection = Connection::open(line_url.trim_start_matches("http://")).await?;
    let body = format!("{{\"to\":\"{}\",\"messages\":[{{\"type\":\"text\",\"text\":\"One moment.\"}}]}}", user_id(1));
    let request = format!(
        "POST /v2/bot/message/push HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         authorization: Bearer bench-token\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut times = Vec::new();
    for _ in 0..calls {
        let begun = Instant::now();
        anyhow::ensure!(connection.call(request.as_bytes()).await? == 200, "not taken");
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}
