//! Values that outlive a decision: constants in the plan, data, recorded sessions, results handed to the host.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use rust_decimal::Decimal;

use crate::shape::Shape;
use crate::timestamp::Timestamp;
use crate::value::{Entries, Items, Record, Value, Variant};

/// A value that owns what it holds. [`Kept::view`] is the value that expressions see.
#[derive(Clone, Debug)]
pub enum Kept {
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
    /// `timestamp`
    Timestamp(Timestamp),
    /// `ip`
    Ip(IpAddr),
    /// `cidr`
    Cidr(IpNet),
    /// A variant: name and rank
    Enum(Arc<str>, u16),
    /// `string`
    Str(Arc<str>),
    /// `list<T>`
    List(Box<[Kept]>),
    /// `set<T>`
    Set(KeptSet),
    /// `map<T>`
    Map(KeptMap),
    /// A record
    Record(KeptRecord),
}

/// A record that owns what it holds.
#[derive(Clone, Debug)]
pub struct KeptRecord {
    /// The names of its fields.
    pub shape: Arc<Shape>,
    /// Their values.
    pub values: Box<[Kept]>,
}

/// A set of more elements, or a map of more entries, than this has a hash index: fewer are found as soon without.
const MAX_SEARCHED: usize = 16;

/// A set that owns what it holds: sorted, without duplicates, with a hash index where it has many elements that are text.
#[derive(Clone, Debug, Default)]
pub struct KeptSet {
    items: Box<[Kept]>,
    index: HashMap<Arc<str>, (), foldhash::fast::RandomState>,
}

/// A map that owns what it holds: sorted by key, with a hash index of its keys where it has many.
#[derive(Clone, Debug, Default)]
pub struct KeptMap {
    entries: Box<[(Arc<str>, Kept)]>,
    index: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
}

impl Kept {
    /// The value as expressions see it.
    #[inline]
    pub fn view(&self) -> Value<'_> {
        match self {
            Kept::None => Value::None,
            Kept::Bool(value) => Value::Bool(*value),
            Kept::Int(value) => Value::Int(*value),
            Kept::Decimal(value) => Value::Decimal(*value),
            Kept::Duration(value) => Value::Duration(*value),
            Kept::Timestamp(value) => Value::Timestamp(*value),
            Kept::Ip(value) => Value::Ip(*value),
            Kept::Cidr(value) => Value::Cidr(*value),
            Kept::Enum(name, rank) => Value::Enum(Variant { name, rank: *rank }),
            Kept::Str(text) => Value::Str(text),
            Kept::List(items) => Value::List(Items::Kept(items)),
            Kept::Set(set) => Value::Set(Items::KeptSet(set)),
            Kept::Map(map) => Value::Map(Entries::Kept(map)),
            Kept::Record(record) => Value::Record(Record::Kept(record)),
        }
    }

    /// The same as `json`: whole decimals as ints, what JSON has no kind for as text, sets as lists, records as maps of what is present.
    pub fn to_json(&self) -> Kept {
        match self {
            Kept::None | Kept::Bool(_) | Kept::Int(_) | Kept::Str(_) => self.clone(),
            Kept::Decimal(decimal) => {
                let decimal = decimal.normalize();
                let whole = if decimal.scale() == 0 { i64::try_from(decimal.mantissa()).ok() } else { None };
                whole.map_or(Kept::Decimal(decimal), Kept::Int)
            }
            Kept::Duration(_) | Kept::Timestamp(_) | Kept::Ip(_) | Kept::Cidr(_) | Kept::Enum(..) => Kept::Str(self.view().to_string().into()),
            Kept::List(items) => Kept::List(items.iter().map(Kept::to_json).collect()),
            Kept::Set(set) => Kept::List(set.items().iter().map(Kept::to_json).collect()),
            Kept::Map(map) => Kept::Map(KeptMap::new(map.entries().iter().map(|(key, value)| (key.clone(), value.to_json())).collect())),
            Kept::Record(record) => {
                let fields = record.shape.names().zip(record.values.iter()).filter(|(_, value)| !matches!(value, Kept::None));
                Kept::Map(KeptMap::new(fields.map(|(name, value)| (name.into(), value.to_json())).collect()))
            }
        }
    }
}

impl From<Value<'_>> for Kept {
    fn from(value: Value<'_>) -> Kept {
        match value {
            Value::None => Kept::None,
            Value::Bool(value) => Kept::Bool(value),
            Value::Int(value) => Kept::Int(value),
            Value::Decimal(value) => Kept::Decimal(value),
            Value::Duration(value) => Kept::Duration(value),
            Value::Timestamp(value) => Kept::Timestamp(value),
            Value::Ip(value) => Kept::Ip(value),
            Value::Cidr(value) => Kept::Cidr(value),
            Value::Enum(variant) => Kept::Enum(variant.name.into(), variant.rank),
            Value::Str(text) => Kept::Str(text.into()),
            Value::List(items) => Kept::List(items.iter().map(Kept::from).collect()),
            Value::Set(items) => Kept::Set(KeptSet::new(items.iter().map(Kept::from).collect())),
            Value::Map(entries) => Kept::Map(KeptMap::new(entries.iter().map(|(key, value)| (key.into(), value.into())).collect())),
            Value::Record(Record::Kept(record)) => Kept::Record(record.clone()),
            Value::Record(Record::Own(fields)) => Kept::Record(KeptRecord {
                shape: Arc::new(fields.shape.clone()),
                values: fields.values.iter().map(|value| Kept::from(*value)).collect(),
            }),
        }
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.view().equals(other.view())
    }
}

impl KeptSet {
    /// A set of those elements, in any order, duplicates allowed.
    pub fn new(mut items: Vec<Kept>) -> KeptSet {
        // What decoding gives is sorted.
        if !items.is_sorted_by(|a, b| a.view().order(b.view()).is_lt()) {
            items.sort_by(|a, b| a.view().order(b.view()));
            items.dedup_by(|a, b| a.view().order(b.view()).is_eq());
        }
        let indexed = if items.len() > MAX_SEARCHED { items.as_slice() } else { &[] };
        let index = indexed.iter().filter_map(|item| if let Kept::Str(text) = item { Some((text.clone(), ())) } else { None }).collect();
        KeptSet { items: items.into(), index }
    }

    /// The elements, sorted.
    pub fn items(&self) -> &[Kept] {
        &self.items
    }

    /// Whether it has that element.
    pub fn contains(&self, value: Value<'_>) -> bool {
        match value {
            Value::Str(text) if self.items.len() > MAX_SEARCHED => self.index.contains_key(text),
            other => self.items.binary_search_by(|item| item.view().order(other)).is_ok(),
        }
    }
}

impl KeptMap {
    /// A map of those entries, in any order; of several with one key the last counts.
    pub fn new(mut entries: Vec<(Arc<str>, Kept)>) -> KeptMap {
        // What decoding gives is sorted.
        if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            entries.reverse();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.dedup_by(|(a, _), (b, _)| a == b);
        }
        let indexed = if entries.len() > MAX_SEARCHED { entries.as_slice() } else { &[] };
        let index = indexed.iter().enumerate().map(|(place, (key, _))| (key.clone(), u32::try_from(place).unwrap_or(u32::MAX))).collect();
        KeptMap { entries: entries.into(), index }
    }

    /// The entries, sorted by key.
    pub fn entries(&self) -> &[(Arc<str>, Kept)] {
        &self.entries
    }

    /// The value of that key.
    pub fn get(&self, key: &str) -> Option<&Kept> {
        let place = if self.entries.len() > MAX_SEARCHED {
            usize::try_from(*self.index.get(key)?).ok()?
        } else {
            self.entries.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?
        };
        self.entries.get(place).map(|(_, value)| value)
    }
}
