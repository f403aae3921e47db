//! Fields that a literal lacks.

use tollgate_compiler::diagnostic::Code;
use tollgate_compiler::format::quoted;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, ItemKind, Requirement, Span};
use tollgate_compiler::syntax::lexer::{TokenKind, lex};
use tollgate_stdlib::types::{Field, Presence, Type};

use super::literal::{key, placeholder};
use super::{Action, ActionKind, Asked, Here, TextEdit};

/// How many fields a title names.
const NAMED: usize = 4;

/// Adds the fields that the record around the place needs and does not have.
pub fn missing(asked: &Asked<'_>, here: &Here<'_>) -> Option<Action> {
    let around = here.around(here.range);
    let (literal, entries, ty) = around.iter().rev().find_map(|expr| {
        let ExprKind::Record(entries) = &expr.kind else { return None };
        let span = here.place.at(expr.span);
        let Type::Record(ty) = here.inspection.expected_of(span).or_else(|| here.inspection.type_of(span))?.present() else { return None };
        let given = |field: &Field| entries.iter().any(|(key, _)| key.parts.first().is_some_and(|part| *part.text == *field.name));
        let missing: Vec<Field> = ty.fields.iter().filter(|field| matches!(field.presence, Presence::Required) && !given(field)).cloned().collect();
        (!missing.is_empty()).then_some((*expr, entries, missing))
    })?;
    let names: Vec<String> = ty.iter().take(NAMED).map(|field| format!("`{}`", field.name)).collect();
    let more = ty.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let fields: Vec<String> = ty.iter().map(|field| format!("{}: {}", key(&field.name), value(&around, field))).collect();
    let edit = add(here, literal, entries.is_empty(), &fields)?;
    let mends = asked.findings().filter(|(_, found)| found.code == Code::MissingField).map(|(place, _)| place);
    Some(Action { mends: mends.collect(), ..Action::new(format!("add {}{more}", names.join(", ")), ActionKind::QuickFix, vec![edit]) })
}

/// Adds the arguments that obligations at the place need and are not given.
pub fn arguments(asked: &Asked<'_>, here: &Here<'_>) -> Vec<Action> {
    let ItemKind::Rule(rule) = &here.item.kind else { return Vec::new() };
    let found = asked.findings().filter(|(_, found)| found.code == Code::Arguments);
    let added = found.filter_map(|(place, found)| {
        let required = rule.require.iter().find(|required| here.at(required.span) == found.at)?;
        Some(Action { mends: vec![place], ..lacking(asked, here, required)? })
    });
    added.collect()
}

fn lacking(asked: &Asked<'_>, here: &Here<'_>, required: &Requirement) -> Option<Action> {
    let name = &required.name.parts.last()?.text;
    let obligation = asked.set.program().obligations.iter().find(|known| *known.name == **name)?;
    let by_place = required.args.iter().filter(|(name, _)| name.is_none()).count();
    let is_given = |wanted: &str| required.args.iter().any(|(name, _)| name.as_ref().is_some_and(|name| *name.text == *wanted));
    let missing = obligation.params.iter().skip(by_place).filter(|(name, _, default)| default.is_none() && !is_given(name));
    let missing: Vec<(String, String)> = missing.map(|(name, ty, _)| (format!("`{name}`"), format!("{name}: {}", placeholder(ty)))).collect();
    let (names, written): (Vec<String>, Vec<String>) = missing.into_iter().unzip();
    let text = required.span.of(here.text);
    let before = text.strip_suffix(')')?.trim_end();
    let comma = if before.ends_with(['(', ',']) { "" } else { ", " };
    let at = required.span.start + before.len() as u32;
    let edit = here.replace(Span { start: at, end: at }, format!("{comma}{}", written.join(", ")));
    (!names.is_empty()).then(|| Action::new(format!("add {}", names.join(", ")), ActionKind::QuickFix, vec![edit]))
}

/// A value for a field: in a request, a tool and an agent have names.
fn value(around: &[&Expr], field: &Field) -> String {
    let is_in_input = around.len() == 2;
    match (&*field.name, &field.ty) {
        ("id" | "name", Type::Str) if is_in_input => quoted("x"),
        (_, ty) => placeholder(ty),
    }
}

/// Puts fields behind those that a literal has.
fn add(here: &Here<'_>, literal: &Expr, is_empty: bool, fields: &[String]) -> Option<TextEdit> {
    let text = literal.span.of(here.text);
    if is_empty {
        return Some(here.replace(literal.span, format!("{{ {} }}", fields.join(", "))));
    }
    let tokens: Vec<_> = lex(text).into_iter().filter(|token| !token.kind.is_trivia()).collect();
    let last = tokens.iter().rev().nth(1)?;
    let comma = if last.kind == TokenKind::Comma { "" } else { "," };
    let first_line = text.lines().nth(1).filter(|_| text.trim_end_matches('}').trim_end_matches([' ', '\t']).ends_with('\n'));
    let separator = match first_line {
        Some(line) => format!("\n{}", line.get(..line.len() - line.trim_start().len()).unwrap_or_default()),
        None => " ".to_owned(),
    };
    let added: Vec<String> = fields.iter().map(|field| format!("{separator}{field}")).collect();
    let at = literal.span.start + last.span.end;
    Some(here.replace(Span { start: at, end: at }, format!("{comma}{}", added.join(","))))
}
