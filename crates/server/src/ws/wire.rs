//! Frames on their way in and out of one connection.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use linedesk_protocol::error::CloseCode;
use linedesk_protocol::frame::{ErrorPayload, Event, ServerFrame};
use linedesk_protocol::limits;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as WsCloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message as WsMessage, Utf8Bytes};

use super::encoded::{Encoded, Outgoing};
use super::hub::Control;
use crate::desk::Desk;
use crate::http::error::ApiError;

/// A little more than a frame may have, so that a larger one can be told so (4009) instead of being cut.
const READ_LIMIT: usize = 4 * limits::FRAME_BYTES;
/// The library's default of 128 KiB a socket would be nearly all of its memory. Operators' frames are short; a long one is
/// read in several pieces.
const READ_BUFFER: usize = 1024;
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

/// The peer's end. The library reads, answers pings and closes; what we say is written from where it is.
pub(super) struct Wire {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    /// What is being written, and is left of it where that was given up.
    outgoing: Outgoing,
}

impl Wire {
    pub(super) async fn new(upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(READ_LIMIT))
            .max_frame_size(Some(READ_LIMIT));
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        Self { stream, outgoing: Outgoing::default() }
    }

    /// CANCEL-SAFETY: what was read in part is read on the next time.
    pub(super) async fn hear(&mut self) -> Heard {
        match self.stream.next().await {
            Some(Ok(WsMessage::Text(text))) if text.len() > limits::FRAME_BYTES => Heard::TooLarge,
            Some(Ok(WsMessage::Binary(bytes))) if bytes.len() > limits::FRAME_BYTES => Heard::TooLarge,
            Some(Err(WsError::Capacity(_))) => Heard::TooLarge,
            Some(Ok(WsMessage::Text(text))) => Heard::Text(text),
            Some(Ok(WsMessage::Binary(_))) => Heard::Binary,
            Some(Ok(WsMessage::Ping(_) | WsMessage::Pong(_) | WsMessage::Frame(_))) => Heard::Nothing,
            Some(Ok(WsMessage::Close(_)) | Err(_)) | None => Heard::Gone,
        }
    }

    /// Writes one frame.
    pub(super) async fn send(&mut self, frame: Encoded) -> Result<(), End> {
        self.write_within(vec![frame]).await
    }

    /// Writes frames; gives up when the hub has dropped the socket meanwhile (WS8).
    pub(super) async fn write(&mut self, control: &Control, frames: Vec<Encoded>) -> Result<(), End> {
        if frames.is_empty() {
            return Ok(());
        }
        tokio::select! {
            biased;
            written = self.write_within(frames) => written,
            code = control.closed() => Err(Some(code)),
        }
    }

    /// CANCEL-SAFETY: half a frame may be written by then. Nothing but [`Self::say_goodbye`] may follow.
    async fn write_within(&mut self, frames: Vec<Encoded>) -> Result<(), End> {
        self.outgoing.add(frames);
        tokio::time::timeout(WRITE_WITHIN, self.write_out()).await.unwrap_or(Err(Some(CloseCode::TooSlow)))
    }

    async fn write_out(&mut self) -> Result<(), End> {
        // What the library has to say of itself, a pong, is on its way before it.
        self.stream.flush().await.map_err(|_| None)?;
        self.write_rest().await?;
        // Not kept: its room would be that of the most that was ever written.
        self.outgoing = Outgoing::default();
        Ok(())
    }

    async fn write_rest(&mut self) -> Result<(), End> {
        let io = self.stream.get_mut();
        io.write_all_buf(&mut self.outgoing).await.map_err(|_| None)?;
        io.flush().await.map_err(|_| None)
    }

    /// Tells why the connection ends, and waits until the peer has answered or hung up.
    pub(super) async fn say_goodbye(&mut self, code: CloseCode) {
        self.outgoing.keep_begun();
        if self.write_rest().await.is_err() {
            return;
        }
        let frame = CloseFrame { code: WsCloseCode::from(code.code()), reason: Utf8Bytes::from_static(code.reason()) };
        if self.stream.send(WsMessage::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {}
        }
    }
}

pub(super) fn frame(desk: &Desk, event: Event, reply_to: Option<String>) -> Encoded {
    Encoded::new(&ServerFrame { event, timestamp: desk.now(), seq: None, reply_to })
}

pub(super) fn error_frame(desk: &Desk, error: &ApiError, id: Option<String>, temp_id: Option<String>) -> Encoded {
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
