//! Changes of a text in place: what is not changed stays byte for byte.

use std::ops::Range;

use tollgate_compiler::syntax::ast::{FieldDecl, Span};
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::declared::{documentation_before, range};
use super::merge::Fields;

/// A text in the place of another.
pub type Edit = (Range<usize>, String);

/// A text with edits, which do not overlap.
pub fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(place, _)| (place.start, place.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (place, new) in edits {
        out.push_str(text.get(done..place.start).unwrap_or_default());
        out.push_str(&new);
        done = done.max(place.end);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// A part of a text with edits that are within it.
pub fn edited_part(text: &str, part: Span, edits: Vec<Edit>) -> String {
    let start = part.start as usize;
    let moved = edits.into_iter().map(|(place, new)| (place.start.saturating_sub(start)..place.end.saturating_sub(start), new));
    edited(slice(text, part), moved.collect())
}

/// What stands at a span.
pub fn slice(text: &str, span: Span) -> &str {
    text.get(range(span)).unwrap_or_default()
}

/// Puts fields, each on lines of its own, behind those of a record.
pub fn insert(text: &str, into: Fields, fields: &str) -> Edit {
    let brace = slice(text, into.span).find('{').map_or(0, |at| at + 1);
    let place = into.fields.last().map_or(into.span.start as usize + brace, |last| after_comma(text, last.span.end as usize));
    (place..place, format!("{fields}\n"))
}

/// Takes a field away, with its documentation and line where it has them.
pub fn remove(text: &str, field: &FieldDecl) -> Edit {
    let start = field.span.start as usize;
    let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = after_comma(text, field.span.end as usize);
    let after = text.get(end..).unwrap_or_default();
    let begins_line = text.get(line..start).is_some_and(|before| before.trim().is_empty());
    let ends_line = after.split('\n').next().is_some_and(|rest| rest.trim().is_empty());
    if begins_line && ends_line {
        let rest = after.find('\n').map_or(after.len(), |at| at + 1);
        return (documentation_before(text, start).start..end + rest, String::new());
    }
    // What the author says behind it stays.
    (if begins_line { documentation_before(text, start).start } else { start }..end, String::new())
}

/// A comment above what comes in the place of a field.
pub fn below_comment(text: &str, field: &FieldDecl, comment: &str, new: &str) -> Edit {
    let place = range(field.span);
    let before = text.get(..place.start).unwrap_or_default();
    let begins_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    (place, format!("{}{comment}{new}", if begins_line { "" } else { "\n" }))
}

/// Puts documentation, whole lines of it, in the place of a field's.
pub fn document(text: &str, field: &FieldDecl, lines: &str) -> Edit {
    let place = documentation_before(text, field.span.start as usize);
    let begins_line = text.get(..place.start).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
    (place, if begins_line { lines.to_owned() } else { format!("\n{lines}") })
}

/// Takes `..` away from a record.
pub fn close(text: &str, record: Span) -> Option<Edit> {
    let written = slice(text, record);
    let tokens = lexer::lex(written);
    let dots = tokens.iter().rev().find(|token| token.kind == TokenKind::Rest)?;
    let start = record.start as usize;
    Some((start + dots.span.start as usize..after_comma(text, start + dots.span.end as usize), String::new()))
}

/// Puts `..` at the end of a record.
pub fn open(record: Span) -> Edit {
    let brace = (record.end as usize).saturating_sub(1);
    (brace..brace, "\n..\n".to_owned())
}

/// The place after a comma that follows, or the place itself.
fn after_comma(text: &str, place: usize) -> usize {
    let after = text.get(place..).unwrap_or_default();
    let comma = after.trim_start();
    if comma.starts_with(',') { place + (after.len() - comma.len()) + 1 } else { place }
}
