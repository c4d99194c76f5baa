//! Whether what the desk asks, and what it is answered, is what LINE's own files describe. A fault changes no answer, for
//! LINE may be more lenient than its files: it is kept, logged, and fails the tests.

use axum::http::StatusCode;
use axum::http::request::Parts;
use linedesk_line_openapi::{Operation, Request, channel_access_token, messaging_api};
use serde_json::Value;

/// A request whose purpose is to ask whether messages are right.
const VALIDATION: &str = "/v2/bot/message/validate/";

fn operation(method: &str, path: &str) -> Option<Operation<'static>> {
    let is_about_tokens = path.starts_with("/oauth2/") || path.starts_with("/v2/oauth/");
    let document = if is_about_tokens { channel_access_token() } else { messaging_api() };
    document.operation(method, path)
}

/// What is wrong with a request.
pub(super) fn request_faults(parts: &Parts, body: &[u8]) -> Vec<String> {
    let path = parts.uri.path();
    let Some(operation) = operation(parts.method.as_str(), path) else {
        return vec!["LINE has no such operation".to_owned()];
    };
    let headers = parts.headers.keys().map(axum::http::HeaderName::as_str).collect();
    let content_type = parts.headers.get(axum::http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let request = Request { query: parts.uri.query().unwrap_or_default(), headers, content_type, body };
    let mut faults = operation.request_faults(&request);
    if path.starts_with(VALIDATION) {
        faults.retain(|fault| !fault.starts_with("$.messages["));
    }
    faults
}

/// What is wrong with our own answer of success.
pub(super) fn answer_faults(method: &str, path: &str, status: StatusCode, body: &[u8]) -> Vec<String> {
    let Some(operation) = operation(method, path).filter(|operation| operation.success() == status.as_u16()) else {
        return Vec::new();
    };
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    let faults = match answer {
        // Without a schema LINE answers `{}` or nothing.
        Some(Value::Object(fields)) if fields.is_empty() => Vec::new(),
        None if body.is_empty() => Vec::new(),
        answer => operation.answer_faults(answer.as_ref()),
    };
    faults.into_iter().map(|fault| format!("our answer: {fault}")).collect()
}
