//! Read marks and unread counts.

use linedesk_core::permission::Staff;
use linedesk_protocol::{ConversationId, MessageId, Role};
use linedesk_store::feed::{self, EventKind};
use linedesk_store::ops::reads::{self, MarkReadError};

use super::actions::{origin, user};
use super::harness::{Desk, NOW};

on_both_engines!(
    reading_lowers_the_unread_count_to_what_came_after,
    going_back_has_no_effect,
    what_the_desk_writes_is_not_unread,
    only_a_message_of_the_conversation_can_be_read,
    reading_is_told,
);

async fn mark(
    desk: &Desk,
    id: ConversationId,
    message: MessageId,
    by: Staff,
) -> Result<(i64, i64, bool), MarkReadError> {
    let done = desk.store.write(move |tx| reads::mark(tx, id, message, by, true, &origin(by), NOW)).await?;
    let (read, event) = done.value;
    Ok((read.message_id.0, read.unread_count, event.is_some()))
}

async fn said(desk: &Desk, count: usize) -> (ConversationId, Vec<MessageId>) {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(desk.say(&user(1), "hello").await);
    }
    (desk.message(ids[0]).await.conversation_id, ids)
}

async fn unread(desk: &Desk, id: ConversationId) -> i64 {
    desk.summary(id).await.unread_count
}

async fn reading_lowers_the_unread_count_to_what_came_after(desk: &Desk) {
    let by = desk.operator("mali", Role::Agent).await;
    let (id, ids) = said(desk, 5).await;
    assert_eq!(unread(desk, id).await, 5);
    assert_eq!(mark(desk, id, ids[1], by).await.unwrap(), (ids[1].0, 3, true));
    assert_eq!(unread(desk, id).await, 3);
    desk.say(&user(1), "more").await;
    assert_eq!(unread(desk, id).await, 4);
    assert_eq!(mark(desk, id, ids[4], by).await.unwrap(), (ids[4].0, 1, true));
    assert_eq!(unread(desk, id).await, 1);
}

async fn going_back_has_no_effect(desk: &Desk) {
    let (first, second) = (desk.operator("a", Role::Agent).await, desk.operator("b", Role::Agent).await);
    let (id, ids) = said(desk, 4).await;
    mark(desk, id, ids[2], first).await.unwrap();
    let head = desk.head().await;
    for (message, by) in [(ids[2], first), (ids[0], first), (ids[1], second)] {
        assert_eq!(mark(desk, id, message, by).await.unwrap(), (ids[2].0, 1, false));
    }
    assert_eq!((desk.head().await, unread(desk, id).await), (head, 1));
    let marks = "SELECT message_id FROM read_marks";
    assert_eq!(desk.number(marks).await, ids[2].0);
}

async fn what_the_desk_writes_is_not_unread(desk: &Desk) {
    let by = desk.operator("mali", Role::Agent).await;
    let (id, ids) = said(desk, 2).await;
    desk.act(id, linedesk_store::ops::sessions::Command::Start(by)).await.unwrap();
    let answer = desk.send(id, by, "answer").await;
    let last = desk.say(&user(1), "thanks").await;
    assert_eq!(unread(desk, id).await, 3);
    assert_eq!(mark(desk, id, ids[1], by).await.unwrap().1, 1);
    assert_eq!(mark(desk, id, answer, by).await.unwrap(), (answer.0, 1, true));
    assert_eq!(mark(desk, id, last, by).await.unwrap().1, 0);
}

async fn only_a_message_of_the_conversation_can_be_read(desk: &Desk) {
    let by = desk.operator("mali", Role::Agent).await;
    let (id, ids) = said(desk, 1).await;
    let elsewhere = desk.say(&user(2), "elsewhere").await;
    for message in [elsewhere, MessageId(99_999)] {
        assert!(matches!(mark(desk, id, message, by).await, Err(MarkReadError::MessageNotFound)));
    }
    let nowhere = mark(desk, ConversationId(99_999), ids[0], by).await;
    assert!(matches!(nowhere, Err(MarkReadError::ConversationNotFound)));
    assert_eq!(unread(desk, id).await, 1);
}

async fn reading_is_told(desk: &Desk) {
    let by = desk.operator("mali", Role::Agent).await;
    let (id, ids) = said(desk, 1).await;
    let head = desk.head().await;
    mark(desk, id, ids[0], by).await.unwrap();
    let events = desk.read(move |tx| feed::list_after(tx, head, 9)).await;
    let told: Vec<_> = events.iter().map(|it| (it.kind, it.conversation, it.subject, it.socket.as_deref())).collect();
    let expected = [
        (EventKind::ConversationRead, Some(id), Some(ids[0].0), Some("s1")),
        (EventKind::ConversationChanged, Some(id), None, None),
    ];
    assert_eq!(told, expected);
}
