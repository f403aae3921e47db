//! The server: one handler for each thing that an editor asks.

use std::sync::Arc;

use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types as lsp;
use tower_lsp::{Client, LanguageServer};

use crate::analysis::{Cursor, definition, references, rename};
use crate::capabilities::capabilities;
use crate::convert;
use crate::convert::tokens::Sent;
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
    sent: Sent,
}

impl Backend {
    /// Handlers over that state.
    pub fn new(client: Client, state: Arc<State>) -> Backend {
        Backend { client, state, sent: Sent::default() }
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

    /// Answers about a document as it is by now, where the question names no version of it.
    async fn of_newest<T: Send + 'static>(&self, uri: &lsp::Uri, answer: impl FnOnce(&View) -> Option<T> + Send + 'static) -> Result<Option<T>> {
        let Some(path) = path_of(uri) else { return Ok(None) };
        let (state, (_waiting, wanted)) = (self.state.clone(), Wanted::waiting());
        let found = tokio::task::spawn_blocking(move || {
            let version = state.inputs().version(&path);
            Ok(state.view(&path, version, &wanted)?.as_ref().and_then(answer))
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

impl Backend {
    /// The tests of all sets: `tollgate/tests`.
    pub async fn tests(&self, _: lsp::LSPAny) -> Result<Vec<convert::tests::ListedTest>> {
        self.of_all(convert::tests::list).await
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

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        self.sent.forget(&params.text_document.uri);
    }

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

    async fn range_formatting(&self, params: lsp::DocumentRangeFormattingParams) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.of(&params.text_document.uri, move |view| convert::formatting::range(view, params.range)).await
    }

    async fn on_type_formatting(&self, params: lsp::DocumentOnTypeFormattingParams) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.at(params.text_document_position, move |view, at| convert::formatting::typed(view, at, &params.ch)).await
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        self.at(params.text_document_position_params, convert::hover::hover).await
    }

    async fn completion(&self, params: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>> {
        self.at(params.text_document_position, convert::completion::complete).await
    }

    async fn completion_resolve(&self, item: lsp::CompletionItem) -> Result<lsp::CompletionItem> {
        let Some(uri) = convert::completion::document_of(&item) else { return Ok(item) };
        let asked = item.clone();
        let found = self.of_newest(&uri, move |view| Some(convert::completion::resolve(view, asked))).await?;
        Ok(found.unwrap_or(item))
    }

    async fn signature_help(&self, params: lsp::SignatureHelpParams) -> Result<Option<lsp::SignatureHelp>> {
        self.at(params.text_document_position_params, convert::completion::signature).await
    }

    async fn goto_definition(&self, params: lsp::GotoDefinitionParams) -> Result<Option<lsp::GotoDefinitionResponse>> {
        let answer = |view: &View, at| convert::navigation::targets(view, definition::definition(view.set(), at));
        self.at(params.text_document_position_params, answer).await
    }

    async fn goto_type_definition(&self, params: lsp::request::GotoTypeDefinitionParams) -> Result<Option<lsp::GotoDefinitionResponse>> {
        let answer = |view: &View, at| convert::navigation::targets(view, definition::type_definition(view.set(), at));
        self.at(params.text_document_position_params, answer).await
    }

    async fn references(&self, params: lsp::ReferenceParams) -> Result<Option<Vec<lsp::Location>>> {
        let with_declaration = params.context.include_declaration;
        let answer = move |view: &View, at| Some(convert::navigation::locations(view, references::references(view.set(), at, with_declaration)));
        self.at(params.text_document_position, answer).await
    }

    async fn document_highlight(&self, params: lsp::DocumentHighlightParams) -> Result<Option<Vec<lsp::DocumentHighlight>>> {
        self.at(params.text_document_position_params, convert::navigation::highlights).await
    }

    async fn prepare_rename(&self, params: lsp::TextDocumentPositionParams) -> Result<Option<lsp::PrepareRenameResponse>> {
        let prepared = self.at(params, |view, at| Some(convert::navigation::prepare_rename(view, at))).await?;
        prepared.transpose().map_err(refused)
    }

    async fn rename(&self, params: lsp::RenameParams) -> Result<Option<lsp::WorkspaceEdit>> {
        let answer = move |view: &View, at| Some(rename::rename(view.set(), at, &params.new_name).map(|edits| view.edits(&edits)));
        let renamed = self.at(params.text_document_position, answer).await?;
        renamed.transpose().map(Option::flatten).map_err(refused)
    }

    async fn semantic_tokens_full(&self, params: lsp::SemanticTokensParams) -> Result<Option<lsp::SemanticTokensResult>> {
        let uri = params.text_document.uri;
        let found = self.of(&uri, |view| Some(convert::tokens::tokens(view, None))).await?;
        Ok(found.map(|data| lsp::SemanticTokensResult::Tokens(self.sent.full(&uri, data))))
    }

    async fn semantic_tokens_full_delta(&self, params: lsp::SemanticTokensDeltaParams) -> Result<Option<lsp::SemanticTokensFullDeltaResult>> {
        let uri = params.text_document.uri;
        let found = self.of(&uri, |view| Some(convert::tokens::tokens(view, None))).await?;
        Ok(found.map(|data| self.sent.delta(&uri, &params.previous_result_id, data)))
    }

    async fn semantic_tokens_range(&self, params: lsp::SemanticTokensRangeParams) -> Result<Option<lsp::SemanticTokensRangeResult>> {
        let answer = move |view: &View| Some(convert::tokens::tokens(view, Some(params.range)));
        let found = self.of(&params.text_document.uri, answer).await?;
        Ok(found.map(|data| lsp::SemanticTokensRangeResult::Tokens(lsp::SemanticTokens { result_id: None, data })))
    }

    async fn code_action(&self, params: lsp::CodeActionParams) -> Result<Option<lsp::CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        self.of(&uri, move |view| convert::actions::actions(view, &params)).await
    }

    async fn code_action_resolve(&self, action: lsp::CodeAction) -> Result<lsp::CodeAction> {
        let Some(uri) = convert::actions::document_of(&action) else { return Ok(action) };
        let asked = action.clone();
        let found = self.of_newest(&uri, move |view| Some(convert::actions::resolve(view, asked))).await?;
        Ok(found.unwrap_or(action))
    }

    async fn inlay_hint(&self, params: lsp::InlayHintParams) -> Result<Option<Vec<lsp::InlayHint>>> {
        self.of(&params.text_document.uri, move |view| convert::hints::hints(view, params.range)).await
    }

    async fn code_lens(&self, params: lsp::CodeLensParams) -> Result<Option<Vec<lsp::CodeLens>>> {
        self.of(&params.text_document.uri, convert::hints::lenses).await
    }

    async fn document_symbol(&self, params: lsp::DocumentSymbolParams) -> Result<Option<lsp::DocumentSymbolResponse>> {
        self.of(&params.text_document.uri, convert::symbols::of_document).await
    }

    async fn symbol(&self, params: lsp::WorkspaceSymbolParams) -> Result<Option<lsp::WorkspaceSymbolResponse>> {
        let found = self.of_all(move |homes, inputs| convert::symbols::of_sets(homes, inputs, &params.query)).await?;
        Ok(Some(lsp::WorkspaceSymbolResponse::Nested(found)))
    }

    async fn folding_range(&self, params: lsp::FoldingRangeParams) -> Result<Option<Vec<lsp::FoldingRange>>> {
        self.of(&params.text_document.uri, convert::symbols::folds).await
    }

    async fn selection_range(&self, params: lsp::SelectionRangeParams) -> Result<Option<Vec<lsp::SelectionRange>>> {
        self.of(&params.text_document.uri, move |view| Some(convert::navigation::selections(view, params.positions))).await
    }

    async fn document_link(&self, params: lsp::DocumentLinkParams) -> Result<Option<Vec<lsp::DocumentLink>>> {
        self.of(&params.text_document.uri, convert::navigation::links).await
    }

    async fn prepare_call_hierarchy(&self, params: lsp::CallHierarchyPrepareParams) -> Result<Option<Vec<lsp::CallHierarchyItem>>> {
        self.at(params.text_document_position_params, convert::navigation::prepare_hierarchy).await
    }

    async fn incoming_calls(&self, params: lsp::CallHierarchyIncomingCallsParams) -> Result<Option<Vec<lsp::CallHierarchyIncomingCall>>> {
        let at = params.item.selection_range.start;
        self.of_newest(&params.item.uri, move |view| convert::navigation::incoming(view, view.cursor(at))).await
    }

    async fn outgoing_calls(&self, params: lsp::CallHierarchyOutgoingCallsParams) -> Result<Option<Vec<lsp::CallHierarchyOutgoingCall>>> {
        let at = params.item.selection_range.start;
        self.of_newest(&params.item.uri, move |view| convert::navigation::outgoing(view, view.cursor(at))).await
    }

    async fn execute_command(&self, params: lsp::ExecuteCommandParams) -> Result<Option<lsp::LSPAny>> {
        crate::commands::execute(&self.client, &self.state, params).await
    }

    async fn shutdown(&self) -> Result<()> {
        self.state.leave();
        Ok(())
    }
}

/// What an author asks that cannot be done, with the reason.
fn refused(reason: String) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: reason.into(), data: None }
}

/// The protocol's code for a request that was understood and cannot be met.
const REQUEST_FAILED: i64 = -32803;
