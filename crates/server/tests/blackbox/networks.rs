//! Networks and servers that fail while everybody works: the ways to PostgreSQL, NATS and LINE by chance, all at once; a bus
//! that is cut off from some nodes, and one that starts again; a database that does.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::future::join;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use tokio::sync::watch;

use super::checker::Checker;
use super::client::{Answer, Client};
use super::cluster::services;
use super::crash::cast;
use super::harness::{Builder, TestDesk, eventually};
use super::line_calls::no_quota;
use super::proxy::Proxy;
use super::screen::{Screen, screens, watched};
use super::services::{NatsServer, PostgresServer};
use super::socket::SocketClient;
use super::torture::{self, Cast};

fn builder() -> Builder {
    TestDesk::builder().without_limits().simulator(no_quota)
}

/// LINE sends again what was not answered with 200.
fn redelivers(desk: &TestDesk) {
    desk.line.set_redelivery(true);
    desk.line.set_redelivery_policy(20, Duration::from_millis(20));
}

/// Customers write as long as the operators send, and something breaks now and then.
async fn under_load(
    desk: &TestDesk,
    cast: &Cast,
    each: usize,
    checker: &mut Checker,
    rng: &mut StdRng,
    mut breaks: impl AsyncFnMut(&mut StdRng, &mut Checker) -> bool,
) {
    let users = cast.users();
    let is_sent = Cell::new(false);
    let first = checker.taken.len();
    let sending = async {
        let taken = cast.send(first..first + each).await;
        is_sent.set(true);
        taken
    };
    let breaking = async {
        let mut is_done = false;
        while !is_done || !is_sent.get() {
            for _ in 0..rng.random_range(1..4) {
                checker.customer_writes(&desk.line, &users, rng);
            }
            is_done = breaks(rng, checker).await;
            torture::a_moment(&desk.line, Duration::from_millis(20)).await;
        }
    };
    let (taken, ()) = join(sending, breaking).await;
    checker.taken.extend(taken);
}

#[tokio::test]
async fn dl8_nothing_is_lost_or_doubled_while_the_ways_to_database_bus_and_line_fail() {
    let Some((postgres, nats)) = services() else { return };
    let seed = torture::fresh_seed();
    println!("LINEDESK_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let (to_postgres, postgres) = Proxy::before(&postgres);
    let (to_nats, nats) = Proxy::before(&nats);
    let to_line = Proxy::to("127.0.0.1:9");
    let builder = builder().postgres(&postgres).nats(&nats).set("line_api_url", &to_line.http_url());
    let mut desk = builder.start().await;
    to_line.set_target(desk.line.addr());
    let second = desk.start_node().await;
    redelivers(&desk);
    let cast = cast(&desk).await;
    let users = cast.users();
    // Browsers come by a way that fails as well, to any node.
    let to_desk = Proxy::to(desk.addr().to_string());
    let mut screens = screens(&cast.operators[0].0, &watch::Sender::new(to_desk.addr()), &users[..2]);
    let addrs = [desk.addr(), desk.addr_of(second)];
    let ways = [&to_postgres, &to_nats, &to_line, &to_desk];
    let (mut troubles, mut checker) = (0, Checker::default());
    let breaks = async |rng: &mut StdRng, _: &mut Checker| {
        let count = rng.random_range(1..=ways.len());
        let broken: Vec<_> = ways.choose_multiple(rng, count).collect();
        for way in &broken {
            way.fail(rng).await;
        }
        to_desk.set_target(*addrs.choose(rng).unwrap());
        cast.addr.send_replace(*addrs.choose(rng).unwrap());
        torture::a_moment(&desk.line, Duration::from_millis(rng.random_range(10..300))).await;
        for way in &broken {
            way.up().await;
        }
        torture::a_moment(&desk.line, Duration::from_millis(rng.random_range(10..300))).await;
        troubles += 1;
        troubles >= 20
    };
    watched(&mut screens, under_load(&desk, &cast, 10, &mut checker, &mut rng, breaks)).await;
    let healed = Instant::now();
    let client = cast.operators[0].0.clone();
    checker.recovers("all ways are up", healed, &desk.line, &client, &users[0]).await;
    println!("{troubles} troubles");
    checker.check(&desk.line, &client, &desk.location, &users, &mut screens, || {}).await;
}

/// Whether the bus carries: typing goes nowhere else.
async fn typing_crosses(from: &Client, to: &Client, user: &str) {
    let mut hearer = SocketClient::signed_in(to, None).await;
    let mut typist = SocketClient::signed_in(from, None).await;
    for socket in [&mut hearer, &mut typist] {
        socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
    }
    eventually("typing is told across", async || {
        typist.send("typing_start", json!({"line_user_id": user})).await;
        typist.command("ping", json!({})).await.expect("pong");
        hearer.command("ping", json!({})).await.expect("pong");
        hearer.unread().iter().any(|frame| frame.kind == "typing_indicator").then_some(())
    })
    .await;
}

async fn becomes_ready(client: &Client, status: u16) {
    eventually(&format!("/readyz says {status}"), async || {
        let answer = Answer::of(client.http.get(format!("http://{}/readyz", client.addr))).await;
        (answer.status == status).then_some(())
    })
    .await;
}

#[tokio::test]
async fn ws6_nodes_that_are_cut_off_from_the_bus_or_lose_it_show_what_is_there_and_use_it_again() {
    let Some(postgres) = super::harness::postgres_url() else { return };
    let Some(mut nats) = NatsServer::start().await else { return };
    let mut desk = builder().postgres(&postgres).nats(&nats.url()).start().await;
    let ways = [Proxy::before(&nats.url()), Proxy::before(&nats.url())];
    let mut addrs = vec![desk.addr()];
    for (_, url) in &ways {
        let node = desk.start_node_with(&[("nats_url", url)]).await;
        addrs.push(desk.addr_of(node));
    }
    redelivers(&desk);
    let cast = cast(&desk).await;
    let users = cast.users();
    let clients: Vec<_> = addrs.iter().zip(&cast.operators).map(|(addr, (client, _))| client.at(*addr)).collect();
    // An operator's screen at each node; every message is on all of them, in the list or the thread.
    let screen = |client: &Client| Screen::new(client.clone(), watch::Sender::new(client.addr).subscribe(), &users[0]);
    let mut screens: Vec<_> = clients.iter().map(screen).collect();
    let (mut rng, mut checker) = (StdRng::seed_from_u64(1), Checker::default());

    for (way, _) in &ways {
        way.down().await;
    }
    for client in &clients[1..] {
        becomes_ready(client, 503).await;
    }
    becomes_ready(&clients[0], 200).await;
    let goes_round = async |rng: &mut StdRng, _: &mut Checker| {
        cast.addr.send_replace(*addrs.choose(rng).unwrap());
        true
    };
    watched(&mut screens, under_load(&desk, &cast, 10, &mut checker, &mut rng, goes_round)).await;
    checker.check(&desk.line, &clients[0], &desk.location, &users, &mut screens, || {}).await;
    let healed = Instant::now();
    for (way, _) in &ways {
        way.up().await;
    }
    for client in &clients {
        typing_crosses(client, &clients[(1..3).find(|n| clients[*n].addr != client.addr).unwrap()], &users[0]).await;
    }
    println!("the bus is used again {:.1} s after it was there", healed.elapsed().as_secs_f64());

    nats.kill().await;
    for client in &clients {
        becomes_ready(client, 503).await;
    }
    watched(&mut screens, under_load(&desk, &cast, 10, &mut checker, &mut rng, goes_round)).await;
    nats.start_again().await;
    let started = Instant::now();
    for client in &clients {
        becomes_ready(client, 200).await;
    }
    typing_crosses(&clients[0], &clients[2], &users[0]).await;
    println!("a new bus is used {:.1} s after it was there", started.elapsed().as_secs_f64());
    checker.check(&desk.line, &clients[0], &desk.location, &users, &mut screens, || {}).await;
}

#[tokio::test]
async fn dl8_nothing_is_lost_or_doubled_when_postgresql_starts_again_or_crashes() {
    let Some(nats) = super::harness::nats_url() else { return };
    let Some(postgres) = PostgresServer::start().await else { return };
    let mut desk = builder().postgres(&postgres.url()).nats(&nats).start().await;
    desk.start_node().await;
    redelivers(&desk);
    let cast = cast(&desk).await;
    let users = cast.users();
    let mut screens = screens(&cast.operators[0].0, &cast.addr, &users[..2]);
    let (mut rng, mut checker) = (StdRng::seed_from_u64(1), Checker::default());
    let client = cast.operators[0].0.clone();
    let mut modes = ["fast", "immediate", "immediate"].into_iter();
    let breaks = async |rng: &mut StdRng, checker: &mut Checker| {
        let Some(mode) = modes.next() else { return true };
        let writing = async {
            for _ in 0..20 {
                checker.customer_writes(&desk.line, &users, rng);
                torture::a_moment(&desk.line, Duration::from_millis(50)).await;
            }
        };
        join(postgres.restart(mode), writing).await;
        checker.recovers(mode, Instant::now(), &desk.line, &client, &users[0]).await;
        false
    };
    watched(&mut screens, under_load(&desk, &cast, 30, &mut checker, &mut rng, breaks)).await;
    checker.check(&desk.line, &client, &desk.location, &users, &mut screens, || {}).await;
    // Its data goes before the server does.
    drop(desk);
}
