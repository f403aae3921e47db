//! Texts that mean something in other languages: a type in quotes, and `${…}`.

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind, Span, TemplatePart, Text, TypeKind};

use super::style::strip;
use super::visit::{each_expr, each_type};
use super::{Findings, Source, View};

/// Enums of one text that names a type, and compared texts with a `$` before a hole.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        each_type(&source.item.kind, &mut |ty| {
            if let TypeKind::Enum(variants) = &ty.kind
                && let [only] = variants.names.as_slice()
            {
                quoted_type(source, only).into_iter().for_each(|found| findings.add(found));
            }
        });
        if matches!(source.item.kind, ItemKind::Test(_)) {
            continue;
        }
        each_expr(source.item, &mut |expr| {
            if let ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::Ne | BinaryOp::In | BinaryOp::NotIn, left, right, .. } = &expr.kind {
                let texts = compared(left).iter().chain(compared(right));
                texts.flat_map(|text| dollars(view, source, text)).for_each(|found| findings.add(found));
            }
        });
    }
}

fn quoted_type(source: Source<'_, '_>, only: &Text) -> Option<Diagnostic> {
    let meant = type_named(&only.text)?;
    let at = source.at(only.span);
    let found = Diagnostic::warning(Code::QuotedType, at, format!("only the text \"{}\" is of this type", only.text));
    Some(found.with_help(format!("types stand without quotes: write `{meant}`")).with_choice(format!("write `{meant}`"), at, meant))
}

/// The type that a word means, here or elsewhere.
fn type_named(word: &str) -> Option<&'static str> {
    Some(match word {
        "string" | "str" => "string",
        "int" | "integer" => "int",
        "number" | "float" | "double" | "decimal" => "decimal",
        "bool" | "boolean" => "bool",
        "duration" => "duration",
        "timestamp" | "datetime" => "timestamp",
        _ => return None,
    })
}

/// What an operand compares: itself, or the elements of a list or set.
fn compared(operand: &Expr) -> &[Expr] {
    match &strip(operand).kind {
        ExprKind::List(items) | ExprKind::Set(items) => items,
        _ => std::slice::from_ref(operand),
    }
}

fn dollars(view: &View<'_>, source: Source<'_, '_>, text: &Expr) -> Vec<Diagnostic> {
    let ExprKind::Template { parts, .. } = &strip(text).kind else { return Vec::new() };
    let before_hole = parts.windows(2).filter_map(|pair| match pair {
        [TemplatePart::Text(text), TemplatePart::Hole { span, .. }] if text.ends_with('$') => Some(*span),
        _ => None,
    });
    let told = |hole: Span| {
        let dollar = source.at(Span { start: hole.start.checked_sub(1)?, end: hole.start });
        let written = (view.text)(source.at(hole));
        let found = Diagnostic::warning(Code::DollarHole, dollar, "this `$` is a part of the text")
            .with_help(format!("a hole has no `$` before it: write `{written}`"))
            .with_choice("remove `$`", dollar, "");
        // An escape that stands for it was meant so.
        ((view.text)(dollar) == "$").then_some(found)
    };
    before_hole.filter_map(told).collect()
}
