//! Desks with a past of several sizes: how fast they start, list, open, page and search, and what they take on disk.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use serde_json::Value;

use crate::child;
use crate::desk::{Process, sign_in};
use crate::load::user_id;
use crate::past::{self, LANGUAGES, Language, MESSAGES_EACH};
use crate::report::{Figure, Line, Report, percentile};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// With `--large`: it takes a quarter of an hour to fill.
const LARGE: u64 = 10_000_000;
const STARTS: usize = 5;
const CALLS: u64 = 200;
/// Flat: the largest takes at most so many times what the smallest takes.
const FLAT: f64 = 1.5;
const SEARCH_MS: f64 = 50.0;

/// What is asked of a desk of each size. Medians, in ms.
#[derive(Default)]
struct Measured {
    messages: u64,
    start: f64,
    list: f64,
    far: f64,
    open: f64,
    history: f64,
    bare: f64,
    bytes_each: f64,
    /// Of each language: 95 of 100 searches for a common phrase, and for a word of one message.
    searches: Vec<(f64, f64)>,
}

pub(super) async fn run(scale: u64, is_large: bool, report: &mut Report) -> anyhow::Result<()> {
    let line = child::line().await?;
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
    tell(&all, floor_start, report)
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
    let get = async |path: String, times: &mut Vec<f64>| {
        let url = process.url(&path);
        let begun = Instant::now();
        let answer = http.get(url).bearer_auth(&token).send().await?.error_for_status()?.bytes().await?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        anyhow::Ok(answer)
    };
    let base = "/api/v1/admin/live-chat";
    let conversations = messages / MESSAGES_EACH;
    // Half-way through the list.
    let (mut cursor, mut unused) = (String::new(), Vec::new());
    for _ in 0..(conversations / 100).clamp(1, 1_000) {
        let page = get(format!("{base}/conversations?limit=50&cursor={cursor}"), &mut unused).await?;
        let page: Value = serde_json::from_slice(&page)?;
        let Some(next) = page["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    let (mut list, mut far, mut open, mut history, mut bare) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for call in 0..CALLS {
        let user = user_id(call * 7_919 % conversations);
        get(format!("{base}/conversations?limit=50"), &mut list).await?;
        get(format!("{base}/conversations?limit=50&cursor={cursor}"), &mut far).await?;
        let opened: Value = serde_json::from_slice(&get(format!("{base}/conversations/{user}"), &mut open).await?)?;
        let newest = opened["messages"].as_array().and_then(|list| list.last()).context("no messages")?["id"].clone();
        get(format!("{base}/conversations/{user}/messages?before_id={newest}&limit=50"), &mut history).await?;
        get("/healthz".to_owned(), &mut bare).await?;
    }
    let mut searches = Vec::new();
    for (number, language) in (0..).zip(&LANGUAGES) {
        let (mut common, mut rare) = (Vec::new(), Vec::new());
        for call in 0..CALLS / 2 {
            let phrase = language.phrase(call * 5);
            let own = Language::own((call * 7_919 * 3 + number) % messages);
            for (text, times) in [(phrase, &mut common), (own, &mut rare)] {
                let mut url = reqwest::Url::parse(&process.url(&format!("{base}/messages/search")))?;
                url.query_pairs_mut().append_pair("q", &text);
                let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
                let found: Value = serde_json::from_slice(&get(path, times).await?)?;
                anyhow::ensure!(
                    found["items"].as_array().is_some_and(|hits| !hits.is_empty()),
                    "{text}: nothing found"
                );
            }
        }
        searches.push((percentile(&mut common, 0.95), percentile(&mut rare, 0.95)));
    }
    drop(process);
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let bytes_each = std::fs::metadata(folder.join("linedesk.db"))?.len() as f64 / messages as f64;
    Ok(Measured {
        messages,
        start: percentile(&mut starts, 0.5),
        list: percentile(&mut list, 0.5),
        far: percentile(&mut far, 0.5),
        open: percentile(&mut open, 0.5),
        history: percentile(&mut history, 0.5),
        bare: percentile(&mut bare, 0.5),
        bytes_each,
        searches,
    })
}

type Of = fn(&Measured) -> f64;

fn by_size(all: &[Measured], of: impl Fn(&Measured) -> f64) -> Vec<(u64, f64)> {
    all.iter().map(|one| (one.messages, of(one))).collect()
}

fn tell(all: &[Measured], floor_start: f64, report: &mut Report) -> anyhow::Result<()> {
    let (first, last) = all.first().zip(all.last()).context("no sizes")?;
    let sizes = all.iter().map(|one| one.messages.to_string()).collect::<Vec<_>>().join(" / ");
    report.add(Line {
        key: "start".to_owned(),
        what: format!("start to ready, at {sizes} messages"),
        measured: format!("{} ms", all.iter().map(|one| format!("{:.0}", one.start)).collect::<Vec<_>>().join(" / ")),
        bar: "≤ 150 ms".to_owned(),
        reached: last.start <= 150.0,
        floor: format!("{floor_start:.0} ms empty"),
        figure: Figure::less(last.start, "ms", floor_start),
        by_size: by_size(all, |one| one.start),
        ..Line::default()
    });
    let rows: [(&str, &str, Of); 4] = [
        ("list.first", "list, first page", |one| one.list),
        ("list.middle", "list, a page in the middle", |one| one.far),
        ("open", "opening a conversation: unread count and latest messages", |one| one.open),
        ("history", "a page of history", |one| one.history),
    ];
    for (key, what, of) in rows {
        let times = all.iter().map(|one| format!("{:.2}", of(one))).collect::<Vec<_>>().join(" / ");
        let growth = of(last) / of(first);
        report.add(Line {
            key: key.to_owned(),
            what: format!("{what}, at {sizes} messages"),
            measured: format!("p50 {times} ms: × {growth:.2}"),
            bar: format!("p50 ≤ 5 ms, × {FLAT} at most"),
            reached: growth <= FLAT && of(last) <= 5.0,
            floor: format!("{:.2} ms /healthz", last.bare),
            figure: Figure::less(of(last), "ms", last.bare),
            by_size: by_size(all, of),
            ..Line::default()
        });
    }
    for (at, (language, (common, rare))) in LANGUAGES.iter().zip(&last.searches).enumerate() {
        report.add(Line {
            key: format!("search.{}", language.name.to_lowercase()),
            what: format!("search in {} messages, {}", last.messages, language.name),
            measured: format!("p95 {common:.1} ms a common phrase, {rare:.1} ms a word of one message"),
            bar: format!("p95 ≤ {SEARCH_MS} ms"),
            reached: common.max(*rare) <= SEARCH_MS,
            floor: format!("{:.2} ms /healthz", last.bare),
            figure: Figure::less(*common, "ms", last.bare),
            by_size: by_size(all, |one| one.searches[at].0),
            ..Line::default()
        });
    }
    report.add(Line {
        key: "disk".to_owned(),
        what: format!("disk a message, at {} messages", last.messages),
        measured: format!("{:.0} bytes", last.bytes_each),
        bar: "(none)".to_owned(),
        reached: true,
        floor: format!("{:.0} bytes at {}", first.bytes_each, first.messages),
        figure: Figure::less(last.bytes_each, "bytes", first.bytes_each),
        by_size: by_size(all, |one| one.bytes_each),
        ..Line::default()
    });
    Ok(())
}
