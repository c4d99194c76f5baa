//! HTTP: the routes, and what every request goes through (request id, log, metrics, errors as RFC 9457).

mod actions;
pub(crate) mod assets;
mod auth;
mod channels;
mod conversations;
mod cookie;
mod doctor;
pub(crate) mod error;
pub(crate) mod extract;
mod files;
mod health;
mod layer;
pub(crate) mod listener;
mod media;
pub(crate) mod openapi;
mod range;
mod refused;
mod routes;
pub(crate) mod upload;
mod usage;
mod validate;
mod webhook;

use std::sync::Arc;

use axum::Router;

pub(crate) use auth::user as auth_user;
pub(crate) use listener::{BoundedListener, Peer};

use self::routes::Routes;
use crate::desk::Desk;
use crate::ws;

/// Everything that is served on the main address.
pub(crate) fn router(desk: Arc<Desk>) -> Router {
    routes()
        .router
        .merge(assets::routes())
        .merge(openapi::assets())
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(axum::middleware::from_fn(layer::around))
        .with_state(desk)
}

/// Every path of the interface; the pages' own files are in `assets` and `openapi`.
fn routes() -> Routes {
    let chat = "/api/v1/admin/live-chat";
    let conversation = format!("{chat}/conversations/{{key}}");
    let at = |rest: &str| format!("{conversation}/{rest}");
    Routes::default()
        .get("/healthz", health::healthz)
        .get("/readyz", health::readyz)
        .post("/api/v1/line/webhook", webhook::receive_default)
        .post("/api/v1/line/webhook/{channel}", webhook::receive)
        .post("/line/webhook", webhook::receive_default)
        .post("/line/webhook/{channel}", webhook::receive)
        .post("/api/v1/auth/login", auth::login)
        .post("/api/v1/auth/refresh", auth::refresh)
        .post("/api/v1/auth/logout", auth::logout)
        .get("/api/v1/auth/me", auth::me)
        .post("/api/v1/auth/password", auth::password)
        .get(&format!("{chat}/conversations"), conversations::list)
        .post(&format!("{chat}/conversations"), conversations::start)
        .get(&conversation, conversations::detail)
        .get(&at("contact"), conversations::contact)
        .get(&at("members"), conversations::members)
        .get(&at("messages"), conversations::messages)
        .post(&at("messages"), conversations::send)
        .post_stream(&at("media"), upload::send)
        .post(&at("notes"), conversations::note)
        .post(&at("claim"), actions::claim)
        .post(&at("release"), actions::release)
        .post(&at("close"), actions::close)
        .post(&at("transfer"), actions::transfer)
        .post(&at("mode"), actions::mode)
        .post(&at("read"), actions::read)
        .post(&at("refresh-profile"), actions::refresh_profile)
        .post(&at("archive"), actions::archive)
        .post(&at("unarchive"), actions::unarchive)
        .get("/api/v1/admin/usage", usage::usage)
        .get("/api/v1/admin/channels", channels::list)
        .post("/api/v1/admin/channels", channels::add)
        .post("/api/v1/admin/channels/{id}", channels::change)
        .post("/api/v1/admin/doctor", doctor::examine)
        .get(&format!("{chat}/operators"), conversations::operators)
        .get(&format!("{chat}/messages/search"), conversations::search)
        .post(&format!("{chat}/messages/validate"), validate::validate)
        .post(&format!("{chat}/messages/{{id}}/fetch"), files::fetch_again)
        .get("/media/pictures/{key}", media::picture)
        .get("/media/stickers/{id}", media::sticker)
        .get("/media/{id}", files::file)
        .get("/media/{id}/preview", files::preview)
        .get("/api/v1/ws/live-chat", ws::upgrade)
        .get("/api/v1/openapi.json", openapi::json)
        .get("/openapi.json", openapi::json)
        .get("/docs", openapi::page)
}
