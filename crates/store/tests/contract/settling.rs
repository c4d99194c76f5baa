//! How calls end, also when the process dies in between (DL3, DL4, DL6, DL8).

use linedesk_core::delivery::{Method, Outcome, Quota};
use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, DeliveryCost, DeliveryState, ErrorCode, MessageId, Role, Timestamp};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::outbox::{self, Step};

use super::harness::{Desk, NOW, after};
use super::worker::{LEASE_MS, TOKEN_LIFE_MS, ids_of, text_with_token};

on_both_engines!(
    dl3_an_accepted_reply_is_free_and_an_accepted_push_is_paid,
    dl8_a_reply_under_way_at_a_crash_is_unknown_and_not_sent_again,
    dl4_a_push_under_way_at_a_crash_goes_again_with_the_same_key,
    dl4_a_push_goes_again_with_its_key_until_the_key_is_spent,
    dl4_what_never_reached_line_fails_after_a_day,
    dl8_an_outcome_comes_too_late_when_the_batch_is_settled,
    dl8_an_earlier_trys_outcome_does_not_dissolve_a_later_try,
    dl8_an_outcome_is_written_down_once,
    dl5_a_refused_batch_goes_message_by_message,
    dl6_a_spent_quota_holds_the_messages,
    dl6_a_rate_limit_only_pauses,
    waiting_for_line_is_told_once,
    tries_in_a_row_are_counted_over_batches,
);

async fn waiting(desk: &Desk, messages: usize) -> (ConversationId, Vec<MessageId>, Staff) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let mut ids = Vec::new();
    for number in 0..messages {
        ids.push(desk.send(conversation, owner, &format!("message {number}")).await);
    }
    (conversation, ids, owner)
}

async fn bring_token(desk: &Desk, conversation: ConversationId, token: &str) {
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![text_with_token(&chat, &format!("brings-{token}"), token)]).await;
}

async fn told(desk: &Desk, id: MessageId) -> (DeliveryState, Option<DeliveryCost>, Option<ErrorCode>, Option<bool>) {
    let delivery = desk.delivery(id).await;
    (delivery.state, delivery.cost, delivery.code, delivery.retryable)
}

async fn dl3_an_accepted_reply_is_free_and_an_accepted_push_is_paid(desk: &Desk) {
    let (conversation, ids, owner) = waiting(desk, 2).await;
    bring_token(desk, conversation, "r0").await;
    let reply = desk.call(conversation).await;
    assert_eq!(reply.method, Method::Reply);
    let head = desk.head().await;
    desk.answer(&reply, Outcome::Accepted).await;
    for id in &ids {
        assert_eq!(told(desk, *id).await, (DeliveryState::Accepted, Some(DeliveryCost::Free), None, None));
    }
    let events = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    let events: Vec<_> = events.iter().map(|event| (event.kind, event.subject)).collect();
    assert_eq!(events, ids.iter().map(|id| (EventKind::DeliveryChanged, Some(id.0))).collect::<Vec<_>>());
    let next = desk.send(conversation, owner, "more").await;
    let push = desk.call(conversation).await;
    desk.answer(&push, Outcome::Accepted).await;
    assert_eq!(told(desk, next).await, (DeliveryState::Accepted, Some(DeliveryCost::Paid), None, None));
    let kept = desk.texts("SELECT line_message_id FROM messages WHERE direction = 'OUTGOING' ORDER BY id").await;
    assert_eq!(kept, [ids[0], ids[1], next].map(|id| Some(format!("out-{id}"))));
}

async fn dl8_a_reply_under_way_at_a_crash_is_unknown_and_not_sent_again(desk: &Desk) {
    let (conversation, ids, owner) = waiting(desk, 2).await;
    bring_token(desk, conversation, "r0").await;
    assert_eq!(desk.call(conversation).await.method, Method::Reply);
    let next = desk.send(conversation, owner, "after it").await;
    // The process dies; another one takes the lane when the lease is over.
    let later = Timestamp(NOW.0 + LEASE_MS);
    assert_eq!(desk.lease("b", later).await, [conversation]);
    assert_eq!(desk.step(conversation, "b", later).await, Step::Again);
    for id in &ids {
        let unknown = (DeliveryState::Unknown, None, Some(ErrorCode::LineUnavailable), Some(true));
        assert_eq!(told(desk, *id).await, unknown);
    }
    match desk.step(conversation, "b", later).await {
        Step::Call(call) => assert_eq!((call.method, ids_of(&call)), (Method::Push, vec![next])),
        other => panic!("{other:?}"),
    }
}

async fn dl4_a_push_under_way_at_a_crash_goes_again_with_the_same_key(desk: &Desk) {
    let (conversation, ids, owner) = waiting(desk, 3).await;
    let first = desk.call(conversation).await;
    assert_eq!((first.method, first.may_have_arrived), (Method::Push, false));
    desk.send(conversation, owner, "comes later").await;
    bring_token(desk, conversation, "r0").await;
    let later = Timestamp(NOW.0 + LEASE_MS);
    assert_eq!(desk.lease("b", later).await, [conversation]);
    let Step::Call(again) = desk.step(conversation, "b", later).await else { panic!("it goes again") };
    assert_eq!((again.batch, &again.retry_key, again.method), (first.batch, &first.retry_key, Method::Push));
    assert_eq!((ids_of(&again), again.may_have_arrived, again.begun_ms), (ids.clone(), true, NOW.0));
    assert_eq!(again.messages, first.messages, "same key, same body");
    desk.answer_with(&again, Outcome::Accepted, Quota::Unknown, later).await;
    assert_eq!(desk.states(&ids).await, [DeliveryState::Accepted; 3]);
}

async fn dl4_a_push_goes_again_with_its_key_until_the_key_is_spent(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 1).await;
    let first = desk.call(conversation).await;
    desk.answer(&first, Outcome::Refused(500)).await;
    for hours in [1, 12, 23] {
        let now = after(hours * 3600);
        let call = desk.call_at(conversation, now).await;
        assert_eq!((&call.retry_key, call.may_have_arrived), (&first.retry_key, true));
        desk.answer_with(&call, Outcome::Ambiguous, Quota::Unknown, now).await;
        assert_eq!(desk.states(&ids).await, [DeliveryState::Sending]);
    }
    let over = after(24 * 3600);
    desk.lease("w", over).await;
    assert_eq!(desk.step(conversation, "w", over).await, Step::Again, "no further call");
    let unknown = (DeliveryState::Unknown, None, Some(ErrorCode::LineUnavailable), Some(true));
    assert_eq!(told(desk, ids[0]).await, unknown);
    assert_eq!(desk.step(conversation, "w", over).await, Step::Idle);
}

async fn dl4_what_never_reached_line_fails_after_a_day(desk: &Desk) {
    let (conversation, ids, owner) = waiting(desk, 1).await;
    let mut keys = std::collections::BTreeSet::new();
    for hours in [0, 12, 23] {
        let now = after(hours * 3600);
        let call = desk.call_at(conversation, now).await;
        assert!(!call.may_have_arrived);
        keys.insert(call.retry_key.clone());
        desk.answer_with(&call, Outcome::NotSent, Quota::Unknown, now).await;
        assert_eq!(desk.states(&ids).await, [DeliveryState::Queued]);
    }
    assert_eq!(keys.len(), 3, "each is a new batch: what comes later may travel with it");
    let over = after(24 * 3600);
    let draft = super::actions::draft(conversation, owner, "of today", "today");
    let young = super::actions::send_through(&desk.store, draft, over).await.unwrap().value.message.id;
    let call = desk.call_at(conversation, over).await;
    assert_eq!(ids_of(&call), [ids[0], young]);
    desk.answer_with(&call, Outcome::NotSent, Quota::Unknown, over).await;
    let failed = (DeliveryState::Failed, None, Some(ErrorCode::LineUnavailable), Some(true));
    assert_eq!(told(desk, ids[0]).await, failed);
    assert_eq!(desk.delivery(young).await.state, DeliveryState::Queued);
}

async fn dl8_an_outcome_comes_too_late_when_the_batch_is_settled(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 1).await;
    bring_token(desk, conversation, "r0").await;
    let slow = desk.call(conversation).await;
    let later = Timestamp(NOW.0 + TOKEN_LIFE_MS);
    desk.lease("b", later).await;
    assert_eq!(desk.step(conversation, "b", later).await, Step::Again);
    let head = desk.head().await;
    for outcome in [Outcome::Accepted, Outcome::NotSent, Outcome::Refused(400)] {
        desk.answer_with(&slow, outcome, Quota::Unknown, later).await;
    }
    assert_eq!(desk.states(&ids).await, [DeliveryState::Unknown]);
    assert_eq!(desk.head().await, head);
    assert_eq!(desk.number("SELECT count(*) FROM reply_tokens").await, 0);
    assert_eq!(desk.lease("c", later).await, [], "the lane is still the other's");
}

async fn dl8_an_earlier_trys_outcome_does_not_dissolve_a_later_try(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 1).await;
    let slow = desk.call(conversation).await;
    let later = Timestamp(NOW.0 + LEASE_MS);
    assert_eq!(desk.lease("b", later).await, [conversation]);
    let Step::Call(second) = desk.step(conversation, "b", later).await else { panic!("it goes again") };
    // The second try is on its way to LINE when the first one's worker wakes up. Had its batch been dissolved, the
    // message would go out again under another key.
    for outcome in [Outcome::NotSent, Outcome::Refused(400), Outcome::Ambiguous] {
        desk.answer_with(&slow, outcome, Quota::Unknown, later).await;
        assert_eq!(desk.states(&ids).await, [DeliveryState::Sending], "{outcome:?}");
        assert_eq!(desk.lease("c", later).await, [], "{outcome:?}");
    }
    desk.answer_with(&second, Outcome::Accepted, Quota::Unknown, later).await;
    assert_eq!(desk.states(&ids).await, [DeliveryState::Accepted]);
}

async fn dl8_an_outcome_is_written_down_once(desk: &Desk) {
    let (conversation, ids, owner) = waiting(desk, 1).await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Accepted).await;
    let next = desk.send(conversation, owner, "next").await;
    let head = desk.head().await;
    desk.answer(&call, Outcome::Ambiguous).await;
    desk.answer(&call, Outcome::Accepted).await;
    assert_eq!(desk.head().await, head);
    assert_eq!(desk.states(&[ids[0], next]).await, [DeliveryState::Accepted, DeliveryState::Queued]);
}

async fn dl5_a_refused_batch_goes_message_by_message(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 3).await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Refused(400)).await;
    for (number, id) in ids.iter().enumerate() {
        let single = desk.call(conversation).await;
        assert_eq!(ids_of(&single), [*id]);
        let outcome = if number == 1 { Outcome::Refused(400) } else { Outcome::Accepted };
        desk.answer(&single, outcome).await;
    }
    assert_eq!(desk.states(&ids).await, [DeliveryState::Accepted, DeliveryState::Failed, DeliveryState::Accepted]);
    let failed = desk.delivery(ids[1]).await;
    assert_eq!((failed.code, failed.error.as_deref()), (Some(ErrorCode::LineRejected), Some("LINE says no")));
}

async fn dl6_a_spent_quota_holds_the_messages(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 2).await;
    let call = desk.call(conversation).await;
    desk.answer_with(&call, Outcome::Refused(429), Quota::Spent, NOW).await;
    for id in &ids {
        assert_eq!(told(desk, *id).await, (DeliveryState::Withheld, None, Some(ErrorCode::QuotaExhausted), Some(true)));
    }
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Idle);
}

async fn dl6_a_rate_limit_only_pauses(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 1).await;
    let call = desk.call(conversation).await;
    desk.answer_with(&call, Outcome::Refused(429), Quota::Left, NOW).await;
    assert_eq!(desk.states(&ids).await, [DeliveryState::Sending]);
    let again = desk.call_at(conversation, after(5)).await;
    assert_eq!(again.retry_key, call.retry_key);
}

async fn waiting_for_line_is_told_once(desk: &Desk) {
    let (conversation, ids, _) = waiting(desk, 1).await;
    let updates = async || desk.number("SELECT count(*) FROM feed WHERE kind = 'message_updated'").await;
    for hours in 0..3 {
        let now = after(hours * 3600);
        let call = desk.call_at(conversation, now).await;
        desk.answer_with(&call, Outcome::Ambiguous, Quota::Unknown, now).await;
        assert_eq!(updates().await, 1);
    }
    let delivery = desk.delivery(ids[0]).await;
    assert_eq!((delivery.state, delivery.code), (DeliveryState::Sending, Some(ErrorCode::LineUnavailable)));
    let call = desk.call_at(conversation, after(4 * 3600)).await;
    desk.answer_with(&call, Outcome::Accepted, Quota::Unknown, after(4 * 3600)).await;
    assert_eq!(told(desk, ids[0]).await, (DeliveryState::Accepted, Some(DeliveryCost::Paid), None, None));
}

async fn tries_in_a_row_are_counted_over_batches(desk: &Desk) {
    let (conversation, _, owner) = waiting(desk, 1).await;
    for tries in 1..4 {
        let now = after(i64::from(tries) * 3600);
        let call = desk.call_at(conversation, now).await;
        assert_eq!(call.attempts, tries);
        desk.answer_with(&call, Outcome::NotSent, Quota::Unknown, now).await;
    }
    let now = after(5 * 3600);
    let call = desk.call_at(conversation, now).await;
    assert_eq!(call.attempts, 4);
    desk.answer_with(&call, Outcome::Accepted, Quota::Unknown, now).await;
    desk.send(conversation, owner, "next").await;
    assert_eq!(desk.call_at(conversation, now).await.attempts, 1);
    assert!(!desk.read(move |tx| outbox::has_ready(tx, "b", now)).await);
}
