//! Messages on their way to LINE (LINE OpenAPI `Message`), and what LINE would refuse about them.
//!
//! INVARIANT: what [`validate`] accepts has the shape LINE documents, so LINE refuses it only for reasons that nobody
//! can see from here: a token, a sticker it does not know, a URL it cannot fetch. Of flex messages, templates and
//! imagemaps that holds for the frame; the inside is LINE's to judge.
//!
//! Deliberately absent: `coupon` messages, and uploads (LINE fetches media from our URLs).

mod check;
mod quick_reply;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::check::{
    ALT_TEXT_UNITS, FLEX_BUBBLE_BYTES, LOCATION_UNITS, MESSAGES, MessageError, MessagesError, REQUEST_BYTES,
    SENDER_NAME_UNITS, SUBSTITUTIONS, TEXT_UNITS, URL_UNITS, validate,
};
pub use self::quick_reply::{
    Action, CLIPBOARD_UNITS, LABEL_UNITS, MESSAGE_ACTION_UNITS, POSTBACK_DATA_UNITS, QUICK_REPLY_ITEMS, QuickReply,
    QuickReplyItem, URI_ACTION_UNITS,
};

/// A message object. Lengths count UTF-16 code units, as LINE does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum OutgoingMessage {
    Text(TextMessage),
    TextV2(TextV2Message),
    Sticker(StickerMessage),
    Image(ImageMessage),
    Video(VideoMessage),
    Audio(AudioMessage),
    Location(LocationMessage),
    Flex(FlexMessage),
    Template(TemplateMessage),
    Imagemap(ImagemapMessage),
}

impl OutgoingMessage {
    /// A text with nothing to it but perhaps the message that it quotes.
    pub fn text(text: impl Into<String>, quote_token: Option<String>) -> Self {
        Self::Text(TextMessage { text: text.into(), quote_token, ..TextMessage::default() })
    }

    /// What every message may have.
    pub fn common_mut(&mut self) -> &mut Common {
        match self {
            Self::Text(message) => &mut message.common,
            Self::TextV2(message) => &mut message.common,
            Self::Sticker(message) => &mut message.common,
            Self::Image(message) => &mut message.common,
            Self::Video(message) => &mut message.common,
            Self::Audio(message) => &mut message.common,
            Self::Location(message) => &mut message.common,
            Self::Flex(message) => &mut message.common,
            Self::Template(message) => &mut message.common,
            Self::Imagemap(message) => &mut message.common,
        }
    }

    /// LINE's name of the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::TextV2(_) => "textV2",
            Self::Sticker(_) => "sticker",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::Location(_) => "location",
            Self::Flex(_) => "flex",
            Self::Template(_) => "template",
            Self::Imagemap(_) => "imagemap",
        }
    }
}

/// 1 to 5000 units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextMessage {
    pub text: String,
    /// LINE emoji, in place of the `$` at their index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emojis: Vec<Emoji>,
    /// From a message in the same chat, theirs or ours; never expires (LINE doc).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_token: Option<String>,
    #[serde(flatten)]
    pub common: Common,
}

/// A text with mentions, in groups and rooms: 1 to 5000 units. `{name}` stands for the substitution of that name; a brace
/// that is meant as one is written twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TextV2Message {
    pub text: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub substitution: BTreeMap<String, Substitution>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_token: Option<String>,
    #[serde(flatten)]
    pub common: Common,
}

/// What stands in a text's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Substitution {
    Mention { mentionee: Mentionee },
    Emoji { product_id: String, emoji_id: String },
}

/// Who is mentioned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Mentionee {
    User { user_id: String },
    All,
}

/// A LINE emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Emoji {
    /// Place of its `$` in the text, in units.
    pub index: u32,
    pub product_id: String,
    pub emoji_id: String,
}

/// Only stickers from LINE's list for this purpose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StickerMessage {
    pub package_id: String,
    pub sticker_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_token: Option<String>,
    #[serde(flatten)]
    pub common: Common,
}

/// JPEG or PNG, at most 10 MB, with a preview of at most 1 MB, both at HTTPS URLs that need no sign-in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageMessage {
    pub original_content_url: String,
    pub preview_image_url: String,
    #[serde(flatten)]
    pub common: Common,
}

/// mp4, at most 200 MB, with an image of at most 1 MB as its preview.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoMessage {
    pub original_content_url: String,
    pub preview_image_url: String,
    /// Comes back in the event that tells of the video having been watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    #[serde(flatten)]
    pub common: Common,
}

/// mp3 or m4a.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioMessage {
    pub original_content_url: String,
    #[serde(rename = "duration")]
    pub duration_ms: u64,
    #[serde(flatten)]
    pub common: Common,
}

/// A place: title and address of 1 to 100 units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationMessage {
    pub title: String,
    pub address: String,
    /// Degrees.
    pub latitude: f64,
    /// Degrees.
    pub longitude: f64,
    #[serde(flatten)]
    pub common: Common,
}

/// A card or a row of cards. What is in it, LINE judges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlexMessage {
    /// 1 to 400 units, for notifications and chat lists.
    pub alt_text: String,
    /// A `bubble` or a `carousel`.
    pub contents: Value,
    #[serde(flatten)]
    pub common: Common,
}

/// Buttons, a question, or columns of them. What is in it, LINE judges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateMessage {
    /// 1 to 400 units, for notifications and chat lists.
    pub alt_text: String,
    pub template: Value,
    #[serde(flatten)]
    pub common: Common,
}

/// An image with areas to tap. What is in it, LINE judges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImagemapMessage {
    pub base_url: String,
    /// 1 to 400 units, for notifications and chat lists.
    pub alt_text: String,
    /// `{width, height}` in pixels.
    pub base_size: Value,
    pub actions: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Value>,
    #[serde(flatten)]
    pub common: Common,
}

/// What every message may have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Common {
    /// Shown under the last message of a request only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quick_reply: Option<QuickReply>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
}

/// Another name and icon than the account's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// 1 to 20 units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
}

/// `POST /v2/bot/message/reply`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplyRequest {
    /// From an event; works once, and surely only within a minute (LINE doc).
    pub reply_token: String,
    pub messages: Vec<OutgoingMessage>,
    /// Without a notification on the customer's phone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub notification_disabled: bool,
}

/// `POST /v2/bot/message/push`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushRequest {
    /// A user's, group's or room's id.
    pub to: String,
    pub messages: Vec<OutgoingMessage>,
    /// Without a notification on the customer's phone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub notification_disabled: bool,
}

// Requests end up in logs sooner or later: their tokens and texts do not.
impl fmt::Debug for ReplyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyRequest").field("messages", &self.messages.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for PushRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushRequest").field("messages", &self.messages.len()).finish_non_exhaustive()
    }
}

impl ReplyRequest {
    pub fn new(reply_token: impl Into<String>, messages: Vec<OutgoingMessage>) -> Self {
        Self { reply_token: reply_token.into(), messages, notification_disabled: false }
    }
}

impl PushRequest {
    pub fn new(to: impl Into<String>, messages: Vec<OutgoingMessage>) -> Self {
        Self { to: to.into(), messages, notification_disabled: false }
    }
}

#[cfg(test)]
mod tests;
