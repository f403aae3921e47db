//! Results that one decision remembers.

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::Arena;

use super::Eval;
use crate::plan::index;

/// Which of them the decision has, without a table to clear between decisions: an entry counts only in its own generation.
#[derive(Debug, Default)]
pub(crate) struct Stamps {
    stamps: Vec<(u32, u32)>,
    generation: u32,
}

/// Room for as many results as most decisions have.
const ROOM: usize = 8;

/// The results of one decision, by number.
pub(crate) struct Memory<'a> {
    stamps: &'a mut Stamps,
    results: ArenaVec<'a, Eval<'a>>,
}

impl Stamps {
    /// Forgets everything, and makes room for `len` numbers.
    fn renew(&mut self, len: usize) {
        match self.generation.checked_add(1) {
            Some(next) => self.generation = next,
            None => {
                self.stamps.clear();
                self.generation = 1;
            }
        }
        if self.stamps.len() < len {
            self.stamps.resize(len, (0, 0));
        }
    }
}

impl<'a> Memory<'a> {
    /// An empty memory for numbers below `len`.
    pub fn new(stamps: &'a mut Stamps, len: usize, arena: &'a Arena) -> Memory<'a> {
        stamps.renew(len);
        Memory { stamps, results: ArenaVec::with_capacity_in(len.min(ROOM), arena) }
    }

    /// The result under that number, if it has been computed.
    pub fn recall(&self, number: usize) -> Option<Eval<'a>> {
        let (generation, place) = *self.stamps.stamps.get(number)?;
        if generation == self.stamps.generation { self.results.get(index(place)).copied() } else { None }
    }

    /// Remembers a result under a number below the `len` of [`Memory::new`].
    pub fn remember(&mut self, number: usize, result: Eval<'a>) {
        let Some(stamp) = self.stamps.stamps.get_mut(number) else { return };
        *stamp = (self.stamps.generation, u32::try_from(self.results.len()).unwrap_or(u32::MAX));
        self.results.push(result);
    }
}
