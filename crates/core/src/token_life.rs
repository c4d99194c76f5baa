//! How old a reply token may be and still work, learnt for each channel.
//!
//! LINE promises one minute and says no more ("Later use isn't guaranteed", LINE reference); trying costs one round trip,
//! and what works is free. So every token is tried up to the configured age, but for ages at which this channel's tokens
//! were refused again and again and never worked. Even those are tried now and then: LINE may change its mind.

use serde::{Deserialize, Serialize};

/// What LINE promises.
pub const PROMISED_MS: i64 = 60_000;
/// The ages that are told apart: up to each of these, in ms.
const AGES: [i64; 10] = [60_000, 120_000, 180_000, 300_000, 450_000, 600_000, 900_000, 1_200_000, 1_800_000, 3_600_000];
/// Refusals in a row that are strong evidence.
const STRONG: u32 = 20;
/// One in so many tokens is tried in spite of it.
const PROBE_EVERY: u32 = 20;
/// More is not learnt from more.
const ENOUGH: u32 = 50;

/// What is known of one channel's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLife {
    ages: [Age; AGES.len()],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Age {
    worked: u32,
    /// In a row.
    refused: u32,
    /// Since the last try.
    skipped: u32,
}

impl TokenLife {
    /// A token of this age was tried. Tells whether anything was learnt from it; that a promise is kept is no news.
    pub fn tried(&mut self, age_ms: i64, worked: bool) -> bool {
        if age_ms < PROMISED_MS && worked {
            return false;
        }
        let age = &mut self.ages[place(age_ms)];
        let before = *age;
        age.skipped = 0;
        if worked {
            age.worked = (age.worked + 1).min(ENOUGH);
            age.refused = 0;
        } else {
            age.refused = (age.refused + 1).min(ENOUGH);
            if age.refused >= STRONG {
                age.worked = 0;
            }
        }
        *age != before
    }

    /// A token of this age was not tried.
    pub fn skipped(&mut self, age_ms: i64) {
        let age = &mut self.ages[place(age_ms)];
        age.skipped = age.skipped.saturating_add(1);
    }

    /// Whether a token of this age is worth a try.
    pub fn is_worth_a_try(&self, age_ms: i64) -> bool {
        let age = self.ages[place(age_ms)];
        age_ms < PROMISED_MS || age.worked > 0 || age.refused < STRONG || age.skipped >= PROBE_EVERY
    }

    /// Up to which age a token is expected to work: as far as most of those that were tried did, at least what LINE
    /// promises, at most `most_ms`.
    pub fn expected_ms(&self, most_ms: i64) -> i64 {
        let known = self.ages.iter().zip(AGES).skip(1).take_while(|(age, _)| age.worked > age.refused);
        known.last().map_or(PROMISED_MS, |(_, until)| until).min(most_ms)
    }
}

fn place(age_ms: i64) -> usize {
    AGES.iter().position(|until| age_ms < *until).unwrap_or(AGES.len() - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_evidence_every_token_is_tried_and_a_minute_is_expected() {
        let life = TokenLife::default();
        assert!(AGES.iter().all(|age| life.is_worth_a_try(age - 1)));
        assert_eq!((life.expected_ms(600_000), life.expected_ms(30_000)), (60_000, 30_000));
    }

    #[test]
    fn what_works_is_expected_and_one_refusal_is_no_evidence() {
        let mut life = TokenLife::default();
        for age in [100_000, 170_000] {
            for _ in 0..3 {
                life.tried(age, true);
            }
        }
        assert_eq!(life.expected_ms(600_000), 180_000);
        life.tried(170_000, false);
        assert!(life.is_worth_a_try(170_000));
    }

    #[test]
    fn strong_evidence_ends_the_tries_but_for_probes() {
        let mut life = TokenLife::default();
        for _ in 0..STRONG {
            assert!(life.is_worth_a_try(400_000));
            life.tried(400_000, false);
        }
        assert!(!life.is_worth_a_try(400_000) && life.is_worth_a_try(100_000));
        for _ in 0..PROBE_EVERY {
            life.skipped(400_000);
        }
        assert!(life.is_worth_a_try(400_000), "a probe");
        life.tried(400_000, true);
        assert!(life.is_worth_a_try(400_000), "LINE has changed its mind");
    }

    proptest! {
        #[test]
        fn lines_promise_is_always_kept(tries in proptest::collection::vec((0..4_000_000_i64, any::<bool>()), 0..300), age in 0..PROMISED_MS) {
            let mut life = TokenLife::default();
            for (age, worked) in tries {
                life.tried(age, worked);
            }
            prop_assert!(life.is_worth_a_try(age));
            prop_assert!(life.expected_ms(i64::MAX) >= PROMISED_MS);
        }

        #[test]
        fn what_worked_lately_is_tried(before in proptest::collection::vec(any::<bool>(), 0..200), age in 0..4_000_000_i64) {
            let mut life = TokenLife::default();
            for worked in before {
                life.tried(age, worked);
            }
            life.tried(age, true);
            for _ in 0..STRONG - 1 {
                life.tried(age, false);
            }
            prop_assert!(life.is_worth_a_try(age));
        }
    }
}
