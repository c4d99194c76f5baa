//! DL4, DL6, DL7, and what operators can do about a message that did not go out.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault, How};
use linedesk_store::Query as _;
use serde_json::{Value, json};

use super::harness::{DEADLINE, TestDesk, eventually};
use super::line_calls::{no_quota, pushes_only};
use super::proxy::Proxy;

#[tokio::test]
async fn dl4_a_push_goes_again_under_its_key_after_ever_longer_pauses() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, marker) = (desk.customer_of("Somchai", &ann).await, desk.customer_of("Marker", &ann).await);
    let faults = [
        Fault::status(500),
        Fault::cut_before(),
        Fault::status(502),
        Fault::status(429),
        Fault::status(503),
        // It arrives, and nobody tells us.
        Fault::cut_after(),
    ];
    desk.line.set_fault(Endpoint::Push, faults[0].once());
    let sent = ann.writes(&user, "hello").await;
    for (at, next) in faults[1..].iter().map(Some).chain([None]).enumerate() {
        desk.called("hello", at + 1).await;
        // The outcome is written down, and the pause begins, before time goes on.
        desk.worker_looks_twice(&ann, &marker).await;
        let shortest = Duration::from_millis(500 << at);
        desk.advance(shortest.saturating_sub(Duration::from_millis(1)));
        desk.worker_looks_twice(&ann, &marker).await;
        assert_eq!(desk.line_calls_with("hello").len(), at + 1, "not before half of {:?}", shortest * 2);
        assert_eq!(ann.delivery(&user, &sent["id"]).await["state"], "sending");
        if let Some(fault) = next {
            desk.line.set_fault(Endpoint::Push, fault.once());
        }
        desk.advance(shortest + Duration::from_millis(1));
    }
    assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "paid");
    let calls = desk.line_calls_with("hello");
    let statuses: Vec<_> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(500), None, Some(502), Some(429), Some(503), None, Some(409)]);
    assert!(calls.iter().all(|call| call.retry_key.is_some() && call.retry_key == calls[0].retry_key), "{calls:?}");
    assert_eq!(desk.texts_at(&user), ["hello"], "once");
}

#[tokio::test]
async fn dl4_a_timeout_goes_again_under_its_key() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let users = [desk.customer_of("Somchai", &ann).await, desk.customer_of("Malee", &ann).await];
    for (user, fault) in users.iter().zip([Fault::hang(), Fault::hang_after()]) {
        desk.line.set_fault(Endpoint::Push, fault.once());
        ann.writes(user, user).await;
        desk.fault_is_used_up(Endpoint::Push).await;
    }
    for user in &users {
        // Time passes only now: after a minute of it the lease would be over, and the call another's.
        desk.called(user, 1).await;
    }
    for (user, last) in users.iter().zip([200, 409]) {
        let has_again = async || Some(desk.line_calls_with(user)).filter(|calls| calls.len() >= 2);
        let calls = desk.in_time("a second try", has_again).await;
        assert_eq!((calls[0].status, calls[1].status), (None, Some(last)));
        assert!(calls.iter().all(|call| call.retry_key == calls[0].retry_key), "{calls:?}");
        assert_eq!(desk.texts_at(user), [user.as_str()]);
    }
}

#[tokio::test]
async fn dl4_a_refusal_is_final_and_a_409_is_success() {
    let desk = pushes_only(TestDesk::builder()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, marker) = (desk.customer_of("Somchai", &ann).await, desk.customer_of("Marker", &ann).await);
    let mut socket = desk.socket(&ann).await;
    for status in [400, 401, 403, 404, 410, 413, 415] {
        desk.line.set_fault(Endpoint::Push, Fault::status(status).once());
        let text = format!("refused with {status}");
        let sent = ann.writes(&user, &text).await;
        let failed = socket.event_where("message_failed", |payload| payload["message_id"] == sent["id"]).await.payload;
        assert_eq!((&failed["code"], &failed["delivery"]["state"]), (&json!("line_rejected"), &json!("failed")));
        // What the desk's owner can mend is worth another try.
        assert_eq!(failed["retryable"], json!([401, 403].contains(&status)), "{failed}");
        assert!(failed["error"].as_str().unwrap().len() > 20, "{failed}");
        desk.worker_looks_twice(&ann, &marker).await;
        assert_eq!(desk.line_calls_with(&text).len(), 1);
    }
    desk.line.set_fault(Endpoint::Push, Fault::status(409).once());
    let sent = ann.writes(&user, "was accepted before").await;
    assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "paid");
    desk.worker_looks_twice(&ann, &marker).await;
    assert_eq!(desk.line_calls_with("was accepted before").len(), 1);
    assert_eq!(desk.texts_at(&user), ["was accepted before"]);
}

#[tokio::test]
async fn dl4_it_gives_up_with_the_life_of_the_key() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.line.set_fault(Endpoint::Push, Fault::status(500));
    let sent = ann.writes(&user, "hello").await;
    desk.called("hello", 1).await;
    // The pause begins when the refusal is written down; time that passed before would not count.
    eventually("the refusal is written down", async || {
        let failures =
            desk.in_store(|tx| Ok(tx.query_one("SELECT sum(failures) FROM lanes", &[])?.get::<i64>(0)?)).await;
        (failures > 0).then_some(())
    })
    .await;
    desk.advance(Duration::from_secs(23 * 3600));
    let calls = desk.called("hello", 2).await;
    assert_eq!(calls[0].retry_key, calls[1].retry_key);
    desk.advance(Duration::from_secs(3600));
    let ann = desk.sign_in("ann").await;
    // LINE may have acted on a 500, so nobody can say that it failed.
    let delivery = ann.delivery_becomes(&user, &sent["id"], "unknown").await;
    assert_eq!((&delivery["code"], &delivery["retryable"]), (&json!("line_unavailable"), &json!(true)));
    let tries = desk.line_calls_with("hello").len();
    desk.line.clear_faults();
    ann.writes(&user, "next").await;
    desk.arrives(&user, "next").await;
    assert_eq!((desk.line_calls_with("hello").len(), desk.texts_at(&user)), (tries, vec!["next".to_owned()]));

    let mut socket = desk.socket(&ann).await;
    socket.command("retry_message", json!({"message_id": sent["id"]})).await.expect("message_sent");
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;
    let again = desk.line_calls_with("hello").pop().unwrap();
    assert_ne!(again.retry_key, calls[0].retry_key, "the old key means nothing to LINE any more");
}

#[tokio::test]
async fn dl4_an_unreachable_line_is_given_up_after_a_day_too() {
    let proxy = Proxy::to("");
    let builder = TestDesk::builder().manual_clock().set("line_api_url", &proxy.http_url());
    let desk = builder.without_limits().start().await;
    proxy.set_target(desk.line.addr());
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    proxy.down().await;
    let sent = ann.writes(&user, "hello").await;
    desk.advance(Duration::from_secs(23 * 3600));
    let ann = desk.sign_in("ann").await;
    ann.delivery_becomes(&user, &sent["id"], "queued").await;
    desk.advance(Duration::from_secs(3600));
    let ann = desk.sign_in("ann").await;
    let delivery = ann.delivery_becomes(&user, &sent["id"], "failed").await;
    assert_eq!((&delivery["code"], &delivery["retryable"]), (&json!("line_unavailable"), &json!(true)));
    proxy.up().await;
    let mut socket = desk.socket(&ann).await;
    socket.command("retry_message", json!({"message_id": sent["id"]})).await.expect("message_sent");
    desk.in_time("it arrives", async || (desk.texts_at(&user) == ["hello"]).then_some(())).await;
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;
}

#[tokio::test]
async fn dl3_what_line_never_got_waits_keeps_its_token_and_goes_free() {
    let proxy = Proxy::to("");
    let desk = TestDesk::builder().manual_clock().set("line_api_url", &proxy.http_url()).start().await;
    proxy.set_target(desk.line.addr());
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    proxy.down().await;
    let sent = ann.writes(&user, "hello").await;
    let waits = |payload: &Value| payload["id"] == sent["id"] && payload["delivery"]["code"] == "line_unavailable";
    let told = socket.event_where("message_updated", waits).await.payload;
    assert_eq!(told["delivery"]["state"], "queued");
    assert!(told["delivery"]["error"].as_str().unwrap().contains("keep trying"), "{told}");
    proxy.up().await;
    let accepted = desk.in_time("it is accepted", async || {
        Some(ann.delivery(&user, &sent["id"]).await).filter(|delivery| delivery["state"] == "accepted")
    });
    assert_eq!(accepted.await["cost"], "free");
    assert_eq!(desk.texts_at(&user), ["hello"]);
}

#[tokio::test]
async fn dl3_dl4_a_network_that_loses_the_answer_is_doubt_for_a_reply_and_a_409_for_a_push() {
    let proxy = Proxy::to("");
    let builder = TestDesk::builder().manual_clock().set("line_api_url", &proxy.http_url()).simulator(no_quota);
    let desk = builder.start().await;
    proxy.set_target(desk.line.addr());
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let lose_the_answer = async |text: &str, is_cut: bool| {
        // No connection of before is left, so that the next call opens one that loses its answer.
        proxy.cut();
        if is_cut {
            proxy.hold_answers();
        } else {
            proxy.end_answers();
        }
        let sent = ann.writes(&user, text).await;
        desk.arrives(&user, text).await;
        proxy.cut();
        proxy.up().await;
        sent
    };
    for is_cut in [true, false] {
        desk.says(&user, "hello?").await;
        let text = format!("reply {is_cut}");
        let sent = lose_the_answer(&text, is_cut).await;
        ann.delivery_becomes(&user, &sent["id"], "unknown").await;
        assert_eq!(desk.line_calls_with(&text).len(), 1);
    }
    // The first token is from asking for a person.
    let sent = ann.writes(&user, "the last token").await;
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;
    for is_cut in [true, false] {
        let text = format!("push {is_cut}");
        let sent = lose_the_answer(&text, is_cut).await;
        let accepted = desk.in_time("it is accepted", async || {
            Some(ann.delivery(&user, &sent["id"]).await).filter(|delivery| delivery["state"] == "accepted")
        });
        assert_eq!(accepted.await["cost"], "paid");
        let calls = desk.line_calls_with(&text);
        assert_eq!(calls.last().unwrap().status, Some(409));
        assert!(calls.iter().all(|call| call.how == How::Push && call.retry_key == calls[0].retry_key), "{calls:?}");
        assert_eq!(desk.texts_at(&user).iter().filter(|one| **one == text).count(), 1);
    }
}

#[tokio::test]
async fn dl6_with_the_quota_spent_it_is_held_told_and_goes_free_when_the_customer_writes() {
    let builder = TestDesk::builder().set("reply_token_seconds", "5").manual_clock().without_limits();
    let desk = builder.simulator(|options| options.monthly_quota = Some(1)).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.advance(Duration::from_secs(10));
    ann.writes(&user, "the last paid one").await;
    desk.arrives(&user, "the last paid one").await;
    let mut held = Vec::new();
    for text in ["held", "held too"] {
        let sent = ann.writes(&user, text).await;
        let failed = socket.event_where("message_failed", |payload| payload["message_id"] == sent["id"]).await.payload;
        assert_eq!((&failed["code"], &failed["delivery"]["state"]), (&json!("quota_exhausted"), &json!("withheld")));
        assert!(failed["error"].as_str().unwrap().contains("used up"), "{failed}");
        assert_eq!(desk.line_calls_with(text).len(), 1, "it is asked once");
        held.push(sent);
    }
    desk.says(&user, "are you there?").await;
    for sent in &held {
        assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "free");
    }
    assert_eq!(desk.texts_at(&user), ["the last paid one", "held", "held too"]);
    assert_eq!(desk.line.paid_used(), 1);

    // Or somebody buys more, and an operator tries again.
    let sent = ann.writes(&user, "held once more").await;
    ann.delivery_becomes(&user, &sent["id"], "withheld").await;
    desk.line.set_quota(Some(9));
    socket.command("retry_message", json!({"message_id": sent["id"]})).await.expect("message_sent");
    assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "paid");
}

#[tokio::test]
async fn dl6_a_rate_limit_is_a_pause_also_when_the_quota_cannot_be_asked() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    for can_ask in [true, false] {
        let text = format!("{can_ask}");
        desk.line.set_fault(Endpoint::Push, Fault::status(429).once());
        if !can_ask {
            desk.line.set_fault(Endpoint::Other, Fault::status(500));
        }
        let sent = ann.writes(&user, &text).await;
        desk.called(&text, 1).await;
        let accepted = desk.in_time("it is accepted", async || {
            Some(ann.delivery(&user, &sent["id"]).await).filter(|delivery| delivery["state"] == "accepted")
        });
        accepted.await;
        let calls = desk.line_calls_with(&text);
        assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [Some(429), Some(200)]);
    }
    assert_eq!(desk.texts_at(&user), ["true", "false"]);
}

#[tokio::test]
async fn dl6_a_quota_that_is_spent_after_a_rate_limit_still_holds_the_message() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.line.set_quota(Some(0));
    desk.line.set_fault(Endpoint::Other, Fault::status(500));
    let sent = ann.writes(&user, "hello").await;
    desk.called("hello", 1).await;
    desk.line.clear_faults();
    // A 429 refused it, so there is no doubt that it did not arrive.
    let delivery = desk.in_time("it is held", async || {
        Some(ann.delivery(&user, &sent["id"]).await).filter(|delivery| delivery["state"] == "withheld")
    });
    assert_eq!(delivery.await["code"], "quota_exhausted");
}

#[tokio::test]
async fn dl6_a_rate_limited_reply_keeps_its_token() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.line.set_fault(Endpoint::Reply, Fault::status(429).once());
    let sent = ann.writes(&user, "hello").await;
    let accepted = desk.in_time("it is accepted", async || {
        Some(ann.delivery(&user, &sent["id"]).await).filter(|delivery| delivery["state"] == "accepted")
    });
    assert_eq!(accepted.await["cost"], "free");
    let calls = desk.line_calls_with("hello");
    assert_eq!((calls.len(), &calls[0].reply_token), (2, &calls[1].reply_token));
}

#[tokio::test]
async fn dl2_a_clock_that_jumps_while_line_is_asked_sends_nothing_twice() {
    let desk = pushes_only(TestDesk::builder().manual_clock()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, marker) = (desk.customer_of("Somchai", &ann).await, desk.customer_of("Marker", &ann).await);
    let start = desk.now_ms();
    // LINE takes its time over each; what the desk does meanwhile is told by what goes to somebody else.
    let slow = || desk.line.set_fault(Endpoint::Push, Fault::delay(Duration::from_secs(1)).once());
    let asked = async || desk.line.wait_for(|line| line.settings().push.is_none(), DEADLINE).await.unwrap();

    slow();
    let sent = ann.writes(&user, "forward").await;
    asked().await;
    // Every lease is over at once.
    desk.set_clock(start + 600_000);
    desk.worker_looks_twice(&ann, &marker).await;
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;

    slow();
    let sent = ann.writes(&user, "back").await;
    asked().await;
    desk.set_clock(start);
    ann.delivery_becomes(&user, &sent["id"], "accepted").await;
    desk.set_clock(start + 600_000);
    desk.worker_looks_twice(&ann, &marker).await;
    for text in ["forward", "back"] {
        assert_eq!(desk.line_calls_with(text).len(), 1, "{text}");
    }
    assert_eq!(desk.texts_at(&user), ["forward", "back"]);
}
