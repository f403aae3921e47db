//! What a condition proves present: narrowing of optionals by flow.

use std::collections::HashSet;

use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

/// More facts than this are not remembered, so that endless conditions stay cheap.
const MAX_FACTS: usize = 64;

/// The canonical text of an expression; the language is pure, so equal texts in one scope are equal values. `a?.b` and `a.b` are the same.
/// `None` for forms that nobody tests for presence.
pub fn key(expr: &Expr) -> Option<String> {
    let mut text = String::new();
    write_key(expr, &mut text).then_some(text)
}

fn write_key(expr: &Expr, out: &mut String) -> bool {
    match &expr.kind {
        ExprKind::Paren(inner) => write_key(inner, out),
        ExprKind::Name(name) => {
            out.push_str(name);
            true
        }
        ExprKind::Int(Some(value)) => {
            out.push_str(&value.to_string());
            true
        }
        ExprKind::Bool(value) => {
            out.push_str(if *value { "true" } else { "false" });
            true
        }
        ExprKind::Decimal(text) => {
            out.push_str(text);
            true
        }
        ExprKind::Duration(Some(nanos)) => {
            out.push_str(&format!("{nanos}ns"));
            true
        }
        ExprKind::Template { parts, .. } => write_text_key(parts, out),
        ExprKind::Field { base, name, .. } => write_key(base, out) && push_all(out, &[".", &format!("{:?}", name.text)]),
        ExprKind::Index { base, index } => write_key(base, out) && push_all(out, &["["]) && write_key(index, out) && push_all(out, &["]"]),
        ExprKind::Method { base, name, args, .. } => {
            write_key(base, out)
                && push_all(out, &[".", &name.text, "("])
                && args.iter().all(|arg| write_key(arg, out) && push_all(out, &[","]))
                && push_all(out, &[")"])
        }
        ExprKind::Call { name, args } => {
            push_all(out, &[&name.text, "("]) && args.iter().all(|arg| write_key(arg, out) && push_all(out, &[","])) && push_all(out, &[")"])
        }
        ExprKind::Unary { op: UnaryOp::Neg, operand } => push_all(out, &["-"]) && write_key(operand, out),
        ExprKind::Binary { op, left, right, .. } => {
            push_all(out, &["("]) && write_key(left, out) && push_all(out, &[&format!(" {op:?} ")]) && write_key(right, out) && push_all(out, &[")"])
        }
        _ => false,
    }
}

fn write_text_key(parts: &[crate::syntax::ast::TemplatePart], out: &mut String) -> bool {
    use crate::syntax::ast::TemplatePart;
    parts.iter().all(|part| match part {
        TemplatePart::Text(text) => push_all(out, &[&format!("{text:?}")]),
        TemplatePart::Hole { .. } => false,
    })
}

fn push_all(out: &mut String, parts: &[&str]) -> bool {
    parts.iter().for_each(|part| out.push_str(part));
    true
}

/// The keys that are present where the condition has that outcome; `None` where it cannot have it (then everything may be assumed).
fn facts(condition: &Expr, outcome: bool) -> Option<HashSet<String>> {
    match &condition.kind {
        ExprKind::Paren(inner) => facts(inner, outcome),
        ExprKind::Bool(value) => (*value == outcome).then(HashSet::new),
        ExprKind::Unary { op: UnaryOp::Not, operand } => facts(operand, !outcome),
        ExprKind::Logic { and, operands } if *and == outcome => every(operands, outcome),
        ExprKind::Logic { operands, .. } => some(operands, outcome),
        ExprKind::If { condition, then, otherwise } => {
            let through_then = both(facts(condition, true), facts(then, outcome));
            let through_else = both(facts(condition, false), facts(otherwise, outcome));
            either(through_then, through_else)
        }
        ExprKind::Has { base, field } if outcome => {
            let mut found = HashSet::new();
            let mut text = String::new();
            if write_key(base, &mut text) {
                found.insert(format!("{text}.{:?}", field.text));
            }
            Some(found)
        }
        ExprKind::Binary { op: BinaryOp::Eq, left, right, .. } if !outcome => Some(present_operand(left, right)),
        ExprKind::Binary { op: BinaryOp::Ne, left, right, .. } if outcome => Some(present_operand(left, right)),
        _ => Some(HashSet::new()),
    }
}

/// The keys that a condition's outcome proves present.
pub fn proved(condition: &Expr, outcome: bool) -> HashSet<String> {
    facts(condition, outcome).unwrap_or_default()
}

/// All operands have the outcome.
fn every(operands: &[Expr], outcome: bool) -> Option<HashSet<String>> {
    operands.iter().try_fold(HashSet::new(), |known, operand| both(Some(known), facts(operand, outcome)))
}

/// The first operand with the outcome decides; those before it have the other.
fn some(operands: &[Expr], outcome: bool) -> Option<HashSet<String>> {
    let mut before = Some(HashSet::new());
    let mut found = None;
    for operand in operands {
        found = either(found, both(before.clone(), facts(operand, outcome)));
        before = both(before, facts(operand, !outcome));
    }
    found
}

fn both(a: Option<HashSet<String>>, b: Option<HashSet<String>>) -> Option<HashSet<String>> {
    let (mut all, more) = (a?, b?);
    if all.len() + more.len() <= MAX_FACTS {
        all.extend(more);
    }
    Some(all)
}

fn either(a: Option<HashSet<String>>, b: Option<HashSet<String>>) -> Option<HashSet<String>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.into_iter().filter(|key| b.contains(key)).collect()),
        (one, other) => one.or(other),
    }
}

/// What a comparison with `none` is about, with what its `?.` went through.
fn present_operand(left: &Expr, right: &Expr) -> HashSet<String> {
    let is_none = |expr: &Expr| matches!(strip(expr).kind, ExprKind::None);
    let mut found = HashSet::new();
    if is_none(right) {
        add_chain(strip(left), &mut found);
    } else if is_none(left) {
        add_chain(strip(right), &mut found);
    }
    found
}

fn add_chain(expr: &Expr, found: &mut HashSet<String>) {
    found.extend(key(expr));
    match &expr.kind {
        ExprKind::Field { base, optional: true, .. } | ExprKind::Method { base, optional: true, .. } => add_chain(strip(base), found),
        ExprKind::Field { base, .. } | ExprKind::Index { base, .. } => add_inner(strip(base), found),
        _ => {}
    }
}

/// Below a plain `.`, only the links further down may be `?.`.
fn add_inner(expr: &Expr, found: &mut HashSet<String>) {
    match &expr.kind {
        ExprKind::Field { base, optional: true, .. } | ExprKind::Method { base, optional: true, .. } => add_chain(strip(base), found),
        ExprKind::Field { base, .. } | ExprKind::Index { base, .. } => add_inner(strip(base), found),
        _ => {}
    }
}

/// The expression without the brackets around it.
pub fn strip(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Paren(inner) => strip(inner),
        _ => expr,
    }
}
