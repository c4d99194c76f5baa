//! Messages: reading pages of a thread, sending, notes, retry and cancel.

use linedesk_core::delivery;
use linedesk_core::permission::Staff;
use linedesk_core::session::{self, Open, Refusal};
use linedesk_protocol::{
    Author, ConversationId, Delivery, DeliveryState, Direction, ErrorCode, FriendStatus, Message, MessageId,
    MessageType, SenderRole, SessionId, Timestamp,
};

use super::contacts::emit_changed;
use super::conversations::{self, Held, query_in};
use super::media::{self, Upload};
use super::outbox;
use crate::engine::{Row, params};
use crate::error::StoreError;
use crate::feed::{EventKind, NewEvent};
use crate::tx::{AuditEntry, EventRef, Origin, Query, Tx};

macro_rules! message_sql {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.conversation_id, k.chat_id, m.session_id, m.direction, m.sender_role, m.operator_id, ",
            "o.display_name, m.message_type, m.content, m.payload, m.quoted_message_id, m.created_at, m.unsent_at, ",
            "m.temp_id, d.state, d.cost, d.code, d.error, d.retryable, d.recipients, f.id, f.state, f.content_type, f.size_bytes, ",
            "f.file_name, f.width, f.height, f.duration_ms, f.has_preview, f.code, f.link_expires_at, m.author_id, a.display_name FROM messages m ",
            "JOIN contacts k ON k.id = m.conversation_id LEFT JOIN operators o ON o.id = m.operator_id ",
            "LEFT JOIN deliveries d ON d.message_id = m.id LEFT JOIN media f ON f.message_id = m.id ",
            "LEFT JOIN members a ON a.conversation_id = m.conversation_id AND a.line_user_id = m.author_id ",
            $rest
        )
    };
}
pub(crate) use message_sql;

/// A message by its id.
pub fn find(tx: &mut impl Query, id: MessageId) -> Result<Option<Message>, StoreError> {
    tx.query_opt(message_sql!("WHERE m.id = $1"), params![id])?.map(|row| read(&row)).transpose()
}

/// Some messages, in no order; unknown ids are left out.
pub fn list_by_ids(tx: &mut impl Query, ids: impl Iterator<Item = i64>) -> Result<Vec<Message>, StoreError> {
    let rows = query_in(
        tx,
        message_sql!("WHERE m.id IN ($1)"),
        message_sql!("WHERE m.id IN ($1, $2, $3, $4, $5, $6, $7, $8)"),
        ids,
    )?;
    rows.iter().map(read).collect()
}

pub(crate) fn read(row: &Row) -> Result<Message, StoreError> {
    let payload = match row.get::<Option<&str>>(10)? {
        Some(text) => Some(serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))?),
        None => None,
    };
    Ok(Message {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        line_user_id: row.get(2)?,
        session_id: row.get(3)?,
        direction: row.parse(4)?,
        sender_role: row.parse(5)?,
        operator_id: row.get(6)?,
        operator_name: row.get(7)?,
        message_type: row.parse(8)?,
        content: row.get(9)?,
        payload,
        quoted_message_id: row.get(11)?,
        created_at: row.get(12)?,
        unsent_at: row.get(13)?,
        delivery: read_delivery(row, 15)?,
        temp_id: row.get(14)?,
        media: media::read(row, 21)?,
        author: read_author(row, 32)?,
    })
}

fn read_delivery(row: &Row, at: usize) -> Result<Option<Delivery>, StoreError> {
    let Some(state) = row.parse_opt::<DeliveryState>(at)? else { return Ok(None) };
    let code = row.parse_opt::<ErrorCode>(at + 2)?;
    let error = match (code, row.get::<Option<String>>(at + 3)?) {
        (None, _) => None,
        (Some(_), Some(told)) => Some(told),
        (Some(_), None) => Some(delivery::explain(state, code).to_owned()),
    };
    let retryable = code.is_some().then(|| row.get(at + 4)).transpose()?;
    Ok(Some(Delivery { state, cost: row.parse_opt(at + 1)?, code, error, retryable, recipients: row.get(at + 5)? }))
}

fn read_author(row: &Row, at: usize) -> Result<Option<Author>, StoreError> {
    let Some(line_user_id) = row.get(at)? else { return Ok(None) };
    Ok(Some(Author { line_user_id, display_name: row.get(at + 1)? }))
}

/// Which part of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    Latest,
    Before(MessageId),
    After(MessageId),
    Around(MessageId),
}

/// Messages, oldest first, and whether there are more on either side.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    pub messages: Vec<Message>,
    pub has_more_before: bool,
    pub has_more_after: bool,
}

/// A part of a conversation's thread.
pub fn list(tx: &mut impl Query, conversation: ConversationId, range: Range, limit: u32) -> Result<Thread, StoreError> {
    let limit = limit as usize;
    match range {
        Range::Latest => {
            let (messages, more) = before(tx, conversation, i64::MAX, limit)?;
            Ok(Thread { messages, has_more_before: more, has_more_after: false })
        }
        Range::Before(id) => {
            let (messages, more) = before(tx, conversation, id.0, limit)?;
            let sql = "SELECT 1 FROM messages WHERE conversation_id = $1 AND id >= $2 LIMIT 1";
            let has_more_after = tx.query_opt(sql, params![conversation, id])?.is_some();
            Ok(Thread { messages, has_more_before: more, has_more_after })
        }
        Range::After(id) => {
            let (messages, more) = after(tx, conversation, id.0, limit)?;
            let sql = "SELECT 1 FROM messages WHERE conversation_id = $1 AND id <= $2 LIMIT 1";
            let has_more_before = tx.query_opt(sql, params![conversation, id])?.is_some();
            Ok(Thread { messages, has_more_before, has_more_after: more })
        }
        Range::Around(id) => {
            let (mut messages, more_before) = before(tx, conversation, id.0.saturating_add(1), limit.div_ceil(2))?;
            let (mut later, more_after) = after(tx, conversation, id.0, limit / 2)?;
            messages.append(&mut later);
            Ok(Thread { messages, has_more_before: more_before, has_more_after: more_after })
        }
    }
}

fn before(
    tx: &mut impl Query,
    conversation: ConversationId,
    id: i64,
    limit: usize,
) -> Result<(Vec<Message>, bool), StoreError> {
    let sql = message_sql!("WHERE m.conversation_id = $1 AND m.id < $2 ORDER BY m.id DESC LIMIT $3");
    let (mut messages, more) = page(&tx.query(sql, params![conversation, id, rows_for(limit)])?, limit)?;
    messages.reverse();
    Ok((messages, more))
}

fn after(
    tx: &mut impl Query,
    conversation: ConversationId,
    id: i64,
    limit: usize,
) -> Result<(Vec<Message>, bool), StoreError> {
    let sql = message_sql!("WHERE m.conversation_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3");
    page(&tx.query(sql, params![conversation, id, rows_for(limit)])?, limit)
}

/// The first `limit` rows, and whether there are more.
fn page(rows: &[Row], limit: usize) -> Result<(Vec<Message>, bool), StoreError> {
    Ok((rows.iter().take(limit).map(read).collect::<Result<_, _>>()?, rows.len() > limit))
}

/// One more than asked for, which tells whether there are more.
fn rows_for(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}

/// What an operator wrote, as it is kept. The caller has checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub message_type: MessageType,
    /// The text, or what a list shows instead of one.
    pub content: String,
    /// JSON: the message as LINE takes it, where there is more to it than a text.
    pub payload: Option<String>,
    /// Its objects are written.
    pub file: Option<Upload>,
}

impl Written {
    pub fn text(text: impl Into<String>) -> Self {
        Self { message_type: MessageType::Text, content: text.into(), payload: None, file: None }
    }
}

/// What an operator sends, or keeps as a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub conversation: ConversationId,
    pub by: Staff,
    pub written: Written,
    pub temp_id: Option<String>,
    /// `temp_id`, or a key made for this request: a run after an unclear commit finds what is stored already.
    pub send_key: String,
    pub quote: Option<MessageId>,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("there is no such conversation")]
    ConversationNotFound,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the quoted message is not in this conversation, or cannot be quoted")]
    BadQuote,
    #[error("the upload took so long that it is deleted already")]
    UploadGone,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message that is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub message: Message,
    /// None when the same `temp_id` had been taken before.
    pub event: Option<EventRef>,
}

/// Whether an operator may send into a conversation now; [`send`] looks again.
pub fn may_send(tx: &mut impl Query, conversation: ConversationId, by: Staff) -> Result<(), SendError> {
    let held = conversations::look_at(tx, conversation)?.ok_or(SendError::ConversationNotFound)?;
    Ok(session::may_send(held.session.map(|(_, open)| open), by)?)
}

/// Takes what an operator wrote: message, delivery, events, all or nothing (DL1). The same `temp_id` answers the same message.
pub fn send(tx: &mut Tx<'_>, new: &Draft, origin: &Origin, now: Timestamp) -> Result<Sent, SendError> {
    let held = conversations::hold(tx, new.conversation)?.ok_or(SendError::ConversationNotFound)?;
    if let Some(known) = find_by_send_key(tx, new)? {
        return Ok(Sent { message: known, event: None });
    }
    session::may_send(held.session.map(|(_, open)| open), new.by)?;
    if let Some(quoted) = new.quote {
        let sql = "SELECT 1 FROM messages WHERE id = $1 AND conversation_id = $2 AND quote_token IS NOT NULL AND unsent_at IS NULL";
        tx.query_opt(sql, params![quoted, held.id])?.ok_or(SendError::BadQuote)?;
    }
    let id = insert_written(tx, &held, new, new.written.message_type, now)?;
    if let Some(upload) = &new.written.file {
        let is_adopted = media::adopt(tx, id, upload, now)?;
        is_adopted.then_some(()).ok_or(SendError::UploadGone)?;
    }
    if let Some((session, _)) = held.session {
        tx.execute(
            "UPDATE sessions SET last_activity_at = $2, first_response_at = coalesce(first_response_at, $2) WHERE id = $1",
            params![session, now],
        )?;
    }
    let event = finish_outgoing(tx, &held, id, &new.written.content, origin.socket.clone(), now)?;
    Ok(Sent { message: get(tx, id)?, event: Some(event) })
}

/// A text that linedesk itself sends to the customer, such as the warning before an idle session is closed (SE5).
pub fn send_system(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    text: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(held) = conversations::hold(tx, conversation)? else { return Ok(()) };
    let id = tx.insert(
        "INSERT INTO messages (conversation_id, session_id, direction, sender_role, message_type, content, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            held.id,
            held.session.map(|(id, _)| id),
            Direction::Outgoing.as_str(),
            SenderRole::System.as_str(),
            MessageType::Text.as_str(),
            text,
            now
        ],
    )?;
    finish_outgoing(tx, &held, MessageId(id), text, None, now)?;
    Ok(())
}

fn finish_outgoing(
    tx: &mut Tx<'_>,
    held: &Held,
    id: MessageId,
    text: &str,
    socket: Option<String>,
    now: Timestamp,
) -> Result<EventRef, StoreError> {
    super::search::wake(tx, text);
    // DL7: one who blocked us gets nothing, and the operator is told at once.
    let reachable = held.friend_status != FriendStatus::Unfollowed;
    outbox::put(tx, held.id, id, reachable, now)?;
    tx.execute(
        "UPDATE conversations SET last_message_id = $2, last_activity_at = $3 WHERE id = $1",
        params![held.id, id, now],
    )?;
    let event = emit(tx, EventKind::MessageCreated, held.id, id, socket, now);
    if !reachable {
        emit(tx, EventKind::DeliveryChanged, held.id, id, None, now);
    }
    emit_changed(tx, held.id, now);
    Ok(event)
}

fn find_by_send_key(tx: &mut Tx<'_>, new: &Draft) -> Result<Option<Message>, StoreError> {
    let row = tx.query_opt(
        message_sql!("WHERE m.conversation_id = $1 AND m.operator_id = $2 AND m.send_key = $3"),
        params![new.conversation, new.by.id, &new.send_key],
    )?;
    row.map(|row| read(&row)).transpose()
}

fn get(tx: &mut Tx<'_>, id: MessageId) -> Result<Message, StoreError> {
    find(tx, id)?.ok_or_else(|| StoreError::Corrupt("a message that was just written is missing".to_owned()))
}

pub(crate) fn emit(
    tx: &mut Tx<'_>,
    kind: EventKind,
    conversation: ConversationId,
    message: MessageId,
    socket: Option<String>,
    at: Timestamp,
) -> EventRef {
    tx.emit(NewEvent { at, kind, conversation: Some(conversation), subject: Some(message.0), socket, data: None })
}

/// Writes a note: any staff may, and it never goes to LINE. The same `temp_id` answers the same message.
pub fn write_note(tx: &mut Tx<'_>, new: &Draft, origin: &Origin, now: Timestamp) -> Result<Sent, SendError> {
    let held = conversations::hold(tx, new.conversation)?.ok_or(SendError::ConversationNotFound)?;
    if let Some(known) = find_by_send_key(tx, new)? {
        return Ok(Sent { message: known, event: None });
    }
    let id = insert_written(tx, &held, new, MessageType::Note, now)?;
    super::search::wake(tx, &new.written.content);
    let event = emit(tx, EventKind::MessageCreated, held.id, id, origin.socket.clone(), now);
    Ok(Sent { message: get(tx, id)?, event: Some(event) })
}

fn insert_written(
    tx: &mut Tx<'_>,
    held: &Held,
    new: &Draft,
    message_type: MessageType,
    now: Timestamp,
) -> Result<MessageId, StoreError> {
    tx.insert(
        "INSERT INTO messages (conversation_id, session_id, direction, sender_role, operator_id, message_type, content,
         payload, quoted_message_id, temp_id, send_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            held.id,
            held.session.map(|(id, _)| id),
            Direction::Outgoing.as_str(),
            SenderRole::Admin.as_str(),
            new.by.id,
            message_type.as_str(),
            &new.written.content,
            new.written.payload.as_deref(),
            new.quote,
            new.temp_id.as_deref(),
            &new.send_key,
            now
        ],
    )
    .map(MessageId)
}

/// Why a delivery stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("there is no such message")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the message is {}", state.as_str())]
    WrongState { state: DeliveryState },
    #[error("the customer has blocked the account")]
    Unreachable,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a message that did not go out back into its queue (`retry_message`). Its file's link works anew until `link_until`.
pub fn retry(
    tx: &mut Tx<'_>,
    id: MessageId,
    by: Staff,
    link_until: Timestamp,
    origin: &Origin,
    now: Timestamp,
) -> Result<Sent, DeliveryError> {
    let (held, state, retryable) = hold_delivery(tx, id, by)?;
    if !delivery::may_retry(state, retryable) {
        return Err(DeliveryError::WrongState { state });
    }
    if held.friend_status == FriendStatus::Unfollowed {
        return Err(DeliveryError::Unreachable);
    }
    outbox::requeue(tx, held.id, id, now)?;
    media::renew_link(tx, id, link_until)?;
    finish_delivery_change(tx, &held, id, state, DeliveryState::Queued, EventKind::MessageUpdated, origin, now)
}

/// Takes a message back that is not on its way (`cancel_message`).
pub fn cancel(
    tx: &mut Tx<'_>,
    id: MessageId,
    by: Staff,
    origin: &Origin,
    now: Timestamp,
) -> Result<Sent, DeliveryError> {
    let (held, state, _) = hold_delivery(tx, id, by)?;
    if !delivery::may_cancel(state) {
        return Err(DeliveryError::WrongState { state });
    }
    tx.execute(
        "UPDATE deliveries SET state = $2, code = $3, error = NULL, retryable = FALSE, settled_at = $4 WHERE message_id = $1",
        params![id, DeliveryState::Failed.as_str(), ErrorCode::Conflict.as_str(), now],
    )?;
    finish_delivery_change(tx, &held, id, state, DeliveryState::Failed, EventKind::DeliveryChanged, origin, now)
}

fn hold_delivery(tx: &mut Tx<'_>, id: MessageId, by: Staff) -> Result<(Held, DeliveryState, bool), DeliveryError> {
    let sql = "SELECT conversation_id FROM deliveries WHERE message_id = $1";
    let conversation = tx.query_opt(sql, params![id])?.ok_or(DeliveryError::NotFound)?.get(0)?;
    let held = conversations::hold(tx, conversation)?.ok_or(DeliveryError::NotFound)?;
    session::may_send(held.session.map(|(_, open)| open), by)?;
    let row = tx.query_one("SELECT state, retryable FROM deliveries WHERE message_id = $1", params![id])?;
    Ok((held, row.parse(0)?, row.get(1)?))
}

#[expect(clippy::too_many_arguments, reason = "an audit row says all of it (SE6)")]
fn finish_delivery_change(
    tx: &mut Tx<'_>,
    held: &Held,
    id: MessageId,
    before: DeliveryState,
    after: DeliveryState,
    kind: EventKind,
    origin: &Origin,
    now: Timestamp,
) -> Result<Sent, DeliveryError> {
    let state = |state: DeliveryState| Some(serde_json::json!({"message_id": id, "delivery": state}));
    let action = if after == DeliveryState::Queued { "message_retried" } else { "message_cancelled" };
    let entry = AuditEntry {
        action,
        conversation: Some(held.id),
        session: held.session.map(|(session, _)| session),
        before: state(before),
        after: state(after),
        ..AuditEntry::default()
    };
    tx.audit(now, origin, &entry)?;
    let event = emit(tx, kind, held.id, id, origin.socket.clone(), now);
    Ok(Sent { message: get(tx, id)?, event: Some(event) })
}

/// Something a customer sent, as the webhook told it.
pub(crate) struct Incoming<'a> {
    pub(crate) session: Option<(SessionId, Open)>,
    pub(crate) sender_role: SenderRole,
    /// The member who said it.
    pub(crate) author: Option<&'a str>,
    pub(crate) message_type: MessageType,
    pub(crate) content: &'a str,
    pub(crate) payload: Option<&'a str>,
    pub(crate) line_message_id: Option<&'a str>,
    pub(crate) quote_token: Option<&'a str>,
    pub(crate) quoted_line_message_id: Option<&'a str>,
    pub(crate) webhook_event_row: i64,
    pub(crate) created_at: Timestamp,
}

/// Stores a customer's message.
pub(crate) fn insert_incoming(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    new: &Incoming<'_>,
) -> Result<MessageId, StoreError> {
    let quoted: Option<MessageId> = match new.quoted_line_message_id {
        Some(line_id) => tx
            .query_opt(
                "SELECT id FROM messages WHERE line_message_id = $1 AND conversation_id = $2",
                params![line_id, conversation],
            )?
            .map(|row| row.get(0))
            .transpose()?,
        None => None,
    };
    let id = tx.insert(
        "INSERT INTO messages (conversation_id, session_id, direction, sender_role, message_type, content, payload,
         line_message_id, quote_token, quoted_message_id, quoted_line_message_id, webhook_event_row, created_at, author_id)
         VALUES ($1, $2, 'INCOMING', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params![
            conversation,
            new.session.map(|(id, _)| id),
            new.sender_role.as_str(),
            new.message_type.as_str(),
            new.content,
            new.payload,
            new.line_message_id,
            new.quote_token,
            quoted,
            new.quoted_line_message_id,
            new.webhook_event_row,
            new.created_at,
            new.author
        ],
    )?;
    super::search::wake(tx, new.content);
    Ok(MessageId(id))
}
