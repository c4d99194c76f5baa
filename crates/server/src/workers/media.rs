//! Fetches the files of customers' messages from LINE, at once, and deletes what was withdrawn. It holds nothing else up
//! (WH4).
//!
//! INVARIANT: a file's objects are written before its row says `ready`; where the row is gone by then, because the message
//! was withdrawn meanwhile, they are deleted (WH6).

use std::sync::Arc;
use std::time::Duration;

use linedesk_core::delivery;
use linedesk_line::client::{CallError, Content, ContentError, ContentStream};
use linedesk_protocol::{ErrorCode, MessageType};
use linedesk_store::StoreError;
use linedesk_store::ops::media::{self, DueMedia, Fetched};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::media::Part;
use crate::media::spool::{Spool, SpoolError};

/// Downloads at once: LINE is fast, and texts shall not wait for pictures.
const AT_ONCE: usize = 6;
/// After so long another worker may try what this one took, should this node live: longer than the client lets a download
/// take. What a dead one took is free at once ([`alive`](super::alive)).
const TAKEN_FOR: Duration = Duration::from_secs(15 * 60);
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A file that could not be fetched for so long is given up.
const GIVE_UP_AFTER_MS: i64 = 24 * 3_600_000;
/// Of one file. LINE documents no limit; this one is for the disk.
const FILE_BYTES: u64 = 1024 * 1024 * 1024;
/// Of LINE's own preview of a video.
const POSTER_BYTES: usize = 2 * 1024 * 1024;
const TRASH_AT_ONCE: i64 = 50;
/// What could not be deleted.
const DELETE_AGAIN: Duration = Duration::from_secs(60);
const SWEEP_EVERY: Duration = Duration::from_secs(3600);

/// Runs until `stop`. What is being fetched then is fetched anew by whoever comes next.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let mut downloads = JoinSet::new();
    let mut sweep_at = desk.now();
    loop {
        if desk.now() >= sweep_at {
            sweep_at = desk.after(SWEEP_EVERY);
            if let Err(error) = desk.media.sweep().await {
                tracing::warn!(error = format!("{error:#}"), "files that were never finished cannot be removed");
            }
        }
        let taken = take(&desk, AT_ONCE.saturating_sub(downloads.len())).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "due files cannot be read");
            Vec::new()
        });
        for due in taken {
            downloads.spawn(fetch(Arc::clone(&desk), due, stop.clone()));
        }
        if let Err(error) = empty_trash(&desk).await {
            tracing::warn!(error = format!("{error:#}"), "withdrawn files cannot be deleted yet");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = desk.store.signals().media(), if downloads.len() < AT_ONCE => {}
            Some(_) = downloads.join_next() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    while downloads.join_next().await.is_some() {}
}

async fn take(desk: &Desk, free: usize) -> Result<Vec<DueMedia>, StoreError> {
    let (node, now, again_at) = (desk.node.clone(), desk.now(), desk.after(TAKEN_FOR));
    let limit = i64::try_from(free).unwrap_or(1);
    if free == 0 || !desk.store.read::<_, StoreError, _>(move |tx| media::has_due(tx, now)).await? {
        return Ok(Vec::new());
    }
    let taken = desk.store.write::<_, StoreError, _>(move |tx| media::take_due(tx, &node, now, again_at, limit));
    Ok(taken.await?.value)
}

/// Deletes the objects that nobody refers to.
async fn empty_trash(desk: &Desk) -> anyhow::Result<()> {
    let now = desk.now();
    let ids = desk.store.read::<_, StoreError, _>(move |tx| media::list_trash(tx, now, TRASH_AT_ONCE)).await?;
    if ids.is_empty() {
        return Ok(());
    }
    let (mut gone, mut stuck, mut trouble) = (Vec::new(), Vec::new(), None);
    for id in ids {
        match desk.media.delete(&id).await {
            Ok(()) => gone.push(id),
            Err(error) => {
                stuck.push(id);
                trouble = Some(error);
            }
        }
    }
    // The others go first then.
    let again_at = desk.after(DELETE_AGAIN);
    let done = desk.store.write::<_, StoreError, _>(move |tx| {
        media::trash_emptied(tx, &gone, now)?;
        media::put_off_trash(tx, &stuck, again_at)
    });
    done.await?;
    trouble.map_or(Ok(()), |error| Err(error.into()))
}

async fn fetch(desk: Arc<Desk>, due: DueMedia, stop: CancellationToken) {
    let fetched = tokio::select! {
        fetched = try_to_fetch(&desk, &due) => fetched,
        () = stop.cancelled() => Ok(Fetched::Later { at: desk.now(), code: None }),
    };
    let fetched = fetched.unwrap_or_else(|trouble| {
        tracing::warn!(media.message = %due.message, error = format!("{:#}", trouble.error), "a file could not be fetched");
        later(&desk, &due, trouble.code)
    });
    metrics::counter!("linedesk_media_fetches_total", "outcome" => outcome(&fetched)).increment(1);
    let (id, now) = (due.id.clone(), desk.now());
    let is_ready = matches!(fetched, Fetched::Ready(_));
    match desk.store.write::<_, StoreError, _>(move |tx| media::save(tx, &id, &fetched, now)).await {
        Ok(saved) if saved.value => {}
        // Withdrawn while it came. The trash has its id too, in case that this process ends here.
        Ok(_) if is_ready => {
            if let Err(error) = desk.media.delete(&due.id).await {
                tracing::warn!(error = format!("{error:#}"), "a withdrawn file waits to be deleted");
            }
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "what became of a file could not be written down; it is fetched again"),
    }
}

/// It could not be fetched now.
struct Trouble {
    code: ErrorCode,
    error: anyhow::Error,
}

/// Ours: the disk is full, the media store is away.
fn ours(error: impl Into<anyhow::Error>) -> Trouble {
    Trouble { code: ErrorCode::Unavailable, error: error.into() }
}

fn lines(error: impl Into<anyhow::Error>) -> Trouble {
    Trouble { code: ErrorCode::LineUnavailable, error: error.into() }
}

async fn try_to_fetch(desk: &Desk, due: &DueMedia) -> Result<Fetched, Trouble> {
    let ask = |token| async move { desk.line.content(&token, &due.line_message_id).await };
    let content = match desk.call_line_of(due.channel, ask).await {
        Ok(Content::Ready(content)) => content,
        // No trouble: a long video takes LINE its time.
        Ok(Content::Preparing) => return Ok(wait(desk, due, None)),
        Ok(Content::NotFound | Content::Unsent) => return Ok(Fetched::Gone),
        Err(CallError::Status { status, .. })
            if (400..500).contains(&status) && ![401, 403, 408, 429].contains(&status) =>
        {
            return Ok(Fetched::Failed(ErrorCode::LineRejected));
        }
        Err(error) => return Err(lines(error)),
    };
    let mut spool = Spool::new(&desk.config.data_dir, FILE_BYTES).await.map_err(ours)?;
    match receive(content, &mut spool).await {
        Ok(()) => {}
        Err(Receiving::TooLarge) => return Ok(Fetched::Failed(ErrorCode::PayloadTooLarge)),
        Err(Receiving::Trouble(trouble)) => return Err(trouble),
    }
    let poster = if due.message_type == MessageType::Video { poster(desk, due).await } else { None };
    let looked = desk.looking.look(&spool, due.message_type, poster).await.map_err(ours)?;
    desk.media.put_spool(&due.id, &spool).await.map_err(ours)?;
    if let Some(preview) = looked.preview {
        desk.media.put(&due.id, Part::Preview, preview).await.map_err(ours)?;
    }
    Ok(Fetched::Ready(looked.facts))
}

enum Receiving {
    TooLarge,
    Trouble(Trouble),
}

async fn receive(mut content: ContentStream, spool: &mut Spool) -> Result<(), Receiving> {
    let spooling = |error: SpoolError| match error {
        SpoolError::TooLarge { .. } => Receiving::TooLarge,
        SpoolError::Io(_) => Receiving::Trouble(ours(error)),
    };
    loop {
        match content.chunk().await {
            Ok(Some(bytes)) => spool.write(&bytes).await.map_err(spooling)?,
            Ok(None) => return spool.finish().await.map_err(spooling),
            Err(ContentError::TooLarge { .. }) => return Err(Receiving::TooLarge),
            Err(error) => return Err(Receiving::Trouble(lines(error))),
        }
    }
}

/// LINE's picture of a video. Without one the video is there all the same.
async fn poster(desk: &Desk, due: &DueMedia) -> Option<Vec<u8>> {
    let ask = |token| async move { desk.line.content_preview(&token, &due.line_message_id).await };
    let Ok(Content::Ready(mut content)) = desk.call_line_of(due.channel, ask).await else { return None };
    let mut bytes = Vec::new();
    while let Ok(chunk) = content.chunk().await {
        let Some(chunk) = chunk else { return Some(bytes) };
        if bytes.len() + chunk.len() > POSTER_BYTES {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    None
}

/// Trouble is told from the second time on: the first may be over before anybody has read of it.
fn later(desk: &Desk, due: &DueMedia, code: ErrorCode) -> Fetched {
    if desk.now().0.saturating_sub(due.created_at.0) >= GIVE_UP_AFTER_MS {
        return Fetched::Failed(code);
    }
    wait(desk, due, (due.attempts > 0).then_some(code))
}

fn wait(desk: &Desk, due: &DueMedia, code: Option<ErrorCode>) -> Fetched {
    if desk.now().0.saturating_sub(due.created_at.0) >= GIVE_UP_AFTER_MS {
        return Fetched::Failed(ErrorCode::LineUnavailable);
    }
    let attempts = u32::try_from(due.attempts).unwrap_or(u32::MAX).saturating_add(1);
    let pause = delivery::backoff(attempts, &mut StdRng::from_os_rng());
    Fetched::Later { at: desk.after(pause), code }
}

const fn outcome(fetched: &Fetched) -> &'static str {
    match fetched {
        Fetched::Ready(_) => "ready",
        Fetched::Gone => "gone",
        Fetched::Failed(_) => "failed",
        Fetched::Later { .. } => "later",
    }
}
