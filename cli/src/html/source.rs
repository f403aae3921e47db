//! The text of a policy, coloured.

use std::ops::Range;

use tollgate_compiler::syntax::lexer::{TokenKind, is_keyword, lex};

/// A piece of a text that lies in one token, and in one mark or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'t> {
    /// The text.
    pub text: &'t str,
    /// The element that colours it.
    pub tag: Option<&'static str>,
    /// The mark that it lies in, by its place among them.
    pub mark: Option<usize>,
}

/// A text in pieces. The marks come in order; where two overlap, the first counts.
pub fn pieces<'t>(text: &'t str, marks: &[Range<usize>]) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    let mut next = 0;
    for token in lex(text) {
        let (mut start, end) = (token.span.start as usize, token.span.end as usize);
        let tag = tag(token.kind, text.get(start..end).unwrap_or_default(), text.get(end..).unwrap_or_default());
        while start < end {
            while marks.get(next).is_some_and(|mark| mark.end <= start) {
                next += 1;
            }
            // A piece ends where its token does, or where a mark begins or ends in it.
            let (mark, until) = match marks.get(next) {
                Some(mark) if mark.start <= start => (Some(next), mark.end.min(end)),
                Some(mark) => (None, mark.start.min(end)),
                None => (None, end),
            };
            pieces.push(Piece { text: text.get(start..until).unwrap_or_default(), tag, mark });
            start = until;
        }
    }
    pieces
}

/// The element of a token that is coloured; before a `.`, `tool` and others are names.
fn tag(kind: TokenKind, text: &str, rest: &str) -> Option<&'static str> {
    match kind {
        TokenKind::Comment | TokenKind::Doc => Some("em"),
        TokenKind::String | TokenKind::RawString => Some("q"),
        TokenKind::Word if is_keyword(text) && !rest.starts_with(['.', ':', '?', '[']) => Some("b"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_cut_tokens() {
        let marks = [0..3, 2..5, 6..6, 7..9];
        let told: Vec<(&str, Option<&str>, Option<usize>)> =
            pieces("abcdef \"x\"", &marks).iter().map(|piece| (piece.text, piece.tag, piece.mark)).collect();
        let expected = [
            ("abc", None, Some(0)),
            ("de", None, Some(1)),
            ("f", None, None),
            (" ", None, None),
            ("\"x", Some("q"), Some(3)),
            ("\"", Some("q"), None),
        ];
        assert_eq!(told, expected);
    }
}
