//! Reply and push, and checking messages without sending them.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{Detail, LineError, nothing, ok, parse, required};
use super::gate::RequestId;
use super::validate;
use crate::customer::How;
use crate::ids::is_retry_key;
use crate::media;
use crate::platform::{Outgoing, SendError};
use crate::shared::Shared;

const RETRY_KEY: &str = "x-line-retry-key";

/// `POST /v2/bot/message/reply`
pub(super) async fn reply(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, LineError> {
    if headers.contains_key(RETRY_KEY) {
        // LINE reference: the header is refused where it is not supported; its words are not documented.
        return Err(LineError::bad_request("The 'X-Line-Retry-Key' header is not supported by this endpoint"));
    }
    let body = parse(&body)?;
    let token: String = required(&body, "replyToken")?;
    let outgoing = Outgoing { messages: messages(&body)?, how: How::Reply, retry_key: None };
    let now_ms = shared.now_ms();
    let sent = shared.update(|platform| platform.reply(&token, &outgoing, now_ms))?;
    media::fetch_all(&shared, &outgoing.messages);
    Ok(ok(&json!({"sentMessages": sent})))
}

/// `POST /v2/bot/message/push`
pub(super) async fn push(
    State(shared): State<Arc<Shared>>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, LineError> {
    let retry_key = match headers.get(RETRY_KEY) {
        None => None,
        Some(key) => {
            let key = key.to_str().ok().filter(|key| is_retry_key(key));
            Some(key.ok_or_else(|| LineError::bad_request("The retry key is invalid"))?.to_ascii_lowercase())
        }
    };
    let body = parse(&body)?;
    let to: String = required(&body, "to")?;
    let outgoing = Outgoing { messages: messages(&body)?, how: How::Push, retry_key };
    let now_ms = shared.now_ms();
    let sent = shared.update(|platform| platform.push(&to, &outgoing, &request_id, now_ms))?;
    media::fetch_all(&shared, &outgoing.messages);
    Ok(ok(&json!({"sentMessages": sent})))
}

/// `POST /v2/bot/message/validate/{reply,push}`
pub(super) async fn validate(body: Bytes) -> Result<Response, LineError> {
    messages(&parse(&body)?)?;
    Ok(nothing())
}

fn messages(body: &Value) -> Result<Vec<Value>, LineError> {
    let details = validate::messages(body.get("messages"));
    match body.get("messages") {
        Some(Value::Array(messages)) if details.is_empty() => Ok(messages.clone()),
        _ => Err(LineError::invalid(details)),
    }
}

impl From<SendError> for LineError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::InvalidReplyToken => Self::bad_request("Invalid reply token"),
            SendError::UnknownRecipient => Self::invalid_property("to"),
            SendError::InvalidQuoteToken { index } => {
                Self::invalid(vec![Detail::new("Invalid quoteToken", format!("messages[{index}].quoteToken"))])
            }
            SendError::QuotaSpent => Self::new(StatusCode::TOO_MANY_REQUESTS, "You have reached your monthly limit."),
            SendError::AlreadyAccepted { request_id, sent_messages } => {
                Self::already_accepted(request_id, sent_messages)
            }
        }
    }
}
