//! The socket (WS1–WS9): one actor per connection, one hub per node, one pump that carries the feed to the hub.

pub(crate) mod announcer;
mod commands;
pub(crate) mod encoded;
pub(crate) mod hub;
pub(crate) mod limits;
mod presence;
pub(crate) mod pump;
mod render;
mod signing_in;
mod socket;
mod wire;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use linedesk_protocol::ErrorCode;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use crate::desk::Desk;
use crate::http::error::ApiError;
use crate::http::extract::{check_origin, client_address};

pub(crate) async fn upgrade(State(desk): State<Arc<Desk>>, mut request: Request) -> Result<Response, ApiError> {
    if desk.is_draining() {
        return Err(ApiError::new(ErrorCode::Unavailable, "This node is stopping."));
    }
    check_origin(&desk, request.headers())?;
    let no_websocket = |_| ApiError::new(ErrorCode::InvalidRequest, "This path speaks WebSocket only.");
    let response = create_response_with_body(&request, Body::empty).map_err(no_websocket)?;
    let upgraded = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let address = client_address(&parts, desk.config.trust_forwarded);
    let node = Arc::clone(&desk);
    desk.sockets.spawn(async move {
        // Else the client went away before it had our answer.
        if let Ok(upgraded) = upgraded.await {
            socket::run(node, wire::Wire::new(upgraded).await, address).await;
        }
    });
    Ok(response)
}
