//! What clients are sent.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorCode;
use crate::id::{ConversationId, MessageId, OperatorId, Seq, SessionId};
use crate::model::{ClosedBy, Delivery, Message, OperatorStatus, SessionStatus, Summary};
use crate::rest::{QuotaState, User};
use crate::time::Timestamp;

/// A frame to a client: `{type, payload, timestamp, seq?, reply_to?}`.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct ServerFrame {
    #[serde(flatten)]
    pub event: Event,
    pub timestamp: Timestamp,
    /// The feed's place of a durable event (WS6).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<String>,
}

/// Everything a client can be told, by `type`.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(tag = "type", content = "payload", rename_all = "snake_case")]
pub enum Event {
    AuthSuccess(AuthSuccess),
    AuthError(AuthError),
    Error(ErrorPayload),
    Pong(Pong),
    RoomLeft(RoomLeft),
    NewMessage(Message),
    MessageSent(Message),
    MessageAck(MessageAck),
    MessageFailed(MessageFailed),
    MessageUpdated(Message),
    ConversationUpdate(ConversationUpdate),
    ConversationRead(ConversationRead),
    SessionCreated(SessionEvent),
    SessionClaimed(SessionEvent),
    SessionReleased(SessionEvent),
    SessionClosed(SessionEvent),
    SessionTransferred(SessionEvent),
    PresenceUpdate(PresenceUpdate),
    OperatorJoined(RoomPresence),
    OperatorLeft(RoomPresence),
    TypingIndicator(TypingIndicator),
    AnalyticsUpdate(AnalyticsUpdate),
    SlaAlert(SlaAlert),
    QuotaUpdate(QuotaState),
    ResyncRequired(ResyncRequired),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AuthSuccess {
    /// The operator's id as a string.
    pub admin_id: String,
    pub operator: User,
    /// The feed's place at which live events begin.
    pub seq: Seq,
    /// Whether what came after `resume_after` follows; false without it, or when it was too far behind.
    pub resumed: bool,
    /// IANA name of the business time zone, in which times are shown.
    pub timezone: String,
    /// Within how many seconds of business time a waiting customer should get a first answer; null without a target.
    pub first_response_target_seconds: Option<u32>,
    pub limits: Limits,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Limits {
    pub text_units: u32,
    pub frame_bytes: u32,
    pub sends_per_minute: u32,
    /// Whether pictures and files can be sent.
    pub media: bool,
    #[ts(type = "number")]
    pub media_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AuthError {
    pub code: ErrorCode,
    pub message: String,
}

/// The answer to a command that was refused (WS5).
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct ErrorPayload {
    pub code: ErrorCode,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub temp_id: Option<String>,
    pub retryable: bool,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub details: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Pong {
    pub server_time: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RoomLeft {
    pub conversation_id: Option<ConversationId>,
    pub line_user_id: Option<String>,
}

/// LINE accepted a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MessageAck {
    pub message_id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub temp_id: Option<String>,
    pub conversation_id: ConversationId,
    pub line_user_id: String,
    pub delivery: Delivery,
}

/// A message was not sent, may not have arrived, or is withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MessageFailed {
    pub message_id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub temp_id: Option<String>,
    pub conversation_id: ConversationId,
    pub line_user_id: String,
    pub code: ErrorCode,
    pub error: String,
    pub retryable: bool,
    pub delivery: Delivery,
}

/// A summary; as the answer to `join_room` also the messages.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct ConversationUpdate {
    #[serde(flatten)]
    pub summary: Summary,
    /// Oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub messages: Option<Vec<Message>>,
    /// Whether there are more messages beyond those: later ones with `after_message_id`, else earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub has_more: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ConversationRead {
    pub conversation_id: ConversationId,
    pub line_user_id: String,
    /// The newest message that is read now.
    pub message_id: MessageId,
    #[ts(type = "number")]
    pub unread_count: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SessionEvent {
    pub line_user_id: String,
    pub conversation_id: ConversationId,
    pub session_id: SessionId,
    pub status: SessionStatus,
    pub operator_id: Option<OperatorId>,
    pub operator_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub from_operator_id: Option<OperatorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub to_operator_id: Option<OperatorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closed_by: Option<ClosedBy>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PresenceUpdate {
    /// Those with a socket, by id.
    pub operators: Vec<OperatorPresence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct OperatorPresence {
    pub id: OperatorId,
    pub name: String,
    pub status: OperatorStatus,
    #[ts(type = "number")]
    pub active_chats: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RoomPresence {
    /// The operator's id as a string.
    pub admin_id: String,
    pub operator_name: String,
    /// The conversation's id as a string.
    pub room_id: String,
}

/// Somebody types; without a further one it lapses after 6 s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TypingIndicator {
    pub line_user_id: String,
    pub conversation_id: ConversationId,
    /// The operator's id as a string.
    pub admin_id: String,
    pub operator_name: String,
    pub is_typing: bool,
}

/// The desk's load at the moment, for ADMIN and above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AnalyticsUpdate {
    #[ts(type = "number")]
    pub waiting: i64,
    #[ts(type = "number")]
    pub active: i64,
    /// Seconds the longest-waiting customer has waited; null when nobody waits.
    #[ts(type = "number | null")]
    pub longest_wait_seconds: Option<i64>,
    #[ts(type = "number")]
    pub operators_online: i64,
}

/// Somebody waits too long: told once as `warning` before the target is missed, and once as `breach`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SlaAlert {
    /// `first_response`: business time until an operator first answers.
    pub metric: String,
    #[ts(type = "number")]
    pub value_seconds: i64,
    #[ts(type = "number")]
    pub threshold_seconds: i64,
    pub conversation_id: ConversationId,
    pub line_user_id: String,
    pub session_id: SessionId,
    /// `warning` or `breach`.
    pub severity: String,
}

/// The client is too far behind to be told what it missed: reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ResyncRequired {
    pub reason: String,
}
