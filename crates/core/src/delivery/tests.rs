use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

const LANE: Lane = Lane { begun: None, queued: 1, first_goes_alone: false, unreachable: false, has_reply_token: false };

fn call(method: Method, outcome: Outcome) -> Call {
    Call { method, outcome, messages: 1, attempts: 1, begun_ms: 0, may_have_arrived: false, quota: Quota::Unknown }
}

fn settled(call: Call) -> Settlement {
    settle(call, 1000, &mut StdRng::seed_from_u64(1))
}

fn state_of(settlement: Settlement) -> Option<DeliveryState> {
    match settlement {
        Settlement::Rest { state, .. } => Some(state),
        _ => None,
    }
}

#[test]
fn dl3_a_young_reply_token_goes_before_a_push() {
    let with_token = Lane { has_reply_token: true, ..LANE };
    assert_eq!(plan(with_token, 0), Plan::Begin { method: Method::Reply, messages: 1 });
    assert_eq!(plan(LANE, 0), Plan::Begin { method: Method::Push, messages: 1 });
}

#[test]
fn dl3_after_400_on_a_reply_token_comes_a_push() {
    assert_eq!(settled(call(Method::Reply, Outcome::Refused(400))), Settlement::TokenRefused);
}

#[test]
fn dl3_a_reply_without_an_answer_is_unknown_and_never_pushed() {
    for outcome in [Outcome::Ambiguous, Outcome::Refused(500), Outcome::Refused(503)] {
        assert_eq!(state_of(settled(call(Method::Reply, outcome))), Some(DeliveryState::Unknown));
    }
    let begun = Some(BegunBatch { method: Method::Reply, begun_ms: 0, may_have_arrived: true });
    assert_eq!(plan(Lane { begun, ..LANE }, 0), Plan::Settle(Settlement::unknown()));
}

#[test]
fn dl4_push_goes_again_under_its_key_for_a_day() {
    let begun = Some(BegunBatch { method: Method::Push, begun_ms: 0, may_have_arrived: true });
    let day = 24 * 3_600_000;
    assert_eq!(plan(Lane { begun, ..LANE }, day / 2), Plan::SendAgain);
    assert_eq!(plan(Lane { begun, ..LANE }, day), Plan::Settle(Settlement::unknown()));
    for outcome in [Outcome::Ambiguous, Outcome::NotSent, Outcome::Refused(500), Outcome::Refused(503)] {
        let call = Call { may_have_arrived: true, ..call(Method::Push, outcome) };
        let again = settled(call);
        assert!(matches!(again, Settlement::Again { .. }), "{outcome:?} {again:?}");
        let late = settle(call, day, &mut StdRng::seed_from_u64(1));
        assert_eq!(late, Settlement::unknown());
    }
    let never_connected = Some(BegunBatch { method: Method::Push, begun_ms: 0, may_have_arrived: false });
    assert_eq!(plan(Lane { begun: never_connected, ..LANE }, day), Plan::Settle(Settlement::gave_up(false)));
}

#[test]
fn dl4_a_refusal_after_a_try_in_doubt_leaves_the_doubt() {
    for status in [400, 401, 403, 404] {
        let call = Call { may_have_arrived: true, messages: 3, ..call(Method::Push, Outcome::Refused(status)) };
        assert_eq!(settled(call), Settlement::unknown());
    }
    let spent = Call { may_have_arrived: true, quota: Quota::Spent, ..call(Method::Push, Outcome::Refused(429)) };
    assert!(matches!(settled(spent), Settlement::Again { .. }));
}

#[test]
fn dl3_what_never_reached_line_may_still_go_free() {
    assert!(matches!(settled(call(Method::Push, Outcome::NotSent)), Settlement::Requeue { .. }));
}

#[test]
fn dl4_what_never_reached_line_is_given_up_after_a_day() {
    let day = 24 * 3_600_000;
    assert_eq!(give_up_waiting(0, day / 2), None);
    assert_eq!(give_up_waiting(0, day).and_then(state_of), Some(DeliveryState::Failed));
}

#[test]
fn dl4_a_409_is_success_and_4xx_is_not_tried_again() {
    assert_eq!(settled(call(Method::Push, Outcome::Accepted)), Settlement::accepted(DeliveryCost::Paid));
    for status in [400, 401, 403, 404, 413, 415] {
        assert_eq!(state_of(settled(call(Method::Push, Outcome::Refused(status)))), Some(DeliveryState::Failed));
    }
}

#[test]
fn dl5_up_to_five_travel_together() {
    assert_eq!(plan(Lane { queued: 9, ..LANE }, 0), Plan::Begin { method: Method::Push, messages: 5 });
    assert_eq!(plan(Lane { queued: 3, ..LANE }, 0), Plan::Begin { method: Method::Push, messages: 3 });
    let alone = Lane { queued: 3, first_goes_alone: true, ..LANE };
    assert_eq!(plan(alone, 0), Plan::Begin { method: Method::Push, messages: 1 });
}

#[test]
fn dl5_one_bad_message_does_not_fail_its_batch() {
    let refused = Call { messages: 3, ..call(Method::Push, Outcome::Refused(400)) };
    assert_eq!(settled(refused), Settlement::Split);
}

#[test]
fn dl6_a_429_is_held_or_paused_as_the_quota_says() {
    let refused = |quota| settled(Call { quota, ..call(Method::Push, Outcome::Refused(429)) });
    assert_eq!(refused(Quota::Spent), Settlement::quota_spent());
    assert!(matches!(refused(Quota::Left), Settlement::Again { .. }));
    assert!(matches!(refused(Quota::Unknown), Settlement::Again { .. }));
}

#[test]
fn dl7_nothing_is_sent_to_one_who_blocked() {
    assert_eq!(plan(Lane { unreachable: true, has_reply_token: true, ..LANE }, 0), Plan::Withhold);
}

#[test]
fn backoff_doubles_within_its_bounds() {
    let mut rng = StdRng::seed_from_u64(7);
    for attempts in 1..60 {
        let wait = backoff(attempts, &mut rng);
        let full = BACKOFF_FIRST.saturating_mul(1 << (attempts - 1).min(20)).min(BACKOFF_MOST);
        assert!(wait <= full && wait >= full / 2, "{attempts}: {wait:?}");
    }
}

/// A whole lane against a LINE that fails in every way, with crashes between any two steps.
#[derive(Default)]
struct World {
    now_ms: i64,
    queued: Vec<usize>,
    alone: BTreeSet<usize>,
    begun: Option<(BegunBatch, u64, Vec<usize>, u32)>,
    rest: BTreeMap<usize, DeliveryState>,
    keys: u64,
    tokens: usize,
    /// LINE's side: keys it took, and how often each message arrived by which way.
    accepted_keys: BTreeSet<u64>,
    arrived: BTreeMap<(usize, &'static str), u32>,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Status(u16),
    NotSent,
    CutBefore,
    CutAfter,
}

impl World {
    fn step(&mut self, fault: Fault, crash: u8, rng: &mut StdRng) {
        let lane = Lane {
            begun: self.begun.as_ref().map(|(batch, ..)| *batch),
            queued: self.queued.len(),
            first_goes_alone: self.queued.first().is_some_and(|id| self.alone.contains(id)),
            unreachable: false,
            has_reply_token: self.tokens > 0,
        };
        match plan(lane, self.now_ms) {
            Plan::Idle => return,
            Plan::Withhold => unreachable!("never unreachable here"),
            Plan::Settle(settlement) => return self.write_down(settlement),
            Plan::Begin { method, messages } => {
                let batch = self.queued.drain(..messages).collect();
                if method == Method::Reply {
                    self.tokens -= 1;
                }
                self.keys += 1;
                self.begun =
                    Some((BegunBatch { method, begun_ms: self.now_ms, may_have_arrived: false }, self.keys, batch, 0));
            }
            Plan::SendAgain => {}
        }
        let earlier = {
            let begun = self.begun.as_mut().expect("begun above");
            std::mem::replace(&mut begun.0.may_have_arrived, true)
        };
        if crash == 1 {
            return;
        }
        let (batch, key, ids, attempts) = self.begun.clone().expect("begun above");
        let outcome = self.line(batch.method, key, &ids, fault);
        if crash == 2 {
            return;
        }
        let begun = self.begun.as_mut().expect("begun above");
        begun.3 += 1;
        if matches!(outcome, Outcome::NotSent | Outcome::Refused(..500)) {
            begun.0.may_have_arrived = earlier;
        }
        let call = Call {
            method: batch.method,
            outcome,
            messages: ids.len(),
            attempts: attempts + 1,
            begun_ms: batch.begun_ms,
            may_have_arrived: earlier,
            quota: Quota::Left,
        };
        self.write_down(settle(call, self.now_ms, rng));
    }

    fn line(&mut self, method: Method, key: u64, ids: &[usize], fault: Fault) -> Outcome {
        match fault {
            Fault::Status(status) => return Outcome::Refused(status),
            Fault::NotSent => return Outcome::NotSent,
            Fault::CutBefore => return Outcome::Ambiguous,
            Fault::None | Fault::CutAfter => {}
        }
        if method == Method::Reply || self.accepted_keys.insert(key) {
            for id in ids {
                *self.arrived.entry((*id, method.as_str())).or_default() += 1;
            }
        }
        if matches!(fault, Fault::CutAfter) { Outcome::Ambiguous } else { Outcome::Accepted }
    }

    fn write_down(&mut self, settlement: Settlement) {
        let (batch, key, ids, attempts) = self.begun.take().expect("something was begun");
        match settlement {
            Settlement::Rest { state, spare_token, .. } => {
                self.tokens += usize::from(spare_token);
                self.rest.extend(ids.into_iter().map(|id| (id, state)));
            }
            Settlement::Again { after, .. } => {
                self.now_ms += i64::try_from(after.as_millis()).unwrap();
                self.begun = Some((batch, key, ids, attempts));
            }
            Settlement::Requeue { after, spare_token } => {
                self.now_ms += i64::try_from(after.as_millis()).unwrap();
                self.tokens += usize::from(spare_token);
                self.queued.splice(0..0, ids);
            }
            Settlement::TokenRefused => {
                self.queued.splice(0..0, ids);
            }
            Settlement::Split => {
                self.alone.extend(ids.iter().copied());
                self.queued.splice(0..0, ids);
            }
        }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::NotSent),
        1 => Just(Fault::CutBefore),
        1 => Just(Fault::CutAfter),
        2 => proptest::sample::select(&[400_u16, 401, 403, 429, 500, 503][..]).prop_map(Fault::Status),
    ]
}

proptest! {
    #[test]
    fn dl8_every_message_is_in_one_state_and_none_is_pushed_twice(
        messages in 0..12_usize,
        tokens in 0..3_usize,
        steps in proptest::collection::vec((fault(), 0..6_u8), 0..60),
        seed in any::<u64>(),
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = World { queued: (0..messages).collect(), tokens, ..World::default() };
        for (fault, crash) in steps {
            world.step(fault, crash, &mut rng);
            let in_batch = world.begun.as_ref().map_or(0, |(_, _, ids, _)| ids.len());
            prop_assert_eq!(world.queued.len() + in_batch + world.rest.len(), messages, "none lost, none doubled");
            prop_assert!(world.queued.is_sorted(), "order is kept");
            for count in world.arrived.values() {
                prop_assert_eq!(*count, 1, "nothing arrives twice by the same way");
            }
            for id in 0..messages {
                let ways = ["reply", "push"].iter().filter(|way| world.arrived.contains_key(&(id, **way))).count();
                prop_assert!(ways <= 1, "what went by reply is never pushed");
            }
        }
    }
}
