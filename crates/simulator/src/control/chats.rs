//! What customers send besides text, groups and rooms, and all other events.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{Input, Refusal};
use crate::content::Content;
use crate::customer::Customer;
use crate::incoming::IncomingMessage;
use crate::shared::Shared;
use crate::simulator::{ControlError, SentMessage, actions, events};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnyMessage {
    /// LINE's type of the message, also one that does not exist.
    #[serde(rename = "type")]
    kind: String,
    /// What the type has besides, as LINE calls it.
    #[serde(default)]
    fields: Map<String, Value>,
    /// Who of a group or room.
    #[serde(default)]
    member: Option<String>,
    #[serde(default)]
    quoted_message_id: Option<String>,
    #[serde(default)]
    file: Option<FileOf>,
}

/// The file behind a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FileOf {
    /// `photo`, `video`, `sound` or `document`.
    sample: Option<String>,
    base64: Option<String>,
    content_type: Option<String>,
    /// More bytes than are given: the rest is zeros.
    length: Option<u64>,
    /// So often LINE answers that it still prepares it.
    preparing: u32,
    /// LINE has it no more.
    missing: bool,
    cut_at: Option<u64>,
    delay_ms: u64,
}

impl FileOf {
    fn read(self) -> Result<Content, Refusal> {
        let mut content = match (&self.sample, &self.base64) {
            (Some(name), None) => {
                Content::sample(name).ok_or_else(|| Refusal::invalid("There is no such sample file."))?
            }
            (None, Some(text)) => {
                let bytes = STANDARD.decode(text).map_err(|_| Refusal::invalid("The file is not base64."))?;
                Content::new("application/octet-stream", bytes)
            }
            _ => return Err(Refusal::invalid("Give one of sample and base64.")),
        };
        if let Some(kind) = self.content_type {
            // LINE makes previews of what customers send; a small picture is its own.
            if kind == "image/jpeg" {
                content.preview = Some(content.bytes.clone());
            }
            content.content_type = kind;
        }
        content.length = self.length.unwrap_or(content.length).max(content.length);
        Ok(Content {
            preparing: self.preparing,
            missing: self.missing,
            cut_at: self.cut_at,
            delay_ms: self.delay_ms,
            ..content
        })
    }
}

/// `POST /sim/chats/{chat_id}/messages`: a message of any kind, into any chat.
pub(super) async fn send_message(
    State(shared): State<Arc<Shared>>,
    Path(chat_id): Path<String>,
    Input(message): Input<AnyMessage>,
) -> Result<(StatusCode, Json<SentMessage>), Refusal> {
    let content = message.file.map(FileOf::read).transpose()?;
    let mut new = IncomingMessage { fields: message.fields, content, ..IncomingMessage::new(&message.kind) };
    new.quoted = message.quoted_message_id;
    if let Some(size) = new.content.as_ref().map(|content| content.length)
        && message.kind == "file"
        && !new.fields.contains_key("fileSize")
    {
        new = new.with("fileSize", size);
    }
    if new.content.is_some() && message.kind != "file" && !new.fields.contains_key("contentProvider") {
        new = new.with("contentProvider", serde_json::json!({"type": "line"}));
    }
    let sent = actions::send_message(&shared, &chat_id, message.member.as_deref(), &new)?;
    Ok((StatusCode::CREATED, Json(sent)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGroup {
    /// A room when absent.
    #[serde(default)]
    name: Option<String>,
    members: Vec<String>,
}

/// `POST /sim/groups`: and invites the account.
pub(super) async fn add_group(
    State(shared): State<Arc<Shared>>,
    Input(new): Input<NewGroup>,
) -> Result<(StatusCode, Json<Customer>), Refusal> {
    let chat_id = events::add_group(&shared, new.name.as_deref(), &new.members)?;
    let group = shared.read(|platform| platform.find_customer(&chat_id).cloned());
    Ok((StatusCode::CREATED, Json(group.ok_or(ControlError::UnknownCustomer)?)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MemberChange {
    join: Vec<String>,
    leave: Vec<String>,
}

/// `POST /sim/groups/{chat_id}/members`
pub(super) async fn change_members(
    State(shared): State<Arc<Shared>>,
    Path(chat_id): Path<String>,
    Input(change): Input<MemberChange>,
) -> Result<StatusCode, Refusal> {
    for (members, come) in [(&change.join, true), (&change.leave, false)] {
        if !members.is_empty() {
            events::change_members(&shared, &chat_id, members, come)?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnyEvent {
    /// LINE's type of the event, also one that does not exist.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    member: Option<String>,
    /// The property that carries what is special about the type, and its name.
    #[serde(default)]
    part: Option<(String, Value)>,
    #[serde(default)]
    is_replyable: bool,
    /// What the customer seems to have written, on the phone only: a postback's `displayText` (LINE Messaging API
    /// reference, "Postback action").
    #[serde(default)]
    display_text: Option<String>,
}

/// `POST /sim/chats/{chat_id}/events`
pub(super) async fn send_event(
    State(shared): State<Arc<Shared>>,
    Path(chat_id): Path<String>,
    Input(event): Input<AnyEvent>,
) -> Result<StatusCode, Refusal> {
    let part = event.part.as_ref().map(|(name, value)| (name.as_str(), value.clone()));
    let (member, shown) = (event.member.as_deref(), event.display_text.as_deref());
    events::send_event(&shared, &chat_id, member, &event.kind, part, event.is_replyable, shown)?;
    Ok(StatusCode::ACCEPTED)
}
