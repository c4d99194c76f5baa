//! What operators do, once for REST and the socket: check the input, run the operation, give the outcome and its seq.

use linedesk_core::permission::Staff;
use linedesk_protocol::frame::{ConversationRead, SessionEvent};
use linedesk_protocol::rest::{SendMessage, StartConversation, TransferSession, WriteNote};
use linedesk_protocol::{ConversationId, ErrorCode, Message, MessageId, Seq, Session, Summary, limits};
use linedesk_store::feed::EventKind;
use linedesk_store::ops::channels::ChannelId;
use linedesk_store::ops::conversations;
use linedesk_store::ops::messages::{self, DeliveryError, Draft, SendError, Sent, Written};
use linedesk_store::ops::reads::{self, MarkReadError};
use linedesk_store::ops::sessions::{self, ActError, Command};
use linedesk_store::ops::start::{self, FirstText, Start, StartError};
use linedesk_store::{Committed, Origin};

use crate::config::MarkAsRead;
use crate::desk::Desk;
use crate::http::error::ApiError;
use crate::outgoing::{self, check_text};

/// An outcome, and the seq of its event; none when there was nothing to change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) seq: Option<Seq>,
}

/// A session after a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SessionDone {
    pub(crate) session: Session,
    pub(crate) kind: Option<EventKind>,
    pub(crate) payload: SessionEvent,
}

/// Checks a sender's own id, and gives the key under which a message is found when it comes again.
/// Notes have keys of their own: one must not be taken for a message that was sent.
pub(crate) fn send_key(kind: char, temp_id: Option<&String>) -> Result<String, ApiError> {
    match temp_id {
        Some(id) if id.is_empty() || id.chars().count() > limits::CLIENT_ID_CHARS => {
            Err(ApiError::field("temp_id", "expected 1 to 100 characters"))
        }
        Some(id) => Ok(format!("{kind}:{id}")),
        None => Ok(format!("s:{}", uuid::Uuid::new_v4().simple())),
    }
}

/// An operator writes first: a session of the caller's, and maybe a first text.
pub(crate) async fn start(
    desk: &Desk,
    by: Staff,
    channel: ChannelId,
    start: StartConversation,
    origin: Origin,
) -> Result<ConversationId, ApiError> {
    let first = match start.initial_message {
        Some(text) => {
            check_text(&text)?;
            let send_key = send_key('c', start.temp_id.as_ref())?;
            desk.limits.take_send(desk, by.id).map_err(ApiError::retry_after)?;
            Some(FirstText { text, temp_id: start.temp_id, send_key })
        }
        None => None,
    };
    let start = Start { channel, chat_id: start.line_user_id, by, first };
    let now = desk.now();
    let done: Result<_, StartError> = desk.store.write(move |tx| start::start(tx, &start, &origin, now)).await;
    Ok(done?.value)
}

pub(crate) async fn send(
    desk: &Desk,
    by: Staff,
    conversation: ConversationId,
    message: SendMessage,
    origin: Origin,
) -> Result<Done<Message>, ApiError> {
    let written = outgoing::read(&message)?;
    let send_key = send_key('c', message.temp_id.as_ref())?;
    let quote = message.quote_message_id;
    send_draft(desk, Draft { conversation, by, written, temp_id: message.temp_id, send_key, quote }, origin).await
}

/// Whether an operator may send into a conversation now.
pub(crate) async fn may_send(desk: &Desk, by: Staff, conversation: ConversationId) -> Result<(), ApiError> {
    desk.store.read(move |tx| messages::may_send(tx, conversation, by)).await.map_err(ApiError::from)
}

pub(crate) async fn send_draft(desk: &Desk, draft: Draft, origin: Origin) -> Result<Done<Message>, ApiError> {
    let now = desk.now();
    sent(desk.store.write(move |tx| messages::send(tx, &draft, &origin, now)).await)
}

pub(crate) async fn note(
    desk: &Desk,
    by: Staff,
    conversation: ConversationId,
    note: WriteNote,
    origin: Origin,
) -> Result<Done<Message>, ApiError> {
    check_text(&note.text)?;
    let send_key = send_key('n', note.temp_id.as_ref())?;
    let written = Written::text(note.text);
    let new = Draft { conversation, by, written, temp_id: note.temp_id, send_key, quote: None };
    let now = desk.now();
    sent(desk.store.write(move |tx| messages::write_note(tx, &new, &origin, now)).await)
}

fn sent(done: Result<Committed<Sent>, SendError>) -> Result<Done<Message>, ApiError> {
    let done = done?;
    let seq = done.value.event.map(|event| done.seq(event));
    Ok(Done { value: done.value.message, seq })
}

pub(crate) async fn retry(desk: &Desk, by: Staff, id: MessageId, origin: Origin) -> Result<Done<Message>, ApiError> {
    let (now, link_until) = (desk.now(), desk.after(desk.config.media_link_life));
    redelivered(desk.store.write(move |tx| messages::retry(tx, id, by, link_until, &origin, now)).await)
}

pub(crate) async fn cancel(desk: &Desk, by: Staff, id: MessageId, origin: Origin) -> Result<Done<Message>, ApiError> {
    let now = desk.now();
    redelivered(desk.store.write(move |tx| messages::cancel(tx, id, by, &origin, now)).await)
}

fn redelivered(done: Result<Committed<Sent>, DeliveryError>) -> Result<Done<Message>, ApiError> {
    let done = done?;
    let seq = done.value.event.map(|event| done.seq(event));
    Ok(Done { value: done.value.message, seq })
}

pub(crate) async fn act(
    desk: &Desk,
    conversation: ConversationId,
    command: Command,
    origin: Origin,
) -> Result<Done<SessionDone>, ApiError> {
    let now = desk.now();
    let done: Result<_, ActError> =
        desk.store.write(move |tx| sessions::act(tx, conversation, &command, &origin, now)).await;
    let done = done?;
    let seq = done.value.event.map(|event| done.seq(event));
    let acted = done.value;
    Ok(Done { value: SessionDone { session: acted.session, kind: acted.kind, payload: acted.payload }, seq })
}

/// Checks a transfer's reason.
pub(crate) fn transfer(by: Staff, transfer: TransferSession) -> Result<Command, ApiError> {
    if transfer.reason.as_ref().is_some_and(|reason| reason.chars().count() > limits::REASON_CHARS) {
        return Err(ApiError::field("reason", "expected at most 255 characters"));
    }
    Ok(Command::Transfer { by, to: transfer.to_operator_id, reason: transfer.reason })
}

pub(crate) async fn mark_read(
    desk: &Desk,
    by: Staff,
    conversation: ConversationId,
    message: MessageId,
    origin: Origin,
) -> Result<Done<ConversationRead>, ApiError> {
    let now = desk.now();
    let tells_line = desk.config.mark_as_read == MarkAsRead::OnView;
    let done: Result<_, MarkReadError> =
        desk.store.write(move |tx| reads::mark(tx, conversation, message, by, tells_line, &origin, now)).await;
    let done = done?;
    let seq = done.value.1.map(|event| done.seq(event));
    Ok(Done { value: done.value.0, seq })
}

/// A conversation's summary, or `conversation_not_found`.
pub(crate) async fn summary(desk: &Desk, conversation: ConversationId) -> Result<Summary, ApiError> {
    let found = desk.store.read(move |tx| conversations::summary(tx, conversation)).await?;
    found.ok_or_else(|| ApiError::plain(ErrorCode::ConversationNotFound))
}
