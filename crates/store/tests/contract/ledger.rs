//! What messages cost: booked once for each accepted call, counted with LINE's own numbers, learnt from.

use linedesk_core::delivery::{Method, Outcome};
use linedesk_protocol::rest::Booked;
use linedesk_protocol::{DeliveryState, ErrorCode, Role, Timestamp};
use linedesk_store::ops::ledger;
use linedesk_store::ops::messages;
use linedesk_store::ops::outbox::{self, Step, StepPolicy};

use super::harness::{Desk, NOW, after};
use super::worker::{DAY, LEASE_MS, POLICY, text_with_token};

on_both_engines!(
    every_accepted_call_is_booked_once,
    what_is_refused_or_in_doubt_is_not_booked,
    a_push_to_a_group_costs_one_for_each_member,
    what_was_paid_since_line_was_asked_counts_too,
    the_summary_tells_until_when_a_reply_is_free,
    dl3_ages_at_which_tokens_never_work_are_not_tried,
    the_reserve_is_for_what_people_write,
    a_group_takes_no_reserve_that_is_smaller_than_it,
);

async fn booked(desk: &Desk) -> Vec<(String, Booked)> {
    let channel = desk.channel;
    let days = desk.read(move |tx| ledger::list_days(tx, channel, "2026-01")).await;
    days.into_iter().map(|day| (day.day, day.booked)).collect()
}

async fn every_accepted_call_is_booked_once(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![text_with_token(&chat, "brings", "token")]).await;
    for text in ["a", "b"] {
        desk.send(conversation, owner, text).await;
    }
    let reply = desk.call(conversation).await;
    assert_eq!((reply.method, reply.messages.len()), (Method::Reply, 2));
    desk.answer(&reply, Outcome::Accepted).await;
    // Told a second time.
    desk.answer(&reply, Outcome::Accepted).await;
    for text in ["c", "d", "e"] {
        desk.send(conversation, owner, text).await;
    }
    let push = desk.call(conversation).await;
    desk.answer(&push, Outcome::Accepted).await;
    let expected = Booked { free_calls: 1, free_messages: 2, paid_calls: 1, paid_messages: 3, paid_recipients: 1 };
    assert_eq!(booked(desk).await, [(DAY.to_owned(), expected)]);
    let paid = desk.delivery(push.messages[0].id).await;
    assert_eq!(paid.recipients, Some(1));
    assert_eq!(desk.delivery(reply.messages[0].id).await.recipients, None);
    let other = desk.channel;
    assert_eq!(desk.read(move |tx| ledger::list_days(tx, other, "2026-02")).await, []);
}

async fn what_is_refused_or_in_doubt_is_not_booked(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    for outcome in [Outcome::Refused(400), Outcome::Refused(401)] {
        desk.send(conversation, owner, "a").await;
        let call = desk.call(conversation).await;
        desk.answer(&call, outcome).await;
    }
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![text_with_token(&chat, "brings", "token")]).await;
    desk.send(conversation, owner, "b").await;
    let reply = desk.call(conversation).await;
    desk.answer(&reply, Outcome::Ambiguous).await;
    assert_eq!(booked(desk).await, []);
}

async fn a_push_to_a_group_costs_one_for_each_member(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    desk.place.administer("UPDATE contacts SET source_type = 'group', member_count = 5");
    assert_eq!(desk.summary(conversation).await.member_count, Some(5));
    desk.send(conversation, owner, "a").await;
    let push = desk.call(conversation).await;
    desk.answer(&push, Outcome::Accepted).await;
    assert_eq!(booked(desk).await[0].1.paid_recipients, 5);
    assert_eq!(desk.delivery(push.messages[0].id).await.recipients, Some(5));
}

async fn what_was_paid_since_line_was_asked_counts_too(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let channel = desk.channel;
    let quota = async || {
        let quota = desk.read(move |tx| ledger::find_quota(tx, channel, NOW)).await;
        quota.map(|quota| (quota.limit, quota.used))
    };
    assert_eq!(quota().await, None);
    desk.send(conversation, owner, "before").await;
    let call = desk.call(conversation).await;
    desk.answer(&call, Outcome::Accepted).await;
    desk.write(move |tx| ledger::save_quota(tx, channel, Some(200), 40, after(1))).await;
    assert_eq!(quota().await, Some((Some(200), 40)), "LINE knows of it");
    desk.send(conversation, owner, "since").await;
    let call = desk.call_at(conversation, after(2)).await;
    desk.answer_at(&call, Outcome::Accepted, after(2)).await;
    assert_eq!(quota().await, Some((Some(200), 41)));
    desk.write(move |tx| ledger::save_quota(tx, channel, None, 41, after(3))).await;
    assert_eq!(quota().await, Some((None, 41)));
    desk.send(conversation, owner, "next month").await;
    let call = desk.call_at(conversation, after(10)).await;
    desk.answer_at(&call, Outcome::Accepted, after(10)).await;
    let next_month = desk.read(move |tx| ledger::find_quota(tx, channel, after(9))).await.unwrap();
    assert_eq!((next_month.used, next_month.checked_at), (1, after(3)), "LINE spoke of another month");
}

async fn the_summary_tells_until_when_a_reply_is_free(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    assert_eq!(desk.summary(conversation).await.free_until, None);
    let chat = desk.chat_of(conversation).await;
    desk.ingest(vec![text_with_token(&chat, "brings", "token")]).await;
    assert_eq!(desk.summary(conversation).await.free_until, Some(after(60)), "what LINE promises");
    desk.send(conversation, owner, "a").await;
    let head = desk.head().await;
    let call = desk.call(conversation).await;
    assert_eq!(desk.summary(conversation).await.free_until, None, "it is used");
    assert!(desk.head().await > head, "and everybody is told");
    desk.answer(&call, Outcome::Accepted).await;
}

async fn dl3_ages_at_which_tokens_never_work_are_not_tried(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let chat = desk.chat_of(conversation).await;
    let mut methods = Vec::new();
    for round in 0..25 {
        let brought = Timestamp(NOW.0 + round * 1_000_000);
        let event = text_with_token(&chat, &format!("e{round}"), &format!("token {round}"));
        desk.ingest_at(vec![event], brought).await;
        let now = Timestamp(brought.0 + 500_000);
        desk.send(conversation, owner, "late").await;
        let call = desk.call_at(conversation, now).await;
        methods.push(call.method);
        let outcome = if call.method == Method::Reply { Outcome::Refused(400) } else { Outcome::Accepted };
        desk.answer_at(&call, outcome, now).await;
        if call.method == Method::Reply {
            let push = desk.call_at(conversation, now).await;
            assert_eq!(push.method, Method::Push);
            desk.answer_at(&push, Outcome::Accepted, now).await;
        }
    }
    assert_eq!(methods.iter().filter(|method| **method == Method::Reply).count(), 20, "{methods:?}");
    // A young one is tried all the same.
    let brought = Timestamp(NOW.0 + 30_000_000);
    desk.ingest_at(vec![text_with_token(&chat, "young", "young")], brought).await;
    desk.send(conversation, owner, "soon").await;
    assert_eq!(desk.call_at(conversation, Timestamp(brought.0 + 100_000)).await.method, Method::Reply);
}

async fn the_reserve_is_for_what_people_write(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    let channel = desk.channel;
    desk.write(move |tx| ledger::save_quota(tx, channel, Some(200), 190, NOW)).await;
    desk.write(move |tx| messages::send_system(tx, conversation, "are you there?", NOW)).await;
    let person = desk.send(conversation, owner, "I am").await;
    desk.lease("w", NOW).await;
    let policy = StepPolicy { reserve: 10, ..POLICY };
    let step = async |key: &'static str| {
        let until = Timestamp(NOW.0 + LEASE_MS);
        desk.write(move |tx| outbox::step(tx, conversation, "w", key, policy, NOW, until)).await
    };
    assert_eq!(step("k1").await, Step::Again, "the automatic one is withheld");
    let Step::Call(call) = step("k2").await else { panic!("the person's goes out") };
    assert_eq!(call.messages.iter().map(|message| message.id).collect::<Vec<_>>(), [person]);
    let held = desk.texts("SELECT state FROM deliveries WHERE code = 'quota_exhausted'").await;
    assert_eq!(held, [Some(DeliveryState::Withheld.as_str().to_owned())]);
    assert_eq!(ErrorCode::QuotaExhausted.as_str(), "quota_exhausted");
    desk.answer(&call, Outcome::Accepted).await;
}

async fn a_group_takes_no_reserve_that_is_smaller_than_it(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let conversation = desk.session_of(owner).await;
    desk.place.administer("UPDATE contacts SET source_type = 'group', member_count = 50");
    let channel = desk.channel;
    desk.write(move |tx| ledger::save_quota(tx, channel, Some(200), 141, NOW)).await;
    let policy = StepPolicy { reserve: 10, ..POLICY };
    let step = async |key: &'static str| {
        let until = Timestamp(NOW.0 + LEASE_MS);
        desk.write(move |tx| messages::send_system(tx, conversation, "are you there?", NOW)).await;
        desk.lease("w", NOW).await;
        desk.write(move |tx| outbox::step(tx, conversation, "w", key, policy, NOW, until)).await
    };
    assert_eq!(step("k1").await, Step::Again, "59 are left, and 50 people would leave 9");
    desk.write(move |tx| ledger::save_quota(tx, channel, Some(200), 140, NOW)).await;
    assert!(matches!(step("k2").await, Step::Call(_)));
}
