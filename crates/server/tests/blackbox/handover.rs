//! Three real processes on PostgreSQL and NATS: one dies with work under way, and the others have it within 10 s.

use std::time::{Duration, Instant};

use linedesk_simulator::{Content, Endpoint, Fault, IncomingMessage};

use super::cluster::services;
use super::harness::{DEADLINE, eventually};
use super::processes::{Processes, customers, sign_in};
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
