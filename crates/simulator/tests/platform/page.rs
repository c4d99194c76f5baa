//! The page's files: there, of the right kind, allowed nothing that they do not need.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::{Method, Response};

use super::desk::Desk;

async fn get(desk: &Desk, path: &str) -> Response {
    let response = desk.sim(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
    response
}

/// Every path that a text names: `"/sim/page/…"` in HTML, `"./….js"` in a module.
fn named(text: &str) -> BTreeSet<String> {
    let quoted = text.split('"').skip(1).step_by(2);
    quoted
        .filter_map(|name| match name.strip_prefix("./") {
            Some(module) if Path::new(module).extension() == Some("js".as_ref()) => Some(format!("/sim/page/{module}")),
            _ => name.starts_with("/sim/page/").then(|| name.to_owned()),
        })
        .collect()
}

#[tokio::test]
async fn the_page_and_every_file_it_names_are_served_under_a_strict_policy() {
    let desk = Desk::start().await;
    let (mut waiting, mut seen) = (BTreeSet::from(["/".to_owned()]), BTreeSet::new());
    while let Some(path) = waiting.pop_first() {
        let response = get(&desk, &path).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "media-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|given| given == rule), "{path}: {rule}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        let expected = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(kind, expected, "{path}");
        let text = response.text().await.unwrap();
        // Names of the SVG namespace are no addresses.
        let without_namespace = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!without_namespace.contains("http://") && !without_namespace.contains("https://"), "{path}");
        assert!(!text.contains("innerHTML") && !text.contains("insertAdjacentHTML"), "{path}");
        seen.insert(path);
        waiting.extend(named(&text).difference(&seen).cloned());
    }
    assert!(seen.len() >= 22, "{seen:?}");
}

#[tokio::test]
async fn the_page_has_nothing_inline() {
    let desk = Desk::start().await;
    let html = get(&desk, "/").await.text().await.unwrap();
    assert!(!html.contains("<style") && !html.contains(" style="));
    assert!(!html.contains(" onclick=") && !html.contains("javascript:"));
    assert_eq!(html.matches("<script").count(), html.matches("<script type=\"module\" src=").count());
    assert!(html.contains("data-w=\"simulated\""), "it says that it is simulated");
}

#[tokio::test]
async fn the_pictures_are_there_for_the_desk_too() {
    let desk = Desk::start().await;
    for name in ["cup", "leaf", "cat", "wave"] {
        let response = desk.http.get(desk.sim.picture_url(name)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "image/png");
        assert_eq!(response.headers()["cross-origin-resource-policy"], "same-origin");
        assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert!(response.bytes().await.unwrap().starts_with(b"\x89PNG"));
    }
    let none = desk.http.get(desk.sim.picture_url("none")).send().await.unwrap();
    assert_eq!(none.status(), 404);
}
