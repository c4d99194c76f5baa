//! What operators send, in its three shapes: as a client asks for it, as it is kept, and as LINE takes it.
//!
//! INVARIANT: what LINE is given for a kept message is the same at every try (DL4): it depends on what was written down
//! when the message was taken, and on the configuration.

use jiff::tz::TimeZone;
use linedesk_core::text::{cut_utf16, utf16_len};
use linedesk_line::message::{
    AudioMessage, ImageMessage, MessageError, OutgoingMessage, SENDER_NAME_UNITS, Sender, VideoMessage,
};
use linedesk_protocol::rest::SendMessage;
use linedesk_protocol::{ErrorCode, MessageType, Timestamp, limits};
use linedesk_store::ops::messages::Written;
use linedesk_store::ops::outbox::{DueFile, DueMessage};
use serde_json::Value;

use crate::config::SenderPolicy;
use crate::desk::Desk;
use crate::http::error::ApiError;
use crate::media::{Part, name};

/// Checks a text that goes to LINE: exactly as typed, 1 to 5000 UTF-16 units.
pub(crate) fn check_text(text: &str) -> Result<(), ApiError> {
    if text.trim().is_empty() {
        return Err(ApiError::new(ErrorCode::InvalidRequest, "The text is empty."));
    }
    let units = utf16_len(text);
    if units > limits::TEXT_UNITS {
        let detail = format!("The text has {units} UTF-16 units; LINE takes {}.", limits::TEXT_UNITS);
        return Err(ApiError::new(ErrorCode::MessageTooLong, detail));
    }
    Ok(())
}

/// Checks what a client asks to send.
pub(crate) fn read(asked: &SendMessage) -> Result<Written, ApiError> {
    match (&asked.text, &asked.line_message) {
        (_, Some(message)) => {
            let message = parse(message)?;
            let can_quote =
                matches!(message, OutgoingMessage::Text(_) | OutgoingMessage::TextV2(_) | OutgoingMessage::Sticker(_));
            if asked.quote_message_id.is_some() && !can_quote {
                return Err(ApiError::field("quote_message_id", "only texts and stickers can quote"));
            }
            keep(&message)
        }
        (text, None) => {
            let text = text.as_deref().unwrap_or_default();
            check_text(text)?;
            Ok(Written::text(text))
        }
    }
}

/// Reads a message object of the Messaging API, and checks what can be told without LINE.
pub(crate) fn parse(message: &Value) -> Result<OutgoingMessage, ApiError> {
    for (field, instead) in
        [("sender", "the desk's own setting decides it"), ("quoteToken", "give quote_message_id instead")]
    {
        if message.get(field).is_some() {
            return Err(ApiError::field(&format!("line_message.{field}"), instead));
        }
    }
    let parsed: OutgoingMessage = serde_path_to_error::deserialize(message).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "line_message".to_owned() } else { format!("line_message.{path}") };
        ApiError::field(&field, error.into_inner().to_string())
    })?;
    parsed.validate().map_err(|error| {
        let detail = error.to_string();
        match error {
            MessageError::TooLong { field: "text", .. } => ApiError::new(ErrorCode::MessageTooLong, detail),
            MessageError::Empty { field }
            | MessageError::TooLong { field, .. }
            | MessageError::NotHttps { field }
            | MessageError::Malformed { field }
            | MessageError::OutOfRange { field }
            | MessageError::TooMany { field, .. }
            | MessageError::TooLarge { field, .. } => ApiError::field(&format!("line_message.{field}"), detail),
        }
    })?;
    Ok(parsed)
}

fn keep(message: &OutgoingMessage) -> Result<Written, ApiError> {
    let (message_type, content) = match message {
        OutgoingMessage::Text(text) => (MessageType::Text, text.text.clone()),
        OutgoingMessage::TextV2(text) => (MessageType::Text, text.text.clone()),
        OutgoingMessage::Sticker(_) => (MessageType::Sticker, String::new()),
        OutgoingMessage::Image(_) => (MessageType::Image, String::new()),
        OutgoingMessage::Video(_) => (MessageType::Video, String::new()),
        OutgoingMessage::Audio(_) => (MessageType::Audio, String::new()),
        OutgoingMessage::Location(location) => (MessageType::Location, location.title.clone()),
        OutgoingMessage::Flex(flex) => (MessageType::Flex, flex.alt_text.clone()),
        OutgoingMessage::Template(template) => (MessageType::Template, template.alt_text.clone()),
        OutgoingMessage::Imagemap(imagemap) => (MessageType::Imagemap, imagemap.alt_text.clone()),
    };
    if message_type == MessageType::Text {
        check_text(&content)?;
    }
    let payload = serde_json::to_string(message).map_err(anyhow::Error::from)?;
    Ok(Written { message_type, content, payload: Some(payload), file: None })
}

/// Why a kept message cannot be given to LINE. An operator may send it again when that is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnsendableError {
    #[error("files cannot be sent while the desk has no public https address (public_url)")]
    NoPublicUrl,
    #[error("the message as it is kept cannot be read")]
    Unreadable,
}

/// A kept message as LINE takes it.
pub(crate) fn for_line(desk: &Desk, due: &DueMessage) -> Result<OutgoingMessage, UnsendableError> {
    let mut message = match (&due.file, &due.payload) {
        (Some(file), _) => with_file(desk, due, file)?,
        (None, Some(payload)) => serde_json::from_str(payload).map_err(|_| UnsendableError::Unreadable)?,
        (None, None) => OutgoingMessage::text(due.text.clone(), None),
    };
    if let Some(token) = &due.quote_token {
        match &mut message {
            OutgoingMessage::Text(text) => text.quote_token = Some(token.clone()),
            OutgoingMessage::TextV2(text) => text.quote_token = Some(token.clone()),
            OutgoingMessage::Sticker(sticker) => sticker.quote_token = Some(token.clone()),
            _ => {}
        }
    }
    message.common_mut().sender = sender(&desk.config.sender, due.operator_name.as_deref());
    Ok(message)
}

fn with_file(desk: &Desk, due: &DueMessage, file: &DueFile) -> Result<OutgoingMessage, UnsendableError> {
    let origin = desk.config.media_origin().ok_or(UnsendableError::NoPublicUrl)?;
    let link = |part| format!("{origin}{}", desk.links.sign(&file.id, part, file.link_expires_at));
    Ok(match due.message_type {
        MessageType::Image => OutgoingMessage::Image(ImageMessage {
            original_content_url: link(Part::File),
            preview_image_url: link(Part::Preview),
            ..ImageMessage::default()
        }),
        MessageType::Video => OutgoingMessage::Video(VideoMessage {
            original_content_url: link(Part::File),
            preview_image_url: link(Part::Preview),
            ..VideoMessage::default()
        }),
        MessageType::Audio => OutgoingMessage::Audio(AudioMessage {
            original_content_url: link(Part::File),
            duration_ms: file.duration_ms.and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0),
            ..AudioMessage::default()
        }),
        // LINE has no message for files: a link, and until when it works.
        _ => {
            let name = file.file_name.as_deref().and_then(name::safe).unwrap_or_default();
            let until = local_minute(&desk.config.timezone, file.link_expires_at);
            OutgoingMessage::text(format!("{name}\n{}\n⏳ {until}", link(Part::File)).trim_start(), None)
        }
    })
}

/// `2026-12-03 14:05`, in the business time zone: in no language.
fn local_minute(timezone: &str, at: Timestamp) -> String {
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Whose name the customer sees above the message.
fn sender(policy: &SenderPolicy, operator_name: Option<&str>) -> Option<Sender> {
    let name = operator_name.filter(|_| policy.shows_operator).map(|name| cut_utf16(name.trim(), SENDER_NAME_UNITS));
    let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
    let icon_url = policy.icon_url.clone().filter(|_| operator_name.is_some());
    (name.is_some() || icon_url.is_some()).then_some(Sender { name, icon_url })
}

#[cfg(test)]
mod tests;
