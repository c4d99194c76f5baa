//! The account itself: who it is, its quota, its webhook.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{LineError, nothing, ok, parse, required};
use crate::calls::Outcome;
use crate::shared::Shared;
use crate::webhook;

/// LINE OpenAPI, `SetWebhookEndpointRequest`.
const URL_CHARS: usize = 500;

/// `GET /v2/bot/info`
pub(super) async fn info(State(shared): State<Arc<Shared>>) -> Response {
    shared.read(|platform| {
        ok(&json!({
            "userId": platform.bot_user_id,
            "basicId": platform.basic_id,
            "displayName": shared.account_name,
            "chatMode": platform.settings.chat_mode,
            "markAsReadMode": platform.settings.mark_as_read_mode,
        }))
    })
}

/// `GET /v2/bot/message/quota`
pub(super) async fn quota(State(shared): State<Arc<Shared>>) -> Response {
    match shared.read(|platform| platform.settings.quota) {
        Some(value) => ok(&json!({"type": "limited", "value": value})),
        None => ok(&json!({"type": "none"})),
    }
}

/// `GET /v2/bot/message/quota/consumption`
pub(super) async fn consumption(State(shared): State<Arc<Shared>>) -> Response {
    ok(&json!({"totalUsage": shared.read(|platform| platform.settings.used)}))
}

/// `GET /v2/bot/channel/webhook/endpoint`
pub(super) async fn endpoint(State(shared): State<Arc<Shared>>) -> Result<Response, LineError> {
    let url = shared.read(|platform| platform.settings.webhook_url.clone()).ok_or_else(LineError::not_found)?;
    Ok(ok(&json!({"endpoint": url, "active": true})))
}

/// `PUT /v2/bot/channel/webhook/endpoint`: LINE wants `https`; a simulation also takes `http`.
pub(super) async fn set_endpoint(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, LineError> {
    let url = checked(required(&parse(&body)?, "endpoint")?)?;
    shared.update(|platform| {
        platform.settings.webhook_url = Some(url);
        platform.settings_changed();
    });
    Ok(nothing())
}

/// `POST /v2/bot/channel/webhook/test`: sends a webhook without events, to the URL given or the one that is set.
pub(super) async fn test_endpoint(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, LineError> {
    let asked = if body.is_empty() { Value::Null } else { parse(&body)? };
    let url = match asked.get("endpoint") {
        None | Some(Value::Null) => {
            shared.read(|platform| platform.settings.webhook_url.clone()).ok_or_else(LineError::not_found)?
        }
        Some(_) => checked(required(&asked, "endpoint")?)?,
    };
    let destination = shared.read(|platform| platform.bot_user_id.clone());
    let now = jiff::Timestamp::from_millisecond(shared.now_ms()).unwrap_or_default();
    let answer = webhook::post(&shared, &url, json!({"destination": destination, "events": []}).to_string()).await;
    let (reason, detail) = match (answer.outcome, answer.status) {
        (Outcome::TimedOut, _) => ("REQUEST_TIMEOUT", "Request timeout".to_owned()),
        (_, None) => ("COULD_NOT_CONNECT", "Could not connect".to_owned()),
        (_, Some(status)) if answer.is_success() => ("OK", status.to_string()),
        (_, Some(status)) => ("ERROR_STATUS_CODE", status.to_string()),
    };
    Ok(ok(&json!({
        "success": answer.is_success(),
        "timestamp": format!("{now:.3}"),
        "statusCode": answer.status.unwrap_or(0),
        "reason": reason,
        "detail": detail,
    })))
}

fn checked(url: String) -> Result<String, LineError> {
    let parsed = reqwest::Url::parse(&url).ok();
    if url.len() <= URL_CHARS && parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        Ok(url)
    } else {
        Err(LineError::bad_request("Invalid webhook endpoint URL"))
    }
}
