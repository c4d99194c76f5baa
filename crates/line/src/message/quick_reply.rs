//! Buttons under a message (LINE OpenAPI `QuickReply`, `Action`).

use serde::{Deserialize, Serialize};

/// Buttons of one message (LINE OpenAPI).
pub const QUICK_REPLY_ITEMS: usize = 13;
/// A button's label (LINE doc "Quick replies").
pub const LABEL_UNITS: usize = 20;
/// What a message action says, or a postback action shows (LINE doc "Action objects").
pub const MESSAGE_ACTION_UNITS: usize = 300;
/// What a postback brings back (LINE OpenAPI).
pub const POSTBACK_DATA_UNITS: usize = 300;
/// An address behind a button (LINE doc "URI action").
pub const URI_ACTION_UNITS: usize = 1000;
/// Text for the clipboard (LINE OpenAPI).
pub const CLIPBOARD_UNITS: usize = 1000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickReply {
    pub items: Vec<QuickReplyItem>,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "action", rename_all = "camelCase")]
pub struct QuickReplyItem {
    /// Its icon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    pub action: Action,
}

/// What tapping it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// The customer says the text.
    Message {
        label: String,
        text: String,
    },
    /// We get the data in a postback event.
    Postback {
        label: String,
        data: String,
        /// What the customer seems to say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        display_text: Option<String>,
    },
    /// `http`, `https`, `line` or `tel`.
    Uri {
        label: String,
        uri: String,
    },
    Clipboard {
        label: String,
        clipboard_text: String,
    },
    Camera {
        label: String,
    },
    CameraRoll {
        label: String,
    },
    Location {
        label: String,
    },
}

impl Action {
    pub fn label(&self) -> &str {
        match self {
            Self::Message { label, .. }
            | Self::Postback { label, .. }
            | Self::Uri { label, .. }
            | Self::Clipboard { label, .. }
            | Self::Camera { label }
            | Self::CameraRoll { label }
            | Self::Location { label } => label,
        }
    }
}
