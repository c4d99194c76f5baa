//! Reading conversations, and writing into them (RE).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use linedesk_protocol::rest::{
    ContactCard, ConversationDetail, ConversationList, ListStatus, MemberList, MessagePage, OperatorEntry,
    OperatorList, SearchAnswer, SearchHit, SendMessage, StartConversation, WriteNote,
};
use linedesk_protocol::{ErrorCode, Message, MessageId, OperatorStatus, Summary, limits};
use linedesk_store::StoreError;
use linedesk_store::ops::channels::{self, Channel, ChannelAccess};
use linedesk_store::ops::conversations::{self, Cursor, Filter, Key};
use linedesk_store::ops::messages::{self, Range};
use linedesk_store::ops::{contacts, operators as accounts, search as searching};
use linedesk_store::ops::{members, sessions};
use serde::Deserialize;

use super::error::ApiError;
use super::extract::{self, Caller, Json, Named, Query, is_chat_id};
use super::refused;
use crate::desk::{Desk, SignedIn};
use crate::service;

/// Sessions and notes on a contact's card.
const CARD_LIMIT: u32 = 20;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// `mine`: active and the caller's own. `bot`: no session is open. `closed`: none is open, and there was one.
    #[serde(default)]
    #[param(inline, default = "all")]
    status: ListStatus,
    /// A part of the contact's name, or the whole LINE chat id. Finds archived conversations too.
    #[param(max_length = 200)]
    q: Option<String>,
    /// A tag's name.
    #[param(max_length = 200)]
    tag: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists conversations, newest activity first.
///
/// `total` counts what the filter lets through; the other counts are the whole desk's, whatever `q` and `tag` are. `seq` is the feed's place at which
/// all of it was true: a socket that signs in with it as `resume_after` misses nothing (WS6).
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/conversations",
    operation_id = "list_conversations",
    tag = "Conversations",
    params(ListQuery),
    responses((status = 200, description = "A page of conversations.", body = ConversationList), refused::List)
)]
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
        channels: caller.signed_in.operator.channels.clone(),
    };
    // For whom not every account is to be seen, all conversations are looked at.
    let is_heavy = filter.text.is_some() || filter.tag.is_some() || filter.channels != ChannelAccess::All;
    let _turn = if is_heavy { Some(desk.heavy_reads.acquire().await.map_err(anyhow::Error::from)?) } else { None };
    let page = desk.store.read::<_, StoreError, _>(move |tx| conversations::list(tx, &filter, cursor, limit)).await?;
    Ok(axum::Json(ConversationList {
        conversations: page.conversations,
        next_cursor: page.next_cursor.map(|cursor| cursor.to_string()),
        total: page.total,
        waiting_count: page.counts.waiting,
        active_count: page.counts.active,
        counts: page.counts,
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

/// Starts an ACTIVE session with a contact, and may say something at once.
///
/// The contact may be new or known, in the channel that is named. A session that waits is claimed; one that another operator has
/// is `session_not_found` with `details`. Without a LINE channel, or with one that is off: `conflict`.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations",
    operation_id = "start_conversation",
    tag = "Conversations",
    request_body = StartConversation,
    responses((status = 201, description = "The conversation, with its session.", body = Summary), refused::Start)
)]
pub(crate) async fn start(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Json(start): Json<StartConversation>,
) -> Result<Response, ApiError> {
    if !is_chat_id(&start.line_user_id) {
        return Err(ApiError::field("line_user_id", "expected U…, C… or R… and 32 hex digits"));
    }
    let channel = channel_to_use(&desk, &caller.signed_in, start.channel.as_deref())?;
    let id = service::start(&desk, caller.signed_in.staff(), channel.id, start, caller.origin()).await?;
    let summary = service::summary(&desk, id).await?;
    Ok((StatusCode::CREATED, axum::Json(summary)).into_response())
}

/// The channel of that name, or the default one, to send something with.
pub(crate) fn channel_to_use(desk: &Desk, who: &SignedIn, name: Option<&str>) -> Result<Channel, ApiError> {
    let found = desk.channel(name.unwrap_or(channels::DEFAULT));
    let found = found.filter(|channel| who.operator.channels.allows(channel.id));
    match (found, name) {
        (Some(channel), _) if channel.is_active => Ok(channel),
        (Some(_), _) => Err(ApiError::new(ErrorCode::Conflict, "This LINE channel is switched off.")),
        (None, Some(_)) => Err(ApiError::field("channel", "there is no such channel")),
        (None, None) => {
            Err(ApiError::new(ErrorCode::Conflict, "There is no LINE channel `default` for you: name one."))
        }
    }
}

/// Shows a conversation with its latest messages.
///
/// At most 50, oldest first; `…/messages` has the rest.
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/conversations/{key}",
    operation_id = "get_conversation",
    tag = "Conversations",
    params(Named),
    responses((status = 200, description = "The conversation.", body = ConversationDetail), refused::Detail)
)]
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

/// Tells what is known of the contact.
///
/// Besides the summary: language, when it was first seen, and the latest sessions and notes with how many there are.
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/conversations/{key}/contact",
    operation_id = "get_contact",
    tag = "Conversations",
    params(Named),
    responses((status = 200, description = "The contact.", body = ContactCard), refused::Contact)
)]
pub(crate) async fn contact(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
) -> Result<axum::Json<ContactCard>, ApiError> {
    let card = desk.store.read::<_, StoreError, _>(move |tx| contacts::card(tx, id, CARD_LIMIT)).await?;
    let mut card = card.ok_or_else(|| ApiError::plain(ErrorCode::ConversationNotFound))?;
    let access = caller.signed_in.operator.channels;
    card.elsewhere.retain(|other| desk.channel(&other.channel).is_some_and(|known| access.allows(known.id)));
    Ok(axum::Json(card))
}

/// Lists who is in a group or room.
///
/// Those who spoke, joined or left: LINE lists nobody. For a chat of two the list is empty.
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/conversations/{key}/members",
    operation_id = "list_members",
    tag = "Conversations",
    params(Named),
    responses((status = 200, description = "The members that are known.", body = MemberList), refused::Members)
)]
pub(crate) async fn members(
    State(desk): State<Arc<Desk>>,
    Named(id): Named,
) -> Result<axum::Json<MemberList>, ApiError> {
    Ok(axum::Json(desk.store.read::<_, StoreError, _>(move |tx| members::list(tx, id)).await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesQuery {
    /// Only what came before this message.
    before_id: Option<i64>,
    /// Only what came after this message.
    after_id: Option<i64>,
    /// This message, and what is around it.
    around_id: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
}

/// Reads a part of a thread, oldest first.
///
/// Give one of `before_id`, `after_id` and `around_id`, or none for the latest.
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/conversations/{key}/messages",
    operation_id = "list_messages",
    tag = "Messages",
    params(Named, MessagesQuery),
    responses((status = 200, description = "A part of the thread.", body = MessagePage), refused::Messages)
)]
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

/// Sends a text to the customer.
///
/// For the session's owner or an ADMIN (SE3). The answer comes when the message is durable, before LINE is called (DL1);
/// `delivery` tells how far it is. The text is sent exactly as given. The same `temp_id` again answers the same message and
/// sends nothing twice: give one, and repeat the request when an answer was lost. 60 a minute with a burst of 20, counted
/// together with `send_message` on the socket (WS7).
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/messages",
    operation_id = "send_message",
    tag = "Messages",
    params(Named),
    request_body = SendMessage,
    responses(
        (status = 201, description = "Taken.", body = Message),
        (status = 200, description = "This `temp_id` was taken before: the same message.", body = Message),
        refused::Send,
    )
)]
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

/// Writes a note into the thread.
///
/// Any staff may (SE3). It is never sent to LINE.
#[utoipa::path(
    post,
    path = "/api/v1/admin/live-chat/conversations/{key}/notes",
    operation_id = "write_note",
    tag = "Messages",
    params(Named),
    request_body = WriteNote,
    responses(
        (status = 201, description = "The note.", body = Message),
        (status = 200, description = "This `temp_id` was taken before: the same note.", body = Message),
        refused::Note,
    )
)]
pub(crate) async fn note(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Named(id): Named,
    Json(note): Json<WriteNote>,
) -> Result<Response, ApiError> {
    let done = service::note(&desk, caller.signed_in.staff(), id, note, caller.origin()).await?;
    let status = if done.seq.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(done.value)).into_response())
}

/// Lists the active operators.
///
/// For any staff: with status and load, so that one can see whom to transfer to.
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/operators",
    operation_id = "list_operators",
    tag = "Operators",
    responses((status = 200, description = "Everybody with an active account.", body = OperatorList), refused::Operators)
)]
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

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// The text to look for, anywhere in a message.
    #[param(min_length = 1, max_length = 200)]
    q: String,
    /// Only in the conversation with this LINE chat id, in the default channel.
    line_user_id: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Finds messages that contain a text, newest first.
///
/// Notes are searched too; what a customer withdrew is not there any more (WH6).
#[utoipa::path(
    get,
    path = "/api/v1/admin/live-chat/messages/search",
    operation_id = "search_messages",
    tag = "Messages",
    params(SearchQuery),
    responses((status = 200, description = "A page of messages.", body = SearchAnswer), refused::Search)
)]
pub(crate) async fn search(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
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
        Some(chat_id) if !is_chat_id(&chat_id) => {
            return Err(ApiError::field("line_user_id", "expected U…, C… or R… and 32 hex digits"));
        }
        Some(chat_id) => Some(extract::find(&desk, &caller.signed_in.operator.channels, Key::Chat(chat_id)).await?),
        None => None,
    };
    let _turn = desk.heavy_reads.acquire().await.map_err(anyhow::Error::from)?;
    let access = caller.signed_in.operator.channels;
    let found = desk
        .store
        .read::<_, StoreError, _>(move |tx| searching::search(tx, &text, conversation, &access, before, limit))
        .await?;
    let items = found.hits.into_iter().map(|(message, conversation)| SearchHit { message, conversation }).collect();
    Ok(axum::Json(SearchAnswer { items, next_cursor: found.next.map(|id| id.to_string()) }))
}
