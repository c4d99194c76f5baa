//! Rate limits as a pure rule: the generic cell rate algorithm (GCRA), one timestamp of state (WS7).
//!
//! Never more is granted than the burst and the rate allow; a refusal says truthfully when to come back, and costs
//! nothing. Whose limit it is and where its state lives are deliberately absent.

use std::time::Duration;

/// Typing signals (WS7).
pub const TYPING: Quota = Quota::one_per(Duration::from_secs(2));

/// How often something may be done: one per `period` in the long run, `burst` at once.
// INVARIANT: both are at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    period_ms: i64,
    burst: i64,
}

impl Quota {
    /// `count` a minute in the long run, `burst` at once. Zero of either is taken as one. The period is rounded up to a
    /// millisecond, so that it is never more than `count`.
    pub const fn per_minute(count: u32, burst: u32) -> Self {
        let (count, burst) = (if count == 0 { 1 } else { count }, if burst == 0 { 1 } else { burst });
        Self { period_ms: 60_000_u32.div_ceil(count) as i64, burst: burst as i64 }
    }

    /// One per `period`, without a burst.
    pub const fn one_per(period: Duration) -> Self {
        let part_ms = period.subsec_nanos().div_ceil(1_000_000) as u64;
        let period_ms = period.as_secs().saturating_mul(1000).saturating_add(part_ms);
        let period_ms = if period_ms > i64::MAX as u64 { i64::MAX } else { period_ms.cast_signed() };
        Self { period_ms: if period_ms == 0 { 1 } else { period_ms }, burst: 1 }
    }

    const fn periods(self, count: i64) -> i64 {
        self.period_ms.saturating_mul(count)
    }
}

/// The state of one limit: when it will be as if nothing had been done ("theoretical arrival time").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    fresh_at_ms: i64,
}

impl Default for Gcra {
    fn default() -> Self {
        Self { fresh_at_ms: i64::MIN }
    }
}

impl Gcra {
    /// Takes one at `now_ms` (Unix ms), or tells after how long one can be taken: more than zero, and exact as long as
    /// nobody else takes.
    pub fn try_take(&mut self, quota: Quota, now_ms: i64) -> Result<(), Duration> {
        let fresh_at_ms = self.bounded(quota, now_ms);
        let allowed_at_ms = fresh_at_ms.saturating_sub(quota.periods(quota.burst - 1));
        if allowed_at_ms > now_ms {
            // Kept as bounded: the time to wait counts from here.
            self.fresh_at_ms = fresh_at_ms;
            return Err(Duration::from_millis(allowed_at_ms.abs_diff(now_ms)));
        }
        self.fresh_at_ms = fresh_at_ms.saturating_add(quota.period_ms);
        Ok(())
    }

    /// Gives back one that was taken and turned out not to count.
    pub fn give_back(&mut self, quota: Quota) {
        self.fresh_at_ms = self.fresh_at_ms.saturating_sub(quota.period_ms);
    }

    /// What has been taken elsewhere, on another node: counted even when it is too much.
    pub fn take_unchecked(&mut self, quota: Quota, now_ms: i64) {
        self.fresh_at_ms = self.bounded(quota, now_ms).saturating_add(quota.period_ms);
        self.fresh_at_ms = self.bounded(quota, now_ms);
    }

    /// Whether the state can be forgotten: it is as good as a new one.
    pub const fn is_fresh(&self, now_ms: i64) -> bool {
        self.fresh_at_ms <= now_ms
    }

    /// The state as seen at `now_ms`, at most one period beyond a spent burst: neither a broken node nor a clock that was
    /// set back locks anybody out for long.
    fn bounded(self, quota: Quota, now_ms: i64) -> i64 {
        self.fresh_at_ms.clamp(now_ms, now_ms.saturating_add(quota.periods(quota.burst.saturating_add(1))))
    }
}

#[cfg(test)]
mod tests;
