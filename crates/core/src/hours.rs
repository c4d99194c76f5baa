//! Business hours: when the desk is staffed, in its own time zone (SE5).
//!
//! The desk is open when a clock on its wall shows an open time. Both questions are answered from that one sentence, so
//! they agree to the millisecond: an hour that the clock skips is no business time, an hour that it shows twice counts
//! twice. Holidays are deliberately absent.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

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
    /// The open times of a week in ms since Monday 00:00 on the wall.
    // INVARIANT: none empty, in order, apart from each other, within `0..WEEK_MS`.
    ranges: Vec<Range<i64>>,
}

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// The epoch was a Thursday.
const MONDAY_TO_EPOCH_MS: i64 = 3 * DAY_MS;

impl BusinessHours {
    /// Open day and night.
    pub const fn always() -> Self {
        Self { zone: TimeZone::UTC, ranges: Vec::new() }
    }

    /// Reads `Mon-Fri 09:00-18:00, Sat 09:00-12:00`; `zone` is an IANA name. A day may have several ranges. A range may
    /// pass midnight (`Fri 22:00-02:00`); one that ends when it begins lasts 24 hours; an end of `24:00` is midnight. An
    /// empty text means always.
    pub fn parse(text: &str, zone: &str) -> Result<Self, HoursError> {
        let zone = TimeZone::get(zone).map_err(|_| HoursError::UnknownZone(zone.to_owned()))?;
        let mut open = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (days, from, to) = parse_range(part).ok_or_else(|| HoursError::BadRange(part.to_owned()))?;
            for day in days {
                add(&mut open, day * DAY_MS + from..day * DAY_MS + to);
            }
        }
        if open.is_empty() && !text.trim().is_empty() {
            return Err(HoursError::BadRange(text.to_owned()));
        }
        Ok(Self { zone, ranges: merged(open) })
    }

    /// Whether the desk is staffed at an instant (Unix ms).
    pub fn is_open_at(&self, at_ms: i64) -> bool {
        let at = timestamp(at_ms);
        let in_week = wall_ms(at, self.zone.to_offset(at)).rem_euclid(WEEK_MS);
        self.ranges.is_empty() || self.ranges.iter().any(|range| range.contains(&in_week))
    }

    /// The day on the wall (`YYYY-MM-DD`) at an instant (Unix ms).
    pub fn day_at(&self, at_ms: i64) -> String {
        self.zone.to_datetime(timestamp(at_ms)).date().to_string()
    }

    /// Which part of its month is over at an instant (Unix ms), 0 to 1.
    pub fn month_passed(&self, at_ms: i64) -> f64 {
        let date = self.zone.to_datetime(timestamp(at_ms));
        let into =
            f64::from(date.day() - 1) + (f64::from(date.hour()) * 60.0 + f64::from(date.minute())) / (24.0 * 60.0);
        into / f64::from(date.days_in_month())
    }

    /// When its month began on the wall (Unix ms).
    pub fn month_start(&self, at_ms: i64) -> i64 {
        let first = self.zone.to_datetime(timestamp(at_ms)).date().first_of_month();
        self.zone
            .to_ambiguous_timestamp(first.to_datetime(jiff::civil::Time::midnight()))
            .compatible()
            .map_or(at_ms, Timestamp::as_millisecond)
    }

    /// How much business time lies between two instants (Unix ms); none if they are in the wrong order. Costs one step
    /// for each clock change in between, however many days that is.
    pub fn open_between(&self, from_ms: i64, to_ms: i64) -> Duration {
        if from_ms >= to_ms {
            return Duration::ZERO;
        }
        if self.ranges.is_empty() {
            return Duration::from_millis(to_ms.abs_diff(from_ms));
        }
        // Between two clock changes the wall clock runs evenly, so that whole weeks can be multiplied.
        let (mut from, to) = (timestamp(from_ms), timestamp(to_ms));
        let mut offset = self.zone.to_offset(from);
        let mut open_ms = 0;
        for change in self.zone.following(from).take_while(|change| change.timestamp() < to) {
            open_ms += self.open_on_wall(wall_ms(from, offset)..wall_ms(change.timestamp(), offset));
            (from, offset) = (change.timestamp(), change.offset());
        }
        open_ms += self.open_on_wall(wall_ms(from, offset)..wall_ms(to, offset));
        Duration::from_millis(u64::try_from(open_ms).unwrap_or(0))
    }

    /// Business time, in ms, while the wall clock runs evenly through `wall`.
    fn open_on_wall(&self, wall: Range<i64>) -> i64 {
        let open_since_week_zero = |at: i64| {
            let (weeks, in_week) = (at.div_euclid(WEEK_MS), at.rem_euclid(WEEK_MS));
            let per_week: i64 = self.ranges.iter().map(|range| range.end - range.start).sum();
            let this_week: i64 = self.ranges.iter().map(|range| (in_week.min(range.end) - range.start).max(0)).sum();
            weeks * per_week + this_week
        };
        open_since_week_zero(wall.end) - open_since_week_zero(wall.start)
    }
}

/// What lies beyond the calendar (about the years -9999 to 9999) is taken as its edge.
fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// What a clock on the wall shows, in ms since some Monday 00:00.
fn wall_ms(at: Timestamp, offset: Offset) -> i64 {
    at.as_millisecond() + i64::from(offset.seconds()) * 1000 + MONDAY_TO_EPOCH_MS
}

/// `Mon-Fri 09:00-18:00`: the days (Monday = 0), and from when to when in ms since the midnight that begins the day.
fn parse_range(text: &str) -> Option<(impl Iterator<Item = i64>, i64, i64)> {
    let (days, times) = text.split_once(char::is_whitespace)?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (first, last) = (weekday(first)?, weekday(last)?);
    let (from, to) = times.split_once('-')?;
    let (from, to) = (time_of_day(from)?, time_of_day(to)?);
    if from == DAY_MS {
        return None;
    }
    let to = if to <= from { to + DAY_MS } else { to };
    Some(((0..=(last - first).rem_euclid(7)).map(move |step| (first + step) % 7), from, to))
}

fn weekday(text: &str) -> Option<i64> {
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    (0..).zip(days).find_map(|(number, day)| text.eq_ignore_ascii_case(day).then_some(number))
}

/// `9:00` to `24:00` in ms.
fn time_of_day(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if hour.len() > 2 || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let ms = (hour * 60 + minute) * MINUTE_MS;
    (minute < 60 && ms <= DAY_MS).then_some(ms)
}

fn add(open: &mut Vec<Range<i64>>, range: Range<i64>) {
    if range.end <= WEEK_MS {
        open.push(range);
    } else {
        // Sunday night runs into Monday.
        open.extend([range.start..WEEK_MS, 0..range.end - WEEK_MS]);
    }
}

fn merged(mut open: Vec<Range<i64>>) -> Vec<Range<i64>> {
    open.sort_unstable_by_key(|range| range.start);
    let mut apart: Vec<Range<i64>> = Vec::with_capacity(open.len());
    for range in open {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

#[cfg(test)]
mod tests;
