//! The page with the phone on it.

use std::sync::Arc;

use axum::Router;

use crate::shared::Shared;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
}
