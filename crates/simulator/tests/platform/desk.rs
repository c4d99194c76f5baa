//! The other side: a simulator with a client of its API, and a webhook that keeps what it gets.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use linedesk_core::clock::ManualClock;
use linedesk_simulator::{Simulator, SimulatorOptions};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A deadline, not a wait: whatever is waited for comes in milliseconds.
pub(crate) const SOON: Duration = Duration::from_secs(10);
pub(crate) const START_MS: i64 = 1_764_000_000_000;

pub(crate) struct Desk {
    pub(crate) sim: Simulator,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) http: reqwest::Client,
    webhook: Arc<Webhook>,
    _serving: JoinSet<()>,
}

#[derive(Default)]
struct Webhook {
    received: Mutex<Vec<Received>>,
    /// What to answer next; 200 when there is nothing.
    answers: Mutex<VecDeque<u16>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        self.json()["events"].as_array().unwrap().clone()
    }
}

impl Desk {
    pub(crate) async fn start() -> Self {
        Self::start_with(SimulatorOptions::default()).await
    }

    pub(crate) async fn start_with(options: SimulatorOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/line/webhook", listener.local_addr().unwrap());
        let webhook = Arc::new(Webhook::default());
        let app = Router::new().route("/line/webhook", post(take)).with_state(Arc::clone(&webhook));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let clock = Arc::new(ManualClock::new(START_MS));
        let options = SimulatorOptions { webhook_url: Some(url), ..options };
        let sim = Simulator::start_with_clock(options, clock.clone()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sim, clock, http, webhook, _serving: serving }
    }

    pub(crate) fn friend(&self) -> String {
        let user_id = self.sim.add_customer("Mali", "th", None).unwrap();
        self.sim.follow(&user_id).unwrap();
        user_id
    }

    // What the webhook got.

    pub(crate) fn answer_next(&self, statuses: &[u16]) {
        self.webhook.answers.lock().unwrap().extend(statuses);
    }

    /// As LINE's file describes them, but for types that LINE does not have.
    pub(crate) fn received(&self) -> Vec<Received> {
        let received = self.webhook.received.lock().unwrap().clone();
        for body in received.iter().filter_map(|received| serde_json::from_slice::<Value>(&received.body).ok()) {
            let faults = linedesk_line_openapi::webhook().faults("CallbackRequest", &body);
            assert!(faults.is_empty() || faults.iter().any(|fault| fault.contains("`type`")), "{faults:#?}: {body}");
        }
        received
    }

    /// All events of a type, once no webhook is on its way.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Value> {
        self.sim.wait_until_idle(SOON).await.unwrap();
        let events = self.received().into_iter().flat_map(|webhook| webhook.events());
        events.filter(|event| event["type"] == kind).collect()
    }

    // Calls to LINE.

    pub(crate) fn line(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.sim.channel_access_token();
        self.http.request(method, format!("{}/v2/bot/{path}", self.sim.base_url())).bearer_auth(token)
    }

    pub(crate) fn reply(&self, token: &str, text: &str) -> RequestBuilder {
        self.line(Method::POST, "message/reply").json(&json!({"replyToken": token, "messages": [text_of(text)]}))
    }

    pub(crate) fn push(&self, to: &str, text: &str) -> RequestBuilder {
        self.line(Method::POST, "message/push").json(&json!({"to": to, "messages": [text_of(text)]}))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.line(Method::GET, path)).await
    }

    /// The texts that arrived on the phone.
    pub(crate) fn texts(&self, user_id: &str) -> Vec<String> {
        self.sim.received(user_id).into_iter().filter_map(|message| message.text).collect()
    }

    // Calls to the control API.

    pub(crate) fn sim(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.sim.base_url()))
    }
}

pub(crate) fn text_of(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// Sends, and reads a JSON answer.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    read(request.send().await.unwrap()).await
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    let shown = String::from_utf8_lossy(&body);
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{status} with no JSON: {shown}")))
}

async fn take(State(webhook): State<Arc<Webhook>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    webhook.received.lock().unwrap().push(Received { headers, body });
    let status = webhook.answers.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}
