//! What explanations show of rules. It stays encoded, since no decision reads it, and what many rules say is there once.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Condition, Text, flat, index};

/// What explanations show of rules, encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Conditions, each once.
    pub conditions: Parts,
    /// Of each rule the numbers of its conditions, and the rest.
    pub rules: Parts,
}

/// What explanations show of a rule.
#[derive(Clone, Debug, Default)]
pub struct RuleSource {
    /// Its annotations in written order, with their arguments.
    pub annotations: Vec<(Text, Vec<Text>)>,
    /// The names of the variables of its choices.
    pub choices: Vec<Text>,
    /// As many as the rule's own.
    pub guards: Vec<Condition>,
    /// As many as the rule's own.
    pub conditions: Vec<Condition>,
    /// The rule's `unless`.
    pub unless: Option<Condition>,
}

/// Strings of bytes, one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    #[serde(with = "blob")]
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
}

/// A rule's part as it is written: the numbers of its guards, conditions and `unless`, one after another, then its annotations and the names of its
/// choices.
type Written<T> = (Vec<u32>, Vec<(T, Vec<T>)>, Vec<T>);

impl Condition {
    /// The condition with its parts, encoded.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for row in flat::rows(std::slice::from_ref(self)) {
            bytes.extend(postcard::to_allocvec(&row).unwrap_or_default());
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Condition> {
        flat::join(rows(bytes).map(|row| row.map(|(depth, node, text)| (depth, (node, text.into()))))).ok()?.pop()
    }
}

/// What [`Condition::to_bytes`] wrote, condition by condition: how deep each stands, its expression, and its source.
pub(crate) fn rows(mut bytes: &[u8]) -> impl Iterator<Item = Result<(u8, u32, &str), postcard::Error>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let row = postcard::take_from_bytes(bytes).map(|(row, rest)| {
            bytes = rest;
            row
        });
        if row.is_err() {
            bytes = &[];
        }
        Some(row)
    })
}

impl RuleSource {
    /// All conditions: guards, conditions, `unless`.
    pub fn all(&self) -> impl Iterator<Item = &Condition> {
        self.guards.iter().chain(&self.conditions).chain(&self.unless)
    }

    /// All conditions, to change.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        self.guards.iter_mut().chain(&mut self.conditions).chain(&mut self.unless)
    }

    /// What [`Sources::rules`] holds of it, given the number of each encoded condition.
    pub fn to_bytes(&self, number: impl FnMut(Vec<u8>) -> u32) -> Vec<u8> {
        let numbers: Vec<u32> = self.all().map(Condition::to_bytes).map(number).collect();
        postcard::to_allocvec(&(numbers, &self.annotations, &self.choices)).unwrap_or_default()
    }
}

impl Sources {
    /// What is shown of the rule of that number, which has so many guards and conditions; `None` where there is no such rule.
    pub fn rule(&self, rule: u32, guards: usize, conditions: usize) -> Option<RuleSource> {
        let (numbers, annotations, choices): Written<Text> = postcard::from_bytes(self.rules.get(rule)?).ok()?;
        let mut all = numbers.into_iter().map(|number| Condition::from_bytes(self.conditions.get(number)?));
        let guards = all.by_ref().take(guards).collect::<Option<_>>()?;
        let conditions = all.by_ref().take(conditions).collect::<Option<_>>()?;
        Some(RuleSource { annotations, choices, guards, conditions, unless: all.next().flatten() })
    }

    /// Gives back what room is not needed.
    pub(super) fn shrink_to_fit(&mut self) {
        for parts in [&mut self.conditions, &mut self.rules] {
            parts.bytes.shrink_to_fit();
            parts.ends.shrink_to_fit();
        }
    }
}

/// Calls back with the number of each condition of a rule's part; `None` where the part is none.
pub(crate) fn each_condition(part: &[u8], mut visit: impl FnMut(u32)) -> Option<usize> {
    fn take<'p, T: Deserialize<'p>>(part: &mut &'p [u8]) -> Option<T> {
        let (taken, rest) = postcard::take_from_bytes(part).ok()?;
        *part = rest;
        Some(taken)
    }
    let mut part = part;
    for _ in 0..take::<u32>(&mut part)? {
        visit(take(&mut part)?);
    }
    for _ in 0..take::<u32>(&mut part)? {
        take::<&str>(&mut part)?;
        for _ in 0..take::<u32>(&mut part)? {
            take::<&str>(&mut part)?;
        }
    }
    let choices: u32 = take(&mut part)?;
    for _ in 0..choices {
        take::<&str>(&mut part)?;
    }
    part.is_empty().then_some(index(choices))
}

impl Parts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The part of that number.
    pub fn get(&self, number: u32) -> Option<&[u8]> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(index(before)).copied())?;
        self.bytes.get(index(start)..index(*self.ends.get(index(number))?))
    }

    /// All parts; `None` for what is none.
    pub fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(index(*start)..index(*end)))
    }

    /// Adds a part at the end.
    pub fn push(&mut self, part: &[u8]) {
        self.bytes.extend_from_slice(part);
        self.ends.push(short(self.bytes.len()));
    }

    /// Puts other parts in the place of some.
    pub fn splice(&mut self, places: Range<usize>, by: &[Vec<u8>]) {
        let mut rest = Parts::default();
        for place in places.end..self.len() {
            rest.push(self.get(short(place)).unwrap_or_default());
        }
        self.ends.truncate(places.start);
        self.bytes.truncate(self.ends.last().map_or(0, |end| index(*end)));
        by.iter().for_each(|part| self.push(part));
        let moved = self.bytes.len();
        self.bytes.append(&mut rest.bytes);
        self.ends.extend(rest.ends.into_iter().map(|end| short(moved.saturating_add(index(end)))));
    }
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Bytes written as such rather than as a list of numbers.
mod blob {
    use std::fmt::{Formatter, Result as Written};

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut Formatter<'_>) -> Written {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
