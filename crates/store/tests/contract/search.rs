//! Finding conversations by name and tag, and messages by their words.

use linedesk_core::permission::Staff;
use linedesk_protocol::rest::ListStatus;
use linedesk_protocol::{ContactId, ConversationId, MessageId, Role};
use linedesk_store::Query;
use linedesk_store::ops::channels::ChannelAccess;
use linedesk_store::ops::contacts::{self, Profile};
use linedesk_store::ops::conversations::{self, Cursor, Filter};
use linedesk_store::ops::search;
use linedesk_store::ops::sessions::Command;

use super::actions::{draft, note_through, text, user};
use super::harness::{Desk, Engine, NOW};

on_both_engines!(
    a_name_is_found_by_any_part_in_any_case,
    wildcards_in_a_name_are_taken_literally,
    a_chat_id_is_found_only_whole,
    archived_conversations_are_found_by_name_only,
    a_tag_and_a_status_narrow_the_list,
    found_conversations_are_paged,
    words_are_found_newest_first_with_their_conversation,
    short_words_are_found_too,
    odd_texts_are_searched_literally,
    hits_are_paged_to_the_end,
    texts_are_put_into_the_index_piece_by_piece_and_found_meanwhile,
);

async fn named(desk: &Desk, name: &str) -> ConversationId {
    let id = desk.conversation().await;
    let profile = Profile::Known { display_name: name.to_owned(), picture_url: None, language: None };
    desk.write(move |tx| contacts::save_profile(tx, ContactId(id.0), &profile, NOW)).await;
    id
}

async fn list(desk: &Desk, filter: Filter) -> Vec<ConversationId> {
    let page = desk.read(move |tx| conversations::list(tx, &filter, None, 50)).await;
    assert_eq!(page.total, i64::try_from(page.conversations.len()).unwrap());
    let mut ids: Vec<_> = page.conversations.iter().map(|summary| summary.id).collect();
    ids.sort_by_key(|id| id.0);
    ids
}

async fn by_name(desk: &Desk, text: &str) -> Vec<ConversationId> {
    list(desk, Filter { text: Some(text.to_owned()), ..Filter::default() }).await
}

async fn tag(desk: &Desk, id: ConversationId, name: &'static str) {
    desk.write(move |tx| {
        let sql = format!(
            "INSERT INTO tags (name, color) VALUES ('{name}', '#fff') ON CONFLICT (name) DO UPDATE SET color = '#fff' RETURNING id"
        );
        let tag: i64 = tx.query_one(&sql, &[])?.get(0)?;
        let sql = format!("INSERT INTO conversation_tags (conversation_id, tag_id) VALUES ({id}, {tag}) RETURNING tag_id");
        tx.query_one(&sql, &[]).map(drop)
    })
    .await;
}

async fn a_name_is_found_by_any_part_in_any_case(desk: &Desk) {
    let somchai = named(desk, "Somchai Jaidee").await;
    let thai = named(desk, "สมชาย ใจดี").await;
    let wide = named(desk, "Ａｋｉ山田").await;
    let accented = named(desk, "Élodie").await;
    for (text, found) in [
        ("somchai", vec![somchai]),
        ("JAID", vec![somchai]),
        ("ชาย", vec![thai]),
        ("山田", vec![wide]),
        ("Ａｋｉ", vec![wide]),
        ("ａｋｉ", vec![wide]),
        ("Élo", vec![accented]),
        ("éLO", vec![accented]),
        ("lodie", vec![accented]),
        ("nobody", vec![]),
    ] {
        assert_eq!(by_name(desk, text).await, found, "{text}");
    }
}

async fn wildcards_in_a_name_are_taken_literally(desk: &Desk) {
    let percent = named(desk, "50% off!").await;
    let under = named(desk, "a_b").await;
    let backslash = named(desk, r"c\d").await;
    named(desk, "axb 500").await;
    for (text, found) in
        [("0%", vec![percent]), ("off!", vec![percent]), ("a_b", vec![under]), (r"c\d", vec![backslash]), ("'", vec![])]
    {
        assert_eq!(by_name(desk, text).await, found, "{text}");
    }
}

async fn a_chat_id_is_found_only_whole(desk: &Desk) {
    let id = desk.conversation().await;
    let chat = desk.chat_of(id).await;
    assert_eq!(by_name(desk, &chat).await, [id]);
    assert_eq!(by_name(desk, &chat[..20]).await, []);
}

async fn archived_conversations_are_found_by_name_only(desk: &Desk) {
    let id = named(desk, "Mali").await;
    tag(desk, id, "vip").await;
    let origin = linedesk_store::Origin::system("rest");
    desk.store.write(move |tx| conversations::set_archived(tx, id, true, &origin, NOW)).await.unwrap();
    assert_eq!(by_name(desk, "mali").await, [id]);
    assert_eq!(list(desk, Filter { tag: Some("vip".to_owned()), ..Filter::default() }).await, []);
}

async fn a_tag_and_a_status_narrow_the_list(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let (mine, waiting, bot) = (desk.session_of(owner).await, desk.conversation().await, desk.conversation().await);
    desk.act(waiting, Command::Request { after_hours: false }).await.unwrap();
    for id in [mine, waiting, bot] {
        tag(desk, id, "vip").await;
    }
    tag(desk, bot, "angry").await;
    let untagged = desk.session_of(owner).await;
    let find = async |status, tag: &str| {
        let filter = Filter {
            status,
            operator: Some(owner.id),
            text: None,
            tag: Some(tag.to_owned()),
            channels: ChannelAccess::All,
        };
        list(desk, filter).await
    };
    assert_eq!(find(ListStatus::All, "vip").await, [mine, waiting, bot]);
    assert_eq!(find(ListStatus::Mine, "vip").await, [mine]);
    assert_eq!(find(ListStatus::Active, "vip").await, [mine]);
    assert_eq!(find(ListStatus::Waiting, "vip").await, [waiting]);
    assert_eq!(find(ListStatus::Bot, "vip").await, [bot]);
    assert_eq!(find(ListStatus::Closed, "vip").await, []);
    assert_eq!(find(ListStatus::All, "angry").await, [bot]);
    assert_eq!(find(ListStatus::All, "none").await, []);
    let names: Vec<_> = desk.summary(bot).await.tags.into_iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["angry", "vip"]);
    assert_eq!(desk.summary(untagged).await.tags, []);
}

async fn found_conversations_are_paged(desk: &Desk) {
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.push(named(desk, &format!("Mali {number}")).await);
        named(desk, "Other").await;
    }
    expected.reverse();
    let mut found = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let filter = Filter { text: Some("mali".to_owned()), ..Filter::default() };
        let page = desk.read(move |tx| conversations::list(tx, &filter, cursor, 3)).await;
        assert_eq!(page.total, 7);
        found.extend(page.conversations.iter().map(|summary| summary.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, expected);
}

/// What is found, whether it is in the index or not yet.
async fn hits(desk: &Desk, text: &str, only: Option<ConversationId>) -> Vec<MessageId> {
    let before = hits_now(desk, text, only).await;
    while desk.write(search::index_waiting).await {}
    assert_eq!(hits_now(desk, text, only).await, before, "{text:?}: not the same from the index");
    before
}

async fn hits_now(desk: &Desk, text: &str, only: Option<ConversationId>) -> Vec<MessageId> {
    let text = text.to_owned();
    let found = desk.read(move |tx| search::search(tx, &text, only, &ChannelAccess::All, None, 50)).await;
    assert!(found.hits.iter().all(|(message, summary)| message.conversation_id == summary.id));
    found.hits.into_iter().map(|(message, _)| message.id).collect()
}

async fn note(desk: &Desk, id: ConversationId, by: Staff, text: &'static str) -> MessageId {
    let note = note_through(&desk.store, draft(id, by, text, text), NOW).await;
    note.unwrap().value.message.id
}

async fn words_are_found_newest_first_with_their_conversation(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let first = desk.say(&user(1), "my order has not come").await;
    let second = desk.say(&user(2), "ORDER 66").await;
    desk.say(&user(2), "something else").await;
    let (one, two) = (desk.message(first).await.conversation_id, desk.message(second).await.conversation_id);
    desk.act(one, Command::Start(owner)).await.unwrap();
    let answer = desk.send(one, owner, "Which order?").await;
    let noted = note(desk, two, owner, "asks about an order again").await;
    assert_eq!(hits(desk, "order", None).await, [noted, answer, second, first]);
    assert_eq!(hits(desk, "order", Some(one)).await, [answer, first]);
    assert_eq!(hits(desk, "rder h", None).await, [first]);
    assert_eq!(hits(desk, "no such words", None).await, []);
}

async fn short_words_are_found_too(desk: &Desk) {
    let tea = desk.say(&user(1), "お茶をください").await;
    let ok = desk.say(&user(1), "ok").await;
    assert_eq!(hits(desk, "茶", None).await, [tea]);
    assert_eq!(hits(desk, "OK", None).await, [ok]);
    assert_eq!(hits(desk, "お茶を", None).await, [tea]);
    assert_eq!(hits(desk, "%", None).await, []);
}

async fn odd_texts_are_searched_literally(desk: &Desk) {
    let odd = desk.say(&user(1), r#"a "quoted" 100% AND NOT (b* OR c_d) 😀😀😀 x'y\z"#).await;
    for text in [r#""quoted""#, "100%", "AND NOT", "(b* OR", "c_d)", "😀😀😀", "😀", "x'y", r"y\z"] {
        assert_eq!(hits(desk, text, None).await, [odd], "{text}");
    }
    for text in ["100_", "a \"quoted\" 1000", "b* AND c", "\0", "a\0b", "quo\0ted", "\"", "\"\"\"", "100%%"] {
        let found = hits(desk, text, None).await;
        assert_eq!(found, if text == "\"" { vec![odd] } else { vec![] }, "{text:?}");
    }
}

async fn hits_are_paged_to_the_end(desk: &Desk) {
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.push(desk.say(&user(number % 2), "needle in it").await);
        desk.say(&user(1), "hay").await;
        if number == 3 {
            desk.write(search::index_waiting).await;
        }
    }
    expected.reverse();
    for (limit, pages) in [(1, 7), (3, 3), (7, 1), (50, 1)] {
        let (mut found, mut before, mut read) = (Vec::new(), None, 0);
        loop {
            let page =
                desk.read(move |tx| search::search(tx, "needle", None, &ChannelAccess::All, before, limit)).await;
            read += 1;
            found.extend(page.hits.into_iter().map(|(message, _)| message.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!((found.as_slice(), read), (expected.as_slice(), pages), "by {limit}");
    }
}

async fn texts_are_put_into_the_index_piece_by_piece_and_found_meanwhile(desk: &Desk) {
    if desk.engine() != Engine::Sqlite {
        assert!(!desk.write(search::index_waiting).await, "PostgreSQL does it by itself");
        return;
    }
    let events = (0..300).map(|number| text(&user(1), &format!("e{number}"), &format!("needle {number:03}")));
    desk.ingest(events.collect()).await;
    let indexed = async || desk.number("SELECT count(*) FROM message_search").await;
    assert_eq!((indexed().await, hits_now(desk, "needle 2", None).await.len()), (0, 50));
    assert!(desk.write(search::index_waiting).await, "there is more");
    let in_first = indexed().await;
    assert!((1..300).contains(&in_first), "{in_first} at once");
    for number in [0, in_first - 1, in_first, 299] {
        assert_eq!(hits_now(desk, &format!("needle {number:03}"), None).await.len(), 1, "{number}");
    }
    while desk.write(search::index_waiting).await {}
    assert_eq!(indexed().await, 300);
    assert_eq!(hits_now(desk, "needle 299", None).await.len(), 1);
    assert!(!desk.write(search::index_waiting).await);
}
