//! The events of the socket: who is told what, once, and with what in it.

use linedesk_protocol::Role;
use serde_json::{Value, json};

use super::client::Client;
use super::conversations::{SUMMARY, assert_keys};
use super::harness::TestDesk;
use super::line_events::{event, message, text};
use super::socket::{Frame, SocketClient};

async fn join(socket: &mut SocketClient, user: &str) -> Value {
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update")
}

fn of_kind(frames: &[Frame], kind: &str) -> Vec<Value> {
    frames.iter().filter(|frame| frame.kind == kind).map(|frame| frame.payload.clone()).collect()
}

async fn desk_with_a_chat() -> (TestDesk, Client, Client, String) {
    let desk = TestDesk::builder().without_limits().start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let user = desk.customer_of("Somchai", &ann).await;
    (desk, ann, ben, user)
}

#[tokio::test]
async fn ws6_the_sender_gets_message_sent_and_everybody_else_in_the_room_one_new_message() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let mut sender = desk.socket(&ann).await;
    let mut second = desk.socket(&ann).await;
    let mut colleague = desk.socket(&ben).await;
    let mut outside = desk.socket(&ben).await;
    for socket in [&mut sender, &mut second, &mut colleague] {
        join(socket, &user).await;
    }
    let sent = sender.command("send_message", json!({"text": "hello", "temp_id": "t1"})).await;
    assert!(sent.seq.is_some(), "it is durable: {sent:?}");
    let sent = sent.expect("message_sent");
    assert_eq!(
        (&sent["temp_id"], &sent["content"], &sent["line_user_id"]),
        (&json!("t1"), &json!("hello"), &json!(user))
    );
    let ack = sender.event("message_ack").await;
    let told = sender.all(&desk).await;
    assert!(of_kind(&told, "new_message").is_empty() && of_kind(&told, "message_sent").is_empty(), "no echo: {told:?}");
    for socket in [&mut second, &mut colleague] {
        assert_eq!(socket.event("message_ack").await, ack);
        let told = socket.all(&desk).await;
        let new = of_kind(&told, "new_message");
        assert_eq!(new.iter().map(|message| message["id"].clone()).collect::<Vec<_>>(), [sent["id"].clone()]);
        assert_eq!(new[0]["content"], "hello");
        assert!(of_kind(&told, "message_sent").is_empty(), "{told:?}");
    }
    let told = outside.all(&desk).await;
    assert!(of_kind(&told, "new_message").is_empty() && of_kind(&told, "message_ack").is_empty(), "{told:?}");
    let updates = of_kind(&told, "conversation_update");
    let about_it = updates.iter().find(|summary| summary["last_message"]["id"] == sent["id"]);
    assert_keys(about_it.expect("everyone is told of the summary"), SUMMARY);
}

#[tokio::test]
async fn ws6_an_ack_goes_to_the_room_and_to_the_sender_wherever_they_are() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut sender, mut elsewhere, mut colleague) =
        (desk.socket(&ann).await, desk.socket(&ann).await, desk.socket(&ben).await);
    join(&mut colleague, &user).await;
    let payload = json!({"line_user_id": user, "text": "hello", "temp_id": "t1"});
    let sent = sender.command("send_message", payload).await.expect("message_sent");
    for socket in [&mut sender, &mut elsewhere, &mut colleague] {
        let ack = socket.event("message_ack").await;
        assert_keys(&ack, "message_id temp_id conversation_id line_user_id delivery");
        assert_eq!(
            (&ack["message_id"], &ack["temp_id"], &ack["line_user_id"]),
            (&sent["id"], &json!("t1"), &json!(user))
        );
        assert_eq!((&ack["delivery"]["state"], &ack["delivery"]["cost"]), (&json!("accepted"), &json!("free")));
    }
}

#[tokio::test]
async fn dl7_a_message_to_one_who_blocked_us_fails_at_once_and_says_why() {
    let (desk, ann, _, user) = desk_with_a_chat().await;
    desk.line.unfollow(&user).unwrap();
    desk.line.wait_until_idle(super::harness::DEADLINE).await.unwrap();
    let mut sender = desk.socket(&ann).await;
    let payload = json!({"line_user_id": user, "text": "hello", "temp_id": "t1"});
    let sent = sender.command("send_message", payload).await.expect("message_sent");
    assert_eq!(sent["delivery"]["state"], "withheld");
    let failed = sender.event("message_failed").await;
    assert_keys(&failed, "message_id temp_id conversation_id line_user_id code error retryable delivery");
    assert_eq!((&failed["message_id"], &failed["code"]), (&sent["id"], &json!("recipient_unreachable")));
    assert!(failed["error"].as_str().is_some_and(|text| !text.is_empty()), "{failed}");
    sender.command("retry_message", json!({"message_id": sent["id"]})).await.error("recipient_unreachable");
    let cancelled = sender.command("cancel_message", json!({"message_id": sent["id"]})).await.expect("message_failed");
    assert_eq!(cancelled["retryable"], false);
    assert!(desk.line.received(&user).is_empty());
}

#[tokio::test]
async fn ws6_a_customers_message_goes_to_the_room_and_the_summary_to_everyone() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut inside, mut outside) = (desk.socket(&ann).await, desk.socket(&ben).await);
    join(&mut inside, &user).await;
    let before = inside.last_seq;
    desk.says(&user, "are you there?").await;
    let new = inside.event_where("new_message", |_| true).await;
    assert!(new.seq.unwrap() > before);
    assert_eq!((&new.payload["content"], &new.payload["direction"]), (&json!("are you there?"), &json!("INCOMING")));
    let is_it = |summary: &Value| summary["last_message"]["content"] == "are you there?";
    for socket in [&mut inside, &mut outside] {
        let update = socket.event_where("conversation_update", is_it).await;
        assert!(update.seq.is_some());
        assert_keys(&update.payload, SUMMARY);
        assert_eq!(update.payload["unread_count"], 2);
    }
    outside.assert_none(&desk, "new_message").await;
}

#[tokio::test]
async fn wh6_an_unsent_message_is_told_without_its_words() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut socket, mut outside) = (desk.socket(&ann).await, desk.socket(&ben).await);
    join(&mut socket, &user).await;
    let sent = desk.says(&user, "my secret is 1234").await;
    let new = socket.event("new_message").await;
    desk.says(&user, "never mind").await;
    desk.line.unsend(&sent.message_id).unwrap();
    // Also who is not in the room may show it, such as in a notification.
    let told = outside.event("message_updated").await;
    assert_eq!((&told["id"], &told["content"]), (&new["id"], &json!("")));
    let updated = socket.event("message_updated").await;
    assert_eq!((&updated["id"], &updated["content"]), (&new["id"], &json!("")));
    assert!(updated["unsent_at"].is_string(), "{updated}");
    let last = desk.says(&user, "a slip").await;
    desk.line.unsend(&last.message_id).unwrap();
    let update = socket.event_where("conversation_update", |summary| summary["last_message"]["content"] == "").await;
    assert!(update.payload["last_message"]["unsent_at"].is_string());
}

#[tokio::test]
async fn re_a_note_is_told_to_the_room_only() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut inside, mut outside) = (desk.socket(&ann).await, desk.socket(&ben).await);
    join(&mut inside, &user).await;
    ben.act(&user, "notes", json!({"text": "careful"})).await.is(201);
    let note = inside.event("new_message").await;
    assert_eq!(
        (&note["message_type"], &note["content"], &note["operator_name"]),
        (&json!("note"), &json!("careful"), &json!("Ben"))
    );
    outside.assert_none(&desk, "new_message").await;
}

#[tokio::test]
async fn ws6_session_events_are_told_to_everyone_with_who_and_why() {
    let (desk, ann, ben, _) = desk_with_a_chat().await;
    let (mut actor, mut onlooker) = (desk.socket(&ann).await, desk.socket(&ben).await);
    let user = desk.customer_waiting("Hanako").await;
    let created = onlooker.event("session_created").await;
    assert_keys(&created, "line_user_id conversation_id session_id status operator_id operator_name");
    assert_eq!(
        (&created["line_user_id"], &created["status"], &created["operator_id"]),
        (&json!(user), &json!("WAITING"), &Value::Null)
    );
    actor.event("session_created").await;
    let to = json!({"line_user_id": user});
    let transfer = json!({"line_user_id": user, "to_operator_id": ben.id, "reason": "Japanese"});
    for (command, payload, event) in [
        ("claim_session", &to, "session_claimed"),
        ("release_session", &to, "session_released"),
        ("claim_session", &to, "session_claimed"),
        ("transfer_session", &transfer, "session_transferred"),
    ] {
        let answer = actor.command(command, payload.clone()).await;
        let told = onlooker.event_where(event, |_| true).await;
        assert_eq!((answer.seq, &answer.payload), (told.seq, &told.payload), "the answer is the event itself");
        assert_eq!((&told.payload["session_id"], &answer.kind), (&created["session_id"], &event.to_owned()));
        match event {
            "session_claimed" => assert_eq!(told.payload["operator_name"], "Ann"),
            "session_released" => assert_eq!(
                (&told.payload["status"], &told.payload["from_operator_id"]),
                (&json!("WAITING"), &json!(ann.id))
            ),
            _ => {
                assert_eq!(
                    (&told.payload["from_operator_id"], &told.payload["to_operator_id"]),
                    (&json!(ann.id), &json!(ben.id))
                );
                assert_eq!(
                    (&told.payload["reason"], &told.payload["operator_name"]),
                    (&json!("Japanese"), &json!("Ben"))
                );
            }
        }
    }
    ben.act(&user, "close", Value::Null).await.ok();
    for socket in [&mut actor, &mut onlooker] {
        let closed = socket.event("session_closed").await;
        assert_eq!((&closed["status"], &closed["closed_by"]), (&json!("CLOSED"), &json!("OPERATOR")));
        let again = socket.all(&desk).await.into_iter().filter(|frame| frame.kind.starts_with("session_")).count();
        assert_eq!(again, 0, "each was told once");
    }
}

#[tokio::test]
async fn ws6_reading_is_told_to_the_room() {
    let (desk, ann, ben, user) = desk_with_a_chat().await;
    let (mut reader, mut onlooker) = (desk.socket(&ann).await, desk.socket(&ben).await);
    let joined = join(&mut reader, &user).await;
    join(&mut onlooker, &user).await;
    let id = joined["messages"][0]["id"].clone();
    let answer = reader.command("mark_read", json!({"message_id": id})).await.expect("conversation_read");
    assert_keys(&answer, "conversation_id line_user_id message_id unread_count");
    assert_eq!((&answer["message_id"], &answer["unread_count"]), (&id, &json!(0)));
    assert_eq!(onlooker.event("conversation_read").await, answer);
    let update = onlooker.event_where("conversation_update", |summary| summary["unread_count"] == 0).await;
    assert_eq!(update.payload["line_user_id"], user);
}

#[tokio::test]
async fn ws5_joining_answers_the_latest_messages_or_all_after_one() {
    let (desk, ann, _, _) = desk_with_a_chat().await;
    let user = super::line_events::new_user();
    let events: Vec<_> = (0..560).map(|n| text(&user, &format!("message {n}"))).collect();
    desk.receive(&events).await;
    let mut socket = desk.socket(&ann).await;
    let joined = join(&mut socket, &user).await;
    assert_keys(&joined, &format!("{SUMMARY} messages has_more"));
    let messages = joined["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &joined["has_more"]), (50, &json!(true)));
    assert_eq!((&messages[0]["content"], &messages[49]["content"]), (&json!("message 510"), &json!("message 559")));
    let first = ann.get(&format!("/conversations/{user}/messages?after_id=0&limit=100")).await.ok()["messages"].clone();
    for (after, expected, more) in [(9, 10..510, true), (99, 100..560, false)] {
        let payload = json!({"line_user_id": user, "after_message_id": first[after]["id"]});
        let joined = socket.command("join_room", payload).await.expect("conversation_update");
        let contents: Vec<_> =
            joined["messages"].as_array().unwrap().iter().map(|one| one["content"].clone()).collect();
        assert_eq!(contents, expected.map(|n| json!(format!("message {n}"))).collect::<Vec<_>>());
        assert_eq!(joined["has_more"], more);
    }
}

#[tokio::test]
async fn wh6_every_type_of_message_is_shown_for_what_it_is() {
    let (desk, ann, _, user) = desk_with_a_chat().await;
    let mut socket = desk.socket(&ann).await;
    join(&mut socket, &user).await;
    for (sent, kind, content) in [
        (
            json!({"type": "image", "contentProvider": {"type": "line"}, "imageSet": {"id": "E", "index": 1, "total": 2}}),
            "image",
            "",
        ),
        (json!({"type": "video", "duration": 60_000, "contentProvider": {"type": "line"}}), "video", ""),
        (json!({"type": "audio", "duration": 1_000, "contentProvider": {"type": "line"}}), "audio", ""),
        (json!({"type": "file", "fileName": "invoice.pdf", "fileSize": 2138}), "file", "invoice.pdf"),
        (
            json!({"type": "location", "title": "home", "address": "1 Main St", "latitude": 13.7, "longitude": 100.5}),
            "location",
            "home",
        ),
        (
            json!({"type": "sticker", "packageId": "446", "stickerId": "1988", "stickerResourceType": "STATIC", "keywords": ["hi"]}),
            "sticker",
            "hi",
        ),
        (json!({"type": "hologram", "volume": 3}), "system", ""),
        // No button was pressed: what it says is in the payload.
        (json!({"type": "textWithSound", "text": "Listen to this"}), "system", ""),
    ] {
        desk.receive(&[message(&user, &sent)]).await;
        let shown = socket.event("new_message").await;
        assert_eq!((&shown["message_type"], &shown["content"]), (&json!(kind), &json!(content)), "{sent}");
        assert!(shown["payload"].is_object(), "{shown}");
    }
    desk.receive(&[event(&user, "postback", &json!({"postback": {"data": "action=buy"}}))]).await;
    let shown = socket.event("new_message").await;
    assert_eq!((&shown["message_type"], &shown["content"]), (&json!("system"), &json!("action=buy")));
}
