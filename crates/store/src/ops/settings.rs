//! Values that the desk makes up once and keeps: its id, and the key that signs access tokens.

use crate::engine::params;
use crate::error::StoreError;
use crate::tx::{Query, Tx};

/// The desk's random id: it keeps desks apart that share a message bus.
pub const DESK_ID: &str = "desk_id";
/// The key that signs access tokens, the same on every node.
pub const TOKEN_KEY: &str = "token_key";

/// The value of a setting; `candidate` becomes it when there is none yet.
pub fn get_or_create(tx: &mut Tx<'_>, key: &str, candidate: &str) -> Result<String, StoreError> {
    if let Some(row) = tx.query_opt("SELECT value FROM settings WHERE key = $1", params![key])? {
        return row.get(0);
    }
    tx.execute(
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
        params![key, candidate],
    )?;
    tx.query_one("SELECT value FROM settings WHERE key = $1", params![key])?.get(0)
}

/// The value of a setting.
pub fn find(tx: &mut impl Query, key: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT value FROM settings WHERE key = $1", params![key])?.map(|row| row.get(0)).transpose()
}

/// Gives a setting another value.
pub fn put(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2",
        params![key, value],
    )
    .map(drop)
}
