//! What an editor can be told about a policy set: plain functions on files, offsets and text, which know nothing of the protocol.

pub mod actions;
pub mod calls;
pub mod completion;
pub mod definition;
pub mod folding;
pub mod hierarchy;
pub mod hints;
pub mod hover;
mod layout;
pub mod lenses;
pub mod links;
pub mod live;
pub mod markdown;
#[cfg(test)]
mod marked;
pub mod names;
mod reading;
pub mod references;
pub mod rename;
mod renamed;
#[cfg(test)]
mod robust;
pub mod seen;
pub mod selection;
pub mod signature;
mod strings;
pub mod symbols;
pub mod tokens;
mod trees;
pub mod typing;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::Span;
use tollgate_compiler::{ItemAt, PolicySet, Use};

/// A place in a file of a set: a byte offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The file.
    pub file: FileId,
    /// The byte before which it stands.
    pub offset: u32,
}

/// Another text in the place of some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced.
    pub at: Location,
    /// By what.
    pub text: String,
}

impl Cursor {
    /// The place as an empty span.
    pub fn span(self) -> Span {
        Span { start: self.offset, end: self.offset }
    }
}

/// What the name at a place stands for, with the place of the whole name; of several things, the first.
pub fn name_at(set: &PolicySet, at: Cursor) -> Option<Use> {
    let inspection = set.inspect(at.file, at.span());
    inspection.uses_at(at.offset).min_by_key(|used| used.at.span.end - used.at.span.start).cloned()
}

/// The item whose text is around a place; between two items, the one before.
pub fn item_at(set: &PolicySet, at: Cursor) -> Option<ItemAt<'_>> {
    set.items(at.file).find(|item| (item.span.start..=item.span.end).contains(&at.offset))
}

/// The text of a file.
pub fn text_of(set: &PolicySet, file: FileId) -> &str {
    set.sources().text(file)
}
