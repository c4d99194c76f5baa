//! What is written can be read again, and is the same: for the shapes that both REST and the socket carry.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::FieldError;
use crate::model::{
    Author, ChatMode, ClosedBy, Delivery, DeliveryCost, DeliveryState, Direction, FriendStatus, LastMessage, Media,
    MediaState, Message, MessageType, OperatorStatus, Role, SenderRole, Session, SessionStatus, SourceType, Summary,
    Tag,
};
use crate::rest::{
    ContactCard, ConversationDetail, ConversationList, Elsewhere, ListCounts, MessagePage, OperatorEntry, OperatorList,
    SearchAnswer, SearchHit, SendMessage, StartConversation, TransferSession, User, WriteNote,
};
use crate::{ConversationId, ErrorCode, MessageId, OperatorId, Problem, Seq, SessionId, Timestamp};

fn text() -> impl Strategy<Value = String> {
    // With everything that could be escaped wrongly.
    "([a-zก-ฮ <>&\"'\\\\\u{0}\u{2028}😀]|\\PC){0,20}"
}

/// Instants that a calendar knows, to the millisecond.
fn time() -> impl Strategy<Value = Timestamp> {
    (-1_000_000_000_000..4_000_000_000_000_i64).prop_map(Timestamp)
}

fn operator() -> impl Strategy<Value = Option<(OperatorId, String)>> {
    of((any::<i64>().prop_map(OperatorId), text()))
}

prop_compose! {
    fn session()(
        (id, status, operator, closed_by) in
            (any::<i64>(), select(SessionStatus::ALL), operator(), of(select(ClosedBy::ALL))),
        (started_at, claimed_at, closed_at, first_response_at) in (time(), of(time()), of(time()), of(time())),
        (transfer_count, after_hours) in (any::<i64>(), any::<bool>()),
    ) -> Session {
        let (operator_id, operator_name) = operator.unzip();
        Session {
            id: SessionId(id), status, operator_id, operator_name, started_at, claimed_at, closed_at, first_response_at,
            closed_by, transfer_count, after_hours,
        }
    }
}

prop_compose! {
    fn delivery()(
        (state, cost, code) in
            (select(DeliveryState::ALL), of(select(DeliveryCost::ALL)), of(select(ErrorCode::ALL))),
        (error, retryable, recipients) in (of(text()), of(any::<bool>()), of(any::<i64>())),
    ) -> Delivery {
        Delivery { state, cost, code, error, retryable, recipients }
    }
}

prop_compose! {
    fn media()(
        (id, state, content_type, file_name) in (text(), select(MediaState::ALL), of(text()), of(text())),
        (size_bytes, width, height, duration_ms) in (of(any::<i64>()), of(any::<i64>()), of(any::<i64>()), of(any::<i64>())),
        (has_preview, code, link_expires_at) in (any::<bool>(), of(select(ErrorCode::ALL)), of(time())),
    ) -> Media {
        Media {
            id, state, content_type, size_bytes, file_name, width, height, duration_ms, has_preview, code, link_expires_at,
        }
    }
}

prop_compose! {
    fn message()(
        (id, conversation, session_id, line_user_id) in (any::<i64>(), any::<i64>(), of(any::<i64>()), text()),
        (direction, sender_role, message_type) in
            (select(Direction::ALL), select(SenderRole::ALL), select(MessageType::ALL)),
        (operator, content, payload) in (operator(), text(), of(text())),
        (quoted, created_at, unsent_at) in (of(any::<i64>()), time(), of(time())),
        (delivery, temp_id, media, author) in (of(delivery()), of(text()), of(media()), of((text(), of(text())))),
    ) -> Message {
        let (operator_id, operator_name) = operator.unzip();
        Message {
            id: MessageId(id), conversation_id: ConversationId(conversation), line_user_id,
            session_id: session_id.map(SessionId), direction, sender_role, operator_id, operator_name, message_type,
            content, payload: payload.map(|text| serde_json::json!({"text": text})),
            quoted_message_id: quoted.map(MessageId), created_at, unsent_at, delivery, temp_id,
            media, author: author.map(|(line_user_id, display_name)| Author { line_user_id, display_name }),
        }
    }
}

prop_compose! {
    fn last_message()(message in message()) -> LastMessage {
        let Message { id, content, message_type, direction, created_at, sender_role, operator_id, unsent_at, .. } = message;
        LastMessage { id, content, message_type, direction, created_at, sender_role, operator_id, unsent_at }
    }
}

prop_compose! {
    fn summary()(
        (id, channel, line_user_id, source_type) in (any::<i64>(), text(), text(), select(SourceType::ALL)),
        (display_name, picture_url, friend_status, chat_mode) in
            (of(text()), of(text()), select(FriendStatus::ALL), select(ChatMode::ALL)),
        (session, last_message, unread_count, archived) in
            (of(session()), of(last_message()), any::<i64>(), any::<bool>()),
        (member_count, free_until, reach_until) in (of(any::<i64>()), of(time()), of(time())),
        tags in vec((any::<i64>(), text(), text()).prop_map(|(id, name, color)| Tag { id, name, color }), 0..3),
    ) -> Summary {
        Summary {
            id: ConversationId(id), channel, line_user_id, source_type, display_name, picture_url, friend_status, chat_mode,
            session, last_message, unread_count, tags, archived, member_count, free_until, reach_until,
        }
    }
}

fn same<T: Serialize + DeserializeOwned>(value: &T) -> Result<(), TestCaseError> {
    let written = serde_json::to_string(value).unwrap();
    let read: T = serde_json::from_str(&written).map_err(|error| TestCaseError::fail(format!("{error}: {written}")))?;
    prop_assert_eq!(serde_json::to_string(&read).unwrap(), written);
    Ok(())
}

proptest! {
    #[test]
    fn messages_and_summaries_survive_the_wire(message in message(), summary in summary()) {
        let read: Message = serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap();
        prop_assert_eq!(&read, &message);
        let read: Summary = serde_json::from_str(&serde_json::to_string(&summary).unwrap()).unwrap();
        prop_assert_eq!(&read, &summary);
    }

    #[test]
    fn rest_answers_survive_the_wire(
        summary in summary(), messages in vec(message(), 0..3), count in any::<i64>(), cursor in of(text()),
        has_more in any::<bool>(), role in select(Role::ALL), status in select(OperatorStatus::ALL),
    ) {
        let conversation = summary.clone();
        same(&ConversationList {
            conversations: vec![summary.clone()], next_cursor: cursor.clone(), total: count, waiting_count: count,
            active_count: count, counts: ListCounts { all: count, mine: count, ..ListCounts::default() }, seq: Seq(count),
        })?;
        same(&ConversationDetail { summary, messages: messages.clone() })?;
        same(&ContactCard {
            language: cursor.clone(), first_seen_at: Timestamp(0), profile_fetched_at: Some(Timestamp(1)), session_count: count,
            elsewhere: vec![Elsewhere {
                conversation_id: conversation.id, channel: "other".to_owned(), friend_status: conversation.friend_status,
                last_activity_at: Timestamp(0), is_open: has_more,
            }],
            sessions: conversation.session.iter().cloned().collect(), note_count: count, notes: messages.clone(),
        })?;
        same(&MessagePage { messages: messages.clone(), has_more_before: has_more, has_more_after: !has_more })?;
        let items = messages.into_iter().map(|message| SearchHit { message, conversation: conversation.clone() });
        same(&SearchAnswer { items: items.collect(), next_cursor: cursor.clone() })?;
        let name = cursor.unwrap_or_default();
        let id = OperatorId(count);
        same(&OperatorList {
            operators: vec![OperatorEntry { id, display_name: name.clone(), role, status, active_chats: count }],
        })?;
        same(&User { id, username: name.clone(), display_name: name, role })?;
    }

    #[test]
    fn requests_and_problems_survive_the_wire(
        text in text(), temp_id in of(text()), id in any::<i64>(), quote in of(any::<i64>()), code in select(ErrorCode::ALL),
    ) {
        let quote_message_id = quote.map(MessageId);
        let line_message = temp_id.as_ref().map(|id| serde_json::json!({"type": "flex", "altText": id}));
        let sent = line_message.is_none().then(|| text.clone());
        same(&SendMessage { text: sent, line_message, temp_id: temp_id.clone(), quote_message_id })?;
        same(&WriteNote { text: text.clone(), temp_id: temp_id.clone() })?;
        same(&TransferSession { to_operator_id: OperatorId(id), reason: temp_id.clone() })?;
        let initial_message = temp_id.clone();
        same(&StartConversation { line_user_id: text.clone(), initial_message, temp_id: temp_id.clone(), channel: temp_id.clone() })?;
        let errors = temp_id.map(|field| FieldError { field, message: text.clone() });
        same(&Problem {
            kind: "about:blank".to_owned(), title: code.title().to_owned(), status: code.http_status(), detail: text.clone(),
            code, request_id: text, errors: errors.into_iter().collect(), details: Some(serde_json::json!({"id": id})),
        })?;
    }
}
