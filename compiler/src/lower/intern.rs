//! Things that the plan numbers, each once.

use std::hash::Hash;

/// A hash map as lowering uses them: never walked, so that hashing decides nothing.
pub type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// Interned things, numbered from 0 in the order in which they came.
#[derive(Clone, Debug)]
pub struct Interner<T> {
    list: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner { list: Vec::new(), numbers: HashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    /// The number of a thing.
    pub fn intern(&mut self, thing: T) -> u32 {
        if let Some(number) = self.numbers.get(&thing) {
            return *number;
        }
        let number = number(self.list.len());
        self.list.push(thing.clone());
        self.numbers.insert(thing, number);
        number
    }

    /// The number that a thing has already.
    pub fn find(&self, thing: &T) -> Option<u32> {
        self.numbers.get(thing).copied()
    }

    /// The thing of that number.
    pub fn get(&self, number: u32) -> Option<&T> {
        self.list.get(index(number))
    }

    /// All things in order.
    pub fn list(&self) -> &[T] {
        &self.list
    }
}

/// A place as the plan numbers it. Plans hold far fewer things than `u32` counts, for memory ends first.
pub fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The place of a number.
pub fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
