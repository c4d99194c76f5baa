//! Puts texts into the search index on SQLite, a moment after they were written: many at once cost a fraction of one after the
//! other. Searches read what is not in it yet.

use std::sync::Arc;
use std::time::Duration;

use linedesk_store::StoreError;
use linedesk_store::ops::search;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// How long texts are collected.
const PAUSE: Duration = Duration::from_millis(250);
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    // First what waited when the process ended.
    let mut pause = Duration::ZERO;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        // Each piece is an operation of its own, with those of others between.
        let indexed = desk.store.write::<_, StoreError, _>(search::index_waiting).await;
        match indexed {
            Ok(done) if done.value => pause = Duration::ZERO,
            Ok(_) => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = desk.store.signals().texts() => pause = PAUSE,
                }
            }
            Err(error) => {
                tracing::warn!(%error, "texts cannot be put into the search index; searches read them");
                pause = AFTER_A_FAILURE;
            }
        }
    }
}
