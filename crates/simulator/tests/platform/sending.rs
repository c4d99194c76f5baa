//! Replies, pushes, quota, profiles and refusals: what LINE documents, as LINE words it.

use std::time::Duration;

use linedesk_simulator::{Author, How, SimulatorOptions};
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{Desk, answer, read, text_of};

const KEY: &str = "123e4567-e89b-12d3-a456-426614174000";
const RETRY_KEY: &str = "x-line-retry-key";

#[tokio::test]
async fn a_reply_token_works_once_and_costs_nothing() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let sent = desk.sim.send_text(&user, "hello").unwrap();

    let response = desk.reply(&sent.reply_token, "hi").send().await.unwrap();
    assert!(response.headers().contains_key("x-line-request-id"));
    let (status, body) = read(response).await;
    assert_eq!(status, 200);
    let received = desk.sim.received(&user);
    assert_eq!(body["sentMessages"][0]["id"], received[0].id.as_str());
    assert!(body["sentMessages"][0]["quoteToken"].is_string());
    assert_eq!((received[0].text.as_deref(), received[0].how), (Some("hi"), Some(How::Reply)));

    let refused = answer(desk.reply(&sent.reply_token, "again")).await;
    assert_eq!(refused, (400, json!({"message": "Invalid reply token"})));
    assert_eq!(answer(desk.reply("nonsense", "x")).await.0, 400);
    assert_eq!(desk.texts(&user), ["hi"]);
    assert_eq!(desk.sim.paid_used(), 0);
}

#[tokio::test]
async fn a_reply_token_expires_by_the_clock() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let (first, second) = (desk.sim.send_text(&user, "1").unwrap(), desk.sim.send_text(&user, "2").unwrap());
    desk.clock.advance(Duration::from_millis(59_999));
    assert_eq!(answer(desk.reply(&first.reply_token, "in time")).await.0, 200);
    desk.clock.advance(Duration::from_millis(1));
    assert_eq!(answer(desk.reply(&second.reply_token, "late")).await, (400, json!({"message": "Invalid reply token"})));
    assert_eq!(desk.texts(&user), ["in time"]);

    // The knob also acts on tokens that are out.
    desk.sim.set_reply_token_life(Duration::from_secs(61));
    assert_eq!(answer(desk.reply(&second.reply_token, "after all")).await.0, 200);
}

#[tokio::test]
async fn a_refused_reply_leaves_the_token_usable() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let sent = desk.sim.send_text(&user, "hello").unwrap();
    assert_eq!(answer(desk.reply(&sent.reply_token, "")).await.0, 400);
    assert_eq!(answer(desk.reply(&sent.reply_token, "fine")).await.0, 200);
}

#[tokio::test]
async fn a_retry_key_is_accepted_once_and_then_tells_what_was_sent() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let first = desk.push(&user, "once").header(RETRY_KEY, KEY).send().await.unwrap();
    let request_id = first.headers()["x-line-request-id"].clone();
    let (status, sent) = read(first).await;
    assert_eq!(status, 200);

    let again = desk.push(&user, "once").header(RETRY_KEY, KEY.to_uppercase()).send().await.unwrap();
    assert_eq!(again.headers()["x-line-accepted-request-id"], request_id);
    assert_ne!(again.headers()["x-line-request-id"], request_id);
    let (status, body) = read(again).await;
    assert_eq!(status, 409);
    assert_eq!(body["message"], "The retry key is already accepted");
    assert_eq!(body["sentMessages"], sent["sentMessages"]);
    assert_eq!(desk.texts(&user), ["once"]);
    assert_eq!(desk.sim.paid_used(), 1);
    assert_eq!(desk.sim.received(&user)[0].retry_key.as_deref(), Some(KEY));

    desk.clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(answer(desk.push(&user, "next day").header(RETRY_KEY, KEY)).await.0, 200);
    assert_eq!(desk.texts(&user), ["once", "next day"]);
}

#[tokio::test]
async fn a_push_that_failed_does_not_use_its_retry_key_up() {
    let desk = Desk::start().await;
    let user = desk.friend();
    assert_eq!(answer(desk.push(&user, "").header(RETRY_KEY, KEY)).await.0, 400);
    assert_eq!(answer(desk.push(&user, "fixed").header(RETRY_KEY, KEY)).await.0, 200);
}

#[tokio::test]
async fn a_retry_key_is_refused_on_reply_and_when_it_is_no_uuid() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let sent = desk.sim.send_text(&user, "hello").unwrap();
    assert_eq!(answer(desk.reply(&sent.reply_token, "x").header(RETRY_KEY, KEY)).await.0, 400);
    assert_eq!(answer(desk.push(&user, "x").header(RETRY_KEY, "not-a-uuid")).await.0, 400);
    assert_eq!(desk.texts(&user), Vec::<String>::new());
    assert_eq!(answer(desk.reply(&sent.reply_token, "x")).await.0, 200);
}

#[tokio::test]
async fn the_quota_counts_recipients_and_then_refuses_in_lines_words() {
    let desk = Desk::start_with(SimulatorOptions { monthly_quota: Some(2), ..SimulatorOptions::default() }).await;
    let user = desk.friend();
    assert_eq!(desk.get("message/quota").await, (200, json!({"type": "limited", "value": 2})));
    let five = json!({"to": user, "messages": vec![text_of("x"); 5]});
    assert_eq!(answer(desk.line(Method::POST, "message/push").json(&five)).await.0, 200);
    assert_eq!(desk.get("message/quota/consumption").await, (200, json!({"totalUsage": 1})));
    assert_eq!(answer(desk.push(&user, "2")).await.0, 200);

    let refused = answer(desk.push(&user, "3").header(RETRY_KEY, KEY)).await;
    assert_eq!(refused, (429, json!({"message": "You have reached your monthly limit."})));
    assert_eq!(desk.texts(&user).len(), 6);
    let sent = desk.sim.send_text(&user, "hello").unwrap();
    assert_eq!(answer(desk.reply(&sent.reply_token, "still free")).await.0, 200);

    desk.sim.set_quota(None);
    assert_eq!(desk.get("message/quota").await, (200, json!({"type": "none"})));
    assert_eq!(answer(desk.push(&user, "3").header(RETRY_KEY, KEY)).await.0, 200);
    assert_eq!(desk.sim.paid_used(), 3);
}

#[tokio::test]
async fn to_one_who_blocked_a_push_is_accepted_but_not_delivered() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let (status, profile) = desk.get(&format!("profile/{user}")).await;
    assert_eq!((status, &profile["displayName"]), (200, &json!("Mali")));
    assert_eq!(profile["language"], "th");

    desk.sim.unfollow(&user).unwrap();
    let (status, body) = answer(desk.push(&user, "hello?")).await;
    assert_eq!(status, 200);
    assert!(body["sentMessages"][0]["id"].is_string());
    assert!(desk.sim.received(&user).is_empty());
    assert_eq!(desk.sim.paid_used(), 0);
    assert_eq!(desk.get(&format!("profile/{user}")).await, (404, json!({"message": "Not found"})));

    desk.sim.unblock(&user).unwrap();
    assert_eq!(desk.get(&format!("profile/{user}")).await.0, 200);
}

#[tokio::test]
async fn a_stranger_is_known_once_they_wrote() {
    let desk = Desk::start().await;
    let user = desk.sim.add_customer("Tom", "en", Some("https://example.com/tom.png")).unwrap();
    assert_eq!(desk.get(&format!("profile/{user}")).await.0, 404);
    assert_eq!(answer(desk.push(&user, "unseen")).await.0, 200);
    assert!(desk.sim.received(&user).is_empty());
    desk.sim.send_text(&user, "hi").unwrap();
    let (_, profile) = desk.get(&format!("profile/{user}")).await;
    assert_eq!(profile["pictureUrl"], "https://example.com/tom.png");
    assert_eq!(answer(desk.push(&user, "seen")).await.0, 200);
    assert_eq!(desk.texts(&user), ["seen"]);
    assert_eq!(desk.get("profile/U00000000000000000000000000000000").await.0, 404);
    assert_eq!(answer(desk.push("U00000000000000000000000000000000", "x")).await.0, 400);
}

#[tokio::test]
async fn without_the_token_everything_is_401() {
    let desk = Desk::start().await;
    let user = desk.friend();
    for token in ["", "wrong", "Simulated-Channel-Access-Token"] {
        let url = format!("{}/v2/bot/info", desk.sim.base_url());
        let (status, body) = answer(desk.http.get(url).bearer_auth(token)).await;
        assert_eq!(status, 401, "{token:?}");
        assert!(body["message"].as_str().unwrap().starts_with("Authentication failed."));
    }
    desk.sim.revoke_token();
    assert_eq!(answer(desk.push(&user, "x")).await.0, 401);
    assert!(desk.sim.received(&user).is_empty());
    desk.sim.restore_token();
    assert_eq!(answer(desk.push(&user, "x")).await.0, 200);
}

#[tokio::test]
async fn bodies_too_large_of_another_type_or_broken_are_refused() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let large = vec![b' '; 2 * 1024 * 1024 + 1];
    let push = || desk.line(Method::POST, "message/push").header("content-type", "application/json");
    assert_eq!(answer(push().body(large)).await.0, 413);
    let text = desk.line(Method::POST, "message/push").header("content-type", "text/plain");
    assert_eq!(answer(text.body(json!({"to": user}).to_string())).await.0, 415);
    let (status, body) = answer(push().body(r#"{"to": }"#)).await;
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().contains("line: 1"), "{body}");
    assert_eq!(answer(push().body("[]")).await.0, 400);
    assert_eq!(answer(push().body(json!({"messages": [text_of("x")]}).to_string())).await.0, 400);
    assert_eq!(answer(desk.line(Method::GET, "message/push")).await.0, 405);
    assert_eq!(desk.get("nothing/here").await, (404, json!({"message": "Not found"})));
    assert!(desk.sim.received(&user).is_empty());
}

#[tokio::test]
async fn message_limits_are_told_with_their_place() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let with = |messages: Value| {
        let body = json!({"to": user, "messages": messages});
        answer(desk.line(Method::POST, "message/push").json(&body))
    };
    let at_limit = "𠮷".repeat(2_500);
    assert_eq!(with(json!([text_of(&at_limit)])).await.0, 200);
    let (status, body) = with(json!([text_of("fine"), text_of(&(at_limit.clone() + "x"))])).await;
    let details = json!([{"message": "Length must be between 0 and 5000", "property": "messages[1].text"}]);
    assert_eq!((status, body), (400, json!({"message": "The request body has 1 error(s)", "details": details})));
    let six = with(Value::Array(vec![text_of("x"); 6])).await;
    assert_eq!((six.0, &six.1["details"][0]["property"]), (400, &json!("messages")));
    assert_eq!(with(json!([])).await.0, 400);

    // The same check without sending.
    let validate = desk.line(Method::POST, "message/validate/push").json(&json!({"messages": [text_of("")]}));
    assert_eq!(answer(validate).await.0, 400);
    let validate = desk.line(Method::POST, "message/validate/reply").json(&json!({"messages": [text_of("x")]}));
    assert_eq!(answer(validate).await, (200, json!({})));
    assert_eq!(desk.texts(&user).len(), 1);
}

#[tokio::test]
async fn a_quote_token_is_good_in_its_own_chat_only() {
    let desk = Desk::start().await;
    let (mali, tom) = (desk.friend(), desk.friend());
    let sent = desk.sim.send_text(&mali, "quote me").unwrap();
    let quoting =
        |to: &str| json!({"to": to, "messages": [{"type": "text", "text": "x", "quoteToken": sent.quote_token}]});
    let (status, body) = answer(desk.line(Method::POST, "message/push").json(&quoting(&tom))).await;
    assert_eq!((status, &body["details"][0]["property"]), (400, &json!("messages[0].quoteToken")));
    assert_eq!(answer(desk.line(Method::POST, "message/push").json(&quoting(&mali))).await.0, 200);
    assert_eq!(desk.sim.received(&mali)[0].quoted_message_id.as_ref(), Some(&sent.message_id));
}

#[tokio::test]
async fn reading_marks_show_what_was_read_and_the_loading_animation_ends_with_a_message() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let (_, second) = (desk.sim.send_text(&user, "1").unwrap(), desk.sim.send_text(&user, "2").unwrap());
    desk.sim.send_text(&user, "3").unwrap();
    let mark = |token: &str| desk.line(Method::POST, "chat/markAsRead").json(&json!({"markAsReadToken": token}));
    assert_eq!(answer(mark("unknown")).await.0, 400);
    assert_eq!(answer(mark(&second.mark_as_read_token)).await, (200, json!({})));
    let read: Vec<_> = desk.sim.messages(&user).iter().map(|message| message.read).collect();
    assert_eq!(read, [true, true, false]);

    let load = |seconds: i64| {
        desk.line(Method::POST, "chat/loading/start").json(&json!({"chatId": user, "loadingSeconds": seconds}))
    };
    assert_eq!(answer(load(7)).await.0, 400);
    assert_eq!(answer(load(65)).await.0, 400);
    assert_eq!(answer(load(20)).await, (202, json!({})));
    assert_eq!(desk.sim.customers()[0].loading_until_ms, Some(super::desk::START_MS + 20_000));
    assert_eq!(answer(desk.push(&user, "here")).await.0, 200);
    assert_eq!(desk.sim.customers()[0].loading_until_ms, None);
}

#[tokio::test]
async fn every_call_is_logged_with_its_bodies() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(super::desk::SOON).await.unwrap();
    answer(desk.push(&user, "logged").header(RETRY_KEY, KEY)).await;
    let call = desk.sim.calls().pop().unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/v2/bot/message/push"));
    assert_eq!((call.status, call.retry_key.as_deref()), (Some(200), Some(KEY)));
    assert!(call.request_body.contains("logged") && call.response_body.contains("sentMessages"));
    assert_eq!(desk.sim.find_call(call.id), Some(call));
    assert!(desk.sim.messages(&user).iter().all(|message| message.author == Author::Account));
}

#[tokio::test]
async fn what_lines_files_do_not_describe_is_kept() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.push(&user, "right").send().await.unwrap();
    assert_eq!(desk.sim.take_unfit(), [""; 0]);
    let push =
        |message: Value| desk.line(Method::POST, "message/push").json(&json!({"to": user, "messages": [message]}));
    push(json!({"type": "text", "text": "Hi", "txet": "Hi"})).send().await.unwrap();
    desk.line(Method::GET, "profiles").send().await.unwrap();
    desk.line(Method::GET, "info?full=1").send().await.unwrap();
    let unfit = [
        "POST /v2/bot/message/push: $.messages[0].txet: no schema names it",
        "GET /v2/bot/profiles: LINE has no such operation",
        "GET /v2/bot/info: query `full`: the operation takes none",
    ];
    let shown: Value = desk.sim(Method::GET, "/sim/unfit").send().await.unwrap().json().await.unwrap();
    assert_eq!(shown, json!({"faults": unfit}));
    assert_eq!(desk.sim.take_unfit(), unfit);
    let asked = desk.line(Method::POST, "message/validate/push").json(&json!({"messages": [{"type": "nothing"}]}));
    asked.send().await.unwrap();
    assert_eq!(desk.sim.take_unfit(), [""; 0], "to ask is no fault");
}
