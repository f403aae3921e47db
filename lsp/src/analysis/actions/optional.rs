//! What to do with a value that may be absent.

use tollgate_compiler::diagnostic::{Code, Diagnostic};
use tollgate_compiler::syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind, Rule, Span};
use tollgate_stdlib::types::Type;

use super::literal::placeholder;
use super::{Action, ActionKind, Asked, Here};

/// For each value at the place that may be absent: a value in its stead, a guard, a choice.
pub fn wrappings(asked: &Asked<'_>, here: &Here<'_>) -> Vec<Action> {
    let found = asked.findings().filter(|(_, found)| found.code == Code::OptionalValue);
    found.flat_map(|(place, found)| wrappings_of(here, place, found).unwrap_or_default()).collect()
}

/// For each `json` value at the place where another type is needed: its conversion, with a value for what is of another type.
pub fn conversions(asked: &Asked<'_>, here: &Here<'_>) -> Vec<Action> {
    let found = asked.findings().filter(|(_, found)| found.code == Code::JsonUse);
    found.filter_map(|(place, found)| Some(Action { mends: vec![place], ..conversion(here, found)? })).collect()
}

fn conversion(here: &Here<'_>, found: &Diagnostic) -> Option<Action> {
    const CONVERSIONS: [(&str, &str, &str); 4] =
        [("int", "as_int", "0"), ("decimal", "as_decimal", "0.0"), ("string", "as_string", "\"\""), ("bool", "as_bool", "false")];
    // The type that is needed stands first in the message.
    let needed = found.message.split('`').nth(1)?;
    let (_, method, default) = CONVERSIONS.into_iter().find(|(ty, ..)| *ty == needed)?;
    let span = here.within(found.at)?;
    let is_path =
        here.around(span).last().is_some_and(|value| matches!(value.kind, ExprKind::Field { .. } | ExprKind::Index { .. } | ExprKind::Name(_)));
    let text = format!("({}.{method}() ?? {default})", span.of(here.text));
    let title = format!("convert it, and take `{default}` where it is of another type");
    is_path.then(|| Action::new(title, ActionKind::QuickFix, vec![here.replace(span, text)]))
}

fn wrappings_of(here: &Here<'_>, place: usize, found: &Diagnostic) -> Option<Vec<Action>> {
    let span = here.within(found.at)?;
    let around = here.around(span);
    let value = around.iter().rev().find(|expr| expr.span == span)?;
    // A made-up value decides something; a question does not.
    let offered = [guard(here, &around, value), instead(here, &around, value), choice(here, value)];
    let action = |action: Action| Action { mends: vec![place], ..action };
    Some(offered.into_iter().flatten().map(action).collect())
}

/// `x ?? default`
fn instead(here: &Here<'_>, around: &[&Expr], value: &Expr) -> Option<Action> {
    let Type::Optional(ty) = here.inspection.type_of(here.place.at(value.span))? else { return None };
    let default = placeholder(ty);
    let parent = around.iter().rev().find(|expr| expr.span != value.span);
    let is_loose = match parent.map(|parent| &parent.kind) {
        Some(ExprKind::Binary { op, .. }) => is_comparison(*op),
        Some(ExprKind::Field { .. } | ExprKind::Index { .. } | ExprKind::Unary { .. } | ExprKind::With { .. } | ExprKind::Has { .. }) => false,
        Some(ExprKind::Method { base, .. }) => base.span != value.span,
        _ => true,
    };
    let text = value.span.of(here.text);
    let text = if is_loose { format!("{text} ?? {default}") } else { format!("({text} ?? {default})") };
    Some(Action::new(format!("take `{default}` where it is absent"), ActionKind::QuickFix, vec![here.replace(value.span, text)]))
}

/// `r has f and …`, or `x != none and …`, before the condition that the value stands in.
fn guard(here: &Here<'_>, around: &[&Expr], value: &Expr) -> Option<Action> {
    let is_elsewhere = |expr: &&Expr| matches!(expr.kind, ExprKind::Lambda { .. } | ExprKind::If { .. });
    if around.iter().any(is_elsewhere) || !is_condition(here, around) {
        return None;
    }
    let joined = around.iter().zip(around.iter().skip(1)).rev().find(|(parent, _)| matches!(parent.kind, ExprKind::Logic { .. }));
    let (parent, condition) = match joined {
        Some((parent, condition)) => (Some(parent), condition),
        None => (None, around.first()?),
    };
    let test = match &value.kind {
        ExprKind::Field { base, name, optional: false } => format!("{} has {}", base.span.of(here.text), name.span.of(here.text)),
        _ => format!("{} != none", value.span.of(here.text)),
    };
    let is_loose = matches!(parent.map(|parent| &parent.kind), None | Some(ExprKind::Logic { and: true, .. }));
    let text = condition.span.of(here.text);
    let text = if is_loose { format!("{test} and {text}") } else { format!("({test} and {text})") };
    Some(Action::new(format!("ask first: `{test}`"), ActionKind::QuickFix, vec![here.replace(condition.span, text)]))
}

/// Whether the outermost expression is the condition of a rule.
fn is_condition(here: &Here<'_>, around: &[&Expr]) -> bool {
    let ItemKind::Rule(rule) = &here.item.kind else { return false };
    let root = around.first().map(|root| root.span);
    [&rule.when, &rule.unless].into_iter().flatten().any(|condition| Some(condition.span) == root)
}

/// `for x in …` of the rule, and `x` where the value stood.
fn choice(here: &Here<'_>, value: &Expr) -> Option<Action> {
    let ItemKind::Rule(rule) = &here.item.kind else { return None };
    let (ExprKind::Field { name, .. } | ExprKind::Method { name, .. }) = &value.kind else { return None };
    let is_variable = here.inspection.uses.iter().any(|used| {
        matches!(used.symbol.kind, tollgate_compiler::SymbolKind::Variable)
            && here.within(used.at).is_some_and(|span| value.span.start <= span.start && span.end <= value.span.end)
            && !rule.choices.iter().any(|choice| *choice.name.text == *used.symbol.name)
    });
    let word = format!("the_{}", name.text);
    let is_in_choice = rule.choices.iter().any(|choice| choice.source.span.start <= value.span.start && value.span.end <= choice.source.span.end);
    if is_variable || is_in_choice || here.text.contains(&word) {
        return None;
    }
    let at = after_choices(here, rule)?;
    let clause = format!("{}for {word} in {}", if here.is_long() { "\n  " } else { " " }, value.span.of(here.text));
    let edits = vec![here.insert(at, clause), here.replace(value.span, word.clone())];
    Some(Action::new(format!("choose it: `for {word} in …`"), ActionKind::QuickFix, edits))
}

/// Where another `for` of a rule goes.
fn after_choices(here: &Here<'_>, rule: &Rule) -> Option<u32> {
    let known = rule.choices.last().map(|last| last.source.span.end).or(rule.on.last().map(|last| last.span.end)).unwrap_or(rule.name.span.end);
    let rest = Span { start: known, end: here.item.span.end }.of(here.text);
    // Brackets around the source are no part of it.
    let closing = rest.len() - rest.trim_start_matches([')', ' ', '\n', '\t', '\r']).len();
    let bracket = rest.get(..closing).and_then(|rest| rest.rfind(')')).map_or(0, |at| at + 1);
    Some(known + bracket as u32)
}

fn is_comparison(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::Coalesce | BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem)
}
