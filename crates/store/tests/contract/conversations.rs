//! Summaries, lists, archiving.

use std::collections::BTreeSet;
use std::sync::Arc;

use linedesk_core::permission::Staff;
use linedesk_protocol::rest::ListStatus;
use linedesk_protocol::{ChatMode, ConversationId, Role};
use linedesk_store::ops::conversations::{self, ArchiveError, Cursor, Filter, Key};
use linedesk_store::ops::sessions::Command;
use linedesk_store::{Origin, StoreError};
use tokio::task::JoinSet;

use super::actions::{origin, text, user};
use super::harness::{Desk, NOW, after};

on_both_engines!(
    lists_are_paged_to_the_end_without_gap_or_repeat,
    a_page_that_ends_with_the_list_has_no_next,
    a_conversation_is_found_by_its_id_and_by_its_chat,
    many_summaries_are_read_at_once_and_unknown_ids_left_out,
    a_summary_says_what_is_last_and_unread,
    a_chat_begun_by_many_at_a_time_is_one_conversation,
    archiving_takes_out_of_the_lists_and_leaves_an_audit_row,
    a_conversation_with_an_open_session_is_not_archived,
    a_new_message_brings_an_archived_conversation_back,
    se2_a_session_brings_an_archived_conversation_back,
);

async fn archive(desk: &Desk, id: ConversationId, archived: bool) -> Result<(), ArchiveError> {
    let origin = Origin { address: Some("192.0.2.1".to_owned()), ..Origin::system("rest") };
    desk.store.write(move |tx| conversations::set_archived(tx, id, archived, &origin, NOW)).await.map(|_| ())
}

/// Nine conversations of each kind, many of them active at the same instant.
async fn fill(desk: &Desk, mine: Staff, other: Staff) -> Vec<(ConversationId, i64, &'static str)> {
    let kinds = ["bot", "waiting", "mine", "other", "closed", "archived"];
    let mut made = Vec::new();
    for number in 0..54_u32 {
        let kind = kinds[number as usize % kinds.len()];
        // Three instants only.
        let second = i64::from(number % 3);
        let chat = user(1000 + number);
        desk.ingest_at(vec![text(&chat, &format!("fill-{number}"), "hello")], after(second)).await;
        let key = Key::Chat(chat);
        let id = desk.read(move |tx| conversations::find(tx, &key)).await.unwrap();
        match kind {
            "waiting" => drop(desk.act(id, Command::Request { after_hours: false }).await.unwrap()),
            "mine" => drop(desk.act(id, Command::Start(mine)).await.unwrap()),
            "other" => drop(desk.act(id, Command::Start(other)).await.unwrap()),
            "closed" => {
                desk.act(id, Command::Start(mine)).await.unwrap();
                desk.act(id, Command::Close(mine)).await.unwrap();
            }
            "archived" => archive(desk, id, true).await.unwrap(),
            _ => {}
        }
        made.push((id, second, kind));
    }
    made
}

async fn lists_are_paged_to_the_end_without_gap_or_repeat(desk: &Desk) {
    let mine = desk.operator("mine", Role::Agent).await;
    let other = desk.operator("other", Role::Agent).await;
    let made = fill(desk, mine, other).await;
    for (status, kinds) in [
        (ListStatus::All, &["bot", "waiting", "mine", "other", "closed"][..]),
        (ListStatus::Waiting, &["waiting"]),
        (ListStatus::Active, &["mine", "other"]),
        (ListStatus::Mine, &["mine"]),
        (ListStatus::Bot, &["bot", "closed"]),
        (ListStatus::Closed, &["closed"]),
    ] {
        let mut expected: Vec<_> = made.iter().filter(|(_, _, kind)| kinds.contains(kind)).collect();
        expected.sort_by_key(|(id, second, _)| std::cmp::Reverse((*second, id.0)));
        let expected: Vec<_> = expected.into_iter().map(|(id, ..)| *id).collect();
        for limit in [1, 4, 9, 100] {
            let mut found = Vec::new();
            let mut cursor: Option<Cursor> = None;
            loop {
                let filter = Filter { status, operator: Some(mine.id), ..Filter::default() };
                let page = desk.read(move |tx| conversations::list(tx, &filter, cursor, limit)).await;
                assert_eq!(page.total, i64::try_from(expected.len()).unwrap(), "{status:?}");
                assert_eq!((page.counts.waiting, page.counts.active), (9, 18));
                assert_eq!(page.counts.of(status), page.total);
                assert!(page.conversations.len() <= limit as usize);
                found.extend(page.conversations.iter().map(|summary| summary.id));
                let Some(next) = page.next_cursor else { break };
                assert_eq!(page.conversations.len(), limit as usize, "a page that is not the last is full");
                cursor = Some(next.to_string().parse().unwrap());
            }
            assert_eq!(found, expected, "{status:?} by {limit}");
        }
    }
}

async fn a_page_that_ends_with_the_list_has_no_next(desk: &Desk) {
    let list = async |limit| desk.read(move |tx| conversations::list(tx, &Filter::default(), None, limit)).await;
    assert_eq!(list(5).await.next_cursor, None);
    desk.conversation().await;
    desk.conversation().await;
    let page = list(2).await;
    assert_eq!((page.conversations.len(), page.next_cursor, page.total), (2, None, 2));
    assert!(list(1).await.next_cursor.is_some());
}

async fn a_conversation_is_found_by_its_id_and_by_its_chat(desk: &Desk) {
    let id = desk.conversation().await;
    let chat = desk.chat_of(id).await;
    for (key, found) in [
        (Key::Id(id), Some(id)),
        (Key::Chat(chat), Some(id)),
        (Key::Id(ConversationId(id.0 + 1)), None),
        (Key::Chat(user(99_999)), None),
    ] {
        assert_eq!(desk.read(move |tx| conversations::find(tx, &key)).await, found);
    }
}

async fn many_summaries_are_read_at_once_and_unknown_ids_left_out(desk: &Desk) {
    let mut ids = BTreeSet::new();
    for _ in 0..75 {
        ids.insert(desk.conversation().await.0);
    }
    let asked: Vec<_> = ids.iter().copied().chain([0, 99_999]).map(ConversationId).collect();
    let found = desk.read(move |tx| conversations::summaries(tx, &asked)).await;
    assert_eq!(found.len(), ids.len());
    assert_eq!(found.iter().map(|summary| summary.id.0).collect::<BTreeSet<_>>(), ids);
}

async fn a_summary_says_what_is_last_and_unread(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let chat = user(1);
    desk.say(&chat, "one").await;
    let second = desk.say(&chat, &"สวัสดี\n\nครับ".repeat(40)).await;
    let id = desk.message(second).await.conversation_id;
    let summary = desk.summary(id).await;
    let last = summary.last_message.unwrap();
    assert_eq!((last.id, summary.unread_count, summary.chat_mode), (second, 2, ChatMode::Bot));
    assert!(last.content.starts_with("สวัสดี ครับ") && last.content.chars().count() <= 200, "{}", last.content);
    desk.act(id, Command::Start(owner)).await.unwrap();
    let answer = desk.send(id, owner, "here").await;
    let summary = desk.summary(id).await;
    assert_eq!(summary.last_message.map(|last| last.id), Some(answer));
    assert_eq!(summary.session.unwrap().operator_name.as_deref(), Some("owner (shown)"));
}

async fn a_chat_begun_by_many_at_a_time_is_one_conversation(desk: &Desk) {
    let stores = [Arc::new(desk.another()), Arc::new(desk.another())];
    let (chat, channel) = (user(7), desk.channel);
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let (store, chat) = (stores[number % 2].clone(), chat.clone());
        tasks.spawn(async move {
            store
                .write::<_, StoreError, _>(move |tx| conversations::get_or_create(tx, channel, &chat, NOW))
                .await
                .unwrap()
                .value
        });
    }
    let ids: BTreeSet<_> = tasks.join_all().await.into_iter().map(|id| id.0).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(desk.number("SELECT listed FROM desk").await, 1);
}

async fn archiving_takes_out_of_the_lists_and_leaves_an_audit_row(desk: &Desk) {
    let id = desk.conversation().await;
    let listed =
        async || desk.read(|tx| conversations::list(tx, &Filter::default(), None, 9)).await.conversations.len();
    assert_eq!(listed().await, 1);
    archive(desk, id, true).await.unwrap();
    archive(desk, id, true).await.unwrap();
    assert!(desk.summary(id).await.archived);
    assert_eq!(listed().await, 0);
    archive(desk, id, false).await.unwrap();
    assert_eq!(listed().await, 1);
    let actions = desk.texts("SELECT action FROM audit WHERE address = '192.0.2.1' ORDER BY id").await;
    assert_eq!(actions, [Some("conversation_archived".to_owned()), Some("conversation_unarchived".to_owned())]);
    assert!(matches!(archive(desk, ConversationId(77_777), true).await, Err(ArchiveError::NotFound)));
}

async fn a_conversation_with_an_open_session_is_not_archived(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let id = desk.session_of(owner).await;
    assert!(matches!(archive(desk, id, true).await, Err(ArchiveError::SessionOpen)));
    assert!(!desk.summary(id).await.archived);
    desk.act(id, Command::Close(owner)).await.unwrap();
    archive(desk, id, true).await.unwrap();
}

async fn a_new_message_brings_an_archived_conversation_back(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    for had_session in [false, true] {
        let id = desk.conversation().await;
        if had_session {
            desk.act(id, Command::Start(owner)).await.unwrap();
            desk.act(id, Command::Close(owner)).await.unwrap();
        }
        archive(desk, id, true).await.unwrap();
        desk.say(&desk.chat_of(id).await, "still there?").await;
        assert!(!desk.summary(id).await.archived);
        desk.assert_sound().await;
    }
}

async fn se2_a_session_brings_an_archived_conversation_back(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let id = desk.conversation().await;
    archive(desk, id, true).await.unwrap();
    let start = Command::Start(owner);
    desk.store.write(move |tx| linedesk_store::ops::sessions::act(tx, id, &start, &origin(owner), NOW)).await.unwrap();
    let summary = desk.summary(id).await;
    assert_eq!((summary.archived, summary.chat_mode), (false, ChatMode::Human));
}
