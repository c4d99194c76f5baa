//! `/healthz`: the process lives. `/readyz`: database and bus answer, and the node is not draining.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use linedesk_protocol::ErrorCode;
use linedesk_store::{StoreError, feed};

use super::error::ApiError;
use super::refused;
use crate::desk::Desk;

const DATABASE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// Tells that the process lives.
///
/// It looks at nothing else: restart the node when it does not answer.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    tag = "Node",
    security(()),
    responses((status = 200, description = "`ok`", body = String, content_type = "text/plain"))
)]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// Tells whether the node can work.
///
/// Database and bus answer and the node is not draining, else 503: send it no traffic then.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "Node",
    security(()),
    responses((status = 200, description = "`ready`", body = String, content_type = "text/plain"), refused::Ready)
)]
pub(crate) async fn readyz(State(desk): State<Arc<Desk>>) -> Result<&'static str, ApiError> {
    let not_ready = |why: &str| Err(ApiError::new(ErrorCode::Unavailable, why));
    if desk.is_draining() {
        return not_ready("This node is stopping.");
    }
    let head = desk.store.read::<_, StoreError, _>(|tx| feed::head(tx));
    if !matches!(tokio::time::timeout(DATABASE_ANSWERS_WITHIN, head).await, Ok(Ok(_))) {
        return not_ready("The database does not answer.");
    }
    if !desk.bus.is_connected() {
        return not_ready("The bus does not answer.");
    }
    Ok("ready")
}
