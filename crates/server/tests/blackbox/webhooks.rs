//! WH1–WH5: what the webhook takes, refuses, keeps, and does once.

use std::time::Duration;

use linedesk_line::signature;
use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault};
use linedesk_store::ops::webhook::{KeptEvent, list_kept};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::harness::{DEADLINE, TestDesk, postgres_url};
use super::line_events::{event, message, new_user, redelivered, text};

/// WH5.
const BODY_BYTES: usize = 1024 * 1024;

/// The texts of a conversation, oldest first; empty where there is none.
async fn texts(client: &Client, user: &str) -> Vec<String> {
    let answer = client.get(&format!("/conversations/{user}/messages?after_id=0&limit=100")).await;
    if answer.status == 404 {
        return Vec::new();
    }
    let page = answer.ok();
    assert_eq!(page["has_more_after"], false);
    let said = page["messages"].as_array().unwrap().iter().filter(|one| one["sender_role"] != "SYSTEM");
    said.map(|one| one["content"].as_str().unwrap().to_owned()).collect()
}

/// Every event the desk has kept, as it stands in the store.
async fn kept(desk: &TestDesk) -> Vec<KeptEvent> {
    desk.in_store(|tx| Ok(list_kept(tx, 0, 10_000)?)).await
}

#[tokio::test]
async fn wh1_a_missing_or_wrong_signature_is_400_and_leaves_nothing() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    let body = json!({"destination": "U", "events": [text(&user, "hello")]}).to_string();
    let right = signature::sign(&desk.channel_secret, body.as_bytes());
    let others = signature::sign("another secret", body.as_bytes());
    let of_other_body = signature::sign(&desk.channel_secret, format!("{body} ").as_bytes());
    let cut = &right[..right.len() - 4];
    let padded = format!(" {right}");
    for wrong in ["", "x", "AAAA", &others, &of_other_body, cut, &right.to_lowercase()] {
        desk.webhook_signed(&body, Some(wrong)).await.problem(400, "invalid_request");
    }
    desk.webhook_signed(&body, None).await.problem(400, "invalid_request");
    assert_eq!(texts(&ann, &user).await, Vec::<String>::new());
    assert!(kept(&desk).await.is_empty());
    // HTTP trims the white space around a header's value.
    assert_eq!(desk.webhook_signed(&body, Some(&padded)).await.status, 200);
    assert_eq!(texts(&ann, &user).await, ["hello"]);
}

#[tokio::test]
async fn wh5_a_body_over_1_mib_is_413_and_one_of_1_mib_is_taken() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (fits, too_large) = (new_user(), new_user());
    for (user, bytes, status) in [(&fits, BODY_BYTES, 200), (&too_large, BODY_BYTES + 1, 413)] {
        let body = json!({"destination": "U", "events": [text(user, "hello")]}).to_string();
        let body = format!("{body}{}", " ".repeat(bytes - body.len()));
        let answer = desk.webhook_body(&body).await;
        assert_eq!(answer.status, status, "{bytes}");
        if status == 413 {
            answer.problem(413, "payload_too_large");
        }
    }
    assert_eq!((texts(&ann, &fits).await.len(), texts(&ann, &too_large).await.len()), (1, 0));
}

#[tokio::test]
async fn wh5_what_is_not_a_webhook_is_400_and_no_events_are_fine() {
    let desk = TestDesk::start().await;
    for body in ["", "x", "{", "[]", "5", "null", "{\"events\": 5}", "{\"events\": {}}", "\u{feff}{\"events\": []}"] {
        let answer = desk.webhook_body(body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
        answer.problem(400, "invalid_request");
    }
    // LINE's "Verify" button sends this.
    for body in ["{\"destination\": \"U\", \"events\": []}", "{\"events\": [], \"new\": 1}"] {
        let answer = desk.webhook_body(body).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "OK"), "{body}");
    }
}

#[tokio::test]
async fn re_each_channel_has_its_webhook() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    for (path, status) in
        [("/line/webhook/default", 200), ("/api/v1/line/webhook", 200), ("/line/webhook/nowhere", 404)]
    {
        let body = json!({"destination": "U", "events": [text(&user, path)]}).to_string();
        let signature = signature::sign(&desk.channel_secret, body.as_bytes());
        let request = desk.http.request(Method::POST, desk.url(path)).header("X-Line-Signature", signature).body(body);
        assert_eq!(Answer::of(request).await.status, status, "{path}");
    }
    assert_eq!(texts(&ann, &user).await, ["/line/webhook/default", "/api/v1/line/webhook"]);
}

#[tokio::test]
async fn wh3_one_broken_event_is_kept_and_does_not_hold_up_the_others() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, other) = (new_user(), new_user());
    let mut no_source = text(&user, "from nowhere");
    no_source.as_object_mut().unwrap().remove("source");
    let events = [
        text(&user, "first"),
        event(&user, "message", &json!({"message": 5})),
        json!(7),
        no_source,
        event(&user, "telepathy", &json!({"thought": "hm"})),
        event(&user, "message", &json!({"message": {"type": "text"}})),
        event(&user, "beacon", &json!({"beacon": {"hwid": "d41d8cd98f", "type": "enter"}})),
        event(
            "",
            "message",
            &json!({"source": {"type": "planet"}, "message": {"id": "1", "type": "text", "text": "x"}}),
        ),
        text(&other, "other"),
        text(&user, "last"),
    ];
    desk.receive(&events).await;
    assert_eq!(texts(&ann, &user).await, ["first", "last"]);
    assert_eq!(texts(&ann, &other).await, ["other"]);
    let kept = kept(&desk).await;
    let states: Vec<_> = kept.iter().map(|event| event.state.as_str()).collect();
    let expected = ["handled", "failed", "failed", "failed", "kept", "failed", "kept", "failed", "handled", "handled"];
    assert_eq!(states, expected);
    for (kept, sent) in kept.iter().zip(&events) {
        assert_eq!(&serde_json::from_str::<Value>(&kept.raw).unwrap(), sent, "kept as it came");
        assert_eq!(kept.error.is_some(), kept.state == "failed", "{kept:?}");
    }
}

#[tokio::test]
async fn wh3_all_of_lines_event_types_are_taken() {
    let desk = TestDesk::start().await;
    let kinds = [
        "follow",
        "unfollow",
        "join",
        "leave",
        "memberJoined",
        "memberLeft",
        "videoPlayComplete",
        "beacon",
        "accountLink",
        "membership",
        "module",
        "activated",
        "deactivated",
        "botSuspended",
        "botResumed",
        "delivery",
    ];
    let events: Vec<_> = kinds.iter().map(|kind| event(&new_user(), kind, &json!({}))).collect();
    desk.receive(&events).await;
    let failed: Vec<_> = kept(&desk).await.into_iter().filter(|event| event.state == "failed").collect();
    assert_eq!(failed, []);
}

async fn events_have_their_effects_once(desk: &mut TestDesk) {
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    let events = [text(&user, "agent"), text(&user, "still there?")];
    // Together, as LINE does when an answer is late.
    let again: Vec<_> = events.iter().map(redelivered).collect();
    let answers = futures_util::future::join_all((0..8).map(|n| desk.webhook(if n == 0 { &events } else { &again })));
    assert!(answers.await.iter().all(|answer| answer.status == 200));
    desk.receive(&again[..1]).await;
    desk.receive(&events).await;
    desk.receive(&[events[1].clone(), text(&user, "news"), events[0].clone()]).await;
    assert_eq!(texts(&ann, &user).await, ["agent", "still there?", "news"]);
    desk.restart().await;
    let ann = ann.at(desk.addr());
    desk.receive(&again).await;
    assert_eq!(texts(&ann, &user).await, ["agent", "still there?", "news"]);
    let conversation = ann.conversation(&user).await;
    assert_eq!(conversation["unread_count"], 3);
    ann.act(&user, "claim", Value::Null).await.ok();
    ann.act(&user, "close", Value::Null).await.ok();
    desk.receive(&again).await;
    assert_eq!(ann.conversation(&user).await["session"], Value::Null, "an old hand-off is no new one");
}

#[tokio::test]
async fn wh2_a_redelivered_event_has_its_effects_once_on_sqlite() {
    events_have_their_effects_once(&mut TestDesk::start().await).await;
}

#[tokio::test]
async fn wh2_a_redelivered_event_has_its_effects_once_on_postgresql() {
    let Some(url) = postgres_url() else { return };
    events_have_their_effects_once(&mut TestDesk::builder().postgres(&url).start().await).await;
}

#[tokio::test]
async fn wh2_line_may_send_again_what_it_had_no_answer_for() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    desk.line.set_redelivery(true);
    desk.line.set_redelivery_policy(5, Duration::from_millis(20));
    let user = desk.customer("Somchai");
    // The desk has stored it, and LINE never hears of that; then LINE cannot reach it at first.
    for (said, fault) in [
        ("one", Fault::cut_after().times(2)),
        ("two", Fault::cut_before().times(2)),
        ("three", Fault::status(500).once()),
    ] {
        desk.line.set_fault(Endpoint::Webhook, fault);
        desk.says(&user, said).await;
    }
    desk.line.redeliver_last().unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    assert_eq!(texts(&ann, &user).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn wh4_one_users_messages_stay_in_order_under_a_burst() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let users: Vec<_> = (0..6).map(|n| desk.customer(&format!("Customer {n}"))).collect();
    let said: Vec<_> = (0..40).map(|n| format!("message {n}")).collect();
    for text in &said {
        for user in &users {
            desk.line.send_text(user, text).unwrap();
        }
    }
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    for user in &users {
        assert_eq!(texts(&ann, user).await, said);
    }
    let batch: Vec<_> = said.iter().map(String::as_str).collect();
    let at_once = desk.customer("All at once");
    desk.line.send_texts_at_once(&at_once, &batch).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    assert_eq!(texts(&ann, &at_once).await, said);
}

#[tokio::test]
async fn wh4_a_profile_that_does_not_come_holds_up_nothing() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    desk.line.set_fault(Endpoint::Other, Fault::hang());
    for n in 0..12 {
        let user = desk.customer_waiting(&format!("Customer {n}")).await;
        assert_eq!(texts(&ann, &user).await, ["agent"]);
        ann.act(&user, "claim", Value::Null).await.ok();
        ann.act(&user, "messages", json!({"text": "hello"})).await.is(201);
        desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    }
}

#[tokio::test]
async fn wh4_names_and_pictures_come_a_little_later_and_are_told() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut socket = desk.socket(&ann).await;
    let user = desk.line.add_customer("สมชาย", "th", Some("https://line.example/p.jpg")).unwrap();
    desk.says(&user, "hello").await;
    let update = socket.event_where("conversation_update", |summary| summary["display_name"] == "สมชาย").await;
    assert_eq!(update.payload["picture_url"], "https://line.example/p.jpg");
    assert!(update.seq.is_some());
    // A picture that is not https is no picture for a page.
    let user = desk.line.add_customer("Hanako", "ja", Some("http://line.example/p.jpg")).unwrap();
    desk.says(&user, "hello").await;
    let update = socket.event_where("conversation_update", |summary| summary["display_name"] == "Hanako").await;
    assert_eq!(update.payload["picture_url"], Value::Null);
}

#[tokio::test]
async fn wh1_a_message_that_has_no_id_or_many_unknown_fields_is_no_reason_to_fail() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    let mut bare = text(&user, "no event id");
    for name in ["webhookEventId", "deliveryContext", "mode", "timestamp", "replyToken"] {
        bare.as_object_mut().unwrap().remove(name);
    }
    let strange =
        message(&user, &json!({"type": "text", "text": "a\u{0}b", "emojis": [{"index": 0}], "deep": {"a": [[[1]]]}}));
    let mut hostile = text(&user, "from the future");
    hostile["timestamp"] = i64::MAX.into();
    desk.receive(&[bare, strange, hostile]).await;
    assert_eq!(texts(&ann, &user).await, ["no event id", "a\u{0}b", "from the future"]);
    ann.get("/conversations").await.ok();
}
