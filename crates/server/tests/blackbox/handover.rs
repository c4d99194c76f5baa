//! A node dies with work under way, and the others have it within 10 s; one that lives keeps it, and one that only seemed to
//! be dead does no harm.

use std::time::{Duration, Instant};

use linedesk_protocol::Role;
use linedesk_simulator::{Content, Endpoint, Fault, IncomingMessage};
use linedesk_store::Location;
use serde_json::json;

use super::client::Client;
use super::cluster::services;
use super::harness::{DEADLINE, TestDesk, eventually};
use super::line_calls::no_quota;
use super::processes::{Processes, customers, sign_in};
use super::proxy::Proxy;
use super::socket::SocketClient;

/// What is promised is 10 s; the rest is for a machine that is busy with other tests.
const WITHIN: Duration = Duration::from_secs(15);

#[tokio::test]
async fn dl8_what_a_killed_process_had_under_way_the_others_do_within_ten_seconds() {
    let Some((postgres, nats)) = services() else { return };
    let mut desk = Processes::new(&postgres, &nats).await;
    let first = desk.start_node().await;
    let root = sign_in(desk.addr_of(first), "root").await;
    let users = customers(&desk.line, &root, 2).await;
    for user in &users {
        root.writes(user, "uses the token up").await;
        desk.arrives(user, "uses the token up").await;
    }
    eventually("names are known", async || {
        (desk.count("contacts WHERE display_name IS NOT NULL").await == 2).then_some(())
    })
    .await;
    // There is no other yet: the first has it all.
    desk.line.set_fault(Endpoint::Push, Fault::hang().once());
    let unheard = root.writes(&users[0], "unheard").await;
    eventually("LINE is called", async || desk.line.settings().push.is_none().then_some(())).await;
    desk.line.set_fault(Endpoint::Push, Fault::hang_after().once());
    let heard = root.writes(&users[1], "heard").await;
    eventually("LINE is called", async || desk.line.settings().push.is_none().then_some(())).await;
    desk.line.set_fault(Endpoint::Other, Fault::hang());
    let new = desk.line.add_customer("New", "th", None).unwrap();
    let file = Content::new("application/octet-stream", vec![7; 1000]);
    desk.line.send_message(&new, &IncomingMessage::file("a.bin", file)).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    for held in [
        "lanes WHERE lease_owner IS NOT NULL",
        "media WHERE taken_by IS NOT NULL",
        "contacts WHERE profile_taken_by IS NOT NULL",
    ] {
        eventually(held, async || (desk.count(held).await > 0).then_some(())).await;
    }
    desk.line.clear_fault(Endpoint::Other);
    let second = desk.start_node().await;
    desk.start_node().await;
    let ben = desk.operator("ben", second).await;
    let mut roots = SocketClient::signed_in(&root, None).await;
    let mut bens = SocketClient::signed_in(&ben, None).await;
    bens.presence(|who| who.len() == 2).await;
    roots.presence(|who| who.len() == 2).await;

    desk.kill(first).await;
    let killed = Instant::now();
    let root = root.at(desk.addr_of(second));
    let is_done = |what: &str| {
        println!("{what} after {:.1} s", killed.elapsed().as_secs_f64());
        assert!(killed.elapsed() < WITHIN, "{what}: {:?}", killed.elapsed());
    };
    root.delivery_becomes(&users[0], &unheard["id"], "accepted").await;
    is_done("the push that LINE had not heard was repeated");
    root.delivery_becomes(&users[1], &heard["id"], "accepted").await;
    is_done("the push that LINE had heard was repeated");
    eventually("the file is there", async || {
        let thread = root.thread(&new).await;
        thread.iter().any(|message| message["media"]["state"] == "ready").then_some(())
    })
    .await;
    is_done("the file was fetched");
    eventually("the name is known", async || (root.conversation(&new).await["display_name"] == "New").then_some(()))
        .await;
    is_done("the name was fetched");
    bens.presence(|who| who.len() == 1).await;
    is_done("who was on it is gone");
    for (user, text) in [(&users[0], "unheard"), (&users[1], "heard")] {
        assert_eq!(desk.texts_at(user).iter().filter(|one| *one == text).count(), 1, "DL4: no push twice");
    }
}

/// One node, which has all the work until there is another; that one comes to the database by a way of its own.
async fn first_node(way: &str, way_of_others: &str, nats: &str) -> (TestDesk, Client) {
    let builder = TestDesk::builder().without_limits().simulator(no_quota);
    let mut desk = builder.postgres(way).nats(nats).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    if let Location::Postgres { url, .. } = &mut desk.location {
        way_of_others.clone_into(url);
    }
    (desk, ann)
}

#[tokio::test]
async fn dl2_a_node_that_lives_keeps_its_lane_however_long_line_takes() {
    let Some((postgres, nats)) = services() else { return };
    let (mut desk, ann) = first_node(&postgres, &postgres, &nats).await;
    let user = desk.customer_of("Somchai", &ann).await;
    // Longer than a dead node keeps it, shorter than LINE is waited for.
    desk.line.set_fault(Endpoint::Reply, Fault::delay(Duration::from_secs(9)).once());
    let sent = ann.writes(&user, "slow").await;
    desk.fault_is_used_up(Endpoint::Reply).await;
    let waits = ann.writes(&user, "waits").await;
    desk.start_node().await;
    let delivery = ann.delivery_becomes(&user, &waits["id"], "accepted").await;
    assert_eq!(delivery["cost"], "paid");
    let delivery = ann.delivery(&user, &sent["id"]).await;
    assert_eq!((&delivery["state"], &delivery["cost"]), (&json!("accepted"), &json!("free")), "nobody took it away");
    assert_eq!(desk.texts_at(&user), ["slow", "waits"]);
}

#[tokio::test]
async fn dl2_a_clock_that_jumps_takes_no_lane_from_a_node_that_lives() {
    let Some((postgres, nats)) = services() else { return };
    let builder = TestDesk::builder().manual_clock().without_limits().simulator(no_quota);
    let mut desk = builder.postgres(&postgres).nats(&nats).start().await;
    desk.line.set_reply_token_life(Duration::from_secs(3600));
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, marker) = (desk.customer_of("Somchai", &ann).await, desk.customer_of("Marker", &ann).await);
    desk.line.set_fault(Endpoint::Reply, Fault::delay(Duration::from_secs(3)).once());
    let sent = ann.writes(&user, "slow").await;
    desk.fault_is_used_up(Endpoint::Reply).await;
    let second = desk.start_node().await;
    // By both clocks every lease is over.
    desk.advance(Duration::from_secs(120));
    desk.worker_looks_twice(&ann.at(desk.addr_of(second)), &marker).await;
    let delivery = ann.delivery_becomes(&user, &sent["id"], "accepted").await;
    assert_eq!(delivery["cost"], "free");
    assert_eq!((desk.line_calls_with("slow").len(), desk.texts_at(&user).len()), (1, 1));
}

#[tokio::test]
async fn dl8_a_node_that_is_taken_for_dead_and_lives_sends_nothing_twice() {
    let Some((postgres, nats)) = services() else { return };
    let (way, proxied) = Proxy::before(&postgres);
    let (mut desk, ann) = first_node(&proxied, &postgres, &nats).await;
    let (by_push, by_reply) = (desk.customer_of("Push", &ann).await, desk.customer_of("Reply", &ann).await);
    ann.writes(&by_push, "uses the token up").await;
    desk.arrives(&by_push, "uses the token up").await;
    for (endpoint, user) in [(Endpoint::Push, &by_push), (Endpoint::Reply, &by_reply)] {
        desk.line.set_fault(endpoint, Fault::delay(Duration::from_secs(9)).once());
        ann.writes(user, "slow").await;
        desk.fault_is_used_up(endpoint).await;
    }
    let second = desk.start_node().await;
    let there = ann.at(desk.addr_of(second));
    way.down().await;
    let cut = Instant::now();
    let state = async |user: &str| {
        let thread = there.thread(user).await;
        let slow = thread.iter().find(|message| message["content"] == "slow").unwrap();
        slow["delivery"]["state"].as_str().unwrap().to_owned()
    };
    eventually("the other goes on", async || {
        (state(&by_push).await == "accepted" && state(&by_reply).await == "unknown").then_some(())
    })
    .await;
    println!("the other went on {:.1} s after the cut", cut.elapsed().as_secs_f64());
    // The first node is still in the call.
    desk.arrives(&by_reply, "slow").await;
    way.up().await;
    // It has come back, and says nothing else.
    for user in [&by_push, &by_reply] {
        eventually("the first node works again", async || {
            let body = json!({"text": "after it", "temp_id": user});
            let answer = ann.act(user, "messages", body).await;
            [200, 201].contains(&answer.status).then_some(())
        })
        .await;
        desk.arrives(user, "after it").await;
        assert_eq!(desk.texts_at(user).iter().filter(|text| *text == "slow").count(), 1, "not twice");
    }
    assert_eq!((state(&by_push).await, state(&by_reply).await), ("accepted".to_owned(), "unknown".to_owned()));
}
