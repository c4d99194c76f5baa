//! ER1–ER3: every refusal is a problem document with a code from the table, and says nothing of what is inside.
//! (`Answer::problem` checks the form.)

use linedesk_protocol::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Answer, CHAT};
use super::harness::{TestDesk, postgres_url};

#[tokio::test]
async fn er1_unknown_paths_are_not_found() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for path in
        ["/nowhere", "/api", "/api/v1", "/api/v1/auth", "/api/v1/admin/live-chat", "/metrics", "/line", "/api/v2/x"]
    {
        desk.get(path).await.problem(404, "not_found");
        Answer::of(ann.request(Method::POST, path)).await.problem(404, "not_found");
    }
    ann.get("/conversations/1/nowhere").await.problem(404, "not_found");
}

#[tokio::test]
async fn er1_a_path_that_cannot_be_read_names_nothing() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for id in ["9223372036854775808", "x", "%ff"] {
        let path = format!("{CHAT}/messages/{id}/fetch");
        Answer::of(ann.request(Method::POST, &path)).await.problem(404, "not_found");
    }
    for path in ["/media/%ff", "/media/%ff/preview", "/media/stickers/%ff", "/media/stickers/9223372036854775808"] {
        Answer::of(ann.request(Method::GET, path)).await.problem(404, "not_found");
    }
    desk.request(Method::POST, "/line/webhook/%ff", None).await.problem(404, "not_found");
}

#[tokio::test]
async fn er1_a_wrong_method_is_a_405_problem_that_says_what_is_allowed() {
    let desk = TestDesk::start().await;
    let chat = |rest: &str| format!("{CHAT}{rest}");
    for (method, path, allowed) in [
        (Method::GET, "/api/v1/auth/login".to_owned(), "POST"),
        (Method::DELETE, chat("/conversations"), "GET"),
        (Method::PUT, chat("/conversations/1/messages"), "POST"),
        (Method::GET, "/line/webhook".to_owned(), "POST"),
        (Method::POST, "/healthz".to_owned(), "GET"),
    ] {
        let answer = desk.request(method, &path, None).await;
        answer.problem(405, "invalid_request");
        assert!(answer.header("allow").is_some_and(|allow| allow.contains(allowed)), "{path}: {:?}", answer.headers);
    }
}

#[tokio::test]
async fn er1_whoever_is_not_signed_in_learns_only_that() {
    let desk = TestDesk::start().await;
    let user = desk.customer_writing("Somchai").await;
    let chat = |rest: &str| format!("{CHAT}{rest}");
    for path in [
        chat("/conversations"),
        chat(&format!("/conversations/{user}")),
        chat("/conversations/999"),
        chat("/conversations/nonsense"),
        chat(&format!("/conversations/{user}/messages")),
        chat("/operators"),
        chat("/messages/search?q=hello"),
        "/api/v1/auth/me".to_owned(),
    ] {
        let answer = desk.get(&path).await;
        answer.problem(401, "auth_missing_token");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
    }
    for what in ["messages", "notes", "claim", "release", "close", "transfer", "mode", "read", "archive", "unarchive"] {
        let path = chat(&format!("/conversations/{user}/{what}"));
        desk.request(Method::POST, &path, Some(&json!({"text": "x"}))).await.problem(401, "auth_missing_token");
    }
}

#[tokio::test]
async fn er1_a_body_that_is_not_json_is_invalid_and_a_wrong_one_names_its_field() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let path = |what: &str| format!("{CHAT}/conversations/{user}/{what}");
    for body in ["", "{", "text=hello", "\"", "{\"text\": \"\\ud800\"}", "\u{feff}{}"] {
        let request = ann.request(Method::POST, &path("messages")).body(body);
        Answer::of(request).await.problem(400, "invalid_request");
    }
    let not_utf8 = ann.request(Method::POST, &path("messages")).body(b"{\"text\": \"\xff\"}".to_vec());
    Answer::of(not_utf8).await.problem(400, "invalid_request");
    for (what, body, field) in [
        ("messages", json!({}), "text"),
        ("messages", json!({"text": 5}), "text"),
        ("messages", json!({"text": "x", "temp_id": {}}), "temp_id"),
        ("messages", json!({"text": "x", "temp_id": ""}), "temp_id"),
        ("messages", json!({"text": "x", "temp_id": "x".repeat(101)}), "temp_id"),
        ("messages", json!({"text": "x", "quote_message_id": "7"}), "quote_message_id"),
        ("messages", json!({"text": "x", "quote_message_id": 999}), "quote_message_id"),
        ("notes", json!({}), "text"),
        ("transfer", json!({}), "to_operator_id"),
        ("transfer", json!({"to_operator_id": "2"}), "to_operator_id"),
        ("transfer", json!({"to_operator_id": 2, "reason": "x".repeat(256)}), "reason"),
        ("mode", json!({}), "mode"),
        ("mode", json!({"mode": "human"}), "mode"),
        ("read", json!({}), "message_id"),
        ("read", json!({"message_id": 1.5}), "message_id"),
    ] {
        let answer = ann.act(&user, what, body.clone()).await;
        assert_eq!(answer.status, 422, "{what} {body}: {}", answer.text);
        answer.names_field(field);
    }
    for (body, field) in [(json!({}), "username"), (json!({"username": "ann"}), "password")] {
        desk.request(Method::POST, "/api/v1/auth/login", Some(&body)).await.names_field(field);
    }
    for body in [json!([]), json!("ann"), json!(null), json!(["ann", "password"])] {
        let answer = desk.request(Method::POST, "/api/v1/auth/login", Some(&body)).await;
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.text);
    }
}

#[tokio::test]
async fn er2_a_body_that_is_too_large_is_413() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let body = json!({"text": "x".repeat(70_000)}).to_string();
    // The server may hang up without reading on, so nothing else goes over the same connection.
    let messages = ann.request(Method::POST, &format!("{CHAT}/conversations/{user}/messages"));
    let login = desk.http.post(desk.url("/api/v1/auth/login"));
    for request in [messages, login] {
        let request = request.header("connection", "close").body(body.clone());
        Answer::of(request).await.problem(413, "payload_too_large");
    }
    // Without a declared length, too. One piece: whoever goes on writing to a server that has answered hears nothing.
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![b' '; 66 * 1024])]);
    let request = ann.request(Method::POST, &format!("{CHAT}/conversations/{user}/messages"));
    Answer::of(request.body(reqwest::Body::wrap_stream(chunks))).await.problem(413, "payload_too_large");
}

#[tokio::test]
async fn er1_the_request_id_is_the_clients_if_it_is_harmless() {
    let desk = TestDesk::start().await;
    let ask = async |id: &str| {
        Answer::of(desk.http.get(desk.url("/nowhere")).header("x-request-id", id)).await.problem(404, "not_found")
    };
    assert_eq!(ask("order-66.a_b").await["request_id"], "order-66.a_b");
    for hostile in ["a b", "x\t1", &"x".repeat(65), "\"quoted\"", "%0a"] {
        let id = ask(hostile).await["request_id"].as_str().unwrap().to_owned();
        assert!(id != hostile && id.len() <= 64, "{id}");
    }
    let (first, second) = (desk.get("/nowhere").await, desk.get("/nowhere").await);
    assert_ne!(first.json()["request_id"], second.json()["request_id"]);
}

/// Whatever a client sends, the fault is the client's: never a 5xx.
async fn hostile_input_is_refused_politely(desk: &TestDesk) {
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let nul = "a\u{0}b";
    for path in [
        "/conversations?q=%00",
        "/conversations?q=%ff",
        "/conversations?tag=%00",
        "/conversations?q=%25%5F!%27%22%3B--",
        "/conversations?cursor=1.2.3",
        "/conversations?cursor=99999999999999999999.1",
        "/conversations?cursor=-9223372036854775808.-9223372036854775808",
        "/conversations?limit=-1",
        "/conversations?limit=18446744073709551616",
        "/conversations/%00",
        "/conversations/9223372036854775807",
        "/conversations/-9223372036854775808",
        "/conversations/99999999999999999999",
        "/messages/search?q=%00a",
        "/messages/search?q=%22%20OR%20%22",
        "/messages/search?q=NEAR(a%20b)",
        "/messages/search?q=hello&cursor=x",
        "/messages/search?q=hello&line_user_id=%00",
    ] {
        let answer = ann.get(path).await;
        assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text);
        super::client::assert_says_no_internals(&answer.text);
    }
    let bodies: [(&str, Value); 6] = [
        ("messages", json!({"text": nul, "temp_id": "1"})),
        ("messages", json!({"text": "x", "temp_id": nul})),
        ("notes", json!({"text": nul})),
        ("transfer", json!({"to_operator_id": i64::MAX, "reason": nul})),
        ("read", json!({"message_id": i64::MIN})),
        ("messages", json!({"text": "x", "quote_message_id": i64::MAX})),
    ];
    for (what, body) in bodies {
        let answer = ann.act(&user, what, body.clone()).await;
        assert!(answer.status < 500, "{what} {body}: {} {}", answer.status, answer.text);
    }
    let login = json!({"username": nul, "password": nul});
    let answer = desk.request(Method::POST, "/api/v1/auth/login", Some(&login)).await;
    assert!(answer.status < 500, "{}", answer.text);
    ann.refresh_with("a%00b").await.problem(401, "auth_invalid_token");
    let start = json!({"line_user_id": nul, "initial_message": "x"});
    ann.post("/conversations", &start).await.names_field("line_user_id");
}

#[tokio::test]
async fn er3_hostile_input_is_refused_politely_on_sqlite() {
    hostile_input_is_refused_politely(&TestDesk::start().await).await;
}

#[tokio::test]
async fn er3_hostile_input_is_refused_politely_on_postgresql() {
    let Some(url) = postgres_url() else { return };
    hostile_input_is_refused_politely(&TestDesk::builder().postgres(&url).start().await).await;
}

#[tokio::test]
async fn er1_every_answer_has_a_request_id_and_is_kept_from_caches_and_frames() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    for answer in [desk.get("/nowhere").await, desk.get("/healthz").await, ann.get("/conversations").await] {
        assert!(answer.header("x-request-id").is_some_and(|id| !id.is_empty()));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    }
}
