//! Files that operators send.
//!
//! INVARIANT: a file is in the media store before its message is durable, and its id is in the trash until then: a crash
//! between the two leaves nothing behind, and no message without its file.

use std::io::{self, BufReader, Cursor};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::StatusCode;
use linedesk_protocol::{ErrorCode, Message, MessageType};
use linedesk_store::StoreError;
use linedesk_store::ops::media::{self, FileFacts, Upload};
use linedesk_store::ops::messages::{Draft, Written};

use super::error::ApiError;
use super::extract::{Caller, Named};
use super::refused;
use crate::auth::token;
use crate::desk::Desk;
use crate::media::picture::{self, Jpeg};
use crate::media::spool::{Spool, SpoolError};
use crate::media::{Part, look, name};
use crate::service;

/// A picture of a video, as a browser makes it.
const PREVIEW_BYTES: usize = 4 * 1024 * 1024;
/// LINE takes 200 MB of a video and of a sound (LINE Messaging API reference).
const LINE_BYTES: u64 = 200_000_000;
/// An upload that brings nothing for so long has ended.
const SILENCE: Duration = Duration::from_secs(30);

/// The largest file over a slow line; whoever trickles shall not hold a place for ever.
const WITHIN: Duration = Duration::from_secs(3600);
/// The form's reader keeps what belongs to no part yet: text before the first, and parts' headers.
const UNREAD_BYTES: usize = 1024 * 1024;

/// What arrived.
pub(crate) struct Arrived {
    pub(crate) file: Spool,
    pub(crate) file_name: Option<String>,
    pub(crate) preview: Option<Vec<u8>>,
    pub(crate) temp_id: Option<String>,
}

/// For the description only: the parts of the form.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes a form that is read part by part")]
pub(crate) struct UploadForm {
    /// The file, at most `limits.media_bytes` (WS1).
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// A picture of a video; without one, LINE shows a stand-in.
    #[schema(value_type = Option<String>, format = Binary)]
    preview: Option<Vec<u8>>,
    /// As in `SendMessage`.
    temp_id: Option<String>,
}

/// Sends a file to the customer.
///
/// For the session's owner or an ADMIN (SE3). A picture goes out as a JPEG of at most 10 MB and 4096 pixels a side, an mp4
/// as a video, an mp3 or m4a as a sound; anything else as a link that works until `media.link_expires_at`. What a file is, is
/// told by its content. `conflict`: the desk has no public https address, so LINE could not fetch files. Counts as one
/// message (WS7); the same `temp_id` again answers the same message.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/media",
    operation_id = "send_media",
    tag = "Messages",
    params(Named),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "Taken.", body = Message),
        (status = 200, description = "This `temp_id` was taken before: the same message.", body = Message),
        refused::Upload,
    )
)]
pub(crate) async fn send(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(conversation): Named,
    request: Request,
) -> Result<Response, ApiError> {
    let by = caller.signed_in.staff();
    if desk.config.media_origin().is_none() {
        let why = "Files cannot be sent: LINE fetches them from the desk, and the desk has no public https address. \
                   Whoever runs it can set public_url.";
        return Err(ApiError::new(ErrorCode::Conflict, why));
    }
    desk.limits.take_send(&desk, by.id).map_err(ApiError::retry_after)?;
    // Before megabytes travel for nothing; looked at again when the message is taken.
    service::may_send(&desk, by, conversation).await?;
    let arrived = {
        let busy = || ApiError::new(ErrorCode::Unavailable, "Many files are being sent. Try again in a moment.");
        let _place = desk.receiving.try_acquire().map_err(|_| busy())?;
        tokio::time::timeout(WITHIN, receive(&desk.config.data_dir, desk.config.media_max_bytes, request))
            .await
            .map_err(|_| broken())??
    };
    let _turn = desk.uploads.acquire().await.map_err(anyhow::Error::from)?;
    let send_key = service::send_key('c', arrived.temp_id.as_ref())?;
    let id = token::random_id();
    let (trash_id, now) = (id.clone(), desk.now());
    desk.store.write::<_, StoreError, _>(move |tx| media::begin_upload(tx, &trash_id, now)).await?;
    let written = match keep(&desk, &id, &arrived).await {
        Ok(written) => written,
        Err(error) => {
            abandon(&desk, id).await;
            return Err(error);
        }
    };
    let draft = Draft { conversation, by, written, temp_id: arrived.temp_id, send_key, quote: None };
    match service::send_draft(&desk, draft, caller.origin()).await {
        Ok(done) if done.seq.is_some() => Ok((StatusCode::CREATED, axum::Json(done.value)).into_response()),
        Ok(done) => {
            abandon(&desk, id).await;
            Ok((StatusCode::OK, axum::Json(done.value)).into_response())
        }
        Err(error) => {
            abandon(&desk, id).await;
            Err(error)
        }
    }
}

/// Lets the objects go now; should this fail, they go when their time is up. What a message has adopted stays.
async fn abandon(desk: &Desk, id: String) {
    let now = desk.now();
    let done = desk.store.write::<_, StoreError, _>(move |tx| media::abandon_upload(tx, &id, now)).await;
    if let Err(error) = done {
        tracing::debug!(%error, "an upload that came to nothing is deleted later");
    }
}

/// Bytes of the body since the form's reader handed on a piece.
#[derive(Clone, Debug, Default)]
struct Unread(Arc<AtomicUsize>);

impl Unread {
    /// The body, which fails once the reader keeps too much of it in memory. It comes piece by piece, so that the reader
    /// has the chance to hand each on.
    fn metered(&self, body: Body) -> Body {
        let pieces =
            futures_util::stream::unfold((body.into_data_stream(), self.clone()), |(mut pieces, unread)| async {
                tokio::task::yield_now().await;
                let piece = pieces.next().await?.map_err(io::Error::other).and_then(|piece| {
                    let kept = unread.0.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
                    if kept > UNREAD_BYTES {
                        Err(io::Error::other("too much that is no part's content"))
                    } else {
                        Ok(piece)
                    }
                });
                Some((piece, (pieces, unread)))
            });
        Body::from_stream(pieces)
    }

    /// Waits for the reader's next piece.
    async fn next<T>(&self, next: impl Future<Output = Result<T, MultipartError>>) -> Result<T, ApiError> {
        let piece = tokio::time::timeout(SILENCE, next).await.map_err(|_| broken())?.map_err(|_| broken())?;
        self.0.store(0, Ordering::Relaxed);
        Ok(piece)
    }
}

fn broken() -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, "The upload did not arrive whole.")
}

/// Reads a form, its file of at most `most` bytes into a spool in `folder`.
pub(crate) async fn receive(folder: &Path, most: u64, request: Request) -> Result<Arrived, ApiError> {
    let unreadable = || ApiError::new(ErrorCode::InvalidRequest, "The body is not a readable multipart form.");
    let unread = Unread::default();
    let request = request.map(|body| unread.metered(body));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let (mut file, mut file_name, mut preview, mut temp_id) = (None, None, None, None);
    while let Some(mut field) = unread.next(form.next_field()).await? {
        let known = field.name().unwrap_or_default().to_owned();
        match known.as_str() {
            "file" if file.is_none() => {
                file_name = field.file_name().and_then(name::safe);
                file = Some(spool(folder, most, &unread, &mut field).await?);
            }
            "preview" if preview.is_none() => {
                preview = Some(small(&unread, &mut field, PREVIEW_BYTES, "preview").await?);
            }
            "temp_id" if temp_id.is_none() => {
                let bytes = small(&unread, &mut field, 1024, "temp_id").await?;
                let text = String::from_utf8(bytes).map_err(|_| ApiError::field("temp_id", "expected UTF-8"))?;
                temp_id = Some(text);
            }
            "file" | "preview" | "temp_id" => return Err(ApiError::field(&known, "expected only once")),
            _ => return Err(ApiError::field("body", "expected the parts file, preview and temp_id")),
        }
    }
    let file = file.ok_or_else(|| ApiError::field("file", "missing field `file`"))?;
    if file.size_bytes() == 0 {
        return Err(ApiError::field("file", "the file is empty"));
    }
    Ok(Arrived { file, file_name, preview, temp_id })
}

async fn spool(folder: &Path, most: u64, unread: &Unread, field: &mut Field<'_>) -> Result<Spool, ApiError> {
    let failed = |error: SpoolError| match error {
        SpoolError::TooLarge { .. } => {
            let detail = format!("The file is larger than {} MB.", most / 1_000_000);
            ApiError::new(ErrorCode::PayloadTooLarge, detail)
        }
        SpoolError::Io(error) => {
            tracing::error!(%error, "an upload cannot be written to the data directory");
            ApiError::new(ErrorCode::Unavailable, "The desk cannot keep files at the moment. Is its disk full?")
        }
    };
    let mut spool = Spool::new(folder, most).await.map_err(failed)?;
    while let Some(bytes) = unread.next(field.chunk()).await? {
        spool.write(&bytes).await.map_err(failed)?;
    }
    spool.finish().await.map_err(failed)?;
    Ok(spool)
}

async fn small(unread: &Unread, field: &mut Field<'_>, most: usize, name: &str) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = unread.next(field.chunk()).await? {
        if bytes.len() + chunk.len() > most {
            return Err(ApiError::field(name, format!("expected at most {most} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Writes the file as LINE takes it into the media store, and tells what message it is.
async fn keep(desk: &Desk, id: &str, arrived: &Arrived) -> Result<Written, ApiError> {
    let Arrived { file, file_name, preview, .. } = arrived;
    let content_type = look::content_type(file.head(), MessageType::File);
    let size_bytes = i64::try_from(file.size_bytes()).map_err(anyhow::Error::from)?;
    let facts = FileFacts { content_type, size_bytes, ..FileFacts::default() };
    let fits = file.size_bytes() <= LINE_BYTES;
    let as_message = match facts.content_type.as_str() {
        kind if kind.starts_with("image/") => keep_picture(desk, id, file).await?,
        "video/mp4" if fits => Some(keep_video(desk, id, file, preview.clone(), facts.clone()).await?),
        "audio/mpeg" | "audio/mp4" if fits => keep_sound(desk, id, file, facts.clone()).await?,
        _ => None,
    };
    let (message_type, facts) = if let Some(message) = as_message {
        message
    } else {
        desk.media.put_spool(id, file).await?;
        (MessageType::File, facts)
    };
    let file_name = file_name.clone();
    let content = if message_type == MessageType::File { file_name.clone().unwrap_or_default() } else { String::new() };
    let link_expires_at = desk.after(desk.config.media_link_life);
    let file = Some(Upload { id: id.to_owned(), file_name, facts, link_expires_at });
    Ok(Written { message_type, content, payload: None, file })
}

async fn keep_picture(desk: &Desk, id: &str, file: &Spool) -> Result<Option<(MessageType, FileFacts)>, ApiError> {
    if file.size_bytes() > picture::FILE_BYTES {
        return Ok(None);
    }
    let reader = file.blocking_reader().map_err(anyhow::Error::from)?;
    let made = desk.looking.run(move || picture::sendable(BufReader::new(reader))).await?;
    // What we cannot read LINE could not either: it goes as a file.
    let Some((Jpeg { bytes, width, height }, preview)) = made else { return Ok(None) };
    let facts = FileFacts {
        content_type: "image/jpeg".to_owned(),
        size_bytes: i64::try_from(bytes.len()).map_err(anyhow::Error::from)?,
        width: Some(width.into()),
        height: Some(height.into()),
        duration_ms: None,
        has_preview: true,
    };
    desk.media.put(id, Part::File, bytes).await?;
    desk.media.put(id, Part::Preview, preview).await?;
    Ok(Some((MessageType::Image, facts)))
}

async fn keep_video(
    desk: &Desk,
    id: &str,
    file: &Spool,
    preview: Option<Vec<u8>>,
    facts: FileFacts,
) -> Result<(MessageType, FileFacts), ApiError> {
    let made = desk.looking.run(move || {
        let given = preview.and_then(|bytes| picture::preview(Cursor::new(bytes)));
        match given {
            Some(Jpeg { bytes, width, height }) => Some((bytes, Some(width.into()), Some(height.into()))),
            None => picture::stand_in().map(|bytes| (bytes, None, None)),
        }
    });
    let (preview, width, height) = made.await?.ok_or_else(|| anyhow::anyhow!("no preview could be made"))?;
    desk.media.put_spool(id, file).await?;
    desk.media.put(id, Part::Preview, preview).await?;
    Ok((MessageType::Video, FileFacts { width, height, has_preview: true, ..facts }))
}

async fn keep_sound(
    desk: &Desk,
    id: &str,
    file: &Spool,
    facts: FileFacts,
) -> Result<Option<(MessageType, FileFacts)>, ApiError> {
    let reader = file.blocking_reader().map_err(anyhow::Error::from)?;
    let duration = tokio::task::spawn_blocking(move || look::duration_ms(reader)).await.map_err(anyhow::Error::from)?;
    // LINE wants to know how long it lasts.
    let Some(duration_ms) = duration else { return Ok(None) };
    desk.media.put_spool(id, file).await?;
    Ok(Some((MessageType::Audio, FileFacts { duration_ms: Some(duration_ms), ..facts })))
}
