//! A desk with a past: how fast it starts, and how fast it lists.

use std::time::Instant;

use linedesk_protocol::{MessageType, SourceType};
use linedesk_store::StoreError;
use linedesk_store::ops::channels;
use linedesk_store::ops::webhook::{self, Chat, Effect, Event, NewMessage};
use serde_json::Value;

use crate::child;
use crate::desk::{self, Process, sign_in};
use crate::load::user_id;
use crate::report::{Line, Report, percentile};

const CONVERSATIONS: u64 = 100_000;
const MESSAGES_EACH: u64 = 10;
const IN_ONE_COMMIT: u64 = 1_000;
const STARTS: usize = 5;
const CALLS: usize = 200;
const FAR_PAGE: u64 = 1_000;

pub(super) async fn run(scale: u64, report: &mut Report) -> anyhow::Result<()> {
    let conversations = CONVERSATIONS / scale;
    let line = child::line().await?;
    let (folder, empty) = (tempfile::tempdir()?, tempfile::tempdir()?);
    fill(folder.path(), conversations).await?;

    let mut floor_starts = Vec::new();
    let mut starts = Vec::new();
    // Once each to make the first operator and to warm the disk.
    drop(Process::desk(empty.path(), &line).await?);
    drop(Process::desk(folder.path(), &line).await?);
    for _ in 0..STARTS {
        floor_starts.push(Process::desk(empty.path(), &line).await?.started_in.as_secs_f64() * 1000.0);
        starts.push(Process::desk(folder.path(), &line).await?.started_in.as_secs_f64() * 1000.0);
    }
    let (start, floor_start) = (percentile(&mut starts, 0.5), percentile(&mut floor_starts, 0.5));
    report.add(Line {
        what: format!("start to ready, {} messages stored", conversations * MESSAGES_EACH),
        measured: format!("{start:.0} ms"),
        bar: "≤ 150 ms".to_owned(),
        reached: start <= 150.0,
        floor: format!("{floor_start:.0} ms empty"),
        ratio: format!("{:.1}", start / floor_start),
    });

    let process = Process::desk(folder.path(), &line).await?;
    let http = reqwest::Client::new();
    let token = sign_in(&http, &process, "admin").await?;
    let page = async |cursor: &str| {
        let url = process.url(&format!("/api/v1/admin/live-chat/conversations?limit=50&cursor={cursor}"));
        let begun = Instant::now();
        let answer = http.get(url).bearer_auth(&token).send().await?.error_for_status()?.bytes().await?;
        anyhow::Ok((begun.elapsed().as_secs_f64() * 1000.0, answer))
    };
    let far_page = FAR_PAGE.min(conversations / 50 - 1);
    let mut cursor = String::new();
    for _ in 1..far_page {
        let answer: Value = serde_json::from_slice(&page(&cursor).await?.1)?;
        answer["next_cursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
    }
    let (mut near, mut far, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..CALLS {
        near.push(page("").await?.0);
        far.push(page(&cursor).await?.0);
        let begun = Instant::now();
        http.get(process.url("/healthz")).send().await?.error_for_status()?.bytes().await?;
        bare.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let (near, far, bare) = (percentile(&mut near, 0.5), percentile(&mut far, 0.5), percentile(&mut bare, 0.5));
    for (which, time) in [(1, near), (far_page, far)] {
        report.add(Line {
            what: format!("list of {conversations} conversations, page {which}"),
            measured: format!("p50 {time:.2} ms"),
            bar: "p50 ≤ 5 ms".to_owned(),
            reached: time <= 5.0,
            floor: format!("{bare:.2} ms /healthz"),
            ratio: format!("{:.1}", time / bare),
        });
    }
    Ok(())
}

/// Ten messages of each customer, stored as webhooks store them.
async fn fill(data_dir: &std::path::Path, conversations: u64) -> anyhow::Result<()> {
    let store = desk::open(data_dir).await?;
    let made =
        store.write::<_, StoreError, _>(|tx| channels::put(tx, channels::DEFAULT, child::SECRET, "t", desk::now()));
    let channel = made.await?.value;
    let total = conversations * MESSAGES_EACH;
    for first in (0..total).step_by(usize::try_from(IN_ONE_COMMIT)?) {
        let events: Vec<Event> = (first..total.min(first + IN_ONE_COMMIT))
            .map(|number| Event {
                webhook_event_id: Some(format!("E{number}")),
                kind: "message".to_owned(),
                raw: format!("{{\"type\":\"message\",\"number\":{number}}}"),
                occurred_at: desk::now(),
                reply_token: None,
                chat: Some(Chat { source_type: SourceType::User, chat_id: user_id(number % conversations) }),
                effect: Effect::Message(NewMessage {
                    line_message_id: Some(number.to_string()),
                    message_type: MessageType::Text,
                    content: format!("Message {number}: is the office open on Saturday?"),
                    payload: None,
                    quote_token: None,
                    quoted_line_message_id: None,
                    media: None,
                    mark_as_read_token: None,
                    asks_for_person: false,
                    after_hours: false,
                }),
                line: None,
                author: None,
                joined: Vec::new(),
                left: Vec::new(),
            })
            .collect();
        store.write::<_, StoreError, _>(move |tx| webhook::ingest(tx, channel, &events, desk::now())).await?;
    }
    desk::close(store).await
}
