//! `/healthz`: the process lives. `/readyz`: database and bus answer, and the node is not draining.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use linedesk_protocol::ErrorCode;
use linedesk_store::{StoreError, feed};

use super::error::ApiError;
use crate::desk::Desk;

const DATABASE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

pub(crate) async fn healthz() -> &'static str {
    "ok"
}

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
