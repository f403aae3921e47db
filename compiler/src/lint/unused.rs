//! What nothing uses.

use std::collections::HashSet;

use crate::check::symbols::name_of;
use crate::diagnostic::{Code, Diagnostic, FileId};
use crate::syntax::ast::{ExprKind, ItemKind, Name, Span, Test};
use crate::syntax::walk;

use super::deprecated;
use super::uses::{Kind, Use, uses};
use super::visit::of_clause;
use super::{Findings, Source, View, removal};

/// Names that nothing uses, and uses of those that nothing should use any more.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let mut words: HashSet<(FileId, &str)> = HashSet::new();
    let all = uses(view, &mut |source, word| {
        words.insert((source.file.id, word));
    });
    let is_own = |used: &&Use<'_, '_>| !(used.package == used.by.file.package && name_of(used.by.item).is_some_and(|own| own.text == used.name));
    let used: HashSet<(Kind, &str, &str)> = all.iter().filter(is_own).map(|used| (used.kind, used.package, used.name)).collect();
    for source in view.items() {
        unused_variables(source, findings);
        if let ItemKind::Import { path, alias } = &source.item.kind {
            let word = alias.as_ref().or(path.parts.last());
            word.filter(|word| !words.contains(&(source.file.id, &word.text)))
                .into_iter()
                .for_each(|word| unused_import(view, source, word, findings));
        }
        let (Some((code, kind, what)), Some(name)) = (lint_of(&source.item.kind), name_of(source.item)) else { continue };
        if !used.contains(&(kind, source.file.package, &name.text)) {
            let found = Diagnostic::warning(code, source.at(name.span), format!("{what} `{}`", name.text));
            let found = found.with_help("remove it, or say with `@allow` that it is meant so");
            findings.add(found.with_choice(format!("remove `{}`", name.text), removal::item(view, source), ""));
        }
    }
    deprecated::run(view, &all, findings);
}

fn unused_import(view: &View<'_>, source: Source<'_, '_>, word: &Name, findings: &mut Findings) {
    let message = format!("this file does not use `{}`", word.text);
    let found = Diagnostic::warning(Code::UnusedImport, source.at(word.span), message).with_help("remove the import");
    findings.add(match source.item.doc.is_empty() {
        true => found.with_fix("remove the import", source.at(source.item.span), ""),
        // What is said of it would be said of the next item.
        false => found.with_choice("remove the import", removal::item(view, source), ""),
    });
}

/// The lint about an item that nothing uses, and what it says.
pub fn lint_of(kind: &ItemKind) -> Option<(Code, Kind, &'static str)> {
    Some(match kind {
        ItemKind::Let { .. } => (Code::UnusedLet, Kind::Value, "nothing reads"),
        ItemKind::Fn { .. } => (Code::UnusedFn, Kind::Value, "nothing calls"),
        ItemKind::Data { .. } => (Code::UnusedData, Kind::Value, "nothing reads the data"),
        ItemKind::Type { .. } | ItemKind::Enum { .. } => (Code::UnusedType, Kind::Type, "nothing names the type"),
        ItemKind::Obligation { .. } => (Code::UnusedObligation, Kind::Obligation, "no rule requires"),
        _ => return None,
    })
}

/// Parameters of functions and variables of `for` that nothing reads. A name that begins with `_` says that it is meant so.
fn unused_variables(source: Source<'_, '_>, findings: &mut Findings) {
    match &source.item.kind {
        ItemKind::Fn { params, body, .. } => {
            let read = names_in([body]);
            for param in params.iter().filter(|param| is_unread(&read, &param.name)) {
                let message = format!("the function does not read `{}`", param.name.text);
                let found = Diagnostic::warning(Code::UnusedParameter, source.at(param.name.span), message);
                let found = found.with_help("remove the parameter, or begin its name with `_`");
                findings.add(unread(found, &param.name, params.iter().map(|param| &param.name)));
            }
        }
        ItemKind::Rule(rule) => {
            let clauses = [&rule.when, &rule.unless, &rule.because].into_iter().flatten();
            let arguments = rule.require.iter().flat_map(|required| &required.args).map(|(_, value)| value);
            let sources = rule.choices.iter().map(|choice| &choice.source);
            let read = names_in(clauses.chain(arguments).chain(sources));
            for choice in rule.choices.iter().filter(|choice| is_unread(&read, &choice.name)) {
                let message = format!("the rule does not read `{}`", choice.name.text);
                let help = "say `when not ….is_empty()` or `when … != none` where it matters only that there is one, or begin its name with `_`";
                let found = Diagnostic::warning(Code::UnusedVariable, source.at(choice.name.span), message).with_help(help);
                findings.add(unread(found, &choice.name, rule.choices.iter().map(|choice| &choice.name)));
            }
        }
        ItemKind::Test(test) => unused_row(source, test, findings),
        _ => {}
    }
}

fn unused_row(source: Source<'_, '_>, test: &Test, findings: &mut Findings) {
    let Some(rows) = &test.rows else { return };
    let mut roots = vec![&test.title];
    test.body.iter().for_each(|clause| of_clause(clause, &mut |expr| roots.push(expr)));
    if is_unread(&names_in(roots), &rows.name) {
        let message = format!("the test does not read `{}`, so that all its cases are the same", rows.name.text);
        let found = Diagnostic::warning(Code::UnusedVariable, source.at(rows.name.span), message);
        let clause = source.at(Span { start: test.title.span.end, end: rows.source.span.end });
        findings.add(found.with_help("remove the `for`, or read the row in the `input`").with_choice("remove the `for`", clause, ""));
    }
}

/// Offers `_` before a name that nothing reads, unless another has that name.
fn unread<'n>(found: Diagnostic, name: &Name, mut others: impl Iterator<Item = &'n Name>) -> Diagnostic {
    let marked = format!("_{}", name.text);
    if others.any(|other| *other.text == *marked) {
        return found;
    }
    let at = found.at;
    found.with_choice(format!("call it `{marked}`"), at, marked)
}

fn is_unread(read: &HashSet<&str>, name: &Name) -> bool {
    !name.text.starts_with('_') && !read.contains(&*name.text)
}

fn names_in<'a>(roots: impl IntoIterator<Item = &'a crate::syntax::ast::Expr>) -> HashSet<&'a str> {
    let mut read = HashSet::new();
    for root in roots {
        walk(root, &mut |expr| match &expr.kind {
            ExprKind::Name(name) => read.extend([name.as_str()]),
            ExprKind::Call { name, .. } => read.extend([name.text.as_str()]),
            _ => {}
        });
    }
    read
}
