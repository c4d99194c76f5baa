//! Groups and rooms, what happens in a chat besides messages, read marks, and the sign that an operator writes.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::IncomingMessage;
use serde_json::{Value, json};

use super::client::Client;
use super::harness::{DEADLINE, TestDesk, eventually};

/// The newest message of a conversation that is as wanted.
async fn message_where(who: &Client, key: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    eventually("the message is there", async || {
        let conversation = who.get(&format!("/conversations/{key}")).await;
        if conversation.status != 200 {
            return None;
        }
        let messages = conversation.json()["messages"].as_array().unwrap().clone();
        messages.into_iter().rev().find(|message| is_wanted(message))
    })
    .await
}

#[tokio::test]
async fn a_group_is_a_conversation_with_names_members_and_a_price() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (mali, somchai) = (desk.customer("Mali"), desk.customer("Somchai"));
    let group = desk.line.add_group(Some("Neighbours"), &[&mali, &somchai]).unwrap();
    desk.line.send_message_as(&group, Some(&mali), &IncomingMessage::text("agent")).unwrap();
    desk.line.send_message_as(&group, None, &IncomingMessage::text("nobody says this")).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let said = message_where(&ann, &group, |message| message["author"]["display_name"] == "Mali").await;
    assert_eq!((&said["content"], &said["author"]["line_user_id"]), (&json!("agent"), &json!(mali)));
    let summary = eventually("name and number are known", async || {
        let summary = ann.conversation(&group).await;
        (summary["member_count"] == 2 && summary["display_name"] == "Neighbours").then_some(summary)
    })
    .await;
    assert_eq!((&summary["source_type"], &summary["unread_count"]), (&json!("group"), &json!(2)));
    assert!(
        message_where(&ann, &group, |message| message["content"] == "nobody says this").await.get("author").is_none()
    );

    let stranger = desk.customer("Stranger");
    desk.line.join_members(&group, &[&stranger]).unwrap();
    desk.line.leave_members(&group, &[&somchai]).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let joined = message_where(&ann, &group, |message| message["payload"]["kind"] == "member_joined").await;
    assert_eq!((&joined["message_type"], &joined["sender_role"]), (&json!("system"), &json!("SYSTEM")));
    assert_eq!(joined["payload"]["members"][0]["line_user_id"], stranger);
    message_where(&ann, &group, |message| message["payload"]["kind"] == "member_left").await;
    let members = eventually("both are known by name", async || {
        let list = ann.get(&format!("/conversations/{group}/members")).await.ok();
        list["members"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["has_left"] == false)
            .all(|one| one["display_name"].is_string())
            .then_some(list)
    })
    .await;
    let names: Vec<_> = members["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["display_name"].clone(), one["has_left"].clone()))
        .collect();
    assert_eq!(names[..2], [(json!("Mali"), json!(false)), (json!("Stranger"), json!(false))]);
    assert_eq!(names[2].1, json!(true));
    let after = ann.conversation(&group).await;
    assert_eq!((&after["unread_count"], &after["last_message"]["content"]), (&json!(2), &json!("nobody says this")));

    // A reply is free for all; a push costs one for each.
    ann.act(&group, "claim", Value::Null).await.ok();
    for (text, recipients) in [("one", None), ("two", None), ("three", None), ("four", Some(2))] {
        let sent = ann.act(&group, "messages", json!({"text": text})).await.is(201);
        let delivery = ann.delivery_becomes(&group, &sent["id"], "accepted").await;
        if recipients.is_some() || delivery["cost"] == "paid" {
            assert_eq!(delivery["recipients"], json!(2), "{text}");
        }
    }
    desk.line.remove_account(&group).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    message_where(&ann, &group, |message| message["payload"]["kind"] == "leave").await;
    let late = ann.act(&group, "messages", json!({"text": "too late"})).await.is(201);
    assert_eq!(late["delivery"]["state"], "withheld");
}

#[tokio::test]
async fn mentions_go_out_as_line_takes_them() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mali = desk.customer("Mali");
    let group = desk.line.add_group(Some("Neighbours"), &[&mali]).unwrap();
    desk.line.send_message_as(&group, Some(&mali), &IncomingMessage::text("agent")).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    ann.act(&group, "claim", Value::Null).await.ok();
    let mention = json!({"type": "textV2", "text": "{mali}, hello", "substitution":
        {"mali": {"type": "mention", "mentionee": {"type": "user", "userId": mali}}}});
    let sent = ann.act(&group, "messages", json!({"line_message": mention})).await.is(201);
    assert_eq!((&sent["message_type"], &sent["payload"]["type"]), (&json!("text"), &json!("textV2")));
    desk.line.wait_for(|line| line.received(&group).count() == 1, DEADLINE).await.unwrap();
    assert_eq!(desk.line.received(&group)[0].content, Some(mention));
}

#[tokio::test]
async fn what_happens_besides_messages_is_a_line_and_nothing_is_unread_by_it() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_writing("Mali").await;
    desk.line.follow(&user).unwrap();
    desk.line.unfollow(&user).unwrap();
    desk.line.unblock(&user).unwrap();
    for (kind, part) in [
        ("videoPlayComplete", Some(("videoPlayComplete", json!({"trackingId": "v1"})))),
        ("beacon", Some(("beacon", json!({"hwid": "d41d8cd98f", "type": "enter"})))),
        ("accountLink", Some(("link", json!({"result": "ok", "nonce": "n"})))),
        ("membership", Some(("membership", json!({"type": "joined", "membershipId": 1})))),
        ("teleport", None),
    ] {
        desk.line.send_event(&user, None, kind, part, false).unwrap();
    }
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let conversation = ann.conversation(&user).await;
    let lines: Vec<_> = conversation["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["sender_role"] == "SYSTEM")
        .map(|message| message["payload"].clone())
        .collect();
    assert_eq!(
        lines,
        [
            json!({"kind": "follow", "is_unblocked": false}),
            json!({"kind": "unfollow"}),
            json!({"kind": "follow", "is_unblocked": true}),
            json!({"kind": "video_viewing_complete", "tracking_id": "v1"}),
            json!({"kind": "beacon", "hwid": "d41d8cd98f", "beacon_type": "enter"}),
            json!({"kind": "account_link", "result": "ok"}),
            json!({"kind": "membership", "change": "joined"}),
            json!({"kind": "unknown", "line_type": "teleport"}),
        ]
    );
    assert_eq!((&conversation["unread_count"], &conversation["last_message"]["content"]), (&json!(1), &json!("hello")));
    let read = conversation["last_message"]["id"].clone();
    ann.act(&user, "read", json!({"message_id": read})).await.ok();
    assert_eq!(ann.conversation(&user).await["unread_count"], 0, "a line is nobody's message");
}

#[tokio::test]
async fn line_shows_messages_as_read_when_the_policy_says_so() {
    for (policy, after_view, after_reply) in [("off", false, false), ("on_view", true, true), ("on_reply", false, true)]
    {
        let desk = TestDesk::builder().set("mark_as_read", policy).start().await;
        let ann = desk.operator("ann", Role::Agent).await;
        let user = desk.customer_of("Mali", &ann).await;
        let is_read = || desk.line.messages(&user).into_iter().any(|message| message.read);
        let last = ann.conversation(&user).await["last_message"]["id"].clone();
        ann.act(&user, "read", json!({"message_id": last})).await.ok();
        if after_view {
            desk.line.wait_for(|line| line.messages(&user).any(|message| message.read), DEADLINE).await.unwrap();
        }
        ann.act(&user, "messages", json!({"text": "answer"})).await.is(201);
        desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
        if after_reply {
            desk.line.wait_for(|line| line.messages(&user).any(|message| message.read), DEADLINE).await.unwrap();
        } else {
            assert!(!is_read(), "{policy}");
        }
        let asked = desk.line.calls().iter().filter(|call| call.path == "/v2/bot/chat/markAsRead").count();
        assert_eq!(asked, usize::from(after_reply), "{policy}: once at most");
    }
}

#[tokio::test]
async fn a_customer_sees_that_the_owner_writes_and_line_is_not_asked_at_every_key() {
    let desk = TestDesk::builder().set("loading_animation", "on").manual_clock().start().await;
    let (ann, bob) = (desk.operator("ann", Role::Agent).await, desk.operator("bob", Role::Agent).await);
    let user = desk.customer_of("Mali", &ann).await;
    let path = "/v2/bot/chat/loading/start";
    let asked = |line: &linedesk_simulator::Platform| line.calls().filter(|call| call.path == path).count();
    for who in [&bob, &ann, &ann] {
        let mut socket = desk.socket(who).await;
        socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
        socket.send("typing_start", json!({"line_user_id": user})).await;
        socket.command("ping", json!({})).await.expect("pong");
    }
    desk.line.wait_for(|line| asked(line) == 1, DEADLINE).await.unwrap();
    desk.advance(Duration::from_secs(21));
    let mut socket = desk.socket(&ann).await;
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    socket.send("typing_start", json!({"line_user_id": user})).await;
    desk.line.wait_for(|line| asked(line) == 2, DEADLINE).await.unwrap();
}
