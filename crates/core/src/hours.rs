//! Business hours: when the desk is staffed, in its own time zone (SE5).

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;

/// Why business hours cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    #[error("unknown time zone {0:?}: use a name such as Asia/Bangkok")]
    UnknownZone(String),
    #[error("cannot read business hours {0:?}: write them as \"Mon-Fri 09:00-18:00, Sat 09:00-12:00\"")]
    BadRange(String),
}

/// When the desk is staffed. Without any range: always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    zone: TimeZone,
    /// Minutes of the week in which the desk is open, Monday 00:00 = 0; in order, apart from each other.
    ranges: Vec<(i32, i32)>,
}

const DAY: i32 = 24 * 60;
const WEEK: i32 = 7 * DAY;

impl BusinessHours {
    /// Open day and night.
    pub const fn always() -> Self {
        Self { zone: TimeZone::UTC, ranges: Vec::new() }
    }

    /// Reads `Mon-Fri 09:00-18:00, Sat 09:00-12:00`. A range may pass midnight (`Fri 22:00-02:00`); an end of `24:00` is
    /// midnight; an empty text means always.
    pub fn parse(text: &str, zone: &str) -> Result<Self, HoursError> {
        let zone = TimeZone::get(zone).map_err(|_| HoursError::UnknownZone(zone.to_owned()))?;
        let mut open = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let bad = || HoursError::BadRange(part.to_owned());
            let (days, times) = part.split_once(char::is_whitespace).ok_or_else(bad)?;
            let (from, to) = times.trim().split_once('-').ok_or_else(bad)?;
            let (from, to) = (minute(from).ok_or_else(bad)?, minute(to).ok_or_else(bad)?);
            let to = if to <= from { to + DAY } else { to };
            let (first, last) = days.split_once('-').unwrap_or((days, days));
            let (first, last) = (weekday(first).ok_or_else(bad)?, weekday(last).ok_or_else(bad)?);
            let span = (last - first).rem_euclid(7);
            for day in (0..=span).map(|step| (first + step) % 7) {
                add(&mut open, day * DAY + from, day * DAY + to);
            }
        }
        Ok(Self { zone, ranges: merged(open) })
    }

    /// Whether the desk is staffed at an instant (Unix ms).
    pub fn is_open_at(&self, at_ms: i64) -> bool {
        if self.ranges.is_empty() {
            return true;
        }
        let Some(at) = self.local(at_ms) else { return true };
        let minute =
            i32::from(at.weekday().to_monday_zero_offset()) * DAY + i32::from(at.hour()) * 60 + i32::from(at.minute());
        self.ranges.iter().any(|&(from, to)| (from..to).contains(&minute))
    }

    /// How much business time lies between two instants (Unix ms). Right across clock changes; a year costs some
    /// thousand steps, and more than a year counts as the last one.
    pub fn open_between(&self, from_ms: i64, to_ms: i64) -> Duration {
        const YEAR_MS: i64 = 366 * 24 * 3_600_000;
        let from_ms = from_ms.max(to_ms.saturating_sub(YEAR_MS));
        if from_ms >= to_ms {
            return Duration::ZERO;
        }
        if self.ranges.is_empty() {
            return millis(to_ms - from_ms);
        }
        let Some(from) = self.local(from_ms) else {
            return millis(to_ms - from_ms);
        };
        let days_since_monday = from.weekday().to_monday_zero_offset();
        let Ok(mut monday) = from.date().checked_sub(i32::from(days_since_monday).days()) else {
            return Duration::ZERO;
        };
        let mut total = 0;
        loop {
            for &(open, close) in &self.ranges {
                let (Some(open), Some(close)) = (self.instant(monday, open), self.instant(monday, close)) else {
                    return millis(total);
                };
                if open >= to_ms {
                    return millis(total);
                }
                total += (close.min(to_ms) - open.max(from_ms)).max(0);
            }
            match monday.checked_add(7.days()) {
                Ok(next) if self.instant(next, 0).is_some_and(|start| start < to_ms) => monday = next,
                _ => return millis(total),
            }
        }
    }

    fn local(&self, at_ms: i64) -> Option<DateTime> {
        Some(self.zone.to_datetime(jiff::Timestamp::from_millisecond(at_ms).ok()?))
    }

    /// The instant of a minute of the week that begins on `monday`. A time that a clock change skips is taken after it.
    fn instant(&self, monday: jiff::civil::Date, minute: i32) -> Option<i64> {
        let date = monday.checked_add((minute / DAY).days()).ok()?;
        let (hour, minute) = ((minute % DAY) / 60, minute % 60);
        let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
        Some(self.zone.to_timestamp(date.to_datetime(time)).ok()?.as_millisecond())
    }
}

fn millis(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn weekday(text: &str) -> Option<i32> {
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let name = text.trim().to_ascii_lowercase();
    let (_, day) = DAYS.into_iter().find(|(short, _)| *short == name)?;
    Some(i32::from(day.to_monday_zero_offset()))
}

fn minute(text: &str) -> Option<i32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (i32, i32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    ((0..24).contains(&hour) && (0..60).contains(&minute) || total == DAY).then_some(total)
}

fn add(open: &mut Vec<(i32, i32)>, from: i32, to: i32) {
    if to <= WEEK {
        open.push((from, to));
    } else {
        // Sunday night runs into Monday.
        open.extend([(from.min(WEEK), WEEK), (0, to - WEEK)]);
    }
}

fn merged(mut open: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    open.sort_unstable();
    let mut apart: Vec<(i32, i32)> = Vec::with_capacity(open.len());
    for (from, to) in open {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn hours(text: &str, zone: &str) -> BusinessHours {
        BusinessHours::parse(text, zone).unwrap()
    }

    #[test]
    fn hours_are_those_of_the_desks_time_zone() {
        let hours = hours("Mon-Fri 09:00-18:00, Sat 09:00-12:00", "Asia/Bangkok");
        assert!(hours.is_open_at(ms("2026-11-23T02:00:00Z"))); // Monday 09:00
        assert!(!hours.is_open_at(ms("2026-11-23T11:00:00Z"))); // Monday 18:00
        assert!(hours.is_open_at(ms("2026-11-28T04:59:00Z"))); // Saturday 11:59
        assert!(!hours.is_open_at(ms("2026-11-29T04:00:00Z"))); // Sunday
    }

    #[test]
    fn a_range_may_pass_midnight_and_the_week() {
        let hours = hours("Sun 22:00-02:00", "UTC");
        assert!(hours.is_open_at(ms("2026-11-22T23:00:00Z")));
        assert!(hours.is_open_at(ms("2026-11-23T01:59:00Z")));
        assert!(!hours.is_open_at(ms("2026-11-23T02:00:00Z")));
    }

    #[test]
    fn clock_changes_neither_add_nor_lose_business_time() {
        // New York sprang forward on 8 March 2026 at 02:00: that Sunday has 23 hours.
        let hours = hours("Sun 00:00-24:00", "America/New_York");
        let open = hours.open_between(ms("2026-03-07T00:00:00Z"), ms("2026-03-10T00:00:00Z"));
        assert_eq!(open, Duration::from_secs(23 * 3600));
    }

    #[test]
    fn nonsense_is_refused_with_what_to_write() {
        for text in ["Mon", "Mon 9-18", "Xyz 09:00-18:00", "Mon 25:00-26:00", "Mon 09:00", "Mon 09:61-10:00"] {
            assert!(matches!(BusinessHours::parse(text, "UTC"), Err(HoursError::BadRange(_))), "{text}");
        }
        assert!(matches!(BusinessHours::parse("", "Mars/Olympus"), Err(HoursError::UnknownZone(_))));
    }

    #[test]
    fn without_ranges_it_is_always_open() {
        assert!(hours("", "Asia/Tokyo").is_open_at(0));
        assert_eq!(BusinessHours::always().open_between(1_000, 3_000), Duration::from_secs(2));
    }

    proptest! {
        #[test]
        fn business_time_adds_up(start in 1_500_000_000_000_i64..1_900_000_000_000, a in 0..2_000_000_000_i64, b in 0..2_000_000_000_i64) {
            let hours = hours("Mon-Fri 09:00-18:00, Sat 22:00-03:00", "America/New_York");
            let (middle, end) = (start + a, start + a + b);
            prop_assert_eq!(hours.open_between(start, end), hours.open_between(start, middle) + hours.open_between(middle, end));
            prop_assert!(hours.open_between(start, end) <= millis(a + b));
        }
    }
}
