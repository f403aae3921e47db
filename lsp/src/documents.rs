//! The open documents: texts that count instead of those on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tower_lsp::ls_types::{DidCloseTextDocumentParams, DidOpenTextDocumentParams, TextDocumentContentChangeEvent, Uri};

use crate::position::Encoding;
use crate::text::Text;

/// How editors call the language of policies.
const LANGUAGE: &str = "toll";
/// The scheme of documents that have no file yet.
const UNTITLED: &str = "untitled";

/// The open documents by their paths; every question has its own copy of what was open when it was asked.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    open: Arc<BTreeMap<PathBuf, Document>>,
}

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    /// How the editor calls it.
    pub uri: Uri,
    /// The version that the editor gave it.
    pub version: i32,
    /// Its text.
    pub text: Arc<str>,
}

impl Documents {
    /// A document is open now.
    pub fn open(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        // What has no file yet has no ending that tells what it is.
        let is_other = is_untitled(&document.uri) && document.language_id != LANGUAGE;
        if let Some(path) = path_of(&document.uri).filter(|_| !is_other) {
            self.replace(path, Document { uri: document.uri, version: document.version, text: document.text.into() });
        }
    }

    /// An open document has another text, or another version of the same.
    pub fn replace(&mut self, path: PathBuf, document: Document) {
        Arc::make_mut(&mut self.open).insert(path, document);
    }

    /// A document is no longer open.
    pub fn close(&mut self, params: &DidCloseTextDocumentParams) {
        if let Some(path) = path_of(&params.text_document.uri) {
            Arc::make_mut(&mut self.open).remove(&path);
        }
    }

    /// The open document at a path.
    pub fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// The open documents in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &Document)> {
        self.open.iter().map(|(path, document)| (path.as_path(), document))
    }
}

impl Document {
    /// The document after changes that were made one after the other, at positions in that encoding.
    pub fn changed(&self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) -> Document {
        let mut text = Text::new(&self.text, encoding);
        for change in changes {
            match change.range {
                Some(range) => text.edit(range, &change.text),
                None => text = Text::new(&change.text, encoding),
            }
        }
        Document { uri: self.uri.clone(), version, text: text.join().into() }
    }
}

/// The path of a document: its file's, or that which stands for a policy that has none yet.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    if is_untitled(uri) {
        return Some(PathBuf::from(format!("{}.toll", uri.as_str())));
    }
    (uri.scheme().as_str() == "file").then(|| uri.to_file_path()).flatten().map(|path| path.into_owned())
}

/// Whether that is the path of a document without a file.
pub fn has_no_file(path: &Path) -> bool {
    path.to_str().and_then(|path| path.strip_prefix(UNTITLED)).is_some_and(|rest| rest.starts_with(':'))
}

fn is_untitled(uri: &Uri) -> bool {
    uri.scheme().as_str() == UNTITLED
}
