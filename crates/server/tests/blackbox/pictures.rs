//! Contacts' pictures: shown by the desk, to those who are signed in, and never anything that is no picture.

use linedesk_protocol::Role;
use reqwest::Method;
use serde_json::Value;

use super::client::{Answer, Client};
use super::harness::{TestDesk, eventually};
use super::proxy::Proxy;

/// A customer whose picture the desk knows of: the path by which it shows it.
async fn pictured(desk: &TestDesk, ann: &Client, url: &str) -> String {
    let user = desk.line.add_customer("Malee", "th", Some(url)).unwrap();
    desk.says(&user, "hello").await;
    eventually("the profile comes", async || {
        (ann.conversation(&user).await["picture_url"] != Value::Null).then_some(())
    })
    .await;
    format!("/media/pictures/{}", ann.id_of(&user).await)
}

/// As an `<img>` asks.
async fn with_cookie(desk: &TestDesk, path: &str, media: &str) -> Answer {
    let request = desk.http.get(desk.url(path)).header("cookie", format!("a=b; linedesk_media={media}"));
    Answer::of(request).await
}

async fn media_cookie(ann: &Client) -> String {
    let answer = ann.auth(Method::POST, "refresh", None).await;
    answer.ok();
    let set = answer.set_cookie("linedesk_media").expect("a cookie for media");
    for part in ["Path=/media;", "HttpOnly", "SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    set.split(['=', ';']).nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_sticker_is_shown_by_way_of_the_desk_unless_that_is_off() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let media = media_cookie(&ann).await;
    let shown = with_cookie(&desk, "/media/stickers/52002734", &media).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("image/png")));
    assert_eq!(shown.header("cache-control"), Some("private, max-age=86400"));
    assert_eq!(with_cookie(&desk, "/media/stickers/52002734", "garbage").await.status, 401);
    for id in ["x", "-1", "..%2f1", "99999999999999999999999"] {
        assert_eq!(with_cookie(&desk, &format!("/media/stickers/{id}"), &media).await.status, 404, "{id}");
    }
    let desk = TestDesk::builder().set("sticker_pictures", "off").start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let hidden = Answer::of(ann.request(Method::GET, "/media/stickers/52002734")).await;
    hidden.problem(404, "not_found");
}

#[tokio::test]
async fn a_picture_is_shown_from_the_desks_own_origin() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let path = pictured(&desk, &ann, &desk.line.picture_url("cup")).await;
    let media = media_cookie(&ann).await;
    let ann = desk.sign_in("ann").await;

    let by_cookie = with_cookie(&desk, &format!("{path}?v=1"), &media).await;
    let by_token = Answer::of(ann.request(Method::GET, &path)).await;
    for shown in [by_cookie, by_token] {
        assert_eq!(shown.status, 200, "{}", shown.text);
        assert_eq!(shown.header("content-type"), Some("image/png"));
        let policy = shown.header("content-security-policy");
        assert_eq!(policy, Some("default-src 'none'; frame-ancestors 'none'; sandbox"));
        assert_eq!(shown.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(shown.header("cache-control"), Some("private, no-cache"));
    }
    let tagged = Answer::of(ann.request(Method::GET, &path)).await;
    let tag = tagged.header("etag").unwrap();
    let again = |client: &Client| client.request(Method::GET, &path).header("if-none-match", tag);
    assert_eq!(Answer::of(again(&ann)).await.status, 304);
    let stranger = Client { token: "garbage".to_owned(), ..ann.clone() };
    assert_eq!(Answer::of(again(&stranger)).await.status, 401);
    let page = desk.get("/").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self' data: blob:;"), "{policy}");
}

#[tokio::test]
async fn nobody_sees_a_picture_without_a_sign_in_or_after_it() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let path = pictured(&desk, &ann, &desk.line.picture_url("cup")).await;
    let media = media_cookie(&ann).await;
    desk.get(&path).await.problem(401, "auth_missing_token");
    with_cookie(&desk, &path, "garbage").await.problem(401, "auth_invalid_token");
    with_cookie(&desk, &path, &ann.token).await.problem(401, "auth_invalid_token");
    // It opens nothing but media.
    with_cookie(&desk, "/api/v1/auth/me", &media).await.problem(401, "auth_missing_token");
    let as_token = Client { token: media.clone(), ..ann.clone() };
    as_token.get("/conversations").await.problem(401, "auth_invalid_token");

    let everywhere = ann.auth(Method::POST, "logout?everywhere=true", None).await;
    assert_eq!(everywhere.status, 204);
    assert!(everywhere.set_cookie("linedesk_media").unwrap().contains("Max-Age=0"));
    with_cookie(&desk, &path, &media).await.problem(401, "auth_invalid_token");
}

#[tokio::test]
async fn what_is_no_picture_is_not_shown() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for page in ["/sim/page/icon.svg", "/", "/sim/pictures/none.png"] {
        let path = pictured(&desk, &ann, &format!("{}{page}", desk.line.base_url())).await;
        Answer::of(ann.request(Method::GET, &path)).await.problem(404, "not_found");
    }
    let user = desk.customer_writing("no picture").await;
    let path = format!("/media/pictures/{user}");
    Answer::of(ann.request(Method::GET, &path)).await.problem(404, "not_found");
    Answer::of(ann.request(Method::GET, "/media/pictures/999")).await.problem(404, "conversation_not_found");
}

#[tokio::test]
async fn a_picture_that_hangs_holds_up_no_page_and_comes_later() {
    let line = Proxy::to("");
    let desk = TestDesk::builder().set("line_api_url", &line.http_url()).start().await;
    line.set_target(desk.line.addr());
    let ann = desk.operator("ann", Role::Agent).await;
    let path = pictured(&desk, &ann, &desk.line.picture_url("cat")).await;
    line.hold();
    let answer = Answer::of(ann.request(Method::GET, &path)).await;
    answer.problem(503, "line_unavailable");
    assert_eq!(answer.header("cache-control"), Some("private, max-age=60"));
    line.up().await;
    assert_eq!(Answer::of(ann.request(Method::GET, &path)).await.status, 200);
}

#[tokio::test]
async fn a_simulated_line_that_moved_to_another_port_still_shows_its_pictures() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let path = pictured(&desk, &ann, "http://127.0.0.1:1/sim/pictures/wave.png").await;
    assert_eq!(Answer::of(ann.request(Method::GET, &path)).await.status, 200);
}
