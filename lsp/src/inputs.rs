//! What the editor has said: its folders, open documents and wishes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use tower_lsp::ls_types::{
    ClientCapabilities, DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    InitializeParams,
};

use crate::documents::{Documents, path_of};
use crate::files;
use crate::position::Encoding;

/// What is known of the editor and from it.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Its folders.
    pub folders: Vec<PathBuf>,
    /// Its open documents.
    pub documents: Documents,
    /// What it can do.
    pub client: Client,
    /// What it wishes.
    pub settings: Settings,
    /// By which recorded inputs policies are decided live, where that was chosen; see [`crate::commands`].
    pub chosen: BTreeMap<PathBuf, Option<PathBuf>>,
    /// Counts what may have changed on disk; see [`Inputs::disk`].
    generation: u64,
}

/// What an editor can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    /// What positions count.
    pub encoding: Encoding,
    /// Whether it asks for diagnostics, so that none are sent unasked.
    pub pulls: bool,
    /// Whether it tells when watched files change.
    pub watches: bool,
    /// Whether it understands snippets.
    pub snippets: bool,
    /// Whether places to go to may say from which name.
    pub links: bool,
    /// What it can be told to ask for again.
    pub refreshes: Refreshes,
}

/// What an editor can be told to ask for again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refreshes {
    /// Diagnostics.
    pub diagnostics: bool,
    /// Inlay hints.
    pub hints: bool,
    /// Code lenses.
    pub lenses: bool,
}

/// What an editor's user may set, under `tollgate` in the editor's settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Settings {
    /// Which inlay hints are shown.
    pub inlay_hints: HintSettings,
    /// Which code lenses are shown.
    pub code_lens: LensSettings,
}

/// Which inlay hints are shown.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HintSettings {
    /// Types that are not written.
    pub types: bool,
    /// Names of parameters.
    pub parameter_names: bool,
    /// What each test came to.
    pub effects: bool,
    /// What is decided of a recorded input.
    pub decisions: bool,
}

/// Which code lenses are shown.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LensSettings {
    /// Those that run tests.
    pub tests: bool,
    /// How much of a rule its tests cover.
    pub coverage: bool,
    /// How many recorded calls a rule matched.
    pub replay: bool,
}

impl Default for HintSettings {
    fn default() -> HintSettings {
        HintSettings { types: true, parameter_names: true, effects: true, decisions: true }
    }
}

impl Default for LensSettings {
    fn default() -> LensSettings {
        LensSettings { tests: true, coverage: true, replay: true }
    }
}

impl Inputs {
    /// What the first message says.
    pub fn begin(&mut self, params: &InitializeParams) {
        self.folders = folders(params);
        self.client = Client::of(&params.capabilities);
        if let Some(options) = &params.initialization_options {
            self.configure(options);
        }
    }

    /// Applies a notification; gives whether it may change what is to be said of policies. A malformed one changes nothing: the handler that gets it
    /// next says so.
    pub fn notice(&mut self, method: &str, params: Value) -> bool {
        match method {
            "textDocument/didOpen" => self.apply(params, |inputs, params: DidOpenTextDocumentParams| inputs.documents.open(params)),
            "textDocument/didChange" => self.apply(params, Inputs::change),
            "textDocument/didClose" => self.apply(params, |inputs, params: DidCloseTextDocumentParams| {
                inputs.documents.close(&params);
                inputs.generation += 1;
            }),
            "workspace/didChangeWorkspaceFolders" => self.apply(params, Inputs::change_folders),
            "workspace/didChangeConfiguration" => {
                self.configure(params.get("settings").and_then(|settings| settings.get("tollgate")).unwrap_or(&Value::Null));
                true
            }
            "initialized" | "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.generation += 1;
                true
            }
            _ => false,
        }
    }

    /// A number that changes with whatever may have changed on disk; nothing tells where the editor watches no files.
    pub fn disk(&self) -> Option<u64> {
        self.client.watches.then_some(self.generation)
    }

    /// What a file holds that has at most so many bytes; an open document counts instead of it.
    pub fn read(&self, path: &Path, most: u64) -> Option<Vec<u8>> {
        match self.documents.get(path) {
            Some(document) => Some(document.text.as_bytes().to_vec()).filter(|bytes| u64::try_from(bytes.len()).is_ok_and(|length| length <= most)),
            None => files::read(path, most),
        }
    }

    /// The version of the open document at a path.
    pub fn version(&self, path: &Path) -> Option<i32> {
        self.documents.get(path).map(|document| document.version)
    }

    fn apply<P: serde::de::DeserializeOwned>(&mut self, params: Value, change: impl FnOnce(&mut Inputs, P)) -> bool {
        let read = serde_json::from_value(params);
        let is_read = read.is_ok();
        if let Ok(params) = read {
            change(self, params);
        }
        is_read
    }

    /// Changes of a document that is not open mean nothing.
    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = path_of(&params.text_document.uri) else { return };
        let Some(document) = self.documents.get(&path) else { return };
        let document = document.changed(params.text_document.version, params.content_changes, self.client.encoding);
        self.documents.replace(path, document);
    }

    fn change_folders(&mut self, params: DidChangeWorkspaceFoldersParams) {
        let gone: Vec<PathBuf> = params.event.removed.iter().filter_map(|folder| path_of(&folder.uri)).collect();
        self.folders.retain(|folder| !gone.contains(folder));
        self.folders.extend(params.event.added.iter().filter_map(|folder| path_of(&folder.uri)));
        self.generation += 1;
    }

    /// Settings that cannot be read are as if they were not given.
    fn configure(&mut self, settings: &Value) {
        if let Ok(settings) = Settings::deserialize(settings) {
            self.settings = settings;
        }
    }
}

impl Client {
    fn of(capabilities: &ClientCapabilities) -> Client {
        let (document, workspace) = (capabilities.text_document.as_ref(), capabilities.workspace.as_ref());
        let offered = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let item = document.and_then(|document| document.completion.as_ref()?.completion_item.as_ref());
        let is_set = |flag: Option<bool>| flag.unwrap_or(false);
        Client {
            encoding: Encoding::agreed(offered.unwrap_or_default()),
            pulls: document.is_some_and(|document| document.diagnostic.is_some()),
            watches: is_set(workspace.and_then(|workspace| workspace.did_change_watched_files?.dynamic_registration)),
            snippets: is_set(item.and_then(|item| item.snippet_support)),
            links: is_set(document.and_then(|document| document.definition?.link_support)),
            refreshes: Refreshes {
                diagnostics: is_set(workspace.and_then(|workspace| workspace.diagnostics.as_ref()?.refresh_support)),
                hints: is_set(workspace.and_then(|workspace| workspace.inlay_hint.as_ref()?.refresh_support)),
                lenses: is_set(workspace.and_then(|workspace| workspace.code_lens.as_ref()?.refresh_support)),
            },
        }
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
