//! Who is in a group or room: those whom LINE named, for it lists nobody to us.

use linedesk_protocol::rest::{Member, MemberList};
use linedesk_protocol::{ConversationId, MessageId, SourceType, Timestamp};

use super::channels::ChannelId;
use super::messages::emit;
use crate::engine::{Dialect, params};
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::tx::{Query, Tx};

/// Messages that are told anew when their author's name becomes known.
const RENAMED: i64 = 20;

/// A member whose name is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMember {
    pub conversation: ConversationId,
    pub channel: ChannelId,
    pub chat_id: String,
    pub source_type: SourceType,
    pub line_user_id: String,
    pub attempts: i64,
}

/// Notes that somebody is there.
pub(crate) fn came(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    line_user_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = tx.query_opt(
        "SELECT has_left FROM members WHERE conversation_id = $1 AND line_user_id = $2",
        params![conversation, line_user_id],
    )?;
    match known {
        Some(row) if !row.get::<bool>(0)? => return Ok(()),
        Some(_) => {
            let is_nameless = tx.execute(
                "UPDATE members SET has_left = FALSE, profile_due_at = CASE WHEN display_name IS NULL THEN $3 ELSE profile_due_at END
                 WHERE conversation_id = $1 AND line_user_id = $2",
                params![conversation, line_user_id, now],
            )? > 0;
            tx.wakes.profiles |= is_nameless;
        }
        None => {
            tx.execute(
                "INSERT INTO members (conversation_id, line_user_id, profile_due_at) VALUES ($1, $2, $3)
                 ON CONFLICT (conversation_id, line_user_id) DO NOTHING",
                params![conversation, line_user_id, now],
            )?;
            tx.wakes.profiles = true;
        }
    }
    Ok(())
}

/// Notes that somebody went.
pub(crate) fn went(tx: &mut Tx<'_>, conversation: ConversationId, line_user_id: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO members (conversation_id, line_user_id, has_left) VALUES ($1, $2, TRUE)
         ON CONFLICT (conversation_id, line_user_id) DO UPDATE SET has_left = TRUE, profile_due_at = NULL",
        params![conversation, line_user_id],
    )
    .map(drop)
}

/// Whether any name is due.
pub fn has_due(tx: &mut impl Query, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM members WHERE profile_due_at IS NOT NULL AND profile_due_at <= $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![now])?.is_some())
}

/// Takes members whose names are due, for the node `by`. They are due again at `again_at`, or when it is dead.
pub fn take_due(
    tx: &mut Tx<'_>,
    by: &str,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<DueMember>, StoreError> {
    let due = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT conversation_id, line_user_id FROM members WHERE profile_due_at IS NOT NULL AND profile_due_at <= $1
             ORDER BY profile_due_at LIMIT $2"
        }
        Dialect::Postgres => {
            "SELECT conversation_id, line_user_id FROM members WHERE profile_due_at IS NOT NULL AND profile_due_at <= $1
             ORDER BY profile_due_at LIMIT $2 FOR UPDATE SKIP LOCKED"
        }
    };
    let mut taken = Vec::new();
    for row in tx.query(due, params![now, limit])? {
        let (conversation, line_user_id): (ConversationId, String) = (row.get(0)?, row.get(1)?);
        tx.execute(
            "UPDATE members SET profile_due_at = $3, profile_taken_by = $4 WHERE conversation_id = $1 AND line_user_id = $2",
            params![conversation, &line_user_id, again_at, by],
        )?;
        let row = tx.query_one(
            "SELECT k.channel_id, k.chat_id, k.source_type, m.profile_attempts FROM members m
             JOIN contacts k ON k.id = m.conversation_id WHERE m.conversation_id = $1 AND m.line_user_id = $2",
            params![conversation, &line_user_id],
        )?;
        taken.push(DueMember {
            conversation,
            channel: ChannelId(row.get(0)?),
            chat_id: row.get(1)?,
            source_type: row.parse(2)?,
            line_user_id,
            attempts: row.get(3)?,
        });
    }
    Ok(taken)
}

/// Keeps a member's name; what they said lately is told anew with it. None: LINE does not tell it.
pub fn save_name(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    line_user_id: &str,
    display_name: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_news = tx.execute(
        "UPDATE members SET display_name = $3 WHERE conversation_id = $1 AND line_user_id = $2
         AND $3 IS NOT NULL AND coalesce(display_name, '') <> $3",
        params![conversation, line_user_id, display_name],
    )? > 0;
    tx.execute(
        "UPDATE members SET profile_due_at = NULL, profile_taken_by = NULL, profile_attempts = 0
         WHERE conversation_id = $1 AND line_user_id = $2",
        params![conversation, line_user_id],
    )?;
    if !is_news {
        return Ok(());
    }
    let rows = tx.query(
        "SELECT id FROM (SELECT id FROM messages WHERE conversation_id = $1 AND author_id = $2 ORDER BY id DESC LIMIT $3)
         newest ORDER BY id",
        params![conversation, line_user_id, RENAMED],
    )?;
    for row in &rows {
        emit(tx, EventKind::MessageUpdated, conversation, row.get::<MessageId>(0)?, None, now);
    }
    Ok(())
}

/// Asks again later.
pub fn put_off(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    line_user_id: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE members SET profile_due_at = $3, profile_taken_by = NULL, profile_attempts = profile_attempts + 1
         WHERE conversation_id = $1 AND line_user_id = $2",
        params![conversation, line_user_id, at],
    )
    .map(drop)
}

/// Members of a group or room that are known, those who are there first, then by name.
pub fn list(tx: &mut impl Query, conversation: ConversationId) -> Result<MemberList, StoreError> {
    let rows = tx.query(
        "SELECT line_user_id, display_name, has_left FROM members WHERE conversation_id = $1
         ORDER BY has_left, lower(coalesce(display_name, line_user_id)), line_user_id LIMIT 1000",
        params![conversation],
    )?;
    let members = rows
        .iter()
        .map(|row| Ok(Member { line_user_id: row.get(0)?, display_name: row.get(1)?, has_left: row.get(2)? }))
        .collect::<Result<_, StoreError>>()?;
    let count = tx.query_opt("SELECT member_count FROM contacts WHERE id = $1", params![conversation])?;
    Ok(MemberList { members, member_count: count.map_or(Ok(None), |row| row.get(0))? })
}
