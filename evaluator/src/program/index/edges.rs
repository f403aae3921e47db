//! Where the numbers of an attribute lead from a state that has many ways on.

use std::hash::BuildHasher;

use super::{Hasher, short};
use crate::plan::index;

/// Edges are found by their number's place where the table has at most this many times as many numbers.
const MAX_SPARSE: usize = 4;

/// The edges of all large fans.
#[derive(Debug, Default)]
pub(super) struct Edges {
    fans: Vec<Fan>,
    edges: Vec<Edge>,
    hasher: Hasher,
}

/// The edges of one fan.
#[derive(Clone, Copy, Debug)]
struct Fan {
    start: u32,
    count: u32,
    find: Find,
}

/// How an edge is found in its fan.
#[derive(Clone, Copy, Debug)]
enum Find {
    /// The number is its slot.
    Place,
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

impl Edges {
    /// Adds a fan for those numbers, each once, of a table with that many; gives its number, and each number's slot, for [`Edges::lead`].
    pub fn add(&mut self, size: usize, numbers: &[u32]) -> (u32, Vec<usize>) {
        let (find, count) =
            if size <= MAX_SPARSE * numbers.len() { (Find::Place, size) } else { (Find::Hash, (numbers.len() * 2).next_power_of_two()) };
        let start = self.edges.len();
        self.edges.resize(start + count, Edge { number: NOWHERE, state: NOWHERE });
        let fan = Fan { start: short(start), count: short(count), find };
        let slots = numbers.iter().map(|number| {
            let slot = match find {
                Find::Place => start + index(*number),
                Find::Hash => self.probe(fan, *number).unwrap_or(start),
            };
            if let Some(edge) = self.edges.get_mut(slot) {
                edge.number = *number;
            }
            slot
        });
        let slots = slots.collect();
        self.fans.push(fan);
        (short(self.fans.len() - 1), slots)
    }

    /// Says which state a slot leads to.
    pub fn lead(&mut self, slot: usize, state: u32) {
        if let Some(edge) = self.edges.get_mut(slot) {
            edge.state = state;
        }
    }

    /// The state that a number leads to.
    pub fn next(&self, fan: u32, number: u32) -> Option<u32> {
        let fan = *self.fans.get(index(fan))?;
        let slot = match fan.find {
            Find::Place if number < fan.count => index(fan.start) + index(number),
            Find::Place => return None,
            Find::Hash => self.probe(fan, number)?,
        };
        self.edges.get(slot).map(|edge| edge.state).filter(|state| *state != NOWHERE)
    }

    /// The numbers of a fan, each with the state that it leads to.
    pub fn of(&self, fan: u32) -> Vec<(u32, u32)> {
        let Some(fan) = self.fans.get(index(fan)) else { return Vec::new() };
        let edges = self.edges.get(index(fan.start)..).and_then(|edges| edges.get(..index(fan.count))).unwrap_or_default();
        edges.iter().filter(|edge| edge.state != NOWHERE).map(|edge| (edge.number, edge.state)).collect()
    }

    /// The slot with that number, else the first empty one from its hash on. At least half of the slots are empty.
    fn probe(&self, fan: Fan, number: u32) -> Option<usize> {
        let mask = index(fan.count) - 1;
        let first = usize::try_from(self.hasher.hash_one(number) & u64::from(u32::MAX)).unwrap_or_default();
        let mut slots = (0..=mask).map(|step| index(fan.start) + (first.wrapping_add(step) & mask));
        slots.find(|slot| self.edges.get(*slot).is_none_or(|edge| edge.number == number || edge.number == NOWHERE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_where_they_were_said_to() {
        for (count, step) in [(1, 1), (3, 50), (8, 1000), (40, 1), (40, 3), (40, 100), (5000, 37)] {
            let numbers: Vec<u32> = (0..count).map(|place| place * step).collect();
            let mut edges = Edges::default();
            edges.add(10, &[3]);
            let (fan, slots) = edges.add(index(count * step), &numbers);
            numbers.iter().zip(slots).for_each(|(number, slot)| edges.lead(slot, number + 1));
            for number in 0..count * step + 2 {
                let expected = (number % step == 0 && number < count * step).then_some(number + 1);
                assert_eq!(edges.next(fan, number), expected, "{count} {step} {number}");
            }
            let mut all = edges.of(fan);
            all.sort_unstable();
            assert_eq!(all, numbers.iter().map(|number| (*number, number + 1)).collect::<Vec<_>>());
        }
    }
}
