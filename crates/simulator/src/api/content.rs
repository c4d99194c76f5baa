//! The data host: the files behind customers' messages.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;

use super::answer::{LineError, nothing};
use crate::content::Content;
use crate::shared::Shared;

/// Marks an answer that is passed on as it comes, and not kept in the log.
#[derive(Clone, Copy)]
pub(super) struct Streamed;

/// `GET /v2/bot/message/{messageId}/content`
pub(super) async fn content(
    State(shared): State<Arc<Shared>>,
    Path(message_id): Path<String>,
) -> Result<Response, LineError> {
    let Asked::There(content) = ask(&shared, &message_id)? else {
        return Ok((StatusCode::ACCEPTED, nothing()).into_response());
    };
    tokio::time::sleep(Duration::from_millis(content.delay_ms)).await;
    Ok(serve(content))
}

/// `GET /v2/bot/message/{messageId}/content/preview`: of images and videos.
pub(super) async fn preview(
    State(shared): State<Arc<Shared>>,
    Path(message_id): Path<String>,
) -> Result<Response, LineError> {
    let Asked::There(content) = ask(&shared, &message_id)? else {
        return Ok((StatusCode::ACCEPTED, nothing()).into_response());
    };
    let preview = content.preview.ok_or_else(LineError::not_found)?;
    Ok(serve(Content::new("image/jpeg", preview)))
}

enum Asked {
    Preparing,
    There(Content),
}

fn ask(shared: &Shared, message_id: &str) -> Result<Asked, LineError> {
    shared.update(|platform| {
        let is_unsent = platform.threads.owner(message_id).and_then(|chat| platform.threads.find(chat));
        if is_unsent.and_then(|thread| thread.message(message_id)).is_some_and(|message| message.unsent) {
            return Err(LineError::new(StatusCode::GONE, "The message was unsent"));
        }
        let known = platform.contents.get_mut(message_id).ok_or_else(LineError::not_found)?;
        known.asked += 1;
        if known.missing {
            return Err(LineError::not_found());
        }
        if known.preparing > 0 {
            known.preparing -= 1;
            return Ok(Asked::Preparing);
        }
        let content = known.clone();
        known.cut_at = None;
        Ok(Asked::There(content))
    })
}

fn serve(content: Content) -> Response {
    let kind =
        HeaderValue::from_str(&content.content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let length = HeaderValue::from(content.length);
    let body = stream::try_unfold((content, 0_u64), |(content, at)| async move {
        if content.cut_at.is_some_and(|cut| at >= cut) {
            // What was sent so far goes out first.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return Err(io::Error::other("the connection breaks here"));
        }
        if at >= content.length {
            return Ok(None);
        }
        let piece = content.piece(at);
        let at = at + piece.len() as u64;
        Ok(Some((piece, (content, at))))
    });
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_LENGTH, length)];
    let mut response = (headers, Body::from_stream(body)).into_response();
    response.extensions_mut().insert(Streamed);
    response
}
