//! Contacts: who is on the other side, and fetching their profiles from LINE.

use linedesk_protocol::rest::{ContactCard, Elsewhere};
use linedesk_protocol::{ContactId, ConversationId, FriendStatus, SourceType, Timestamp};

use super::channels::ChannelId;
use super::conversations;
use super::messages::{self, message_sql};
use crate::engine::{Dialect, params};
use crate::error::StoreError;
use crate::feed::{EventKind, NewEvent};
use crate::tx::{Query, Tx};

/// A contact whose profile is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueProfile {
    pub contact: ContactId,
    pub channel: ChannelId,
    pub chat_id: String,
    pub source_type: SourceType,
    /// Tries before this one.
    pub attempts: i64,
}

/// What LINE said about a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    Known {
        display_name: String,
        picture_url: Option<String>,
        /// BCP 47; LINE tells it of some users only.
        language: Option<String>,
    },
    /// LINE does not tell (404): blocked, or never wrote.
    Hidden,
    /// LINE did not answer; ask again then.
    Later(Timestamp),
}

/// Whether any profile is due: looked at before taking, so that an idle desk writes nothing.
pub fn has_due(tx: &mut impl Query, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM contacts WHERE profile_due_at IS NOT NULL AND profile_due_at <= $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![now])?.is_some())
}

/// Takes profiles that are due, for the node `by`. They are due again at `again_at`, or when it is dead.
pub fn take_due(
    tx: &mut Tx<'_>,
    by: &str,
    now: Timestamp,
    again_at: Timestamp,
    limit: i64,
) -> Result<Vec<DueProfile>, StoreError> {
    let take = match tx.dialect() {
        Dialect::Sqlite => {
            "UPDATE contacts SET profile_due_at = $3, profile_taken_by = $4 WHERE id IN (SELECT id FROM contacts WHERE profile_due_at IS NOT NULL AND
             profile_due_at <= $1 ORDER BY profile_due_at LIMIT $2)
             RETURNING id, channel_id, chat_id, source_type, profile_attempts"
        }
        Dialect::Postgres => {
            "UPDATE contacts SET profile_due_at = $3, profile_taken_by = $4 WHERE id IN (SELECT id FROM contacts WHERE profile_due_at IS NOT NULL AND
             profile_due_at <= $1 ORDER BY profile_due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
             RETURNING id, channel_id, chat_id, source_type, profile_attempts"
        }
    };
    let rows = tx.returning(take, params![now, limit, again_at, by])?;
    rows.iter()
        .map(|row| {
            Ok(DueProfile {
                contact: row.get(0)?,
                channel: ChannelId(row.get(1)?),
                chat_id: row.get(2)?,
                source_type: row.parse(3)?,
                attempts: row.get(4)?,
            })
        })
        .collect()
}

/// Keeps what LINE said. A contact's name stays known when LINE later hides it.
pub fn save_profile(tx: &mut Tx<'_>, contact: ContactId, profile: &Profile, now: Timestamp) -> Result<(), StoreError> {
    let changed = match profile {
        Profile::Known { display_name, picture_url, language } => {
            tx.execute(
                "UPDATE contacts SET profile_due_at = NULL, profile_taken_by = NULL, profile_attempts = 0, profile_fetched_at = $3,
                 language = coalesce($2, language) WHERE id = $1",
                params![contact, language.as_deref(), now],
            )?;
            tx.execute(
                "UPDATE contacts SET display_name = $2, name_key = $4, picture_url = $3 WHERE id = $1
                 AND (display_name IS NULL OR display_name <> $2 OR coalesce(picture_url, '') <> coalesce($3, ''))",
                params![contact, display_name, picture_url.as_deref(), &display_name.to_lowercase()],
            )? > 0
        }
        Profile::Hidden => {
            tx.execute(
                "UPDATE contacts SET profile_due_at = NULL, profile_taken_by = NULL, profile_attempts = 0, profile_fetched_at = $2
                 WHERE id = $1",
                params![contact, now],
            )?;
            false
        }
        Profile::Later(at) => {
            tx.execute(
                "UPDATE contacts SET profile_due_at = $2, profile_taken_by = NULL, profile_attempts = profile_attempts + 1
                 WHERE id = $1",
                params![contact, *at],
            )?;
            false
        }
    };
    if changed {
        emit_changed(tx, ConversationId(contact.0), now);
    }
    Ok(())
}

/// What is known of a contact besides the summary: as many sessions and notes as asked for, newest first.
pub fn card(tx: &mut impl Query, id: ConversationId, limit: u32) -> Result<Option<ContactCard>, StoreError> {
    let sql = "SELECT k.language, k.created_at, k.profile_fetched_at, k.chat_id, k.source_type, (SELECT count(*) FROM sessions WHERE conversation_id = k.id),
         (SELECT count(*) FROM messages WHERE conversation_id = k.id AND message_type = 'note')
         FROM contacts k WHERE k.id = $1";
    let Some(row) = tx.query_opt(sql, params![id])? else { return Ok(None) };
    let sessions = tx.query(
        "SELECT s.id, s.status, s.operator_id, o.display_name, s.started_at, s.claimed_at, s.closed_at,
         s.first_response_at, s.closed_by, s.transfer_count, s.after_hours
         FROM sessions s LEFT JOIN operators o ON o.id = s.operator_id
         WHERE s.conversation_id = $1 ORDER BY s.id DESC LIMIT $2",
        params![id, i64::from(limit)],
    )?;
    let sessions = sessions.iter().map(|row| conversations::read_session(row, 0));
    let notes = tx.query(
        message_sql!("WHERE m.conversation_id = $1 AND m.message_type = 'note' ORDER BY m.id DESC LIMIT $2"),
        params![id, i64::from(limit)],
    )?;
    Ok(Some(ContactCard {
        language: row.get(0)?,
        first_seen_at: row.get(1)?,
        profile_fetched_at: row.get(2)?,
        elsewhere: if row.parse::<SourceType>(4)? == SourceType::User {
            elsewhere(tx, id, row.get(3)?)?
        } else {
            Vec::new()
        },
        session_count: row.get(5)?,
        note_count: row.get(6)?,
        sessions: sessions.filter_map(Result::transpose).collect::<Result<_, _>>()?,
        notes: notes.iter().map(messages::read).collect::<Result<_, _>>()?,
    }))
}

/// The same LINE user in other channels.
fn elsewhere(tx: &mut impl Query, id: ConversationId, chat_id: &str) -> Result<Vec<Elsewhere>, StoreError> {
    let rows = tx.query(
        "SELECT c.id, ch.name, k.friend_status, c.last_activity_at, c.session_status FROM channels ch
         JOIN contacts k ON k.channel_id = ch.id AND k.chat_id = $1 JOIN conversations c ON c.id = k.id
         WHERE k.id <> $2 ORDER BY c.last_activity_at DESC, c.id LIMIT 20",
        params![chat_id, id],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Elsewhere {
                conversation_id: row.get(0)?,
                channel: row.get(1)?,
                friend_status: row.parse(2)?,
                last_activity_at: row.get(3)?,
                is_open: row.get::<Option<&str>>(4)?.is_some(),
            })
        })
        .collect()
}

/// How old a profile may be when its owner writes.
const PROFILE_AGE_MS: i64 = 24 * 3_600_000;

/// Asks for a profile anew that is older than a day.
pub(crate) fn refresh_when_old(tx: &mut Tx<'_>, contact: ContactId, now: Timestamp) -> Result<(), StoreError> {
    let sql =
        "SELECT 1 FROM contacts WHERE id = $1 AND profile_due_at IS NULL AND coalesce(profile_fetched_at, 0) < $2";
    if tx.query_opt(sql, params![contact, now.0 - PROFILE_AGE_MS])?.is_some() {
        request_profile(tx, contact, now)?;
    }
    Ok(())
}

/// Keeps how many people LINE counts in a group or room.
pub fn save_member_count(tx: &mut Tx<'_>, contact: ContactId, count: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE contacts SET member_count = $2 WHERE id = $1 AND coalesce(member_count, -1) <> $2";
    if tx.execute(sql, params![contact, count])? > 0 {
        emit_changed(tx, ConversationId(contact.0), now);
    }
    Ok(())
}

/// Asks for a fresh profile.
pub fn request_profile(tx: &mut Tx<'_>, contact: ContactId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE contacts SET profile_due_at = $2, profile_attempts = 0 WHERE id = $1", params![contact, now])?;
    tx.wakes.profiles = true;
    Ok(())
}

/// Notes whether the contact can be reached (WH6 `unfollow`, DL7), and whether it is a friend, where LINE told that. Tells
/// whether that is news.
pub(crate) fn set_friend_status(
    tx: &mut Tx<'_>,
    contact: ContactId,
    status: FriendStatus,
    is_friend: Option<bool>,
) -> Result<bool, StoreError> {
    let sql = "UPDATE contacts SET friend_status = $2, is_friend = coalesce($3, is_friend)
               WHERE id = $1 AND (friend_status <> $2 OR is_friend <> coalesce($3, is_friend))";
    Ok(tx.execute(sql, params![contact, status.as_str(), is_friend])? > 0)
}

/// Tells everybody that a conversation's summary is another one.
pub(crate) fn emit_changed(tx: &mut Tx<'_>, conversation: ConversationId, at: Timestamp) {
    tx.emit(NewEvent {
        at,
        kind: EventKind::ConversationChanged,
        conversation: Some(conversation),
        subject: None,
        socket: None,
        data: None,
    });
}
