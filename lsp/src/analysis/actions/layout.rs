//! Changes of an item in its canonical layout.

use tollgate_compiler::syntax::ast::Span;

use super::{Here, TextEdit};
use crate::analysis::typing;

/// The edits of an item as one that leaves it in its canonical layout, with what they put before it; as they are, where it cannot be read after them.
pub fn laid_out(here: &Here<'_>, edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let changed = changed(here, &edits).and_then(|changed| typing::layout(&changed, here.place.start > 0));
    changed.map_or(edits, |after| vec![difference(here, &after)])
}

/// The text of the item after edits of it.
fn changed(here: &Here<'_>, edits: &[TextEdit]) -> Option<String> {
    let mut spans: Vec<(Span, &str)> = edits.iter().map(|edit| Some((here.within(edit.at)?, edit.text.as_str()))).collect::<Option<_>>()?;
    spans.sort_by_key(|(span, _)| *span);
    let mut changed = String::with_capacity(here.text.len());
    let mut done = 0;
    for (span, text) in spans {
        changed.push_str(here.text.get(done..span.start as usize)?);
        changed.push_str(text);
        done = span.end as usize;
    }
    changed.push_str(here.text.get(done..)?);
    Some(changed)
}

/// One edit of what differs.
fn difference(here: &Here<'_>, after: &str) -> TextEdit {
    let before = here.text;
    let same = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let start = before.floor_char_boundary(same).min(after.floor_char_boundary(same));
    let rest = |text: &str| text.len() - start;
    let same_end = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count().min(rest(before)).min(rest(after));
    let (mut old_end, mut new_end) = (before.len() - same_end, after.len() - same_end);
    while !before.is_char_boundary(old_end) || !after.is_char_boundary(new_end) {
        (old_end, new_end) = (old_end + 1, new_end + 1);
    }
    here.replace(Span { start: start as u32, end: old_end as u32 }, after.get(start..new_end).unwrap_or_default())
}
