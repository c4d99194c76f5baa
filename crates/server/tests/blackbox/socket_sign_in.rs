//! WS1–WS3: signing in on a socket, and how it ends.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_server::config::{Config, Settings};
use serde_json::{Value, json};

use super::client::Client;
use super::conversations::assert_keys;
use super::harness::TestDesk;
use super::socket::{Opening, SocketClient};

/// WS3: a frame may have so many bytes.
const FRAME_BYTES: usize = 64 * 1024;

async fn desk_and_agent() -> (TestDesk, Client) {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    (desk, ann)
}

#[tokio::test]
async fn ws1_success_says_who_one_is_and_then_who_is_there() {
    let (desk, ann) = desk_and_agent().await;
    desk.customer_writing("Somchai").await;
    let seq = ann.get("/conversations").await.ok()["seq"].clone();
    let mut socket = SocketClient::connect(desk.addr()).await;
    let id = socket.send("auth", json!({"token": ann.token})).await;
    let first = socket.next().await;
    assert_eq!(first.reply_to, Some(id));
    let welcome = first.expect("auth_success");
    assert_keys(&welcome, "admin_id operator seq resumed limits");
    assert_eq!(welcome["first_response_target_seconds"], Value::Null);
    assert_eq!(welcome["admin_id"], ann.id.to_string());
    let operator = json!({"id": ann.id, "username": "ann", "display_name": "Ann", "role": "AGENT"});
    assert_eq!((&welcome["operator"], &welcome["resumed"]), (&operator, &json!(false)));
    assert!(welcome["seq"].as_i64() >= seq.as_i64(), "{welcome} {seq}");
    assert_keys(&welcome["limits"], "text_units frame_bytes sends_per_minute media media_bytes");
    let limits = &welcome["limits"];
    assert_eq!((&limits["text_units"], &limits["frame_bytes"]), (&json!(5000), &json!(FRAME_BYTES)));
    assert_eq!((&limits["sends_per_minute"], limits["media"].is_boolean()), (&json!(60), true));
    let presence = socket.next().await.expect("presence_update");
    assert_eq!(presence, json!({"operators": [{"id": ann.id, "name": "Ann", "status": "online", "active_chats": 0}]}));
}

#[tokio::test]
async fn ws1_whatever_comes_before_is_told_so_and_the_socket_is_kept() {
    let (desk, ann) = desk_and_agent().await;
    let mut socket = SocketClient::connect(desk.addr()).await;
    for (kind, payload) in [
        ("ping", json!({})),
        ("join_room", json!({"conversation_id": 1})),
        ("send_message", json!({"text": "x"})),
        ("join_room", json!({"conversation_id": "x"})),
        ("nonsense", json!({})),
    ] {
        socket.command(kind, payload).await.error("not_authenticated");
    }
    for unreadable in ["x", "[]", ""] {
        socket.send_text(unreadable).await;
        socket.next().await.error("invalid_request");
    }
    socket.sign_in(&ann, None).await;
    socket.command("ping", json!({})).await.expect("pong");
}

#[tokio::test]
async fn ws1_many_well_formed_frames_before_it_do_not_end_the_socket() {
    let (desk, ann) = desk_and_agent().await;
    let mut socket = SocketClient::connect(desk.addr()).await;
    for _ in 0..25 {
        socket.command("ping", json!({})).await.error("not_authenticated");
    }
    socket.sign_in(&ann, None).await;
}

#[tokio::test]
async fn ws1_a_missing_token_is_one_auth_error_and_a_close() {
    let (desk, _) = desk_and_agent().await;
    for payload in [json!({}), json!({"token": null}), json!({"token": 5})] {
        let mut socket = SocketClient::connect(desk.addr()).await;
        let refused = socket.command("auth", payload.clone()).await.expect("auth_error");
        assert_keys(&refused, "code message");
        let code = refused["code"].as_str().unwrap();
        assert!(["auth_missing_token", "auth_invalid_token"].contains(&code), "{payload}: {code}");
        let expected = if code == "auth_missing_token" { 4001 } else { 4002 };
        assert_eq!(socket.closed().await, Some(expected), "{payload}");
        assert_eq!(socket.unread(), []);
    }
}

#[tokio::test]
async fn ws3_no_sign_in_in_time_is_4001() {
    let desk = TestDesk::builder().config(|config| config.sign_in_within = Duration::from_millis(300)).start().await;
    let begun = std::time::Instant::now();
    let (mut silent, mut talking) =
        (SocketClient::connect(desk.addr()).await, SocketClient::connect(desk.addr()).await);
    talking.command("ping", json!({})).await.error("not_authenticated");
    let (silent, talking) = tokio::join!(silent.closed(), talking.closed());
    assert_eq!((silent, talking), (Some(4001), Some(4001)));
    assert!(begun.elapsed() >= Duration::from_millis(300), "both had their time");
}

#[tokio::test]
async fn ws9_a_silent_client_is_left_and_one_that_pings_is_not() {
    let desk = TestDesk::builder().config(|config| config.socket_silence = Duration::from_millis(600)).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (mut silent, mut talking) = (desk.socket(&ann).await, desk.socket(&ann).await);
    let mut pings = tokio::time::interval(Duration::from_millis(100));
    let talk = async {
        for _ in 0..15 {
            pings.tick().await;
            talking.command("ping", json!({})).await.expect("pong");
        }
    };
    let (code, ()) = tokio::join!(silent.closed(), talk);
    assert_eq!(code, Some(1001));
    talking.command("ping", json!({})).await.expect("pong");
}

#[test]
fn ws1_ws9_clients_have_ten_and_sixty_seconds() {
    let config = Config::from_settings(&Settings::default()).unwrap();
    assert_eq!((config.sign_in_within, config.socket_silence), (Duration::from_secs(10), Duration::from_secs(60)));
}

#[tokio::test]
async fn ws2_auth_again_renews_the_token_of_the_same_operator() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut socket = desk.socket(&ann).await;
    desk.advance(Duration::from_mins(14));
    let token = ann.refresh_with(&ann.cookie).await.ok()["access_token"].clone();
    let renewed = socket.command("auth", json!({"token": token})).await.expect("auth_success");
    assert_eq!(renewed["admin_id"], ann.id.to_string());
    desk.advance(Duration::from_mins(14));
    socket.command("ping", json!({})).await.expect("pong");
    socket.command("set_status", json!({"status": "busy"})).await.expect("presence_update");
}

#[tokio::test]
async fn ws2_another_operators_token_is_forbidden_and_4003() {
    let (desk, ann) = desk_and_agent().await;
    let boss = desk.operator("boss", Role::SuperAdmin).await;
    let mut socket = desk.socket(&ann).await;
    socket.command("auth", json!({"token": boss.token})).await.error("forbidden");
    assert_eq!(socket.closed().await, Some(4003));
    let mut socket = desk.socket(&ann).await;
    let refused = socket.command("auth", json!({"token": "x"})).await.expect("auth_error");
    assert_eq!(refused["code"], "auth_invalid_token");
    assert_eq!(socket.closed().await, Some(4002));
}

#[tokio::test]
async fn ws3_a_foreign_origin_is_refused_at_the_upgrade() {
    let desk = TestDesk::builder().set("public_url", "https://desk.example/").start().await;
    let own = format!("http://{}", desk.addr());
    for (origin, is_taken) in [
        (own.as_str(), true),
        ("https://desk.example", true),
        ("https://evil.example", false),
        ("https://desk.example.evil.example", false),
        ("http://desk.example", false),
        ("null", false),
        ("", false),
    ] {
        let opening = Opening { headers: vec![("origin", origin.to_owned())], ..Opening::default() };
        let opened = SocketClient::open(desk.addr(), &opening).await;
        assert_eq!(opened.map(drop), if is_taken { Ok(()) } else { Err(403) }, "{origin}");
    }
    // Programs have none.
    SocketClient::connect(desk.addr()).await;
    desk.get("/api/v1/ws/live-chat").await.problem(400, "invalid_request");
}

#[tokio::test]
async fn ws3_a_frame_over_64_kib_is_4009_and_one_of_64_kib_is_not() {
    let (desk, ann) = desk_and_agent().await;
    let padded = |bytes: usize| {
        let frame = json!({"type": "ping", "payload": {}, "id": "padded", "pad": ""}).to_string();
        frame.replace("\"pad\":\"\"", &format!("\"pad\":\"{}\"", "x".repeat(bytes - frame.len())))
    };
    for bytes in [FRAME_BYTES + 1, 4 * FRAME_BYTES, 40 * FRAME_BYTES] {
        let mut socket = desk.socket(&ann).await;
        socket.send_text(&padded(FRAME_BYTES)).await;
        socket.answer("padded").await.expect("pong");
        socket.send_text(&padded(bytes)).await;
        assert_eq!(socket.closed().await, Some(4009), "{bytes}");
    }
    let mut socket = SocketClient::connect(desk.addr()).await;
    socket.send_text(&padded(FRAME_BYTES + 1)).await;
    assert_eq!(socket.closed().await, Some(4009));
    let mut socket = desk.socket(&ann).await;
    socket.send_binary(vec![0; FRAME_BYTES + 1]).await;
    assert_eq!(socket.closed().await, Some(4009));
}

#[tokio::test]
async fn ws4_twenty_malformed_frames_in_a_row_are_4010() {
    let (desk, ann) = desk_and_agent().await;
    let mut socket = desk.socket(&ann).await;
    let malformed = ["x", "[]", "{\"type\":5}", "{\"type\":\"nonsense\"}", "{\"type\":\"mark_read\",\"payload\":{}}"];
    for _ in 0..2 {
        for n in 0..19 {
            socket.send_text(malformed[n % malformed.len()]).await;
            socket.event("error").await;
        }
        // A good one begins the count anew.
        socket.command("ping", json!({})).await.expect("pong");
    }
    for n in 0..20 {
        socket.send_text(malformed[n % malformed.len()]).await;
    }
    assert_eq!(socket.closed().await, Some(4010));
    let answers = socket.unread().into_iter().filter(|frame| frame.kind == "error").count();
    assert_eq!(answers, 20, "each was answered");
}

#[tokio::test]
async fn ws3_a_client_may_close_and_is_answered() {
    let (desk, ann) = desk_and_agent().await;
    let socket = desk.socket(&ann).await;
    socket.close().await;
    let operators = super::harness::eventually("the operator is offline", async || {
        let operators = ann.get("/operators").await.ok();
        (operators["operators"][0]["status"] == "offline").then_some(operators)
    })
    .await;
    assert_ne!(operators, Value::Null);
}
