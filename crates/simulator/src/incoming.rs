//! What a customer can send, of every kind that LINE knows (LINE OpenAPI `webhook.yml`, `MessageContent`).

use serde_json::{Map, Value, json};

use crate::content::Content;

/// A message before LINE gives it its id and tokens.
#[derive(Clone, Debug)]
pub struct IncomingMessage {
    /// LINE's `type`.
    pub(crate) kind: String,
    /// What the kind has besides.
    pub(crate) fields: Map<String, Value>,
    pub(crate) quoted: Option<String>,
    pub(crate) content: Option<Content>,
}

impl IncomingMessage {
    /// Of any kind, also of one that does not exist yet.
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), fields: Map::new(), quoted: None, content: None }
    }

    pub fn text(text: &str) -> Self {
        Self::new("text").with("text", text)
    }

    pub fn image(content: Content) -> Self {
        Self::new("image").provided(content)
    }

    pub fn video(content: Content, duration_ms: u64) -> Self {
        Self::new("video").with("duration", duration_ms).provided(content)
    }

    pub fn audio(content: Content, duration_ms: u64) -> Self {
        Self::new("audio").with("duration", duration_ms).provided(content)
    }

    pub fn file(name: &str, content: Content) -> Self {
        let size = content.length;
        let message = Self::new("file").with("fileName", name).with("fileSize", size);
        Self { content: Some(content), ..message }
    }

    pub fn location(title: &str, address: &str, latitude: f64, longitude: f64) -> Self {
        let message = Self::new("location").with("title", title).with("address", address);
        message.with("latitude", latitude).with("longitude", longitude)
    }

    pub fn sticker(package_id: &str, sticker_id: &str, keywords: &[&str]) -> Self {
        let message = Self::new("sticker").with("packageId", package_id).with("stickerId", sticker_id);
        message.with("stickerResourceType", "STATIC").with("keywords", keywords)
    }

    /// Another property, as LINE calls it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.fields.insert(name.to_owned(), json!(value));
        self
    }

    #[must_use]
    pub fn quoting(self, message_id: &str) -> Self {
        Self { quoted: Some(message_id.to_owned()), ..self }
    }

    /// One of several images that were sent together.
    #[must_use]
    pub fn in_set(self, id: &str, index: u32, total: u32) -> Self {
        self.with("imageSet", json!({"id": id, "index": index, "total": total}))
    }

    fn provided(self, content: Content) -> Self {
        let message = self.with("contentProvider", json!({"type": "line"}));
        Self { content: Some(content), ..message }
    }

    /// What the phone shows of it.
    pub(crate) fn shown(&self) -> Option<String> {
        ["text", "fileName", "title", "address"]
            .iter()
            .find_map(|key| self.fields.get(*key)?.as_str().map(str::to_owned))
    }
}
