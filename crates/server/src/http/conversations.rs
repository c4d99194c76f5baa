//! Reading conversations, and writing into them (RE).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use linedesk_protocol::rest::{
    ConversationDetail, ConversationList, ListStatus, MessagePage, OperatorEntry, OperatorList, SearchAnswer,
    SearchHit, SendMessage, StartConversation, WriteNote,
};
use linedesk_protocol::{ErrorCode, MessageId, OperatorStatus, limits};
use linedesk_store::StoreError;
use linedesk_store::ops::conversations::{self, Cursor, Filter, Key};
use linedesk_store::ops::messages::{self, Range};
use linedesk_store::ops::sessions::{self, Command};
use linedesk_store::ops::{channels, operators as accounts, search as searching};
use serde::Deserialize;

use super::error::ApiError;
use super::extract::{self, Caller, Json, Named, Query, is_chat_id};
use crate::desk::Desk;
use crate::service;

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(default)]
    status: ListStatus,
    q: Option<String>,
    tag: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(crate) async fn list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<ConversationList>, ApiError> {
    let limit = page_limit(query.limit)?;
    let cursor = match query.cursor.filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(text.parse::<Cursor>().map_err(|()| ApiError::field("cursor", "this is not a cursor of ours"))?)
        }
        None => None,
    };
    let filter = Filter {
        status: query.status,
        operator: Some(caller.signed_in.operator.id),
        text: short_text("q", query.q)?,
        tag: short_text("tag", query.tag)?,
    };
    let page = desk.store.read::<_, StoreError, _>(move |tx| conversations::list(tx, &filter, cursor, limit)).await?;
    Ok(axum::Json(ConversationList {
        conversations: page.conversations,
        next_cursor: page.next_cursor.map(|cursor| cursor.to_string()),
        total: page.total,
        waiting_count: page.waiting,
        active_count: page.active,
        seq: page.seq,
    }))
}

fn page_limit(limit: Option<u32>) -> Result<u32, ApiError> {
    match limit.unwrap_or(limits::PAGE_DEFAULT) {
        limit @ 1..=limits::PAGE_MAX => Ok(limit),
        _ => Err(ApiError::field("limit", "expected 1 to 100")),
    }
}

fn short_text(field: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > limits::QUERY_CHARS) {
        return Err(ApiError::field(field, "expected at most 200 characters"));
    }
    Ok(text)
}

/// Starts an ACTIVE session with a contact, new or known, and may say something at once.
pub(crate) async fn start(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(start): Json<StartConversation>,
) -> Result<Response, ApiError> {
    if !is_chat_id(&start.line_user_id) {
        return Err(ApiError::field("line_user_id", "expected U…, C… or R… and 32 hex digits"));
    }
    if let Some(text) = &start.initial_message {
        service::check_text(text)?;
    }
    let channel = desk
        .channel(channels::DEFAULT)
        .ok_or_else(|| ApiError::new(ErrorCode::Conflict, "No LINE channel is set up yet."))?;
    let (now, chat_id) = (desk.now(), start.line_user_id.clone());
    let made = desk
        .store
        .write::<_, StoreError, _>(move |tx| conversations::get_or_create(tx, channel.id, &chat_id, now))
        .await?;
    let staff = caller.signed_in.staff();
    service::act(&desk, made.value, Command::Start(staff), caller.origin()).await?;
    if let Some(text) = start.initial_message {
        let message = SendMessage { text, temp_id: None, quote_message_id: None };
        service::send(&desk, staff, made.value, message, caller.origin()).await?;
    }
    let summary = service::summary(&desk, made.value).await?;
    Ok((StatusCode::CREATED, axum::Json(summary)).into_response())
}

pub(crate) async fn detail(
    State(desk): State<Arc<Desk>>,
    Named(id): Named,
) -> Result<axum::Json<ConversationDetail>, ApiError> {
    let read = desk.store.read::<_, StoreError, _>(move |tx| {
        let summary = conversations::summary(tx, id)?;
        Ok((summary, messages::list(tx, id, Range::Latest, limits::THREAD_PAGE)?))
    });
    let (summary, thread) = read.await?;
    let summary = summary.ok_or_else(|| ApiError::plain(ErrorCode::ConversationNotFound))?;
    Ok(axum::Json(ConversationDetail { summary, messages: thread.messages }))
}

#[derive(Deserialize)]
pub(crate) struct MessagesQuery {
    before_id: Option<i64>,
    after_id: Option<i64>,
    around_id: Option<i64>,
    limit: Option<u32>,
}

pub(crate) async fn messages(
    State(desk): State<Arc<Desk>>,
    Named(id): Named,
    Query(query): Query<MessagesQuery>,
) -> Result<axum::Json<MessagePage>, ApiError> {
    let limit = page_limit(query.limit)?;
    let range = match (query.before_id, query.after_id, query.around_id) {
        (None, None, None) => Range::Latest,
        (Some(id), None, None) => Range::Before(MessageId(id)),
        (None, Some(id), None) => Range::After(MessageId(id)),
        (None, None, Some(id)) => Range::Around(MessageId(id)),
        _ => return Err(ApiError::field("before_id", "give only one of before_id, after_id and around_id")),
    };
    let thread = desk.store.read::<_, StoreError, _>(move |tx| messages::list(tx, id, range, limit)).await?;
    Ok(axum::Json(MessagePage {
        messages: thread.messages,
        has_more_before: thread.has_more_before,
        has_more_after: thread.has_more_after,
    }))
}

pub(crate) async fn send(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
    Json(message): Json<SendMessage>,
) -> Result<Response, ApiError> {
    let staff = caller.signed_in.staff();
    desk.limits.take_send(&desk, staff.id).map_err(ApiError::retry_after)?;
    let done = service::send(&desk, staff, id, message, caller.origin()).await?;
    let status = if done.seq.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(done.value)).into_response())
}

pub(crate) async fn note(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
    Json(note): Json<WriteNote>,
) -> Result<Response, ApiError> {
    let done = service::note(&desk, caller.signed_in.staff(), id, note.text, caller.origin()).await?;
    Ok((StatusCode::CREATED, axum::Json(done.value)).into_response())
}

pub(crate) async fn operators(State(desk): State<Arc<Desk>>, _: Caller) -> Result<axum::Json<OperatorList>, ApiError> {
    let read = desk.store.read::<_, StoreError, _>(|tx| Ok((accounts::list(tx)?, sessions::active_chats(tx)?)));
    let (accounts, chats) = read.await?;
    let chats: HashMap<_, _> = chats.into_iter().collect();
    let presence = desk.hub.statuses();
    let operators = accounts
        .into_iter()
        .filter(|operator| operator.is_active)
        .map(|operator| OperatorEntry {
            id: operator.id,
            display_name: operator.display_name,
            role: operator.role,
            status: presence.get(&operator.id).copied().unwrap_or(OperatorStatus::Offline),
            active_chats: chats.get(&operator.id).copied().unwrap_or(0),
        })
        .collect();
    Ok(axum::Json(OperatorList { operators }))
}

#[derive(Deserialize)]
pub(crate) struct SearchQuery {
    q: String,
    line_user_id: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(crate) async fn search(
    State(desk): State<Arc<Desk>>,
    _: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<axum::Json<SearchAnswer>, ApiError> {
    let limit = page_limit(query.limit)?;
    let text = short_text("q", Some(query.q))?.ok_or_else(|| ApiError::field("q", "expected a text to look for"))?;
    let before = match query.cursor.filter(|text| !text.is_empty()) {
        Some(text) => {
            Some(MessageId(text.parse().map_err(|_| ApiError::field("cursor", "this is not a cursor of ours"))?))
        }
        None => None,
    };
    let conversation = match query.line_user_id {
        Some(chat_id) => Some(extract::find(&desk, Key::Chat(chat_id)).await?),
        None => None,
    };
    let found = desk
        .store
        .read::<_, StoreError, _>(move |tx| searching::search(tx, &text, conversation, before, limit))
        .await?;
    let items = found.hits.into_iter().map(|(message, conversation)| SearchHit { message, conversation }).collect();
    Ok(axum::Json(SearchAnswer { items, next_cursor: found.next.map(|id| id.to_string()) }))
}
