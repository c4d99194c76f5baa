//! Refresh tokens in families (AU2).

use std::sync::Arc;

use linedesk_protocol::{OperatorId, Role, Timestamp};
use linedesk_store::feed;
use linedesk_store::ops::operators;
use linedesk_store::ops::sign_in::{self, Rotated, Scope};
use linedesk_store::{Origin, StoreError};
use tokio::task::JoinSet;

use super::harness::{Desk, NOW, after};
use super::operators::by_command;

on_both_engines!(
    au2_a_token_is_used_once_and_its_successor_goes_on,
    au2_a_used_token_presented_again_revokes_its_family_only,
    au2_a_token_presented_twice_at_once_is_fresh_once,
    au2_an_expired_or_unknown_token_is_refused,
    au2_a_sign_in_whose_account_changed_meanwhile_does_not_begin,
    au2_logout_ends_the_sign_in_and_is_told,
    au3_a_deactivated_operators_token_is_refused,
    expired_tokens_and_empty_sign_ins_are_forgotten,
);

/// Begins a sign-in as the account stands now.
pub(crate) async fn begin(desk: &Desk, id: OperatorId, family: &'static str, token: &'static str) -> bool {
    let account = desk.read(move |tx| operators::find(tx, id)).await.unwrap();
    desk.write(move |tx| sign_in::begin(tx, &account, family, token, after(60), NOW)).await
}

async fn au2_a_sign_in_whose_account_changed_meanwhile_does_not_begin(desk: &Desk) {
    let id = desk.operator("mali", Role::Agent).await.id;
    let checked = desk.read(move |tx| operators::find(tx, id)).await.unwrap();
    let changed = desk.store.write(move |tx| operators::set_password(tx, id, "new", None, &by_command(), NOW));
    changed.await.unwrap();
    assert!(!desk.write(move |tx| sign_in::begin(tx, &checked, "f1", "a1", after(60), NOW)).await);
    assert!(begin(desk, id, "f2", "b1").await);
    let gone = desk.store.write(move |tx| operators::deactivate(tx, id, &by_command(), NOW));
    gone.await.unwrap();
    assert!(!begin(desk, id, "f3", "c1").await);
}

async fn signed_in(desk: &Desk) -> OperatorId {
    let id = desk.operator("mali", Role::Agent).await.id;
    for (family, token) in [("f1", "a1"), ("f2", "b1")] {
        assert!(begin(desk, id, family, token).await);
    }
    id
}

async fn rotate(desk: &Desk, token: &'static str, next: &'static str, now: Timestamp) -> Rotated {
    desk.write(move |tx| sign_in::rotate(tx, token, next, after(120), now)).await
}

async fn stands(desk: &Desk, id: OperatorId, family: &'static str) -> bool {
    desk.read(move |tx| sign_in::find_signed_in(tx, id, family)).await.is_some()
}

fn family_of(rotated: &Rotated) -> Option<&str> {
    match rotated {
        Rotated::Fresh { family, .. } => Some(family),
        _ => None,
    }
}

async fn au2_a_token_is_used_once_and_its_successor_goes_on(desk: &Desk) {
    let id = signed_in(desk).await;
    for (token, next) in [("a1", "a2"), ("a2", "a3"), ("a3", "a4")] {
        match rotate(desk, token, next, after(59)).await {
            Rotated::Fresh { operator, family } => assert_eq!((operator.id, family.as_str()), (id, "f1")),
            other => panic!("{other:?}"),
        }
    }
    assert!(stands(desk, id, "f1").await);
    assert!(!stands(desk, OperatorId(id.0 + 1), "f1").await, "a family is its operator's");
    assert!(!stands(desk, id, "f9").await);
}

async fn au2_a_used_token_presented_again_revokes_its_family_only(desk: &Desk) {
    let id = signed_in(desk).await;
    rotate(desk, "a1", "a2", NOW).await;
    let head = desk.head().await;
    assert_eq!(rotate(desk, "a1", "x", NOW).await, Rotated::Reused);
    assert_eq!(rotate(desk, "a2", "a3", NOW).await, Rotated::Refused);
    assert!(!stands(desk, id, "f1").await && stands(desk, id, "f2").await);
    assert_eq!(family_of(&rotate(desk, "b1", "b2", NOW).await), Some("f2"));
    let told = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    let told: Vec<_> = told.iter().map(|event| (event.subject, event.data.as_deref())).collect();
    assert_eq!(told, [(Some(id.0), Some("f1"))]);
}

async fn au2_a_token_presented_twice_at_once_is_fresh_once(desk: &Desk) {
    let id = signed_in(desk).await;
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let (store, next) = (stores[number % 2].clone(), format!("next-{number}"));
        tasks.spawn(async move {
            let rotated = store.write::<_, StoreError, _>(move |tx| sign_in::rotate(tx, "a1", &next, after(120), NOW));
            rotated.await.unwrap().value
        });
    }
    let answers = tasks.join_all().await;
    let fresh = answers.iter().filter(|rotated| family_of(rotated).is_some()).count();
    let reused = answers.iter().filter(|rotated| **rotated == Rotated::Reused).count();
    assert_eq!((fresh, reused), (1, 7));
    assert!(!stands(desk, id, "f1").await);
}

async fn au2_an_expired_or_unknown_token_is_refused(desk: &Desk) {
    signed_in(desk).await;
    assert_eq!(rotate(desk, "never", "x", NOW).await, Rotated::Refused);
    assert_eq!(rotate(desk, "a1", "a2", after(60)).await, Rotated::Refused);
    let just_in_time = Timestamp(after(60).0 - 1);
    assert_eq!(family_of(&rotate(desk, "a1", "a2", just_in_time).await), Some("f1"));
}

async fn au2_logout_ends_the_sign_in_and_is_told(desk: &Desk) {
    let id = signed_in(desk).await;
    let head = desk.head().await;
    for _ in 0..2 {
        desk.write(|tx| sign_in::revoke_by_token(tx, "a1", Scope::This, NOW)).await;
        desk.write(|tx| sign_in::revoke_by_token(tx, "never", Scope::This, NOW)).await;
    }
    assert!(!stands(desk, id, "f1").await && stands(desk, id, "f2").await);
    assert_eq!(rotate(desk, "a1", "a2", NOW).await, Rotated::Refused);
    assert_eq!(desk.head().await.0, head.0 + 1, "told once");
}

async fn au3_a_deactivated_operators_token_is_refused(desk: &Desk) {
    let id = signed_in(desk).await;
    desk.store.write(move |tx| operators::deactivate(tx, id, &Origin::system("command"), NOW)).await.unwrap();
    assert_eq!(rotate(desk, "a1", "a2", NOW).await, Rotated::Refused);
    assert!(!stands(desk, id, "f1").await);
}

async fn expired_tokens_and_empty_sign_ins_are_forgotten(desk: &Desk) {
    let id = signed_in(desk).await;
    rotate(desk, "a1", "a2", NOW).await;
    // a1 and b1 expire after 60 s, a2 after 120.
    desk.write(|tx| sign_in::forget_expired(tx, after(60))).await;
    assert_eq!(desk.number("SELECT count(*) FROM refresh_tokens").await, 3);
    desk.write(|tx| sign_in::forget_expired(tx, after(61))).await;
    assert_eq!(desk.texts("SELECT token_hash FROM refresh_tokens").await, [Some("a2".to_owned())]);
    assert_eq!(desk.texts("SELECT id FROM refresh_families").await, [Some("f1".to_owned())]);
    assert_eq!(rotate(desk, "a1", "a9", NOW).await, Rotated::Refused);
    assert!(stands(desk, id, "f1").await);
    desk.write(|tx| sign_in::forget_expired(tx, after(121))).await;
    assert_eq!(desk.number("SELECT count(*) FROM refresh_families").await, 0);
}
