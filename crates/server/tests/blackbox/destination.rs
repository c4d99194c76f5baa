//! Whose webhooks a channel takes: those of the account that its access token is of.

use std::time::Duration;

use linedesk_protocol::{Role, Timestamp};
use linedesk_simulator::Direction;
use linedesk_store::ops::channels::{self, Channel};
use linedesk_store::ops::webhook::list_kept;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::harness::{DEADLINE, TestDesk, eventually};
use super::line_events::{new_user, text};

const OTHER: &str = "U00000000000000000000000000000bad";

async fn channel(desk: &TestDesk) -> Channel {
    desk.in_store(|tx| Ok(channels::list(tx)?)).await.remove(0)
}

/// The desk has asked LINE whose token it has.
async fn is_known(desk: &TestDesk) {
    let known = eventually("LINE tells whose channel it is", async || channel(desk).await.bot_user_id).await;
    assert_eq!(known, desk.line.bot_user_id());
}

async fn listed(lead: &Client) -> Value {
    Answer::of(lead.request(Method::GET, "/api/v1/admin/channels")).await.ok()["channels"][0].clone()
}

async fn found(lead: &Client) -> Vec<Value> {
    let asked = lead.request(Method::POST, "/api/v1/admin/doctor").json(&json!({"test": false}));
    Answer::of(asked).await.ok()["findings"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_webhook_for_another_account_is_refused_and_told_and_nothing_of_it_is_kept() {
    let desk = TestDesk::start().await;
    let lead = desk.operator("lead", Role::Admin).await;
    let user = new_user();
    let to = |destination: &Value| json!({"destination": destination, "events": [text(&user, "hello")]}).to_string();
    is_known(&desk).await;

    let refused = desk.webhook_body(&to(&json!(OTHER))).await.problem(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("another LINE account"), "{refused}");
    assert_eq!(desk.in_store(|tx| Ok(list_kept(tx, 0, 10)?)).await, []);
    lead.get(&format!("/conversations/{user}")).await.problem(404, "conversation_not_found");
    // LINE's "Verify" has no events, and tells nothing.
    let verify = json!({"destination": OTHER, "events": []}).to_string();
    assert_eq!(desk.webhook_body(&verify).await.status, 200);

    assert_eq!(listed(&lead).await["misdirected"]["destination"], OTHER);
    let told = found(&lead).await.into_iter().find(|found| found["code"] == "webhook_misdirected").unwrap();
    assert_eq!((&told["level"], &told["channel"]), (&json!("wrong"), &json!("default")), "{told}");

    // What tells nobody's id is taken: a lost message is worse.
    for destination in [json!(desk.line.bot_user_id()), json!("U"), json!(""), Value::Null] {
        assert_eq!(desk.webhook_body(&to(&destination)).await.status, 200, "{destination}");
    }
}

#[tokio::test]
async fn a_channel_whose_account_line_does_not_tell_takes_what_its_secret_signed() {
    let mut desk = TestDesk::start().await;
    is_known(&desk).await;
    desk.line.revoke_token();
    let lead = desk.operator("lead", Role::Admin).await;
    let changed = lead.request(Method::POST, "/api/v1/admin/channels/1").json(&json!({"access_token": "wrong"}));
    assert!(Answer::of(changed).await.ok()["warning"].is_string());
    assert_eq!(channel(&desk).await.bot_user_id, None, "it was the old token's");
    let body = json!({"destination": OTHER, "events": [text(&new_user(), "hello")]}).to_string();
    assert_eq!(desk.webhook_body(&body).await.status, 200);
    // The right token again, from the configuration; a start asks anew.
    desk.line.restore_token();
    desk.restart().await;
    is_known(&desk).await;
    assert_eq!(desk.webhook_body(&body).await.status, 409);
}

#[tokio::test]
async fn what_was_refused_comes_in_when_the_channel_is_right_and_line_sends_it_again() {
    let mut desk = TestDesk::start().await;
    is_known(&desk).await;
    // As if the token were another account's.
    desk.stop().await;
    let of = channel(&desk).await.updated_at;
    desk.in_store(move |tx| {
        let id = channels::list(tx)?[0].id;
        channels::save_bot_user(tx, id, Timestamp(0), "a change since then is not overwritten")?;
        Ok(channels::save_bot_user(tx, id, of, OTHER)?)
    })
    .await;
    assert_eq!(channel(&desk).await.bot_user_id.as_deref(), Some(OTHER));
    desk.start_node().await;
    let lead = desk.operator("lead", Role::Admin).await;
    desk.line.set_redelivery(true);
    desk.line.set_redelivery_policy(20, Duration::from_millis(20));
    let user = desk.customer("Somchai");
    desk.line.send_text(&user, "is sent again").unwrap();
    let is_refused = |call: &linedesk_simulator::Call| call.direction == Direction::ToDesk && call.status == Some(409);
    desk.line.wait_for(|line| line.calls().any(is_refused), DEADLINE).await.unwrap();
    assert_eq!(listed(&lead).await["misdirected"]["destination"], desk.line.bot_user_id());

    // Any change asks LINE anew.
    let changed = Answer::of(lead.request(Method::POST, "/api/v1/admin/channels/1").json(&json!({}))).await.ok();
    assert_eq!(changed.get("misdirected"), None, "{changed}");
    eventually("it comes in", async || (lead.get(&format!("/conversations/{user}")).await.status == 200).then_some(()))
        .await;
    assert_eq!(lead.conversation(&user).await["messages"][0]["content"], "is sent again");
    assert_eq!(listed(&lead).await.get("misdirected"), None);
    assert!(found(&lead).await.iter().all(|found| found["code"] != "webhook_misdirected"));
}
