//! Operators: accounts, roles, the right to sign in (AU3).

use std::sync::Arc;

use linedesk_protocol::{OperatorId, Role, SessionStatus};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::operators::{self, OperatorError};
use linedesk_store::ops::sign_in;
use linedesk_store::{Origin, Store};
use tokio::task::JoinSet;

use super::actions::new_operator;
use super::harness::{Desk, NOW, after};
use super::sign_in::begin;

on_both_engines!(
    a_name_is_taken_in_any_case,
    a_name_is_given_once_by_many_at_a_time,
    the_first_account_is_made_once,
    operators_are_listed_by_name,
    au3_deactivating_ends_every_sign_in_and_is_told,
    au3_a_role_is_changed_and_told,
    au2_a_new_password_ends_the_other_sign_ins,
    au3_the_customers_of_a_deactivated_operator_go_back_to_the_queue,
    unknown_operators_are_not_found,
);

pub(crate) fn by_command() -> Origin {
    Origin::system("command")
}

async fn create(store: &Store, name: &str) -> Result<OperatorId, OperatorError> {
    let new = new_operator(name, Role::Agent);
    store.write(move |tx| operators::create(tx, &new, &by_command(), NOW)).await.map(|done| done.value)
}

async fn actions(desk: &Desk) -> Vec<String> {
    desk.texts("SELECT action FROM audit ORDER BY id").await.into_iter().flatten().collect()
}

async fn a_name_is_taken_in_any_case(desk: &Desk) {
    let id = create(&desk.store, " Malí ").await.unwrap();
    for name in ["malí", "MALÍ", "\tMalí"] {
        assert!(matches!(create(&desk.store, name).await, Err(OperatorError::NameTaken)), "{name}");
        let found = desk.read(move |tx| operators::find_by_username(tx, name)).await.unwrap();
        assert_eq!((found.id, found.username.as_str(), found.is_active), (id, "malí", true));
    }
    create(&desk.store, "mali").await.unwrap();
    assert_eq!(actions(desk).await, ["operator_added", "operator_added"]);
}

async fn a_name_is_given_once_by_many_at_a_time(desk: &Desk) {
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        let store = stores[number % 2].clone();
        tasks.spawn(async move { create(&store, if number % 3 == 0 { "MALI" } else { "mali" }).await });
    }
    let mut made = 0;
    for answer in tasks.join_all().await {
        match answer {
            Ok(_) => made += 1,
            Err(OperatorError::NameTaken) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((made, desk.number("SELECT count(*) FROM operators").await), (1, 1));
}

async fn the_first_account_is_made_once(desk: &Desk) {
    let bootstrap = async |name: &str| {
        let new = new_operator(name, Role::SuperAdmin);
        desk.store.write(move |tx| operators::bootstrap(tx, &new, NOW)).await.unwrap().value
    };
    assert!(bootstrap("root").await);
    assert!(!bootstrap("root").await);
    assert!(!bootstrap("other").await);
    let all = desk.read(|tx| operators::list(tx)).await;
    assert_eq!(all.iter().map(|it| (it.username.as_str(), it.role)).collect::<Vec<_>>(), [("root", Role::SuperAdmin)]);
}

async fn operators_are_listed_by_name(desk: &Desk) {
    for name in ["mali", "anan", "Zoe", "bo"] {
        create(&desk.store, name).await.unwrap();
    }
    let names: Vec<_> = desk.read(|tx| operators::list(tx)).await.into_iter().map(|it| it.username).collect();
    assert_eq!(names, ["anan", "bo", "mali", "zoe"]);
}

async fn signed_in(desk: &Desk, operator: OperatorId, family: &'static str) -> bool {
    desk.read(move |tx| sign_in::find_signed_in(tx, operator, family)).await.is_some()
}

async fn au3_deactivating_ends_every_sign_in_and_is_told(desk: &Desk) {
    let (gone, stays) = (desk.operator("gone", Role::Agent).await.id, desk.operator("stays", Role::Agent).await.id);
    for (operator, family) in [(gone, "f1"), (gone, "f2"), (stays, "f3")] {
        assert!(begin(desk, operator, family, family).await);
    }
    let head = desk.head().await;
    let deactivate = async || {
        desk.store.write(move |tx| operators::deactivate(tx, gone, &by_command(), after(1))).await.unwrap();
    };
    deactivate().await;
    assert!(!desk.read(move |tx| operators::find(tx, gone)).await.unwrap().is_active);
    assert!(!signed_in(desk, gone, "f1").await && !signed_in(desk, gone, "f2").await);
    assert!(signed_in(desk, stays, "f3").await);
    let events = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    let mut told: Vec<_> = events.iter().map(|it| (it.kind.as_str(), it.subject, it.data.clone())).collect();
    told.sort();
    let expected = [
        (EventKind::OperatorChanged.as_str(), Some(gone.0), None),
        (EventKind::SignedOut.as_str(), Some(gone.0), Some("f1".to_owned())),
        (EventKind::SignedOut.as_str(), Some(gone.0), Some("f2".to_owned())),
    ];
    assert_eq!(told, expected);
    let before = (actions(desk).await, desk.head().await);
    deactivate().await;
    assert_eq!((actions(desk).await, desk.head().await), before);
    let row = desk.texts("SELECT before_state || after_state FROM audit WHERE action = 'operator_deactivated'").await;
    assert_eq!(row, [Some(r#"{"is_active":true}{"is_active":false}"#.to_owned())]);
    let subject = "SELECT subject_operator_id FROM audit WHERE action = 'operator_deactivated'";
    assert_eq!(desk.number(subject).await, gone.0);
}

async fn au3_a_role_is_changed_and_told(desk: &Desk) {
    let id = desk.operator("mali", Role::Agent).await.id;
    let head = desk.head().await;
    for _ in 0..2 {
        desk.store.write(move |tx| operators::set_role(tx, id, Role::Admin, &by_command(), NOW)).await.unwrap();
    }
    assert_eq!(desk.read(move |tx| operators::find(tx, id)).await.unwrap().role, Role::Admin);
    let events = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    assert_eq!(
        events.iter().map(|it| (it.kind, it.subject)).collect::<Vec<_>>(),
        [(EventKind::OperatorChanged, Some(id.0))]
    );
    let row = desk.texts("SELECT before_state || after_state FROM audit WHERE action = 'operator_role_changed'").await;
    assert_eq!(row, [Some(r#"{"role":"AGENT"}{"role":"ADMIN"}"#.to_owned())]);
}

async fn au3_the_customers_of_a_deactivated_operator_go_back_to_the_queue(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let (first, second) = (desk.session_of(owner).await, desk.session_of(owner).await);
    desk.store.write(move |tx| operators::deactivate(tx, owner.id, &by_command(), after(1))).await.unwrap();
    for conversation in [first, second] {
        let session = desk.summary(conversation).await.session.unwrap();
        assert_eq!((session.status, session.operator_id), (SessionStatus::Waiting, None));
    }
}

async fn au2_a_new_password_ends_the_other_sign_ins(desk: &Desk) {
    let id = desk.operator("mali", Role::Agent).await.id;
    for family in ["keep", "end1", "end2"] {
        assert!(begin(desk, id, family, family).await);
    }
    let set = async |keep: Option<&'static str>, hash: &'static str| {
        let done = desk.store.write(move |tx| operators::set_password(tx, id, hash, keep, &by_command(), after(1)));
        done.await.unwrap();
        assert_eq!(desk.read(move |tx| operators::find(tx, id)).await.unwrap().password_hash, hash);
    };
    set(Some("keep"), "hash 2").await;
    assert!(
        signed_in(desk, id, "keep").await && !signed_in(desk, id, "end1").await && !signed_in(desk, id, "end2").await
    );
    set(None, "hash 3").await;
    assert!(!signed_in(desk, id, "keep").await);
    assert_eq!(actions(desk).await[1..], ["operator_password_changed", "operator_password_changed"]);
}

async fn unknown_operators_are_not_found(desk: &Desk) {
    let nobody = OperatorId(99_999);
    let (a, b, c) = (
        desk.store.write(move |tx| operators::deactivate(tx, nobody, &by_command(), NOW)).await.map(drop),
        desk.store.write(move |tx| operators::set_role(tx, nobody, Role::Admin, &by_command(), NOW)).await.map(drop),
        desk.store.write(move |tx| operators::set_password(tx, nobody, "h", None, &by_command(), NOW)).await.map(drop),
    );
    for answer in [a, b, c] {
        assert!(matches!(answer, Err(OperatorError::NotFound)), "{answer:?}");
    }
    assert_eq!(desk.read(move |tx| operators::find(tx, nobody)).await, None);
    assert_eq!(desk.read(|tx| operators::find_by_username(tx, "nobody")).await, None);
    assert_eq!(actions(desk).await, Vec::<String>::new());
}
