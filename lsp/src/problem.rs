//! What is wrong with files that are no policies: settings and data.

use std::ops::Range;
use std::path::PathBuf;

use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types as lsp;

use crate::position::{Encoding, Lines};

/// Something that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, where that is known.
    pub at: Option<Spot>,
    /// What is wrong.
    pub message: String,
}

/// A place in a line of a text, whichever way an editor counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    utf8: lsp::Range,
    utf16: lsp::Range,
}

impl Spot {
    /// What stands between two bytes of a text, as far as its line goes.
    pub fn of(text: &str, span: Range<usize>) -> Spot {
        let line = text.get(span.start..).and_then(|rest| rest.split(['\r', '\n']).next()).map_or(0, str::len);
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let span = Span { start: offset(span.start), end: offset(span.end.min(span.start.saturating_add(line))) };
        let range = |encoding| Lines::new(text, encoding).range(span);
        Spot { utf8: range(Encoding::Utf8), utf16: range(Encoding::Utf16) }
    }

    /// The place as an editor counts it.
    pub fn range(&self, encoding: Encoding) -> lsp::Range {
        match encoding {
            Encoding::Utf8 => self.utf8,
            Encoding::Utf16 => self.utf16,
        }
    }
}
