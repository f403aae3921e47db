//! The server: one handler for each thing that an editor asks.

use std::sync::Arc;

use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types as lsp;
use tower_lsp::{Client, LanguageServer};

use crate::analysis::Cursor;
use crate::capabilities::capabilities;
use crate::convert;
use crate::documents::path_of;
use crate::findings;
use crate::in_order::asked_version;
use crate::inputs::Inputs;
use crate::state::{State, Wanted};
use crate::view::View;
use crate::world::Home;

/// The handlers. Texts are kept elsewhere: see [`crate::in_order`].
pub struct Backend {
    client: Client,
    state: Arc<State>,
}

impl Backend {
    /// Handlers over that state.
    pub fn new(client: Client, state: Arc<State>) -> Backend {
        Backend { client, state }
    }

    /// Answers about a document; nothing where no set has it.
    async fn of<T: Send + 'static>(&self, uri: &lsp::Uri, answer: impl FnOnce(&View) -> Option<T> + Send + 'static) -> Result<Option<T>> {
        let Some(path) = path_of(uri) else { return Ok(None) };
        let asked = asked_version();
        let (state, (_waiting, wanted)) = (self.state.clone(), Wanted::waiting());
        let found = tokio::task::spawn_blocking(move || {
            let Some(view) = state.view(&path, asked, &wanted)? else { return Ok(None) };
            let found = answer(&view);
            // Places in a text that has changed meanwhile are places in no text.
            state.still(&path, asked, &wanted).map(|()| found)
        });
        found.await.map_err(|_| Error::internal_error())?
    }

    /// Answers about a place in a document.
    async fn at<T: Send + 'static>(
        &self,
        params: lsp::TextDocumentPositionParams,
        answer: impl FnOnce(&View, Cursor) -> Option<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let position = params.position;
        self.of(&params.text_document.uri, move |view| answer(view, view.cursor(position))).await
    }

    /// Answers about all sets.
    async fn of_all<T: Send + 'static>(&self, answer: impl FnOnce(Vec<Home>, &Inputs) -> T + Send + 'static) -> Result<T> {
        let state = self.state.clone();
        let found = tokio::task::spawn_blocking(move || {
            let (homes, inputs) = state.homes();
            answer(homes, &inputs)
        });
        found.await.map_err(|_| Error::internal_error())
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let client = {
            let mut inputs = self.state.inputs();
            inputs.begin(&params);
            inputs.client
        };
        if let Some(parent) = params.process_id {
            tokio::spawn(crate::parent::leave_with(parent));
        }
        let server = lsp::ServerInfo { name: "tollgate".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
        Ok(lsp::InitializeResult { capabilities: capabilities(client), server_info: Some(server), ..lsp::InitializeResult::default() })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        if self.state.inputs().client.watches {
            let client = self.client.clone();
            tokio::spawn(async move {
                let _unheard = client.register_capability(vec![crate::capabilities::watchers()]).await;
            });
        }
    }

    async fn did_open(&self, _: lsp::DidOpenTextDocumentParams) {}

    async fn did_change(&self, _: lsp::DidChangeTextDocumentParams) {}

    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {}

    async fn did_close(&self, _: lsp::DidCloseTextDocumentParams) {}

    async fn did_change_watched_files(&self, _: lsp::DidChangeWatchedFilesParams) {}

    async fn did_change_workspace_folders(&self, _: lsp::DidChangeWorkspaceFoldersParams) {}

    async fn did_change_configuration(&self, _: lsp::DidChangeConfigurationParams) {}

    async fn diagnostic(&self, params: lsp::DocumentDiagnosticParams) -> Result<lsp::DocumentDiagnosticReportResult> {
        let found = self.of(&params.text_document.uri, |view| Some(findings::of_file(view))).await?;
        Ok(convert::diagnostic::report(found.unwrap_or_default(), params.previous_result_id))
    }

    async fn workspace_diagnostic(&self, params: lsp::WorkspaceDiagnosticParams) -> Result<lsp::WorkspaceDiagnosticReportResult> {
        let found = self.of_all(|homes, inputs| findings::of(&homes, inputs)).await?;
        Ok(convert::diagnostic::reports(found, params.previous_result_ids))
    }

    async fn formatting(&self, params: lsp::DocumentFormattingParams) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.of(&params.text_document.uri, convert::formatting::whole).await
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}
