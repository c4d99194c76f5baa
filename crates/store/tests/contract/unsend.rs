//! WH6: what a customer withdraws is gone, and a mark stays.

use std::collections::BTreeMap;

use linedesk_protocol::{MessageId, MessageType, Role};
use linedesk_store::Query;
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::channels::ChannelAccess;
use linedesk_store::ops::webhook::{Effect, Event, NewMessage};
use linedesk_store::ops::{search, webhook};

use super::actions::{event, new_message, text, unsend, user};
use super::harness::{Desk, Engine, NOW, after};

on_both_engines!(
    wh6_unsend_erases_the_text_and_leaves_a_mark,
    wh6_unsend_leaves_no_trace_in_any_table,
    wh6_unsend_tells_the_desk,
    wh6_unsend_that_comes_first_erases_the_message_when_it_comes,
    wh6_unsend_touches_nothing_else,
    wh6_unsend_in_the_same_request_erases_and_again_changes_nothing,
);

const SECRET: &str = "qxz my secret zyw";

async fn is_found(desk: &Desk) -> bool {
    !desk.read(|tx| search::search(tx, "my secret", None, &ChannelAccess::All, None, 9)).await.hits.is_empty()
}

async fn assert_withdrawn(desk: &Desk, id: MessageId) {
    let message = desk.message(id).await;
    assert_eq!((message.content.as_str(), message.payload), ("", None));
    assert!(message.unsent_at.is_some());
    assert!(!is_found(desk).await);
    assert_eq!(desk.texts(format!("SELECT quote_token FROM messages WHERE id = {id}")).await, [None]);
    let summary = desk.summary(message.conversation_id).await;
    assert!(summary.last_message.is_some_and(|last| last.id != id || last.content.is_empty()));
}

fn secret(id: &str) -> Event {
    let message = NewMessage { payload: Some(format!("{{\"p\":\"{SECRET}\"}}")), ..new_message(id, SECRET) };
    Event { raw: format!("{{\"text\":\"{SECRET}\"}}"), ..event(&user(1), id, Effect::Message(message)) }
}

async fn wh6_unsend_erases_the_text_and_leaves_a_mark(desk: &Desk) {
    desk.ingest(vec![secret("e1")]).await;
    let id = desk.message_of("e1").await;
    assert!(is_found(desk).await);
    desk.ingest_at(vec![unsend(&user(1), "e1")], after(3)).await;
    assert_withdrawn(desk, id).await;
    let message = desk.message(id).await;
    assert_eq!((message.unsent_at, message.message_type), (Some(after(3)), MessageType::Text));
    let raw: Vec<_> = desk.read(|tx| webhook::list_kept(tx, 0, 9)).await.into_iter().map(|kept| kept.raw).collect();
    assert_eq!(raw, ["redacted", "raw of unsend-e1"]);
}

/// Every text and blob of each table, those of the search index included.
async fn tables(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let names = match desk.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
        Engine::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    let names = desk.texts(names).await;
    let columns = if desk.engine() == Engine::Sqlite { "*" } else { "every_column::text" };
    desk.read(move |tx| {
        let mut tables = BTreeMap::new();
        for name in names.into_iter().flatten() {
            let mut bytes = Vec::new();
            for row in tx.query(&format!("SELECT {columns} FROM {name} every_column"), &[])? {
                for column in 0.. {
                    if let Ok(text) = row.get::<&str>(column) {
                        bytes.extend_from_slice(text.as_bytes());
                    } else if let Ok(blob) = row.get::<&[u8]>(column) {
                        bytes.extend_from_slice(blob);
                    } else if row.get::<Option<bool>>(column).is_err() {
                        break;
                    }
                    bytes.push(b'\n');
                }
            }
            tables.insert(name, bytes);
        }
        Ok(tables)
    })
    .await
}

/// The tables that hold a text.
fn with(tables: &BTreeMap<String, Vec<u8>>, text: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    tables.iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name.clone()).collect()
}

async fn wh6_unsend_leaves_no_trace_in_any_table(desk: &Desk) {
    desk.ingest(vec![text(&user(1), "other", "words that stay")]).await;
    desk.ingest(vec![secret("e1")]).await;
    desk.write(search::index_waiting).await;
    let before = tables(desk).await;
    let holders = with(&before, SECRET);
    assert!(["messages", "webhook_events"].iter().all(|name| holders.iter().any(|holder| holder == name)));
    if desk.engine() == Engine::Sqlite {
        assert!(
            with(&before, "qxz").contains(&"message_search_data".to_owned()),
            "it keeps groups of three characters"
        );
    }
    desk.ingest(vec![unsend(&user(1), "e1")]).await;
    // Before it could come into the index.
    desk.ingest(vec![secret("e2"), unsend(&user(1), "e2")]).await;
    desk.write(search::index_waiting).await;
    let left = tables(desk).await;
    assert!(!with(&left, "words that stay").is_empty());
    for trace in [SECRET, "qxz", "zyw", "quote-e1"] {
        assert_eq!(with(&left, trace), Vec::<String>::new(), "{trace}");
    }
}

async fn wh6_unsend_tells_the_desk(desk: &Desk) {
    desk.ingest(vec![secret("e1")]).await;
    let head = desk.head().await;
    let id = desk.message_of("e1").await;
    desk.ingest(vec![unsend(&user(1), "e1")]).await;
    let events = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.subject)).collect();
    assert_eq!(told, [(EventKind::MessageUpdated, Some(id.0)), (EventKind::ConversationChanged, None)]);
}

async fn wh6_unsend_that_comes_first_erases_the_message_when_it_comes(desk: &Desk) {
    // Without a conversation, and with one.
    for id in ["e1", "e2"] {
        desk.ingest(vec![unsend(&user(1), id)]).await;
        desk.ingest_at(vec![secret(id)], after(5)).await;
        assert_withdrawn(desk, desk.message_of(id).await).await;
        let raws = desk.read(|tx| webhook::list_kept(tx, 0, 99)).await;
        assert!(raws.iter().all(|kept| !kept.raw.contains(SECRET)));
        assert_eq!(raws.last().unwrap().raw, "redacted", "it can be replayed (WH7)");
    }
}

async fn wh6_unsend_touches_nothing_else(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    desk.ingest(vec![text(&user(1), "e1", "stays"), text(&user(2), "e2", "stays too")]).await;
    // Not this chat's message, and one that nobody knows.
    desk.ingest(vec![unsend(&user(2), "e1"), unsend(&user(1), "unknown")]).await;
    let (first, second) = (desk.message_of("e1").await, desk.message_of("e2").await);
    assert_eq!(desk.message(first).await.content, "stays");
    assert_eq!(desk.message(second).await.content, "stays too");
    let conversation = desk.message(first).await.conversation_id;
    desk.act(conversation, linedesk_store::ops::sessions::Command::Start(owner)).await.unwrap();
    let sent = desk.send(conversation, owner, "ours").await;
    desk.ingest(vec![unsend(&user(1), "e1")]).await;
    assert_eq!(desk.message(sent).await.content, "ours");
    assert_eq!(desk.summary(conversation).await.unread_count, 1);
}

async fn wh6_unsend_in_the_same_request_erases_and_again_changes_nothing(desk: &Desk) {
    desk.ingest(vec![secret("e1"), unsend(&user(1), "e1")]).await;
    let id = desk.message_of("e1").await;
    assert_withdrawn(desk, id).await;
    let before = desk.message(id).await;
    assert_eq!(before.unsent_at, Some(NOW));
    let again = Event { webhook_event_id: Some("again".to_owned()), ..unsend(&user(1), "e1") };
    desk.ingest_at(vec![again], after(60)).await;
    assert_eq!(desk.message(id).await, before);
}
