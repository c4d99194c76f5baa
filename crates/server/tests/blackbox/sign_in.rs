//! AU1, AU2: signing in, staying signed in, signing out, changing the password.

use std::time::{Duration, Instant};

use linedesk_protocol::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::harness::{PASSWORD, TestDesk};

async fn login(desk: &TestDesk, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password});
    desk.request(Method::POST, "/api/v1/auth/login", Some(&body)).await
}

async fn me(client: &Client) -> Answer {
    client.auth(Method::GET, "me", None).await
}

#[tokio::test]
async fn au1_a_sign_in_gives_a_token_the_user_and_a_strict_cookie() {
    let desk = TestDesk::start().await;
    let id = desk.add_operator("ann", Role::Agent).await;
    let answer = login(&desk, "Ann", PASSWORD).await;
    let body = answer.ok();
    let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["access_token", "expires_in", "token_type", "user"]);
    assert_eq!(body["token_type"], "bearer");
    assert!(body["expires_in"].as_i64().is_some_and(|seconds| (60..=3600).contains(&seconds)), "{body}");
    assert_eq!(body["user"], json!({"id": id, "username": "ann", "display_name": "Ann", "role": "AGENT"}));
    let cookie = answer.set_cookie("linedesk_refresh").unwrap();
    let parts: Vec<_> = cookie.split("; ").collect();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"] {
        assert!(parts.contains(&part), "{part}: {cookie}");
    }
    assert!(!parts.contains(&"Secure"), "the desk is not reached by https: {cookie}");
    assert!(!body.to_string().contains(&answer.refresh_cookie().unwrap()));
}

#[tokio::test]
async fn au1_behind_https_the_cookie_is_secure() {
    let desk = TestDesk::builder().set("public_url", "https://desk.example").start().await;
    desk.add_operator("ann", Role::Agent).await;
    assert!(login(&desk, "ann", PASSWORD).await.set_cookie("linedesk_refresh").unwrap().contains("; Secure"));
}

#[tokio::test]
async fn au1_an_unknown_user_a_wrong_password_and_a_deactivated_account_are_told_the_same() {
    let desk = TestDesk::start().await;
    desk.add_operator("ann", Role::Agent).await;
    let gone = desk.add_operator("gone", Role::Agent).await;
    deactivate(&desk, gone).await;
    let told = async |username, password| {
        let mut problem = login(&desk, username, password).await.problem(401, "auth_invalid_token");
        problem["request_id"] = Value::Null;
        problem
    };
    let unknown = told("nobody", PASSWORD).await;
    assert_eq!(told("ann", "wrong password").await, unknown);
    assert_eq!(told("gone", PASSWORD).await, unknown);
    assert_eq!(told("ann", "").await, unknown);
}

#[tokio::test]
async fn au1_an_unknown_user_takes_as_long_as_a_wrong_password() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    // The harness hashes cheaply; this makes the hash the server's own.
    let change = json!({"current_password": PASSWORD, "new_password": "a password of ann's"});
    assert_eq!(ann.auth(Method::POST, "password", Some(change)).await.status, 204);
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..4 {
        for (shortest, username) in fastest.iter_mut().zip(["ann", "nobody"]) {
            let begun = Instant::now();
            login(&desk, username, "not the password").await.problem(401, "auth_invalid_token");
            *shortest = begun.elapsed().min(*shortest);
        }
    }
    let [known, unknown] = fastest;
    assert!(known < unknown * 4 && unknown < known * 4, "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn au1_repeated_failures_of_a_user_are_slowed() {
    let desk = TestDesk::builder().manual_clock().start().await;
    desk.add_operator("ann", Role::Agent).await;
    desk.add_operator("ben", Role::Agent).await;
    let mut tries = 0;
    let refused = loop {
        let answer = login(&desk, "ann", "wrong password").await;
        if answer.status != 401 {
            break answer;
        }
        tries += 1;
        assert!(tries < 20, "never slowed");
    };
    assert!(tries >= 5, "a person may mistype: {tries}");
    refused.problem(429, "rate_limit_exceeded");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    login(&desk, "ann", PASSWORD).await.problem(429, "rate_limit_exceeded");
    login(&desk, "ANN ", PASSWORD).await.problem(429, "rate_limit_exceeded");
    login(&desk, "ben", PASSWORD).await.ok();
    desk.advance(Duration::from_secs(wait));
    login(&desk, "ann", PASSWORD).await.ok();
}

#[tokio::test]
async fn au1_repeated_failures_from_an_address_are_slowed() {
    let desk = TestDesk::builder().manual_clock().start().await;
    desk.add_operator("ann", Role::Agent).await;
    let mut tries = 0;
    while login(&desk, &format!("guess{tries}"), "wrong password").await.status == 401 {
        tries += 1;
        assert!(tries < 100, "never slowed");
    }
    let refused = login(&desk, "ann", PASSWORD).await;
    refused.problem(429, "rate_limit_exceeded");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    desk.advance(Duration::from_secs(wait));
    login(&desk, "ann", PASSWORD).await.ok();
}

#[tokio::test]
async fn au1_a_forwarded_address_counts_only_behind_a_proxy_that_is_trusted() {
    for is_trusted in [false, true] {
        let builder = TestDesk::builder().manual_clock().set("trust_forwarded", &is_trusted.to_string());
        let desk = builder.start().await;
        let guess = async |n: u32, address: &str| {
            let body = json!({"username": format!("guess{n}"), "password": "wrong password"});
            let request = desk.http.post(desk.url("/api/v1/auth/login")).json(&body);
            // The client's own line and first address are anybody's words; the last is the proxy's.
            let request = request.header("x-forwarded-for", format!("198.51.100.{}", n % 200));
            Answer::of(request.header("x-forwarded-for", format!("10.0.0.1, {address}"))).await.status
        };
        let mut n = 0;
        while guess(n, "192.0.2.7").await == 401 {
            n += 1;
            assert!(n < 100, "never slowed");
        }
        let elsewhere = if is_trusted { 401 } else { 429 };
        assert_eq!(guess(1000, "192.0.2.8").await, elsewhere, "trusted: {is_trusted}");
    }
}

#[tokio::test]
async fn au1_many_wrong_passwords_at_once_get_no_further_than_one_by_one() {
    let desk = TestDesk::builder().manual_clock().start().await;
    desk.add_operator("ann", Role::Agent).await;
    let guesses = (0..40).map(|_| login(&desk, "ann", "wrong password"));
    let answers = futures_util::future::join_all(guesses).await;
    let tried = answers.iter().filter(|answer| answer.status == 401).count();
    assert!((1..=10).contains(&tried), "{tried}");
    assert!(answers.iter().all(|answer| [401, 429, 503].contains(&answer.status)));
}

#[tokio::test]
async fn au1_pages_of_another_origin_sign_nobody_in_or_out() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let from = async |origin: &str, what: &str| {
        let request = desk.http.post(desk.url(&format!("/api/v1/auth/{what}"))).header("origin", origin);
        let request = request.header("cookie", format!("linedesk_refresh={}", ann.cookie));
        Answer::of(request.body(json!({"username": "ann", "password": PASSWORD}).to_string())).await
    };
    for what in ["login", "refresh", "logout"] {
        from("https://elsewhere.example", what).await.problem(403, "forbidden");
    }
    let own = format!("http://{}", desk.addr());
    from(&own, "login").await.ok();
    from(&own, "refresh").await.ok();
}

#[tokio::test]
async fn au2_refresh_rotates_the_cookie_and_gives_a_new_token() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let answer = ann.refresh_with(&ann.cookie).await;
    let body = answer.ok();
    assert_eq!((&body["user"]["username"], &body["token_type"]), (&json!("ann"), &json!("bearer")));
    let cookie = answer.refresh_cookie().unwrap();
    assert_ne!(cookie, ann.cookie);
    let token = body["access_token"].as_str().unwrap().to_owned();
    me(&Client { token, ..ann.clone() }).await.ok();
    ann.refresh_with(&cookie).await.ok();
}

#[tokio::test]
async fn au2_a_used_cookie_presented_again_revokes_its_whole_family() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let elsewhere = desk.sign_in("ann").await;
    let mut socket = desk.socket(&ann).await;
    let next = ann.refresh_with(&ann.cookie).await.refresh_cookie().unwrap();
    let reused = ann.refresh_with(&ann.cookie).await;
    reused.problem(401, "auth_invalid_token");
    assert!(reused.set_cookie("linedesk_refresh").unwrap().contains("Max-Age=0"), "the browser forgets it");
    ann.refresh_with(&next).await.problem(401, "auth_invalid_token");
    me(&ann).await.problem(401, "auth_invalid_token");
    assert_eq!(socket.closed().await, Some(4002));
    me(&elsewhere).await.ok();
    elsewhere.refresh_with(&elsewhere.cookie).await.ok();
}

#[tokio::test]
async fn au2_no_cookie_an_unknown_one_and_an_expired_one_are_refused() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    desk.request(Method::POST, "/api/v1/auth/refresh", None).await.problem(401, "auth_missing_token");
    ann.refresh_with("made-up").await.problem(401, "auth_invalid_token");
    desk.advance(Duration::from_hours(24 * 365));
    ann.refresh_with(&ann.cookie).await.problem(401, "auth_invalid_token");
}

#[tokio::test]
async fn au2_logout_ends_the_sign_in_everywhere_it_is_used() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let elsewhere = desk.sign_in("ann").await;
    let mut socket = desk.socket(&ann).await;
    let answer = ann.auth(Method::POST, "logout", None).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.set_cookie("linedesk_refresh").unwrap();
    assert!(cookie.contains("linedesk_refresh=;") && cookie.contains("Max-Age=0"), "{cookie}");
    me(&ann).await.problem(401, "auth_invalid_token");
    ann.refresh_with(&ann.cookie).await.problem(401, "auth_invalid_token");
    assert_eq!(socket.closed().await, Some(4002));
    me(&elsewhere).await.ok();
    assert_eq!(ann.auth(Method::POST, "logout", None).await.status, 204, "once more is no error");
}

#[tokio::test]
async fn au2_logout_everywhere_ends_every_sign_in_of_the_operator_and_nobody_elses() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let nok = desk.operator("nok", Role::Agent).await;
    let elsewhere = desk.sign_in("ann").await;
    let mut socket = desk.socket(&elsewhere).await;
    ann.auth(Method::POST, "logout?everywhere=perhaps", None).await.problem(422, "validation_error");
    assert_eq!(ann.auth(Method::POST, "logout?everywhere=true", None).await.status, 204);
    for one in [&ann, &elsewhere] {
        me(one).await.problem(401, "auth_invalid_token");
        one.refresh_with(&one.cookie).await.problem(401, "auth_invalid_token");
    }
    assert_eq!(socket.closed().await, Some(4002));
    me(&nok).await.ok();
}

#[tokio::test]
async fn au2_the_cookie_alone_logs_out_everywhere_too() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let elsewhere = desk.sign_in("ann").await;
    let url = format!("http://{}/api/v1/auth/logout?everywhere=true", ann.addr);
    let answer = desk.http.post(url).header("cookie", format!("linedesk_refresh={}", ann.cookie)).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    me(&elsewhere).await.problem(401, "auth_invalid_token");
}

#[tokio::test]
async fn au2_whoever_has_only_the_token_can_log_out_with_it() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let answer = Answer::of(ann.request(Method::POST, "/api/v1/auth/logout")).await;
    assert_eq!(answer.status, 204);
    me(&ann).await.problem(401, "auth_invalid_token");
    ann.refresh_with(&ann.cookie).await.problem(401, "auth_invalid_token");
}

#[tokio::test]
async fn au2_me_is_who_one_is() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Admin).await;
    let expected = json!({"id": ann.id, "username": "ann", "display_name": "Ann", "role": "ADMIN"});
    assert_eq!(me(&ann).await.ok(), expected);
    desk.get("/api/v1/auth/me").await.problem(401, "auth_missing_token");
}

#[tokio::test]
async fn au2_a_new_password_ends_every_other_sign_in() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let elsewhere = desk.sign_in("ann").await;
    let (mut own, mut other) = (desk.socket(&ann).await, desk.socket(&elsewhere).await);
    let change = |current: &str, new: &str| Some(json!({"current_password": current, "new_password": new}));
    ann.auth(Method::POST, "password", change("wrong", "long enough")).await.names_field("current_password");
    ann.auth(Method::POST, "password", change(PASSWORD, "short")).await.names_field("new_password");
    ann.auth(Method::POST, "password", Some(json!({"new_password": "x"}))).await.names_field("current_password");
    assert_eq!(ann.auth(Method::POST, "password", change(PASSWORD, "long enough")).await.status, 204);
    me(&ann).await.ok();
    me(&elsewhere).await.problem(401, "auth_invalid_token");
    elsewhere.refresh_with(&elsewhere.cookie).await.problem(401, "auth_invalid_token");
    assert_eq!(other.closed().await, Some(4002));
    own.command("ping", json!({})).await.expect("pong");
    login(&desk, "ann", PASSWORD).await.problem(401, "auth_invalid_token");
    login(&desk, "ann", "long enough").await.ok();
}

async fn deactivate(desk: &TestDesk, id: linedesk_protocol::OperatorId) {
    use linedesk_protocol::Timestamp;
    use linedesk_store::Origin;
    use linedesk_store::ops::operators;
    let now = Timestamp(desk.now_ms());
    desk.in_store(move |tx| operators::deactivate(tx, id, &Origin::system("test"), now)).await;
}
