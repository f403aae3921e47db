//! Intervals: which of them a value lies in.
//!
//! Where an interval begins or ends, the line is cut; the cuts of all intervals, sorted, leave positions between them. Where few intervals overlap, a
//! rule is filed under every position of its interval. Else it is filed under nodes of a segment tree over the positions, a number of them that
//! grows with the logarithm of the cuts; the nodes over a value's position are those that it is looked up under. See M. de Berg et al.,
//! Computational Geometry, section 10.3.

use tollgate_stdlib::{Decimal, Kept, Timestamp, Value};

use crate::plan::{Bound, Interval, index};

/// How many positions an interval may take, on average, before a tree is made.
const MAX_POSITIONS: usize = 8;
/// How many cuts stand together, of which a search sees the last first: in a large set the others are seldom at hand.
const BLOCK: usize = 32;

/// The intervals of one attribute.
#[derive(Debug)]
pub(super) struct Intervals {
    cuts: Cuts,
    /// Whether numbers are nodes of a tree; else they are positions.
    tree: bool,
}

/// Where the line is cut: before a value, or after it where that is true.
#[derive(Debug)]
enum Cuts {
    /// `int`, `duration`, and the ranks of an ordered enum; after a value is before the next.
    Whole(Sorted<i64>),
    Decimal(Sorted<(Decimal, bool)>),
    Timestamp(Sorted<(Timestamp, bool)>),
}

/// Sorted, each once.
#[derive(Debug)]
struct Sorted<T> {
    all: Vec<T>,
    /// The last of each full block.
    lasts: Vec<T>,
}

impl Intervals {
    /// Intervals with those bounds, whose values are constants; `None` where they are not of one ordered type.
    pub fn new(intervals: &[Interval], constants: &[Kept]) -> Option<Intervals> {
        let cut = |bound: Bound, after: bool| Some((constants.get(index(bound.value))?.view(), after));
        let lows = intervals.iter().filter_map(|interval| interval.low).map(|low| cut(low, !low.inside));
        let highs = intervals.iter().filter_map(|interval| interval.high).map(|high| cut(high, high.inside));
        let cuts: Vec<(Value<'_>, bool)> = lows.chain(highs).collect::<Option<_>>()?;
        let mut made = Intervals { cuts: Cuts::new(&cuts)?, tree: false };
        let lengths = intervals.iter().filter_map(|interval| made.positions(*interval, constants)).map(|(low, high)| high.saturating_sub(low));
        made.tree = lengths.sum::<usize>() > MAX_POSITIONS * intervals.len().max(1);
        Some(made)
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        if self.tree { 2 * self.size() } else { self.size() }
    }

    /// The numbers under which an interval is filed; none for an empty one, `None` for one with other bounds.
    pub fn numbers_of(&self, interval: Interval, constants: &[Kept]) -> Option<Vec<u32>> {
        let (low, high) = self.positions(interval, constants)?;
        if !self.tree {
            return Some((low..high).filter_map(|place| u32::try_from(place).ok()).collect());
        }
        let (mut low, mut high) = (low + self.size(), high + self.size());
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
        let Some(position) = self.cuts.until(value, false) else { return };
        if !self.tree {
            return found(u32::try_from(position).unwrap_or(u32::MAX));
        }
        let mut node = position + self.size();
        while node > 0 {
            found(u32::try_from(node).unwrap_or(u32::MAX));
            node /= 2;
        }
    }

    /// How many positions there are.
    fn size(&self) -> usize {
        self.cuts.len() + 1
    }

    /// The first position of an interval, and the one after its last.
    fn positions(&self, interval: Interval, constants: &[Kept]) -> Option<(usize, usize)> {
        let at = |bound: Bound, after| self.cuts.until(constants.get(index(bound.value))?.view(), after);
        let low = interval.low.map_or(Some(0), |low| at(low, !low.inside))?;
        let high = interval.high.map_or(Some(self.size()), |high| at(high, high.inside))?;
        Some((low.min(high), high))
    }
}

impl Cuts {
    fn new(cuts: &[(Value<'_>, bool)]) -> Option<Cuts> {
        Some(match cuts.first() {
            Some((Value::Decimal(_), _)) => Cuts::Decimal(Sorted::new(cuts, |cut| Some((decimal(cut.0)?, cut.1)))?),
            Some((Value::Timestamp(_), _)) => Cuts::Timestamp(Sorted::new(cuts, |cut| Some((timestamp(cut.0)?, cut.1)))?),
            _ => {
                // After the greatest value nothing is left to cut.
                let cuts: Vec<_> = cuts.iter().copied().filter(|cut| !(cut.1 && whole(cut.0) == Some(i64::MAX))).collect();
                Cuts::Whole(Sorted::new(&cuts, |cut| whole(cut.0)?.checked_add(cut.1.into()))?)
            }
        })
    }

    fn len(&self) -> usize {
        match self {
            Cuts::Whole(cuts) => cuts.all.len(),
            Cuts::Decimal(cuts) => cuts.all.len(),
            Cuts::Timestamp(cuts) => cuts.all.len(),
        }
    }

    /// How many cuts there are up to one before, or after, a value: the position behind that cut. `None` for a value of another type.
    fn until(&self, value: Value<'_>, after: bool) -> Option<usize> {
        Some(match self {
            Cuts::Whole(cuts) => whole(value)?.checked_add(after.into()).map_or(cuts.all.len() + 1, |cut| cuts.until(&cut)),
            Cuts::Decimal(cuts) => cuts.until(&(decimal(value)?, after)),
            Cuts::Timestamp(cuts) => cuts.until(&(timestamp(value)?, after)),
        })
    }
}

impl<T: Copy + Ord> Sorted<T> {
    fn new<'a>(cuts: &[(Value<'a>, bool)], each: impl Fn(&(Value<'a>, bool)) -> Option<T>) -> Option<Sorted<T>> {
        let mut all: Vec<T> = cuts.iter().map(each).collect::<Option<_>>()?;
        all.sort_unstable();
        all.dedup();
        all.shrink_to_fit();
        let lasts = all.chunks_exact(BLOCK).filter_map(|block| block.last().copied()).collect();
        Some(Sorted { all, lasts })
    }

    /// How many are not greater.
    fn until(&self, value: &T) -> usize {
        let before = self.lasts.partition_point(|last| last <= value) * BLOCK;
        let block = self.all.get(before..self.all.len().min(before + BLOCK)).unwrap_or_default();
        before + block.partition_point(|cut| cut <= value)
    }
}

fn whole(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Int(value) | Value::Duration(value) => Some(value),
        Value::Enum(variant) => Some(variant.rank.into()),
        _ => None,
    }
}

fn decimal(value: Value<'_>) -> Option<Decimal> {
    if let Value::Decimal(value) = value { Some(value) } else { None }
}

fn timestamp(value: Value<'_>) -> Option<Timestamp> {
    if let Value::Timestamp(value) = value { Some(value) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(value: u32, inside: bool) -> Option<Bound> {
        Some(Bound { value, inside })
    }

    #[test]
    fn a_value_finds_the_intervals_that_it_lies_in() {
        check(Kept::Int);
        check(|value| Kept::Decimal(value.into()));
        check(|value| Kept::Timestamp(Timestamp::from_nanosecond(value.into()).expect("an instant")));
    }

    fn check(kept: impl Fn(i64) -> Kept) {
        let constants: Vec<Kept> = (0..40).map(|value| kept(value / 4 * 4)).collect();
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
                    intervals.numbers(kept(value).view(), |number| found.push(number));
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
    fn the_greatest_number_has_nothing_after_it() {
        let constants = [Kept::Int(i64::MAX), Kept::Int(i64::MIN)];
        let interval = |low, high| Interval { low, high };
        let all = [interval(bound(0, true), None), interval(bound(0, false), None), interval(bound(1, false), bound(0, true))];
        let intervals = Intervals::new(&all, &constants).expect("one type");
        let found = |value| {
            let mut found = Vec::new();
            intervals.numbers(Value::Int(value), |number| found.push(number));
            let holds = |interval: &Interval| intervals.numbers_of(*interval, &constants).expect("known").iter().any(|number| found.contains(number));
            all.each_ref().map(holds)
        };
        assert_eq!([found(i64::MIN), found(0), found(i64::MAX)], [[false, false, false], [false, false, true], [true, false, true]]);
    }

    #[test]
    fn ends_of_several_types_are_refused() {
        let constants = [Kept::Int(1), Kept::Timestamp(Timestamp::from_nanosecond(0).expect("an instant"))];
        let mixed = [Interval { low: bound(0, true), high: bound(1, true) }];
        assert!(Intervals::new(&mixed, &constants).is_none());
    }
}
