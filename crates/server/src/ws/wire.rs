//! Frames on their way in and out of one connection.

use std::time::Duration;

use axum::extract::ws::{Message as WsMessage, Utf8Bytes, WebSocket};
use futures_util::SinkExt as _;
use linedesk_protocol::error::CloseCode;
use linedesk_protocol::frame::{ErrorPayload, Event, ServerFrame};
use linedesk_protocol::limits;

use super::hub::{Control, encode};
use crate::desk::Desk;
use crate::http::error::ApiError;

/// How long a peer may take to read what is written at once.
const WRITE_WITHIN: Duration = Duration::from_secs(60);

/// How a connection ends: with a code, or because the peer is gone.
pub(super) type End = Option<CloseCode>;

/// What a client sent.
pub(super) enum Heard {
    Text(Utf8Bytes),
    Binary,
    /// Ping and pong of the WebSocket protocol.
    Nothing,
    TooLarge,
    Gone,
}

pub(super) async fn hear(socket: &mut WebSocket) -> Heard {
    match socket.recv().await {
        Some(Ok(WsMessage::Text(text))) if text.len() > limits::FRAME_BYTES => Heard::TooLarge,
        Some(Ok(WsMessage::Binary(bytes))) if bytes.len() > limits::FRAME_BYTES => Heard::TooLarge,
        Some(Ok(WsMessage::Text(text))) => Heard::Text(text),
        Some(Ok(WsMessage::Binary(_))) => Heard::Binary,
        Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_))) => Heard::Nothing,
        Some(Err(error)) if error.to_string().contains("too long") => Heard::TooLarge,
        Some(Ok(WsMessage::Close(_)) | Err(_)) | None => Heard::Gone,
    }
}

pub(super) async fn send(socket: &mut WebSocket, text: Utf8Bytes) -> Result<(), End> {
    match tokio::time::timeout(WRITE_WITHIN, socket.send(WsMessage::Text(text))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(None),
        Err(_) => Err(Some(CloseCode::TooSlow)),
    }
}

pub(super) fn frame(desk: &Desk, event: Event, reply_to: Option<String>) -> Utf8Bytes {
    encode(&ServerFrame { event, timestamp: desk.now(), seq: None, reply_to })
}

pub(super) fn error_frame(desk: &Desk, error: &ApiError, id: Option<String>, temp_id: Option<String>) -> Utf8Bytes {
    frame(desk, Event::Error(error_payload(error, id.clone(), temp_id)), id)
}

fn error_payload(error: &ApiError, reply_to: Option<String>, temp_id: Option<String>) -> ErrorPayload {
    let details = match (&error.details, error.errors.is_empty()) {
        (Some(details), _) => Some(details.clone()),
        (None, false) => Some(serde_json::json!({"errors": error.errors, "field": error.errors[0].field})),
        (None, true) => None,
    };
    ErrorPayload {
        code: error.code,
        message: error.detail.clone(),
        reply_to,
        temp_id,
        retryable: error.code.retryable(),
        retry_after_ms: error.retry_after_ms,
        details,
    }
}

/// Writes frames and flushes once; gives up when the hub has dropped the socket meanwhile (WS8).
pub(super) async fn write(socket: &mut WebSocket, control: &Control, frames: Vec<Utf8Bytes>) -> Result<(), End> {
    if frames.is_empty() {
        return Ok(());
    }
    let writing = async {
        for frame in frames {
            socket.feed(WsMessage::Text(frame)).await?;
        }
        socket.flush().await
    };
    tokio::select! {
        biased;
        written = tokio::time::timeout(WRITE_WITHIN, writing) => match written {
            Ok(written) => written.map_err(|_: axum::Error| None),
            Err(_) => Err(Some(CloseCode::TooSlow)),
        },
        code = control.closed() => Err(Some(code)),
    }
}
