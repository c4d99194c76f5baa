//! The socket (WS1–WS9): one actor per connection, one hub per node, one pump that carries the feed to the hub.

pub(crate) mod announcer;
mod commands;
pub(crate) mod hub;
pub(crate) mod limits;
mod presence;
pub(crate) mod pump;
mod render;
mod signing_in;
mod socket;
mod wire;

use std::sync::Arc;

use axum::RequestPartsExt as _;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Request, State};
use axum::response::Response;
use linedesk_protocol::ErrorCode;

use crate::desk::Desk;
use crate::http::error::ApiError;
use crate::http::extract::{check_origin, client_address};

/// A little more than a frame may have, so that a larger one can be told so (4009) instead of being cut.
const READ_LIMIT: usize = 4 * linedesk_protocol::limits::FRAME_BYTES;
/// The library's default of 128 KiB a socket would be nearly all of its memory. Operators' frames are short; a long one is
/// read in several pieces.
const READ_BUFFER: usize = 1024;
const WRITE_BUFFER: usize = 16 * 1024;

pub(crate) async fn upgrade(State(desk): State<Arc<Desk>>, request: Request) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    if desk.is_draining() {
        return Err(ApiError::new(ErrorCode::Unavailable, "This node is stopping."));
    }
    check_origin(&desk, &parts.headers)?;
    let address = client_address(&parts, desk.config.trust_forwarded);
    let upgrade = parts
        .extract::<WebSocketUpgrade>()
        .await
        .map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "This path speaks WebSocket only."))?;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(2 * linedesk_protocol::limits::SOCKET_QUEUE_BYTES)
        .max_message_size(READ_LIMIT)
        .max_frame_size(READ_LIMIT);
    Ok(upgrade.on_upgrade(move |socket| socket::run(desk, socket, address)))
}
