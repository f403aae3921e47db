//! Values as expressions see them: small, copied freely, borrowed from the request, the data, the plan or the decision's arena.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use rust_decimal::Decimal;

use crate::kept::{Kept, KeptMap, KeptRecord, KeptSet};
use crate::shape::Shape;
use crate::timestamp::Timestamp;

/// A value of the language.
///
/// A `json` value has no variant of its own: it is the value that its JSON text denotes (`None` for null, `Int` or `Decimal` for numbers,
/// `Str`, `Bool`, `List`, `Map`). A whole number that `Int` holds is always `Int` in `json`.
// The tag takes a whole word, so that values are copied word by word: copies from odd offsets, which a tag of one byte leads to, wait until what was
// just written has reached the cache (4 % of `cargo bench -p tollgate --bench authoring`'s replay).
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Value<'a> {
    /// An absent optional, and JSON's null.
    None,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `decimal`
    Decimal(Decimal),
    /// `duration`, in nanoseconds
    Duration(i64),
    /// `timestamp`, in the years 1 to 9999
    Timestamp(Timestamp),
    /// `ip`; an IPv4-mapped IPv6 address is always held as IPv4
    Ip(IpAddr),
    /// `cidr`, host bits zero; an IPv4-mapped network is always held as IPv4
    Cidr(IpNet),
    /// A variant of an enum
    Enum(Variant<'a>),
    /// `string`
    Str(&'a str),
    /// `list<T>`
    List(Items<'a>),
    /// `set<T>`: sorted by [`Value::order`], without duplicates
    Set(Items<'a>),
    /// `map<T>`
    Map(Entries<'a>),
    /// A record
    Record(Record<'a>),
}

/// A variant of an enum.
#[derive(Clone, Copy, Debug)]
pub struct Variant<'a> {
    /// Its text.
    pub name: &'a str,
    /// Its place among the variants of an ordered enum; 0 in an unordered one.
    pub rank: u16,
}

/// The elements of a list or set: of this decision, or kept in data, plan or session.
#[derive(Clone, Copy, Debug)]
pub enum Items<'a> {
    /// Made by this decision.
    Own(&'a [Value<'a>]),
    /// A kept list.
    Kept(&'a [Kept]),
    /// A kept set, with an index for membership.
    KeptSet(&'a KeptSet),
}

/// The entries of a map, sorted by key, each key once.
#[derive(Clone, Copy, Debug)]
pub enum Entries<'a> {
    /// Made by this decision.
    Own(&'a [(&'a str, Value<'a>)]),
    /// Kept, with an index of keys.
    Kept(&'a KeptMap),
}

/// A record.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// Made by this decision.
    Own(&'a Fields<'a>),
    /// Kept in data, plan or session.
    Kept(&'a KeptRecord),
}

/// A record's names and values; both have the same length.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The names.
    pub shape: &'a Shape,
    /// The values in the order of the names.
    pub values: &'a [Value<'a>],
}

impl<'a> Value<'a> {
    /// An empty list.
    pub const EMPTY_LIST: Value<'static> = Value::List(Items::Own(&[]));
    /// An empty set.
    pub const EMPTY_SET: Value<'static> = Value::Set(Items::Own(&[]));
    /// An empty map.
    pub const EMPTY_MAP: Value<'static> = Value::Map(Entries::Own(&[]));

    /// Whether it is absent (or JSON's null).
    pub fn is_none(self) -> bool {
        matches!(self, Value::None)
    }

    /// The bool that it is.
    pub fn as_bool(self) -> Option<bool> {
        if let Value::Bool(value) = self { Some(value) } else { None }
    }

    /// The int that it is.
    pub fn as_int(self) -> Option<i64> {
        if let Value::Int(value) = self { Some(value) } else { None }
    }

    /// The number that it is, an int as a decimal.
    pub fn as_decimal(self) -> Option<Decimal> {
        match self {
            Value::Decimal(value) => Some(value),
            Value::Int(value) => Some(Decimal::from(value)),
            _ => None,
        }
    }

    /// The text that it is: a string or a variant's name.
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Value::Str(text) => Some(text),
            Value::Enum(variant) => Some(variant.name),
            _ => None,
        }
    }

    /// The elements of a list or set.
    pub fn items(self) -> Option<Items<'a>> {
        match self {
            Value::List(items) | Value::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The elements of a list or set, the values of a map in the order of its keys, the one value of a present optional.
    pub fn elements(self) -> Elements<'a> {
        match self {
            Value::None => Elements::One(None),
            Value::List(items) | Value::Set(items) => items.iter(),
            Value::Map(entries) => Elements::Entries(entries, 0),
            other => Elements::One(Some(other)),
        }
    }

    /// Field `index` of a record; `None` for anything else.
    pub fn field(self, index: usize) -> Value<'a> {
        match self {
            Value::Record(Record::Own(fields)) => fields.values.get(index).copied().unwrap_or(Value::None),
            Value::Record(Record::Kept(record)) => record.values.get(index).map_or(Value::None, Kept::view),
            _ => Value::None,
        }
    }

    /// The field of a record or the entry of a map with that name; `None` where there is none.
    pub fn get(self, name: &str) -> Value<'a> {
        match self {
            Value::Record(record) => record.shape().index_of(name).map_or(Value::None, |index| self.field(index)),
            Value::Map(entries) => entries.get(name).unwrap_or(Value::None),
            _ => Value::None,
        }
    }

    /// Deep, typed equality. Numbers are equal by value; an enum's variant equals the string that is its name, so that comparing with
    /// `json` works; a record equals a map with the same present fields.
    pub fn equals(self, other: Value<'_>) -> bool {
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Decimal(a), Value::Decimal(b)) => a == b,
            (Value::Int(a), Value::Decimal(b)) | (Value::Decimal(b), Value::Int(a)) => Decimal::from(a) == b,
            (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
            (Value::Ip(a), Value::Ip(b)) => a == b,
            (Value::Cidr(a), Value::Cidr(b)) => a == b,
            (Value::Str(_) | Value::Enum(_), Value::Str(_) | Value::Enum(_)) => self.as_str() == other.as_str(),
            (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (Value::Map(a), Value::Map(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|((k, a), (l, b))| k == l && a.equals(b)),
            (Value::Record(a), Value::Record(b)) if std::ptr::eq(a.shape(), b.shape()) => {
                (0..a.shape().len()).all(|place| self.field(place).equals(other.field(place)))
            }
            (Value::Record(a), Value::Record(b)) => {
                a.present().count() == b.present().count() && a.present().all(|(name, value)| Value::Record(b).get(name).equals(value))
            }
            _ => false,
        }
    }

    /// A total order: numbers by value, strings by code point, variants of an ordered enum by rank and others by name, values of different
    /// kinds by kind. It agrees with [`Value::equals`] on values of one scalar type.
    pub fn order(self, other: Value<'_>) -> Ordering {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(&b),
            (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => a.cmp(&b),
            (Value::Decimal(a), Value::Decimal(b)) => a.cmp(&b),
            (Value::Int(a), Value::Decimal(b)) => Decimal::from(a).cmp(&b),
            (Value::Decimal(a), Value::Int(b)) => a.cmp(&Decimal::from(b)),
            (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(&b),
            (Value::Ip(a), Value::Ip(b)) => a.cmp(&b),
            (Value::Cidr(a), Value::Cidr(b)) => a.cmp(&b),
            (Value::Str(a), Value::Str(b)) => a.cmp(b),
            (Value::Enum(a), Value::Enum(b)) => (a.rank, a.name).cmp(&(b.rank, b.name)),
            (Value::List(a) | Value::Set(a), Value::List(b) | Value::Set(b)) => {
                let mut pairs = a.iter().zip(b.iter());
                pairs.find_map(|(a, b)| Some(a.order(b)).filter(|o| o.is_ne())).unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            _ => self.kind().cmp(&other.kind()),
        }
    }

    fn kind(self) -> u8 {
        match self {
            Value::None => 0,
            Value::Bool(_) => 1,
            Value::Int(_) | Value::Decimal(_) => 2,
            Value::Duration(_) => 3,
            Value::Timestamp(_) => 4,
            Value::Ip(_) => 5,
            Value::Cidr(_) => 6,
            Value::Enum(_) => 7,
            Value::Str(_) => 8,
            Value::List(_) => 9,
            Value::Set(_) => 10,
            Value::Map(_) => 11,
            Value::Record(_) => 12,
        }
    }
}

impl<'a> Items<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Items::Own(values) => values.len(),
            Items::Kept(values) => values.len(),
            Items::KeptSet(set) => set.items().len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Element `index`.
    pub fn get(self, index: usize) -> Option<Value<'a>> {
        match self {
            Items::Own(values) => values.get(index).copied(),
            Items::Kept(values) => values.get(index).map(Kept::view),
            Items::KeptSet(set) => set.items().get(index).map(Kept::view),
        }
    }

    /// The elements in order.
    pub fn iter(self) -> Elements<'a> {
        match self {
            Items::Own(values) => Elements::Own(values.iter()),
            Items::Kept(values) => Elements::Kept(values.iter()),
            Items::KeptSet(set) => Elements::Kept(set.items().iter()),
        }
    }

    /// Whether a list has an element equal to that value.
    pub fn list_contains(self, value: Value<'_>) -> bool {
        self.iter().any(|item| item.equals(value))
    }

    /// Whether a set has that element: by its index where it is kept, else by binary search.
    pub fn set_contains(self, value: Value<'_>) -> bool {
        match self {
            Items::Own(values) => values.binary_search_by(|item| item.order(value)).is_ok(),
            Items::Kept(values) => values.binary_search_by(|item| item.view().order(value)).is_ok(),
            Items::KeptSet(set) => set.contains(value),
        }
    }
}

impl<'a> Entries<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Entries::Own(entries) => entries.len(),
            Entries::Kept(map) => map.entries().len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value of that key.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        match self {
            Entries::Own(entries) => {
                let index = entries.binary_search_by(|(name, _)| (*name).cmp(key)).ok()?;
                entries.get(index).map(|(_, value)| *value)
            }
            Entries::Kept(map) => map.get(key).map(Kept::view),
        }
    }

    /// Entry `index` in the order of the keys.
    pub fn entry(self, index: usize) -> Option<(&'a str, Value<'a>)> {
        match self {
            Entries::Own(entries) => entries.get(index).copied(),
            Entries::Kept(map) => map.entries().get(index).map(|(key, value)| (&**key, value.view())),
        }
    }

    /// The entries in the order of the keys.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        (0..self.len()).filter_map(move |index| self.entry(index))
    }
}

impl<'a> Record<'a> {
    /// The names of its fields.
    pub fn shape(self) -> &'a Shape {
        match self {
            Record::Own(fields) => fields.shape,
            Record::Kept(record) => &record.shape,
        }
    }

    /// The fields that are present, with their names, in declared order.
    pub fn present(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let shape = self.shape();
        (0..shape.len()).map(move |index| (shape.name(index), Value::Record(self).field(index))).filter(|(_, value)| !value.is_none())
    }
}

/// An iterator over elements; see [`Value::elements`].
#[derive(Clone, Debug)]
pub enum Elements<'a> {
    /// Of a list or set of this decision.
    Own(std::slice::Iter<'a, Value<'a>>),
    /// Of a kept list or set.
    Kept(std::slice::Iter<'a, Kept>),
    /// Of a map's values, from an index on.
    Entries(Entries<'a>, usize),
    /// Of a present optional.
    One(Option<Value<'a>>),
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        match self {
            Elements::Own(values) => values.next().copied(),
            Elements::Kept(values) => values.next().map(Kept::view),
            Elements::Entries(entries, next) => {
                let (_, value) = entries.entry(*next)?;
                *next += 1;
                Some(value)
            }
            Elements::One(value) => value.take(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Elements::Own(values) => values.len(),
            Elements::Kept(values) => values.len(),
            Elements::Entries(entries, next) => entries.len().saturating_sub(*next),
            Elements::One(value) => usize::from(value.is_some()),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Elements<'_> {}
