//! Which arguments of tools a set reads, and where: by their paths, as they are written.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::check::glob::may_mean;
use crate::check::symbols::name_of;
use crate::diagnostic::Location;
use crate::syntax::ast::{BinaryOp, Effect, Expr, ExprKind, Item, ItemKind, Span, TemplatePart};

use super::Source;
use super::visit::each_expr;

/// A place where a rule or a definition reads an argument.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The rule or definition, as messages name it: `deny stale`.
    pub by: String,
    /// The tools that it is about, as `on` has them; none where it is about every tool.
    pub on: Arc<[SmolStr]>,
    /// The argument, `filter.sort`; `[]` stands for each element of a list: `files[].path`.
    pub path: String,
    /// Where it is read.
    pub at: Location,
}

impl Reading {
    /// Whether it may be of a call of that tool.
    pub fn may_mean(&self, tool: &str) -> bool {
        self.on.is_empty() || self.on.iter().any(|entry| may_mean(entry, tool))
    }
}

/// The arguments that some items read.
pub fn readings<'v, 'a: 'v>(items: impl Iterator<Item = Source<'v, 'a>>) -> Vec<Reading> {
    let mut found = Vec::new();
    for source in items {
        let Some((by, on)) = reader(source.item) else { continue };
        let mut variables = Variables::of_choices(source.item);
        each_expr(source.item, &mut |expr| {
            variables.add_lambdas(expr);
            if let Some((path, span)) = variables.read(expr).filter(|(path, _)| !path.is_empty()) {
                found.push(Reading { by: by.clone(), on: Arc::clone(&on), path, at: source.at(span) });
            }
        });
    }
    found
}

/// What reads, as messages name it, and the tools that it is about.
fn reader(item: &Item) -> Option<(String, Arc<[SmolStr]>)> {
    let name = &name_of(item)?.text;
    match &item.kind {
        ItemKind::Rule(rule) => {
            let effect = match rule.effect {
                Effect::Allow => "allow",
                Effect::Review => "review",
                Effect::Deny => "deny",
            };
            Some((format!("{effect} {name}"), rule.on.iter().map(|entry| entry.text.clone()).collect()))
        }
        ItemKind::Let { .. } => Some((format!("let {name}"), Arc::default())),
        ItemKind::Fn { .. } => Some((format!("fn {name}"), Arc::default())),
        ItemKind::Score { .. } => Some((format!("score {name}"), Arc::default())),
        _ => None,
    }
}

/// Variables that stand for an argument or a part of one, each with where it does.
struct Variables<'a>(Vec<(&'a str, Span, String)>);

impl<'a> Variables<'a> {
    fn of_choices(item: &'a Item) -> Variables<'a> {
        let mut variables = Variables(Vec::new());
        let ItemKind::Rule(rule) = &item.kind else { return variables };
        for choice in &rule.choices {
            // Of an optional that is no list the choice is its value: both paths are looked for.
            if let Some((path, _)) = variables.read(&choice.source) {
                variables.0.push((&choice.name.text, item.span, format!("{path}[]")));
            }
        }
        variables
    }

    fn add_lambdas(&mut self, expr: &'a Expr) {
        let ExprKind::Method { base, args, .. } = &expr.kind else { return };
        for argument in args {
            let ExprKind::Lambda { param, body } = &argument.kind else { continue };
            if let Some((path, _)) = self.read(base) {
                self.0.push((&param.text, body.span, format!("{path}[]")));
            }
        }
    }

    /// The path of an expression that is an argument or a part of one, and where its last word stands.
    fn read(&self, expr: &Expr) -> Option<(String, Span)> {
        match &expr.kind {
            ExprKind::Name(name) if name == "args" => Some((String::new(), expr.span)),
            ExprKind::Name(name) => {
                let holds = |within: &Span| within.start <= expr.span.start && expr.span.end <= within.end;
                let variable = self.0.iter().rev().find(|(known, within, _)| known == name && holds(within));
                variable.map(|(_, _, path)| (path.clone(), expr.span))
            }
            ExprKind::Field { base, name, .. } | ExprKind::Has { base, field: name } => Some((self.below(base, &name.text)?, name.span)),
            ExprKind::Index { base, index } => match text(index) {
                Some(key) => Some((self.below(base, key)?, index.span)),
                None => Some((self.read(base)?.0 + "[]", index.span)),
            },
            ExprKind::Method { base, name, .. } if is_passed_on(&name.text) => self.read(base),
            ExprKind::Binary { op: BinaryOp::Coalesce, left: inner, .. } | ExprKind::Paren(inner) => self.read(inner),
            _ => None,
        }
    }

    fn below(&self, base: &Expr, name: &str) -> Option<String> {
        let (path, _) = self.read(base)?;
        Some(if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
    }
}

/// Methods that give what they are called on, or its elements.
fn is_passed_on(method: &str) -> bool {
    matches!(
        method,
        "as_map" | "as_list" | "as_string" | "as_int" | "as_decimal" | "as_bool" | "filter" | "sort" | "distinct" | "to_list" | "to_set" | "values"
    )
}

fn text(index: &Expr) -> Option<&str> {
    match &index.kind {
        ExprKind::Template { parts, .. } => match parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}
