//! Intervals: which of them a value lies in.
//!
//! The ends of all intervals, sorted, cut the line into positions: each end is one, and so is each gap between two. Where few intervals overlap, a
//! rule is filed under every position of its interval. Else it is filed under nodes of a segment tree over the positions, a number of them that
//! grows with the logarithm of the ends; the nodes over a value's position are those that it is looked up under. See M. de Berg et al.,
//! Computational Geometry, section 10.3.

use tollgate_stdlib::{Decimal, Kept, Timestamp, Value};

use crate::plan::{Bound, Interval, index};

/// How many positions an interval may take, on average, before a tree is made.
const MAX_POSITIONS: usize = 8;

/// The intervals of one attribute.
#[derive(Debug)]
pub(super) struct Intervals {
    ends: Ends,
    /// Whether numbers are nodes of a tree; else they are positions.
    tree: bool,
}

/// The ends of intervals, sorted, each once, all of one type.
#[derive(Debug)]
enum Ends {
    /// `int`, `duration`, and the ranks of an ordered enum.
    Whole(Vec<i64>),
    Decimal(Vec<Decimal>),
    Timestamp(Vec<Timestamp>),
}

impl Intervals {
    /// Intervals with those bounds, whose values are constants; `None` where they are not of one ordered type.
    pub fn new(intervals: &[Interval], constants: &[Kept]) -> Option<Intervals> {
        let bounds = intervals.iter().flat_map(|interval| [interval.low, interval.high]).flatten();
        let values: Vec<Value<'_>> = bounds.map(|bound| constants.get(index(bound.value)).map(Kept::view)).collect::<Option<_>>()?;
        let ends = match values.first() {
            Some(Value::Decimal(_)) => Ends::Decimal(sorted(&values, |value| if let Value::Decimal(value) = value { Some(value) } else { None })?),
            Some(Value::Timestamp(_)) => {
                Ends::Timestamp(sorted(&values, |value| if let Value::Timestamp(value) = value { Some(value) } else { None })?)
            }
            _ => Ends::Whole(sorted(&values, whole)?),
        };
        let mut made = Intervals { ends, tree: false };
        let lengths = intervals.iter().filter_map(|interval| made.positions(*interval, constants)).map(|(low, high)| high.saturating_sub(low) + 1);
        made.tree = lengths.sum::<usize>() > MAX_POSITIONS * intervals.len().max(1);
        Some(made)
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        if self.tree { 2 * self.size() } else { self.size() }
    }

    /// The numbers under which an interval is filed; none for an empty one, `None` for one with other ends.
    pub fn numbers_of(&self, interval: Interval, constants: &[Kept]) -> Option<Vec<u32>> {
        let (low, high) = self.positions(interval, constants)?;
        if !self.tree {
            return Some((low..=high).filter_map(|place| u32::try_from(place).ok()).collect());
        }
        let (mut low, mut high) = (low + self.size(), high.wrapping_add(1) + self.size());
        let mut numbers = Vec::new();
        while low < high {
            if low % 2 == 1 {
                numbers.push(u32::try_from(low).ok()?);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                numbers.push(u32::try_from(high).ok()?);
            }
            (low, high) = (low / 2, high / 2);
        }
        Some(numbers)
    }

    /// Calls back with each number that a value is looked up under.
    pub fn numbers(&self, value: Value<'_>, mut found: impl FnMut(u32)) {
        let Some(position) = self.position(value) else { return };
        if !self.tree {
            return found(u32::try_from(position).unwrap_or(u32::MAX));
        }
        let mut node = position + self.size();
        while node > 0 {
            found(u32::try_from(node).unwrap_or(u32::MAX));
            node /= 2;
        }
    }

    /// How many positions there are: every end and every gap.
    fn size(&self) -> usize {
        2 * self.ends.len() + 1
    }

    /// The first and the last position of an interval; the last is before the first where nothing lies in it.
    fn positions(&self, interval: Interval, constants: &[Kept]) -> Option<(usize, usize)> {
        let at = |bound: Bound| self.position(constants.get(index(bound.value))?.view());
        let low = interval.low.map_or(Some(0), |bound| Some(at(bound)? + usize::from(!bound.inside)))?;
        let high = interval.high.map_or(Some(self.size()), |bound| Some(at(bound)? + usize::from(bound.inside)))?;
        // `high` is one beyond the last position.
        Some(if low < high { (low, high - 1) } else { (1, 0) })
    }

    /// The position of a value; `None` for one of another type.
    fn position(&self, value: Value<'_>) -> Option<usize> {
        match (&self.ends, value) {
            (Ends::Decimal(ends), Value::Decimal(value)) => Some(position(ends, value)),
            (Ends::Timestamp(ends), Value::Timestamp(value)) => Some(position(ends, value)),
            (Ends::Whole(ends), value) => Some(position(ends, whole(value)?)),
            _ => None,
        }
    }
}

impl Ends {
    fn len(&self) -> usize {
        match self {
            Ends::Whole(ends) => ends.len(),
            Ends::Decimal(ends) => ends.len(),
            Ends::Timestamp(ends) => ends.len(),
        }
    }
}

/// An end is at an odd position, what lies before the first at position 0.
fn position<T: Ord>(ends: &[T], value: T) -> usize {
    match ends.binary_search(&value) {
        Ok(place) => 2 * place + 1,
        Err(place) => 2 * place,
    }
}

fn sorted<'a, T: Ord>(values: &[Value<'a>], each: impl Fn(Value<'a>) -> Option<T>) -> Option<Vec<T>> {
    let mut ends: Vec<T> = values.iter().map(|value| each(*value)).collect::<Option<_>>()?;
    ends.sort_unstable();
    ends.dedup();
    Some(ends)
}

fn whole(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Int(value) | Value::Duration(value) => Some(value),
        Value::Enum(variant) => Some(variant.rank.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(value: u32, inside: bool) -> Option<Bound> {
        Some(Bound { value, inside })
    }

    #[test]
    fn a_value_finds_the_intervals_that_it_lies_in() {
        let constants: Vec<Kept> = (0..40).map(|value| Kept::Int(value / 4 * 4)).collect();
        let mut all = Vec::new();
        for low in [None, bound(4, true), bound(8, false), bound(20, true)] {
            for high in [None, bound(4, true), bound(12, false), bound(20, true), bound(36, false)] {
                all.push(Interval { low, high });
            }
        }
        for copies in [1, 30] {
            // Copies of wide intervals make a tree of it.
            let many: Vec<Interval> = all.iter().copied().cycle().take(all.len() * copies).collect();
            let mut intervals = Intervals::new(&many, &constants).expect("one type");
            for tree in [false, true] {
                intervals.tree = tree;
                for value in -2..45 {
                    let mut found = Vec::new();
                    intervals.numbers(Value::Int(value), |number| found.push(number));
                    for interval in &all {
                        let inside = interval.low.is_none_or(|low| value > i64::from(low.value) || low.inside && value == i64::from(low.value))
                            && interval.high.is_none_or(|high| value < i64::from(high.value) || high.inside && value == i64::from(high.value));
                        let numbers = intervals.numbers_of(*interval, &constants).expect("known ends");
                        assert_eq!(numbers.iter().any(|number| found.contains(number)), inside, "{interval:?} {value} {tree}");
                    }
                }
            }
        }
    }

    #[test]
    fn ends_of_several_types_are_refused() {
        let constants = [Kept::Int(1), Kept::Timestamp(Timestamp::from_nanosecond(0).expect("an instant"))];
        let mixed = [Interval { low: bound(0, true), high: bound(1, true) }];
        assert!(Intervals::new(&mixed, &constants).is_none());
    }
}
