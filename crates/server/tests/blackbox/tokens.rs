//! Whatever an issued access token is used for when LINE ends it: another is issued, and LINE is asked once more.

use linedesk_protocol::Role;
use linedesk_simulator::{Content, IncomingMessage};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::harness::{Builder, DEADLINE, TestDesk, eventually};

const ASSERTION_KEY: &str = include_str!("../../../line/testdata/assertion-key.json");

/// A desk whose tokens are issued, and somebody who may do everything.
async fn start(builder: Builder, kind: &str) -> (TestDesk, Client) {
    let desk = builder.simulator(|line| line.assertion_key = Some(ASSERTION_KEY.to_owned())).start().await;
    let lead = desk.operator("lead", Role::Admin).await;
    let wish = json!({"token_kind": kind, "line_channel_id": "1234567890", "assertion_key": ASSERTION_KEY});
    let told = Answer::of(lead.request(Method::POST, "/api/v1/admin/channels/1").json(&wish)).await.ok();
    assert_eq!(told["account"]["display_name"], "Citizen services", "{told}");
    (desk, lead)
}

/// How LINE answered calls of a path, the oldest first.
fn answers(desk: &TestDesk, path: &str) -> Vec<u16> {
    let about = desk.line.calls().into_iter().filter(|call| call.path == path);
    about.filter_map(|call| call.status).collect()
}

async fn files_and_names_come(kind: &str) {
    let (desk, lead) = start(TestDesk::builder(), kind).await;
    let user = desk.customer_of("Somchai", &lead).await;
    eventually("the name is known", async || {
        (lead.conversation(&user).await["display_name"] == "Somchai").then_some(())
    })
    .await;
    desk.line.end_issued_tokens();
    let photo = desk.line.send_message(&user, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    let state = eventually("the file comes to rest", async || {
        let media = lead.conversation(&user).await["messages"].as_array().unwrap().last().unwrap()["media"].clone();
        (!media.is_null() && media["state"] != "fetching").then(|| media["state"].clone())
    })
    .await;
    assert_eq!(state, "ready");
    let content = answers(&desk, &format!("/v2/bot/message/{}/content", photo.message_id));
    assert_eq!(content, [401, 200], "asked once more, at once");

    desk.line.end_issued_tokens();
    let other = desk.customer_writing("Mali").await;
    eventually("the name is known", async || (lead.conversation(&other).await["display_name"] == "Mali").then_some(()))
        .await;
    assert_eq!(answers(&desk, &format!("/v2/bot/profile/{other}")), [401, 200]);
}

#[tokio::test]
async fn files_and_names_come_after_line_ended_a_stateless_token() {
    files_and_names_come("stateless").await;
}

#[tokio::test]
async fn files_and_names_come_after_line_ended_a_v2_1_token() {
    files_and_names_come("jwt").await;
}

#[tokio::test]
async fn members_read_marks_checks_and_the_doctor_survive_an_ended_token() {
    let (desk, lead) = start(TestDesk::builder().set("mark_as_read", "on_view"), "stateless").await;
    let (mali, user) = (desk.customer("Mali"), desk.customer_of("Somchai", &lead).await);
    let group = desk.line.add_group(Some("Neighbours"), &[&mali]).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();

    desk.line.end_issued_tokens();
    desk.line.send_message_as(&group, Some(&mali), &IncomingMessage::text("hello")).unwrap();
    eventually("the member has a name, the group its number", async || {
        let conversation = lead.get(&format!("/conversations/{group}")).await;
        let told = (conversation.status == 200).then(|| conversation.json())?;
        let says = told["messages"].as_array().unwrap().iter().any(|one| one["author"]["display_name"] == "Mali");
        (says && told["member_count"] == 1).then_some(())
    })
    .await;

    desk.line.end_issued_tokens();
    let last = lead.conversation(&user).await["last_message"]["id"].clone();
    lead.act(&user, "read", json!({"message_id": last})).await.ok();
    desk.line.wait_for(|line| line.messages(&user).any(|message| message.read), DEADLINE).await.unwrap();
    assert_eq!(answers(&desk, "/v2/bot/chat/markAsRead"), [401, 200]);

    desk.line.end_issued_tokens();
    let message = json!({"line_message": {"type": "text", "text": "hello"}});
    let checked =
        Answer::of(lead.request(Method::POST, "/api/v1/admin/live-chat/messages/validate").json(&message)).await.ok();
    assert_eq!(checked["valid"], true);
    assert_eq!(answers(&desk, "/v2/bot/message/validate/push"), [401, 200]);

    desk.line.end_issued_tokens();
    let asked = lead.request(Method::POST, "/api/v1/admin/doctor").json(&json!({"test": true}));
    let told = Answer::of(asked).await.ok();
    let codes: Vec<_> = told["findings"].as_array().unwrap().iter().map(|found| found["code"].clone()).collect();
    for code in ["token_ok", "webhook_test_ok", "quota_ok"] {
        assert!(codes.contains(&json!(code)), "{code}: {told}");
    }
}

#[tokio::test]
async fn a_token_that_line_refuses_again_is_not_asked_with_for_ever() {
    let (desk, lead) = start(TestDesk::builder(), "stateless").await;
    desk.line.revoke_token();
    let message = json!({"line_message": {"type": "text", "text": "hello"}});
    let asked = lead.request(Method::POST, "/api/v1/admin/live-chat/messages/validate").json(&message);
    Answer::of(asked).await.problem(503, "line_unavailable");
    assert_eq!(answers(&desk, "/v2/bot/message/validate/push"), [401, 401]);
    desk.line.restore_token();
    let asked = lead.request(Method::POST, "/api/v1/admin/live-chat/messages/validate").json(&message);
    assert_eq!(Answer::of(asked).await.ok()["valid"], Value::Bool(true));
}
