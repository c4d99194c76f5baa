//! What LINE sends to the webhook, made by hand: for what the simulated phone does not do, and for what LINE never would.

use std::sync::atomic::{AtomicU64, Ordering};

use linedesk_line::signature;
use serde_json::{Value, json};

use super::client::Answer;
use super::harness::TestDesk;

/// Distinguishes everything made here; ids need not be LINE's to the letter.
static NUMBER: AtomicU64 = AtomicU64::new(1);

fn number() -> u64 {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// A LINE user id that nobody else has.
pub(crate) fn new_user() -> String {
    format!("U{:032x}", number())
}

/// A group's id.
pub(crate) fn new_group() -> String {
    format!("C{:032x}", number())
}

/// An event of a user, with its own `webhookEventId`; `rest` is laid over it.
pub(crate) fn event(user: &str, kind: &str, rest: &Value) -> Value {
    let mut event = json!({
        "type": kind,
        "mode": "active",
        "timestamp": 1_767_582_000_000_i64,
        "webhookEventId": format!("01EVENT{:019}", number()),
        "deliveryContext": {"isRedelivery": false},
        "source": {"type": "user", "userId": user},
    });
    for (key, value) in rest.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    event
}

/// A text message, with a reply token that LINE does not know.
pub(crate) fn text(user: &str, text: &str) -> Value {
    message(user, &json!({"type": "text", "text": text, "quoteToken": format!("quote-{}", number())}))
}

/// A message of any type; it gets an id if it has none.
pub(crate) fn message(user: &str, message: &Value) -> Value {
    let mut message = message.clone();
    if message.get("id").is_none() {
        message["id"] = format!("6{:017}", number()).into();
    }
    event(user, "message", &json!({"message": message, "replyToken": format!("reply-{}", number())}))
}

/// The same event as LINE sends it again.
pub(crate) fn redelivered(event: &Value) -> Value {
    let mut event = event.clone();
    event["deliveryContext"]["isRedelivery"] = true.into();
    event
}

impl TestDesk {
    /// Posts events in one signed request.
    pub(crate) async fn webhook(&self, events: &[Value]) -> Answer {
        self.webhook_body(&json!({"destination": "Udestination", "events": events}).to_string()).await
    }

    /// As [`TestDesk::webhook`], where a 200 is what must come.
    pub(crate) async fn receive(&self, events: &[Value]) {
        let answer = self.webhook(events).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "OK"));
    }

    /// Posts a body with its right signature.
    pub(crate) async fn webhook_body(&self, body: &str) -> Answer {
        let signature = signature::sign(&self.channel_secret, body.as_bytes());
        self.webhook_signed(body, Some(&signature)).await
    }

    /// Posts a body with any signature or none.
    pub(crate) async fn webhook_signed(&self, body: &str, signature: Option<&str>) -> Answer {
        let mut request = self.http.post(self.url("/line/webhook")).body(body.to_owned());
        if body.len() > 1024 * 1024 {
            // The server may hang up without reading it all: nothing else goes over the same connection.
            request = request.header("connection", "close");
        }
        if let Some(signature) = signature {
            request = request.header(signature::HEADER, signature);
        }
        Answer::of(request).await
    }

    /// Makes a conversation that nobody else looks at, and gives its LINE user id: its `conversation_update` comes to
    /// every socket after everything that was published before.
    pub(crate) async fn marker(&self) -> String {
        let user = new_user();
        self.receive(&[event(&user, "follow", &json!({"follow": {"isUnblocked": false}}))]).await;
        user
    }
}
