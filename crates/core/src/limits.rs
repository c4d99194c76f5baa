//! Rate limits as a pure rule: the generic cell rate algorithm (GCRA), one timestamp of state (WS7).

use std::time::Duration;

/// How often something may be done: one per `period` in the long run, `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    period_ms: i64,
    burst: i64,
}

impl Quota {
    /// `count` a minute in the long run, `burst` at once. Zero of either is taken as one.
    pub const fn per_minute(count: u32, burst: u32) -> Self {
        let (count, burst) = (if count == 0 { 1 } else { count }, if burst == 0 { 1 } else { burst });
        let period = 60_000 / count as i64;
        Self { period_ms: if period == 0 { 1 } else { period }, burst: burst as i64 }
    }

    /// One per `period`, without a burst.
    pub fn one_per(period: Duration) -> Self {
        Self { period_ms: i64::try_from(period.as_millis()).unwrap_or(i64::MAX / 4).max(1), burst: 1 }
    }
}

/// The state of one limit: when it will be as if nothing had been done ("theoretical arrival time").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gcra {
    fresh_at_ms: i64,
}

impl Gcra {
    /// Takes one, or tells after how long one can be taken. A refusal costs nothing.
    pub fn try_take(&mut self, quota: Quota, now_ms: i64) -> Result<(), Duration> {
        let fresh_at = self.fresh_at_ms.max(now_ms);
        let allowed_at = fresh_at - quota.period_ms * (quota.burst - 1);
        if allowed_at > now_ms {
            return Err(Duration::from_millis(u64::try_from(allowed_at - now_ms).unwrap_or(1)));
        }
        self.fresh_at_ms = fresh_at + quota.period_ms;
        Ok(())
    }

    /// What has been taken elsewhere, on another node: counted even when it is too much.
    pub fn take_unchecked(&mut self, quota: Quota, now_ms: i64) {
        // Bounded, so that a broken node cannot lock somebody out for long.
        let most = now_ms + quota.period_ms * (quota.burst + 1);
        self.fresh_at_ms = (self.fresh_at_ms.max(now_ms) + quota.period_ms).min(most);
    }

    /// Whether the state can be forgotten.
    pub const fn is_fresh(&self, now_ms: i64) -> bool {
        self.fresh_at_ms <= now_ms
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ws7_sending_allows_a_burst_of_20_then_one_a_second() {
        let quota = Quota::per_minute(60, 20);
        let mut limit = Gcra::default();
        for _ in 0..20 {
            assert_eq!(limit.try_take(quota, 5_000), Ok(()));
        }
        assert_eq!(limit.try_take(quota, 5_000), Err(Duration::from_secs(1)));
        assert_eq!(limit.try_take(quota, 6_000), Ok(()));
        assert!(limit.try_take(quota, 6_000).is_err());
        assert!(limit.is_fresh(26_000));
    }

    #[test]
    fn ws7_what_another_node_spent_counts() {
        let quota = Quota::one_per(Duration::from_secs(2));
        let mut limit = Gcra::default();
        limit.take_unchecked(quota, 1_000);
        assert_eq!(limit.try_take(quota, 1_000), Err(Duration::from_secs(2)));
    }

    proptest! {
        #[test]
        fn ws7_never_more_than_the_burst_and_the_rate(
            count in 1..600_u32,
            burst in 1..50_u32,
            gaps in proptest::collection::vec(0..3_000_i64, 1..200),
        ) {
            let quota = Quota::per_minute(count, burst);
            let (mut limit, mut now, mut taken) = (Gcra::default(), 0_i64, Vec::new());
            for gap in gaps {
                now += gap;
                match limit.try_take(quota, now) {
                    Ok(()) => taken.push(now),
                    Err(wait) => {
                        let mut later = limit;
                        let at = now + i64::try_from(wait.as_millis()).unwrap();
                        prop_assert!(wait > Duration::ZERO);
                        prop_assert_eq!(later.try_take(quota, at), Ok(()), "the time to wait is honest");
                    }
                }
            }
            for (index, from) in taken.iter().enumerate() {
                for (count, to) in taken[index..].iter().enumerate() {
                    let allowed = quota.burst + (to - from) / quota.period_ms;
                    prop_assert!(i64::try_from(count).unwrap() < allowed + 1);
                }
            }
        }
    }
}
