//! What handlers take out of a request: JSON bodies and query strings with named errors, the caller, the conversation.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use linedesk_protocol::{ConversationId, ErrorCode, MessageId, limits};
use linedesk_store::ops::channels::ChannelAccess;
use linedesk_store::ops::conversations::{self, Key};
use linedesk_store::ops::messages;
use linedesk_store::{Origin, Query as Reads, StoreError};
use serde::de::DeserializeOwned;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::Peer;
use super::cookie;
use super::error::ApiError;
use crate::auth::token::Audience;
use crate::desk::{Desk, SignedIn};
use crate::ws::limits::Class;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A JSON body, at most 64 KiB.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Desk>> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Arc<Desk>) -> Result<Self, ApiError> {
        let body = read_body(request, limits::REQUEST_BYTES).await?;
        let value: serde_json::Value = serde_json::from_slice(&body)
            .map_err(|_| ApiError::new(ErrorCode::InvalidRequest, "The body is not JSON."))?;
        // serde would take an array for an object, field by field.
        if !value.is_object() {
            return Err(ApiError::new(ErrorCode::InvalidRequest, "The body is not a JSON object."));
        }
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

/// What a path names. What cannot be read as it is not there.
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Desk>> for InPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, ApiError> {
        let read = Path::<T>::from_request_parts(parts, desk).await;
        read.map(|path| Self(path.0)).map_err(|_| ApiError::plain(ErrorCode::NotFound))
    }
}

/// A query string.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Desk>> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Desk>) -> Result<Self, ApiError> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|query| Self(query.0)).map_err(|error| {
            // "Failed to deserialize query string: limit: invalid digit found in string"
            let text = error.body_text();
            let about = text.split_once(": ").map_or(text.as_str(), |(_, about)| about);
            match (about.split_once(": "), about.split('`').nth(1)) {
                (Some((field, message)), _) => ApiError::field(field, message),
                (None, Some(missing)) if about.starts_with("missing field") => ApiError::field(missing, about),
                (None, _) => ApiError::field("query", about),
            }
        })
    }
}

/// The operator who calls, by the access token, or below `/media` by the cookie that is for it.
#[derive(Clone)]
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
        // The conversation's extractor has looked already.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let signed_in = if parts.headers.contains_key(AUTHORIZATION) {
            let token = bearer(&parts.headers).ok_or_else(|| ApiError::plain(ErrorCode::AuthInvalidToken))?;
            desk.sign_in(Audience::Desk, token).await?
        } else {
            let media = cookie::MEDIA.find(&parts.headers);
            let may_be = parts.method == Method::GET && cookie::MEDIA.is_for(parts.uri.path());
            let token = media.filter(|_| may_be).ok_or_else(|| ApiError::plain(ErrorCode::AuthMissingToken))?;
            desk.sign_in(Audience::Media, &token).await?
        };
        // WS7: over REST as over the socket. Sending has a limit of its own.
        let is_send = ["/messages", "/media"].iter().any(|end| parts.uri.path().ends_with(end));
        if parts.method != Method::GET && !is_send {
            let taken = desk.limits.take(desk, signed_in.operator.id, Class::Command);
            taken.map_err(ApiError::retry_after)?;
        }
        let caller = Self { signed_in, address: client_address(parts, desk.config.trust_forwarded) };
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// The access token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Where a request comes from.
pub(crate) fn client_address(parts: &Parts, trust_forwarded: bool) -> Option<IpAddr> {
    // The last address of the last line is the one that our own proxy has added; the others can be anybody's words.
    let forwarded = || {
        let last = parts.headers.get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = || parts.extensions.get::<ConnectInfo<Peer>>().map(|info| info.0.0.ip());
    if trust_forwarded { forwarded().or_else(peer) } else { peer() }
}

/// The conversation that a path names.
pub(crate) struct Named(pub(crate) ConversationId);

impl utoipa::IntoParams for Named {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^([0-9]+|[UCR][0-9A-Fa-f]{32})$"));
        let key = ParameterBuilder::new().name("key").parameter_in(ParameterIn::Path).required(Required::True);
        let key = key.schema(Some(schema)).description(Some(
            "The conversation: its number, or its LINE chat id in the default channel (`U…`, `C…` or `R…` and 32 hex \
             digits).",
        ));
        vec![key.build()]
    }
}

impl FromRequestParts<Arc<Desk>> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, ApiError> {
        // Nobody learns whether a conversation exists before they are signed in.
        let caller = Caller::from_request_parts(parts, desk).await?;
        let Path(text) = Path::<String>::from_request_parts(parts, desk)
            .await
            .map_err(|_| ApiError::plain(ErrorCode::ConversationNotFound))?;
        let key = parse_key(&text).ok_or_else(|| {
            ApiError::field(
                "key",
                "expected a conversation's number or a LINE chat id (U…, C… or R… and 32 hex digits)",
            )
        })?;
        find(desk, &caller.signed_in.operator.channels, key).await.map(Self)
    }
}

/// The conversation of a key, or `conversation_not_found`: there is none, or it is in a channel that they do not see.
pub(crate) async fn find(desk: &Desk, access: &ChannelAccess, key: Key) -> Result<ConversationId, ApiError> {
    let access = access.clone();
    let found = desk.store.read::<_, StoreError, _>(move |tx| match conversations::find(tx, &key)? {
        Some(id) if sees(tx, &access, id)? => Ok(Some(id)),
        _ => Ok(None),
    });
    found.await?.ok_or_else(|| ApiError::plain(ErrorCode::ConversationNotFound))
}

/// Whether a conversation is in a channel that somebody sees.
pub(crate) fn sees(tx: &mut impl Reads, access: &ChannelAccess, id: ConversationId) -> Result<bool, StoreError> {
    if *access == ChannelAccess::All {
        return Ok(true);
    }
    Ok(conversations::channel_of(tx, id)?.is_some_and(|channel| access.allows(channel)))
}

/// Refuses with `not_found` what is about a message of a channel that they do not see.
pub(crate) async fn check_message(desk: &Desk, access: &ChannelAccess, id: MessageId) -> Result<(), ApiError> {
    if *access == ChannelAccess::All {
        return Ok(());
    }
    let access = access.clone();
    let seen = desk.store.read::<_, StoreError, _>(move |tx| match messages::find(tx, id)? {
        Some(message) => sees(tx, &access, message.conversation_id),
        None => Ok(false),
    });
    if seen.await? { Ok(()) } else { Err(ApiError::plain(ErrorCode::NotFound)) }
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

/// A browser says where its page came from; a page of another site may neither open our socket (WS3) nor sign anybody in or
/// out. Who is no browser says nothing.
pub(crate) fn check_origin(desk: &Desk, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or("null");
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_own = origin.split_once("://").is_some_and(|(_, rest)| rest == host);
    let is_public = desk.config.public_url.as_deref() == Some(origin);
    if is_own || is_public { Ok(()) } else { Err(foreign()) }
}

/// As [`check_origin`], where a cookie is what counts. A browser also says how far away the asking page is (W3C Fetch
/// Metadata), even where it leaves the origin out; a page of a neighbouring host gets the cookies sent along.
pub(crate) fn check_page(desk: &Desk, headers: &HeaderMap) -> Result<(), ApiError> {
    check_origin(desk, headers)?;
    match headers.get(FETCH_SITE).map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(foreign()),
    }
}

fn foreign() -> ApiError {
    ApiError::new(ErrorCode::Forbidden, "Pages of another origin may not do this.")
}
