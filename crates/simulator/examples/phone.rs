//! The page with the phone, for working on it: a few customers, and a bot that answers in the place of the desk.
//!
//! `cargo run -p linedesk-simulator --example phone [PORT]`

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use linedesk_simulator::{Simulator, SimulatorOptions};
use serde_json::{Value, json};
use tokio::sync::mpsc::Sender;

struct Bot {
    http: reqwest::Client,
    line: String,
    token: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(8790), |port| port.parse())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let simulator = Simulator::start(SimulatorOptions {
        listen: SocketAddr::from(([127, 0, 0, 1], port)),
        webhook_url: Some(format!("http://{}/line/webhook", listener.local_addr()?)),
        console_url: Some("http://127.0.0.1:8080/".to_owned()),
        ..SimulatorOptions::default()
    })
    .await?;
    simulator.set_paid_used(42);
    simulator.set_latency(Duration::from_millis(120), Duration::from_millis(40));
    for (name, language, picture) in [
        ("雅婷", "zh-Hant", Some("cup")),
        ("มาลี", "th", Some("leaf")),
        ("結衣", "ja", Some("cat")),
        ("Emma", "en", None),
        ("Somchai Jaidee", "th", Some("wave")),
    ] {
        let url = picture.map(|name| simulator.picture_url(name));
        let user_id = simulator.add_customer(name, language, url.as_deref())?;
        if name != "Emma" {
            simulator.follow(&user_id)?;
        }
        if name == "結衣" {
            simulator.unfollow(&user_id)?;
        }
    }
    #[expect(clippy::print_stdout, reason = "it is for a person at a terminal")]
    {
        println!("{}", simulator.base_url());
    }
    let bot = Bot {
        http: reqwest::Client::builder().no_proxy().build()?,
        line: simulator.base_url(),
        token: simulator.channel_access_token().to_owned(),
    };
    // LINE waits two seconds for a webhook, so the work is done after the answer.
    let (events, mut waiting) = tokio::sync::mpsc::channel(1_000);
    let webhooks = Router::new().route("/line/webhook", post(take)).with_state(events);
    let work = async {
        while let Some(event) = waiting.recv().await {
            bot.answer(&event).await;
        }
    };
    tokio::select! {
        served = axum::serve(listener, webhooks).into_future() => served?,
        () = work => {}
    }
    Ok(())
}

async fn take(State(events): State<Sender<Value>>, body: String) -> StatusCode {
    let Ok(webhook) = serde_json::from_str::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let mut all = webhook["events"].as_array().into_iter().flatten();
    if all.all(|event| events.try_send(event.clone()).is_ok()) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

impl Bot {
    /// Answers a text as a free reply, and one that says "push" with a paid push as well.
    async fn answer(&self, event: &Value) {
        let Some(text) = event["message"]["text"].as_str() else { return };
        let user_id = &event["source"]["userId"];
        let messages = json!([{"type": "text", "text": format!("You wrote: {text}"), "sender": {"name": "Nok"},
            "quoteToken": event["message"]["quoteToken"]}]);
        self.send("message/reply", json!({"replyToken": event["replyToken"], "messages": messages})).await;
        if text.contains("push") {
            self.send("chat/markAsRead", json!({"markAsReadToken": event["message"]["markAsReadToken"]})).await;
            let messages = json!([{"type": "text", "text": "And this one cost a paid message."}]);
            self.send("message/push", json!({"to": user_id, "messages": messages})).await;
            self.send("chat/loading/start", json!({"chatId": user_id, "loadingSeconds": 5})).await;
        }
    }

    async fn send(&self, path: &str, body: Value) {
        let request = self.http.post(format!("{}/v2/bot/{path}", self.line)).bearer_auth(&self.token);
        // A fault that was asked for: the log on the page tells.
        let _ = request.json(&body).send().await;
    }
}
