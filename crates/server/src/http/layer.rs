//! Around every request: an id, a log line, a metric, security headers, and errors rendered with that id.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use tracing::Instrument as _;

use super::error::ApiError;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The desk's own origin and nothing else. Nothing inline: neither script nor style.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; \
     manifest-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'",
);
/// No page of another origin shows or plays what is ours, whatever the browser sends along with its question.
const READERS: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub(crate) async fn around(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let request_id = request_id(&request);
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map_or("-", |path| path.as_str()).to_owned();
    // Of the highest level, so that whatever is logged within carries the id (ER3).
    let span = tracing::error_span!("request", request.id = %request_id, http.method = %method, http.route = %path);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        // What the handler set besides (a cookie) stays.
        let rendered = error.render(response.status(), &request_id);
        let headers = std::mem::replace(&mut response, rendered).into_parts().0.headers;
        response.headers_mut().extend(headers);
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
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(CONTENT_SECURITY_POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(READERS, HeaderValue::from_static("same-origin"));
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
