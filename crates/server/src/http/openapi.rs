//! The description of the REST interface, and a page to read it.

use axum::response::{Html, IntoResponse, Response};
use http::header;

/// Written by a test from the code; see `docs/openapi.json`.
const DESCRIPTION: &str = include_str!("../../../../docs/openapi.json");
const PAGE: &str = include_str!("../../assets/docs.html");

pub(crate) async fn json() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION).into_response()
}

pub(crate) async fn page() -> Html<&'static str> {
    Html(PAGE)
}
