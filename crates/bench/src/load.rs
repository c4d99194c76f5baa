//! Webhooks as a load: signed beforehand, sent over plain connections that are kept open.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use linedesk_line::signature;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::child::SECRET;

/// The body of a webhook with one text of one user.
pub(crate) fn webhook_body(user: u64, number: u64, text: &str, now_ms: i64) -> String {
    webhook_with(user, number, &format!("\"type\":\"text\",\"text\":\"{text}\""), now_ms)
}

/// The body of a webhook with one message of one user; `what` are its own fields.
pub(crate) fn webhook_with(user: u64, number: u64, what: &str, now_ms: i64) -> String {
    webhook_of(&[event_with(user, number, what, now_ms)])
}

/// A webhook that carries several events.
pub(crate) fn webhook_of(events: &[String]) -> String {
    format!("{{\"destination\":\"U0\",\"events\":[{}]}}", events.join(","))
}

/// A message of a user, as an event.
pub(crate) fn event_with(user: u64, number: u64, what: &str, now_ms: i64) -> String {
    format!(
        "{{\"type\":\"message\",\"message\":{{\"id\":\"{number}\",\
         \"quoteToken\":\"q{number}\",\"markAsReadToken\":\"m{number}\",{what}}},\"webhookEventId\":\"E{number:025}\",\
         \"deliveryContext\":{{\"isRedelivery\":false}},\"timestamp\":{now_ms},\"source\":{{\"type\":\"user\",\
         \"userId\":\"{}\"}},\"replyToken\":\"r{number}\",\"mode\":\"active\"}}",
        user_id(user)
    )
}

pub(crate) fn user_id(user: u64) -> String {
    format!("U{user:032x}")
}

/// The whole request.
pub(crate) fn webhook_request(body: &str) -> Vec<u8> {
    let signature = signature::sign(SECRET, body.as_bytes());
    format!(
        "POST /line/webhook HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nx-line-signature: {signature}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A connection that sends a request and reads its answer.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(addr: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// The status of the answer.
    pub(crate) async fn call(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
            let Some(end) = find(&self.buffer, b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?;
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length:").map(|rest| rest.trim().to_owned())
                })
                .context("no content-length")?;
            let length: usize = length.parse()?;
            let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).context("no status")?;
            if self.buffer.len() >= end + 4 + length {
                return Ok(status);
            }
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// How a load went.
pub(crate) struct Load {
    pub(crate) elapsed: Duration,
    /// Of each request, in ms.
    pub(crate) times: Vec<f64>,
}

/// Sends all requests over so many connections, each waiting for its answer before the next. Connections are shared out
/// among the addresses.
pub(crate) async fn send_all(addrs: &[&str], connections: usize, requests: Vec<Vec<u8>>) -> anyhow::Result<Load> {
    let count = requests.len();
    let mut parts: Vec<Vec<Vec<u8>>> = (0..connections).map(|_| Vec::new()).collect();
    for (at, request) in requests.into_iter().enumerate() {
        parts[at % connections].push(request);
    }
    let mut ready = Vec::new();
    for (part, addr) in parts.into_iter().zip(addrs.iter().cycle()) {
        ready.push((Connection::open(addr).await?, part));
    }
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for (mut connection, part) in ready {
        tasks.spawn(async move {
            let mut times = Vec::with_capacity(part.len());
            for request in part {
                let sent = Instant::now();
                let status = connection.call(&request).await?;
                anyhow::ensure!(status == 200, "status {status}");
                times.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::with_capacity(count);
    while let Some(done) = tasks.join_next().await {
        times.append(&mut done??);
    }
    Ok(Load { elapsed: begun.elapsed(), times })
}
