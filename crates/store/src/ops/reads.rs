//! Read marks: how far an operator, and thereby the desk, has read a conversation.

use linedesk_core::permission::Staff;
use linedesk_protocol::frame::ConversationRead;
use linedesk_protocol::{ConversationId, MessageId, Timestamp};

use super::contacts::emit_changed;
use super::messages::emit;
use super::{conversations, line_reads};
use crate::engine::params;
use crate::error::StoreError;
use crate::feed::EventKind;
use crate::tx::{EventRef, Origin, Query, Tx};

/// Why nothing was marked.
#[derive(Debug, thiserror::Error)]
pub enum MarkReadError {
    #[error("there is no such conversation")]
    ConversationNotFound,
    #[error("there is no such message in this conversation")]
    MessageNotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Notes that everything up to a message is read, and with `tells_line` lets LINE know. Going back has no effect.
pub fn mark(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    message: MessageId,
    by: Staff,
    tells_line: bool,
    origin: &Origin,
    now: Timestamp,
) -> Result<(ConversationRead, Option<EventRef>), MarkReadError> {
    let held = conversations::hold(tx, conversation)?.ok_or(MarkReadError::ConversationNotFound)?;
    let known = "SELECT 1 FROM messages WHERE id = $1 AND conversation_id = $2";
    tx.query_opt(known, params![message, conversation])?.ok_or(MarkReadError::MessageNotFound)?;
    let row =
        tx.query_one("SELECT read_message_id, unread_count FROM conversations WHERE id = $1", params![conversation])?;
    let read: MessageId = row.get(0)?;
    let answer = |message_id, unread_count| ConversationRead {
        conversation_id: conversation,
        line_user_id: held.chat_id.clone(),
        message_id,
        unread_count,
    };
    if message <= read {
        return Ok((answer(read, row.get(1)?), None));
    }
    let unread: i64 = tx
        .query_one(
            "SELECT count(*) FROM messages WHERE conversation_id = $1 AND id > $2 AND direction = 'INCOMING' AND sender_role <> 'SYSTEM'",
            params![conversation, message],
        )?
        .get(0)?;
    tx.execute(
        "UPDATE conversations SET read_message_id = $2, unread_count = $3 WHERE id = $1",
        params![conversation, message, unread],
    )?;
    tx.execute(
        "INSERT INTO read_marks (operator_id, conversation_id, message_id, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (operator_id, conversation_id) DO UPDATE SET message_id = excluded.message_id, at = excluded.at",
        params![by.id, conversation, message, now],
    )?;
    if tells_line {
        line_reads::read_up_to(tx, conversation, message, now)?;
    }
    let event = emit(tx, EventKind::ConversationRead, conversation, message, origin.socket.clone(), now);
    emit_changed(tx, conversation, now);
    Ok((answer(message, unread), Some(event)))
}
