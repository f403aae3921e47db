//! Requests near others: one place changed, into constants of a policy's text.

use std::ops::ControlFlow;

use serde_json::{Number, Value};

use super::change;
use crate::syntax::lexer::{TokenKind, lex};

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
