//! Channels: LINE Official Accounts. Their secrets are kept as the server gives them: sealed.

use linedesk_protocol::{Timestamp, TokenKind};
use serde_json::json;

use crate::engine::{Row, params};
use crate::error::StoreError;
use crate::tx::{AuditEntry, Origin, Query, Tx};

/// The channel that the configuration makes.
pub const DEFAULT: &str = "default";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelId(pub i64);

/// Which channels somebody sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ChannelAccess {
    #[default]
    All,
    /// By id.
    Only(Vec<ChannelId>),
}

impl ChannelAccess {
    pub fn allows(&self, channel: ChannelId) -> bool {
        match self {
            Self::All => true,
            Self::Only(channels) => channels.contains(&channel),
        }
    }

    /// For [`in_access`]: empty where it says nothing.
    pub(crate) fn as_list(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Only(channels) => channels.iter().fold(",".to_owned(), |list, id| format!("{list}{},", id.0)),
        }
    }
}

/// SQL: whether a channel's id is in a list of [`ChannelAccess::as_list`].
macro_rules! in_access {
    ($channel:literal, $list:literal) => {
        concat!("(", $list, " = '' OR ", $list, " LIKE '%,' || ", $channel, " || ',%')")
    };
}
pub(crate) use in_access;

/// One LINE Official Account.
#[derive(Clone, PartialEq, Eq)]
pub struct Channel {
    pub id: ChannelId,
    /// In addresses; never changes.
    pub name: String,
    pub secret: String,
    /// Empty where the server issues tokens by itself.
    pub access_token: String,
    pub token_kind: TokenKind,
    /// LINE's id of it.
    pub line_channel_id: Option<String>,
    /// The private key that signs assertions, a JWK.
    pub assertion_key: Option<String>,
    /// A token that the server issued, and until when LINE takes it. Only where tokens are counted.
    pub issued: Option<(String, Timestamp)>,
    /// The account's own user id, which webhooks name as their destination. None until LINE told it.
    pub bot_user_id: Option<String>,
    /// The latest webhook that was signed with the secret and was for another account: for whom, and when.
    pub misdirected: Option<(String, Timestamp)>,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A channel as somebody wants it. What is none stays as it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ChannelChange {
    pub secret: Option<String>,
    pub access_token: Option<String>,
    pub token_kind: Option<TokenKind>,
    pub line_channel_id: Option<String>,
    pub assertion_key: Option<String>,
    pub is_active: Option<bool>,
}

impl std::fmt::Debug for ChannelChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelChange").finish_non_exhaustive()
    }
}

/// Why a channel was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    #[error("there is a channel of this name already")]
    NameTaken,
    #[error("there is no such channel")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates the channel that the configuration names, or gives it other secrets.
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
                "UPDATE channels SET channel_secret = $1, access_token = $2, token_kind = 'long_lived', issued_token = NULL,
                 issued_until = NULL, bot_user_id = NULL, misdirected_to = NULL, misdirected_at = NULL, updated_at = $3
                 WHERE name = $4",
                params![secret, access_token, now, name],
            )?;
        }
        return Ok(ChannelId(row.get(0)?));
    }
    insert(tx, name, secret, access_token, now)
}

/// The channel of this name, as it is; a new one has no secrets.
pub fn find_or_create(tx: &mut Tx<'_>, name: &str, now: Timestamp) -> Result<ChannelId, StoreError> {
    match tx.query_opt("SELECT id FROM channels WHERE name = $1", params![name])? {
        Some(row) => Ok(ChannelId(row.get(0)?)),
        None => insert(tx, name, "", "", now),
    }
}

fn insert(
    tx: &mut Tx<'_>,
    name: &str,
    secret: &str,
    access_token: &str,
    now: Timestamp,
) -> Result<ChannelId, StoreError> {
    tx.insert(
        "INSERT INTO channels (name, channel_secret, access_token, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
        params![name, secret, access_token, now],
    )
    .map(ChannelId)
}

/// Makes a channel, by somebody's wish.
pub fn create(
    tx: &mut Tx<'_>,
    name: &str,
    new: &ChannelChange,
    origin: &Origin,
    now: Timestamp,
) -> Result<Channel, ChannelError> {
    if tx.query_opt("SELECT 1 FROM channels WHERE name = $1", params![name])?.is_some() {
        return Err(ChannelError::NameTaken);
    }
    let id = insert(tx, name, "", "", now)?;
    apply(tx, id, new, now)?;
    let made = find(tx, id)?.ok_or(ChannelError::NotFound)?;
    audit(tx, "channel_added", None, &made, new, origin, now)?;
    Ok(made)
}

/// Changes a channel, by somebody's wish.
pub fn change(
    tx: &mut Tx<'_>,
    id: ChannelId,
    to: &ChannelChange,
    origin: &Origin,
    now: Timestamp,
) -> Result<Channel, ChannelError> {
    let before = find(tx, id)?.ok_or(ChannelError::NotFound)?;
    apply(tx, id, to, now)?;
    let after = find(tx, id)?.ok_or(ChannelError::NotFound)?;
    audit(tx, "channel_changed", Some(&before), &after, to, origin, now)?;
    Ok(after)
}

fn apply(tx: &mut Tx<'_>, id: ChannelId, to: &ChannelChange, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE channels SET channel_secret = coalesce($2, channel_secret), access_token = coalesce($3, access_token),
         token_kind = coalesce($4, token_kind), line_channel_id = coalesce($5, line_channel_id),
         assertion_key = coalesce($6, assertion_key), is_active = coalesce($7, is_active),
         issued_token = NULL, issued_until = NULL, bot_user_id = NULL, misdirected_to = NULL, misdirected_at = NULL,
         updated_at = $8 WHERE id = $1",
        params![
            id.0,
            to.secret.as_deref(),
            to.access_token.as_deref(),
            to.token_kind.map(TokenKind::as_str),
            to.line_channel_id.as_deref(),
            to.assertion_key.as_deref(),
            to.is_active,
            now
        ],
    )
    .map(drop)
}

/// What of it anybody may know: never a secret, only that there is another one.
fn audit(
    tx: &mut Tx<'_>,
    action: &str,
    before: Option<&Channel>,
    after: &Channel,
    change: &ChannelChange,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let shown = |channel: &Channel| {
        json!({
            "channel": channel.name,
            "token_kind": channel.token_kind,
            "line_channel_id": channel.line_channel_id,
            "is_active": channel.is_active,
        })
    };
    let mut told = shown(after);
    told["new_secret"] = change.secret.is_some().into();
    told["new_access_token"] = change.access_token.is_some().into();
    told["new_assertion_key"] = change.assertion_key.is_some().into();
    let entry = AuditEntry { action, before: before.map(shown), after: Some(told), ..AuditEntry::default() };
    tx.audit(now, origin, &entry)
}

/// Gives channels their secrets sealed anew, all or none.
pub fn reseal(tx: &mut Tx<'_>, sealed: &[Channel]) -> Result<(), StoreError> {
    for channel in sealed {
        tx.execute(
            "UPDATE channels SET channel_secret = $2, access_token = $3, assertion_key = $4, issued_token = $5
             WHERE id = $1",
            params![
                channel.id.0,
                channel.secret.as_str(),
                channel.access_token.as_str(),
                channel.assertion_key.as_deref(),
                channel.issued.as_ref().map(|(token, _)| token.as_str())
            ],
        )?;
    }
    Ok(())
}

/// Keeps a token that was issued for a channel as it was at `of`; none forgets the one there is.
pub fn save_issued(
    tx: &mut Tx<'_>,
    id: ChannelId,
    of: Timestamp,
    issued: Option<(&str, Timestamp)>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE channels SET issued_token = $3, issued_until = $4 WHERE id = $1 AND updated_at = $2",
        params![id.0, of, issued.map(|(token, _)| token), issued.map(|(_, until)| until)],
    )
    .map(drop)
}

/// Keeps whose channel it is, as LINE told of the channel as it was at `of`.
pub fn save_bot_user(tx: &mut Tx<'_>, id: ChannelId, of: Timestamp, user_id: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE channels SET bot_user_id = $3 WHERE id = $1 AND updated_at = $2", params![id.0, of, user_id])
        .map(drop)
}

/// Notes a webhook that was refused because it is for another account.
pub fn note_misdirected(
    tx: &mut Tx<'_>,
    id: ChannelId,
    of: Timestamp,
    destination: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE channels SET misdirected_to = $3, misdirected_at = $4 WHERE id = $1 AND updated_at = $2",
        params![id.0, of, destination, now],
    )
    .map(drop)
}

const COLUMNS: &str =
    "SELECT id, name, channel_secret, access_token, token_kind, line_channel_id, is_active, created_at,
     updated_at, assertion_key, issued_token, issued_until, bot_user_id, misdirected_to, misdirected_at FROM channels";

/// Every channel, by id.
pub fn list(tx: &mut impl Query) -> Result<Vec<Channel>, StoreError> {
    let rows = tx.query(&format!("{COLUMNS} ORDER BY id"), &[])?;
    rows.iter().map(read).collect()
}

fn find(tx: &mut impl Query, id: ChannelId) -> Result<Option<Channel>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} WHERE id = $1"), params![id.0])?.map(|row| read(&row)).transpose()
}

fn read(row: &Row) -> Result<Channel, StoreError> {
    Ok(Channel {
        id: ChannelId(row.get(0)?),
        name: row.get(1)?,
        secret: row.get(2)?,
        access_token: row.get(3)?,
        token_kind: row.parse(4)?,
        line_channel_id: row.get(5)?,
        is_active: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
        assertion_key: row.get(9)?,
        issued: row.get::<Option<String>>(10)?.zip(row.get(11)?),
        bot_user_id: row.get(12)?,
        misdirected: row.get::<Option<String>>(13)?.zip(row.get(14)?),
    })
}
