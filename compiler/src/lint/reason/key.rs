//! What makes two expressions the same: their form without their places, and without what makes no difference: the order of the operands of `==`, `and` and `or`,
//! the side on which a bound stands, and the two ways to say one of an `int`.

use std::fmt::Write;

use tollgate_evaluator::plan::Order;
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::program::{Argument, Expr, ExprKind};

/// The longest key; longer expressions are like no others.
const MAX_BYTES: usize = 1 << 14;

/// A text that two expressions of one scope have in common only if they are the same, and so have the same value in a decision.
pub fn key(expr: &Expr) -> Option<String> {
    let mut out = String::new();
    write(expr, &mut out)?;
    Some(out)
}

/// The key of a condition's opposite.
pub fn key_of_negated(condition: &Expr) -> Option<String> {
    let mut out = String::new();
    negated(condition, &mut out)?;
    Some(out)
}

/// The key of a field of the request.
pub fn key_of_input(field: usize) -> String {
    format!("input{field}")
}

/// The key of a variable.
pub fn key_of_local(local: usize) -> String {
    format!("local{local}")
}

/// The key of a field of something with that key.
pub fn key_of_field(base: &str, name: &str) -> String {
    let mut out = format!("{base}.");
    quoted(name, &mut out);
    out
}

/// Expressions nest no deeper than the parser allows.
fn write(expr: &Expr, out: &mut String) -> Option<()> {
    if out.len() > MAX_BYTES {
        return None;
    }
    match &expr.kind {
        ExprKind::Error => return None,
        ExprKind::Const(value) => constant(value, out)?,
        ExprKind::Input(field) => out.push_str(&key_of_input(*field)),
        ExprKind::Args => out.push_str("args"),
        ExprKind::Data(place) => write!(out, "data{place}").ok()?,
        ExprKind::Definition(place) => write!(out, "definition{place}").ok()?,
        ExprKind::Score(place) => write!(out, "score{place}").ok()?,
        ExprKind::Fact(fact) => write!(out, "fact {}", fact.name()).ok()?,
        ExprKind::Local(local) => out.push_str(&key_of_local(*local)),
        ExprKind::Field { base, name, .. } | ExprKind::Member { base, name } => {
            write(base, out)?;
            out.push('.');
            quoted(name, out);
        }
        ExprKind::Index { base, index } => all("index", [&**base, &**index], out)?,
        ExprKind::And(parts) => junction("and", parts, out)?,
        ExprKind::Or(parts) => junction("or", parts, out)?,
        ExprKind::Not(inner) => negated(inner, out)?,
        ExprKind::If { condition, then, otherwise } => all("if", [&**condition, &**then, &**otherwise], out)?,
        ExprKind::Equal(a, b) => in_any_order("==", [&**a, &**b], out)?,
        ExprKind::Order(order, a, b) => ordered(*order, a, b, out)?,
        ExprKind::In(a, b) => all("in", [&**a, &**b], out)?,
        ExprKind::Like(text, pattern) => all(&format!("like {pattern:?}"), [&**text], out)?,
        ExprKind::Matches(text, pattern) => all(&format!("matches {pattern:?}"), [&**text], out)?,
        ExprKind::Coalesce(a, b) => all("??", [&**a, &**b], out)?,
        ExprKind::Arithmetic(op, a, b) => all(&format!("{op:?}"), [&**a, &**b], out)?,
        ExprKind::Negate(inner) => all("-", [&**inner], out)?,
        ExprKind::Text(parts) => all("text", parts, out)?,
        ExprKind::List(items) => all("list", items, out)?,
        ExprKind::Set(items) => all("set", items, out)?,
        ExprKind::Record(shape, items) => {
            let names: Vec<String> = shape.names().map(|name| format!("{name:?}")).collect();
            all(&format!("record {}", names.join(" ")), items, out)?;
        }
        ExprKind::Map(entries) => {
            out.push_str("map(");
            for (name, value) in entries {
                write!(out, "{name:?}:").ok()?;
                write(value, out)?;
            }
            out.push(')');
        }
        ExprKind::With { base, changes } => {
            all("with", [&**base], out)?;
            for (path, value) in changes {
                write!(out, "{path:?}:").ok()?;
                write(value, out)?;
            }
        }
        ExprKind::Call { function, args } => {
            write!(out, "{}(", function.key).ok()?;
            for arg in args {
                match arg {
                    Argument::Value(value) => write(value, out)?,
                    Argument::Lambda { local, body } => all(&format!("lambda{local}"), [body], out)?,
                }
                out.push(',');
            }
            out.push(')');
        }
        ExprKind::Invoke { definition, args } => all(&format!("invoke{definition}"), args, out)?,
        ExprKind::WithPresent { base, local, body } => all(&format!("present{local}"), [&**base, &**body], out)?,
        ExprKind::ToDecimal(inner) => all("decimal", [&**inner], out)?,
        ExprKind::ToJson(inner) => all("json", [&**inner], out)?,
    }
    Some(())
}

/// The operands of `and` and `or`; one that errs may do so behind one that decides, and not before it.
fn junction(form: &str, parts: &[Expr], out: &mut String) -> Option<()> {
    if parts.iter().any(|part| part.errs) { all(form, parts, out) } else { in_any_order(form, parts, out) }
}

/// `not a < b` is `b <= a`, and what is negated twice is itself.
fn negated(inner: &Expr, out: &mut String) -> Option<()> {
    match &inner.kind {
        ExprKind::Not(twice) => write(twice, out),
        ExprKind::Order(order, a, b) => ordered(order.opposite(), a, b, out),
        _ => all("not", [inner], out),
    }
}

/// A comparison with its lesser side first. Of `int`s, `a < 5` is `a <= 4`.
fn ordered(order: Order, a: &Expr, b: &Expr, out: &mut String) -> Option<()> {
    let (order, a, b) = if matches!(order, Order::Greater | Order::GreaterOrEqual) { (order.turned(), b, a) } else { (order, a, b) };
    let next = |bound: &Expr, step: i64| match bound.constant() {
        Some(Kept::Int(value)) if order == Order::Less && matches!((&a.ty, &b.ty), (Type::Int, Type::Int)) => value.checked_add(step),
        _ => None,
    };
    let of_bound = |value: i64, like: &Expr| Expr { kind: ExprKind::Const(Kept::Int(value)), ..like.clone() };
    match (next(a, 1), next(b, -1)) {
        (_, Some(most)) => all("<=", [a, &of_bound(most, b)], out),
        (Some(least), None) => all("<=", [&of_bound(least, a), b], out),
        (None, None) => all(if order == Order::Less { "<" } else { "<=" }, [a, b], out),
    }
}

/// Parts whose order makes no difference.
fn in_any_order<'e>(form: &str, parts: impl IntoIterator<Item = &'e Expr>, out: &mut String) -> Option<()> {
    let mut keys = parts.into_iter().map(key).collect::<Option<Vec<String>>>()?;
    keys.sort();
    out.push_str(form);
    out.push('(');
    for key in keys {
        out.extend([&*key, ","]);
        if out.len() > MAX_BYTES {
            return None;
        }
    }
    out.push(')');
    Some(())
}

/// A text so that it is told from what follows.
fn quoted(text: &str, out: &mut String) {
    if text.contains(['"', '\\']) {
        out.push_str(&format!("{text:?}"));
        return;
    }
    out.extend(["\"", text, "\""]);
}

fn all<'e>(form: &str, parts: impl IntoIterator<Item = &'e Expr>, out: &mut String) -> Option<()> {
    out.push_str(form);
    out.push('(');
    for part in parts {
        write(part, out)?;
        out.push(',');
    }
    out.push(')');
    Some(())
}

fn constant(value: &Kept, out: &mut String) -> Option<()> {
    match value {
        Kept::None => out.push_str("none"),
        Kept::Str(text) => quoted(text, out),
        Kept::Enum(variant, _) => write!(out, "variant {variant:?}").ok()?,
        Kept::Bool(_) | Kept::Int(_) | Kept::Decimal(_) | Kept::Duration(_) | Kept::Timestamp(_) | Kept::Ip(_) | Kept::Cidr(_) => {
            write!(out, "{:?} {}", std::mem::discriminant(value), value.view()).ok()?;
        }
        Kept::List(items) => constants("list", items, out)?,
        Kept::Set(items) => constants("set", items.items(), out)?,
        // Large constants are seldom written twice.
        Kept::Map(_) | Kept::Record(_) => return None,
    }
    Some(())
}

fn constants(form: &str, items: &[Kept], out: &mut String) -> Option<()> {
    out.push_str(form);
    out.push('[');
    for item in items {
        constant(item, out)?;
        out.push(',');
        if out.len() > MAX_BYTES {
            return None;
        }
    }
    out.push(']');
    Some(())
}
