//! Events as LINE writes them (LINE OpenAPI `webhook.yml`).

use serde_json::{Map, Value, json};

use crate::platform::Platform;
use crate::tokens::ReplyToken;

/// The event's own part; the rest is the same for all events of a customer.
pub(crate) struct Event<'a> {
    pub(crate) kind: &'a str,
    pub(crate) chat_id: &'a str,
    /// Who did it, in a group or room, where LINE tells.
    pub(crate) member: Option<&'a str>,
    pub(crate) now_ms: i64,
    /// Whether it can be answered.
    pub(crate) replyable: bool,
    /// The property that carries what is special about the kind, if it has one.
    pub(crate) part: Option<(&'a str, Value)>,
}

/// Makes the event. A reply token that it carries is good from now on.
pub(crate) fn make(platform: &mut Platform, event: Event<'_>) -> Value {
    let mut body = Map::new();
    body.insert("type".to_owned(), event.kind.into());
    if let Some((name, part)) = event.part {
        body.insert(name.to_owned(), part);
    }
    body.insert("webhookEventId".to_owned(), platform.ids.ulid(event.now_ms).into());
    body.insert("deliveryContext".to_owned(), json!({"isRedelivery": false}));
    body.insert("timestamp".to_owned(), event.now_ms.into());
    body.insert("source".to_owned(), source(event.chat_id, event.member));
    if event.replyable {
        let token = platform.ids.token(event.now_ms);
        let known = ReplyToken { user_id: event.chat_id.to_owned(), issued_ms: event.now_ms, used: false };
        platform.reply_tokens.insert(token.clone(), known);
        body.insert("replyToken".to_owned(), token.into());
    }
    body.insert("mode".to_owned(), "active".into());
    Value::Object(body)
}

fn source(chat_id: &str, member: Option<&str>) -> Value {
    let mut source = match chat_id.as_bytes().first() {
        Some(b'C') => json!({"type": "group", "groupId": chat_id}),
        Some(b'R') => json!({"type": "room", "roomId": chat_id}),
        _ => return json!({"type": "user", "userId": chat_id}),
    };
    if let Some(member) = member {
        source["userId"] = member.into();
    }
    source
}
