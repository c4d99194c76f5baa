//! What the API, the page and the webhook senders share: the locked state, the way changes are told, and the tasks.
//!
//! INVARIANT: the lock is never held across an await, and everyone who waits is woken after every change.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use linedesk_core::clock::Clock;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::faults::{self, Endpoint, FaultKind};
use crate::feed::Frame;
use crate::platform::Platform;

/// Frames a page may be behind before it is dropped; it then reloads.
const FEED_FRAMES: usize = 512;
/// Pages that may listen at once.
const LISTENERS: usize = 64;
/// Webhooks on their way at once.
const WEBHOOKS: usize = 64;

#[derive(Debug)]
pub(crate) struct Shared {
    platform: Mutex<Platform>,
    revision: watch::Sender<u64>,
    feed: broadcast::Sender<Frame>,
    pub(crate) listeners: Arc<Semaphore>,
    pub(crate) webhook_slots: Semaphore,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) http: reqwest::Client,
    pub(crate) channel_secret: String,
    pub(crate) channel_access_token: String,
    pub(crate) channel_id: String,
    pub(crate) assertion_key: Option<String>,
    pub(crate) account_name: String,
    pub(crate) console_url: Option<String>,
    pub(crate) base_url: String,
    /// Listening on a loopback address, so that only this machine's names for itself are right.
    pub(crate) loopback_only: bool,
    /// Ends every task and every connection.
    pub(crate) stop: CancellationToken,
    tasks: TaskTracker,
    runtime: Handle,
}

/// What a [`Shared`] is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) platform: Platform,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) http: reqwest::Client,
    pub(crate) channel_secret: String,
    pub(crate) channel_access_token: String,
    pub(crate) channel_id: String,
    pub(crate) assertion_key: Option<String>,
    pub(crate) account_name: String,
    pub(crate) console_url: Option<String>,
    pub(crate) addr: SocketAddr,
}

impl Shared {
    /// Must be called on the runtime that shall run the tasks.
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            platform: Mutex::new(parts.platform),
            revision: watch::Sender::new(0),
            feed: broadcast::Sender::new(FEED_FRAMES),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
            webhook_slots: Semaphore::new(WEBHOOKS),
            clock: parts.clock,
            http: parts.http,
            channel_secret: parts.channel_secret,
            channel_access_token: parts.channel_access_token,
            channel_id: parts.channel_id,
            assertion_key: parts.assertion_key,
            account_name: parts.account_name,
            console_url: parts.console_url,
            base_url: base_url(parts.addr),
            loopback_only: parts.addr.ip().is_loopback(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            runtime: Handle::current(),
        })
    }

    /// Reads the state.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Platform) -> T) -> T {
        read(&self.lock())
    }

    /// Changes the state, tells the pages and wakes whoever waits.
    pub(crate) fn update<T>(&self, update: impl FnOnce(&mut Platform) -> T) -> T {
        let mut platform = self.lock();
        let result = update(&mut platform);
        // Told under the lock, so that the pages see changes in the order they happened.
        for change in platform.changes.drain(..) {
            if self.feed.receiver_count() > 0
                && let Ok(frame) = serde_json::to_string(&change)
            {
                let _ = self.feed.send(frame.into());
            }
        }
        drop(platform);
        self.revision.send_modify(|revision| *revision += 1);
        result
    }

    fn lock(&self) -> MutexGuard<'_, Platform> {
        // A panic of a test's predicate leaves the state whole: transitions do not call out.
        self.platform.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Frame> {
        self.feed.subscribe()
    }

    /// Returns once the predicate holds, or with `false` when the time is up.
    pub(crate) async fn wait_for(&self, mut holds: impl FnMut(&Platform) -> bool, within: Duration) -> bool {
        let mut changed = self.revision.subscribe();
        let wait = async {
            while !holds(&self.lock()) {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(within, wait).await.is_ok()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Takes the next fault of an endpoint family, and how long the call shall last before it is looked at.
    pub(crate) fn next_fault(&self, endpoint: Endpoint) -> (Option<FaultKind>, Duration) {
        self.update(|platform| {
            let slot = platform.settings.fault_mut(endpoint);
            let before = *slot;
            let fault = faults::take(slot);
            if *slot != before {
                platform.settings_changed();
            }
            let (base, spread) = (platform.settings.latency_ms, platform.settings.jitter_ms);
            (fault, platform.ids.around(Duration::from_millis(base), Duration::from_millis(spread)))
        })
    }

    /// Runs a task until it ends or the simulator stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let task = async move {
            stop.run_until_cancelled(task).await;
        };
        self.tasks.spawn_on(task, &self.runtime);
    }

    /// Runs a task that ends by itself once the simulator stops.
    pub(crate) fn spawn_to_the_end(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.runtime);
    }

    /// Ends all tasks and waits for them.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// How this machine reaches the address.
fn base_url(mut addr: SocketAddr) -> String {
    if addr.ip().is_unspecified() {
        addr.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{addr}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unspecified_address_is_reached_over_loopback() {
        for (addr, url) in [
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:80", "http://127.0.0.1:80"),
            ("[::1]:80", "http://[::1]:80"),
            ("192.0.2.1:80", "http://192.0.2.1:80"),
        ] {
            assert_eq!(base_url(addr.parse().unwrap()), url);
        }
    }
}
