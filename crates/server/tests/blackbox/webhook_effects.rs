//! WH6 and the hand-off: what follow, unfollow, unsend and a customer's words do.

use linedesk_protocol::Role;
use linedesk_store::ops::webhook::list_kept;
use serde_json::{Value, json};

use super::client::Client;
use super::harness::{DEADLINE, TestDesk};
use super::line_events::{event, new_user, redelivered, text};

fn unsend(user: &str, message: &Value) -> Value {
    event(user, "unsend", &json!({"unsend": {"messageId": message["message"]["id"]}}))
}

/// Asserts that a secret is nowhere: not in the thread, the list, the search, nor in what is kept of the events.
async fn assert_is_gone(desk: &TestDesk, client: &Client, user: &str, secret: &'static str) {
    let conversation = client.conversation(user).await;
    assert!(!conversation.to_string().contains(secret), "{conversation}");
    let list = client.get("/conversations").await.ok();
    assert!(!list.to_string().contains(secret), "{list}");
    let found = client.get(&format!("/messages/search?q={secret}")).await.ok();
    assert_eq!(found["items"], json!([]));
    let kept = desk.in_store(|tx| Ok(list_kept(tx, 0, 10_000)?)).await;
    assert!(kept.iter().all(|event| !event.raw.contains(secret)), "{kept:?}");
}

#[tokio::test]
async fn wh6_unsend_erases_the_words_everywhere_and_leaves_a_mark() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    let message = text(&user, "hunter2 is my password");
    desk.receive(std::slice::from_ref(&message)).await;
    let id = ann.conversation(&user).await["messages"][0]["id"].clone();
    desk.receive(&[unsend(&user, &message)]).await;
    assert_is_gone(&desk, &ann, &user, "hunter2").await;
    let conversation = ann.conversation(&user).await;
    let withdrawn = &conversation["messages"][0];
    assert_eq!((&withdrawn["id"], &withdrawn["content"], &withdrawn["payload"]), (&id, &json!(""), &Value::Null));
    assert!(withdrawn["unsent_at"].is_string());
    // A late copy brings nothing back; neither does asking twice.
    desk.receive(&[redelivered(&message), unsend(&user, &message)]).await;
    assert_is_gone(&desk, &ann, &user, "hunter2").await;
    assert_eq!(ann.conversation(&user).await["messages"].as_array().unwrap().len(), 1);
    // It cannot be quoted any more.
    ann.act(&user, "mode", json!({"mode": "HUMAN"})).await.ok();
    let quoting = json!({"text": "what was it?", "quote_message_id": id});
    ann.act(&user, "messages", quoting).await.names_field("quote_message_id");
}

#[tokio::test]
async fn wh6_an_unsend_that_overtakes_its_message_withdraws_it_all_the_same() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for is_redelivery in [false, true] {
        let user = new_user();
        let message = text(&user, "hunter2 agent");
        desk.receive(&[unsend(&user, &message)]).await;
        desk.receive(&[if is_redelivery { redelivered(&message) } else { message }]).await;
        assert_is_gone(&desk, &ann, &user, "hunter2").await;
        let conversation = ann.conversation(&user).await;
        assert!(conversation["messages"][0]["unsent_at"].is_string(), "{conversation}");
        assert_eq!(conversation["session"], Value::Null, "nobody asks for a person any more");
    }
}

#[tokio::test]
async fn wh6_nobody_withdraws_anothers_message() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, other) = (new_user(), new_user());
    let message = text(&user, "keep me");
    desk.receive(&[message.clone(), text(&other, "hello"), unsend(&other, &message)]).await;
    assert_eq!(ann.conversation(&user).await["messages"][0]["content"], "keep me");
    desk.receive(&[event(&user, "unsend", &json!({"unsend": {"messageId": "404"}}))]).await;
    assert_eq!(ann.conversation(&user).await["messages"][0]["content"], "keep me");
}

#[tokio::test]
async fn wh6_following_and_unfollowing_change_whether_one_can_be_reached() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut socket = desk.socket(&ann).await;
    let user = desk.customer("Somchai");
    let mut told = async |status: &str| {
        desk.line.wait_until_idle(DEADLINE).await.unwrap();
        let is_it = |summary: &Value| summary["line_user_id"] == user && summary["friend_status"] == status;
        socket.event_where("conversation_update", is_it).await;
        assert_eq!(ann.conversation(&user).await["friend_status"], status);
    };
    desk.line.follow(&user).unwrap();
    told("ACTIVE").await;
    desk.line.unfollow(&user).unwrap();
    told("UNFOLLOWED").await;
    desk.line.unblock(&user).unwrap();
    told("ACTIVE").await;
    let conversation = ann.conversation(&user).await;
    let lines = conversation["messages"].as_array().unwrap().iter();
    let kinds: Vec<_> = lines.map(|line| line["payload"]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["follow", "unfollow", "follow"]);
    assert_eq!((&conversation["last_message"], &conversation["unread_count"]), (&Value::Null, &json!(0)));
    // One whom the desk does not know cannot leave it.
    let stranger = new_user();
    desk.receive(&[event(&stranger, "unfollow", &json!({}))]).await;
    ann.get(&format!("/conversations/{stranger}")).await.problem(404, "conversation_not_found");
}

#[tokio::test]
async fn wh6_whoever_writes_can_be_reached() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    desk.receive(&[text(&user, "hello"), event(&user, "unfollow", &json!({})), text(&user, "me again")]).await;
    assert_eq!(ann.conversation(&user).await["friend_status"], "ACTIVE");
}

#[tokio::test]
async fn se2_a_hand_off_phrase_puts_the_conversation_into_the_queue_once() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for (said, asks) in [
        ("I want to talk to an AGENT, please", true),
        ("ขอคุยกับเจ้าหน้าที่หน่อย", true),
        ("オペレーターお願いします", true),
        ("我要找真人", true),
        ("what is a reagent?", false),
        ("hello", false),
    ] {
        let user = new_user();
        desk.receive(&[text(&user, said)]).await;
        let conversation = ann.conversation(&user).await;
        if asks {
            assert_eq!(conversation["session"]["status"], "WAITING", "{said}");
            assert_eq!(
                (&conversation["chat_mode"], &conversation["session"]["after_hours"]),
                (&json!("HUMAN"), &json!(false))
            );
            desk.receive(&[text(&user, said)]).await;
            assert_eq!(
                ann.conversation(&user).await["session"]["id"],
                conversation["session"]["id"],
                "SE1: one is enough"
            );
        } else {
            assert_eq!((&conversation["session"], &conversation["chat_mode"]), (&Value::Null, &json!("BOT")), "{said}");
        }
    }
    assert_eq!(ann.get("/conversations").await.ok()["waiting_count"], 4);
}

#[tokio::test]
async fn cf_hand_off_phrases_are_configurable() {
    let desk = TestDesk::builder().set("handoff_phrases", "red button, ช่วยด้วย").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for (said, status) in
        [("the Red  Button!", json!("WAITING")), ("ช่วยด้วยค่ะ", json!("WAITING")), ("agent", Value::Null)]
    {
        let user = new_user();
        desk.receive(&[text(&user, said)]).await;
        assert_eq!(ann.conversation(&user).await["session"]["status"], status, "{said}");
    }
}

#[tokio::test]
async fn se5_after_hours_a_hand_off_waits_as_such() {
    let builder = TestDesk::builder().manual_clock();
    let desk = builder.set("business_hours", "Mon-Fri 09:00-18:00").set("timezone", "Asia/Bangkok").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    // Monday 10:00, then Monday 22:00.
    for (hours, after_hours) in [(0, false), (12, true)] {
        desk.advance(std::time::Duration::from_hours(hours));
        let user = new_user();
        desk.receive(&[text(&user, "agent")]).await;
        let session = ann_session(&desk, &ann, &user).await;
        assert_eq!((&session["status"], &session["after_hours"]), (&json!("WAITING"), &json!(after_hours)));
    }
}

/// Signs in anew: the clock may have run past the client's token.
async fn ann_session(desk: &TestDesk, ann: &Client, user: &str) -> Value {
    desk.sign_in(&ann.username).await.conversation(user).await["session"].clone()
}

#[tokio::test]
async fn se2_a_message_in_an_open_session_belongs_to_it() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_writing("Somchai").await;
    desk.says(&user, "agent").await;
    desk.says(&user, "it is about my parcel").await;
    let conversation = ann.conversation(&user).await;
    let messages = conversation["messages"].as_array().unwrap();
    assert_eq!(messages[0]["session_id"], Value::Null);
    assert_eq!(messages[2]["session_id"], conversation["session"]["id"]);
}
