//! The feed (WS6): gap-free, in commit order, and every operation knows the seqs of its own events.

use std::sync::Arc;

use linedesk_protocol::{Role, Seq};
use linedesk_store::StoreError;
use linedesk_store::feed::{self, EventKind, FeedEvent};
use linedesk_store::ops::webhook;
use tokio::task::JoinSet;

use super::actions::{draft, send_through, text, user};
use super::harness::{Desk, NOW, after};

on_both_engines!(
    ws6_an_empty_feed_begins_before_the_first_event,
    ws6_seqs_have_no_gap_whatever_fails,
    ws6_batches_of_every_size_are_stored_whole,
    ws6_an_operation_knows_the_seqs_of_its_events,
    ws6_events_of_many_writers_are_in_commit_order,
    ws6_whoever_follows_the_head_sees_every_event,
    the_feed_is_read_in_pages,
    old_events_are_forgotten_and_the_newest_stays,
    every_kind_is_read_as_it_was_written,
);

async fn list(desk: &Desk, after: i64, limit: usize) -> Vec<FeedEvent> {
    desk.read(move |tx| feed::list_after(tx, Seq(after), limit)).await
}

async fn ws6_an_empty_feed_begins_before_the_first_event(desk: &Desk) {
    assert_eq!(desk.head().await, Seq(0));
    assert_eq!(desk.read(|tx| feed::oldest(tx)).await, None);
    assert_eq!(list(desk, 0, 9).await, []);
    assert_eq!(*desk.store.signals().head().borrow(), Seq(0));
    desk.say(&user(1), "hello").await;
    assert_eq!(desk.read(|tx| feed::oldest(tx)).await, Some(Seq(1)));
    let head = desk.head().await;
    desk.store.signals().head().wait_for(|known| *known == head).await.unwrap();
}

async fn ws6_seqs_have_no_gap_whatever_fails(desk: &Desk) {
    let channel = desk.channel;
    for number in 0..6 {
        let events = vec![text(&user(1), &format!("e{number}"), "hello")];
        let fails = number % 2 == 0;
        let done = desk
            .store
            .write::<_, StoreError, _>(move |tx| {
                webhook::ingest(tx, channel, &events, NOW)?;
                if fails { Err(StoreError::Corrupt("fails after it wrote".to_owned())) } else { Ok(()) }
            })
            .await;
        assert_eq!(done.is_err(), fails);
    }
    let seqs: Vec<_> = list(desk, 0, 99).await.iter().map(|event| event.seq.0).collect();
    assert_eq!(seqs, (1..=6).collect::<Vec<_>>());
}

async fn ws6_batches_of_every_size_are_stored_whole(desk: &Desk) {
    let mut expected = 0;
    // Each message makes two events.
    for messages in [1_u32, 3, 4, 31, 32, 33, 100, 140] {
        let name = |number: u32| format!("e{messages}-{number}");
        desk.ingest((0..messages).map(|number| text(&user(number % 3), &name(number), "x")).collect()).await;
        expected += i64::from(messages) * 2;
        assert_eq!(desk.head().await, Seq(expected));
    }
    let all = list(desk, 0, 9999).await;
    assert_eq!(all.iter().map(|event| event.seq.0).collect::<Vec<_>>(), (1..=expected).collect::<Vec<_>>());
    let messages = desk.number("SELECT count(DISTINCT subject_id) FROM feed WHERE kind = 'message_created'").await;
    assert_eq!(messages * 2, expected);
}

async fn ws6_an_operation_knows_the_seqs_of_its_events(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let store = Arc::new(desk.another());
    let mut tasks = JoinSet::new();
    for number in 0..60 {
        let store = store.clone();
        tasks.spawn(async move {
            let done = send_through(&store, draft(conversation, owner, "x", &format!("t{number}")), NOW).await.unwrap();
            (done.seq(done.value.event.unwrap()), done.value.message.id)
        });
    }
    for (seq, message) in tasks.join_all().await {
        let event = list(desk, seq.0 - 1, 1).await.remove(0);
        assert_eq!((event.seq, event.kind, event.subject), (seq, EventKind::MessageCreated, Some(message.0)));
    }
}

async fn ws6_events_of_many_writers_are_in_commit_order(desk: &Desk) {
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let channel = desk.channel;
    let mut tasks = JoinSet::new();
    for number in 0..80_u32 {
        let store = stores[number as usize % 2].clone();
        tasks.spawn(async move {
            let events = vec![text(&user(number % 7), &format!("e{number}"), "x")];
            store.write::<_, StoreError, _>(move |tx| webhook::ingest(tx, channel, &events, NOW)).await.unwrap();
        });
    }
    tasks.join_all().await;
    let all = list(desk, 0, 9999).await;
    assert_eq!(all.iter().map(|event| event.seq.0).collect::<Vec<_>>(), (1..=160).collect::<Vec<_>>());
    // Within one conversation the feed tells of messages in the order in which they are stored.
    for conversation in all.iter().filter_map(|event| event.conversation).collect::<std::collections::HashSet<_>>() {
        let told = all
            .iter()
            .filter(|event| event.conversation == Some(conversation) && event.kind == EventKind::MessageCreated);
        assert!(told.map(|event| event.subject).is_sorted());
    }
}

/// A reader that goes on from the last seq it saw never finds an event before it appear later.
async fn ws6_whoever_follows_the_head_sees_every_event(desk: &Desk) {
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let channel = desk.channel;
    let mut tasks = JoinSet::new();
    for task in 0..8_usize {
        let store = stores[task % 2].clone();
        tasks.spawn(async move {
            for number in 0..10 {
                let events = vec![text(&user(100), &format!("e{task}-{number}"), "x")];
                store.write::<_, StoreError, _>(move |tx| webhook::ingest(tx, channel, &events, NOW)).await.unwrap();
            }
        });
    }
    let mut seen = Vec::new();
    while seen.len() < 160 {
        let after = seen.last().copied().unwrap_or(0);
        seen.extend(list(desk, after, 50).await.iter().map(|event| event.seq.0));
    }
    tasks.join_all().await;
    assert_eq!(seen, (1..=160).collect::<Vec<_>>());
}

async fn the_feed_is_read_in_pages(desk: &Desk) {
    for _ in 0..5 {
        desk.say(&user(1), "x").await;
    }
    let whole = list(desk, 0, 99).await;
    assert_eq!(whole.len(), 10);
    for limit in [1, 3, 10, 99] {
        let mut read: Vec<FeedEvent> = Vec::new();
        loop {
            let page = list(desk, read.last().map_or(0, |event| event.seq.0), limit).await;
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, whole);
    }
    assert_eq!(list(desk, 10, 9).await, []);
    assert_eq!(list(desk, 1_000_000, 9).await, []);
}

async fn old_events_are_forgotten_and_the_newest_stays(desk: &Desk) {
    // Two events a second: 1 and 2 at 0, up to 9 and 10 at 4.
    for second in 0..5 {
        desk.ingest_at(vec![text(&user(1), &format!("e{second}"), "x")], after(second)).await;
    }
    let forget = async |before, limit| desk.write(move |tx| feed::forget(tx, after(before), limit)).await;
    let oldest = async || desk.read(|tx| feed::oldest(tx)).await.unwrap().0;
    assert_eq!((forget(0, 100).await, oldest().await), (0, 1));
    assert_eq!((forget(1, 100).await, oldest().await), (2, 3));
    assert_eq!((forget(4, 3).await, oldest().await), (3, 6));
    assert_eq!((forget(4, 100).await, oldest().await), (3, 9));
    assert_eq!((forget(100, 100).await, oldest().await), (1, 10));
    assert_eq!((forget(100, 100).await, oldest().await), (0, 10));
    desk.say(&user(1), "goes on").await;
    assert_eq!(list(desk, 0, 99).await.iter().map(|event| event.seq.0).collect::<Vec<_>>(), [10, 11, 12]);
}

async fn every_kind_is_read_as_it_was_written(_: &Desk) {
    for kind in [
        EventKind::MessageCreated,
        EventKind::MessageUpdated,
        EventKind::DeliveryChanged,
        EventKind::ConversationChanged,
        EventKind::ConversationRead,
        EventKind::SessionCreated,
        EventKind::SessionClaimed,
        EventKind::SessionReleased,
        EventKind::SessionClosed,
        EventKind::SessionTransferred,
        EventKind::OperatorChanged,
        EventKind::SignedOut,
    ] {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert_eq!("anything".parse::<EventKind>(), Err(()));
}
