//! From LINE's events to what the desk does with them: which message type, which text, does it ask for a person.

use linedesk_line::webhook::{self, EventKind, Message, Mode, Source};
use linedesk_protocol::{MessageType, SourceType, Timestamp};
use linedesk_store::ops::media::NewMedia;
use linedesk_store::ops::webhook::{Chat, Effect, Event, NewMessage};
use serde_json::{Value, json};

use crate::auth::token;
use crate::config::{Config, MarkAsRead};
use crate::media::name;

/// Reads one event of a request. Whatever it holds, the answer can be stored (WH3).
pub(crate) fn read(config: &Config, raw: &str, now: Timestamp) -> Event {
    let event = match webhook::parse_event(raw) {
        Ok(event) => event,
        Err(error) => {
            let (webhook_event_id, kind) = webhook::peek(raw);
            return Event {
                webhook_event_id,
                kind: kind.unwrap_or_else(|| "?".to_owned()),
                raw: raw.to_owned(),
                redact: webhook::redact_unsent,
                occurred_at: now,
                reply_token: None,
                chat: None,
                effect: Effect::Broken { error: error.to_string() },
                line: None,
                author: None,
                joined: Vec::new(),
                left: Vec::new(),
            };
        }
    };
    let chat = event.source.as_ref().and_then(chat_of);
    let (kind, effect) = effect_of(config, &event.kind, event.source.as_ref(), chat.is_some(), raw, now);
    Event {
        webhook_event_id: event.webhook_event_id.filter(|id| !id.is_empty()),
        raw: raw.to_owned(),
        redact: webhook::redact_unsent,
        occurred_at: if event.timestamp > 0 { Timestamp(event.timestamp) } else { now },
        // In standby another module holds the chat, and we must not answer.
        reply_token: event.reply_token.filter(|_| event.mode == Mode::Active),
        line: line_of(&event.kind, &kind).map(|line| line.to_string()),
        author: event.source.as_ref().and_then(Source::member_id).map(str::to_owned),
        joined: if let EventKind::MemberJoined { joined } = &event.kind { joined.user_ids() } else { Vec::new() },
        left: if let EventKind::MemberLeft { left } = &event.kind { left.user_ids() } else { Vec::new() },
        chat,
        kind,
        effect,
    }
}

/// What the thread says of an event that is no message: the payload of a `system` message, in our names.
fn line_of(event: &EventKind, name: &str) -> Option<Value> {
    let members = |ids: Vec<String>| -> Vec<Value> { ids.iter().map(|id| json!({"line_user_id": id})).collect() };
    Some(match event {
        EventKind::Follow { follow } => json!({"kind": "follow", "is_unblocked": follow.is_unblocked}),
        EventKind::Unfollow {} => json!({"kind": "unfollow"}),
        EventKind::Join {} => json!({"kind": "join"}),
        EventKind::Leave {} => json!({"kind": "leave"}),
        EventKind::MemberJoined { joined } => json!({"kind": "member_joined", "members": members(joined.user_ids())}),
        EventKind::MemberLeft { left } => json!({"kind": "member_left", "members": members(left.user_ids())}),
        EventKind::VideoPlayComplete { video_play_complete: played } => {
            json!({"kind": "video_viewing_complete", "tracking_id": played.tracking_id})
        }
        EventKind::Beacon { beacon } => json!({"kind": "beacon", "hwid": beacon.hwid, "beacon_type": beacon.kind}),
        EventKind::AccountLink { link } => json!({"kind": "account_link", "result": link.result}),
        EventKind::Membership { membership } => json!({"kind": "membership", "change": membership.kind}),
        EventKind::Unknown => json!({"kind": "unknown", "line_type": name}),
        // Messages and buttons are what a customer says; the rest is between LINE and the account.
        EventKind::Message { .. }
        | EventKind::Unsend { .. }
        | EventKind::Postback { .. }
        | EventKind::Module {}
        | EventKind::Activated {}
        | EventKind::Deactivated {}
        | EventKind::BotSuspended {}
        | EventKind::BotResumed {}
        | EventKind::Delivery {} => return None,
    })
}

fn chat_of(source: &Source) -> Option<Chat> {
    let source_type = match source {
        Source::User { .. } => SourceType::User,
        Source::Group { .. } => SourceType::Group,
        Source::Room { .. } => SourceType::Room,
        Source::Other => return None,
    };
    Some(Chat { source_type, chat_id: source.chat_id()?.to_owned() })
}

fn effect_of(
    config: &Config,
    kind: &EventKind,
    source: Option<&Source>,
    has_chat: bool,
    raw: &str,
    now: Timestamp,
) -> (String, Effect) {
    let broken = |error: &str| Effect::Broken { error: error.to_owned() };
    let (name, effect) = match kind {
        EventKind::Message { message } => ("message", Effect::Message(new_message(config, message, source, now))),
        EventKind::Unsend { unsend } => ("unsend", Effect::Unsend { line_message_id: unsend.message_id.clone() }),
        EventKind::Follow { .. } => ("follow", Effect::Reachable),
        EventKind::Join {} => ("join", Effect::Reachable),
        EventKind::Unfollow {} => ("unfollow", Effect::Unreachable),
        EventKind::Leave {} => ("leave", Effect::Unreachable),
        EventKind::Postback { postback } => {
            let payload = json!({"kind": "postback", "data": postback.data, "params": postback.params});
            ("postback", Effect::Message(system_message(&postback.data, &payload)))
        }
        EventKind::MemberJoined { .. } => ("memberJoined", Effect::Keep),
        EventKind::MemberLeft { .. } => ("memberLeft", Effect::Keep),
        EventKind::VideoPlayComplete { .. } => ("videoPlayComplete", Effect::Keep),
        EventKind::Beacon { .. } => ("beacon", Effect::Keep),
        EventKind::AccountLink { .. } => ("accountLink", Effect::Keep),
        EventKind::Membership { .. } => ("membership", Effect::Keep),
        EventKind::Module {} => ("module", Effect::Keep),
        EventKind::Activated {} => ("activated", Effect::Keep),
        EventKind::Deactivated {} => ("deactivated", Effect::Keep),
        EventKind::BotSuspended {} => ("botSuspended", Effect::Keep),
        EventKind::BotResumed {} => ("botResumed", Effect::Keep),
        EventKind::Delivery {} => ("delivery", Effect::Keep),
        EventKind::Unknown => {
            let (_, name) = webhook::peek(raw);
            return (name.unwrap_or_else(|| "?".to_owned()), Effect::Keep);
        }
    };
    let needs_chat = !matches!(effect, Effect::Keep);
    (
        name.to_owned(),
        if needs_chat && !has_chat { broken("the event has no source that can be answered") } else { effect },
    )
}

fn system_message(content: &str, payload: &Value) -> NewMessage {
    NewMessage {
        line_message_id: None,
        message_type: MessageType::System,
        content: content.to_owned(),
        payload: Some(payload.to_string()),
        quote_token: None,
        quoted_line_message_id: None,
        media: None,
        mark_as_read_token: None,
        asks_for_person: false,
        after_hours: false,
    }
}

fn new_message(config: &Config, message: &Message, source: Option<&Source>, now: Timestamp) -> NewMessage {
    let message_type = match message.kind.as_str() {
        "text" => MessageType::Text,
        "image" => MessageType::Image,
        "video" => MessageType::Video,
        "audio" => MessageType::Audio,
        "file" => MessageType::File,
        "location" => MessageType::Location,
        "sticker" => MessageType::Sticker,
        // Shown for what it is, with LINE's name for it in the payload.
        _ => MessageType::System,
    };
    // A button's press is the only thing whose content a list shows for a `system` message: see `system_message`.
    let file_name = message.file_name.as_deref().and_then(name::safe);
    let content = match (message_type, &file_name) {
        (MessageType::File, Some(name)) => name.clone(),
        (MessageType::System | MessageType::File, _) => String::new(),
        _ => webhook::plain_text(message).into_owned(),
    };
    let asks_for_person = message_type == MessageType::Text && config.handoff.matches(&content);
    NewMessage {
        line_message_id: Some(message.id.clone()),
        message_type,
        payload: payload_of(message, message_type, file_name.as_deref(), source).map(|payload| payload.to_string()),
        content,
        quote_token: message.quote_token.clone(),
        quoted_line_message_id: message.quoted_message_id.clone(),
        media: webhook::has_content(message).then(|| NewMedia {
            id: token::random_id(),
            file_name,
            duration_ms: message.rest.get("duration").and_then(Value::as_i64).filter(|duration| *duration >= 0),
        }),
        mark_as_read_token: (config.mark_as_read != MarkAsRead::Off)
            .then(|| message.mark_as_read_token.clone())
            .flatten(),
        asks_for_person,
        after_hours: asks_for_person && !config.hours.is_open_at(now.0),
    }
}

/// What the type needs besides its text, in our names for the known fields and LINE's for the rest.
fn payload_of(
    message: &Message,
    message_type: MessageType,
    file_name: Option<&str>,
    source: Option<&Source>,
) -> Option<Value> {
    let mut payload = message.rest.clone();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            payload.insert(name.to_owned(), json!(value));
        }
    };
    add("file_name", file_name);
    add("title", message.title.as_deref());
    add("address", message.address.as_deref());
    add("sender_line_user_id", source.and_then(Source::member_id));
    if message_type == MessageType::System {
        add("line_type", Some(&message.kind));
        add("text", message.text.as_deref());
    }
    if !message.keywords.is_empty() {
        payload.insert("keywords".to_owned(), json!(message.keywords));
    }
    (!payload.is_empty()).then_some(Value::Object(payload))
}
