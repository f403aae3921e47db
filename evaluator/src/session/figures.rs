//! Sums and extrema over stretches of elements, kept so that a stretch costs a few look-ups, however long it is.

use std::cmp::Ordering;
use std::ops::Range;

use tollgate_stdlib::{Kept, Value};

use super::total::{Sum, Total};
use crate::plan::{Summary, Zero, index};

/// What is kept of elements, which come in order, beside how many there are.
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
            Summary::Least | Summary::First => Figures::Best(Best::new(Ordering::Less)),
            Summary::Greatest | Summary::Last => Figures::Best(Best::new(Ordering::Greater)),
        }
    }

    /// Adds an element at the end; where it need not be told `apart`, only what all elements come to is kept. `None` where figures cannot tell any
    /// more what evaluating would give.
    pub fn add(&mut self, element: Value<'_>, apart: bool) -> Option<()> {
        match self {
            Figures::None => Some(()),
            Figures::Sums(sums) => sums.add(Sum::of(element, sums.zero)?, apart),
            Figures::Best(best) => best.add(element, apart),
        }
    }

    /// Adds the element that others of the same summary have at a place.
    pub fn add_from(&mut self, others: &Figures, place: usize) -> Option<()> {
        match (self, others) {
            (Figures::Sums(sums), Figures::Sums(others)) => sums.add(others.total(place..place + 1).of_one(), true),
            (Figures::Best(best), Figures::Best(others)) => best.add(others.elements.get(place)?.view(), true),
            _ => Some(()),
        }
    }

    /// What a stretch of elements comes to that is not empty; all of them, where they are not told apart.
    pub fn total(&self, stretch: Range<usize>) -> Option<Total<'_>> {
        let count = i64::try_from(stretch.len()).ok()?;
        Some(match self {
            Figures::None => Total { count, ..Total::default() },
            Figures::Sums(sums) => Total { count, sum: sums.total(stretch), best: None },
            Figures::Best(best) => Total { count, best: Some(best.of(stretch)?), ..Total::default() },
        })
    }
}

/// The sums of the first so many elements, all exact.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    zero: Zero,
    all: Sum,
    /// In digits of `all`.
    upto: Vec<i128>,
}

impl Sums {
    fn new(zero: Zero) -> Sums {
        Sums { zero, all: Sum::default(), upto: Vec::new() }
    }

    fn add(&mut self, element: Sum, apart: bool) -> Option<()> {
        let all = self.all.plus(element)?;
        if let Some(finer) = all.finer_than(self.all) {
            self.upto.iter_mut().for_each(|sum| *sum *= finer);
        }
        if !apart {
            self.upto.clear();
        }
        self.upto.push(all.digits);
        self.all = all;
        Some(())
    }

    fn total(&self, stretch: Range<usize>) -> Sum {
        let upto = |end: usize| end.checked_sub(1).and_then(|last| self.upto.get(last)).copied().unwrap_or(0);
        if self.upto.len() <= 1 { self.all } else { self.all.with(upto(stretch.end) - upto(stretch.start)) }
    }
}

/// The least or the greatest elements of stretches.
#[derive(Clone, Debug)]
pub(super) struct Best {
    wanted: Ordering,
    /// The elements in their places; the best alone where they are not told apart.
    elements: Vec<Kept>,
    /// The places of the best of the first two elements, the next two, and so on; of the first four, the next four; of the first eight ...
    blocks: Vec<Vec<u32>>,
}

impl Best {
    fn new(wanted: Ordering) -> Best {
        Best { wanted, elements: Vec::new(), blocks: Vec::new() }
    }

    fn add(&mut self, element: Value<'_>, apart: bool) -> Option<()> {
        let is_of_kind = |other: &Kept| std::mem::discriminant(&other.view()) == std::mem::discriminant(&element);
        let is_ordered = !matches!(element, Value::None | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_));
        if !is_ordered || !self.elements.first().is_none_or(is_of_kind) {
            return None;
        }
        match self.elements.first_mut().filter(|_| !apart) {
            Some(best) => {
                if element.order(best.view()) == self.wanted {
                    *best = element.into();
                }
            }
            None => {
                self.elements.push(element.into());
                self.close_blocks();
            }
        }
        Some(())
    }

    /// Makes the blocks that end with the last element.
    fn close_blocks(&mut self) {
        let end = self.elements.len();
        for level in 0..index(end.trailing_zeros()) {
            let size = 1 << level;
            let (Some(a), Some(b)) = (self.block(level, end - 2 * size), self.block(level, end - size)) else { return };
            let best = self.better(a, b);
            match self.blocks.get_mut(level) {
                Some(blocks) => blocks.push(best),
                None => self.blocks.push(vec![best]),
            }
        }
    }

    /// The place of the best of the block that begins at that place and has two to the power of `level` elements.
    fn block(&self, level: usize, start: usize) -> Option<u32> {
        match level.checked_sub(1) {
            None => u32::try_from(start).ok(),
            Some(above) => self.blocks.get(above)?.get(start >> level).copied(),
        }
    }

    fn better(&self, a: u32, b: u32) -> u32 {
        match (self.elements.get(index(a)), self.elements.get(index(b))) {
            (Some(first), Some(second)) if second.view().order(first.view()) == self.wanted => b,
            _ => a,
        }
    }

    /// The best of a stretch that is not empty.
    fn of(&self, stretch: Range<usize>) -> Option<Value<'_>> {
        let Range { mut start, end } = if self.elements.len() == 1 { 0..1 } else { stretch };
        let mut best = None;
        while start < end {
            // The largest block that begins here and ends in time.
            let level = index(start.trailing_zeros().min((end - start).ilog2()));
            let place = self.block(level, start)?;
            best = Some(best.map_or(place, |best| self.better(best, place)));
            start += 1 << level;
        }
        self.elements.get(index(best?)).map(Kept::view)
    }
}

#[cfg(test)]
mod tests {
    use tollgate_stdlib::Decimal;

    use super::*;

    fn decimal(digits: i128, scale: u32) -> Value<'static> {
        Value::Decimal(Decimal::from_i128_with_scale(digits, scale))
    }

    #[test]
    fn sums_of_stretches() {
        let mut figures = Figures::new(Summary::Sum(Zero::Int));
        for value in [decimal(1, 0), decimal(15, 1), decimal(-250, 2)] {
            assert!(figures.add(value, true).is_some());
        }
        for (stretch, expected) in [(0..3, "0"), (0..1, "1"), (1..3, "-1"), (2..3, "-2.5")] {
            assert_eq!(figures.total(stretch.clone()).unwrap().value(Summary::Sum(Zero::Int)).unwrap().to_string(), expected, "{stretch:?}");
        }
    }

    #[test]
    fn sums_that_could_be_rounded_or_overflow_are_not_kept() {
        let sums = |values: &[Value<'_>]| {
            let mut figures = Figures::new(Summary::Sum(Zero::Int));
            values.iter().try_for_each(|value| figures.add(*value, false))
        };
        assert!(sums(&[decimal(9_999_999_999_999_999_999_999_999_999, 0)]).is_some());
        assert!(sums(&[decimal(9_999_999_999_999_999_999_999_999_999, 0), decimal(1, 0)]).is_none());
        assert!(sums(&[Value::Int(i64::MAX), Value::Int(-1)]).is_none());
        assert!(sums(&[Value::Int(1), decimal(1, 0)]).is_none());
        assert!(sums(&[Value::Duration(1)]).is_none());
    }

    #[test]
    fn extrema_of_stretches() {
        let values: Vec<i64> = (0..70).map(|place| place * 37 % 71).collect();
        let mut figures = Figures::new(Summary::Greatest);
        values.iter().for_each(|value| assert!(figures.add(Value::Int(*value), true).is_some()));
        for start in 0..values.len() {
            for end in start + 1..=values.len() {
                let best = figures.total(start..end).unwrap().best.and_then(Value::as_int);
                assert_eq!(best, values[start..end].iter().max().copied(), "{start}..{end}");
            }
        }
        assert!(figures.add(Value::None, true).is_none());
        assert!(figures.add(Value::Str("a"), true).is_none());
    }
}
