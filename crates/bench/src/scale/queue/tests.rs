//! Against what theory says of the same queues.

use super::*;

const COUNT: usize = 400_000;

fn passed(per_second: f64, servers: usize, service: Service) -> Passed {
    let mut random = Random::new(1);
    let line = arrivals(COUNT, per_second, &mut random);
    serve(&line, servers, service, &mut random)
}

#[expect(clippy::cast_precision_loss, reason = "a count")]
fn mean(of: &Passed) -> f64 {
    of.took.iter().sum::<f64>() / of.took.len() as f64
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!((found / expected - 1.0).abs() < within, "{found} is not near {expected}");
}

#[test]
fn m_m_1_takes_as_long_as_theory_says() {
    for load in [0.3, 0.6, 0.8] {
        let passed = passed(load, 1, Service::Exponential(1.0));
        near(passed.utilisation, load, 0.01);
        near(mean(&passed), 1.0 / (1.0 - load), 0.05);
        // The time in the system is exponential, so its tail is known too.
        near(passed.percentile(0.99), -(0.01_f64.ln()) / (1.0 - load), 0.06);
    }
}

#[test]
fn m_d_1_waits_half_as_long_as_m_m_1() {
    for load in [0.3, 0.6, 0.8, 0.9] {
        let passed = passed(load, 1, Service::Fixed(1.0));
        near(mean(&passed) - 1.0, load / (2.0 * (1.0 - load)), 0.06);
    }
}

#[test]
fn m_m_c_waits_as_erlang_says() {
    // Erlang's C for 4 servers and 3.2 at work: 0.5964; the mean wait is C / (servers - at work).
    let passed = passed(3.2, 4, Service::Exponential(1.0));
    near(passed.utilisation, 0.8, 0.01);
    near(mean(&passed) - 1.0, 0.5964 / 0.8, 0.07);
}

#[test]
fn a_station_that_is_asked_for_too_much_works_all_the_time_and_falls_behind() {
    let passed = passed(2.0, 1, Service::Fixed(1.0));
    near(passed.utilisation, 1.0, 0.01);
    assert!(passed.percentile(0.99) > 100_000.0);
}

#[test]
fn one_writer_without_batches_is_an_m_d_1() {
    let mut random = Random::new(1);
    let line = arrivals(COUNT, 0.8, &mut random);
    let writers = Writers { count: 1, most: 1, before: 0.4, held: 0.5, held_each: 0.1 };
    let passed = writers.serve(&line, &mut random);
    near(mean(&passed) - 1.0, 0.8 / (2.0 * (1.0 - 0.8)), 0.06);
    near(passed.utilisation, 0.8 * 0.6, 0.01);
}

#[test]
fn batches_carry_more_than_one_at_a_time_could_and_no_more_than_the_row_does() {
    let carried = |per_second: f64| {
        let mut random = Random::new(1);
        let line = arrivals(COUNT / 4, per_second, &mut random);
        let writers = Writers { count: 8, most: 64, before: 0.0, held: 1.0, held_each: 0.01 };
        let passed = writers.serve(&line, &mut random);
        assert_eq!(passed.took.len(), COUNT / 4, "nobody is lost");
        passed
    };
    // A batch of 64 holds the row for 1.64: 39 a second.
    assert!(carried(30.0).percentile(0.99) < 30.0);
    assert!(carried(45.0).percentile(0.99) > 100.0);
}

#[test]
fn the_same_seed_gives_the_same() {
    let times = || passed(0.7, 2, Service::Exponential(1.0)).took;
    assert_eq!(times()[..1000], times()[..1000]);
}
