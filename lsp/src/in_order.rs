//! Applies what the editor says about texts before any handler runs.
//!
//! The server runs handlers side by side, in no order. A change of a text means something only after those before it, so it is applied here,
//! where messages still come one by one.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower::Service;
use tower_lsp::jsonrpc::Request;

use crate::server::State;

/// A server before which texts are kept up to date.
pub struct InOrder<S> {
    inner: S,
    state: Arc<State>,
}

impl<S> InOrder<S> {
    /// Keeps the texts of `state` up to date with the messages that go to `inner`.
    pub fn new(inner: S, state: Arc<State>) -> InOrder<S> {
        InOrder { inner, state }
    }
}

impl<S: Service<Request>> Service<Request> for InOrder<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.state.notice(request.method(), request.params());
        self.inner.call(request)
    }
}
