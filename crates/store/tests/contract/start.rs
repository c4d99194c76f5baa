//! An operator writes first: all of it, or nothing.

use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, DeliveryState, Role, SessionStatus};
use linedesk_store::Committed;
use linedesk_store::ops::messages::{self, Range};
use linedesk_store::ops::sessions::ActError;
use linedesk_store::ops::start::{self, FirstText, Start, StartError};

use super::actions::{origin, user};
use super::harness::{Desk, NOW};

on_both_engines!(
    a_conversation_begins_with_its_session_and_first_words,
    beginning_again_with_the_same_temp_id_says_it_once,
    where_another_has_the_session_nothing_is_begun,
);

async fn begin(desk: &Desk, chat: String, by: Staff, text: Option<&str>) -> Result<ConversationId, StartError> {
    let first =
        text.map(|text| FirstText { text: text.to_owned(), temp_id: Some("t1".to_owned()), send_key: "t1".to_owned() });
    let start = Start { channel: desk.channel, chat_id: chat, by, first };
    let done = desk.store.write(move |tx| start::start(tx, &start, &origin(by), NOW)).await;
    done.map(|Committed { value, .. }| value)
}

async fn a_conversation_begins_with_its_session_and_first_words(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let id = begin(desk, user(1), owner, Some("good morning")).await.unwrap();
    let summary = desk.summary(id).await;
    let session = summary.session.unwrap();
    assert_eq!((session.status, session.operator_id), (SessionStatus::Active, Some(owner.id)));
    let message = desk.message(summary.last_message.unwrap().id).await;
    assert_eq!((message.content.as_str(), message.session_id), ("good morning", Some(session.id)));
    assert_eq!(message.delivery.unwrap().state, DeliveryState::Queued);
    let silent = begin(desk, user(2), owner, None).await.unwrap();
    assert_eq!(desk.summary(silent).await.last_message, None);
}

async fn beginning_again_with_the_same_temp_id_says_it_once(desk: &Desk) {
    let owner = desk.operator("owner", Role::Agent).await;
    let first = begin(desk, user(1), owner, Some("good morning")).await.unwrap();
    let again = begin(desk, user(1), owner, Some("good morning")).await.unwrap();
    assert_eq!(first, again);
    let thread = desk.read(move |tx| messages::list(tx, first, Range::Latest, 9)).await;
    assert_eq!(thread.messages.len(), 1);
}

async fn where_another_has_the_session_nothing_is_begun(desk: &Desk) {
    let (owner, other) = (desk.operator("owner", Role::Agent).await, desk.operator("other", Role::Agent).await);
    begin(desk, user(1), owner, None).await.unwrap();
    let head = desk.head().await;
    let refused = begin(desk, user(1), other, Some("mine")).await;
    assert!(matches!(refused, Err(StartError::Act(ActError::AlreadyClaimed { by, .. })) if by == owner.id));
    assert_eq!(desk.head().await, head);
    assert_eq!(desk.number("SELECT count(*) FROM messages").await, 0);
}
