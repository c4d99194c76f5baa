//! A copy of a SQLite database while it is in use, and what makes a desk of it again.

use std::path::Path;

use linedesk_protocol::{MessageId, Timestamp};

use crate::engine::sqlite::Sqlite;
use crate::engine::{Connection as _, params};
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::ops::messages::emit;
use crate::tx::Tx;
use crate::{make_data_dir, migrate, private_file};

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The number of its newest migration.
    pub schema: i64,
    pub conversations: i64,
    pub messages: i64,
    /// Ids of the files that are whole, and whether they have a preview.
    pub files: Vec<(String, bool)>,
}

/// Copies the database of a data directory as it is at one moment to a file that is not there yet or empty. Who writes
/// goes on meanwhile. Blocking.
pub fn copy(data_dir: &Path, to: &Path) -> Result<(), StoreError> {
    let from = data_dir.join("linedesk.db");
    if !from.exists() {
        return Err(StoreError::Unusable(format!("there is no desk in {}", data_dir.display())));
    }
    let unusable = |error: std::io::Error| StoreError::Unusable(format!("cannot write {}: {error}", to.display()));
    let file = private_file(to).map_err(unusable)?;
    let name = to.to_str().ok_or_else(|| StoreError::Unusable(format!("{} is not UTF-8", to.display())))?;
    // One read transaction: a snapshot, without what was deleted.
    Sqlite::open(&from)?.execute("VACUUM INTO $1", params![name])?;
    file.sync_all().map_err(unusable)
}

/// Looks through a copy, page by page. Blocking.
pub fn check(file: &Path) -> Result<Held, StoreError> {
    let damaged = |what: &str| StoreError::Corrupt(format!("{} is no whole backup: {what}", file.display()));
    let mut copy = Sqlite::open_read_only(file)?;
    let rows = copy.query("PRAGMA integrity_check", &[]).map_err(|error| damaged(&error.to_string()))?;
    let said = rows.first().map_or(Ok("nothing"), |row| row.get::<&str>(0))?;
    if said != "ok" {
        return Err(damaged(said));
    }
    let mut count = |sql: &str| -> Result<i64, StoreError> {
        let rows = copy.query(sql, &[]).map_err(|error| damaged(&error.to_string()))?;
        rows.first().map_or(Ok(0), |row| row.get(0))
    };
    let schema = count("SELECT coalesce(max(number), 0) FROM schema_migrations")?;
    migrate::refuse_newer(schema)?;
    let (conversations, messages) =
        (count("SELECT count(*) FROM conversations")?, count("SELECT count(*) FROM messages")?);
    // Files came with the third migration.
    let files = if schema < 3 {
        Vec::new()
    } else {
        let rows = copy.query("SELECT id, has_preview FROM media WHERE state = 'ready' ORDER BY id", &[])?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?
    };
    Ok(Held { schema, conversations, messages, files })
}

/// Puts a copy where a data directory has its database. Blocking; nothing may be there.
pub fn put(copy: &Path, data_dir: &Path) -> Result<(), StoreError> {
    make_data_dir(data_dir)?;
    let to = data_dir.join("linedesk.db");
    let unusable = |error: std::io::Error| StoreError::Unusable(format!("cannot write {}: {error}", to.display()));
    let mut file = private_file(&to).map_err(unusable)?;
    let mut from = std::fs::File::open(copy)
        .map_err(|error| StoreError::Unusable(format!("cannot read {}: {error}", copy.display())))?;
    std::io::copy(&mut from, &mut file).map_err(unusable)?;
    file.sync_all().map_err(unusable)
}

/// Makes a desk of an earlier day safe to serve. What waited for LINE may have gone out since: operators decide (gives how
/// many messages those are). Whoever was signed in then is no longer.
pub fn resume(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let held = tx.returning(
        "UPDATE deliveries SET state = 'unknown', code = 'line_unavailable', error = NULL, retryable = TRUE,
         batch_id = NULL, settled_at = $1 WHERE state IN ('queued', 'sending') RETURNING message_id, conversation_id",
        params![now],
    )?;
    for row in &held {
        emit(tx, EventKind::DeliveryChanged, row.get(1)?, row.get::<MessageId>(0)?, None, now);
    }
    for table in ["lanes", "batches", "reply_tokens"] {
        tx.execute(&format!("DELETE FROM {table}"), &[])?;
    }
    tx.execute("UPDATE refresh_families SET revoked_at = $1 WHERE revoked_at IS NULL", params![now])?;
    Ok(held.len() as u64)
}
