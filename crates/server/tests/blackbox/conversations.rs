//! RE: the list of conversations, its pages, filters and counts; keys; what a summary is.

use std::collections::HashSet;
use std::time::Duration;

use linedesk_protocol::Role;
use serde_json::{Value, json};

use super::client::Client;
use super::harness::{DEADLINE, TestDesk, eventually};
use super::line_events::{new_group, new_user, text};

fn users(list: &Value) -> Vec<String> {
    let conversations = list["conversations"].as_array().unwrap().iter();
    conversations.map(|one| one["line_user_id"].as_str().unwrap().to_owned()).collect()
}

async fn list(client: &Client, query: &str) -> Value {
    client.get(&format!("/conversations?{query}")).await.ok()
}

/// Asserts that an object has what the contract promises. It may have more, as long as that is no secret.
#[track_caller]
pub(crate) fn assert_keys(value: &Value, promised: &str) {
    let object = value.as_object().unwrap();
    for key in promised.split_whitespace() {
        assert!(object.contains_key(key), "{key} is missing: {value}");
    }
    for key in object.keys() {
        let is_secret =
            ["password", "hash", "secret", "reply_token", "quote_token"].iter().any(|word| key.contains(word));
        assert!(!is_secret, "{key} is nobody's to see: {value}");
    }
}

pub(crate) const SUMMARY: &str = "id channel line_user_id source_type display_name picture_url friend_status chat_mode session \
    last_message unread_count tags archived";
pub(crate) const SESSION: &str = "id status operator_id operator_name started_at claimed_at closed_at first_response_at \
    closed_by transfer_count after_hours";

#[tokio::test]
async fn re_the_list_has_summaries_counts_and_a_place_in_the_feed() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_waiting("Somchai").await;
    let list = list(&ann, "").await;
    assert_keys(&list, "conversations next_cursor total waiting_count active_count counts seq");
    assert_eq!((&list["total"], &list["waiting_count"], &list["active_count"]), (&json!(1), &json!(1), &json!(0)));
    let counts = json!({"all": 1, "waiting": 1, "active": 0, "mine": 0, "bot": 0, "closed": 0});
    assert_eq!(list["counts"], counts);
    assert_eq!(list["next_cursor"], Value::Null);
    assert!(list["seq"].as_i64().unwrap() > 0);
    let summary = &list["conversations"][0];
    assert_keys(summary, SUMMARY);
    assert_eq!(
        (&summary["line_user_id"], &summary["channel"], &summary["source_type"], &summary["friend_status"]),
        (&json!(user), &json!("default"), &json!("user"), &json!("ACTIVE"))
    );
    assert_eq!((&summary["chat_mode"], &summary["unread_count"]), (&json!("HUMAN"), &json!(1)));
    assert_eq!((&summary["archived"], &summary["tags"]), (&json!(false), &json!([])));
    assert_keys(&summary["session"], SESSION);
    assert_eq!((&summary["session"]["status"], &summary["session"]["operator_id"]), (&json!("WAITING"), &Value::Null));
    assert_keys(&summary["last_message"], "id content message_type direction created_at");
    let last = &summary["last_message"];
    assert_eq!(
        (&last["content"], &last["message_type"], &last["direction"]),
        (&json!("agent"), &json!("text"), &json!("INCOMING"))
    );
    for time in [&last["created_at"], &summary["session"]["started_at"]] {
        let text = time.as_str().unwrap();
        assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "RFC 3339 UTC: {text}");
    }
}

#[tokio::test]
async fn re_pages_of_the_list_have_no_gap_and_no_repeat() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    // Time stands still: all of them have the same activity time, and the id decides.
    let everybody: Vec<_> = (0..23).map(|_| new_user()).collect();
    let events: Vec<_> = everybody.iter().map(|user| text(user, "hello")).collect();
    desk.receive(&events).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(&ann, &format!("limit=5&cursor={cursor}")).await;
        assert_eq!(page["total"], if seen.len() < 10 { 23 } else { 24 });
        seen.extend(users(&page));
        if seen.len() == 10 {
            // Somebody new writes while the list is being read: above the pages that are still to come.
            desk.advance(Duration::from_secs(1));
            desk.receive(&[text(&new_user(), "hello")]).await;
        }
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let newest_first: Vec<_> = everybody.into_iter().rev().collect();
    assert_eq!(seen, newest_first);
    for bad in ["limit=0", "limit=101", "limit=x"] {
        let problem = ann.get(&format!("/conversations?{bad}")).await.problem(422, "validation_error");
        assert!(problem.to_string().contains("limit"), "{problem}");
    }
    ann.get("/conversations?cursor=what").await.names_field("cursor");
    assert_eq!(users(&list(&ann, "limit=100").await).len(), 24);
}

#[tokio::test]
async fn re_newest_activity_comes_first() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (first, second) = (new_user(), new_user());
    for user in [&first, &second, &first] {
        desk.advance(Duration::from_secs(1));
        desk.receive(&[text(user, "hello")]).await;
    }
    assert_eq!(users(&list(&ann, "").await), [first.clone(), second.clone()]);
    // What an operator sends is activity too.
    desk.advance(Duration::from_secs(1));
    ann.act(&second, "mode", json!({"mode": "HUMAN"})).await.ok();
    ann.act(&second, "messages", json!({"text": "hello"})).await.is(201);
    assert_eq!(users(&list(&ann, "").await), [second, first]);
}

#[tokio::test]
async fn re_each_status_filter_shows_and_counts_what_it_says() {
    let desk = TestDesk::start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let bot = desk.customer_writing("Bot").await;
    let waiting = desk.customer_waiting("Waiting").await;
    let anns = desk.customer_of("Ann's", &ann).await;
    let bens = desk.customer_of("Ben's", &ben).await;
    let closed = desk.customer_of("Closed", &ann).await;
    ann.act(&closed, "close", Value::Null).await.ok();
    for (status, expected) in [
        ("all", vec![&bot, &waiting, &anns, &bens, &closed]),
        ("waiting", vec![&waiting]),
        ("active", vec![&anns, &bens]),
        ("mine", vec![&anns]),
        ("bot", vec![&bot, &closed]),
        ("closed", vec![&closed]),
    ] {
        let page = list(&ann, &format!("status={status}&q=%20")).await;
        let found: HashSet<_> = users(&page).into_iter().collect();
        let wanted: HashSet<_> = expected.iter().map(|user| (*user).clone()).collect();
        assert_eq!((found, page["total"].as_u64().unwrap()), (wanted, expected.len() as u64), "{status}");
        assert_eq!((&page["waiting_count"], &page["active_count"]), (&json!(1), &json!(2)), "{status}");
    }
    let problem = ann.get("/conversations?status=sleeping").await.problem(422, "validation_error");
    assert!(problem.to_string().contains("status"), "{problem}");
}

#[tokio::test]
async fn re_q_finds_names_in_part_and_chat_ids_as_a_whole() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let somchai = desk.customer_writing("Somchai 100%").await;
    let hanako = desk.customer_writing("花子 Hanako").await;
    eventually("both profiles are there", async || {
        let page = list(&ann, "").await;
        let conversations = page["conversations"].as_array().unwrap();
        conversations.iter().all(|one| one["display_name"].is_string()).then_some(())
    })
    .await;
    for (query, expected) in [
        ("q=somchai", vec![&somchai]),
        ("q=CHAI", vec![&somchai]),
        ("q=%E8%8A%B1", vec![&hanako]),
        ("q=100%25", vec![&somchai]),
        ("q=a%25", vec![]),
        ("q=_", vec![]),
        (&format!("q={hanako}"), vec![&hanako]),
        (&format!("q={}", &hanako[..20]), vec![]),
        ("q=ha&status=bot", vec![&hanako, &somchai]),
        ("q=ha&status=waiting", vec![]),
        ("tag=vip", vec![]),
    ] {
        let page = list(&ann, query).await;
        let mut found = users(&page);
        found.sort();
        let mut expected: Vec<_> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!(found, expected, "{query}");
        assert_eq!(page["total"], expected.len(), "{query}");
    }
    ann.get(&format!("/conversations?q={}", "x".repeat(201))).await.names_field("q");
}

#[tokio::test]
async fn re_a_conversation_is_named_by_its_number_or_its_chat_id() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_writing("Somchai").await;
    let by_chat = ann.conversation(&user).await;
    assert_eq!(ann.conversation(&by_chat["id"]).await["line_user_id"], user);
    assert_keys(&by_chat, &format!("{SUMMARY} messages"));
    for key in ["999", "-1", "0", &new_user()] {
        ann.get(&format!("/conversations/{key}")).await.problem(404, "conversation_not_found");
        ann.get(&format!("/conversations/{key}/messages")).await.problem(404, "conversation_not_found");
        ann.act(key, "claim", Value::Null).await.problem(404, "conversation_not_found");
    }
    for key in
        ["abc", "1x", "1.0", "99999999999999999999", &user[..32], &user.to_lowercase(), &format!("X{}", &user[1..])]
    {
        ann.get(&format!("/conversations/{key}")).await.names_field("key");
        ann.act(key, "notes", json!({"text": "x"})).await.names_field("key");
    }
}

#[tokio::test]
async fn re_groups_have_their_own_key_and_tell_who_spoke() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (group, member) = (new_group(), new_user());
    let mut event = text(&member, "hello all");
    event["source"] = json!({"type": "group", "groupId": group, "userId": member});
    desk.receive(&[event]).await;
    let conversation = ann.conversation(&group).await;
    assert_eq!(conversation["source_type"], "group");
    assert_eq!(conversation["messages"][0]["payload"]["sender_line_user_id"], member);
    ann.get(&format!("/conversations/{member}")).await.problem(404, "conversation_not_found");
}

#[tokio::test]
async fn re_operators_are_shown_with_status_and_load_to_any_staff() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let ben = desk.add_operator("ben", Role::Admin).await;
    let _socket = desk.socket(&ann).await;
    desk.customer_of("Somchai", &ann).await;
    let operators = ann.get("/operators").await.ok();
    let expected = json!({"operators": [
        {"id": ann.id, "display_name": "Ann", "role": "AGENT", "status": "online", "active_chats": 1},
        {"id": ben, "display_name": "Ben", "role": "ADMIN", "status": "offline", "active_chats": 0},
    ]});
    assert_eq!(operators, expected);
}

#[tokio::test]
async fn re_until_when_a_push_surely_arrives_is_told_of_whoever_may_be_no_friend() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer("Somchai");
    let reach = async |who: &Client| who.conversation(&user).await.get("reach_until").cloned();
    ann.post("/conversations", &json!({"line_user_id": user})).await.is(201);
    assert_eq!(reach(&ann).await, Some(json!("2026-01-05T03:00:00.000Z")), "nobody ever heard of them");
    desk.advance(Duration::from_secs(3600));
    let ann = desk.sign_in("ann").await;
    desk.says(&user, "hello").await;
    assert_eq!(reach(&ann).await, Some(json!("2026-01-12T04:00:00.000Z")), "seven days after they wrote");
    desk.advance(Duration::from_secs(8 * 24 * 3600));
    let ann = desk.sign_in("ann").await;
    // It may be tried all the same.
    let sent = ann.act(&user, "messages", json!({"text": "still there?"})).await.is(201);
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;

    let mut socket = desk.socket(&ann).await;
    desk.line.follow(&user).unwrap();
    let is_friend = |summary: &Value| summary["line_user_id"] == user && summary.get("reach_until").is_none();
    socket.event_where("conversation_update", is_friend).await;
    for unfriends in [true, false] {
        let told = if unfriends { desk.line.unfollow(&user) } else { desk.line.unblock(&user) };
        told.unwrap();
        desk.line.wait_until_idle(DEADLINE).await.unwrap();
        assert_eq!(reach(&ann).await, None, "nothing is sent, or everything arrives");
    }
    let group = new_group();
    let mut event = text(&user, "hello all");
    event["source"] = json!({"type": "group", "groupId": group, "userId": user});
    desk.receive(&[event]).await;
    assert_eq!(ann.conversation(&group).await.get("reach_until"), None);
}
