//! The index, made ready: from what a request says to the rules that could match.
//!
//! All groups of the plan are one trie over their attributes' values. Each attribute has a table, which gives a value's numbers; numbers lead from
//! state to state, and a state holds rules. A number is looked up only where a state waits for it. What one decision needs stands side by side in
//! memory, with a large policy set the greater part of its cost. Nothing here depends on chance: a hash only finds, equality decides.

mod build;
mod fan;
mod order;
mod table;
mod trie;

use tollgate_stdlib::{EvalError, Value};

use super::check::Terms;
use super::rules::{Candidate, Rules, Turn};
use super::{Call, Check};
use crate::plan::{NodeId, Survey, index};
use fan::{Fan, Fans};
use table::Table;

type Hasher = foldhash::fast::RandomState;

/// The index of a program.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    tables: Vec<Table>,
    /// The states, the first of them where every decision begins, then one that only ends the last.
    states: Vec<State>,
    /// Where numbers lead, state by state.
    fans: Fans,
    /// The rules, state by state.
    candidates: Vec<Candidate>,
}

/// Where a state's own begin; they end where the next state's begin.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    candidates: u32,
    fans: u32,
}

/// The rules to try, in memory that decisions reuse.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Sorted, each once.
    pub turns: Vec<Turn>,
    /// Whether the index found them, so that what it proves of each holds.
    pub proved: bool,
    /// How many rules the index gave, with those that then failed a check.
    pub given: usize,
    /// For each table where its numbers are in `numbers`, once they are known.
    spans: Vec<Option<(u32, u32)>>,
    numbers: Vec<u32>,
}

/// What is looked up.
pub(crate) trait Lookup<'a> {
    /// The tools that the call fits.
    fn call(&self) -> Call;
    /// The value of an expression.
    fn value(&mut self, node: NodeId) -> Result<Value<'a>, EvalError>;
    /// Whether a comparison comes out as it is to.
    fn passes(&self, check: &Check) -> bool;
}

impl Found {
    /// All rules, nothing proved of any.
    pub fn all(&mut self, rules: &Rules) {
        self.turns.clear();
        self.turns.extend_from_slice(rules.turns());
        self.given = self.turns.len();
        self.proved = false;
    }

    fn clear(&mut self, tables: usize) {
        self.turns.clear();
        self.proved = true;
        self.given = 0;
        self.numbers.clear();
        self.spans.clear();
        self.spans.resize(tables, None);
    }

    /// The numbers of a table, looked up once.
    fn numbers_of<'a>(&mut self, finder: &Finder, table: u32, lookup: &mut impl Lookup<'a>) -> Result<(u32, u32), EvalError> {
        if let Some(Some(span)) = self.spans.get(index(table)) {
            return Ok(*span);
        }
        let start = short(self.numbers.len());
        if let Some(table) = finder.tables.get(index(table)) {
            table.numbers(lookup, |number| self.numbers.push(number))?;
        }
        let span = (start, short(self.numbers.len()));
        if let Some(slot) = self.spans.get_mut(index(table)) {
            *slot = Some(span);
        }
        Ok(span)
    }

    /// Adds the rules of a state whose checks pass.
    fn add<'a>(&mut self, candidates: &[Candidate], rules: &Rules, lookup: &impl Lookup<'a>) {
        self.given += candidates.len();
        let passing = candidates.iter().filter(|candidate| rules.checks(candidate).iter().all(|check| lookup.passes(check)));
        self.turns.extend(passing.map(|candidate| candidate.turn));
    }
}

impl Finder {
    /// The index of a plan, and what is left to test of the rules that it finds.
    pub(super) fn new(terms: Terms<'_>, survey: &Survey) -> (Finder, Rules) {
        build::build(terms, survey)
    }

    /// Finds the rules that could match.
    pub fn find<'a>(&self, rules: &Rules, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        found.clear(self.tables.len());
        self.walk(0, rules, lookup, found)?;
        if found.turns.len() > 1 {
            found.turns.sort_unstable();
            found.turns.dedup();
        }
        Ok(())
    }

    /// Adds what a state holds, then goes on from it: as deep as a group has attributes.
    fn walk<'a>(&self, state: u32, rules: &Rules, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        let (candidates, fans) = self.state(state);
        found.add(candidates, rules, lookup);
        for fan in fans {
            let (start, end) = found.numbers_of(self, fan.table, lookup)?;
            for at in start..end {
                let next = found.numbers.get(index(at)).and_then(|number| self.fans.next(fan, *number));
                if let Some(next) = next {
                    self.walk(next, rules, lookup, found)?;
                }
            }
        }
        Ok(())
    }

    fn state(&self, state: u32) -> (&[Candidate], &[Fan]) {
        let Some([from, to]) = self.states.get(index(state)..index(state) + 2) else { return Default::default() };
        let candidates = self.candidates.get(index(from.candidates)..index(to.candidates));
        (candidates.unwrap_or_default(), self.fans.get(from.fans, to.fans))
    }
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
