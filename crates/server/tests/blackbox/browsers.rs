//! What a browser is told and kept from: headers on every kind of answer, cookies that only the desk's own pages can use, and
//! limits that say when to come back.

use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::{Content, IncomingMessage};
use reqwest::header::SET_COOKIE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::client::{Answer, CHAT, Client};
use super::harness::{DEADLINE, PASSWORD, TestDesk, eventually};

/// A picture that a customer sent: where its file is.
async fn picture(desk: &TestDesk, ann: &Client) -> String {
    let user = desk.customer("Somchai");
    desk.line.send_message(&user, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let id = eventually("the picture is there", async || {
        let media = ann.conversation(&user).await["messages"][0]["media"].clone();
        if media["state"] == "ready" { media["id"].as_str().map(str::to_owned) } else { None }
    });
    format!("/media/{}", id.await)
}

/// One request for every kind of answer: what it is, and the status that makes it that.
async fn every_kind(desk: &TestDesk, ann: &Client) -> Vec<(&'static str, u16, RequestBuilder)> {
    let file = picture(desk, ann).await;
    let (preview, tag) = (format!("{file}/preview"), format!("\"{}\"", file.trim_start_matches("/media/")));
    let get = |path: &str| ann.request(Method::GET, path);
    let post = |path: &str, body: &'static str| ann.request(Method::POST, path).body(body);
    let nobody = |path: &str| desk.http.get(desk.url(path));
    let large = ann.request(Method::POST, "/api/v1/auth/password").header("connection", "close");
    vec![
        ("the page", 200, nobody("/")),
        ("the description's page", 200, nobody("/docs")),
        ("a script", 200, nobody("/assets/docs.js")),
        ("the description", 200, nobody("/openapi.json")),
        ("health", 200, nobody("/healthz")),
        ("a list", 200, get(&format!("{CHAT}/conversations"))),
        ("nothing to tell", 204, desk.http.post(desk.url("/api/v1/auth/logout"))),
        ("a file", 200, get(&file)),
        ("a part of it", 206, get(&file).header("range", "bytes=0-9")),
        ("no part of it", 416, get(&file).header("range", "bytes=999999-")),
        ("a file that is known", 304, get(&file).header("if-none-match", tag)),
        ("a download", 200, get(&format!("{file}?download=1"))),
        ("a preview", 200, get(&preview)),
        ("a sticker", 200, get("/media/stickers/52002734")),
        ("no picture", 404, get("/media/pictures/1")),
        ("a file, for nobody", 401, nobody(&file)),
        ("a file by a forged link", 401, nobody(&format!("{file}?exp=99999999999&sig=00"))),
        ("a list, for nobody", 401, nobody(&format!("{CHAT}/conversations"))),
        ("not allowed", 403, get("/api/v1/admin/channels")),
        ("no such path", 404, nobody("/nowhere")),
        ("no such method", 405, post("/healthz", "")),
        ("not readable", 400, post("/api/v1/auth/login", "{")),
        ("a wrong field", 422, post("/api/v1/auth/login", "{}")),
        ("too large", 413, large.body("x".repeat(70_000))),
        ("a webhook without a signature", 400, post("/line/webhook", "{}")),
        ("no socket", 400, nobody("/api/v1/ws/live-chat")),
    ]
}

#[tokio::test]
async fn every_kind_of_answer_is_kept_from_frames_guesses_and_other_origins() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let mut wrong = Vec::new();
    for (what, status, request) in every_kind(&desk, &ann).await {
        let response = request.send().await.unwrap();
        let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        let rules: Vec<_> = policy.split(';').map(str::trim).collect();
        let is_so = [
            ("its status", response.status().as_u16() == status),
            ("nothing by default", rules.contains(&"default-src 'none'")),
            ("no frames", rules.contains(&"frame-ancestors 'none'")),
            ("nothing inline", !policy.contains("unsafe")),
            ("no guesses", header("x-content-type-options") == "nosniff"),
            ("no referrer", header("referrer-policy") == "no-referrer"),
            ("no other origin", header("cross-origin-resource-policy") == "same-origin"),
            ("an id", !header("x-request-id").is_empty()),
            ("how to keep it", !header("cache-control").is_empty()),
            ("nothing of what serves it", header("server").is_empty() && header("x-powered-by").is_empty()),
        ];
        wrong.extend(is_so.iter().filter(|(_, is_so)| !is_so).map(|(rule, _)| format!("{what}: {rule}")));
        if what.starts_with("a file") || what.starts_with("a preview") || what.starts_with("a sticker") {
            // What is somebody's is in no cache that others share, and is sandboxed where it is a document.
            let is_private = ["private", "no-store"].iter().any(|word| header("cache-control").contains(word));
            let is_boxed = response.status().as_u16() != 200 || rules.contains(&"sandbox");
            wrong.extend((!is_private || !is_boxed).then(|| format!("{what}: private, sandboxed")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn er1_a_page_of_another_origin_is_not_given_leave_to_ask() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for path in [format!("{CHAT}/conversations"), "/api/v1/auth/refresh".to_owned(), "/media/stickers/1".to_owned()] {
        // What a browser asks before it lets a page send a token or JSON elsewhere.
        let asked = desk.http.request(Method::OPTIONS, desk.url(&path)).header("origin", "https://elsewhere.example");
        let asked = asked.header("access-control-request-method", "POST");
        let answer = Answer::of(asked.header("access-control-request-headers", "authorization")).await;
        assert_eq!(answer.status, 405, "{path}");
        let given = ann.request(Method::GET, &path).header("origin", "https://elsewhere.example").send().await.unwrap();
        for headers in [&answer.headers, given.headers()] {
            assert!(!headers.keys().any(|name| name.as_str().starts_with("access-control")), "{path}: {headers:?}");
        }
    }
}

#[tokio::test]
async fn au1_au2_cookies_are_for_the_desks_own_pages_only() {
    for (url, is_https) in [("http://desk.example", false), ("https://desk.example", true)] {
        let desk = TestDesk::builder().set("public_url", url).start().await;
        let ann = desk.operator("ann", Role::Agent).await;
        let body = json!({"username": "ann", "password": PASSWORD});
        let login = desk.request(Method::POST, "/api/v1/auth/login", Some(&body)).await;
        let refresh = ann.refresh_with(&ann.cookie).await;
        let reused = ann.refresh_with(&ann.cookie).await;
        let logout = ann.auth(Method::POST, "logout", None).await;
        for (what, answer, life) in
            [("login", login, 2_592_000), ("refresh", refresh, 2_592_000), ("reused", reused, 0), ("logout", logout, 0)]
        {
            assert_eq!(answer.headers.get_all(SET_COOKIE).iter().count(), 2, "{what}");
            for (name, path) in [("linedesk_refresh", "/api/v1/auth"), ("linedesk_media", "/media")] {
                let cookie = answer.set_cookie(name).unwrap();
                let mut flags: Vec<_> = cookie.split("; ").skip(1).map(str::to_owned).collect();
                flags.sort_unstable();
                // Without `Domain`: of this host, and not of its neighbours.
                let mut expected = vec!["HttpOnly".to_owned(), format!("Max-Age={life}"), format!("Path={path}")];
                expected.push("SameSite=Strict".to_owned());
                expected.extend(is_https.then(|| "Secure".to_owned()));
                assert_eq!(flags, expected, "{what}: {cookie}");
            }
        }
    }
}

#[tokio::test]
async fn au2_pages_that_are_not_the_desks_cannot_use_its_cookies() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let own = format!("http://{}", desk.addr());
    let ask = async |what: &str, headers: &[(&str, &str)]| {
        let request = desk.http.post(desk.url(&format!("/api/v1/auth/{what}")));
        let request = request.header("cookie", format!("linedesk_refresh={}", ann.cookie));
        let request = request.body(json!({"username": "ann", "password": PASSWORD}).to_string());
        Answer::of(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    };
    let elsewhere = "https://elsewhere.example";
    let neighbour = format!("{own}0");
    for headers in [
        &[("origin", elsewhere)][..],
        &[("origin", "null")],
        &[("origin", neighbour.as_str())],
        &[("origin", elsewhere), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        for what in ["login", "refresh", "logout", "logout?everywhere=true"] {
            let refused = ask(what, headers).await;
            assert_eq!(refused.status, 403, "{what} {headers:?}");
            refused.problem(403, "forbidden");
            assert!(!refused.headers.contains_key(SET_COOKIE), "{what} {headers:?}");
        }
    }
    // The sign-in is as it was, and the desk's own page is let in.
    ann.auth(Method::GET, "me", None).await.ok();
    ask("refresh", &[("origin", &own), ("sec-fetch-site", "same-origin")]).await.ok();
    ask("login", &[("sec-fetch-site", "none")]).await.ok();
}

#[tokio::test]
async fn ws7_rest_says_when_to_come_back_and_reading_is_free() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let (ann, ben) = (desk.operator("ann", Role::Agent).await, desk.operator("ben", Role::Agent).await);
    let user = desk.customer_of("Somchai", &ann).await;
    let unarchive = async |who: &Client| who.act(&user, "unarchive", Value::Null).await;
    let mut taken = 0;
    let refused = loop {
        let answer = unarchive(&ann).await;
        if answer.status != 200 {
            break answer;
        }
        taken += 1;
        assert!(taken < 100, "never refused");
    };
    assert!(taken >= 50, "a burst of 60, of which some were used before: {taken}");
    refused.problem(429, "rate_limit_exceeded");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    for _ in 0..5 {
        ann.get("/conversations").await.ok();
    }
    unarchive(&ben).await.ok();
    desk.advance(Duration::from_secs(wait));
    unarchive(&ann).await.ok();
}

#[tokio::test]
async fn au1_guessing_the_password_one_has_to_change_is_slowed_too() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let guess = json!({"current_password": "a wrong password", "new_password": "a new password"});
    let mut tries = 0;
    let refused = loop {
        let answer = ann.auth(Method::POST, "password", Some(guess.clone())).await;
        if answer.status != 422 {
            break answer;
        }
        tries += 1;
        assert!(tries < 20, "never slowed");
    };
    refused.problem(429, "rate_limit_exceeded");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}
