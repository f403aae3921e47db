//! A test of a rule: a request that it matches, as far as one is found.

mod draft;

use std::ops::ControlFlow;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::mutation::{constants_of, vary};
use tollgate_compiler::program::Rule;
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_evaluator::Engine;

use super::value::Value;
use super::{Action, ActionKind, Asked, Change, Here, TextEdit, recorded, text_of};
use draft::Draft;

/// How many requests near the first are tried.
const MAX_TRIALS: usize = 500;

/// Offers a test of the rule at the place; it is made when it is asked for.
pub fn offer(asked: &Asked<'_>, here: &Here<'_>) -> Option<Action> {
    let ItemKind::Rule(rule) = &here.item.kind else { return None };
    if asked.set.has_errors() || here.range.start > rule.name.span.end {
        return None;
    }
    let change = Change::TestOfRule(format!("{}.{}", asked.set.package(here.file), rule.name.text));
    Some(Action { change, ..Action::new(format!("write a test of `{}`", rule.name.text), ActionKind::Rewrite, Vec::new()) })
}

/// A test that expects what is decided of a request which the rule matches.
pub fn test_of_rule(set: &PolicySet, name: &str) -> Result<Vec<TextEdit>, String> {
    let rules = &set.program().rules;
    let place = rules.binary_search_by(|rule| (*rule.name).cmp(name)).map_err(|_| format!("there is no rule `{name}`"))?;
    let rule = rules.get(place).ok_or("there is no such rule")?;
    let engine = recorded::engine(set)?;
    let mut draft = Draft::of(set.program(), rule);
    for (name, value) in recorded::unbound(set, &engine) {
        draft.bind_if_free(&name, value);
    }
    let data = draft.data();
    recorded::bind(&engine, &data)?;
    let found = matching(set, &engine, rule, &draft.input);
    let own = name.rsplit('.').next().unwrap_or(name).replace('_', " ");
    let title = if found.is_some() { own } else { format!("{own} (does not match yet)") };
    let at = place_of(set, rule);
    let test = recorded::test(set, at.file, &title, &found.unwrap_or(draft.input), &data, &engine);
    Ok(vec![recorded::inserted(set, at, &test)])
}

/// The request, or one near it, that the rule matches.
fn matching(set: &PolicySet, engine: &Engine, rule: &Rule, first: &Value) -> Option<Value> {
    let matches = |json: &str| engine.explain_rule(&rule.name, json.as_bytes()).is_some_and(|trace| trace.matched);
    if matches(&first.to_json()) {
        return Some(first.clone());
    }
    let item = set.place(rule.item);
    let constants = constants_of(item.span.of(text_of(set, item.file)));
    let (json, mut trials, mut found) = (first.to_json(), 0, None);
    vary([json.as_bytes()].into_iter(), &constants, |other| {
        trials += 1;
        if matches(&other) {
            found = Value::parse(&other);
        }
        if found.is_some() || trials == MAX_TRIALS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// Where a test of a rule goes: behind it, or at the end of the file that has its package's tests.
fn place_of(set: &PolicySet, rule: &Rule) -> Location {
    let item = set.place(rule.item);
    let end = |file: FileId, offset: u32| Location { file, span: Span { start: offset, end: offset } };
    match recorded::file_of_tests(set, item.file).filter(|file| *file != item.file) {
        Some(file) => end(file, text_of(set, file).len() as u32),
        None => end(item.file, item.span.end),
    }
}
