//! Sums and extrema over stretches of elements, kept so that one stretch costs a look-up.

use std::cmp::Ordering;
use std::ops::Range;

use tollgate_stdlib::{Decimal, Kept, Value, arithmetic};

use crate::plan::{Summary, Zero};

/// What is kept of a group's elements beside how many there are.
#[derive(Clone, Debug)]
pub(super) enum Figures {
    /// Nothing.
    None,
    /// Their sums.
    Sums(Sums),
    /// Their least or greatest.
    Best(Best),
}

impl Figures {
    /// The figures of no element.
    pub fn new(summary: Summary) -> Figures {
        match summary {
            Summary::Any | Summary::Count => Figures::None,
            Summary::Sum(zero) => Figures::Sums(Sums::new(zero)),
            Summary::Least => Figures::Best(Best::new(Ordering::Less)),
            Summary::Greatest => Figures::Best(Best::new(Ordering::Greater)),
        }
    }

    /// Adds an element, at that place where places matter. Says whether the figures still tell what evaluating would give.
    pub fn add(&mut self, place: Option<usize>, element: Value<'_>) -> bool {
        match self {
            Figures::None => true,
            Figures::Sums(sums) => sums.add(place, element).is_some(),
            Figures::Best(best) => best.add(place, element),
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

/// The sums of the first so many elements, all exact: as long as the sum of all magnitudes is in range, so is every sum on the way to any of them,
/// none was rounded, and their order is nothing to them.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    zero: Zero,
    unit: Option<Unit>,
    /// Digits after the point.
    scale: u32,
    magnitude: u128,
    upto: Vec<i128>,
}

impl Sums {
    fn new(zero: Zero) -> Sums {
        Sums { zero, unit: None, scale: 0, magnitude: 0, upto: Vec::new() }
    }

    fn add(&mut self, place: Option<usize>, element: Value<'_>) -> Option<()> {
        let (unit, digits, scale) = match (element, self.zero) {
            (Value::Int(value), Zero::Int) => (Unit::Int, value.into(), 0),
            (Value::Decimal(value), Zero::Int | Zero::Decimal) => (Unit::Decimal, value.mantissa(), value.scale()),
            (Value::Duration(value), Zero::Duration) => (Unit::Duration, value.into(), 0),
            _ => return None,
        };
        if *self.unit.get_or_insert(unit) != unit {
            return None;
        }
        self.refine(scale)?;
        let digits = digits.checked_mul(power(self.scale - scale)?)?;
        self.magnitude = self.magnitude.checked_add(digits.unsigned_abs()).filter(|sum| *sum <= most(unit))?;
        match place {
            None if self.upto.is_empty() => self.upto.push(digits),
            None => self.upto.iter_mut().for_each(|sum| *sum += digits),
            Some(place) => {
                let before = place.checked_sub(1).and_then(|before| self.upto.get(before)).copied().unwrap_or(0);
                self.upto.insert(place.min(self.upto.len()), before);
                self.upto.iter_mut().skip(place).for_each(|sum| *sum += digits);
            }
        }
        Some(())
    }

    /// Makes room for that many digits after the point.
    fn refine(&mut self, scale: u32) -> Option<()> {
        let Some(more) = scale.checked_sub(self.scale).filter(|more| *more > 0) else { return Some(()) };
        let factor = power(more)?;
        self.magnitude = self.magnitude.checked_mul(factor.unsigned_abs()).filter(|sum| *sum <= most(Unit::Decimal))?;
        self.upto.iter_mut().for_each(|sum| *sum *= factor);
        self.scale = scale;
        Some(())
    }

    /// The sum of a stretch of elements.
    pub fn total(&self, stretch: Range<usize>) -> Option<Value<'static>> {
        let upto = |end: usize| end.checked_sub(1).and_then(|last| self.upto.get(last)).copied().unwrap_or(0);
        let digits = upto(stretch.end) - upto(stretch.start);
        match self.unit.filter(|_| !stretch.is_empty()) {
            None => Some(zero(self.zero)),
            Some(Unit::Int) => i64::try_from(digits).ok().map(Value::Int),
            Some(Unit::Duration) => i64::try_from(digits).ok().map(Value::Duration),
            Some(Unit::Decimal) => Decimal::try_from_i128_with_scale(digits, self.scale).ok().map(Value::Decimal),
        }
    }
}

/// The sum of no element.
pub(super) fn zero(zero: Zero) -> Value<'static> {
    match zero {
        Zero::Int => Value::Int(0),
        Zero::Decimal => Value::Decimal(Decimal::ZERO),
        Zero::Duration => Value::Duration(0),
    }
}

/// The greatest sum that is exact, in digits.
fn most(unit: Unit) -> u128 {
    match unit {
        Unit::Decimal => 10_u128.pow(arithmetic::DIGITS) - 1,
        Unit::Int | Unit::Duration => i64::MAX.unsigned_abs().into(),
    }
}

fn power(digits: u32) -> Option<i128> {
    10_i128.checked_pow(digits)
}

/// The least or the greatest elements, from every place on and up to every place.
#[derive(Clone, Debug)]
pub(super) struct Best {
    wanted: Ordering,
    /// The elements by place; the best alone where places do not matter.
    elements: Vec<Kept>,
    /// Places of elements that are better than all after them.
    from: Vec<usize>,
    /// Places of elements that are better than all before them.
    to: Vec<usize>,
}

impl Best {
    fn new(wanted: Ordering) -> Best {
        Best { wanted, elements: Vec::new(), from: Vec::new(), to: Vec::new() }
    }

    fn add(&mut self, place: Option<usize>, element: Value<'_>) -> bool {
        let is_of_kind = |other: &Kept| std::mem::discriminant(&other.view()) == std::mem::discriminant(&element);
        let is_ordered = !matches!(element, Value::None | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_));
        if !is_ordered || !self.elements.first().is_none_or(is_of_kind) {
            return false;
        }
        match (place, self.elements.first_mut()) {
            (None, Some(best)) => {
                if element.order(best.view()) == self.wanted {
                    *best = element.into();
                }
            }
            (None, None) => self.elements.push(element.into()),
            (Some(place), _) => {
                self.elements.insert(place.min(self.elements.len()), element.into());
                self.rank(place);
            }
        }
        true
    }

    /// Ranks the elements from that place on; what is ranked before one that came late may no longer hold, so then all are.
    fn rank(&mut self, place: usize) {
        let is_last = place + 1 == self.elements.len();
        if !is_last {
            self.from.clear();
            self.to.clear();
        }
        let (elements, wanted) = (&self.elements, self.wanted);
        let is_better = |a: usize, b: usize| match (elements.get(a), elements.get(b)) {
            (Some(a), Some(b)) => a.view().order(b.view()) == wanted,
            _ => false,
        };
        for place in if is_last { place } else { 0 }..elements.len() {
            while self.from.last().is_some_and(|last| !is_better(*last, place)) {
                self.from.pop();
            }
            self.from.push(place);
            if self.to.last().is_none_or(|last| is_better(place, *last)) {
                self.to.push(place);
            }
        }
    }

    /// The best of a stretch that is not empty, where that is kept: it is for all elements, and for stretches that have the first or the last.
    pub fn of(&self, stretch: Range<usize>, has_places: bool) -> Option<Value<'_>> {
        let place = match stretch {
            _ if !has_places => 0,
            Range { start, end } if end == self.elements.len() => *self.from.get(self.from.partition_point(|place| *place < start))?,
            Range { start: 0, end } => *self.to.get(self.to.partition_point(|place| *place < end).checked_sub(1)?)?,
            _ => return None,
        };
        self.elements.get(place).map(Kept::view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(digits: i128, scale: u32) -> Value<'static> {
        Value::Decimal(Decimal::from_i128_with_scale(digits, scale))
    }

    #[test]
    fn sums_of_stretches() {
        let mut sums = Sums::new(Zero::Int);
        for (place, value) in [(0, decimal(15, 1)), (1, decimal(-250, 2)), (0, decimal(1, 0))] {
            assert!(sums.add(Some(place), value).is_some());
        }
        for (stretch, expected) in [(0..3, "0"), (0..1, "1"), (1..3, "-1"), (2..3, "-2.5"), (1..1, "0")] {
            assert_eq!(sums.total(stretch.clone()).unwrap().to_string(), expected, "{stretch:?}");
        }
    }

    #[test]
    fn sums_that_could_be_rounded_or_overflow_are_not_kept() {
        let mut sums = Sums::new(Zero::Int);
        assert!(sums.add(None, decimal(9_999_999_999_999_999_999_999_999_999, 0)).is_some());
        assert!(sums.add(None, decimal(1, 0)).is_none());
        let mut sums = Sums::new(Zero::Int);
        assert!(sums.add(None, Value::Int(i64::MAX)).is_some());
        assert!(sums.add(None, Value::Int(-1)).is_none());
        assert!(Sums::new(Zero::Int).add(None, Value::Duration(1)).is_none());
        let mut sums = Sums::new(Zero::Int);
        assert!(sums.add(None, Value::Int(1)).is_some());
        assert!(sums.add(None, decimal(1, 0)).is_none());
    }

    #[test]
    fn extrema_of_stretches() {
        let mut best = Best::new(Ordering::Greater);
        for (place, value) in [(0, 3), (1, 1), (2, 2), (1, 5), (4, 2)] {
            assert!(best.add(Some(place), Value::Int(value)));
        }
        // 3 5 1 2 2
        for (stretch, expected) in [(0..5, 5), (2..5, 2), (4..5, 2), (0..1, 3), (0..4, 5)] {
            assert_eq!(best.of(stretch.clone(), true).and_then(Value::as_int), Some(expected), "{stretch:?}");
        }
        assert!(best.of(2..3, true).is_none());
        assert!(!best.add(Some(0), Value::None));
        assert!(!best.add(Some(0), Value::Str("a")));
    }
}
