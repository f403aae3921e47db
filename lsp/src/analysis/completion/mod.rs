//! Completion: what may be written at a cursor, and what each of it is.
//!
//! [`context`] says what may stand there, by the tokens before the cursor; each offer has a function that lists it. Types come from the item with a
//! name put in where the cursor is ([`probing`]).

mod catalog;
mod context;
mod documentation;
mod items;
mod members;
mod names;
mod probing;
mod quoted;
mod records;
mod snippet;
#[cfg(test)]
mod tests;
mod words;

use tollgate_compiler::PolicySet;
use tollgate_compiler::syntax::ast::Span;

use super::reading::Reading;
use super::seen::Seen;
use super::{Cursor, TextEdit};
use context::Offer;
pub use documentation::{About, documentation};
use probing::Probing;
use snippet::Snippet;

/// What changes share with completion.
pub(super) use catalog::{import_edit, import_text, taken_words, word_for};

/// What signature help shares with completion.
pub(super) mod calls {
    pub use super::catalog::{Types, declared, imports};
    pub use super::context::{Role, roles};
    pub use super::documentation::method as method_documentation;
    pub use super::names::parameter;
    pub use super::probing::Probing;
    pub use super::words::ANNOTATIONS;
}

/// The keys of data, by its full name.
pub type DataKeys<'a> = &'a dyn Fn(&str) -> Vec<String>;

/// What a set does not know of its surroundings.
#[derive(Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// The keys of the data that are known, by its full name.
    pub data_keys: Option<DataKeys<'a>>,
    /// What recorded requests and data have where a policy reads JSON.
    pub seen: Option<Seen<'a>>,
}

/// Something that may be written at a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its type or signature, in short; may be empty.
    pub detail: String,
    /// What [`documentation`] tells of.
    pub about: About,
    /// What it replaces.
    pub replaced: Span,
    /// What is written there.
    pub text: String,
    /// Whether that has places to fill in: `$1`, `${2:hint}`.
    pub is_snippet: bool,
    /// What is written elsewhere.
    pub additional: Vec<TextEdit>,
    /// What it is sorted by.
    pub sort: String,
    /// What it is found by, where that is not the label.
    pub filter: Option<String>,
    /// Whether it is not to be used any more.
    pub deprecated: bool,
}

/// The sorts of completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A variable.
    Variable,
    /// A field of a record, or of the request.
    Field,
    /// A fact of a tool's declaration.
    Fact,
    /// A method.
    Method,
    /// A function, or a constructor of a constant.
    Function,
    /// A `let`.
    Let,
    /// Data.
    Data,
    /// A score.
    Score,
    /// A type.
    Type,
    /// A variant of an enum.
    Variant,
    /// A key of data.
    Key,
    /// A rule.
    Rule,
    /// An obligation.
    Obligation,
    /// A parameter of an obligation.
    Parameter,
    /// A tool, or a pattern of tools.
    Tool,
    /// A package.
    Package,
    /// A keyword.
    Keyword,
    /// Several lines, or words, at once.
    Snippet,
    /// An annotation.
    Annotation,
    /// A lint.
    Lint,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 20] = [
        Kind::Variable,
        Kind::Field,
        Kind::Fact,
        Kind::Method,
        Kind::Function,
        Kind::Let,
        Kind::Data,
        Kind::Score,
        Kind::Type,
        Kind::Variant,
        Kind::Key,
        Kind::Rule,
        Kind::Obligation,
        Kind::Parameter,
        Kind::Tool,
        Kind::Package,
        Kind::Keyword,
        Kind::Snippet,
        Kind::Annotation,
        Kind::Lint,
    ];
}

/// What may be written at a cursor, in the order in which it is shown.
pub fn complete(set: &PolicySet, at: Cursor, about: &Surroundings<'_>) -> Vec<Completion> {
    let Some(reading) = Reading::new(set, at) else { return Vec::new() };
    let here = Here { set, reading: &reading, probing: Probing::new(set, &reading), about };
    let mut found: Vec<Completion> = Vec::new();
    for offer in context::offers(&reading) {
        // Braces that make a record hold no names.
        if offer != Offer::Names || here.reading.last().is_some() || found.is_empty() || !found.iter().all(|known| is_key(known.kind)) {
            found.extend(here.list(offer));
        }
    }
    found.sort_by(|a, b| (&a.sort, &a.label).cmp(&(&b.sort, &b.label)));
    found.dedup_by(|a, b| a.label == b.label && a.text == b.text);
    found
}

fn is_key(kind: Kind) -> bool {
    matches!(kind, Kind::Field | Kind::Snippet)
}

/// A cursor with all that is known of it.
struct Here<'r, 's, 'a> {
    set: &'s PolicySet,
    reading: &'r Reading<'s>,
    probing: Probing<'r, 's>,
    about: &'a Surroundings<'a>,
}

impl Here<'_, '_, '_> {
    fn list(&self, offer: Offer) -> Vec<Completion> {
        match offer {
            Offer::Items => items::items(self),
            Offer::Members => members::members(self),
            Offer::Optionals => members::optionals(self),
            Offer::Names => names::names(self),
            Offer::Keys => records::keys(self),
            Offer::Quoted => quoted::quoted(self),
            Offer::Tools => quoted::tools(self, false),
            Offer::QuotedTools => quoted::tools(self, true),
            Offer::Types => names::types(self),
            Offer::Obligations => names::obligations(self),
            Offer::Parameters => names::parameters(self),
            Offer::Rules => names::rules(self),
            Offer::Data => names::data(self),
            Offer::Packages => names::packages(self),
            Offer::Annotations => words::annotations(self),
            Offer::Arguments => words::arguments(self),
            Offer::Words(words) => words::words(self, words),
        }
    }

    /// A completion that writes its label.
    fn completion(&self, label: impl Into<String>, kind: Kind, rank: u8) -> Completion {
        let label = label.into();
        Completion {
            text: label.clone(),
            sort: format!("{rank}"),
            label,
            kind,
            detail: String::new(),
            about: About::Nothing,
            replaced: self.reading.word,
            is_snippet: false,
            additional: Vec::new(),
            filter: None,
            deprecated: false,
        }
    }

    /// Whether arguments are written already after the cursor's word.
    fn is_called(&self) -> bool {
        self.reading.text.get(self.reading.word.end as usize..).is_some_and(|rest| rest.starts_with('('))
    }
}

impl Completion {
    fn detail(self, detail: impl Into<String>) -> Completion {
        Completion { detail: detail.into(), ..self }
    }

    fn about(self, about: About) -> Completion {
        Completion { about, ..self }
    }

    fn text(self, text: impl Into<String>) -> Completion {
        Completion { text: text.into(), ..self }
    }

    fn snippet(self, snippet: Snippet) -> Completion {
        Completion { is_snippet: snippet.has_stops(), text: snippet.finish(), ..self }
    }
}
