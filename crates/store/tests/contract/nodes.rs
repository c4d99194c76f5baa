//! Nodes that live, and the work of those that do not.

use linedesk_core::liveness::Beat;
use linedesk_protocol::{ConversationId, Role, Timestamp};
use linedesk_store::ops::outbox::Step;
use linedesk_store::ops::{contacts, media, nodes, outbox};

use super::harness::{Desk, NOW, after};
use super::media::picture;

on_both_engines!(
    dl8_a_dead_node_holds_nothing_and_the_others_go_on,
    dl8_a_node_that_counts_on_keeps_what_it_holds,
    dl2_a_lease_that_is_over_is_still_that_of_a_node_that_lives,
    a_node_that_leaves_gives_everything_back,
);

fn beat(node: &str, number: i64) -> Beat {
    Beat { node: node.to_owned(), number }
}

async fn beats(desk: &Desk, node: &'static str, number: i64) {
    desk.write(move |tx| nodes::beat(tx, &beat(node, number))).await;
}

/// One of every kind of work, held by the node `a`, in a lane by its third taking.
async fn held_by_a(desk: &Desk) -> ConversationId {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    desk.send(conversation, owner, "hello").await;
    desk.ingest(vec![picture("e1")]).await;
    beats(desk, "a", 1).await;
    assert_eq!(desk.lease("a/3", NOW).await, [conversation]);
    assert!(matches!(desk.step(conversation, "a/3", NOW).await, Step::Call(_)));
    assert!(!desk.write(|tx| contacts::take_due(tx, "a", NOW, after(60), 9)).await.is_empty());
    assert_eq!(desk.write(|tx| media::take_due(tx, "a", NOW, after(900), 9)).await.len(), 1);
    assert!(is_all_taken(desk, NOW).await);
    conversation
}

/// Nothing is there to be taken.
async fn is_all_taken(desk: &Desk, now: Timestamp) -> bool {
    let due = desk.read(move |tx| Ok(contacts::has_due(tx, now)? || media::has_due(tx, now)?)).await;
    !due && desk.lease("b/1", now).await.is_empty()
}

async fn dl8_a_dead_node_holds_nothing_and_the_others_go_on(desk: &Desk) {
    let conversation = held_by_a(desk).await;
    assert!(desk.write(|tx| nodes::bury(tx, &beat("a", 1), NOW)).await);
    assert!(!desk.write(|tx| nodes::bury(tx, &beat("a", 1), NOW)).await, "once");
    assert_eq!(desk.read(|tx| nodes::list(tx)).await, []);
    assert_eq!(
        desk.step(conversation, "a/3", NOW).await,
        Step::Lost,
        "it was not dead, and learns that it lost the lane"
    );
    assert_eq!(desk.lease("b/1", NOW).await, [conversation]);
    assert!(matches!(desk.step(conversation, "b/1", NOW).await, Step::Call(call) if call.may_have_arrived));
    assert!(!desk.write(|tx| contacts::take_due(tx, "b", NOW, after(60), 9)).await.is_empty());
    assert_eq!(desk.write(|tx| media::take_due(tx, "b", NOW, after(900), 9)).await.len(), 1);
    beats(desk, "a", 2).await;
    assert_eq!(desk.read(|tx| nodes::list(tx)).await, [beat("a", 2)], "it is among the living again");
}

async fn dl8_a_node_that_counts_on_keeps_what_it_holds(desk: &Desk) {
    held_by_a(desk).await;
    beats(desk, "a", 2).await;
    assert!(!desk.write(|tx| nodes::bury(tx, &beat("a", 1), NOW)).await, "it has counted on");
    // Another's, which has its name as a part of the own.
    beats(desk, "aa", 1).await;
    assert!(desk.write(|tx| nodes::bury(tx, &beat("aa", 1), NOW)).await);
    assert!(is_all_taken(desk, NOW).await);
}

async fn dl2_a_lease_that_is_over_is_still_that_of_a_node_that_lives(desk: &Desk) {
    let conversation = held_by_a(desk).await;
    let late = after(100_000);
    assert!(!desk.read(move |tx| outbox::has_ready(tx, "b", late)).await);
    assert_eq!(desk.lease("b/1", late).await, []);
    assert!(desk.read(move |tx| outbox::has_ready(tx, "a", late)).await, "one of its own tasks is stuck");
    assert_eq!(desk.lease("a/4", late).await, [conversation]);
    assert!(desk.write(|tx| nodes::bury(tx, &beat("a", 1), NOW)).await);
    assert_eq!(desk.lease("b/1", late).await, [conversation]);
}

async fn a_node_that_leaves_gives_everything_back(desk: &Desk) {
    let conversation = held_by_a(desk).await;
    desk.write(|tx| nodes::leave(tx, "a", NOW)).await;
    assert_eq!(desk.read(|tx| nodes::list(tx)).await, []);
    assert_eq!(desk.lease("b/1", NOW).await, [conversation]);
    assert!(desk.read(|tx| media::has_due(tx, NOW)).await && desk.read(|tx| contacts::has_due(tx, NOW)).await);
}
