//! CF: `/healthz`, `/readyz`, and stopping in order. Also that the harness does what it says.

use std::sync::mpsc::{SyncSender, sync_channel};

use linedesk_protocol::Role;
use linedesk_store::ops::settings;
use linedesk_store::{Access, Store, StoreError};
use serde_json::json;
use tokio::task::JoinSet;

use super::client::Answer;
use super::harness::{TestDesk, eventually, nats_url, postgres_url};
use super::socket::{Opening, SocketClient};

#[tokio::test]
async fn cf_a_node_that_serves_is_alive_and_ready() {
    let desk = TestDesk::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(desk.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn ws3_a_graceful_stop_sends_1012_and_then_serves_no_more() {
    let mut desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut signed_in = desk.socket(&ann).await;
    let stopping = desk.begin_stop();
    assert_eq!(signed_in.closed().await, Some(1012));
    stopping.await.unwrap();
    assert!(desk.http.get(format!("http://{}/healthz", ann.addr)).send().await.is_err());
}

#[tokio::test]
async fn ws3_a_graceful_stop_sends_1012_to_sockets_that_are_not_signed_in() {
    let mut desk = TestDesk::start().await;
    let mut early = SocketClient::connect(desk.addr()).await;
    early.command("ping", json!({})).await.error("not_authenticated");
    let stopping = desk.begin_stop();
    assert_eq!(early.closed().await, Some(1012));
    stopping.await.unwrap();
}

/// Holds the database's one write lock, from another process as it were, until what comes back is dropped.
async fn hold_the_database(desk: &TestDesk) -> (SyncSender<()>, JoinSet<()>) {
    let (held, is_held) = sync_channel(1);
    let (release, is_released) = sync_channel::<()>(1);
    let location = desk.location.clone();
    let mut holding = JoinSet::new();
    holding.spawn(async move {
        let store =
            tokio::task::spawn_blocking(move || Store::open(&location, Access::Command)).await.unwrap().unwrap();
        let held = store.write::<_, StoreError, _>(move |tx| {
            settings::get_or_create(tx, "held", "by a test")?;
            let _ = held.send(());
            let _ = is_released.recv();
            Ok(())
        });
        held.await.unwrap();
        tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
    });
    tokio::task::spawn_blocking(move || is_held.recv()).await.unwrap().unwrap();
    (release, holding)
}

#[tokio::test]
async fn cf_readyz_says_503_while_the_node_drains() {
    let mut desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    let (release, mut holding) = hold_the_database(&desk).await;
    // A command under way keeps the node from being done at once.
    socket.send("send_message", json!({"line_user_id": user, "text": "hello"})).await;
    let url = desk.url("/readyz");
    assert_eq!(desk.http.get(&url).send().await.unwrap().status(), 200);
    let stopping = desk.begin_stop();
    let not_ready = eventually("it is not ready", async || {
        let answer = Answer::of(desk.http.get(&url)).await;
        (answer.status != 200).then_some(answer)
    });
    not_ready.await.problem(503, "unavailable");
    let refused = SocketClient::open(ann.addr, &Opening::default()).await;
    assert_eq!(refused.map(drop), Err(503));
    drop(release);
    assert_eq!(socket.closed().await, Some(1012));
    holding.join_next().await.unwrap().unwrap();
    stopping.await.unwrap();
    // What was under way is done.
    desk.restart().await;
    let conversation = ann.at(desk.addr()).conversation(&user).await;
    assert_eq!(conversation["last_message"]["content"], "hello");
}

#[tokio::test]
async fn wh1_what_was_stored_survives_a_crash_and_a_restart() {
    let mut desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    desk.restart().await;
    let again = ann.at(desk.addr());
    let conversation = again.conversation(&user).await;
    assert_eq!(conversation["session"]["operator_id"], again.id);
    assert_eq!(conversation["messages"][0]["content"], "agent");
}

#[tokio::test]
async fn several_nodes_share_one_desk_on_postgresql_and_nats() {
    let (Some(postgres), Some(nats)) = (postgres_url(), nats_url()) else { return };
    let mut desk = TestDesk::builder().postgres(&postgres).nats(&nats).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let second = desk.start_node().await;
    let mut there = SocketClient::signed_in(&ann.at(desk.addr_of(second)), None).await;
    let user = desk.customer_waiting("Somchai").await;
    there.event_where("session_created", |payload| payload["line_user_id"] == user).await;
    there.command("claim_session", json!({"line_user_id": user})).await.expect("session_claimed");
    desk.kill_node(0).await;
    let ann = ann.at(desk.addr());
    assert_eq!(ann.conversation(&user).await["session"]["status"], "ACTIVE");
    there.send("send_message", json!({"line_user_id": user, "text": "hello"})).await;
    eventually("the message arrives", async || (!desk.line.received(&user).is_empty()).then_some(())).await;
    there.close().await;
    desk.stop().await;
}
