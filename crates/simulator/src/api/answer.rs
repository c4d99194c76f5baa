//! Answers in LINE's form, and request bodies read in LINE's way.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// LINE's error body: `{message, details?, sentMessages?}`.
#[derive(Debug, Serialize)]
pub(super) struct LineError {
    #[serde(skip)]
    status: StatusCode,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
    #[serde(rename = "sentMessages", skip_serializing_if = "Option::is_none")]
    sent_messages: Option<Value>,
    #[serde(skip)]
    accepted_request_id: Option<String>,
}

/// What is wrong with one property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Detail {
    pub(super) message: String,
    pub(super) property: String,
}

impl Detail {
    pub(super) fn new(message: impl Into<String>, property: impl Into<String>) -> Self {
        Self { message: message.into(), property: property.into() }
    }

    pub(super) fn empty(property: impl Into<String>) -> Self {
        Self::new("May not be empty", property)
    }
}

impl LineError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message, details: Vec::new(), sent_messages: None, accepted_request_id: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    pub(super) fn invalid(details: Vec<Detail>) -> Self {
        let message = format!("The request body has {} error(s)", details.len());
        Self { details, ..Self::bad_request(message) }
    }

    /// LINE could read the body, but a property is not what it must be.
    pub(super) fn invalid_property(property: &str) -> Self {
        Self::bad_request(format!("The property, '{property}', in the request body is invalid (line: -, column: -)"))
    }

    pub(super) fn already_accepted(request_id: String, sent_messages: Value) -> Self {
        Self {
            sent_messages: Some(sent_messages),
            accepted_request_id: Some(request_id),
            ..Self::new(StatusCode::CONFLICT, "The retry key is already accepted")
        }
    }

    /// What LINE typically says with a status; for faults.
    pub(super) fn typical(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = match status.as_u16() {
            400 => "The request body has 1 error(s)",
            401 => "Authentication failed. Confirm that the access token in the authorization header is valid.",
            403 => "Not available for this account",
            404 => "Not found",
            409 => "The retry key is already accepted",
            429 => "The API rate limit has been exceeded. Try again later.",
            _ => status.canonical_reason().unwrap_or("The request failed"),
        };
        Self::new(status, message)
    }
}

impl IntoResponse for LineError {
    fn into_response(self) -> Response {
        let mut response = (self.status, json_body(&self)).into_response();
        if let Some(value) = self.accepted_request_id.and_then(|id| id.parse().ok()) {
            response.headers_mut().insert("x-line-accepted-request-id", value);
        }
        response
    }
}

pub(super) fn ok(body: &Value) -> Response {
    json_body(body)
}

fn json_body(body: &impl Serialize) -> Response {
    // Our own types have no maps with odd keys, so this cannot fail.
    let body = serde_json::to_vec(body).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Reads a JSON object. LINE tells where the text is broken.
pub(super) fn parse(body: &[u8]) -> Result<Value, LineError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        LineError::bad_request(format!("The request body could not be parsed as JSON (line: {line}, column: {column})"))
    })?;
    if value.is_object() { Ok(value) } else { Err(LineError::bad_request("The request body must be a JSON object")) }
}

/// A property that must be there, and of the right type.
pub(super) fn required<T: DeserializeOwned>(body: &Value, property: &str) -> Result<T, LineError> {
    match body.get(property) {
        None | Some(Value::Null) => Err(LineError::invalid(vec![Detail::empty(property)])),
        Some(Value::String(text)) if text.is_empty() => Err(LineError::invalid(vec![Detail::empty(property)])),
        Some(value) => serde_json::from_value(value.clone()).map_err(|_| LineError::invalid_property(property)),
    }
}

/// An answer that says nothing.
pub(super) fn nothing() -> Response {
    ok(&json!({}))
}
