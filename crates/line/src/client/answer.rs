//! What LINE answers (LINE OpenAPI `messaging-api.yml`). Read tolerantly: only what callers cannot do without is
//! required.

use serde::{Deserialize, Serialize};

/// An answer and what its headers told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    pub body: T,
    /// `x-line-request-id`, for LINE's support.
    pub request_id: Option<String>,
    /// `x-line-accepted-request-id`: the id of the first request with this retry key, when it was accepted before.
    pub accepted_request_id: Option<String>,
}

impl<T> Answer<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { body: change(self.body), request_id: self.request_id, accepted_request_id: self.accepted_request_id }
    }
}

/// What was sent, in the request's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessages {
    #[serde(default)]
    pub sent_messages: Vec<SentMessage>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMessage {
    pub id: String,
    /// Quotes this message later; only of messages that can be quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_token: Option<String>,
}

/// How a push was accepted. Either way it is done, and must not be sent again under another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    Accepted {
        sent_messages: Vec<SentMessage>,
    },
    /// 409: an earlier try with this key was. LINE repeats what was sent then; empty where its body cannot be read.
    AlreadyAccepted {
        sent_messages: Vec<SentMessage>,
    },
}

impl PushOutcome {
    pub fn sent_messages(&self) -> &[SentMessage] {
        match self {
            Self::Accepted { sent_messages } | Self::AlreadyAccepted { sent_messages } => sent_messages,
        }
    }
}

/// Of a user, or of a member of a group or room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub display_name: String,
    #[serde(default)]
    pub user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    /// Of users only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// BCP 47; of users only, and only of those who agreed to LINE's privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupSummary {
    #[serde(default)]
    pub group_id: String,
    #[serde(default)]
    pub group_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
}

/// A channel access token that LINE issued. It shows itself nowhere.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct IssuedToken {
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// How many people are in a group or room, besides the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCount {
    pub count: i64,
}

/// How many messages may be paid for this month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageQuota {
    /// `none` (no limit) or `limited`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The limit; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaConsumption {
    pub total_usage: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BotInfo {
    pub user_id: String,
    #[serde(default)]
    pub basic_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub premium_id: Option<String>,
    pub display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    /// `chat` (Chat = On) or `bot`.
    #[serde(default)]
    pub chat_mode: String,
    /// `auto` or `manual`.
    #[serde(default)]
    pub mark_as_read_mode: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub endpoint: String,
    /// LINE sends events there.
    pub active: bool,
}

/// How LINE's test call of our webhook went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTest {
    #[serde(default)]
    pub success: bool,
    /// RFC 3339.
    #[serde(default)]
    pub timestamp: String,
    /// Zero or less when no answer came.
    #[serde(default)]
    pub status_code: i64,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub detail: String,
}
