//! The description of the REST interface, and a page to read it.
//!
//! It is built from the `#[utoipa::path]` of every handler, written to `docs/openapi.json` by a test, and embedded from
//! there: what is served is what was reviewed. The tests also hold it against the router's table.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header;

use crate::desk::Desk;

const DESCRIPTION: &str = include_str!("../../../../docs/openapi.json");
const PAGE: &str = include_str!("../../assets/docs.html");
const SCRIPT: &str = include_str!("../../assets/docs.js");
const STYLE: &str = include_str!("../../assets/docs.css");

/// The page shows text of ours only and needs nothing but its own files.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves this description.
///
/// The document you are reading, in OpenAPI 3.1. Also at `/openapi.json`.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "openapi",
    tag = "Node",
    security(()),
    responses((status = 200, description = "The description.", body = Object))
)]
pub(crate) async fn json() -> Response {
    file("application/json", DESCRIPTION)
}

/// Serves a page to read this description.
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "docs",
    tag = "Node",
    security(()),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"))
)]
pub(crate) async fn page() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, CSP)], file("text/html; charset=utf-8", PAGE)).into_response()
}

/// The page's own files.
pub(crate) fn assets() -> Router<Arc<Desk>> {
    Router::new()
        .route("/assets/docs.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/assets/docs.css", get(async || file("text/css; charset=utf-8", STYLE)))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

#[cfg(test)]
mod document;
#[cfg(test)]
mod tests;
