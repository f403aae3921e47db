//! Requests near others: one place changed, into constants of a policy's text.

use std::ops::ControlFlow;

use serde_json::{Number, Value};

use super::change;
use crate::syntax::lexer::{TokenKind, is_item_keyword, lex};

/// Calls back with requests that differ from the given ones in one place each, as [`near`] does, until it is told to stop.
pub fn vary<'r>(requests: impl Iterator<Item = &'r [u8]>, constants: &[Value], mut visit: impl FnMut(String) -> ControlFlow<()>) {
    let constants: Vec<&Value> = constants.iter().collect();
    // Who has stopped it knows.
    let _ = near(requests, &constants, &mut visit);
}

/// Calls back with requests that differ from the given ones in one place each, where one of the constants stands, or a truth is turned round.
pub fn near<'r>(requests: impl Iterator<Item = &'r [u8]>, constants: &[&Value], visit: &mut dyn FnMut(String) -> ControlFlow<()>) -> ControlFlow<()> {
    // Apart, so that every constant that is looked at is tried.
    let (numbers, texts): (Vec<&Value>, Vec<&Value>) = constants.iter().copied().partition(|constant| constant.is_number());
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
                visit(changed.to_string())?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// Numbers with their neighbours and texts that stand in a text, but for those of annotations, of reasons and of `on`, which hardly are what a field holds.
pub fn constants_of(item: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut aside: Option<Aside> = None;
    for token in lex(item).into_iter().filter(|token| !token.kind.is_trivia()) {
        let text = token.span.of(item);
        aside = Aside::after(aside, token.kind, text);
        match token.kind {
            _ if aside.is_some() => {}
            TokenKind::Int | TokenKind::Decimal => {
                let own = text.replace('_', "");
                let near = [change::number(text, false), Some(own), change::number(text, true)];
                found.extend(near.into_iter().flatten().filter_map(|number| number.parse::<Number>().ok()).map(Value::Number));
            }
            // One with a hole is no text that a field holds.
            TokenKind::String if !text.contains('{') => found.extend(serde_json::from_str::<Value>(text).ok()),
            _ => {}
        }
    }
    found
}

/// What stands in an item without being compared with anything.
#[derive(Clone, Copy)]
enum Aside {
    /// The name of an annotation.
    Annotation,
    /// Its arguments, within so many brackets.
    Arguments(usize),
    /// What follows `because` or `on`, up to the next clause.
    Clause,
}

impl Aside {
    /// Where one is after a token.
    fn after(before: Option<Aside>, kind: TokenKind, text: &str) -> Option<Aside> {
        match (before, kind) {
            (_, TokenKind::At) => Some(Aside::Annotation),
            (Some(Aside::Annotation), TokenKind::LeftParen) => Some(Aside::Arguments(1)),
            (Some(Aside::Arguments(depth)), TokenKind::LeftParen) => Some(Aside::Arguments(depth + 1)),
            // The last bracket is the annotation's own.
            (Some(Aside::Arguments(depth)), TokenKind::RightParen) => depth.checked_sub(1).filter(|depth| *depth > 0).map(Aside::Arguments),
            (Some(Aside::Arguments(depth)), _) => Some(Aside::Arguments(depth)),
            (_, TokenKind::Word) if matches!(text, "because" | "on") => Some(Aside::Clause),
            (_, TokenKind::Word) if is_item_keyword(text) || matches!(text, "for" | "when" | "unless" | "require") => None,
            // The next part of a score.
            (Some(Aside::Clause), TokenKind::Int) => None,
            (Some(Aside::Annotation), TokenKind::Word) => before,
            (Some(Aside::Annotation), _) => None,
            (before, _) => before,
        }
    }
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
