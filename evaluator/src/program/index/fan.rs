//! Where the numbers of an attribute lead from a state.

use std::hash::BuildHasher;

use super::{Hasher, short};
use crate::plan::index;

/// At most this many edges are gone through one after the other.
const MAX_SCANNED: usize = 8;
/// Edges are found by their number's place where the table has at most this many times as many numbers.
const MAX_SPARSE: usize = 4;

/// The ways on from the states, in one place.
#[derive(Debug, Default)]
pub(super) struct Fans {
    fans: Vec<Fan>,
    edges: Vec<Edge>,
    hasher: Hasher,
}

/// The ways on from one state by one table's numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fan {
    /// The table that gives the numbers.
    pub table: u32,
    find: Find,
    /// Its slots in `edges`.
    start: u32,
    count: u32,
}

/// How an edge is found in its fan.
#[derive(Clone, Copy, Debug)]
enum Find {
    /// The number is its slot.
    Place,
    /// By looking at all.
    Scan,
    /// From the number's hash on, up to an empty slot; as many slots as a power of two.
    Hash,
}

/// One way on; [`NOWHERE`] in an empty slot.
#[derive(Clone, Copy, Debug)]
struct Edge {
    number: u32,
    state: u32,
}

const NOWHERE: u32 = u32::MAX;

impl Fans {
    /// How many fans there are.
    pub fn count(&self) -> u32 {
        short(self.fans.len())
    }

    /// The fans between two places.
    pub fn get(&self, from: u32, to: u32) -> &[Fan] {
        self.fans.get(index(from)..index(to)).unwrap_or_default()
    }

    /// Adds a fan for those numbers, each once, of a table with that many; gives each number's slot, for [`Fans::lead`].
    pub fn add(&mut self, table: u32, size: usize, numbers: &[u32]) -> Vec<usize> {
        let (find, count) = match numbers.len() {
            few if size <= MAX_SPARSE * few => (Find::Place, size),
            few if few <= MAX_SCANNED => (Find::Scan, few),
            many => (Find::Hash, (many * 2).next_power_of_two()),
        };
        let start = self.edges.len();
        self.edges.resize(start + count, Edge { number: NOWHERE, state: NOWHERE });
        let fan = Fan { table, find, start: short(start), count: short(count) };
        self.fans.push(fan);
        let slots = numbers.iter().enumerate().map(|(place, number)| {
            let slot = match find {
                Find::Place => start + index(*number),
                Find::Scan => start + place,
                Find::Hash => self.probe(&fan, *number).unwrap_or(start),
            };
            if let Some(edge) = self.edges.get_mut(slot) {
                edge.number = *number;
            }
            slot
        });
        slots.collect()
    }

    /// Says which state a slot leads to.
    pub fn lead(&mut self, slot: usize, state: u32) {
        if let Some(edge) = self.edges.get_mut(slot) {
            edge.state = state;
        }
    }

    /// The state that a number leads to.
    pub fn next(&self, fan: &Fan, number: u32) -> Option<u32> {
        let edges = self.edges.get(index(fan.start)..index(fan.start) + index(fan.count))?;
        let edge = match fan.find {
            Find::Place => edges.get(index(number)),
            Find::Scan => edges.iter().find(|edge| edge.number == number),
            Find::Hash => self.edges.get(self.probe(fan, number)?),
        };
        edge.map(|edge| edge.state).filter(|state| *state != NOWHERE)
    }

    /// The slot with that number, else the first empty one from its hash on. Half of the slots are empty.
    fn probe(&self, fan: &Fan, number: u32) -> Option<usize> {
        let mask = index(fan.count) - 1;
        let first = usize::try_from(self.hasher.hash_one(number) & u64::from(u32::MAX)).unwrap_or_default();
        let slots = (0..=mask).map(|step| index(fan.start) + (first.wrapping_add(step) & mask));
        slots.into_iter().find(|slot| self.edges.get(*slot).is_none_or(|edge| edge.number == number || edge.number == NOWHERE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_where_they_were_said_to() {
        for (count, step) in [(1, 1), (3, 50), (8, 1000), (40, 1), (40, 3), (40, 100), (5000, 37)] {
            let numbers: Vec<u32> = (0..count).map(|place| place * step).collect();
            let mut fans = Fans::default();
            fans.add(7, 10, &[3]);
            let slots = fans.add(8, index(count * step), &numbers);
            numbers.iter().zip(slots).for_each(|(number, slot)| fans.lead(slot, number + 1));
            let fan = fans.get(1, 2)[0];
            for number in 0..count * step {
                assert_eq!(fans.next(&fan, number), (number % step == 0).then_some(number + 1), "{count} {step} {number}");
            }
        }
    }
}
