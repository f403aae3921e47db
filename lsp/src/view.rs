//! A file of a policy set as one request sees it, with the way between its places and the protocol's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types::{self as lsp, Position, Range, Uri, WorkspaceEdit};

use crate::analysis::{Cursor, TextEdit};
use crate::inputs::Inputs;
use crate::library;
use crate::position::Lines;
use crate::world::Home;

/// A file of a set, and the rest of the set around it.
pub struct View {
    /// The set and what it belongs to.
    pub home: Home,
    /// The file.
    pub file: FileId,
    /// What the editor has said.
    pub inputs: Inputs,
    lines: RefCell<HashMap<FileId, Rc<Lines>>>,
}

impl View {
    /// The file at a path, where the set has it.
    pub fn new(home: Home, path: &Path, inputs: Inputs) -> Option<View> {
        let files = home.set.sources().files().iter();
        let (file, _) = (0..).map(FileId).zip(files).find(|(_, source)| Path::new(&source.path) == path)?;
        Some(View { home, file, inputs, lines: RefCell::default() })
    }

    /// The same set seen from no file of its own.
    pub fn of_set(home: Home, inputs: Inputs) -> View {
        View { home, file: FileId::default(), inputs, lines: RefCell::default() }
    }

    /// The set.
    pub fn set(&self) -> &PolicySet {
        &self.home.set
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        self.set().sources().text(self.file)
    }

    /// Where the lines of a file of the set begin.
    pub fn lines(&self, file: FileId) -> Rc<Lines> {
        let encoding = self.inputs.client.encoding;
        let make = || Rc::new(Lines::new(self.set().sources().text(file), encoding));
        self.lines.borrow_mut().entry(file).or_insert_with(make).clone()
    }

    /// The place of a position in the file.
    pub fn cursor(&self, position: Position) -> Cursor {
        Cursor { file: self.file, offset: self.lines(self.file).offset(position) }
    }

    /// The span of a range in the file.
    pub fn span(&self, range: Range) -> Span {
        self.lines(self.file).span(range)
    }

    /// The range of a span in the file.
    pub fn range(&self, span: Span) -> Range {
        self.lines(self.file).range(span)
    }

    /// The position of an offset in the file.
    pub fn position(&self, offset: u32) -> Position {
        self.lines(self.file).position(offset)
    }

    /// The range of a place, whichever file of the set it is in.
    pub fn range_of(&self, at: Location) -> Range {
        self.lines(at.file).range(at.span)
    }

    /// How the editor calls a file of the set. What the language itself has is written to files of the user's for it.
    pub fn uri(&self, file: FileId) -> Option<Uri> {
        let source = self.set().sources().get(file)?;
        if file.0 as usize >= self.set().own_files() {
            return Uri::from_file_path(library::source(&source.path, &source.text)?);
        }
        uri_of(&self.inputs, Path::new(&source.path))
    }

    /// A place of the set as the editor calls it.
    pub fn location(&self, at: Location) -> Option<lsp::Location> {
        Some(lsp::Location { uri: self.uri(at.file)?, range: self.range_of(at) })
    }

    /// An edit of the file.
    pub fn edit(&self, edit: &TextEdit) -> lsp::TextEdit {
        lsp::TextEdit { range: self.range_of(edit.at), new_text: edit.text.clone() }
    }

    /// Edits of the set's own files; `None` where one is of a file that nobody can edit.
    pub fn edits(&self, edits: &[TextEdit]) -> Option<WorkspaceEdit> {
        let mut changes: HashMap<Uri, Vec<lsp::TextEdit>> = HashMap::new();
        for edit in edits {
            if edit.at.file.0 as usize >= self.set().own_files() {
                return None;
            }
            changes.entry(self.uri(edit.at.file)?).or_default().push(self.edit(edit));
        }
        Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
    }

    /// The file of the project's data of that full name: `NAME.json`, by the full name or its last part.
    pub fn data_file(&self, name: &str) -> Option<PathBuf> {
        let folder = self.home.project.data.as_ref()?;
        let last = name.rsplit('.').next().unwrap_or(name);
        [name, last].iter().map(|name| folder.join(format!("{name}.json"))).find(|path| path.is_file())
    }
}

/// How the editor calls the file at a path.
pub fn uri_of(inputs: &Inputs, path: &Path) -> Option<Uri> {
    inputs.documents.get(path).map(|document| document.uri.clone()).or_else(|| Uri::from_file_path(path))
}
