//! Looks for a request that a rule matches, near others.

use std::collections::HashSet;
use std::ops::ControlFlow;

use tollgate_compiler::mutation::{constants_of, vary};
use tollgate_compiler::syntax::lexer::{TokenKind, lex};
use tollgate_evaluator::{ConditionTrace, Engine, Observed, RuleTrace};

use crate::analysis::actions::value::Value;

/// How many requests are tried from one on.
const MAX_TRIALS: usize = 600;

/// A request that a rule matches: the first, or one that comes from it by changing a leaf after the other, each so that more of the rule holds. `item` is
/// the rule's text, of which the constants are tried, and those with which the functions that it calls show what they do.
pub fn matching(engine: &Engine, rule: &str, item: &str, first: &Value) -> Option<Value> {
    let mut here = first.to_json();
    let mut most = match held(engine, rule, &here) {
        Held::All => return Some(first.clone()),
        Held::Some(count) => count,
    };
    let (constants, mut trials) = (constants(item), 0);
    loop {
        let (mut found, mut better) = (None, None);
        vary([here.as_bytes()].into_iter(), &constants, |other| {
            trials += 1;
            match held(engine, rule, &other) {
                Held::All => found = Some(other),
                Held::Some(count) if count > most => better = Some((count, other)),
                Held::Some(_) => {}
            }
            if found.is_some() || better.is_some() || trials == MAX_TRIALS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Some(found) = found {
            return Value::parse(&found);
        }
        (most, here) = better.filter(|_| trials < MAX_TRIALS)?;
    }
}

/// How much of a rule holds.
pub enum Held {
    /// It matches.
    All,
    /// So many of the parts of its conditions.
    Some(usize),
}

/// How much of a rule holds of a request.
pub fn held(engine: &Engine, rule: &str, json: &str) -> Held {
    match engine.explain_rule(rule, json.as_bytes()) {
        Some(trace) if trace.matched => Held::All,
        Some(trace) => Held::Some(parts_that_hold(&trace)),
        None => Held::Some(0),
    }
}

fn parts_that_hold(trace: &RuleTrace) -> usize {
    let count = |conditions: &[ConditionTrace]| conditions.iter().map(|condition| true_parts(condition, !condition.unless)).sum::<usize>();
    let chosen = trace.choices.iter().map(|choice| 1 + count(&choice.conditions)).max().unwrap_or(0);
    usize::from(trace.on) + count(&trace.conditions) + chosen
}

/// How many parts of a condition are as they are wanted; all of them, where it is itself.
fn true_parts(condition: &ConditionTrace, wanted: bool) -> usize {
    if condition.observed == Observed::Value(wanted.to_string()) {
        return parts(condition);
    }
    condition.parts.iter().map(|part| true_parts(part, wanted)).sum()
}

fn parts(condition: &ConditionTrace) -> usize {
    condition.parts.iter().map(parts).sum::<usize>().max(1)
}

/// The constants of a rule, and of the examples of what it calls.
fn constants(item: &str) -> Vec<serde_json::Value> {
    let tokens = lex(item);
    let words: HashSet<&str> = tokens.iter().filter(|token| token.kind == TokenKind::Word).map(|token| token.span.of(item)).collect();
    let called = tollgate_stdlib::all().filter(|function| words.contains(function.name));
    constants_of(item).into_iter().chain(called.flat_map(|function| constants_of(function.example))).collect()
}
