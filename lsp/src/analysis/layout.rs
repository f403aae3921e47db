//! Edits that keep the canonical layout of what they touch.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::Cut;
use tollgate_compiler::syntax::ast::Span;

use super::renamed::with_edits;
use super::{TextEdit, text_of, typing};

/// So many bytes are laid out while somebody waits.
const LONGEST: usize = 1 << 18;

/// The edits as those that leave the items which they touch in their canonical layout, with the empty lines between them, where they were in it before;
/// what was not is edited and no more.
pub fn kept(set: &PolicySet, mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    edits.sort_by_key(|edit| edit.at);
    let files = edits.chunk_by(|a, b| a.at.file == b.at.file);
    files.flat_map(|edits| edits.first().map_or_else(Vec::new, |first| File::of(set, first.at.file).kept(edits))).collect()
}

/// A file before its edits.
struct File<'s> {
    id: FileId,
    text: &'s str,
    /// Its items, each from the end of the one before.
    items: Vec<Span>,
}

impl<'s> File<'s> {
    fn of(set: &'s PolicySet, id: FileId) -> File<'s> {
        File { id, text: text_of(set, id), items: set.items(id).map(|item| item.span).collect() }
    }

    fn kept(&self, edits: &[TextEdit]) -> Vec<TextEdit> {
        let mut kept = Vec::new();
        // With the items around them, so that the empty lines between them count.
        for beside in edits.chunk_by(|a, b| self.last_item(a) + 1 >= self.first_item(b)) {
            if let Some(laid_out) = self.laid_out(beside, 1) {
                kept.extend(laid_out);
                continue;
            }
            for joined in beside.chunk_by(|a, b| self.last_item(a) >= self.first_item(b)) {
                kept.extend(self.laid_out(joined, 0).unwrap_or_else(|| joined.to_vec()));
            }
        }
        kept
    }

    /// The first item that an edit touches.
    fn first_item(&self, edit: &TextEdit) -> usize {
        self.item_at(edit.at.span.start)
    }

    /// The last item that an edit touches.
    fn last_item(&self, edit: &TextEdit) -> usize {
        self.item_at(edit.at.span.end)
    }

    fn item_at(&self, offset: u32) -> usize {
        self.items.partition_point(|item| item.end < offset).min(self.items.len().saturating_sub(1))
    }

    /// Edits of items, and of so many around them, that leave them laid out; `None` where they are not, or cannot be read afterwards.
    fn laid_out(&self, edits: &[TextEdit], around: usize) -> Option<Vec<TextEdit>> {
        let first = self.first_item(edits.first()?).saturating_sub(around);
        let last = self.last_item(edits.last()?).saturating_add(around);
        let start = self.items.get(first)?.start;
        let end = if last + 1 < self.items.len() { self.items.get(last)?.end } else { self.text.len() as u32 };
        let span = Span { start, end };
        let before = span.of(self.text);
        if before.len() > LONGEST || typing::layout(before, start > 0)? != before {
            return None;
        }
        let after = typing::layout(&with_edits(self.text, span, edits), start > 0)?;
        let line_end = before.get(before.trim_end().len()..)?;
        Some(self.differences(start, before, &format!("{}{line_end}", after.trim_end())))
    }

    /// What differs in a text that begins there: an edit an item, as long as there are as many.
    fn differences(&self, start: u32, before: &str, after: &str) -> Vec<TextEdit> {
        let (mut old, mut new) = (pieces(before), pieces(after));
        if old.len() != new.len() {
            (old, new) = (vec![before], vec![after]);
        }
        let mut at = start;
        let mut edits = Vec::new();
        for (old, new) in old.into_iter().zip(new) {
            edits.extend((old != new).then(|| self.difference(at, old, new)));
            at += old.len() as u32;
        }
        edits
    }

    /// One edit of what differs in a text that begins there.
    fn difference(&self, start: u32, before: &str, after: &str) -> TextEdit {
        let same = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        let from = before.floor_char_boundary(same).min(after.floor_char_boundary(same));
        let rest = before.len().min(after.len()) - from;
        let same_end = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count().min(rest);
        let (mut old_end, mut new_end) = (before.len() - same_end, after.len() - same_end);
        while !before.is_char_boundary(old_end) || !after.is_char_boundary(new_end) {
            (old_end, new_end) = (old_end + 1, new_end + 1);
        }
        let span = Span { start: start + from as u32, end: start + old_end as u32 };
        TextEdit { at: Location { file: self.id, span }, text: after.get(from..new_end).unwrap_or_default().to_owned() }
    }
}

/// The items of a text, and what is behind the last.
fn pieces(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut pieces = Vec::new();
    for piece in Cut::new(text).pieces() {
        let Some((own, after)) = rest.split_at_checked(piece.text.len()) else { break };
        pieces.push(own);
        rest = after;
    }
    pieces.push(rest);
    pieces
}
