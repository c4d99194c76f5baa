//! Every id and token the platform hands out, from one seed.
//!
//! INVARIANT: user ids depend on the seed and their order alone, so that a restarted demo has the same customers. All
//! other ids also hold the time, so that a desk that outlives the simulator never meets the same one twice.

use std::fmt::Write as _;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use uuid::Uuid;

use crate::customer::SourceKind;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[derive(Debug)]
pub(crate) struct Ids {
    users: StdRng,
    rest: StdRng,
    next_message: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64, now_ms: i64) -> Self {
        let started = u64::try_from(now_ms).unwrap_or(0);
        Self {
            users: StdRng::seed_from_u64(seed),
            rest: StdRng::seed_from_u64(seed ^ 0x6c69_6e65_6465_736b),
            // LINE's message ids are decimal, 18 digits today, and rise with time.
            next_message: started.saturating_mul(100_000),
        }
    }

    /// `U` and 32 hexadecimal digits.
    pub(crate) fn user(&mut self) -> String {
        format!("U{:032x}", self.users.random::<u128>())
    }

    /// `C` or `R` and 32 hexadecimal digits.
    pub(crate) fn chat(&mut self, kind: SourceKind) -> String {
        let letter = if kind == SourceKind::Room { 'R' } else { 'C' };
        format!("{letter}{:032x}", self.users.random::<u128>())
    }

    pub(crate) fn message(&mut self) -> String {
        self.next_message += u64::from(self.rest.random_range(1..=9_u8));
        self.next_message.to_string()
    }

    /// A reply token, a quote token, a token to mark as read: opaque to clients, 32 hexadecimal digits here.
    pub(crate) fn token(&mut self, now_ms: i64) -> String {
        format!("{:012x}{:020x}", now_ms & 0xffff_ffff_ffff, self.rest.random::<u128>() >> 48)
    }

    /// A webhook event's id (LINE OpenAPI: "a string in ULID format").
    pub(crate) fn ulid(&mut self, now_ms: i64) -> String {
        let time = u128::try_from(now_ms).unwrap_or(0) & 0xffff_ffff_ffff;
        let bits = (time << 80) | (self.rest.random::<u128>() >> 48);
        (0..26).rev().map(|at| char::from(CROCKFORD[((bits >> (at * 5)) & 31) as usize])).collect()
    }

    /// `x-line-request-id`.
    pub(crate) fn request(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.rest.random()).into_uuid().to_string()
    }

    /// Somewhere within `base ± spread`.
    pub(crate) fn around(&mut self, base: Duration, spread: Duration) -> Duration {
        let (low, high) = (base.saturating_sub(spread), base.saturating_add(spread));
        low + high.saturating_sub(low).mul_f64(self.rest.random::<f64>())
    }

    /// `@` and eight letters or digits, for the account.
    pub(crate) fn basic_id(&mut self) -> String {
        let mut id = String::from("@");
        let _ = write!(id, "{:08x}", self.users.random::<u32>());
        id
    }
}

/// Whether a retry key is a UUID in LINE's form: hyphenated hexadecimal.
pub(crate) fn is_retry_key(key: &str) -> bool {
    key.len() == 36 && Uuid::try_parse(key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_customers_at_any_time() {
        let (mut one, mut other) = (Ids::new(7, 1), Ids::new(7, 2_000_000_000_000));
        one.ulid(5);
        one.message();
        assert_eq!(one.user(), other.user());
        assert_eq!(one.user().len(), 33);
        assert_ne!(one.user(), Ids::new(8, 1).user());
    }

    #[test]
    fn a_restart_with_the_same_seed_repeats_no_event_message_or_token() {
        let (mut one, mut other) = (Ids::new(7, 1_700_000_000_000), Ids::new(7, 1_700_000_060_000));
        assert_ne!(one.ulid(1_700_000_000_000), other.ulid(1_700_000_060_000));
        assert_ne!(one.message(), other.message());
        assert_ne!(one.token(1_700_000_000_000), other.token(1_700_000_060_000));
    }

    #[test]
    fn ulids_sort_by_time_and_are_crockford() {
        let mut ids = Ids::new(1, 0);
        let (early, late) = (ids.ulid(1_700_000_000_000), ids.ulid(1_700_000_000_001));
        assert!(early < late);
        assert_eq!(early.len(), 26);
        assert!(early.bytes().all(|byte| CROCKFORD.contains(&byte)));
    }

    #[test]
    fn retry_keys_are_hyphenated_uuids() {
        assert!(is_retry_key("123e4567-e89b-12d3-a456-426614174000"));
        for wrong in ["", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}", "no"] {
            assert!(!is_retry_key(wrong), "{wrong}");
        }
    }
}
