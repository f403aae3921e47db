//! What makes two expressions the same: their form without their places.

use std::fmt::Write;

use tollgate_stdlib::Kept;

use crate::program::{Argument, Expr, ExprKind};

/// The longest key; longer expressions are like no others.
const MAX_BYTES: usize = 1 << 14;

/// A text that two expressions of one scope have in common only if they are the same, and so have the same value in a decision.
pub fn key(expr: &Expr) -> Option<String> {
    let mut out = String::new();
    write(expr, &mut out)?;
    Some(out)
}

/// The key of a field of the request.
pub fn key_of_input(field: usize) -> String {
    format!("input{field}")
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
        ExprKind::Local(local) => write!(out, "local{local}").ok()?,
        ExprKind::Field { base, name, .. } | ExprKind::Member { base, name } => {
            write(base, out)?;
            out.push('.');
            quoted(name, out);
        }
        ExprKind::Index { base, index } => all("index", [&**base, &**index], out)?,
        ExprKind::And(parts) => all("and", parts, out)?,
        ExprKind::Or(parts) => all("or", parts, out)?,
        ExprKind::Not(inner) => all("not", [&**inner], out)?,
        ExprKind::If { condition, then, otherwise } => all("if", [&**condition, &**then, &**otherwise], out)?,
        ExprKind::Equal(a, b) => all("==", [&**a, &**b], out)?,
        ExprKind::Order(order, a, b) => all(&format!("{order:?}"), [&**a, &**b], out)?,
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
