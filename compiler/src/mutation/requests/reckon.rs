//! Arithmetic with constants, where it has a result.

use tollgate_stdlib::{Decimal, Kept, Timestamp};

use crate::program::Arithmetic;

/// What comes of two values.
pub fn combine(op: Arithmetic, a: &Kept, b: &Kept) -> Option<Kept> {
    match (a, b) {
        (Kept::Int(a), Kept::Int(b)) => whole(op, *a, *b).map(Kept::Int),
        (Kept::Int(_) | Kept::Decimal(_), Kept::Int(_) | Kept::Decimal(_)) => exact(op, decimal(a)?, decimal(b)?).map(Kept::Decimal),
        (Kept::Duration(a), Kept::Duration(b)) if matches!(op, Arithmetic::Add | Arithmetic::Subtract) => whole(op, *a, *b).map(Kept::Duration),
        (Kept::Duration(a), Kept::Int(b)) if matches!(op, Arithmetic::Multiply | Arithmetic::Divide) => whole(op, *a, *b).map(Kept::Duration),
        (Kept::Timestamp(a), Kept::Duration(b)) => {
            let b = if op == Arithmetic::Subtract { -i128::from(*b) } else { i128::from(*b) };
            Timestamp::from_nanosecond(a.as_nanosecond() + b).map(Kept::Timestamp)
        }
        (Kept::Duration(_), Kept::Timestamp(_)) if op == Arithmetic::Add => combine(op, b, a),
        (Kept::Timestamp(a), Kept::Timestamp(b)) => i64::try_from(a.as_nanosecond() - b.as_nanosecond()).ok().map(Kept::Duration),
        _ => None,
    }
}

fn decimal(value: &Kept) -> Option<Decimal> {
    match value {
        Kept::Int(value) => Some(Decimal::from(*value)),
        Kept::Decimal(value) => Some(*value),
        _ => None,
    }
}

fn whole(op: Arithmetic, a: i64, b: i64) -> Option<i64> {
    match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    }
}

fn exact(op: Arithmetic, a: Decimal, b: Decimal) -> Option<Decimal> {
    match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    }
}
