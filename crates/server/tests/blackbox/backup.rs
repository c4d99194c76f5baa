//! `linedesk backup` and `linedesk restore`, with the executable: while it serves, and after it was lost.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use linedesk_simulator::{Content, Endpoint, Fault, IncomingMessage, Platform, Simulator, SimulatorOptions};
use serde_json::{Value, json};

use super::binary::{Binary, Served};
use super::client::Client;
use super::harness::{DEADLINE, Line, PASSWORD, eventually};

fn binary(line: &Simulator) -> Binary {
    Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", line.channel_secret())
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", line.channel_access_token())
        .env("LINEDESK_LINE_API_URL", &line.base_url())
        .env("LINEDESK_LINE_DATA_API_URL", &line.base_url())
}

async fn serve(binary: &Binary, line: &Simulator) -> (Served, Client) {
    let served = binary.serve(&[]).await;
    line.set_webhook_url(format!("http://{}/line/webhook", served.addr));
    let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
    let ann = Client::sign_in(http, served.addr, "ann", PASSWORD).await;
    (served, ann)
}

async fn messages(who: &Client, user: &str) -> Vec<Value> {
    who.conversation(user).await["messages"].as_array().unwrap().clone()
}

fn flip_a_byte(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 0xff;
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_desk_that_is_lost_is_made_again_from_the_backup_that_was_made_while_it_served() {
    let line = Line::start(SimulatorOptions::default()).await;
    let lost = binary(&line);
    let add = ["operator", "add", "--username", "ann", "--role", "ADMIN", "--password-stdin"];
    lost.run_with(&add, &format!("{PASSWORD}\n")).await.succeeded();
    let (served, ann) = serve(&lost, &line).await;
    let user = line.add_customer("Mali", "th", None).unwrap();
    line.follow(&user).unwrap();
    line.send_text(&user, "agent").unwrap();
    line.send_message(&user, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    line.wait_until_idle(DEADLINE).await.unwrap();
    ann.act(&user, "claim", Value::Null).await.ok();
    let file = eventually("the photo is kept", async || {
        let last = messages(&ann, &user).await.into_iter().find(|message| message["message_type"] == "image")?;
        (last["media"]["state"] == "ready").then(|| last["media"]["id"].as_str().unwrap().to_owned())
    })
    .await;
    ann.act(&user, "messages", json!({"text": "it arrived"})).await.is(201);
    let arrived = |line: &Platform| line.received(&user).any(|message| message.text.as_deref() == Some("it arrived"));
    line.wait_for(arrived, DEADLINE).await.unwrap();
    // A reply that may have arrived would not wait; a push does.
    line.set_reply_token_life(Duration::ZERO);
    line.set_fault(Endpoint::Push, Fault::status(500));
    ann.act(&user, "messages", json!({"text": "it waits"})).await.is(201);

    // While it is made, customers go on writing.
    let to = lost.dir().join("backup");
    let args = ["backup", "--to", to.to_str().unwrap()];
    let before = messages(&ann, &user).await;
    let (said, ()) = tokio::join!(lost.run(&args), async {
        for number in 0..100 {
            line.send_text(&user, &format!("meanwhile {number}")).unwrap();
        }
        line.wait_until_idle(DEADLINE).await.unwrap();
    });
    assert!(said.succeeded().contains("1 files are with it"), "{said:?}");
    assert!(said.stdout.contains("is not in it: keep that somewhere else"), "{said:?}");
    assert!(lost.run(&args).await.failed(2).contains("there already"));
    for name in ["", "linedesk.db", "backup.json"] {
        let mode = std::fs::metadata(to.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: only its owner reads it");
    }
    let cookie = ann.cookie.clone();
    served.kill().await;
    line.clear_faults();

    let made = binary(&line);
    let restore = ["restore", "--from", to.to_str().unwrap()];
    let said = made.run(&restore).await;
    assert!(said.succeeded().contains("1 messages waited for LINE then"), "{said:?}");
    assert!(said.stdout.contains("rotate-key --lost"), "{said:?}");
    assert!(made.run(&restore).await.failed(2).contains("there is a desk"));
    // The configuration gives the channel its secrets anew.
    made.run(&["channel", "rotate-key", "--lost"]).await.succeeded();
    let (served, ann) = serve(&made, &line).await;
    let after = messages(&ann, &user).await;
    let texts = |list: &[Value]| list.iter().map(|message| message["content"].clone()).collect::<Vec<_>>();
    let known = texts(&before);
    assert_eq!(texts(&after)[..known.len()], known, "what was there when it began");
    let waited = after.iter().find(|message| message["content"] == "it waits").unwrap();
    assert_eq!((&waited["delivery"]["state"], &waited["delivery"]["retryable"]), (&json!("unknown"), &json!(true)));
    let photo = ann.request(reqwest::Method::GET, &format!("/media/{file}")).send().await.unwrap();
    assert_eq!(photo.bytes().await.unwrap(), Content::sample("photo").unwrap().bytes);
    ann.refresh_with(&cookie).await.problem(401, "auth_invalid_token");
    // A later message overtakes none that waited: it is the first to go.
    ann.act(&user, "messages", json!({"text": "we are back"})).await.is(201);
    let back = |line: &Platform| line.received(&user).any(|message| message.text.as_deref() == Some("we are back"));
    line.wait_for(back, DEADLINE).await.unwrap();
    let sent: Vec<_> = line.received(&user).into_iter().filter_map(|message| message.text).collect();
    assert!(!sent.contains(&"it waits".to_owned()), "nobody has decided about it: {sent:?}");
    served.terminate().await;
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_nothing_is_left_of_it() {
    let desk = Binary::new();
    assert!(desk.run(&["backup", "--to", "copy"]).await.failed(1).contains("there is no desk in"));
    desk.run(&["migrate"]).await.succeeded();
    desk.run(&["backup", "--to", "copy"]).await.succeeded();
    let copy = desk.dir().join("copy");
    let from = copy.to_str().unwrap();
    let there = |desk: &Binary| desk.data_dir().join("linedesk.db").exists();

    let other = Binary::new();
    assert!(other.run(&["restore", "--from", "nowhere"]).await.failed(1).contains("is no backup"));
    flip_a_byte(&copy.join("linedesk.db"));
    assert!(other.run(&["restore", "--from", from]).await.failed(1).contains("damaged"));
    assert!(!there(&other));

    // Of a restore that was killed in between.
    std::fs::remove_dir_all(&copy).unwrap();
    desk.run(&["backup", "--to", "copy"]).await.succeeded();
    std::fs::create_dir_all(other.data_dir().join("restoring")).unwrap();
    std::fs::write(other.data_dir().join("restoring/linedesk.db"), "half").unwrap();
    other.run(&["restore", "--from", from]).await.succeeded();
    assert!(there(&other) && !other.data_dir().join("restoring").exists());

    let full = Binary::new().with_full_disk_at(64);
    std::fs::create_dir_all(full.data_dir()).unwrap();
    std::fs::copy(desk.data_dir().join("linedesk.db"), full.data_dir().join("linedesk.db")).unwrap();
    full.run(&["backup", "--to", "copy"]).await.failed(1);
    let left: Vec<_> = std::fs::read_dir(full.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["data"]);

    let postgres = Binary::new().env("LINEDESK_DATABASE_URL", "postgres://nobody@127.0.0.1:1/x");
    assert!(postgres.run(&["backup", "--to", "copy"]).await.failed(2).contains("pg_dump"));
}
