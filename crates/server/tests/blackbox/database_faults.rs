//! The database is locked, full, cut off or silent: the desk says so, does nothing by halves, and goes on by itself.

use std::cell::{Cell, RefCell};
use std::process::Stdio;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use linedesk_line::signature;
use linedesk_protocol::Role;
use linedesk_simulator::{Endpoint, Fault};
use linedesk_store::ops::operators::OperatorError;
use linedesk_store::{Access, Store};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use super::checker::{Checker, Taken};
use super::client::{Answer, Client};
use super::cluster::services;
use super::harness::{DEADLINE, TestDesk, eventually};
use super::line_calls::pushes_only;
use super::line_events::{self, redelivered};
use super::proxy::Proxy;

/// Another program that writes to the desk's database and does not come to an end.
struct Lock {
    release: SyncSender<()>,
    holder: JoinSet<()>,
}

impl Lock {
    async fn take(desk: &TestDesk) -> Self {
        let location = desk.location.clone();
        let store =
            tokio::task::spawn_blocking(move || Store::open(&location, Access::Command).unwrap()).await.unwrap();
        let (release, released) = std::sync::mpsc::sync_channel(1);
        let (held, mut is_held) = tokio::sync::mpsc::channel(1);
        let mut holder = JoinSet::new();
        holder.spawn(async move {
            let holding = store.write::<_, OperatorError, _>(move |_| {
                let _ = held.blocking_send(());
                let _ = released.recv_timeout(2 * DEADLINE);
                Ok(())
            });
            holding.await.unwrap();
            tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
        });
        is_held.recv().await.unwrap();
        Self { release, holder }
    }

    async fn release(mut self) {
        self.release.send(()).unwrap();
        self.holder.join_next().await.unwrap().unwrap();
    }
}

fn count(thread: &[Value], text: &str) -> usize {
    thread.iter().filter(|message| message["content"] == text).count()
}

#[tokio::test]
async fn wh1_a_database_locked_for_long_is_503_and_nothing_is_lost() {
    let desk = TestDesk::builder().without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let mut socket = desk.socket(&ann).await;
    desk.line.set_fault(Endpoint::Reply, Fault::delay(Duration::from_millis(500)).once());
    let under_way = ann.writes(&user, "under way").await;
    desk.fault_is_used_up(Endpoint::Reply).await;
    let lock = Lock::take(&desk).await;

    let event = line_events::text(&user, "while it is locked");
    let (by_rest, by_socket) =
        (json!({"text": "by REST", "temp_id": "r"}), json!({"text": "by socket", "temp_id": "s"}));
    let socket_body = json!({"line_user_id": user, "text": "by socket", "temp_id": "s"});
    let (webhook, refused, error) = tokio::join!(
        desk.webhook(std::slice::from_ref(&event)),
        ann.act(&user, "messages", by_rest.clone()),
        socket.command("send_message", socket_body.clone()),
    );
    webhook.problem(503, "unavailable");
    refused.problem(503, "unavailable");
    let error = error.error("unavailable");
    assert_eq!((&error["retryable"], &error["temp_id"]), (&json!(true), &json!("s")));
    // Reading goes on meanwhile.
    assert_eq!(count(&ann.thread(&user).await, "while it is locked"), 0);
    lock.release().await;

    for _ in 0..2 {
        desk.receive(&[redelivered(&event)]).await;
    }
    let first = ann.act(&user, "messages", by_rest.clone()).await.is(201);
    assert_eq!(ann.act(&user, "messages", by_rest).await.is(200)["id"], first["id"]);
    socket.command("send_message", socket_body).await.expect("message_sent");
    assert_eq!(ann.act(&user, "messages", by_socket).await.is(200)["content"], "by socket");
    // What LINE said in the meantime is not lost either: it was accepted, so it is not `unknown`.
    assert_eq!(ann.delivery_becomes(&user, &under_way["id"], "accepted").await["cost"], "free");
    let thread = ann.thread(&user).await;
    for text in ["while it is locked", "by REST", "by socket"] {
        assert_eq!(count(&thread, text), 1, "{text}");
    }
}

/// The real executable, whose files can be kept from growing: as a disk that is full.
struct OnSmallDisk {
    child: Child,
    client: Client,
    dir: tempfile::TempDir,
    _log: JoinSet<()>,
}

const SECRET: &str = "the channel's secret";

impl OnSmallDisk {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // The signal that tells of a file too large would end the process; a full disk sends none.
        let script = "trap '' XFSZ; exec \"$0\" serve --listen 127.0.0.1:0 --log-format json";
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_linedesk")]).current_dir(dir.path()).env_clear();
        command
            .env("LINEDESK_BOOTSTRAP_ADMIN", "root:rooted and grounded")
            .env("LINEDESK_LINE_CHANNEL_SECRET", SECRET)
            .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", "token")
            .env("LINEDESK_LINE_API_URL", "http://127.0.0.1:9")
            .env("LINEDESK_COMMANDS_PER_MINUTE", "60000");
        let mut child = command.stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let serving = async {
            loop {
                let line = lines.next_line().await.unwrap().expect("it ended");
                let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                if entry["fields"]["message"] == "linedesk serves" {
                    return entry["fields"]["listen"].as_str().unwrap().parse().unwrap();
                }
            }
        };
        let addr = tokio::time::timeout(DEADLINE, serving).await.unwrap();
        let mut log = JoinSet::new();
        log.spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
        let client = Client::sign_in(http, addr, "root", "rooted and grounded").await;
        Self { child, client, dir, _log: log }
    }

    async fn limit_files(&self, to: &str) {
        let pid = self.child.id().unwrap().to_string();
        let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={to}:")]).status().await.unwrap();
        assert!(done.success());
    }

    /// No file may become larger than the largest is now, and a little.
    async fn fill_disk(&self) {
        let files = std::fs::read_dir(self.dir.path().join("data")).unwrap();
        let largest = files.map(|file| file.unwrap().metadata().unwrap().len()).max().unwrap();
        self.limit_files(&(largest + 1_000_000).to_string()).await;
    }

    async fn receive(&self, event: &Value) -> Answer {
        let body = json!({"events": [event]}).to_string();
        let request = self.client.http.post(format!("http://{}/line/webhook", self.client.addr));
        let signature = signature::sign(SECRET, body.as_bytes());
        Answer::of(request.header(signature::HEADER, signature).body(body)).await
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn wh1_a_full_disk_is_503_nothing_is_half_done_and_it_goes_on_when_there_is_room() {
    let desk = OnSmallDisk::start().await;
    let root = &desk.client;
    let user = line_events::new_user();
    assert_eq!(desk.receive(&line_events::text(&user, "agent")).await.status, 200);
    root.act(&user, "claim", Value::Null).await.ok();
    desk.fill_disk().await;
    let long = "x".repeat(4_000);
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    while refused.len() < 3 {
        let text = format!("{} {long}", stored.len() + refused.len());
        let event = line_events::text(&user, &text);
        let answer = desk.receive(&event).await;
        if answer.status == 200 {
            stored.push(text);
        } else {
            answer.problem(503, "unavailable");
            refused.push((text, event));
        }
        assert!(stored.len() < 1_000, "the disk never fills");
    }
    assert!(!stored.is_empty());
    let send = json!({"text": format!("an answer {long}"), "temp_id": "t"});
    root.act(&user, "messages", send.clone()).await.problem(503, "unavailable");
    let before = root.thread(&user).await;
    assert_eq!(before.len(), stored.len() + 1, "all that was taken, and nothing of what was refused");
    let summary = root.conversation(&user).await;
    assert_eq!(summary["unread_count"], stored.len() + 1);

    desk.limit_files("unlimited").await;
    for (_, event) in &refused {
        for _ in 0..2 {
            assert_eq!(desk.receive(&redelivered(event)).await.status, 200);
        }
    }
    root.act(&user, "messages", send.clone()).await.is(201);
    root.act(&user, "messages", send).await.is(200);
    let thread = root.thread(&user).await;
    assert_eq!(thread.len(), stored.len() + refused.len() + 2);
    for text in stored.iter().chain(refused.iter().map(|(text, _)| text)) {
        assert_eq!(count(&thread, text), 1);
    }
}

async fn becomes_ready(desk: &TestDesk, status: u16) {
    eventually(&format!("/readyz says {status}"), async || (desk.get("/readyz").await.status == status).then_some(()))
        .await;
}

#[tokio::test]
async fn wh1_a_database_that_is_cut_off_under_load_loses_nothing_and_doubles_nothing() {
    let Some((postgres, _)) = services() else { return };
    let (proxy, postgres) = Proxy::before(&postgres);
    let desk = pushes_only(TestDesk::builder().postgres(&postgres)).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut users = Vec::new();
    for n in 0..6 {
        users.push(desk.customer_of(&format!("Customer {n}"), &ann).await);
    }
    let acknowledged = Cell::new(0);
    let checker = RefCell::new(Checker::default());
    let is_taken = |answer: Answer| match answer.status {
        200 | 201 => {
            acknowledged.set(acknowledged.get() + 1);
            Some(answer)
        }
        _ => {
            answer.problem(503, "unavailable");
            None
        }
    };
    let load = users.iter().map(async |user| {
        for n in 0..40 {
            let (incoming, outgoing) = (format!("in {n}"), format!("out {n}"));
            let event = line_events::text(user, &incoming);
            eventually("a webhook is taken", async || is_taken(desk.webhook(std::slice::from_ref(&event)).await)).await;
            checker.borrow_mut().received(user, &incoming);
            let body = json!({"text": outgoing, "temp_id": format!("{user} {n}")});
            let taken = async || is_taken(ann.act(user, "messages", body.clone()).await);
            let id = eventually("a message is taken", taken).await.json()["id"].as_i64().unwrap();
            checker.borrow_mut().taken.push(Taken { user: user.clone(), text: outgoing, id });
        }
    });
    let cuts = async {
        for part in 1..8 {
            eventually("the load goes on", async || (acknowledged.get() >= part * 50).then_some(())).await;
            proxy.cut();
            if part == 4 {
                proxy.down().await;
                becomes_ready(&desk, 503).await;
                let event = line_events::text(&users[0], "refused");
                desk.webhook(&[event]).await.problem(503, "unavailable");
                assert_eq!(desk.get("/healthz").await.status, 200);
                proxy.up().await;
                let up = Instant::now();
                becomes_ready(&desk, 200).await;
                println!("ready {:.1} s after the database was there", up.elapsed().as_secs_f64());
            }
        }
    };
    tokio::join!(join_all(load), cuts);
    let threads = checker.into_inner().check(&desk.line, &ann, &desk.location, &users, &mut [], || {}).await;
    for (user, thread) in threads {
        let of = |direction: &str| -> Vec<_> {
            let messages = thread.iter().filter(|message| message["direction"] == direction);
            messages.map(|message| message["content"].as_str().unwrap().to_owned()).collect()
        };
        let expected = |word: &str| (0..40).map(|n| format!("{word} {n}")).collect::<Vec<_>>();
        assert_eq!(of("INCOMING")[1..], expected("in"), "WH4: in their order");
        assert_eq!(desk.texts_at(&user), expected("out"), "all of it was accepted");
    }
}

#[tokio::test]
async fn dl8_a_commit_whose_answer_is_lost_loses_and_doubles_nothing_and_leaves_no_doubt() {
    let Some((postgres, _)) = services() else { return };
    let (proxy, postgres) = Proxy::before(&postgres);
    let desk = TestDesk::builder().postgres(&postgres).without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    // Of a message: it is taken, its lane is leased, the call is written down, and its outcome is.
    for commit in 0..4 {
        let user = desk.customer_of("Somchai", &ann).await;
        eventually("the profile is kept", async || {
            (ann.conversation(&user).await["display_name"] == "Somchai").then_some(())
        })
        .await;
        proxy.lose_answer(b"COMMIT", commit);
        let sent = ann.writes(&user, "hello").await;
        // Long before a lease would end.
        let delivery = ann.delivery_becomes(&user, &sent["id"], "accepted").await;
        assert_eq!(delivery["cost"], "free", "commit {commit}");
        assert!(!proxy.is_to_lose(), "commit {commit} never came");
        assert_eq!(
            (desk.line_calls_with("hello").len(), desk.texts_at(&user).len()),
            (usize::try_from(commit).unwrap() + 1, 1)
        );
    }
    let user = line_events::new_user();
    proxy.lose_answer(b"COMMIT", 0);
    desk.receive(&[line_events::text(&user, "in")]).await;
    assert!(!proxy.is_to_lose());
    assert_eq!(count(&ann.thread(&user).await, "in"), 1);
}

#[tokio::test]
async fn wh1_a_database_that_falls_silent_is_told_by_readyz_and_work_goes_on_after() {
    let Some((postgres, _)) = services() else { return };
    let (proxy, postgres) = Proxy::before(&postgres);
    let desk = TestDesk::builder().postgres(&postgres).start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    proxy.hold();
    becomes_ready(&desk, 503).await;
    let event = line_events::text(&user, "in the silence");
    let (answer, ()) = tokio::join!(desk.webhook(std::slice::from_ref(&event)), async {
        becomes_ready(&desk, 503).await;
        proxy.up().await;
    });
    assert_eq!(answer.status, 200, "{answer:?}");
    becomes_ready(&desk, 200).await;
    desk.receive(&[redelivered(&event)]).await;
    assert_eq!(count(&ann.thread(&user).await, "in the silence"), 1);
    ann.writes(&user, "back again").await;
    desk.arrives(&user, "back again").await;
}
