//! Webhook events in: each has its effects once (WH2), in the commit that stores it (WH1).

use std::collections::BTreeMap;

use linedesk_protocol::{ConversationId, FriendStatus, MessageId, MessageType, SenderRole, SourceType, Timestamp};

use super::channels::ChannelId;
use super::contacts::{self, emit_changed};
use super::conversations::{self, Held, NewConversation, contact_of, read_held};
use super::media::{self, NewMedia};
use super::messages::{self, Incoming, emit};
use super::sessions::{self, ActError, Command};
use super::{line_reads, members, outbox, search};
use crate::engine::{Dialect, params};
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::tx::{Origin, Query, Tx};

/// One event of a webhook request.
#[derive(Clone, Debug)]
pub struct Event {
    /// LINE's `webhookEventId`; none when the event has none, and then it cannot be told from a copy of it.
    pub webhook_event_id: Option<String>,
    /// LINE's `type`.
    pub kind: String,
    /// The event exactly as it came.
    pub raw: String,
    /// Takes a withdrawn message's content out of an event, and leaves what tells when and where it was (WH6, WH7).
    pub redact: fn(&str) -> String,
    pub occurred_at: Timestamp,
    pub reply_token: Option<String>,
    pub chat: Option<Chat>,
    pub effect: Effect,
    /// What the thread says of it, where it is no message: JSON, the payload of a `system` message.
    pub line: Option<String>,
    /// Who of a group or room did it, where LINE tells.
    pub author: Option<String>,
    pub joined: Vec<String>,
    pub left: Vec<String>,
}

/// Where an event happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    pub source_type: SourceType,
    pub chat_id: String,
}

/// What an event does.
#[derive(Clone, Debug)]
pub enum Effect {
    /// The customer said something.
    Message(NewMessage),
    /// The customer withdrew a message (WH6).
    Unsend { line_message_id: String },
    /// The contact can be reached (follow, join).
    Reachable,
    /// The contact cannot be reached any more (unfollow, leave).
    Unreachable,
    /// Nothing that the desk shows; kept.
    Keep,
    /// It cannot be handled; kept, and reported (WH3).
    Broken { error: String },
}

/// A customer's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    pub line_message_id: Option<String>,
    pub message_type: MessageType,
    pub content: String,
    /// JSON.
    pub payload: Option<String>,
    pub quote_token: Option<String>,
    pub quoted_line_message_id: Option<String>,
    /// The file behind it, which is to be fetched from LINE.
    pub media: Option<NewMedia>,
    /// By which it can be marked as read; kept where the desk does so.
    pub mark_as_read_token: Option<String>,
    /// The text matches a hand-off phrase.
    pub asks_for_person: bool,
    /// It is outside business hours now.
    pub after_hours: bool,
}

/// What became of a request's events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    pub new: u32,
    /// Seen before (WH2).
    pub repeated: u32,
    /// Kept but not handled (WH3).
    pub broken: u32,
}

/// Stores a request's events and does what they say.
pub fn ingest(tx: &mut Tx<'_>, channel: ChannelId, events: &[Event], now: Timestamp) -> Result<Ingested, StoreError> {
    let mut done = Ingested::default();
    hold_chats(tx, channel, events)?;
    for event in events {
        let Some(row) = keep(tx, channel, event, now)? else {
            done.repeated += 1;
            continue;
        };
        done.new += 1;
        done.broken += u32::from(matches!(event.effect, Effect::Broken { .. }));
        handle(tx, channel, event, row, now)?;
    }
    Ok(done)
}

/// Holds the conversations of a request that has several, in one order: two such requests must not wait for each other.
fn hold_chats(tx: &mut Tx<'_>, channel: ChannelId, events: &[Event]) -> Result<(), StoreError> {
    let chats: BTreeMap<&str, &Chat> =
        events.iter().filter_map(|event| event.chat.as_ref()).map(|chat| (chat.chat_id.as_str(), chat)).collect();
    if chats.len() > 1 && tx.dialect() == Dialect::Postgres {
        for chat in chats.values() {
            find(tx, channel, chat)?;
        }
    }
    Ok(())
}

/// Stores the event itself; none when it was here before.
fn keep(tx: &mut Tx<'_>, channel: ChannelId, event: &Event, now: Timestamp) -> Result<Option<i64>, StoreError> {
    let (state, error) = match &event.effect {
        Effect::Broken { error } => ("failed", Some(error.as_str())),
        Effect::Keep => ("kept", None),
        _ => ("handled", None),
    };
    tx.insert_if_new(
        "INSERT INTO webhook_events (webhook_event_id, channel_id, kind, raw, received_at, state, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (webhook_event_id) DO NOTHING",
        params![event.webhook_event_id.as_deref(), channel.0, &event.kind, &event.raw, now, state, error],
    )
}

fn handle(tx: &mut Tx<'_>, channel: ChannelId, event: &Event, row: i64, now: Timestamp) -> Result<(), StoreError> {
    let Some(chat) = &event.chat else { return Ok(()) };
    affect(tx, channel, chat, event, row, now)?;
    if event.line.is_none() && event.joined.is_empty() && event.left.is_empty() {
        return Ok(());
    }
    // What happens where nobody ever wrote begins no conversation by itself.
    let Some(held) = find(tx, channel, chat)? else { return Ok(()) };
    if let Some(line) = &event.line {
        tell(tx, &held, event, line, row, now)?;
    }
    for member in &event.joined {
        members::came(tx, held.id, member, now)?;
    }
    for member in &event.left {
        members::went(tx, held.id, member)?;
    }
    if !event.joined.is_empty() || !event.left.is_empty() {
        // LINE knows how many they are now.
        contacts::request_profile(tx, contact_of(held.id), now)?;
    }
    Ok(())
}

/// Puts a line into the thread. It is nobody's message: nothing is unread by it, and lists show what was said before.
fn tell(
    tx: &mut Tx<'_>,
    held: &Held,
    event: &Event,
    payload: &str,
    row: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let line = Incoming {
        session: held.session,
        sender_role: SenderRole::System,
        author: event.author.as_deref(),
        message_type: MessageType::System,
        content: "",
        payload: Some(payload),
        line_message_id: None,
        quote_token: None,
        quoted_line_message_id: None,
        webhook_event_row: row,
        created_at: event.occurred_at,
    };
    let id = messages::insert_incoming(tx, held.id, &line)?;
    emit(tx, EventKind::MessageCreated, held.id, id, None, now);
    Ok(())
}

fn affect(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    chat: &Chat,
    event: &Event,
    row: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    match &event.effect {
        Effect::Message(message) => receive(tx, channel, chat, event, message, row, now),
        Effect::Unsend { line_message_id } => withdraw(tx, channel, chat, line_message_id, event.redact, now),
        Effect::Reachable => {
            let (held, is_new) = find_or_create(tx, channel, chat, now)?;
            let is_news = contacts::set_friend_status(tx, contact_of(held.id), FriendStatus::Active, Some(true))?;
            if is_news {
                contacts::request_profile(tx, contact_of(held.id), now)?;
            }
            if let Some(token) = &event.reply_token {
                outbox::keep_token(tx, held.id, token, now.0)?;
            }
            if is_new || is_news {
                emit_changed(tx, held.id, now);
            }
            Ok(())
        }
        Effect::Unreachable => {
            let Some(held) = find(tx, channel, chat)? else { return Ok(()) };
            if contacts::set_friend_status(tx, contact_of(held.id), FriendStatus::Unfollowed, Some(false))? {
                emit_changed(tx, held.id, now);
            }
            Ok(())
        }
        Effect::Keep | Effect::Broken { .. } => Ok(()),
    }
}

macro_rules! find_sql {
    ($lock:literal) => {
        concat!(
            "SELECT c.id, k.chat_id, k.friend_status, c.session_id, c.session_status, c.owner_id, c.archived, c.had_session ",
            "FROM contacts k JOIN conversations c ON c.id = k.id WHERE k.channel_id = $1 AND k.chat_id = $2",
            $lock
        )
    };
}

fn find(tx: &mut Tx<'_>, channel: ChannelId, chat: &Chat) -> Result<Option<Held>, StoreError> {
    let sql = tx.dialect().for_update(find_sql!(""), find_sql!(" FOR UPDATE OF c"));
    tx.query_opt(sql, params![channel.0, &chat.chat_id])?.map(|row| read_held(&row)).transpose()
}

fn find_or_create(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    chat: &Chat,
    now: Timestamp,
) -> Result<(Held, bool), StoreError> {
    if let Some(held) = find(tx, channel, chat)? {
        return Ok((held, false));
    }
    let new = NewConversation {
        channel,
        chat_id: &chat.chat_id,
        source_type: chat.source_type,
        friend_status: FriendStatus::Active,
    };
    match conversations::create(tx, &new, now)? {
        Some(id) => {
            let held = Held {
                id,
                chat_id: chat.chat_id.clone(),
                friend_status: FriendStatus::Active,
                session: None,
                archived: false,
                had_session: false,
            };
            Ok((held, true))
        }
        None => find(tx, channel, chat)?
            .map(|held| (held, false))
            .ok_or_else(|| StoreError::Conflict("the contact is being made by another writer".to_owned())),
    }
}

fn receive(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    chat: &Chat,
    event: &Event,
    message: &NewMessage,
    row: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (held, is_new) = find_or_create(tx, channel, chat, now)?;
    let withdrawn = was_withdrawn(tx, channel, message)?;
    if let Some(author) = &event.author {
        members::came(tx, held.id, author, now)?;
    }
    let incoming = Incoming {
        session: held.session,
        sender_role: SenderRole::User,
        author: event.author.as_deref(),
        message_type: message.message_type,
        content: if withdrawn { "" } else { &message.content },
        payload: if withdrawn { None } else { message.payload.as_deref() },
        line_message_id: message.line_message_id.as_deref(),
        quote_token: if withdrawn { None } else { message.quote_token.as_deref() },
        quoted_line_message_id: message.quoted_line_message_id.as_deref(),
        webhook_event_row: row,
        created_at: event.occurred_at,
    };
    let id = messages::insert_incoming(tx, held.id, &incoming)?;
    if withdrawn {
        tx.execute("UPDATE messages SET unsent_at = $2 WHERE id = $1", params![id, now])?;
        let redacted = (event.redact)(&event.raw);
        tx.execute("UPDATE webhook_events SET raw = $2 WHERE id = $1", params![row, &redacted])?;
    } else if let (Some(new), Some(line_id)) = (&message.media, &message.line_message_id) {
        media::expect(tx, id, line_id, new, now)?;
    }
    tx.execute(
        "UPDATE conversations SET last_message_id = $2, last_activity_at = $3, unread_count = unread_count + 1,
         archived = FALSE, heard_at = CASE WHEN coalesce(heard_at, 0) < $4 THEN $4 ELSE heard_at END WHERE id = $1",
        // A clock of LINE's that runs ahead reaches nobody for longer.
        params![held.id, id, now, event.occurred_at.min(now)],
    )?;
    tx.counters.listed += i64::from(held.archived);
    tx.counters.with_history += i64::from(held.archived && held.had_session);
    // Whoever writes has not blocked us.
    if held.friend_status != FriendStatus::Active {
        contacts::set_friend_status(tx, contact_of(held.id), FriendStatus::Active, None)?;
    }
    if let Some(token) = &event.reply_token {
        outbox::keep_token(tx, held.id, token, now.0)?;
        // Nothing waits for somebody who is new.
        if !is_new {
            outbox::release_held(tx, held.id, now)?;
        }
    }
    if let (Some(token), false) = (&message.mark_as_read_token, withdrawn) {
        line_reads::keep(tx, held.id, id, token)?;
    }
    if !is_new {
        contacts::refresh_when_old(tx, contact_of(held.id), now)?;
    }
    emit(tx, EventKind::MessageCreated, held.id, id, None, now);
    if let Some((session, _)) = held.session {
        tx.execute("UPDATE sessions SET last_activity_at = $2 WHERE id = $1", params![session, now])?;
    } else if message.asks_for_person && !withdrawn {
        let held = Held { archived: false, ..held };
        let request = Command::Request { after_hours: message.after_hours };
        let acted = sessions::act_on(tx, &held, &request, &Origin::system("webhook"), now);
        let acted = acted.map_err(|error| match error {
            ActError::Store(error) => error,
            other => StoreError::Statement(other.to_string()),
        })?;
        // What asks for a person belongs to the session that it opens.
        tx.execute("UPDATE messages SET session_id = $2 WHERE id = $1", params![id, acted.session.id])?;
        return Ok(());
    }
    emit_changed(tx, held.id, now);
    Ok(())
}

/// Redelivery, or two requests at once, can bring a message after its withdrawal.
fn was_withdrawn(tx: &mut Tx<'_>, channel: ChannelId, message: &NewMessage) -> Result<bool, StoreError> {
    message.line_message_id.as_ref().map_or(Ok(false), |line_id| is_withdrawn(tx, channel, line_id))
}

fn is_withdrawn(tx: &mut impl Query, channel: ChannelId, line_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM withdrawn WHERE channel_id = $1 AND line_message_id = $2";
    Ok(tx.query_opt(sql, params![channel.0, line_id])?.is_some())
}

fn withdraw(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    chat: &Chat,
    line_message_id: &str,
    redact: fn(&str) -> String,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Kept also when the message is here: a copy of it may come yet, in an event without an id.
    tx.execute(
        "INSERT INTO withdrawn (channel_id, line_message_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![channel.0, line_message_id, now],
    )?;
    let Some(held) = find(tx, channel, chat)? else { return Ok(()) };
    let rows = tx.query(
        "SELECT m.id, e.id, e.raw FROM messages m LEFT JOIN webhook_events e ON e.id = m.webhook_event_row
         WHERE m.line_message_id = $1 AND m.conversation_id = $2 AND m.direction = 'INCOMING'",
        params![line_message_id, held.id],
    )?;
    for row in &rows {
        let id: MessageId = row.get(0)?;
        tx.execute(
            "UPDATE messages SET content = '', payload = NULL, quote_token = NULL, unsent_at = coalesce(unsent_at, $2) WHERE id = $1",
            params![id, now],
        )?;
        search::forget(tx, id)?;
        media::erase(tx, id, now)?;
        if let (Some(event), Some(raw)) = (row.get::<Option<i64>>(1)?, row.get::<Option<&str>>(2)?) {
            tx.execute("UPDATE webhook_events SET raw = $2 WHERE id = $1", params![event, &redact(raw)])?;
        }
        emit(tx, EventKind::MessageUpdated, held.id, id, None, now);
    }
    if !rows.is_empty() {
        emit_changed(tx, held.id, now);
    }
    Ok(())
}

/// What a message did before its words were erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// It asked for a person, and so opened a session; whether that was after hours.
    pub opened: Option<bool>,
}

/// What is known of the message that a kept event brought, where that was withdrawn.
pub fn find_withdrawn(tx: &mut impl Query, kept: &KeptEvent, line_id: &str) -> Result<Option<Withdrawn>, StoreError> {
    if !is_withdrawn(tx, kept.channel, line_id)? {
        return Ok(None);
    }
    // A session that a message opens begins with its event, and the message is in it.
    let row = tx.query_opt(
        "SELECT s.after_hours FROM messages m JOIN sessions s ON s.id = m.session_id
         WHERE m.line_message_id = $1 AND m.webhook_event_row = $2 AND s.started_at = $3",
        params![line_id, kept.id, kept.received_at],
    )?;
    Ok(Some(Withdrawn { opened: row.map(|row| row.get(0)).transpose()? }))
}

/// A webhook event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    pub id: i64,
    pub channel: ChannelId,
    pub raw: String,
    pub received_at: Timestamp,
    /// `handled`, `kept` or `failed`.
    pub state: String,
    pub error: Option<String>,
}

/// Kept events after an id, in the order in which they came (WH7).
pub fn list_kept(tx: &mut impl Query, after: i64, limit: i64) -> Result<Vec<KeptEvent>, StoreError> {
    let rows = tx.query(
        "SELECT id, raw, received_at, state, error, channel_id FROM webhook_events WHERE id > $1 ORDER BY id LIMIT $2",
        params![after, limit],
    )?;
    rows.iter()
        .map(|row| {
            Ok(KeptEvent {
                id: row.get(0)?,
                channel: ChannelId(row.get(5)?),
                raw: row.get(1)?,
                received_at: row.get(2)?,
                state: row.get(3)?,
                error: row.get(4)?,
            })
        })
        .collect()
}

/// The conversation of a chat in a channel.
pub fn conversation_of(
    tx: &mut impl Query,
    channel: ChannelId,
    chat_id: &str,
) -> Result<Option<ConversationId>, StoreError> {
    let row = tx.query_opt(
        "SELECT c.id FROM contacts k JOIN conversations c ON c.id = k.id WHERE k.channel_id = $1 AND k.chat_id = $2",
        params![channel.0, chat_id],
    )?;
    row.map(|row| row.get(0)).transpose()
}
