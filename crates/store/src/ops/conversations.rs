//! Conversations: summaries, the list, archiving.

use linedesk_core::reach;
use linedesk_protocol::rest::{ListCounts, ListStatus};
use linedesk_protocol::{
    ChatMode, ContactId, ConversationId, FriendStatus, LastMessage, OperatorId, Seq, Session, SessionStatus,
    SourceType, Summary, Tag, Timestamp,
};

use super::channels::{self, ChannelAccess, ChannelId, in_access};
use super::contacts::emit_changed;
use crate::engine::{Param, Row, params};
use crate::error::StoreError;
use crate::tx::{AuditEntry, Origin, Query, Tx};

/// How a request names a conversation (RE `{key}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Id(ConversationId),
    /// The LINE chat id, in the default channel.
    Chat(String),
}

/// Characters of the last message that a summary carries.
const SNIPPET_CHARS: usize = 200;

macro_rules! summary_sql {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, ch.name, k.chat_id, k.source_type, k.display_name, k.picture_url, k.friend_status, c.unread_count, ",
            "c.archived, m.id, substr(m.content, 1, 200), m.message_type, m.direction, m.created_at, s.id, s.status, ",
            "s.operator_id, o.display_name, s.started_at, s.claimed_at, s.closed_at, s.first_response_at, s.closed_by, ",
            "s.transfer_count, s.after_hours, c.last_activity_at, m.sender_role, m.operator_id, m.unsent_at, ",
            "k.member_count, (SELECT max(t.received_at) FROM reply_tokens t WHERE t.conversation_id = c.id) + coalesce(tl.expected_ms, 60000), ",
            "k.is_friend, c.heard_at, k.created_at ",
            "FROM conversations c JOIN contacts k ON k.id = c.id LEFT JOIN token_lives tl ON tl.channel_id = k.channel_id ",
            "JOIN channels ch ON ch.id = k.channel_id LEFT JOIN messages m ON m.id = c.last_message_id ",
            "LEFT JOIN sessions s ON s.id = c.session_id LEFT JOIN operators o ON o.id = s.operator_id ",
            $rest
        )
    };
}

/// The conversation that a key names.
pub fn find(tx: &mut impl Query, key: &Key) -> Result<Option<ConversationId>, StoreError> {
    let row = match key {
        Key::Id(id) => tx.query_opt("SELECT id FROM conversations WHERE id = $1", params![*id])?,
        Key::Chat(chat_id) => tx.query_opt(
            "SELECT c.id FROM contacts k JOIN channels ch ON ch.id = k.channel_id JOIN conversations c ON c.id = k.id
             WHERE ch.name = $1 AND k.chat_id = $2",
            params![channels::DEFAULT, chat_id],
        )?,
    };
    row.map(|row| row.get(0)).transpose()
}

/// The channel that a conversation is in.
pub fn channel_of(tx: &mut impl Query, id: ConversationId) -> Result<Option<ChannelId>, StoreError> {
    let row = tx.query_opt("SELECT channel_id FROM contacts WHERE id = $1", params![id])?;
    row.map(|row| row.get(0).map(ChannelId)).transpose()
}

/// One conversation's summary.
pub fn summary(tx: &mut impl Query, id: ConversationId) -> Result<Option<Summary>, StoreError> {
    Ok(summaries(tx, &[id])?.pop())
}

/// The summaries of some conversations, in no order; unknown ids are left out.
pub fn summaries(tx: &mut impl Query, ids: &[ConversationId]) -> Result<Vec<Summary>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(64) {
        let rows = query_in(
            tx,
            summary_sql!("WHERE c.id IN ($1)"),
            summary_sql!("WHERE c.id IN ($1, $2, $3, $4, $5, $6, $7, $8)"),
            chunk.iter().map(|id| id.0),
        )?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    add_tags(tx, &mut found)?;
    Ok(found)
}

/// Runs a query for ids in groups of eight, or one by one for the rest, so that only two statements are cached.
pub(crate) fn query_in(
    tx: &mut impl Query,
    one: &str,
    eight: &str,
    ids: impl Iterator<Item = i64>,
) -> Result<Vec<Row>, StoreError> {
    let ids: Vec<Param<'_>> = ids.map(Param::Int).collect();
    let mut rows = Vec::with_capacity(ids.len());
    let (groups, rest) = ids.as_chunks::<8>();
    for group in groups {
        rows.append(&mut tx.query(eight, group)?);
    }
    for id in rest {
        rows.append(&mut tx.query(one, &[*id])?);
    }
    Ok(rows)
}

fn add_tags(tx: &mut impl Query, summaries: &mut [Summary]) -> Result<(), StoreError> {
    if tx.query_opt("SELECT 1 FROM conversation_tags LIMIT 1", &[])?.is_none() {
        return Ok(());
    }
    for summary in summaries {
        let rows = tx.query(
            "SELECT t.id, t.name, t.color FROM conversation_tags ct JOIN tags t ON t.id = ct.tag_id
             WHERE ct.conversation_id = $1 ORDER BY t.name",
            params![summary.id],
        )?;
        for row in &rows {
            summary.tags.push(Tag { id: row.get(0)?, name: row.get(1)?, color: row.get(2)? });
        }
    }
    Ok(())
}

fn read(row: &Row) -> Result<Summary, StoreError> {
    let session = read_session(row, 14)?;
    let last_message = match row.get(9)? {
        Some(id) => Some(LastMessage {
            id,
            content: linedesk_core::text::snippet(row.get(10)?, SNIPPET_CHARS).into_owned(),
            message_type: row.parse(11)?,
            direction: row.parse(12)?,
            created_at: row.get(13)?,
            sender_role: row.parse(26)?,
            operator_id: row.get(27)?,
            unsent_at: row.get(28)?,
        }),
        None => None,
    };
    let (source_type, friend_status) = (row.parse(3)?, row.parse(6)?);
    let known = reach::Known {
        source_type,
        friend_status,
        is_friend: row.get(31)?,
        heard_ms: row.get(32)?,
        since_ms: row.get(33)?,
    };
    Ok(Summary {
        id: row.get(0)?,
        channel: row.get(1)?,
        line_user_id: row.get(2)?,
        source_type,
        display_name: row.get(4)?,
        picture_url: row.get(5)?,
        friend_status,
        // SE2: HUMAN exactly while a session is open.
        chat_mode: if session.is_some() { ChatMode::Human } else { ChatMode::Bot },
        session,
        last_message,
        unread_count: row.get(7)?,
        tags: Vec::new(),
        archived: row.get(8)?,
        member_count: row.get(29)?,
        free_until: row.get(30)?,
        reach_until: reach::reach_until_ms(&known).map(Timestamp),
    })
}

/// A session from eleven columns, beginning with its id; none where that is null.
pub(crate) fn read_session(row: &Row, at: usize) -> Result<Option<Session>, StoreError> {
    let Some(id) = row.get(at)? else { return Ok(None) };
    Ok(Some(Session {
        id,
        status: row.parse(at + 1)?,
        operator_id: row.get(at + 2)?,
        operator_name: row.get(at + 3)?,
        started_at: row.get(at + 4)?,
        claimed_at: row.get(at + 5)?,
        closed_at: row.get(at + 6)?,
        first_response_at: row.get(at + 7)?,
        closed_by: row.parse_opt(at + 8)?,
        transfer_count: row.get(at + 9)?,
        after_hours: row.get(at + 10)?,
    }))
}

/// Where a page of the list ends: the next one begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub last_activity_ms: i64,
    pub id: i64,
}

impl Cursor {
    const START: Self = Self { last_activity_ms: i64::MAX, id: i64::MAX };
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.last_activity_ms, self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        Ok(Self { last_activity_ms: at.parse().map_err(drop)?, id: id.parse().map_err(drop)? })
    }
}

/// What a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: ListStatus,
    /// Whose are `mine`.
    pub operator: Option<OperatorId>,
    /// Part of the contact's name, or the whole chat id. Finds archived conversations too.
    pub text: Option<String>,
    /// A tag's name.
    pub tag: Option<String>,
    /// What whoever asks may see.
    pub channels: ChannelAccess,
}

/// A page of the list, and the counts beside it, all of one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub conversations: Vec<Summary>,
    pub next_cursor: Option<Cursor>,
    pub total: i64,
    pub counts: ListCounts,
    pub seq: Seq,
}

/// Conversations by newest activity. Keyset pages: page 1,000 costs what page 1 costs.
pub fn list(tx: &mut impl Query, filter: &Filter, cursor: Option<Cursor>, limit: u32) -> Result<Page, StoreError> {
    let cursor = cursor.unwrap_or(Cursor::START);
    // One row more than asked tells whether there is a next page.
    let limit_rows = i64::from(limit) + 1;
    let (at, id) = (cursor.last_activity_ms, cursor.id);
    let plain = filter.text.is_none() && filter.tag.is_none() && filter.channels == ChannelAccess::All;
    let rows = if plain {
        list_plain(tx, filter, at, id, limit_rows)?
    } else {
        list_filtered(tx, filter, at, id, limit_rows)?
    };
    let shown = rows.len().min(limit as usize);
    let mut conversations = rows[..shown].iter().map(read).collect::<Result<Vec<_>, _>>()?;
    add_tags(tx, &mut conversations)?;
    let next_cursor = match rows.get(shown).and(rows[..shown].last()) {
        Some(last) => Some(Cursor { last_activity_ms: last.get(25)?, id: last.get(0)? }),
        None => None,
    };
    let desk = tx.query_one("SELECT seq, listed, with_history FROM desk", &[])?;
    let (listed, with_history): (i64, i64) = (desk.get(1)?, desk.get(2)?);
    let count_open = "SELECT count(*) FROM conversations WHERE session_status = $1";
    let waiting: i64 = tx.query_one(count_open, params![SessionStatus::Waiting.as_str()])?.get(0)?;
    let active: i64 = tx.query_one(count_open, params![SessionStatus::Active.as_str()])?.get(0)?;
    let mine =
        tx.query_one("SELECT count(*) FROM conversations WHERE owner_id = $1", params![filter.operator])?.get(0)?;
    let counts = ListCounts {
        all: listed,
        waiting,
        active,
        mine,
        bot: listed - waiting - active,
        closed: with_history - waiting - active,
    };
    let counts = if filter.channels == ChannelAccess::All { counts } else { count_seen(tx, filter)? };
    let total = if plain { counts.of(filter.status) } else { count_filtered(tx, filter)? };
    Ok(Page { conversations, next_cursor, total, counts, seq: desk.get(0)? })
}

fn list_plain(tx: &mut impl Query, filter: &Filter, at: i64, id: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
    let by_status = summary_sql!(
        "WHERE c.session_status = $4 AND (c.last_activity_at, c.id) < ($1, $2)
         ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $3"
    );
    match filter.status {
        ListStatus::All => tx.query(
            summary_sql!(
                "WHERE NOT c.archived AND (c.last_activity_at, c.id) < ($1, $2)
                 ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $3"
            ),
            params![at, id, limit],
        ),
        ListStatus::Bot => tx.query(
            summary_sql!(
                "WHERE NOT c.archived AND c.session_status IS NULL AND (c.last_activity_at, c.id) < ($1, $2)
                 ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $3"
            ),
            params![at, id, limit],
        ),
        ListStatus::Closed => tx.query(
            summary_sql!(
                "WHERE c.had_session AND c.session_status IS NULL AND NOT c.archived
                 AND (c.last_activity_at, c.id) < ($1, $2)
                 ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $3"
            ),
            params![at, id, limit],
        ),
        ListStatus::Waiting => tx.query(by_status, params![at, id, limit, SessionStatus::Waiting.as_str()]),
        ListStatus::Active => tx.query(by_status, params![at, id, limit, SessionStatus::Active.as_str()]),
        ListStatus::Mine => tx.query(
            summary_sql!(
                "WHERE c.owner_id = $4 AND (c.last_activity_at, c.id) < ($1, $2)
                 ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $3"
            ),
            params![at, id, limit, filter.operator],
        ),
    }
}

/// One text for every combination: filtered lists are rare, and read what they must.
macro_rules! filtered_where {
    () => {
        "WHERE ($1 <> 'waiting' OR c.session_status = 'WAITING') AND ($1 <> 'active' OR c.session_status = 'ACTIVE')
         AND ($1 <> 'mine' OR c.owner_id = $2) AND ($1 NOT IN ('bot', 'closed') OR c.session_status IS NULL)
         AND ($1 <> 'closed' OR c.had_session)
         AND (NOT c.archived OR $3 <> '')
         AND ($3 = '' OR k.chat_id = $3 OR k.name_key LIKE $4 ESCAPE '!')
         AND ($5 = '' OR EXISTS (SELECT 1 FROM conversation_tags ct JOIN tags t ON t.id = ct.tag_id
                                 WHERE ct.conversation_id = c.id AND t.name = $5)) AND "
    };
}

fn list_filtered(tx: &mut impl Query, filter: &Filter, at: i64, id: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
    let values = FilterValues::of(filter);
    let FilterValues { status, operator, text, folded, tag, channels } = &values;
    tx.query(
        concat!(
            summary_sql!(""),
            filtered_where!(),
            in_access!("k.channel_id", "$6"),
            " AND (c.last_activity_at, c.id) < ($7, $8) ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $9"
        ),
        params![*status, operator, *text, folded, *tag, channels, at, id, limit],
    )
}

fn count_filtered(tx: &mut impl Query, filter: &Filter) -> Result<i64, StoreError> {
    let values = FilterValues::of(filter);
    let FilterValues { status, operator, text, folded, tag, channels } = &values;
    tx.query_one(
        concat!(
            "SELECT count(*) FROM conversations c JOIN contacts k ON k.id = c.id ",
            filtered_where!(),
            in_access!("k.channel_id", "$6")
        ),
        params![*status, operator, *text, folded, *tag, channels],
    )?
    .get(0)
}

/// The counts beside a list of somebody who does not see every channel. They are few, and the desk's counters are of all.
fn count_seen(tx: &mut impl Query, filter: &Filter) -> Result<ListCounts, StoreError> {
    let FilterValues { operator, channels, .. } = FilterValues::of(filter);
    let row = tx.query_one(
        concat!(
            "SELECT count(*), count(*) FILTER (WHERE c.session_status = 'WAITING'),
             count(*) FILTER (WHERE c.session_status = 'ACTIVE'), count(*) FILTER (WHERE c.owner_id = $1),
             count(*) FILTER (WHERE c.session_status IS NULL),
             count(*) FILTER (WHERE c.session_status IS NULL AND c.had_session)
             FROM conversations c JOIN contacts k ON k.id = c.id WHERE NOT c.archived AND ",
            in_access!("k.channel_id", "$2")
        ),
        params![operator, &channels],
    )?;
    Ok(ListCounts {
        all: row.get(0)?,
        waiting: row.get(1)?,
        active: row.get(2)?,
        mine: row.get(3)?,
        bot: row.get(4)?,
        closed: row.get(5)?,
    })
}

/// What [`filtered_where`] is asked with; empty or zero where the filter says nothing.
struct FilterValues<'a> {
    status: &'static str,
    operator: i64,
    text: &'a str,
    /// The pattern of the text in lower case.
    folded: String,
    tag: &'a str,
    channels: String,
}

impl<'a> FilterValues<'a> {
    fn of(filter: &'a Filter) -> Self {
        let status = match filter.status {
            ListStatus::All => "all",
            ListStatus::Waiting => "waiting",
            ListStatus::Active => "active",
            ListStatus::Mine => "mine",
            ListStatus::Bot => "bot",
            ListStatus::Closed => "closed",
        };
        let text = filter.text.as_deref().unwrap_or("");
        Self {
            status,
            operator: filter.operator.map_or(0, |id| id.0),
            text,
            folded: like_pattern(&text.to_lowercase()),
            tag: filter.tag.as_deref().unwrap_or(""),
            channels: filter.channels.as_list(),
        }
    }
}

/// `%text%` with the wildcards inside of it taken literally (`ESCAPE '!'`).
pub(crate) fn like_pattern(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// Who a conversation is with, for whatever acts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) id: ConversationId,
    pub(crate) chat_id: String,
    pub(crate) friend_status: FriendStatus,
    pub(crate) session: Option<(linedesk_protocol::SessionId, linedesk_core::session::Open)>,
    pub(crate) archived: bool,
    pub(crate) had_session: bool,
}

macro_rules! held_sql {
    ($lock:literal) => {
        concat!(
            "SELECT c.id, k.chat_id, k.friend_status, c.session_id, c.session_status, c.owner_id, c.archived, c.had_session ",
            "FROM conversations c JOIN contacts k ON k.id = c.id WHERE c.id = $1",
            $lock
        )
    };
}

/// Reads a conversation and holds its row until the commit: writes to one conversation are ordered by that.
pub(crate) fn hold(tx: &mut Tx<'_>, id: ConversationId) -> Result<Option<Held>, StoreError> {
    let sql = tx.dialect().for_update(held_sql!(""), held_sql!(" FOR UPDATE OF c"));
    tx.query_opt(sql, params![id])?.map(|row| read_held(&row)).transpose()
}

/// As [`hold`], without holding it.
pub(crate) fn look_at(tx: &mut impl Query, id: ConversationId) -> Result<Option<Held>, StoreError> {
    tx.query_opt(held_sql!(""), params![id])?.map(|row| read_held(&row)).transpose()
}

pub(crate) fn read_held(row: &Row) -> Result<Held, StoreError> {
    use linedesk_core::session::Open;
    let session = match (row.get(3)?, row.parse_opt(4)?, row.get(5)?) {
        (Some(id), Some(SessionStatus::Waiting), _) => Some((id, Open::Waiting)),
        (Some(id), Some(SessionStatus::Active), Some(owner)) => Some((id, Open::Active { owner })),
        _ => None,
    };
    Ok(Held {
        id: row.get(0)?,
        chat_id: row.get(1)?,
        friend_status: row.parse(2)?,
        session,
        archived: row.get(6)?,
        had_session: row.get(7)?,
    })
}

/// A conversation that begins.
pub(crate) struct NewConversation<'a> {
    pub(crate) channel: ChannelId,
    pub(crate) chat_id: &'a str,
    pub(crate) source_type: SourceType,
    pub(crate) friend_status: FriendStatus,
}

/// Makes the contact and its conversation; none when another writer just did.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    new: &NewConversation<'_>,
    now: Timestamp,
) -> Result<Option<ConversationId>, StoreError> {
    let id = tx.insert_if_new(
        "INSERT INTO contacts (channel_id, chat_id, source_type, friend_status, profile_due_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (channel_id, chat_id) DO NOTHING",
        params![new.channel.0, new.chat_id, new.source_type.as_str(), new.friend_status.as_str(), now],
    )?;
    let Some(id) = id else { return Ok(None) };
    tx.execute("INSERT INTO conversations (id, last_activity_at, created_at) VALUES ($1, $2, $2)", params![id, now])?;
    tx.counters.listed += 1;
    tx.wakes.profiles = true;
    Ok(Some(ConversationId(id)))
}

/// The conversation with a contact, made if it is new. `chat_id` has been checked by the caller.
pub fn get_or_create(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    chat_id: &str,
    now: Timestamp,
) -> Result<ConversationId, StoreError> {
    let source_type = match chat_id.as_bytes().first() {
        Some(b'C') => SourceType::Group,
        Some(b'R') => SourceType::Room,
        _ => SourceType::User,
    };
    let new = NewConversation { channel, chat_id, source_type, friend_status: FriendStatus::Unknown };
    let sql = "SELECT id FROM contacts WHERE channel_id = $1 AND chat_id = $2";
    if let Some(row) = tx.query_opt(sql, params![channel.0, chat_id])? {
        return row.get(0);
    }
    match create(tx, &new, now)? {
        Some(id) => Ok(id),
        None => tx.query_one(sql, params![channel.0, chat_id])?.get(0),
    }
}

/// Why a conversation was not archived.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("there is no such conversation")]
    NotFound,
    #[error("a session is open in it")]
    SessionOpen,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a conversation out of the lists, or back. A new message of the contact brings it back by itself.
pub fn set_archived(
    tx: &mut Tx<'_>,
    id: ConversationId,
    archived: bool,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), ArchiveError> {
    let held = hold(tx, id)?.ok_or(ArchiveError::NotFound)?;
    if held.archived == archived {
        return Ok(());
    }
    if archived && held.session.is_some() {
        return Err(ArchiveError::SessionOpen);
    }
    tx.execute("UPDATE conversations SET archived = $2 WHERE id = $1", params![id, archived])?;
    let sign = if archived { -1 } else { 1 };
    tx.counters.listed += sign;
    tx.counters.with_history += if held.had_session { sign } else { 0 };
    let action = if archived { "conversation_archived" } else { "conversation_unarchived" };
    tx.audit(now, origin, &AuditEntry { action, conversation: Some(id), ..AuditEntry::default() })?;
    emit_changed(tx, id, now);
    Ok(())
}

/// The contact of a conversation: they share their id.
pub const fn contact_of(id: ConversationId) -> ContactId {
    ContactId(id.0)
}
