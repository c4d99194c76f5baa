//! The files behind messages: what is expected of LINE, what is here, and what is to be deleted (WH6).
//!
//! The bytes are in the media store, under the media's id; rows and objects are never written together. So:
//!
//! INVARIANT: an object that may exist has a row that names its id: in `media`, or in `media_trash` until it is surely
//! deleted. What an operator uploads is in the trash from before its first byte until a message refers to it.

use linedesk_protocol::{ConversationId, ErrorCode, Media, MediaState, MessageId, MessageType, Timestamp};

use super::channels::ChannelId;
use super::conversations;
use super::messages::emit;
use crate::engine::{Dialect, Row, params};
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::tx::{Query, Tx};

/// How long whoever began to write an object may take: longer than any download or upload is allowed to.
pub const WRITTEN_WITHIN_MS: i64 = 30 * 60 * 1000;

/// A file that a customer's message has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMedia {
    /// Random: nobody can guess it.
    pub id: String,
    pub file_name: Option<String>,
    pub duration_ms: Option<i64>,
}

/// What a file turned out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// By its content.
    pub content_type: String,
    pub size_bytes: i64,
    /// Pixels.
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub duration_ms: Option<i64>,
    pub has_preview: bool,
}

/// A file that an operator uploaded, in the media store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub file_name: Option<String>,
    pub facts: FileFacts,
    pub link_expires_at: Timestamp,
}

/// A file that is to be fetched from LINE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMedia {
    pub id: String,
    pub message: MessageId,
    pub channel: ChannelId,
    pub line_message_id: String,
    pub message_type: MessageType,
    pub attempts: i64,
    pub created_at: Timestamp,
}

/// How a try to fetch a file ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Its objects are written.
    Ready(FileFacts),
    /// LINE has it no more.
    Gone,
    /// It will not be tried again by itself.
    Failed(ErrorCode),
    /// It is tried again at that time; with a code, the operator is told why it takes so long.
    Later { at: Timestamp, code: Option<ErrorCode> },
}

/// A file as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub conversation: ConversationId,
    pub state: MediaState,
    pub content_type: String,
    pub size_bytes: i64,
    pub file_name: Option<String>,
    pub has_preview: bool,
}

/// Expects the file of a customer's message.
pub(crate) fn expect(
    tx: &mut Tx<'_>,
    message: MessageId,
    line_message_id: &str,
    new: &NewMedia,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO media (id, message_id, line_message_id, state, file_name, duration_ms, due_at, created_at)
         VALUES ($1, $2, $3, 'fetching', $4, $5, $6, $6)",
        params![&new.id, message, line_message_id, new.file_name.as_deref(), new.duration_ms, now],
    )?;
    tx.wakes.media = true;
    Ok(())
}

/// Looks at once at what an earlier process on this data directory was fetching. Only for the process that owns it alone.
pub fn free_all(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE media SET due_at = $1 WHERE due_at IS NOT NULL AND due_at > $1 AND code IS NULL";
    tx.execute(sql, params![now]).map(drop)
}

/// Whether a file is due.
pub fn has_due(tx: &mut impl Query, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM media WHERE due_at IS NOT NULL AND due_at <= $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![now])?.is_some())
}

/// Takes files that are due, for the node `by`. Another may take them at `again_at`, or when it is dead.
pub fn take_due(
    tx: &mut Tx<'_>,
    by: &str,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<DueMedia>, StoreError> {
    let take = match tx.dialect() {
        Dialect::Sqlite => {
            "UPDATE media SET due_at = $3, taken_by = $4 WHERE id IN (SELECT id FROM media WHERE due_at IS NOT NULL AND due_at <= $1
             ORDER BY due_at LIMIT $2) RETURNING id"
        }
        Dialect::Postgres => {
            "UPDATE media SET due_at = $3, taken_by = $4 WHERE id IN (SELECT id FROM media WHERE due_at IS NOT NULL AND due_at <= $1
             ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id"
        }
    };
    let taken = tx.returning(take, params![now, limit, again_at, by])?;
    let mut due = Vec::with_capacity(taken.len());
    for row in taken {
        let row = tx.query_one(
            "SELECT f.id, f.message_id, k.channel_id, f.line_message_id, m.message_type, f.attempts, f.created_at
             FROM media f JOIN messages m ON m.id = f.message_id JOIN contacts k ON k.id = m.conversation_id
             WHERE f.id = $1",
            params![row.get::<&str>(0)?],
        )?;
        due.push(DueMedia {
            id: row.get(0)?,
            message: row.get(1)?,
            channel: ChannelId(row.get(2)?),
            line_message_id: row.get(3)?,
            message_type: row.parse(4)?,
            attempts: row.get(5)?,
            created_at: row.get(6)?,
        });
    }
    Ok(due)
}

/// Writes down how a try ended. False when nobody waits for the file any more, because the customer withdrew it: then its
/// objects are to be deleted.
pub fn save(tx: &mut Tx<'_>, id: &str, fetched: &Fetched, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT m.conversation_id, m.id FROM media f JOIN messages m ON m.id = f.message_id WHERE f.id = $1";
    let Some(row) = tx.query_opt(sql, params![id])? else { return Ok(false) };
    let (conversation, message) = (row.get(0)?, row.get(1)?);
    conversations::hold(tx, conversation)?;
    let sql = "SELECT state, code FROM media WHERE id = $1";
    let Some(row) = tx.query_opt(sql, params![id])? else { return Ok(false) };
    if row.parse::<MediaState>(0)? == MediaState::Ready {
        // Another worker was faster; what it wrote is the same.
        return Ok(true);
    }
    let told = row.parse_opt::<ErrorCode>(1)?;
    let is_news = match fetched {
        Fetched::Ready(facts) => {
            tx.execute(
                "UPDATE media SET state = 'ready', content_type = $2, size_bytes = $3, width = $4, height = $5,
                 duration_ms = coalesce($6, duration_ms), has_preview = $7, code = NULL, due_at = NULL WHERE id = $1",
                params![
                    id,
                    &facts.content_type,
                    facts.size_bytes,
                    facts.width,
                    facts.height,
                    facts.duration_ms,
                    facts.has_preview
                ],
            )?;
            true
        }
        Fetched::Gone => {
            tx.execute("UPDATE media SET state = 'gone', code = NULL, due_at = NULL WHERE id = $1", params![id])?;
            true
        }
        Fetched::Failed(code) => {
            tx.execute(
                "UPDATE media SET state = 'failed', code = $2, due_at = NULL WHERE id = $1",
                params![id, code.as_str()],
            )?;
            true
        }
        Fetched::Later { at, code } => {
            tx.execute(
                "UPDATE media SET due_at = $2, taken_by = NULL, code = $3, attempts = attempts + 1 WHERE id = $1",
                params![id, *at, code.map(ErrorCode::as_str)],
            )?;
            *code != told
        }
    };
    if is_news {
        emit(tx, EventKind::MessageUpdated, conversation, message, None, now);
    }
    Ok(true)
}

/// Why a file is not fetched again.
#[derive(Debug, thiserror::Error)]
pub enum RefetchError {
    #[error("there is no such message with a file of LINE's")]
    NotFound,
    #[error("the file is {}", state.as_str())]
    WrongState { state: MediaState },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tries a file again that could not be fetched, or waits to be. Gives the message's conversation.
pub fn fetch_again(tx: &mut Tx<'_>, message: MessageId, now: Timestamp) -> Result<ConversationId, RefetchError> {
    let sql = "SELECT m.conversation_id FROM media f JOIN messages m ON m.id = f.message_id
               WHERE m.id = $1 AND f.line_message_id IS NOT NULL";
    let row = tx.query_opt(sql, params![message])?.ok_or(RefetchError::NotFound)?;
    let conversation = row.get(0)?;
    conversations::hold(tx, conversation)?;
    let row = tx.query_opt("SELECT state, code FROM media WHERE message_id = $1", params![message])?;
    let row = row.ok_or(RefetchError::NotFound)?;
    match row.parse(0)? {
        MediaState::Failed => {}
        // It waits for a better moment: this is one. Without a code it is being fetched.
        MediaState::Fetching if row.get::<Option<&str>>(1)?.is_some() => {}
        MediaState::Fetching => return Ok(conversation),
        state => return Err(RefetchError::WrongState { state }),
    }
    tx.execute(
        "UPDATE media SET state = 'fetching', code = NULL, attempts = 0, due_at = $2, created_at = $2 WHERE message_id = $1",
        params![message, now],
    )?;
    tx.wakes.media = true;
    emit(tx, EventKind::MessageUpdated, conversation, message, None, now);
    Ok(conversation)
}

/// A file that can be served, or could not yet be.
pub fn find(tx: &mut impl Query, id: &str) -> Result<Option<StoredFile>, StoreError> {
    let row = tx.query_opt(
        "SELECT m.conversation_id, f.state, coalesce(f.content_type, ''), coalesce(f.size_bytes, 0), f.file_name,
         f.has_preview
         FROM media f JOIN messages m ON m.id = f.message_id WHERE f.id = $1",
        params![id],
    )?;
    let read = |row: Row| {
        Ok(StoredFile {
            conversation: row.get(0)?,
            state: row.parse(1)?,
            content_type: row.get(2)?,
            size_bytes: row.get(3)?,
            file_name: row.get(4)?,
            has_preview: row.get(5)?,
        })
    };
    row.map(read).transpose()
}

/// Forgets the file of a message that was withdrawn; its objects are deleted, at once and once more when nobody can be
/// writing them any longer (WH6).
pub(crate) fn erase(tx: &mut Tx<'_>, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
    let rows = tx.returning("DELETE FROM media WHERE message_id = $1 RETURNING id", params![message])?;
    for row in &rows {
        discard(tx, row.get(0)?, now, now)?;
    }
    Ok(())
}

/// Says before the first byte is written that an upload's objects belong to no message yet.
pub fn begin_upload(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(), StoreError> {
    discard(tx, id, Timestamp(now.0 + WRITTEN_WITHIN_MS), now)
}

/// An upload came to nothing: its objects go soon.
pub fn abandon_upload(tx: &mut Tx<'_>, id: &str, now: Timestamp) -> Result<(), StoreError> {
    if tx.execute("UPDATE media_trash SET due_at = $2 WHERE id = $1", params![id, now])? > 0 {
        tx.wakes.media = true;
    }
    Ok(())
}

/// Makes an upload a message's file. False when the trash has taken it meanwhile.
pub(crate) fn adopt(tx: &mut Tx<'_>, message: MessageId, upload: &Upload, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "DELETE FROM media_trash WHERE id = $1 AND due_at > $2";
    if tx.execute(sql, params![&upload.id, now])? == 0 {
        return Ok(false);
    }
    let facts = &upload.facts;
    tx.execute(
        "INSERT INTO media (id, message_id, state, content_type, size_bytes, file_name, width, height, duration_ms,
         has_preview, created_at, link_expires_at) VALUES ($1, $2, 'ready', $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            &upload.id,
            message,
            &facts.content_type,
            facts.size_bytes,
            upload.file_name.as_deref(),
            facts.width,
            facts.height,
            facts.duration_ms,
            facts.has_preview,
            now,
            upload.link_expires_at
        ],
    )?;
    Ok(true)
}

/// The link to a sent file works until then.
pub(crate) fn renew_link(tx: &mut Tx<'_>, message: MessageId, until: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE media SET link_expires_at = $2 WHERE message_id = $1 AND link_expires_at IS NOT NULL";
    tx.execute(sql, params![message, until]).map(drop)
}

fn discard(tx: &mut Tx<'_>, id: &str, due_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    let until = now.0 + WRITTEN_WITHIN_MS;
    tx.execute(
        "INSERT INTO media_trash (id, due_at, until) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
        params![id, due_at, until],
    )?;
    tx.wakes.media = true;
    Ok(())
}

/// Ids whose objects are to be deleted now.
pub fn list_trash(tx: &mut impl Query, now: Timestamp, limit: i64) -> Result<Vec<String>, StoreError> {
    let rows =
        tx.query("SELECT id FROM media_trash WHERE due_at <= $1 ORDER BY due_at LIMIT $2", params![now, limit])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The objects of these ids were deleted at `now`. Those that somebody may still be writing are looked at once more.
pub fn trash_emptied(tx: &mut Tx<'_>, ids: &[String], now: Timestamp) -> Result<(), StoreError> {
    for id in ids {
        tx.execute("DELETE FROM media_trash WHERE id = $1 AND until <= $2", params![id, now])?;
        tx.execute("UPDATE media_trash SET due_at = until WHERE id = $1", params![id])?;
    }
    Ok(())
}

/// These could not be deleted yet.
pub fn put_off_trash(tx: &mut Tx<'_>, ids: &[String], again_at: Timestamp) -> Result<(), StoreError> {
    for id in ids {
        tx.execute("UPDATE media_trash SET due_at = $2 WHERE id = $1", params![id, again_at])?;
    }
    Ok(())
}

/// Reads a message's file from the columns that `message_sql!` has for it; `at` is the first of them.
pub(super) fn read(row: &Row, at: usize) -> Result<Option<Media>, StoreError> {
    let Some(id) = row.get::<Option<String>>(at)? else { return Ok(None) };
    Ok(Some(Media {
        id,
        state: row.parse(at + 1)?,
        content_type: row.get(at + 2)?,
        size_bytes: row.get(at + 3)?,
        file_name: row.get(at + 4)?,
        width: row.get(at + 5)?,
        height: row.get(at + 6)?,
        duration_ms: row.get(at + 7)?,
        has_preview: row.get(at + 8)?,
        code: row.parse_opt(at + 9)?,
        link_expires_at: row.get(at + 10)?,
    }))
}
