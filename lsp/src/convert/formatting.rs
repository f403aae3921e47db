//! Layout.

use tollgate_compiler::format;
use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types as lsp;

use crate::analysis::{Cursor, typing};
use crate::view::View;

/// The edits that lay a file out; nothing for one that cannot be read.
pub fn whole(view: &View) -> Option<Vec<lsp::TextEdit>> {
    let after = format::format(view.text()).ok()?;
    Some(difference(view, &after))
}

/// The edits that lay out the items that a range touches.
pub fn range(view: &View, range: lsp::Range) -> Option<Vec<lsp::TextEdit>> {
    let edits = typing::format_range(view.text(), view.file, view.span(range));
    Some(edits.iter().map(|edit| view.edit(edit)).collect())
}

/// The edits that follow from typing a character.
pub fn typed(view: &View, at: Cursor, typed: &str) -> Option<Vec<lsp::TextEdit>> {
    let edits = typing::on_type(view.text(), view.file, at.offset, typed.chars().next()?);
    Some(edits.iter().map(|edit| view.edit(edit)).collect())
}

/// The edit that makes the file's text another one: of the lines between the first and the last that differ.
fn difference(view: &View, after: &str) -> Vec<lsp::TextEdit> {
    let before = view.text();
    if before == after {
        return Vec::new();
    }
    let same = |(a, b): &(&str, &str)| a == b;
    let start: usize = before.split_inclusive('\n').zip(after.split_inclusive('\n')).take_while(same).map(|(line, _)| line.len()).sum();
    let (rest, new) = (before.get(start..).unwrap_or_default(), after.get(start..).unwrap_or_default());
    let end: usize = rest.split_inclusive('\n').rev().zip(new.split_inclusive('\n').rev()).take_while(same).map(|(line, _)| line.len()).sum();
    let end = if rest.ends_with('\n') == new.ends_with('\n') { end } else { 0 };
    let replaced = Span { start: to_u32(start), end: to_u32(before.len().saturating_sub(end)) };
    let text = new.get(..new.len().saturating_sub(end)).unwrap_or_default();
    vec![lsp::TextEdit { range: view.range(replaced), new_text: text.to_owned() }]
}

fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
