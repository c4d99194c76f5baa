//! Webhook requests as LINE sends them (LINE OpenAPI `webhook.yml`), read tolerantly: unknown events, fields and values
//! are kept, and one broken event leaves the others of its request whole (WH3).

mod raw;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A request's events, each still as the text it came as.
#[derive(Debug)]
pub struct Envelope {
    /// The bot's user id; empty where it is missing.
    pub destination: String,
    pub events: Vec<Box<RawValue>>,
}

/// Why a request cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("the body is not a webhook request: {0}")]
pub struct EnvelopeError(#[from] serde_json::Error);

/// Why one event cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the event cannot be read: {0}")]
pub struct EventError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct RawEnvelope {
    #[serde(default)]
    destination: Option<String>,
    events: Vec<Box<RawValue>>,
}

/// Reads a request's body.
pub fn parse_envelope(body: &[u8]) -> Result<Envelope, EnvelopeError> {
    let raw: RawEnvelope = serde_json::from_slice(body)?;
    Ok(Envelope { destination: raw.destination.unwrap_or_default(), events: raw.events })
}

/// One event. Only its type, and what that type is about, are required.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "raw::RawEvent")]
pub struct Event {
    pub kind: EventKind,
    /// A ULID: the same for every delivery of the event.
    pub webhook_event_id: Option<String>,
    /// Unix ms; 0 where it is missing.
    pub timestamp: i64,
    pub mode: Mode,
    pub delivery_context: DeliveryContext,
    pub source: Option<Source>,
    /// Present where the event can be answered free of charge.
    pub reply_token: Option<String>,
}

/// `standby`: another module holds the chat, and we must not send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Active,
    Standby,
    #[serde(other)]
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryContext {
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_redelivery: bool,
}

/// Where an event happened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "raw::RawSource")]
pub enum Source {
    User {
        user_id: String,
    },
    Group {
        group_id: String,
        user_id: Option<String>,
    },
    Room {
        room_id: String,
        user_id: Option<String>,
    },
    /// Of a kind that is not documented, or without the id that its kind has: nobody can be answered there.
    Other,
}

impl Source {
    /// The id that answers go to.
    pub fn chat_id(&self) -> Option<&str> {
        match self {
            Self::User { user_id } => Some(user_id),
            Self::Group { group_id, .. } => Some(group_id),
            Self::Room { room_id, .. } => Some(room_id),
            Self::Other => None,
        }
    }

    /// The member who did it, in a group or room; LINE does not always tell.
    pub fn member_id(&self) -> Option<&str> {
        match self {
            Self::Group { user_id, .. } | Self::Room { user_id, .. } => user_id.as_deref(),
            Self::User { .. } | Self::Other => None,
        }
    }
}

/// The 19 kinds of event that LINE documents, and whatever it will add.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every event is a message")]
pub enum EventKind {
    Message { message: Message },
    Unsend { unsend: Unsend },
    Follow { follow: Follow },
    Unfollow {},
    Join {},
    Leave {},
    MemberJoined { joined: Members },
    MemberLeft { left: Members },
    Postback { postback: Postback },
    VideoPlayComplete { video_play_complete: VideoPlayComplete },
    Beacon { beacon: Beacon },
    AccountLink { link: Link },
    Membership { membership: Membership },
    Module {},
    Activated {},
    Deactivated {},
    BotSuspended {},
    BotResumed {},
    Delivery {},
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsend {
    pub message_id: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Follow {
    #[serde(default, deserialize_with = "null_is_default")]
    pub is_unblocked: bool,
}

/// Who came or went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Members {
    #[serde(default, deserialize_with = "null_is_default")]
    pub members: Vec<Source>,
}

impl Members {
    /// Their ids, of those that LINE names.
    pub fn user_ids(&self) -> Vec<String> {
        let id = |source: &Source| match source {
            Source::User { user_id } => Some(user_id.clone()),
            _ => None,
        };
        self.members.iter().filter_map(id).collect()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoPlayComplete {
    /// Of the video message.
    #[serde(default)]
    pub tracking_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Beacon {
    #[serde(default)]
    pub hwid: Option<String>,
    /// `enter`, `banner`, `stay`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Link {
    /// `ok` or `failed`.
    #[serde(default)]
    pub result: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Membership {
    /// `joined`, `left`, `renewed`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Postback {
    pub data: String,
    #[serde(default)]
    pub params: Option<Value>,
}

/// A message of a customer: what all kinds share, and what only some have.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: String,
    /// `text`, `image`, `video`, `audio`, `file`, `location`, `sticker`, or something new.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub quote_token: Option<String>,
    #[serde(default)]
    pub quoted_message_id: Option<String>,
    #[serde(default)]
    pub mark_as_read_token: Option<String>,
    #[serde(default)]
    pub text: Option<String>,
    /// Of a file.
    #[serde(default)]
    pub file_name: Option<String>,
    /// Of a location.
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    /// Of a sticker.
    #[serde(default, deserialize_with = "null_is_default")]
    pub keywords: Vec<String>,
    /// Everything else, as LINE sent it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Reads one event.
pub fn parse_event(raw: &str) -> Result<Event, EventError> {
    Ok(serde_json::from_str(raw)?)
}

/// What can be told of an event that cannot be read: its id and type, where they are texts.
pub fn peek(raw: &str) -> (Option<String>, Option<String>) {
    let value: Value = serde_json::from_str(raw).unwrap_or_default();
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    (text("webhookEventId"), text("type"))
}

/// An object whose values stay as they were written: a number that no type of ours holds is none the worse for it.
type Verbatim = BTreeMap<String, Box<RawValue>>;

/// The event without what its message said (WH6, LINE doc "Unsend event"): of the message only `id` and `type` stay, and
/// around it only what is known to tell when, where and from whom it came. Empty where the event is no JSON object.
pub fn redact_unsent(raw: &str) -> String {
    let Ok(event) = serde_json::from_str::<Verbatim>(raw) else { return String::new() };
    let kept: Verbatim = event.into_iter().filter_map(redact_field).collect();
    serde_json::to_string(&kept).unwrap_or_default()
}

fn redact_field((name, value): (String, Box<RawValue>)) -> Option<(String, Box<RawValue>)> {
    let kept: &[&str] = match name.as_str() {
        "type" | "webhookEventId" | "timestamp" | "mode" => return is_plain(&value).then_some((name, value)),
        // What it quoted is another message's id.
        "message" => &["id", "type", "quotedMessageId"],
        "source" => &["type", "userId", "groupId", "roomId"],
        "deliveryContext" => &["isRedelivery"],
        _ => return None,
    };
    let mut fields: Verbatim = serde_json::from_str(value.get()).ok()?;
    fields.retain(|name, value| kept.contains(&name.as_str()) && is_plain(value));
    Some((name, serde_json::value::to_raw_value(&fields).ok()?))
}

fn is_plain(value: &RawValue) -> bool {
    !value.get().trim_start().starts_with(['{', '['])
}

/// LINE leaves out what it does not know; a `null` would mean the same.
fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Whether LINE keeps a file of the message for us (`contentProvider`). One that lies elsewhere is not ours to fetch: its
/// address is whatever some server wrote.
pub fn has_content(message: &Message) -> bool {
    match message.kind.as_str() {
        "image" | "video" | "audio" => {
            let provider = message.rest.get("contentProvider").and_then(|provider| provider.get("type"));
            provider.is_none_or(|kind| kind == "line")
        }
        "file" => true,
        _ => false,
    }
}

/// What a list shows for a message without text.
pub fn plain_text(message: &Message) -> Cow<'_, str> {
    let text = match message.kind.as_str() {
        "file" => message.file_name.as_deref(),
        "location" => message.title.as_deref().or(message.address.as_deref()),
        "sticker" if message.text.is_none() => {
            return message.keywords.first().map_or(Cow::Borrowed(""), |word| Cow::Borrowed(word));
        }
        _ => message.text.as_deref(),
    };
    Cow::Borrowed(text.unwrap_or(""))
}

#[cfg(test)]
mod tests;
