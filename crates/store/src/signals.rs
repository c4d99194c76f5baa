//! What the rest of the process hears of commits: the feed's head, and which workers have something to do.
//!
//! Hints only. The database is the truth: whoever is woken looks there, and whoever is not woken looks there anyway after
//! a while.

use std::sync::atomic::{AtomicI64, Ordering};

use linedesk_protocol::Seq;
use tokio::sync::{Notify, watch};

use crate::tx::Wakes;

/// Hints from the writer threads of this process.
#[derive(Debug)]
pub struct Signals {
    head: watch::Sender<Seq>,
    /// The newest seq that this process committed and has not told of.
    own_head: AtomicI64,
    outbox: Notify,
    profiles: Notify,
    media: Notify,
    quota: Notify,
    texts: Notify,
}

impl Signals {
    pub(crate) fn new(head: Seq) -> Self {
        Self {
            head: watch::Sender::new(head),
            own_head: AtomicI64::new(0),
            outbox: Notify::new(),
            profiles: Notify::new(),
            media: Notify::new(),
            quota: Notify::new(),
            texts: Notify::new(),
        }
    }

    pub(crate) fn committed(&self, head: Option<Seq>, wakes: Wakes) {
        if let Some(seq) = head {
            self.own_head.fetch_max(seq.0, Ordering::SeqCst);
            self.advance(seq);
        }
        if wakes.outbox {
            self.outbox.notify_one();
        }
        if wakes.profiles {
            self.profiles.notify_one();
        }
        if wakes.media {
            self.media.notify_one();
        }
        if wakes.quota {
            self.quota.notify_one();
        }
        if wakes.texts {
            self.texts.notify_one();
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

    /// How far this process has brought the feed since it was last asked: what other nodes do not know yet.
    pub fn take_own_head(&self) -> Option<Seq> {
        Some(Seq(self.own_head.swap(0, Ordering::SeqCst))).filter(|seq| seq.0 > 0)
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

    /// Returns when files are to be fetched or deleted.
    pub async fn media(&self) {
        self.media.notified().await;
    }

    /// Returns when something was paid for.
    pub async fn quota(&self) {
        self.quota.notified().await;
    }

    /// Returns when texts are to be put into the search index.
    pub async fn texts(&self) {
        self.texts.notified().await;
    }

    /// Another node has put something into the outbox.
    pub fn wake_outbox(&self) {
        self.outbox.notify_one();
    }
}
