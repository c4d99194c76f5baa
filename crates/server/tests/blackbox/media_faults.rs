//! Files when something is in the way: LINE refuses or is busy, the media store is away, and what hostile files are.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method as Verb, StatusCode as Code, Uri};
use axum::response::{IntoResponse as _, Response};
use linedesk_protocol::Role;
use linedesk_simulator::{Content, Endpoint, Fault, IncomingMessage, Platform, Simulator, SimulatorOptions};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::binary::{Binary, Served};
use super::client::{Answer, CHAT, Client};
use super::harness::{DEADLINE, Line, TestDesk, eventually};

async fn newest(who: &Client, user: &str) -> Value {
    who.conversation(user).await["messages"].as_array().unwrap().last().unwrap().clone()
}

async fn upload(who: &Client, user: &str, name: &str, bytes: Vec<u8>) -> Answer {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    Answer::of(who.request(Method::POST, &format!("{CHAT}/conversations/{user}/media")).multipart(form)).await
}

fn photo() -> Content {
    Content::sample("photo").unwrap()
}

#[tokio::test]
async fn a_busy_line_is_asked_again_and_a_refusal_is_told_and_can_be_tried_again() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let is_asked = |sent: &str, times: usize| {
        let path = format!("/v2/bot/message/{sent}/content");
        move |line: &Platform| line.calls().filter(|call| call.path == path).count() >= times
    };
    for status in [429, 500] {
        let ann = desk.sign_in("ann").await;
        desk.line.set_fault(Endpoint::Other, Fault::status(status));
        let sent = desk.line.send_message(&user, &IncomingMessage::image(photo())).unwrap().message_id;
        desk.line.wait_for(is_asked(&sent, 1), DEADLINE).await.unwrap();
        eventually("it waits", async || {
            let media = newest(&ann, &user).await["media"].clone();
            (media["state"] == "fetching" && media.get("code").is_none()).then_some(())
        })
        .await;
        // From the second failure on the operator knows what it waits for.
        let told = eventually("it is told", async || {
            desk.advance(Duration::from_secs(1));
            let media = newest(&ann, &user).await["media"].clone();
            media.get("code").is_some().then_some(media)
        })
        .await;
        assert_eq!((&told["state"], &told["code"]), (&json!("fetching"), &json!("line_unavailable")), "{status}");
        desk.line.clear_faults();
        eventually("it comes", async || {
            desk.advance(Duration::from_secs(1));
            (newest(&ann, &user).await["media"]["state"] == "ready").then_some(())
        })
        .await;
    }
    let ann = desk.sign_in("ann").await;
    for status in [413, 415] {
        desk.line.set_fault(Endpoint::Other, Fault::status(status));
        desk.line.send_message(&user, &IncomingMessage::image(photo())).unwrap();
        let message = eventually("it is given up", async || {
            let message = newest(&ann, &user).await;
            (message["media"]["state"] == "failed").then_some(message)
        })
        .await;
        assert_eq!(message["media"]["code"], "line_rejected", "{status}");
        desk.line.clear_faults();
        ann.post(&format!("/messages/{}/fetch", message["id"]), &Value::Null).await.ok();
        eventually("it comes when it is asked for", async || {
            (newest(&ann, &user).await["media"]["state"] == "ready").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_file_that_line_does_not_take_is_told_once_and_never_sent_twice() {
    let desk = TestDesk::builder().public().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    // The token is used up, so that pushes are what is refused.
    ann.act(&user, "messages", json!({"text": "free"})).await.is(201);
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    for status in [400, 413, 415] {
        desk.line.set_fault(Endpoint::Push, Fault::status(status).once());
        let sent = upload(&ann, &user, "cat.jpg", photo().bytes.to_vec()).await.is(201);
        let failed = eventually("it is told", async || {
            let message = newest(&ann, &user).await;
            (message["delivery"]["state"] == "failed").then_some(message)
        })
        .await;
        assert_eq!(failed["id"], sent["id"]);
        assert_eq!(failed["delivery"]["code"], "line_rejected", "{status}: {failed}");
        assert_eq!(failed["media"]["state"], "ready", "the operator still sees it");
    }
    // LINE took it, and the answer was lost: again under the same key, and there once.
    desk.line.set_fault(Endpoint::Push, Fault::cut_after().once());
    upload(&ann, &user, "dog.jpg", photo().bytes.to_vec()).await.is(201);
    eventually("it is accepted", async || {
        let message = newest(&ann, &user).await;
        (message["delivery"]["state"] == "accepted").then_some(())
    })
    .await;
    let pictures = desk.line.received(&user).iter().filter(|message| message.kind == "image").count();
    assert_eq!(pictures, 1);
}

#[tokio::test]
async fn what_a_file_is_called_and_says_of_itself_is_not_believed() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let long = format!("{}.pdf", "ก".repeat(10_000));
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
    // A PNG of 60,000 × 60,000 pixels in a few bytes.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0".to_vec();
    bomb.extend([0; 64]);
    for (name, bytes, kind) in [
        ("holiday.jpg", zip, "application/zip"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(), ""),
        ("a.html", b"<html><script>alert(1)</script></html>".to_vec(), ""),
        ("empty.bin", Vec::new(), ""),
        (long.as_str(), b"%PDF-1.4 x".to_vec(), "application/pdf"),
        ("a\u{202e}gpj.exe\r\nset-cookie: x=1\0", b"MZ\x90\0".to_vec(), ""),
        ("bomb.png", bomb, "image/png"),
    ] {
        desk.line.send_message(&user, &IncomingMessage::file(name, Content::new("image/jpeg", bytes))).unwrap();
        desk.line.wait_until_idle(DEADLINE).await.unwrap();
        let media = eventually("it is there", async || {
            let media = newest(&ann, &user).await["media"].clone();
            (media["state"] != "fetching").then_some(media)
        })
        .await;
        assert_eq!(media["state"], "ready", "{name:.20}: {media}");
        assert_eq!(media["has_preview"], false, "{name:.20}");
        let shown = media["file_name"].as_str().unwrap();
        assert!(shown.chars().count() <= 255 && !shown.chars().any(char::is_control), "{shown:?}");
        assert!(!shown.contains('\u{202e}'), "{shown:?}");
        if !kind.is_empty() {
            assert_eq!(media["content_type"], kind);
        }
        let path = format!("/media/{}", media["id"].as_str().unwrap());
        let file = ann.request(Method::GET, &path).send().await.unwrap();
        let header = |name: &str| file.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        assert_eq!(header("set-cookie"), None);
        let policy = header("content-security-policy").unwrap();
        assert!(policy.contains("sandbox"), "{policy}");
        let is_download = header("content-disposition").unwrap().starts_with("attachment");
        assert!(is_download || kind == "image/png" || kind == "application/pdf", "{name:.20}");
        let served = header("content-type").unwrap();
        assert!(!served.contains("html") && !served.contains("svg"), "{served}");
    }
    // The desk still lives.
    desk.says(&user, "hello").await;
    assert_eq!(newest(&ann, &user).await["content"], "hello");
}

/// As much of S3 as the desk uses, in memory; away when a test says so.
#[derive(Clone, Default)]
struct S3(Arc<Mutex<(HashMap<String, Bytes>, bool)>>);

impl S3 {
    async fn start(&self, tasks: &mut JoinSet<()>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn set_away(&self, is_away: bool) {
        self.0.lock().unwrap().1 = is_away;
    }

    fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.0.lock().unwrap().0.keys().cloned().collect();
        keys.sort();
        keys
    }
}

async fn answer(State(s3): State<S3>, verb: Verb, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = s3.0.lock().unwrap();
    if state.1 {
        return Code::SERVICE_UNAVAILABLE.into_response();
    }
    assert!(headers["authorization"].to_str().unwrap().starts_with("AWS4-HMAC-SHA256 "), "signed");
    let key = uri.path().to_owned();
    match verb {
        Verb::PUT => {
            state.0.insert(key, body);
            ([("etag", "\"1\"")], "").into_response()
        }
        Verb::GET | Verb::HEAD => {
            let Some(object) = state.0.get(&key) else { return Code::NOT_FOUND.into_response() };
            let dated = [("etag", "\"1\"".to_owned()), ("last-modified", "Mon, 05 Jan 2026 03:00:00 GMT".to_owned())];
            let range = headers.get("range").map(|range| range.to_str().unwrap().to_owned());
            let Some(range) = range else { return (dated, object.clone()).into_response() };
            let (from, to) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            let from: usize = from.parse().unwrap();
            let to = to.parse().map_or(object.len(), |to: usize| to + 1).min(object.len());
            let told = [("content-range", format!("bytes {from}-{}/{}", to - 1, object.len()))];
            (Code::PARTIAL_CONTENT, dated, told, object.slice(from..to)).into_response()
        }
        Verb::DELETE => {
            state.0.remove(&key);
            Code::NO_CONTENT.into_response()
        }
        // Several at once: `POST /bucket?delete`.
        Verb::POST => {
            let text = String::from_utf8(body.to_vec()).unwrap();
            let named: Vec<_> = text.split("<Key>").skip(1).map(|part| part.split("</Key>").next().unwrap()).collect();
            let mut told = String::new();
            for name in named {
                state.0.remove(&format!("{}/{name}", key.trim_end_matches('/')));
                told = format!("{told}<Deleted><Key>{name}</Key></Deleted>");
            }
            format!("<?xml version=\"1.0\"?><DeleteResult>{told}</DeleteResult>").into_response()
        }
        _ => Code::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// A real server with its LINE, and a customer of its admin's.
async fn served(binary: &Binary, line: &Simulator) -> (Served, Client, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let flags = [
        "--line-channel-secret",
        line.channel_secret(),
        "--line-channel-access-token",
        line.channel_access_token(),
        "--line-api-url",
        &line.base_url(),
        "--line-data-api-url",
        &line.base_url(),
        "--public-url",
        "http://127.0.0.1:9",
        "--bootstrap-admin",
        "root:rooted and grounded",
    ];
    let served = binary.serve(&flags).await;
    line.set_webhook_url(format!("http://{}/line/webhook", served.addr));
    let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
    let root = Client::sign_in(http, served.addr, "root", "rooted and grounded").await;
    let user = line.add_customer("Somchai", "th", None).unwrap();
    line.send_text(&user, "agent").unwrap();
    line.wait_until_idle(DEADLINE).await.unwrap();
    root.act(&user, "claim", Value::Null).await.ok();
    (served, root, user)
}

#[tokio::test]
async fn a_full_disk_holds_files_up_and_nothing_else_and_they_come_when_there_is_room() {
    let line = Line::start(SimulatorOptions::default()).await;
    let binary = Binary::new().with_full_disk_at(8 * 1024);
    let (served, root, user) = served(&binary, &line).await;
    let large = Content { length: 20_000_000, ..Content::new("x/y", "data") };
    line.send_message(&user, &IncomingMessage::file("a.bin", large)).unwrap();
    eventually("the operator knows what it waits for", async || {
        let media = newest(&root, &user).await["media"].clone();
        (media["state"] == "fetching" && media["code"] == "unavailable").then_some(())
    })
    .await;
    let refused = upload(&root, &user, "b.bin", vec![1; 20_000_000]).await;
    assert!(refused.problem(503, "unavailable")["detail"].as_str().unwrap().contains("disk full"));
    root.act(&user, "messages", json!({"text": "one moment"})).await.is(201);
    line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    line.send_text(&user, "of course").unwrap();
    line.wait_until_idle(DEADLINE).await.unwrap();
    assert_eq!(newest(&root, &user).await["content"], "of course");
    served.make_room().await;
    eventually("it is there", async || {
        let told = root.conversation(&user).await;
        let came =
            told["messages"].as_array().unwrap().iter().any(|message| message["media"]["size_bytes"] == 20_000_000);
        came.then_some(())
    })
    .await;
    assert_eq!(served.terminate().await.0, 0);
}

/// What the desk keeps in its media folder.
fn kept(binary: &Binary) -> usize {
    let folders = std::fs::read_dir(binary.data_dir().join("media")).into_iter().flatten();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).map_or(1, Iterator::count)).sum()
}

/// A form with a file of zeros, made as it travels.
fn zeros(bytes: u64) -> Form {
    let piece = Bytes::from(vec![0; 256 * 1024]);
    let pieces = futures_util::stream::unfold(bytes, move |left| {
        let size = usize::try_from(left).unwrap().min(piece.len());
        let next = Ok::<_, std::io::Error>(piece.slice(..size));
        std::future::ready((left > 0).then_some((next, left - size as u64)))
    });
    Form::new().part("file", Part::stream_with_length(reqwest::Body::wrap_stream(pieces), bytes).file_name("film.mp4"))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_too_large_is_refused_whole_and_costs_neither_memory_nor_disk() {
    let line = Line::start(SimulatorOptions::default()).await;
    let binary = Binary::new();
    let (served, root, user) = served(&binary, &line).await;
    let before = served.peak_kb();

    // `media_max_mb` as it is by default.
    let request =
        root.request(Method::POST, &format!("{CHAT}/conversations/{user}/media")).multipart(zeros(201_000_000));
    let refused = Answer::of(request).await.problem(413, "payload_too_large");
    assert!(refused["detail"].as_str().unwrap().contains("200 MB"), "{refused}");
    assert_eq!((line.received(&user).len(), kept(&binary)), (0, 0));

    // LINE sets customers no such limit; the desk's own is for its disk.
    let film = |length| Content { length, ..Content::new("video/mp4", "") };
    let size = |length| IncomingMessage::file("film.mp4", film(length));
    line.send_message(&user, &size(201_000_000)).unwrap();
    let large = eventually("it is there", async || {
        let media = newest(&root, &user).await["media"].clone();
        (media["state"] == "ready").then_some(media)
    })
    .await;
    assert_eq!((&large["size_bytes"], kept(&binary)), (&json!(201_000_000), 1));
    line.send_message(&user, &size(1024 * 1024 * 1024 + 1)).unwrap();
    let told = eventually("it is given up", async || {
        let media = newest(&root, &user).await["media"].clone();
        (media["state"] == "failed").then_some(media)
    })
    .await;
    assert_eq!((&told["code"], kept(&binary)), (&json!("payload_too_large"), 1));
    let grown = served.peak_kb() - before;
    assert!(grown < 48 * 1024, "{grown} kB for files that only pass through");
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn files_are_kept_in_s3_wait_while_it_is_away_and_are_deleted_there() {
    let (s3, mut tasks) = (S3::default(), JoinSet::new());
    let s3_url = s3.start(&mut tasks).await;
    let line = Line::start(SimulatorOptions::default()).await;
    let binary = Binary::new()
        .env("LINEDESK_MEDIA_URL", "s3://bucket/desk")
        .env("AWS_ENDPOINT", &s3_url)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "key");
    let (served, root, user) = served(&binary, &line).await;
    let state = async |wanted: &str| {
        eventually(wanted, async || {
            let media = newest(&root, &user).await["media"].clone();
            (media["state"] == wanted).then_some(media)
        })
        .await
    };
    let picture = line.send_message(&user, &IncomingMessage::image(photo())).unwrap().message_id;
    let media = state("ready").await;
    assert_eq!(s3.keys().len(), 2, "the picture and its preview: {:?}", s3.keys());
    assert!(s3.keys()[0].starts_with("/bucket/desk/"), "{:?}", s3.keys());
    let path = format!("/media/{}", media["id"].as_str().unwrap());
    let whole = root.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(whole.bytes().await.unwrap(), photo().bytes);
    let part = root.request(Method::GET, &path).header("range", "bytes=10-19").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap()), (206, photo().bytes.slice(10..20)));

    s3.set_away(true);
    line.send_message(&user, &IncomingMessage::image(photo())).unwrap();
    let refused = upload(&root, &user, "cat.jpg", photo().bytes.to_vec()).await;
    refused.problem(503, "unavailable");
    assert_eq!(Answer::of(root.request(Method::GET, &path)).await.status, 503, "and not as if it were gone");
    eventually("the operator knows what it waits for", async || {
        let media = newest(&root, &user).await["media"].clone();
        (media["state"] == "fetching" && media["code"] == "unavailable").then_some(())
    })
    .await;
    // Words go on meanwhile.
    root.act(&user, "messages", json!({"text": "one moment"})).await.is(201);
    line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    // Withdrawn while its bytes cannot be deleted.
    line.unsend(&picture).unwrap();
    line.wait_until_idle(DEADLINE).await.unwrap();
    s3.set_away(false);
    eventually("what waited is there, and what was withdrawn is gone", async || {
        let keys = s3.keys();
        (keys.len() == 2 && !keys.iter().any(|key| key.contains(media["id"].as_str().unwrap()))).then_some(())
    })
    .await;
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn a_form_that_never_comes_to_a_part_ends_early() {
    let desk = TestDesk::builder().public().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Mali", &ann).await;
    let path = format!("{CHAT}/conversations/{user}/media");
    let type_of_form = "multipart/form-data; boundary=b";
    // Before the first part, and in a part's headers.
    for start in ["", "--b\r\nContent-Disposition: form-data; name=\"file\"; x=\""] {
        let taken = Arc::new(AtomicUsize::new(0));
        let (count, start) = (Arc::clone(&taken), Bytes::from_static(start.as_bytes()));
        let pieces = (0..1_000).map(move |at| {
            let piece = if at == 0 { start.clone() } else { Bytes::from(vec![b'x'; 64 * 1024]) };
            count.fetch_add(piece.len(), Ordering::Relaxed);
            Ok::<_, std::io::Error>(piece)
        });
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
        let request = ann.request(Method::POST, &path).header("content-type", type_of_form).body(body);
        // The desk answers, or has closed the connection before all is written.
        if let Ok(answer) = request.send().await {
            assert_eq!(answer.status(), 400);
        }
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken < 32 * 1024 * 1024, "{taken} bytes were taken");
    }
    upload(&ann, &user, "note.txt", b"hello".to_vec()).await.is(201);
}
