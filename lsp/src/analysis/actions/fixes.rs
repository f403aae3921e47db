//! What findings offer themselves.

use std::collections::BTreeSet;

use tollgate_compiler::diagnostic::fix::{chosen, is_applicable};
use tollgate_compiler::diagnostic::{Code, Diagnostic, Edit};
use tollgate_compiler::lint::is_lint;

use super::{Action, ActionKind, Asked, Change, TextEdit};

/// Every fix of the findings at the place, what mends all of their kind, and what lets a lint pass.
pub fn of_findings(asked: &Asked<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    for (place, found) in asked.findings() {
        actions.extend(found.fixes.iter().map(|fix| Action {
            is_preferred: is_applicable(found),
            mends: vec![place],
            ..Action::new(fix.title.clone(), ActionKind::QuickFix, fix.edits.iter().map(edit).collect())
        }));
    }
    let kinds: BTreeSet<Code> = asked.findings().map(|(_, found)| found.code).collect();
    actions.extend(kinds.iter().filter_map(|code| all_of(asked, *code)));
    actions.extend(asked.findings().filter_map(|(place, found)| allow(asked, place, found)));
    let mut seen = Vec::new();
    actions.retain(|action: &Action| {
        let key = (action.title.clone(), action.change.clone());
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    actions
}

/// What mends everything in the file that nobody need look at.
pub fn of_file(asked: &Asked<'_>) -> Option<Action> {
    let in_file: Vec<(usize, &Diagnostic)> = mendable(asked).collect();
    (!in_file.is_empty()).then(|| together("fix all that can be fixed in this file".to_owned(), ActionKind::FixAll, &in_file))
}

/// What mends all findings of a kind in the file, where there are several.
fn all_of(asked: &Asked<'_>, code: Code) -> Option<Action> {
    let alike: Vec<(usize, &Diagnostic)> = mendable(asked).filter(|(_, found)| found.code == code).collect();
    (alike.len() > 1).then(|| together(format!("fix every `{}` in this file", code.name()), ActionKind::QuickFix, &alike))
}

fn mendable<'a>(asked: &Asked<'a>) -> impl Iterator<Item = (usize, &'a Diagnostic)> {
    let file = asked.range.file;
    asked.found.iter().enumerate().filter(move |(_, found)| found.at.file == file && is_applicable(found))
}

fn together(title: String, kind: ActionKind, found: &[(usize, &Diagnostic)]) -> Action {
    let edits = chosen(found.iter().map(|(_, found)| *found));
    let edits = edits.values().flat_map(|edits| edits.values()).map(|chosen| edit(chosen)).collect();
    Action { mends: found.iter().map(|(place, _)| *place).collect(), ..Action::new(title, kind, edits) }
}

/// `@allow` of a lint on the item that it is about.
fn allow(asked: &Asked<'_>, place: usize, found: &Diagnostic) -> Option<Action> {
    if !is_lint(found.code) || found.code == Code::UnknownLint {
        return None;
    }
    let item = asked.set.items(found.at.file).find(|item| item.span.start <= found.at.span.start && found.at.span.end <= item.span.end)?;
    let (written, name) = (item.item?, found.code.name().replace('-', "_"));
    if matches!(written.kind, tollgate_compiler::syntax::ast::ItemKind::Package(_) | tollgate_compiler::syntax::ast::ItemKind::Import { .. }) {
        return None;
    }
    let known = written.annotations.iter().filter(|annotation| annotation.name.text == "allow").find_map(|annotation| annotation.args.last());
    let (at, text) = match known {
        Some(last) => (last.span.end, format!(", {name}")),
        None => (written.span.start, format!("@allow({name})\n")),
    };
    let span = item.at(tollgate_compiler::syntax::ast::Span { start: at, end: at });
    let edit = TextEdit { at: tollgate_compiler::diagnostic::Location { file: found.at.file, span }, text };
    let change = Change::Edits(vec![edit]);
    Some(Action { title: format!("allow `{}` here", found.code.name()), kind: ActionKind::QuickFix, change, is_preferred: false, mends: vec![place] })
}

fn edit(edit: &Edit) -> TextEdit {
    TextEdit { at: edit.at, text: edit.text.clone() }
}
