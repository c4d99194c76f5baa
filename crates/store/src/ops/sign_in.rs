//! Sign-ins: refresh tokens in families (AU2). Only hashes of tokens are kept.

use linedesk_protocol::{OperatorId, Timestamp};

use super::operators::{self, Operator, emit};
use crate::engine::params;
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::tx::{Query, Tx};

/// Begins a sign-in with its first refresh token; false when the account was changed since its password was checked.
pub fn begin(
    tx: &mut Tx<'_>,
    operator: &Operator,
    family: &str,
    token_hash: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = tx.dialect().for_update(
        "SELECT 1 FROM operators WHERE id = $1 AND password_hash = $2 AND is_active",
        "SELECT 1 FROM operators WHERE id = $1 AND password_hash = $2 AND is_active FOR UPDATE",
    );
    if tx.query_opt(sql, params![operator.id, &operator.password_hash])?.is_none() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO refresh_families (id, operator_id, created_at) VALUES ($1, $2, $3)",
        params![family, operator.id, now],
    )?;
    add_token(tx, family, token_hash, expires_at, now)?;
    Ok(true)
}

/// Whether a refresh token is one of ours, whatever it is worth: asked before anything is written for it.
pub fn is_known(tx: &mut impl Query, token_hash: &str) -> Result<bool, StoreError> {
    Ok(tx.query_opt("SELECT 1 FROM refresh_tokens WHERE token_hash = $1", params![token_hash])?.is_some())
}

fn add_token(
    tx: &mut Tx<'_>,
    family: &str,
    hash: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO refresh_tokens (token_hash, family_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        params![hash, family, now, expires_at],
    )
    .map(drop)
}

/// What a presented refresh token was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// It is used now; the new one takes its place.
    Fresh { operator: Operator, family: String },
    /// Used before: its family is revoked now (AU2).
    Reused,
    /// Unknown, expired, revoked, or the operator is deactivated.
    Refused,
}

/// Uses a refresh token and puts the next one in its place.
pub fn rotate(
    tx: &mut Tx<'_>,
    token_hash: &str,
    next_hash: &str,
    next_expires_at: Timestamp,
    now: Timestamp,
) -> Result<Rotated, StoreError> {
    let sql = tx.dialect().for_update(
        "SELECT t.family_id, t.used_at, t.expires_at, f.operator_id, f.revoked_at FROM refresh_tokens t
         JOIN refresh_families f ON f.id = t.family_id WHERE t.token_hash = $1",
        "SELECT t.family_id, t.used_at, t.expires_at, f.operator_id, f.revoked_at FROM refresh_tokens t
         JOIN refresh_families f ON f.id = t.family_id WHERE t.token_hash = $1 FOR UPDATE",
    );
    let Some(row) = tx.query_opt(sql, params![token_hash])? else { return Ok(Rotated::Refused) };
    let (family, used_at): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
    let (expires_at, revoked_at): (Timestamp, Option<i64>) = (row.get(2)?, row.get(4)?);
    if used_at.is_some() {
        revoke(tx, &family, now)?;
        return Ok(Rotated::Reused);
    }
    if revoked_at.is_some() || expires_at <= now {
        return Ok(Rotated::Refused);
    }
    let Some(operator) = operators::find(tx, row.get(3)?)?.filter(|operator| operator.is_active) else {
        return Ok(Rotated::Refused);
    };
    tx.execute("UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1", params![token_hash, now])?;
    add_token(tx, &family, next_hash, next_expires_at, now)?;
    Ok(Rotated::Fresh { operator, family })
}

/// Which of an operator's sign-ins end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    This,
    Everywhere,
}

/// Ends the sign-in that a refresh token belongs to, or with it all of its operator's.
pub fn revoke_by_token(tx: &mut Tx<'_>, token_hash: &str, scope: Scope, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT f.operator_id, f.id FROM refresh_tokens t
         JOIN refresh_families f ON f.id = t.family_id WHERE t.token_hash = $1";
    match tx.query_opt(sql, params![token_hash])? {
        Some(row) => end(tx, row.get(0)?, row.get(1)?, scope, now),
        None => Ok(()),
    }
}

/// Signs an operator out, of one sign-in or of all.
pub fn end(
    tx: &mut Tx<'_>,
    operator: OperatorId,
    family: &str,
    scope: Scope,
    now: Timestamp,
) -> Result<(), StoreError> {
    match scope {
        Scope::This => revoke(tx, family, now),
        Scope::Everywhere => revoke_all(tx, operator, None, now),
    }
}

/// Ends a sign-in: its refresh and access tokens are worth nothing from now on, on open sockets too (AU3).
pub fn revoke(tx: &mut Tx<'_>, family: &str, now: Timestamp) -> Result<(), StoreError> {
    let rows = tx.returning(
        "UPDATE refresh_families SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING operator_id",
        params![family, now],
    )?;
    for row in &rows {
        emit(tx, EventKind::SignedOut, row.get(0)?, Some(family.to_owned()), now);
    }
    Ok(())
}

pub(crate) fn revoke_all(
    tx: &mut Tx<'_>,
    operator: OperatorId,
    keep: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT id FROM refresh_families WHERE operator_id = $1 AND revoked_at IS NULL AND id <> $2";
    for row in tx.query(sql, params![operator, keep.unwrap_or("")])? {
        revoke(tx, row.get(0)?, now)?;
    }
    Ok(())
}

/// The operator whose access token names this sign-in, if both still stand (AU3).
pub fn find_signed_in(tx: &mut impl Query, operator: OperatorId, family: &str) -> Result<Option<Operator>, StoreError> {
    let sql = "SELECT 1 FROM refresh_families WHERE id = $1 AND operator_id = $2 AND revoked_at IS NULL";
    if tx.query_opt(sql, params![family, operator])?.is_none() {
        return Ok(None);
    }
    Ok(operators::find(tx, operator)?.filter(|operator| operator.is_active))
}

/// Forgets tokens that expired long ago, and the sign-ins that have none left.
pub fn forget_expired(tx: &mut Tx<'_>, expired_before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM refresh_tokens WHERE expires_at < $1", params![expired_before])?;
    tx.execute(
        "DELETE FROM refresh_families WHERE created_at < $1 AND NOT EXISTS
         (SELECT 1 FROM refresh_tokens t WHERE t.family_id = refresh_families.id)",
        params![expired_before],
    )
    .map(drop)
}
