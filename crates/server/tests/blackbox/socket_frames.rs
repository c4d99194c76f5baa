//! WS4, WS5: whatever comes in is answered once, and nothing of it ends the socket.

use linedesk_protocol::Role;
use serde_json::{Value, json};

use super::client::Client;
use super::harness::TestDesk;
use super::line_events::new_user;
use super::socket::SocketClient;

async fn desk_with_a_chat() -> (TestDesk, Client, String, SocketClient) {
    let desk = TestDesk::builder().without_limits().start().await;
    let ann = desk.operator("ann", Role::Admin).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let socket = desk.socket(&ann).await;
    (desk, ann, user, socket)
}

#[tokio::test]
async fn ws4_what_cannot_be_read_is_an_invalid_request() {
    let (_desk, _ann, _user, mut socket) = desk_with_a_chat().await;
    let deep = "[".repeat(20_000);
    for text in
        ["", " ", "x", "{", "[]", "5", "null", "true", "\"ping\"", "{\"type\":\"ping\"}}", &deep, "{'type':'ping'}"]
    {
        socket.send_text(text).await;
        let error = socket.event_where("error", |_| true).await;
        assert_eq!(error.reply_to, None);
        error.error("invalid_request");
        socket.command("ping", json!({})).await.expect("pong");
    }
    socket.send_binary(b"{\"type\":\"ping\",\"payload\":{}}".to_vec()).await;
    socket.event_where("error", |_| true).await.error("invalid_request");
    socket.command("ping", json!({})).await.expect("pong");
}

#[tokio::test]
async fn ws4_wrong_fields_are_named() {
    let (_desk, _ann, user, mut socket) = desk_with_a_chat().await;
    for (frame, field) in [
        (json!({}), "type"),
        (json!({"type": 5}), "type"),
        (json!({"type": null}), "type"),
        (json!({"type": "ping", "id": 5}), "id"),
        (json!({"type": "ping", "id": "x".repeat(101)}), "id"),
        (json!({"type": "ping", "payload": []}), "payload"),
        (json!({"type": "ping", "payload": "x"}), "payload"),
        (json!({"type": "join_room", "payload": {"conversation_id": "1"}}), "conversation_id"),
        (json!({"type": "join_room", "payload": {"line_user_id": 5}}), "line_user_id"),
        (json!({"type": "join_room", "payload": {"line_user_id": "Somchai"}}), "line_user_id"),
        (json!({"type": "join_room", "payload": {"line_user_id": user, "after_message_id": "x"}}), "after_message_id"),
        (json!({"type": "send_message", "payload": {}}), "text"),
        (json!({"type": "send_message", "payload": {"text": []}}), "text"),
        (json!({"type": "send_message", "payload": {"message": {"text": 1}}}), "message.text"),
        (
            json!({"type": "send_message", "payload": {"line_user_id": user, "text": "x", "temp_id": "x".repeat(101)}}),
            "temp_id",
        ),
        (
            json!({"type": "send_message", "payload": {"line_user_id": user, "text": "x", "quote_message_id": 999}}),
            "quote_message_id",
        ),
        (json!({"type": "retry_message", "payload": {}}), "message_id"),
        (json!({"type": "cancel_message", "payload": {"message_id": "5"}}), "message_id"),
        (json!({"type": "mark_read", "payload": {"line_user_id": user}}), "message_id"),
        (json!({"type": "transfer_session", "payload": {"line_user_id": user}}), "to_operator_id"),
        (
            json!({"type": "transfer_session", "payload": {"line_user_id": user, "to_operator_id": 1, "reason": "x".repeat(256)}}),
            "reason",
        ),
        (json!({"type": "set_status", "payload": {}}), "status"),
        (json!({"type": "set_status", "payload": {"status": "asleep"}}), "status"),
        (json!({"type": "set_status", "payload": {"status": "offline"}}), "status"),
        (json!({"type": "auth", "payload": {"token": 5}}), "token"),
        (json!({"type": "auth", "payload": {"token": "x", "resume_after": "y"}}), "resume_after"),
    ] {
        let mut frame = frame;
        let has_id = frame.get("id").is_none();
        if has_id {
            frame["id"] = "mine".into();
        }
        socket.send_text(&frame.to_string()).await;
        let answer = socket.event_where("error", |_| true).await;
        assert_eq!(answer.reply_to.as_deref(), has_id.then_some("mine"), "{frame}");
        let error = answer.error("validation_error");
        assert_eq!(error["details"]["field"], field, "{frame}: {error}");
        socket.command("ping", json!({})).await.expect("pong");
    }
}

#[tokio::test]
async fn ws4_unknown_types_are_unknown_events_and_unknown_fields_are_ignored() {
    let (_desk, _ann, _user, mut socket) = desk_with_a_chat().await;
    for kind in ["dance", "", "PING", "auth_success", "new_message"] {
        let error = socket.command(kind, json!({})).await.error("unknown_event");
        assert_eq!(error["retryable"], false);
    }
    let frame = json!({"type": "ping", "id": "x", "payload": {"extra": 1}, "extra": [], "timestamp": "yesterday"});
    socket.send_text(&frame.to_string()).await;
    socket.answer("x").await.expect("pong");
    for payload in ["", ",\"payload\":null"] {
        socket.send_text(&format!("{{\"type\":\"ping\",\"id\":\"bare\"{payload}}}")).await;
        socket.answer("bare").await.expect("pong");
    }
    socket.send_text("{\"type\":\"ping\"}").await;
    assert_eq!(socket.event_where("pong", |_| true).await.reply_to, None);
}

/// Every command, done: `(type, payload, type of its answer)`.
async fn commands_that_succeed(desk: &TestDesk, ann: &Client, user: &str) -> Vec<(&'static str, Value, &'static str)> {
    let ben = desk.add_operator("ben", Role::Agent).await;
    let waiting = desk.customer_waiting("Waiting").await;
    let messages = ann.conversation(user).await["messages"].clone();
    let to = |user: &str| json!({"line_user_id": user});
    vec![
        ("ping", json!({}), "pong"),
        ("join_room", to(user), "conversation_update"),
        ("send_message", json!({"text": "hello", "temp_id": "t1"}), "message_sent"),
        ("send_message", json!({"text": "hello", "temp_id": "t1"}), "message_sent"),
        ("send_message", json!({"message": {"text": "wrapped", "temp_id": "t2"}}), "message_sent"),
        ("mark_read", json!({"message_id": messages[0]["id"]}), "conversation_read"),
        ("mark_read", json!({"message_id": messages[0]["id"]}), "conversation_read"),
        ("claim_session", to(&waiting), "session_claimed"),
        ("claim_session", to(&waiting), "session_claimed"),
        ("release_session", to(&waiting), "session_released"),
        (
            "transfer_session",
            json!({"line_user_id": waiting, "to_operator_id": ben, "reason": "r"}),
            "session_transferred",
        ),
        ("close_session", to(&waiting), "session_closed"),
        ("set_status", json!({"status": "away"}), "presence_update"),
        ("set_status", json!({"status": "away"}), "presence_update"),
        ("subscribe_analytics", json!({}), "analytics_update"),
        ("unsubscribe_analytics", json!({}), "analytics_update"),
        ("auth", json!({"token": ann.token}), "auth_success"),
        ("leave_room", json!({}), "room_left"),
        ("leave_room", json!({}), "room_left"),
    ]
}

#[tokio::test]
async fn ws5_every_command_that_succeeds_has_exactly_one_answer() {
    let (desk, ann, user, mut socket) = desk_with_a_chat().await;
    let commands = commands_that_succeed(&desk, &ann, &user).await;
    let mut expected = Vec::new();
    // All at once: answers come in the order of the commands.
    for (kind, payload, answer) in commands {
        expected.push((socket.send(kind, payload).await, answer.to_owned()));
    }
    let mut answers = Vec::new();
    for (id, kind) in &expected {
        let frame = socket.answer(id).await;
        assert_eq!(&frame.kind, kind, "{frame:?}");
        answers.push(frame);
    }
    let more: Vec<_> = socket.all(&desk).await.into_iter().filter(|frame| frame.reply_to.is_some()).collect();
    assert_eq!(more, [], "answered twice");
    assert_eq!(answers[2].payload["id"], answers[3].payload["id"], "the same temp_id, the same message");
    assert_eq!(answers[2].payload["temp_id"], "t1");
    assert_eq!(answers[4].payload["content"], "wrapped");
    assert_eq!(
        (&answers[17].payload["line_user_id"], &answers[18].payload["line_user_id"]),
        (&json!(user), &Value::Null)
    );
    assert!(answers[0].payload["server_time"].is_string());
}

#[tokio::test]
async fn ws5_every_command_that_is_refused_has_exactly_one_error() {
    let desk = TestDesk::builder().without_limits().start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let (bens, bot) = (desk.customer_of("Ben's", &ben).await, desk.customer_writing("Bot").await);
    let message = ben.act(&bens, "messages", json!({"text": "x"})).await.is(201)["id"].clone();
    let nobody = new_user();
    let mut socket = desk.socket(&ann).await;
    let to = |user: &str| json!({"line_user_id": user});
    let say = |user: &str, text: &str| json!({"line_user_id": user, "text": text, "temp_id": "t1"});
    let on_none = ["typing_start", "typing_stop", "claim_session", "release_session", "close_session"];
    let mut refused: Vec<(&str, Value, &str)> = on_none.iter().map(|kind| (*kind, json!({}), "not_in_room")).collect();
    refused.extend(on_none.iter().skip(2).map(|kind| (*kind, to(&nobody), "conversation_not_found")));
    refused.extend([
        ("join_room", json!({}), "not_in_room"),
        ("join_room", to(&nobody), "conversation_not_found"),
        ("join_room", json!({"conversation_id": 999}), "conversation_not_found"),
        ("send_message", json!({"text": "x"}), "not_in_room"),
        ("send_message", say(&nobody, "x"), "conversation_not_found"),
        ("send_message", say(&bens, ""), "invalid_request"),
        ("send_message", say(&bens, " \n"), "invalid_request"),
        ("send_message", say(&bens, &"😀".repeat(2501)), "message_too_long"),
        ("send_message", say(&bot, "x"), "session_not_found"),
        ("send_message", say(&bens, "x"), "forbidden"),
        ("retry_message", json!({"message_id": 999}), "not_found"),
        ("cancel_message", json!({"message_id": 999}), "not_found"),
        ("retry_message", json!({"message_id": message}), "forbidden"),
        ("cancel_message", json!({"message_id": message}), "forbidden"),
        ("mark_read", json!({"line_user_id": bot, "message_id": 999}), "not_found"),
        ("mark_read", json!({"message_id": 999}), "not_in_room"),
        ("typing_stop", to(&bens), "not_in_room"),
        ("claim_session", to(&bot), "session_not_found"),
        ("claim_session", to(&bens), "session_not_found"),
        ("release_session", to(&bens), "forbidden"),
        ("close_session", to(&bens), "forbidden"),
        ("close_session", to(&bot), "session_not_found"),
        ("transfer_session", json!({"line_user_id": bens, "to_operator_id": ann.id}), "forbidden"),
        ("transfer_session", json!({"to_operator_id": ann.id}), "not_in_room"),
        ("subscribe_analytics", json!({}), "forbidden"),
        ("unsubscribe_analytics", json!({}), "forbidden"),
    ]);
    let mut expected = Vec::new();
    for (kind, payload, code) in refused {
        let temp_id = payload["temp_id"].clone();
        expected.push((socket.send(kind, payload).await, code, temp_id));
    }
    for (id, code, temp_id) in &expected {
        let error = socket.answer(id).await.error(code);
        assert_eq!(&error["temp_id"], temp_id, "{id}");
    }
    let more: Vec<_> = socket.all(&desk).await.into_iter().filter(|frame| frame.reply_to.is_some()).collect();
    assert_eq!(more, [], "answered twice");
    let none = socket.command("claim_session", to(&bot)).await.error("session_not_found");
    assert_eq!(none["details"]["reason"], "none");
    let taken = socket.command("claim_session", to(&bens)).await.error("session_not_found");
    assert_eq!(taken["details"], json!({"reason": "already_claimed", "operator_id": ben.id, "operator_name": "Ben"}));
}

#[tokio::test]
async fn ws5_typing_is_answered_only_when_it_is_refused() {
    let (desk, _ann, user, mut socket) = desk_with_a_chat().await;
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    let ids = [socket.send("typing_start", json!({})).await, socket.send("typing_stop", json!({})).await];
    let frames = socket.all(&desk).await;
    assert!(!frames.iter().any(|frame| ids.iter().any(|id| frame.reply_to.as_ref() == Some(id))), "{frames:?}");
}

#[tokio::test]
async fn ws5_commands_act_on_what_they_name_else_on_the_joined_room() {
    let (desk, ann, user, mut socket) = desk_with_a_chat().await;
    let other = desk.customer_of("Other", &ann).await;
    let other_id = ann.id_of(&other).await;
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    let sent = socket.command("send_message", json!({"text": "here"})).await.expect("message_sent");
    assert_eq!(sent["line_user_id"], user);
    for target in [json!({"line_user_id": other}), json!({"conversation_id": other_id})] {
        let mut payload = target;
        payload["text"] = "there".into();
        let sent = socket.command("send_message", payload).await.expect("message_sent");
        assert_eq!(sent["line_user_id"], other);
    }
    let closed = socket.command("close_session", json!({"conversation_id": other_id})).await.expect("session_closed");
    assert_eq!(closed["line_user_id"], other);
    let closed = socket.command("close_session", json!({})).await.expect("session_closed");
    assert_eq!(closed["line_user_id"], user);
}

#[tokio::test]
async fn ws5_a_temp_id_is_one_message_over_sockets_and_rest() {
    let (desk, ann, user, mut socket) = desk_with_a_chat().await;
    let body = json!({"line_user_id": user, "text": "once", "temp_id": "t1"});
    let sent = socket.command("send_message", body.clone()).await.expect("message_sent");
    let again = ann.act(&user, "messages", json!({"text": "once", "temp_id": "t1"})).await.is(200);
    let mut second = desk.socket(&ann).await;
    let third = second.command("send_message", body).await.expect("message_sent");
    assert_eq!((&again["id"], &third["id"]), (&sent["id"], &sent["id"]));
    desk.line.wait_for(|line| line.received(&user).count() > 0, super::harness::DEADLINE).await.unwrap();
    ann.act(&user, "messages", json!({"text": "last"})).await.is(201);
    let is_last = |line: &linedesk_simulator::Platform| line.received(&user).any(|m| m.text.as_deref() == Some("last"));
    desk.line.wait_for(is_last, super::harness::DEADLINE).await.unwrap();
    assert_eq!(desk.line.received(&user).len(), 2);
}
