//! The console page, embedded into the binary.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use crate::desk::Desk;

macro_rules! asset {
    ($path:literal, $file:literal, $kind:literal) => {
        ($path, $kind, include_str!(concat!("../../assets/console/", $file)))
    };
}

const FILES: &[(&str, &str, &str)] = &[
    asset!("/", "index.html", "text/html; charset=utf-8"),
    asset!("/assets/console.js", "console.js", "text/javascript; charset=utf-8"),
    asset!("/assets/realtime.js", "realtime.js", "text/javascript; charset=utf-8"),
    asset!("/assets/api.js", "api.js", "text/javascript; charset=utf-8"),
    asset!("/assets/list.js", "list.js", "text/javascript; charset=utf-8"),
    asset!("/assets/thread.js", "thread.js", "text/javascript; charset=utf-8"),
    asset!("/assets/composer.js", "composer.js", "text/javascript; charset=utf-8"),
    asset!("/assets/dialogs.js", "dialogs.js", "text/javascript; charset=utf-8"),
    asset!("/assets/ticker.js", "ticker.js", "text/javascript; charset=utf-8"),
    asset!("/assets/dom.js", "dom.js", "text/javascript; charset=utf-8"),
    asset!("/assets/catalogue.js", "catalogue.js", "text/javascript; charset=utf-8"),
    asset!("/assets/console.css", "console.css", "text/css; charset=utf-8"),
    asset!("/assets/tokens.css", "tokens.css", "text/css; charset=utf-8"),
];

pub(crate) fn routes() -> Router<Arc<Desk>> {
    FILES
        .iter()
        .fold(Router::new(), |router, &(path, kind, text)| router.route(path, get(async move || file(kind, text))))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
