//! Errors at the edge: one type, by exhaustive match from every operation's refusals, rendered as RFC 9457 (ER1).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use linedesk_core::session::Refusal;
use linedesk_protocol::error::FieldError;
use linedesk_protocol::{ErrorCode, Problem};
use linedesk_store::StoreError;
use linedesk_store::ops::conversations::ArchiveError;
use linedesk_store::ops::media::RefetchError;
use linedesk_store::ops::messages::{DeliveryError, SendError};
use linedesk_store::ops::reads::MarkReadError;
use linedesk_store::ops::sessions::ActError;
use linedesk_store::ops::start::StartError;
use serde_json::{Value, json};

use crate::auth::password;
use crate::desk::SignInError;
use crate::media::MediaError;
use crate::pictures::PictureError;

/// A refusal or failure on its way to a client, over REST or a socket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: ErrorCode,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) retry_after_ms: Option<u64>,
    pub(crate) details: Option<Value>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_ms: None, details: None }
    }

    /// With the code's own sentence.
    pub(crate) fn plain(code: ErrorCode) -> Self {
        Self::new(code, code.title())
    }

    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            errors: vec![FieldError { field: field.to_owned(), message: message.clone() }],
            ..Self::new(ErrorCode::ValidationError, format!("{field}: {message}"))
        }
    }

    pub(crate) fn retry_after(wait: std::time::Duration) -> Self {
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self { retry_after_ms: Some(ms), ..Self::plain(ErrorCode::RateLimitExceeded) }
    }

    fn with_details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    /// The answer, with the request id that the log has too (ER3). `status` is the code's own, but where the codes have no
    /// word for what happened.
    pub(crate) fn render(&self, status: StatusCode, request_id: &str) -> Response {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: self.code.title().to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
            details: self.details.clone(),
        };
        let mut response = Response::new(Body::from(serde_json::to_string(&problem).unwrap_or_default()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read, so nothing else can come on this connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(ms) = self.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000)));
        }
        response
    }
}

/// The layer around every request renders it; it knows the request id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() =
            StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() {
            tracing::warn!(%error, "the database is unavailable");
            Self::new(ErrorCode::Unavailable, "The desk's database does not answer. Try again in a moment.")
        } else {
            tracing::error!(%error, "a database operation failed");
            Self::plain(ErrorCode::InternalError)
        }
    }
}

impl From<PictureError> for ApiError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Missing => Self::new(ErrorCode::NotFound, "This contact has no picture."),
            PictureError::Unavailable => Self::new(ErrorCode::LineUnavailable, "LINE does not give the picture now."),
        }
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        if error.is::<password::Busy>() {
            return Self::new(ErrorCode::Unavailable, "Too many people sign in at once. Try again in a moment.");
        }
        tracing::error!(error = format!("{error:#}"), "a request failed");
        Self::plain(ErrorCode::InternalError)
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused(code) => Self::plain(code),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoneOpen => Self::plain(ErrorCode::SessionNotFound).with_details(json!({"reason": "none"})),
            Refusal::AlreadyClaimed { by } => Self::new(ErrorCode::SessionNotFound, "Another operator has taken it.")
                .with_details(json!({"reason": "already_claimed", "operator_id": by})),
            Refusal::NotOwner { owner } => {
                Self::new(ErrorCode::Forbidden, "Only its owner or an admin may do this. Claim it first.")
                    .with_details(json!({"operator_id": owner}))
            }
            Refusal::NotActive => Self::new(ErrorCode::SessionConflict, "Nobody has taken it yet."),
            Refusal::TargetUnfit => {
                Self::new(ErrorCode::SessionConflict, "This operator cannot take it: there is no such active account.")
            }
            Refusal::SameOwner => Self::new(ErrorCode::SessionConflict, "It is theirs already."),
        }
    }
}

impl From<ActError> for ApiError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::ConversationNotFound => Self::plain(ErrorCode::ConversationNotFound),
            ActError::Refused(refusal) => refusal.into(),
            ActError::AlreadyClaimed { by, name } => {
                Self::new(ErrorCode::SessionNotFound, format!("{name} has taken it."))
                    .with_details(json!({"reason": "already_claimed", "operator_id": by, "operator_name": name}))
            }
            ActError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::ConversationNotFound => Self::plain(ErrorCode::ConversationNotFound),
            SendError::Refused(refusal) => refusal.into(),
            SendError::BadQuote => Self::field("quote_message_id", "this message cannot be quoted here"),
            SendError::UploadGone => {
                Self::new(ErrorCode::Conflict, "The upload took too long and is gone. Send the file again.")
            }
            SendError::Store(error) => error.into(),
        }
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Act(error) => error.into(),
            StartError::Send(error) => error.into(),
        }
    }
}

impl From<DeliveryError> for ApiError {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::NotFound => Self::new(ErrorCode::NotFound, "There is no such message to LINE."),
            DeliveryError::Refused(refusal) => refusal.into(),
            DeliveryError::WrongState { state } => {
                Self::new(ErrorCode::Conflict, format!("The message is {}.", state.as_str()))
            }
            DeliveryError::Unreachable => Self::plain(ErrorCode::RecipientUnreachable),
            DeliveryError::Store(error) => error.into(),
        }
    }
}

impl From<RefetchError> for ApiError {
    fn from(error: RefetchError) -> Self {
        match error {
            RefetchError::NotFound => Self::new(ErrorCode::NotFound, "This message has no file of a customer's."),
            RefetchError::WrongState { state } => {
                Self::new(ErrorCode::Conflict, format!("The file is {}.", state.as_str()))
            }
            RefetchError::Store(error) => error.into(),
        }
    }
}

impl From<MediaError> for ApiError {
    fn from(error: MediaError) -> Self {
        tracing::warn!(error = format!("{:#}", anyhow::Error::from(error)), "the media store failed");
        Self::new(ErrorCode::Unavailable, "The desk's files cannot be reached. Try again in a moment.")
    }
}

impl From<MarkReadError> for ApiError {
    fn from(error: MarkReadError) -> Self {
        match error {
            MarkReadError::ConversationNotFound => Self::plain(ErrorCode::ConversationNotFound),
            MarkReadError::MessageNotFound => {
                Self::new(ErrorCode::NotFound, "There is no such message in this conversation.")
            }
            MarkReadError::Store(error) => error.into(),
        }
    }
}

impl From<ArchiveError> for ApiError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::NotFound => Self::plain(ErrorCode::ConversationNotFound),
            ArchiveError::SessionOpen => Self::new(ErrorCode::SessionConflict, "Close the session first."),
            ArchiveError::Store(error) => error.into(),
        }
    }
}

pub(crate) async fn no_such_path() -> ApiError {
    ApiError::plain(ErrorCode::NotFound)
}

pub(crate) async fn no_such_method() -> Response {
    // The codes have no word for it, so it goes by `invalid_request` with its proper status.
    let mut response = ApiError::new(ErrorCode::InvalidRequest, "This path does not take this method.").into_response();
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}
