//! What the rest of the process hears of commits: the feed's head, and which workers have something to do.
//!
//! Hints only. The database is the truth: whoever is woken looks there, and whoever is not woken looks there anyway after
//! a while.

use linedesk_protocol::Seq;
use tokio::sync::{Notify, watch};

use crate::tx::Wakes;

/// Hints from the writer threads of this process.
#[derive(Debug)]
pub struct Signals {
    head: watch::Sender<Seq>,
    outbox: Notify,
    profiles: Notify,
}

impl Signals {
    pub(crate) fn new(head: Seq) -> Self {
        Self { head: watch::Sender::new(head), outbox: Notify::new(), profiles: Notify::new() }
    }

    pub(crate) fn committed(&self, head: Option<Seq>, wakes: Wakes) {
        if let Some(seq) = head {
            self.advance(seq);
        }
        if wakes.outbox {
            self.outbox.notify_one();
        }
        if wakes.profiles {
            self.profiles.notify_one();
        }
    }

    /// The feed has come so far, as this or another node knows.
    pub fn advance(&self, seq: Seq) {
        self.head.send_if_modified(|head| {
            let newer = seq > *head;
            if newer {
                *head = seq;
            }
            newer
        });
    }

    /// Follows the feed's head.
    pub fn head(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }

    /// Returns when messages wait for LINE.
    pub async fn outbox(&self) {
        self.outbox.notified().await;
    }

    /// Returns when profiles are due.
    pub async fn profiles(&self) {
        self.profiles.notified().await;
    }

    /// Another node has put something into the outbox.
    pub fn wake_outbox(&self) {
        self.outbox.notify_one();
    }
}
