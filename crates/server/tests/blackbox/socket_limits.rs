//! WS7, WS8: how much one may ask for, and what becomes of those who do not listen.

use std::time::Duration;

use linedesk_protocol::Role;
use serde_json::{Value, json};

use super::harness::{TestDesk, nats_url, postgres_url};
use super::line_events::{message, new_user};
use super::socket::{Opening, SocketClient};

fn advance_by_retry_after(desk: &TestDesk, error: &Value) {
    let wait = error["retry_after_ms"].as_u64().expect("retry_after_ms");
    assert!((1..=60_000).contains(&wait) && error["retryable"] == true, "{error}");
    desk.advance(Duration::from_millis(wait));
}

#[tokio::test]
async fn ws7_sending_has_a_burst_of_20_and_60_a_minute_over_all_sockets_and_rest() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let (ann, boss) = (desk.operator("ann", Role::Agent).await, desk.operator("boss", Role::Admin).await);
    let user = desk.customer_of("Somchai", &ann).await;
    let (mut one, mut two) = (desk.socket(&ann).await, desk.socket(&ann).await);
    let say = |n: u32| json!({"line_user_id": user, "text": format!("{n}"), "temp_id": format!("t{n}")});
    for n in 0..20 {
        let socket = if n % 2 == 0 { &mut one } else { &mut two };
        socket.command("send_message", say(n)).await.expect("message_sent");
    }
    for socket in [&mut one, &mut two] {
        let error = socket.command("send_message", say(20)).await.error("rate_limit_exceeded");
        assert_eq!(error["temp_id"], "t20");
    }
    let refused = ann.act(&user, "messages", json!({"text": "rest"})).await;
    refused.problem(429, "rate_limit_exceeded");
    assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().unwrap() >= 1));
    // A new socket is no new allowance, and a colleague has their own.
    let mut three = desk.socket(&ann).await;
    let error = three.command("send_message", say(20)).await.error("rate_limit_exceeded");
    boss.act(&user, "messages", json!({"text": "mine"})).await.is(201);
    advance_by_retry_after(&desk, &error);
    one.command("send_message", say(20)).await.expect("message_sent");
    one.command("send_message", say(21)).await.error("rate_limit_exceeded");
    desk.advance(Duration::from_mins(1));
    let mut sent = 0;
    while one.command("send_message", say(100 + sent)).await.kind == "message_sent" {
        sent += 1;
    }
    assert_eq!(sent, 20, "the burst again, not more");
    let stored = ann.get(&format!("/conversations/{user}/messages?limit=100")).await.ok();
    assert_eq!(stored["messages"].as_array().unwrap().len(), 1 + 20 + 1 + 1 + 20, "what was refused is nowhere");
}

#[tokio::test]
async fn ws7_typing_is_one_in_two_seconds() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    socket.send("typing_start", json!({})).await;
    let error = socket.command("typing_start", json!({})).await.error("rate_limit_exceeded");
    assert_eq!(error["retry_after_ms"], 2000);
    advance_by_retry_after(&desk, &error);
    let id = socket.send("typing_start", json!({})).await;
    let frames = socket.all(&desk).await;
    assert!(frames.iter().all(|frame| frame.reply_to.as_ref() != Some(&id)), "{frames:?}");
}

#[tokio::test]
async fn ws7_other_commands_have_a_limit_and_pings_have_none() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut socket = desk.socket(&ann).await;
    let mut taken = 0;
    let error = loop {
        let answer = socket.command("leave_room", json!({})).await;
        if answer.kind == "error" {
            break answer.error("rate_limit_exceeded");
        }
        taken += 1;
        assert!(taken <= 240, "240 a minute");
    };
    assert!(taken >= 20, "a console that starts asks for much: {taken}");
    for _ in 0..300 {
        socket.command("ping", json!({})).await.expect("pong");
    }
    advance_by_retry_after(&desk, &error);
    socket.command("leave_room", json!({})).await.expect("room_left");
    socket.command("leave_room", json!({})).await.error("rate_limit_exceeded");
}

#[tokio::test]
async fn ws7_limits_are_configurable_and_told() {
    let desk = TestDesk::builder().manual_clock().set("sends_per_minute", "2").set("sends_burst", "1").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    assert_eq!(socket.welcome["limits"]["sends_per_minute"], 2);
    let say = json!({"line_user_id": user, "text": "x"});
    socket.command("send_message", say.clone()).await.expect("message_sent");
    let error = socket.command("send_message", say).await.error("rate_limit_exceeded");
    assert_eq!(error["retry_after_ms"], 30_000);
}

#[tokio::test]
async fn ws7_limits_count_over_all_nodes() {
    let (Some(postgres), Some(nats)) = (postgres_url(), nats_url()) else { return };
    let builder = TestDesk::builder().postgres(&postgres).nats(&nats).manual_clock().set("sends_burst", "30");
    let mut desk = builder.start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let second = desk.start_node().await;
    let mut there = SocketClient::signed_in(&ann.at(desk.addr_of(second)), None).await;
    let mut here = desk.socket(&ann).await;
    let say = json!({"line_user_id": user, "text": "x"});
    for _ in 0..30 {
        here.command("send_message", say.clone()).await.expect("message_sent");
    }
    // The hint is on its way; it is here long before as many were sent there.
    let mut sent = 0;
    while there.command("send_message", say.clone()).await.kind == "message_sent" {
        sent += 1;
    }
    assert!(sent < 30, "{sent}");
}

/// Some messages whose frames have 40 kB each.
fn large_messages(user: &str) -> Vec<Value> {
    let sticker = json!({"type": "sticker", "stickerId": "1", "padding": "x".repeat(40_000)});
    (0..5).map(|_| message(user, &sticker)).collect()
}

#[tokio::test]
async fn ws8_a_client_that_does_not_read_is_dropped_and_nobody_waits_for_it() {
    let desk = TestDesk::start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let user = new_user();
    desk.receive(&[super::line_events::text(&user, "hello")]).await;
    let opening = Opening { receive_buffer: Some(4096), ..Opening::default() };
    let mut deaf = SocketClient::open(desk.addr(), &opening).await.unwrap();
    deaf.sign_in(&ann, None).await;
    let mut reader = desk.socket(&ben).await;
    for socket in [&mut deaf, &mut reader] {
        socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    }
    // Until its queue and the kernel's buffers are full, and it is gone for the others while it still does not read.
    let mut sent = 0;
    while ben.get("/operators").await.ok()["operators"][0]["status"] == "online" {
        let events = large_messages(&user);
        desk.receive(&events).await;
        for _ in &events {
            reader.event_where("new_message", |payload| payload["message_type"] == "sticker").await;
        }
        sent += events.len();
        assert!(sent < 1_000, "40 MB wait for it");
    }
    reader.presence(|who| who.len() == 1 && who[0].0 == ben.id).await;
    reader.event("operator_left").await;
    reader.command("ping", json!({})).await.expect("pong");
    // When it reads at last, it finds the end: with its reason, if that still got through.
    let code = deaf.closed().await;
    assert!(matches!(code, Some(4008) | None), "{code:?}");
    let heard = deaf.unread().iter().filter(|frame| frame.kind == "new_message").count();
    assert!(heard < sent, "{heard} of {sent}");
    // And it can come back for what it missed.
    let again = SocketClient::signed_in(&ann, Some(deaf.last_seq)).await;
    assert_eq!(again.welcome["resumed"], true);
}
