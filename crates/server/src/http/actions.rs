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
use crate::desk::Desk;
use crate::service;

type SessionAnswer = Result<axum::Json<Session>, ApiError>;
type SummaryAnswer = Result<axum::Json<Summary>, ApiError>;

pub(crate) async fn claim(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SessionAnswer {
    let command = Command::Claim(caller.signed_in.staff());
    act(&desk, &caller, id, command).await
}

pub(crate) async fn release(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SessionAnswer {
    let command = Command::Release(caller.signed_in.staff());
    act(&desk, &caller, id, command).await
}

pub(crate) async fn close(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SessionAnswer {
    let command = Command::Close(caller.signed_in.staff());
    act(&desk, &caller, id, command).await
}

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

pub(crate) async fn read(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
    Json(read): Json<MarkRead>,
) -> SummaryAnswer {
    service::mark_read(&desk, caller.signed_in.staff(), id, read.message_id, caller.origin()).await?;
    summary(&desk, id).await
}

pub(crate) async fn refresh_profile(State(desk): State<Arc<Desk>>, _: Caller, Named(id): Named) -> SummaryAnswer {
    let now = desk.now();
    desk.store
        .write::<_, StoreError, _>(move |tx| contacts::request_profile(tx, conversations::contact_of(id), now))
        .await?;
    summary(&desk, id).await
}

pub(crate) async fn archive(State(desk): State<Arc<Desk>>, caller: Caller, id: Named) -> SummaryAnswer {
    set_archived(&desk, &caller, id, true).await
}

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
