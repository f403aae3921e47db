//! The plan's constants, each once, and the shapes of its records.

use std::sync::Arc;

use tollgate_evaluator::plan::{ConstId, Constant, ShapeId, Text};
use tollgate_stdlib::{Kept, KeptMap, KeptSet, Shape};

use super::intern::{Interner, index};

/// Interned constants.
#[derive(Clone, Debug, Default)]
pub struct Constants {
    list: Interner<Constant>,
    values: Vec<Arc<Kept>>,
    shapes: Interner<Vec<Text>>,
}

impl Constants {
    /// The number of a constant; the parts of a compound one come before it.
    pub fn intern(&mut self, value: &Kept) -> ConstId {
        let constant = self.constant(value);
        let number = self.list.intern(constant);
        if index(number) == self.values.len() {
            self.values.push(Arc::new(value.clone()));
        }
        number
    }

    /// The number of a string constant.
    pub fn text(&mut self, text: &str) -> ConstId {
        self.intern(&Kept::Str(text.into()))
    }

    /// The number that a constant has already.
    pub fn find(&self, constant: &Constant) -> Option<ConstId> {
        self.list.find(constant)
    }

    /// The constant of that number.
    pub fn get(&self, id: ConstId) -> &Constant {
        self.list.get(id).unwrap_or(&Constant::None)
    }

    /// Its value.
    pub fn value(&self, id: ConstId) -> Arc<Kept> {
        self.values.get(index(id)).cloned().unwrap_or(Arc::new(Kept::None))
    }

    /// Whether it is one value, and a present one.
    pub fn is_scalar(&self, id: ConstId) -> bool {
        !matches!(self.get(id), Constant::None | Constant::List(_) | Constant::Set(_) | Constant::Map(_) | Constant::Record(..))
    }

    /// The number of a shape.
    pub fn shape(&mut self, shape: &Shape) -> ShapeId {
        self.shapes.intern(shape.names().map(Text::from).collect())
    }

    /// All constants in order.
    pub fn list(&self) -> &[Constant] {
        self.list.list()
    }

    /// All shapes in order.
    pub fn shapes(&self) -> &[Vec<Text>] {
        self.shapes.list()
    }

    fn constant(&mut self, value: &Kept) -> Constant {
        match value {
            Kept::None => Constant::None,
            Kept::Bool(value) => Constant::Bool(*value),
            Kept::Int(value) => Constant::Int(*value),
            Kept::Decimal(value) => {
                let value = value.normalize();
                Constant::Decimal(value.mantissa(), value.scale())
            }
            Kept::Duration(nanos) => Constant::Duration(*nanos),
            Kept::Timestamp(time) => Constant::Timestamp(time.as_nanosecond()),
            Kept::Ip(ip) => Constant::Ip(*ip),
            Kept::Cidr(net) => Constant::Cidr(net.addr(), net.prefix_len()),
            Kept::Enum(name, rank) => Constant::Enum(name.clone(), *rank),
            Kept::Str(text) => Constant::Str(text.clone()),
            Kept::List(items) => Constant::List(items.iter().map(|item| self.intern(item)).collect()),
            Kept::Set(set) => Constant::Set(set.items().iter().map(|item| self.intern(item)).collect()),
            Kept::Map(map) => Constant::Map(map.entries().iter().map(|(key, value)| (key.clone(), self.intern(value))).collect()),
            Kept::Record(record) => {
                let shape = self.shape(&record.shape);
                Constant::Record(shape, record.values.iter().map(|value| self.intern(value)).collect())
            }
        }
    }
}

/// A constant of ints as one of decimals.
pub fn to_decimal(value: &Kept) -> Kept {
    match value {
        Kept::Int(value) => Kept::Decimal((*value).into()),
        Kept::List(items) => Kept::List(items.iter().map(to_decimal).collect()),
        Kept::Set(set) => Kept::Set(KeptSet::new(set.items().iter().map(to_decimal).collect())),
        Kept::Map(map) => Kept::Map(KeptMap::new(map.entries().iter().map(|(key, value)| (key.clone(), to_decimal(value))).collect())),
        other => other.clone(),
    }
}
