//! What pages show that is no text.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use linedesk_protocol::ErrorCode;
use linedesk_store::StoreError;
use linedesk_store::ops::conversations;

use super::assets;
use super::error::ApiError;
use super::extract::{Caller, InPath, Named};
use super::refused;
use crate::auth::token;
use crate::desk::Desk;
use crate::pictures::{self, PictureError};

/// Opened by itself, a picture is a document too.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");
/// The browser may keep it, and asks each time whether it may show it: after the sign-out it may not.
const KEEP: HeaderValue = HeaderValue::from_static("private, no-cache");
/// A sticker is everybody's, and never another.
const KEEP_STICKER: HeaderValue = HeaderValue::from_static("private, max-age=86400");
/// Before it is worth asking again.
const ASK_LATER: HeaderValue = HeaderValue::from_static("private, max-age=60");

/// Shows the picture of a conversation's contact.
///
/// As LINE has it, by way of the desk, so that pages ask LINE nothing. By the access token, or by the cookie `linedesk_media`
/// that signing in sets, for `<img>`. A query such as `?v=2` changes nothing here; a page that sends another whenever
/// `picture_url` changes shows the new picture at once; with the `ETag` in `If-None-Match` the answer may be a 304. `not_found`: the contact has no picture; `line_unavailable`: LINE does not give it now.
#[utoipa::path(
    get,
    path = "/media/pictures/{key}",
    operation_id = "get_picture",
    tag = "Media",
    params(Named),
    security(("media_cookie" = []), ("access_token" = [])),
    responses(
        (status = 200, description = "JPEG, PNG, GIF or WebP.", body = Vec<u8>, content_type = "image/*"),
        refused::Picture,
    )
)]
pub(crate) async fn picture(
    State(desk): State<Arc<Desk>>,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let summary = desk.store.read::<_, StoreError, _>(move |tx| conversations::summary(tx, id)).await?;
    let summary = summary.ok_or_else(|| ApiError::plain(ErrorCode::ConversationNotFound))?;
    match summary.picture_url {
        Some(url) => show(&desk, &url, &headers, KEEP).await,
        None => Ok(missing(PictureError::Missing)),
    }
}

/// Shows a sticker.
///
/// From LINE's shop, by way of the desk. `not_found`: there is none, or `sticker_pictures` is off; show its words then.
#[utoipa::path(
    get,
    path = "/media/stickers/{id}",
    operation_id = "get_sticker",
    tag = "Media",
    params(("id" = u64, Path, description = "LINE's `stickerId`.")),
    security(("media_cookie" = []), ("access_token" = [])),
    responses(
        (status = 200, description = "PNG.", body = Vec<u8>, content_type = "image/*"),
        refused::Sticker,
    )
)]
pub(crate) async fn sticker(
    State(desk): State<Arc<Desk>>,
    _: Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // As described: OpenAPI's int64 ends there.
    let id = id.parse().ok().filter(|id| *id <= i64::MAX.unsigned_abs());
    match id.and_then(|id| desk.config.sticker_source(id)) {
        Some(url) => show(&desk, &url, &headers, KEEP_STICKER).await,
        None => Ok(missing(PictureError::Missing)),
    }
}

async fn show(desk: &Desk, url: &str, asked: &HeaderMap, keep: HeaderValue) -> Result<Response, ApiError> {
    // Another picture has another address.
    let tag = HeaderValue::from_str(&format!("\"{}\"", &token::hash(url)[..16])).map_err(anyhow::Error::from)?;
    if assets::has(asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag), (header::CACHE_CONTROL, keep)]).into_response());
    }
    Ok(match pictures::get(desk, url).await {
        Ok(picture) => {
            let headers = [
                (header::ETAG, tag),
                (header::CONTENT_TYPE, HeaderValue::from_static(picture.content_type)),
                (header::CONTENT_SECURITY_POLICY, SANDBOX),
                (header::CACHE_CONTROL, keep),
            ];
            (headers, picture.bytes).into_response()
        }
        Err(error) => missing(error),
    })
}

fn missing(error: PictureError) -> Response {
    ([(header::CACHE_CONTROL, ASK_LATER)], ApiError::from(error)).into_response()
}
