//! What handlers take out of a request: JSON bodies and query strings with named errors, the caller, the conversation.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request};
use http::header::AUTHORIZATION;
use http::request::Parts;
use linedesk_protocol::{ConversationId, ErrorCode, limits};
use linedesk_store::Origin;
use linedesk_store::ops::conversations::{self, Key};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::desk::{Desk, SignedIn};

/// A JSON body, at most 64 KiB.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Desk>> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Arc<Desk>) -> Result<Self, ApiError> {
        let body = read_body(request, limits::REQUEST_BYTES).await?;
        let value: serde_json::Value = serde_json::from_slice(&body)
            .map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "The body is not JSON."))?;
        serde_path_to_error::deserialize(value).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let message = error.into_inner().to_string();
            let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            let field = missing.map_or(path, str::to_owned);
            ApiError::field(if field == "." { "body" } else { &field }, message)
        })
    }
}

/// Reads a body up to a size.
pub(crate) async fn read_body(request: Request, most: usize) -> Result<Bytes, ApiError> {
    let too_large =
        || ApiError::new(ErrorCode::PayloadTooLarge, format!("The body is larger than {} KiB.", most / 1024));
    let declared =
        request.headers().get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    axum::body::to_bytes(request.into_body(), most).await.map_err(|error| {
        let is_limit =
            std::error::Error::source(&error).is_some_and(|cause| cause.to_string().contains("length limit"));
        if is_limit { too_large() } else { ApiError::new(ErrorCode::InvalidRequest, "The body did not arrive whole.") }
    })
}

/// A query string.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Desk>> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Desk>) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| ApiError::field("query", error.to_string()))
    }
}

/// The operator who calls, by the access token.
pub(crate) struct Caller {
    pub(crate) signed_in: SignedIn,
    pub(crate) address: Option<IpAddr>,
}

impl Caller {
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            operator: Some(self.signed_in.operator.id),
            via: "rest",
            address: self.address.map(|address| address.to_string()),
            socket: None,
        }
    }
}

impl FromRequestParts<Arc<Desk>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).ok_or_else(|| ApiError::plain(ErrorCode::AuthMissingToken))?;
        let token = header
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("bearer ")))
            .ok_or_else(|| ApiError::plain(ErrorCode::AuthInvalidToken))?;
        let signed_in = desk.sign_in(token.trim()).await?;
        Ok(Self { signed_in, address: client_address(parts, desk.config.trust_forwarded) })
    }
}

/// Where a request comes from.
pub(crate) fn client_address(parts: &Parts, trust_forwarded: bool) -> Option<IpAddr> {
    let forwarded = || parts.headers.get("x-forwarded-for")?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if trust_forwarded { forwarded().or_else(peer) } else { peer() }
}

/// The conversation that a path names.
pub(crate) struct Named(pub(crate) ConversationId);

impl FromRequestParts<Arc<Desk>> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, ApiError> {
        // Nobody learns whether a conversation exists before they are signed in.
        Caller::from_request_parts(parts, desk).await?;
        let Path(text) = Path::<String>::from_request_parts(parts, desk)
            .await
            .map_err(|_| ApiError::plain(ErrorCode::ConversationNotFound))?;
        let key = parse_key(&text).ok_or_else(|| {
            ApiError::field(
                "key",
                "expected a conversation's number or a LINE chat id (U…, C… or R… and 32 hex digits)",
            )
        })?;
        find(desk, key).await.map(Self)
    }
}

/// The conversation of a key, or `conversation_not_found`.
pub(crate) async fn find(desk: &Desk, key: Key) -> Result<ConversationId, ApiError> {
    let found = desk.store.read(move |tx| conversations::find(tx, &key)).await?;
    found.ok_or_else(|| ApiError::plain(ErrorCode::ConversationNotFound))
}

/// A conversation's number, or a LINE chat id.
pub(crate) fn parse_key(text: &str) -> Option<Key> {
    if is_chat_id(text) {
        return Some(Key::Chat(text.to_owned()));
    }
    text.parse().ok().map(|id| Key::Id(ConversationId(id)))
}

/// `U…`, `C…` or `R…` and 32 hex digits.
pub(crate) fn is_chat_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 33 && matches!(bytes[0], b'U' | b'C' | b'R') && bytes[1..].iter().all(u8::is_ascii_hexdigit)
}
