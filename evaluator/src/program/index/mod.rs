//! The index, made ready: from what a request says to the rules that could match.
//!
//! All groups of the plan are one trie over their attributes' values. Each attribute has a table, which gives a value's numbers; numbers lead from
//! state to state, and a state holds rules. A number is looked up only where a state waits for it. What a state has stands side by side in memory,
//! and what it leads to follows: with a large policy set, memory is what a decision waits for. Nothing here depends on chance: a hash only finds,
//! equality decides.

mod build;
mod edges;
mod holders;
mod order;
mod patterns;
mod standing;
mod table;
mod trie;

use tollgate_stdlib::{EvalError, Value};

use super::check::{Comparisons, Terms};
use super::rules::{Level, Rules, Turn};
use super::{Call, Check};
use crate::plan::{NodeId, PatternId, Survey, index};
use edges::Edges;
pub(crate) use holders::Holders;
use patterns::Matched;
pub(crate) use standing::Standing;
use table::Table;

type Hasher = foldhash::fast::RandomState;

/// The index of a program.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    tables: Vec<Table>,
    /// The states, the first of them where every decision begins: each a [`Item::State`], its rules, and its fans.
    items: Vec<Item>,
    /// The edges of large fans.
    edges: Edges,
    /// The data that rules are filed under, sorted.
    pub data: Vec<u32>,
}

/// A part of a state, of 16 bytes.
#[derive(Clone, Copy, Debug)]
enum Item {
    /// A state begins: so many items are its rules, so many its fans.
    State {
        rules: u32,
        fans: u32,
    },
    /// A rule, and how many comparisons follow that are left to make.
    Rule {
        turn: Turn,
        checks: u32,
    },
    Check(Check),
    /// A small fan: where the numbers of a table lead, so many edges that follow.
    Near {
        table: u32,
        edges: u32,
    },
    /// A number, and where the state that it leads to is among the items.
    Edge {
        number: u32,
        state: u32,
    },
    /// A large fan, which [`Edges`] has under that number.
    Far {
        table: u32,
        fan: u32,
    },
}

/// The rules to try, in memory that decisions reuse.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Those of one level, sorted, each once.
    pub turns: Vec<Turn>,
    /// Whether the index found them, so that what it proves of each holds.
    pub proved: bool,
    /// Of each state that was reached where among the items its rules are whose turn has not come yet.
    lists: Vec<(u32, u32)>,
    /// For each table where its numbers are in `numbers`, once they are known.
    spans: Vec<Option<(u32, u32)>>,
    numbers: Vec<u32>,
    matched: Matched,
}

/// What is looked up.
pub(crate) trait Lookup<'a> {
    /// The tools that the call fits.
    fn call(&self) -> Call;
    /// The value of an expression.
    fn value(&mut self, node: NodeId) -> Result<Value<'a>, EvalError>;
    /// Whether a comparison comes out as it is to.
    fn passes(&self, check: Check) -> bool;
    /// Whether a text matches a pattern.
    fn matches(&self, pattern: PatternId, text: &str) -> bool;
    /// Calls back with the numbers of the data that hold a value, among those that rules are filed under.
    fn holders(&self, value: Value<'_>, found: &mut dyn FnMut(u32));
}

impl Found {
    /// Nothing yet, and nothing to look up.
    pub fn clear(&mut self) {
        self.proved = false;
        self.lists.clear();
    }

    /// The rules of a level whose checks pass; those of weaker levels are not looked at. Levels are asked for from the strongest on.
    pub fn level<'a>(&mut self, level: Level, finder: &Finder, rules: &Rules, lookup: &impl Lookup<'a>) {
        self.turns.clear();
        if !self.proved {
            return self.turns.extend_from_slice(rules.level(level));
        }
        let Found { lists, turns, .. } = self;
        for (start, end) in lists.iter_mut() {
            let mut items = finder.items.get(index(*start)..index(*end)).unwrap_or_default();
            while let Some((Item::Rule { turn, checks }, rest)) = items.split_first()
                && turn.level() <= level
                && let Some((checks, others)) = rest.split_at_checked(index(*checks))
            {
                if turn.level() == level && checks.iter().all(|check| matches!(check, Item::Check(check) if lookup.passes(*check))) {
                    turns.push(*turn);
                }
                items = others;
            }
            *start = *end - short(items.len());
        }
        if turns.len() > 1 {
            turns.sort_unstable();
            turns.dedup();
        }
    }

    /// How many rules the index gave, with those that then fail a check.
    pub fn given(&self, finder: &Finder, rules: &Rules) -> usize {
        if self.proved { self.rules(finder).count() } else { rules.count() }
    }

    /// Whether one of those rules, which are sorted, is among the given.
    pub fn gives(&self, rules: &[u32], finder: &Finder) -> bool {
        !self.proved || self.rules(finder).any(|rule| rules.binary_search(&rule).is_ok())
    }

    /// The rules that the index gave.
    fn rules(&self, finder: &Finder) -> impl Iterator<Item = u32> {
        let lists = self.lists.iter().filter_map(|(start, end)| finder.items.get(index(*start)..index(*end)));
        lists.flatten().filter_map(|item| if let Item::Rule { turn, .. } = item { Some(turn.rule()) } else { None })
    }

    /// The numbers of a table, looked up once.
    fn numbers_of<'a>(&mut self, finder: &Finder, table: u32, lookup: &mut impl Lookup<'a>) -> Result<(u32, u32), EvalError> {
        if let Some(Some(span)) = self.spans.get(index(table)) {
            return Ok(*span);
        }
        let start = short(self.numbers.len());
        if let Some(table) = finder.tables.get(index(table)) {
            let Found { numbers, matched, .. } = self;
            table.numbers(lookup, matched, |number| numbers.push(number))?;
        }
        let span = (start, short(self.numbers.len()));
        if let Some(slot) = self.spans.get_mut(index(table)) {
            *slot = Some(span);
        }
        Ok(span)
    }
}

impl Finder {
    /// The index of a plan, and what is left to test of the rules that it finds.
    pub(super) fn new(terms: Terms<'_>, survey: &Survey, comparisons: &mut Comparisons) -> (Finder, Rules) {
        build::build(terms, survey, comparisons)
    }

    /// Finds the states whose rules could match, which [`Found::level`] then gives.
    pub fn find<'a>(&self, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        found.clear();
        found.numbers.clear();
        found.spans.clear();
        found.spans.resize(self.tables.len(), None);
        self.walk(0, lookup, found)?;
        found.proved = true;
        Ok(())
    }

    /// Adds what a state holds, then goes on from it: as deep as a group has attributes.
    fn walk<'a>(&self, state: u32, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        let Some((Item::State { rules, fans }, rest)) = self.items.get(index(state)..).and_then(|items| items.split_first()) else { return Ok(()) };
        if *rules > 0 {
            found.lists.push((state + 1, state + 1 + rules));
        }
        let rest = rest.get(index(*rules)..).unwrap_or_default();
        let mut fans = rest.get(..index(*fans)).unwrap_or_default();
        while let Some((fan, rest)) = fans.split_first() {
            let (table, edges) = match fan {
                Item::Near { table, edges } => (*table, index(*edges)),
                Item::Far { table, .. } => (*table, 0),
                _ => return Ok(()),
            };
            let (edges, others) = rest.split_at_checked(edges).unwrap_or_default();
            let (start, end) = found.numbers_of(self, table, lookup)?;
            for at in start..end {
                let Some(wanted) = found.numbers.get(index(at)).copied() else { continue };
                let next = match fan {
                    Item::Far { fan, .. } => self.edges.next(*fan, wanted),
                    _ => edges.iter().find_map(|edge| match edge {
                        Item::Edge { number, state } if *number == wanted => Some(*state),
                        _ => None,
                    }),
                };
                if let Some(next) = next {
                    self.walk(next, lookup, found)?;
                }
            }
            fans = others;
        }
        Ok(())
    }
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Item;

    #[test]
    fn a_part_of_a_state_is_small() {
        assert_eq!(size_of::<Item>(), 16);
    }
}
