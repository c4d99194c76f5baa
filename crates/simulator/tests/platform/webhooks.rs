//! Webhooks: signed, shaped and ordered as LINE does, and sent again when asked to.

use std::time::Duration;

use linedesk_simulator::{ControlError, Direction, Friendship, Outcome, Simulator, SimulatorOptions};
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{Desk, SOON, START_MS, answer};

const NOW: Duration = Duration::from_millis(1);

#[tokio::test]
async fn webhooks_are_signed_over_their_very_bytes() {
    let desk = Desk::start().await;
    desk.sim.send_text(&desk.friend(), "ขอบคุณ 𠮷").unwrap();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    let received = desk.received();
    assert_eq!(received.len(), 2);
    for webhook in received {
        let signature = webhook.headers[linedesk_line::signature::HEADER].to_str().unwrap();
        assert!(linedesk_line::signature::verify(desk.sim.channel_secret(), &webhook.body, signature));
        assert!(!linedesk_line::signature::verify("another secret", &webhook.body, signature));
        assert_eq!(webhook.headers["user-agent"], "LineBotWebhook/2.0");
        assert_eq!(webhook.json()["destination"], desk.sim.bot_user_id());
    }
}

#[tokio::test]
async fn a_text_has_lines_shape() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let first = desk.sim.send_text(&user, "first").unwrap();
    let sent = desk.sim.send_text_quoting(&user, "second", &first.message_id).unwrap();
    let event = desk.events("message").await.pop().unwrap();
    let expected = json!({
        "type": "message",
        "mode": "active",
        "timestamp": START_MS,
        "source": {"type": "user", "userId": user},
        "webhookEventId": sent.event_id,
        "deliveryContext": {"isRedelivery": false},
        "replyToken": sent.reply_token,
        "message": {
            "type": "text",
            "id": sent.message_id,
            "text": "second",
            "quoteToken": sent.quote_token,
            "quotedMessageId": first.message_id,
            "markAsReadToken": sent.mark_as_read_token,
        },
    });
    assert_eq!(event, expected);
    assert!(user.len() == 33 && user.starts_with('U'));
}

#[tokio::test]
async fn follow_unfollow_and_unsend_are_told_and_turning_stranger_is_not() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.unfollow(&user).unwrap();
    assert_eq!(desk.sim.send_text(&user, "x"), Err(ControlError::Blocked));
    desk.sim.unblock(&user).unwrap();
    desk.sim.set_friendship(&user, Friendship::Stranger).unwrap();
    desk.sim.follow(&user).unwrap();
    desk.sim.follow(&user).unwrap();
    let follows = desk.events("follow").await;
    let unblocked: Vec<_> = follows.iter().map(|event| event["follow"]["isUnblocked"].clone()).collect();
    assert_eq!(unblocked, [json!(false), json!(true), json!(false)]);
    let unfollows = desk.events("unfollow").await;
    assert_eq!(unfollows.len(), 1);
    assert!(unfollows[0].get("replyToken").is_none(), "one who left cannot be answered");

    let sent = desk.sim.send_text(&user, "secret").unwrap();
    desk.sim.unsend(&sent.message_id).unwrap();
    assert_eq!(desk.sim.unsend(&sent.message_id), Err(ControlError::UnknownMessage));
    let unsends = desk.events("unsend").await;
    assert_eq!(unsends.len(), 1);
    assert_eq!(unsends[0]["unsend"], json!({"messageId": sent.message_id}));
    let message = desk.sim.messages(&user).pop().unwrap();
    assert!(message.unsent && message.text.is_none());
}

#[tokio::test]
async fn one_customers_webhooks_come_in_order_also_when_many_write() {
    let desk = Desk::start().await;
    let users: Vec<_> = (0..5).map(|_| desk.friend()).collect();
    for number in 0..20 {
        for user in &users {
            desk.sim.send_text(user, &number.to_string()).unwrap();
        }
    }
    let events = desk.events("message").await;
    let expected: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    for user in users {
        let own = events.iter().filter(|event| event["source"]["userId"] == user);
        let texts: Vec<_> = own.map(|event| event["message"]["text"].as_str().unwrap()).collect();
        assert_eq!(texts, expected);
    }
}

#[tokio::test]
async fn messages_sent_at_once_travel_in_one_webhook_or_not_at_all() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let sent = desk.sim.send_texts_at_once(&user, &["a", "b", "c"]).unwrap();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    let last = desk.received().pop().unwrap();
    let ids: Vec<_> = last.events().iter().map(|event| event["webhookEventId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, sent.iter().map(|sent| sent.event_id.clone()).collect::<Vec<_>>());
    assert_eq!(desk.sim.send_texts_at_once(&user, &["fine", " "]), Err(ControlError::InvalidText));
    assert_eq!(desk.sim.messages(&user).len(), 3);
}

#[tokio::test]
async fn with_redelivery_a_webhook_that_failed_comes_again_with_its_id() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    desk.sim.set_redelivery(true);
    desk.sim.set_redelivery_policy(5, NOW);
    desk.answer_next(&[500, 404]);
    let sent = desk.sim.send_text(&user, "once").unwrap();
    desk.sim.send_text(&user, "next").unwrap();
    let events = desk.events("message").await;
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event["message"]["text"].as_str().unwrap(), &event["deliveryContext"]["isRedelivery"]))
        .collect();
    assert_eq!(
        seen,
        [("once", &json!(false)), ("once", &json!(true)), ("once", &json!(true)), ("next", &json!(false))]
    );
    assert!(events[..3].iter().all(|event| event["webhookEventId"] == sent.event_id));
    assert!(events[..3].iter().all(|event| event["replyToken"] == sent.reply_token));
    let calls = desk.sim.calls();
    let marks: Vec<_> = calls[calls.len() - 4..].iter().map(|call| (call.status, call.redelivery)).collect();
    assert_eq!(marks, [(Some(500), false), (Some(404), true), (Some(200), true), (Some(200), false)]);
}

#[tokio::test]
async fn redelivery_gives_up_after_its_tries_and_is_off_at_first() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    desk.answer_next(&[500]);
    desk.sim.send_text(&user, "lost").unwrap();
    assert_eq!(desk.events("message").await.len(), 1);
    desk.sim.set_redelivery(true);
    desk.sim.set_redelivery_policy(3, NOW);
    desk.answer_next(&[500, 500, 500]);
    desk.sim.send_text(&user, "tried").unwrap();
    assert_eq!(desk.events("message").await.len(), 1 + 3);
}

#[tokio::test]
async fn any_event_can_be_sent_again_late_and_out_of_order() {
    let desk = Desk::start().await;
    assert_eq!(desk.sim.redeliver_last(), Err(ControlError::UnknownEvent));
    let user = desk.friend();
    let sent = desk.sim.send_texts_at_once(&user, &["a", "b"]).unwrap();
    desk.sim.send_text(&user, "c").unwrap();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    desk.sim.redeliver(&sent[1].event_id).unwrap();
    desk.sim.redeliver(&sent[0].event_id).unwrap();
    assert_eq!(desk.sim.redeliver("unknown"), Err(ControlError::UnknownEvent));
    let events = desk.events("message").await;
    let again: Vec<_> = events
        .iter()
        .filter(|event| event["deliveryContext"]["isRedelivery"] == true)
        .map(|event| event["message"]["text"].clone())
        .collect();
    assert_eq!(again, [json!("b"), json!("a")]);
    desk.sim.redeliver_last().unwrap();
    let last = desk.events("message").await.pop().unwrap();
    assert_eq!((&last["message"]["text"], &last["deliveryContext"]["isRedelivery"]), (&json!("a"), &json!(true)));
}

#[tokio::test]
async fn the_verify_button_and_the_webhook_test_send_no_events() {
    let desk = Desk::start().await;
    desk.sim.send_verification().unwrap();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    assert!(desk.received().pop().unwrap().events().is_empty());
    assert_eq!(desk.sim.redeliver_last(), Err(ControlError::UnknownEvent), "there is no event to send again");

    let test = || desk.line(Method::POST, "channel/webhook/test");
    let (_, fine) = answer(test()).await;
    assert_eq!((&fine["success"], &fine["statusCode"], &fine["reason"]), (&json!(true), &json!(200), &json!("OK")));
    assert_eq!(fine["timestamp"], "2025-11-24T16:00:00.000Z");
    desk.answer_next(&[503]);
    assert_eq!(answer(test()).await.1["reason"], "ERROR_STATUS_CODE");
    let nowhere = json!({"endpoint": "http://127.0.0.1:1/"});
    assert_eq!(answer(test().json(&nowhere)).await.1["reason"], "COULD_NOT_CONNECT");
}

#[tokio::test]
async fn the_webhook_address_can_be_read_and_set() {
    let desk = Desk::start().await;
    let set = |url: &str| desk.line(Method::PUT, "channel/webhook/endpoint").json(&json!({"endpoint": url}));
    for wrong in ["ftp://desk/", "not a url", ""] {
        assert_eq!(answer(set(wrong)).await.0, 400, "{wrong}");
    }
    assert_eq!(answer(set("http://127.0.0.1:1/hook")).await, (200, json!({})));
    let (_, body) = desk.get("channel/webhook/endpoint").await;
    assert_eq!(body, json!({"endpoint": "http://127.0.0.1:1/hook", "active": true}));
    desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    let call = desk.sim.calls().into_iter().rfind(|call| call.direction == Direction::ToDesk).unwrap();
    assert_eq!((call.outcome, call.status), (Outcome::Unreachable, None));
}

#[tokio::test]
async fn a_raw_event_goes_out_as_it_is_and_a_webhook_without_an_address_is_logged() {
    let desk = Desk::start().await;
    let event = json!({"type": "hologram", "source": {"type": "user", "userId": "U1"}, "odd": [1, null]});
    desk.sim.send_raw_event(event.clone()).unwrap();
    assert_eq!(desk.events("hologram").await, [event]);

    let alone = Simulator::start(SimulatorOptions::default()).await.unwrap();
    alone.send_raw_event(Value::Null).unwrap();
    alone.wait_until_idle(SOON).await.unwrap();
    assert_eq!(alone.calls()[0].outcome, Outcome::NoEndpoint);
    alone.shutdown().await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_customers() {
    let (one, other) = (Desk::start().await, Desk::start().await);
    assert_eq!(one.friend(), other.friend());
    assert_eq!(one.sim.bot_user_id(), other.sim.bot_user_id());
    let third = Desk::start_with(SimulatorOptions { seed: 2, ..SimulatorOptions::default() }).await;
    assert_ne!(one.friend(), third.friend());
}
