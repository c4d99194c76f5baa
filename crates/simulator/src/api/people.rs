//! Profiles, chats and content.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::answer::{LineError, nothing, ok, parse, required};
use crate::shared::Shared;

/// `GET /v2/bot/profile/{userId}`: of friends and of those who wrote. One who blocked the account has none.
pub(super) async fn profile(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
) -> Result<Response, LineError> {
    let customer = shared.read(|platform| {
        platform.threads.find(&user_id).filter(|thread| thread.is_reachable()).map(|thread| thread.customer.clone())
    });
    let customer = customer.ok_or_else(LineError::not_found)?;
    let mut profile = json!({"userId": customer.user_id, "displayName": customer.name, "language": customer.language});
    if let Some(url) = customer.picture_url {
        profile["pictureUrl"] = url.into();
    }
    Ok(ok(&profile))
}

/// Groups cannot be made here, so that every one is unknown.
pub(super) async fn unknown_group() -> LineError {
    LineError::not_found()
}

/// As [`unknown_group`]: nobody is in a group or room.
pub(super) async fn unknown_member() -> LineError {
    LineError::not_found()
}

/// `GET /v2/bot/message/{messageId}/content`: the phone sends text only, and text has no content.
pub(super) async fn content() -> LineError {
    LineError::not_found()
}

/// `POST /v2/bot/chat/loading/start`: shown until it is over or the account writes.
pub(super) async fn start_loading(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, LineError> {
    let body = parse(&body)?;
    let chat_id: String = required(&body, "chatId")?;
    let seconds = match body.get("loadingSeconds") {
        None | Some(Value::Null) => 20,
        Some(value) => {
            value.as_i64().filter(|seconds| (5..=60).contains(seconds) && seconds % 5 == 0).ok_or_else(|| {
                LineError::bad_request("The value of loadingSeconds must be a multiple of 5 between 5 and 60")
            })?
        }
    };
    let until = shared.now_ms() + seconds * 1_000;
    shared.update(|platform| {
        let thread = platform.threads.find_mut(&chat_id).ok_or_else(|| LineError::invalid_property("chatId"))?;
        if thread.is_reachable() {
            thread.customer.loading_until_ms = Some(until);
            platform.customer_changed(&chat_id);
        }
        Ok((StatusCode::ACCEPTED, nothing()).into_response())
    })
}

/// `POST /v2/bot/chat/markAsRead`: the token's message and all before it.
pub(super) async fn mark_as_read(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, LineError> {
    let token: String = required(&parse(&body)?, "markAsReadToken")?;
    shared.update(|platform| {
        let known = platform.read_tokens.get(&token).cloned();
        let (user_id, message_id) = known.ok_or_else(|| LineError::bad_request("Invalid markAsReadToken"))?;
        let changed = platform.threads.find_mut(&user_id).map(|thread| thread.mark_read(&message_id));
        for message in changed.unwrap_or_default() {
            platform.message_changed(&user_id, message);
        }
        Ok(nothing())
    })
}
