//! What a condition reads, where none of its operands is shown beside it: the values of a call, of a branch, of a `let`.

use std::collections::BTreeSet;

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::program::{Condition, Expr, ExprKind, Program};

use super::walk::each_operand;

/// How many values are shown of a condition.
const MOST_READS: usize = 8;
/// How many expressions are looked at for them.
const MOST_LOOKS: usize = 500;
/// How deep definitions are followed.
const DEEPEST: usize = 8;
/// The longest source of a path, in bytes.
const LONGEST_PATH: usize = 200;

/// A path into the request, data, a definition or a variable in sight, with its source.
pub struct Read<'p> {
    /// The path.
    pub expr: &'p Expr,
    /// Its source.
    pub text: String,
}

/// What is read by a condition of which no operand is shown, and which a value does not explain by itself; `variables` are those in sight, with their
/// names. Truths come last: beside an `and` or `or`, an explanation shows no operand after the one that decides.
pub fn reads<'p>(program: &'p Program, condition: &'p Condition, variables: &[(usize, &str)]) -> Vec<Read<'p>> {
    let expr = &condition.expr;
    let is_truth = matches!(expr.ty.present(), Type::Bool);
    if !condition.parts.is_empty() || !(is_truth || expr.errs) || asks_presence(expr) {
        return Vec::new();
    }
    let mut reader = Reader { program, found: Vec::new(), known: BTreeSet::new(), entered: BTreeSet::new(), looks: 0 };
    match &expr.kind {
        ExprKind::Definition(place) => reader.definition(*place, 0),
        _ if reader.path(expr, variables).is_some() => {}
        _ => reader.visit(expr, variables, 0),
    }
    reader.found.sort_by_key(|read| matches!(read.expr.ty.present(), Type::Bool));
    reader.found
}

/// Whether it only asks for presence, of which its own value tells.
fn asks_presence(expr: &Expr) -> bool {
    let is_none = |expr: &Expr| matches!(expr.constant(), Some(Kept::None));
    match &expr.kind {
        ExprKind::Not(inner) => asks_presence(inner),
        ExprKind::Equal(left, right) => is_none(left) || is_none(right),
        _ => false,
    }
}

struct Reader<'p> {
    program: &'p Program,
    found: Vec<Read<'p>>,
    known: BTreeSet<String>,
    /// The definitions that have been looked into.
    entered: BTreeSet<usize>,
    looks: usize,
}

impl<'p> Reader<'p> {
    fn visit(&mut self, expr: &'p Expr, variables: &[(usize, &str)], depth: usize) {
        self.looks += 1;
        if self.looks > MOST_LOOKS || self.found.len() == MOST_READS {
            return;
        }
        if let Some(text) = self.path(expr, variables) {
            if self.known.insert(text.clone()) {
                self.found.push(Read { expr, text });
            }
            return;
        }
        each_operand(expr, &mut |operand, _| self.visit(operand, variables, depth));
        if let ExprKind::Invoke { definition, .. } = &expr.kind {
            self.definition(*definition, depth);
        }
    }

    /// What a definition reads. Its parameters are not in sight of who reads the explanation.
    fn definition(&mut self, place: usize, depth: usize) {
        let body = self.program.definitions.get(place).map(|definition| &definition.body);
        if let Some(body) = body.filter(|_| depth < DEEPEST && self.entered.insert(place)) {
            self.visit(body, &[], depth + 1);
        }
    }

    /// The source of a path; `None` of everything else.
    fn path(&self, expr: &Expr, variables: &[(usize, &str)]) -> Option<String> {
        let mut names = Vec::new();
        let mut expr = expr;
        let mut length = 0;
        let root = loop {
            let (base, step) = match &expr.kind {
                ExprKind::Field { base, name, .. } | ExprKind::Member { base, name } => (base, step(base, name)),
                ExprKind::Index { base, index } => (base, format!("[{}]", key(index.constant()?)?)),
                _ => break self.root(expr, variables)?,
            };
            length += step.len();
            if length > LONGEST_PATH {
                return None;
            }
            names.push(step);
            expr = base;
        };
        Some(names.into_iter().rev().fold(root, |path, step| path + &step))
    }

    fn root(&self, expr: &Expr, variables: &[(usize, &str)]) -> Option<String> {
        let program = self.program;
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        match &expr.kind {
            ExprKind::Input(place) => program.input.fields.get(*place).map(|field| field.name.to_string()),
            ExprKind::Args => Some("args".to_owned()),
            ExprKind::Data(place) => program.data.get(*place).map(|data| last(&data.name)),
            ExprKind::Definition(place) => program.definitions.get(*place).map(|definition| last(&definition.name)),
            ExprKind::Score(place) => program.scores.get(*place).map(|score| last(&score.name)),
            ExprKind::Fact(fact) => Some(format!("tool.{}", fact.name())),
            ExprKind::Local(local) => variables.iter().find(|(known, _)| known == local).map(|(_, name)| (*name).to_owned()),
            _ => None,
        }
    }
}

fn step(base: &Expr, name: &str) -> String {
    let is_word =
        name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') && !name.starts_with(|first: char| first.is_ascii_digit());
    match (is_word && !name.is_empty(), base.ty.is_optional()) {
        (true, false) => format!(".{name}"),
        (true, true) => format!("?.{name}"),
        (false, _) => format!("[{name:?}]"),
    }
}

/// A constant key.
fn key(value: &Kept) -> Option<String> {
    match value {
        Kept::Str(text) => Some(format!("{text:?}")),
        Kept::Int(place) => Some(place.to_string()),
        _ => None,
    }
}
