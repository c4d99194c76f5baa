//! Marking conversations as read in LINE: the newest token of each, and when it is to be used.

use linedesk_protocol::{ConversationId, MessageId, Timestamp};

use super::channels::ChannelId;
use crate::engine::{Dialect, params};
use crate::error::StoreError;
use crate::tx::{Query, Tx};

/// A token that is to be used now. Marking a message marks all before it (LINE doc), so the newest is enough.
#[derive(Clone, PartialEq, Eq)]
pub struct DueRead {
    pub conversation: ConversationId,
    pub channel: ChannelId,
    pub token: String,
    pub attempts: i64,
}

impl std::fmt::Debug for DueRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueRead").field("conversation", &self.conversation).finish_non_exhaustive()
    }
}

/// Keeps a message's token in place of the one before it.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    token: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO line_reads (conversation_id, token, message_id) VALUES ($1, $2, $3)
         ON CONFLICT (conversation_id) DO UPDATE SET token = $2, message_id = $3, due_at = NULL, attempts = 0",
        params![conversation, token, message],
    )
    .map(drop)
}

/// Everything up to a message is read: what is kept is used, if it lies within.
pub(crate) fn read_up_to(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let due = tx.execute(
        "UPDATE line_reads SET due_at = $3 WHERE conversation_id = $1 AND message_id <= $2 AND due_at IS NULL",
        params![conversation, message, now],
    )?;
    tx.wakes.profiles |= due > 0;
    Ok(())
}

/// Whether any token is due.
pub fn has_due(tx: &mut impl Query, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM line_reads WHERE due_at IS NOT NULL AND due_at <= $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![now])?.is_some())
}

/// Takes tokens that are due, for the node `by`. They are due again at `again_at`, or when it is dead.
pub fn take_due(
    tx: &mut Tx<'_>,
    by: &str,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<DueRead>, StoreError> {
    let take = match tx.dialect() {
        Dialect::Sqlite => {
            "UPDATE line_reads SET due_at = $3, taken_by = $4 WHERE conversation_id IN (SELECT conversation_id FROM line_reads
             WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2) RETURNING conversation_id, token, attempts"
        }
        Dialect::Postgres => {
            "UPDATE line_reads SET due_at = $3, taken_by = $4 WHERE conversation_id IN (SELECT conversation_id FROM line_reads
             WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
             RETURNING conversation_id, token, attempts"
        }
    };
    let mut due = Vec::new();
    for row in tx.returning(take, params![now, limit, again_at, by])? {
        let conversation: ConversationId = row.get(0)?;
        let channel = tx.query_one("SELECT channel_id FROM contacts WHERE id = $1", params![conversation])?;
        due.push(DueRead {
            conversation,
            channel: ChannelId(channel.get(0)?),
            token: row.get(1)?,
            attempts: row.get(2)?,
        });
    }
    Ok(due)
}

/// The token was used, or never can be. A newer one that came meanwhile stays.
pub fn done(tx: &mut Tx<'_>, due: &DueRead) -> Result<(), StoreError> {
    let sql = "DELETE FROM line_reads WHERE conversation_id = $1 AND token = $2";
    tx.execute(sql, params![due.conversation, &due.token]).map(drop)
}

/// LINE did not answer; it is tried again then.
pub fn put_off(tx: &mut Tx<'_>, due: &DueRead, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE line_reads SET due_at = $3, taken_by = NULL, attempts = attempts + 1 WHERE conversation_id = $1 AND token = $2",
        params![due.conversation, &due.token, at],
    )
    .map(drop)
}
