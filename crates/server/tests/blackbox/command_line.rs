//! CF: the executable's configuration, exit codes and commands.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::binary::Binary;
use super::client::{Answer, Client};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn add(binary: &Binary, username: &str, role: &str, password: &str) -> super::binary::Ended {
    let args = ["operator", "add", "--username", username, "--role", role, "--password-stdin"];
    binary.run_with(&args, &format!("{password}\n")).await
}

#[tokio::test]
async fn cf_unknown_settings_are_exit_2_with_one_line() {
    let line = Binary::new().env("LINEDESK_LISTNE", "x").run(&SERVE).await.failed(2).to_owned();
    assert!(line.contains("LINEDESK_LISTNE"), "{line}");
    let binary = Binary::new();
    std::fs::write(binary.dir().join("linedesk.toml"), "listne = \"127.0.0.1:1\"").unwrap();
    let line = binary.run(&SERVE).await.failed(2).to_owned();
    assert!(line.contains("listne") && line.contains("linedesk.toml"), "{line}");
}

#[tokio::test]
async fn cf_unknown_flags_and_commands_are_exit_2_with_one_line() {
    let binary = Binary::new();
    for args in [&["serve", "--listne", "x"][..], &["swerve"], &["operator", "promote"], &["operator", "add"]] {
        let line = binary.run(args).await.failed(2).to_owned();
        assert!(!line.is_empty(), "{args:?}");
    }
}

#[tokio::test]
async fn cf_bad_values_are_exit_2_and_named() {
    for (key, value) in [
        ("listen", "here"),
        ("timezone", "Mars/Olympus"),
        ("database_url", "mysql://u:hunter2@x"),
        ("sends_per_minute", "many"),
        ("log", "linedesk=loud,,="),
        ("log_format", "xml"),
        ("public_url", "ftp://x"),
    ] {
        let binary = Binary::new().env(&format!("LINEDESK_{}", key.to_uppercase()), value);
        let ended = binary.run(&["serve"]).await;
        let line = ended.failed(2);
        // Hours and zone are one thing to whoever reads them.
        assert!(line.contains(key) || key == "timezone", "{key}: {line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    let ended = Binary::new().run(&["serve", "--config", "nowhere.toml"]).await;
    assert!(ended.failed(2).contains("nowhere.toml"));
}

#[tokio::test]
async fn cf_flags_beat_the_environment_beats_the_file() {
    let binary = Binary::new().env("LINEDESK_LISTEN", "256.0.0.1:1").env("LINEDESK_TIMEZONE", "Asia/Tokyo");
    std::fs::write(binary.dir().join("linedesk.toml"), "listen = \"nowhere\"\ntimezone = \"Mars/Olympus\"").unwrap();
    let served = binary.serve(&[]).await;
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn cf_a_second_server_on_the_same_data_is_exit_1_with_one_line() {
    let binary = Binary::new();
    let served = binary.serve(&[]).await;
    let ended = binary.run(&[&SERVE[..], &["--log", "off"]].concat()).await;
    assert!(ended.failed(1).contains("data"), "{ended:?}");
    assert_eq!(http().get(format!("http://{}/readyz", served.addr)).send().await.unwrap().status(), 200);
    served.kill().await;
    // Whoever was killed holds nothing.
    let again = binary.serve(&[]).await;
    assert_eq!(again.terminate().await.0, 0);
}

#[tokio::test]
async fn cf_an_address_in_use_is_exit_1_with_one_line() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Binary::new().run(&["serve", "--listen", &address, "--log", "off"]).await;
    assert!(ended.failed(1).contains(&address), "{ended:?}");
}

#[tokio::test]
async fn cf_operators_are_added_listed_given_passwords_and_deactivated_beside_a_running_server() {
    let binary = Binary::new();
    let served = binary.serve(&[]).await;
    let http = http();
    let try_login = async |password: &str| {
        let body = json!({"username": "ann", "password": password});
        Answer::of(http.post(format!("http://{}/api/v1/auth/login", served.addr)).json(&body)).await.status
    };
    assert!(add(&binary, "Ann", "AGENT", "first password").await.succeeded().contains("ann"));
    assert_eq!(try_login("first password").await, 200);
    assert!(add(&binary, "ann", "ADMIN", "other password").await.failed(1).contains("already"));
    let list = binary.run(&["operator", "list"]).await;
    assert!(list.succeeded().contains("ann\tAGENT\tactive"), "{list:?}");

    let ann = Client::sign_in(http.clone(), served.addr, "ann", "first password").await;
    let mut socket = super::socket::SocketClient::signed_in(&ann, None).await;
    let passwd = binary.run_with(&["operator", "passwd", "ann", "--password-stdin"], "second password").await;
    passwd.succeeded();
    assert_eq!(socket.closed().await, Some(4002), "AU3: whoever is signed in under the old password is signed out");
    assert_eq!((try_login("first password").await, try_login("second password").await), (401, 200));

    let ann = Client::sign_in(http.clone(), served.addr, "ann", "second password").await;
    let mut socket = super::socket::SocketClient::signed_in(&ann, None).await;
    binary.run(&["operator", "role", "ann", "--role", "BOSS"]).await.failed(2);
    assert!(binary.run(&["operator", "role", "ann", "--role", "ADMIN"]).await.succeeded().contains("ADMIN"));
    assert_eq!(socket.closed().await, Some(4002), "AU3: with another role one comes back as that");
    let ann = Client::sign_in(http.clone(), served.addr, "ann", "second password").await;
    let mut socket = super::socket::SocketClient::signed_in(&ann, None).await;
    binary.run(&["operator", "deactivate", "ann"]).await.succeeded();
    assert_eq!(socket.closed().await, Some(4002));
    assert_eq!(try_login("second password").await, 401);
    assert!(binary.run(&["operator", "list"]).await.succeeded().contains("deactivated"));
    assert!(!binary.run(&["operator", "deactivate", "nobody"]).await.failed(1).is_empty());
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn cf_an_operator_that_cannot_be_is_exit_2_and_touches_nothing() {
    let binary = Binary::new();
    for (username, role, password) in
        [("ann", "BOSS", "long enough"), ("ann", "AGENT", "short"), (" ", "AGENT", "long enough")]
    {
        add(&binary, username, role, password).await.failed(2);
    }
    assert!(!binary.data_dir().exists());
}

#[tokio::test]
async fn cf_migrate_makes_the_database_and_does_nothing_twice() {
    let binary = Binary::new();
    for _ in 0..2 {
        binary.run(&["migrate"]).await.succeeded();
        assert!(binary.data_dir().join("linedesk.db").exists());
    }
    let mode = std::fs::metadata(binary.data_dir()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "customers' words are nobody else's to read: {mode:o}");
    // Not under the feet of a running server, which has migrated at its start anyway.
    let served = binary.serve(&[]).await;
    binary.run(&["migrate", "--log", "off"]).await.failed(1);
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn cf_the_bootstrap_admin_is_made_once() {
    let binary = Binary::new().env("LINEDESK_BOOTSTRAP_ADMIN", "root:rooted and grounded");
    let served = binary.serve(&[]).await;
    let root = Client::sign_in(http(), served.addr, "root", "rooted and grounded").await;
    let me = root.auth(reqwest::Method::GET, "me", None).await.ok();
    assert_eq!(me["role"], "SUPER_ADMIN");
    assert_eq!(served.terminate().await.0, 0);
    let served = binary.serve(&["--bootstrap-admin", "other:some other password"]).await;
    Client::sign_in(http(), served.addr, "root", "rooted and grounded").await;
    let body = json!({"username": "other", "password": "some other password"});
    let answer = Answer::of(http().post(format!("http://{}/api/v1/auth/login", served.addr)).json(&body)).await;
    answer.problem(401, "auth_invalid_token");
    assert_eq!(served.terminate().await.0, 0);
}

#[tokio::test]
async fn cf_secrets_are_in_no_log_line() {
    let (secret, token, password) = ("the-channel-secret", "the-access-token", "the-root-password");
    let binary = Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", secret)
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", token)
        .env("LINEDESK_BOOTSTRAP_ADMIN", &format!("root:{password}"))
        .env("LINEDESK_LINE_API_URL", "http://127.0.0.1:9");
    let served = binary.serve(&["--log", "trace"]).await;
    let root = Client::sign_in(http(), served.addr, "root", password).await;
    let wrong = json!({"username": "root", "password": "the-wrong-password"});
    let url = |path: &str| format!("http://{}{path}", served.addr);
    assert_eq!(Answer::of(http().post(url("/api/v1/auth/login")).json(&wrong)).await.status, 401);
    let user = super::line_events::new_user();
    let body = json!({"events": [super::line_events::text(&user, "agent")]}).to_string();
    let signature = linedesk_line::signature::sign(secret, body.as_bytes());
    let webhook = http().post(url("/line/webhook")).header("x-line-signature", &signature).body(body);
    assert_eq!(Answer::of(webhook).await.status, 200);
    let mut socket = super::socket::SocketClient::signed_in(&root, None).await;
    socket.command("claim_session", json!({"line_user_id": user})).await.expect("session_claimed");
    socket.command("send_message", json!({"line_user_id": user, "text": "hi"})).await.expect("message_sent");
    let rotated = root.refresh_with(&root.cookie).await;
    let next = rotated.refresh_cookie().unwrap();
    root.refresh_with(&root.cookie).await.problem(401, "auth_invalid_token");
    socket.closed().await;
    let (code, log) = served.terminate().await;
    assert_eq!(code, 0);
    let access = rotated.ok()["access_token"].as_str().unwrap().to_owned();
    let secrets =
        [secret, token, password, "the-wrong-password", &root.token, &access, &root.cookie, &next, "$argon2id$"];
    for secret in secrets {
        if let Some(line) = log.lines().find(|line| line.contains(secret)) {
            panic!("`{secret}` is in the log: {line}");
        }
    }
    assert!(log.lines().count() > 20, "nothing was logged: {log}");
}

#[tokio::test]
async fn cf_secrets_in_addresses_are_in_no_error() {
    for (name, url) in [
        ("LINEDESK_DATABASE_URL", "postgres://desk:hunter2@127.0.0.1:9/desk"),
        ("LINEDESK_DATABASE_URL", "postgres://desk:hunter2@[nonsense"),
        ("LINEDESK_NATS_URL", "nats://desk:hunter2@127.0.0.1:9"),
    ] {
        let ended = Binary::new().env(name, url).run(&[&SERVE[..], &["--log", "trace"]].concat()).await;
        assert!(ended.code == 1 || ended.code == 2, "{ended:?}");
        assert!(!ended.stderr.contains("hunter2") && !ended.stdout.contains("hunter2"), "{ended:?}");
    }
}

#[tokio::test]
async fn cf_metrics_have_their_own_listener_and_are_off_by_default() {
    let off = Binary::new();
    let served = off.serve(&[]).await;
    assert_eq!(http().get(format!("http://{}/metrics", served.addr)).send().await.unwrap().status(), 404);
    assert_eq!(served.terminate().await.0, 0);
    // An address that nobody else on this machine has, so that the port is free.
    let [.., high, low] = std::process::id().to_be_bytes();
    let address = format!("127.9.{high}.{low}:9464");
    let on = Binary::new().env("LINEDESK_METRICS_LISTEN", &address);
    let served = on.serve(&[]).await;
    http().get(format!("http://{}/healthz", served.addr)).send().await.unwrap();
    let metrics = http().get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("linedesk_http_requests_total"), "{metrics}");
    assert_eq!(http().get(format!("http://{}/metrics", served.addr)).send().await.unwrap().status(), 404);
    assert_eq!(http().get(format!("http://{address}/healthz")).send().await.unwrap().status(), 404);
    assert_eq!(served.terminate().await.0, 0);
}
