//! What LINE would refuse, found before it is asked.

use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::quick_reply::{
    Action, CLIPBOARD_UNITS, LABEL_UNITS, MESSAGE_ACTION_UNITS, POSTBACK_DATA_UNITS, QUICK_REPLY_ITEMS, QuickReply,
    URI_ACTION_UNITS,
};
use super::{
    Common, Emoji, ImagemapMessage, LocationMessage, Mentionee, OutgoingMessage, PushRequest, ReplyRequest,
    StickerMessage, Substitution, TextV2Message,
};

/// A text, in UTF-16 code units (LINE Messaging API reference "Text message").
pub const TEXT_UNITS: usize = 5000;
/// Message objects in one request (LINE OpenAPI).
pub const MESSAGES: usize = 5;
/// A request's body. LINE says 2 MB and not of which kind: taken as the larger, so that LINE judges the doubtful rest.
pub const REQUEST_BYTES: usize = 2 * 1024 * 1024;
/// An address of media (LINE Messaging API reference).
pub const URL_UNITS: usize = 2000;
/// The title and the address of a place.
pub const LOCATION_UNITS: usize = 100;
/// What notifications show for messages that are no texts.
pub const ALT_TEXT_UNITS: usize = 400;
/// One bubble's JSON. LINE says 30 KB; see [`REQUEST_BYTES`].
pub const FLEX_BUBBLE_BYTES: usize = 30 * 1024;
/// Places in one `textV2` (LINE Messaging API reference "Text message (v2)": 20 mentions).
pub const SUBSTITUTIONS: usize = 20;
/// (LINE OpenAPI)
pub const SENDER_NAME_UNITS: usize = 20;

/// Why a message cannot be sent. Fields have LINE's names; no error holds what was written in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("`{field}` may not be empty")]
    Empty { field: &'static str },
    /// Counted in UTF-16 code units.
    #[error("`{field}` has {units} UTF-16 code units, at most {max} are allowed")]
    TooLong { field: &'static str, units: usize, max: usize },
    #[error("`{field}` is not an HTTPS URL")]
    NotHttps { field: &'static str },
    /// It has another shape than LINE documents.
    #[error("`{field}` is malformed")]
    Malformed { field: &'static str },
    #[error("`{field}` is out of range")]
    OutOfRange { field: &'static str },
    #[error("`{field}` has {count} items, at most {max} are allowed")]
    TooMany { field: &'static str, count: usize, max: usize },
    #[error("`{field}` has {bytes} bytes, at most {max} are allowed")]
    TooLarge { field: &'static str, bytes: usize, max: usize },
}

/// Why messages cannot be sent together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessagesError {
    #[error("a request has 1 to {MESSAGES} messages, not {count}")]
    Count { count: usize },
    #[error("message {index} cannot be sent")]
    Message {
        /// From 0.
        index: usize,
        source: MessageError,
    },
    #[error("the request has {bytes} bytes, at most {REQUEST_BYTES} are allowed")]
    TooLarge { bytes: usize },
    /// The reply token or the receiver is missing.
    #[error("`{field}` may not be empty")]
    Empty { field: &'static str },
}

/// Checks messages that are to travel in one request.
pub fn validate(messages: &[OutgoingMessage]) -> Result<(), MessagesError> {
    if !(1..=MESSAGES).contains(&messages.len()) {
        return Err(MessagesError::Count { count: messages.len() });
    }
    for (index, message) in messages.iter().enumerate() {
        message.validate().map_err(|source| MessagesError::Message { index, source })?;
    }
    Ok(())
}

impl ReplyRequest {
    pub fn validate(&self) -> Result<(), MessagesError> {
        request("replyToken", &self.reply_token, &self.messages, self)
    }
}

impl PushRequest {
    pub fn validate(&self) -> Result<(), MessagesError> {
        request("to", &self.to, &self.messages, self)
    }
}

fn request(
    field: &'static str,
    address: &str,
    messages: &[OutgoingMessage],
    body: &impl Serialize,
) -> Result<(), MessagesError> {
    if address.is_empty() {
        return Err(MessagesError::Empty { field });
    }
    validate(messages)?;
    match json_bytes(body) {
        bytes if bytes > REQUEST_BYTES => Err(MessagesError::TooLarge { bytes }),
        _ => Ok(()),
    }
}

impl OutgoingMessage {
    /// Checks what can be told without LINE.
    pub fn validate(&self) -> Result<(), MessageError> {
        let common = match self {
            Self::Text(message) => {
                length("text", &message.text, TEXT_UNITS)?;
                emojis(&message.text, &message.emojis)?;
                quote_token(message.quote_token.as_deref())?;
                &message.common
            }
            Self::TextV2(message) => text_v2(message)?,
            Self::Sticker(message) => sticker(message)?,
            Self::Image(message) => {
                https("originalContentUrl", &message.original_content_url)?;
                https("previewImageUrl", &message.preview_image_url)?;
                &message.common
            }
            Self::Video(message) => {
                https("originalContentUrl", &message.original_content_url)?;
                https("previewImageUrl", &message.preview_image_url)?;
                &message.common
            }
            Self::Audio(message) => {
                https("originalContentUrl", &message.original_content_url)?;
                // The wire type is a signed 64-bit integer (LINE OpenAPI).
                i64::try_from(message.duration_ms).map_err(|_| MessageError::OutOfRange { field: "duration" })?;
                &message.common
            }
            Self::Location(message) => location(message)?,
            Self::Flex(message) => {
                length("altText", &message.alt_text, ALT_TEXT_UNITS)?;
                flex(&message.contents)?;
                &message.common
            }
            Self::Template(message) => {
                length("altText", &message.alt_text, ALT_TEXT_UNITS)?;
                typed_object("template", &message.template)?;
                &message.common
            }
            Self::Imagemap(message) => imagemap(message)?,
        };
        check_common(common)
    }
}

fn emojis(text: &str, emojis: &[Emoji]) -> Result<(), MessageError> {
    if emojis.is_empty() {
        return Ok(());
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    for emoji in emojis {
        for (field, id) in [("emojis.productId", &emoji.product_id), ("emojis.emojiId", &emoji.emoji_id)] {
            if id.is_empty() {
                return Err(MessageError::Empty { field });
            }
        }
        let place = usize::try_from(emoji.index).ok().and_then(|index| units.get(index));
        if place != Some(&u16::from(b'$')) {
            return Err(MessageError::OutOfRange { field: "emojis.index" });
        }
    }
    Ok(())
}

fn text_v2(message: &TextV2Message) -> Result<&Common, MessageError> {
    length("text", &message.text, TEXT_UNITS)?;
    quote_token(message.quote_token.as_deref())?;
    let places = places(&message.text).ok_or(MessageError::Malformed { field: "text" })?;
    if places.iter().any(|place| !message.substitution.contains_key(*place)) {
        return Err(MessageError::Malformed { field: "substitution" });
    }
    for value in message.substitution.values() {
        let empty = match value {
            Substitution::Mention { mentionee: Mentionee::User { user_id } } => user_id.is_empty(),
            Substitution::Mention { mentionee: Mentionee::All } => false,
            Substitution::Emoji { product_id, emoji_id } => product_id.is_empty() || emoji_id.is_empty(),
        };
        if empty {
            return Err(MessageError::Empty { field: "substitution" });
        }
    }
    match places.len() {
        count if count > SUBSTITUTIONS => {
            Err(MessageError::TooMany { field: "substitution", count, max: SUBSTITUTIONS })
        }
        _ => Ok(&message.common),
    }
}

/// The names in braces; none where braces do not match.
fn places(text: &str) -> Option<Vec<&str>> {
    let mut places = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(doubled) = after.strip_prefix(brace) {
            rest = doubled;
        } else if brace == "{" {
            let (name, after) = after.split_once('}')?;
            if name.is_empty() || name.contains('{') {
                return None;
            }
            places.push(name);
            rest = after;
        } else {
            return None;
        }
    }
    Some(places)
}

fn sticker(message: &StickerMessage) -> Result<&Common, MessageError> {
    for (field, id) in [("packageId", &message.package_id), ("stickerId", &message.sticker_id)] {
        if id.is_empty() {
            return Err(MessageError::Empty { field });
        }
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MessageError::Malformed { field });
        }
    }
    quote_token(message.quote_token.as_deref())?;
    Ok(&message.common)
}

fn location(message: &LocationMessage) -> Result<&Common, MessageError> {
    length("title", &message.title, LOCATION_UNITS)?;
    length("address", &message.address, LOCATION_UNITS)?;
    // Also false for NaN, which JSON cannot carry.
    if !(-90.0..=90.0).contains(&message.latitude) {
        return Err(MessageError::OutOfRange { field: "latitude" });
    }
    if !(-180.0..=180.0).contains(&message.longitude) {
        return Err(MessageError::OutOfRange { field: "longitude" });
    }
    Ok(&message.common)
}

fn imagemap(message: &ImagemapMessage) -> Result<&Common, MessageError> {
    https("baseUrl", &message.base_url)?;
    length("altText", &message.alt_text, ALT_TEXT_UNITS)?;
    let is_side = |side: &str| {
        let pixels = message.base_size.get(side).and_then(Value::as_i64);
        pixels.is_some_and(|pixels| (1..=i64::from(i32::MAX)).contains(&pixels))
    };
    if !is_side("width") || !is_side("height") {
        return Err(MessageError::Malformed { field: "baseSize" });
    }
    for action in &message.actions {
        typed_object("actions", action)?;
    }
    if message.video.as_ref().is_some_and(|video| !video.is_object()) {
        return Err(MessageError::Malformed { field: "video" });
    }
    Ok(&message.common)
}

fn flex(contents: &Value) -> Result<(), MessageError> {
    let malformed = MessageError::Malformed { field: "contents" };
    let is = |value: &Value, kind: &str| value.get("type").is_some_and(|found| found == kind);
    let bubbles = if is(contents, "carousel") {
        contents.get("contents").and_then(Value::as_array).ok_or(malformed.clone())?.as_slice()
    } else {
        std::slice::from_ref(contents)
    };
    for bubble in bubbles {
        if !is(bubble, "bubble") {
            return Err(malformed);
        }
        let bytes = json_bytes(bubble);
        if bytes > FLEX_BUBBLE_BYTES {
            return Err(MessageError::TooLarge { field: "contents", bytes, max: FLEX_BUBBLE_BYTES });
        }
    }
    Ok(())
}

fn check_common(common: &Common) -> Result<(), MessageError> {
    if let Some(sender) = &common.sender {
        if let Some(name) = &sender.name {
            length("sender.name", name, SENDER_NAME_UNITS)?;
        }
        if let Some(url) = &sender.icon_url {
            https("sender.iconUrl", url)?;
        }
    }
    common.quick_reply.as_ref().map_or(Ok(()), check_quick_reply)
}

fn check_quick_reply(quick_reply: &QuickReply) -> Result<(), MessageError> {
    match quick_reply.items.len() {
        0 => return Err(MessageError::Empty { field: "quickReply.items" }),
        count if count > QUICK_REPLY_ITEMS => {
            return Err(MessageError::TooMany { field: "quickReply.items", count, max: QUICK_REPLY_ITEMS });
        }
        _ => {}
    }
    for item in &quick_reply.items {
        if let Some(url) = &item.image_url {
            https("quickReply.items.imageUrl", url)?;
        }
        length("quickReply.items.action.label", item.action.label(), LABEL_UNITS)?;
        check_action(&item.action)?;
    }
    Ok(())
}

fn check_action(action: &Action) -> Result<(), MessageError> {
    match action {
        Action::Message { text, .. } => length("quickReply.items.action.text", text, MESSAGE_ACTION_UNITS),
        Action::Postback { data, display_text, .. } => {
            length("quickReply.items.action.data", data, POSTBACK_DATA_UNITS)?;
            display_text
                .as_ref()
                .map_or(Ok(()), |text| length("quickReply.items.action.displayText", text, MESSAGE_ACTION_UNITS))
        }
        Action::Uri { uri, .. } => {
            length("quickReply.items.action.uri", uri, URI_ACTION_UNITS)?;
            match Url::parse(uri) {
                Ok(url) if matches!(url.scheme(), "http" | "https" | "line" | "tel") && is_uri(uri) => Ok(()),
                _ => Err(MessageError::Malformed { field: "quickReply.items.action.uri" }),
            }
        }
        Action::Clipboard { clipboard_text, .. } => {
            length("quickReply.items.action.clipboardText", clipboard_text, CLIPBOARD_UNITS)
        }
        Action::Camera { .. } | Action::CameraRoll { .. } | Action::Location { .. } => Ok(()),
    }
}

fn length(field: &'static str, text: &str, max: usize) -> Result<(), MessageError> {
    match text.chars().map(char::len_utf16).sum::<usize>() {
        0 => Err(MessageError::Empty { field }),
        units if units > max => Err(MessageError::TooLong { field, units, max }),
        _ => Ok(()),
    }
}

fn quote_token(token: Option<&str>) -> Result<(), MessageError> {
    if token == Some("") { Err(MessageError::Empty { field: "quoteToken" }) } else { Ok(()) }
}

fn https(field: &'static str, text: &str) -> Result<(), MessageError> {
    length(field, text, URL_UNITS)?;
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && url.has_host() && is_uri(text) => Ok(()),
        _ => Err(MessageError::NotHttps { field }),
    }
}

/// Only what RFC 3986 allows. The parser mends the rest, as browsers do, but what LINE gets is the text as it is.
fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
        byte => byte.is_ascii_graphic(),
    })
}

fn typed_object(field: &'static str, value: &Value) -> Result<(), MessageError> {
    if value.get("type").is_some_and(Value::is_string) { Ok(()) } else { Err(MessageError::Malformed { field }) }
}

/// Counts without keeping a copy.
fn json_bytes(value: &impl Serialize) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, value).expect("counting never fails and every map key is a string");
    counter.0
}
