//! What an editor offers to change at a place.

mod extract;
mod fields;
mod fixes;
mod generate;
mod imports;
mod inline;
mod literal;
mod optional;
mod recorded;
mod rewrite;
mod value;
mod written;

use tollgate_compiler::diagnostic::{Diagnostic, FileId, Location};
use tollgate_compiler::syntax::ast::{Expr, Item, Span};
use tollgate_compiler::{Inspection, ItemAt, PolicySet};

use super::{Cursor, TextEdit, item_at, layout, text_of};

pub use recorded::{ReadCall, RecordedCall, of_call, test_of_call};
pub use value::Value;

/// How many findings a menu is about.
const MOST: usize = 50;

/// A change that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does, as a menu shows it.
    pub title: String,
    /// What sort of change it is.
    pub kind: ActionKind,
    /// The change.
    pub change: Change,
    /// Whether it is what most would choose.
    pub is_preferred: bool,
    /// The places in the given findings of those that it mends.
    pub mends: Vec<usize>,
}

/// The sorts of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// It mends a finding.
    QuickFix,
    /// It gives a part a name.
    Extract,
    /// It puts a part in the place of its name.
    Inline,
    /// It writes the same in another way, or adds to it.
    Rewrite,
    /// It mends what can be mended in a whole file.
    FixAll,
    /// It orders a file's imports.
    OrganizeImports,
}

/// A change, or what it is made from when it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Edits that do not overlap.
    Edits(Vec<TextEdit>),
    /// A test of the rule of that full name, which takes a compiled set; see [`resolve`].
    TestOfRule(String),
    /// A test, in that file, of a recorded call, which is read then; see [`resolve`].
    TestOfCall(FileId),
}

/// What can be changed at a place. `found` are the findings of the file: errors, warnings and lints.
pub fn actions(set: &PolicySet, found: &[Diagnostic], range: Location) -> Vec<Action> {
    if range.file.0 as usize >= set.own_files() {
        return Vec::new();
    }
    let asked = Asked { set, found, range };
    let mut actions = fixes::of_findings(&asked);
    actions.extend(imports::missing(&asked));
    if let Some(here) = asked.here() {
        actions.extend(optional::wrappings(&asked, &here));
        actions.extend(optional::conversions(&asked, &here));
        actions.extend(fields::missing(&asked, &here));
        actions.extend(fields::arguments(&asked, &here));
        actions.extend(rewrite::because(&asked, &here));
        actions.extend(rewrite::flip(&asked, &here));
        actions.extend(extract::extract(&asked, &here));
        actions.extend(inline::offer(&asked, &here));
        actions.extend(generate::offer(&asked, &here));
    }
    actions.extend(fixes::of_file(&asked));
    actions.extend(imports::organize(&asked));
    for action in &mut actions {
        if let Change::Edits(edits) = &mut action.change {
            *edits = layout::kept(set, std::mem::take(edits));
        }
    }
    actions
}

/// The edits of a change; `call` reads the recorded call that the action was offered for.
///
/// # Errors
/// Why there are none, in a sentence for the author.
pub fn resolve(set: &PolicySet, change: &Change, call: ReadCall<'_>) -> Result<Vec<TextEdit>, String> {
    let edits = match change {
        Change::Edits(edits) => return Ok(edits.clone()),
        Change::TestOfRule(rule) => generate::test_of_rule(set, rule),
        Change::TestOfCall(file) => Ok(vec![test_of_call(set, Some(*file), &call()?)?]),
    };
    Ok(layout::kept(set, edits?))
}

impl Action {
    fn new(title: impl Into<String>, kind: ActionKind, edits: Vec<TextEdit>) -> Action {
        Action { title: title.into(), kind, change: Change::Edits(edits), is_preferred: false, mends: Vec::new() }
    }
}

/// What is asked.
struct Asked<'a> {
    set: &'a PolicySet,
    found: &'a [Diagnostic],
    range: Location,
}

/// The item that is asked about.
struct Here<'a> {
    file: FileId,
    place: ItemAt<'a>,
    item: &'a Item,
    /// Its text, of which its spans count.
    text: &'a str,
    /// What is asked about, in its text.
    range: Span,
    inspection: Inspection,
}

impl<'a> Asked<'a> {
    /// The first findings that touch the range, with their places.
    fn findings(&self) -> impl Iterator<Item = (usize, &'a Diagnostic)> {
        let range = self.range;
        let touches = move |at: Location| at.file == range.file && at.span.start <= range.span.end && range.span.start <= at.span.end;
        self.found.iter().enumerate().filter(move |(_, found)| touches(found.at)).take(MOST)
    }

    fn here(&self) -> Option<Here<'a>> {
        let file = self.range.file;
        let place = item_at(self.set, Cursor { file, offset: self.range.span.start })?;
        let within = |offset: u32| offset.checked_sub(place.start).map(|offset| offset.min(place.span.end - place.start));
        let range = Span { start: within(self.range.span.start)?, end: within(self.range.span.end)? };
        let inspection = self.set.inspect(file, self.range.span);
        Some(Here { file, place, item: place.item?, text: place.span.of(text_of(self.set, file)), range, inspection })
    }
}

impl<'a> Here<'a> {
    /// A span of the item as a place.
    fn at(&self, span: Span) -> Location {
        Location { file: self.file, span: self.place.at(span) }
    }

    /// A text in the place of a span of the item.
    fn replace(&self, span: Span, text: impl Into<String>) -> TextEdit {
        TextEdit { at: self.at(span), text: text.into() }
    }

    /// A text before a byte of the item.
    fn insert(&self, offset: u32, text: impl Into<String>) -> TextEdit {
        self.replace(Span { start: offset, end: offset }, text)
    }

    /// A place as a span of the item.
    fn within(&self, at: Location) -> Option<Span> {
        let inside = |offset: u32| offset.checked_sub(self.place.start);
        (at.file == self.file && at.span.end <= self.place.span.end).then_some(Span { start: inside(at.span.start)?, end: inside(at.span.end)? })
    }

    /// The expressions around a span, outermost first.
    fn around(&self, span: Span) -> Vec<&'a Expr> {
        let mut found = Vec::new();
        tollgate_compiler::lint::each_expr(self.item, &mut |expr| {
            if expr.span.start <= span.start && span.end <= expr.span.end {
                found.push(expr);
            }
        });
        found
    }

    /// Where something goes that stands before the item: after the item before, and before the comments that belong to this one.
    fn before(&self) -> u32 {
        let trivia = self.text.get(..self.item.span.start as usize).unwrap_or_default();
        if self.place.start == 0 {
            return 0;
        }
        let mut blank = trivia
            .match_indices('\n')
            .map(|(at, _)| at + 1)
            .filter(|at| trivia.get(*at..).is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n')));
        let after_blank = blank.next_back().and_then(|at| trivia.get(at..)?.find('\n').map(|end| at + end + 1));
        after_blank.or_else(|| trivia.find('\n').map(|at| at + 1)).unwrap_or(0) as u32
    }

    /// Whether the item goes over several lines.
    fn is_long(&self) -> bool {
        self.item.span.of(self.text).contains('\n')
    }
}

#[cfg(test)]
mod tests;
