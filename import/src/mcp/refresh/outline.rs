//! What a policy says of a tool, flat and without the names of types, so that two declarations can be compared.

use std::collections::HashMap;

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, FieldDecl, Item, ItemKind, Tool, TypeExpr, TypeKind, Variants};

use crate::toll::{field as field_name, quoted};

/// How deep types are looked into.
const DEEPEST: usize = 32;

/// How many lines an outline has at most; what types share is written out in it.
const LINES: usize = 20_000;

/// The types of a policy by their names.
pub struct Types<'t>(HashMap<&'t str, &'t ItemKind>);

impl<'t> Types<'t> {
    /// The types among some items.
    pub fn of(items: impl IntoIterator<Item = &'t Item>) -> Types<'t> {
        let named = |item: &'t Item| match &item.kind {
            ItemKind::Type { name, .. } | ItemKind::Enum { name, .. } => Some((name.text.as_str(), &item.kind)),
            _ => None,
        };
        Types(items.into_iter().filter_map(named).collect())
    }

    /// The type of that name.
    pub fn find(&self, name: &str) -> Option<&'t ItemKind> {
        self.0.get(name).copied()
    }
}

/// One thing that is said of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whether it is an argument or a part of one, and no attribute.
    pub is_argument: bool,
    /// The attribute, or the argument: `filter.sort`, `files[].path`.
    pub path: String,
    /// Name and type: `sort?: string`.
    pub head: String,
    /// What is asked of it beside its type; all of it holds.
    pub conditions: Vec<String>,
    /// Its default.
    pub default: Option<String>,
}

/// What differs in one thing that is said of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The attribute or argument.
    pub path: String,
    /// Whether it is an argument.
    pub is_argument: bool,
    /// As it was; none where it is new.
    pub before: Option<String>,
    /// As it is; none where it went away.
    pub after: Option<String>,
}

impl Line {
    /// The line as a policy has it.
    pub fn text(&self) -> String {
        let mut text = self.head.clone();
        if !self.conditions.is_empty() {
            text = format!("{text} where {}", self.conditions.join(" and "));
        }
        match &self.default {
            Some(default) => format!("{text} = {default}"),
            None => text,
        }
    }
}

/// What differs between two outlines, in their order.
pub fn differences(before: &[Line], after: &[Line]) -> Vec<Difference> {
    let key = |line: &Line| (line.is_argument, line.path.clone());
    let was: HashMap<_, &Line> = before.iter().map(|line| (key(line), line)).collect();
    let is: HashMap<_, &Line> = after.iter().map(|line| (key(line), line)).collect();
    let gone = before.iter().filter(|line| is.get(&key(line)).is_none_or(|now| now.text() != line.text()));
    let gone = gone.map(|line| (line, Some(line.text()), is.get(&key(line)).map(|now| now.text())));
    let new = after.iter().filter(|line| !was.contains_key(&key(line))).map(|line| (line, None, Some(line.text())));
    let difference = |(line, before, after): (&Line, Option<String>, Option<String>)| Difference {
        path: line.path.clone(),
        is_argument: line.is_argument,
        before,
        after,
    };
    gone.chain(new).map(difference).collect()
}

/// The conditions that an `and` joins, as texts that it can join again.
pub fn conjuncts(condition: Option<&Expr>) -> Vec<String> {
    condition.map(parts).unwrap_or_default().into_iter().map(part_text).collect()
}

/// The conditions that an `and` joins.
pub fn parts(condition: &Expr) -> Vec<&Expr> {
    match &condition.kind {
        ExprKind::Paren(inner) => parts(inner),
        ExprKind::Logic { and: true, operands } => operands.iter().flat_map(parts).collect(),
        _ => vec![condition],
    }
}

/// One of several conditions, which an `and` may join.
pub fn part_text(condition: &Expr) -> String {
    let text = expr_to_text(condition);
    if matches!(condition.kind, ExprKind::Logic { and: false, .. } | ExprKind::If { .. }) { format!("({text})") } else { text }
}

/// What is said of a tool.
pub fn outline(tool: &Tool, types: &Types) -> Vec<Line> {
    let mut outliner = Outliner { types, lines: Vec::new(), depth: 0 };
    for (name, value) in &tool.attributes {
        let head = format!("{}: {}", name.text, expr_to_text(value));
        outliner.lines.push(Line { is_argument: false, path: name.text.to_string(), head, conditions: Vec::new(), default: None });
    }
    if let Some(args) = &tool.args {
        outliner.fields(&args.fields, "");
    }
    outliner.lines
}

/// What a type means, whatever names it gives to parts of it.
pub fn meaning(ty: &TypeExpr, types: &Types) -> String {
    let mut outliner = Outliner { types, lines: Vec::new(), depth: 0 };
    let head = outliner.ty(ty, "");
    let lines = outliner.lines.iter().map(|line| format!("\n{}: {}", line.path, line.text()));
    head + &lines.collect::<String>()
}

struct Outliner<'o, 't> {
    types: &'o Types<'t>,
    lines: Vec<Line>,
    depth: usize,
}

impl Outliner<'_, '_> {
    fn fields(&mut self, fields: &[FieldDecl], within: &str) {
        for field in fields {
            if self.lines.len() >= LINES {
                return;
            }
            let path = if within.is_empty() { field.name.text.to_string() } else { format!("{within}.{}", field.name.text) };
            let place = self.lines.len();
            self.lines.push(Line {
                is_argument: true,
                path: path.clone(),
                head: String::new(),
                conditions: conjuncts(field.refinement.as_ref()),
                default: field.default.as_ref().map(expr_to_text),
            });
            let head = format!("{}{}: {}", field_name(&field.name.text), if field.optional { "?" } else { "" }, self.ty(&field.ty, &path));
            if let Some(line) = self.lines.get_mut(place) {
                line.head = head;
            }
        }
    }

    /// The type's text; the fields of records in it are lines of their own.
    fn ty(&mut self, ty: &TypeExpr, path: &str) -> String {
        if self.depth >= DEEPEST {
            return "…".to_owned();
        }
        self.depth += 1;
        let text = match &ty.kind {
            TypeKind::Named(name) => {
                let name = name.parts.last().map(|part| part.text.as_str()).unwrap_or_default();
                match self.types.0.get(name) {
                    Some(ItemKind::Type { ty, .. }) => self.ty(ty, path),
                    Some(ItemKind::Enum { variants, .. }) => variants_text(variants),
                    _ => name.to_owned(),
                }
            }
            TypeKind::Generic { name, arg } => {
                let below = if name.text == "map" { ".*" } else { "[]" };
                format!("{}<{}>", name.text, self.ty(arg, &format!("{path}{below}")))
            }
            TypeKind::Record { fields, open } => {
                self.fields(fields, path);
                record_text(*open)
            }
            TypeKind::With { base, fields, open } => {
                self.ty(base, path);
                self.fields(fields, path);
                record_text(*open)
            }
            TypeKind::Enum(variants) => variants_text(variants),
            TypeKind::Optional(inner) => self.ty(inner, path) + "?",
        };
        self.depth -= 1;
        text
    }
}

fn record_text(open: bool) -> String {
    if open { "{ .. }".to_owned() } else { "{}".to_owned() }
}

fn variants_text(variants: &Variants) -> String {
    let names: Vec<String> = variants.names.iter().map(|name| quoted(&name.text)).collect();
    names.join(if variants.ordered { " < " } else { " | " })
}
