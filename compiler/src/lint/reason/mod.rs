//! What conditions come to together, as far as it can be decided: whether there is any request for which all of them have the outcomes that are assumed.
//!
//! An expression has one value in a decision, so expressions with one key are one unknown. What is assumed of each is collected, and an unknown without a possible
//! value shows that nothing can be so. Unknowns are not compared with each other, and where a condition is not understood it may have either outcome.

mod domain;
mod key;
mod values;

use std::collections::BTreeMap;

use tollgate_evaluator::plan::{Order, Pattern};
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::program::{Argument, Expr, ExprKind, Program};

pub use domain::outcome as known_outcome;
pub use key::{key, key_of_field, key_of_input};
pub use values::Constraint;
use values::Unknown;

/// Alternatives of more parts than this are taken to be possible.
const MAX_PARTS: usize = 64;
/// How many alternatives are looked at.
const MAX_CHOICES: usize = 32;
/// How many assumptions are made again for each part of an alternative.
const MAX_ASSUMED: usize = 512;
/// How deep `let`s are looked into.
const MAX_DEPTH: usize = 8;

/// Assumptions about a request.
pub struct Assumptions<'p> {
    program: &'p Program,
    unknowns: BTreeMap<String, Unknown>,
    /// Conditions of which one at least has the outcome.
    choices: Vec<(&'p [Expr], bool)>,
    is_impossible: bool,
    made: usize,
}

impl<'p> Assumptions<'p> {
    /// No assumptions.
    pub fn new(program: &'p Program) -> Assumptions<'p> {
        Assumptions { program, unknowns: BTreeMap::new(), choices: Vec::new(), is_impossible: false, made: 0 }
    }

    /// Assumes that a condition has that outcome.
    pub fn assume(&mut self, condition: &'p Expr, outcome: bool) {
        self.assume_at(condition, outcome, 0);
    }

    /// Assumes that an expression is not absent.
    pub fn assume_present(&mut self, expr: &Expr) {
        if expr.ty.is_optional() {
            self.constrain_expr(expr, Constraint::OneOf(vec![Kept::None]), false);
        }
    }

    /// Assumes something of the value of an expression.
    pub fn assume_of(&mut self, about: &Expr, constraint: Constraint) {
        match about.constant() {
            Some(value) => self.is_impossible |= constraint.holds(value) == Some(false),
            None => self.constrain_expr(about, constraint, true),
        }
    }

    /// Assumes something of the unknown with that key.
    fn constrain(&mut self, key: String, ty: &Type, constraint: Constraint, outcome: bool) {
        self.made += 1;
        self.unknowns.entry(key).or_default().add(ty, constraint, outcome);
    }

    /// Whether no request is so.
    pub fn are_impossible(&self) -> bool {
        self.contradict() || self.choices.iter().take(MAX_CHOICES).any(|(parts, outcome)| self.excludes(parts, *outcome))
    }

    /// As [`Assumptions::are_impossible`], where so many alternatives are to be looked at at most.
    pub fn are_soon_impossible(&self, most: usize) -> bool {
        let alternatives = self.choices.iter().map(|(parts, _)| parts.len()).fold(0, usize::saturating_add);
        if alternatives <= most { self.are_impossible() } else { self.contradict() }
    }

    /// What is assumed of the unknown with that key.
    pub fn of(&self, key: &str) -> Option<&Unknown> {
        self.unknowns.get(key)
    }

    /// Whether no request is so, alternatives aside.
    pub fn contradict(&self) -> bool {
        self.is_impossible || self.unknowns.values().any(|unknown| !unknown.is_possible())
    }

    /// Whether no part can have the outcome.
    fn excludes(&self, parts: &'p [Expr], outcome: bool) -> bool {
        let is_bounded = parts.len() <= MAX_PARTS && self.made <= MAX_ASSUMED;
        is_bounded
            && parts.iter().all(|part| {
                let mut with = Assumptions {
                    program: self.program,
                    unknowns: self.unknowns.clone(),
                    choices: Vec::new(),
                    is_impossible: self.is_impossible,
                    made: self.made,
                };
                with.assume(part, outcome);
                with.contradict()
            })
    }

    fn assume_at(&mut self, condition: &'p Expr, outcome: bool, depth: usize) {
        match &condition.kind {
            ExprKind::Not(inner) => self.assume_at(inner, !outcome, depth),
            ExprKind::And(parts) if outcome => parts.iter().for_each(|part| self.assume_at(part, true, depth)),
            ExprKind::Or(parts) if !outcome => parts.iter().for_each(|part| self.assume_at(part, false, depth)),
            ExprKind::And(parts) | ExprKind::Or(parts) => self.choices.push((parts, outcome)),
            ExprKind::Definition(place) if depth < MAX_DEPTH => {
                if let Some(definition) = self.program.definitions.get(*place) {
                    self.assume_at(&definition.body, outcome, depth + 1);
                }
            }
            _ => self.assume_one(condition, outcome),
        }
    }

    fn assume_one(&mut self, condition: &'p Expr, outcome: bool) {
        if let Some(known) = decided(condition) {
            self.is_impossible |= known != outcome;
            return;
        }
        if domain::lacking_label(self.program, condition).is_some() {
            self.is_impossible |= outcome;
            return;
        }
        if let Some(key) = key(condition) {
            self.constrain(key, &Type::Bool, Constraint::OneOf(vec![Kept::Bool(true)]), outcome);
        }
        if let Some((about, constraint)) = constraint(condition) {
            self.constrain_expr(about, constraint, outcome);
        }
    }

    /// Assumes something of an expression, and what is known of it by what it is.
    fn constrain_expr(&mut self, about: &Expr, constraint: Constraint, outcome: bool) {
        let Some(key) = key(about) else { return };
        if !self.unknowns.contains_key(&key) {
            for (known, holds) in domain::known(self.program, about) {
                self.constrain(key.clone(), &about.ty, known, holds);
            }
        }
        self.constrain(key, &about.ty, constraint, outcome);
    }
}

/// The outcome of a condition that has one by itself: a constant, a comparison of constants, or of an expression with itself.
pub fn decided(condition: &Expr) -> Option<bool> {
    let alike = |a: &Expr, b: &Expr| std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
    let same = |a: &Expr, b: &Expr| alike(a, b) && key(a).is_some_and(|key_a| Some(key_a) == key(b));
    match &condition.kind {
        ExprKind::Const(Kept::Bool(value)) => Some(*value),
        ExprKind::Not(inner) => decided(inner).map(|outcome| !outcome),
        ExprKind::Equal(a, b) => match (a.constant(), b.constant()) {
            (Some(a), Some(b)) => Some(a.view().equals(b.view())),
            _ => same(a, b).then_some(true),
        },
        ExprKind::Order(order, a, b) => match (a.constant(), b.constant()) {
            (Some(a), Some(b)) => Some(order.allows(a.view().order(b.view()))),
            _ => same(a, b).then_some(matches!(order, Order::LessOrEqual | Order::GreaterOrEqual)),
        },
        ExprKind::In(item, container) => {
            let elements = elements(container)?;
            if elements.is_empty() {
                return Some(false);
            }
            let item = item.constant()?;
            Some(elements.iter().any(|element| element.view().equals(item.view())))
        }
        _ => None,
    }
}

/// What a condition says of one unknown.
fn constraint(condition: &Expr) -> Option<(&Expr, Constraint)> {
    match &condition.kind {
        ExprKind::Equal(a, b) => match (a.constant(), b.constant()) {
            (None, Some(value)) => Some((a, Constraint::OneOf(vec![value.clone()]))),
            (Some(value), None) => Some((b, Constraint::OneOf(vec![value.clone()]))),
            _ => None,
        },
        ExprKind::Order(order, a, b) => match (a.constant(), b.constant()) {
            (None, Some(value)) => Some((a, Constraint::Order(*order, value.clone()))),
            (Some(value), None) => Some((b, Constraint::Order(order.turned(), value.clone()))),
            _ => None,
        },
        ExprKind::In(item, container) => Some((item, Constraint::OneOf(elements(container)?))),
        ExprKind::Like(text, pattern) => Some((text, of_glob(pattern))),
        ExprKind::Call { function, args } => {
            let [Argument::Value(text), Argument::Value(part)] = args.as_slice() else { return None };
            let Kept::Str(part) = part.constant()? else { return None };
            let constraint = match function.key {
                "string.starts_with" => Constraint::Starts(part.clone()),
                "string.ends_with" => Constraint::Ends(part.clone()),
                "string.contains" => Constraint::Contains(part.clone()),
                _ => return None,
            };
            Some((text, constraint))
        }
        _ => None,
    }
}

/// What `like` says of a text.
pub fn of_glob(pattern: &str) -> Constraint {
    let plain = super::patterns::plain_glob(pattern);
    match plain {
        Some(text) => Constraint::OneOf(vec![Kept::Str(text.into())]),
        None => match Pattern::Like(pattern.into()).glob_ends() {
            Some(ends) => Constraint::Like { pattern: pattern.into(), start: (*ends.start).into(), end: (*ends.end).into() },
            None => Constraint::Like { pattern: pattern.into(), start: "".into(), end: "".into() },
        },
    }
}

/// The elements of a constant list or set.
fn elements(container: &Expr) -> Option<Vec<Kept>> {
    match &container.kind {
        ExprKind::Const(Kept::List(items)) => Some(items.to_vec()),
        ExprKind::Const(Kept::Set(items)) => Some(items.items().to_vec()),
        ExprKind::List(items) | ExprKind::Set(items) => items.iter().map(|item| item.constant().cloned()).collect(),
        _ => None,
    }
}
