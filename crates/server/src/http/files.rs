//! The files behind messages: for staff with a session, and for LINE and customers with a signed link.
//!
//! INVARIANT: what a file's sender says of it decides nothing here. Its type is what its content is; what could hold a
//! script is only ever a download; a page that opens one is sandboxed and of no origin.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use linedesk_protocol::{ErrorCode, MediaState, MessageId};
use linedesk_store::StoreError;
use linedesk_store::ops::channels::ChannelAccess;
use linedesk_store::ops::media::{self, StoredFile};
use serde::Deserialize;

use super::error::ApiError;
use super::extract::{Caller, InPath, Query, check_message, sees};
use super::range::{self, Asked};
use super::{assets, refused};
use crate::desk::Desk;
use crate::media::{Part, look, name};

/// Opened by itself it is a document; one that can play and show itself, and nothing else.
const SANDBOX: HeaderValue =
    HeaderValue::from_static("default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox");
/// The browser may keep it, and asks each time whether it may show it: withdrawn, or signed out, it may not.
const KEEP: HeaderValue = HeaderValue::from_static("private, no-cache");

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// When a signed link ends, in seconds since 1970; with `sig`, instead of a session.
    exp: Option<i64>,
    /// A link's signature.
    sig: Option<String>,
    /// `1`: as a download, whatever it is.
    #[param(maximum = 255)]
    download: Option<u8>,
}

/// Gives the file behind a message.
///
/// By the access token, by the cookie `linedesk_media` that signing in sets, or by a signed link such as LINE and customers
/// get. Ranges are served, so that video and audio can be played (RFC 9110 §14). Pictures, video and audio that browsers
/// show are `inline`; everything else is a download. The type is told by the content, never by the name. With the `ETag` in
/// `If-None-Match` the answer may be a 304; a range outside of the file is a 416.
#[utoipa::path(
    get,
    path = "/media/{id}",
    operation_id = "get_media",
    tag = "Media",
    params(("id" = String, Path, description = "`media.id` of a message."), FileQuery),
    security(("media_cookie" = []), ("access_token" = []), ()),
    responses(
        (status = 200, description = "The file.", content(
            (Vec<u8> = "image/*"), (Vec<u8> = "video/*"), (Vec<u8> = "audio/*"), (Vec<u8> = "application/octet-stream"),
        )),
        (status = 206, description = "The part that `Range` asks for.", content(
            (Vec<u8> = "image/*"), (Vec<u8> = "video/*"), (Vec<u8> = "audio/*"), (Vec<u8> = "application/octet-stream"),
        )),
        refused::File,
    )
)]
pub(crate) async fn file(
    State(desk): State<Arc<Desk>>,
    InPath(id): InPath<String>,
    Query(query): Query<FileQuery>,
    mut parts: Parts,
) -> Result<Response, ApiError> {
    let stored = find(&desk, &id, Part::File, &query, &mut parts).await?;
    let size = u64::try_from(stored.size_bytes).unwrap_or(0);
    let is_shown = look::is_shown(&stored.content_type);
    let content_type = if is_shown { stored.content_type.as_str() } else { look::UNKNOWN };
    let is_inline = is_shown && query.download.unwrap_or(0) == 0;
    let name = stored.file_name.as_deref().and_then(name::safe);
    let name = name.unwrap_or_else(|| format!("linedesk-{:.8}.{}", id, look::ending(&stored.content_type)));
    let disposition = header(&name::disposition(is_inline, &name))?;
    serve(&desk, &id, Part::File, size, header(content_type)?, disposition, &parts.headers).await
}

/// Gives the preview of an image or video: a JPEG of at most 640 pixels a side.
#[utoipa::path(
    get,
    path = "/media/{id}/preview",
    operation_id = "get_media_preview",
    tag = "Media",
    params(("id" = String, Path, description = "`media.id` of a message."), FileQuery),
    security(("media_cookie" = []), ("access_token" = []), ()),
    responses(
        (status = 200, description = "The preview.", body = Vec<u8>, content_type = "image/jpeg"),
        refused::File,
    )
)]
pub(crate) async fn preview(
    State(desk): State<Arc<Desk>>,
    InPath(id): InPath<String>,
    Query(query): Query<FileQuery>,
    mut parts: Parts,
) -> Result<Response, ApiError> {
    let stored = find(&desk, &id, Part::Preview, &query, &mut parts).await?;
    if !stored.has_preview {
        return Err(ApiError::new(ErrorCode::NotFound, "This file has no preview."));
    }
    let size = desk.media.size(&id, Part::Preview).await?.ok_or_else(lost)?;
    let disposition = HeaderValue::from_static("inline");
    serve(&desk, &id, Part::Preview, size, HeaderValue::from_static("image/jpeg"), disposition, &parts.headers).await
}

/// Looks the file up for somebody who may read it.
async fn find(
    desk: &Arc<Desk>,
    id: &str,
    part: Part,
    query: &FileQuery,
    parts: &mut Parts,
) -> Result<StoredFile, ApiError> {
    // A link is whoever's it was sent to.
    let mut access = ChannelAccess::All;
    match (&query.sig, query.exp) {
        (Some(sig), Some(exp)) => desk.links.check(id, part, exp, sig, desk.now()).map_err(|code| match code {
            ErrorCode::AuthExpiredToken => ApiError::new(code, "This link has expired. Ask for the file again."),
            code => ApiError::new(code, "This link is not valid."),
        })?,
        _ => access = Caller::from_request_parts(parts, desk).await?.signed_in.operator.channels,
    }
    let wanted = id.to_owned();
    let found = desk.store.read::<_, StoreError, _>(move |tx| match media::find(tx, &wanted)? {
        Some(file) if sees(tx, &access, file.conversation)? => Ok(Some(file)),
        _ => Ok(None),
    });
    let found = found.await?;
    let found = found.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "There is no such file, or no more."))?;
    match found.state {
        MediaState::Ready => Ok(found),
        MediaState::Fetching => Err(ApiError::new(ErrorCode::NotFound, "The file is still on its way from LINE.")),
        MediaState::Gone => Err(ApiError::new(ErrorCode::NotFound, "LINE has this file no more.")),
        MediaState::Failed => Err(ApiError::new(ErrorCode::NotFound, "This file could not be fetched from LINE.")),
    }
}

async fn serve(
    desk: &Desk,
    id: &str,
    part: Part,
    size: u64,
    content_type: HeaderValue,
    disposition: HeaderValue,
    asked: &HeaderMap,
) -> Result<Response, ApiError> {
    // The bytes under an id never change.
    let tag = header(&format!("\"{id}\""))?;
    if assets::has(asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag), (header::CACHE_CONTROL, KEEP)]).into_response());
    }
    let is_same = asked.get(header::IF_RANGE).is_none_or(|known| *known == tag);
    let wanted = asked.get(header::RANGE).filter(|_| is_same).and_then(|value| value.to_str().ok());
    let (status, range) = match range::parse(wanted, size) {
        Asked::Whole => (StatusCode::OK, 0..size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Outside => {
            let error = ApiError::new(ErrorCode::InvalidRequest, format!("The file has {size} bytes."));
            let range = header(&format!("bytes */{size}"))?;
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, range)], error).into_response());
        }
    };
    let mut headers = HeaderMap::new();
    if status == StatusCode::PARTIAL_CONTENT {
        let text = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
        headers.insert(header::CONTENT_RANGE, header(&text)?);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, KEEP);
    headers.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    // The first piece before the answer: where S3 is away, that is what is answered.
    let mut pieces = Box::pin(desk.media.read(id, part, range));
    let first = pieces.try_next().await?;
    let first = futures_util::stream::iter(first.map(Ok));
    Ok((status, headers, Body::from_stream(first.chain(pieces))).into_response())
}

/// Tries again to fetch a file from LINE.
///
/// For any staff: `media.state` of the answer is `fetching`. `not_found`: the message has no file of a customer's;
/// `conflict`: it is there, or LINE has it no more.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/messages/{id}/fetch",
    operation_id = "fetch_media",
    tag = "Media",
    params(("id" = i64, Path, description = "The message.")),
    responses((status = 200, description = "The message.", body = linedesk_protocol::Message), refused::Fetch)
)]
pub(crate) async fn fetch_again(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    InPath(id): InPath<i64>,
) -> Result<axum::Json<linedesk_protocol::Message>, ApiError> {
    let (message, now) = (MessageId(id), desk.now());
    check_message(&desk, &caller.signed_in.operator.channels, message).await?;
    let again = desk.store.write(move |tx| media::fetch_again(tx, message, now)).await;
    again.map_err(ApiError::from)?;
    let read = desk.store.read::<_, StoreError, _>(move |tx| linedesk_store::ops::messages::find(tx, message));
    read.await?.map(axum::Json).ok_or_else(|| ApiError::plain(ErrorCode::NotFound))
}

fn header(text: &str) -> Result<HeaderValue, ApiError> {
    Ok(HeaderValue::from_str(text).map_err(anyhow::Error::from)?)
}

/// The row says that it is there.
fn lost() -> ApiError {
    tracing::error!("a file of the media store is missing");
    ApiError::new(ErrorCode::NotFound, "The desk has lost this file.")
}
