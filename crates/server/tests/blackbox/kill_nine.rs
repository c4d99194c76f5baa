//! WH1, DL8 with the real executable and a real `kill -9`: what was answered with 200 is there after the restart, and
//! what LINE sends again changes nothing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use futures_util::StreamExt as _;
use linedesk_line::signature;
use reqwest::Client as Http;
use serde_json::{Value, json};

use super::binary::Binary;
use super::client::Client;
use super::line_events::{new_user, redelivered, text};

const SECRET: &str = "a channel secret";
const MESSAGES: usize = 300;
const USERS: usize = 10;

async fn post(http: &Http, addr: SocketAddr, event: &Value) -> bool {
    let body = json!({"destination": "U", "events": [event]}).to_string();
    let signature = signature::sign(SECRET, body.as_bytes());
    let request = http.post(format!("http://{addr}/line/webhook")).header(signature::HEADER, signature).body(body);
    request.send().await.is_ok_and(|response| response.status() == 200)
}

/// How often each text is in the conversations.
async fn stored(client: &Client, users: &[String]) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for user in users {
        let answer = client.get(&format!("/conversations/{user}/messages?after_id=0&limit=100")).await;
        if answer.status == 404 {
            continue;
        }
        for message in answer.ok()["messages"].as_array().unwrap() {
            *counts.entry(message["content"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}

#[tokio::test]
async fn wh1_every_message_that_was_acknowledged_survives_kill_9() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Http::builder().no_proxy().build().unwrap();
    let binary = Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", SECRET)
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", "token")
        .env("LINEDESK_LINE_API_URL", "http://127.0.0.1:9")
        .env("LINEDESK_BOOTSTRAP_ADMIN", "root:rooted and grounded");
    let users: Vec<_> = (0..USERS).map(|_| new_user()).collect();
    let events: Vec<_> = (0..MESSAGES).map(|n| text(&users[n % USERS], &format!("message {n}"))).collect();

    let mut acknowledged = Vec::new();
    let mut waiting: Vec<usize> = (0..MESSAGES).collect();
    // Three crashes, each under load; the last run brings the rest.
    for answers_before_the_crash in [80, 80, 80, MESSAGES] {
        let served = binary.serve(&[]).await;
        let addr = served.addr;
        let sending = waiting.iter().map(|n| {
            let (http, event) = (&http, &events[*n]);
            async move { (*n, post(http, addr, event).await) }
        });
        let mut answers = futures_util::stream::iter(sending).buffer_unordered(16);
        let mut now = Vec::new();
        while now.len() < answers_before_the_crash
            && let Some((n, is_taken)) = answers.next().await
        {
            assert!(is_taken, "message {n}");
            now.push(n);
        }
        served.kill().await;
        // Answers that were on their way when it died count as well.
        while let Some((n, is_taken)) = answers.next().await {
            if is_taken {
                now.push(n);
            }
        }
        drop(answers);
        waiting.retain(|n| !now.contains(n));
        acknowledged.extend(now);
    }
    assert_eq!((acknowledged.len(), waiting.len()), (MESSAGES, 0));

    let served = binary.serve(&[]).await;
    let root = Client::sign_in(http.clone(), served.addr, "root", "rooted and grounded").await;
    let once: BTreeMap<_, _> = (0..MESSAGES).map(|n| (format!("message {n}"), 1)).collect();
    assert_eq!(stored(&root, &users).await, once);
    for event in &events {
        assert!(post(&http, served.addr, &redelivered(event)).await);
    }
    assert_eq!(stored(&root, &users).await, once, "WH2");
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn dl1_a_message_that_was_answered_survives_kill_9_and_goes_out_after_the_restart() {
    use linedesk_simulator::{Endpoint, Fault, SimulatorOptions};

    use super::harness::Line;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Http::builder().no_proxy().build().unwrap();
    let options = SimulatorOptions { channel_secret: SECRET.to_owned(), ..SimulatorOptions::default() };
    let line = Line::start(options.clone()).await;
    let binary = Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", SECRET)
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", &options.channel_access_token)
        .env("LINEDESK_LINE_API_URL", &line.base_url())
        .env("LINEDESK_BOOTSTRAP_ADMIN", "root:rooted and grounded");
    let user = line.add_customer("Somchai", "th", None).unwrap();
    line.follow(&user).unwrap();
    // LINE does not answer: nothing gets out before the crash.
    line.set_fault(Endpoint::Push, Fault::status(500));
    let served = binary.serve(&[]).await;
    let root = Client::sign_in(http.clone(), served.addr, "root", "rooted and grounded").await;
    root.post("/conversations", &json!({"line_user_id": user})).await.is(201);
    for n in 0..10 {
        let body = json!({"text": format!("message {n}"), "temp_id": format!("t{n}")});
        root.act(&user, "messages", body).await.is(201);
    }
    served.kill().await;
    assert!(line.received(&user).is_empty());
    line.clear_faults();
    let served = binary.serve(&[]).await;
    line.wait_for(|line| line.received(&user).count() == 10, super::harness::DEADLINE).await.unwrap();
    let texts: Vec<_> = line.received(&user).into_iter().filter_map(|message| message.text).collect();
    assert_eq!(texts, (0..10).map(|n| format!("message {n}")).collect::<Vec<_>>(), "DL2: in order");
    // The client did not hear the answer and asks again: the same message.
    let root = root.at(served.addr);
    root.act(&user, "messages", json!({"text": "message 3", "temp_id": "t3"})).await.is(200);
    assert_eq!(served.terminate().await.0, 0);
}
