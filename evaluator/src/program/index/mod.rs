//! The index, made ready: from what a request says to the rules that could match.
//!
//! A group of the plan is a trie over its attributes' values. Each attribute has a table, which gives a value's numbers; numbers lead from state to
//! state, and the last state holds rules. A number is looked up only where a state waits for it. Nothing here depends on chance: a hash only finds,
//! equality decides.

mod order;
mod table;
mod trie;

use std::collections::HashMap;

use tollgate_stdlib::{EvalError, Kept, Value};

use super::{Call, Order};
use crate::plan::{Attribute, Entry, Group, Keys, NodeId, Plan, index};
use table::Table;

type Hasher = foldhash::fast::RandomState;

/// How many paths through the trie a rule may take for each of its keys; a rule with more is looked at always.
const MAX_PATHS: usize = 16;
/// A group whose first attribute has at most this many times as many numbers as it has entries finds by place instead of by hash.
const MAX_SPARSE: usize = 4;

/// The index of a program.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    tables: Vec<Table>,
    groups: Vec<Trie>,
    /// The states that a state's numbers lead to, beyond the first attribute.
    edges: HashMap<(u32, u32), u32, Hasher>,
    /// Where the places of each state begin in `places`; one more than there are states.
    starts: Vec<u32>,
    /// Places in [`Order`], state by state.
    places: Vec<u32>,
    /// What every decision looks at.
    always: Vec<u32>,
}

/// The way into a group.
#[derive(Debug)]
struct Trie {
    /// Places in `tables`.
    attributes: Box<[usize]>,
    first: First,
}

/// The states that the first attribute's numbers lead to.
#[derive(Debug)]
enum First {
    /// By number; [`NO_STATE`] where no rule is.
    Dense(Vec<u32>),
    Sparse(HashMap<u32, u32, Hasher>),
}

const NO_STATE: u32 = u32::MAX;

/// The rules to look at, in memory that decisions reuse.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Places in [`Order`].
    pub places: Vec<u32>,
    /// Whether the index found them, so that what it proves of each (see [`super::Rules`]) holds.
    pub proved: bool,
    /// For each table where its numbers are in `numbers`, once they are known.
    spans: Vec<Option<(u32, u32)>>,
    numbers: Vec<u32>,
}

/// What is looked up.
pub(crate) trait Lookup<'a> {
    fn call(&self) -> Call;
    fn value(&mut self, node: NodeId) -> Result<Value<'a>, EvalError>;
}

impl Found {
    /// All rules, nothing proved of any.
    pub fn all(&mut self, order: &Order) {
        self.places.clear();
        self.places.extend((0_u32..).zip(&order.rules).map(|(place, _)| place));
        self.proved = false;
    }

    fn clear(&mut self, tables: usize) {
        self.places.clear();
        self.proved = true;
        self.numbers.clear();
        self.spans.clear();
        self.spans.resize(tables, None);
    }

    /// The numbers of a table, looked up once.
    fn numbers_of<'a>(&mut self, finder: &Finder, table: usize, lookup: &mut impl Lookup<'a>) -> Result<(u32, u32), EvalError> {
        if let Some(Some(span)) = self.spans.get(table) {
            return Ok(*span);
        }
        let start = short(self.numbers.len());
        if let Some(table) = finder.tables.get(table) {
            table.numbers(lookup, |number| self.numbers.push(number))?;
        }
        let span = (start, short(self.numbers.len()));
        if let Some(slot) = self.spans.get_mut(table) {
            *slot = Some(span);
        }
        Ok(span)
    }
}

impl Finder {
    /// The index of a plan, and for each rule whether what its entry says is proved holds of it: not of a rule that is looked at always.
    pub(super) fn new(plan: &Plan, constants: &[Kept], order: &Order) -> (Finder, Vec<bool>) {
        let mut build = Build::new(plan, constants, order);
        build.always.extend(plan.index.unfiled.iter().copied());
        let tables = build.tables();
        for group in &plan.index.groups {
            build.group(group, &tables);
        }
        build.finish()
    }

    /// Finds the rules that could match.
    pub fn find<'a>(&self, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        found.clear(self.tables.len());
        found.places.extend_from_slice(&self.always);
        for group in &self.groups {
            let Some((first, rest)) = group.attributes.split_first() else { continue };
            let (start, end) = found.numbers_of(self, *first, lookup)?;
            for at in start..end {
                if let Some(state) = found.numbers.get(index(at)).and_then(|number| group.first.state(*number)) {
                    self.walk(state, rest, lookup, found)?;
                }
            }
        }
        Ok(())
    }

    fn walk<'a>(&self, state: u32, attributes: &[usize], lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        let Some((attribute, rest)) = attributes.split_first() else {
            let span = self.starts.get(index(state)).zip(self.starts.get(index(state) + 1));
            found.places.extend(span.and_then(|(start, end)| self.places.get(index(*start)..index(*end))).unwrap_or_default());
            return Ok(());
        };
        let (start, end) = found.numbers_of(self, *attribute, lookup)?;
        for at in start..end {
            let edge = found.numbers.get(index(at)).and_then(|number| self.edges.get(&(state, *number)));
            if let Some(next) = edge {
                self.walk(*next, rest, lookup, found)?;
            }
        }
        Ok(())
    }
}

impl First {
    fn new(size: usize, entries: usize) -> First {
        if size <= MAX_SPARSE * entries.max(16) { First::Dense(vec![NO_STATE; size]) } else { First::Sparse(HashMap::default()) }
    }

    fn state(&self, number: u32) -> Option<u32> {
        match self {
            First::Dense(states) => states.get(index(number)).copied().filter(|state| *state != NO_STATE),
            First::Sparse(states) => states.get(&number).copied(),
        }
    }

    fn set(&mut self, number: u32, state: u32) {
        match self {
            First::Dense(states) => states.iter_mut().skip(index(number)).take(1).for_each(|slot| *slot = state),
            First::Sparse(states) => {
                states.insert(number, state);
            }
        }
    }
}

/// An index in the making.
struct Build<'p> {
    plan: &'p Plan,
    constants: &'p [Kept],
    /// The places of rules.
    places: Vec<u32>,
    /// Which state each place is found at, state by state once sorted.
    filed: Vec<(u32, u32)>,
    states: u32,
    proved: Vec<bool>,
    /// Rules, not places.
    always: Vec<u32>,
    finder: Finder,
}

/// The places of attributes' tables; `None` for one whose keys do not fit it.
type Tables = HashMap<Attribute, Option<usize>, Hasher>;

impl<'p> Build<'p> {
    fn new(plan: &'p Plan, constants: &'p [Kept], order: &Order) -> Build<'p> {
        let mut places = vec![0; plan.rules.len()];
        for (place, rule) in (0_u32..).zip(&order.rules) {
            if let Some(slot) = places.get_mut(index(*rule)) {
                *slot = place;
            }
        }
        let proved = vec![false; plan.rules.len()];
        Build { plan, constants, places, filed: Vec::new(), states: 0, proved, always: Vec::new(), finder: Finder::default() }
    }

    /// Makes a table of each attribute, for the keys that any group has for it.
    fn tables(&mut self) -> Tables {
        let mut keys: HashMap<&Attribute, Vec<&Keys>, Hasher> = HashMap::default();
        let mut attributes: Vec<&Attribute> = Vec::new();
        for group in &self.plan.index.groups {
            for (place, attribute) in group.attributes.iter().enumerate() {
                let known = keys.entry(attribute).or_insert_with(|| {
                    attributes.push(attribute);
                    Vec::new()
                });
                known.extend(group.entries.iter().filter_map(|entry| entry.keys.get(place)));
            }
        }
        let mut tables = Tables::default();
        for attribute in attributes {
            let keys = keys.get(attribute).into_iter().flatten().copied();
            let place = Table::new(attribute, self.plan.tools.len(), keys, self.constants).map(|table| {
                self.finder.tables.push(table);
                self.finder.tables.len() - 1
            });
            tables.insert(attribute.clone(), place);
        }
        tables
    }

    fn group(&mut self, group: &Group, tables: &Tables) {
        let attributes: Option<Box<[usize]>> = group.attributes.iter().map(|attribute| tables.get(attribute).copied().flatten()).collect();
        let Some(attributes) = attributes else { return self.always.extend(group.entries.iter().map(|entry| entry.rule)) };
        let size = attributes.first().and_then(|first| self.finder.tables.get(*first)).map_or(0, Table::count);
        let mut trie = Trie { attributes, first: First::new(size, group.entries.len()) };
        for entry in &group.entries {
            match self.paths(entry, &trie.attributes) {
                Some(paths) => {
                    self.extend(&mut trie, &paths, entry.rule);
                    self.proved.iter_mut().skip(index(entry.rule)).take(1).for_each(|proved| *proved = true);
                }
                None => self.always.push(entry.rule),
            }
        }
        self.finder.groups.push(trie);
    }

    /// For each attribute the numbers of the values that the entry is filed under; `None` where the paths would be too many.
    fn paths(&self, entry: &Entry, attributes: &[usize]) -> Option<Vec<Vec<u32>>> {
        let each = attributes.iter().zip(&entry.keys);
        let paths: Vec<Vec<u32>> =
            each.map(|(table, keys)| self.finder.tables.get(*table)?.numbers_of(keys, self.constants)).collect::<Option<_>>()?;
        let total = paths.iter().try_fold(1_usize, |total, numbers| total.checked_mul(numbers.len()))?;
        let keys: usize = paths.iter().map(Vec::len).sum();
        (total <= MAX_PATHS * keys).then_some(paths)
    }

    fn extend(&mut self, trie: &mut Trie, paths: &[Vec<u32>], rule: u32) {
        let Some((first, rest)) = paths.split_first() else { return };
        let mut states: Vec<u32> = Vec::with_capacity(first.len());
        for number in first {
            let state = trie.first.state(*number).unwrap_or_else(|| {
                let state = self.state();
                trie.first.set(*number, state);
                state
            });
            states.push(state);
        }
        for numbers in rest {
            let mut next = Vec::with_capacity(states.len() * numbers.len());
            for state in states {
                for number in numbers {
                    let known = self.finder.edges.get(&(state, *number)).copied();
                    let to = known.unwrap_or_else(|| self.state());
                    self.finder.edges.insert((state, *number), to);
                    next.push(to);
                }
            }
            states = next;
        }
        let place = self.places.get(index(rule)).copied().unwrap_or_default();
        self.filed.extend(states.into_iter().map(|state| (state, place)));
    }

    fn state(&mut self) -> u32 {
        self.states += 1;
        self.states - 1
    }

    fn finish(mut self) -> (Finder, Vec<bool>) {
        self.filed.sort_unstable();
        self.filed.dedup();
        let mut finder = self.finder;
        finder.always = self.always.iter().filter_map(|rule| self.places.get(index(*rule)).copied()).collect();
        finder.always.sort_unstable();
        finder.tables.iter_mut().for_each(Table::finish);
        finder.starts = vec![0; index(self.states) + 1];
        for (state, _) in &self.filed {
            finder.starts.iter_mut().skip(index(*state) + 1).take(1).for_each(|start| *start += 1);
        }
        let mut total = 0;
        for start in &mut finder.starts {
            total += *start;
            *start = total;
        }
        finder.places = self.filed.into_iter().map(|(_, place)| place).collect();
        (finder, self.proved)
    }
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
