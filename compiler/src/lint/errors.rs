//! Conditions whose evaluation can end in an error.

use std::cell::Cell;

use tollgate_evaluator::Effect;
use tollgate_evaluator::plan::{Arithmetic, Order};
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic};
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program};

use super::reason::{Assumptions, Constraint};
use super::{Findings, View};

/// How many conditions before one are looked at for what keeps it from erring.
const MAX_GUARDS: usize = 32;
/// How many divisions are looked at so; of others only the divisor is.
const MAX_DIVISIONS: usize = 500;

/// What a condition that is evaluated takes for granted: others, with their outcomes.
type Guards<'p> = Vec<(&'p Expr, bool)>;

/// Conditions of rules that can err: then an allow rule does not match, and a deny or review rule does.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let mut fallible = Fallible { program: view.program, definitions: Vec::new(), left: Cell::new(MAX_DIVISIONS) };
    for definition in &view.program.definitions {
        let errs = fallible.culprit(&definition.body, &mut Vec::new()).is_some();
        fallible.definitions.push(errs);
    }
    for rule in &view.program.rules {
        let mut guards = Guards::new();
        let sources = rule.choices.iter().map(|choice| &choice.source);
        let when = rule.when.iter().map(|condition| &condition.expr);
        for condition in sources.chain(when).chain(rule.unless.iter().map(|unless| &unless.expr)) {
            if let Some(part) = fallible.culprit(condition, &mut guards) {
                let outcome = if rule.effect == Effect::Allow { "then the rule does not match" } else { "then the rule matches" };
                let found = Diagnostic::warning(Code::FallibleCondition, part.at, format!("this can end in an error: {outcome}"));
                findings.add(found.with_help("`tollgate check --errors` lists such expressions; say what is meant where a value does not fit"));
            }
            guards.push((condition, true));
        }
    }
}

struct Fallible<'p> {
    program: &'p Program,
    /// Whether those definitions can err that were looked at, which come before those that read them.
    definitions: Vec<bool>,
    /// How many divisions may yet be looked at with what comes before them.
    left: Cell<usize>,
}

impl<'p> Fallible<'p> {
    /// The first innermost part of an expression that can err. Expressions nest no deeper than the parser allows.
    fn culprit(&self, expr: &'p Expr, guards: &mut Guards<'p>) -> Option<&'p Expr> {
        if !expr.errs {
            return None;
        }
        let known = guards.len();
        let found = match &expr.kind {
            ExprKind::And(parts) => self.in_turn(parts, true, guards),
            ExprKind::Or(parts) => self.in_turn(parts, false, guards),
            ExprKind::If { condition, then, otherwise } => self.culprit(condition, guards).or_else(|| {
                guards.push((condition, true));
                let found = self.culprit(then, guards);
                guards.truncate(known);
                guards.push((condition, false));
                found.or_else(|| self.culprit(otherwise, guards))
            }),
            _ => {
                let mut inner = None;
                each_operand(expr, &mut |operand, _| inner = inner.or_else(|| self.culprit(operand, guards)));
                inner.or_else(|| self.errs_itself(expr, guards).then_some(expr))
            }
        };
        guards.truncate(known);
        found
    }

    /// The same of parts each of which is evaluated where those before it have an outcome.
    fn in_turn(&self, parts: &'p [Expr], outcome: bool, guards: &mut Guards<'p>) -> Option<&'p Expr> {
        parts.iter().find_map(|part| {
            let found = self.culprit(part, guards);
            guards.push((part, outcome));
            found
        })
    }

    /// Whether an expression that can err does so where no operand does.
    fn errs_itself(&self, expr: &'p Expr, guards: &Guards<'p>) -> bool {
        match &expr.kind {
            ExprKind::Arithmetic(op @ (Arithmetic::Divide | Arithmetic::Remainder), a, b) => !self.divides(*op, a, b, guards),
            ExprKind::Arithmetic(..) | ExprKind::Negate(_) => true,
            ExprKind::Call { function, .. } => function.errs,
            ExprKind::Definition(place) | ExprKind::Invoke { definition: place, .. } => self.definitions.get(*place).copied().unwrap_or(true),
            _ => {
                let mut is_passed_on = false;
                each_operand(expr, &mut |operand, _| is_passed_on |= operand.errs);
                !is_passed_on
            }
        }
    }

    /// Whether a division gives a result whatever the request: its divisor is 1 or more, or -1 or less. Of `int`s the least one has no quotient by -1.
    fn divides(&self, op: Arithmetic, a: &Expr, b: &'p Expr, guards: &Guards<'p>) -> bool {
        self.left.set(self.left.get().saturating_sub(1));
        let divisor = if let ExprKind::ToDecimal(inner) = &b.kind { inner } else { b };
        let is_never = |constraints: Vec<Constraint>| {
            let mut assumed = Assumptions::new(self.program);
            guards.iter().rev().take(if self.left.get() > 0 { MAX_GUARDS } else { 0 }).for_each(|(guard, outcome)| assumed.assume(guard, *outcome));
            constraints.into_iter().for_each(|constraint| assumed.assume_of(divisor, constraint));
            assumed.contradict()
        };
        let order = |order: Order, value: i64| Constraint::Order(order, Kept::Int(value));
        let within = |low: Order, high: Order| vec![order(low, -1), order(high, 1)];
        match (&a.ty, op) {
            (Type::Int | Type::Duration, Arithmetic::Divide) => is_never(within(Order::GreaterOrEqual, Order::Less)),
            _ => is_never(within(Order::Greater, Order::Less)),
        }
    }
}
