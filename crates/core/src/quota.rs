//! How many paid messages are left this month, how many it will have been, and what may still be sent.

use linedesk_protocol::rest::QuotaLevel;

/// What LINE and the ledger say, and when in the month that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    /// Paid messages a month; none without a limit.
    pub limit: Option<i64>,
    pub used: i64,
    /// The last so many are for people's messages.
    pub reserve: i64,
    /// How much of the month is over, 0 to 1.
    pub month_passed: f64,
}

impl Count {
    pub fn left(&self) -> Option<i64> {
        self.limit.map(|limit| (limit - self.used).max(0))
    }

    pub fn level(&self) -> QuotaLevel {
        let (Some(limit), Some(left)) = (self.limit, self.left()) else { return QuotaLevel::Ok };
        match left {
            0 => QuotaLevel::Spent,
            left if left <= self.reserve => QuotaLevel::Reserve,
            left if left * 5 < limit => QuotaLevel::Low,
            _ => QuotaLevel::Ok,
        }
    }

    /// What `used` will be at the month's end if it goes on so. None in its first hours, when that says nothing: a
    /// thirtieth of a month is about its first day.
    pub fn forecast(&self) -> Option<i64> {
        if self.month_passed < 1.0 / 31.0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an estimate")]
        let end = (self.used as f64 / self.month_passed.min(1.0)).round() as i64;
        Some(end.max(self.used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(limit: i64, used: i64, reserve: i64) -> Count {
        Count { limit: Some(limit), used, reserve, month_passed: 0.5 }
    }

    #[test]
    fn the_level_tells_how_much_is_left() {
        for (used, level) in [
            (0, QuotaLevel::Ok),
            (160, QuotaLevel::Ok),
            (161, QuotaLevel::Low),
            (189, QuotaLevel::Low),
            (190, QuotaLevel::Reserve),
            (199, QuotaLevel::Reserve),
            (200, QuotaLevel::Spent),
            (250, QuotaLevel::Spent),
        ] {
            assert_eq!(count(200, used, 10).level(), level, "{used}");
        }
        assert_eq!(count(200, 199, 0).level(), QuotaLevel::Low);
        let unlimited = Count { limit: None, ..count(0, 1_000_000, 10) };
        assert_eq!((unlimited.level(), unlimited.left()), (QuotaLevel::Ok, None));
    }

    #[test]
    fn the_forecast_goes_on_as_it_went() {
        assert_eq!(count(200, 60, 0).forecast(), Some(120));
        assert_eq!(Count { month_passed: 0.01, ..count(200, 60, 0) }.forecast(), None);
        assert_eq!(Count { month_passed: 1.0, ..count(200, 60, 0) }.forecast(), Some(60));
    }
}
