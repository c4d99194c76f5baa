//! Several LINE accounts: made and changed by admins, their secrets sealed, their tokens issued.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use linedesk_protocol::Role;
use linedesk_simulator::Simulator;
use linedesk_store::Location;
use linedesk_store::ops::channels;
use reqwest::Method;
use serde_json::{Value, json};

use super::binary::Binary;
use super::client::{Answer, Client};
use super::harness::{DEADLINE, TestDesk, eventually};

const ASSERTION_KEY: &str = include_str!("../../../line/testdata/assertion-key.json");
const LINE_ID: &str = "1234567890";

async fn list(who: &Client) -> Answer {
    Answer::of(who.request(Method::GET, "/api/v1/admin/channels")).await
}

async fn add(who: &Client, wish: Value) -> Answer {
    Answer::of(who.request(Method::POST, "/api/v1/admin/channels").json(&wish)).await
}

async fn change(who: &Client, id: &Value, wish: Value) -> Answer {
    Answer::of(who.request(Method::POST, &format!("/api/v1/admin/channels/{id}")).json(&wish)).await
}

/// The conversation on top of the list, whatever channel it is in.
async fn newest(who: &Client) -> i64 {
    who.get("/conversations").await.ok()["conversations"][0]["id"].as_i64().unwrap()
}

/// Calls of LINE's that begin so.
fn calls(line: &Simulator, path: &str) -> usize {
    line.calls().iter().filter(|call| call.path.starts_with(path)).count()
}

async fn arrives(desk: &TestDesk, user: &str, text: &str) {
    let came = desk.line.wait_for(|line| line.received(user).any(|m| m.text.as_deref() == Some(text)), DEADLINE);
    came.await.unwrap_or_else(|_| panic!("{text} did not come"));
    assert_eq!(desk.line.received(user).iter().filter(|m| m.text.as_deref() == Some(text)).count(), 1, "{text}");
}

/// Every byte that the desk keeps.
fn kept(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file() && !path.ends_with("secret.key"))
        .flat_map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn an_admin_adds_a_channel_and_it_is_used_at_once() {
    let desk = TestDesk::builder().set("public_url", "https://desk.example").start().await;
    let (ann, lead) = (desk.operator("ann", Role::Agent).await, desk.operator("lead", Role::Admin).await);
    list(&ann).await.problem(403, "forbidden");
    add(&ann, json!({"name": "shop"})).await.problem(403, "forbidden");
    change(&ann, &json!(1), json!({"is_active": false})).await.problem(403, "forbidden");

    let wrong = add(&lead, json!({"name": "Shop!", "channel_secret": "a b", "line_channel_id": "x"})).await;
    let wrong = wrong.problem(422, "validation_error");
    let fields: Vec<_> = wrong["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["channel_secret", "line_channel_id"]);
    let wrong = add(&lead, json!({"name": "Shop!"})).await.problem(422, "validation_error");
    let fields: Vec<_> = wrong["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["channel_secret", "access_token", "name"]);

    let (secret, token) = (desk.line.channel_secret().to_owned(), desk.line.channel_access_token().to_owned());
    let made = add(&lead, json!({"name": "shop", "channel_secret": secret, "access_token": token})).await.is(201);
    assert_eq!(made["account"]["display_name"], "Citizen services");
    assert_eq!(made["webhook_url"], "https://desk.example/line/webhook/shop");
    assert_eq!(made.get("warning"), None);
    add(&lead, json!({"name": "shop", "channel_secret": "s", "access_token": "t"})).await.problem(409, "conflict");

    // LINE calls its own path, and what was written there is answered from there.
    desk.line.set_webhook_url(desk.url("/line/webhook/shop"));
    let user = desk.customer_waiting("Somchai").await;
    let conversation = newest(&lead).await;
    assert_eq!(lead.conversation(conversation).await["channel"], "shop");
    lead.act(conversation, "claim", Value::Null).await.ok();
    lead.act(conversation, "messages", json!({"text": "hello from the shop"})).await.is(201);
    arrives(&desk, &user, "hello from the shop").await;

    let all = list(&lead).await;
    assert!(!all.text.contains(&secret) && !all.text.contains(&token), "secrets are never told");
    let names: Vec<_> = all.ok()["channels"].as_array().unwrap().iter().map(|known| known["name"].clone()).collect();
    assert_eq!(names, ["default", "shop"]);

    let other = desk.customer("Mali");
    let start = |channel: &str| json!({"line_user_id": other, "channel": channel});
    lead.post("/conversations", &start("nowhere")).await.problem(422, "validation_error");
    assert_eq!(lead.post("/conversations", &start("shop")).await.is(201)["channel"], "shop");
}

#[tokio::test]
async fn a_channel_that_is_off_takes_and_sends_nothing_and_goes_on_when_it_is_on_again() {
    let desk = TestDesk::start().await;
    let lead = desk.operator("lead", Role::Admin).await;
    let user = desk.customer_of("Somchai", &lead).await;
    let id = list(&lead).await.ok()["channels"][0]["id"].clone();
    let off = change(&lead, &id, json!({"is_active": false})).await.ok();
    assert_eq!((&off["is_active"], &off["account"]), (&json!(false), &Value::Null));

    lead.act(&user, "messages", json!({"text": "waits"})).await.is(201);
    desk.line.send_text(&user, "is not taken").unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let refused = desk.line.calls().into_iter().rev().find(|call| call.path.contains("webhook")).unwrap();
    assert_eq!(refused.status, Some(404));
    assert_eq!(calls(&desk.line, "/v2/bot/message/push") + calls(&desk.line, "/v2/bot/message/reply"), 0);
    lead.post("/conversations", &json!({"line_user_id": user})).await.problem(409, "conflict");

    change(&lead, &id, json!({"is_active": true})).await.ok();
    arrives(&desk, &user, "waits").await;
    change(&lead, &json!(99), json!({})).await.problem(404, "not_found");
    change(&lead, &json!("x"), json!({})).await.problem(404, "not_found");
    let named = change(&lead, &id, json!({"name": "other"})).await.problem(422, "validation_error");
    assert_eq!(named["errors"][0]["field"], "name");
}

#[tokio::test]
async fn a_stateless_token_is_issued_used_renewed_and_issued_anew_when_line_ends_it() {
    let desk = TestDesk::builder().manual_clock().start().await;
    let lead = desk.operator("lead", Role::Admin).await;
    let user = desk.customer_of("Somchai", &lead).await;
    let id = list(&lead).await.ok()["channels"][0]["id"].clone();
    let wrong = change(&lead, &id, json!({"token_kind": "stateless"})).await.problem(422, "validation_error");
    assert_eq!(wrong["errors"][0]["field"], "line_channel_id");
    let told = change(&lead, &id, json!({"token_kind": "stateless", "line_channel_id": "999"})).await.ok();
    assert!(told["warning"].as_str().unwrap().contains("issues no access token"), "{told}");
    let told = change(&lead, &id, json!({"line_channel_id": LINE_ID})).await.ok();
    assert_eq!(told["account"]["display_name"], "Citizen services", "{told}");
    // From here on only issued tokens are good enough.
    let issued = || calls(&desk.line, "/oauth2/v3/token");
    let before = issued();
    lead.act(&user, "messages", json!({"text": "one"})).await.is(201);
    arrives(&desk, &user, "one").await;
    assert_eq!(issued(), before, "the same token");

    desk.advance(Duration::from_secs(14 * 60));
    desk.says(&user, "again").await;
    lead.act(&user, "messages", json!({"text": "two"})).await.is(201);
    arrives(&desk, &user, "two").await;
    assert_eq!(issued(), before + 1, "renewed before its end");

    desk.line.end_issued_tokens();
    lead.act(&user, "messages", json!({"text": "three"})).await.is(201);
    arrives(&desk, &user, "three").await;
    assert_eq!(issued(), before + 2, "LINE had ended it");
}

#[tokio::test]
async fn a_v2_1_token_is_kept_for_every_node_and_start() {
    let desk = TestDesk::builder().simulator(|line| line.assertion_key = Some(ASSERTION_KEY.to_owned())).start().await;
    let lead = desk.operator("lead", Role::Admin).await;
    let id = list(&lead).await.ok()["channels"][0]["id"].clone();
    let wish = json!({"token_kind": "jwt", "line_channel_id": LINE_ID, "assertion_key": ASSERTION_KEY});
    let told = change(&lead, &id, wish).await.ok();
    assert_eq!(
        (&told["account"]["display_name"], &told["has_assertion_key"]),
        (&json!("Citizen services"), &json!(true))
    );
    assert_eq!(calls(&desk.line, "/oauth2/v2.1/token"), 1);
    let bad = change(&lead, &id, json!({"assertion_key": "{}"})).await.problem(422, "validation_error");
    assert_eq!(bad["errors"][0]["field"], "assertion_key");

    let Location::Sqlite { data_dir } = &desk.location else { panic!("SQLite") };
    let key: Value = serde_json::from_str(ASSERTION_KEY).unwrap();
    assert!(!holds(&kept(data_dir), key["d"].as_str().unwrap()), "the key is sealed");
    // The configuration's channel would be made anew: this one is kept by another name.
    let wish = json!({
        "name": "kept", "channel_secret": desk.line.channel_secret(), "token_kind": "jwt",
        "line_channel_id": LINE_ID, "assertion_key": ASSERTION_KEY,
    });
    add(&lead, wish).await.is(201);
    let issued = calls(&desk.line, "/oauth2/v2.1/token");
    desk.line.set_webhook_url(desk.url("/line/webhook/kept"));
    let user = desk.customer_waiting("Somchai").await;
    let conversation = newest(&lead).await;
    lead.act(conversation, "claim", Value::Null).await.ok();
    let mut desk = desk;
    desk.restart().await;
    let lead = desk.sign_in("lead").await;
    lead.act(conversation, "messages", json!({"text": "after the restart"})).await.is(201);
    arrives(&desk, &user, "after the restart").await;
    assert_eq!(calls(&desk.line, "/oauth2/v2.1/token"), issued, "the tokens were kept");
}

#[tokio::test]
async fn secrets_are_sealed_and_a_wrong_key_opens_and_changes_nothing() {
    let mut desk = TestDesk::start().await;
    let Location::Sqlite { data_dir } = desk.location.clone() else { panic!("SQLite") };
    let (secret, token) = (desk.line.channel_secret().to_owned(), desk.line.channel_access_token().to_owned());
    // As an older version left them.
    desk.stop().await;
    let (plain_secret, plain_token) = ("plain-secret-of-before", "plain-token-of-before");
    desk.in_store(move |tx| {
        Ok(channels::put(tx, "older", plain_secret, plain_token, linedesk_protocol::Timestamp(1))?)
    })
    .await;
    assert!(holds(&kept(&data_dir), plain_secret), "the test would not see it otherwise");
    desk.start_node().await;
    let lead = desk.operator("lead", Role::Admin).await;
    assert_eq!(list(&lead).await.ok()["channels"][1]["has_secret"], true);
    desk.stop().await;
    let rows = desk.in_store(|tx| Ok(channels::list(tx)?)).await;
    for channel in &rows {
        assert!(channel.secret.starts_with("v1:") && channel.access_token.starts_with("v1:"), "{channel:?}");
    }
    for text in [&secret, &token] {
        assert!(!holds(&kept(&data_dir), text), "a secret is on disk in plain");
    }
    let key = data_dir.join("secret.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let binary = Binary::new().env("LINEDESK_DATA_DIR", data_dir.to_str().unwrap());
    let right = std::fs::read(&key).unwrap();
    std::fs::write(&key, "another key of enough characters, but not this desk's").unwrap();
    assert!(binary.run(&["serve"]).await.failed(2).contains("sealed with another key"));
    std::fs::remove_file(&key).unwrap();
    assert!(binary.run(&["channel", "list"]).await.failed(2).contains("is not there"));
    assert!(!key.exists(), "no key is made where one is missing");
    std::fs::write(&key, &right).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(binary.run(&["serve"]).await.failed(2).contains("chmod 600"));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(desk.in_store(|tx| Ok(channels::list(tx)?)).await, rows, "nothing was changed");
    let short = Binary::new().env("LINEDESK_SECRET_KEY", "short");
    short.run(&["migrate"]).await.succeeded();
    assert!(short.run(&["channel", "list"]).await.failed(2).contains("at least 32 characters"));
}

#[tokio::test]
async fn channels_are_made_changed_and_sealed_anew_from_the_command_line() {
    let binary = Binary::new();
    binary.run(&["migrate"]).await.succeeded();
    let add = ["channel", "add", "shop", "--secret-stdin", "--access-token-stdin"];
    let said = binary.run_with(&add, "the-secret\nthe-token\n").await;
    assert_eq!(said.succeeded(), "added shop; LINE is to call /line/webhook/shop\n");
    assert!(binary.run_with(&add, "s\nt\n").await.failed(1).contains("of this name already"));
    assert!(binary.run(&["channel", "add", "Shop"]).await.failed(2).contains("channel_secret: LINE signs webhooks"));
    assert!(binary.run(&["channel", "set", "nowhere"]).await.failed(1).contains("no such channel"));
    let stateless = ["channel", "set", "shop", "--token-kind", "stateless", "--line-channel-id", LINE_ID];
    binary.run(&stateless).await.succeeded();
    binary.run(&["channel", "disable", "shop"]).await.succeeded();
    let listed = binary.run(&["channel", "list"]).await;
    assert_eq!(listed.succeeded(), "shop\toff\tstateless\tsecret set\t/line/webhook/shop\n");
    binary.run(&["channel", "enable", "shop"]).await.succeeded();
    assert!(binary.run(&["channel", "set", "shop", "--token-kind", "x"]).await.failed(2).contains("--token-kind"));
    let key = binary.dir().join("key.json");
    std::fs::write(&key, ASSERTION_KEY).unwrap();
    let with_key = ["channel", "set", "shop", "--token-kind", "jwt", "--assertion-key", key.to_str().unwrap()];
    binary.run(&with_key).await.succeeded();

    let file = binary.data_dir().join("secret.key");
    let before = std::fs::read_to_string(&file).unwrap();
    assert!(binary.run_with(&["channel", "rotate-key", "--new-key-stdin"], "x").await.failed(2).contains("without"));
    assert!(binary.run(&["channel", "rotate-key"]).await.succeeded().contains("1 channels"));
    assert_ne!(std::fs::read_to_string(&file).unwrap(), before);
    let lock = std::fs::File::open(binary.data_dir().join("secret.lock")).unwrap();
    lock.lock().unwrap();
    assert!(binary.run(&["channel", "rotate-key"]).await.failed(1).contains("by somebody else"));
    drop(lock);
    assert!(binary.run(&["channel", "list"]).await.succeeded().contains("secret set"));

    // As a rotation that was killed after it had written, and before the new key was in its place.
    let after = std::fs::read_to_string(&file).unwrap();
    std::fs::rename(&file, binary.data_dir().join("secret.key.next")).unwrap();
    write_private(&file, &before);
    assert!(binary.run(&["channel", "list"]).await.succeeded().contains("secret set"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    // And as one that was killed before it had written anything.
    write_private(&binary.data_dir().join("secret.key.next"), &before);
    assert!(binary.run(&["channel", "list"]).await.succeeded().contains("secret set"));

    std::fs::remove_file(&file).unwrap();
    std::fs::remove_file(binary.data_dir().join("secret.key.next")).unwrap();
    assert!(binary.run(&["channel", "rotate-key", "--lost"]).await.succeeded().contains("1 channels are without"));
    assert_eq!(binary.run(&["channel", "list"]).await.succeeded().matches("no secret").count(), 1);
}

fn write_private(file: &Path, text: &str) {
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_key_that_is_a_setting_is_changed_beside_a_running_server_which_then_changes_nothing() {
    let (old, new) = ("the first key, of enough characters", "the second key, of enough characters");
    let desk = TestDesk::builder().set("secret_key", old).start().await;
    let Location::Sqlite { data_dir } = desk.location.clone() else { panic!("SQLite") };
    let lead = desk.operator("lead", Role::Admin).await;
    let user = desk.customer_of("Somchai", &lead).await;
    let id = list(&lead).await.ok()["channels"][0]["id"].clone();
    let binary =
        |key: &str| Binary::new().env("LINEDESK_DATA_DIR", data_dir.to_str().unwrap()).env("LINEDESK_SECRET_KEY", key);
    assert!(binary(old).run(&["channel", "rotate-key"]).await.failed(2).contains("--new-key-stdin"));
    let rotate = ["channel", "rotate-key", "--new-key-stdin"];
    binary(old).run_with(&rotate, new).await.succeeded();
    binary(old).run(&["channel", "list"]).await.failed(2);
    assert!(binary(new).run(&["channel", "list"]).await.succeeded().contains("secret set"));
    // What the running server would seal, nobody could open any more; what it knows goes on.
    change(&lead, &id, json!({"access_token": "t"})).await.problem(409, "conflict");
    add(&lead, json!({"name": "shop", "channel_secret": "s", "access_token": "t"})).await.problem(409, "conflict");
    lead.act(&user, "messages", json!({"text": "still here"})).await.is(201);
    arrives(&desk, &user, "still here").await;
    desk.says(&user, "and heard").await;
    eventually("it was taken", async || {
        let told = lead.conversation(&user).await;
        (told["last_message"]["content"] == "and heard").then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_doctor_is_asked_in_the_console_by_admins() {
    let desk = TestDesk::builder().public().start().await;
    let (ann, lead) = (desk.operator("ann", Role::Agent).await, desk.operator("lead", Role::Admin).await);
    let ask = async |who: &Client, test: bool| {
        Answer::of(who.request(Method::POST, "/api/v1/admin/doctor").json(&json!({"test": test}))).await
    };
    ask(&ann, false).await.problem(403, "forbidden");
    let codes = |told: &Value| -> Vec<String> {
        let codes = told["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
        codes.map(str::to_owned).collect()
    };
    let told = ask(&lead, true).await.ok();
    let first = ["database_ok", "disk_ok", "address_ok", "token_ok", "chat_on", "webhook_ok"];
    assert_eq!(codes(&told)[..6], first, "{told}");
    assert_eq!(codes(&told)[6..], ["webhook_test_ok", "clock_ok", "quota_ok"], "{told}");
    assert_eq!(told["findings"][3]["channel"], "default");
    desk.line.revoke_token();
    desk.line.set_webhook_url("http://127.0.0.1:9/");
    let told = ask(&lead, true).await.ok();
    assert_eq!(codes(&told)[3..], ["token_refused"]);
    assert_eq!(told["findings"][3]["level"], "wrong");
}
