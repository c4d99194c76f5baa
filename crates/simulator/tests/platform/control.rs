//! The control API: what the page can do, and what nobody else may.

use std::time::Duration;

use linedesk_simulator::{Fault, Friendship, Simulator, SimulatorOptions};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::desk::{Desk, SOON, answer, read};

/// Status and message of a refusal, which must be JSON and a sentence.
async fn refusal(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let (status, body) = read(response).await;
    let message = body["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with('.') && message.chars().next().unwrap().is_uppercase(), "{message}");
    (status, message)
}

#[tokio::test]
async fn the_page_can_do_what_a_customer_can() {
    let desk = Desk::start().await;
    let new = json!({"name": " 雅婷 ", "language": "zh-Hant", "picture": "cup"});
    let (status, customer) = answer(desk.sim(Method::POST, "/sim/customers").json(&new)).await;
    assert_eq!((status, &customer["name"], &customer["friendship"]), (201, &json!("雅婷"), &json!("stranger")));
    let picture = desk.http.get(customer["picture_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.status(), 200);
    let user = customer["user_id"].as_str().unwrap();

    let messages = format!("/sim/customers/{user}/messages");
    let (status, first) = answer(desk.sim(Method::POST, &messages).json(&json!({"text": "one"}))).await;
    assert_eq!(status, 201);
    let quoting = json!({"text": "two", "quoted_message_id": first["message_id"]});
    assert_eq!(answer(desk.sim(Method::POST, &messages).json(&quoting)).await.0, 201);
    let friendship = desk.sim(Method::PUT, &format!("/sim/customers/{user}/friendship"));
    let response = friendship.json(&json!({"friendship": "friend"})).send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(desk.sim.customers()[0].friendship, Friendship::Friend);
    let unsend = format!("/sim/messages/{}", first["message_id"].as_str().unwrap());
    assert_eq!(desk.sim(Method::DELETE, &unsend).send().await.unwrap().status(), 204);
    let texts: Vec<_> = (1..=20).map(|number| number.to_string()).collect();
    let at_once = desk.sim(Method::POST, &format!("{messages}/at-once")).json(&json!({"texts": texts}));
    assert_eq!(answer(at_once).await.1.as_array().unwrap().len(), 20);

    let (_, thread) = answer(desk.sim(Method::GET, &messages)).await;
    let thread = thread["messages"].as_array().unwrap();
    assert_eq!(thread.len(), 22);
    assert_eq!((&thread[0]["unsent"], &thread[0]["text"]), (&json!(true), &Value::Null));
    assert_eq!(thread[1]["quoted_message_id"], first["message_id"]);
    assert_eq!(desk.events("message").await.len(), 22);
    assert_eq!(desk.events("unsend").await.len(), 1);
    assert_eq!(desk.events("follow").await.len(), 1);
    let again = desk.sim(Method::POST, "/sim/webhooks/redeliver").json(&json!({"event_id": first["event_id"]}));
    assert_eq!(again.send().await.unwrap().status(), 202);
    let last = desk.events("message").await.pop().unwrap();
    assert_eq!(last["deliveryContext"]["isRedelivery"], true);
}

#[tokio::test]
async fn the_page_can_turn_the_knobs_and_reset_them() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let patch = json!({"push": {"kind": "status", "status": 429, "times": 1}, "quota": null, "token_valid": true,
        "latency_ms": 1, "redelivery": true});
    let (status, settings) = answer(desk.sim(Method::PATCH, "/sim/settings").json(&patch)).await;
    assert_eq!((status, &settings["quota"], &settings["redelivery"]), (200, &Value::Null, &json!(true)));
    assert_eq!(desk.sim.settings().push, Some(Fault::status(429).once()));
    assert_eq!(answer(desk.push(&user, "x")).await.0, 429);
    assert_eq!(answer(desk.push(&user, "x")).await.0, 200);
    let (_, settings) =
        answer(desk.sim(Method::PATCH, "/sim/settings").json(&json!({"reply": {"kind": "hang"}}))).await;
    assert_eq!((&settings["reply"], &settings["latency_ms"]), (&json!({"kind": "hang"}), &json!(1)));
    let (_, settings) = answer(desk.sim(Method::POST, "/sim/settings/reset")).await;
    assert_eq!((&settings["reply"], &settings["quota"], &settings["used"]), (&Value::Null, &json!(200), &json!(0)));
    assert!(settings["webhook_url"].is_string());
}

#[tokio::test]
async fn a_call_is_shown_with_its_bodies_and_listed_without() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    answer(desk.push(&user, "look inside")).await;
    let (_, state) = answer(desk.sim(Method::GET, "/sim/state")).await;
    let call = state["calls"].as_array().unwrap().last().unwrap();
    assert_eq!((&call["path"], &call["request_body"]), (&json!("/v2/bot/message/push"), &json!("")));
    let (_, whole) = answer(desk.sim(Method::GET, &format!("/sim/calls/{}", call["id"]))).await;
    assert!(whole["request_body"].as_str().unwrap().contains("look inside"));
    assert_eq!(state["customers"][0]["received"], 1);
    assert_eq!(state["customers"][0]["last_message"]["text"], "look inside");
    assert!(!state.to_string().contains(desk.sim.channel_access_token()), "no secret goes to the page");
    assert!(!state.to_string().contains(desk.sim.channel_secret()));
    assert_eq!(refusal(desk.sim(Method::GET, "/sim/calls/999999")).await.0, 404);
}

/// The next event of the page's feed.
async fn next(feed: &mut Response, buffer: &mut String) -> Value {
    loop {
        if let Some(end) = buffer.find("\n\n") {
            let event: String = buffer.drain(..end + 2).collect();
            if let Some(data) = event.lines().find_map(|line| line.strip_prefix("data: ")) {
                return serde_json::from_str(data).unwrap();
            }
            continue;
        }
        let chunk = tokio::time::timeout(SOON, feed.chunk()).await.unwrap().unwrap().unwrap();
        buffer.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn the_feed_starts_with_everything_and_tells_every_change() {
    let desk = Desk::start().await;
    let user = desk.friend();
    desk.sim.wait_until_idle(SOON).await.unwrap();
    let mut feed = desk.sim(Method::GET, "/sim/events").send().await.unwrap();
    assert_eq!(feed.headers()["content-type"], "text/event-stream");
    let buffer = &mut String::new();
    let snapshot = next(&mut feed, buffer).await;
    assert_eq!((&snapshot["type"], &snapshot["customer_count"]), (&json!("snapshot"), &json!(1)));
    assert_eq!(snapshot["now_ms"], super::desk::START_MS);

    let sent = desk.sim.send_text(&user, "line one\r\nline two").unwrap();
    let message = next(&mut feed, buffer).await;
    assert_eq!((&message["type"], &message["user_id"]), (&json!("message"), &json!(user)));
    assert_eq!(message["message"]["id"], sent.message_id);
    assert_eq!(message["message"]["text"], "line one\r\nline two");
    let call = next(&mut feed, buffer).await;
    assert_eq!((&call["type"], &call["call"]["summary"]), (&json!("call"), &json!("message")));
    desk.sim.set_quota(Some(7));
    assert_eq!(next(&mut feed, buffer).await["settings"]["quota"], 7);
    desk.sim.unfollow(&user).unwrap();
    assert_eq!(next(&mut feed, buffer).await["customer"]["friendship"], "blocked");
}

#[tokio::test]
async fn the_number_of_listening_pages_is_bounded_and_a_closed_one_makes_room() {
    let desk = Desk::start().await;
    let mut open = Vec::new();
    for _ in 0..64 {
        let feed = desk.sim(Method::GET, "/sim/events").send().await.unwrap();
        assert_eq!(feed.status(), 200);
        open.push(feed);
    }
    assert_eq!(refusal(desk.sim(Method::GET, "/sim/events")).await.0, 503);
    drop(open.pop());
    // The server learns of it on its own; changes make it look.
    let room = async {
        loop {
            desk.sim.set_quota(Some(1));
            let feed = desk.sim(Method::GET, "/sim/events").send().await.unwrap();
            if feed.status() == 200 {
                return;
            }
        }
    };
    tokio::time::timeout(SOON, room).await.unwrap();
}

#[tokio::test]
async fn a_stop_ends_the_feed() {
    let desk = Desk::start().await;
    let alone = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let mut feed = desk.http.get(format!("{}/sim/events", alone.base_url())).send().await.unwrap();
    next(&mut feed, &mut String::new()).await;
    tokio::time::timeout(SOON, alone.shutdown()).await.unwrap();
    let end = tokio::time::timeout(SOON, feed.chunk()).await.unwrap();
    assert!(matches!(end, Ok(None) | Err(_)), "{end:?}");
}

#[tokio::test]
async fn hostile_input_is_refused_in_json_and_changes_nothing() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let before = desk.sim.settings();
    let messages = format!("/sim/customers/{user}/messages");
    let long = "x".repeat(5_001);
    for (method, path, body, status) in [
        (Method::POST, "/sim/customers", json!({"name": "", "language": "th"}), 422),
        (Method::POST, "/sim/customers", json!({"name": "x".repeat(101), "language": "th"}), 422),
        (Method::POST, "/sim/customers", json!({"name": "x", "language": "th\r\nx"}), 422),
        (Method::POST, "/sim/customers", json!({"name": "x", "language": "-"}), 422),
        (Method::POST, "/sim/customers", json!({"name": "x", "language": "th", "picture": "../etc/passwd"}), 422),
        (Method::POST, "/sim/customers", json!({"name": "x", "language": "th", "user_id": "U1"}), 422),
        (Method::POST, "/sim/customers/U1/messages", json!({"text": "x"}), 404),
        (Method::POST, "/sim/customers/%00/messages", json!({"text": "x"}), 404),
        (Method::POST, "/sim/customers/%ff/messages", json!({"text": "x"}), 400),
        (Method::POST, &messages, json!({"text": " \n "}), 422),
        (Method::POST, &messages, json!({"text": long}), 422),
        (Method::POST, &messages, json!({"text": 5}), 422),
        (Method::POST, &messages, json!({"text": "x", "quoted_message_id": "1"}), 404),
        (Method::POST, &format!("{messages}/at-once"), json!({"texts": []}), 422),
        (Method::POST, &format!("{messages}/at-once"), json!({"texts": vec!["x"; 101]}), 422),
        (Method::POST, &format!("{messages}/at-once"), json!({"texts": ["fine", ""]}), 422),
        (Method::PUT, &format!("/sim/customers/{user}/friendship"), json!({"friendship": "enemy"}), 422),
        (Method::PATCH, "/sim/settings", json!({"latency_ms": -1}), 422),
        (Method::PATCH, "/sim/settings", json!({"latency_ms": 3_600_001}), 422),
        (Method::PATCH, "/sim/settings", json!({"used": u64::MAX}), 422),
        (Method::PATCH, "/sim/settings", json!({"quota": 3, "push": {"kind": "status", "status": 200}}), 422),
        (Method::PATCH, "/sim/settings", json!({"push": {"kind": "explode"}}), 422),
        (Method::PATCH, "/sim/settings", json!({"webhook_url": "http://evil.example/"}), 422),
        (Method::DELETE, "/sim/messages/1", json!({}), 404),
        (Method::POST, "/sim/webhooks/redeliver", json!({"event_id": "x"}), 404),
        (Method::GET, "/sim/calls/-1", json!({}), 400),
        (Method::GET, "/sim/customers/U1/messages", json!({}), 404),
        (Method::GET, "/sim/nothing", json!({}), 404),
        (Method::GET, "/sim/settings", json!({}), 405),
        (Method::POST, &messages, json!({"text": "x".repeat(600_000)}), 413),
    ] {
        let (given, message) = refusal(desk.sim(method.clone(), path).json(&body)).await;
        assert_eq!(given, status, "{method} {path} {message}");
    }
    for (kind, body, status) in [
        ("text/plain", r#"{"text":"x"}"#, 415),
        ("application/x-www-form-urlencoded", "text=x", 415),
        ("application/json", r#"{"text":"#, 400),
        ("application/json", "", 400),
        ("application/json", "\u{0}", 400),
    ] {
        let request = desk.sim(Method::POST, &messages).header("content-type", kind).body(body);
        assert_eq!(refusal(request).await.0, status, "{kind} {body}");
    }
    desk.sim.unfollow(&user).unwrap();
    let blocked = desk.sim(Method::POST, &messages).json(&json!({"text": "x"}));
    assert_eq!(refusal(blocked).await.0, 409);
    assert_eq!(desk.sim.settings(), before);
    assert_eq!(desk.sim.customers().len(), 1);
    assert!(desk.sim.messages(&user).is_empty());
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let desk = Desk::start().await;
    let own = desk.sim.base_url();
    let reset = || desk.sim(Method::POST, "/sim/settings/reset");
    desk.sim.set_paid_used(9);
    for origin in ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "file://"] {
        assert_eq!(refusal(reset().header("origin", origin)).await.0, 403, "{origin}");
        let feed = desk.sim(Method::GET, "/sim/events").header("origin", origin);
        assert_eq!(refusal(feed).await.0, 403, "{origin}");
    }
    assert_eq!(refusal(reset().header("origin", &own).header("origin", "http://evil.example")).await.0, 403);
    let image = desk.sim(Method::GET, "/sim/state").header("sec-fetch-site", "cross-site");
    assert_eq!(refusal(image).await.0, 403);
    let preflight = desk.sim(Method::OPTIONS, "/sim/settings").header("origin", "http://evil.example");
    let preflight = preflight.header("access-control-request-method", "PATCH").send().await.unwrap();
    assert_eq!(preflight.status(), 403);
    assert!(!preflight.headers().contains_key("access-control-allow-origin"));
    assert_eq!(desk.sim.paid_used(), 9, "nothing was reset");
    assert_eq!(answer(reset().header("origin", &own)).await.0, 200);
    assert_eq!(desk.sim.paid_used(), 0);
}

#[tokio::test]
async fn a_name_that_was_pointed_here_is_refused_unless_it_listens_to_the_world() {
    let desk = Desk::start().await;
    let port = desk.sim.addr().port();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("evil.example:{port}"), 403),
        (format!("localhost.evil.example:{port}"), 403),
        ("192.168.0.9".to_owned(), 403),
    ] {
        for path in ["/sim/state", "/", "/sim/page/main.js"] {
            let response = desk.sim(Method::GET, path).header("host", &host).send().await.unwrap();
            assert_eq!(response.status(), status, "{host} {path}");
        }
    }
    // Rebound, a page is of its own origin; the host still betrays it.
    let rebound = desk.sim(Method::POST, "/sim/settings/reset");
    let rebound = rebound.header("host", "evil.example").header("origin", "http://evil.example");
    assert_eq!(refusal(rebound).await.0, 403);

    let listen = "0.0.0.0:0".parse().unwrap();
    let open = Simulator::start(SimulatorOptions { listen, ..SimulatorOptions::default() }).await.unwrap();
    let state = || desk.http.get(format!("{}/sim/state", open.base_url())).header("host", "sim.example");
    assert_eq!(state().send().await.unwrap().status(), 200);
    assert_eq!(state().header("origin", "https://sim.example").send().await.unwrap().status(), 200);
    assert_eq!(refusal(state().header("origin", "https://evil.example")).await.0, 403);
    tokio::time::timeout(Duration::from_secs(10), open.shutdown()).await.unwrap();
}
