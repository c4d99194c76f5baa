//! Lets the other nodes know that this one lives, and hands over what dead ones held: lanes, files, names, read marks.
//!
//! INVARIANT: a node begins no call of a lane that may be another's by now. It counts its own time from before its beat was
//! written, the others count theirs from after that: it stops trusting its leases before anybody takes them
//! ([`linedesk_core::liveness`]). A call that is under way then goes on, and ends as after a crash: a push goes on under its
//! key, a reply is `unknown` (DL3, DL4).
//!
//! A node alone on its database has nobody to hand over to, and does none of this.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use linedesk_core::liveness::{BEAT_EVERY, Beat, SILENCE, Watch};
use linedesk_store::StoreError;
use linedesk_store::ops::nodes;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;

/// Until when this node may trust its leases.
pub(crate) struct Alive {
    shares_work: bool,
    number: AtomicI64,
    until: Mutex<Instant>,
    /// Counts the times at which it may have been taken for dead.
    life: AtomicU64,
}

/// One life of this node: what was leased in it is its own while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life(u64);

impl Alive {
    pub(crate) fn new(shares_work: bool) -> Self {
        Self { shares_work, number: AtomicI64::new(0), until: Mutex::new(Instant::now()), life: AtomicU64::new(0) }
    }

    /// Ask before the lease is written down or renewed.
    pub(crate) fn life(&self) -> Life {
        Life(self.life.load(Ordering::SeqCst))
    }

    /// Whether what was leased in that life is surely still this node's.
    pub(crate) fn holds(&self, life: Life) -> bool {
        self.holds_at(life, Instant::now())
    }

    fn holds_at(&self, life: Life, now: Instant) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        !self.shares_work || (now < *until && life == self.life())
    }

    /// A beat is written that was begun then.
    fn has_beaten(&self, begun: Instant, now: Instant) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= *until {
            self.life.fetch_add(1, Ordering::SeqCst);
        }
        *until = begun + SILENCE;
    }
}

/// Says once that this node lives.
pub(crate) async fn beat(desk: &Desk) -> Result<(), StoreError> {
    let begun = Instant::now();
    let number = desk.alive.number.fetch_add(1, Ordering::SeqCst);
    let beat = Beat { node: desk.node.clone(), number };
    desk.store.write::<_, StoreError, _>(move |tx| nodes::beat(tx, &beat)).await?;
    desk.alive.has_beaten(begun, Instant::now());
    Ok(())
}

/// Runs until `stop`, which is when nothing is under way any more; then gives back what is left.
pub(crate) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let (began, mut watch) = (Instant::now(), Watch::default());
    let mut every = tokio::time::interval(BEAT_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = every.tick() => {}
        }
        if let Err(error) = beat(&desk).await {
            tracing::warn!(%error, "the other nodes cannot be told that this one lives");
        } else if let Err(error) = look(&desk, &mut watch, began).await {
            tracing::warn!(%error, "the other nodes cannot be looked after");
        }
    }
    let (node, now) = (desk.node.clone(), desk.now());
    let left = desk.store.write::<_, StoreError, _>(move |tx| nodes::leave(tx, &node, now)).await;
    if let Err(error) = left {
        tracing::warn!(%error, "what this node holds could not be given back; the others take it soon");
    }
}

async fn look(desk: &Desk, watch: &mut Watch, began: Instant) -> Result<(), StoreError> {
    let beats = desk.store.read::<_, StoreError, _>(|tx| nodes::list(tx)).await?;
    // From after they were read, that is after they were written.
    for dead in watch.look(&desk.node, beats, began.elapsed()) {
        let (node, now) = (dead.node.clone(), desk.now());
        if desk.store.write::<_, StoreError, _>(move |tx| nodes::bury(tx, &dead, now)).await?.value {
            tracing::warn!(%node, "a node is dead; the others take its work");
            metrics::counter!("linedesk_nodes_lost_total").increment(1);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dl8_a_node_that_could_not_beat_trusts_no_lease_of_before() {
        let alive = Alive::new(true);
        let mut now = Instant::now();
        alive.has_beaten(now, now);
        let life = alive.life();
        for _ in 0..10 {
            now += SILENCE / 2;
            assert!(alive.holds_at(life, now));
            alive.has_beaten(now, now);
        }
        // Its beat takes longer than the others wait.
        let begun = now;
        now += SILENCE;
        assert!(!alive.holds_at(life, now));
        alive.has_beaten(begun, now);
        assert!(!alive.holds_at(alive.life(), now), "the beat itself is that old");
        alive.has_beaten(now, now);
        assert!(alive.holds_at(alive.life(), now));
        assert!(!alive.holds_at(life, now), "what it leased before may be another's");
    }

    #[test]
    fn a_node_alone_need_not_beat() {
        let alive = Alive::new(false);
        assert!(alive.holds_at(alive.life(), Instant::now() + SILENCE * 10));
    }
}
