//! Conditions that say whether a value is among constants, and what one of them says of another.

use crate::check::literal::plain_text;
use crate::check::presence::strip;
use crate::diagnostic::FileId;
use crate::format::expr_to_text;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::syntax::{SyntaxLimits, parse_expr};

/// A value is among constants, or is not.
#[derive(Debug)]
pub struct Among {
    subject: String,
    constants: Vec<Constant>,
    /// Whether the condition holds of a value that is among them.
    holds: bool,
}

/// A constant that is no other when it is spelled otherwise.
#[derive(Debug, PartialEq)]
enum Constant {
    Bool(bool),
    Int(u64),
    Text(String),
}

impl Among {
    /// What a condition says, by its text.
    pub fn of(text: &str) -> Option<Among> {
        let (expr, diagnostics) = parse_expr(text, FileId(0), &SyntaxLimits::default());
        let ExprKind::Binary { op, left, right, .. } = &strip(&expr).kind else { return None };
        let holds = matches!(op, BinaryOp::Eq | BinaryOp::In);
        let constants = match op {
            BinaryOp::Eq | BinaryOp::Ne => vec![constant(right)?],
            BinaryOp::In | BinaryOp::NotIn => match &strip(right).kind {
                ExprKind::Set(all) | ExprKind::List(all) => all.iter().map(constant).collect::<Option<_>>()?,
                _ => return None,
            },
            _ => return None,
        };
        diagnostics.is_empty().then(|| Among { subject: expr_to_text(left), constants, holds })
    }

    /// What it comes to where another comes to that; `None` where that says nothing of it.
    pub fn follows(&self, other: &Among, outcome: bool) -> Option<bool> {
        if self.subject != other.subject {
            return None;
        }
        let within = |some: &[Constant], all: &[Constant]| some.iter().all(|constant| all.contains(constant));
        let is_among = if outcome == other.holds {
            let apart = !other.constants.iter().any(|constant| self.constants.contains(constant));
            within(&other.constants, &self.constants).then_some(true).or(apart.then_some(false))
        } else {
            within(&self.constants, &other.constants).then_some(false)
        };
        is_among.map(|is_among| is_among == self.holds)
    }
}

fn constant(expr: &Expr) -> Option<Constant> {
    match &strip(expr).kind {
        ExprKind::Bool(value) => Some(Constant::Bool(*value)),
        ExprKind::Int(value) => value.map(Constant::Int),
        _ => plain_text(expr).map(Constant::Text),
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
            ("a == 1.0", true, "a == 1", None),
            ("a == \"{b}\"", true, "a == \"x\"", None),
        ] {
            let found = Among::of(condition).zip(Among::of(other)).and_then(|(condition, other)| condition.follows(&other, outcome));
            assert_eq!(found, follows, "{other} {outcome}: {condition}");
        }
    }
}
