//! What the DL8 tests share: operators who send until they are answered, faults by chance, and what must hold in the end.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use linedesk_simulator::{Endpoint, Fault, How, Simulator};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng, RngCore as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::client::{CHAT, Client};
use super::harness::eventually;

/// That of `LINEDESK_TEST_SEED`, else one by chance.
pub(crate) fn fresh_seed() -> u64 {
    match std::env::var("LINEDESK_TEST_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => StdRng::from_os_rng().next_u64(),
    }
}

/// A message that a client was told is taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) user: String,
    pub(crate) text: String,
    pub(crate) id: i64,
}

/// Several conversations, and who answers in them.
pub(crate) struct Cast {
    /// Each with the conversations that are theirs.
    pub(crate) operators: Vec<(Client, Vec<String>)>,
    /// Where the desk is now.
    pub(crate) addr: watch::Sender<SocketAddr>,
}

impl Cast {
    pub(crate) fn users(&self) -> Vec<String> {
        self.operators.iter().flat_map(|(_, users)| users.clone()).collect()
    }

    /// Every operator sends so many messages, one after the other, each again under its `temp_id` until it is answered.
    pub(crate) async fn send(&self, each: usize) -> Vec<Taken> {
        let sending = self.operators.iter().map(async |(client, users)| {
            let mut taken = Vec::new();
            for n in 0..each {
                let (user, text) = (&users[n % users.len()], format!("{} {n}", client.username));
                let id = self.send_one(client, user, &text).await;
                taken.push(Taken { user: user.clone(), text, id });
            }
            taken
        });
        join_all(sending).await.into_iter().flatten().collect()
    }

    async fn send_one(&self, client: &Client, user: &str, text: &str) -> i64 {
        let body = json!({"text": text, "temp_id": text});
        eventually(&format!("{text} is taken"), async || {
            let client = client.at(*self.addr.borrow());
            let path = format!("{CHAT}/conversations/{user}/messages");
            let request = client.request(Method::POST, &path).json(&body).timeout(Duration::from_secs(5));
            let response = request.send().await.ok()?;
            let status = response.status().as_u16();
            assert!([200, 201, 503].contains(&status), "{status}: {}", response.text().await.unwrap_or_default());
            let message: Value = response.json().await.ok()?;
            message["id"].as_i64()
        })
        .await
    }
}

/// One thing goes wrong with LINE, once or a few times. What hangs does so until the node is killed, or for 10 s.
pub(crate) fn break_line(line: &Simulator, rng: &mut impl Rng) {
    let fault = match rng.random_range(0..10) {
        0 => Fault::status(400),
        1 => Fault::status(429),
        2 => Fault::status(500),
        3 => Fault::status(503),
        4 => Fault::hang(),
        5 => Fault::hang_after(),
        6 => Fault::cut_before(),
        7 | 8 => Fault::cut_after(),
        _ => Fault::delay(Duration::from_millis(rng.random_range(1..60))),
    };
    let endpoint = *[Endpoint::Reply, Endpoint::Push].choose(rng).unwrap();
    line.set_fault(endpoint, fault.times(rng.random_range(1..3)));
}

/// A customer writes; which may bring a token, that may be used up or too old before it is tried.
pub(crate) fn customer_writes(
    line: &Simulator,
    users: &[String],
    written: &mut Vec<(String, String)>,
    rng: &mut impl Rng,
) {
    let user = users.choose(rng).unwrap();
    let text = format!("customer {}", written.len());
    line.send_text(user, &text).unwrap();
    written.push((user.clone(), text));
}

/// Until something happens at LINE, and for at most so long.
pub(crate) async fn a_moment(line: &Simulator, most: Duration) {
    let mut looks = 0;
    let something = move |_: &linedesk_simulator::Platform| {
        looks += 1;
        looks > 1
    };
    // Nothing happening is as good.
    let _ = line.wait_for(something, most).await;
}

fn is_at_rest(message: &Value) -> bool {
    let state = &message["delivery"]["state"];
    state.is_null() || state != "queued" && state != "sending"
}

/// Every thread, once nothing is on its way any more.
pub(crate) async fn threads_at_rest(
    client: &Client,
    users: &[String],
    pass_time: impl Fn(),
) -> Vec<(String, Vec<Value>)> {
    let mut threads = Vec::new();
    for user in users {
        let what = format!("all of {user} comes to rest");
        let thread = eventually(&what, async || {
            pass_time();
            Some(client.thread(user).await).filter(|thread| thread.iter().all(is_at_rest))
        });
        threads.push((user.clone(), thread.await));
    }
    threads
}

/// DL8 and WH2: nothing is lost, nothing is doubled, nothing is said to be what it is not.
pub(crate) fn check(line: &Simulator, threads: &[(String, Vec<Value>)], taken: &[Taken], written: &[(String, String)]) {
    let mut count = HashMap::new();
    for (user, thread) in threads {
        let arrived = line.received(user);
        let mut accepted = Vec::new();
        for message in thread {
            let text = message["content"].as_str().unwrap();
            *count.entry((user.as_str(), text)).or_insert(0) += 1;
            if message["direction"] == "INCOMING" {
                continue;
            }
            let copies: Vec<_> = arrived.iter().filter(|one| one.text.as_deref() == Some(text)).collect();
            let (state, cost) = (&message["delivery"]["state"], &message["delivery"]["cost"]);
            match state.as_str().unwrap() {
                "accepted" => {
                    let how = if cost == "paid" { How::Push } else { How::Reply };
                    assert_eq!(copies.iter().map(|one| one.how).collect::<Vec<_>>(), [Some(how)], "{message}");
                    accepted.push(text.to_owned());
                }
                "unknown" => assert!(copies.len() <= 1, "twice: {message} {copies:#?}"),
                "failed" | "withheld" => assert!(copies.is_empty(), "arrived: {message} {copies:#?}"),
                other => panic!("{other}: {message}"),
            }
        }
        // Accepted ones are at the phone in the order in which the desk took them.
        let shown = arrived.iter().filter_map(|one| one.text.clone()).filter(|text| accepted.contains(text));
        assert_eq!(shown.collect::<Vec<_>>(), accepted, "order of {user}");
        let known = |text: &String| thread.iter().any(|message| message["content"] == **text);
        assert!(arrived.iter().filter_map(|one| one.text.as_ref()).all(known), "LINE got what the desk does not have");
    }
    for one in taken {
        assert_eq!(count.get(&(one.user.as_str(), one.text.as_str())), Some(&1), "taken, and not there once: {one:?}");
        let (_, thread) = threads.iter().find(|(user, _)| *user == one.user).unwrap();
        let message = thread.iter().find(|message| message["id"] == one.id);
        assert_eq!(message.map(|message| &message["content"]), Some(&json!(one.text)), "{one:?}");
    }
    for (user, text) in written {
        assert_eq!(count.get(&(user.as_str(), text.as_str())), Some(&1), "of a customer, and not there once: {text}");
    }
}

/// How many messages ended in which state, to see that a run was worth it.
pub(crate) fn summary(threads: &[(String, Vec<Value>)]) -> String {
    let mut states = std::collections::BTreeMap::new();
    for message in threads.iter().flat_map(|(_, thread)| thread) {
        if let Some(state) = message["delivery"]["state"].as_str() {
            let cost = message["delivery"]["cost"].as_str().unwrap_or("");
            *states.entry(format!("{state} {cost}")).or_insert(0) += 1;
        }
    }
    format!("{states:?}")
}
