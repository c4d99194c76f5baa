//! DL8: nodes die at any moment. Restarts between two steps of a delivery, and seeded torture: in one process, where time
//! is the test's, and with the real executable and SIGKILL.

use std::cell::Cell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join;
use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault, Outcome, SimulatorOptions};
use linedesk_store::Location;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tokio::sync::watch;

use super::checker::Checker;
use super::client::Client;
use super::harness::{Builder, Line, TestDesk};
use super::line_calls::{no_quota, pushes_only};
use super::processes::{Processes, customers, executable, sign_in};
use super::screen::{screens, watched};
use super::torture::{self, Cast};

/// Seeds that once found something, and one to begin with.
const SEEDS: [u64; 1] = [1];
const KILLS: u32 = 5;

#[tokio::test]
async fn dl4_retry_after_restart_uses_the_same_key() {
    let mut desk = pushes_only(TestDesk::builder()).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for (fault, last) in [(Fault::hang(), 200), (Fault::hang_after(), 409)] {
        let ann = ann.at(desk.addr());
        let user = desk.customer_of("Somchai", &ann).await;
        desk.line.set_fault(Endpoint::Push, fault.once());
        let sent = ann.writes(&user, &user).await;
        desk.fault_is_used_up(Endpoint::Push).await;
        ann.writes(&user, "waits behind it").await;
        desk.restart().await;
        let ann = ann.at(desk.addr());
        assert_eq!(ann.delivery_becomes(&user, &sent["id"], "accepted").await["cost"], "paid");
        let calls = desk.line_calls_with(&user);
        assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [None, Some(last)]);
        assert_eq!(calls[0].outcome, Outcome::Abandoned);
        assert_eq!((&calls[0].retry_key, &calls[0].texts), (&calls[1].retry_key, &calls[1].texts), "same key and body");
        desk.arrives(&user, "waits behind it").await;
        assert_eq!(desk.texts_at(&user), [user.as_str(), "waits behind it"]);
    }
}

#[tokio::test]
async fn dl3_a_reply_under_way_at_a_crash_is_unknown_and_never_pushed() {
    let mut desk = TestDesk::builder().without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let marker = desk.customer_of("Marker", &ann).await;
    for (fault, arrived) in [(Fault::hang(), 0), (Fault::hang_after(), 1)] {
        let ann = ann.at(desk.addr());
        let user = desk.customer_of("Somchai", &ann).await;
        desk.line.set_fault(Endpoint::Reply, fault.once());
        let sent = ann.writes(&user, &user).await;
        desk.fault_is_used_up(Endpoint::Reply).await;
        desk.restart().await;
        let ann = ann.at(desk.addr());
        let delivery = ann.delivery_becomes(&user, &sent["id"], "unknown").await;
        assert_eq!((&delivery["code"], &delivery["retryable"]), (&json!("line_unavailable"), &json!(true)));
        desk.worker_looks_twice(&ann, &marker).await;
        desk.restart().await;
        let ann = ann.at(desk.addr());
        desk.worker_looks_twice(&ann, &marker).await;
        assert_eq!((desk.line_calls_with(&user).len(), desk.texts_at(&user).len()), (1, arrived));
        let mut socket = desk.socket(&ann).await;
        socket.command("retry_message", json!({"message_id": sent["id"]})).await.expect("message_sent");
        ann.delivery_becomes(&user, &sent["id"], "accepted").await;
        assert_eq!(desk.texts_at(&user).len(), arrived + 1);
    }
}

#[tokio::test]
async fn dl8_a_stop_in_order_leaves_no_doubt_about_calls_under_way() {
    let mut desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.line.set_fault(Endpoint::Reply, Fault::delay(Duration::from_millis(500)).once());
    let sent = ann.writes(&user, "hello").await;
    desk.fault_is_used_up(Endpoint::Reply).await;
    let waits = ann.writes(&user, "waits").await;
    desk.stop().await;
    desk.start_node().await;
    let ann = ann.at(desk.addr());
    assert_eq!(ann.delivery(&user, &sent["id"]).await, json!({"state": "accepted", "cost": "free"}));
    ann.delivery_becomes(&user, &waits["id"], "accepted").await;
    assert_eq!(desk.texts_at(&user), ["hello", "waits"]);
}

#[tokio::test]
async fn dl8_nothing_is_lost_or_doubled_when_nodes_die_and_line_fails() {
    for seed in SEEDS.into_iter().chain([torture::fresh_seed()]) {
        torture_nodes(seed, TestDesk::builder(), 1).await;
    }
}

#[tokio::test]
async fn dl8_nothing_is_lost_or_doubled_when_nodes_of_a_cluster_die() {
    let Some((postgres, nats)) = super::cluster::services() else { return };
    torture_nodes(torture::fresh_seed(), TestDesk::builder().postgres(&postgres).nats(&nats), 2).await;
}

/// With several nodes it is always the oldest that dies, and its leases have to run out.
async fn torture_nodes(seed: u64, builder: Builder, nodes: usize) {
    println!("LINEDESK_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut desk = builder.manual_clock().without_limits().simulator(no_quota).start().await;
    for _ in 1..nodes {
        desk.start_node().await;
    }
    let cast = cast(&desk).await;
    let users = cast.users();
    desk.line.set_redelivery(true);
    desk.line.set_redelivery_policy(20, Duration::from_millis(20));
    let mut checker = Checker::default();
    let is_sent = Cell::new(false);
    let sending = async {
        let taken = cast.send(0..30).await;
        is_sent.set(true);
        taken
    };
    let breaking = async {
        let mut kills = 0;
        while kills < KILLS || !is_sent.get() {
            match rng.random_range(0..20) {
                0..6 => torture::break_line(&desk.line, &mut rng),
                6..11 => checker.customer_writes(&desk.line, &users, &mut rng),
                11 => {
                    kills += 1;
                    desk.restart().await;
                    cast.addr.send_replace(desk.addr());
                }
                _ => {
                    desk.advance(Duration::from_millis(rng.random_range(0..2_000)));
                    torture::a_moment(&desk.line, Duration::from_millis(20)).await;
                }
            }
        }
    };
    let mut screens = screens(&cast.operators[0].0, &cast.addr, &users[..2]);
    (checker.taken, ()) = watched(&mut screens, join(sending, breaking)).await;
    desk.line.clear_faults();
    for _ in 0..nodes {
        // What hangs now would do so for 10 s.
        desk.restart().await;
    }
    cast.addr.send_replace(desk.addr());
    let client = desk.sign_in("ann").await;
    // Of a cluster the last dead one is found in real time; sign-ins must outlive that.
    let pass_time = || desk.advance(Duration::from_millis(500));
    checker.check(&desk.line, &client, &desk.location, &users, &mut screens, pass_time).await;
}

/// As an upgrade goes: one node after the other stops in order and another takes its place, while everybody works.
#[tokio::test]
async fn dl8_a_rolling_restart_of_three_nodes_loses_doubles_and_doubts_nothing() {
    let Some((postgres, nats)) = super::cluster::services() else { return };
    let builder = TestDesk::builder().simulator(no_quota).without_limits().postgres(&postgres).nats(&nats);
    let mut desk = builder.start().await;
    let mut nodes = [0, desk.start_node().await, desk.start_node().await];
    desk.line.set_redelivery(true);
    desk.line.set_redelivery_policy(20, Duration::from_millis(20));
    let cast = cast(&desk).await;
    let users = cast.users();
    let (mut rng, mut checker) = (StdRng::seed_from_u64(1), Checker::default());
    let is_sent = Cell::new(false);
    let sending = async {
        let taken = cast.send(0..60).await;
        is_sent.set(true);
        taken
    };
    let rolling = async {
        let mut restarts = 0;
        while restarts < nodes.len() || !is_sent.get() {
            for _ in 0..10 {
                checker.customer_writes(&desk.line, &users, &mut rng);
                torture::a_moment(&desk.line, Duration::from_millis(20)).await;
            }
            // The new one is there before the old one goes, and takes its webhooks and its operators.
            let new = desk.start_node().await;
            cast.addr.send_replace(desk.addr_of(new));
            let place = restarts % nodes.len();
            desk.stop_node(std::mem::replace(&mut nodes[place], new)).await;
            restarts += 1;
        }
        (desk, restarts)
    };
    let mut screens = screens(&cast.operators[0].0, &cast.addr, &users[..2]);
    let (desk, restarts);
    (checker.taken, (desk, restarts)) = watched(&mut screens, join(sending, rolling)).await;
    println!("{restarts} restarts");
    let client = desk.sign_in("ann").await;
    let threads = checker.check(&desk.line, &client, &desk.location, &users, &mut screens, || {}).await;
    let in_doubt =
        threads.iter().flat_map(|(_, thread)| thread).find(|message| message["delivery"]["state"] == "unknown");
    assert_eq!(in_doubt, None, "a stop in order leaves no doubt");
}

pub(crate) async fn cast(desk: &TestDesk) -> Cast {
    let mut operators = Vec::new();
    for name in ["ann", "ben", "cho", "dao"] {
        let client = desk.operator(name, Role::Agent).await;
        let mut users = Vec::new();
        for _ in 0..2 {
            users.push(desk.customer_of("Customer", &client).await);
        }
        operators.push((client, users));
    }
    Cast { operators, addr: watch::Sender::new(desk.addr()) }
}

#[tokio::test]
async fn dl8_nothing_is_lost_or_doubled_by_sigkill() {
    let seed = torture::fresh_seed();
    println!("LINEDESK_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let line = Line::start(SimulatorOptions { monthly_quota: None, ..SimulatorOptions::default() }).await;
    let binary = executable(&line);
    let serve = async || {
        let served = binary.serve(&[]).await;
        line.set_webhook_url(format!("http://{}/line/webhook", served.addr));
        served
    };
    let mut served = serve().await;
    let (root, cast) = cast_of_one(&line, served.addr).await;
    let users = cast.users();
    line.set_redelivery(true);
    line.set_redelivery_policy(20, Duration::from_millis(20));
    let mut checker = Checker::default();
    let is_sent = Cell::new(false);
    let sending = async {
        let taken = cast.send(0..40).await;
        is_sent.set(true);
        taken
    };
    let breaking = async {
        let mut kills = 0;
        while kills < KILLS || !is_sent.get() {
            match rng.random_range(0..24) {
                0..4 => torture::break_line(&line, &mut rng),
                4..9 => checker.customer_writes(&line, &users, &mut rng),
                9 => {
                    kills += 1;
                    served.kill().await;
                    served = serve().await;
                    cast.addr.send_replace(served.addr);
                }
                _ => torture::a_moment(&line, Duration::from_millis(20)).await,
            }
        }
        served
    };
    let mut screens = screens(&root, &cast.addr, &users[..2]);
    let served;
    (checker.taken, served) = watched(&mut screens, join(sending, breaking)).await;
    line.clear_faults();
    served.kill().await;
    let killed = Instant::now();
    let served = serve().await;
    cast.addr.send_replace(served.addr);
    checker.recovers("SIGKILL", killed, &line, &root.at(served.addr), &users[0]).await;
    let location = Location::Sqlite { data_dir: binary.data_dir() };
    checker.check(&line, &root.at(served.addr), &location, &users, &mut screens, || {}).await;
    served.kill().await;
}

/// One account that writes at three places at once.
async fn cast_of_one(line: &Line, addr: SocketAddr) -> (Client, Cast) {
    let root = sign_in(addr, "root").await;
    let users = customers(line, &root, 6).await;
    let places = users.chunks(2).enumerate();
    let operators =
        places.map(|(n, users)| (Client { username: format!("place {n}"), ..root.clone() }, users.to_vec()));
    let cast = Cast { operators: operators.collect(), addr: watch::Sender::new(addr) };
    (root, cast)
}

/// Three processes on PostgreSQL and NATS: one dies, works again, and then another does.
#[tokio::test]
async fn dl8_nothing_is_lost_or_doubled_by_sigkill_of_three_nodes() {
    let Some((postgres, nats)) = super::cluster::services() else { return };
    let seed = torture::fresh_seed();
    println!("LINEDESK_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut desk = Processes::new(&postgres, &nats).await;
    for _ in 0..3 {
        desk.start_node().await;
    }
    let (root, cast) = cast_of_one(&desk.line, desk.addr_of(0)).await;
    let users = cast.users();
    desk.line.set_redelivery(true);
    desk.line.set_redelivery_policy(20, Duration::from_millis(20));
    let mut checker = Checker::default();
    let is_sent = Cell::new(false);
    let sending = async {
        let taken = cast.send(0..100).await;
        is_sent.set(true);
        taken
    };
    let breaking = async {
        let mut kills = 0;
        while kills < KILLS || !is_sent.get() {
            match rng.random_range(0..24) {
                0..4 => torture::break_line(&desk.line, &mut rng),
                4..9 => checker.customer_writes(&desk.line, &users, &mut rng),
                9 => {
                    kills += 1;
                    let (dies, goes_on) = (rng.random_range(0..3), rng.random_range(1..3));
                    let other = desk.addr_of((dies + goes_on) % 3);
                    desk.line.set_webhook_url(format!("http://{other}/line/webhook"));
                    desk.kill(dies).await;
                    cast.addr.send_replace(other);
                    torture::a_moment(&desk.line, Duration::from_millis(rng.random_range(0..500))).await;
                    desk.start_again(dies).await;
                }
                _ => torture::a_moment(&desk.line, Duration::from_millis(20)).await,
            }
        }
        desk
    };
    let mut screens = screens(&root, &cast.addr, &users[..2]);
    let mut desk;
    (checker.taken, desk) = watched(&mut screens, join(sending, breaking)).await;
    desk.line.clear_faults();
    desk.kill(0).await;
    let (killed, root) = (Instant::now(), root.at(desk.addr_of(1)));
    desk.line.set_webhook_url(format!("http://{}/line/webhook", root.addr));
    cast.addr.send_replace(root.addr);
    checker.recovers("SIGKILL of one of three", killed, &desk.line, &root, &users[0]).await;
    checker.check(&desk.line, &root, &desk.location, &users, &mut screens, || {}).await;
}
