//! Slows down guessing of passwords, per user name and per address (AU1). Only failures count in the end, but every try
//! counts until its password was found right: many at once get no further than one after the other.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use linedesk_core::limits::{Gcra, Quota};

const PER_USER: Quota = Quota::per_minute(6, 10);
const PER_ADDRESS: Quota = Quota::per_minute(30, 50);
/// When more names or addresses than this fail at once, fresh entries are dropped; then new ones wait for room.
const ENTRIES: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    User(String),
    Address(IpAddr),
}

/// Failures so far.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<Key, Gcra>>);

impl Throttle {
    /// Counts a try, or tells after how long one can be made.
    pub(crate) fn begin(&self, username: &str, address: Option<IpAddr>, now_ms: i64) -> Result<(), Duration> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES {
            entries.retain(|_, state| !state.is_fresh(now_ms));
        }
        for (key, quota) in keys(username, address) {
            entries.get(&key).copied().unwrap_or_default().try_take(quota, now_ms)?;
        }
        for (key, quota) in keys(username, address) {
            if entries.len() < ENTRIES || entries.contains_key(&key) {
                entries.entry(key).or_default().take_unchecked(quota, now_ms);
            }
        }
        Ok(())
    }

    /// The try was a good one and does not count.
    pub(crate) fn succeeded(&self, username: &str, address: Option<IpAddr>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, quota) in keys(username, address) {
            if let Some(state) = entries.get_mut(&key) {
                state.give_back(quota);
            }
        }
    }
}

fn keys(username: &str, address: Option<IpAddr>) -> impl Iterator<Item = (Key, Quota)> {
    let user = (Key::User(username.chars().take(100).collect()), PER_USER);
    std::iter::once(user).chain(address.map(|address| (Key::Address(address), PER_ADDRESS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn au1_repeated_failures_are_slowed_per_user_and_address() {
        let throttle = Throttle::default();
        let address = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..10 {
            assert_eq!(throttle.begin("a", address, 0), Ok(()));
        }
        assert!(throttle.begin("a", None, 0).is_err());
        for n in 0..40 {
            assert_eq!(throttle.begin(&format!("user{n}"), address, 0), Ok(()));
        }
        assert!(throttle.begin("b", address, 0).is_err());
        assert_eq!(throttle.begin("b", None, 0), Ok(()));
        assert_eq!(throttle.begin("a", None, 60_000), Ok(()));
    }

    #[test]
    fn au1_good_tries_do_not_count() {
        let throttle = Throttle::default();
        for _ in 0..100 {
            assert_eq!(throttle.begin("a", None, 0), Ok(()));
            throttle.succeeded("a", None);
        }
    }
}
