//! What is withheld, held, tried again and taken back (DL6, DL7).

use linedesk_core::delivery::{Outcome, Quota};
use linedesk_core::permission::Staff;
use linedesk_core::session::Refusal;
use linedesk_protocol::{ConversationId, DeliveryState, ErrorCode, MessageId, Role, Timestamp};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::messages::{self, DeliveryError, Sent};
use linedesk_store::ops::outbox::Step;
use linedesk_store::ops::webhook::{Effect, Event};

use super::actions::{draft, event, note_through, origin, send_through, text};
use super::harness::{Desk, NOW, after};
use super::worker::ids_of;

on_both_engines!(
    dl7_nothing_goes_to_one_who_blocked_us,
    dl7_what_waits_when_they_block_us_is_withheld,
    dl7_what_was_withheld_is_sent_by_hand_when_they_are_back,
    dl6_what_was_held_for_quota_goes_when_they_write,
    dl6_what_was_held_for_more_than_a_day_stays,
    a_failed_message_is_tried_again_at_its_place,
    a_message_whose_fate_is_unknown_is_tried_again_only_by_hand,
    what_is_queued_or_accepted_is_not_tried_again,
    a_queued_message_is_taken_back,
    what_is_under_way_is_not_taken_back,
    se3_only_the_owner_or_an_admin_retries_and_cancels,
    se6_retry_and_cancel_have_audit_rows,
);

async fn session(desk: &Desk) -> (ConversationId, Staff) {
    let owner = desk.operator("owner", Role::Agent).await;
    (desk.session_of(owner).await, owner)
}

async fn effect(desk: &Desk, conversation: ConversationId, effect: Effect) {
    let (chat, id) = (desk.chat_of(conversation).await, format!("effect-{}", desk.number_of_its_own()));
    desk.ingest(vec![event(&chat, &id, effect)]).await;
}

async fn retry(desk: &Desk, id: MessageId, by: Staff) -> Result<Sent, DeliveryError> {
    desk.store
        .write(move |tx| messages::retry(tx, id, by, after(9), &origin(by), after(2)))
        .await
        .map(|done| done.value)
}

async fn cancel(desk: &Desk, id: MessageId, by: Staff) -> Result<Sent, DeliveryError> {
    desk.store.write(move |tx| messages::cancel(tx, id, by, &origin(by), after(2))).await.map(|done| done.value)
}

async fn dl7_nothing_goes_to_one_who_blocked_us(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    effect(desk, conversation, Effect::Unreachable).await;
    let head = desk.head().await;
    let id = desk.send(conversation, owner, "hello?").await;
    let delivery = desk.delivery(id).await;
    assert_eq!((delivery.state, delivery.code), (DeliveryState::Withheld, Some(ErrorCode::RecipientUnreachable)));
    assert!(delivery.error.is_some() && delivery.retryable == Some(true));
    let kinds: Vec<_> = desk.read(move |tx| feed::list_after(tx, head, 9)).await.iter().map(|it| it.kind).collect();
    assert!(kinds.contains(&EventKind::DeliveryChanged));
    assert_eq!(desk.lease("w", NOW).await, []);
    assert!(matches!(retry(desk, id, owner).await, Err(DeliveryError::Unreachable)));
}

async fn dl7_what_waits_when_they_block_us_is_withheld(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let ids = [desk.send(conversation, owner, "a").await, desk.send(conversation, owner, "b").await];
    effect(desk, conversation, Effect::Unreachable).await;
    assert_eq!(desk.lease("w", NOW).await, [conversation]);
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Again);
    assert_eq!(desk.states(&ids).await, [DeliveryState::Withheld; 2]);
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Idle);
}

async fn dl7_what_was_withheld_is_sent_by_hand_when_they_are_back(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    effect(desk, conversation, Effect::Unreachable).await;
    let ids = [desk.send(conversation, owner, "a").await, desk.send(conversation, owner, "b").await];
    effect(desk, conversation, Effect::Reachable).await;
    assert_eq!(desk.states(&ids).await, [DeliveryState::Withheld; 2], "nothing goes by itself");
    let sent = retry(desk, ids[1], owner).await.unwrap();
    assert_eq!(sent.message.delivery.map(|delivery| delivery.state), Some(DeliveryState::Queued));
    assert_eq!(ids_of(&desk.call_at(conversation, after(3)).await), [ids[1]]);
}

/// A message that is held because the month's paid messages are spent.
async fn held(desk: &Desk, conversation: ConversationId, owner: Staff) -> MessageId {
    let id = desk.send(conversation, owner, "hello").await;
    let call = desk.call(conversation).await;
    desk.answer_with(&call, Outcome::Refused(429), Quota::Spent, NOW).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Withheld);
    id
}

async fn dl6_what_was_held_for_quota_goes_when_they_write(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let ids = [held(desk, conversation, owner).await, held(desk, conversation, owner).await];
    let chat = desk.chat_of(conversation).await;
    let head = desk.head().await;
    desk.ingest(vec![super::worker::text_with_token(&chat, "e1", "r0")]).await;
    assert_eq!(desk.states(&ids).await, [DeliveryState::Queued; 2]);
    let events = desk.read(move |tx| feed::list_after(tx, head, 99)).await;
    let updated = events.iter().filter(|event| event.kind == EventKind::MessageUpdated).count();
    assert_eq!(updated, 2);
    let call = desk.call(conversation).await;
    assert_eq!((ids_of(&call).as_slice(), call.reply_token.as_deref()), (&ids[..], Some("r0")));
}

async fn dl6_what_was_held_for_more_than_a_day_stays(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let id = held(desk, conversation, owner).await;
    let chat = desk.chat_of(conversation).await;
    let day = 24 * 3_600_000;
    let with_token = |id: &str| Event { reply_token: Some(format!("token {id}")), ..text(&chat, id, "back") };
    desk.ingest_at(vec![with_token("e1")], Timestamp(NOW.0 + day)).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Withheld);
    desk.ingest_at(vec![text(&chat, "e2", "no token")], Timestamp(NOW.0 + day - 1)).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Withheld, "without a token it would be a push again");
    desk.ingest_at(vec![with_token("e3")], Timestamp(NOW.0 + day - 1)).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Queued);
}

async fn a_failed_message_is_tried_again_at_its_place(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let failed = desk.send(conversation, owner, "a").await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Refused(401)).await;
    assert_eq!(desk.delivery(failed).await.state, DeliveryState::Failed);
    let later = desk.send(conversation, owner, "b").await;
    let sent = retry(desk, failed, owner).await.unwrap();
    let delivery = sent.message.delivery.unwrap();
    assert_eq!((delivery.state, delivery.code, delivery.error), (DeliveryState::Queued, None, None));
    let again = desk.call_at(conversation, after(3)).await;
    assert_eq!(ids_of(&again), [failed, later]);
    assert_ne!(again.retry_key, call.retry_key);
}

async fn a_message_whose_fate_is_unknown_is_tried_again_only_by_hand(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![super::worker::text_with_token(&chat, "e1", "r0")]).await;
    let id = desk.send(conversation, owner, "a").await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Ambiguous).await;
    assert_eq!(desk.step(conversation, "w", NOW).await, Step::Idle);
    assert!(matches!(cancel(desk, id, owner).await, Err(DeliveryError::WrongState { state: DeliveryState::Unknown })));
    retry(desk, id, owner).await.unwrap();
    assert_eq!(ids_of(&desk.call_at(conversation, after(3)).await), [id]);
}

async fn what_is_queued_or_accepted_is_not_tried_again(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let id = desk.send(conversation, owner, "a").await;
    let wrong = |result: Result<Sent, DeliveryError>| match result {
        Err(DeliveryError::WrongState { state }) => state,
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(retry(desk, id, owner).await), DeliveryState::Queued);
    let call = desk.call(conversation).await;
    assert_eq!(wrong(retry(desk, id, owner).await), DeliveryState::Sending);
    desk.answer(&call, Outcome::Accepted).await;
    assert_eq!(wrong(retry(desk, id, owner).await), DeliveryState::Accepted);
    let refused = desk.send(conversation, owner, "b").await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Refused(413)).await;
    assert_eq!(wrong(retry(desk, refused, owner).await), DeliveryState::Failed);
    let note = note_through(&desk.store, draft(conversation, owner, "n", "n1"), NOW).await;
    let note = note.unwrap().value.message.id;
    assert!(matches!(retry(desk, note, owner).await, Err(DeliveryError::NotFound)));
    assert!(matches!(retry(desk, MessageId(99_999), owner).await, Err(DeliveryError::NotFound)));
}

async fn a_queued_message_is_taken_back(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let ids = [desk.send(conversation, owner, "a").await, desk.send(conversation, owner, "b").await];
    let taken = cancel(desk, ids[0], owner).await.unwrap().message.delivery.unwrap();
    assert_eq!(
        (taken.state, taken.code, taken.retryable),
        (DeliveryState::Failed, Some(ErrorCode::Conflict), Some(false))
    );
    assert_eq!(ids_of(&desk.call_at(conversation, after(3)).await), [ids[1]]);
    let other = desk.session_of(owner).await;
    let only = desk.send(other, owner, "a").await;
    cancel(desk, only, owner).await.unwrap();
    assert_eq!(desk.lease("w", after(3)).await, [other]);
    assert_eq!(desk.step(other, "w", after(3)).await, Step::Idle);
    let again = cancel(desk, only, owner).await;
    assert!(again.is_ok(), "a failed message may be taken back: {again:?}");
}

async fn what_is_under_way_is_not_taken_back(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let id = desk.send(conversation, owner, "a").await;
    let call = desk.call(conversation).await;
    for outcome in [None, Some(Outcome::Ambiguous)] {
        if let Some(outcome) = outcome {
            desk.answer(&call, outcome).await;
        }
        assert!(matches!(
            cancel(desk, id, owner).await,
            Err(DeliveryError::WrongState { state: DeliveryState::Sending })
        ));
    }
}

async fn se3_only_the_owner_or_an_admin_retries_and_cancels(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let (other, admin) = (desk.operator("other", Role::Agent).await, desk.operator("admin", Role::Admin).await);
    let id = desk.send(conversation, owner, "a").await;
    for refused in [cancel(desk, id, other).await, retry(desk, id, other).await] {
        match refused {
            Err(DeliveryError::Refused(Refusal::NotOwner { owner: known })) => assert_eq!(known, Some(owner.id)),
            other => panic!("{other:?}"),
        }
    }
    cancel(desk, id, admin).await.unwrap();
}

async fn se6_retry_and_cancel_have_audit_rows(desk: &Desk) {
    let (conversation, owner) = session(desk).await;
    let first = send_through(&desk.store, draft(conversation, owner, "a", "t"), NOW).await.unwrap().value.message.id;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Refused(403)).await;
    retry(desk, first, owner).await.unwrap();
    cancel(desk, first, owner).await.unwrap();
    let rows = desk
        .texts(
            "SELECT action || ' ' || operator_id || ' ' || address || ' ' || before_state || ' ' || after_state
             FROM audit WHERE action LIKE 'message%' ORDER BY id",
        )
        .await;
    let state = |state: &str| format!(r#"{{"delivery":"{state}","message_id":{first}}}"#);
    let expected = [
        format!("message_retried {} 192.0.2.7 {} {}", owner.id, state("failed"), state("queued")),
        format!("message_cancelled {} 192.0.2.7 {} {}", owner.id, state("queued"), state("failed")),
    ];
    assert_eq!(rows.into_iter().flatten().collect::<Vec<_>>(), expected);
}
