//! A test of a rule: a request that it matches, as far as one is found.

mod draft;
mod search;

use std::cmp::Reverse;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::program::Rule;
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_evaluator::Engine;

use super::value::Value;
use super::{Action, ActionKind, Asked, Change, Here, TextEdit, recorded, text_of};
use draft::Draft;
use search::Held;

/// The most tools for which a request is made.
const MOST_TOOLS: usize = 100;
/// From how many of these requests on others are tried.
const MOST_SEARCHED: usize = 3;

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
    let Found { draft, engine, input } = find(set, rule)?;
    let own = name.rsplit('.').next().unwrap_or(name).replace('_', " ");
    let title = if input.is_some() { own } else { format!("{own} (does not match yet)") };
    let at = place_of(set, rule);
    let test = recorded::test(set, at.file, &title, &input.unwrap_or(draft.input), &draft.data, &engine);
    Ok(vec![recorded::inserted(set, at, &test)])
}

/// What was found for a rule.
struct Found<'s> {
    /// A call that may be near one that the rule matches, and its data.
    draft: Draft<'s>,
    /// An engine that has the data.
    engine: Engine,
    /// The call near it that the rule matches, where one was found.
    input: Option<Value>,
}

/// Looks for a call that the rule matches: of all the tools that the rule may be about, near those of which most of the rule holds at once.
fn find<'s>(set: &'s PolicySet, rule: &Rule) -> Result<Found<'s>, String> {
    let without_data = recorded::engine(set)?;
    let unbound = recorded::unbound(set, &without_data);
    let mut drafts = Vec::new();
    for tool in tools(set, rule) {
        let mut draft = Draft::of(set.program(), rule, &tool);
        unbound.iter().for_each(|(name, value)| draft.bind_if_free(name, value.clone()));
        let engine = without_data.fork();
        recorded::bind(&engine, &draft.data)?;
        match search::held(&engine, &rule.name, &draft.input.to_json()) {
            Held::All => {
                let input = Some(draft.input.clone());
                return Ok(Found { draft, engine, input });
            }
            Held::Some(count) => drafts.push((count, draft, engine)),
        }
    }
    // Of those that are as near, the first stays before the others.
    drafts.sort_by_key(|(count, ..)| Reverse(*count));
    let item = set.place(rule.item);
    let text = item.span.of(text_of(set, item.file));
    let mut nearest = None;
    for (_, draft, engine) in drafts.into_iter().take(MOST_SEARCHED) {
        let input = search::matching(&engine, &rule.name, text, &draft.input);
        if input.is_some() {
            return Ok(Found { draft, engine, input });
        }
        nearest = nearest.or(Some(Found { draft, engine, input }));
    }
    nearest.ok_or_else(|| format!("`{}` is about no call", rule.name))
}

/// The tools that a rule may be about, by name: those that it names, one that fits its first pattern, and those that are declared.
fn tools(set: &PolicySet, rule: &Rule) -> Vec<String> {
    let is_declared = |name: &str| set.program().tools.iter().any(|tool| *tool.name == *name);
    let mut tools: Vec<String> = rule.on.iter().filter(|on| is_declared(on)).map(ToString::to_string).collect();
    if tools.len() < rule.on.len() || rule.on.is_empty() {
        tools.extend(set.program().tools.iter().map(|tool| tool.name.to_string()));
        tools.truncate(MOST_TOOLS);
        tools.push(rule.on.first().map_or_else(|| "x".to_owned(), |on| draft::plain(on)));
    }
    tools
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
