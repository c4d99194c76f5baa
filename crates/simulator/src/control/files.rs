//! The files on the phone, for the page alone: what customers sent, and what the account's messages name by an address.
//!
//! INVARIANT: only addresses that stand in a message of the account are fetched, and only pictures, sounds and videos
//! come through: the page itself may load nothing from elsewhere. Opened by itself, a file is a document without rights.
//! Looking at a file is no call to LINE: nothing is counted, logged or held up.

use std::convert::Infallible;
use std::future::ready;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, StreamExt as _};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Refusal;
use crate::content::Content;
use crate::customer::{Author, PhoneMessage};
use crate::media;
use crate::shared::Shared;

/// A document of its own, a file may run nothing and load nothing.
const FILE_POLICY: &str = "default-src 'none'; sandbox";
const OCTETS: &str = "application/octet-stream";
/// What browsers show of what customers send; SVG is not among it, as it is a document.
const PICTURES: [&str; 5] = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"];
/// The picture of an imagemap at its largest (LINE Messaging API reference, "Imagemap message").
const IMAGEMAP_WIDTH: &str = "1040";

/// `GET /sim/chats/{chat_id}/messages/{message_id}/original`
pub(super) async fn original(
    State(shared): State<Arc<Shared>>,
    Path((chat_id, message_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let message = find(&shared, &chat_id, &message_id)?;
    match message.author {
        Author::Account => pass_on(&shared, &message, "/originalContentUrl", &headers).await,
        Author::Customer => {
            let content = content_of(&shared, &message_id)?;
            Ok(serve(&type_of(&message.kind, &content), content, &headers))
        }
    }
}

/// `GET /sim/chats/{chat_id}/messages/{message_id}/preview`: of pictures and videos.
pub(super) async fn preview(
    State(shared): State<Arc<Shared>>,
    Path((chat_id, message_id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let message = find(&shared, &chat_id, &message_id)?;
    if message.author == Author::Account {
        return pass_on(&shared, &message, "/previewImageUrl", &headers).await;
    }
    let content = content_of(&shared, &message_id)?;
    let shown = match content.preview {
        Some(preview) => Content::new("image/jpeg", preview),
        None if message.kind == "image" => content,
        // The page has no way to make one of a video.
        None => return Ok(StatusCode::NO_CONTENT.into_response()),
    };
    Ok(serve(&type_of("image", &shown), shown, &headers))
}

#[derive(Debug, Deserialize)]
pub(super) struct Linked {
    /// Where in the message object the address stands: a JSON pointer (RFC 6901).
    at: String,
}

/// `GET /sim/chats/{chat_id}/messages/{message_id}/linked?at=…`: the pictures inside of flex, templates and imagemaps.
pub(super) async fn linked(
    State(shared): State<Arc<Shared>>,
    Path((chat_id, message_id)): Path<(String, String)>,
    Query(Linked { at }): Query<Linked>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let message = find(&shared, &chat_id, &message_id)?;
    if message.author != Author::Account {
        return Err(not_found());
    }
    pass_on(&shared, &message, &at, &headers).await
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "There is no such file.")
}

fn find(shared: &Shared, chat_id: &str, message_id: &str) -> Result<PhoneMessage, Refusal> {
    let found = shared.read(|platform| platform.threads.find(chat_id)?.message(message_id).cloned());
    found.filter(|message| !message.unsent).ok_or_else(not_found)
}

fn content_of(shared: &Shared, message_id: &str) -> Result<Content, Refusal> {
    let found = shared.read(|platform| platform.content(message_id).cloned());
    found.filter(|content| !content.missing).ok_or_else(not_found)
}

/// The type it is served as: what its kind of message can be, and never a document.
fn type_of(kind: &str, content: &Content) -> HeaderValue {
    let given = content.content_type.as_str();
    let fits = match kind {
        "image" => PICTURES.contains(&given),
        "video" => given.starts_with("video/"),
        "audio" => given.starts_with("audio/"),
        _ => false,
    };
    let fitting = HeaderValue::from_str(given).ok().filter(|_| fits);
    fitting.unwrap_or(HeaderValue::from_static(OCTETS))
}

fn serve(kind: &HeaderValue, content: Content, headers: &HeaderMap) -> Response {
    let length = content.length;
    let asked = headers.get(header::RANGE).and_then(|range| range.to_str().ok()).and_then(|text| range(text, length));
    let (status, part) = match asked {
        Some(Asked::Beyond) => {
            let refusal = Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, "The file is shorter.").into_response();
            return ([(header::CONTENT_RANGE, format!("bytes */{length}"))], refusal).into_response();
        }
        Some(Asked::Part(part)) => (StatusCode::PARTIAL_CONTENT, part),
        None => (StatusCode::OK, 0..length),
    };
    let mut given = guarded(kind, "no-store");
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = format!("bytes {}-{}/{length}", part.start, part.end - 1).parse()
    {
        given.insert(header::CONTENT_RANGE, value);
    }
    given.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    given.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    let pieces = stream::unfold((content, part), |(content, part)| async move {
        let piece = content.piece(part.start);
        let left = usize::try_from(part.end.saturating_sub(part.start)).unwrap_or(usize::MAX).min(piece.len());
        let next = part.start + left as u64;
        (left > 0).then(|| (Ok::<_, Infallible>(piece.slice(..left)), (content, next..part.end)))
    });
    (status, given, Body::from_stream(pieces)).into_response()
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Part(Range<u64>),
    Beyond,
}

/// One range of bytes (RFC 9110, section 14.1.2); of whatever else is asked, the whole is given.
fn range(text: &str, length: u64) -> Option<Asked> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let part = if first.is_empty() {
        length.saturating_sub(last.parse().ok()?)..length
    } else {
        let last = if last.is_empty() { u64::MAX } else { last.parse().ok()? };
        let first: u64 = first.parse().ok()?;
        if last < first {
            return None;
        }
        first..last.saturating_add(1).min(length)
    };
    Some(if part.start < part.end { Asked::Part(part) } else { Asked::Beyond })
}

/// Fetches what an address in a message of the account names, as LINE does, and passes it on.
async fn pass_on(shared: &Shared, message: &PhoneMessage, at: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    let named = message.content.as_ref().and_then(|content| content.pointer(at)).and_then(Value::as_str);
    let mut url = named.filter(|url| media::is_fetchable(url)).ok_or_else(not_found)?.to_owned();
    if message.kind == "imagemap" && at == "/baseUrl" {
        url = format!("{}/{IMAGEMAP_WIDTH}", url.trim_end_matches('/'));
    }
    let unfetched = |why: &str| Refusal::new(StatusCode::BAD_GATEWAY, format!("The file could not be fetched: {why}."));
    let fetched = media::open(shared, &url, headers.get(header::RANGE)).await;
    let fetched = fetched.map_err(|_| unfetched("it cannot be reached"))?;
    let status = fetched.status();
    if !matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return Err(unfetched("it is refused"));
    }
    let kind = fetched.headers().get(header::CONTENT_TYPE).cloned();
    let kind = kind.ok_or_else(|| unfetched("it has no type"))?;
    let most =
        kind.to_str().ok().and_then(media::most_bytes).ok_or_else(|| unfetched("LINE would not show its type"))?;
    let mut given = guarded(&kind, "private, max-age=300");
    for name in [header::CONTENT_LENGTH, header::CONTENT_RANGE, header::ACCEPT_RANGES] {
        if let Some(value) = fetched.headers().get(&name) {
            given.insert(name, value.clone());
        }
    }
    let bounded = fetched.bytes_stream().scan(0, move |so_far: &mut u64, chunk| {
        *so_far += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        ready((*so_far <= most).then_some(chunk))
    });
    Ok((status, given, Body::from_stream(bounded)).into_response())
}

fn guarded(kind: &HeaderValue, kept: &'static str) -> HeaderMap {
    const READERS: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    let mut headers: HeaderMap = [
        (header::CONTENT_SECURITY_POLICY, FILE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, kept),
        (READERS, "same-origin"),
    ]
    .into_iter()
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
    .collect();
    headers.insert(header::CONTENT_TYPE, kind.clone());
    if kind == OCTETS {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_all_else_is_the_whole() {
        for (text, expected) in [
            ("bytes=0-", Some(Asked::Part(0..10))),
            ("bytes=2-4", Some(Asked::Part(2..5))),
            ("bytes=2-99", Some(Asked::Part(2..10))),
            ("bytes=-3", Some(Asked::Part(7..10))),
            ("bytes=-99", Some(Asked::Part(0..10))),
            ("bytes=10-", Some(Asked::Beyond)),
            ("bytes=-0", Some(Asked::Beyond)),
            ("bytes=4-2", None),
            ("bytes=0-1,4-5", None),
            ("bytes=x-", None),
            ("lines=0-", None),
            ("", None),
        ] {
            assert_eq!(range(text, 10), expected, "{text}");
        }
    }

    #[test]
    fn no_file_is_served_as_a_document() {
        for (kind, given, served) in [
            ("image", "image/png", "image/png"),
            ("image", "image/svg+xml", OCTETS),
            ("image", "text/html", OCTETS),
            ("video", "video/mp4", "video/mp4"),
            ("audio", "text/html", OCTETS),
            ("file", "image/png", OCTETS),
        ] {
            assert_eq!(type_of(kind, &Content::new(given, "x")), served, "{kind} {given}");
        }
    }
}
