//! Elements of calls by the values under which decisions ask for them.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;

use foldhash::fast::RandomState;
use tollgate_stdlib::{Decimal, Kept, Value};

use super::figures::{Figures, zero};
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
    count: usize,
    /// The elements' marks in order, where they have marks.
    marks: Vec<Value<'static>>,
    figures: Figures,
}

impl Groups {
    /// Adds an element.
    pub fn add(&mut self, keys: &[Value<'_>], mark: Option<Value<'_>>, element: Value<'_>, summary: Summary) {
        if let Some(group) = self.group(keys, summary)
            && !group.lost
        {
            group.lost = !group.add(mark, element);
        }
    }

    /// Gives up the group of those keys, about an element of which nothing can be said.
    pub fn lose(&mut self, keys: &[Value<'_>], summary: Summary) {
        if let Some(group) = self.group(keys, summary) {
            *group = Group { lost: true, ..Group::new(keys, summary) };
        }
    }

    /// The group of those keys, which is made if need be; none where a key is no scalar.
    fn group(&mut self, keys: &[Value<'_>], summary: Summary) -> Option<&mut Group> {
        let hash = hash(self.table.hasher(), keys)?;
        let groups = self.table.entry(hash).or_default();
        let place = groups.iter().position(|group| group.has(keys));
        let place = place.unwrap_or_else(|| {
            groups.push(Group::new(keys, summary));
            groups.len() - 1
        });
        groups.get_mut(place)
    }

    /// The answer to what is asked; `None` where only evaluating tells.
    pub fn answer(&self, keys: &[Value<'_>], bounds: &[(Order, Value<'_>)], summary: Summary) -> Option<Value<'_>> {
        let hash = hash(self.table.hasher(), keys)?;
        match self.table.get(&hash).and_then(|groups| groups.iter().find(|group| group.has(keys))) {
            Some(group) => group.answer(bounds, summary),
            None => Some(nothing(summary)),
        }
    }
}

impl Group {
    fn new(keys: &[Value<'_>], summary: Summary) -> Group {
        let keys = keys.iter().map(|key| Kept::from(*key)).collect();
        Group { keys, lost: false, count: 0, marks: Vec::new(), figures: Figures::new(summary) }
    }

    fn has(&self, keys: &[Value<'_>]) -> bool {
        self.keys.len() == keys.len() && self.keys.iter().zip(keys).all(|(a, b)| a.view().equals(*b))
    }

    /// Adds an element; says whether that could be done.
    fn add(&mut self, mark: Option<Value<'_>>, element: Value<'_>) -> bool {
        let place = match mark.map(scalar) {
            None => None,
            Some(Some(mark)) if self.marks.first().is_none_or(|first| is_of_kind(*first, mark)) => {
                let place = self.marks.partition_point(|other| other.order(mark).is_le());
                self.marks.insert(place, mark);
                Some(place)
            }
            Some(_) => return false,
        };
        self.count += 1;
        self.figures.add(place, element)
    }

    fn answer(&self, bounds: &[(Order, Value<'_>)], summary: Summary) -> Option<Value<'_>> {
        if self.lost {
            return None;
        }
        let stretch = self.within(bounds)?;
        if stretch.is_empty() {
            return Some(nothing(summary));
        }
        match &self.figures {
            Figures::None if summary == Summary::Any => Some(Value::Bool(true)),
            Figures::None => i64::try_from(stretch.len()).ok().map(Value::Int),
            // Without marks all elements are one place.
            Figures::Sums(sums) => sums.total(if self.marks.is_empty() { 0..1 } else { stretch }),
            Figures::Best(best) => best.of(stretch, !self.marks.is_empty()),
        }
    }

    /// The stretch of elements whose marks lie within the bounds; `None` where marks and bounds are of different kinds.
    fn within(&self, bounds: &[(Order, Value<'_>)]) -> Option<Range<usize>> {
        let (mut start, mut end) = (0, self.count);
        for (order, bound) in bounds {
            if self.marks.first().is_some_and(|first| !is_of_kind(*first, *bound)) {
                return None;
            }
            let below = || self.marks.partition_point(|mark| mark.order(*bound).is_lt());
            let upto = || self.marks.partition_point(|mark| mark.order(*bound).is_le());
            match order {
                Order::Less => end = end.min(below()),
                Order::LessOrEqual => end = end.min(upto()),
                Order::Greater => start = start.max(upto()),
                Order::GreaterOrEqual => start = start.max(below()),
            }
        }
        Some(start..end.max(start))
    }
}

/// The answer where there is no element.
pub(super) fn nothing(summary: Summary) -> Value<'static> {
    match summary {
        Summary::Any => Value::Bool(false),
        Summary::Count => Value::Int(0),
        Summary::Sum(of) => zero(of),
        Summary::Least | Summary::Greatest => Value::None,
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
