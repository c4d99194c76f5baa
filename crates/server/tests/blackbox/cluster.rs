//! Two nodes on PostgreSQL and NATS, an operator on each: one desk, whichever node one talks to.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use linedesk_line::signature;
use linedesk_protocol::{OperatorId, Role};
use linedesk_simulator::{Endpoint, Fault, Outcome};
use linedesk_store::Origin;
use linedesk_store::ops::operators;
use reqwest::Method;
use serde_json::{Value, json};

use super::binary::Binary;
use super::client::{Answer, Client};
use super::harness::{Builder, TestDesk, nats_url, postgres_url};
use super::line_calls::{no_quota, pushes_only};
use super::line_events;
use super::proxy::Proxy;
use super::socket::SocketClient;

/// PostgreSQL and NATS. Only where nobody counts on these tests may they be missing.
pub(crate) fn services() -> Option<(String, String)> {
    let found = postgres_url().zip(nats_url());
    let must = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(found.is_some() || !must, "CI has no LINEDESK_TEST_POSTGRES_URL or no LINEDESK_TEST_NATS_URL");
    found
}

/// Two nodes; ann works on the first, ben on the second.
struct Cluster {
    desk: TestDesk,
    ann: Client,
    ben: Client,
}

impl Cluster {
    async fn start(change: impl FnOnce(Builder) -> Builder) -> Option<Self> {
        let (postgres, nats) = services()?;
        Some(Self::start_on(change(TestDesk::builder().postgres(&postgres).nats(&nats))).await)
    }

    async fn start_on(builder: Builder) -> Self {
        let mut desk = builder.start().await;
        let second = desk.start_node().await;
        let ann = desk.operator("ann", Role::Agent).await;
        let ben = desk.operator("ben", Role::Agent).await.at(desk.addr_of(second));
        Self { desk, ann, ben }
    }

    async fn sockets(&self) -> (SocketClient, SocketClient) {
        (self.desk.socket(&self.ann).await, self.desk.socket(&self.ben).await)
    }

    /// LINE's webhooks go to this client's node from now on.
    fn webhooks_to(&self, client: &Client) {
        self.desk.line.set_webhook_url(format!("http://{}/line/webhook", client.addr));
    }
}

async fn join(socket: &mut SocketClient, user: &str) {
    socket.command("join_room", json!({"line_user_id": user})).await.expect("conversation_update");
}

#[tokio::test]
async fn ws6_a_message_through_either_nodes_webhook_is_seen_on_both() {
    let Some(cluster) = Cluster::start(|builder| builder).await else { return };
    let user = cluster.desk.customer_waiting("Somchai").await;
    let (mut anns, mut bens) = cluster.sockets().await;
    join(&mut anns, &user).await;
    join(&mut bens, &user).await;
    for (client, text) in [(&cluster.ann, "through the first"), (&cluster.ben, "through the second")] {
        cluster.webhooks_to(client);
        cluster.desk.says(&user, text).await;
        for socket in [&mut anns, &mut bens] {
            let message = socket.event("new_message").await;
            assert_eq!(message["content"], text);
            let told = socket.event_where("conversation_update", |payload| payload["last_message"]["content"] == text);
            assert_eq!(told.await.payload["line_user_id"], user);
        }
    }
}

#[tokio::test]
async fn se3_of_claims_on_both_nodes_one_wins_and_the_other_is_told_who() {
    let Some(cluster) = Cluster::start(Builder::without_limits).await else { return };
    let (mut anns, mut bens) = cluster.sockets().await;
    for round in 0..10 {
        let user = cluster.desk.customer_waiting(&format!("Customer {round}")).await;
        let claim = json!({"line_user_id": user});
        let (first, second) =
            tokio::join!(anns.command("claim_session", claim.clone()), bens.command("claim_session", claim.clone()));
        let (ann, ben) = (cluster.ann.id, cluster.ben.id);
        let (winner, won, lost) =
            if first.kind == "session_claimed" { (ann, first, second) } else { (ben, second, first) };
        assert_eq!(won.expect("session_claimed")["operator_id"], winner);
        let details = lost.error("session_not_found")["details"].clone();
        let name = if winner == ann { "Ann" } else { "Ben" };
        let reason = json!({"reason": "already_claimed", "operator_id": winner, "operator_name": name});
        assert_eq!(details, reason);
        let loser = if winner == ann { &mut bens } else { &mut anns };
        let told = loser.event_where("session_claimed", |payload| payload["line_user_id"] == user).await;
        assert_eq!(told.payload["operator_id"], winner);
        assert_eq!(cluster.ann.conversation(&user).await["session"]["operator_id"], winner);
    }
}

#[tokio::test]
async fn ws_what_is_sent_on_one_node_is_seen_on_the_other_and_acked_to_the_sender() {
    let Some(cluster) = Cluster::start(|builder| builder.without_limits().simulator(no_quota)).await else { return };
    let user = cluster.desk.customer_of("Somchai", &cluster.ann).await;
    let (mut anns, mut bens) = cluster.sockets().await;
    join(&mut bens, &user).await;
    for n in 0..20 {
        let (text, temp_id) = (format!("message {n}"), format!("temp-{n}"));
        let body = json!({"line_user_id": user, "text": text, "temp_id": temp_id});
        let sent = anns.command("send_message", body).await.expect("message_sent");
        assert_eq!(bens.event("new_message").await["id"], sent["id"]);
        for socket in [&mut anns, &mut bens] {
            let ack = socket.event("message_ack").await;
            assert_eq!((&ack["message_id"], &ack["delivery"]["state"]), (&sent["id"], &json!("accepted")));
        }
    }
    assert_eq!(cluster.desk.texts_at(&user).len(), 20);
}

#[tokio::test]
async fn ws_presence_rooms_and_typing_cross_nodes() {
    let Some(cluster) = Cluster::start(|builder| builder).await else { return };
    let user = cluster.desk.customer_waiting("Somchai").await;
    let (mut anns, mut bens) = cluster.sockets().await;
    let (ann, ben) = (cluster.ann.id, cluster.ben.id);
    let both = |status: &'static str| {
        move |who: &[(i64, String)]| who == [(ann, "online".to_owned()), (ben, status.to_owned())]
    };
    anns.presence(both("online")).await;
    bens.command("set_status", json!({"status": "busy"})).await.expect("presence_update");
    anns.presence(both("busy")).await;
    join(&mut anns, &user).await;
    join(&mut bens, &user).await;
    assert_eq!(anns.event("operator_joined").await["admin_id"], ben.to_string());
    bens.send("typing_start", json!({"line_user_id": user})).await;
    let typing = anns.event("typing_indicator").await;
    assert_eq!((&typing["admin_id"], &typing["is_typing"]), (&json!(ben.to_string()), &json!(true)));
    bens.close().await;
    assert_eq!(anns.event("typing_indicator").await["is_typing"], false);
    assert_eq!(anns.event("operator_left").await["admin_id"], ben.to_string());
    anns.presence(|who| who == [(ann, "online".to_owned())]).await;
}

#[tokio::test]
async fn ws7_limits_are_one_over_both_nodes() {
    let limited = |builder: Builder| builder.manual_clock().set("sends_burst", "5").set("sends_per_minute", "60");
    let Some(cluster) = Cluster::start(limited).await else { return };
    let user = cluster.desk.customer_of("Somchai", &cluster.ann).await;
    let (mut here, mut bens) = cluster.sockets().await;
    let mut there = cluster.desk.socket(&cluster.ann.at(cluster.ben.addr)).await;
    join(&mut here, &user).await;
    join(&mut bens, &user).await;
    for n in 0..5 {
        let body = json!({"line_user_id": user, "text": format!("message {n}")});
        here.command("send_message", body).await.expect("message_sent");
    }
    // It is told after what was taken, on the same way.
    here.send("typing_start", json!({})).await;
    bens.event("typing_indicator").await;
    let body = json!({"line_user_id": user, "text": "one too many"});
    let refused = there.command("send_message", body.clone()).await.error("rate_limit_exceeded");
    assert_eq!(refused["retryable"], true);
    assert!((1..=1000).contains(&refused["retry_after_ms"].as_i64().unwrap()), "{refused}");
    cluster.desk.advance(Duration::from_secs(1));
    there.command("send_message", body.clone()).await.expect("message_sent");
    there.command("send_message", body).await.error("rate_limit_exceeded");
}

#[tokio::test]
async fn ws6_a_socket_resumes_on_the_other_node_without_gap_or_repeat() {
    let Some(cluster) = Cluster::start(Builder::without_limits).await else { return };
    let (mut anns, mut bens) = cluster.sockets().await;
    let before = cluster.desk.customer_waiting("Before").await;
    anns.event_where("session_created", |payload| payload["line_user_id"] == before).await;
    bens.event_where("session_created", |payload| payload["line_user_id"] == before).await;
    // Ben is a witness: he hears it all, as it happens.
    anns.catch_up(&cluster.desk).await;
    bens.catch_up(&cluster.desk).await;
    let (seq, _) = (anns.last_seq, bens.unread());
    anns.close().await;
    for (n, client) in [&cluster.ann, &cluster.ben].into_iter().cycle().take(10).enumerate() {
        cluster.webhooks_to(client);
        let user = cluster.desk.customer_waiting(&format!("Customer {n}")).await;
        cluster.ben.act(&user, "claim", Value::Null).await.ok();
        if n % 2 == 0 {
            cluster.ben.act(&user, "close", Value::Null).await.ok();
        }
    }
    let mut resumed = SocketClient::signed_in(&cluster.ann.at(cluster.ben.addr), Some(seq)).await;
    assert_eq!(resumed.welcome["resumed"], true);
    let last = cluster.desk.customer_waiting("Live again").await;
    for socket in [&mut resumed, &mut bens] {
        socket.event_where("session_created", |payload| payload["line_user_id"] == last).await;
    }
    let sessions = |frames: Vec<super::socket::Frame>| -> Vec<_> {
        let frames = frames.into_iter().filter(|frame| frame.kind.starts_with("session_"));
        frames.map(|frame| (frame.seq, frame.kind, frame.payload)).collect()
    };
    let (missed, witnessed) = (sessions(resumed.all(&cluster.desk).await), sessions(bens.all(&cluster.desk).await));
    assert_eq!(witnessed.len(), 25);
    assert_eq!(missed, witnessed);
}

#[tokio::test]
async fn au3_deactivation_closes_sockets_on_both_nodes() {
    let Some(cluster) = Cluster::start(|builder| builder).await else { return };
    let (mut anns, mut bens) = cluster.sockets().await;
    let mut anns_other = cluster.desk.socket(&cluster.ann.at(cluster.ben.addr)).await;
    let (ann, now) = (OperatorId(cluster.ann.id), linedesk_protocol::Timestamp(cluster.desk.now_ms()));
    cluster.desk.in_store(move |tx| operators::deactivate(tx, ann, &Origin::system("test"), now)).await;
    assert_eq!((anns.closed().await, anns_other.closed().await), (Some(4002), Some(4002)));
    for addr in [cluster.ann.addr, cluster.ben.addr] {
        cluster.ann.at(addr).get("/operators").await.problem(401, "auth_invalid_token");
    }
    bens.command("ping", json!({})).await.expect("pong");
}

#[tokio::test]
async fn wh2_an_event_posted_to_both_nodes_at_once_has_its_effects_once() {
    let Some(cluster) = Cluster::start(|builder| builder).await else { return };
    let desk = &cluster.desk;
    let mut users = Vec::new();
    for round in 0..20 {
        let user = line_events::new_user();
        let events: Vec<_> = (0..3).map(|n| line_events::text(&user, &format!("agent {round} {n}"))).collect();
        let body = json!({"destination": "Udestination", "events": events}).to_string();
        let posts = [cluster.ann.addr, cluster.ben.addr, cluster.ann.addr, cluster.ben.addr].map(async |addr| {
            let request = desk.http.post(format!("http://{addr}/line/webhook")).body(body.clone());
            let signature = signature::sign(&desk.channel_secret, body.as_bytes());
            Answer::of(request.header(signature::HEADER, signature)).await
        });
        for answer in join_all(posts).await {
            assert_eq!((answer.status, answer.text.as_str()), (200, "OK"));
        }
        users.push(user);
    }
    for user in users {
        let texts: Vec<_> = cluster.ann.thread(&user).await.iter().map(|message| message["content"].clone()).collect();
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert_eq!(cluster.ann.conversation(&user).await["unread_count"], 3);
    }
}

#[tokio::test]
async fn dl8_both_workers_never_send_the_same_batch_twice() {
    let Some(cluster) = Cluster::start(pushes_only).await else { return };
    let desk = &cluster.desk;
    let mut users = Vec::new();
    for n in 0..15 {
        users.push(desk.customer_of(&format!("Customer {n}"), &cluster.ann).await);
    }
    let ann_there = cluster.ann.at(cluster.ben.addr);
    let sending = users.iter().map(async |user| {
        for n in 0..8 {
            let client = if n % 2 == 0 { &cluster.ann } else { &ann_there };
            client.writes(user, &format!("{user} {n}")).await;
        }
    });
    join_all(sending).await;
    for user in &users {
        desk.arrives(user, &format!("{user} 7")).await;
        assert_eq!(desk.texts_at(user), (0..8).map(|n| format!("{user} {n}")).collect::<Vec<_>>(), "DL2");
    }
    let calls = desk.line_calls();
    let keys: HashSet<_> = calls.iter().map(|call| call.retry_key.clone().unwrap()).collect();
    assert_eq!(keys.len(), calls.len(), "a batch was sent twice");
    assert!(calls.iter().all(|call| call.status == Some(200)));
    let mut times = HashMap::new();
    calls.iter().flat_map(|call| &call.texts).for_each(|text| *times.entry(text).or_insert(0) += 1);
    assert_eq!((times.len(), times.values().max()), (120, Some(&1)));
}

#[tokio::test]
async fn dl8_when_a_node_dies_sending_the_other_goes_on() {
    let Some((postgres, nats)) = services() else { return };
    let builder = TestDesk::builder().postgres(&postgres).nats(&nats).manual_clock();
    let mut desk = builder.without_limits().simulator(no_quota).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let names = ["by push, unheard", "by push, heard", "by reply"];
    let mut users = Vec::new();
    for name in names {
        users.push(desk.customer_of(name, &ann).await);
    }
    for user in &users[..2] {
        ann.writes(user, "uses the token up").await;
        desk.arrives(user, "uses the token up").await;
    }
    let faults = [
        (Endpoint::Push, Fault::hang()),
        (Endpoint::Push, Fault::hang_after()),
        (Endpoint::Reply, Fault::hang_after()),
    ];
    let mut sent = Vec::new();
    for ((user, name), (endpoint, fault)) in users.iter().zip(names).zip(faults) {
        desk.line.set_fault(endpoint, fault.once());
        sent.push(ann.writes(user, name).await);
        desk.fault_is_used_up(endpoint).await;
    }
    // Only now is there another: the first has all the calls.
    let second = desk.start_node().await;
    let ann = ann.at(desk.addr_of(second));
    desk.kill_node(0).await;
    for name in names {
        assert_eq!(desk.called(name, 1).await[0].outcome, Outcome::Abandoned);
    }
    // No time passes that the test does not tell of: the leases do not end by themselves.
    for (at, state, arrived) in [(0, "accepted", 1), (1, "accepted", 1), (2, "unknown", 1)] {
        ann.delivery_becomes(&users[at], &sent[at]["id"], state).await;
        let calls = desk.line_calls_with(names[at]);
        assert!(calls.iter().all(|call| call.retry_key == calls[0].retry_key), "{calls:?}");
        assert_eq!(calls.len(), if state == "unknown" { 1 } else { 2 });
        assert_eq!(desk.texts_at(&users[at]).iter().filter(|text| **text == names[at]).count(), arrived);
    }
}

#[tokio::test]
async fn ws6_without_the_bus_events_come_through_the_database_and_it_is_taken_up_again() {
    let Some((postgres, nats)) = services() else { return };
    let (proxy, nats) = Proxy::before(&nats);
    let builder = TestDesk::builder().postgres(&postgres).nats(&nats).without_limits();
    let cluster = Cluster::start_on(builder).await;
    let user = cluster.desk.customer_of("Somchai", &cluster.ann).await;
    let (mut anns, mut bens) = cluster.sockets().await;
    join(&mut anns, &user).await;
    join(&mut bens, &user).await;
    let ready = async |client: &Client, status: u16| {
        super::harness::eventually(&format!("/readyz says {status}"), async || {
            let answer = Answer::of(client.http.get(format!("http://{}/readyz", client.addr))).await;
            (answer.status == status).then_some(())
        })
        .await;
    };
    proxy.down().await;
    for client in [&cluster.ann, &cluster.ben] {
        ready(client, 503).await;
    }
    for n in 0..5 {
        let text = format!("without the bus {n}");
        let body = json!({"line_user_id": user, "text": text});
        let begun = Instant::now();
        let sent = anns.command("send_message", body).await.expect("message_sent");
        assert_eq!(bens.event("new_message").await["id"], sent["id"]);
        assert_eq!(anns.event("message_ack").await["message_id"], sent["id"]);
        bens.event("message_ack").await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
    proxy.up().await;
    for client in [&cluster.ann, &cluster.ben] {
        ready(client, 200).await;
    }
    // What only the bus carries; while the other node subscribes anew, a word may still be lost.
    super::harness::eventually("typing is told across", async || {
        anns.send("typing_start", json!({"line_user_id": user})).await;
        bens.catch_up(&cluster.desk).await;
        bens.unread().iter().any(|frame| frame.kind == "typing_indicator").then_some(())
    })
    .await;
}

#[tokio::test]
async fn cf_a_bus_that_cannot_be_reached_at_the_start_is_exit_1_with_one_line() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = nobody.local_addr().unwrap();
    drop(nobody);
    let binary = Binary::new().env("LINEDESK_NATS_URL", &format!("nats://{addr}"));
    let ended = binary.run(&["serve", "--listen", "127.0.0.1:0", "--log", "off"]).await;
    assert!(ended.failed(1).contains("message bus"), "{ended:?}");
}

#[tokio::test]
async fn a_channel_that_one_node_made_or_changed_is_used_by_the_other_at_once() {
    let Some(cluster) = Cluster::start(|builder| builder).await else { return };
    let (desk, second) = (&cluster.desk, cluster.ben.addr);
    let lead = desk.operator("lead", Role::Admin).await;
    let set = async |path: &str, wish: Value| Answer::of(lead.request(Method::POST, path).json(&wish)).await;
    let webhook = async |path: &str, secret: &str| {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let body = json!({"destination": desk.line.bot_user_id(), "events": [{
            "type": "message", "webhookEventId": id, "timestamp": desk.now_ms(), "mode": "active",
            "deliveryContext": {"isRedelivery": false}, "source": {"type": "user", "userId": format!("U{id}")},
            "message": {"id": id, "type": "text", "text": "hello"},
        }]})
        .to_string();
        let url = format!("http://{second}{path}");
        let signature = signature::sign(secret, body.as_bytes());
        let request = desk.http.post(url).header(signature::HEADER, signature).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    // The other node knows none of it until it is called.
    let token = desk.line.channel_access_token();
    let new = json!({"name": "shop", "channel_secret": "shops-secret", "access_token": token});
    set("/api/v1/admin/channels", new).await.is(201);
    assert_eq!(webhook("/line/webhook/shop", "shops-secret").await, 200);
    set("/api/v1/admin/channels/1", json!({"channel_secret": "another-secret"})).await.ok();
    assert_eq!(webhook("/line/webhook", "another-secret").await, 200);
    assert_eq!(webhook("/line/webhook", &desk.channel_secret).await, 400, "the one before");
}
