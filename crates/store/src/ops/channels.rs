//! Channels: LINE Official Accounts and their secrets.

use linedesk_protocol::Timestamp;

use crate::engine::{Row, params};
use crate::error::StoreError;
use crate::tx::{Query, Tx};

/// The channel that the configuration makes.
pub const DEFAULT: &str = "default";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelId(pub i64);

/// One LINE Official Account.
#[derive(Clone, PartialEq, Eq)]
pub struct Channel {
    pub id: ChannelId,
    pub name: String,
    pub secret: String,
    pub access_token: String,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Creates the channel, or gives it other secrets.
pub fn put(
    tx: &mut Tx<'_>,
    name: &str,
    secret: &str,
    access_token: &str,
    now: Timestamp,
) -> Result<ChannelId, StoreError> {
    let known = tx.query_opt("SELECT id, channel_secret, access_token FROM channels WHERE name = $1", params![name])?;
    if let Some(row) = known {
        if row.get::<&str>(1)? != secret || row.get::<&str>(2)? != access_token {
            tx.execute(
                "UPDATE channels SET channel_secret = $1, access_token = $2, updated_at = $3 WHERE name = $4",
                params![secret, access_token, now, name],
            )?;
        }
        return Ok(ChannelId(row.get(0)?));
    }
    tx.insert(
        "INSERT INTO channels (name, channel_secret, access_token, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) RETURNING id",
        params![name, secret, access_token, now],
    )
    .map(ChannelId)
}

/// Every channel, by id.
pub fn list(tx: &mut impl Query) -> Result<Vec<Channel>, StoreError> {
    let rows = tx.query("SELECT id, name, channel_secret, access_token FROM channels ORDER BY id", &[])?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Channel, StoreError> {
    Ok(Channel { id: ChannelId(row.get(0)?), name: row.get(1)?, secret: row.get(2)?, access_token: row.get(3)? })
}
