//! AU3: who one is comes from the token only, and is looked up afresh.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use linedesk_protocol::{OperatorId, Role, Timestamp};
use linedesk_store::Origin;
use linedesk_store::ops::operators;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::Client;
use super::harness::TestDesk;
use super::socket::SocketClient;

/// AU3's five seconds, and what a busy machine takes.
const SOON: Duration = Duration::from_secs(5);

async fn set_role(desk: &TestDesk, client: &Client, role: Role) {
    let (id, now) = (OperatorId(client.id), Timestamp(desk.now_ms()));
    desk.in_store(move |tx| operators::set_role(tx, id, role, &Origin::system("test"), now)).await;
}

#[tokio::test]
async fn au3_deactivation_ends_open_sockets_and_tokens() {
    let desk = TestDesk::start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let (mut first, mut second, mut bens) = (desk.socket(&ann).await, desk.socket(&ann).await, desk.socket(&ben).await);
    let (id, now) = (OperatorId(ann.id), Timestamp(desk.now_ms()));
    desk.in_store(move |tx| operators::deactivate(tx, id, &Origin::system("test"), now)).await;
    let ended = async { (first.closed().await, second.closed().await) };
    assert_eq!(tokio::time::timeout(SOON, ended).await.unwrap(), (Some(4002), Some(4002)));
    ann.get("/conversations").await.problem(401, "auth_invalid_token");
    ann.refresh_with(&ann.cookie).await.problem(401, "auth_invalid_token");
    bens.command("ping", json!({})).await.expect("pong");
    let operators = ben.get("/operators").await.ok();
    assert_eq!(operators["operators"].as_array().unwrap().len(), 1, "{operators}");
}

#[tokio::test]
async fn au3_another_role_counts_at_once_and_sockets_come_back_with_it() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Admin).await;
    let mut socket = desk.socket(&ann).await;
    socket.command("subscribe_analytics", json!({})).await.expect("analytics_update");
    set_role(&desk, &ann, Role::Agent).await;
    assert_eq!(tokio::time::timeout(SOON, socket.closed()).await.unwrap(), Some(4002));
    assert_eq!(ann.auth(Method::GET, "me", None).await.ok()["role"], "AGENT");
    let mut again = desk.socket(&ann).await;
    assert_eq!(again.welcome["operator"]["role"], "AGENT");
    again.command("subscribe_analytics", json!({})).await.error("forbidden");
}

#[tokio::test]
async fn au3_an_admin_id_that_a_client_sends_is_ignored() {
    let desk = TestDesk::start().await;
    let (ann, boss) = (desk.operator("ann", Role::Agent).await, desk.operator("boss", Role::SuperAdmin).await);
    let user = desk.customer_waiting("Somchai").await;
    let mut socket = SocketClient::connect(desk.addr()).await;
    let as_boss = |mut payload: Value| {
        for name in ["admin_id", "operator_id", "user_id"] {
            payload[name] = boss.id.into();
        }
        payload["role"] = "SUPER_ADMIN".into();
        payload
    };
    let welcome = socket.command("auth", as_boss(json!({"token": ann.token}))).await.expect("auth_success");
    assert_eq!(welcome["admin_id"], ann.id.to_string());
    let claimed = socket.command("claim_session", as_boss(json!({"line_user_id": user}))).await;
    assert_eq!(claimed.expect("session_claimed")["operator_id"], ann.id);
    let payload = as_boss(json!({"line_user_id": user, "text": "hello"}));
    let sent = socket.command("send_message", payload).await.expect("message_sent");
    assert_eq!((&sent["operator_id"], &sent["sender_role"]), (&json!(ann.id), &json!("ADMIN")));
    socket.command("subscribe_analytics", as_boss(json!({}))).await.error("forbidden");
    let sent = ann.act(&user, "messages", as_boss(json!({"text": "again"}))).await.is(201);
    assert_eq!(sent["operator_id"], ann.id);
}

#[tokio::test]
async fn au3_forged_foreign_and_malformed_tokens_are_refused() {
    let (desk, other) = (TestDesk::start().await, TestDesk::start().await);
    let ann = desk.operator("ann", Role::Agent).await;
    let foreign = other.operator("ann", Role::SuperAdmin).await.token;
    let parts: Vec<_> = ann.token.split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let mut raised = claims.clone();
    raised["sub"] = "1".into();
    raised["exp"] = 9_999_999_999_i64.into();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let tokens = [
        foreign,
        format!("{}.{}.{}", parts[0], encode(&raised), parts[2]),
        format!("{}.{}.", encode(&json!({"alg": "none", "typ": "JWT"})), parts[1]),
        format!("{}.{}.{}", encode(&json!({"alg": "HS512", "typ": "JWT"})), parts[1], parts[2]),
        ann.token[..ann.token.len() - 4].to_owned(),
        ann.cookie.clone(),
        "x".to_owned(),
        String::new(),
    ];
    for token in tokens {
        let forged = Client { token: token.clone(), ..ann.clone() };
        forged.get("/conversations").await.problem(401, "auth_invalid_token");
        let mut socket = SocketClient::connect(desk.addr()).await;
        let refused = socket.command("auth", json!({"token": token})).await.expect("auth_error");
        assert_eq!(refused["code"], "auth_invalid_token", "{token}");
        assert_eq!(socket.closed().await, Some(4002));
    }
    let basic = ann.http.get(desk.url("/api/v1/auth/me")).header("authorization", "Basic YTpi");
    super::client::Answer::of(basic).await.problem(401, "auth_invalid_token");
}

#[tokio::test]
async fn au3_an_expired_token_is_refused_and_ends_an_open_socket() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut socket = desk.socket(&ann).await;
    desk.advance(Duration::from_hours(1));
    ann.get("/conversations").await.problem(401, "auth_expired_token");
    let mut late = SocketClient::connect(desk.addr()).await;
    let refused = late.command("auth", json!({"token": ann.token})).await.expect("auth_error");
    assert_eq!(refused["code"], "auth_expired_token");
    assert_eq!(late.closed().await, Some(4002));
    // The clock of this desk was moved behind the back of its timers: the next thing that happens looks at it.
    socket.send("ping", json!({})).await;
    assert_eq!(socket.closed().await, Some(4002));
}
