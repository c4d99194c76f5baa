//! What must hold whatever broke, counted from what was acknowledged, what LINE got, and the database: every acknowledged
//! message is there once, in its order, in one state that is true; no push came twice; the feed has no gap; each
//! operator's screen shows what the log says.
//!
//! A test with random faults tells it what was acknowledged, and asks in the end.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use linedesk_protocol::Seq;
use linedesk_simulator::{How, Simulator};
use linedesk_store::{Access, Location, Store, StoreError, feed};
use rand::Rng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use super::client::Client;
use super::harness::{DEADLINE, eventually};
use super::screen::Screen;
use super::torture;

/// A message that an operator was told is taken.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) user: String,
    pub(crate) text: String,
    pub(crate) id: i64,
}

/// What was acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) taken: Vec<Taken>,
    /// By customers, with what they wrote: LINE sends it until it is answered with 200.
    written: Vec<(String, String)>,
    recoveries: u32,
}

type Threads = Vec<(String, Vec<Value>)>;

impl Checker {
    /// A customer writes; which may bring a token, that may be used up or too old before it is tried.
    pub(crate) fn customer_writes(&mut self, line: &Simulator, users: &[String], rng: &mut impl Rng) {
        let user = users.choose(rng).unwrap();
        let text = format!("customer {}", self.written.len());
        line.send_text(user, &text).unwrap();
        self.written.push((user.clone(), text));
    }

    /// A webhook with a customer's message was answered with 200.
    pub(crate) fn received(&mut self, user: &str, text: &str) {
        self.written.push((user.to_owned(), text.to_owned()));
    }

    /// Prints how long it took from something that broke until a message is on the phone that is sent now.
    pub(crate) async fn recovers(&mut self, what: &str, since: Instant, line: &Simulator, client: &Client, user: &str) {
        self.recoveries += 1;
        let text = format!("after {what} {}", self.recoveries);
        let id = torture::send_one(&text, user, || client.clone()).await;
        self.taken.push(Taken { user: user.to_owned(), text: text.clone(), id });
        let is_there = |line: &linedesk_simulator::Platform| {
            line.received(user).any(|message| message.text.as_deref() == Some(text.as_str()))
        };
        line.wait_for(is_there, DEADLINE).await.unwrap();
        println!("recovered {:.1} s after {what}", since.elapsed().as_secs_f64());
    }

    /// Waits until nothing is on its way any more, and counts. Gives the threads.
    pub(crate) async fn check(
        &self,
        line: &Simulator,
        client: &Client,
        location: &Location,
        users: &[String],
        screens: &mut [Screen],
        pass_time: impl Fn(),
    ) -> Threads {
        line.wait_until_idle(DEADLINE).await.unwrap();
        let mut threads = Vec::new();
        for user in users {
            let what = format!("all of {user} comes to rest");
            let thread = eventually(&what, async || {
                pass_time();
                Some(client.thread(user).await).filter(|thread| thread.iter().all(is_at_rest))
            });
            threads.push((user.clone(), thread.await));
        }
        println!("{} sent, {} written, {}", self.taken.len(), self.written.len(), summary(&threads));
        self.count(line, &threads);
        check_feed(location).await;
        for screen in screens {
            screen.shows_what_is_there(client, users).await;
            println!("a screen after {} connections shows it", screen.connections);
        }
        threads
    }

    /// DL8 and WH2: nothing is lost, nothing is doubled, nothing is said to be what it is not.
    fn count(&self, line: &Simulator, threads: &Threads) {
        let mut count = HashMap::new();
        for (user, thread) in threads {
            for message in thread {
                *count.entry((user.as_str(), message["content"].as_str().unwrap())).or_insert(0) += 1;
            }
            check_phone(line, user, thread);
        }
        for one in &self.taken {
            let times = count.get(&(one.user.as_str(), one.text.as_str()));
            assert_eq!(times, Some(&1), "taken, and not there once: {one:?}");
            let (_, thread) = threads.iter().find(|(user, _)| *user == one.user).unwrap();
            let message = thread.iter().find(|message| message["id"] == one.id);
            assert_eq!(message.map(|message| &message["content"]), Some(&json!(one.text)), "{one:?}");
        }
        for (user, text) in &self.written {
            let times = count.get(&(user.as_str(), text.as_str()));
            assert_eq!(times, Some(&1), "of a customer, and not there once: {text}");
        }
    }
}

/// What is on a phone is what its thread says.
fn check_phone(line: &Simulator, user: &str, thread: &[Value]) {
    let arrived = line.received(user);
    let mut pushes = HashMap::new();
    for text in arrived.iter().filter(|one| one.how == Some(How::Push)).filter_map(|one| one.text.as_ref()) {
        *pushes.entry(text).or_insert(0) += 1;
    }
    assert!(pushes.values().all(|times| *times == 1), "DL8: pushed twice: {pushes:?}");
    let mut accepted = Vec::new();
    // Notes and the like go nowhere.
    for message in thread.iter().filter(|message| !message["delivery"].is_null()) {
        let text = message["content"].as_str().unwrap();
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

fn is_at_rest(message: &Value) -> bool {
    let state = &message["delivery"]["state"];
    state.is_null() || state != "queued" && state != "sending"
}

/// WS6: the feed has no gap.
async fn check_feed(location: &Location) {
    let location = location.clone();
    let open = move || Store::open(&location, Access::Command).unwrap();
    let store = tokio::task::spawn_blocking(open).await.unwrap();
    let feed = store.read::<_, StoreError, _>(|tx| feed::list_after(tx, Seq(0), 1_000_000)).await.unwrap();
    tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
    let seqs: Vec<_> = feed.iter().map(|event| event.seq.0).collect();
    assert_eq!(seqs, (1..=i64::try_from(seqs.len()).unwrap()).collect::<Vec<_>>(), "WS6: the feed has no gap");
}

/// How many messages ended in which state, to see that a run was worth it.
fn summary(threads: &Threads) -> String {
    let mut states = BTreeMap::new();
    for message in threads.iter().flat_map(|(_, thread)| thread) {
        if let Some(state) = message["delivery"]["state"].as_str() {
            let cost = message["delivery"]["cost"].as_str().unwrap_or("");
            *states.entry(format!("{state} {cost}")).or_insert(0) += 1;
        }
    }
    format!("{states:?}")
}
