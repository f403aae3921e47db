//! Applies what the editor says about texts before any handler runs.
//!
//! The server runs handlers side by side, in no order. A change of a text means something only after those before it, so it is applied here,
//! where messages still come one by one. And a request is about the text as it is when the request comes: which that is, its handler learns by
//! [`asked_version`].

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use serde_json::Value;
use tower::Service;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};
use tower_lsp::ls_types::Uri;

use crate::documents::path_of;
use crate::state::State;
use crate::wire::UNREADABLE;

tokio::task_local! {
    /// The version that the document of a request had when the request came.
    static VERSION: Option<i32>;
}

/// The version that the request's document had when the request came, where it is open. Meaningful on the task of the handler alone.
pub fn asked_version() -> Option<i32> {
    VERSION.try_with(|version| *version).ok().flatten()
}

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

impl<S> Service<Request> for InOrder<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.method() == UNREADABLE {
            return Box::pin(async { Ok(Some(Response::from_error(Id::Null, Error::parse_error()))) });
        }
        if request.id().is_none() {
            self.state.notice(request.method(), request.params());
        }
        let version = request.params().and_then(document_of).and_then(|path| self.state.inputs().version(&path));
        Box::pin(VERSION.scope(version, self.inner.call(request)))
    }
}

/// The document that a request is about.
fn document_of(params: &Value) -> Option<std::path::PathBuf> {
    let uri: Uri = params.get("textDocument")?.get("uri")?.as_str()?.parse().ok()?;
    path_of(&uri)
}
