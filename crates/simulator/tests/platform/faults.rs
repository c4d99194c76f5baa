//! Every fault does what it says: with or without effect, with or without an answer.

use std::time::{Duration, Instant};

use linedesk_simulator::{Call, Direction, Endpoint, Fault, Outcome, Platform};
use serde_json::json;
use tokio::task::JoinSet;

use super::desk::{Desk, SOON, answer};

/// The last call of a direction, once there are this many.
async fn last_call(desk: &Desk, direction: Direction, count: usize) -> Call {
    let of = move |call: &&Call| call.direction == direction;
    desk.sim.wait_for(|platform| platform.calls().filter(of).count() == count, SOON).await.unwrap();
    desk.sim.calls().into_iter().rfind(|call| call.direction == direction).unwrap()
}

#[tokio::test]
async fn a_status_is_answered_without_effect_for_as_long_as_was_asked() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let sent = desk.sim.send_text(&user, "hello").unwrap();
    desk.sim.set_fault(Endpoint::Reply, Fault::status(500).times(2));
    for _ in 0..2 {
        assert_eq!(
            answer(desk.reply(&sent.reply_token, "x")).await,
            (500, json!({"message": "Internal Server Error"}))
        );
    }
    assert!(desk.sim.received(&user).is_empty());
    assert_eq!(desk.sim.settings().reply, None);
    assert_eq!(answer(desk.reply(&sent.reply_token, "x")).await.0, 200);

    desk.sim.set_fault(Endpoint::Push, Fault::status(429));
    for _ in 0..3 {
        let (status, body) = answer(desk.push(&user, "x")).await;
        assert_eq!(status, 429);
        assert_ne!(body["message"], "You have reached your monthly limit.", "this one is the rate limit");
    }
    assert_eq!(desk.get(&format!("profile/{user}")).await.0, 200, "other calls go on");
    desk.sim.clear_fault(Endpoint::Push);
    assert_eq!(answer(desk.push(&user, "x")).await.0, 200);

    desk.sim.set_fault(Endpoint::Other, Fault::status(404).once());
    assert_eq!(desk.get(&format!("profile/{user}")).await.0, 404);
    assert_eq!(desk.get(&format!("profile/{user}")).await.0, 200);
}

#[tokio::test]
async fn a_409_on_a_push_takes_effect_and_names_what_was_sent() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.set_fault(Endpoint::Push, Fault::status(409).once());
    let (status, body) = answer(desk.push(&user, "there")).await;
    assert_eq!(status, 409);
    assert_eq!(body["sentMessages"][0]["id"], desk.sim.received(&user)[0].id.as_str());
    assert_eq!(desk.texts(&user), ["there"]);
}

#[tokio::test]
async fn a_delay_and_latency_hold_the_answer_up() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let delay = Duration::from_millis(40);
    desk.sim.set_fault(Endpoint::Push, Fault::delay(delay).once());
    let started = Instant::now();
    assert_eq!(answer(desk.push(&user, "late")).await.0, 200);
    assert!(started.elapsed() >= delay);
    assert!(desk.sim.calls().last().unwrap().duration_ms >= 40);
    assert_eq!(desk.texts(&user), ["late"]);

    desk.sim.set_latency(delay, Duration::ZERO);
    let started = Instant::now();
    assert_eq!(desk.get("info").await.0, 200);
    assert!(started.elapsed() >= delay);
}

/// Pushes; once that has come as far as it shall, the caller has no answer and goes away.
async fn push_without_answer(desk: &Desk, user: &str, as_far: impl Fn(&Platform) -> bool) {
    let mut asking = JoinSet::new();
    asking.spawn(desk.push(user, "arrived").send());
    desk.sim.wait_for(as_far, SOON).await.unwrap();
    assert!(asking.try_join_next().is_none());
    asking.shutdown().await;
    assert_eq!(last_call(desk, Direction::ToLine, 1).await.outcome, Outcome::Abandoned);
}

#[tokio::test]
async fn a_hang_has_no_effect_and_no_answer() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.set_fault(Endpoint::Push, Fault::hang().once());
    push_without_answer(&desk, &user, |platform| platform.settings().push.is_none()).await;
    assert!(desk.sim.received(&user).is_empty());
    assert_eq!(desk.sim.paid_used(), 0);
}

#[tokio::test]
async fn a_hang_after_takes_effect_and_has_no_answer() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.set_fault(Endpoint::Push, Fault::hang_after().once());
    push_without_answer(&desk, &user, |platform| platform.received(&user).count() == 1).await;
    assert_eq!(desk.texts(&user), ["arrived"]);
    assert_eq!(desk.sim.paid_used(), 1);
}

#[tokio::test]
async fn a_cut_breaks_the_connection_with_or_without_effect() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let sent = desk.sim.send_text(&user, "hello").unwrap();
    desk.sim.set_fault(Endpoint::Reply, Fault::cut_before().once());
    let error = desk.reply(&sent.reply_token, "x").send().await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_status() && !error.is_connect(), "{error:?}");
    assert!(desk.sim.received(&user).is_empty());
    let call = last_call(&desk, Direction::ToLine, 1).await;
    assert_eq!((call.outcome, call.status), (Outcome::CutOff, None));

    // The token is unused, so the next try works; its answer is lost, and the one after is too late.
    desk.sim.set_fault(Endpoint::Reply, Fault::cut_after().once());
    let error = desk.reply(&sent.reply_token, "arrived").send().await.unwrap_err();
    assert!(!error.is_timeout() && !error.is_status(), "{error:?}");
    assert_eq!(desk.texts(&user), ["arrived"]);
    assert_eq!(answer(desk.reply(&sent.reply_token, "again")).await.0, 400);
}

#[tokio::test]
async fn a_retry_key_makes_a_lost_answer_safe() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let push = || desk.push(&user, "once").header("x-line-retry-key", "123e4567-e89b-12d3-a456-426614174000");
    desk.sim.set_fault(Endpoint::Push, Fault::cut_after().once());
    assert!(push().send().await.is_err());
    assert_eq!(answer(push()).await.0, 409);
    assert_eq!(desk.texts(&user), ["once"]);
}

#[tokio::test]
async fn webhook_faults_are_lost_on_the_way_there_or_back() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    let cases = [
        (Fault::cut_before(), false, Outcome::CutOff, None),
        (Fault::hang(), false, Outcome::TimedOut, None),
        (Fault::cut_after(), true, Outcome::CutOff, None),
        (Fault::hang_after(), true, Outcome::TimedOut, None),
        (Fault::status(500), true, Outcome::Answered, Some(500)),
        (Fault::delay(Duration::from_millis(5)), true, Outcome::Answered, Some(200)),
    ];
    for (count, (fault, arrives, outcome, status)) in cases.into_iter().enumerate() {
        let before = desk.received().len();
        desk.sim.set_fault(Endpoint::Webhook, fault.once());
        desk.sim.send_text(&user, "x").unwrap();
        desk.sim.wait_until_idle(SOON).await.unwrap();
        assert_eq!(desk.received().len() - before, usize::from(arrives), "{fault:?}");
        // The first was the follow.
        let call = last_call(&desk, Direction::ToDesk, count + 2).await;
        assert_eq!((call.outcome, call.status), (outcome, status), "{fault:?}");
    }
}

#[tokio::test]
async fn a_webhook_whose_answer_was_lost_is_redelivered() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    desk.sim.set_redelivery(true);
    desk.sim.set_redelivery_policy(3, Duration::from_millis(1));
    desk.sim.set_fault(Endpoint::Webhook, Fault::cut_after().once());
    let sent = desk.sim.send_text(&user, "twice").unwrap();
    let events = desk.events("message").await;
    let ids: Vec<_> = events.iter().map(|event| event["webhookEventId"].clone()).collect();
    assert_eq!(ids, [json!(sent.event_id), json!(sent.event_id)]);
    assert_eq!(events[1]["deliveryContext"]["isRedelivery"], true);
}

#[tokio::test]
async fn clearing_and_resetting_end_every_fault() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let all = [Endpoint::Reply, Endpoint::Push, Endpoint::Other, Endpoint::Webhook];
    for endpoint in all {
        desk.sim.set_fault(endpoint, Fault::status(500));
    }
    desk.sim.clear_faults();
    assert_eq!(answer(desk.push(&user, "x")).await.0, 200);
    for endpoint in all {
        desk.sim.set_fault(endpoint, Fault::hang());
    }
    desk.sim.revoke_token();
    desk.sim.reset_settings();
    assert_eq!(answer(desk.push(&user, "x")).await.0, 200);
    assert_eq!(desk.sim.paid_used(), 1, "the first one was forgotten");
}

#[tokio::test]
async fn a_stop_ends_calls_that_hang() {
    let Desk { sim, http, .. } = Desk::start().await;
    sim.set_fault(Endpoint::Other, Fault::hang().once());
    let request = http.get(format!("{}/v2/bot/info", sim.base_url())).timeout(SOON * 2);
    let mut asking = JoinSet::new();
    asking.spawn(async move { request.send().await });
    // The fault is used up, and so the call is in there.
    sim.wait_for(|platform| platform.settings().other.is_none(), SOON).await.unwrap();
    tokio::time::timeout(SOON, sim.shutdown()).await.unwrap();
    let error = asking.join_next().await.unwrap().unwrap().unwrap_err();
    assert!(!error.is_timeout(), "{error:?}");
}
