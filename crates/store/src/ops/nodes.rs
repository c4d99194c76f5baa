//! Nodes that live, and what becomes of the work of those that do not. Who is dead is decided by
//! `linedesk_core::liveness`.
//!
//! INVARIANT: a node that was taken for dead holds nothing any more. What it still writes down counts only where nobody has
//! gone on meanwhile: a lane's steps ask for its owner, and files and names are the same whoever fetched them.

use linedesk_core::liveness::Beat;
use linedesk_protocol::Timestamp;

use crate::engine::params;
use crate::error::StoreError;
use crate::tx::{Query, Tx};

/// A node's number is this one now. One that was taken for dead is among the living again.
pub fn beat(tx: &mut Tx<'_>, beat: &Beat) -> Result<(), StoreError> {
    let sql = "INSERT INTO nodes (id, beat) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET beat = $2";
    tx.execute(sql, params![&beat.node, beat.number]).map(drop)
}

/// Everybody's number.
pub fn list(tx: &mut impl Query) -> Result<Vec<Beat>, StoreError> {
    let rows = tx.query("SELECT id, beat FROM nodes", &[])?;
    rows.iter().map(|row| Ok(Beat { node: row.get(0)?, number: row.get(1)? })).collect()
}

/// A node is dead whose number is still this one: what it held is free. False when it has counted on, or somebody else
/// was faster.
pub fn bury(tx: &mut Tx<'_>, dead: &Beat, now: Timestamp) -> Result<bool, StoreError> {
    if tx.execute("DELETE FROM nodes WHERE id = $1 AND beat = $2", params![&dead.node, dead.number])? == 0 {
        return Ok(false);
    }
    free(tx, &dead.node, now)?;
    Ok(true)
}

/// A node goes, and holds nothing any more.
pub fn leave(tx: &mut Tx<'_>, node: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM nodes WHERE id = $1", params![node])?;
    free(tx, node, now)
}

fn free(tx: &mut Tx<'_>, node: &str, now: Timestamp) -> Result<(), StoreError> {
    // A lane's owner is the node's id, a slash, and which taking it was.
    tx.execute(
        "UPDATE lanes SET lease_owner = NULL, lease_until = NULL WHERE replace(lease_owner, $1, '') <> lease_owner",
        params![&format!("{node}/")],
    )?;
    for sql in [
        "UPDATE media SET due_at = $2, taken_by = NULL WHERE taken_by = $1 AND due_at IS NOT NULL",
        "UPDATE line_reads SET due_at = $2, taken_by = NULL WHERE taken_by = $1 AND due_at IS NOT NULL",
        "UPDATE contacts SET profile_due_at = $2, profile_taken_by = NULL
         WHERE profile_taken_by = $1 AND profile_due_at IS NOT NULL",
        "UPDATE members SET profile_due_at = $2, profile_taken_by = NULL
         WHERE profile_taken_by = $1 AND profile_due_at IS NOT NULL",
    ] {
        tx.execute(sql, params![node, now])?;
    }
    (tx.wakes.outbox, tx.wakes.media, tx.wakes.profiles) = (true, true, true);
    Ok(())
}
