//! What LINE was asked and what arrived, for tests of delivery; and time that passes while one waits.

use std::time::Duration;

use linedesk_simulator::{Direction, Endpoint, How, Outcome, SimulatorOptions};
use serde_json::{Value, json};

use super::client::Client;
use super::harness::{Builder, TestDesk, eventually};

/// A reply or a push that has ended, as LINE saw it.
#[derive(Clone, Debug)]
pub(crate) struct LineCall {
    pub(crate) how: How,
    pub(crate) texts: Vec<String>,
    pub(crate) reply_token: Option<String>,
    pub(crate) retry_key: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) outcome: Outcome,
}

/// Pushes only, and no bound to them: for tests that are not about tokens.
pub(crate) fn pushes_only(builder: Builder) -> Builder {
    builder.set("reply_token_seconds", "0").simulator(no_quota).without_limits()
}

pub(crate) fn no_quota(options: &mut SimulatorOptions) {
    options.monthly_quota = None;
}

impl TestDesk {
    /// Replies and pushes that have ended, in the order of their ends.
    pub(crate) fn line_calls(&self) -> Vec<LineCall> {
        let text_of = |value: &Value| value.as_str().map(str::to_owned);
        self.line
            .calls()
            .into_iter()
            .filter(|call| call.direction == Direction::ToLine)
            .filter_map(|call| {
                let how = match call.path.as_str() {
                    "/v2/bot/message/reply" => How::Reply,
                    "/v2/bot/message/push" => How::Push,
                    _ => return None,
                };
                let body: Value = serde_json::from_str(&call.request_body).unwrap_or_default();
                let messages = body["messages"].as_array().cloned().unwrap_or_default();
                Some(LineCall {
                    how,
                    texts: messages.iter().filter_map(|message| text_of(&message["text"])).collect(),
                    reply_token: text_of(&body["replyToken"]),
                    retry_key: call.retry_key,
                    status: call.status,
                    outcome: call.outcome,
                })
            })
            .collect()
    }

    /// The calls that had this text among theirs.
    pub(crate) fn line_calls_with(&self, text: &str) -> Vec<LineCall> {
        let has_text = |call: &LineCall| call.texts.iter().any(|one| one == text);
        self.line_calls().into_iter().filter(has_text).collect()
    }

    /// The account's texts on a phone, in order.
    pub(crate) fn texts_at(&self, user: &str) -> Vec<String> {
        self.line.received(user).into_iter().filter_map(|message| message.text).collect()
    }

    /// Waits until a counted fault is used up: LINE has those requests.
    pub(crate) async fn fault_is_used_up(&self, endpoint: Endpoint) {
        eventually("LINE is called", async || {
            let settings = self.line.settings();
            let fault = if endpoint == Endpoint::Reply { settings.reply } else { settings.push };
            fault.is_none().then_some(())
        })
        .await;
    }

    /// Waits for a number of ended calls with a text.
    pub(crate) async fn called(&self, text: &str, times: usize) -> Vec<LineCall> {
        eventually(&format!("{times} calls with {text}"), async || {
            Some(self.line_calls_with(text)).filter(|calls| calls.len() >= times)
        })
        .await
    }

    pub(crate) async fn arrives(&self, user: &str, text: &str) {
        eventually(&format!("{text} at the phone"), async || {
            self.texts_at(user).iter().any(|one| one == text).then_some(())
        })
        .await;
    }

    /// Lets time pass, a little at a look, until the answer is there. Not faster: a lease of a minute has to outlive a call.
    pub(crate) async fn in_time<T>(&self, what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
        eventually(what, async || {
            self.advance(Duration::from_millis(100));
            probe().await
        })
        .await
    }

    /// Returns when this node's worker has looked for work twice since the call, and has sent what was ready: what it was
    /// to leave alone would have gone out before. `user` is a conversation for this purpose.
    pub(crate) async fn worker_looks_twice(&self, client: &Client, user: &str) {
        for _ in 0..2 {
            let text = format!("look {}", self.texts_at(user).len());
            client.writes(user, &text).await;
            self.arrives(user, &text).await;
        }
    }
}

impl Client {
    /// Sends a text that must be taken, and gives the message.
    pub(crate) async fn writes(&self, user: &str, text: &str) -> Value {
        self.act(user, "messages", json!({"text": text})).await.is(201)
    }

    /// A message as it is stored.
    pub(crate) async fn message(&self, user: &str, id: &Value) -> Value {
        let page = self.get(&format!("/conversations/{user}/messages?around_id={id}&limit=1")).await.ok();
        let message = page["messages"].as_array().unwrap().iter().find(|message| message["id"] == *id);
        message.unwrap_or_else(|| panic!("{id} is not in {page}")).clone()
    }

    pub(crate) async fn delivery(&self, user: &str, id: &Value) -> Value {
        self.message(user, id).await["delivery"].clone()
    }

    /// Waits until a message's delivery is in this state, and gives the delivery.
    pub(crate) async fn delivery_becomes(&self, user: &str, id: &Value, state: &str) -> Value {
        eventually(&format!("message {id} is {state}"), async || {
            Some(self.delivery(user, id).await).filter(|delivery| delivery["state"] == state)
        })
        .await
    }

    /// A conversation's whole thread, oldest first.
    pub(crate) async fn thread(&self, user: &str) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            let after = messages.last().map_or(json!(0), |message: &Value| message["id"].clone());
            let page = self.get(&format!("/conversations/{user}/messages?after_id={after}&limit=100")).await.ok();
            messages.extend(page["messages"].as_array().unwrap().iter().cloned());
            if page["has_more_after"] == false {
                return messages;
            }
        }
    }
}
