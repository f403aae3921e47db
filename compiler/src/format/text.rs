//! Expressions on one line, made from the tree alone.

use std::fmt::Write as _;

use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Key, Name, TemplatePart, UnaryOp};
use crate::syntax::lexer::is_word;

/// The expression in canonical form on one line.
pub fn expr_to_text(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr);
    out
}

/// A text as a string literal.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(&mut out, text);
    out
}

fn write_expr(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Error => out.push('…'),
        ExprKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExprKind::None => out.push_str("none"),
        ExprKind::Int(value) => match value {
            Some(value) => out.push_str(&value.to_string()),
            None => out.push('…'),
        },
        ExprKind::Decimal(digits) => out.push_str(digits),
        ExprKind::Duration(value) => match value {
            Some(nanoseconds) => write_duration(out, *nanoseconds),
            None => out.push('…'),
        },
        ExprKind::Template { parts, raw } => write_template(out, parts, *raw),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::List(elements) => write_list(out, "[", elements, "]"),
        ExprKind::Set(elements) => write_list(out, "{", elements, "}"),
        ExprKind::Record(entries) => write_entries(out, entries),
        ExprKind::Field { base, name, optional } => write_access(out, base, name, *optional),
        ExprKind::Index { base, index } => {
            write_expr(out, base);
            out.push('[');
            write_expr(out, index);
            out.push(']');
        }
        ExprKind::Method { base, name, args, optional } => {
            write_access(out, base, name, *optional);
            write_list(out, "(", args, ")");
        }
        ExprKind::Call { name, args } => {
            out.push_str(&name.text);
            write_list(out, "(", args, ")");
        }
        ExprKind::Lambda { param, body } => {
            out.push_str(&param.text);
            out.push_str(" => ");
            write_expr(out, body);
        }
        ExprKind::With { base, changes } => {
            write_expr(out, base);
            out.push_str(" with ");
            write_entries(out, changes);
        }
        ExprKind::Unary { op, operand } => {
            out.push_str(if *op == UnaryOp::Not { "not " } else { "-" });
            write_expr(out, operand);
        }
        ExprKind::Logic { and, operands } => {
            for (index, operand) in operands.iter().enumerate() {
                if index > 0 {
                    out.push_str(if *and { " and " } else { " or " });
                }
                write_expr(out, operand);
            }
        }
        ExprKind::Binary { op, left, right, .. } => {
            write_expr(out, left);
            out.push(' ');
            out.push_str(op.text());
            out.push(' ');
            write_expr(out, right);
        }
        ExprKind::Has { base, field } => {
            write_expr(out, base);
            out.push_str(" has ");
            write_name(out, field);
        }
        ExprKind::If { condition, then, otherwise } => {
            for (word, part) in [("if ", condition), (" then ", then), (" else ", otherwise)] {
                out.push_str(word);
                write_expr(out, part);
            }
        }
        ExprKind::Paren(inner) => {
            out.push('(');
            write_expr(out, inner);
            out.push(')');
        }
    }
}

fn write_access(out: &mut String, base: &Expr, name: &Name, optional: bool) {
    write_expr(out, base);
    out.push_str(if optional { "?." } else { "." });
    write_name(out, name);
}

fn write_name(out: &mut String, name: &Name) {
    if is_word(&name.text) {
        out.push_str(&name.text);
    } else {
        write_quoted(out, &name.text);
    }
}

fn write_list(out: &mut String, open: &str, elements: &[Expr], close: &str) {
    out.push_str(open);
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_expr(out, element);
    }
    out.push_str(close);
}

fn write_entries(out: &mut String, entries: &[(Key, Expr)]) {
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { " " });
        for (index, part) in key.parts.iter().enumerate() {
            if index > 0 {
                out.push('.');
            }
            write_name(out, part);
        }
        out.push_str(": ");
        write_expr(out, value);
    }
    out.push_str(if entries.is_empty() { "}" } else { " }" });
}

fn write_template(out: &mut String, parts: &[TemplatePart], raw: bool) {
    if let (true, [TemplatePart::Text(text)]) = (raw, parts) {
        let hashes = if text.contains('"') { "#" } else { "" };
        let _ = write!(out, "r{hashes}\"{text}\"{hashes}");
        return;
    }
    out.push('"');
    for part in parts {
        match part {
            TemplatePart::Text(text) => write_escaped(out, text),
            TemplatePart::Hole { expr, .. } => {
                out.push('{');
                write_expr(out, expr);
                out.push('}');
            }
        }
    }
    out.push('"');
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    write_escaped(out, text);
    out.push('"');
}

fn write_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '{' | '}' => out.extend([character, character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if character.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
}

fn write_duration(out: &mut String, nanoseconds: i64) {
    const UNITS: [(i64, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let mut rest = nanoseconds / 1_000_000;
    if rest == 0 {
        out.push_str("0s");
    }
    for (size, unit) in UNITS {
        if rest >= size {
            let _ = write!(out, "{}{unit}", rest / size);
            rest %= size;
        }
    }
}

impl BinaryOp {
    /// The operator as it is written.
    pub fn text(self) -> &'static str {
        match self {
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::In => "in",
            BinaryOp::NotIn => "not in",
            BinaryOp::Like => "like",
            BinaryOp::Matches => "matches",
            BinaryOp::Coalesce => "??",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
        }
    }
}
