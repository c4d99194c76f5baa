//! Operators: people with an account.

use linedesk_core::permission::Staff;
use linedesk_protocol::{OperatorId, Role, Timestamp};
use serde_json::json;

use super::channels::{ChannelAccess, ChannelId};
use super::sessions::{self, ActError, Command};
use crate::engine::{Row, params};
use crate::error::StoreError;
use crate::feed::{EventKind, NewEvent};
use crate::tx::{AuditEntry, Origin, Query, Tx};

/// A person with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Operator {
    pub id: OperatorId,
    /// Lower case.
    pub username: String,
    pub display_name: String,
    pub role: Role,
    /// PHC string, argon2id.
    pub password_hash: String,
    pub is_active: bool,
    /// An admin's is always all.
    pub channels: ChannelAccess,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("role", &self.role)
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewOperator {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub password_hash: String,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    #[error("there is an operator of this name already")]
    NameTaken,
    #[error("there is no operator of this name")]
    NotFound,
    #[error("there is no channel {0}")]
    NoSuchChannel(String),
    #[error("an admin sees every channel")]
    SeesAll,
    #[error("name at least one channel")]
    SeesNone,
    #[error(transparent)]
    Store(#[from] StoreError),
}

macro_rules! operator_sql {
    ($rest:literal) => {
        concat!("SELECT id, username, display_name, role, password_hash, is_active FROM operators ", $rest)
    };
}

/// Names are compared without case.
pub fn normalized(username: &str) -> String {
    username.trim().to_lowercase()
}

pub fn find_by_username(tx: &mut impl Query, username: &str) -> Result<Option<Operator>, StoreError> {
    let name = normalized(username);
    let found = tx.query_opt(operator_sql!("WHERE username = $1"), params![&name])?;
    found.map(|row| with_channels(tx, read(&row)?)).transpose()
}

pub fn find(tx: &mut impl Query, id: OperatorId) -> Result<Option<Operator>, StoreError> {
    let found = tx.query_opt(operator_sql!("WHERE id = $1"), params![id])?;
    found.map(|row| with_channels(tx, read(&row)?)).transpose()
}

/// Every operator, by name.
pub fn list(tx: &mut impl Query) -> Result<Vec<Operator>, StoreError> {
    let rows = tx.query(operator_sql!("ORDER BY username"), &[])?;
    rows.iter().map(|row| with_channels(tx, read(row)?)).collect()
}

fn read(row: &Row) -> Result<Operator, StoreError> {
    Ok(Operator {
        id: row.get(0)?,
        username: row.get(1)?,
        display_name: row.get(2)?,
        role: row.parse(3)?,
        password_hash: row.get(4)?,
        is_active: row.get(5)?,
        channels: ChannelAccess::All,
    })
}

fn with_channels(tx: &mut impl Query, operator: Operator) -> Result<Operator, StoreError> {
    if operator.role != Role::Agent {
        return Ok(operator);
    }
    let sql = "SELECT channel_id FROM operator_channels WHERE operator_id = $1 ORDER BY channel_id";
    let rows = tx.query(sql, params![operator.id])?;
    if rows.is_empty() {
        return Ok(operator);
    }
    let channels = rows.iter().map(|row| row.get(0).map(ChannelId)).collect::<Result<_, _>>()?;
    Ok(Operator { channels: ChannelAccess::Only(channels), ..operator })
}

/// Limits an operator to some channels, or ends that. What they own elsewhere goes back into the queue.
pub fn set_channels(
    tx: &mut Tx<'_>,
    id: OperatorId,
    to: &ChannelAccess,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), OperatorError> {
    let before = find(tx, id)?.ok_or(OperatorError::NotFound)?;
    if before.role != Role::Agent && *to != ChannelAccess::All {
        return Err(OperatorError::SeesAll);
    }
    // Without a row they would see every one.
    if *to == ChannelAccess::Only(Vec::new()) {
        return Err(OperatorError::SeesNone);
    }
    tx.execute("DELETE FROM operator_channels WHERE operator_id = $1", params![id])?;
    if let ChannelAccess::Only(channels) = to {
        for channel in channels {
            tx.execute(
                "INSERT INTO operator_channels (operator_id, channel_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                params![id, channel.0],
            )?;
        }
    }
    let after = find(tx, id)?.ok_or(OperatorError::NotFound)?;
    if after.channels == before.channels {
        return Ok(());
    }
    release(tx, &after, origin, now)?;
    let state = |access: &ChannelAccess| match access {
        ChannelAccess::All => Some(json!({"channels": "all"})),
        ChannelAccess::Only(channels) => {
            Some(json!({"channels": channels.iter().map(|channel| channel.0).collect::<Vec<_>>()}))
        }
    };
    audit(tx, id, "operator_channels_changed", state(&before.channels), state(&after.channels), origin, now)?;
    emit(tx, EventKind::OperatorChanged, id, None, now);
    Ok(())
}

/// Gives up what an operator owns and may not: everything, once they may not sign in.
fn release(tx: &mut Tx<'_>, operator: &Operator, origin: &Origin, now: Timestamp) -> Result<(), StoreError> {
    let owned = tx.query(
        "SELECT c.id, k.channel_id FROM conversations c JOIN contacts k ON k.id = c.id WHERE c.owner_id = $1 ORDER BY c.id",
        params![operator.id],
    )?;
    for row in &owned {
        if operator.is_active && operator.channels.allows(ChannelId(row.get(1)?)) {
            continue;
        }
        let command = Command::Release(Staff { id: operator.id, role: operator.role });
        match sessions::act(tx, row.get(0)?, &command, origin, now) {
            Ok(_) | Err(ActError::ConversationNotFound | ActError::Refused(_) | ActError::AlreadyClaimed { .. }) => {}
            Err(ActError::Store(error)) => return Err(error),
        }
    }
    Ok(())
}

/// Makes an account.
pub fn create(
    tx: &mut Tx<'_>,
    new: &NewOperator,
    origin: &Origin,
    now: Timestamp,
) -> Result<OperatorId, OperatorError> {
    let username = normalized(&new.username);
    if find_by_username(tx, &username)?.is_some() {
        return Err(OperatorError::NameTaken);
    }
    let id = tx.insert(
        "INSERT INTO operators (username, display_name, role, password_hash, is_active, created_at, updated_at)
         VALUES ($1, $2, $3, $4, TRUE, $5, $5)",
        params![&username, &new.display_name, new.role.as_str(), &new.password_hash, now],
    )?;
    let id = OperatorId(id);
    audit(tx, id, "operator_added", None, Some(json!({"username": username, "role": new.role})), origin, now)?;
    emit(tx, EventKind::OperatorChanged, id, None, now);
    Ok(id)
}

/// Makes the first account, unless there is one already.
pub fn bootstrap(tx: &mut Tx<'_>, new: &NewOperator, now: Timestamp) -> Result<bool, OperatorError> {
    if tx.query_opt("SELECT 1 FROM operators LIMIT 1", &[])?.is_some() {
        return Ok(false);
    }
    create(tx, new, &Origin::system("bootstrap"), now)?;
    Ok(true)
}

/// Gives an operator another password and ends every sign-in of theirs but `keep_family`.
pub fn set_password(
    tx: &mut Tx<'_>,
    id: OperatorId,
    password_hash: &str,
    keep_family: Option<&str>,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), OperatorError> {
    let sql = "UPDATE operators SET password_hash = $2, updated_at = $3 WHERE id = $1";
    if tx.execute(sql, params![id, password_hash, now])? == 0 {
        return Err(OperatorError::NotFound);
    }
    super::sign_in::revoke_all(tx, id, keep_family, now)?;
    audit(tx, id, "operator_password_changed", None, None, origin, now)?;
    Ok(())
}

/// Takes an operator's right to sign in and ends every sign-in of theirs (AU3). Their customers go back to the queue: nobody
/// else could take them.
pub fn deactivate(tx: &mut Tx<'_>, id: OperatorId, origin: &Origin, now: Timestamp) -> Result<(), OperatorError> {
    let before = find(tx, id)?.ok_or(OperatorError::NotFound)?;
    if !before.is_active {
        return Ok(());
    }
    tx.execute("UPDATE operators SET is_active = FALSE, updated_at = $2 WHERE id = $1", params![id, now])?;
    super::sign_in::revoke_all(tx, id, None, now)?;
    release(tx, &Operator { is_active: false, ..before }, origin, now)?;
    let state = |is_active: bool| Some(json!({"is_active": is_active}));
    audit(tx, id, "operator_deactivated", state(true), state(false), origin, now)?;
    emit(tx, EventKind::OperatorChanged, id, None, now);
    Ok(())
}

/// Gives an operator another role (AU3).
pub fn set_role(
    tx: &mut Tx<'_>,
    id: OperatorId,
    role: Role,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), OperatorError> {
    let before = find(tx, id)?.ok_or(OperatorError::NotFound)?;
    if before.role == role {
        return Ok(());
    }
    tx.execute("UPDATE operators SET role = $2, updated_at = $3 WHERE id = $1", params![id, role.as_str(), now])?;
    // An agent again, they see what they saw; what they own besides goes back into the queue.
    let after = find(tx, id)?.ok_or(OperatorError::NotFound)?;
    release(tx, &after, origin, now)?;
    let state = |role: Role| Some(json!({"role": role}));
    audit(tx, id, "operator_role_changed", state(before.role), state(role), origin, now)?;
    emit(tx, EventKind::OperatorChanged, id, None, now);
    Ok(())
}

fn audit(
    tx: &mut Tx<'_>,
    id: OperatorId,
    action: &str,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.audit(now, origin, &AuditEntry { action, subject_operator: Some(id), before, after, ..AuditEntry::default() })
}

pub(crate) fn emit(tx: &mut Tx<'_>, kind: EventKind, id: OperatorId, data: Option<String>, at: Timestamp) {
    tx.emit(NewEvent { at, kind, conversation: None, subject: Some(id.0), socket: None, data });
}
