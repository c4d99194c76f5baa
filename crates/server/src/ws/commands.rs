//! What each command does, and its one answer (WS5).

use std::sync::Arc;

use linedesk_protocol::frame::{
    Command, ConversationUpdate, Event, JoinRoom, Pong, RoomLeft, SendCommand, SetStatus, Target, TypingIndicator,
};
use linedesk_protocol::{ConversationId, ErrorCode, Message, MessageId, OperatorStatus, Seq, limits};
use linedesk_store::feed;
use linedesk_store::ops::conversations::{self, Key};
use linedesk_store::ops::messages::{self, Range};
use linedesk_store::ops::sessions::Command as SessionCommand;
use linedesk_store::{Origin, StoreError};

use super::hub::{Frame, Scope};
use super::limits::Class;
use super::socket::{Connection, Room};
use super::{pump, render};
use crate::bus::Note;
use crate::http::error::ApiError;
use crate::http::extract::{check_message, find, is_chat_id};
use crate::outgoing;
use crate::service::{self, Done};

/// How a command is answered.
pub(super) enum Answer {
    Now(Event),
    /// It is a durable event: when the feed comes to this seq.
    InPlace(Seq, Event),
    /// `typing_start` and `typing_stop` are answered only when they are refused.
    Silence,
}

/// Runs a command of a signed-in socket.
pub(super) async fn run(connection: &mut Connection, command: Command) -> Result<Answer, ApiError> {
    if let Some(class) = class_of(&command) {
        let operator = connection.signed_in.operator.id;
        connection.desk.limits.take(&connection.desk, operator, class).map_err(ApiError::retry_after)?;
    }
    match command {
        Command::Auth(_) | Command::Ping(_) => {
            Ok(Answer::Now(Event::Pong(Pong { server_time: connection.desk.now() })))
        }
        Command::JoinRoom(join) => join_room(connection, join).await,
        Command::LeaveRoom(_) => Ok(leave_room(connection)),
        Command::SendMessage(send) => send_message(connection, send).await,
        Command::RetryMessage(retry) => {
            check_message(&connection.desk, &connection.signed_in.operator.channels, retry.message_id).await?;
            let done =
                service::retry(&connection.desk, connection.staff(), retry.message_id, connection.origin()).await?;
            Ok(placed(done, Event::MessageSent))
        }
        Command::CancelMessage(cancel) => cancel_message(connection, cancel.message_id).await,
        Command::MarkRead(read) => {
            let conversation = resolve(connection, &read.target).await?;
            let (staff, origin) = (connection.staff(), connection.origin());
            let done = service::mark_read(&connection.desk, staff, conversation, read.message_id, origin).await?;
            Ok(placed(done, Event::ConversationRead))
        }
        Command::TypingStart(target) => typing(connection, &target, true).await,
        Command::TypingStop(target) => typing(connection, &target, false).await,
        Command::ClaimSession(target) => {
            let command = SessionCommand::Claim(connection.staff());
            act(connection, &target, command, Event::SessionClaimed).await
        }
        Command::ReleaseSession(target) => {
            let command = SessionCommand::Release(connection.staff());
            act(connection, &target, command, Event::SessionReleased).await
        }
        Command::CloseSession(target) => {
            let command = SessionCommand::Close(connection.staff());
            act(connection, &target, command, Event::SessionClosed).await
        }
        Command::TransferSession(transfer) => {
            let command = service::transfer(connection.staff(), transfer.transfer)?;
            act(connection, &transfer.target, command, Event::SessionTransferred).await
        }
        Command::SetStatus(SetStatus { status }) => set_status(connection, status),
        Command::SubscribeAnalytics(_) => analytics(connection, true).await,
        Command::UnsubscribeAnalytics(_) => analytics(connection, false).await,
    }
}

const fn class_of(command: &Command) -> Option<Class> {
    match command {
        Command::Ping(_) => None,
        Command::SendMessage(_) | Command::RetryMessage(_) => Some(Class::Send),
        Command::TypingStart(_) => Some(Class::Typing),
        _ => Some(Class::Command),
    }
}

impl Connection {
    fn staff(&self) -> linedesk_core::permission::Staff {
        self.signed_in.staff()
    }

    fn origin(&self) -> Origin {
        Origin {
            operator: Some(self.signed_in.operator.id),
            via: "socket",
            address: self.address.map(|address| address.to_string()),
            socket: Some(self.desk.hub.socket_name(self.id)),
        }
    }
}

fn placed<T>(done: Done<T>, event: impl FnOnce(T) -> Event) -> Answer {
    match done.seq {
        Some(seq) => Answer::InPlace(seq, event(done.value)),
        None => Answer::Now(event(done.value)),
    }
}

/// The conversation a command acts on: the one it names, else the joined room.
async fn resolve(connection: &Connection, target: &Target) -> Result<ConversationId, ApiError> {
    match (target.conversation_id, &target.line_user_id, &connection.room) {
        (Some(id), _, _) => find(&connection.desk, &connection.signed_in.operator.channels, Key::Id(id)).await,
        (None, Some(chat_id), _) if is_chat_id(chat_id) => {
            find(&connection.desk, &connection.signed_in.operator.channels, Key::Chat(chat_id.clone())).await
        }
        (None, Some(_), _) => Err(ApiError::field("line_user_id", "expected U…, C… or R… and 32 hex digits")),
        (None, None, Some(room)) => Ok(room.conversation),
        (None, None, None) => Err(ApiError::plain(ErrorCode::NotInRoom)),
    }
}

async fn join_room(connection: &mut Connection, join: JoinRoom) -> Result<Answer, ApiError> {
    let conversation = resolve(connection, &join.target).await?;
    stop_typing(connection);
    // First the room, then the snapshot: what is published in between is in both, and told once (`Room::since`).
    connection.desk.hub.join(connection.id, Some(conversation), connection.desk.now());
    let after = join.after_message_id;
    let read = connection.desk.store.read::<_, StoreError, _>(move |tx| {
        let summary = conversations::summary(tx, conversation)?;
        let thread = match after {
            Some(id) => messages::list(tx, conversation, Range::After(id), limits::CATCH_UP_PAGE)?,
            None => messages::list(tx, conversation, Range::Latest, limits::THREAD_PAGE)?,
        };
        Ok((summary, thread, feed::head(tx)?))
    });
    let (summary, thread, since) = match read.await {
        Ok((Some(summary), thread, since)) => (summary, thread, since),
        other => {
            let before = connection.room.as_ref().map(|room| room.conversation);
            connection.desk.hub.join(connection.id, before, connection.desk.now());
            return Err(match other {
                Err(error) => error.into(),
                Ok(_) => ApiError::plain(ErrorCode::ConversationNotFound),
            });
        }
    };
    connection.room = Some(Room { conversation, line_user_id: summary.line_user_id.clone(), since });
    let has_more = if after.is_some() { thread.has_more_after } else { thread.has_more_before };
    Ok(Answer::Now(Event::ConversationUpdate(ConversationUpdate {
        summary,
        messages: Some(thread.messages),
        has_more: Some(has_more),
    })))
}

fn leave_room(connection: &mut Connection) -> Answer {
    stop_typing(connection);
    connection.desk.hub.join(connection.id, None, connection.desk.now());
    let left = connection.room.take();
    Answer::Now(Event::RoomLeft(RoomLeft {
        conversation_id: left.as_ref().map(|room| room.conversation),
        line_user_id: left.map(|room| room.line_user_id),
    }))
}

async fn send_message(connection: &mut Connection, send: SendCommand) -> Result<Answer, ApiError> {
    outgoing::read(&send.message)?;
    let conversation = resolve(connection, &send.target).await?;
    let (staff, origin) = (connection.staff(), connection.origin());
    let done = service::send(&connection.desk, staff, conversation, send.message, origin).await?;
    Ok(placed(done, Event::MessageSent))
}

async fn cancel_message(connection: &mut Connection, id: MessageId) -> Result<Answer, ApiError> {
    check_message(&connection.desk, &connection.signed_in.operator.channels, id).await?;
    let done = service::cancel(&connection.desk, connection.staff(), id, connection.origin()).await?;
    let Done { value, seq } = done;
    let event = render::delivery_event(Message::clone(&value)).unwrap_or(Event::MessageUpdated(value));
    Ok(match seq {
        Some(seq) => Answer::InPlace(seq, event),
        None => Answer::Now(event),
    })
}

async fn act(
    connection: &mut Connection,
    target: &Target,
    command: SessionCommand,
    unchanged: impl FnOnce(linedesk_protocol::frame::SessionEvent) -> Event,
) -> Result<Answer, ApiError> {
    let conversation = resolve(connection, target).await?;
    let done = service::act(&connection.desk, conversation, command, connection.origin()).await?;
    let payload = done.value.payload;
    Ok(match (done.seq, done.value.kind) {
        (Some(seq), Some(kind)) => {
            let event = render::session_event(kind, payload.clone()).unwrap_or_else(|| unchanged(payload));
            Answer::InPlace(seq, event)
        }
        _ => Answer::Now(unchanged(payload)),
    })
}

async fn typing(connection: &mut Connection, target: &Target, is_typing: bool) -> Result<Answer, ApiError> {
    let conversation = resolve(connection, target).await?;
    match &connection.room {
        Some(room) if room.conversation == conversation => {}
        _ => return Err(ApiError::plain(ErrorCode::NotInRoom)),
    }
    tell_typing(connection, is_typing);
    if is_typing && connection.desk.config.loading_animation {
        connection.desk.loading.ask(conversation, connection.signed_in.operator.id);
    }
    Ok(Answer::Silence)
}

/// Says that the operator no longer types, if it was said that they do.
pub(super) fn stop_typing(connection: &mut Connection) {
    if connection.is_typing {
        tell_typing(connection, false);
    }
}

fn tell_typing(connection: &mut Connection, is_typing: bool) {
    let Some(room) = &connection.room else { return };
    connection.is_typing = is_typing;
    let operator = &connection.signed_in.operator;
    let indicator = TypingIndicator {
        line_user_id: room.line_user_id.clone(),
        conversation_id: room.conversation,
        admin_id: operator.id.to_string(),
        operator_name: operator.display_name.clone(),
        is_typing,
    };
    let desk = &connection.desk;
    let frame: Arc<Frame> =
        Frame::new(Event::TypingIndicator(indicator.clone()), None, Scope::Room(room.conversation), desk.now());
    desk.hub.publish_to_others(&frame, room.conversation, Some(connection.id));
    desk.bus.tell(Note::Typing(indicator));
}

fn set_status(connection: &Connection, status: OperatorStatus) -> Result<Answer, ApiError> {
    if status == OperatorStatus::Offline {
        return Err(ApiError::field("status", "expected online, away or busy; offline is who has no socket"));
    }
    let desk = &connection.desk;
    desk.hub.set_status(connection.signed_in.operator.id, status, desk.now());
    Ok(Answer::Now(Event::PresenceUpdate(desk.hub.presence_update())))
}

async fn analytics(connection: &Connection, wants: bool) -> Result<Answer, ApiError> {
    if !connection.staff().may_see_analytics() {
        return Err(ApiError::new(ErrorCode::Forbidden, "Analytics are for admins."));
    }
    connection.desk.hub.set_wants_analytics(connection.id, wants);
    Ok(Answer::Now(Event::AnalyticsUpdate(pump::analytics(&connection.desk).await?)))
}
