//! What a delivery worker does, step by step, with a LINE that answers as the behaviour says.

use linedesk_core::delivery::{self, Call, Outcome, Quota};
use linedesk_protocol::{ConversationId, Delivery, DeliveryState, MessageId, Timestamp};
use linedesk_store::ops::outbox::{self, DueCall, Step, StepPolicy, Told};
use linedesk_store::ops::webhook::Event;
use linedesk_store::{Store, StoreError};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::actions::text;
use super::harness::{Desk, NOW};

pub(crate) const TOKEN_LIFE_MS: i64 = 600_000;
pub(crate) const POLICY: StepPolicy = StepPolicy { token_life_ms: TOKEN_LIFE_MS, reserve: 0, month_start: NOW };
/// On which everything is booked.
pub(crate) const DAY: &str = "2026-01-05";
pub(crate) const LEASE_MS: i64 = 60_000;

/// A customer's text that brings a reply token.
pub(crate) fn text_with_token(chat: &str, id: &str, token: &str) -> Event {
    Event { reply_token: Some(token.to_owned()), ..text(chat, id, "hello") }
}

pub(crate) async fn lease_through(
    store: &Store,
    owner: &'static str,
    now: Timestamp,
    limit: i64,
) -> Vec<ConversationId> {
    let until = Timestamp(now.0 + LEASE_MS);
    let leased = store.write::<_, StoreError, _>(move |tx| outbox::lease(tx, owner, now, until, limit)).await;
    leased.unwrap().value
}

impl Desk {
    pub(crate) async fn lease(&self, owner: &'static str, now: Timestamp) -> Vec<ConversationId> {
        lease_through(&self.store, owner, now, 10).await
    }

    /// The next step of a lane, with a fresh key for whatever begins.
    pub(crate) async fn step(&self, conversation: ConversationId, owner: &'static str, now: Timestamp) -> Step {
        let key = format!("key-{}", self.number_of_its_own());
        let until = Timestamp(now.0 + LEASE_MS);
        self.write(move |tx| outbox::step(tx, conversation, owner, &key, POLICY, now, until)).await
    }

    /// Leases the lane, if nobody has, and gives the call that is to be made next.
    pub(crate) async fn call_at(&self, conversation: ConversationId, now: Timestamp) -> DueCall {
        self.lease("w", now).await;
        loop {
            match self.step(conversation, "w", now).await {
                Step::Call(call) => return *call,
                Step::Again => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn call(&self, conversation: ConversationId) -> DueCall {
        self.call_at(conversation, NOW).await
    }

    /// Writes down how LINE answered, as the rules have it.
    pub(crate) async fn answer_with(&self, call: &DueCall, outcome: Outcome, quota: Quota, now: Timestamp) {
        let made = Call {
            method: call.method,
            outcome,
            messages: call.messages.len(),
            attempts: call.attempts,
            begun_ms: call.begun_ms,
            may_have_arrived: call.may_have_arrived,
            quota,
        };
        let settlement = delivery::settle(made, now.0, &mut StdRng::seed_from_u64(1));
        let sent =
            call.messages.iter().map(|message| (format!("out-{}", message.id), Some(format!("q-{}", message.id))));
        let told = Told {
            sent: if outcome == Outcome::Accepted { sent.collect() } else { Vec::new() },
            error: matches!(outcome, Outcome::Refused(..500)).then(|| "LINE says no".to_owned()),
            day: DAY.to_owned(),
            marks_read: true,
            no_effect: matches!(outcome, Outcome::NotSent | Outcome::Refused(..500)),
        };
        let call = call.clone();
        self.write(move |tx| outbox::settle(tx, &call, settlement, &told, now)).await;
    }

    pub(crate) async fn answer(&self, call: &DueCall, outcome: Outcome) {
        self.answer_with(call, outcome, Quota::Unknown, NOW).await;
    }

    pub(crate) async fn answer_at(&self, call: &DueCall, outcome: Outcome, now: Timestamp) {
        self.answer_with(call, outcome, Quota::Unknown, now).await;
    }

    pub(crate) async fn delivery(&self, id: MessageId) -> Delivery {
        self.message(id).await.delivery.unwrap()
    }

    pub(crate) async fn states(&self, ids: &[MessageId]) -> Vec<DeliveryState> {
        let mut states = Vec::new();
        for id in ids {
            states.push(self.delivery(*id).await.state);
        }
        states
    }
}

/// The ids of a call's messages, in the order in which they go out.
pub(crate) fn ids_of(call: &DueCall) -> Vec<MessageId> {
    call.messages.iter().map(|message| message.id).collect()
}
