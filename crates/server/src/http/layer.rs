//! Around every request: an id, a log line, a metric, security headers, and errors rendered with that id.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use tracing::Instrument as _;

use super::error::ApiError;
use crate::desk::Desk;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Only our own files, and pictures that LINE hosts.
const CSP: &str = "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

pub(crate) async fn around(State(_): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let request_id = request_id(&request);
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    let span = tracing::info_span!("request", request.id = %request_id, http.method = %method, http.route = %path);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let rendered = error.render(&request_id);
        // What the handler set besides (a status, a cookie) stays.
        let (status, cookies) = (response.status(), response.headers().clone());
        response = rendered;
        *response.status_mut() = status;
        response.headers_mut().extend(cookies);
    }
    let status = response.status().as_u16();
    let elapsed = begun.elapsed();
    span.in_scope(|| tracing::debug!(http.status = status, duration_us = elapsed.as_micros(), "answered"));
    metrics::counter!("linedesk_http_requests_total", "route" => path.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("linedesk_http_request_seconds", "route" => path).record(elapsed.as_secs_f64());
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(CSP));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The client's own id, if it is harmless in a log, or a new one.
fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(id)
            if (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) =>
        {
            id.to_owned()
        }
        _ => uuid::Uuid::new_v4().simple().to_string(),
    }
}
