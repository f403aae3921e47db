//! The open documents: texts that count instead of those on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tower_lsp::ls_types::{DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, TextDocumentContentChangeEvent, Uri};

use crate::convert::offset;

/// The open documents by their paths.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    open: BTreeMap<PathBuf, Document>,
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
        if let Some(path) = path_of(&document.uri) {
            self.open.insert(path, Document { uri: document.uri, version: document.version, text: document.text.into() });
        }
    }

    /// A document's text has changed. Changes of a document that is not open mean nothing.
    pub fn change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(document) = path_of(&params.text_document.uri).and_then(|path| self.open.get_mut(&path)) else { return };
        let text = params.content_changes.into_iter().fold(document.text.to_string(), changed);
        document.text = text.into();
        document.version = params.text_document.version;
    }

    /// A document is no longer open.
    pub fn close(&mut self, params: &DidCloseTextDocumentParams) {
        if let Some(path) = path_of(&params.text_document.uri) {
            self.open.remove(&path);
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

/// The path of a document that is a file.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    (uri.scheme().as_str() == "file").then(|| uri.to_file_path()).flatten().map(|path| path.into_owned())
}

fn changed(mut text: String, change: TextDocumentContentChangeEvent) -> String {
    let Some(range) = change.range else { return change.text };
    let start = offset(&text, range.start);
    let end = offset(&text, range.end).max(start);
    text.replace_range(start..end, &change.text);
    text
}

#[cfg(test)]
mod tests {
    use tower_lsp::ls_types::{Position, Range};

    use super::*;

    fn edit(text: &str, from: (u32, u32), to: (u32, u32), new: &str) -> String {
        let range = Range::new(Position::new(from.0, from.1), Position::new(to.0, to.1));
        changed(text.to_owned(), TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: new.to_owned() })
    }

    #[test]
    fn edits_count_in_utf_16() {
        assert_eq!(edit("a😀b\r\nc", (0, 3), (0, 4), "x"), "a😀x\r\nc");
        assert_eq!(edit("a😀b\r\nc", (0, 1), (1, 0), ""), "ac");
    }

    #[test]
    fn places_beyond_the_text_are_its_ends() {
        assert_eq!(edit("ab\ncd", (0, 99), (0, 99), "!"), "ab!\ncd");
        assert_eq!(edit("ab", (7, 0), (9, 9), "!"), "ab!");
        assert_eq!(edit("ab", (0, 2), (0, 0), "!"), "ab!");
    }
}
