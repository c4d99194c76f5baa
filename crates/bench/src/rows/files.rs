//! What files cost: memory while a large one comes and goes, and whether texts wait for pictures.

use std::io::Cursor;
use std::time::Instant;

use anyhow::Context as _;
use axum::body::Bytes;
use reqwest::Body;
use serde_json::Value;

use super::latency::{PER_SECOND, times_of_texts};
use crate::desk::{self, Process, sign_in};
use crate::line::{self, Contents};
use crate::load::{send_all, user_id, webhook_request, webhook_with};
use crate::report::{Figure, Line, Report, percentile};

/// LINE's limit for a video.
const VIDEO_BYTES: usize = 200_000_000;
const PICTURES: u64 = 1_000;
/// At once, as LINE sends webhooks.
const CONNECTIONS: usize = 64;
const CHAT: &str = "/api/v1/admin/live-chat";
const VIDEO: u64 = 900_000_000;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let size = VIDEO_BYTES / usize::try_from(scale)?;
    let line = line::start_with(Contents { picture: picture()?, video_bytes: size }).await?;
    let process = Process::desk(folder.path(), &line).await?;
    let http = reqwest::Client::new();
    let token = sign_in(&http, &process, "admin").await?;
    let desk = Desk { process, http, token };
    in_and_out(&desk, size, report).await?;
    texts_beside_pictures(&desk, PICTURES / scale, 1_000 / scale, report).await
}

struct Desk {
    process: Process,
    http: reqwest::Client,
    token: String,
}

impl Desk {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.http.get(self.process.url(path)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Customers' files, one webhook each.
    async fn receive(&self, requests: Vec<Vec<u8>>) -> anyhow::Result<()> {
        send_all(&[&self.process.addr], CONNECTIONS.min(requests.len()), requests).await.map(drop)
    }

    /// The media of a customer's latest message, once it is there.
    async fn ready(&self, user: u64) -> anyhow::Result<Value> {
        loop {
            let told = self.get(&format!("{CHAT}/conversations/{}/messages", user_id(user))).await?;
            let media = told["messages"].as_array().and_then(|all| all.last()).map(|last| last["media"].clone());
            let media = media.context("no message")?;
            match media["state"].as_str() {
                Some("ready") => return Ok(media),
                Some("fetching") => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                _ => anyhow::bail!("the file did not come: {media}"),
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
async fn in_and_out(desk: &Desk, size: usize, report: &mut Report) -> anyhow::Result<()> {
    let megabytes = size / 1_000_000;
    desk.receive(vec![webhook_request(&webhook_with(
        1,
        VIDEO + 1,
        "\"type\":\"text\",\"text\":\"agent\"",
        desk::now().0,
    ))])
    .await?;
    let before = desk.process.memory_kib()?;
    desk.process.forget_peak()?;
    let what = "\"type\":\"video\",\"duration\":1000,\"contentProvider\":{\"type\":\"line\"}";
    let (begun, cpu) = (Instant::now(), desk.process.cpu()?);
    desk.receive(vec![webhook_request(&webhook_with(1, VIDEO + 2, what, desk::now().0))]).await?;
    let media = desk.ready(1).await?;
    anyhow::ensure!(media["size_bytes"] == size, "not whole: {media}");
    let (took, more) = (begun.elapsed().as_secs_f64(), (desk.process.peak_kib()? - before) / 1024.0);
    memory(
        report,
        "received",
        &format!("a video of {megabytes} MB from LINE, at most"),
        more,
        size as f64 / took / 1e6,
        cpu.us_each(megabytes as u64)?,
    );

    let key = user_id(1);
    let claim = desk.http.post(desk.process.url(&format!("{CHAT}/conversations/{key}/claim")));
    claim.bearer_auth(&desk.token).send().await?.error_for_status()?;
    let before = desk.process.memory_kib()?;
    desk.process.forget_peak()?;
    let (begun, cpu) = (Instant::now(), desk.process.cpu()?);
    let sent = upload(desk, &key, size).await?;
    anyhow::ensure!(sent["media"]["size_bytes"] == size, "not whole: {sent}");
    let path = format!("/media/{}", sent["media"]["id"].as_str().context("no id")?);
    let answer = desk.http.get(desk.process.url(&path)).bearer_auth(&desk.token).send().await?.error_for_status()?;
    let mut body = answer;
    let mut fetched = 0;
    while let Some(piece) = body.chunk().await? {
        fetched += piece.len();
    }
    anyhow::ensure!(fetched == size, "fetched {fetched} of {size}");
    let (took, more) = (begun.elapsed().as_secs_f64(), (desk.process.peak_kib()? - before) / 1024.0);
    memory(
        report,
        "sent",
        &format!("a video of {megabytes} MB sent, and fetched as LINE does, at most"),
        more,
        size as f64 * 2.0 / took / 1e6,
        cpu.us_each(2 * megabytes as u64)?,
    );
    Ok(())
}

fn memory(report: &mut Report, key: &str, what: &str, more: f64, speed: f64, cpu_us: f64) {
    report.add(Line {
        key: format!("files.memory.{key}"),
        what: format!("memory: {what}"),
        measured: format!("{more:.1} MB more"),
        bar: "≤ 64 MB more".to_owned(),
        reached: more <= 64.0,
        floor: format!("(at {speed:.0} MB/s)"),
        figure: Figure::less(more, "MB", None),
        cpu: Some(Figure::less(cpu_us, "µs a MB", None)),
        ..Line::default()
    });
}

async fn upload(desk: &Desk, key: &str, size: usize) -> anyhow::Result<Value> {
    let edge = "bench-boundary";
    let head = format!(
        "--{edge}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\ncontent-type: video/mp4\r\n\r\n"
    );
    let pieces = std::iter::once(Bytes::from(head))
        .chain(line::video(size))
        .chain(std::iter::once(Bytes::from(format!("\r\n--{edge}--\r\n"))));
    let body = futures_util::stream::iter(pieces.map(Ok::<_, std::convert::Infallible>));
    let request = desk.http.post(desk.process.url(&format!("{CHAT}/conversations/{key}/media")));
    let request = request.header("content-type", format!("multipart/form-data; boundary={edge}"));
    let answer = request.bearer_auth(&desk.token).body(Body::wrap_stream(body)).send().await?;
    Ok(answer.error_for_status()?.json().await?)
}

/// A photo of two megapixels, with as much detail as photos have.
fn picture() -> anyhow::Result<Bytes> {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(x + y + 1) >> 27;
    let pixels = image::RgbImage::from_fn(1600, 1200, |x, y| {
        let shade = u8::try_from((x / 16 + y / 12) % 220 + noise(x, y)).unwrap_or(u8::MAX);
        image::Rgb([shade, shade / 2, 255 - shade])
    });
    let mut file = Cursor::new(Vec::new());
    pixels.write_to(&mut file, image::ImageFormat::Jpeg)?;
    Ok(file.into_inner().into())
}

/// The same texts twice: alone, and while the pictures come.
async fn texts_beside_pictures(desk: &Desk, pictures: u64, texts: u64, report: &mut Report) -> anyhow::Result<()> {
    let nodes = [&desk.process];
    let mut alone = times_of_texts(&nodes, &desk.token, PER_SECOND, texts, 0).await?;
    let what = "\"type\":\"image\",\"contentProvider\":{\"type\":\"line\"}";
    let requests = (0..pictures)
        .map(|at| webhook_request(&webhook_with(10_000 + at, 100_000_000 + at, what, desk::now().0)))
        .collect();
    let (begun, cpu) = (Instant::now(), desk.process.cpu()?);
    let all_there = async {
        desk.receive(requests).await?;
        for at in 0..pictures {
            desk.ready(10_000 + at).await?;
        }
        anyhow::Ok(begun.elapsed())
    };
    let (took, beside) = tokio::join!(all_there, times_of_texts(&nodes, &desk.token, PER_SECOND, texts, texts));
    let (took, mut beside) = (took?, beside?);
    let cpu_us = cpu.us_each(pictures)?;
    let most = |times: &mut [f64]| (percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1.0));
    let (floor, told) = (most(&mut alone), most(&mut beside));
    report.add(Line {
        key: "files.latency_beside_pictures".to_owned(),
        what: format!("webhook sent → frame at an operator, 100 texts/s while {pictures} pictures come at once"),
        measured: format!(
            "p50 {:.2} ms, p99 {:.2} ms, longest {:.1} ms (all pictures ready after {:.0} s)",
            told.0,
            told.1,
            told.2,
            took.as_secs_f64()
        ),
        bar: "longest ≤ 100 ms".to_owned(),
        reached: told.2 <= 100.0,
        floor: format!("p50 {:.2} ms, p99 {:.2} ms, longest {:.1} ms without pictures", floor.0, floor.1, floor.2),
        figure: Figure::less(told.0, "ms", floor.0),
        cpu: Some(Figure::less(cpu_us, "µs a picture", None)),
        ..Line::default()
    });
    Ok(())
}
