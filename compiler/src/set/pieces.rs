//! The files of a set, as pieces: each item with the text before it, parsed on its own and kept as long as its text stands somewhere in its file.

use std::sync::Arc;

use crate::check::symbols::{STD, name_of};
use crate::check::{SourceFile, SourceItem};
use crate::diagnostic::{Code, Diagnostic, FileId, Location};
use crate::syntax::ast::{Item, ItemKind, Span};
use crate::syntax::{self, BrokenItem, ParsedPiece, SyntaxLimits};

use super::reuse::{self, Known};

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
    pub fn add(&mut self, file: FileId, start: u32) -> FileId {
        let id = self.next();
        self.places.push((file, start));
        id
    }

    /// Moves a piece.
    pub fn set(&mut self, piece: FileId, start: u32) {
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
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
    /// What is wrong with the file as a whole.
    diagnostics: Vec<Diagnostic>,
}

/// A piece of a file.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its number.
    pub id: FileId,
    /// Its text in the file's.
    pub span: Span,
    /// Whether every bracket in it is closed in it.
    pub is_balanced: bool,
    /// What it was read as.
    pub parsed: Arc<ParsedPiece>,
}

/// What rules, tests and properties begin with.
const RULES: [&str; 5] = ["allow", "review", "deny", "test", "property"];

/// How a file differs from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// In rules, tests and properties alone; `renamed`: in the names of rules too, or in which of them can be read.
    Rules { renamed: bool },
    /// In what some `let`s and `fn`s say, and perhaps in rules, tests and properties that have the names that they had.
    Definitions,
    /// In what rules refer to.
    Declarations,
}

impl Change {
    /// What two changes are together.
    pub fn and(self, other: Change) -> Change {
        match self.max(other) {
            // Names of rules do not stay the same.
            Change::Definitions if self.min(other) == (Change::Rules { renamed: true }) => Change::Declarations,
            both => both,
        }
    }
}

impl ParsedFile {
    /// Parses a file; what is known of its pieces is taken from there.
    pub fn parse(id: FileId, text: &str, known: Option<Known<'_>>, pieces: &mut Pieces) -> ParsedFile {
        let whole = pieces.add(id, 0);
        let mut file = ParsedFile { id, package: String::new(), package_at: Location::default(), pieces: Vec::new(), diagnostics: Vec::new() };
        if let Some(diagnostic) = syntax::too_large(text, whole, &SyntaxLimits::default()) {
            file.diagnostics.push(diagnostic);
            return file;
        }
        file.pieces = reuse::pieces(id, text, known, pieces);
        file.find_package(whole);
        file
    }

    fn find_package(&mut self, whole: FileId) {
        let first = self.pieces.first().map(|piece| Location { file: piece.id, span: piece.parsed.first_token });
        let mut found = Vec::new();
        let package = syntax::find_package(self.items(), self.broken(), first, whole, &mut found);
        if let Some((at, package)) = package {
            self.package_at = at;
            self.package = package;
        }
        self.diagnostics = found;
    }

    /// The items that could be read, each with its piece.
    fn items(&self) -> impl Iterator<Item = (FileId, &Item)> {
        self.pieces.iter().filter_map(|piece| Some((piece.id, piece.parsed.item.as_ref()?)))
    }

    fn broken(&self) -> impl Iterator<Item = (FileId, &BrokenItem)> {
        self.pieces.iter().filter_map(|piece| Some((piece.id, piece.parsed.broken.as_ref()?)))
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
        let mut items = Vec::with_capacity(self.pieces.len());
        items.extend(self.items().map(|(piece, item)| SourceItem { piece, item }));
        SourceFile { id: self.id, package: &self.package, items }
    }

    /// Names of items that could not be read, with the package; tools, whose names have their quotes, are of none.
    pub fn broken_names(&self) -> impl Iterator<Item = (String, String)> {
        let names = self.broken().filter_map(|(_, item)| item.name.as_ref());
        let package = |name: &str| if name.starts_with('"') { String::new() } else { self.package.clone() };
        names.map(move |name| (package(&name.text), name.text.to_string()))
    }

    /// How a later state of the file differs from this one.
    pub fn compare(&self, after: &ParsedFile) -> Change {
        let (before, now) = differing(&self.pieces, &after.pieces);
        let declarations = |pieces: &'_ [Piece]| -> Vec<Piece> { pieces.iter().filter(|piece| piece.declares()).cloned().collect() };
        let renamed = rule_names(before) != rule_names(now);
        let (before, now) = (declarations(before), declarations(now));
        let differing = || before.iter().zip(&now).filter(|(before, now)| before.id != now.id);
        if self.package != after.package || before.len() != now.len() {
            Change::Declarations
        } else if differing().next().is_none() {
            Change::Rules { renamed }
        } else if !renamed && differing().all(|(before, now)| before.defines_as(now)) {
            Change::Definitions
        } else {
            Change::Declarations
        }
    }
}

/// Two lists of pieces without what they begin and end with in common.
fn differing<'p>(before: &'p [Piece], after: &'p [Piece]) -> (&'p [Piece], &'p [Piece]) {
    let same = |(a, b): &(&Piece, &Piece)| a.id == b.id;
    let first = before.iter().zip(after).take_while(same).count();
    let (before, after) = (before.get(first..).unwrap_or_default(), after.get(first..).unwrap_or_default());
    let last = before.iter().rev().zip(after.iter().rev()).take_while(same).count();
    let inner = |pieces: &'p [Piece]| pieces.get(..pieces.len() - last).unwrap_or_default();
    (inner(before), inner(after))
}

/// The names of the rules in some pieces, sorted; each with whether it can be read.
fn rule_names(pieces: &[Piece]) -> Vec<(&str, bool)> {
    let items = pieces.iter().filter_map(|piece| piece.parsed.item.as_ref()).filter(|item| matches!(item.kind, ItemKind::Rule(_)));
    let broken = pieces.iter().filter_map(|piece| piece.parsed.broken.as_ref()?.name.as_ref());
    let mut names: Vec<(&str, bool)> =
        items.filter_map(name_of).map(|name| (name.text.as_str(), true)).chain(broken.map(|name| (name.text.as_str(), false))).collect();
    names.sort_unstable();
    names
}

impl Piece {
    /// Whether both hold a `let`, or both a `fn`, of one name.
    fn defines_as(&self, other: &Piece) -> bool {
        let items = (self.parsed.item.as_ref().map(|item| &item.kind), other.parsed.item.as_ref().map(|item| &item.kind));
        match items {
            (Some(ItemKind::Let { name, .. }), Some(ItemKind::Let { name: now, .. }))
            | (Some(ItemKind::Fn { name, .. }), Some(ItemKind::Fn { name: now, .. })) => name.text == now.text,
            _ => false,
        }
    }

    /// Whether rules may refer to what the piece holds. What cannot be read may be anything, unless it begins as a rule does.
    fn declares(&self) -> bool {
        let is_rule = |item: &Item| matches!(item.kind, ItemKind::Rule(_) | ItemKind::Test(_) | ItemKind::Property { .. });
        let begins_rule = |broken: &BrokenItem| broken.keyword.as_ref().is_some_and(|keyword| RULES.contains(&keyword.text.as_str()));
        let is_named = self.parsed.broken.as_ref().is_some_and(|broken| broken.name.is_some() && !begins_rule(broken));
        is_named || self.parsed.item.as_ref().is_some_and(|item| !is_rule(item))
    }
}
