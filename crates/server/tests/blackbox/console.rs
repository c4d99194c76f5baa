//! The console's pages: every place of it, and nothing where there is none.

use std::path::Path;

use reqwest::Method;
use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
};

use super::client::Answer;
use super::harness::TestDesk;

const PLACES: [&str; 13] = [
    "/",
    "/all",
    "/queue",
    "/mine",
    "/active",
    "/bot",
    "/closed",
    "/c/17",
    "/c/17?m=4",
    "/search?q=%E0%B8%94",
    "/usage",
    "/setup",
    "/settings",
];

/// False after a build without Node, whose tests say so and pass.
fn was_built() -> bool {
    let was_built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist/index.html").exists();
    if !was_built {
        println!("skipped: the console was not built");
    }
    was_built
}

#[tokio::test]
async fn every_place_of_the_console_answers_with_its_page() {
    if !was_built() {
        return;
    }
    let desk = TestDesk::start().await;
    let page = desk.get("/").await.text;
    assert!(page.contains("<div id=\"root\">"), "{page}");
    for place in PLACES {
        let answer = desk.get(place).await;
        assert_eq!((answer.status, &answer.text), (200, &page), "{place}");
        assert_eq!(answer.headers[CACHE_CONTROL], "no-cache", "{place}");
    }
    let tag = desk.get("/queue").await.headers[ETAG].clone();
    let again = Answer::of(desk.http.get(desk.url("/queue")).header(IF_NONE_MATCH, &tag)).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    assert_eq!(again.headers[ETAG], tag);
}

#[tokio::test]
async fn the_consoles_files_are_kept_for_ever_and_come_compressed() {
    if !was_built() {
        return;
    }
    let desk = TestDesk::start().await;
    let page = desk.get("/").await.text;
    for (beginning, ending) in [("/assets/index-", ".js"), ("/assets/index-", ".css")] {
        let part = page.split('"').find(|part| part.starts_with(beginning) && part.ends_with(ending)).unwrap();
        let plain = desk.get(part).await;
        assert_eq!(plain.status, 200, "{part}");
        assert_eq!(plain.headers[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert!(!plain.headers.contains_key(CONTENT_ENCODING));
        for (accepted, encoding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip")] {
            let response = desk.http.get(desk.url(part)).header(ACCEPT_ENCODING, accepted).send().await.unwrap();
            assert_eq!(response.headers()[CONTENT_ENCODING], encoding);
            assert_eq!(response.headers()["vary"], "accept-encoding");
            assert!(response.bytes().await.unwrap().len() < plain.text.len() / 2, "{part} {encoding}");
        }
        let head = desk.request(Method::HEAD, part, None).await;
        assert_eq!(head.headers[CONTENT_LENGTH], plain.text.len().to_string());
        assert_eq!(head.text, "");
    }
}

/// A worker that can no longer be asked for is what rids browsers of it (`console/src/shell/sw.ts`).
#[tokio::test]
async fn the_worker_is_asked_for_again_each_time_and_is_missing_with_the_console() {
    let desk = TestDesk::start().await;
    let worker = desk.get("/sw.js").await;
    if !was_built() {
        worker.problem(404, "not_found");
        return;
    }
    assert_eq!(worker.status, 200);
    assert_eq!(worker.headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert_eq!(worker.headers[CACHE_CONTROL], "no-cache");
    assert!(worker.headers["content-security-policy"].to_str().unwrap().contains("worker-src 'self'"));
    // A script in one piece: as such it is registered.
    assert!(!worker.text.contains("import") && !worker.text.contains("export"), "{}", worker.text);
    let again = Answer::of(desk.http.get(desk.url("/sw.js")).header(IF_NONE_MATCH, &worker.headers[ETAG])).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn a_wrong_address_is_never_answered_with_the_console() {
    let desk = TestDesk::start().await;
    for path in [
        "/assets/index-0.js",
        "/assets/",
        "/assets/%2e%2e/index.html",
        "/assets//index.html",
        "/index.html",
        "/nowhere",
        "/c",
        "/c/1/2",
        "/queue/",
        "/api/v1/nowhere",
        "/api/v1/admin/live-chat/nowhere",
    ] {
        desk.get(path).await.problem(404, "not_found");
    }
    assert_eq!(desk.request(Method::POST, "/", None).await.status, 405);
}

#[tokio::test]
async fn nothing_inline_and_nothing_of_others_may_run() {
    let desk = TestDesk::start().await;
    for path in ["/", "/docs", "/assets/docs.css", "/assets/nothing.js", "/api/v1/nowhere"] {
        let answer = desk.get(path).await;
        let header = |name: &str| answer.headers[HeaderName::try_from(name).unwrap()].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
        for rule in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"] {
            assert!(rules.contains(&rule), "{path}: no {rule} in {policy}");
        }
        for rule in ["base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(rules.contains(&rule), "{path}: no {rule} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
    }
}
