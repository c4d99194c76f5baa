//! RE: threads and their pages, sending, notes, quoting, searching; the description of it all.

use linedesk_protocol::Role;
use linedesk_store::Query as _;
use serde_json::{Value, json};

use super::client::Client;
use super::conversations::assert_keys;
use super::harness::{DEADLINE, TestDesk, eventually, postgres_url};
use super::line_events::{new_user, text};

pub(crate) const MESSAGE: &str = "id conversation_id line_user_id session_id direction sender_role operator_id operator_name \
    message_type content payload quoted_message_id created_at unsent_at delivery";
/// What is easily broken on the way: markup, quotes, escapes, spaces at the ends, joined emoji, combining marks.
const TRICKY: &str =
    " a < b && c > d; \"q\" 'q' \\n \\u0041 </script> %s {{x}} &lt; \u{2028} 👩‍👩‍👧 é e\u{301} ก็ใช่ \u{202e}x\n\ttab ";

async fn desk_with_a_chat() -> (TestDesk, Client, String) {
    let desk = TestDesk::builder().without_limits().start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    (desk, ann, user)
}

fn ids(page: &Value) -> Vec<i64> {
    page["messages"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn re_pages_of_a_thread_have_no_gap_and_no_repeat_in_either_direction() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let (user, other) = (new_user(), new_user());
    // Two threads are written in turn, so that neither has consecutive ids.
    let events: Vec<_> = (0..67).flat_map(|n| [text(&user, &format!("message {n}")), text(&other, "noise")]).collect();
    desk.receive(&events).await;
    let page = async |query: &str| ann.get(&format!("/conversations/{user}/messages?{query}")).await.ok();

    let detail = ann.conversation(&user).await;
    assert_eq!(ids(&detail).len(), 50);
    assert_eq!(detail["messages"][49]["content"], "message 66", "oldest first, the latest last");
    let latest = page("").await;
    assert_keys(&latest, "messages has_more_before has_more_after");
    assert_eq!(ids(&latest), ids(&detail));
    assert_eq!((&latest["has_more_before"], &latest["has_more_after"]), (&json!(true), &json!(false)));

    let mut back = ids(&latest);
    let mut more = true;
    while more {
        let earlier = page(&format!("before_id={}&limit=7", back[0])).await;
        assert_eq!(earlier["has_more_after"], true);
        more = earlier["has_more_before"].as_bool().unwrap();
        back.splice(0..0, ids(&earlier));
    }
    let mut forth = Vec::new();
    let mut more = true;
    while more {
        let after = forth.last().copied().unwrap_or(0);
        let later = page(&format!("after_id={after}&limit=9")).await;
        assert_eq!(later["has_more_before"], after != 0);
        more = later["has_more_after"].as_bool().unwrap();
        forth.extend(ids(&later));
    }
    assert_eq!(back.len(), 67);
    assert_eq!(back, forth);
    assert!(back.is_sorted());

    let around = page(&format!("around_id={}&limit=10", back[30])).await;
    let found = ids(&around);
    assert!(found.contains(&back[30]) && found.len() == 10 && found.is_sorted(), "{found:?}");
    assert!(found[0] < back[30] && found[9] > back[30], "something on either side");
    assert_eq!((&around["has_more_before"], &around["has_more_after"]), (&json!(true), &json!(true)));
    for bad in ["limit=0", "limit=101", "before_id=1&after_id=1", "before_id=x"] {
        ann.get(&format!("/conversations/{user}/messages?{bad}")).await.problem(422, "validation_error");
    }
}

#[tokio::test]
async fn re_a_message_is_answered_whole_and_arrives_exactly_as_typed() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let sent = ann.act(&user, "messages", json!({"text": TRICKY, "temp_id": "t1"})).await.is(201);
    assert_keys(&sent, &format!("{MESSAGE} temp_id"));
    assert_eq!((&sent["content"], &sent["temp_id"]), (&json!(TRICKY), &json!("t1")));
    assert_eq!((&sent["direction"], &sent["sender_role"]), (&json!("OUTGOING"), &json!("ADMIN")));
    assert_eq!((&sent["operator_id"], &sent["operator_name"]), (&json!(ann.id), &json!("Ann")));
    assert_eq!((&sent["message_type"], &sent["delivery"]["state"]), (&json!("text"), &json!("queued")));
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    assert_eq!(desk.line.received(&user)[0].text.as_deref(), Some(TRICKY));
    desk.says(&user, TRICKY).await;
    let conversation = ann.conversation(&user).await;
    let incoming = conversation["messages"].as_array().unwrap().last().unwrap();
    assert_keys(incoming, MESSAGE);
    assert_eq!((&incoming["content"], &incoming["delivery"]), (&json!(TRICKY), &Value::Null));
    assert_eq!(incoming["sender_role"], "USER");
}

#[tokio::test]
async fn re_the_same_temp_id_answers_the_same_message_and_sends_it_once() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let body = json!({"text": "once", "temp_id": "t1"});
    // Together, as a client that lost its patience would.
    let answers = futures_util::future::join_all((0..8).map(|_| ann.act(&user, "messages", body.clone()))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let id = answers[0].json()["id"].clone();
    assert!(answers.iter().all(|answer| answer.json()["id"] == id && [200, 201].contains(&answer.status)));
    ann.act(&user, "messages", body.clone()).await.is(200);
    // In another conversation it is another message.
    let other = desk.customer_of("Other", &ann).await;
    assert_ne!(ann.act(&other, "messages", body).await.is(201)["id"], id);
    ann.act(&user, "messages", json!({"text": "last"})).await.is(201);
    desk.line.wait_for(|line| line.received(&user).any(|m| m.text.as_deref() == Some("last")), DEADLINE).await.unwrap();
    let texts: Vec<_> = desk.line.received(&user).into_iter().filter_map(|message| message.text).collect();
    assert_eq!(texts, ["once", "last"]);
}

#[tokio::test]
async fn re_sending_is_the_owners_and_has_limits() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let ben = desk.operator("ben", Role::Agent).await;
    ben.act(&user, "messages", json!({"text": "x"})).await.problem(403, "forbidden");
    let bot = desk.customer_writing("Bot").await;
    ann.act(&bot, "messages", json!({"text": "x"})).await.problem(404, "session_not_found");
    let waiting = desk.customer_waiting("Waiting").await;
    ann.act(&waiting, "messages", json!({"text": "x"})).await.problem(403, "forbidden");
    for empty in ["", " ", "\n\t\u{3000}"] {
        ann.act(&user, "messages", json!({"text": empty})).await.problem(400, "invalid_request");
    }
    // LINE counts UTF-16 units: an emoji is two.
    for (text, fits) in
        [("x".repeat(5000), true), ("😀".repeat(2500), true), ("x".repeat(5001), false), ("😀".repeat(2501), false)]
    {
        let answer = ann.act(&user, "messages", json!({"text": text})).await;
        if fits {
            assert_eq!(answer.is(201)["content"], text);
        } else {
            answer.problem(422, "message_too_long");
        }
    }
}

#[tokio::test]
async fn re_notes_are_anybodys_and_never_reach_line() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let ben = desk.operator("ben", Role::Agent).await;
    let note = ben.act(&user, "notes", json!({"text": "he is <b>angry</b>"})).await.is(201);
    assert_eq!((&note["message_type"], &note["delivery"]), (&json!("note"), &Value::Null));
    assert_eq!((&note["content"], &note["operator_id"]), (&json!("he is <b>angry</b>"), &json!(ben.id)));
    ben.act(&user, "notes", json!({"text": " "})).await.problem(400, "invalid_request");
    let again = json!({"text": "once", "temp_id": "n1"});
    let once = ben.act(&user, "notes", again.clone()).await.is(201);
    assert_eq!(ben.act(&user, "notes", again).await.is(200)["id"], once["id"]);
    let mixed = ann.act(&user, "notes", json!({"text": "a note", "temp_id": "1"})).await.is(201);
    let message = ann.act(&user, "messages", json!({"text": "a message", "temp_id": "1"})).await.is(201);
    assert_ne!(mixed["id"], message["id"], "a note's id is not a message's");
    let bot = desk.customer_writing("Bot").await;
    ben.act(&bot, "notes", json!({"text": "no session is needed"})).await.is(201);
    ann.act(&user, "messages", json!({"text": "after the note"})).await.is(201);
    desk.line.wait_for(|line| line.received(&user).count() == 2, DEADLINE).await.unwrap();
    let texts: Vec<_> = desk.line.received(&user).into_iter().filter_map(|message| message.text).collect();
    assert_eq!(texts, ["a message", "after the note"]);
    assert!(desk.line.received(&bot).is_empty());
    let told = desk
        .line
        .calls()
        .iter()
        .any(|call| call.request_body.contains("angry") || call.request_body.contains("needed"));
    assert!(!told, "{:?}", desk.line.calls());
    let kinds: Vec<_> = ann.conversation(&user).await["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["message_type"].clone())
        .collect();
    assert_eq!(kinds, ["text", "note", "note", "note", "text", "text"]);
}

#[tokio::test]
async fn re_quotes_work_both_ways() {
    let (desk, ann, user) = desk_with_a_chat().await;
    let question = desk.says(&user, "when?").await;
    let id = ann.conversation(&user).await["messages"].as_array().unwrap().last().unwrap()["id"].clone();
    let answer = ann.act(&user, "messages", json!({"text": "at five", "quote_message_id": id})).await.is(201);
    assert_eq!(answer["quoted_message_id"], id);
    desk.line.wait_for(|line| line.received(&user).count() == 1, DEADLINE).await.unwrap();
    let received = desk.line.received(&user).remove(0);
    assert_eq!(received.quoted_message_id, Some(question.message_id));
    // The desk knows LINE's id of its message only after LINE's answer is written down.
    eventually("it is accepted", async || {
        let conversation = ann.conversation(&user).await;
        (conversation["messages"][2]["delivery"]["state"] == "accepted").then_some(())
    })
    .await;
    desk.line.send_text_quoting(&user, "which five?", &received.id).unwrap();
    desk.line.wait_until_idle(DEADLINE).await.unwrap();
    let conversation = ann.conversation(&user).await;
    assert_eq!(conversation["messages"].as_array().unwrap().last().unwrap()["quoted_message_id"], answer["id"]);
    let other = desk.customer_of("Other", &ann).await;
    let foreign = json!({"text": "x", "quote_message_id": id});
    ann.act(&other, "messages", foreign).await.names_field("quote_message_id");
}

async fn found(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/messages/search?{query}")).await.ok();
    assert_keys(&answer, "items next_cursor");
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["message"]["content"].as_str().unwrap().to_owned()).collect()
}

async fn search_finds_what_was_said(desk: TestDesk) {
    let ann = desk.operator("ann", Role::Agent).await;
    let user = desk.customer_of("Somchai", &ann).await;
    let other = desk.customer("Other");
    for (who, said) in [
        (&user, "the red parcel"),
        (&other, "a Red box"),
        (&user, "ขอคืนเงินค่ะ"),
        (&user, "100% sure_thing \"quoted\" *"),
        (&user, "荷物はどこ"),
    ] {
        desk.says(who, said).await;
    }
    ann.act(&user, "notes", json!({"text": "about the red one"})).await.is(201);
    assert_eq!(found(&ann, "q=red").await, ["about the red one", "a Red box", "the red parcel"]);
    assert_eq!(found(&ann, &format!("q=red&line_user_id={other}")).await, ["a Red box"]);
    assert_eq!(found(&ann, "q=%E0%B8%84%E0%B8%B7%E0%B8%99%E0%B9%80%E0%B8%87%E0%B8%B4%E0%B8%99").await, ["ขอคืนเงินค่ะ"]);
    assert_eq!(found(&ann, "q=%E8%8D%B7%E7%89%A9").await, ["荷物はどこ"], "two characters are enough");
    for exact in ["100%25", "e_th", "%22quoted%22", "%25", "quoted%22%20*"] {
        assert_eq!(found(&ann, &format!("q={exact}")).await.len(), 1, "{exact}");
    }
    assert!(found(&ann, "q=1%25s").await.is_empty() && found(&ann, "q=sure%25thing").await.is_empty());
    ann.get("/messages/search?q=%20").await.names_field("q");
    let missing = ann.get("/messages/search").await.problem(422, "validation_error");
    assert!(missing.to_string().contains('q'), "{missing}");
    ann.get(&format!("/messages/search?q=red&line_user_id={}", new_user()))
        .await
        .problem(404, "conversation_not_found");
}

#[tokio::test]
async fn re_search_finds_what_was_said_newest_first_on_sqlite() {
    search_finds_what_was_said(TestDesk::start().await).await;
}

#[tokio::test]
async fn re_search_finds_what_was_said_newest_first_on_postgresql() {
    let Some(url) = postgres_url() else { return };
    search_finds_what_was_said(TestDesk::builder().postgres(&url).start().await).await;
}

#[tokio::test]
async fn re_pages_of_a_search_have_no_gap_and_no_repeat() {
    let desk = TestDesk::start().await;
    let ann = desk.operator("ann", Role::Agent).await;
    let user = new_user();
    let events: Vec<_> = (0..17).map(|n| text(&user, &format!("parcel {n}"))).collect();
    desk.receive(&events).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ann.get(&format!("/messages/search?q=parcel&limit=5&cursor={cursor}")).await.ok();
        for item in page["items"].as_array().unwrap() {
            assert_eq!(item["conversation"]["line_user_id"], user);
            seen.push(item["message"]["content"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let expected: Vec<_> = (0..17).rev().map(|n| format!("parcel {n}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn re_the_description_and_its_page_are_served() {
    let desk = TestDesk::start().await;
    let description = desk.get("/openapi.json").await.ok();
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.")), "{description}");
    assert_eq!(desk.get("/api/v1/openapi.json").await.ok(), description);
    let page = desk.get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().collect();
    for rest in [
        "/auth/login",
        "/auth/refresh",
        "/auth/logout",
        "/auth/me",
        "/auth/password",
        "/conversations",
        "/messages",
        "/notes",
        "/claim",
        "/release",
        "/close",
        "/transfer",
        "/mode",
        "/read",
        "/refresh-profile",
        "/archive",
        "/unarchive",
        "/operators",
        "/messages/search",
        "/line/webhook",
    ] {
        assert!(paths.iter().any(|path| path.ends_with(rest)), "{rest} is not described: {paths:?}");
    }
}

#[tokio::test]
async fn what_is_written_comes_into_the_search_index_a_moment_later() {
    let (desk, ann, user) = desk_with_a_chat().await;
    ann.writes(&user, "a quokka").await;
    eventually("it is in the index", async || {
        let indexed = desk.in_store(|tx| {
            let sql = "SELECT count(*) FROM message_search WHERE message_search MATCH 'quokka'";
            Ok(tx.query_one(sql, &[])?.get::<i64>(0)?)
        });
        (indexed.await == 1).then_some(())
    })
    .await;
}
