//! RE rows that act on a conversation: start, claim, release, close, transfer, mode, read, profile, archive.

use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault, How};
use serde_json::{Value, json};

use super::client::{CHAT, Client};
use super::conversations::{SESSION, SUMMARY, assert_keys};
use super::harness::{DEADLINE, TestDesk, eventually};
use super::line_events::new_user;
use super::messages::MESSAGE;

async fn desk_with_two_agents() -> (TestDesk, Client, Client) {
    let desk = TestDesk::start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    (desk, ann, ben)
}

#[tokio::test]
async fn re_starting_a_conversation_opens_a_session_of_the_callers_and_says_something() {
    let (desk, ann, ben) = desk_with_two_agents().await;
    let user = desk.customer("Somchai");
    desk.line.follow(&user).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let start = json!({"line_user_id": user, "initial_message": "Your parcel is here."});
    let summary = ann.post("/conversations", &start).await.is(201);
    assert_keys(&summary, SUMMARY);
    assert_eq!((&summary["session"]["status"], &summary["session"]["operator_id"]), (&json!("ACTIVE"), &json!(ann.id)));
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    let received = desk.line.received(&user);
    assert_eq!(received[0].text.as_deref(), Some("Your parcel is here."));
    let taken = ben.post("/conversations", &start).await.problem(404, "session_not_found");
    assert_eq!(
        (&taken["details"]["reason"], &taken["details"]["operator_id"]),
        (&json!("already_claimed"), &json!(ann.id))
    );
}

#[tokio::test]
async fn re_starting_a_conversation_with_somebody_unknown_makes_it() {
    let (_desk, ann, _) = desk_with_two_agents().await;
    let user = new_user();
    let summary = ann.post("/conversations", &json!({"line_user_id": user})).await.is(201);
    assert_eq!((&summary["line_user_id"], &summary["friend_status"]), (&json!(user), &json!("UNKNOWN")));
    assert_eq!(ann.get("/conversations?status=mine").await.ok()["total"], 1);
}

#[tokio::test]
async fn re_a_start_that_is_refused_starts_nothing() {
    let (_desk, ann, _) = desk_with_two_agents().await;
    let user = new_user();
    ann.post("/conversations", &json!({})).await.names_field("line_user_id");
    ann.post("/conversations", &json!({"line_user_id": "Somchai"})).await.names_field("line_user_id");
    ann.post("/conversations", &json!({"line_user_id": user, "initial_message": 5}))
        .await
        .names_field("initial_message");
    let empty = json!({"line_user_id": user, "initial_message": "  "});
    ann.post("/conversations", &empty).await.problem(400, "invalid_request");
    let long = json!({"line_user_id": user, "initial_message": "x".repeat(5001)});
    ann.post("/conversations", &long).await.problem(422, "message_too_long");
    assert_eq!(ann.get("/conversations").await.ok()["total"], 0);
}

#[tokio::test]
async fn re_claim_release_and_close_answer_the_session() {
    let (desk, ann, ben) = desk_with_two_agents().await;
    let user = desk.customer_waiting("Somchai").await;
    let claimed = ann.act(&user, "claim", Value::Null).await.ok();
    assert_keys(&claimed, SESSION);
    assert_eq!((&claimed["status"], &claimed["operator_name"]), (&json!("ACTIVE"), &json!("Ann")));
    assert!(claimed["claimed_at"].is_string());
    assert_eq!(ann.act(&user, "claim", Value::Null).await.ok(), claimed, "once more changes nothing");
    let taken = ben.act(&user, "claim", Value::Null).await.problem(404, "session_not_found");
    let expected = json!({"reason": "already_claimed", "operator_id": ann.id, "operator_name": "Ann"});
    assert_eq!(taken["details"], expected);
    for what in ["release", "close"] {
        ben.act(&user, what, Value::Null).await.problem(403, "forbidden");
    }
    let released = ann.act(&user, "release", Value::Null).await.ok();
    assert_eq!((&released["status"], &released["operator_id"]), (&json!("WAITING"), &Value::Null));
    ann.act(&user, "release", Value::Null).await.problem(409, "session_conflict");
    ben.act(&user, "claim", Value::Null).await.ok();
    let closed = ben.act(&user, "close", Value::Null).await.ok();
    assert_eq!((&closed["status"], &closed["closed_by"]), (&json!("CLOSED"), &json!("OPERATOR")));
    assert!(closed["closed_at"].is_string());
    for what in ["claim", "release", "close"] {
        let none = ben.act(&user, what, Value::Null).await.problem(404, "session_not_found");
        assert_eq!(none["details"]["reason"], "none");
    }
}

#[tokio::test]
async fn se3_of_many_who_claim_at_once_one_wins_and_the_others_are_told_who() {
    let desk = TestDesk::start().await;
    let mut clients = Vec::new();
    for n in 0..6 {
        clients.push(desk.operator(&format!("agent{n}"), Role::Agent).await);
    }
    for _ in 0..5 {
        let user = desk.customer_waiting("Somchai").await;
        let claims = clients.iter().map(|client| client.act(&user, "claim", Value::Null));
        let answers = futures_util::future::join_all(claims).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1);
        let winner = won[0].json()["operator_id"].clone();
        for answer in lost {
            let problem = answer.problem(404, "session_not_found");
            assert_eq!(problem["details"]["operator_id"], winner);
        }
    }
}

#[tokio::test]
async fn re_a_transfer_hands_the_session_on_with_its_reason() {
    let (desk, ann, ben) = desk_with_two_agents().await;
    let user = desk.customer_of("Somchai", &ann).await;
    let to = |id: i64| json!({"to_operator_id": id, "reason": "speaks Japanese"});
    ben.act(&user, "transfer", to(ben.id)).await.problem(403, "forbidden");
    ann.act(&user, "transfer", to(999)).await.problem(409, "session_conflict");
    ann.act(&user, "transfer", to(ann.id)).await.problem(409, "session_conflict");
    let session = ann.act(&user, "transfer", to(ben.id)).await.ok();
    assert_eq!((&session["operator_id"], &session["transfer_count"]), (&json!(ben.id), &json!(1)));
    ann.act(&user, "messages", json!({"text": "x"})).await.problem(403, "forbidden");
    ben.act(&user, "messages", json!({"text": "x"})).await.is(201);
}

#[tokio::test]
async fn se3_an_admin_may_do_what_the_owner_may() {
    let desk = TestDesk::start().await;
    let (ann, boss) = (desk.operator("ann", Role::Agent).await, desk.operator("boss", Role::Admin).await);
    let user = desk.customer_of("Somchai", &ann).await;
    boss.act(&user, "messages", json!({"text": "x"})).await.is(201);
    boss.act(&user, "transfer", json!({"to_operator_id": boss.id})).await.ok();
    boss.act(&user, "transfer", json!({"to_operator_id": ann.id})).await.ok();
    boss.act(&user, "release", Value::Null).await.ok();
    boss.act(&user, "close", Value::Null).await.ok();
}

#[tokio::test]
async fn re_mode_human_opens_a_session_and_bot_closes_it() {
    let (desk, ann, ben) = desk_with_two_agents().await;
    let user = desk.customer_writing("Somchai").await;
    let mode = |mode: &str| json!({"mode": mode});
    for _ in 0..2 {
        let summary = ann.act(&user, "mode", mode("HUMAN")).await.ok();
        assert_keys(&summary, SUMMARY);
        assert_eq!((&summary["chat_mode"], &summary["session"]["operator_id"]), (&json!("HUMAN"), &json!(ann.id)));
    }
    ben.act(&user, "mode", mode("HUMAN")).await.problem(404, "session_not_found");
    ben.act(&user, "mode", mode("BOT")).await.problem(403, "forbidden");
    for _ in 0..2 {
        let summary = ann.act(&user, "mode", mode("BOT")).await.ok();
        assert_eq!((&summary["chat_mode"], &summary["session"]), (&json!("BOT"), &Value::Null));
    }
}

#[tokio::test]
async fn re_reading_counts_down_and_never_back_up() {
    let (desk, ann, ben) = desk_with_two_agents().await;
    let user = desk.customer("Somchai");
    for text in ["one", "two", "three"] {
        desk.says(&user, text).await;
    }
    let ids: Vec<_> =
        ann.conversation(&user).await["messages"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect();
    let read = async |client: &Client, id: &Value| client.act(&user, "read", json!({"message_id": id})).await.ok();
    assert_eq!(read(&ann, &ids[1]).await["unread_count"], 1);
    assert_eq!(read(&ben, &ids[0]).await["unread_count"], 1);
    let summary = read(&ben, &ids[2]).await;
    assert_eq!(summary["unread_count"], 0);
    assert_keys(&summary, SUMMARY);
    desk.says(&user, "four").await;
    assert_eq!(ann.conversation(&user).await["unread_count"], 1);
    ann.act(&user, "read", json!({"message_id": 9999})).await.problem(404, "not_found");
    let other = desk.customer_writing("Other").await;
    let foreign = ann.conversation(&other).await["messages"][0]["id"].clone();
    ann.act(&user, "read", json!({"message_id": foreign})).await.problem(404, "not_found");
}

#[tokio::test]
async fn re_refresh_profile_fetches_name_and_picture_from_line() {
    let (desk, ann, _) = desk_with_two_agents().await;
    // LINE does not tell at first, and the message does not wait for it (WH4).
    desk.line.set_fault(Endpoint::Other, Fault::status(404));
    let user = desk.line.add_customer("Somchai", "th", Some("https://line.example/somchai.jpg")).unwrap();
    desk.says(&user, "hello").await;
    desk.line.wait_for(|line| line.calls().any(|call| call.path.contains("/profile/")), DEADLINE).await.unwrap();
    assert_eq!(ann.conversation(&user).await["display_name"], Value::Null);
    desk.line.clear_fault(Endpoint::Other);
    assert_keys(&ann.act(&user, "refresh-profile", Value::Null).await.ok(), SUMMARY);
    let conversation = eventually("the name is there", async || {
        let conversation = ann.conversation(&user).await;
        conversation["display_name"].is_string().then_some(conversation)
    })
    .await;
    assert_eq!(conversation["display_name"], "Somchai");
    assert_eq!(conversation["picture_url"], "https://line.example/somchai.jpg");
}

#[tokio::test]
async fn re_contact_tells_language_first_seen_sessions_and_notes() {
    let (desk, ann, _) = desk_with_two_agents().await;
    let user = desk.customer_of("Somchai", &ann).await;
    ann.act(&user, "notes", json!({"text": "asks for a refund"})).await.is(201);
    ann.act(&user, "close", Value::Null).await.ok();
    let path = format!("/conversations/{user}/contact");
    let card = eventually("the language is there", async || {
        let card = ann.get(&path).await.ok();
        card["language"].is_string().then_some(card)
    })
    .await;
    assert_keys(&card, "language first_seen_at session_count sessions note_count notes");
    assert_eq!((&card["language"], &card["session_count"], &card["note_count"]), (&json!("th"), &json!(1), &json!(1)));
    assert_keys(&card["sessions"][0], SESSION);
    assert_eq!(card["sessions"][0]["status"], "CLOSED");
    assert_keys(&card["notes"][0], MESSAGE);
    assert_eq!(card["notes"][0]["content"], "asks for a refund");
    let started = card["sessions"][0]["started_at"].as_str().unwrap();
    assert!(card["first_seen_at"].as_str().unwrap() <= started);
    ann.get("/conversations/4711/contact").await.problem(404, "conversation_not_found");
    desk.get(&format!("{CHAT}{path}")).await.problem(401, "auth_missing_token");
}

#[tokio::test]
async fn re_archived_conversations_leave_the_list_until_somebody_writes() {
    let (desk, ann, _) = desk_with_two_agents().await;
    let user = desk.customer_of("Somchai", &ann).await;
    let total = async |query: &str| ann.get(&format!("/conversations?{query}")).await.ok()["total"].clone();
    ann.act(&user, "archive", Value::Null).await.problem(409, "session_conflict");
    ann.act(&user, "close", Value::Null).await.ok();
    for _ in 0..2 {
        let summary = ann.act(&user, "archive", Value::Null).await.ok();
        assert_keys(&summary, SUMMARY);
        assert_eq!(summary["archived"], true);
    }
    assert_eq!((total("status=all").await, total("status=closed").await), (json!(0), json!(0)));
    assert_eq!(total(&format!("q={user}")).await, 1, "whoever looks for it finds it");
    assert_eq!(ann.act(&user, "unarchive", Value::Null).await.ok()["archived"], false);
    assert_eq!((total("status=all").await, total("status=closed").await), (json!(1), json!(1)));
    ann.act(&user, "archive", Value::Null).await.ok();
    desk.says(&user, "hello again").await;
    assert_eq!(ann.conversation(&user).await["archived"], false);
    assert_eq!((total("status=all").await, total("status=closed").await), (json!(1), json!(1)));
    ann.act(&user, "archive", Value::Null).await.ok();
    ann.act(&user, "mode", json!({"mode": "HUMAN"})).await.ok();
    assert_eq!((total("status=all").await, total("status=mine").await), (json!(1), json!(1)));
}

#[tokio::test]
async fn dl3_the_first_answer_is_free_and_one_without_a_token_is_paid() {
    let (desk, ann, _) = desk_with_two_agents().await;
    let user = desk.customer_of("Somchai", &ann).await;
    for (text, how, cost) in [("first", How::Reply, "free"), ("second", How::Push, "paid")] {
        let sent = ann.act(&user, "messages", json!({"text": text})).await.is(201);
        let message = eventually("LINE accepts it", async || {
            let conversation = ann.conversation(&user).await;
            let message =
                conversation["messages"].as_array().unwrap().iter().find(|one| one["id"] == sent["id"]).cloned();
            message.filter(|message| message["delivery"]["state"] == "accepted")
        })
        .await;
        assert_eq!(message["delivery"]["cost"], cost);
        assert_eq!(desk.line.received(&user).last().unwrap().how, Some(how));
    }
}
