//! The imports of a file, in order.

use std::collections::BTreeSet;

use tollgate_compiler::diagnostic::{Code, Location};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::syntax::lexer::lex;

use super::{Action, ActionKind, Asked, TextEdit, text_of};
use crate::analysis::completion::{import_edit, import_text, taken_words, word_for};

/// For each name at the place that another package declares, whose word stands before it and which the file does not import: the import; where that word
/// is taken, under another.
pub fn missing(asked: &Asked<'_>) -> Vec<Action> {
    let codes = [Code::UnknownName, Code::UnknownType, Code::UnknownObligation];
    let mut unknown = asked.findings().filter(|(_, found)| codes.contains(&found.code)).peekable();
    if unknown.peek().is_none() {
        return Vec::new();
    }
    let (file, text) = (asked.range.file, text_of(asked.set, asked.range.file));
    let (declared, taken) = (asked.set.declared(false), taken_words(asked.set, file));
    let mut actions: Vec<Action> = Vec::new();
    for (place, found) in unknown {
        let rest = text.get(found.at.span.start as usize..).unwrap_or_default();
        let mut words = lex(rest).into_iter().take(3).map(|token| token.span.of(rest));
        let (Some(word), Some("."), Some(name)) = (words.next(), words.next(), words.next()) else { continue };
        let packages = declared.iter().filter_map(|symbol| {
            let (package, own) = symbol.name.rsplit_once('.')?;
            (own == name && package.rsplit('.').next() == Some(word) && package != asked.set.package(file)).then_some(package)
        });
        for package in packages.collect::<BTreeSet<&str>>() {
            let Some(given) = word_for(package, &taken) else { continue };
            let import = import_text(package, &given);
            let mut edits = vec![import_edit(asked.set, file, &import)];
            let span = Span { end: found.at.span.start + word.len() as u32, ..found.at.span };
            edits.extend((given != word).then_some(TextEdit { at: Location { file, span }, text: given }));
            let title = format!("import `{}`", import.trim_start_matches("import "));
            actions.push(Action { mends: vec![place], is_preferred: true, ..Action::new(title, ActionKind::QuickFix, edits) });
        }
    }
    actions
}

/// Sorts the imports, and takes out those that nothing uses or that stand there twice.
pub fn organize(asked: &Asked<'_>) -> Option<Action> {
    let file = asked.range.file;
    let text = text_of(asked.set, file);
    let imports: Vec<(Span, &str)> = asked
        .set
        .items(file)
        .filter_map(|item| {
            let written = item.item.filter(|written| matches!(written.kind, ItemKind::Import { .. }))?;
            let span = item.at(written.span);
            Some((span, span.of(text)))
        })
        .collect();
    let unused: Vec<(usize, Span)> = (0..)
        .zip(asked.found)
        .filter(|(_, found)| found.code == Code::UnusedImport && found.at.file == file)
        .map(|(place, found)| (place, found.at.span))
        .collect();
    let is_used = |span: Span| !unused.iter().any(|(_, at)| span.start <= at.start && at.end <= span.end);
    let kept: BTreeSet<&str> = imports.iter().filter(|(span, _)| is_used(*span)).map(|(_, text)| *text).collect();
    let mut wanted = kept.into_iter();
    let mut edits = Vec::new();
    for (span, written) in &imports {
        let next = wanted.next();
        if next != Some(*written) {
            let span = if next.is_some() { *span } else { with_line(text, *span) };
            edits.push(TextEdit { at: Location { file, span }, text: next.unwrap_or_default().to_owned() });
        }
    }
    let mends = unused.iter().map(|(place, _)| *place).collect();
    (!edits.is_empty()).then(|| Action { mends, ..Action::new("sort the imports", ActionKind::OrganizeImports, edits) })
}

/// The span with the rest of its line, where nothing else stands on it.
fn with_line(text: &str, span: Span) -> Span {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let is_alone = before.is_empty() || before.ends_with('\n');
    let rest = after.find('\n').filter(|end| is_alone && after.get(..*end).is_some_and(|rest| rest.trim().is_empty()));
    Span { end: span.end + rest.map_or(0, |end| end as u32 + 1), ..span }
}
