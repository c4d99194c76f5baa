//! Reply tokens (DL3): free first, the newest first, once.

use linedesk_core::delivery::{Method, Outcome};
use linedesk_protocol::{ConversationId, DeliveryState, Role, Timestamp};
use linedesk_store::ops::outbox::{self, DueCall, Step};
use linedesk_store::ops::webhook::{Effect, Event};

use super::actions::event;
use super::harness::{Desk, NOW, after};
use super::worker::{TOKEN_LIFE_MS, text_with_token};

on_both_engines!(
    dl3_the_newest_token_is_used_first_and_each_once,
    dl3_a_token_that_is_too_old_is_not_used,
    dl3_a_token_is_spent_by_a_call_whose_outcome_nobody_knows,
    dl3_a_token_is_given_back_only_when_nothing_was_sent,
    dl3_a_token_given_back_does_not_pass_a_newer_one,
    dl3_after_a_refused_token_the_older_ones_are_dropped,
    dl3_a_follow_brings_a_token,
    old_tokens_are_forgotten,
);

/// A session in which the customer's messages brought tokens, one a second.
async fn with_tokens(desk: &Desk, tokens: &[&str]) -> (ConversationId, linedesk_core::permission::Staff) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    for (second, token) in (0..).zip(tokens) {
        bring(desk, conversation, token, after(second)).await;
    }
    (conversation, owner)
}

async fn bring(desk: &Desk, conversation: ConversationId, token: &str, at: Timestamp) {
    let chat = desk.chat_of(conversation).await;
    desk.ingest_at(vec![text_with_token(&chat, &format!("brings-{token}"), token)], at).await;
}

fn way(call: &DueCall) -> (Method, Option<&str>) {
    (call.method, call.reply_token.as_deref())
}

async fn dl3_the_newest_token_is_used_first_and_each_once(desk: &Desk) {
    let (conversation, owner) = with_tokens(desk, &["r0", "r1", "r2"]).await;
    for expected in
        [(Method::Reply, Some("r2")), (Method::Reply, Some("r1")), (Method::Reply, Some("r0")), (Method::Push, None)]
    {
        desk.send(conversation, owner, "hello").await;
        let call = desk.call_at(conversation, after(5)).await;
        assert_eq!(way(&call), expected);
        desk.answer(&call, Outcome::Accepted).await;
    }
}

async fn dl3_a_token_that_is_too_old_is_not_used(desk: &Desk) {
    let (conversation, owner) = with_tokens(desk, &["r0"]).await;
    desk.send(conversation, owner, "hello").await;
    desk.lease("w", NOW).await;
    let late = Timestamp(NOW.0 + TOKEN_LIFE_MS);
    assert_eq!(way(&desk.call_at(conversation, late).await), (Method::Push, None));

    let other = desk.session_of(owner).await;
    bring(desk, other, "s0", NOW).await;
    desk.send(other, owner, "hello").await;
    let in_time = Timestamp(late.0 - 1);
    assert_eq!(way(&desk.call_at(other, in_time).await), (Method::Reply, Some("s0")));
}

async fn dl3_a_token_is_spent_by_a_call_whose_outcome_nobody_knows(desk: &Desk) {
    let (conversation, owner) = with_tokens(desk, &["r0"]).await;
    for (number, ends) in [None, Some(Outcome::Ambiguous), Some(Outcome::Refused(500))].into_iter().enumerate() {
        if number > 0 {
            bring(desk, conversation, &format!("r{number}"), NOW).await;
        }
        let id = desk.send(conversation, owner, "hello").await;
        let call = desk.call(conversation).await;
        assert_eq!(call.method, Method::Reply);
        match ends {
            // The process dies here; whoever leases the lane next finds it so.
            None => assert_eq!(desk.step(conversation, "w", NOW).await, Step::Again),
            Some(outcome) => desk.answer(&call, outcome).await,
        }
        assert_eq!(desk.delivery(id).await.state, DeliveryState::Unknown, "{ends:?}");
        assert_eq!(desk.number("SELECT count(*) FROM reply_tokens").await, 0, "{ends:?}");
    }
}

async fn dl3_a_token_is_given_back_only_when_nothing_was_sent(desk: &Desk) {
    let (conversation, owner) = with_tokens(desk, &["r0"]).await;
    desk.send(conversation, owner, "hello").await;
    for outcome in [Outcome::NotSent, Outcome::Refused(429), Outcome::NotSent] {
        let call = desk.call_at(conversation, after(50)).await;
        assert_eq!(way(&call), (Method::Reply, Some("r0")));
        desk.answer(&call, outcome).await;
    }
    // It has not become younger by that.
    let late = desk.call_at(conversation, Timestamp(NOW.0 + TOKEN_LIFE_MS)).await;
    assert_eq!(way(&late), (Method::Push, None));
    let other = desk.session_of(owner).await;
    bring(desk, other, "s0", NOW).await;
    desk.send(other, owner, "hello").await;
    let call = desk.call(other).await;
    desk.answer(&call, Outcome::Refused(401)).await;
    assert_eq!(desk.texts("SELECT token FROM reply_tokens ORDER BY id").await, [Some("r0".into()), Some("s0".into())]);
}

async fn dl3_a_token_given_back_does_not_pass_a_newer_one(desk: &Desk) {
    let (conversation, owner) = with_tokens(desk, &["r0"]).await;
    desk.send(conversation, owner, "hello").await;
    let call = desk.call(conversation).await;
    assert_eq!(way(&call), (Method::Reply, Some("r0")));
    bring(desk, conversation, "r1", after(5)).await;
    desk.answer(&call, Outcome::NotSent).await;
    assert_eq!(way(&desk.call_at(conversation, after(50)).await), (Method::Reply, Some("r1")));
}

async fn dl3_after_a_refused_token_the_older_ones_are_dropped(desk: &Desk) {
    let (conversation, owner) = with_tokens(desk, &["r0", "r1", "r2"]).await;
    let id = desk.send(conversation, owner, "hello").await;
    let call = desk.call_at(conversation, after(5)).await;
    assert_eq!(way(&call), (Method::Reply, Some("r2")));
    bring(desk, conversation, "r3", after(6)).await;
    desk.answer(&call, Outcome::Refused(400)).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Queued);
    let call = desk.call_at(conversation, after(7)).await;
    assert_eq!(way(&call), (Method::Reply, Some("r3")));
    desk.answer(&call, Outcome::Refused(400)).await;
    assert_eq!(way(&desk.call_at(conversation, after(8)).await), (Method::Push, None));
}

async fn dl3_a_follow_brings_a_token(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![Event { reply_token: Some("f0".to_owned()), ..event(&chat, "e1", Effect::Reachable) }]).await;
    desk.send(conversation, owner, "welcome").await;
    assert_eq!(way(&desk.call(conversation).await), (Method::Reply, Some("f0")));
}

async fn old_tokens_are_forgotten(desk: &Desk) {
    with_tokens(desk, &["r0", "r1", "r2"]).await;
    assert_eq!(desk.write(|tx| outbox::forget_tokens(tx, after(1))).await, 1);
    let left = desk.texts("SELECT token FROM reply_tokens ORDER BY id").await;
    assert_eq!(left, [Some("r1".to_owned()), Some("r2".to_owned())]);
}
