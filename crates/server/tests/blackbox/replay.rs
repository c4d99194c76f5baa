//! WH7: stored webhooks make the same conversations again; and what `linedesk doctor` finds.

use linedesk_protocol::Role;
use linedesk_simulator::{Content, IncomingMessage, Simulator, SimulatorOptions};
use linedesk_store::Location;
use serde_json::{Value, json};

use super::binary::Binary;
use super::client::Client;
use super::harness::{DEADLINE, Line, TestDesk};
use super::line_events::{event, message};

/// Everything that webhooks alone decide, of one conversation.
async fn told(who: &Client, key: &str) -> Value {
    let mut conversation = who.conversation(key).await;
    for message in conversation["messages"].as_array_mut().unwrap() {
        let message = message.as_object_mut().unwrap();
        // Fetched anew, under ids of their own.
        if let Some(media) = message.get_mut("media") {
            *media = media["file_name"].take();
        }
    }
    let own = conversation.as_object_mut().unwrap();
    for name in ["free_until", "picture_url", "member_count"] {
        own.remove(name);
    }
    conversation
}

#[tokio::test]
async fn wh7_stored_webhooks_make_the_same_conversations() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_writing("Somchai").await;
    desk.line.send_message(&user, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    desk.line.send_message(&user, &IncomingMessage::file("a.pdf", Content::new("x/y", "pdf"))).unwrap();
    desk.line.send_message(&user, &IncomingMessage::sticker("446", "1988", &["hello"])).unwrap();
    let secret = desk.says(&user, "my secret").await;
    desk.line.unsend(&secret.message_id).unwrap();
    // It asked for a person, and took its words back.
    let shy = desk.customer("Shy");
    let asked = desk.says(&shy, "agent").await;
    desk.line.unsend(&asked.message_id).unwrap();
    // Withdrawn before it came, as redelivery can bring it.
    let quote = json!({"id": "6900", "type": "text", "text": "my other secret", "quotedMessageId": secret.message_id});
    desk.receive(&[event(&user, "unsend", &json!({"unsend": {"messageId": "6900"}})), message(&user, &quote)]).await;
    desk.line.unfollow(&user).unwrap();
    desk.line.unblock(&user).unwrap();
    let waiting = desk.customer_waiting("Mali").await;
    let group = desk.line.add_group(Some("Neighbours"), &[&user, &waiting]).unwrap();
    desk.line.send_message_as(&group, Some(&waiting), &IncomingMessage::text("hi all")).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let Location::Sqlite { data_dir } = &desk.location else { panic!("SQLite") };

    let copy = Binary::new()
        .env("LINEDESK_LINE_CHANNEL_SECRET", desk.line.channel_secret())
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", desk.line.channel_access_token())
        .env("LINEDESK_LINE_API_URL", &desk.line.base_url())
        .env("LINEDESK_LINE_DATA_API_URL", &desk.line.base_url());
    let from = data_dir.to_str().unwrap();
    // What the new desk has already stays.
    let add = ["channel", "add", "default", "--secret-stdin", "--access-token-stdin"];
    copy.run_with(&add, "0123456789abcdef0123456789abcdef\nits-token\n").await.succeeded();
    let said = copy.run(&["replay", "--from", from]).await;
    let words = said.succeeded();
    assert!(
        words.contains("0 of them could not be handled") && words.contains("\n3 brought messages that were withdrawn"),
        "{said:?}"
    );
    assert!(copy.run(&["channel", "list"]).await.succeeded().contains("secret set"));
    let again = copy.run(&["replay", "--from", from]).await;
    assert!(again.failed(1).contains("fills an empty one"));

    let add = ["operator", "add", "--username", "ann", "--role", "AGENT", "--password-stdin"];
    copy.run_with(&add, "correct horse battery staple\n").await.succeeded();
    let served = copy.serve(&[]).await;
    let other = Client::sign_in(desk.http.clone(), served.addr, "ann", "correct horse battery staple").await;
    let marks = |told: &Value| {
        told["messages"].as_array().unwrap().iter().filter(|message| !message["unsent_at"].is_null()).count()
    };
    assert_eq!(marks(&told(&other, &user).await), 2, "a mark stays");
    assert_eq!(told(&other, &shy).await["session"]["status"], "WAITING");
    for key in [&user, &waiting, &group, &shy] {
        let (before, mut after) = (told(&ann, key).await, told(&other, key).await);
        // Names come from LINE, a moment later.
        after["display_name"] = before["display_name"].clone();
        for (message, known) in
            after["messages"].as_array_mut().unwrap().iter_mut().zip(before["messages"].as_array().unwrap())
        {
            if known.get("author").is_some() {
                message["author"] = known["author"].clone();
            }
        }
        assert_eq!(after, before, "{key}");
    }
    served.terminate().await;
}

#[tokio::test]
async fn wh7_replay_says_what_it_cannot_do() {
    let binary = Binary::new();
    assert!(binary.run(&["replay", "--from", "nowhere"]).await.failed(1).contains("no desk in nowhere"));
    binary.run(&["replay", "--from", "mysql://x"]).await.failed(2);
    binary.run(&["replay"]).await.failed(2);
    binary.run(&["migrate"]).await.succeeded();
    assert!(binary.run(&["replay", "--from", "./data"]).await.failed(2).contains("would be filled"));
}

fn doctor_of(line: &Simulator, token: &str) -> Binary {
    let binary = Binary::new();
    binary
        .env("LINEDESK_LINE_API_URL", &line.base_url())
        .env("LINEDESK_LINE_DATA_API_URL", &line.base_url())
        .env("LINEDESK_LINE_CHANNEL_SECRET", line.channel_secret())
        .env("LINEDESK_LINE_CHANNEL_ACCESS_TOKEN", token)
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_where_to_change_it() {
    let line = Line::start(SimulatorOptions::default()).await;
    let nobody = Binary::new();
    nobody.run(&["migrate"]).await.succeeded();
    let ended = nobody.run(&["doctor"]).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("WRONG  no LINE channel is set up"), "{}", ended.stdout);

    let wrong_token = doctor_of(&line, "wrong");
    wrong_token.run(&["migrate"]).await.succeeded();
    let ended = wrong_token.run(&["doctor"]).await;
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains("does not take the channel access token"), "{}", ended.stdout);
    assert!(!ended.stdout.contains(line.channel_secret()) && !ended.stderr.contains(line.channel_secret()));

    let no_webhook = doctor_of(&line, line.channel_access_token());
    no_webhook.run(&["migrate"]).await.succeeded();
    let ended = no_webhook.run(&["doctor"]).await;
    assert!(ended.stdout.contains("WRONG  channel default: LINE has no webhook URL"), "{}", ended.stdout);
    assert!(ended.stdout.contains("Enter https://…/line/webhook"), "{}", ended.stdout);

    // Nothing listens there.
    line.set_webhook_url("http://127.0.0.1:9/line/webhook");
    let ended = no_webhook.run(&["doctor"]).await;
    assert!(ended.stdout.contains("LINE's test of the webhook fails: COULD_NOT_CONNECT"), "{}", ended.stdout);
    assert_eq!(no_webhook.run(&["doctor", "--no-test"]).await.code, 0);
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_with_a_desk_that_works() {
    let desk = TestDesk::builder().public().start().await;
    let Location::Sqlite { data_dir } = &desk.location else { panic!("SQLite") };
    let binary = doctor_of(&desk.line, desk.line.channel_access_token())
        .env("LINEDESK_DATA_DIR", data_dir.to_str().unwrap())
        .env("LINEDESK_PUBLIC_URL", &desk.url(""));
    desk.line.set_paid_used(200);
    let ended = binary.run(&["doctor"]).await;
    let text = ended.succeeded();
    for found in [
        "ok     the database ",
        "ok     the public address is http://127.0.0.1",
        "ok     channel default: its access token is of ",
        "ok     channel default: LINE's test of the webhook succeeds",
        "ok     channel default: this machine's clock agrees with LINE's",
        "warn   channel default: all 200 paid messages of this month are used",
    ] {
        assert!(text.contains(found), "{found}: {text}");
    }
}
