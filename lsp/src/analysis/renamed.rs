//! What a set would be with other names in it.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

use tollgate_compiler::diagnostic::position::LineIndex;
use tollgate_compiler::diagnostic::{Code, FileId, Location, Severity};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::{PolicySet, Sources, SymbolKind, Use};

use super::names::{Meaning, by_item, meaning};
use super::{TextEdit, text_of};

/// A change of names.
pub struct Renaming {
    /// The old word and the new one: names that are neither are as they were.
    pub words: Vec<String>,
    /// The old name and the new one, where a package is renamed.
    pub package: Option<(Arc<str>, Arc<str>)>,
}

/// Whether a set with other names in it means what it meant.
///
/// # Errors
/// What it would no longer mean, or what would be wrong with it.
pub fn check(set: &PolicySet, edits: &[TextEdit], renaming: &Renaming) -> Result<(), String> {
    let (after, moved) = after(set, edits)?;
    let before = names(set, renaming, |used| {
        let meaning = match (meaning(&used.symbol), &renaming.package) {
            (Meaning::Declared(at), _) => Meaning::Declared(moved.location(at)),
            (Meaning::Package(name), Some((old, new))) if name == *old => Meaning::Package(Arc::clone(new)),
            (other, _) => other,
        };
        (moved.location(used.at), discriminant(&used.symbol.kind), meaning)
    });
    let now = names(&after, renaming, |used| (used.at, discriminant(&used.symbol.kind), meaning(&used.symbol)));
    let differs = before.iter().zip(&now).find(|(before, now)| before != now).map(|(before, now)| before.0.min(now.0));
    let more = || before.get(now.len()).or_else(|| now.get(before.len())).map(|name| name.0);
    match differs.or_else(more) {
        None => Ok(()),
        Some(at) => Err(format!("`{}` would stand for something else in {}", at.span.of(text_of(&after, at.file)), place(&after, at))),
    }
}

/// The set after edits, which are in the order of their places, and where its places are then.
///
/// # Errors
/// The first error that it would have and does not have now.
pub fn after(set: &PolicySet, edits: &[TextEdit]) -> Result<(PolicySet, Moved), String> {
    let moved = Moved::by(edits);
    let after = set.clone().update(edited(set, edits));
    new_error(set, &after, &moved)?;
    Ok((after, moved))
}

/// A name: where it stands, and what it stands for.
type Name = (Location, Discriminant<SymbolKind>, Meaning);

/// The names of every item in which one of the words stands, imports aside, whose words are no names of anything else.
fn names(set: &PolicySet, renaming: &Renaming, name: impl Fn(&Use) -> Name) -> Vec<Name> {
    let uses = set.inspect_where(|_, text| renaming.words.iter().any(|word| text.contains(word.as_str()))).uses;
    let mut names = Vec::new();
    for file in (0..).map(FileId).take(set.own_files()) {
        for (item, uses) in by_item(set, file, &uses) {
            if !item.item.is_some_and(|item| matches!(item.kind, ItemKind::Import { .. })) {
                names.extend(uses.iter().map(&name));
            }
        }
    }
    names.sort_by(|a, b| (a.0, &a.2).cmp(&(b.0, &b.2)));
    names
}

/// Says of the first error that is not among those there were.
fn new_error(before: &PolicySet, after: &PolicySet, moved: &Moved) -> Result<(), String> {
    let errors = |set: &PolicySet| -> Vec<(Code, Location, String)> {
        let errors = set.diagnostics().iter().filter(|found| found.severity == Severity::Error);
        errors.map(|found| (found.code, found.at, found.message.clone())).collect()
    };
    let mut known: HashMap<(&'static str, Location), usize> = HashMap::new();
    for (code, at, _) in errors(before) {
        *known.entry((code.code(), moved.location(at))).or_default() += 1;
    }
    for (code, at, message) in errors(after) {
        match known.get_mut(&(code.code(), at)).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => return Err(format!("{message}, in {}", place(after, at))),
        }
    }
    Ok(())
}

fn place(set: &PolicySet, at: Location) -> String {
    let position = LineIndex::new(text_of(set, at.file)).position(at.span.start);
    format!("{}:{}:{}", set.sources().path(at.file), position.line, position.column)
}

/// The files of a set, edited; edits are in the order of their places.
fn edited(set: &PolicySet, edits: &[TextEdit]) -> Sources {
    let mut sources = Sources::new();
    for (file, source) in (0..).map(FileId).zip(set.sources().files()).take(set.own_files()) {
        let own = edits.get(edits.partition_point(|edit| edit.at.file < file)..).unwrap_or_default();
        let own = own.get(..own.partition_point(|edit| edit.at.file == file)).unwrap_or_default();
        if own.is_empty() {
            sources.add(source.path.clone(), Arc::clone(&source.text));
        } else {
            let whole = Span { start: 0, end: source.text.len() as u32 };
            sources.add(source.path.clone(), with_edits(&source.text, whole, own));
        }
    }
    sources
}

/// A part of a text after edits of it, which are in the order of their places.
pub fn with_edits(text: &str, part: Span, edits: &[TextEdit]) -> String {
    let mut edited = String::with_capacity((part.end - part.start) as usize);
    let mut done = part.start as usize;
    for edit in edits {
        edited.push_str(text.get(done..edit.at.span.start as usize).unwrap_or_default());
        edited.push_str(&edit.text);
        done = edit.at.span.end as usize;
    }
    edited.push_str(text.get(done..part.end as usize).unwrap_or_default());
    edited
}

/// Where places are after edits.
pub struct Moved {
    /// Of each file with edits: where each ends, and how much longer the text is by it and those before it.
    files: HashMap<FileId, Vec<(u32, i64)>>,
}

impl Moved {
    fn by(edits: &[TextEdit]) -> Moved {
        let mut files: HashMap<FileId, Vec<(u32, i64)>> = HashMap::new();
        for edit in edits {
            let ends = files.entry(edit.at.file).or_default();
            let before = ends.last().map_or(0, |(_, longer)| *longer);
            let longer = i64::try_from(edit.text.len()).unwrap_or(i64::MAX) - i64::from(edit.at.span.end - edit.at.span.start);
            ends.push((edit.at.span.end, before.saturating_add(longer)));
        }
        Moved { files }
    }

    /// A place after the edits.
    pub fn location(&self, at: Location) -> Location {
        let offset = |offset: u32| {
            let ends = self.files.get(&at.file).map(Vec::as_slice).unwrap_or_default();
            let before = ends.partition_point(|(end, _)| *end <= offset);
            let longer = before.checked_sub(1).and_then(|place| ends.get(place)).map_or(0, |(_, longer)| *longer);
            u32::try_from(i64::from(offset).saturating_add(longer)).unwrap_or(offset)
        };
        Location { span: Span { start: offset(at.span.start), end: offset(at.span.end) }, ..at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_with_the_text_before_them() {
        let span = |start: u32, end: u32| Location { file: FileId(0), span: Span { start, end } };
        let edits = [TextEdit { at: span(2, 4), text: "abcd".to_owned() }, TextEdit { at: span(6, 7), text: String::new() }];
        let moved = Moved::by(&edits);
        for (before, after) in [((0, 2), (0, 2)), ((2, 4), (2, 6)), ((4, 6), (6, 8)), ((6, 7), (8, 8)), ((7, 9), (8, 10))] {
            assert_eq!(moved.location(span(before.0, before.1)), span(after.0, after.1), "{before:?}");
        }
        assert_eq!(with_edits("0123456789", span(0, 10).span, &edits), "01abcd45789");
        assert_eq!(with_edits("0123456789", span(1, 6).span, &edits[..1]), "1abcd45");
    }
}
