//! Files: fetched from LINE at once and told truly, served safely, gone when they are withdrawn; and those that operators
//! send.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::{Content, IncomingMessage, Platform};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::Client;
use super::harness::{DEADLINE, TestDesk, eventually};

/// A desk that LINE can reach, an operator, and a customer of theirs.
async fn desk_with_a_chat() -> (TestDesk, Client, String) {
    let desk = TestDesk::builder().public().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    (desk, ann, user)
}

/// The newest message, once its file has come to rest.
async fn settled(ann: &Client, user: &str) -> Value {
    eventually("the file comes to rest", async || {
        let message = newest(ann, user).await;
        (message["media"]["state"] != "fetching").then_some(message)
    })
    .await
}

async fn newest(ann: &Client, user: &str) -> Value {
    ann.conversation(user).await["messages"].as_array().unwrap().last().unwrap().clone()
}

async fn sends(desk: &TestDesk, user: &str, message: &IncomingMessage) -> String {
    let sent = desk.line.send_message(user, message).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    sent.message_id
}

/// As the `<img>` of a page asks: by the media cookie.
async fn open(desk: &TestDesk, ann: &Client, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = desk.http.request(Method::GET, desk.url(path)).bearer_auth(&ann.token);
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn upload(desk: &TestDesk, ann: &Client, user: &str, form: Form) -> (StatusCode, Value) {
    let url = desk.url(&format!("/api/v1/admin/live-chat/conversations/{user}/media"));
    let response = desk.http.post(url).bearer_auth(&ann.token).multipart(form).send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

fn form(name: &str, bytes: impl Into<Vec<u8>>) -> Form {
    Form::new().part("file", Part::bytes(bytes.into()).file_name(name.to_owned()))
}

#[tokio::test]
async fn a_picture_is_fetched_shown_and_served_whole_and_in_parts() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let photo = Content::sample("photo").unwrap();
    let bytes = photo.bytes.clone();
    sends(&desk, &user, &IncomingMessage::image(Content { preparing: 1, ..photo })).await;
    let message = settled(&ann, &user).await;
    let media = &message["media"];
    assert_eq!((&message["message_type"], &media["state"]), (&json!("image"), &json!("ready")));
    assert_eq!(
        (&media["content_type"], &media["width"], &media["height"]),
        (&json!("image/jpeg"), &json!(640), &json!(480))
    );
    assert_eq!((&media["size_bytes"], &media["has_preview"]), (&json!(bytes.len()), &json!(true)));

    let path = format!("/media/{}", media["id"].as_str().unwrap());
    let whole = open(&desk, &ann, &path, &[]).await;
    assert_eq!((whole.status().as_u16(), header(&whole, "content-type")), (200, "image/jpeg"));
    assert!(header(&whole, "content-disposition").starts_with("inline; filename="));
    assert_eq!((header(&whole, "x-content-type-options"), header(&whole, "accept-ranges")), ("nosniff", "bytes"));
    assert!(header(&whole, "content-security-policy").contains("sandbox"));
    let tag = header(&whole, "etag").to_owned();
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let part = open(&desk, &ann, &path, &[("range", "bytes=10-19")]).await;
    assert_eq!(part.status().as_u16(), 206);
    assert_eq!(header(&part, "content-range"), format!("bytes 10-19/{}", bytes.len()));
    assert_eq!(part.bytes().await.unwrap(), bytes[10..20]);
    let outside = open(&desk, &ann, &path, &[("range", "bytes=999999-")]).await;
    assert_eq!(
        (outside.status().as_u16(), header(&outside, "content-range")),
        (416, &*format!("bytes */{}", bytes.len()))
    );
    let known = open(&desk, &ann, &path, &[("if-none-match", &tag)]).await;
    assert_eq!(known.status().as_u16(), 304);
    let stale = open(&desk, &ann, &path, &[("range", "bytes=10-19"), ("if-range", "\"other\"")]).await;
    assert_eq!(stale.status().as_u16(), 200);
    let download = open(&desk, &ann, &format!("{path}?download=1"), &[]).await;
    assert!(header(&download, "content-disposition").starts_with("attachment; "));
    let preview = open(&desk, &ann, &format!("{path}/preview"), &[]).await;
    assert_eq!((preview.status().as_u16(), header(&preview, "content-type")), (200, "image/jpeg"));

    for path in [path.clone(), format!("{path}/preview"), format!("{path}?exp=99999999999&sig=00")] {
        let refused = desk.http.get(desk.url(&path)).send().await.unwrap();
        assert_eq!(refused.status().as_u16(), 401, "{path}: nobody without a sign-in");
    }
    assert_eq!(open(&desk, &ann, "/media/unknown", &[]).await.status().as_u16(), 404);
}

#[tokio::test]
async fn what_is_dangerous_is_only_ever_a_download() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let html = b"<!DOCTYPE html><script>alert(1)</script>";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (name, bytes, told) in [
        ("page.html", &html[..], "text/html"),
        ("photo.svg", svg, "text/plain"),
        ("photo.jpg", b"PK\x03\x04\x14\x00zip", "application/zip"),
        ("empty.txt", b"", "application/octet-stream"),
    ] {
        sends(&desk, &user, &IncomingMessage::file(name, Content::new("image/png", bytes.to_vec()))).await;
        let message = settled(&ann, &user).await;
        let media = &message["media"];
        assert_eq!((&media["state"], &media["content_type"]), (&json!("ready"), &json!(told)), "{name}");
        assert_eq!((&media["has_preview"], &media["file_name"]), (&json!(false), &json!(name)));
        let served = open(&desk, &ann, &format!("/media/{}", media["id"].as_str().unwrap()), &[]).await;
        assert_eq!(header(&served, "content-type"), "application/octet-stream", "{name}");
        let disposition = header(&served, "content-disposition");
        assert!(disposition.starts_with("attachment; ") && disposition.contains(name), "{disposition}");
        assert_eq!(served.bytes().await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn two_files_of_one_strange_name_are_two_files() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let name = format!("a/../\r\nSet-Cookie: x\u{202e}{}.pdf", "ก".repeat(10_000));
    let mut ids = Vec::new();
    for text in ["one", "two"] {
        sends(&desk, &user, &IncomingMessage::file(&name, Content::new("x/y", text))).await;
        let id = settled(&ann, &user).await["media"]["id"].as_str().unwrap().to_owned();
        let served = open(&desk, &ann, &format!("/media/{id}"), &[]).await;
        assert!(served.headers().get("set-cookie").is_none());
        let disposition = header(&served, "content-disposition").to_owned();
        assert!(disposition.len() < 900 && disposition.rsplit_once('.').unwrap().1 == "pdf", "{disposition}");
        assert_eq!(served.text().await.unwrap(), text);
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_download_that_breaks_is_tried_again_and_one_that_is_gone_says_so() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let large = || Content { length: 300_000, ..Content::new("x/y", "data") };
    sends(&desk, &user, &IncomingMessage::file("a.bin", Content { cut_at: Some(100_000), ..large() })).await;
    let message = settled(&ann, &user).await;
    assert_eq!((&message["media"]["state"], &message["media"]["size_bytes"]), (&json!("ready"), &json!(300_000)));
    sends(&desk, &user, &IncomingMessage::file("b.bin", Content { missing: true, ..large() })).await;
    let message = settled(&ann, &user).await;
    assert_eq!(message["media"]["state"], "gone");
    let again = ann.post(&format!("/messages/{}/fetch", message["id"]), &Value::Null).await;
    again.problem(409, "conflict");
}

#[tokio::test]
async fn wh6_a_withdrawn_picture_is_gone_from_the_desk_and_its_disk() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let sent = sends(&desk, &user, &IncomingMessage::image(Content::sample("photo").unwrap())).await;
    let media = settled(&ann, &user).await["media"].clone();
    let path = format!("/media/{}", media["id"].as_str().unwrap());
    assert_eq!(desk.files().len(), 2, "the picture and its preview");
    desk.line.unsend(&sent).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let message = newest(&ann, &user).await;
    assert!(message["unsent_at"].is_string() && message.get("media").is_none(), "{message}");
    for path in [path.clone(), format!("{path}/preview")] {
        assert_eq!(open(&desk, &ann, &path, &[]).await.status().as_u16(), 404);
    }
    eventually("its bytes are deleted", async || desk.files().is_empty().then_some(())).await;
}

#[tokio::test]
async fn wh6_a_picture_withdrawn_while_it_comes_leaves_nothing() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let slow = Content { delay_ms: 300, ..Content::sample("photo").unwrap() };
    let sent = sends(&desk, &user, &IncomingMessage::image(slow)).await;
    let is_asked = |line: &Platform| line.content(&sent).is_some_and(|content| content.asked > 0);
    desk.line.wait_for(is_asked, DEADLINE).await.unwrap();
    desk.line.unsend(&sent).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let path = format!("/v2/bot/message/{sent}/content");
    desk.line.wait_for(|line| line.calls().any(|call| call.path == path), DEADLINE).await.unwrap();
    eventually("nothing is left", async || desk.files().is_empty().then_some(())).await;
    assert!(newest(&ann, &user).await.get("media").is_none());
}

#[tokio::test]
async fn a_picture_goes_out_as_line_takes_it() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let photo = Content::sample("photo").unwrap().bytes.to_vec();
    let (status, message) = upload(&desk, &ann, &user, form("cat.jpg", photo).text("temp_id", "t1")).await;
    assert_eq!((status.as_u16(), &message["message_type"]), (201, &json!("image")), "{message}");
    assert_eq!((&message["media"]["state"], &message["temp_id"]), (&json!("ready"), &json!("t1")));
    desk.line.wait_for(|line| line.fetches().len() == 2, DEADLINE).await.unwrap();
    for fetch in desk.line.fetches() {
        assert_eq!((fetch.problem, fetch.content_type.as_str()), (None, "image/jpeg"), "{}", fetch.url);
    }
    let again = upload(&desk, &ann, &user, form("cat.jpg", "GIF89a").text("temp_id", "t1")).await;
    assert_eq!((again.0.as_u16(), &again.1["id"]), (200, &message["id"]), "the same temp_id, the same message");
    eventually("only one is kept", async || (desk.files().len() == 2).then_some(())).await;
}

#[tokio::test]
async fn videos_sounds_and_files_go_out_as_what_they_are() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let sample = |name| Content::sample(name).unwrap().bytes.to_vec();
    for (name, bytes, kind) in [
        ("clip.mp4", sample("video"), "video"),
        ("voice.m4a", sample("sound"), "audio"),
        ("ใบเสร็จ.pdf", sample("document"), "file"),
        ("broken.jpg", b"\xff\xd8\xff\xe0 not really".to_vec(), "file"),
    ] {
        let (status, message) = upload(&desk, &ann, &user, form(name, bytes)).await;
        assert_eq!((status.as_u16(), &message["message_type"]), (201, &json!(kind)), "{name}: {message}");
        assert_eq!((&message["media"]["state"], &message["media"]["file_name"]), (&json!("ready"), &json!(name)));
        assert!(message["media"]["link_expires_at"].is_string());
        if kind == "audio" {
            let ms = message["media"]["duration_ms"].as_i64().unwrap();
            assert!((1_900..2_200).contains(&ms), "{ms}");
        }
    }
    desk.line.wait_for(|line| line.received(&user).count() == 4, DEADLINE).await.unwrap();
    // Two for the video, one for the sound.
    desk.line.wait_for(|line| line.fetches().len() == 3, DEADLINE).await.unwrap();
    assert!(desk.line.fetches().iter().all(|fetch| fetch.problem.is_none()), "{:?}", desk.line.fetches());
    let text = desk.line.received(&user)[2].text.clone().unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("ใบเสร็จ.pdf"));
    // The customer opens the link.
    let link = lines.next().unwrap().to_owned();
    let file = desk.http.get(&link).send().await.unwrap();
    assert_eq!(file.status().as_u16(), 200);
    assert!(header(&file, "content-disposition").starts_with("attachment; "));
    assert_eq!(file.bytes().await.unwrap(), sample("document"));
    let forged = link.replace("/media/", "/media/x");
    assert_eq!(desk.http.get(forged).send().await.unwrap().status().as_u16(), 401);
}

#[tokio::test]
async fn a_link_ends_when_its_time_is_up() {
    let desk = TestDesk::builder().public().manual_clock().set("media_link_hours", "2").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    upload(&desk, &ann, &user, form("a.txt", "hello")).await;
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    let link = desk.line.received(&user)[0].text.clone().unwrap().lines().nth(1).unwrap().to_owned();
    assert_eq!(desk.http.get(&link).send().await.unwrap().status().as_u16(), 200);
    desk.advance(Duration::from_secs(2 * 3600));
    let late = desk.http.get(&link).send().await.unwrap();
    assert_eq!(late.status().as_u16(), 401);
    assert_eq!(late.json::<Value>().await.unwrap()["code"], "auth_expired_token");
}

#[tokio::test]
async fn an_upload_that_cannot_be_is_refused_and_leaves_nothing() {
    let desk = TestDesk::builder().public().set("media_max_mb", "1").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let bob = desk.operator("bob", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let code = async |who: &Client, form: Form| {
        let (status, problem) = upload(&desk, who, &user, form).await;
        (status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned())
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(&bob, form("a.txt", "x")).await, is(403, "forbidden"));
    assert_eq!(code(&ann, form("a.bin", vec![1; 1_000_001])).await, is(413, "payload_too_large"));
    assert_eq!(code(&ann, form("a.bin", "")).await, is(422, "validation_error"));
    assert_eq!(code(&ann, Form::new().text("temp_id", "x")).await, is(422, "validation_error"));
    assert_eq!(code(&ann, form("a.txt", "x").text("other", "x")).await, is(422, "validation_error"));
    assert_eq!(code(&ann, form("a.txt", "x").text("temp_id", "")).await, is(422, "validation_error"));
    assert_eq!(desk.files(), [""; 0]);
    assert_eq!(desk.line.received(&user).len(), 0);
}

#[tokio::test]
async fn without_a_public_address_files_are_refused_and_texts_go_out() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let (status, problem) = upload(&desk, &ann, &user, form("a.txt", "x")).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("conflict")));
    assert!(problem["detail"].as_str().unwrap().contains("public_url"));
    ann.act(&user, "messages", json!({"text": "words"})).await.is(201);
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
}
