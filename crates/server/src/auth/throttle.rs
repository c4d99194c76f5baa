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
/// What those are told.
const FULL_FOR: Duration = Duration::from_secs(10);

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
            match entries.get(&key) {
                Some(state) => { *state }.try_take(quota, now_ms)?,
                None if entries.len() >= ENTRIES => return Err(FULL_FOR),
                None => {}
            }
        }
        for (key, quota) in keys(username, address) {
            entries.entry(key).or_default().take_unchecked(quota, now_ms);
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

/// An IPv6 address stands for its /64, all of which one client usually has.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn keys(username: &str, address: Option<IpAddr>) -> impl Iterator<Item = (Key, Quota)> {
    let user = (Key::User(username.chars().take(100).collect()), PER_USER);
    std::iter::once(user).chain(address.map(|address| (Key::Address(network(address)), PER_ADDRESS)))
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
    fn au1_an_ipv6_network_is_one_address_and_a_full_table_lets_nobody_new_in() {
        let throttle = Throttle::default();
        let address = |host: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, host]));
        for n in 0..50 {
            assert_eq!(throttle.begin(&format!("user{n}"), address(n), 0), Ok(()));
        }
        assert!(throttle.begin("b", address(99), 0).is_err());
        for n in 0..ENTRIES {
            let _ = throttle.begin(&format!("name{n}"), None, 0);
        }
        assert_eq!(throttle.begin("somebody new", None, 0), Err(FULL_FOR));
        assert_eq!(throttle.begin("name1", None, 0), Ok(()));
        assert_eq!(throttle.begin("somebody new", None, 60_000), Ok(()));
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
