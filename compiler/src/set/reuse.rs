//! What a new text of a file has in common with the old one: pieces whose text is the same are not parsed again, and where a change is in one place,
//! what stands before and after it is not even read.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::FileId;
use crate::syntax::ast::Span;
use crate::syntax::{self, Cut, SyntaxLimits};

use super::pieces::{Piece, Pieces};

/// Pieces before a change that are cut again with it: the first of them shows that nothing is cut otherwise there.
const BEFORE: usize = 2;

/// Pieces after a change that are cut again with it: what begins an item is told by three tokens at most.
const AFTER: usize = 3;

/// A file's text and its pieces.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// The text.
    pub text: &'k str,
    /// Its pieces.
    pub pieces: &'k [Piece],
}

/// Pieces by their text.
type ByText<'k> = HashMap<&'k str, Vec<&'k Piece>, foldhash::fast::RandomState>;

/// The pieces of a file's text. Those that are known keep their numbers.
pub fn pieces(file: FileId, text: &str, known: Option<Known<'_>>, numbers: &mut Pieces) -> Vec<Piece> {
    let Some(known) = known else { return cut(file, text, 0, ByText::default(), numbers) };
    around(file, text, known, numbers).unwrap_or_else(|| cut(file, text, 0, by_text(known.text, known.pieces), numbers))
}

/// The pieces of a text where the change is in one place and leaves no bracket open, nor left any: then the rest is cut as it was.
fn around(file: FileId, text: &str, known: Known<'_>, numbers: &mut Pieces) -> Option<Vec<Piece>> {
    let (before, after) = unchanged(known.text, text);
    let first = known.pieces.partition_point(|piece| (piece.span.end as usize) < before).saturating_sub(BEFORE);
    let rest = known.pieces.partition_point(|piece| (piece.span.start as usize) < known.text.len() - after).max(first);
    let last = (rest + AFTER).min(known.pieces.len());
    let start = known.pieces.get(first).map_or(0, |piece| piece.span.start);
    let moved = |offset: u32| u32::try_from((offset as usize + text.len()).checked_sub(known.text.len())?).ok();
    let end = if last == known.pieces.len() { u32::try_from(text.len()).ok()? } else { moved(known.pieces.get(last)?.span.start)? };
    let inner = known.pieces.get(first..last)?;
    if !known.pieces.iter().all(|piece| piece.is_balanced) {
        return None;
    }
    let part = Span { start, end }.of(text);
    let again = cut(file, part, start, by_text(known.text, inner), numbers);
    let is_kept = |piece: &Piece, start: Option<u32>| again.iter().any(|new| new.id == piece.id && Some(new.span.start) == start);
    let begins_alike = first == 0 || inner.first().is_some_and(|piece| is_kept(piece, Some(piece.span.start)));
    let ends_alike = inner.iter().skip(rest - first).all(|piece| is_kept(piece, moved(piece.span.start)));
    if !begins_alike || !ends_alike || !again.iter().all(|piece| piece.is_balanced) {
        return None;
    }
    let mut all = Vec::with_capacity(known.pieces.len() + again.len());
    all.extend_from_slice(known.pieces.get(..first)?);
    all.extend(again);
    for piece in known.pieces.get(last..)? {
        let span = Span { start: moved(piece.span.start)?, end: moved(piece.span.end)? };
        numbers.set(piece.id, span.start);
        all.push(Piece { span, ..piece.clone() });
    }
    Some(all)
}

/// How many bytes two texts begin with in common, and how many they end with beside that.
fn unchanged(old: &str, new: &str) -> (usize, usize) {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let before = same_bytes(old.chunks(CHUNK).zip(new.chunks(CHUNK)), |a, b| a.iter().zip(b).take_while(|(a, b)| a == b).count());
    let (old, new) = (old.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
    let after = same_bytes(old.rchunks(CHUNK).zip(new.rchunks(CHUNK)), |a, b| a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count());
    (before, after)
}

/// Whole chunks are compared at once.
const CHUNK: usize = 256;

/// How many bytes are the same in pairs of chunks, of which the first pair that differs is looked at more closely.
fn same_bytes<'b>(chunks: impl Iterator<Item = (&'b [u8], &'b [u8])>, closely: impl Fn(&[u8], &[u8]) -> usize) -> usize {
    let mut same = 0;
    for (a, b) in chunks {
        if a != b {
            return same + closely(a, b);
        }
        same += a.len();
    }
    same
}

/// Cuts a part of a file that begins at `start`.
fn cut(file: FileId, part: &str, start: u32, mut known: ByText<'_>, numbers: &mut Pieces) -> Vec<Piece> {
    let limits = SyntaxLimits::default();
    let take = |piece: syntax::Piece<'_>| {
        let at = start.saturating_add(piece.start);
        let span = Span { start: at, end: at.saturating_add(u32::try_from(piece.text.len()).unwrap_or(u32::MAX)) };
        let is_alike = |old: &&Piece| (old.span.start == 0) == piece.begins_line;
        let found = known.get_mut(piece.text).and_then(|all| Some(all.remove(all.iter().rposition(is_alike)?)));
        if let Some(old) = found {
            numbers.set(old.id, span.start);
            return Piece { span, ..old.clone() };
        }
        let id = numbers.add(file, span.start);
        Piece { id, span, is_balanced: piece.is_balanced(), parsed: Arc::new(piece.parse(id, &limits)) }
    };
    Cut::part(part, start == 0).pieces().map(take).collect()
}

/// Known pieces by their texts, of equal ones the first last. The first of a file is like no other, since a line begins with it.
fn by_text<'k>(text: &'k str, pieces: &'k [Piece]) -> ByText<'k> {
    let mut known = ByText::default();
    for piece in pieces.iter().rev() {
        known.entry(piece.span.of(text)).or_default().push(piece);
    }
    known
}
