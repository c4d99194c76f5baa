//! Desks with a past of several sizes: how fast they start, list, open, page and search, and what they take on disk.

mod tell;

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use axum::body::Bytes;
use serde_json::Value;

use crate::desk::{Process, sign_in};
use crate::line;
use crate::load::user_id;
use crate::past::{self, LANGUAGES, Language, MESSAGES_EACH};
use crate::report::{Report, percentile};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// With `--large`: it takes a quarter of an hour to fill.
const LARGE: u64 = 10_000_000;
const STARTS: usize = 5;
/// So many that Linux's ticks of 10 ms tell the CPU time of one.
const CALLS: u64 = 500;
const SEARCHES: u64 = 100;
const CHAT: &str = "/api/v1/admin/live-chat";

/// How long a call takes (the median, or 95 of 100 searches), and its CPU time in the server.
struct Cost {
    ms: f64,
    cpu_us: f64,
}

/// What is asked of a desk of each size.
struct Measured {
    messages: u64,
    start_ms: f64,
    list: Cost,
    far: Cost,
    open: Cost,
    history: Cost,
    bare: Cost,
    bytes_each: f64,
    /// Of each language: a common phrase, and a word of one message.
    searches: Vec<(Cost, Cost)>,
}

pub(super) async fn run(scale: u64, is_large: bool, report: &mut Report) -> anyhow::Result<()> {
    let line = line::start().await?;
    let empty = tempfile::tempdir()?;
    let mut floor_starts = Vec::new();
    for _ in 0..=STARTS {
        floor_starts.push(Process::desk(empty.path(), &line).await?.started_in.as_secs_f64() * 1000.0);
    }
    // The first one made the database.
    let floor_start = percentile(&mut floor_starts[1..], 0.5);
    let sizes = SIZES.into_iter().chain(is_large.then_some(LARGE)).map(|size| size / scale);
    let mut all = Vec::new();
    for messages in sizes {
        let folder = tempfile::tempdir()?;
        past::fill(folder.path(), messages).await?;
        all.push(measure(folder.path(), messages, &line).await?);
    }
    tell::tell(&all, floor_start, report)
}

/// An operator who reads.
struct Reader {
    process: Process,
    http: reqwest::Client,
    token: String,
}

impl Reader {
    async fn get(&self, path: &str) -> anyhow::Result<Bytes> {
        let request = self.http.get(self.process.url(path)).bearer_auth(&self.token);
        Ok(request.send().await?.error_for_status()?.bytes().await?)
    }

    async fn json(&self, path: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.get(path).await?)?)
    }

    /// Asks for these one after the other.
    async fn cost(&self, p: f64, paths: Vec<String>) -> anyhow::Result<Cost> {
        let (cpu, mut times) = (self.process.cpu()?, Vec::new());
        for path in &paths {
            let begun = Instant::now();
            self.get(path).await?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(Cost { cpu_us: cpu.us_each(u64::try_from(paths.len())?)?, ms: percentile(&mut times, p) })
    }
}

async fn measure(folder: &Path, messages: u64, line: &str) -> anyhow::Result<Measured> {
    let mut starts = Vec::new();
    drop(Process::desk(folder, line).await?);
    for _ in 0..STARTS {
        starts.push(Process::desk(folder, line).await?.started_in.as_secs_f64() * 1000.0);
    }
    let process = Process::desk(folder, line).await?;
    let http = reqwest::Client::new();
    let token = sign_in(&http, &process, "admin").await?;
    let reader = Reader { process, http, token };
    let conversations = messages / MESSAGES_EACH;
    let first_page = format!("{CHAT}/conversations?limit=50");
    // Half-way through the list.
    let mut cursor = String::new();
    for _ in 0..(conversations / 100).clamp(1, 1_000) {
        let page = reader.json(&format!("{first_page}&cursor={cursor}")).await?;
        let Some(next) = page["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    let (mut opens, mut pages) = (Vec::new(), Vec::new());
    for call in 0..CALLS {
        let path = format!("{CHAT}/conversations/{}", user_id(call * 7_919 % conversations));
        let opened = reader.json(&path).await?;
        let newest = opened["messages"].as_array().and_then(|list| list.last()).context("no messages")?["id"].clone();
        pages.push(format!("{path}/messages?before_id={newest}&limit=50"));
        opens.push(path);
    }
    let again = |path: String| (0..CALLS).map(|_| path.clone()).collect::<Vec<_>>();
    let list = reader.cost(0.5, again(first_page.clone())).await?;
    let far = reader.cost(0.5, again(format!("{first_page}&cursor={cursor}"))).await?;
    let open = reader.cost(0.5, opens).await?;
    let history = reader.cost(0.5, pages).await?;
    let bare = reader.cost(0.5, again("/healthz".to_owned())).await?;
    let mut searches = Vec::new();
    for (number, language) in (0..).zip(&LANGUAGES) {
        let common = (0..SEARCHES).map(|call| language.phrase(call * 5));
        let own = (0..SEARCHES).map(|call| Language::own((call * 7_919 * 3 + number) % messages));
        searches.push((search(&reader, common).await?, search(&reader, own).await?));
    }
    drop(reader);
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let bytes_each = std::fs::metadata(folder.join("linedesk.db"))?.len() as f64 / messages as f64;
    let start_ms = percentile(&mut starts, 0.5);
    Ok(Measured { messages, start_ms, list, far, open, history, bare, bytes_each, searches })
}

async fn search(reader: &Reader, texts: impl Iterator<Item = String>) -> anyhow::Result<Cost> {
    let mut paths = Vec::new();
    for text in texts {
        let mut url = reqwest::Url::parse(&reader.process.url(&format!("{CHAT}/messages/search")))?;
        url.query_pairs_mut().append_pair("q", &text);
        paths.push(format!("{}?{}", url.path(), url.query().unwrap_or_default()));
    }
    let cost = reader.cost(0.95, paths.clone()).await?;
    for path in &paths {
        let found = reader.json(path).await?;
        anyhow::ensure!(found["items"].as_array().is_some_and(|hits| !hits.is_empty()), "{path}: nothing found");
    }
    Ok(cost)
}
