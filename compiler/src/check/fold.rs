//! What an expression of constants comes to: declarations hold constants, and a `let` of one may stand wherever a constant may.

use tollgate_stdlib::{Kept, Value, arithmetic};

use crate::program::{Arithmetic, Expr, ExprKind};

use super::budget::size_up_to;

/// A constant of more scalars than this is not copied to where its name stands, so that `let`s that double one another stay small.
const MAX_SCALARS: usize = 1024;

/// The longest text that folding makes, in bytes.
const MAX_TEXT: usize = 4096;

/// The constant that an expression comes to; `None` where it reads anything, errs, or calls a function.
pub fn fold(expr: &Expr) -> Option<Kept> {
    fold_with(expr, &|_| None)
}

/// What an expression comes to, where `read` tells it of every form that is not folded here.
pub fn fold_with(expr: &Expr, read: &dyn Fn(&Expr) -> Option<Kept>) -> Option<Kept> {
    let fold = |operand: &Expr| fold_with(operand, read);
    let known = match &expr.kind {
        ExprKind::Const(value) => value.clone(),
        ExprKind::Not(inner) => Kept::Bool(!fold(inner)?.view().as_bool()?),
        ExprKind::And(operands) => junction(operands, false, fold)?,
        ExprKind::Or(operands) => junction(operands, true, fold)?,
        ExprKind::If { condition, then, otherwise } => fold(if fold(condition)?.view().as_bool()? { then } else { otherwise })?,
        ExprKind::Equal(left, right) => Kept::Bool(fold(left)?.view().equals(fold(right)?.view())),
        ExprKind::Order(order, left, right) => Kept::Bool(order.allows(fold(left)?.view().order(fold(right)?.view()))),
        ExprKind::Coalesce(left, right) => Some(fold(left)?).filter(|value| !value.view().is_none()).or_else(|| fold(right))?,
        ExprKind::Arithmetic(op, left, right) => calculated(*op, fold(left)?.view(), fold(right)?.view())?,
        ExprKind::Negate(inner) => arithmetic::neg(fold(inner)?.view()).ok()?.into(),
        ExprKind::ToDecimal(inner) => Kept::Decimal(fold(inner)?.view().as_decimal()?),
        ExprKind::Text(parts) => {
            let parts: Option<Vec<Kept>> = parts.iter().map(fold).collect();
            Kept::Str(parts?.iter().map(|part| part.view().to_string()).collect::<String>().into())
        }
        _ => read(expr)?,
    };
    (size_up_to(known.view(), MAX_SCALARS) <= MAX_SCALARS).then_some(known)
}

fn junction(operands: &[Expr], decisive: bool, fold: impl Fn(&Expr) -> Option<Kept>) -> Option<Kept> {
    for operand in operands {
        if fold(operand)?.view().as_bool()? == decisive {
            return Some(Kept::Bool(decisive));
        }
    }
    Some(Kept::Bool(!decisive))
}

fn calculated(op: Arithmetic, left: Value<'_>, right: Value<'_>) -> Option<Kept> {
    if let (Arithmetic::Add, Value::Str(left), Value::Str(right)) = (op, left, right) {
        return (left.len() + right.len() <= MAX_TEXT).then(|| Kept::Str(format!("{left}{right}").into()));
    }
    let result = match op {
        Arithmetic::Add => arithmetic::add(left, right),
        Arithmetic::Subtract => arithmetic::sub(left, right),
        Arithmetic::Multiply => arithmetic::mul(left, right),
        Arithmetic::Divide => arithmetic::div(left, right),
        Arithmetic::Remainder => arithmetic::rem(left, right),
    };
    result.ok().map(Kept::from)
}
