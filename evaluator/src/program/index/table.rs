//! What rules are filed under, by attribute: from a value to the numbers that lead on.

use std::collections::HashMap;
use std::net::IpAddr;

use tollgate_stdlib::{EvalError, IpNet, Kept, Timestamp, Value};

use super::order::Intervals;
use super::patterns::{Matched, Patterns};
use super::trie::Trie;
use super::{Hasher, Lookup};
use crate::plan::{Attribute, Interval, Keys, PatternId, index};
use crate::program::check::Terms;

/// The numbers of an attribute's values.
#[derive(Debug)]
pub(super) struct Table {
    pub attribute: Attribute,
    numbers: Numbers,
}

#[derive(Debug)]
enum Numbers {
    /// Tools have their own.
    Tools(usize),
    Equal(Scalars),
    Within(Texts),
    Between(Intervals),
    Matching(Patterns),
    /// Data have their own.
    Data(usize),
}

/// Scalars, each with a number.
#[derive(Debug, Default)]
pub(super) struct Scalars {
    texts: HashMap<Box<str>, u32, Hasher>,
    others: HashMap<Scalar, u32, Hasher>,
}

/// Texts to begin with, each with a number; ends are read backwards, networks bit by bit.
#[derive(Debug)]
struct Texts {
    numbers: HashMap<Box<[u8]>, u32, Hasher>,
    trie: Trie,
}

/// A scalar apart from text, such that equal values are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scalar {
    None,
    Bool(bool),
    Number(i128, u32),
    Duration(i64),
    Timestamp(Timestamp),
    Ip(IpAddr),
    Cidr(IpNet),
}

impl Table {
    /// The table of an attribute for all keys that rules are filed under. `None` where the keys are none of the attribute's.
    pub fn new<'k>(attribute: &Attribute, keys: impl Iterator<Item = &'k Keys>, terms: Terms<'k>) -> Option<Table> {
        let constants = terms.constants;
        let numbers = match attribute {
            Attribute::Tool | Attribute::Declaration => Numbers::Tools(terms.plan.tools.len()),
            Attribute::Node(_) => Numbers::Equal(Scalars::new(values(keys, constants))?),
            Attribute::Start(_) | Attribute::End(_) | Attribute::Net(_) => Numbers::Within(Texts::new(attribute, values(keys, constants))?),
            Attribute::Order(_) => {
                let intervals: Vec<Interval> = keys.filter_map(between).flatten().copied().collect();
                Numbers::Between(Intervals::new(&intervals, constants)?)
            }
            Attribute::Match(_) => Numbers::Matching(Patterns::new(&terms.plan.patterns, keys.filter_map(patterns).flatten().copied())?),
            Attribute::Data(_) => Numbers::Data(terms.plan.data.len()),
        };
        Some(Table { attribute: attribute.clone(), numbers })
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        match &self.numbers {
            Numbers::Tools(tools) => tools + 1,
            Numbers::Equal(scalars) => scalars.texts.len() + scalars.others.len(),
            Numbers::Within(texts) => texts.numbers.len(),
            Numbers::Between(intervals) => intervals.count(),
            Numbers::Matching(patterns) => patterns.count(),
            Numbers::Data(data) => *data,
        }
    }

    /// The numbers that a rule with those keys is filed under.
    pub fn numbers_of(&self, keys: &Keys, constants: &[Kept]) -> Option<Vec<u32>> {
        let value = |id: &u32| constants.get(index(*id)).map(Kept::view);
        let mut numbers: Vec<u32> = match (&self.numbers, keys) {
            (Numbers::Tools(_), Keys::Tools { tools, other }) => tools.iter().map(|tool| tool + 1).chain(other.then_some(0)).collect(),
            (Numbers::Equal(scalars), Keys::Values(values)) => values.iter().map(|id| scalars.number(value(id)?)).collect::<Option<_>>()?,
            (Numbers::Within(texts), Keys::Values(values)) => {
                values.iter().map(|id| texts.numbers.get(&*read(&self.attribute, value(id)?)?).copied()).collect::<Option<_>>()?
            }
            (Numbers::Between(intervals), Keys::Between(keys)) => {
                let each = keys.iter().map(|interval| intervals.numbers_of(*interval, constants));
                each.collect::<Option<Vec<_>>>()?.concat()
            }
            (Numbers::Data(_), Keys::Data(data)) => data.clone(),
            (Numbers::Matching(patterns), Keys::Patterns(keys)) => keys.iter().map(|id| patterns.number(*id)).collect::<Option<_>>()?,
            _ => return None,
        };
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    }

    /// Gives up what only [`Table::numbers_of`] and [`Table::count`] need, once all rules are filed.
    pub fn finish(&mut self) {
        match &mut self.numbers {
            Numbers::Within(texts) => texts.numbers = HashMap::default(),
            Numbers::Equal(scalars) => {
                scalars.texts.shrink_to_fit();
                scalars.others.shrink_to_fit();
            }
            Numbers::Matching(patterns) => patterns.finish(),
            Numbers::Tools(_) | Numbers::Data(_) | Numbers::Between(_) => {}
        }
    }

    /// Calls back with the numbers of what a decision has here.
    pub fn numbers<'a>(&self, lookup: &mut impl Lookup<'a>, matched: &mut Matched, mut found: impl FnMut(u32)) -> Result<(), EvalError> {
        let call = lookup.call();
        match (&self.attribute, &self.numbers) {
            (Attribute::Tool, _) if call.fitting == [None, None] => found(0),
            (Attribute::Tool, _) => call.fitting.into_iter().flatten().for_each(|tool| found(tool + 1)),
            (Attribute::Declaration, _) => found(call.declared.map_or(0, |tool| tool + 1)),
            (Attribute::Node(node), Numbers::Equal(scalars)) => scalars.number(lookup.value(*node)?).into_iter().for_each(found),
            (Attribute::Order(node), Numbers::Between(intervals)) => intervals.numbers(lookup.value(*node)?, found),
            (Attribute::Start(node), Numbers::Within(texts)) => {
                if let Some(text) = lookup.value(*node)?.as_str() {
                    texts.trie.starts(text.as_bytes(), found);
                }
            }
            (Attribute::End(node), Numbers::Within(texts)) => {
                if let Some(text) = lookup.value(*node)?.as_str() {
                    texts.trie.ends(text.as_bytes(), found);
                }
            }
            (Attribute::Match(node), Numbers::Matching(patterns)) => {
                if let Some(text) = lookup.value(*node)?.as_str() {
                    patterns.numbers(text, matched, |pattern| lookup.matches(pattern, text), found);
                }
            }
            (Attribute::Data(node), Numbers::Data(_)) => {
                let value = lookup.value(*node)?;
                lookup.holders(value, &mut found);
            }
            (Attribute::Net(node), Numbers::Within(texts)) => {
                if let Value::Ip(ip) = lookup.value(*node)? {
                    texts.trie.starts(&bits(ip), found);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn patterns(keys: &Keys) -> Option<&[PatternId]> {
    if let Keys::Patterns(patterns) = keys { Some(patterns) } else { None }
}

fn between(keys: &Keys) -> Option<&[Interval]> {
    if let Keys::Between(intervals) = keys { Some(intervals) } else { None }
}

/// The constants among keys.
fn values<'k>(keys: impl Iterator<Item = &'k Keys>, constants: &'k [Kept]) -> impl Iterator<Item = Value<'k>> {
    let ids = keys.filter_map(|keys| if let Keys::Values(ids) = keys { Some(ids) } else { None }).flatten();
    ids.filter_map(|id| constants.get(index(*id))).map(Kept::view)
}

/// A key as a trie has it.
fn read(attribute: &Attribute, value: Value<'_>) -> Option<Box<[u8]>> {
    match (attribute, value) {
        (Attribute::Net(_), Value::Cidr(net)) => bits(net.network()).get(..1 + usize::from(net.prefix_len())).map(Into::into),
        (Attribute::End(_), value) => Some(value.as_str()?.bytes().rev().collect()),
        (_, value) => Some(value.as_str()?.as_bytes().into()),
    }
}

/// The version of an address, then its bits; zeros follow those of a short one.
fn bits(ip: IpAddr) -> [u8; 129] {
    let (version, octets) = match ip {
        IpAddr::V4(ip) => (4, u128::from(ip.to_bits()) << 96),
        IpAddr::V6(ip) => (6, ip.to_bits()),
    };
    let mut bits = [version; 129];
    bits.iter_mut().skip(1).zip((0..128).rev()).for_each(|(bit, place)| *bit = u8::from(octets >> place & 1 == 1));
    bits
}

impl Scalars {
    fn new<'k>(values: impl Iterator<Item = Value<'k>>) -> Option<Scalars> {
        let mut scalars = Scalars::default();
        for value in values {
            scalars.add(value)?;
        }
        Some(scalars)
    }

    /// The number of a value, which it gets if it has none yet: they follow one another. `None` for what is no scalar.
    pub fn add(&mut self, value: Value<'_>) -> Option<u32> {
        let next = u32::try_from(self.texts.len() + self.others.len()).ok()?;
        match value.as_str() {
            Some(text) => match self.texts.get(text) {
                Some(number) => Some(*number),
                None => Some(*self.texts.entry(text.into()).or_insert(next)),
            },
            None => Some(*self.others.entry(Scalar::new(value)?).or_insert(next)),
        }
    }

    /// The number of a value, if it has one.
    pub fn number(&self, value: Value<'_>) -> Option<u32> {
        match value.as_str() {
            Some(text) => self.texts.get(text).copied(),
            None => self.others.get(&Scalar::new(value)?).copied(),
        }
    }
}

impl Texts {
    fn new<'k>(attribute: &Attribute, values: impl Iterator<Item = Value<'k>>) -> Option<Texts> {
        let mut numbers: HashMap<Box<[u8]>, u32, Hasher> = HashMap::default();
        for value in values {
            let next = u32::try_from(numbers.len()).ok()?;
            numbers.entry(read(attribute, value)?).or_insert(next);
        }
        let trie = Trie::new(numbers.iter().map(|(text, number)| (text.to_vec(), *number)).collect());
        Some(Texts { numbers, trie: if matches!(attribute, Attribute::End(_)) { trie.turned() } else { trie } })
    }
}

impl Scalar {
    fn new(value: Value<'_>) -> Option<Scalar> {
        Some(match value {
            Value::None => Scalar::None,
            Value::Bool(value) => Scalar::Bool(value),
            Value::Int(value) => Scalar::Number(value.into(), 0),
            Value::Decimal(value) => {
                let value = value.normalize();
                Scalar::Number(value.mantissa(), value.scale())
            }
            Value::Duration(nanos) => Scalar::Duration(nanos),
            Value::Timestamp(instant) => Scalar::Timestamp(instant),
            Value::Ip(ip) => Scalar::Ip(ip),
            Value::Cidr(net) => Scalar::Cidr(net),
            Value::Enum(_) | Value::Str(_) | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => return None,
        })
    }
}
