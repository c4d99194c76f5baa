//! The socket's frames (WS): what clients send (`Command`) and what they are sent (`Event`).
//!
//! Decoding is strict where the contract says so and never panics: every way to be wrong is a [`DecodeError`] with a code.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::ErrorCode;
use crate::id::{ConversationId, MessageId, OperatorId, Seq, SessionId};
use crate::limits;
use crate::model::{ClosedBy, Delivery, Message, OperatorStatus, SessionStatus, Summary};
use crate::rest::{MarkRead, SendMessage, TransferSession, User};
use crate::time::Timestamp;

/// A frame from a client: `{type, payload, timestamp?, id?}`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFrame {
    /// The client's own id; the one answer carries it as `reply_to` (WS5).
    pub id: Option<String>,
    pub command: Command,
}

/// Which conversation a command acts on. With neither: the joined room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Target {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub conversation_id: Option<ConversationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub line_user_id: Option<String>,
}

/// Everything a client can say, by `type`.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
#[serde(tag = "type", content = "payload", rename_all = "snake_case")]
pub enum Command {
    Auth(Auth),
    Ping(Empty),
    JoinRoom(JoinRoom),
    LeaveRoom(Empty),
    SendMessage(SendCommand),
    RetryMessage(MessageCommand),
    CancelMessage(MessageCommand),
    MarkRead(MarkReadCommand),
    TypingStart(Target),
    TypingStop(Target),
    ClaimSession(Target),
    ReleaseSession(Target),
    CloseSession(Target),
    TransferSession(TransferCommand),
    SetStatus(SetStatus),
    SubscribeAnalytics(Empty),
    UnsubscribeAnalytics(Empty),
}

/// A payload without fields; unknown fields are ignored, as everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Empty {}

#[derive(Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Auth {
    pub token: String,
    /// The last seq the client has seen: what came after it is replayed (WS6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub resume_after: Option<Seq>,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Auth").field("token", &"..").field("resume_after", &self.resume_after).finish()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct JoinRoom {
    #[serde(flatten)]
    pub target: Target,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after_message_id: Option<MessageId>,
}

/// `{text, temp_id?, quote_message_id?}`, or the same wrapped as `{message: {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct SendCommand {
    #[serde(flatten)]
    pub target: Target,
    #[serde(flatten)]
    pub message: SendMessage,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct MessageCommand {
    pub message_id: MessageId,
}

#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct MarkReadCommand {
    #[serde(flatten)]
    pub target: Target,
    pub message_id: MessageId,
}

#[derive(Clone, Debug, PartialEq, Serialize, ts_rs::TS)]
pub struct TransferCommand {
    #[serde(flatten)]
    pub target: Target,
    #[serde(flatten)]
    pub transfer: TransferSession,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct SetStatus {
    /// `online`, `away` or `busy`; `offline` comes by itself.
    pub status: OperatorStatus,
}

/// Why a frame was not understood. It never ends the socket by itself (WS4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    pub code: ErrorCode,
    pub message: String,
    /// The wrong field, as in `message.text`.
    pub field: Option<String>,
    /// The frame's `id`, where it could be read.
    pub reply_to: Option<String>,
    /// The frame's `temp_id`, where it could be read.
    pub temp_id: Option<String>,
}

impl ClientFrame {
    /// Reads a frame. Codes: `invalid_request` (not JSON, not an object), `validation_error` (wrong fields),
    /// `unknown_event` (unknown `type`).
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        let value: Value = serde_json::from_str(text).map_err(|_| unreadable("The frame is not JSON."))?;
        let Value::Object(mut frame) = value else {
            return Err(unreadable("The frame is not a JSON object."));
        };
        let id = match frame.remove("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) if id.chars().count() <= limits::CLIENT_ID_CHARS => Some(id),
            Some(_) => return Err(wrong_field("id", "expected a string of at most 100 characters", None)),
        };
        let kind = match frame.remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err(wrong_field("type", "expected a string", id)),
            None => return Err(wrong_field("type", "missing field `type`", id)),
        };
        let payload = match frame.remove("payload") {
            None | Some(Value::Null) => Value::Object(serde_json::Map::new()),
            Some(payload @ Value::Object(_)) => payload,
            Some(_) => return Err(wrong_field("payload", "expected an object", id)),
        };
        let temp_id = temp_id_of(&payload);
        match decode_command(&kind, payload) {
            Ok(command) => Ok(Self { id, command }),
            Err(mut error) => {
                error.reply_to = id;
                error.temp_id = temp_id;
                Err(error)
            }
        }
    }
}

fn temp_id_of(payload: &Value) -> Option<String> {
    let temp_id = payload.get("temp_id").or_else(|| payload.get("message")?.get("temp_id"))?.as_str()?;
    (temp_id.chars().count() <= limits::CLIENT_ID_CHARS).then(|| temp_id.to_owned())
}

fn decode_command(kind: &str, payload: Value) -> Result<Command, DecodeError> {
    Ok(match kind {
        "auth" => Command::Auth(fields(payload)?),
        "ping" => Command::Ping(fields(payload)?),
        "join_room" => {
            let (target, AfterMessage { after_message_id }) = with_target(payload)?;
            Command::JoinRoom(JoinRoom { target, after_message_id })
        }
        "leave_room" => Command::LeaveRoom(fields(payload)?),
        "send_message" => Command::SendMessage(decode_send(payload)?),
        "retry_message" => Command::RetryMessage(fields(payload)?),
        "cancel_message" => Command::CancelMessage(fields(payload)?),
        "mark_read" => {
            let (target, MarkRead { message_id }) = with_target(payload)?;
            Command::MarkRead(MarkReadCommand { target, message_id })
        }
        "typing_start" => Command::TypingStart(fields(payload)?),
        "typing_stop" => Command::TypingStop(fields(payload)?),
        "claim_session" => Command::ClaimSession(fields(payload)?),
        "release_session" => Command::ReleaseSession(fields(payload)?),
        "close_session" => Command::CloseSession(fields(payload)?),
        "transfer_session" => {
            let (target, transfer) = with_target(payload)?;
            Command::TransferSession(TransferCommand { target, transfer })
        }
        "set_status" => Command::SetStatus(fields(payload)?),
        "subscribe_analytics" => Command::SubscribeAnalytics(fields(payload)?),
        "unsubscribe_analytics" => Command::UnsubscribeAnalytics(fields(payload)?),
        _ => {
            let shown: String = kind.chars().take(60).collect();
            return Err(DecodeError {
                code: ErrorCode::UnknownEvent,
                message: format!("The frame type `{shown}` is unknown."),
                field: Some("type".to_owned()),
                reply_to: None,
                temp_id: None,
            });
        }
    })
}

#[derive(Deserialize)]
struct AfterMessage {
    #[serde(default)]
    after_message_id: Option<MessageId>,
}

/// The target and the command's own fields, read apart: through `flatten` serde could not name a wrong field.
fn with_target<T: serde::de::DeserializeOwned>(payload: Value) -> Result<(Target, T), DecodeError> {
    Ok((fields(payload.clone())?, fields(payload)?))
}

fn decode_send(mut payload: Value) -> Result<SendCommand, DecodeError> {
    let target: Target = fields(payload.clone())?;
    let message = match payload.get_mut("message").map(Value::take) {
        Some(message @ Value::Object(_)) => fields_at("message.", message)?,
        Some(_) => return Err(wrong_field("message", "expected an object", None)),
        None => fields(payload)?,
    };
    Ok(SendCommand { target, message })
}

fn fields<T: serde::de::DeserializeOwned>(payload: Value) -> Result<T, DecodeError> {
    fields_at("", payload)
}

fn fields_at<T: serde::de::DeserializeOwned>(prefix: &str, payload: Value) -> Result<T, DecodeError> {
    serde_path_to_error::deserialize(payload).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        // A missing field is reported at its parent; serde quotes its name in the message.
        let field = match message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            Some(name) => name.to_owned(),
            None => path,
        };
        let field = if field == "." || field.is_empty() { "payload".to_owned() } else { format!("{prefix}{field}") };
        DecodeError { code: ErrorCode::ValidationError, message, field: Some(field), reply_to: None, temp_id: None }
    })
}

fn unreadable(message: &str) -> DecodeError {
    DecodeError {
        code: ErrorCode::InvalidRequest,
        message: message.to_owned(),
        field: None,
        reply_to: None,
        temp_id: None,
    }
}

fn wrong_field(field: &str, message: &str, reply_to: Option<String>) -> DecodeError {
    DecodeError {
        code: ErrorCode::ValidationError,
        message: message.to_owned(),
        field: Some(field.to_owned()),
        reply_to,
        temp_id: None,
    }
}

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

#[cfg(test)]
mod tests;
