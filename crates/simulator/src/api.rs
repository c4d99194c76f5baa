//! LINE's Messaging API over HTTP. One router serves the paths of both hosts, `api.line.me` and `api-data.line.me`.

mod account;
mod answer;
mod content;
mod gate;
mod oauth;
mod people;
mod send;
mod strict;
mod validate;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::shared::Shared;
use answer::LineError;

pub(crate) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let message = Router::new()
        .route("/reply", post(send::reply))
        .route("/push", post(send::push))
        .route("/validate/reply", post(send::validate))
        .route("/validate/push", post(send::validate))
        .route("/quota", get(account::quota))
        .route("/quota/consumption", get(account::consumption))
        .route("/{message_id}/content", get(content::content))
        .route("/{message_id}/content/preview", get(content::preview));
    let bot = Router::new()
        .nest("/message", message)
        .route("/info", get(account::info))
        .route("/channel/webhook/endpoint", get(account::endpoint).put(account::set_endpoint))
        .route("/channel/webhook/test", post(account::test_endpoint))
        .route("/profile/{user_id}", get(people::profile))
        .route("/user/{user_id}/linkToken", post(people::link_token))
        .route("/group/{chat_id}/summary", get(people::group_summary))
        .route("/group/{chat_id}/member/{user_id}", get(people::member))
        .route("/room/{chat_id}/member/{user_id}", get(people::member))
        .route("/group/{chat_id}/members/count", get(people::member_count))
        .route("/room/{chat_id}/members/count", get(people::member_count))
        .route("/group/{chat_id}/leave", post(people::leave))
        .route("/room/{chat_id}/leave", post(people::leave))
        .route("/chat/loading/start", post(people::start_loading))
        .route("/chat/markAsRead", post(people::mark_as_read))
        .fallback(|| async { LineError::not_found() })
        .method_not_allowed_fallback(|| async { LineError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed") });
    let oauth =
        Router::new().route("/v3/token", post(oauth::stateless)).route("/v2.1/token", post(oauth::by_assertion));
    Router::new().nest("/v2/bot", bot).nest("/oauth2", oauth).layer(from_fn_with_state(Arc::clone(shared), gate::pass))
}
