//! Elements of calls by the values under which decisions ask for them.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;
use tollgate_stdlib::{Decimal, Kept, Value};

use super::figures::Figures;
use super::total::Total;
use crate::plan::{Order, Summary};

/// The groups of an aggregate, by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    table: HashMap<u64, Vec<Group>, RandomState>,
}

/// The elements that have the same keys.
#[derive(Clone, Debug)]
struct Group {
    keys: Box<[Kept]>,
    /// Whether only evaluating tells what is asked: something about an element was an error, or of a kind that has no place here.
    lost: bool,
    /// Each at least twice as long as the next, so that there are few of them, and no element is moved often.
    runs: Vec<Run>,
}

/// Elements in the order of their marks, or without marks.
#[derive(Clone, Debug)]
struct Run {
    count: usize,
    marks: Vec<Value<'static>>,
    figures: Figures,
}

impl Groups {
    /// Adds an element.
    pub fn add(&mut self, keys: &[Value<'_>], mark: Option<Value<'_>>, element: Value<'_>, summary: Summary) {
        if let Some(group) = self.group(keys)
            && !group.lost
            && group.add(mark, element, summary).is_none()
        {
            group.lose();
        }
    }

    /// Gives up the group of those keys, about an element of which nothing can be said.
    pub fn lose(&mut self, keys: &[Value<'_>]) {
        if let Some(group) = self.group(keys) {
            group.lose();
        }
    }

    /// The group of those keys, which is made if need be; none where a key is no scalar.
    fn group(&mut self, keys: &[Value<'_>]) -> Option<&mut Group> {
        let hash = hash(self.table.hasher(), keys)?;
        let groups = self.table.entry(hash).or_default();
        let place = groups.iter().position(|group| group.has(keys));
        let place = place.unwrap_or_else(|| {
            groups.push(Group::new(keys));
            groups.len() - 1
        });
        groups.get_mut(place)
    }

    /// What the elements with those keys and marks within those bounds come to; `None` where only evaluating tells.
    pub fn total(&self, keys: &[Value<'_>], bounds: &[(Order, Value<'_>)], summary: Summary) -> Option<Total<'_>> {
        let hash = hash(self.table.hasher(), keys)?;
        match self.table.get(&hash).and_then(|groups| groups.iter().find(|group| group.has(keys))) {
            Some(group) => group.total(bounds, summary),
            None => Some(Total::default()),
        }
    }
}

impl Group {
    fn new(keys: &[Value<'_>]) -> Group {
        Group { keys: keys.iter().map(|key| Kept::from(*key)).collect(), lost: false, runs: Vec::new() }
    }

    fn lose(&mut self) {
        (self.lost, self.runs) = (true, Vec::new());
    }

    fn has(&self, keys: &[Value<'_>]) -> bool {
        self.keys.len() == keys.len() && self.keys.iter().zip(keys).all(|(a, b)| a.view().equals(*b))
    }

    /// Adds an element; `None` where that cannot be done.
    fn add(&mut self, mark: Option<Value<'_>>, element: Value<'_>, summary: Summary) -> Option<()> {
        let mark = match mark {
            None => None,
            Some(mark) => Some(scalar(mark).filter(|mark| self.compares(*mark))?),
        };
        if self.runs.last().is_none_or(|run| !run.ends_before(mark)) {
            self.runs.push(Run::new(summary));
        }
        self.runs.last_mut()?.add(mark, element)?;
        self.settle(summary)
    }

    /// Merges runs that have become long for those before them.
    fn settle(&mut self, summary: Summary) -> Option<()> {
        while let [.., a, b] = self.runs.as_slice()
            && b.count > a.count / 2
        {
            let merged = a.merged(b, summary)?;
            self.runs.truncate(self.runs.len() - 2);
            self.runs.push(merged);
        }
        Some(())
    }

    /// Whether a value can be compared with the marks.
    fn compares(&self, value: Value<'_>) -> bool {
        self.runs.first().and_then(|run| run.marks.first()).is_none_or(|first| is_of_kind(*first, value))
    }

    fn total(&self, bounds: &[(Order, Value<'_>)], summary: Summary) -> Option<Total<'_>> {
        if self.lost || !bounds.iter().all(|(_, bound)| self.compares(*bound)) {
            return None;
        }
        self.runs.iter().try_fold(Total::default(), |total, run| total.with(run.total(bounds)?, false, summary))
    }
}

impl Run {
    fn new(summary: Summary) -> Run {
        Run { count: 0, marks: Vec::new(), figures: Figures::new(summary) }
    }

    /// Whether an element of that mark comes after all that are there.
    fn ends_before(&self, mark: Option<Value<'_>>) -> bool {
        self.marks.last().zip(mark).is_none_or(|(last, mark)| last.order(mark).is_le())
    }

    /// Adds an element at the end.
    fn add(&mut self, mark: Option<Value<'static>>, element: Value<'_>) -> Option<()> {
        self.count += 1;
        self.marks.extend(mark);
        self.figures.add(element, mark.is_some())
    }

    /// The elements of both.
    fn merged(&self, other: &Run, summary: Summary) -> Option<Run> {
        let mut all = Run::new(summary);
        let (mut a, mut b) = (self.marks.iter().enumerate().peekable(), other.marks.iter().enumerate().peekable());
        loop {
            let is_first = match (a.peek(), b.peek()) {
                (Some((_, a)), Some((_, b))) => a.order(**b).is_le(),
                (a, _) => a.is_some(),
            };
            let (from, next) = if is_first { (self, a.next()) } else { (other, b.next()) };
            let Some((place, mark)) = next else { return Some(all) };
            all.count += 1;
            all.marks.push(*mark);
            all.figures.add_from(&from.figures, place)?;
        }
    }

    fn total(&self, bounds: &[(Order, Value<'_>)]) -> Option<Total<'_>> {
        let stretch = self.within(bounds);
        if stretch.is_empty() { Some(Total::default()) } else { self.figures.total(stretch) }
    }

    /// The stretch of elements whose marks lie within the bounds.
    fn within(&self, bounds: &[(Order, Value<'_>)]) -> Range<usize> {
        let (mut start, mut end) = (0, self.count);
        for (order, bound) in bounds {
            let below = || self.marks.partition_point(|mark| mark.order(*bound).is_lt());
            let upto = || self.marks.partition_point(|mark| mark.order(*bound).is_le());
            match order {
                Order::Less => end = end.min(below()),
                Order::LessOrEqual => end = end.min(upto()),
                Order::Greater => start = start.max(upto()),
                Order::GreaterOrEqual => start = start.max(below()),
            }
        }
        start..end.max(start)
    }
}

/// A quantity as a value that borrows nothing.
pub(super) fn scalar(value: Value<'_>) -> Option<Value<'static>> {
    match value {
        Value::Int(value) => Some(Value::Int(value)),
        Value::Decimal(value) => Some(Value::Decimal(value)),
        Value::Duration(value) => Some(Value::Duration(value)),
        Value::Timestamp(value) => Some(Value::Timestamp(value)),
        _ => None,
    }
}

pub(super) fn is_of_kind(a: Value<'_>, b: Value<'_>) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

/// A hash of values, the same for equal ones; `None` where one is no scalar.
pub(super) fn hash(state: &RandomState, values: &[Value<'_>]) -> Option<u64> {
    let mut hasher = state.build_hasher();
    for value in values {
        match value {
            Value::None => 0_u8.hash(&mut hasher),
            Value::Bool(value) => (1_u8, value).hash(&mut hasher),
            Value::Int(value) => number(Decimal::from(*value)).hash(&mut hasher),
            Value::Decimal(value) => number(*value).hash(&mut hasher),
            Value::Duration(value) => (3_u8, value).hash(&mut hasher),
            Value::Timestamp(value) => (4_u8, value).hash(&mut hasher),
            Value::Ip(value) => (5_u8, value).hash(&mut hasher),
            Value::Cidr(value) => (6_u8, value).hash(&mut hasher),
            Value::Enum(variant) => (7_u8, variant.name).hash(&mut hasher),
            Value::Str(text) => (7_u8, text).hash(&mut hasher),
            Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => return None,
        }
    }
    Some(hasher.finish())
}

fn number(value: Decimal) -> (u8, i128, u32) {
    let value = value.normalize();
    (2, value.mantissa(), value.scale())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Zero;

    #[test]
    fn elements_that_come_in_any_order_are_found_by_their_marks() {
        let orders: [fn(i64) -> i64; 4] = [|at| at, |at| -at, |at| at * 7_919 % 1_009, |at| if at % 50 == 0 { at - 40 } else { at }];
        for order in orders {
            for summary in [Summary::Count, Summary::Sum(Zero::Int), Summary::Least, Summary::Last] {
                let elements: Vec<(i64, i64)> = (0..1_500).map(|at| (order(at), at * 31 % 101)).collect();
                let mut groups = Groups::default();
                for (mark, element) in &elements {
                    groups.add(&[], Some(Value::Int(*mark)), Value::Int(*element), summary);
                }
                assert!(groups.table.values().flatten().all(|group| group.runs.len() <= 12));
                for low in (-1_600..1_600).step_by(97) {
                    let within = || elements.iter().filter(|(mark, _)| *mark > low && *mark <= low + 300).map(|(_, element)| *element);
                    let expected = match summary {
                        Summary::Count => Some(i64::try_from(within().count()).unwrap_or_default()),
                        Summary::Sum(_) => Some(within().sum()),
                        Summary::Least => within().min(),
                        _ => within().max(),
                    };
                    let bounds = [(Order::Greater, Value::Int(low)), (Order::LessOrEqual, Value::Int(low + 300))];
                    let found = groups.total(&[], &bounds, summary).and_then(|total| total.value(summary));
                    assert_eq!(found.and_then(|value| value.as_int()), expected, "{summary:?} from {low}");
                }
            }
        }
    }
}
