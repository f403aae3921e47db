//! The field names of a record.

use std::collections::HashMap;
use std::sync::Arc;

/// More names than this are hashed.
const MAX_SCANNED: usize = 32;

/// The names of a record's fields, in declared order.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A shape of the standard library.
    Static(&'static [&'static str]),
    /// A shape that a policy declares.
    Declared(Arc<Names>),
}

/// Names, and where each is where they are many.
#[derive(Debug)]
pub struct Names {
    list: Box<[Box<str>]>,
    places: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
}

impl Shape {
    /// A shape with those names.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Shape {
        let list: Box<[Box<str>]> = names.into_iter().map(|name| name.as_ref().into()).collect();
        let many = list.iter().filter(|_| list.len() > MAX_SCANNED);
        let places = many.cloned().zip(0..).collect();
        Shape::Declared(Arc::new(Names { list, places }))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        match self {
            Shape::Static(names) => names.len(),
            Shape::Declared(names) => names.list.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of field `index`; the empty string beyond the last.
    pub fn name(&self, index: usize) -> &str {
        match self {
            Shape::Static(names) => names.get(index).copied().unwrap_or_default(),
            Shape::Declared(names) => names.list.get(index).map(|name| &**name).unwrap_or_default(),
        }
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.name(index))
    }

    /// The index of the field with that name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        match self {
            Shape::Declared(names) if !names.places.is_empty() => names.places.get(name).copied(),
            _ => (0..self.len()).find(|&index| self.name(index) == name),
        }
    }
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.names().eq(other.names())
    }
}

impl Eq for Shape {}
