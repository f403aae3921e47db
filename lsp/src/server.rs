//! The server: what it answers, and the task that checks and publishes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    Hover, HoverParams, HoverProviderCapability, InitializeParams, InitializeResult, InitializedParams, MessageType, ServerCapabilities, ServerInfo,
    TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use tower_lsp::{Client, LanguageServer};

use crate::FindProject;
use crate::documents::{Documents, path_of};
use crate::workspace::{Findings, Sets, Snapshot};

/// What the server knows, and who is told when it changes.
pub struct State {
    snapshot: Mutex<Snapshot>,
    /// What is known of the sets; held while something is found out about them.
    sets: Mutex<Sets>,
    changed: Notify,
}

impl State {
    /// Nothing open.
    pub fn new(find: FindProject) -> State {
        let snapshot = Snapshot { folders: Vec::new(), documents: Documents::default(), find };
        State { snapshot: Mutex::new(snapshot), sets: Mutex::default(), changed: Notify::new() }
    }

    /// Applies a message that changes what is to be checked; others are none of its business.
    pub fn notice(&self, method: &str, params: Option<&Value>) {
        let params = params.cloned().unwrap_or_default();
        match method {
            "textDocument/didOpen" => self.apply(params, Documents::open),
            "textDocument/didChange" => self.change(params),
            "textDocument/didClose" => self.apply(params, |documents, params: DidCloseTextDocumentParams| documents.close(&params)),
            "initialized" | "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.changed.notify_one(),
            _ => {}
        }
    }

    /// A malformed message changes nothing; the handler that gets it next says so.
    fn apply<P: serde::de::DeserializeOwned>(&self, params: Value, change: impl FnOnce(&mut Documents, P)) {
        if let Ok(params) = serde_json::from_value(params) {
            change(&mut self.lock().documents, params);
            self.changed.notify_one();
        }
    }

    /// Changes of a document that is not open mean nothing.
    fn change(&self, params: Value) {
        let Ok(params) = serde_json::from_value::<DidChangeTextDocumentParams>(params) else { return };
        let Some(path) = path_of(&params.text_document.uri) else { return };
        let Some(document) = self.lock().documents.get(&path).cloned() else { return };
        // Messages come one by one, so that nobody changes the document meanwhile; checking need not wait for many edits.
        let document = document.changed(params.text_document.version, params.content_changes);
        self.lock().documents.replace(path, document);
        self.changed.notify_one();
    }

    /// Finds something out about the sets as they are now. It blocks, while others do so too.
    fn find_out<T>(&self, about: impl FnOnce(&Snapshot, &mut Sets) -> T) -> T {
        // Of a set that somebody panicked over nothing is known.
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.lock().clone();
        about(&snapshot, &mut sets)
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        // A change that panicked has left a text as it was or as it is to be; both can be checked.
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks whatever is newest each time that something has changed, and publishes what is found.
pub async fn check_when_changed(client: Client, state: Arc<State>) {
    let mut published = BTreeSet::new();
    loop {
        state.changed.notified().await;
        let shared = state.clone();
        match tokio::task::spawn_blocking(move || shared.find_out(Snapshot::check)).await {
            Ok(findings) => published = publish(&client, findings, &published).await,
            Err(error) => client.log_message(MessageType::ERROR, format!("checking failed: {error}")).await,
        }
    }
}

/// Publishes what was found, takes back what is found no more, and gives the files that have findings now.
async fn publish(client: &Client, findings: Findings, before: &BTreeSet<Uri>) -> BTreeSet<Uri> {
    for error in findings.unread {
        client.log_message(MessageType::ERROR, error.to_string()).await;
    }
    for uri in before.iter().filter(|uri| !findings.files.contains_key(uri)) {
        client.publish_diagnostics(uri.clone(), Vec::new(), None).await;
    }
    let mut now = BTreeSet::new();
    for (uri, file) in findings.files {
        now.insert(uri.clone());
        client.publish_diagnostics(uri, file.diagnostics, file.version).await;
    }
    now
}

/// The handlers. Texts are kept elsewhere: see [`crate::in_order`].
pub struct Backend {
    state: Arc<State>,
}

impl Backend {
    /// Handlers over that state.
    pub fn new(state: Arc<State>) -> Backend {
        Backend { state }
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        self.state.lock().folders = folders(&params);
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        };
        let capabilities = ServerCapabilities {
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            ..ServerCapabilities::default()
        };
        let server = ServerInfo { name: "tollgate".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
        Ok(InitializeResult { capabilities, server_info: Some(server), ..InitializeResult::default() })
    }

    async fn initialized(&self, _: InitializedParams) {}

    async fn did_open(&self, _: DidOpenTextDocumentParams) {}

    async fn did_change(&self, _: DidChangeTextDocumentParams) {}

    async fn did_save(&self, _: DidSaveTextDocumentParams) {}

    async fn did_close(&self, _: DidCloseTextDocumentParams) {}

    async fn did_change_watched_files(&self, _: DidChangeWatchedFilesParams) {}

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let Some(path) = path_of(&text_document.uri) else { return Ok(None) };
        let state = self.state.clone();
        let found = tokio::task::spawn_blocking(move || state.find_out(|snapshot, sets| snapshot.hover(sets, &path, position)));
        found.await.map_err(|_| Error::internal_error())
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

/// The folders that the editor has open; older editors have one root.
fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let folders = params.workspace_folders.as_deref().unwrap_or_default();
    let named: Vec<PathBuf> = folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
    if !named.is_empty() {
        return named;
    }
    #[expect(deprecated, reason = "editors that know no workspace folders send it")]
    let root = params.root_uri.as_ref();
    root.and_then(path_of).into_iter().collect()
}
