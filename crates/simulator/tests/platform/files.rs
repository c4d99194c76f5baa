//! The files on the phone: for the page alone, never as a document, and never from an address that no message names.

use linedesk_simulator::{Content, IncomingMessage};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::desk::{Desk, answer};

fn path(chat: &str, message: &str, part: &str) -> String {
    format!("/sim/chats/{chat}/messages/{message}/{part}")
}

async fn get(desk: &Desk, path: &str) -> Response {
    desk.sim(Method::GET, path).send().await.unwrap()
}

fn assert_guarded(response: &Response, kind: &str) {
    let header = |name: &str| response.headers()[name].to_str().unwrap();
    assert_eq!(header("content-type"), kind);
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin");
}

/// Sends a message object as the account and gives the message's id.
async fn push(desk: &Desk, to: &str, message: Value) -> String {
    let body = json!({"to": to, "messages": [message]});
    let (status, sent) = answer(desk.line(Method::POST, "message/push").json(&body)).await;
    assert_eq!(status, 200, "{sent}");
    sent["sentMessages"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_page_sees_what_customers_send_whole_and_in_parts() {
    let desk = Desk::start().await;
    let (user, other) = (desk.friend(), desk.friend());
    let video = Content::sample("video").unwrap();
    let (bytes, picture) = (video.bytes.clone(), video.preview.clone().unwrap());
    let id = desk.sim.send_message(&user, &IncomingMessage::video(video, 3_000)).unwrap().message_id;
    let original = path(&user, &id, "original");
    let whole = get(&desk, &original).await;
    assert_guarded(&whole, "video/mp4");
    assert_eq!((whole.status().as_u16(), whole.bytes().await.unwrap()), (200, bytes.clone()));
    let part = desk.sim(Method::GET, &original).header("range", "bytes=10-19").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], format!("bytes 10-19/{}", bytes.len()));
    assert_eq!(part.bytes().await.unwrap(), bytes.slice(10..20));
    let beyond = desk.sim(Method::GET, &original).header("range", "bytes=99999999-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    let preview = get(&desk, &path(&user, &id, "preview")).await;
    assert_guarded(&preview, "image/jpeg");
    assert_eq!(preview.bytes().await.unwrap(), picture);
    assert_eq!(get(&desk, &path(&other, &id, "original")).await.status(), 404, "of another chat");
    assert_eq!(get(&desk, &path(&user, "1", "original")).await.status(), 404);

    let bare = IncomingMessage::video(Content::new("video/mp4", "x"), 1);
    let bare = desk.sim.send_message(&user, &bare).unwrap().message_id;
    assert_eq!(get(&desk, &path(&user, &bare, "preview")).await.status(), 204);

    // Looking is no call: what LINE does when the desk asks is as it was.
    let late = Content { preparing: 1, ..Content::sample("photo").unwrap() };
    let late = desk.sim.send_message(&user, &IncomingMessage::image(late)).unwrap().message_id;
    assert_eq!(get(&desk, &path(&user, &late, "original")).await.status(), 200);
    assert_eq!(desk.get(&format!("message/{late}/content")).await.0, 202);
    desk.sim.unsend(&id).unwrap();
    assert_eq!(get(&desk, &original).await.status(), 404);
    assert_eq!(get(&desk, &path(&user, &id, "preview")).await.status(), 404);
}

#[tokio::test]
async fn a_file_that_a_customer_sends_never_becomes_a_document() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let page = || Content::new("text/html", "<script>alert(1)</script>");
    for message in [
        IncomingMessage::file("x.html", page()),
        IncomingMessage::image(page()),
        IncomingMessage::image(Content::new("image/svg+xml", "<svg/>")),
        IncomingMessage::audio(page(), 1),
    ] {
        let id = desk.sim.send_message(&user, &message).unwrap().message_id;
        let response = get(&desk, &path(&user, &id, "original")).await;
        assert_guarded(&response, "application/octet-stream");
        assert_eq!(response.headers()["content-disposition"], "attachment");
    }
}

#[tokio::test]
async fn what_the_account_names_is_passed_on_and_nothing_else() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let picture = desk.sim.picture_url("cup");
    let image = json!({"type": "image", "originalContentUrl": picture, "previewImageUrl": format!("{picture}x")});
    let id = push(&desk, &user, image).await;
    let original = get(&desk, &path(&user, &id, "original")).await;
    assert_guarded(&original, "image/png");
    assert!(original.bytes().await.unwrap().starts_with(b"\x89PNG"));
    assert_eq!(get(&desk, &path(&user, &id, "preview")).await.status(), 502, "it is not there");

    let page = desk.sim.base_url() + "/";
    let contents = json!({"type": "bubble", "hero": {"type": "image", "url": picture},
    "body": {"type": "box", "layout": "vertical", "contents": [
        {"type": "image", "url": page},
        {"type": "image", "url": "http://192.0.2.1/a.png"},
        {"type": "image", "url": "http://127.0.0.1:1@192.0.2.1/a.png"},
        {"type": "image", "url": "file:///etc/hostname"},
    ]}});
    let id = push(&desk, &user, json!({"type": "flex", "altText": "Menu", "contents": contents})).await;
    let linked = |at: &str| path(&user, &id, &format!("linked?at={at}"));
    let hero = get(&desk, &linked("/contents/hero/url")).await;
    assert_eq!(hero.status(), 200);
    assert_guarded(&hero, "image/png");
    for (at, status) in [
        ("/contents/body/contents/0/url", 502),
        ("/contents/body/contents/1/url", 404),
        ("/contents/body/contents/2/url", 404),
        ("/contents/body/contents/3/url", 404),
        ("/contents/hero", 404),
        ("/altText", 404),
        ("", 404),
        (picture.as_str(), 404),
    ] {
        assert_eq!(get(&desk, &linked(at)).await.status().as_u16(), status, "{at}");
    }
    assert_eq!(get(&desk, &path(&user, &id, "linked")).await.status(), 400);
    // A customer's message names nothing that would be fetched.
    let sent = IncomingMessage::new("image").with("originalContentUrl", &picture);
    let id = desk.sim.send_message(&user, &sent).unwrap().message_id;
    assert_eq!(get(&desk, &path(&user, &id, "linked?at=/originalContentUrl")).await.status(), 404);
    assert_eq!(get(&desk, &path(&user, &id, "original")).await.status(), 404);
}

#[tokio::test]
async fn other_sites_and_names_that_were_pointed_here_get_no_file() {
    let desk = Desk::start().await;
    let user = desk.friend();
    let photo = IncomingMessage::image(Content::sample("photo").unwrap());
    let id = desk.sim.send_message(&user, &photo).unwrap().message_id;
    for part in ["original", "preview", "linked?at=/x"] {
        let path = path(&user, &id, part);
        for (name, value) in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("host", "evil.example"),
        ] {
            let response = desk.sim(Method::GET, &path).header(name, value).send().await.unwrap();
            assert_eq!(response.status(), 403, "{part} {name}: {value}");
        }
    }
}
