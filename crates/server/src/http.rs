//! HTTP: the routes, and what every request goes through (request id, log, metrics, errors as RFC 9457).

mod actions;
pub(crate) mod assets;
mod auth;
mod conversations;
pub(crate) mod error;
pub(crate) mod extract;
mod health;
mod layer;
pub(crate) mod openapi;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use auth::user as auth_user;

use crate::desk::Desk;
use crate::ws;

/// Everything that is served on the main address.
pub(crate) fn router(desk: Arc<Desk>) -> Router {
    let chat = "/api/v1/admin/live-chat";
    let conversation = format!("{chat}/conversations/{{key}}");
    let at = |rest: &str| format!("{conversation}/{rest}");
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/api/v1/line/webhook", post(webhook::receive_default))
        .route("/api/v1/line/webhook/{channel}", post(webhook::receive))
        .route("/line/webhook", post(webhook::receive_default))
        .route("/line/webhook/{channel}", post(webhook::receive))
        .route("/api/v1/auth/login", post(auth::login))
        .route("/api/v1/auth/refresh", post(auth::refresh))
        .route("/api/v1/auth/logout", post(auth::logout))
        .route("/api/v1/auth/me", get(auth::me))
        .route("/api/v1/auth/password", post(auth::password))
        .route(&format!("{chat}/conversations"), get(conversations::list).post(conversations::start))
        .route(&conversation, get(conversations::detail))
        .route(&at("messages"), get(conversations::messages).post(conversations::send))
        .route(&at("notes"), post(conversations::note))
        .route(&at("claim"), post(actions::claim))
        .route(&at("release"), post(actions::release))
        .route(&at("close"), post(actions::close))
        .route(&at("transfer"), post(actions::transfer))
        .route(&at("mode"), post(actions::mode))
        .route(&at("read"), post(actions::read))
        .route(&at("refresh-profile"), post(actions::refresh_profile))
        .route(&at("archive"), post(actions::archive))
        .route(&at("unarchive"), post(actions::unarchive))
        .route(&format!("{chat}/operators"), get(conversations::operators))
        .route(&format!("{chat}/messages/search"), get(conversations::search))
        .route("/api/v1/ws/live-chat", get(ws::upgrade))
        .route("/api/v1/openapi.json", get(openapi::json))
        .route("/openapi.json", get(openapi::json))
        .route("/docs", get(openapi::page))
        .merge(assets::routes())
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&desk), layer::around))
        .with_state(desk)
}
