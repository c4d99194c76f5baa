//! Refusals, and bodies read so that whatever is wrong is said in JSON.

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::simulator::ControlError;

/// Why nothing was done: a status and words for a person.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

impl From<ControlError> for Refusal {
    fn from(error: ControlError) -> Self {
        let status = match error {
            ControlError::UnknownCustomer | ControlError::UnknownMessage | ControlError::UnknownEvent => {
                StatusCode::NOT_FOUND
            }
            ControlError::Blocked | ControlError::TooManyCustomers => StatusCode::CONFLICT,
            ControlError::InvalidText | ControlError::InvalidName | ControlError::InvalidMembers => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            ControlError::QueueFull => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, sentence(&error.to_string()))
    }
}

/// A JSON body. Its media type is insisted on: a browser asks before it sends one to another site, which
/// [`super::guard`] then refuses.
#[derive(Debug)]
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(refusal(&rejection)),
        }
    }
}

fn refusal(rejection: &JsonRejection) -> Refusal {
    Refusal::new(rejection.status(), sentence(&rejection.body_text()))
}

/// Errors that the framework answers in plain text (a wrong method, an odd path) say the same in JSON.
pub(super) async fn errors_as_json(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !is_error || is_json {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let reason = status.canonical_reason().unwrap_or("The request was refused");
    let body = Refusal::new(status, sentence(reason));
    // The first part of a tuple gives the headers that say more, such as which methods are allowed.
    (parts.headers, body).into_response()
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}
