//! Every call passes here: it is logged, held up, broken if a fault says so, authenticated and numbered.
//!
//! INVARIANT: every call is logged once, also when the caller goes away in the middle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::answer::LineError;
use super::content::Streamed;
use super::strict;
use crate::calls::{Call, Direction, Outcome};
use crate::connection::Connection;
use crate::faults::{Endpoint, FaultKind};
use crate::shared::Shared;
use crate::webhook::millis;

/// LINE refuses larger requests (LINE reference, "Send push message": ≤ 2 MB).
const BODY_BYTES: usize = 2 * 1024 * 1024;
/// Our own answers are far smaller.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// The id of this request, for handlers that must remember it.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

pub(super) async fn pass(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let endpoint = endpoint_of(&parts.method, parts.uri.path());
    let request_id = shared.update(|platform| platform.ids.request());
    let mut pending = Pending::new(&shared, &parts.method, parts.uri.path(), &parts.headers, &request_id);
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        let refusal = LineError::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large");
        return pending.answer(refusal.into_response()).await;
    };
    // It asks for a token, with secrets.
    let is_oauth = parts.uri.path().starts_with("/oauth2/");
    pending.request_body(if is_oauth { b"(credentials)" } else { &body });
    pending.unfit(strict::request_faults(&parts, &body));

    let (fault, latency) = shared.next_fault(endpoint);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match fault {
        // Takes effect first.
        Some(FaultKind::Status { status: 409 }) if endpoint == Endpoint::Push => {}
        Some(FaultKind::Status { status }) => return pending.answer(LineError::typical(status).into_response()).await,
        Some(FaultKind::Delay { delay_ms }) => tokio::time::sleep(Duration::from_millis(delay_ms)).await,
        Some(FaultKind::CutBefore) => return pending.cut(&connection),
        Some(FaultKind::Hang) => return pending.hang(&connection).await,
        None | Some(FaultKind::CutAfter | FaultKind::HangAfter) => {}
    }

    let allowed = if is_oauth {
        Ok(())
    } else {
        authenticate(&shared, &parts.headers).and_then(|()| check_media_type(&parts.headers, &body))
    };
    let response = if let Err(refusal) = allowed {
        refusal.into_response()
    } else {
        parts.extensions.insert(RequestId(request_id.clone()));
        next.run(Request::from_parts(parts, Body::from(body))).await
    };
    match fault {
        Some(FaultKind::CutAfter) => pending.cut(&connection),
        Some(FaultKind::HangAfter) => pending.hang(&connection).await,
        Some(FaultKind::Status { status: 409 }) if response.status() == StatusCode::OK => {
            let body = to_bytes(response.into_body(), ANSWER_BYTES).await.unwrap_or_default();
            let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let sent = body["sentMessages"].take();
            pending.answer(LineError::already_accepted(request_id, sent).into_response()).await
        }
        _ => pending.answer(response).await,
    }
}

fn endpoint_of(method: &Method, path: &str) -> Endpoint {
    match path {
        "/v2/bot/message/reply" if method == Method::POST => Endpoint::Reply,
        "/v2/bot/message/push" if method == Method::POST => Endpoint::Push,
        _ => Endpoint::Other,
    }
}

fn authenticate(shared: &Shared, headers: &HeaderMap) -> Result<(), LineError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer "));
    let now = shared.now_ms();
    let is_issued = |token| shared.read(|platform| platform.is_issued(token, now));
    let valid = shared.read(|platform| platform.settings.token_valid);
    match token {
        Some(token) if valid && (token == shared.channel_access_token || is_issued(token)) => Ok(()),
        _ => Err(LineError::typical(401)),
    }
}

fn check_media_type(headers: &HeaderMap, body: &Bytes) -> Result<(), LineError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if body.is_empty() || kind.to_ascii_lowercase().starts_with("application/json") {
        Ok(())
    } else {
        Err(LineError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type"))
    }
}

/// A call that has not ended. Dropped without an end, it is logged as abandoned.
struct Pending<'a> {
    shared: &'a Shared,
    started: Instant,
    call: Option<Call>,
}

impl<'a> Pending<'a> {
    fn new(shared: &'a Shared, method: &Method, path: &str, headers: &HeaderMap, request_id: &str) -> Self {
        let retry_key = headers.get("x-line-retry-key").map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
        let call = Call {
            id: 0,
            direction: Direction::ToLine,
            at_ms: shared.now_ms(),
            duration_ms: 0,
            method: method.to_string(),
            path: path.to_owned(),
            summary: None,
            outcome: Outcome::Abandoned,
            status: None,
            retry_key,
            request_id: Some(request_id.to_owned()),
            redelivery: false,
            request_body: String::new(),
            response_body: String::new(),
        };
        Self { shared, started: Instant::now(), call: Some(call) }
    }

    fn request_body(&mut self, body: &[u8]) {
        if let Some(call) = &mut self.call {
            call.request_body = String::from_utf8_lossy(body).into_owned();
        }
    }

    fn unfit(&self, faults: Vec<String>) {
        let Some(call) = self.call.as_ref().filter(|_| !faults.is_empty()) else { return };
        let (method, path) = (&call.method, &call.path);
        for fault in &faults {
            tracing::warn!(%method, %path, %fault, "this is not as LINE's files describe it");
        }
        let faults = faults.into_iter().map(|fault| format!("{method} {path}: {fault}"));
        self.shared.update(|platform| platform.add_unfit(faults));
    }

    fn end(&mut self, outcome: Outcome, status: Option<StatusCode>, response_body: &[u8]) {
        if let Some(mut call) = self.call.take() {
            call.outcome = outcome;
            call.status = status.map(|status| status.as_u16());
            call.response_body = String::from_utf8_lossy(response_body).into_owned();
            call.duration_ms = millis(self.started.elapsed());
            self.shared.update(|platform| platform.log(call));
        }
    }

    /// Logs the answer, then lets it go.
    async fn answer(mut self, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        if parts.extensions.get::<Streamed>().is_some() {
            self.end(Outcome::Answered, Some(parts.status), b"(a file)");
            return Response::from_parts(parts, body);
        }
        let body = to_bytes(body, ANSWER_BYTES).await.unwrap_or_default();
        let id = self.call.as_ref().and_then(|call| call.request_id.as_deref()).unwrap_or_default();
        if let Ok(value) = HeaderValue::from_str(id) {
            parts.headers.insert("x-line-request-id", value);
        }
        if let Some(call) = &self.call {
            self.unfit(strict::answer_faults(&call.method, &call.path, parts.status, &body));
        }
        self.end(Outcome::Answered, Some(parts.status), &body);
        Response::from_parts(parts, Body::from(body))
    }

    fn cut(mut self, connection: &Connection) -> Response {
        self.end(Outcome::CutOff, None, &[]);
        connection.cut();
        // Not written: the connection is gone.
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }

    /// Stays silent until the caller goes, which drops this, or the platform stops.
    async fn hang(self, connection: &Connection) -> Response {
        self.shared.stop.cancelled().await;
        self.cut(connection)
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.end(Outcome::Abandoned, None, &[]);
    }
}
