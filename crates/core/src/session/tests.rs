use linedesk_protocol::Role;
use proptest::prelude::*;

use super::*;

fn agent(id: i64) -> Staff {
    Staff { id: OperatorId(id), role: Role::Agent }
}

fn admin(id: i64) -> Staff {
    Staff { id: OperatorId(id), role: Role::Admin }
}

fn to(id: i64) -> TransferTarget {
    TransferTarget { id: OperatorId(id), is_active: true }
}

const OWNED_BY_1: Option<Open> = Some(Open::Active { owner: OperatorId(1) });

#[test]
fn se1_a_second_request_opens_nothing() {
    assert_eq!(decide(None, Action::Request), Ok(Change::Opened(Open::Waiting)));
    assert_eq!(decide(Some(Open::Waiting), Action::Request), Ok(Change::Unchanged));
    assert_eq!(decide(OWNED_BY_1, Action::Request), Ok(Change::Unchanged));
}

#[test]
fn se3_the_first_claim_wins_and_others_are_told_who() {
    assert_eq!(decide(None, Action::Claim { by: agent(1) }), Err(Refusal::NoneOpen));
    assert_eq!(
        decide(Some(Open::Waiting), Action::Claim { by: agent(1) }),
        Ok(Change::Claimed { owner: OperatorId(1) })
    );
    assert_eq!(decide(OWNED_BY_1, Action::Claim { by: agent(2) }), Err(Refusal::AlreadyClaimed { by: OperatorId(1) }));
    assert_eq!(decide(OWNED_BY_1, Action::Claim { by: admin(2) }), Err(Refusal::AlreadyClaimed { by: OperatorId(1) }));
    assert_eq!(decide(OWNED_BY_1, Action::Claim { by: agent(1) }), Ok(Change::Unchanged));
}

#[test]
fn se3_others_neither_send_nor_close_nor_release() {
    let refused = Err(Refusal::NotOwner { owner: Some(OperatorId(1)) });
    assert_eq!(may_send(OWNED_BY_1, agent(2)), refused);
    assert_eq!(decide(OWNED_BY_1, Action::Close { by: agent(2) }).map(|_| ()), refused);
    assert_eq!(decide(OWNED_BY_1, Action::Release { by: agent(2) }).map(|_| ()), refused);
    assert_eq!(decide(OWNED_BY_1, Action::Transfer { by: agent(2), to: to(3) }).map(|_| ()), refused);
    assert_eq!(may_send(None, agent(1)), Err(Refusal::NoneOpen));
    assert_eq!(may_send(OWNED_BY_1, admin(2)), Ok(()));
}

#[test]
fn se4_a_transfer_needs_an_active_operator_who_is_not_the_owner() {
    let gone = TransferTarget { id: OperatorId(3), is_active: false };
    assert_eq!(decide(OWNED_BY_1, Action::Transfer { by: agent(1), to: gone }), Err(Refusal::TargetUnfit));
    assert_eq!(decide(OWNED_BY_1, Action::Transfer { by: agent(1), to: to(1) }), Err(Refusal::SameOwner));
    assert_eq!(
        decide(OWNED_BY_1, Action::Transfer { by: agent(1), to: to(2) }),
        Ok(Change::Transferred { from: Some(OperatorId(1)), to: OperatorId(2) })
    );
}

#[test]
fn se5_idle_sessions_warn_once_and_then_close() {
    let policy = IdlePolicy {
        warn_after: Some(Duration::from_secs(60)),
        close_after_warning: Duration::from_secs(30),
        waiting_timeout: None,
    };
    assert_eq!(policy.step_active(0, None, 59_999), IdleStep::Nothing);
    assert_eq!(policy.step_active(0, None, 60_000), IdleStep::Warn);
    assert_eq!(policy.step_active(0, Some(60_000), 89_999), IdleStep::Nothing);
    assert_eq!(policy.step_active(0, Some(60_000), 90_000), IdleStep::Close);
    // Somebody wrote after the warning: it begins anew.
    assert_eq!(policy.step_active(70_000, Some(60_000), 100_000), IdleStep::Nothing);
    assert_eq!(policy.step_active(70_000, Some(60_000), 130_000), IdleStep::Warn);
    let off = IdlePolicy { warn_after: None, ..policy };
    assert_eq!(off.step_active(0, None, i64::MAX), IdleStep::Nothing);
}

#[test]
fn se5_waiting_times_out_only_inside_business_hours() {
    let policy = IdlePolicy {
        warn_after: None,
        close_after_warning: Duration::ZERO,
        waiting_timeout: Some(Duration::from_secs(3600)),
    };
    let hours = BusinessHours::parse("Mon-Sun 09:00-18:00", "UTC").unwrap();
    let hour = 3_600_000;
    let evening = 20 * hour; // 1 January 1970, 20:00
    assert_eq!(policy.step_waiting(evening, 23 * hour, &hours), IdleStep::Nothing);
    assert_eq!(policy.step_waiting(evening, (24 + 9) * hour + hour / 2, &hours), IdleStep::Nothing);
    assert_eq!(policy.step_waiting(evening, (24 + 10) * hour, &hours), IdleStep::Close);
    assert_eq!(policy.step_waiting(evening, (24 + 19) * hour, &hours), IdleStep::Nothing);
}

#[test]
fn a_response_is_near_its_target_before_it_is_late() {
    use ResponseState::{Breached, InTime, Near};
    let target = ResponseTarget { within: Duration::from_secs(60), warn_percent: 80 };
    let states = [0, 47, 48, 59, 60, 600].map(|seconds| target.state(Duration::from_secs(seconds)));
    assert_eq!(states, [InTime, InTime, Near, Near, Breached, Breached]);
    let late_only = ResponseTarget { warn_percent: 100, ..target };
    assert_eq!(late_only.state(Duration::from_secs(59)), InTime);
}

fn staff() -> impl Strategy<Value = Staff> {
    (1..4_i64, proptest::sample::select(Role::ALL)).prop_map(|(id, role)| Staff { id: OperatorId(id), role })
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Request),
        Just(Action::TimeOut),
        staff().prop_map(|by| Action::Start { by }),
        staff().prop_map(|by| Action::Claim { by }),
        staff().prop_map(|by| Action::Release { by }),
        staff().prop_map(|by| Action::Close { by }),
        (staff(), 1..4_i64, any::<bool>()).prop_map(|(by, id, is_active)| Action::Transfer {
            by,
            to: TransferTarget { id: OperatorId(id), is_active }
        }),
    ]
}

proptest! {
    /// Over any sequence of actions: a change always starts from the state it claims to, an owner changes only by claim,
    /// transfer or release, and nobody without the right moved anything.
    #[test]
    fn se1_se3_hold_over_random_actions(actions in proptest::collection::vec(action(), 0..60)) {
        let mut open: Option<Open> = None;
        for action in actions {
            let Ok(change) = decide(open, action) else { continue };
            match change {
                Change::Opened(_) => prop_assert!(open.is_none()),
                Change::Claimed { .. } => prop_assert_eq!(open, Some(Open::Waiting)),
                Change::Released { from } => prop_assert_eq!(open, Some(Open::Active { owner: from })),
                Change::Transferred { from, to } => {
                    prop_assert_eq!(open.map(Open::owner), Some(from));
                    prop_assert_ne!(from, Some(to));
                }
                Change::Closed { .. } => prop_assert!(open.is_some()),
                Change::Unchanged => {}
            }
            if let Action::Release { by } | Action::Close { by } | Action::Transfer { by, .. } = action {
                prop_assert!(by.may_act_for(open.and_then(Open::owner)));
            }
            open = apply(open, change);
        }
    }
}
