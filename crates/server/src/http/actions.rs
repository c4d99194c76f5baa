//! What one does to a conversation: claim, release, close, transfer, mode, read, profile, archive (RE, SE).

use std::sync::Arc;

use axum::extract::State;
use linedesk_protocol::rest::{MarkRead, SetMode, TransferSession};
use linedesk_protocol::{ChatMode, ErrorCode, Session, Summary};
use linedesk_store::StoreError;
use linedesk_store::ops::sessions::Command;
use linedesk_store::ops::{contacts, conversations};

use super::error::ApiError;
use super::extract::{Caller, Json, Named};
use super::refused;
use crate::desk::Desk;
use crate::service;

type SessionAnswer = Result<axum::Json<Session>, ApiError>;
type SummaryAnswer = Result<axum::Json<Summary>, ApiError>;

/// Takes the session that waits.
///
/// The first one wins and the others are told who (SE3). Claiming one's own session again changes nothing and answers 200,
/// so a lost answer can be asked for again. None waiting, or taken by another: `session_not_found` with `details`.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/claim",
    operation_id = "claim_session",
    tag = "Sessions",
    params(Named),
    responses((status = 200, description = "The session as it is now.", body = Session), refused::Claim)
)]
pub(crate) async fn claim(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SessionAnswer {
    let command = Command::Claim(caller.signed_in.staff());
    act(&desk, &caller, id, command).await
}

/// Gives a session back to the queue.
///
/// It is WAITING again, for whoever claims it. For its owner or an ADMIN (SE3).
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/release",
    operation_id = "release_session",
    tag = "Sessions",
    params(Named),
    responses((status = 200, description = "The session as it is now.", body = Session), refused::Release)
)]
pub(crate) async fn release(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SessionAnswer {
    let command = Command::Release(caller.signed_in.staff());
    act(&desk, &caller, id, command).await
}

/// Closes the session.
///
/// The bot answers again (SE2). For its owner or an ADMIN; one that still waits is an ADMIN's to close (SE3).
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/close",
    operation_id = "close_session",
    tag = "Sessions",
    params(Named),
    responses((status = 200, description = "The session as it is now.", body = Session), refused::Close)
)]
pub(crate) async fn close(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SessionAnswer {
    let command = Command::Close(caller.signed_in.staff());
    act(&desk, &caller, id, command).await
}

/// Hands a session to another operator.
///
/// For its owner or an ADMIN (SE3). The other one needs an active account; reason and hop are kept (SE4).
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/transfer",
    operation_id = "transfer_session",
    tag = "Sessions",
    params(Named),
    request_body = TransferSession,
    responses((status = 200, description = "The session as it is now.", body = Session), refused::Transfer)
)]
pub(crate) async fn transfer(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    id: Named,
    Json(transfer): Json<TransferSession>,
) -> SessionAnswer {
    let command = service::transfer(caller.signed_in.staff(), transfer)?;
    act(&desk, &caller, id, command).await
}

async fn act(desk: &Desk, caller: &Caller, Named(id): Named, command: Command) -> SessionAnswer {
    let done = service::act(desk, id, command, caller.origin()).await?;
    Ok(axum::Json(done.value.session))
}

/// Sets who answers: the bot or a person.
///
/// HUMAN opens a session of the caller's, or claims the one that waits; BOT closes the open one, by the rules of `close`. A
/// conversation that is so already stays as it is.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/mode",
    operation_id = "set_mode",
    tag = "Sessions",
    params(Named),
    request_body = SetMode,
    responses((status = 200, description = "The conversation as it is now.", body = Summary), refused::Mode)
)]
pub(crate) async fn mode(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
    Json(mode): Json<SetMode>,
) -> SummaryAnswer {
    let staff = caller.signed_in.staff();
    let command = match mode.mode {
        ChatMode::Human => Command::Start(staff),
        ChatMode::Bot => Command::Close(staff),
    };
    match service::act(&desk, id, command, caller.origin()).await {
        // Already as wanted.
        Err(error) if mode.mode == ChatMode::Bot && error.code == ErrorCode::SessionNotFound => {}
        other => drop(other?),
    }
    summary(&desk, id).await
}

/// Marks a conversation as read up to a message.
///
/// Going back has no effect. The mark is the desk's: `unread_count` falls for everybody.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/read",
    operation_id = "mark_read",
    tag = "Conversations",
    params(Named),
    request_body = MarkRead,
    responses((status = 200, description = "The conversation as it is now.", body = Summary), refused::Read)
)]
pub(crate) async fn read(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
    Json(read): Json<MarkRead>,
) -> SummaryAnswer {
    service::mark_read(&desk, caller.signed_in.staff(), id, read.message_id, caller.origin()).await?;
    summary(&desk, id).await
}

/// Asks LINE for the contact's name and picture again.
///
/// Answers at once with what is known; what LINE says comes with the next `conversation_update` on the socket.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/refresh-profile",
    operation_id = "refresh_profile",
    tag = "Conversations",
    params(Named),
    responses((status = 200, description = "The conversation as it is now.", body = Summary), refused::RefreshProfile)
)]
pub(crate) async fn refresh_profile(State(desk): State<Arc<Desk>>, _: Caller, Named(id): Named) -> SummaryAnswer {
    let now = desk.now();
    desk.store
        .write::<_, StoreError, _>(move |tx| contacts::request_profile(tx, conversations::contact_of(id), now))
        .await?;
    summary(&desk, id).await
}

/// Takes a conversation out of the lists.
///
/// Not while a session is open. A new message of the contact brings it back by itself.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/archive",
    operation_id = "archive_conversation",
    tag = "Conversations",
    params(Named),
    responses((status = 200, description = "The conversation as it is now.", body = Summary), refused::Archive)
)]
pub(crate) async fn archive(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SummaryAnswer {
    set_archived(&desk, &caller, id, true).await
}

/// Brings an archived conversation back into the lists.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/unarchive",
    operation_id = "unarchive_conversation",
    tag = "Conversations",
    params(Named),
    responses((status = 200, description = "The conversation as it is now.", body = Summary), refused::Unarchive)
)]
pub(crate) async fn unarchive(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SummaryAnswer {
    set_archived(&desk, &caller, id, false).await
}

async fn set_archived(desk: &Desk, caller: &Caller, Named(id): Named, archived: bool) -> SummaryAnswer {
    let (now, origin) = (desk.now(), caller.origin());
    desk.store.write(move |tx| conversations::set_archived(tx, id, archived, &origin, now)).await?;
    summary(desk, id).await
}

async fn summary(desk: &Desk, id: linedesk_protocol::ConversationId) -> SummaryAnswer {
    service::summary(desk, id).await.map(axum::Json)
}
