//! Operators who see some of the channels only: of the others they learn nothing, by no way.

use linedesk_protocol::{OperatorId, Role, Timestamp};
use linedesk_simulator::{Content, IncomingMessage};
use linedesk_store::Origin;
use linedesk_store::ops::channels::{self, ChannelAccess};
use linedesk_store::ops::operators;
use reqwest::Method;
use serde_json::{Value, json};

use super::binary::Binary;
use super::client::{Answer, Client};
use super::harness::{DEADLINE, TestDesk, eventually};
use super::socket::SocketClient;

/// Limits an operator, as `linedesk operator channels` does.
pub(crate) async fn limit(desk: &TestDesk, who: &Client, names: &'static [&'static str]) {
    let (id, now) = (OperatorId(who.id), Timestamp(desk.now_ms()));
    desk.in_store(move |tx| {
        let all = channels::list(tx)?;
        let known = all.iter().filter(|channel| names.contains(&channel.name.as_str()));
        let access = ChannelAccess::Only(known.map(|channel| channel.id).collect());
        operators::set_channels(tx, id, &access, &Origin::system("test"), now)
    })
    .await;
}

/// A desk with the channels `default` and `shop`, a customer waiting in each, an admin, and an agent who sees `shop`.
struct Two {
    desk: TestDesk,
    lead: Client,
    ann: Client,
    /// Who waits in `default`, and the conversation.
    hidden: (String, i64),
    seen: (String, i64),
}

async fn two() -> Two {
    let desk = TestDesk::start().await;
    let (lead, ann) = (desk.operator("lead", Role::Admin).await, desk.operator("ann", Role::Agent).await);
    let wish = json!({
        "name": "shop", "channel_secret": desk.line.channel_secret(), "access_token": desk.line.channel_access_token(),
    });
    Answer::of(lead.request(Method::POST, "/api/v1/admin/channels").json(&wish)).await.is(201);
    let newest = async || lead.get("/conversations").await.ok()["conversations"][0]["id"].as_i64().unwrap();
    let hidden = desk.customer_waiting("Hidden").await;
    let hidden = (hidden, newest().await);
    desk.line.set_webhook_url(desk.url("/line/webhook/shop"));
    let seen = desk.customer_waiting("Seen").await;
    let seen = (seen, newest().await);
    limit(&desk, &ann, &["shop"]).await;
    Two { desk, lead, ann, hidden, seen }
}

#[tokio::test]
async fn lists_searches_and_every_path_know_nothing_of_other_channels() {
    let Two { desk, lead, ann, hidden, seen } = two().await;
    for status in ["all", "waiting", "active", "mine", "bot", "closed"] {
        let list = ann.get(&format!("/conversations?status={status}")).await.ok();
        let ids: Vec<_> =
            list["conversations"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        let is_there = matches!(status, "all" | "waiting");
        assert_eq!(ids, if is_there { vec![seen.1] } else { vec![] }, "{status}");
        assert_eq!(list["total"], i64::from(is_there), "{status}");
        assert_eq!(
            (&list["counts"]["all"], &list["counts"]["waiting"], &list["counts"]["bot"]),
            (&json!(1), &json!(1), &json!(0))
        );
    }
    assert_eq!(lead.get("/conversations").await.ok()["counts"]["all"], 2, "an admin sees all");
    let found = |answer: Answer| answer.ok()["items"].as_array().unwrap().len();
    for text in ["agent", "ag"] {
        assert_eq!(found(ann.get(&format!("/messages/search?q={text}")).await), 1);
        assert_eq!(found(lead.get(&format!("/messages/search?q={text}")).await), 2);
    }
    assert_eq!(ann.get("/conversations?q=Hidden").await.ok()["total"], 0);
    ann.get(&format!("/messages/search?q=agent&line_user_id={}", hidden.0))
        .await
        .problem(404, "conversation_not_found");

    let gone = "conversation_not_found";
    for key in [hidden.1.to_string(), hidden.0.clone()] {
        for path in ["", "/messages", "/contact", "/members"] {
            ann.get(&format!("/conversations/{key}{path}")).await.problem(404, gone);
        }
        for (path, body) in [
            ("claim", Value::Null),
            ("release", Value::Null),
            ("close", Value::Null),
            ("archive", Value::Null),
            ("refresh-profile", Value::Null),
            ("messages", json!({"text": "x"})),
            ("notes", json!({"text": "x"})),
            ("mode", json!({"mode": "HUMAN"})),
            ("read", json!({"message_id": 1})),
            ("transfer", json!({"to_operator_id": lead.id})),
        ] {
            ann.act(&key, path, body).await.problem(404, gone);
        }
        Answer::of(ann.request(Method::GET, &format!("/media/pictures/{key}"))).await.problem(404, gone);
    }
    let start = |channel: Option<&str>| json!({"line_user_id": hidden.0, "channel": channel});
    ann.post("/conversations", &start(None)).await.problem(409, "conflict");
    ann.post("/conversations", &start(Some("default"))).await.problem(422, "validation_error");
    // The same person in the seen channel: their other conversation is not told of.
    let started = ann.post("/conversations", &start(Some("shop"))).await.is(201)["id"].as_i64().unwrap();
    let card =
        async |who: &Client| who.get(&format!("/conversations/{started}/contact")).await.ok()["elsewhere"].clone();
    assert_eq!(card(&ann).await, json!([]));
    assert_eq!(card(&lead).await.as_array().unwrap().len(), 1);

    // A file of the other channel.
    desk.line.set_webhook_url(desk.url("/line/webhook"));
    desk.line.send_message(&hidden.0, &IncomingMessage::image(Content::sample("photo").unwrap())).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let message = eventually("the picture is there", async || {
        let last = lead.conversation(hidden.1).await["messages"].as_array().unwrap().last().unwrap().clone();
        (last["media"]["state"] == "ready").then_some(last)
    })
    .await;
    let path = format!("/media/{}", message["media"]["id"].as_str().unwrap());
    for path in [path.clone(), format!("{path}/preview")] {
        Answer::of(ann.request(Method::GET, &path)).await.problem(404, "not_found");
        assert_eq!(lead.request(Method::GET, &path).send().await.unwrap().status().as_u16(), 200);
    }
    ann.post(&format!("/messages/{}/fetch", message["id"]), &Value::Null).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_socket_hears_nothing_of_other_channels_live_or_resumed() {
    let Two { desk, lead, ann, hidden, seen } = two().await;
    let mut socket = desk.socket(&ann).await;
    for (kind, payload) in [
        ("join_room", json!({"conversation_id": hidden.1})),
        ("join_room", json!({"line_user_id": hidden.0})),
        ("claim_session", json!({"conversation_id": hidden.1})),
        ("send_message", json!({"conversation_id": hidden.1, "text": "x"})),
        ("mark_read", json!({"conversation_id": hidden.1, "message_id": 1})),
    ] {
        socket.command(kind, payload).await.error("conversation_not_found");
    }
    let after = socket.last_seq;
    desk.line.set_webhook_url(desk.url("/line/webhook"));
    desk.says(&hidden.0, "not for ann").await;
    lead.act(hidden.1, "claim", Value::Null).await.ok();
    lead.act(hidden.1, "messages", json!({"text": "nor this"})).await.is(201);
    desk.line.wait_for(|line| line.received(&hidden.0).count() == 1, DEADLINE).await.unwrap();
    desk.line.set_webhook_url(desk.url("/line/webhook/shop"));
    desk.says(&seen.0, "for ann").await;
    let is_hidden = |payload: &Value| payload.to_string().contains(&hidden.0);
    let is_seen = |payload: &Value| payload["last_message"]["content"] == "for ann";
    socket.event_where("conversation_update", is_seen).await;
    let heard = socket.unread();
    assert!(!heard.iter().any(|frame| is_hidden(&frame.payload)), "{heard:?}");

    let mut again = SocketClient::signed_in(&ann, Some(after)).await;
    again.event_where("conversation_update", is_seen).await;
    let heard = again.unread();
    assert!(!heard.iter().any(|frame| is_hidden(&frame.payload)), "{heard:?}");
}

#[tokio::test]
async fn a_change_counts_at_once_and_what_they_had_goes_back_into_the_queue() {
    let Two { desk, lead, ann, hidden, seen } = two().await;
    lead.act(hidden.1, "claim", Value::Null).await.ok();
    let unfit = lead.act(hidden.1, "transfer", json!({"to_operator_id": ann.id})).await;
    assert!(matches!(unfit.status, 409 | 422), "{}", unfit.text);
    ann.act(seen.1, "claim", Value::Null).await.ok();
    let mut socket = desk.socket(&ann).await;
    limit(&desk, &ann, &["default"]).await;
    assert_eq!(tokio::time::timeout(DEADLINE, socket.closed()).await.unwrap(), Some(4002));
    assert_eq!(lead.conversation(seen.1).await["session"]["status"], "WAITING");
    ann.get(&format!("/conversations/{}", seen.1)).await.problem(404, "conversation_not_found");
    ann.get(&format!("/conversations/{}", hidden.1)).await.ok();
    lead.act(hidden.1, "transfer", json!({"to_operator_id": ann.id})).await.ok();
}

#[tokio::test]
async fn agents_are_limited_from_the_command_line() {
    let binary = Binary::new();
    binary.run(&["migrate"]).await.succeeded();
    for (name, role) in [("ann", "AGENT"), ("lead", "ADMIN")] {
        let add = ["operator", "add", "--username", name, "--role", role, "--password-stdin"];
        binary.run_with(&add, "correct horse battery staple\n").await.succeeded();
    }
    for name in ["a", "b"] {
        let add = ["channel", "add", name, "--secret-stdin", "--access-token-stdin"];
        binary.run_with(&add, "s\nt\n").await.succeeded();
    }
    let limit = |who: &'static str, only: &'static str| ["operator", "channels", who, "--only", only];
    assert!(binary.run(&limit("ann", "a,nowhere")).await.failed(1).contains("no channel nowhere"));
    assert!(binary.run(&limit("lead", "a")).await.failed(1).contains("sees every channel"));
    assert!(binary.run(&limit("nobody", "a")).await.failed(1).contains("no operator"));
    binary.run(&["operator", "channels", "ann"]).await.failed(2);
    binary.run(&limit("ann", "a, b")).await.succeeded();
    assert!(binary.run(&["operator", "list"]).await.succeeded().contains("ann\ta,b\n"));
    binary.run(&["operator", "channels", "ann", "--all"]).await.succeeded();
    assert!(binary.run(&["operator", "list"]).await.succeeded().contains("ann\tall\n"));
}
