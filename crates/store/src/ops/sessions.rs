//! Sessions: applying what `linedesk_core::session` decides, with its event and its audit row in one transaction (SE6).

use linedesk_core::permission::Staff;
use linedesk_core::session::{self, Action, Change, Open, Refusal, TransferTarget};
use linedesk_protocol::frame::SessionEvent;
use linedesk_protocol::{ConversationId, OperatorId, Session, SessionId, SessionStatus, Timestamp};
use serde_json::json;

use super::channels::ChannelId;
use super::contacts::emit_changed;
use super::conversations::{self, Held, read_session};
use super::operators::{self, Operator};
use crate::engine::params;
use crate::error::StoreError;
use crate::feed::{EventKind, NewEvent};
use crate::tx::{AuditEntry, EventRef, Origin, Query, Tx};

/// What is wanted of a conversation's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The customer asks for a person.
    Request {
        after_hours: bool,
    },
    /// An operator takes the conversation, whether somebody waits in it or not.
    Start(Staff),
    Claim(Staff),
    Release(Staff),
    Close(Staff),
    Transfer {
        by: Staff,
        to: OperatorId,
        reason: Option<String>,
    },
    /// Closed by the system for idleness (SE5).
    TimeOut,
}

/// Why the session stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    #[error("there is no such conversation")]
    ConversationNotFound,
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// [`Refusal::AlreadyClaimed`], with the name.
    #[error("{name} has taken it")]
    AlreadyClaimed { by: OperatorId, name: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The session after a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    pub session: Session,
    /// None when it was already as wanted.
    pub event: Option<EventRef>,
    pub kind: Option<EventKind>,
    pub payload: SessionEvent,
}

/// Applies a command to a conversation's session.
pub fn act(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    command: &Command,
    origin: &Origin,
    now: Timestamp,
) -> Result<Acted, ActError> {
    let held = conversations::hold(tx, conversation)?.ok_or(ActError::ConversationNotFound)?;
    act_on(tx, &held, command, origin, now)
}

/// As [`act`], for a conversation whose row is held already.
pub(crate) fn act_on(
    tx: &mut Tx<'_>,
    held: &Held,
    command: &Command,
    origin: &Origin,
    now: Timestamp,
) -> Result<Acted, ActError> {
    let action = match command {
        Command::Request { .. } => Action::Request,
        Command::Start(by) => Action::Start { by: *by },
        Command::Claim(by) => Action::Claim { by: *by },
        Command::Release(by) => Action::Release { by: *by },
        Command::Close(by) => Action::Close { by: *by },
        Command::Transfer { by, to, .. } => Action::Transfer { by: *by, to: transfer_target(tx, held.id, *to)? },
        Command::TimeOut => Action::TimeOut,
    };
    let open = held.session.map(|(_, open)| open);
    let change = match session::decide(open, action) {
        Ok(change) => change,
        Err(Refusal::AlreadyClaimed { by }) => {
            let name = operator_name(tx, by)?;
            return Err(ActError::AlreadyClaimed { by, name });
        }
        Err(refusal) => return Err(refusal.into()),
    };
    apply(tx, held, command, change, origin, now)
}

fn apply(
    tx: &mut Tx<'_>,
    held: &Held,
    command: &Command,
    change: Change,
    origin: &Origin,
    now: Timestamp,
) -> Result<Acted, ActError> {
    let existing = held.session.map(|(id, _)| id);
    let id = match (change, existing) {
        (Change::Opened(open), _) => open_session(tx, held, command, open, now)?,
        (_, Some(id)) => id,
        (_, None) => return Err(Refusal::NoneOpen.into()),
    };
    match change {
        Change::Opened(_) | Change::Unchanged => {}
        Change::Claimed { owner } => {
            tx.execute(
                "UPDATE sessions SET status = 'ACTIVE', operator_id = $2, claimed_at = $3, last_activity_at = $3,
                 warned_at = NULL WHERE id = $1",
                params![id, owner, now],
            )?;
        }
        Change::Released { .. } => {
            tx.execute(
                "UPDATE sessions SET status = 'WAITING', operator_id = NULL, last_activity_at = $2, warned_at = NULL
                 WHERE id = $1",
                params![id, now],
            )?;
        }
        Change::Transferred { from, to } => {
            tx.execute(
                "UPDATE sessions SET status = 'ACTIVE', operator_id = $2, claimed_at = coalesce(claimed_at, $3),
                 transfer_count = transfer_count + 1, last_activity_at = $3, warned_at = NULL WHERE id = $1",
                params![id, to, now],
            )?;
            let Command::Transfer { by, reason, .. } = command else { return Err(Refusal::NotActive.into()) };
            tx.execute(
                "INSERT INTO session_transfers (session_id, at, from_operator_id, to_operator_id, by_operator_id, reason)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                params![id, now, from, to, by.id, reason.as_deref()],
            )?;
        }
        Change::Closed { by } => {
            tx.execute(
                "UPDATE sessions SET status = 'CLOSED', closed_at = $2, closed_by = $3 WHERE id = $1",
                params![id, now, by.as_str()],
            )?;
        }
    }
    let session = get(tx, id)?;
    if change == Change::Unchanged {
        let payload = payload_of(held, &session, change, command);
        return Ok(Acted { session, event: None, kind: None, payload });
    }
    let after = session::apply(held.session.map(|(_, open)| open), change);
    tx.execute(
        "UPDATE conversations SET session_id = $2, session_status = $3, owner_id = $4 WHERE id = $1",
        params![held.id, after.map(|_| id), after.map(|open| open.status().as_str()), after.and_then(Open::owner)],
    )?;
    let kind = match change {
        Change::Opened(_) | Change::Unchanged => EventKind::SessionCreated,
        Change::Claimed { .. } => EventKind::SessionClaimed,
        Change::Released { .. } => EventKind::SessionReleased,
        Change::Transferred { .. } => EventKind::SessionTransferred,
        Change::Closed { .. } => EventKind::SessionClosed,
    };
    let payload = payload_of(held, &session, change, command);
    audit(tx, held, id, kind, change, after, command, origin, now)?;
    let data = serde_json::to_string(&payload).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let event = tx.emit(NewEvent {
        at: now,
        kind,
        conversation: Some(held.id),
        subject: Some(id.0),
        socket: origin.socket.clone(),
        data: Some(data),
    });
    emit_changed(tx, held.id, now);
    Ok(Acted { session, event: Some(event), kind: Some(kind), payload })
}

fn open_session(
    tx: &mut Tx<'_>,
    held: &Held,
    command: &Command,
    open: Open,
    now: Timestamp,
) -> Result<SessionId, StoreError> {
    let after_hours = matches!(command, Command::Request { after_hours: true });
    let claimed_at = open.owner().map(|_| now);
    let id = tx.insert(
        "INSERT INTO sessions (conversation_id, status, operator_id, started_at, claimed_at, after_hours, last_activity_at)
         VALUES ($1, $2, $3, $4, $5, $6, $4)",
        params![held.id, open.status().as_str(), open.owner(), now, claimed_at, after_hours],
    )?;
    tx.execute("UPDATE conversations SET had_session = TRUE, archived = FALSE WHERE id = $1", params![held.id])?;
    // INVARIANT: `listed` counts what is not archived, `with_history` what of it ever had a session.
    tx.counters.listed += i64::from(held.archived);
    tx.counters.with_history += i64::from(held.archived || !held.had_session);
    Ok(SessionId(id))
}

#[expect(clippy::too_many_arguments, reason = "an audit row says all of it (SE6)")]
fn audit(
    tx: &mut Tx<'_>,
    held: &Held,
    session: SessionId,
    kind: EventKind,
    change: Change,
    after: Option<Open>,
    command: &Command,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = |open: Option<Open>| open.map(|open| json!({"status": open.status(), "operator_id": open.owner()}));
    let mut after = state(after);
    match (change, command) {
        (Change::Closed { by }, _) => after = Some(json!({"status": SessionStatus::Closed, "closed_by": by})),
        (_, Command::Transfer { reason: Some(reason), .. }) => {
            if let Some(after) = &mut after {
                after["reason"] = json!(reason);
            }
        }
        _ => {}
    }
    let entry = AuditEntry {
        action: kind.as_str(),
        conversation: Some(held.id),
        session: Some(session),
        subject_operator: None,
        before: state(held.session.map(|(_, open)| open)),
        after,
    };
    tx.audit(now, origin, &entry)
}

fn payload_of(held: &Held, session: &Session, change: Change, command: &Command) -> SessionEvent {
    let (from, to) = match change {
        Change::Released { from } => (Some(from), None),
        Change::Transferred { from, to } => (from, Some(to)),
        _ => (None, None),
    };
    let reason = match command {
        Command::Transfer { reason, .. } => reason.clone(),
        _ => None,
    };
    SessionEvent {
        line_user_id: held.chat_id.clone(),
        conversation_id: held.id,
        session_id: session.id,
        status: session.status,
        operator_id: session.operator_id,
        operator_name: session.operator_name.clone(),
        from_operator_id: from,
        to_operator_id: to,
        reason,
        closed_by: session.closed_by,
    }
}

/// Whoever does not see the conversation cannot take it.
fn transfer_target(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    id: OperatorId,
) -> Result<TransferTarget, StoreError> {
    let channel = conversations::channel_of(tx, conversation)?;
    let operator = operators::find(tx, id)?.filter(|operator| operator.is_active);
    let sees = |operator: &Operator| channel.is_some_and(|channel| operator.channels.allows(channel));
    Ok(TransferTarget { id, is_active: operator.as_ref().is_some_and(sees) })
}

fn operator_name(tx: &mut Tx<'_>, id: OperatorId) -> Result<String, StoreError> {
    let row = tx.query_opt("SELECT display_name FROM operators WHERE id = $1", params![id])?;
    row.map_or(Ok(String::new()), |row| row.get(0))
}

/// A session by its id.
pub fn get(tx: &mut impl Query, id: SessionId) -> Result<Session, StoreError> {
    let row = tx.query_one(
        "SELECT s.id, s.status, s.operator_id, o.display_name, s.started_at, s.claimed_at, s.closed_at, s.first_response_at,
         s.closed_by, s.transfer_count, s.after_hours FROM sessions s LEFT JOIN operators o ON o.id = s.operator_id
         WHERE s.id = $1",
        params![id],
    )?;
    read_session(&row, 0)?.ok_or_else(|| StoreError::Corrupt("a session without an id".to_owned()))
}

/// An open session in which nothing happened for a while (SE5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    pub conversation: ConversationId,
    pub session: SessionId,
    pub status: SessionStatus,
    pub started_at: Timestamp,
    pub last_activity_at: Timestamp,
    pub warned_at: Option<Timestamp>,
}

/// Open sessions of a status whose last activity is before `before`, oldest first.
pub fn list_idle(
    tx: &mut impl Query,
    status: SessionStatus,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Idle>, StoreError> {
    let rows = tx.query(
        "SELECT conversation_id, id, status, started_at, last_activity_at, warned_at FROM sessions
         WHERE status <> 'CLOSED' AND status = $1 AND last_activity_at < $2 ORDER BY last_activity_at LIMIT $3",
        params![status.as_str(), before, limit],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Idle {
                conversation: row.get(0)?,
                session: row.get(1)?,
                status: row.parse(2)?,
                started_at: row.get(3)?,
                last_activity_at: row.get(4)?,
                warned_at: row.get(5)?,
            })
        })
        .collect()
}

/// An open session in which no operator has answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    pub conversation: ConversationId,
    pub chat_id: String,
    pub session: SessionId,
    pub started_at: Timestamp,
    pub channel: ChannelId,
}

/// Open sessions that a customer began before `before` and that nobody has answered yet, oldest first.
pub fn list_unanswered(tx: &mut impl Query, before: Timestamp, limit: i64) -> Result<Vec<Unanswered>, StoreError> {
    let rows = tx.query(
        "SELECT s.conversation_id, k.chat_id, s.id, s.started_at, k.channel_id FROM sessions s JOIN contacts k ON k.id = s.conversation_id
         WHERE s.status <> 'CLOSED' AND s.first_response_at IS NULL AND s.started_at <= $1
         AND (s.claimed_at IS NULL OR s.claimed_at > s.started_at) ORDER BY s.started_at LIMIT $2",
        params![before, limit],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Unanswered {
                conversation: row.get(0)?,
                chat_id: row.get(1)?,
                session: row.get(2)?,
                started_at: row.get(3)?,
                channel: ChannelId(row.get(4)?),
            })
        })
        .collect()
}

/// Closes an idle session, unless something happened since it was looked at. Tells whether it did.
pub fn time_out(tx: &mut Tx<'_>, idle: &Idle, now: Timestamp) -> Result<bool, ActError> {
    let Some(held) = conversations::hold(tx, idle.conversation)? else { return Ok(false) };
    if !is_still_idle(tx, idle)? || held.session.map(|(id, _)| id) != Some(idle.session) {
        return Ok(false);
    }
    act_on(tx, &held, &Command::TimeOut, &Origin::system("worker"), now)?;
    Ok(true)
}

/// Notes that the customer was warned, unless something happened since the session was looked at.
pub fn mark_warned(tx: &mut Tx<'_>, idle: &Idle, now: Timestamp) -> Result<bool, StoreError> {
    if conversations::hold(tx, idle.conversation)?.is_none() || !is_still_idle(tx, idle)? {
        return Ok(false);
    }
    tx.execute("UPDATE sessions SET warned_at = $2 WHERE id = $1", params![idle.session, now])?;
    Ok(true)
}

fn is_still_idle(tx: &mut Tx<'_>, idle: &Idle) -> Result<bool, StoreError> {
    let row = tx.query_opt(
        "SELECT 1 FROM sessions WHERE id = $1 AND status = $2 AND last_activity_at = $3
         AND warned_at IS NOT DISTINCT FROM $4",
        params![idle.session, idle.status.as_str(), idle.last_activity_at, idle.warned_at],
    )?;
    Ok(row.is_some())
}

/// Counts ACTIVE sessions by operator: `active_chats`.
pub fn active_chats(tx: &mut impl Query) -> Result<Vec<(OperatorId, i64)>, StoreError> {
    let rows =
        tx.query("SELECT owner_id, count(*) FROM conversations WHERE owner_id IS NOT NULL GROUP BY owner_id", &[])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The desk's load: waiting, active, and since when the longest-waiting customer waits.
pub fn load(tx: &mut impl Query) -> Result<(i64, i64, Option<Timestamp>), StoreError> {
    let row = tx.query_one(
        "SELECT count(CASE WHEN status = 'WAITING' THEN 1 END), count(CASE WHEN status = 'ACTIVE' THEN 1 END),
         min(CASE WHEN status = 'WAITING' THEN started_at END) FROM sessions WHERE status <> 'CLOSED'",
        &[],
    )?;
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}
