//! Looks for a request that a policy and its mutant decide differently: the test that is missing.
//!
//! It is a search, not a proof: requests that tests make are changed in one place each, into the constants of the item that is mutated and their neighbours.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::ControlFlow;

use serde_json::{Number, Value};
use tollgate_evaluator::{Decision, Engine};

use super::change;
use crate::syntax::lexer::{TokenKind, lex};
use crate::testing::Answered;

/// How many requests are changed.
const MAX_REQUESTS: usize = 200;
/// How many decisions are compared.
const MAX_TRIALS: usize = 2_000;
/// How many constants are tried in all requests before others are.
const NEAR: usize = 40;

/// A request, and what each of the two makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The request, as JSON.
    pub input: String,
    /// The decision without the change: `deny by p.exports`.
    pub before: String,
    /// The decision with it.
    pub after: String,
}

/// A request that tells them apart, if one is found near those requests. Constants of what is mutated are tried before those of the other texts, and
/// requests that have them before others.
pub fn telling<'t>(policy: &Engine, mutant: &Engine, requests: &[Vec<u8>], item: &str, others: impl Iterator<Item = &'t str>) -> Option<Telling> {
    let mut constants = constants_of(item);
    let own: Vec<String> = constants.iter().map(Value::to_string).collect();
    let fitting =
        |request: &&Vec<u8>| own.iter().filter(|constant| request.windows(constant.len().max(1)).any(|part| part == constant.as_bytes())).count();
    let mut requests: Vec<&Vec<u8>> = requests.iter().collect();
    requests.sort_by_cached_key(|request| Reverse(fitting(request)));
    constants.extend(others.flat_map(constants_of));
    let mut seen = HashSet::new();
    constants.retain(|constant| seen.insert(constant.to_string()));
    // The nearest constants in all requests, before the others in any.
    let (near, far) = constants.split_at(constants.len().min(NEAR));
    [near, far].into_iter().find_map(|constants| near_to(policy, mutant, &requests, constants))
}

fn near_to(policy: &Engine, mutant: &Engine, requests: &[&Vec<u8>], constants: &[Value]) -> Option<Telling> {
    let (mut trials, mut found) = (0, None);
    vary(requests.iter().map(|request| request.as_slice()).take(MAX_REQUESTS), constants, |input| {
        trials += 1;
        found = difference(policy, mutant, input);
        if found.is_some() || trials == MAX_TRIALS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}

/// The first of the requests that a case makes of which a policy and its mutant, in whatever part of the decision, say something else; see
/// [`crate::testing::Suite::decisions`].
pub fn told_by_case(policy: &[Answered], mutant: &[Answered]) -> Option<Telling> {
    policy.iter().zip(mutant).find_map(|((input, before), (_, after))| {
        let (mut told, mut other) = (summary(before), summary(after));
        if told == other {
            let (before, after) = (parts(before), parts(after));
            let (part, before, after) =
                PARTS.into_iter().zip(before.into_iter().zip(after)).map(|(part, (a, b))| (part, a, b)).find(|(_, a, b)| a != b)?;
            told = format!("{told}, {part} {before}");
            other = format!("{other}, {part} {after}");
        }
        Some(Telling { input: String::from_utf8_lossy(input).into_owned(), before: told, after: other })
    })
}

/// What two policies make of a request, where that differs.
pub fn difference(policy: &Engine, other: &Engine, input: String) -> Option<Telling> {
    let (before, after) = (summary(&policy.decide(input.as_bytes())), summary(&other.decide(input.as_bytes())));
    (before != after).then_some(Telling { input, before, after })
}

/// Calls back with requests that differ from the given ones in one place each, where one of the constants stands, or a truth is turned round.
pub fn vary<'r>(requests: impl Iterator<Item = &'r [u8]>, constants: &[Value], mut visit: impl FnMut(String) -> ControlFlow<()>) {
    // Apart, so that every constant that is looked at is tried.
    let (numbers, texts): (Vec<&Value>, Vec<&Value>) = constants.iter().partition(|constant| constant.is_number());
    for request in requests {
        let Ok(whole) = serde_json::from_slice::<Value>(request) else { continue };
        let mut paths = Vec::new();
        leaves(&whole, &mut Vec::new(), &mut paths);
        for path in &paths {
            let Some(old) = at(&whole, path) else { continue };
            let alike: &[&Value] = match old {
                Value::Number(_) => &numbers,
                Value::String(_) => &texts,
                _ => &[],
            };
            for new in alike.iter().filter(|new| **new != old).map(|new| (*new).clone()).chain(flipped(old)) {
                let mut changed = whole.clone();
                if let Some(leaf) = at_mut(&mut changed, path) {
                    *leaf = new;
                }
                if visit(changed.to_string()).is_break() {
                    return;
                }
            }
        }
    }
}

/// Numbers with their neighbours and texts that stand in a text, but for annotations and reasons, which no decision reads.
pub fn constants_of(item: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    // No token goes on in another line.
    let lines = item.lines().filter(|line| !["@", "because "].iter().any(|start| line.trim_start().starts_with(start)));
    for (line, token) in lines.flat_map(|line| lex(line).into_iter().map(move |token| (line, token))) {
        let range = usize::try_from(token.span.start).ok().zip(usize::try_from(token.span.end).ok());
        let text = range.and_then(|(start, end)| line.get(start..end)).unwrap_or_default();
        match token.kind {
            TokenKind::Int | TokenKind::Decimal => {
                let own = text.replace('_', "");
                let near = [change::number(text, false), Some(own), change::number(text, true)];
                found.extend(near.into_iter().flatten().filter_map(|number| number.parse::<Number>().ok()).map(Value::Number));
            }
            TokenKind::String => found.extend(serde_json::from_str::<Value>(text).ok()),
            _ => {}
        }
    }
    found
}

/// Where the scalars of a request are, in order.
fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            path.push(name.clone());
            leaves(value, path, found);
            path.pop();
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(place, value)| {
            path.push(place.to_string());
            leaves(value, path, found);
            path.pop();
        }),
        _ => found.push(path.clone()),
    }
}

fn at<'v>(value: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

fn at_mut<'v>(value: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, name| match value {
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        other => other.get_mut(name),
    })
}

fn flipped(value: &Value) -> Option<Value> {
    value.as_bool().map(|value| Value::Bool(!value))
}

/// What a decision says beside its summary.
const PARTS: [&str; 4] = ["reasons", "scores", "shadow", "errors"];

fn parts(decision: &Decision) -> [Value; 4] {
    PARTS.map(|part| part_of(decision, part))
}

fn part_of(decision: &Decision, part: &str) -> Value {
    serde_json::from_str::<Value>(&decision.to_json()).ok().and_then(|mut whole| whole.get_mut(part).map(Value::take)).unwrap_or_default()
}

/// What was decided, by which rules, and what is required.
fn summary(decision: &Decision) -> String {
    let rules: Vec<&str> = decision.rules().collect();
    let by = if rules.is_empty() { "none".to_owned() } else { rules.join(", ") };
    match part_of(decision, "obligations") {
        Value::Array(required) if !required.is_empty() => format!("{} by {by}, requires {}", decision.effect(), Value::Array(required)),
        _ => format!("{} by {by}", decision.effect()),
    }
}
