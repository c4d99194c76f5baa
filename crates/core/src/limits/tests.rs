use proptest::prelude::*;

use super::*;

/// The rates of WS7.
const SENDING: Quota = Quota::per_minute(60, 20);
const COMMANDS: Quota = Quota::per_minute(240, 60);

#[test]
fn ws7_sending_allows_a_burst_of_20_then_one_a_second() {
    let mut limit = Gcra::default();
    for _ in 0..20 {
        assert_eq!(limit.try_take(SENDING, 5_000), Ok(()));
    }
    assert_eq!(limit.try_take(SENDING, 5_000), Err(Duration::from_secs(1)));
    assert_eq!(limit.try_take(SENDING, 5_999), Err(Duration::from_millis(1)));
    assert_eq!(limit.try_take(SENDING, 6_000), Ok(()));
    assert!(limit.try_take(SENDING, 6_000).is_err());
    assert!(!limit.is_fresh(25_999));
    assert!(limit.is_fresh(26_000));
}

#[test]
fn ws7_typing_is_allowed_once_in_two_seconds() {
    let mut limit = Gcra::default();
    assert_eq!(limit.try_take(TYPING, 0), Ok(()));
    assert_eq!(limit.try_take(TYPING, 500), Err(Duration::from_millis(1_500)));
    assert_eq!(limit.try_take(TYPING, 2_000), Ok(()));
}

#[test]
fn ws7_other_commands_allow_a_burst_of_60_then_four_a_second() {
    let mut limit = Gcra::default();
    let taken = (0..60_000).filter(|&now| limit.try_take(COMMANDS, now).is_ok()).count();
    assert_eq!(taken, 60 + 239, "a minute that begins fresh");
    let taken = (60_000..120_000).filter(|&now| limit.try_take(COMMANDS, now).is_ok()).count();
    assert_eq!(taken, 240, "any later minute");
}

#[test]
fn ws7_what_another_node_spent_counts() {
    let mut limit = Gcra::default();
    limit.take_unchecked(TYPING, 1_000);
    assert_eq!(limit.try_take(TYPING, 1_000), Err(Duration::from_secs(2)));
}

#[test]
fn ws7_a_node_that_spends_too_much_costs_no_more_than_one_period() {
    let mut limit = Gcra::default();
    for _ in 0..1_000 {
        limit.take_unchecked(SENDING, 0);
    }
    assert_eq!(limit.try_take(SENDING, 0), Err(Duration::from_secs(2)));
    assert_eq!(limit.try_take(SENDING, 2_000), Ok(()));
}

#[test]
fn ws7_a_clock_set_back_locks_nobody_out() {
    let mut limit = Gcra::default();
    assert_eq!(limit.try_take(TYPING, 3_600_000), Ok(()));
    assert_eq!(limit.try_take(TYPING, 0), Err(Duration::from_secs(4)));
    assert_eq!(limit.try_take(TYPING, 4_000), Ok(()), "the time to wait is honest");
}

#[test]
fn zero_is_taken_as_one() {
    assert_eq!(Quota::per_minute(0, 0), Quota::per_minute(1, 1));
    assert_eq!(Quota::one_per(Duration::ZERO), Quota::one_per(Duration::from_millis(1)));
    assert_eq!(Quota::one_per(Duration::from_nanos(1)), Quota::one_per(Duration::from_millis(1)));
}

proptest! {
    #[test]
    fn ws7_never_more_than_the_burst_and_the_rate(
        count in prop_oneof![1..600_u32, 1..200_000_u32],
        burst in 1..50_u32,
        gaps in proptest::collection::vec(prop_oneof![0..3_000_i64, 0..3_i64], 1..200),
    ) {
        let quota = Quota::per_minute(count, burst);
        let (mut limit, mut now, mut taken) = (Gcra::default(), 0_i64, Vec::new());
        for gap in gaps {
            now += gap;
            match limit.try_take(quota, now) {
                Ok(()) => taken.push(now),
                Err(wait) => {
                    prop_assert!(wait > Duration::ZERO);
                    let at = now + i64::try_from(wait.as_millis()).unwrap();
                    prop_assert!(limit.clone().try_take(quota, at - 1).is_err(), "the time to wait is no longer than needed");
                    prop_assert_eq!(limit.clone().try_take(quota, at), Ok(()), "the time to wait is honest");
                }
            }
        }
        for (index, from) in taken.iter().enumerate() {
            for (others, to) in (0_i64..).zip(&taken[index..]) {
                prop_assert!(others < i64::from(burst) + (to - from) * i64::from(count) / 60_000);
            }
        }
    }

    #[test]
    fn ws7_what_can_be_forgotten_is_as_good_as_new(
        count in 1..600_u32,
        burst in 1..50_u32,
        takes in proptest::collection::vec((0..3_000_i64, any::<bool>()), 0..60),
    ) {
        let quota = Quota::per_minute(count, burst);
        let (mut limit, mut now) = (Gcra::default(), 0_i64);
        for (gap, elsewhere) in takes {
            now += gap;
            if elsewhere { limit.take_unchecked(quota, now) } else { let _ = limit.try_take(quota, now); }
        }
        while !limit.is_fresh(now) {
            now += quota.period_ms;
        }
        for _ in 0..burst {
            prop_assert_eq!(limit.try_take(quota, now), Ok(()));
        }
        prop_assert!(limit.try_take(quota, now).is_err());
    }

    #[test]
    fn no_time_and_no_quota_overflows(
        quota in prop_oneof![
            any::<(u32, u32)>().prop_map(|(count, burst)| Quota::per_minute(count, burst)),
            any::<Duration>().prop_map(Quota::one_per),
            Just(Quota::one_per(Duration::MAX)),
        ],
        takes in proptest::collection::vec(
            (prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX)], any::<bool>()),
            1..20,
        ),
    ) {
        prop_assert_eq!(Gcra::default().try_take(quota, takes[0].0), Ok(()), "a new one is fresh at any time");
        let mut limit = Gcra::default();
        for (now, elsewhere) in takes {
            if elsewhere { limit.take_unchecked(quota, now) } else { let _ = limit.try_take(quota, now); }
            let _ = limit.is_fresh(now);
        }
    }
}

#[test]
fn what_is_given_back_can_be_taken_again() {
    let quota = Quota::per_minute(60, 2);
    let mut limit = Gcra::default();
    assert_eq!((limit.try_take(quota, 0), limit.try_take(quota, 0)), (Ok(()), Ok(())));
    assert!(limit.try_take(quota, 0).is_err());
    limit.give_back(quota);
    assert_eq!(limit.try_take(quota, 0), Ok(()));
    assert!(limit.try_take(quota, 0).is_err());
}
