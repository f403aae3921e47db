//! What to take away so that a finding is mended: an item, an operand, a clause, an element. A comment is never taken away with it.

use std::cell::Cell;
use std::collections::HashMap;

use crate::diagnostic::{FileId, Location};
use crate::syntax::ast::{ExprKind, Span};

use super::style::strip;
use super::visit::each_expr;
use super::{Source, View};

/// So often an item is asked for: what is taken away is looked for in all of it, and whoever has more to take away takes some away first.
const MOST_ASKED: usize = 500;

/// The items of a set by the pieces of text that they are.
pub struct Items<'v, 'a> {
    by_piece: HashMap<FileId, Source<'v, 'a>>,
    /// How often one may be asked for yet.
    left: Cell<usize>,
}

impl<'v, 'a> Items<'v, 'a> {
    /// The items of a view.
    pub fn new(view: &'v View<'a>) -> Items<'v, 'a> {
        Items { by_piece: view.items().map(|source| (source.piece, source)).collect(), left: Cell::new(MOST_ASKED) }
    }

    /// The item that a place is in; `None` once it was asked too often.
    pub fn at(&self, place: Location) -> Option<Source<'v, 'a>> {
        self.left.set(self.left.get().checked_sub(1)?);
        self.by_piece.get(&place.file).copied()
    }
}

/// An item with its documentation and the blank lines before it.
pub fn item(view: &View<'_>, source: Source<'_, '_>) -> Location {
    let start = source.item.span.start;
    let before = (view.text)(source.at(Span { start: 0, end: start }));
    let mut kept = before.trim_end();
    while let Some((rest, _)) = kept.rsplit_once('\n').filter(|(_, line)| line.trim_start().starts_with("///")) {
        kept = rest.trim_end();
    }
    // What stands behind the item would be part of a comment whose line end is taken too.
    let line_end =
        if has_comment(kept.rsplit('\n').next().unwrap_or_default()) { before.get(kept.len()..).and_then(|rest| rest.find('\n')) } else { None };
    let kept = kept.len() + line_end.map_or(0, |end| end + 1);
    source.at(Span { start: u32::try_from(kept).unwrap_or(start), end: source.item.span.end })
}

/// An operand of `and` or `or` with the word that joins it; `None` where it is no operand, or a comment stands before it.
pub fn operand(view: &View<'_>, source: Source<'_, '_>, at: Location, of_and: Option<bool>) -> Option<Location> {
    let mut found = None;
    each_expr(source.item, &mut |expr| {
        let ExprKind::Logic { and, operands } = &expr.kind else { return };
        let place = operands.iter().position(|operand| operand.span == at.span || strip(operand).span == at.span);
        if let Some(place) = place.filter(|_| of_and.is_none_or(|wanted| wanted == *and)) {
            let spans: Vec<Span> = operands.iter().map(|operand| operand.span).collect();
            found = found.or(element(view, source, &spans, place));
        }
    });
    found
}

/// One of several with what separates it from its neighbour; `None` where it is the only one, or a comment stands between.
pub fn element(view: &View<'_>, source: Source<'_, '_>, all: &[Span], place: usize) -> Option<Location> {
    let own = all.get(place)?;
    let before = place.checked_sub(1).and_then(|before| all.get(before));
    let (taken, between) = match (before, all.get(place + 1)) {
        (Some(before), _) => (Span { start: before.end, end: own.end }, Span { start: before.end, end: own.start }),
        (None, Some(next)) => (Span { start: own.start, end: next.start }, Span { start: own.end, end: next.start }),
        (None, None) => return None,
    };
    (!has_comment((view.text)(source.at(between)))).then(|| source.at(taken))
}

/// A clause from its word to the end of what follows the word.
pub fn clause(view: &View<'_>, source: Source<'_, '_>, word: &str, rest: Span) -> Option<Location> {
    let before = (view.text)(source.at(Span { start: 0, end: rest.start }));
    let kept = before.trim_end().strip_suffix(word)?.trim_end();
    // What stands on a comment's line would be part of it.
    let line = kept.rsplit('\n').next().unwrap_or_default();
    let start = if has_comment(line) { before.trim_end().len() - word.len() } else { kept.len() };
    Some(source.at(Span { start: u32::try_from(start).ok()?, end: rest.end }))
}

fn has_comment(text: &str) -> bool {
    text.contains("//")
}
