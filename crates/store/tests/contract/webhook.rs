//! Webhook events in: WH1 to WH3, WH6 and WH7 as the rows have them.

use std::sync::Arc;

use linedesk_core::session::Open;
use linedesk_protocol::{FriendStatus, Role, SessionStatus, SourceType};
use linedesk_store::StoreError;
use linedesk_store::ops::contacts;
use linedesk_store::ops::sessions::Command;
use linedesk_store::ops::webhook::{self, Chat, Effect, Event, Ingested};
use tokio::task::JoinSet;

use super::actions::{event, hand_off, text, user};
use super::harness::{Desk, NOW, after};

on_both_engines!(
    wh1_a_request_is_stored_whole_or_not_at_all,
    wh2_one_event_has_its_effects_once,
    wh2_a_repeat_within_one_request_has_no_effect,
    wh2_one_event_has_its_effects_once_across_nodes,
    wh2_events_without_an_id_cannot_be_told_apart,
    wh3_a_broken_event_is_kept_and_holds_up_nothing,
    wh3_unknown_events_are_kept,
    wh4_events_of_a_conversation_keep_their_order,
    wh6_an_unfollow_marks_the_contact_and_a_message_or_follow_takes_it_back,
    wh6_groups_and_channels_are_kept_apart,
    wh7_kept_events_are_listed_as_they_came,
    se2_only_without_a_session_does_a_phrase_open_one,
    se5_a_customers_message_is_activity,
);

fn done(new: u32, repeated: u32, broken: u32) -> Ingested {
    Ingested { new, repeated, broken }
}

async fn messages(desk: &Desk) -> i64 {
    desk.number("SELECT count(*) FROM messages").await
}

async fn wh1_a_request_is_stored_whole_or_not_at_all(desk: &Desk) {
    let channel = desk.channel;
    let events = vec![text(&user(1), "e1", "one"), hand_off(&user(1), "e2"), text(&user(2), "e3", "three")];
    let again = events.clone();
    let failed = desk
        .store
        .write::<(), StoreError, _>(move |tx| {
            webhook::ingest(tx, channel, &events, NOW)?;
            Err(StoreError::Corrupt("something after it failed".to_owned()))
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Corrupt(_))));
    for table in ["webhook_events", "contacts", "conversations", "messages", "sessions", "feed", "audit"] {
        assert_eq!(desk.number(format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    assert_eq!(desk.ingest(again).await, done(3, 0, 0));
    assert_eq!(messages(desk).await, 3);
}

async fn wh2_one_event_has_its_effects_once(desk: &Desk) {
    let head = "SELECT seq FROM desk";
    assert_eq!(desk.ingest(vec![hand_off(&user(1), "e1")]).await, done(1, 0, 0));
    let before = desk.number(head).await;
    for _ in 0..3 {
        assert_eq!(desk.ingest_at(vec![hand_off(&user(1), "e1")], after(60)).await, done(0, 1, 0));
    }
    assert_eq!(desk.number(head).await, before);
    assert_eq!(messages(desk).await, 1);
    let mixed = vec![text(&user(1), "e0", "new"), hand_off(&user(1), "e1"), text(&user(1), "e2", "new")];
    assert_eq!(desk.ingest(mixed).await, done(2, 1, 0));
}

async fn wh2_a_repeat_within_one_request_has_no_effect(desk: &Desk) {
    let events = vec![text(&user(1), "e1", "a"), text(&user(1), "e1", "a"), text(&user(2), "e2", "b")];
    assert_eq!(desk.ingest(events).await, done(2, 1, 0));
    assert_eq!(messages(desk).await, 2);
}

async fn wh2_one_event_has_its_effects_once_across_nodes(desk: &Desk) {
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let channel = desk.channel;
    let mut tasks = JoinSet::new();
    // Every event comes four times, in requests that overlap in different orders, to two nodes.
    for number in 0..40_u32 {
        let store = stores[number as usize % 2].clone();
        let name = |number: u32| format!("e{}", number % 20);
        let mut events =
            vec![hand_off(&user(number % 5), &name(number)), hand_off(&user((number + 7) % 5), &name(number + 7))];
        if number % 4 > 1 {
            events.reverse();
        }
        tasks.spawn(async move {
            loop {
                let events = events.clone();
                let ingest = store.write::<_, StoreError, _>(move |tx| webhook::ingest(tx, channel, &events, NOW));
                match ingest.await {
                    // The other node stood in the way.
                    Err(error) if error.is_unavailable() => {}
                    done => return done.unwrap().value,
                }
            }
        });
    }
    let answers = tasks.join_all().await;
    let (new, repeated) = answers.iter().fold((0, 0), |sum, one| (sum.0 + one.new, sum.1 + one.repeated));
    assert_eq!((new, repeated), (20, 60));
    assert_eq!(messages(desk).await, 20);
    assert_eq!(desk.number("SELECT count(*) FROM conversations").await, 5);
    assert_eq!(desk.number("SELECT count(*) FROM sessions").await, 5);
}

async fn wh2_events_without_an_id_cannot_be_told_apart(desk: &Desk) {
    for _ in 0..2 {
        let event = Event { webhook_event_id: None, ..text(&user(1), "e1", "hello") };
        assert_eq!(desk.ingest(vec![event]).await, done(1, 0, 0));
    }
    assert_eq!(messages(desk).await, 2);
}

async fn wh3_a_broken_event_is_kept_and_holds_up_nothing(desk: &Desk) {
    let broken = event(&user(1), "e2", Effect::Broken { error: "no text in it".to_owned() });
    let events = vec![text(&user(1), "e1", "before"), broken, text(&user(1), "e3", "after")];
    assert_eq!(desk.ingest(events).await, done(3, 0, 1));
    assert_eq!(messages(desk).await, 2);
    let kept = desk.read(|tx| webhook::list_kept(tx, 0, 9)).await;
    let kept: Vec<_> = kept.iter().map(|kept| (kept.state.as_str(), kept.error.as_deref())).collect();
    assert_eq!(kept, [("handled", None), ("failed", Some("no text in it")), ("handled", None)]);
}

async fn wh3_unknown_events_are_kept(desk: &Desk) {
    let odd = |id: &str, chat| Event { kind: "newThing".to_owned(), chat, ..event("", id, Effect::Keep) };
    let somewhere = Some(Chat { source_type: SourceType::User, chat_id: user(1) });
    assert_eq!(desk.ingest(vec![odd("e1", None), odd("e2", somewhere)]).await, done(2, 0, 0));
    assert_eq!(desk.texts("SELECT kind FROM webhook_events WHERE state = 'kept'").await.len(), 2);
    assert_eq!(desk.number("SELECT count(*) FROM conversations").await, 0);
    assert_eq!(desk.ingest(vec![odd("e1", None)]).await, done(0, 1, 0));
}

async fn wh4_events_of_a_conversation_keep_their_order(desk: &Desk) {
    let events = (0..20).map(|number| text(&user(number % 2), &format!("e{number}"), &format!("{number}"))).collect();
    desk.ingest(events).await;
    let contents = desk.texts("SELECT content FROM messages ORDER BY conversation_id, id").await;
    let expected: Vec<_> =
        (0..20).step_by(2).chain((1..20).step_by(2)).map(|number| Some(number.to_string())).collect();
    assert_eq!(contents, expected);
}

async fn wh6_an_unfollow_marks_the_contact_and_a_message_or_follow_takes_it_back(desk: &Desk) {
    let conversation = desk.conversation().await;
    let chat = desk.chat_of(conversation).await;
    let told = async || desk.number("SELECT count(*) FROM feed WHERE kind = 'conversation_changed'").await;
    let contact = linedesk_protocol::ContactId(conversation.0);
    desk.write(move |tx| contacts::save_profile(tx, contact, &contacts::Profile::Hidden, NOW)).await;
    assert!(!desk.read(|tx| contacts::has_due(tx, NOW)).await);
    let mut events = 0;
    for (number, (effect, status, is_news)) in [
        (Effect::Unreachable, FriendStatus::Unfollowed, true),
        (Effect::Unreachable, FriendStatus::Unfollowed, false),
        (Effect::Reachable, FriendStatus::Active, true),
        (Effect::Reachable, FriendStatus::Active, false),
        (Effect::Unreachable, FriendStatus::Unfollowed, true),
        (Effect::Message(super::actions::new_message("m", "back")), FriendStatus::Active, true),
    ]
    .into_iter()
    .enumerate()
    {
        desk.ingest(vec![event(&chat, &format!("e{number}"), effect.clone())]).await;
        events += i64::from(is_news);
        assert_eq!(desk.summary(conversation).await.friend_status, status, "{effect:?}");
        assert_eq!(told().await, events, "{effect:?}");
    }
    assert!(desk.read(|tx| contacts::has_due(tx, NOW)).await, "a profile is asked for when they come back");
    // Of somebody unknown: a follow makes the conversation, an unfollow does not.
    desk.ingest(vec![event(&user(501), "f", Effect::Reachable), event(&user(502), "u", Effect::Unreachable)]).await;
    assert_eq!(desk.number("SELECT count(*) FROM conversations").await, 2);
}

async fn wh6_groups_and_channels_are_kept_apart(desk: &Desk) {
    let other = desk.write(|tx| linedesk_store::ops::channels::put(tx, "other", "s", "t", NOW)).await;
    let group = format!("C{:032x}", 1);
    let in_group = Event {
        chat: Some(Chat { source_type: SourceType::Group, chat_id: group.clone() }),
        ..text(&group, "e1", "hello all")
    };
    desk.ingest(vec![in_group, text(&user(1), "e2", "hello")]).await;
    let elsewhere = vec![text(&user(1), "e3", "hello")];
    desk.write(move |tx| webhook::ingest(tx, other, &elsewhere, NOW)).await;
    assert_eq!(desk.number("SELECT count(*) FROM conversations").await, 3);
    let channel = desk.channel;
    let (here, there) = desk
        .read(move |tx| {
            Ok((webhook::conversation_of(tx, channel, &user(1))?, webhook::conversation_of(tx, other, &user(1))?))
        })
        .await;
    assert!(here.is_some() && there.is_some() && here != there);
    let group = desk.summary(desk.message(desk.message_of("e1").await).await.conversation_id).await;
    assert_eq!((group.source_type, group.channel.as_str()), (SourceType::Group, "default"));
    assert_eq!(desk.summary(there.unwrap()).await.channel, "other");
}

async fn wh7_kept_events_are_listed_as_they_came(desk: &Desk) {
    for number in 0..7 {
        desk.ingest_at(vec![text(&user(number % 2), &format!("e{number}"), "x")], after(number.into())).await;
    }
    let mut raws = Vec::new();
    let mut last = 0;
    loop {
        let page = desk.read(move |tx| webhook::list_kept(tx, last, 3)).await;
        let Some(end) = page.last() else { break };
        last = end.id;
        raws.extend(page.into_iter().map(|kept| (kept.raw, kept.received_at)));
    }
    let expected: Vec<_> = (0..7).map(|number| (format!("raw of e{number}"), after(number))).collect();
    assert_eq!(raws, expected);
}

async fn se2_only_without_a_session_does_a_phrase_open_one(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![hand_off(&chat, "e1")]).await;
    let session = desk.summary(conversation).await.session.unwrap();
    assert_eq!((session.status, session.operator_id), (SessionStatus::Active, Some(owner.id)));
    desk.act(conversation, Command::Close(owner)).await.unwrap();
    desk.ingest(vec![text(&chat, "e2", "thanks")]).await;
    assert_eq!(desk.summary(conversation).await.session, None);
    let mut late = hand_off(&chat, "e3");
    if let Effect::Message(message) = &mut late.effect {
        message.after_hours = true;
    }
    desk.ingest(vec![late]).await;
    let session = desk.summary(conversation).await.session.unwrap();
    assert_eq!((session.status, session.after_hours), (Open::Waiting.status(), true));
}

async fn se5_a_customers_message_is_activity(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    desk.ingest_at(vec![text(&chat, "e1", "hello")], after(30)).await;
    assert_eq!(desk.number("SELECT last_activity_at FROM sessions").await, after(30).0);
    let message = desk.message(desk.message_of("e1").await).await;
    assert_eq!(message.session_id, desk.summary(conversation).await.session.map(|session| session.id));
    assert_eq!(message.created_at, NOW, "when it was written, not when it came");
}
