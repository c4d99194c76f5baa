//! A router that remembers its table, so that the description can be checked against it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{get, post};

use crate::desk::Desk;

/// Routes, in the order they were added.
#[derive(Default)]
pub(crate) struct Routes {
    pub(crate) router: Router<Arc<Desk>>,
    /// Method, in lower case as OpenAPI writes it, and path.
    pub(crate) table: Vec<(&'static str, String)>,
}

impl Routes {
    pub(crate) fn get<H: Handler<T, Arc<Desk>>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.table.push(("get", path.to_owned()));
        Self { router: self.router.route(path, get(handler)), ..self }
    }

    /// For a body that the handler reads as it comes, and limits itself.
    pub(crate) fn post_stream<H: Handler<T, Arc<Desk>>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.table.push(("post", path.to_owned()));
        Self { router: self.router.route(path, post(handler).layer(DefaultBodyLimit::disable())), ..self }
    }

    pub(crate) fn post<H: Handler<T, Arc<Desk>>, T: 'static>(mut self, path: &str, handler: H) -> Self {
        self.table.push(("post", path.to_owned()));
        Self { router: self.router.route(path, post(handler)), ..self }
    }
}
