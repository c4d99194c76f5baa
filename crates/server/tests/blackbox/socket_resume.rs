//! WS6: one log for the whole desk, and a reconnect that misses nothing and repeats nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use linedesk_protocol::Role;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::checker::{Checker, Taken};
use super::client::Client;
use super::harness::{TestDesk, eventually, nats_url, postgres_url};
use super::line_events::{new_user, text};
use super::socket::{Frame, SocketClient};
use super::torture::fresh_seed;

/// Add the seed of a failure here.
const SEEDS: [u64; 2] = [1, 2];

fn is_session_event(frame: &Frame) -> bool {
    frame.kind.starts_with("session_")
}

#[tokio::test]
async fn ws6_resume_replays_what_was_missed_in_order_and_summaries_once() {
    let desk = TestDesk::start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let mut before = desk.socket(&ann).await;
    before.catch_up(&desk).await;
    let seen = before.last_seq;
    drop(before);

    let (user, other) = (new_user(), new_user());
    let events: Vec<_> = (0..5).map(|n| text(&user, &format!("missed {n}"))).collect();
    desk.receive(&events).await;
    desk.receive(&[text(&other, "agent")]).await;
    ben.act(&other, "claim", Value::Null).await.ok();
    let note = ben.act(&user, "notes", json!({"text": "a note"})).await.is(201);

    let mut socket = SocketClient::signed_in(&ann, Some(seen)).await;
    assert_eq!(socket.welcome["resumed"], true);
    let head = socket.welcome["seq"].as_i64().unwrap();
    assert_eq!(socket.next().await.kind, "presence_update");
    desk.says(&desk.customer("Live"), "live").await;
    let frames = socket.all(&desk).await;
    let replayed: Vec<_> = frames.iter().filter(|frame| frame.seq.is_some_and(|seq| seq <= head)).collect();
    let is_said = |frame: &&&Frame| frame.kind == "new_message" && frame.payload["sender_role"] != "SYSTEM";
    let messages: Vec<_> = replayed.iter().filter(is_said).collect();
    let contents: Vec<_> = messages.iter().map(|frame| frame.payload["content"].as_str().unwrap()).collect();
    assert_eq!(contents, ["missed 0", "missed 1", "missed 2", "missed 3", "missed 4", "agent", "a note"]);
    assert_eq!(messages[6].payload["id"], note["id"]);
    let sessions: Vec<_> =
        replayed.iter().filter(|frame| is_session_event(frame)).map(|frame| frame.kind.as_str()).collect();
    assert_eq!(sessions, ["session_created", "session_claimed"]);
    let mut updates = BTreeMap::<String, u32>::new();
    for frame in replayed.iter().filter(|frame| frame.kind == "conversation_update") {
        *updates.entry(frame.payload["line_user_id"].to_string()).or_default() += 1;
    }
    assert_eq!(updates.values().copied().collect::<Vec<_>>(), [1, 1], "one for each conversation: {updates:?}");
    let live = frames.iter().any(|frame| frame.kind == "conversation_update" && frame.seq > Some(head));
    assert!(live, "and then it goes on live");
}

#[tokio::test]
async fn ws6_resume_at_the_head_replays_nothing() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    desk.customer_waiting("Somchai").await;
    let seq = ann.get("/conversations").await.ok()["seq"].as_i64().unwrap();
    let profile = eventually("the profile is there", async || {
        let list = ann.get("/conversations").await.ok();
        list["conversations"][0]["display_name"].is_string().then(|| list["seq"].as_i64().unwrap())
    });
    let head = profile.await;
    assert!(head >= seq);
    let mut socket = SocketClient::signed_in(&ann, Some(head)).await;
    assert_eq!((&socket.welcome["resumed"], &socket.welcome["seq"]), (&json!(true), &json!(head)));
    let marker = desk.marker().await;
    let frames = {
        socket.event_where("conversation_update", |payload| payload["line_user_id"] == marker).await;
        socket.unread()
    };
    assert!(frames.iter().all(|frame| frame.seq.is_none()), "{frames:?}");
}

#[tokio::test]
async fn ws6_too_far_behind_or_from_another_desk_is_resync_required() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    let events: Vec<_> = (0..1001).map(|n| text(&user, &format!("{n}"))).collect();
    desk.receive(&events).await;
    let head = ann.get("/conversations").await.ok()["seq"].as_i64().unwrap();
    for after in [0, head + 1000, i64::MAX, -5] {
        let mut socket = SocketClient::connect(desk.addr()).await;
        let payload = json!({"token": ann.token, "resume_after": after});
        let welcome = socket.command("auth", payload).await.expect("auth_success");
        assert_eq!(welcome["resumed"], false, "{after}");
        let resync = socket.event("resync_required").await;
        assert!(resync["reason"].as_str().is_some_and(|text| !text.is_empty()));
        socket.command("ping", json!({})).await.expect("pong");
        assert!(socket.unread().iter().all(|frame| frame.seq.is_none()), "nothing is replayed");
    }
}

#[tokio::test]
async fn ws6_resume_works_across_a_crash_of_the_node() {
    let mut desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_waiting("Somchai").await;
    let mut socket = desk.socket(&ann).await;
    desk.says(&user, "seen").await;
    let is_seen = |payload: &Value| payload["last_message"]["content"] == "seen";
    let seen = socket.event_where("conversation_update", is_seen).await.seq.unwrap();
    desk.says(&user, "missed").await;
    desk.restart().await;
    socket.closed().await;
    let mut socket = SocketClient::signed_in(&ann.at(desk.addr()), Some(seen)).await;
    assert_eq!(socket.welcome["resumed"], true);
    assert_eq!(socket.event("new_message").await["content"], "missed");
}

/// What the customers and a colleague do meanwhile; sequential, and as fast as the desk answers.
/// Gives what customers wrote.
async fn be_busy(
    desk: Arc<TestDesk>,
    ben: Client,
    users: Vec<String>,
    seed: u64,
    done: Arc<AtomicBool>,
) -> Vec<(String, String)> {
    let mut written = Vec::new();
    let mut rng = StdRng::seed_from_u64(seed);
    for n in 0..120 {
        let user = &users[rng.random_range(0..users.len())];
        match rng.random_range(0..6) {
            0 => drop(ben.act(user, "mode", json!({"mode": "HUMAN"})).await),
            1 => drop(ben.act(user, "mode", json!({"mode": "BOT"})).await),
            2 => drop(ben.act(user, "notes", json!({"text": format!("note {n}")})).await.is(201)),
            _ => {
                desk.receive(&[text(user, &format!("message {n}"))]).await;
                written.push((user.clone(), format!("message {n}")));
            }
        }
    }
    done.store(true, Ordering::SeqCst);
    written
}

/// A client that loses its connection again and again, and what it knows.
struct Unlucky {
    client: Client,
    /// It comes back to any of them.
    nodes: Vec<SocketAddr>,
    rng: StdRng,
    room: String,
    last_seq: i64,
    frames: Vec<Frame>,
    /// Messages of the room, from events and from the answers to joining.
    messages: BTreeSet<i64>,
    /// Those of them that came as events.
    told: BTreeSet<i64>,
    unconfirmed: BTreeSet<String>,
    sent: u32,
    taken: Vec<Taken>,
}

impl Unlucky {
    async fn connect(&mut self) -> SocketClient {
        let node = self.nodes[self.rng.random_range(0..self.nodes.len())];
        let mut socket = SocketClient::signed_in(&self.client.at(node), Some(self.last_seq)).await;
        assert_eq!(socket.welcome["resumed"], true);
        socket.command("ping", json!({})).await.expect("pong");
        self.learn(&mut socket);
        let mut payload = json!({"line_user_id": self.room});
        if let Some(newest) = self.messages.last() {
            payload["after_message_id"] = (*newest).into();
        }
        let joined = socket.command("join_room", payload).await.expect("conversation_update");
        self.learn(&mut socket);
        for message in joined["messages"].as_array().unwrap() {
            let id = message["id"].as_i64().unwrap();
            assert!(self.messages.insert(id), "joining repeats message {id}");
            self.confirm(message);
        }
        for temp_id in self.unconfirmed.clone() {
            self.say(&mut socket, &temp_id).await;
        }
        socket
    }

    async fn say(&mut self, socket: &mut SocketClient, temp_id: &str) {
        socket.send("send_message", json!({"text": format!("said {temp_id}"), "temp_id": temp_id})).await;
        self.unconfirmed.insert(temp_id.to_owned());
    }

    async fn say_something_new(&mut self, socket: &mut SocketClient) {
        self.sent += 1;
        self.say(socket, &format!("t{}", self.sent)).await;
    }

    /// A message is there; one of its own, if it goes by a name that it gave.
    fn confirm(&mut self, message: &Value) {
        if self.unconfirmed.remove(message["temp_id"].as_str().unwrap_or_default()) {
            let text = message["content"].as_str().unwrap().to_owned();
            self.taken.push(Taken { user: self.room.clone(), text, id: message["id"].as_i64().unwrap() });
        }
    }

    fn learn(&mut self, socket: &mut SocketClient) {
        for frame in socket.unread() {
            assert_ne!(frame.kind, "error", "{frame:?}");
            let of_room = frame.payload["line_user_id"] == self.room;
            if of_room && ["new_message", "message_sent"].contains(&frame.kind.as_str()) {
                // The answer to a `temp_id` that was taken before is no event: that comes, or came, in its own place. What
                // the answer to joining held may come as an event still, but no event comes twice.
                if frame.seq.is_some() {
                    let id = frame.payload["id"].as_i64().unwrap();
                    assert!(self.told.insert(id), "told twice: {frame:?}");
                    self.messages.insert(id);
                }
                self.confirm(&frame.payload);
            }
            self.frames.push(frame);
        }
        self.last_seq = socket.last_seq;
    }
}

async fn drop_at_random(desk: TestDesk, nodes: Vec<SocketAddr>, seed: u64) {
    println!("LINEDESK_TEST_SEED={seed}");
    let desk = Arc::new(desk);
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let room = desk.customer_of("Room", &ann).await;
    let users: Vec<_> = (0..3).map(|_| new_user()).chain([room.clone()]).collect();
    let hellos: Vec<_> = users.iter().map(|user| text(user, "hello")).collect();
    desk.receive(&hellos).await;
    let known = ann.conversation(&room).await["messages"].as_array().unwrap().clone();
    let mut reference = desk.socket(&ben).await;
    let begin = reference.welcome["seq"].as_i64().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let mut busy = JoinSet::new();
    busy.spawn(be_busy(Arc::clone(&desk), ben.clone(), users.clone(), seed, Arc::clone(&done)));

    let mut unlucky = Unlucky {
        client: ann.clone(),
        nodes,
        rng: StdRng::seed_from_u64(seed),
        room: room.clone(),
        last_seq: begin,
        frames: Vec::new(),
        messages: known.iter().map(|message| message["id"].as_i64().unwrap()).collect(),
        told: BTreeSet::new(),
        unconfirmed: BTreeSet::new(),
        sent: 0,
        taken: Vec::new(),
    };
    while !done.load(Ordering::SeqCst) {
        let mut socket = unlucky.connect().await;
        for _ in 0..unlucky.rng.random_range(0..4) {
            if unlucky.rng.random_bool(0.5) {
                unlucky.say_something_new(&mut socket).await;
            }
            socket.command("ping", json!({})).await.expect("pong");
            unlucky.learn(&mut socket);
        }
        if unlucky.rng.random_bool(0.7) {
            // Its answer may be lost with the connection.
            unlucky.say_something_new(&mut socket).await;
        }
    }
    let written = busy.join_next().await.unwrap().unwrap();
    let mut socket = unlucky.connect().await;
    while !unlucky.unconfirmed.is_empty() {
        socket.command("ping", json!({})).await.expect("pong");
        unlucky.learn(&mut socket);
    }
    socket.catch_up(&desk).await;
    unlucky.learn(&mut socket);
    let reference = reference.all(&desk).await;

    // Every session event once, with the same place and content.
    let of_sessions = |frames: &[Frame]| -> Vec<_> {
        frames.iter().filter(|frame| is_session_event(frame)).map(|frame| (frame.seq, frame.payload.clone())).collect()
    };
    assert!(!of_sessions(&reference).is_empty());
    assert_eq!(of_sessions(&unlucky.frames), of_sessions(&reference), "seed {seed}");
    // The latest summary of every conversation.
    let summaries = |frames: &[Frame]| -> BTreeMap<String, Value> {
        let updates = frames.iter().filter(|frame| frame.kind == "conversation_update" && frame.seq.is_some());
        updates.map(|frame| (frame.payload["line_user_id"].to_string(), frame.payload.clone())).collect()
    };
    let (ours, theirs) = (summaries(&unlucky.frames), summaries(&reference));
    for user in ours.keys().filter(|user| theirs.contains_key(*user)) {
        assert_eq!(ours[user]["last_message"]["id"], theirs[user]["last_message"]["id"], "seed {seed}: {user}");
        assert_eq!(ours[user]["session"], theirs[user]["session"], "seed {seed}: {user}");
    }
    // Every message of the room, and each of its own exactly once, here and on the phone.
    let mut checker = Checker::default();
    checker.taken = unlucky.taken;
    for (user, text) in &written {
        checker.received(user, text);
    }
    assert_eq!(checker.taken.len(), unlucky.sent as usize, "seed {seed}");
    let threads = checker.check(&desk.line, &ann, &desk.location, &users, &mut [], || {}).await;
    let (_, thread) = threads.iter().find(|(user, _)| *user == room).unwrap();
    let stored: BTreeSet<_> = thread.iter().map(|message| message["id"].as_i64().unwrap()).collect();
    assert_eq!(unlucky.messages, stored, "seed {seed}");
    assert_eq!(desk.line.received(&room).len(), unlucky.sent as usize, "seed {seed}: all of it was accepted");
}

#[tokio::test]
async fn ws6_a_client_that_is_cut_off_at_random_misses_nothing_and_sends_nothing_twice() {
    for seed in SEEDS.into_iter().chain([fresh_seed()]) {
        let desk = TestDesk::builder().without_limits().start().await;
        let nodes = vec![desk.addr()];
        drop_at_random(desk, nodes, seed).await;
    }
}

#[tokio::test]
async fn ws6_a_client_that_comes_back_to_any_of_three_nodes_misses_nothing_and_sends_nothing_twice() {
    let (Some(postgres), Some(nats)) = (postgres_url(), nats_url()) else { return };
    // Fewer: every round starts three nodes.
    for seed in [SEEDS[0], fresh_seed()] {
        let mut desk = TestDesk::builder().without_limits().postgres(&postgres).nats(&nats).start().await;
        let mut nodes = vec![desk.addr()];
        for _ in 0..2 {
            let number = desk.start_node().await;
            nodes.push(desk.addr_of(number));
        }
        drop_at_random(desk, nodes, seed).await;
    }
}
