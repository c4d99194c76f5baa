use proptest::prelude::*;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn hours(text: &str, zone: &str) -> BusinessHours {
    BusinessHours::parse(text, zone).unwrap()
}

#[test]
fn hours_are_those_of_the_desks_time_zone() {
    let hours = hours("Mon-Fri 09:00-18:00, Sat 09:00-12:00", "Asia/Bangkok");
    assert!(hours.is_open_at(ms("2026-11-23T02:00:00Z"))); // Monday 09:00
    assert!(!hours.is_open_at(ms("2026-11-23T01:59:59.999Z")));
    assert!(!hours.is_open_at(ms("2026-11-23T11:00:00Z"))); // Monday 18:00
    assert!(hours.is_open_at(ms("2026-11-23T10:59:59.999Z")));
    assert!(hours.is_open_at(ms("2026-11-28T04:59:00Z"))); // Saturday 11:59
    assert!(!hours.is_open_at(ms("2026-11-29T04:00:00Z"))); // Sunday
    // Friday 17:00 to Monday 10:00: the last hour, Saturday morning, the first hour.
    assert_eq!(hours.open_between(ms("2026-11-27T10:00:00Z"), ms("2026-11-30T03:00:00Z")), 5 * HOUR);
}

#[test]
fn a_day_may_have_several_ranges() {
    let hours = hours("Mon 09:00-12:00, Mon 13:00-18:00, mon 11:00-12:00", "UTC");
    assert!(hours.is_open_at(ms("2026-11-23T11:59:00Z")));
    assert!(!hours.is_open_at(ms("2026-11-23T12:00:00Z")));
    assert!(hours.is_open_at(ms("2026-11-23T13:00:00Z")));
    assert_eq!(hours.open_between(ms("2026-11-23T00:00:00Z"), ms("2026-11-24T00:00:00Z")), 8 * HOUR);
}

#[test]
fn a_range_may_pass_midnight_and_the_week() {
    let hours = hours("Sun 22:00-02:00", "UTC");
    assert!(hours.is_open_at(ms("2026-11-22T23:00:00Z")));
    assert!(hours.is_open_at(ms("2026-11-23T01:59:00Z")));
    assert!(!hours.is_open_at(ms("2026-11-23T02:00:00Z")));
    assert_eq!(hours.open_between(ms("2026-11-22T21:00:00Z"), ms("2026-11-23T03:00:00Z")), 4 * HOUR);
}

#[test]
fn days_may_run_over_the_end_of_the_week() {
    let hours = hours("Sat-Mon 00:00-24:00", "UTC");
    assert!(hours.is_open_at(ms("2026-11-23T23:59:00Z")));
    assert!(!hours.is_open_at(ms("2026-11-24T00:00:00Z")));
    assert_eq!(hours.open_between(ms("2026-11-23T00:00:00Z"), ms("2026-11-30T00:00:00Z")), 72 * HOUR);
}

#[test]
fn a_range_that_ends_when_it_begins_lasts_a_day() {
    let hours = hours("Mon 09:00-09:00", "UTC");
    assert_eq!(hours.open_between(ms("2026-11-22T00:00:00Z"), ms("2026-11-29T00:00:00Z")), 24 * HOUR);
}

#[test]
fn a_skipped_hour_is_no_business_time() {
    // New York sprang forward on Sunday, 8 March 2026, at 02:00.
    let (before, after) = (ms("2026-03-07T00:00:00Z"), ms("2026-03-10T00:00:00Z"));
    assert_eq!(hours("Sun 00:00-24:00", "America/New_York").open_between(before, after), 23 * HOUR);
    assert_eq!(hours("Sun 02:00-03:00", "America/New_York").open_between(before, after), Duration::ZERO);
    assert_eq!(hours("Sun 02:00-02:30, Sun 03:00-04:00", "America/New_York").open_between(before, after), HOUR);
}

#[test]
fn an_hour_shown_twice_counts_twice() {
    // New York fell back on Sunday, 1 November 2026, at 02:00.
    let (before, after) = (ms("2026-10-31T00:00:00Z"), ms("2026-11-03T00:00:00Z"));
    assert_eq!(hours("Sun 00:00-24:00", "America/New_York").open_between(before, after), 25 * HOUR);
    assert_eq!(hours("Sun 00:30-01:30", "America/New_York").open_between(before, after), HOUR * 3 / 2);
}

#[test]
fn many_years_count_in_full() {
    let hours = hours("Mon-Fri 09:00-18:00", "America/New_York");
    // Clock changes happen at night and do not touch these hours.
    let (from, weeks) = (ms("2026-01-05T05:00:00Z"), 156);
    assert_eq!(hours.open_between(from, from + i64::from(weeks) * WEEK_MS), weeks * 45 * HOUR);
}

#[test]
fn instants_in_the_wrong_order_or_beyond_the_calendar_do_no_harm() {
    let hours = hours("Mon-Fri 09:00-18:00", "Asia/Bangkok");
    assert_eq!(hours.open_between(WEEK_MS, 0), Duration::ZERO);
    assert!(hours.open_between(i64::MIN, i64::MAX) > Duration::ZERO);
    let _ = (hours.is_open_at(i64::MIN), hours.is_open_at(i64::MAX));
    assert_eq!(BusinessHours::always().open_between(i64::MIN, i64::MAX), Duration::from_millis(u64::MAX));
}

#[test]
fn nonsense_is_refused_with_what_to_write() {
    for text in [
        "Mon",
        "Mon 9-18",
        "Xyz 09:00-18:00",
        "Mon 25:00-26:00",
        "Mon 24:00-24:00",
        "Mon 24:01-25:00",
        "Mon 99999999:00-10:00",
        "Mon +9:00-10:00",
        "Mon 09:0-10:00",
        "Mon 09:00",
        "Mon 09:61-10:00",
        "Mon 23:60-10:00",
        "Mon - Fri 09:00-18:00",
        ",",
    ] {
        assert!(matches!(BusinessHours::parse(text, "UTC"), Err(HoursError::BadRange(_))), "{text}");
    }
    let error = BusinessHours::parse("Sat 09:00-12:00, Mon 9", "UTC").unwrap_err();
    assert!(error.to_string().contains("\"Mon 9\""), "{error}");
}

#[test]
fn an_unknown_time_zone_is_refused_by_name() {
    for zone in ["Mars/Olympus", ""] {
        assert_eq!(BusinessHours::parse("", zone), Err(HoursError::UnknownZone(zone.to_owned())));
    }
}

#[test]
fn without_ranges_it_is_always_open() {
    assert!(hours(" ", "Asia/Tokyo").is_open_at(0));
    assert_eq!(BusinessHours::always().open_between(1_000, 3_000), Duration::from_secs(2));
}

/// Lord Howe changes by half an hour; Apia once skipped a day; Casablanca changes around Ramadan; Bangkok never.
fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Asia/Bangkok",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "UTC",
    ])
}

fn specs() -> impl Strategy<Value = String> {
    let day = || prop::sample::select(vec!["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    let range = (day(), day(), 0..24, 0..60, 0..25).prop_map(|(first, last, hour, minute, to_hour)| {
        let to_minute = if to_hour == 24 { 0 } else { 59 - minute };
        format!("{first}-{last} {hour:02}:{minute:02}-{to_hour:02}:{to_minute:02}")
    });
    prop::collection::vec(range, 1..4).prop_map(|ranges| ranges.join(", "))
}

/// Half of the instants lie within two days of a clock change.
fn instants() -> impl Strategy<Value = i64> {
    let changes = [
        "2026-03-08T07:00:00Z", // New York
        "2026-11-01T06:00:00Z",
        "2026-04-04T15:00:00Z", // Lord Howe
        "2026-10-03T15:30:00Z",
        "2011-12-30T10:00:00Z", // Apia
        "2026-02-15T02:00:00Z", // Casablanca
        "2026-03-22T02:00:00Z",
    ];
    let near = (prop::sample::select(changes.to_vec()), -2 * DAY_MS..2 * DAY_MS).prop_map(|(at, by)| ms(at) + by);
    prop_oneof![near, 1_300_000_000_000_i64..1_900_000_000_000]
}

proptest! {
    #[test]
    fn business_time_adds_up_and_never_shrinks(
        (spec, zone) in (specs(), zones()),
        start in instants(),
        a in 0..100_000_000_000_i64,
        b in 0..100_000_000_000_i64,
    ) {
        let hours = hours(&spec, zone);
        let (middle, end) = (start + a, start + a + b);
        let whole = hours.open_between(start, end);
        prop_assert_eq!(whole, hours.open_between(start, middle) + hours.open_between(middle, end));
        prop_assert!(whole >= hours.open_between(start, middle));
        prop_assert!(whole <= Duration::from_millis(end.abs_diff(start)));
    }

    #[test]
    fn business_time_is_the_time_at_which_it_is_open((spec, zone) in (specs(), zones()), around in instants()) {
        let hours = hours(&spec, zone);
        let start = around.div_euclid(MINUTE_MS) * MINUTE_MS;
        let minutes = (start..start + DAY_MS).step_by(60_000).filter(|&at| hours.is_open_at(at)).count();
        let expected = Duration::from_secs(60 * u64::try_from(minutes).unwrap());
        prop_assert_eq!(hours.open_between(start, start + DAY_MS), expected);
    }

    #[test]
    fn reading_anything_never_panics(text in "([A-Za-z]{3}(-[A-Za-z]{3})? [0-9:+-]{0,14},?){0,3}|.{0,40}", zone in ".{0,12}") {
        let _ = BusinessHours::parse(&text, "UTC");
        let _ = BusinessHours::parse("", &zone);
    }
}

#[test]
fn days_and_months_are_those_on_the_wall() {
    let hours = BusinessHours::parse("", "Asia/Bangkok").unwrap();
    // 2026-01-31 16:59:59 UTC is a second before midnight in Bangkok.
    let last = 1_769_878_799_000;
    assert_eq!((hours.day_at(last).as_str(), hours.day_at(last + 1000).as_str()), ("2026-01-31", "2026-02-01"));
    assert!(hours.month_passed(last) > 0.999);
    assert_eq!(hours.month_start(last + 1000), last + 1000);
    assert_eq!(hours.month_start(last + 1000 + 20 * 24 * 3_600_000), last + 1000);
    assert_eq!(hours.month_start(last), last + 1000 - 31 * 24 * 3_600_000);
    assert!(hours.month_passed(last + 1000).abs() < 1e-9);
    assert!((hours.month_passed(last + 1000 + 14 * 24 * 3_600_000) - 0.5).abs() < 1e-9);
}
