//! Lanes: who works on a conversation's queue, and in which order it goes out (DL2, DL5).

use std::collections::BTreeSet;
use std::sync::Arc;

use linedesk_core::delivery::{Method, Outcome};
use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, DeliveryState, Role, Timestamp};
use linedesk_store::ops::messages::Draft;
use linedesk_store::ops::outbox::{self, Step};
use linedesk_store::ops::sessions::Command;
use tokio::task::JoinSet;

use super::actions::{draft, send_through};
use super::harness::{Desk, NOW, after};
use super::worker::{LEASE_MS, ids_of, lease_through};

on_both_engines!(
    dl2_a_lane_has_one_holder_at_a_time,
    dl2_lanes_are_leased_once_across_nodes,
    dl2_a_holder_keeps_its_lane_while_it_works,
    dl2_messages_go_out_in_order_and_dl5_up_to_five_together,
    dl2_a_slow_lane_holds_up_no_other,
    dl2_a_pausing_lane_is_not_leased_before_its_time,
    the_lane_that_waits_longest_is_leased_first,
    a_lane_is_gone_when_nothing_waits_and_comes_back,
    a_lane_that_is_given_back_can_be_leased,
    a_process_alone_frees_what_an_earlier_one_held,
    a_call_carries_what_line_needs,
);

async fn owner(desk: &Desk) -> Staff {
    desk.operator("owner", Role::Agent).await
}

/// A conversation with messages waiting.
async fn waiting(desk: &Desk, owner: Staff, messages: usize) -> (ConversationId, Vec<linedesk_protocol::MessageId>) {
    let conversation = desk.session_of(owner).await;
    let mut ids = Vec::new();
    for number in 0..messages {
        ids.push(desk.send(conversation, owner, &format!("message {number}")).await);
    }
    (conversation, ids)
}

async fn dl2_a_lane_has_one_holder_at_a_time(desk: &Desk) {
    let (conversation, _) = waiting(desk, owner(desk).await, 1).await;
    assert!(desk.read(|tx| outbox::has_ready(tx, "b", NOW)).await);
    assert_eq!(desk.step(conversation, "a", NOW).await, Step::Lost, "nobody has leased it");
    assert_eq!(desk.lease("a", NOW).await, [conversation]);
    assert_eq!(desk.lease("b", NOW).await, []);
    assert!(!desk.read(|tx| outbox::has_ready(tx, "b", NOW)).await);
    assert_eq!(desk.step(conversation, "b", NOW).await, Step::Lost);
    let end = Timestamp(NOW.0 + LEASE_MS);
    assert_eq!(desk.lease("b", Timestamp(end.0 - 1)).await, []);
    assert!(desk.read(move |tx| outbox::has_ready(tx, "b", end)).await);
    assert_eq!(desk.lease("b", end).await, [conversation]);
    assert_eq!(desk.step(conversation, "a", end).await, Step::Lost);
    assert!(matches!(desk.step(conversation, "b", end).await, Step::Call(_)));
}

async fn dl2_lanes_are_leased_once_across_nodes(desk: &Desk) {
    let owner = owner(desk).await;
    for _ in 0..12 {
        waiting(desk, owner, 1).await;
    }
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let mut tasks = JoinSet::new();
    for number in 0..10 {
        let store = stores[number % 2].clone();
        tasks.spawn(async move { lease_through(&store, "w", NOW, 3).await });
    }
    let mut leased: Vec<_> = tasks.join_all().await.into_iter().flatten().map(|id| id.0).collect();
    // Whoever found rows held by another passed them over.
    leased.extend(desk.lease("w", NOW).await.iter().map(|id| id.0));
    assert_eq!((leased.len(), leased.iter().collect::<BTreeSet<_>>().len()), (12, 12));
}

async fn dl2_a_holder_keeps_its_lane_while_it_works(desk: &Desk) {
    let (conversation, _) = waiting(desk, owner(desk).await, 6).await;
    desk.lease("a", NOW).await;
    let later = after(50);
    assert!(matches!(desk.step(conversation, "a", later).await, Step::Call(_)));
    assert_eq!(desk.lease("b", Timestamp(later.0 + LEASE_MS - 1)).await, []);
    assert_eq!(desk.lease("b", Timestamp(later.0 + LEASE_MS)).await, [conversation]);
}

async fn dl2_messages_go_out_in_order_and_dl5_up_to_five_together(desk: &Desk) {
    let owner = owner(desk).await;
    let (conversation, mut ids) = waiting(desk, owner, 7).await;
    let first = desk.call(conversation).await;
    assert_eq!(ids_of(&first), ids[..5]);
    let texts: Vec<_> = first.messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["message 0", "message 1", "message 2", "message 3", "message 4"]);
    // What is sent meanwhile waits behind.
    ids.push(desk.send(conversation, owner, "message 7").await);
    assert_eq!(desk.states(&ids[4..6]).await, [DeliveryState::Sending, DeliveryState::Queued]);
    desk.answer(&first, Outcome::Accepted).await;
    let second = desk.call(conversation).await;
    assert_eq!(ids_of(&second), ids[5..]);
    assert_ne!(second.retry_key, first.retry_key);
    desk.answer(&second, Outcome::Accepted).await;
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Idle);
    assert_eq!(desk.states(&ids).await, [DeliveryState::Accepted; 8]);
}

async fn dl2_a_slow_lane_holds_up_no_other(desk: &Desk) {
    let owner = owner(desk).await;
    let (slow, slow_ids) = waiting(desk, owner, 2).await;
    let (quick, quick_ids) = waiting(desk, owner, 2).await;
    let hangs = desk.call(slow).await;
    let call = desk.call(quick).await;
    desk.answer(&call, Outcome::Accepted).await;
    assert_eq!(desk.states(&quick_ids).await, [DeliveryState::Accepted; 2]);
    assert_eq!(desk.states(&slow_ids).await, [DeliveryState::Sending; 2]);
    desk.answer(&hangs, Outcome::Ambiguous).await;
    let again = desk.call_at(slow, after(60)).await;
    assert_eq!((ids_of(&again), again.retry_key), (slow_ids, hangs.retry_key));
}

async fn dl2_a_pausing_lane_is_not_leased_before_its_time(desk: &Desk) {
    let (conversation, _) = waiting(desk, owner(desk).await, 1).await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::NotSent).await;
    // The first pause is between half a second and a whole one.
    let soon = Timestamp(NOW.0 + 499);
    assert!(!desk.read(move |tx| outbox::has_ready(tx, "b", soon)).await);
    assert_eq!(desk.lease("b", soon).await, []);
    assert_eq!(desk.step(conversation, "w", soon).await, Step::Lost, "the holder waits like everybody");
    // A message that comes meanwhile does not end the pause.
    let again = draft(conversation, Staff { id: desk_owner(desk).await, role: Role::Agent }, "more", "t");
    send_through(&desk.store, again, soon).await.unwrap();
    assert_eq!(desk.lease("b", soon).await, []);
    assert_eq!(desk.lease("b", after(1)).await, [conversation]);
}

async fn desk_owner(desk: &Desk) -> linedesk_protocol::OperatorId {
    linedesk_protocol::OperatorId(desk.number("SELECT id FROM operators WHERE username = 'owner'").await)
}

async fn the_lane_that_waits_longest_is_leased_first(desk: &Desk) {
    let owner = owner(desk).await;
    let mut expected = Vec::new();
    for second in [8, 2, 5] {
        let conversation = desk.session_of(owner).await;
        send_through(&desk.store, draft(conversation, owner, "x", "t"), after(second)).await.unwrap();
        expected.push((second, conversation));
    }
    expected.sort_unstable_by_key(|(second, _)| *second);
    for (_, conversation) in expected {
        assert_eq!(lease_through(&desk.store, "w", after(9), 1).await, [conversation]);
    }
    assert_eq!(lease_through(&desk.store, "w", after(9), 1).await, []);
}

async fn a_lane_is_gone_when_nothing_waits_and_comes_back(desk: &Desk) {
    let owner = owner(desk).await;
    let (conversation, _) = waiting(desk, owner, 1).await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Accepted).await;
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Idle);
    assert_eq!(desk.number("SELECT count(*) FROM lanes").await, 0);
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Lost);
    desk.send(conversation, owner, "again").await;
    assert_eq!(desk.lease("b", NOW).await, [conversation]);
}

async fn a_lane_that_is_given_back_can_be_leased(desk: &Desk) {
    let (conversation, _) = waiting(desk, owner(desk).await, 1).await;
    desk.lease("a", NOW).await;
    desk.write(move |tx| outbox::free(tx, conversation, "b")).await;
    assert_eq!(desk.lease("b", NOW).await, [], "it was not theirs to give back");
    desk.write(move |tx| outbox::free(tx, conversation, "a")).await;
    assert_eq!(desk.lease("b", NOW).await, [conversation]);
}

async fn a_process_alone_frees_what_an_earlier_one_held(desk: &Desk) {
    let owner = owner(desk).await;
    let (one, _) = waiting(desk, owner, 1).await;
    let call = desk.call(one).await;
    let (two, _) = waiting(desk, owner, 1).await;
    desk.lease("dead", NOW).await;
    desk.write(outbox::free_all_leases).await;
    assert_eq!(desk.lease("b", NOW).await.len(), 2);
    match desk.step(one, "b", NOW).await {
        Step::Call(again) => assert_eq!((again.batch, again.retry_key), (call.batch, call.retry_key)),
        other => panic!("{other:?}"),
    }
    assert!(matches!(desk.step(two, "b", NOW).await, Step::Call(_)));
}

async fn a_call_carries_what_line_needs(desk: &Desk) {
    let owner = owner(desk).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    let asked = desk.say(&chat, "which?").await;
    let quoting = Draft { quote: Some(asked), ..draft(conversation, owner, "this <one>", "t1") };
    send_through(&desk.store, quoting, NOW).await.unwrap();
    let call = desk.call(conversation).await;
    assert_eq!((call.conversation, call.channel, &call.chat_id), (conversation, desk.channel, &chat));
    assert_eq!((call.method, call.attempts, call.may_have_arrived), (Method::Push, 1, false));
    assert_eq!(call.messages[0].text, "this <one>");
    assert!(call.messages[0].quote_token.as_deref().is_some_and(|token| token.starts_with("quote-")));
    desk.answer(&call, Outcome::Accepted).await;
    // What LINE told of our message makes it quotable.
    let own = Draft { quote: Some(call.messages[0].id), ..draft(conversation, owner, "that is", "t2") };
    send_through(&desk.store, own, NOW).await.unwrap();
    let next = desk.call(conversation).await;
    assert_eq!(next.messages[0].quote_token, Some(format!("q-{}", call.messages[0].id)));
    desk.act(conversation, Command::Close(owner)).await.unwrap();
}
