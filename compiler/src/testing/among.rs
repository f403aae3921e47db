//! Conditions that hold a value against constants, and what one of them says of another.

use std::cmp::Ordering;

use tollgate_evaluator::plan::Order;
use tollgate_stdlib::Kept;
use tollgate_stdlib::scalar::parse_decimal;

use crate::check::literal::plain_text;
use crate::check::presence::strip;
use crate::diagnostic::FileId;
use crate::format::expr_to_text;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::syntax::{SyntaxLimits, parse_expr};

/// A value is among others, or is not.
#[derive(Debug)]
pub struct Among {
    subject: String,
    values: Values,
    /// Whether the condition holds of a value that is among them.
    holds: bool,
}

/// Values that constants tell.
#[derive(Clone, Debug)]
enum Values {
    /// These.
    Listed(Vec<Kept>),
    /// All that stand so to that one.
    Beyond(Order, Kept),
}

impl Among {
    /// What a condition says, by its text.
    pub fn of(text: &str) -> Option<Among> {
        let (expr, diagnostics) = parse_expr(text, FileId(0), &SyntaxLimits::default());
        let ExprKind::Binary { op, left, right, .. } = &strip(&expr).kind else { return None };
        let holds = !matches!(op, BinaryOp::Ne | BinaryOp::NotIn);
        let (subject, values) = match op {
            BinaryOp::In | BinaryOp::NotIn => match &strip(right).kind {
                ExprKind::Set(all) | ExprKind::List(all) => (left, Values::Listed(all.iter().map(constant).collect::<Option<_>>()?)),
                _ => return None,
            },
            _ => match (constant(left), constant(right)) {
                (None, Some(value)) => (left, compared(*op, value, false)?),
                (Some(value), None) => (right, compared(*op, value, true)?),
                _ => return None,
            },
        };
        diagnostics.is_empty().then(|| Among { subject: expr_to_text(subject), values, holds })
    }

    /// What it comes to where another comes to that; `None` where that says nothing of it.
    pub fn follows(&self, other: &Among, outcome: bool) -> Option<bool> {
        if self.subject != other.subject {
            return None;
        }
        let is_among = match (&other.values, outcome == other.holds) {
            (values, true) => values.are_among(&self.values),
            (Values::Beyond(order, bound), false) => Values::Beyond(order.opposite(), bound.clone()).are_among(&self.values),
            (Values::Listed(excluded), false) => match &self.values {
                Values::Listed(values) => values.iter().all(|value| has(excluded, value)).then_some(false),
                Values::Beyond(..) => None,
            },
        };
        is_among.map(|is_among| is_among == self.holds)
    }
}

impl Values {
    /// Whether all of them are among others, or none is; `None` where some are, or may be.
    fn are_among(&self, others: &Values) -> Option<bool> {
        match (self, others) {
            (Values::Listed(values), others) => {
                let mut found = values.iter().map(|value| others.have(value));
                let first = found.next()?;
                found.all(|found| found == first).then_some(first)
            }
            (Values::Beyond(..), Values::Listed(others)) => (!others.iter().any(|other| self.have(other))).then_some(false),
            (Values::Beyond(order, bound), Values::Beyond(other, other_bound)) => {
                let is_same_way = is_upwards(*order) == is_upwards(*other);
                let is_same_bound = bound.view().order(other_bound.view()).is_eq();
                let has_own = order.allows(Ordering::Equal);
                match is_same_way {
                    true => (others.have(bound) || is_same_bound && !has_own).then_some(true),
                    false => (!others.have(bound) || !self.have(other_bound)).then_some(false),
                }
            }
        }
    }

    fn have(&self, value: &Kept) -> bool {
        match self {
            Values::Listed(values) => has(values, value),
            Values::Beyond(order, bound) => order.allows(value.view().order(bound.view())),
        }
    }
}

fn has(values: &[Kept], value: &Kept) -> bool {
    values.iter().any(|one| one.view().equals(value.view()))
}

fn is_upwards(order: Order) -> bool {
    matches!(order, Order::Greater | Order::GreaterOrEqual)
}

/// The values of which a comparison with a constant speaks, which may stand on its left.
fn compared(op: BinaryOp, value: Kept, is_left: bool) -> Option<Values> {
    let order = match op {
        BinaryOp::Eq | BinaryOp::Ne => return Some(Values::Listed(vec![value])),
        BinaryOp::Lt => Order::Less,
        BinaryOp::Le => Order::LessOrEqual,
        BinaryOp::Gt => Order::Greater,
        BinaryOp::Ge => Order::GreaterOrEqual,
        _ => return None,
    };
    // Variants of an enum, which are written as texts, are in an order of their own.
    let is_ordered = matches!(value, Kept::Decimal(_) | Kept::Duration(_));
    is_ordered.then_some(Values::Beyond(if is_left { order.turned() } else { order }, value))
}

/// The value of a literal, whatever its spelling.
fn constant(expr: &Expr) -> Option<Kept> {
    match &strip(expr).kind {
        ExprKind::Bool(value) => Some(Kept::Bool(*value)),
        ExprKind::Int(value) => parse_decimal(&(*value)?.to_string()).map(Kept::Decimal),
        ExprKind::Decimal(text) => parse_decimal(text).map(Kept::Decimal),
        ExprKind::Duration(nanos) => nanos.map(Kept::Duration),
        ExprKind::Unary { op: UnaryOp::Neg, operand } => match constant(operand)? {
            Kept::Decimal(value) => Some(Kept::Decimal(-value)),
            Kept::Duration(nanos) => nanos.checked_neg().map(Kept::Duration),
            _ => None,
        },
        _ => plain_text(expr).map(|text| Kept::Str(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_condition_says_what_another_comes_to() {
        for (other, outcome, condition, follows) in [
            ("a == 1", true, "a == 2", Some(false)),
            ("a == 1", true, "a in {1, 2}", Some(true)),
            ("a == 1", true, "a != 1", Some(false)),
            ("a == 1", false, "a != 1", Some(true)),
            ("a == 1", false, "a == 2", None),
            ("a in {1, 2}", true, "a == 2", None),
            ("a in {1, 2}", false, "a == 2", Some(false)),
            ("a.b not in [\"x\"]", false, "a.b == \"x\"", Some(true)),
            ("a == 1", true, "b == 2", None),
            ("a == 1.0", true, "a == 1", Some(true)),
            ("a == 1.5", true, "a == -1.5", Some(false)),
            ("a == \"{b}\"", true, "a == \"x\"", None),
            ("a > 5", true, "a < 3", Some(false)),
            ("a > 5", true, "a >= 5", Some(true)),
            ("a > 5", true, "a > 7", None),
            ("a > 5", true, "5 < a", Some(true)),
            ("a > 5", false, "a <= 5", Some(true)),
            ("a >= 5", true, "a <= 5", None),
            ("a >= 5", true, "a < 5", Some(false)),
            ("a >= 5", false, "a > 4", None),
            ("a > 5", true, "a in {1, 5}", Some(false)),
            ("a > \"high\"", true, "a == \"critical\"", None),
            ("a > 5", true, "a in {5, 6}", None),
            ("a in {6, 7.5}", true, "a > 5", Some(true)),
            ("a in {6, 7}", true, "a > 6", None),
            ("a == 6", false, "a > 5", None),
            ("a > -5", false, "a > -4.5", Some(false)),
            ("a < 90s", true, "a < 1h", Some(true)),
            ("a < 90s", true, "a > -1h", None),
            ("a == 60s", true, "a == 1m", Some(true)),
        ] {
            let found = Among::of(condition).zip(Among::of(other)).and_then(|(condition, other)| condition.follows(&other, outcome));
            assert_eq!(found, follows, "{other} {outcome}: {condition}");
        }
    }
}
