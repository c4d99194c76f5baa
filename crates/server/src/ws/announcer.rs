//! Tells who is there: everybody on this node, and the other nodes.
//!
//! What changes within a moment is told together: five hundred operators who come back at once would otherwise be told
//! five hundred times of each other.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::bus::Note;
use crate::desk::Desk;

/// How long changes are collected before the next word.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs until `stop`.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = desk.hub.changed.notified() => {}
        }
        desk.hub.publish_presence(desk.now());
        desk.bus.tell(Note::Presence { view: desk.hub.own_view().into_iter().collect() });
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
