//! Profiles, chats and content.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::answer::{LineError, nothing, ok, parse, required};
use crate::customer::{Customer, Friendship, SourceKind};
use crate::shared::Shared;

/// `GET /v2/bot/profile/{userId}`: of friends and of those who wrote. One who blocked the account has none.
pub(super) async fn profile(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
) -> Result<Response, LineError> {
    let customer = shared.read(|platform| {
        platform.threads.find(&user_id).filter(|thread| thread.is_reachable()).map(|thread| thread.customer.clone())
    });
    let customer = customer.ok_or_else(LineError::not_found)?;
    let mut profile = json!({"userId": customer.user_id, "displayName": customer.name, "language": customer.language});
    if let Some(url) = customer.picture_url {
        profile["pictureUrl"] = url.into();
    }
    Ok(ok(&profile))
}

/// `POST /v2/bot/user/{userId}/linkToken`: for whom there is a profile. (LINE does not say what others get.)
pub(super) async fn link_token(
    State(shared): State<Arc<Shared>>,
    Path(user_id): Path<String>,
) -> Result<Response, LineError> {
    let now_ms = shared.now_ms();
    let token = shared.update(|platform| {
        let thread = platform.threads.find(&user_id)?;
        let is_known = thread.customer.source == SourceKind::User && thread.is_reachable();
        is_known.then(|| platform.ids.token(now_ms))
    });
    Ok(ok(&json!({"linkToken": token.ok_or_else(LineError::not_found)?})))
}

/// `GET /v2/bot/group/{groupId}/summary`: where the account is.
pub(super) async fn group_summary(
    State(shared): State<Arc<Shared>>,
    Path(chat_id): Path<String>,
) -> Result<Response, LineError> {
    let group = find_group(&shared, &chat_id)?;
    let mut summary = json!({"groupId": group.user_id, "groupName": group.name});
    if let Some(url) = group.picture_url {
        summary["pictureUrl"] = url.into();
    }
    Ok(ok(&summary))
}

/// `GET /v2/bot/{group,room}/{id}/member/{userId}`: of those who are in it, friends or not.
pub(super) async fn member(
    State(shared): State<Arc<Shared>>,
    Path((chat_id, user_id)): Path<(String, String)>,
) -> Result<Response, LineError> {
    let group = find_group(&shared, &chat_id)?;
    if !group.members.contains(&user_id) {
        return Err(LineError::not_found());
    }
    let member = shared.read(|platform| platform.find_customer(&user_id).cloned()).ok_or_else(LineError::not_found)?;
    let mut profile = json!({"userId": member.user_id, "displayName": member.name});
    if let Some(url) = member.picture_url {
        profile["pictureUrl"] = url.into();
    }
    Ok(ok(&profile))
}

/// `GET /v2/bot/{group,room}/{id}/members/count`
pub(super) async fn member_count(
    State(shared): State<Arc<Shared>>,
    Path(chat_id): Path<String>,
) -> Result<Response, LineError> {
    Ok(ok(&json!({"count": find_group(&shared, &chat_id)?.members.len()})))
}

/// `POST /v2/bot/{group,room}/{id}/leave`
pub(super) async fn leave(
    State(shared): State<Arc<Shared>>,
    Path(chat_id): Path<String>,
) -> Result<Response, LineError> {
    find_group(&shared, &chat_id)?;
    shared.update(|platform| {
        if let Some(thread) = platform.threads.find_mut(&chat_id) {
            thread.customer.friendship = Friendship::Blocked;
        }
        platform.customer_changed(&chat_id);
    });
    Ok(nothing())
}

fn find_group(shared: &Shared, chat_id: &str) -> Result<Customer, LineError> {
    let found = shared.read(|platform| platform.find_customer(chat_id).cloned());
    let is_in = |group: &Customer| group.source != SourceKind::User && group.friendship != Friendship::Blocked;
    found.filter(is_in).ok_or_else(LineError::not_found)
}

/// `POST /v2/bot/chat/loading/start`: shown until it is over or the account writes.
pub(super) async fn start_loading(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, LineError> {
    let body = parse(&body)?;
    let chat_id: String = required(&body, "chatId")?;
    let seconds = match body.get("loadingSeconds") {
        None | Some(Value::Null) => 20,
        Some(value) => {
            value.as_i64().filter(|seconds| (5..=60).contains(seconds) && seconds % 5 == 0).ok_or_else(|| {
                LineError::bad_request("The value of loadingSeconds must be a multiple of 5 between 5 and 60")
            })?
        }
    };
    let until = shared.now_ms() + seconds * 1_000;
    shared.update(|platform| {
        // In chats of two only.
        let thread = platform.threads.find_mut(&chat_id).filter(|thread| thread.customer.source == SourceKind::User);
        let thread = thread.ok_or_else(|| LineError::invalid_property("chatId"))?;
        if thread.is_reachable() {
            thread.customer.loading_until_ms = Some(until);
            platform.customer_changed(&chat_id);
        }
        Ok((StatusCode::ACCEPTED, nothing()).into_response())
    })
}

/// `POST /v2/bot/chat/markAsRead`: the token's message and all before it.
pub(super) async fn mark_as_read(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, LineError> {
    let token: String = required(&parse(&body)?, "markAsReadToken")?;
    shared.update(|platform| {
        let known = platform.read_tokens.get(&token).cloned();
        let (user_id, message_id) = known.ok_or_else(|| LineError::bad_request("Invalid markAsReadToken"))?;
        let changed = platform.threads.find_mut(&user_id).map(|thread| thread.mark_read(&message_id));
        for message in changed.unwrap_or_default() {
            platform.message_changed(&user_id, message);
        }
        Ok(nothing())
    })
}
