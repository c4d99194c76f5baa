//! Search in messages: FTS5 trigrams on SQLite, `pg_trgm` on PostgreSQL.
//!
//! FTS5 writes a piece of index for each commit and merges the pieces later, so a text alone costs ten times as much as one of
//! many. [`index_waiting`] puts them into the index together, a moment after they came; until then a search reads them.
//!
//! INVARIANT: every text of a message up to `search_progress.indexed_to` is in the index, and none after it.

use linedesk_protocol::{ConversationId, Message, MessageId, Summary};

use super::channels::ChannelAccess;
use super::conversations::{self, like_pattern};
use super::messages::{self, message_sql};
use crate::engine::{Dialect, params};
use crate::error::StoreError;
use crate::tx::{Query, Tx};

/// The index holds groups of three characters; a shorter query reads the messages themselves.
const INDEXED_CHARS: usize = 3;

/// Messages that are put into the index in one operation: others wait for it.
const INDEXED_AT_ONCE: i64 = 256;

/// A message's text is to be put into the index.
pub(crate) fn wake(tx: &mut Tx<'_>, content: &str) {
    tx.wakes.texts |= tx.dialect() == Dialect::Sqlite && !content.is_empty();
}

/// Puts the oldest texts that are not in it into the index; tells whether there may be more.
pub fn index_waiting(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    if tx.dialect() != Dialect::Sqlite {
        return Ok(false);
    }
    let first = indexed_to(tx)?;
    let row = tx.query_one(
        "SELECT max(id), count(*) FROM (SELECT id FROM messages WHERE id > $1 ORDER BY id LIMIT $2)",
        params![first, INDEXED_AT_ONCE],
    )?;
    let (Some(last), count) = (row.get::<Option<i64>>(0)?, row.get::<i64>(1)?) else { return Ok(false) };
    tx.execute(
        "INSERT INTO message_search (rowid, content)
         SELECT id, content FROM messages WHERE id > $1 AND id <= $2 AND content <> '' ORDER BY id",
        params![first, last],
    )?;
    tx.execute("UPDATE search_progress SET indexed_to = $1", params![last])?;
    Ok(count == INDEXED_AT_ONCE)
}

/// The texts of messages up to this one are in the index.
fn indexed_to(tx: &mut impl Query) -> Result<i64, StoreError> {
    tx.query_one("SELECT indexed_to FROM search_progress", &[])?.get(0)
}

/// Takes a message's text out of the index (WH6).
pub(crate) fn forget(tx: &mut Tx<'_>, id: MessageId) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Sqlite {
        tx.execute("DELETE FROM message_search WHERE rowid = $1", params![id])?;
    }
    Ok(())
}

/// A page of what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hits {
    pub hits: Vec<(Message, Summary)>,
    /// The next page begins before this message.
    pub next: Option<MessageId>,
}

/// Messages that contain a text, newest first: after `before` in that order, in one conversation or in all that somebody
/// sees.
pub fn search(
    tx: &mut impl Query,
    text: &str,
    conversation: Option<ConversationId>,
    channels: &ChannelAccess,
    before: Option<MessageId>,
    limit: u32,
) -> Result<Hits, StoreError> {
    let before = before.map_or(i64::MAX, |id| id.0);
    let rows_wanted = i64::from(limit) + 1;
    let only = conversation.map_or(0, |id| id.0);
    let seen = channels.as_list();
    let like = like_pattern(text);
    let rows = match tx.dialect() {
        // SQLite would take the text to end there.
        Dialect::Sqlite if text.contains('\0') => Vec::new(),
        Dialect::Sqlite => {
            let is_indexed = text.chars().count() >= INDEXED_CHARS;
            let indexed_to = if is_indexed { indexed_to(tx)? } else { 0 };
            let mut rows = tx.query(
                message_sql!(
                    "WHERE m.content LIKE $1 ESCAPE '!' AND m.id < $2 AND m.id > $6 AND ($3 = 0 OR m.conversation_id = $3)
                     AND ($5 = '' OR EXISTS (SELECT 1 FROM contacts seen
                      WHERE seen.id = m.conversation_id AND $5 LIKE '%,' || seen.channel_id || ',%')) ORDER BY m.id DESC LIMIT $4"
                ),
                params![&like, before, only, rows_wanted, &seen, indexed_to],
            )?;
            let left = rows_wanted - i64::try_from(rows.len()).unwrap_or(0);
            if is_indexed && left > 0 {
                let phrase = format!("\"{}\"", text.replace('"', "\"\""));
                // The index is read from its end, and no further than is wanted.
                rows.extend(tx.query(
                    message_sql!(
                        "WHERE m.id IN (SELECT s.rowid FROM message_search s CROSS JOIN messages f ON f.id = s.rowid
                          WHERE s.message_search MATCH $1 AND s.rowid < $2 AND ($3 = 0 OR f.conversation_id = $3)
                          AND ($5 = '' OR EXISTS (SELECT 1 FROM contacts seen
                           WHERE seen.id = f.conversation_id AND $5 LIKE '%,' || seen.channel_id || ',%'))
                          ORDER BY s.rowid DESC LIMIT $4) ORDER BY m.id DESC"
                    ),
                    params![&phrase, before, only, left, &seen],
                )?);
            }
            rows
        }
        Dialect::Postgres => tx.query(
            message_sql!(
                "WHERE m.content ILIKE $1 ESCAPE '!' AND m.id < $2 AND ($3 = 0 OR m.conversation_id = $3)
                 AND ($5 = '' OR EXISTS (SELECT 1 FROM contacts seen
                      WHERE seen.id = m.conversation_id AND $5 LIKE '%,' || seen.channel_id || ',%')) ORDER BY m.id DESC LIMIT $4"
            ),
            params![&like, before, only, rows_wanted, &seen],
        )?,
    };
    let found = rows.iter().take(limit as usize).map(messages::read).collect::<Result<Vec<_>, _>>()?;
    let next = if rows.len() > limit as usize { found.last().map(|message| message.id) } else { None };
    let ids: std::collections::BTreeSet<_> = found.iter().map(|message| message.conversation_id).collect();
    let summaries = conversations::summaries(tx, &ids.into_iter().collect::<Vec<_>>())?;
    let hits = found
        .into_iter()
        .filter_map(|message| {
            let summary = summaries.iter().find(|summary| summary.id == message.conversation_id)?.clone();
            Some((message, summary))
        })
        .collect();
    Ok(Hits { hits, next })
}
