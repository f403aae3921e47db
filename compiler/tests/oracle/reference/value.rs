//! Plain values: owned trees, compared, ordered and printed by the words of the language reference.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex};

use tollgate_stdlib::{Arena, Decimal, Entries, Fields, IpNet, Items, Kept, Record, Shape, Timestamp, Variant};

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    None,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Duration(i64),
    Timestamp(Timestamp),
    Ip(IpAddr),
    Cidr(IpNet),
    Variant {
        name: String,
        rank: u16,
    },
    Text(String),
    List(Vec<Value>),
    /// Sorted, each element once.
    Set(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// In declared order.
    Record(Vec<(String, Value)>),
}

impl Value {
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A set of those elements.
    pub fn set(elements: Vec<Value>) -> Value {
        let mut once: Vec<Value> = Vec::new();
        for element in elements {
            if !once.iter().any(|other| other.equals(&element)) {
                once.push(element);
            }
        }
        once.sort_by(Value::order);
        Value::Set(once)
    }

    /// What the name stands for in a record or map.
    pub fn named(&self, name: &str) -> Value {
        match self {
            Value::Record(fields) => fields.iter().find(|(field, _)| field == name).map_or(Value::None, |(_, value)| value.clone()),
            Value::Map(entries) => entries.get(name).cloned().unwrap_or(Value::None),
            _ => Value::None,
        }
    }

    /// What `for` goes over: a list's or set's elements, a map's values by key.
    pub fn elements(&self) -> Vec<Value> {
        match self {
            Value::List(elements) | Value::Set(elements) => elements.clone(),
            Value::Map(entries) => entries.values().cloned().collect(),
            other => panic!("{other:?} has no elements"),
        }
    }

    fn word(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Variant { name, .. } => Some(name),
            _ => None,
        }
    }

    fn number(&self) -> Option<Decimal> {
        match self {
            Value::Int(value) => Some(Decimal::from(*value)),
            Value::Decimal(value) => Some(*value),
            _ => None,
        }
    }

    /// Deep equality.
    pub fn equals(&self, other: &Value) -> bool {
        if let (Some(a), Some(b)) = (self.number(), other.number()) {
            return a == b;
        }
        if let (Some(a), Some(b)) = (self.word(), other.word()) {
            return a == b;
        }
        match (self, other) {
            (Value::None, Value::None) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
            (Value::Ip(a), Value::Ip(b)) => a == b,
            (Value::Cidr(a), Value::Cidr(b)) => a == b,
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b)),
            (Value::Set(a), Value::Set(b)) => a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| a.equals(b))),
            (Value::Map(a), Value::Map(b)) => a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| a.equals(b))),
            (Value::Record(a), Value::Record(_)) => {
                let present =
                    |value: &Value| if let Value::Record(fields) = value { fields.iter().filter(|(_, value)| !value.is_none()).count() } else { 0 };
                present(self) == present(other) && a.iter().all(|(name, value)| value.equals(&other.named(name)))
            }
            _ => false,
        }
    }

    /// The order of two values of one scalar type.
    pub fn order(&self, other: &Value) -> Ordering {
        if let (Some(a), Some(b)) = (self.number(), other.number()) {
            return a.cmp(&b);
        }
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
            (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
            (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
            (Value::Cidr(a), Value::Cidr(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.chars().cmp(b.chars()),
            (Value::Variant { name: a, rank: i }, Value::Variant { name: b, rank: j }) => i.cmp(j).then_with(|| a.cmp(b)),
            _ => panic!("{self:?} and {other:?} have no order"),
        }
    }

    /// How it prints in a template.
    pub fn print(&self) -> String {
        match self {
            Value::None => "none".into(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Decimal(value) => value.normalize().to_string(),
            Value::Duration(nanos) => print_duration(*nanos),
            Value::Timestamp(value) => value.to_string(),
            Value::Ip(value) => value.to_string(),
            Value::Cidr(value) => value.to_string(),
            Value::Variant { name, .. } => name.clone(),
            Value::Text(text) => text.clone(),
            Value::List(elements) | Value::Set(elements) => elements.iter().map(Value::print).collect::<Vec<_>>().join(", "),
            Value::Map(entries) => print_fields(entries.iter()),
            Value::Record(fields) => print_fields(fields.iter().filter(|(_, value)| !value.is_none()).map(|(key, value)| (key, value))),
        }
    }

    /// As `json` of the language: what JSON has no kind for as text, sets as lists, records as objects of what is present.
    pub fn as_json(&self) -> Value {
        match self {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Text(_) => self.clone(),
            Value::Decimal(value) => whole(*value).map_or(self.clone(), Value::Int),
            Value::Variant { name, .. } => Value::text(name),
            Value::Duration(_) | Value::Timestamp(_) | Value::Ip(_) | Value::Cidr(_) => Value::Text(self.print()),
            Value::List(elements) | Value::Set(elements) => Value::List(elements.iter().map(Value::as_json).collect()),
            Value::Map(entries) => Value::Map(entries.iter().map(|(key, value)| (key.clone(), value.as_json())).collect()),
            Value::Record(fields) => {
                Value::Map(fields.iter().filter(|(_, value)| !value.is_none()).map(|(name, value)| (name.clone(), value.as_json())).collect())
            }
        }
    }

    /// As a decision's JSON has it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::None => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Decimal(_) => serde_json::from_str(&self.print()).expect("a decimal is a JSON number"),
            Value::List(elements) | Value::Set(elements) => elements.iter().map(Value::to_json).collect(),
            Value::Map(entries) => serde_json::Value::Object(entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()),
            Value::Record(fields) => {
                let present = fields.iter().filter(|(_, value)| !value.is_none());
                serde_json::Value::Object(present.map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
            other => other.print().into(),
        }
    }

    /// An `int` as `decimal`, alone or in a collection.
    pub fn as_decimal(&self) -> Value {
        match self {
            Value::Int(value) => Value::Decimal(Decimal::from(*value)),
            Value::List(elements) => Value::List(elements.iter().map(Value::as_decimal).collect()),
            Value::Set(elements) => Value::set(elements.iter().map(Value::as_decimal).collect()),
            Value::Map(entries) => Value::Map(entries.iter().map(|(key, value)| (key.clone(), value.as_decimal())).collect()),
            other => other.clone(),
        }
    }

    /// The same value as the standard library sees it.
    pub fn lend<'a>(&self, arena: &'a Arena) -> tollgate_stdlib::Value<'a> {
        use tollgate_stdlib::Value as Lent;
        let all = |elements: &[Value]| -> Items<'a> {
            let lent: Vec<Lent<'a>> = elements.iter().map(|element| element.lend(arena)).collect();
            Items::Own(arena.alloc_slice_copy(&lent))
        };
        match self {
            Value::None => Lent::None,
            Value::Bool(value) => Lent::Bool(*value),
            Value::Int(value) => Lent::Int(*value),
            Value::Decimal(value) => Lent::Decimal(*value),
            Value::Duration(value) => Lent::Duration(*value),
            Value::Timestamp(value) => Lent::Timestamp(*value),
            Value::Ip(value) => Lent::Ip(*value),
            Value::Cidr(value) => Lent::Cidr(*value),
            Value::Variant { name, rank } => Lent::Enum(Variant { name: arena.alloc_str(name), rank: *rank }),
            Value::Text(text) => Lent::Str(arena.alloc_str(text)),
            Value::List(elements) => Lent::List(all(elements)),
            Value::Set(elements) => Lent::Set(all(elements)),
            Value::Map(entries) => {
                let lent: Vec<(&'a str, Lent<'a>)> = entries.iter().map(|(key, value)| (&*arena.alloc_str(key), value.lend(arena))).collect();
                Lent::Map(Entries::Own(arena.alloc_slice_copy(&lent)))
            }
            Value::Record(fields) => {
                let lent: Vec<Lent<'a>> = fields.iter().map(|(_, value)| value.lend(arena)).collect();
                let shape = shape_of(fields.iter().map(|(name, _)| name.clone()).collect());
                Lent::Record(Record::Own(arena.alloc(Fields { shape, values: arena.alloc_slice_copy(&lent) })))
            }
        }
    }
}

impl From<tollgate_stdlib::Value<'_>> for Value {
    fn from(value: tollgate_stdlib::Value<'_>) -> Value {
        use tollgate_stdlib::Value as Lent;
        match value {
            Lent::None => Value::None,
            Lent::Bool(value) => Value::Bool(value),
            Lent::Int(value) => Value::Int(value),
            Lent::Decimal(value) => Value::Decimal(value),
            Lent::Duration(value) => Value::Duration(value),
            Lent::Timestamp(value) => Value::Timestamp(value),
            Lent::Ip(value) => Value::Ip(value),
            Lent::Cidr(value) => Value::Cidr(value),
            Lent::Enum(variant) => Value::Variant { name: variant.name.into(), rank: variant.rank },
            Lent::Str(text) => Value::text(text),
            Lent::List(items) => Value::List(items.iter().map(Value::from).collect()),
            Lent::Set(items) => Value::Set(items.iter().map(Value::from).collect()),
            Lent::Map(entries) => Value::Map(entries.iter().map(|(key, value)| (key.into(), value.into())).collect()),
            Lent::Record(record) => {
                let shape = record.shape();
                Value::Record((0..shape.len()).map(|index| (shape.name(index).into(), value.field(index).into())).collect())
            }
        }
    }
}

impl From<&Kept> for Value {
    fn from(kept: &Kept) -> Value {
        kept.view().into()
    }
}

/// The int that a decimal is.
pub fn whole(value: Decimal) -> Option<i64> {
    if value.fract().is_zero() { i64::try_from(value.trunc().mantissa() / 10_i128.pow(value.trunc().scale())).ok() } else { None }
}

fn print_fields<'v>(fields: impl Iterator<Item = (&'v String, &'v Value)>) -> String {
    let printed: Vec<String> = fields.map(|(name, value)| format!("{name}: {}", value.print())).collect();
    format!("{{{}}}", printed.join(", "))
}

/// Days, hours and so on, each as many as there are whole ones left.
fn print_duration(nanos: i64) -> String {
    let mut left = i128::from(nanos).abs();
    let mut text = String::from(if nanos < 0 { "-" } else { "" });
    for (unit, size) in [
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ] {
        let count = left / size;
        left %= size;
        if count > 0 {
            write!(text, "{count}{unit}").expect("a string takes any text");
        }
    }
    if nanos == 0 { "0s".into() } else { text }
}

/// The shape with those names; each is made once and lives as long as the process.
fn shape_of(names: Vec<String>) -> &'static Shape {
    static SHAPES: LazyLock<Mutex<HashMap<Vec<String>, &'static Shape>>> = LazyLock::new(Mutex::default);
    match SHAPES.lock().expect("nothing panics while it holds the lock").entry(names) {
        Entry::Occupied(known) => known.get(),
        Entry::Vacant(new) => {
            let shape = Box::leak(Box::new(Shape::new(new.key())));
            new.insert(shape)
        }
    }
}
