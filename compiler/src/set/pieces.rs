//! The files of a set, as pieces: each item with the text before it, parsed on its own and kept as long as its text stands somewhere in its file.

use std::collections::HashMap;
use std::sync::Arc;

use crate::check::symbols::{STD, name_of, path_text};
use crate::check::{SourceFile, SourceItem};
use crate::diagnostic::{Code, Diagnostic, FileId, Location};
use crate::syntax::ast::{Item, ItemKind, Span};
use crate::syntax::{BrokenItem, Cut, ParsedPiece, SyntaxLimits, find_package, too_large};

/// Where the pieces of a set are. Pieces are numbered as files are, so that a place says which of them it is in; a number is never used again.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    places: Vec<(FileId, u32)>,
}

impl Pieces {
    /// The number of the next piece.
    pub fn next(&self) -> FileId {
        FileId(u32::try_from(self.places.len()).unwrap_or(u32::MAX))
    }

    /// A number for a piece that begins there.
    fn add(&mut self, file: FileId, start: u32) -> FileId {
        let id = self.next();
        self.places.push((file, start));
        id
    }

    fn set(&mut self, piece: FileId, start: u32) {
        if let Some((_, place)) = self.places.get_mut(piece.0 as usize) {
            *place = start;
        }
    }

    /// A place in a piece as one in its file.
    pub fn place(&self, at: Location) -> Option<Location> {
        let (file, start) = self.places.get(at.file.0 as usize)?;
        let moved = |offset: u32| offset.saturating_add(*start);
        Some(Location { file: *file, span: Span { start: moved(at.span.start), end: moved(at.span.end) } })
    }
}

/// A file.
#[derive(Clone, Debug)]
pub struct ParsedFile {
    /// Its number.
    pub id: FileId,
    /// Its package; empty where it has none.
    pub package: String,
    /// Where its package is named.
    package_at: Location,
    pieces: Vec<Piece>,
    /// What is wrong with the file as a whole.
    diagnostics: Vec<Diagnostic>,
}

/// A piece of a file.
#[derive(Clone, Debug)]
struct Piece {
    id: FileId,
    /// Its text in the file's.
    span: Span,
    parsed: Arc<ParsedPiece>,
}

/// How a file differs from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// In what rules refer to.
    Declarations,
    /// In rules, tests and properties alone; `renamed`: in their names too.
    Rules { renamed: bool },
}

impl ParsedFile {
    /// Parses a file; what `before` (and its text) has of its pieces is taken from there.
    pub fn parse(id: FileId, text: &str, before: Option<(&ParsedFile, &str)>, pieces: &mut Pieces) -> ParsedFile {
        let limits = SyntaxLimits::default();
        let whole = pieces.add(id, 0);
        let mut file = ParsedFile { id, package: String::new(), package_at: Location::default(), pieces: Vec::new(), diagnostics: Vec::new() };
        if let Some(diagnostic) = too_large(text, whole, &limits) {
            file.diagnostics.push(diagnostic);
            return file;
        }
        let mut known = before.map(|(file, text)| file.by_text(text)).unwrap_or_default();
        let cut = Cut::new(text);
        for piece in cut.pieces() {
            let begins = piece.start == 0;
            let span = Span { start: piece.start, end: piece.start + piece.text.len() as u32 };
            file.pieces.push(match known.get_mut(&(begins, piece.text)).and_then(Vec::pop) {
                Some(old) => {
                    pieces.set(old.id, span.start);
                    Piece { span, ..old.clone() }
                }
                None => {
                    let id = pieces.add(id, span.start);
                    Piece { id, span, parsed: Arc::new(piece.parse(id, &limits)) }
                }
            });
        }
        let first = cut.first_token().map(|span| Location { file: whole, span });
        let first = file.pieces.first().zip(first).map(|(piece, first)| {
            let of_piece = |offset: u32| offset.saturating_sub(piece.span.start);
            Location { file: piece.id, span: Span { start: of_piece(first.span.start), end: of_piece(first.span.end) } }
        });
        let mut found = Vec::new();
        let package = find_package(file.items(), file.broken(), first, whole, &mut found);
        file.diagnostics = found;
        if let Some(package) = package {
            let home = file.items().find(|(_, item)| matches!(&item.kind, ItemKind::Package(path) if *path == package));
            file.package_at = Location { file: home.map_or(whole, |(piece, _)| piece), span: package.span };
            file.package = path_text(&package);
        }
        file
    }

    /// The pieces by their texts, of equal ones the first last. The first of the file is not like others: a line begins with it.
    fn by_text<'f>(&'f self, text: &'f str) -> HashMap<(bool, &'f str), Vec<&'f Piece>, foldhash::fast::RandomState> {
        let mut known: HashMap<_, Vec<&Piece>, _> = HashMap::default();
        for piece in self.pieces.iter().rev() {
            known.entry((piece.span.start == 0, piece.span.of(text))).or_default().push(piece);
        }
        known
    }

    /// The items that could be read, each with its piece.
    fn items(&self) -> impl Iterator<Item = (FileId, &Item)> {
        self.pieces.iter().filter_map(|piece| Some((piece.id, piece.parsed.item.as_ref()?)))
    }

    fn broken(&self) -> impl Iterator<Item = &BrokenItem> {
        self.pieces.iter().filter_map(|piece| piece.parsed.broken.as_ref())
    }

    /// Whether the file says that it is of the standard library.
    pub fn is_standard(&self) -> bool {
        self.package == STD
    }

    /// What is wrong with its text; `may_be_standard`: whether it may be of the standard library.
    pub fn diagnostics(&self, may_be_standard: bool) -> impl Iterator<Item = Diagnostic> {
        let misnamed = (self.is_standard() && !may_be_standard).then(|| {
            let message = "`std` is the standard library's package";
            Diagnostic::error(Code::HiddenName, self.package_at, message).with_help("give the package another name")
        });
        let of_pieces = self.pieces.iter().flat_map(|piece| &piece.parsed.diagnostics);
        of_pieces.chain(&self.diagnostics).cloned().chain(misnamed)
    }

    /// The file as it is checked.
    pub fn source(&self) -> SourceFile<'_> {
        SourceFile { id: self.id, package: &self.package, items: self.items().map(|(piece, item)| SourceItem { piece, item }).collect() }
    }

    /// Names of items that could not be read, with the package.
    pub fn broken_names(&self) -> impl Iterator<Item = (String, String)> {
        let names = self.broken().filter_map(|item| item.name.as_ref());
        names.map(|name| (self.package.clone(), name.text.to_string()))
    }

    /// How a later state of the file differs from this one.
    pub fn compare(&self, after: &ParsedFile) -> Change {
        let declarations = |file: &ParsedFile| file.pieces.iter().filter(|piece| piece.declares()).map(|piece| piece.id).collect::<Vec<_>>();
        if self.package != after.package || declarations(self) != declarations(after) {
            return Change::Declarations;
        }
        let names = |file: &ParsedFile| {
            let mut names: Vec<String> = file.items().filter_map(|(_, item)| rule_name(item)).map(str::to_owned).collect();
            names.sort_unstable();
            names
        };
        Change::Rules { renamed: names(self) != names(after) }
    }
}

impl Piece {
    /// Whether rules may refer to what the piece holds. What cannot be read may be anything.
    fn declares(&self) -> bool {
        let is_rule = |item: &Item| matches!(item.kind, ItemKind::Rule(_) | ItemKind::Test(_) | ItemKind::Property { .. });
        let is_named = self.parsed.broken.as_ref().is_some_and(|broken| broken.name.is_some());
        is_named || self.parsed.item.as_ref().is_some_and(|item| !is_rule(item))
    }
}

fn rule_name(item: &Item) -> Option<&str> {
    if matches!(item.kind, ItemKind::Rule(_)) { name_of(item).map(|name| name.text.as_str()) } else { None }
}
