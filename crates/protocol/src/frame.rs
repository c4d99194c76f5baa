//! The socket's frames (WS): what clients send (`Command`) and what they are sent (`Event`).
//!
//! Decoding is strict where the contract says so and never panics: every way to be wrong is a [`DecodeError`] with a code.

mod event;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::event::{
    AnalyticsUpdate, AuthError, AuthSuccess, ConversationRead, ConversationUpdate, ErrorPayload, Event, Limits,
    MessageAck, MessageFailed, OperatorPresence, Pong, PresenceUpdate, ResyncRequired, RoomLeft, RoomPresence,
    ServerFrame, SessionEvent, SlaAlert, TypingIndicator,
};
use crate::error::ErrorCode;
use crate::id::{ConversationId, MessageId, Seq};
use crate::limits;
use crate::model::OperatorStatus;
use crate::rest::{MarkRead, SendMessage, TransferSession};

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

#[cfg(test)]
mod tests;
