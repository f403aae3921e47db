//! What conditions come to together, as far as it can be decided: whether there is any request for which all of them have the outcomes that are assumed.
//!
//! An expression has one value in a decision, so expressions with one key are one unknown. What is assumed of each is collected, and an unknown without a possible
//! value shows that nothing can be so. What is known beforehand, such as what a tool declares, is given first as what is assumed of unknowns like any other: what comes
//! after it is evaluated where all that it reads is known. Unknowns are not compared with each other, and where a condition is not understood it may have either outcome.

mod domain;
mod evaluate;
mod invoke;
mod key;
mod values;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tollgate_evaluator::plan::{Order, Pattern};
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::program::{Argument, Choice, Expr, ExprKind, Program};

pub use domain::outcome as known_outcome;
use evaluate::evaluate;
use invoke::with_arguments;
use key::key_of_local;
pub use key::{key, key_of_field, key_of_input, key_of_negated};
pub use values::Constraint;
use values::Unknown;

/// Alternatives of more parts than this are taken to be possible.
const MAX_PARTS: usize = 64;
/// How many choices are looked at.
const MAX_CHOICES: usize = 32;
/// How many alternatives are tried with the alternatives of other choices.
const MAX_TRIED: usize = 128;
/// How many assumptions are made again for each part of an alternative.
const MAX_ASSUMED: usize = 512;
/// How deep `let`s and `fn`s are looked into.
const MAX_DEPTH: usize = 8;
/// How many expressions of `let`s and `fn`s are read for values.
const MAX_READ: usize = 1024;
/// A choice among more values than this may be any.
const MAX_CHOSEN: usize = 256;

/// Something known beforehand: the key of an expression, its type, and what is said of it.
pub type Given = (String, Type, Constraint);

/// Conditions of which one at least has the outcome.
type Choices = (Rc<[Expr]>, bool);

/// Assumptions about a request.
pub struct Assumptions<'p> {
    program: &'p Program,
    unknowns: BTreeMap<String, Unknown>,
    choices: Vec<Choices>,
    is_impossible: bool,
    made: usize,
    /// How many expressions of definitions may be read yet.
    left: Rc<Cell<usize>>,
}

impl<'p> Assumptions<'p> {
    /// No assumptions.
    pub fn new(program: &'p Program) -> Assumptions<'p> {
        Assumptions { program, unknowns: BTreeMap::new(), choices: Vec::new(), is_impossible: false, made: 0, left: Rc::new(Cell::new(MAX_READ)) }
    }

    /// What is known beforehand. What is assumed after it is read in its light.
    pub fn given(program: &'p Program, given: &[Given]) -> Assumptions<'p> {
        let mut assumptions = Assumptions::new(program);
        given.iter().for_each(|(key, ty, constraint)| assumptions.constrain(key.clone(), ty, constraint.clone(), true));
        assumptions
    }

    /// Assumes that a condition has that outcome.
    pub fn assume(&mut self, condition: &Expr, outcome: bool) {
        self.assume_at(condition, outcome, 0);
    }

    /// Assumes that the variable of a choice is one of the values which it ranges over, where these are constants.
    pub fn assume_chosen(&mut self, choice: &Choice) {
        let (Type::List(ty) | Type::Set(ty)) = &choice.source.ty else { return };
        if let Some(elements) = self.elements(&choice.source).filter(|elements| elements.len() <= MAX_CHOSEN) {
            self.constrain(key_of_local(choice.local), ty, Constraint::OneOf(elements), true);
        }
    }

    /// Assumes that an expression is not absent.
    pub fn assume_present(&mut self, expr: &Expr) {
        if expr.ty.is_optional() {
            self.constrain_expr(expr, Constraint::OneOf(vec![Kept::None]), false);
        }
    }

    /// Assumes something of the value of an expression.
    pub fn assume_of(&mut self, about: &Expr, constraint: Constraint) {
        match self.value(about) {
            Some(value) => self.is_impossible |= constraint.holds(&value) == Some(false),
            None => self.constrain_expr(about, constraint, true),
        }
    }

    /// Assumes something of the unknown with that key.
    fn constrain(&mut self, key: String, ty: &Type, constraint: Constraint, outcome: bool) {
        self.made += 1;
        self.unknowns.entry(key).or_default().add(ty, constraint, outcome);
    }

    /// Whether no request is so: by each choice alone, or by each with one of the others.
    pub fn are_impossible(&self) -> bool {
        self.are_refuted(None) || !self.choices.is_empty() && self.are_refuted(Some(&Cell::new(MAX_TRIED)))
    }

    /// As [`Assumptions::are_impossible`], but for what choices come to together; where so many alternatives are to be looked at at most.
    pub fn are_soon_impossible(&self, most: usize) -> bool {
        if self.alternatives() <= most { self.are_refuted(None) } else { self.contradict() }
    }

    /// How much there is to look at.
    pub fn size(&self) -> usize {
        let alternatives = self.alternatives();
        let tried = alternatives.saturating_mul(alternatives).min(MAX_TRIED);
        alternatives.saturating_add(tried).saturating_add(1).saturating_mul(self.made.saturating_add(1))
    }

    /// What is assumed of the unknown with that key.
    pub fn of(&self, key: &str) -> Option<&Unknown> {
        self.unknowns.get(key)
    }

    /// Whether no request is so, alternatives aside.
    pub fn contradict(&self) -> bool {
        self.is_impossible || self.unknowns.values().any(|unknown| !unknown.is_possible())
    }

    /// Whether a choice is left without an alternative; `tried` counts those that are tried with the other choices.
    fn are_refuted(&self, tried: Option<&Cell<usize>>) -> bool {
        let excluded = |(place, (parts, outcome)): (usize, &Choices)| parts.iter().all(|part| self.exclude(place, part, *outcome, tried));
        self.contradict() || self.made <= MAX_ASSUMED && self.choices.iter().enumerate().any(excluded)
    }

    /// Whether an alternative of the choice at that place cannot have the outcome.
    fn exclude(&self, place: usize, part: &Expr, outcome: bool, tried: Option<&Cell<usize>>) -> bool {
        let mut with = Assumptions {
            program: self.program,
            unknowns: self.unknowns.clone(),
            choices: Vec::new(),
            is_impossible: self.is_impossible,
            made: self.made,
            left: self.left.clone(),
        };
        with.assume(part, outcome);
        let Some(left) = tried else { return with.contradict() };
        with.choices.extend(self.choices.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, choice)| choice.clone()));
        let rest = left.get().checked_sub(1 + with.alternatives());
        rest.is_some_and(|rest| {
            left.set(rest);
            with.are_refuted(None)
        })
    }

    /// How many alternatives there are in choices.
    fn alternatives(&self) -> usize {
        self.choices.iter().map(|(parts, _)| parts.len()).fold(0, usize::saturating_add)
    }

    fn assume_at(&mut self, condition: &Expr, outcome: bool, depth: usize) {
        match &condition.kind {
            ExprKind::Not(inner) => self.assume_at(inner, !outcome, depth),
            ExprKind::And(parts) if outcome => parts.iter().for_each(|part| self.assume_at(part, true, depth)),
            ExprKind::Or(parts) if !outcome => parts.iter().for_each(|part| self.assume_at(part, false, depth)),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                if parts.len() <= MAX_PARTS && self.choices.len() < MAX_CHOICES {
                    self.choices.push((parts.as_slice().into(), outcome));
                }
            }
            ExprKind::Definition(place) if depth < MAX_DEPTH => {
                if let Some(definition) = self.program.definitions.get(*place) {
                    self.assume_at(&definition.body, outcome, depth + 1);
                }
            }
            ExprKind::Invoke { definition, args } if depth < MAX_DEPTH => match self.invoked(*definition, args) {
                Some(body) => self.assume_at(&body, outcome, depth + 1),
                None => self.assume_one(condition, outcome),
            },
            _ => self.assume_one(condition, outcome),
        }
    }

    fn assume_one(&mut self, condition: &Expr, outcome: bool) {
        if let Some(known) = decided(condition).or_else(|| self.value(condition)?.view().as_bool()) {
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
        if let Some((about, constraint)) = constraint(condition, &|expr| self.value(expr)) {
            self.constrain_expr(about, constraint, outcome);
        }
    }

    /// The value of an expression, where it has one alone.
    fn value(&self, expr: &Expr) -> Option<Kept> {
        evaluate(expr, &|read| match &read.kind {
            ExprKind::Fact(_) | ExprKind::Local(_) | ExprKind::Field { .. } => self.unknowns.get(&key(read)?)?.only().cloned(),
            ExprKind::Definition(place) => {
                self.left.set(self.left.get().checked_sub(1)?);
                self.value(&self.program.definitions.get(*place)?.body)
            }
            ExprKind::Invoke { definition, args } => self.value(&self.invoked(*definition, args)?),
            _ => None,
        })
    }

    /// What a call of a `fn` says.
    fn invoked(&self, definition: usize, args: &[Expr]) -> Option<Expr> {
        with_arguments(&self.program.definitions.get(definition)?.body, args, &self.left)
    }

    /// The elements of a list or set that is known.
    fn elements(&self, container: &Expr) -> Option<Vec<Kept>> {
        elements(container, &|expr| self.value(expr))
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

/// The outcome of a condition that has one by itself: of constants, or of an expression that is compared with itself.
pub fn decided(condition: &Expr) -> Option<bool> {
    let alike = |a: &Expr, b: &Expr| std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
    let same = |a: &Expr, b: &Expr| alike(a, b) && key(a).is_some_and(|key_a| Some(key_a) == key(b));
    match &condition.kind {
        ExprKind::Not(inner) => decided(inner).map(|outcome| !outcome),
        ExprKind::Equal(a, b) if same(a, b) => Some(true),
        ExprKind::Order(order, a, b) if same(a, b) => Some(matches!(order, Order::LessOrEqual | Order::GreaterOrEqual)),
        ExprKind::In(_, container) if elements(container, &constant).is_some_and(|elements| elements.is_empty()) => Some(false),
        _ => constant(condition)?.view().as_bool(),
    }
}

/// The value of an expression of constants.
fn constant(expr: &Expr) -> Option<Kept> {
    evaluate(expr, &|_| None)
}

/// What a condition says of one unknown, where `value` tells the others.
fn constraint<'e>(condition: &'e Expr, value: &dyn Fn(&Expr) -> Option<Kept>) -> Option<(&'e Expr, Constraint)> {
    match &condition.kind {
        ExprKind::Equal(a, b) => match (value(a), value(b)) {
            (None, Some(value)) => Some((a, Constraint::OneOf(vec![value]))),
            (Some(value), None) => Some((b, Constraint::OneOf(vec![value]))),
            _ => None,
        },
        ExprKind::Order(order, a, b) => match (value(a), value(b)) {
            (None, Some(value)) => Some((a, Constraint::Order(*order, value))),
            (Some(value), None) => Some((b, Constraint::Order(order.turned(), value))),
            _ => None,
        },
        ExprKind::In(item, container) => Some((item, Constraint::OneOf(elements(container, value)?))),
        ExprKind::Like(text, pattern) => Some((text, of_glob(pattern))),
        ExprKind::Call { function, args } => {
            let [Argument::Value(text), Argument::Value(part)] = args.as_slice() else { return None };
            let Kept::Str(part) = value(part)? else { return None };
            let constraint = match function.key {
                "string.starts_with" => Constraint::Starts(part),
                "string.ends_with" => Constraint::Ends(part),
                "string.contains" => Constraint::Contains(part),
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

/// The elements of a list or set, where `value` tells them.
fn elements(container: &Expr, value: &dyn Fn(&Expr) -> Option<Kept>) -> Option<Vec<Kept>> {
    match &container.kind {
        // Large constants are read where they stand.
        ExprKind::Const(Kept::List(items)) => Some(items.to_vec()),
        ExprKind::Const(Kept::Set(items)) => Some(items.items().to_vec()),
        ExprKind::List(items) | ExprKind::Set(items) => items.iter().map(value).collect(),
        _ => match value(container)? {
            Kept::List(items) => Some(items.into()),
            Kept::Set(items) => Some(items.items().to_vec()),
            _ => None,
        },
    }
}
