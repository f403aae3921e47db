//! Diagnostics: what is wrong with a policy set, where, and how to mend it.
//!
//! A diagnostic is data until the last moment; [`render`] prints it for people and [`json`] for programs.

mod codes;
pub mod fix;
pub mod json;
mod nearest;
pub mod position;
pub mod render;

pub use codes::Code;
pub use nearest::{Suggestions, nearest};

pub use crate::sources::Sources;
use crate::syntax::ast::Span;

/// The longest sentence of a diagnostic, in bytes; the rest is `…`. A name may be as long as its file, and be named in every line of it.
const LONGEST: usize = 1000;

/// Identifies a source file of the set being compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileId(pub u32);

/// A span in one file of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The set does not compile.
    Error,
    /// The set compiles and probably does not do what its author means.
    Warning,
    /// Something worth knowing.
    Note,
}

/// One finding in a policy set.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its stable code, which gives its name and long page.
    pub code: Code,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong: lower case, no final full stop, the user's text in backticks.
    pub message: String,
    /// Where it is wrong.
    pub at: Location,
    /// Text under the primary span; empty where the message says it all.
    pub label: String,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// How to mend it.
    pub help: Option<String>,
    /// Edits that mend it, each a choice of its own.
    pub fixes: Vec<Fix>,
}

/// A second place that matters to a diagnostic.
#[derive(Clone, Debug)]
pub struct Label {
    /// Where.
    pub at: Location,
    /// Why it matters.
    pub text: String,
}

/// A machine-applicable remedy.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, as an editor's menu shows it.
    pub title: String,
    /// Its edits; they do not overlap.
    pub edits: Vec<Edit>,
    /// Whether only the author can say that it is what was meant: it is offered, and never applied by itself.
    pub is_choice: bool,
}

impl Fix {
    /// A fix of some edits, which do not overlap.
    pub fn new(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix { title: title.into(), edits, is_choice: false }
    }
}

/// A replacement of one span by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub at: Location,
    /// By what.
    pub text: String,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, at: Location, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: brief(message.into()),
            at,
            label: String::new(),
            labels: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, at: Location, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(code, at, message) }
    }

    /// Adds the text under the primary span.
    pub fn with_label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Adds a second place.
    pub fn with_secondary(mut self, at: Location, text: impl Into<String>) -> Self {
        self.labels.push(Label { at, text: brief(text.into()) });
        self
    }

    /// Says how to mend it.
    pub fn with_help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(brief(text.into()));
        self
    }

    /// Adds a fix of one edit.
    pub fn with_fix(mut self, title: impl Into<String>, at: Location, text: impl Into<String>) -> Self {
        self.fixes.push(Fix::new(title, vec![Edit { at, text: text.into() }]));
        self
    }

    /// Adds a fix of one edit that is applied only by whoever wants it: it takes something away, or may change what is decided.
    pub fn with_choice(mut self, title: impl Into<String>, at: Location, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { is_choice: true, ..Fix::new(title, vec![Edit { at, text: text.into() }]) });
        self
    }
}

/// A sentence, cut where it is longer than anybody reads.
pub(crate) fn brief(mut sentence: String) -> String {
    if sentence.len() > LONGEST {
        sentence.truncate(sentence.floor_char_boundary(LONGEST));
        sentence.push('…');
        sentence.shrink_to_fit();
    }
    sentence
}
