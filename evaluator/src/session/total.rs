//! What elements come to: put together of runs, groups and terms, exactly as evaluating over all of them would have it.

use tollgate_stdlib::{Decimal, Value, arithmetic};

use crate::plan::{Summary, Zero};

/// What some elements come to. By default there are none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Total<'a> {
    /// How many there are; where one is enough to know of, perhaps fewer.
    pub count: i64,
    /// What they add up to, where a sum is asked for.
    pub sum: Sum,
    /// The least or the greatest, where that is asked for; for the first and the last it is the place of a call.
    pub best: Option<Value<'a>>,
}

impl<'a> Total<'a> {
    /// With other elements, or without them; `None` where that cannot tell what evaluating would give.
    pub fn with(self, others: Total<'a>, minus: bool, summary: Summary) -> Option<Total<'a>> {
        let sign = if minus { -1 } else { 1 };
        let best = match (self.best, others.best) {
            (Some(a), Some(b)) if std::mem::discriminant(&a) != std::mem::discriminant(&b) => return None,
            (Some(a), Some(b)) => {
                let order = b.order(a);
                let is_better = if matches!(summary, Summary::Least | Summary::First) { order.is_lt() } else { order.is_gt() };
                Some(if is_better { b } else { a })
            }
            (a, b) => a.or(b),
        };
        Some(Total { count: self.count.checked_add(sign * others.count)?, sum: self.sum.plus(others.sum.signed(sign))?, best })
    }

    /// What is asked of the elements.
    pub fn value(self, summary: Summary) -> Option<Value<'a>> {
        match summary {
            Summary::Any => Some(Value::Bool(self.count > 0)),
            Summary::Count => Some(Value::Int(self.count)),
            Summary::Sum(zero) if self.count == 0 => Some(match zero {
                Zero::Int => Value::Int(0),
                Zero::Decimal => Value::Decimal(Decimal::ZERO),
                Zero::Duration => Value::Duration(0),
            }),
            Summary::Sum(_) => self.sum.value(),
            Summary::Least | Summary::Greatest | Summary::First | Summary::Last => Some(self.best.unwrap_or(Value::None)),
        }
    }
}

/// What sums are made of, since ints, decimals and durations add up to their own kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Int,
    Decimal,
    Duration,
}

/// A sum that is exact: as long as the sum of all magnitudes is in range, so is every sum on the way to it, none was rounded, and their order is
/// nothing to them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    /// `None` for the sum of nothing.
    unit: Option<Unit>,
    /// Digits after the point.
    scale: u32,
    pub(super) digits: i128,
    /// The sum of the magnitudes.
    magnitude: u128,
}

impl Sum {
    /// The sum of one element; `None` of what cannot be added to that zero.
    pub(super) fn of(element: Value<'_>, zero: Zero) -> Option<Sum> {
        let (unit, digits, scale) = match (element, zero) {
            (Value::Int(value), Zero::Int) => (Unit::Int, value.into(), 0),
            (Value::Decimal(value), Zero::Int | Zero::Decimal) => (Unit::Decimal, value.mantissa(), value.scale()),
            (Value::Duration(value), Zero::Duration) => (Unit::Duration, value.into(), 0),
            _ => return None,
        };
        Some(Sum { unit: Some(unit), scale, digits, magnitude: digits.unsigned_abs() })
    }

    /// The sum of both; `None` where a sum could be rounded, overflow, or be of two kinds.
    pub(super) fn plus(self, other: Sum) -> Option<Sum> {
        let unit = match (self.unit, other.unit) {
            (Some(a), Some(b)) if a != b => return None,
            (a, b) => a.or(b),
        };
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.refined(scale)?, other.refined(scale)?);
        let magnitude = a.magnitude.checked_add(b.magnitude).filter(|magnitude| *magnitude <= unit.map_or(0, most))?;
        Some(Sum { unit, scale, digits: a.digits + b.digits, magnitude })
    }

    /// The same with so many digits after the point.
    fn refined(self, scale: u32) -> Option<Sum> {
        let factor = 10_u128.checked_pow(scale - self.scale)?;
        let magnitude = self.magnitude.checked_mul(factor).filter(|magnitude| *magnitude <= most(Unit::Decimal))?;
        Some(Sum { scale, digits: self.digits * i128::try_from(factor).ok()?, magnitude, ..self })
    }

    /// By what digits of another are multiplied to be digits of this one, if they are others.
    pub(super) fn finer_than(self, other: Sum) -> Option<i128> {
        let more = self.scale.checked_sub(other.scale).filter(|more| *more > 0)?;
        10_i128.checked_pow(more)
    }

    /// The same as the sum of one element.
    pub(super) fn of_one(self) -> Sum {
        Sum { magnitude: self.digits.unsigned_abs(), ..self }
    }

    /// The sum of some of what it is the sum of.
    pub(super) fn with(self, digits: i128) -> Sum {
        Sum { digits, ..self }
    }

    fn signed(self, sign: i64) -> Sum {
        Sum { digits: self.digits * i128::from(sign), ..self }
    }

    fn value(self) -> Option<Value<'static>> {
        match self.unit? {
            Unit::Int => i64::try_from(self.digits).ok().map(Value::Int),
            Unit::Duration => i64::try_from(self.digits).ok().map(Value::Duration),
            Unit::Decimal => Decimal::try_from_i128_with_scale(self.digits, self.scale).ok().map(Value::Decimal),
        }
    }
}

/// The greatest sum that is exact, in digits.
fn most(unit: Unit) -> u128 {
    match unit {
        Unit::Decimal => 10_u128.pow(arithmetic::DIGITS) - 1,
        Unit::Int | Unit::Duration => i64::MAX.unsigned_abs().into(),
    }
}
