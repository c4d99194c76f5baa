//! DL1, DL2, DL3, DL5 and what a message costs: how messages get to the phone when LINE works, and when it half does.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault, How};
use serde_json::{Value, json};

use super::harness::TestDesk;
use super::line_calls::{no_quota, pushes_only};
use super::line_events;

#[tokio::test]
async fn dl1_a_message_is_answered_and_everything_goes_on_while_line_hangs() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.line.set_fault(Endpoint::Reply, Fault::hang().once());
    let sent = socket.command("send_message", json!({"line_user_id": user, "text": "hangs"})).await;
    let sent = sent.expect("message_sent");
    let state = sent["delivery"]["state"].as_str().unwrap();
    assert!(["queued", "sending"].contains(&state), "{sent}");
    desk.fault_is_used_up(Endpoint::Reply).await;
    // The one writer is free, so no transaction is open around the call; and nobody waits for its outcome.
    let second = socket.command("send_message", json!({"line_user_id": user, "text": "waits"})).await;
    second.expect("message_sent");
    ann.act(&user, "notes", json!({"text": "LINE is slow"})).await.is(201);
    let other = desk.customer_of("Malee", &ann).await;
    ann.writes(&other, "passes").await;
    desk.arrives(&other, "passes").await;
    assert!(desk.line_calls_with("hangs").is_empty(), "LINE still hangs");
    assert_eq!(ann.delivery(&user, &sent["id"]).await["state"], "sending");
}

#[tokio::test]
async fn dl1_what_was_answered_is_durable_before_line_hears_of_it() {
    let mut desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    // Whatever LINE was asked until the kill had no effect.
    desk.line.set_fault(Endpoint::Reply, Fault::status(429));
    let sent = ann.writes(&user, "kept").await;
    desk.kill().await;
    desk.line.clear_faults();
    desk.start_node().await;
    let ann = ann.at(desk.addr());
    assert_eq!(ann.message(&user, &sent["id"]).await["content"], "kept");
    // The 429 may have been cut off by the kill, and a reply without an answer is not sent again by itself.
    super::harness::eventually("it comes to rest", async || {
        let state = ann.delivery(&user, &sent["id"]).await["state"].clone();
        (state == "accepted" || state == "unknown").then_some(())
    })
    .await;
}

#[tokio::test]
async fn dl2_hanging_and_failing_conversations_hold_up_no_other() {
    let desk = TestDesk::builder().without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let name = |n: usize| format!("Customer {n}");
    let users: Vec<_> = (0..80).map(|n| desk.customer(&name(n))).collect();
    for user in &users {
        desk.line.send_text(user, "agent").unwrap();
    }
    desk.line.wait_until_idle(super::harness::DEADLINE).await.unwrap();
    join_all(users.iter().map(async |user| ann.act(user, "claim", Value::Null).await.ok())).await;
    let (hanging, failing) = users.split_at(60);
    desk.line.set_fault(Endpoint::Reply, Fault::hang().times(60));
    join_all(hanging.iter().map(|user| ann.writes(user, "hangs"))).await;
    desk.fault_is_used_up(Endpoint::Reply).await;
    let (failing, healthy) = failing.split_at(19);
    desk.line.set_fault(Endpoint::Reply, Fault::status(429));
    join_all(failing.iter().map(|user| ann.writes(user, "fails"))).await;
    desk.called("fails", failing.len()).await;
    desk.line.clear_faults();
    ann.writes(&healthy[0], "passes").await;
    desk.arrives(&healthy[0], "passes").await;
    assert!(desk.line_calls_with("hangs").is_empty(), "LINE still hangs for the others");
    for user in failing {
        desk.arrives(user, "fails").await;
    }
}

#[tokio::test]
async fn dl2_one_conversation_stays_in_order_under_load_and_mixed_faults() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let faults = [
        Fault::status(500),
        Fault::cut_after(),
        Fault::status(429),
        Fault::cut_before(),
        Fault::status(409),
        Fault::delay(Duration::from_millis(50)),
        Fault::status(503).times(2),
        Fault::cut_after().times(2),
    ];
    let mut written = Vec::new();
    for fault in faults {
        let times = fault.times.unwrap_or(1);
        desk.line.set_fault(Endpoint::Push, fault.times(times));
        for _ in 0..6 {
            let text = format!("message {}", written.len());
            ann.writes(&user, &text).await;
            written.push(text);
        }
        desk.in_time("the fault happens", async || desk.line.settings().push.is_none().then_some(())).await;
    }
    desk.in_time("all arrive", async || (desk.texts_at(&user).len() >= written.len()).then_some(())).await;
    assert_eq!(desk.texts_at(&user), written);
    let last = ann.thread(&user).await.pop().unwrap();
    let delivery = desk.in_time("the last is accepted", async || {
        Some(ann.delivery(&user, &last["id"]).await).filter(|delivery| delivery["state"] == "accepted")
    });
    assert_eq!(delivery.await["cost"], "paid");
    assert!(desk.line_calls().iter().all(|call| call.texts.len() <= 5), "DL5");
    assert_eq!(desk.texts_at(&user), written, "nothing came after all");
}

#[tokio::test]
async fn dl3_the_newest_unused_token_goes_first_and_then_a_push() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let tokens = [desk.says(&user, "one").await, desk.says(&user, "two").await].map(|sent| Some(sent.reply_token));
    let mut used = Vec::new();
    for text in ["newest", "older", "oldest", "paid"] {
        let sent = ann.writes(&user, text).await;
        let delivery = ann.delivery_becomes(&user, &sent["id"], "accepted").await;
        let calls = desk.line_calls_with(text);
        assert_eq!(calls.len(), 1, "{calls:?}");
        let cost = if text == "paid" { "paid" } else { "free" };
        let mut expected = json!({"state": "accepted", "cost": cost});
        if cost == "paid" {
            expected["recipients"] = json!(1);
        }
        assert_eq!(delivery, expected);
        used.push(calls[0].reply_token.clone());
        assert_eq!(calls[0].retry_key.is_some(), text == "paid", "LINE refuses the key on a reply");
    }
    assert_eq!((&used[0], &used[1]), (&tokens[1], &tokens[0]));
    assert_eq!(used[3], None);
    assert_eq!(used.iter().collect::<HashSet<_>>().len(), 4, "no token is used twice");
}

#[tokio::test]
async fn dl3_a_token_too_old_by_the_clock_is_not_tried() {
    let desk = TestDesk::builder().manual_clock().set("reply_token_seconds", "120").start().await;
    desk.line.set_reply_token_life(Duration::from_secs(3600));
    let ann = desk.operator("ann", Role::Agent).await;
    let (young, old) = (desk.customer_of("Young", &ann).await, desk.customer_of("Old", &ann).await);
    desk.advance(Duration::from_secs(119));
    ann.writes(&young, "in time").await;
    desk.arrives(&young, "in time").await;
    desk.advance(Duration::from_secs(1));
    ann.writes(&old, "too late").await;
    desk.arrives(&old, "too late").await;
    let how = |text: &str| desk.line_calls_with(text).iter().map(|call| call.how).collect::<Vec<_>>();
    assert_eq!((how("in time"), how("too late")), (vec![How::Reply], vec![How::Push]));
}

#[tokio::test]
async fn dl3_after_400_on_a_token_comes_one_push() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.says(&user, "a second token, no better than the first").await;
    desk.line.set_reply_token_life(Duration::ZERO);
    let sent = ann.writes(&user, "hello").await;
    assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "paid");
    let calls: Vec<_> = desk.line_calls_with("hello").iter().map(|call| (call.how, call.status)).collect();
    assert_eq!(calls, [(How::Reply, Some(400)), (How::Push, Some(200))]);
    assert_eq!(desk.texts_at(&user), ["hello"]);
}

#[tokio::test]
async fn dl3_a_reply_without_an_answer_is_unknown_until_an_operator_sends_it_again() {
    let desk = TestDesk::builder().without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let marker = desk.customer_of("Marker", &ann).await;
    let mut socket = desk.socket(&ann).await;
    for (fault, arrived) in [
        (Fault::status(500), 0),
        (Fault::status(503), 0),
        (Fault::cut_before(), 0),
        (Fault::cut_after(), 1),
        (Fault::hang_after(), 1),
    ] {
        let user = desk.customer_of("Somchai", &ann).await;
        desk.line.set_fault(Endpoint::Reply, fault.once());
        let text = format!("{fault:?}");
        let sent = ann.writes(&user, &text).await;
        let failed = socket.event_where("message_failed", |payload| payload["message_id"] == sent["id"]).await.payload;
        assert_eq!((&failed["code"], &failed["retryable"]), (&json!("line_unavailable"), &json!(true)), "{failed}");
        assert_eq!((&failed["delivery"]["state"], &failed["delivery"]["cost"]), (&json!("unknown"), &Value::Null));
        assert!(failed["error"].as_str().unwrap().contains("may have arrived"), "{failed}");
        // Neither the clock nor a new token nor a later message makes it go again.
        desk.says(&user, "hello?").await;
        desk.worker_looks_twice(&ann, &marker).await;
        ann.writes(&user, "later").await;
        desk.arrives(&user, "later").await;
        assert_eq!(desk.line_calls_with(&text).len(), 1, "{text}");
        assert_eq!(desk.texts_at(&user).iter().filter(|one| **one == text).count(), arrived);

        let again = socket.command("retry_message", json!({"message_id": sent["id"]})).await.expect("message_sent");
        assert_eq!(again["id"], sent["id"]);
        assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "paid");
        assert_eq!(desk.texts_at(&user).iter().filter(|one| **one == text).count(), arrived + 1);
    }
}

#[tokio::test]
async fn dl5_what_waits_travels_together_up_to_five_in_a_call() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.line.set_fault(Endpoint::Push, Fault::status(500).once());
    let texts: Vec<_> = (0..12).map(|n| format!("message {n}")).collect();
    ann.writes(&user, &texts[0]).await;
    desk.called(&texts[0], 1).await;
    for text in &texts[1..] {
        ann.writes(&user, text).await;
    }
    desk.in_time("all arrive", async || (desk.texts_at(&user).len() == 12).then_some(())).await;
    assert_eq!(desk.texts_at(&user), texts);
    let sizes: Vec<_> = desk.line_calls().iter().map(|call| call.texts.len()).collect();
    assert_eq!(sizes, [1, 1, 5, 5, 1]);
    assert_eq!(desk.line.paid_used(), 4, "five in a call cost one");
}

#[tokio::test]
async fn dl5_one_bad_message_in_a_batch_does_not_fail_the_others() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    // LINE does not know the quote token of this one, and refuses what quotes it.
    desk.receive(&[line_events::text(&user, "quote me")]).await;
    let quoted = ann.thread(&user).await.pop().unwrap();
    desk.line.set_fault(Endpoint::Push, Fault::status(500).once());
    ann.writes(&user, "first").await;
    desk.called("first", 1).await;
    ann.writes(&user, "second").await;
    let body = json!({"text": "bad", "quote_message_id": quoted["id"]});
    let bad = ann.act(&user, "messages", body).await.is(201);
    ann.writes(&user, "third").await;
    desk.in_time("the others arrive", async || (desk.texts_at(&user).len() == 3).then_some(())).await;
    assert_eq!(desk.texts_at(&user), ["first", "second", "third"]);
    let delivery = ann.delivery_becomes(&user, &bad["id"], "failed").await;
    assert_eq!((&delivery["code"], &delivery["retryable"]), (&json!("line_rejected"), &json!(false)));
    assert!(delivery["error"].as_str().unwrap().contains("quoteToken"), "LINE's words: {delivery}");
    let together = desk.line_calls_with("bad");
    assert_eq!(together.iter().map(|call| call.texts.len()).collect::<Vec<_>>(), [3, 1]);
}

#[tokio::test]
async fn dl3_what_a_message_cost_is_told_and_is_what_line_counted() {
    let desk = TestDesk::builder().without_limits().simulator(no_quota).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, other) = (desk.customer_of("Somchai", &ann).await, desk.customer_of("Malee", &ann).await);
    let mut socket = desk.socket(&ann).await;
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    let mut paid = HashSet::new();
    for (at, user) in [&user, &user, &other, &user, &other, &other].into_iter().enumerate() {
        let (text, temp_id) = (format!("message {at}"), format!("temp-{at}"));
        let body = json!({"line_user_id": user, "text": text, "temp_id": temp_id});
        let sent = socket.command("send_message", body).await.expect("message_sent");
        // Also to the sender who is not in that room.
        let ack = socket.event("message_ack").await;
        assert_eq!((&ack["message_id"], &ack["temp_id"]), (&sent["id"], &json!(temp_id)));
        assert_eq!((&ack["line_user_id"], &ack["delivery"]["state"]), (&json!(user), &json!("accepted")));
        let call = desk.line_calls_with(&text).pop().unwrap();
        let cost = if call.how == How::Reply { "free" } else { "paid" };
        assert_eq!(ack["delivery"]["cost"], cost);
        paid.extend(call.retry_key);
    }
    assert_eq!((desk.line.paid_used(), paid.len()), (4, 4));
}

#[tokio::test]
async fn dl_texts_arrive_exactly_as_typed_up_to_5000_utf16_units() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    let long = format!("{}ก", "👩‍🌾".repeat(999) + "aaaa");
    let texts = [" a < b & \"c\" 'd'\n\t&lt; \u{200b}สวัสดี 👋🏽 👨‍👩‍👧 日本 ", "😀", &long];
    assert_eq!(long.encode_utf16().count(), 5000);
    for text in texts {
        let sent = socket.command("send_message", json!({"line_user_id": user, "text": text})).await;
        assert_eq!(sent.expect("message_sent")["content"], *text);
        desk.arrives(&user, text).await;
    }
    assert_eq!(desk.texts_at(&user), texts);
    for text in [format!("{long}x"), "😀".repeat(2501)] {
        let refused = socket.command("send_message", json!({"line_user_id": user, "text": text})).await;
        assert_eq!(refused.error("message_too_long")["retryable"], false);
        ann.act(&user, "messages", json!({"text": text})).await.problem(422, "message_too_long");
    }
    for text in ["", " \n\t "] {
        let refused = socket.command("send_message", json!({"line_user_id": user, "text": text})).await;
        refused.error("invalid_request");
    }
    assert_eq!(desk.texts_at(&user).len(), 3);
}
