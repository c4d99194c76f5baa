//! What messages cost: free when LINE allows it, and booked as LINE itself counts it.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::How;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::harness::{DEADLINE, TestDesk, eventually};

async fn usage(who: &Client, query: &str) -> Answer {
    Answer::of(who.request(Method::GET, &format!("/api/v1/admin/usage{query}"))).await
}

#[tokio::test]
async fn the_month_is_told_by_channel_and_day_to_admins_only() {
    let desk = TestDesk::builder().manual_clock().set("quota_reserve", "5").start().await;
    let (ann, lead) = (desk.operator("ann", Role::Agent).await, desk.operator("lead", Role::Admin).await);
    usage(&ann, "").await.problem(403, "forbidden");
    usage(&lead, "?month=2026-13").await.problem(422, "validation_error");

    let user = desk.customer_of("Somchai", &ann).await;
    ann.act(&user, "messages", json!({"text": "free"})).await.is(201);
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    ann.act(&user, "messages", json!({"text": "paid"})).await.is(201);
    desk.line.wait_for(|line| line.received(&user).count() == 2, DEADLINE).await.unwrap();
    let told = eventually("both are booked", async || {
        let told = usage(&lead, "?month=2026-01").await.ok();
        (told["channels"][0]["booked"]["paid_calls"] == 1).then_some(told)
    })
    .await;
    let channel = &told["channels"][0];
    let booked =
        json!({"free_calls": 1, "free_messages": 1, "paid_calls": 1, "paid_messages": 1, "paid_recipients": 1});
    assert_eq!((&channel["channel"], &channel["booked"]), (&json!("default"), &booked));
    assert_eq!(channel["days"], json!([{"day": "2026-01-05", "booked": booked}]));
    let other = usage(&lead, "?month=2025-12").await.ok();
    assert_eq!((&other["channels"][0]["days"], &other["channels"][0]["quota"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn the_quota_is_told_at_sign_in_and_when_it_changes() {
    let desk = TestDesk::builder().set("quota_reserve", "5").start().await;
    desk.line.set_paid_used(150);
    let lead = desk.operator("lead", Role::Admin).await;
    let quota = eventually("LINE was asked", async || {
        let told = usage(&lead, "").await.ok()["channels"][0]["quota"].clone();
        (!told.is_null()).then_some(told)
    })
    .await;
    assert_eq!((&quota["limit"], &quota["reserve"]), (&json!(200), &json!(5)));
    let user = desk.customer_of("Somchai", &lead).await;
    let mut socket = desk.socket(&lead).await;
    for text in ["free", "paid"] {
        lead.act(&user, "messages", json!({"text": text})).await.is(201);
        desk.line
            .wait_for(|line| line.received(&user).any(|m| m.text.as_deref() == Some(text)), DEADLINE)
            .await
            .unwrap();
    }
    let before = quota["used"].as_i64().unwrap();
    let is_new = |update: &Value| update["used"] == before + 1;
    let update = socket.event_where("quota_update", is_new).await.payload;
    assert_eq!((&update["channel"], &update["left"]), (&json!("default"), &json!(200 - before - 1)));
    let levels = ["ok", "low", "reserve", "spent"];
    assert!(levels.contains(&update["level"].as_str().unwrap()));
}

/// What a customer writes, and when it is answered.
struct Question {
    customer: usize,
    asked_s: u64,
    answered_s: u64,
}

/// One working day: customers write at any time of it, and are answered after 5 s to 10 min. In the order of events:
/// every answer is awaited before the clock goes on, so that what should be free is known.
#[tokio::test]
async fn dl3_over_a_day_every_reply_that_can_be_free_is_and_the_ledger_is_lines_own_count() {
    const LIFE: Duration = Duration::from_secs(180);
    const QUESTIONS: usize = 2_000;
    let desk = TestDesk::builder()
        .manual_clock()
        .without_limits()
        .simulator(|line| {
            line.reply_token_life = LIFE;
            line.monthly_quota = None;
        })
        .start()
        .await;
    let mut lead = desk.operator("lead", Role::Admin).await;
    let mut rng = StdRng::seed_from_u64(20_260_105);
    let customers = QUESTIONS / 8;
    let mut users = Vec::new();
    for number in 0..customers {
        users.push(desk.customer_of(&format!("Customer {number}"), &lead).await);
    }
    let began = desk.line.counted();
    let day: Vec<_> = (0..QUESTIONS)
        .map(|_| {
            let asked_s = rng.random_range(700..9 * 3600);
            let customer = rng.random_range(0..customers);
            Question { customer, asked_s, answered_s: asked_s + rng.random_range(5..600) }
        })
        .collect();
    let mut events: Vec<(u64, bool, usize)> = Vec::new();
    for (number, question) in day.iter().enumerate() {
        events.push((question.asked_s, false, number));
        events.push((question.answered_s, true, number));
    }
    events.sort_unstable();

    let (mut now_s, mut signed_in_s) = (0, 0);
    let mut tokens: Vec<Vec<u64>> = vec![Vec::new(); customers];
    let (mut free, mut paid) = (0, 0);
    for (at_s, is_answer, number) in events {
        desk.advance(Duration::from_secs(at_s - now_s));
        now_s = at_s;
        if now_s - signed_in_s > 600 {
            lead = desk.sign_in("lead").await;
            signed_in_s = now_s;
        }
        let customer = day[number].customer;
        let (user, text) = (&users[customer], format!("message {number}"));
        if !is_answer {
            desk.says(user, &text).await;
            tokens[customer].push(at_s);
            continue;
        }
        let is_free = tokens[customer].last().is_some_and(|brought| now_s - brought < LIFE.as_secs());
        if is_free {
            free += 1;
        } else {
            paid += 1;
        }
        lead.act(user, "messages", json!({"text": text})).await.is(201);
        let arrived = |line: &linedesk_simulator::Platform| {
            line.received(user).next_back().is_some_and(|last| last.text.as_deref() == Some(text.as_str()))
        };
        desk.line.wait_for(arrived, DEADLINE).await.unwrap();
        let how = desk.line.received(user).pop().unwrap().how;
        let expected = if is_free { How::Reply } else { How::Push };
        assert_eq!(how, Some(expected), "answer {number} at {now_s} s, tokens of {:?}", tokens[customer]);
        if is_free {
            tokens[customer].pop();
        } else {
            // Refused, and older ones are no better; or too old to be tried.
            tokens[customer].clear();
        }
    }
    let counted = desk.line.counted();
    assert_eq!((counted.reply_calls - began.reply_calls, counted.push_calls - began.push_calls), (free, paid));
    let lead = desk.sign_in("lead").await;
    let booked = eventually("all of it is booked", async || {
        let booked = usage(&lead, "?month=2026-01").await.ok()["channels"][0]["booked"].clone();
        let calls = booked["free_calls"].as_u64().unwrap() + booked["paid_calls"].as_u64().unwrap();
        (calls == counted.reply_calls + counted.push_calls).then_some(booked)
    })
    .await;
    assert_eq!(booked["free_calls"], counted.reply_calls);
    assert_eq!(booked["free_messages"], counted.reply_messages);
    assert_eq!((&booked["paid_calls"], &booked["paid_recipients"]), (&json!(counted.push_calls), &json!(counted.paid)));
    println!("{QUESTIONS} questions: {free} answers free, {paid} paid; booked {booked}");
    // Nothing came twice.
    for user in &users {
        let mut texts: Vec<_> = desk.line.received(user).into_iter().filter_map(|message| message.text).collect();
        let all = texts.len();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), all);
    }
}
