//! Between byte offsets and the protocol's positions, which count lines and units from 0.

use line_index::{LineCol, LineIndex, WideEncoding, WideLineCol};
use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types::{Position, PositionEncodingKind, Range};

/// What positions count within a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// What the protocol counts where nothing else was agreed.
    #[default]
    Utf16,
}

impl Encoding {
    /// The best of those that a client offers.
    pub fn agreed(offered: &[PositionEncodingKind]) -> Encoding {
        if offered.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// How much a character counts.
    pub fn units(self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
        }
    }

    /// How much a text counts.
    pub fn length(self, text: &str) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.encode_utf16().count(),
        }
    }
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub struct Lines {
    index: LineIndex,
    encoding: Encoding,
}

impl Lines {
    /// Those of a text.
    pub fn new(text: &str, encoding: Encoding) -> Lines {
        Lines { index: LineIndex::new(text), encoding }
    }

    /// The position of an offset; of one beyond the text, its end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.index.len().into());
        let Some(at) = self.index.try_line_col(offset.into()) else { return Position::default() };
        match self.encoding {
            Encoding::Utf8 => Position::new(at.line, at.col),
            Encoding::Utf16 => self.index.to_wide(WideEncoding::Utf16, at).map_or_else(Position::default, |wide| Position::new(wide.line, wide.col)),
        }
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// The offset of a position; of one beyond its line, the line's end, and of one beyond the text, the text's.
    pub fn offset(&self, position: Position) -> u32 {
        let Some(line) = self.index.line(position.line) else { return self.index.len().into() };
        let col = position.character.min(line.len().into());
        let at = match self.encoding {
            Encoding::Utf8 => Some(LineCol { line: position.line, col }),
            Encoding::Utf16 => self.index.to_utf8(WideEncoding::Utf16, WideLineCol { line: position.line, col }),
        };
        let inside = at.map_or(0, |at| at.col);
        u32::from(line.start()).saturating_add(inside).min(line.end().into())
    }

    /// The span of a range; an end before the start is the start.
    pub fn span(&self, range: Range) -> Span {
        let start = self.offset(range.start);
        Span { start, end: self.offset(range.end).max(start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_go_there_and_back() {
        let text = "a😀b\né\n";
        for (encoding, column) in [(Encoding::Utf8, 5), (Encoding::Utf16, 3)] {
            let lines = Lines::new(text, encoding);
            assert_eq!(lines.position(5), Position::new(0, column));
            assert_eq!(lines.offset(Position::new(0, column)), 5);
            assert_eq!(lines.position(99), Position::new(2, 0));
            assert_eq!(lines.offset(Position::new(9, 9)), text.len() as u32);
        }
    }
}
