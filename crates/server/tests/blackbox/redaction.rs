//! CF: secrets never appear in logs, and customers' words do not either: not at the finest level, whichever database it is.

use linedesk_line::signature;
use linedesk_simulator::{Content, Direction, IncomingMessage, Simulator, SimulatorOptions};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::binary::{Binary, Served};
use super::client::{Answer, CHAT, Client};
use super::harness::{DEADLINE, Line, eventually, postgres_url};
use super::socket::SocketClient;

const ASSERTION_KEY: &str = include_str!("../../../line/testdata/assertion-key.json");
const SECRET: &str = "secret-of-the-default-channel";
const TOKEN: &str = "token-of-the-default-channel";
const PASSWORD: &str = "password-of-root";

/// What may be in no line, with what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, value: &str) {
        // A short one would be found by chance.
        assert!(value.len() >= 8, "{what}: {value}");
        self.0.push((what, value.to_owned()));
    }

    fn add_sign_in(&mut self, answer: &Answer) {
        self.add("an access token", answer.ok()["access_token"].as_str().unwrap());
        for name in ["linedesk_refresh", "linedesk_media"] {
            self.add(name, &cookie(answer, name));
        }
    }

    #[track_caller]
    fn assert_absent_from(&self, log: &str) {
        let found: Vec<_> = self
            .0
            .iter()
            .filter_map(|(what, secret)| Some((what, log.lines().find(|line| line.contains(secret))?)))
            .collect();
        assert!(found.is_empty(), "{found:#?}");
    }
}

fn cookie(answer: &Answer, name: &str) -> String {
    let set = answer.set_cookie(name).unwrap();
    set.split(['=', ';']).nth(1).unwrap().to_owned()
}

async fn line() -> Line {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = SimulatorOptions {
        channel_secret: SECRET.to_owned(),
        channel_access_token: TOKEN.to_owned(),
        ..SimulatorOptions::default()
    };
    Line::start(options).await
}

/// The real executable, with everything that is secret given to it.
fn binary(line: &Simulator) -> Binary {
    Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", SECRET)
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", TOKEN)
        .env("LINEDESK_BOOTSTRAP_ADMIN", &format!("root:{PASSWORD}"))
        .env("LINEDESK_LINE_API_URL", &line.base_url())
        .env("LINEDESK_LINE_DATA_API_URL", &line.base_url())
        .env("LINEDESK_PUBLIC_URL", "https://desk.example")
}

/// A day at the desk, with as much that is secret in it as there can be.
async fn a_day(line: &Simulator, served: &Served) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add("the channel's secret", SECRET);
    secrets.add("the channel's token", TOKEN);
    let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
    let url = |path: &str| format!("http://{}{path}", served.addr);
    let post = |path: &str, body: &Value| Answer::of(http.post(url(path)).json(body));

    // Signing in, well and badly.
    for password in [PASSWORD, "a-password-that-is-wrong"] {
        secrets.add("a password", password);
        let answer = post("/api/v1/auth/login", &json!({"username": "root", "password": password})).await;
        if answer.status == 200 {
            secrets.add_sign_in(&answer);
        }
    }
    let root = Client::sign_in(http.clone(), served.addr, "root", PASSWORD).await;
    secrets.add("an access token", &root.token);
    secrets.add("a refresh token", &root.cookie);
    for header in ["a-made-up-access-token", "a.made-up.access-token"] {
        secrets.add("a wrong access token", header);
        Client { token: header.to_owned(), ..root.clone() }
            .get("/conversations")
            .await
            .problem(401, "auth_invalid_token");
    }

    // A channel whose token LINE does not take.
    let wish = json!({"name": "shop", "channel_secret": "secret-of-the-shop", "access_token": "token-of-the-shop"});
    secrets.add("another channel's secret", "secret-of-the-shop");
    secrets.add("another channel's token", "token-of-the-shop");
    Answer::of(root.request(Method::POST, "/api/v1/admin/channels").json(&wish)).await.is(201);

    let key: Value = serde_json::from_str(ASSERTION_KEY).unwrap();
    secrets.add("a key for assertions", key["d"].as_str().unwrap());
    let wish = json!({
        "name": "signed", "channel_secret": "secret-of-the-shop", "token_kind": "jwt", "line_channel_id": "1234567890",
        "assertion_key": ASSERTION_KEY,
    });
    Answer::of(root.request(Method::POST, "/api/v1/admin/channels").json(&wish)).await.is(201);

    // Webhooks, one of them forged.
    let body = json!({"destination": "U", "events": []}).to_string();
    for secret in [SECRET, "a-secret-of-somebody-else"] {
        let signature = signature::sign(secret, body.as_bytes());
        secrets.add("a webhook's signature", &signature);
        let request = http.post(url("/line/webhook")).header(signature::HEADER, signature).body(body.clone());
        assert_eq!(Answer::of(request).await.status, if secret == SECRET { 200 } else { 400 });
    }
    line.set_webhook_url(url("/line/webhook"));
    let user = line.add_customer("Customers-Own-Name", "th", None).unwrap();
    secrets.add("a customer's name", "Customers-Own-Name");
    for words in ["agent, I owe-the-tax-office", "and my-number-is-0812345678"] {
        secrets.add("a customer's words", words);
        line.send_text(&user, words).unwrap();
    }
    line.send_message(&user, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    line.wait_until_idle(DEADLINE).await.unwrap();

    // An operator at work, over both ways; and LINE refuses one.
    root.act(&user, "claim", Value::Null).await.ok();
    for (what, words) in [("messages", "words-over-rest"), ("notes", "words-of-a-note")] {
        secrets.add("an operator's words", words);
        root.act(&user, what, json!({"text": words})).await.is(201);
    }
    secrets.add("an operator's words", "words-over-the-socket");
    let mut socket = SocketClient::signed_in(&root, None).await;
    let payload = json!({"line_user_id": user, "text": "words-over-the-socket"});
    socket.command("send_message", payload).await.expect("message_sent");
    secrets.add("what was looked for", "my-number");
    root.get("/messages/search?q=my-number").await.ok();
    root.get("/conversations?q=my-number").await.ok();

    // A file, and the link by which the customer opens it.
    let file = Part::bytes(b"words-in-a-file".to_vec()).file_name("name-of-a-file.txt");
    secrets.add("a file's name", "name-of-a-file");
    secrets.add("a file's content", "words-in-a-file");
    let upload = root.request(Method::POST, &format!("{CHAT}/conversations/{user}/media"));
    Answer::of(upload.multipart(Form::new().part("file", file))).await.is(201);
    line.wait_for(|line| line.received(&user).count() == 3, DEADLINE).await.unwrap();
    let link = line.received(&user).iter().find_map(|message| {
        message.text.as_ref()?.lines().find_map(|line| line.strip_prefix("https://desk.example")).map(str::to_owned)
    });
    let link = link.unwrap();
    secrets.add("a link's signature", link.split("sig=").nth(1).unwrap());
    assert_eq!(Answer::of(http.get(url(&link))).await.text, "words-in-a-file");
    Answer::of(http.get(url(&link.replace("exp=", "exp=1")))).await.problem(401, "auth_invalid_token");

    // The picture, by the cookie; then the sign-in is renewed, a used token is shown again, and the password changes.
    let shown = eventually("the picture is there", async || {
        let messages = root.conversation(&user).await["messages"].clone();
        let mut messages = messages.as_array().unwrap().iter();
        let picture =
            messages.find(|message| message["message_type"] == "image" && message["media"]["state"] == "ready");
        picture.map(|message| message["media"]["id"].as_str().unwrap().to_owned())
    })
    .await;
    let rotated = root.refresh_with(&root.cookie).await;
    secrets.add_sign_in(&rotated);
    let by_cookie = http.get(url(&format!("/media/{shown}")));
    let by_cookie = by_cookie.header("cookie", format!("linedesk_media={}", cookie(&rotated, "linedesk_media")));
    assert!(by_cookie.send().await.unwrap().status().is_success());
    let change = json!({"current_password": PASSWORD, "new_password": "the-next-password"});
    secrets.add("a new password", "the-next-password");
    assert_eq!(root.auth(Method::POST, "password", Some(change)).await.status, 204);
    root.refresh_with(&root.cookie).await.problem(401, "auth_invalid_token");

    // What was only ever between LINE and the desk.
    for call in line.calls().iter().filter(|call| call.direction == Direction::ToDesk) {
        let body: Value = serde_json::from_str(&call.request_body).unwrap();
        for event in body["events"].as_array().into_iter().flatten() {
            for token in [&event["replyToken"], &event["message"]["quoteToken"]].into_iter().filter_map(Value::as_str) {
                secrets.add("a token of LINE's", token);
            }
        }
    }
    secrets.add("a password's hash", "$argon2id$");
    secrets
}

async fn nothing_of_it_is_logged(binary: Binary, line: &Simulator) {
    let served = binary.serve(&["--log", "trace"]).await;
    let secrets = a_day(line, &served).await;
    let (code, log) = served.terminate().await;
    assert_eq!(code, 0);
    assert!(log.lines().filter(|line| line.contains("\"answered\"")).count() > 20, "requests are not logged: {log}");
    secrets.assert_absent_from(&log);
}

#[tokio::test]
async fn cf_neither_secrets_nor_words_are_logged_on_sqlite() {
    let line = line().await;
    nothing_of_it_is_logged(binary(&line), &line).await;
}

/// The driver knows every parameter of every statement.
#[tokio::test]
async fn cf_neither_secrets_nor_words_are_logged_on_postgresql() {
    let Some(server) = postgres_url() else { return };
    let database = Database::create(server).await;
    let line = line().await;
    nothing_of_it_is_logged(binary(&line).env("LINEDESK_DATABASE_URL", &database.url()), &line).await;
}

/// A database of the test's own: the executable knows no schemas. Dropped at the end.
struct Database {
    server: String,
    name: String,
}

impl Database {
    async fn create(server: String) -> Self {
        let database = Self { server, name: format!("linedesk_redaction_{}", std::process::id()) };
        let (server, name) = (database.server.clone(), database.name.clone());
        let made = tokio::task::spawn_blocking(move || {
            let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).unwrap();
            client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        });
        made.await.unwrap();
        database
    }

    fn url(&self) -> String {
        let (base, _) = self.server.rsplit_once('/').unwrap();
        format!("{base}/{}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The client blocks, and this thread must not.
        let dropping = std::thread::spawn(move || {
            if let Ok(mut client) = postgres::Client::connect(&server, postgres::NoTls) {
                let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        });
        let _ = dropping.join();
    }
}
