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
    let row = tx.query_one(
        "SELECT max(id), count(*) FROM (SELECT id FROM messages WHERE id > (SELECT indexed_to FROM search_progress)
         ORDER BY id LIMIT $1)",
        params![INDEXED_AT_ONCE],
    )?;
    let (Some(last), count) = (row.get::<Option<i64>>(0)?, row.get::<i64>(1)?) else { return Ok(false) };
    tx.execute(
        "INSERT INTO message_search (rowid, content) SELECT id, content FROM messages
         WHERE id > (SELECT indexed_to FROM search_progress) AND id <= $1 AND content <> '' ORDER BY id",
        params![last],
    )?;
    tx.execute("UPDATE search_progress SET indexed_to = $1", params![last])?;
    Ok(count == INDEXED_AT_ONCE)
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
    let rows = match tx.dialect() {
        // SQLite would take the text to end there.
        Dialect::Sqlite if text.contains('\0') => Vec::new(),
        Dialect::Sqlite if text.chars().count() >= INDEXED_CHARS => {
            let phrase = format!("\"{}\"", text.replace('"', "\"\""));
            tx.query(
                message_sql!(
                    "WHERE m.id IN (SELECT rowid FROM message_search WHERE message_search MATCH $1 AND rowid < $2 UNION ALL
                      SELECT id FROM messages WHERE id > (SELECT indexed_to FROM search_progress) AND id < $2
                      AND content LIKE $6 ESCAPE '!')
                     AND ($3 = 0 OR m.conversation_id = $3) AND ($5 = '' OR EXISTS (SELECT 1 FROM contacts seen
                      WHERE seen.id = m.conversation_id AND $5 LIKE '%,' || seen.channel_id || ',%')) ORDER BY m.id DESC LIMIT $4"
                ),
                params![&phrase, before, only, rows_wanted, &seen, &like_pattern(text)],
            )?
        }
        Dialect::Sqlite => tx.query(
            message_sql!(
                "WHERE m.content LIKE $1 ESCAPE '!' AND m.id < $2 AND ($3 = 0 OR m.conversation_id = $3)
                 AND ($5 = '' OR EXISTS (SELECT 1 FROM contacts seen
                      WHERE seen.id = m.conversation_id AND $5 LIKE '%,' || seen.channel_id || ',%')) ORDER BY m.id DESC LIMIT $4"
            ),
            params![&like_pattern(text), before, only, rows_wanted, &seen],
        )?,
        Dialect::Postgres => tx.query(
            message_sql!(
                "WHERE m.content ILIKE $1 ESCAPE '!' AND m.id < $2 AND ($3 = 0 OR m.conversation_id = $3)
                 AND ($5 = '' OR EXISTS (SELECT 1 FROM contacts seen
                      WHERE seen.id = m.conversation_id AND $5 LIKE '%,' || seen.channel_id || ',%')) ORDER BY m.id DESC LIMIT $4"
            ),
            params![&like_pattern(text), before, only, rows_wanted, &seen],
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
