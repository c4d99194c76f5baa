//! Messages on their way to LINE (LINE OpenAPI `messaging-api.yml`, `Message`).

use serde::Serialize;

/// LINE's limit of a text, in UTF-16 code units (LINE Messaging API reference, "Text message").
pub const TEXT_UNITS: usize = 5000;
/// Message objects in one request.
pub const MESSAGES: usize = 5;

/// A message object.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum OutgoingMessage {
    Text {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        quote_token: Option<String>,
    },
}

/// Why a message cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("a text may not be empty")]
    Empty,
    #[error("a text has at most 5000 UTF-16 code units")]
    TooLong,
    #[error("a request has 1 to 5 messages")]
    Count,
}

impl OutgoingMessage {
    /// Checks what LINE would refuse.
    pub fn validate(&self) -> Result<(), MessageError> {
        let Self::Text { text, .. } = self;
        match text.chars().map(char::len_utf16).sum::<usize>() {
            0 => Err(MessageError::Empty),
            units if units > TEXT_UNITS => Err(MessageError::TooLong),
            _ => Ok(()),
        }
    }
}

/// Checks a request's messages.
pub fn validate(messages: &[OutgoingMessage]) -> Result<(), MessageError> {
    if messages.is_empty() || messages.len() > MESSAGES {
        return Err(MessageError::Count);
    }
    messages.iter().try_for_each(OutgoingMessage::validate)
}

/// `POST /v2/bot/message/reply`.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplyRequest {
    pub reply_token: String,
    pub messages: Vec<OutgoingMessage>,
}

/// `POST /v2/bot/message/push`.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushRequest {
    pub to: String,
    pub messages: Vec<OutgoingMessage>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_as_line_counts_it() {
        let text = |text: String| OutgoingMessage::Text { text, quote_token: None }.validate();
        assert_eq!(text("😀".repeat(2500)), Ok(()));
        assert_eq!(text("😀".repeat(2500) + "a"), Err(MessageError::TooLong));
        assert_eq!(text(String::new()), Err(MessageError::Empty));
        assert_eq!(validate(&[]), Err(MessageError::Count));
    }
}
