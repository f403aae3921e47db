//! How an index comes about: every rule's paths through the trie, sorted, then state by state.

use std::collections::HashMap;

use tollgate_stdlib::Kept;

use super::table::Table;
use super::{Finder, Hasher, Item, short};
use crate::plan::{Attribute, Entry, Group, Keys, MAX_ATTRIBUTES, Plan, Survey, index};
use crate::program::check::{Comparisons, Terms};
use crate::program::rules::{Candidates, Rules, Turn};

/// How many paths through the trie a rule may take for each of its keys; a rule with more is looked at always.
const MAX_PATHS: usize = 16;

/// At most this many edges are gone through one after the other.
const MAX_NEAR: usize = 8;

/// Which table, and which of its numbers, one above another; zero where a path has ended.
type Step = u64;

/// A path from the first state to where a rule is, and the rule: those of a state stand in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Filed {
    path: [Step; MAX_ATTRIBUTES],
    turn: Turn,
}

/// The places of attributes' tables; `None` for one whose keys do not fit it.
type Tables<'p> = HashMap<&'p Attribute, Option<u32>, Hasher>;

/// The index of a plan, and what is left to test of the rules that it finds.
pub(super) fn build(terms: Terms<'_>, survey: &Survey, comparisons: &mut Comparisons) -> (Finder, Rules) {
    let Terms { plan, constants, .. } = terms;
    let mut build = Build { terms, plan, constants, tables: Vec::new(), filed: Vec::new(), entries: vec![By::Nothing; plan.rules.len()] };
    let known = build.make_tables();
    plan.index.unfiled.iter().for_each(|rule| build.file_nowhere(*rule));
    plan.index.groups.iter().for_each(|group| build.group(group, &known));
    let Build { tables, mut filed, entries, .. } = build;
    let entries_of = plan.index.groups.iter().flat_map(|group| &group.entries);
    let keys = entries_of.flat_map(|entry| &entry.keys);
    let mut data: Vec<u32> = keys.filter_map(|keys| if let Keys::Data(data) = keys { Some(data) } else { None }).flatten().copied().collect();
    data.sort_unstable();
    data.dedup();
    filed.sort_unstable();
    filed.dedup();
    let mut rules = Rules::new(plan, survey);
    let mut candidates = Candidates::default();
    for (rule, by) in plan.rules.iter().zip(entries) {
        let entry = if let By::Entry(entry) = by { Some(entry) } else { None };
        rules.file(terms, rule, entry, comparisons, &mut candidates);
    }
    let mut layout = Layout { candidates, sizes: tables.iter().map(Table::count).collect(), finder: Finder::default() };
    layout.states(&filed);
    let mut finder = layout.finder;
    (finder.tables, finder.data) = (tables, data);
    finder.tables.iter_mut().for_each(Table::finish);
    finder.items.shrink_to_fit();
    rules.shrink_to_fit();
    (finder, rules)
}

/// The paths of all rules, in the making.
struct Build<'p> {
    terms: Terms<'p>,
    plan: &'p Plan,
    constants: &'p [Kept],
    tables: Vec<Table>,
    filed: Vec<Filed>,
    /// By what each rule is found.
    entries: Vec<By<'p>>,
}

/// By what a rule is found.
#[derive(Clone, Copy)]
enum By<'p> {
    /// It is not filed yet.
    Nothing,
    /// By that entry, or others that prove the same.
    Entry(&'p Entry),
    /// By what proves nothing for sure.
    Several,
}

impl<'p> Build<'p> {
    /// Makes a table of each attribute, for the keys that any group has for it.
    fn make_tables(&mut self) -> Tables<'p> {
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
        let table = |attribute| {
            let keys = keys.get(attribute).into_iter().flatten().copied();
            let place = Table::new(attribute, keys, self.terms).map(|table| {
                self.tables.push(table);
                short(self.tables.len() - 1)
            });
            (attribute, place)
        };
        attributes.into_iter().map(table).collect()
    }

    fn group(&mut self, group: &'p Group, tables: &Tables<'p>) {
        let places: Option<Vec<u32>> = group.attributes.iter().map(|attribute| tables.get(attribute).copied().flatten()).collect();
        for entry in &group.entries {
            match places.as_ref().and_then(|places| self.steps(entry, places)) {
                Some(steps) => self.file(entry, &steps),
                None => self.file_nowhere(entry.rule),
            }
        }
    }

    fn file_nowhere(&mut self, rule: u32) {
        self.filed.push(Filed { path: [0; MAX_ATTRIBUTES], turn: Turn::of(rule, self.plan) });
        self.found_by(rule, By::Several);
    }

    /// For each attribute the steps for the values that the entry is filed under; `None` where the paths would be too many.
    fn steps(&self, entry: &Entry, places: &[u32]) -> Option<Vec<Vec<Step>>> {
        let each = places.iter().zip(&entry.keys).map(|(place, keys)| {
            let numbers = self.tables.get(index(*place))?.numbers_of(keys, self.constants)?;
            Some(numbers.into_iter().map(|number| (u64::from(*place) + 1) << 32 | u64::from(number)).collect())
        });
        let steps: Vec<Vec<Step>> = each.collect::<Option<_>>()?;
        let total = steps.iter().try_fold(1_usize, |total, steps| total.checked_mul(steps.len()))?;
        let keys: usize = steps.iter().map(Vec::len).sum();
        (total <= MAX_PATHS * keys).then_some(steps)
    }

    fn file(&mut self, entry: &'p Entry, steps: &[Vec<Step>]) {
        let first = self.filed.len();
        self.filed.push(Filed { path: [0; MAX_ATTRIBUTES], turn: Turn::of(entry.rule, self.plan) });
        for (place, steps) in steps.iter().enumerate() {
            let shorter = self.filed.split_off(first);
            for filed in &shorter {
                self.filed.extend(steps.iter().map(|step| {
                    let mut longer = *filed;
                    longer.path.iter_mut().skip(place).take(1).for_each(|slot| *slot = *step);
                    longer
                }));
            }
        }
        self.found_by(entry.rule, By::Entry(entry));
    }

    fn found_by(&mut self, rule: u32, by: By<'p>) {
        let Some(known) = self.entries.get_mut(index(rule)) else { return };
        *known = match (*known, by) {
            (By::Nothing, by) => by,
            (By::Entry(one), By::Entry(other)) if one.proves == other.proves && one.proves_on == other.proves_on => By::Entry(one),
            _ => By::Several,
        };
    }
}

/// The trie in the making.
struct Layout {
    candidates: Candidates,
    /// How many numbers each table has.
    sizes: Vec<usize>,
    finder: Finder,
}

/// A state to be made: what is filed from there on, how deep it is, and the edge that leads to it.
struct Pending<'f> {
    filed: &'f [Filed],
    depth: usize,
    from: Slot,
}

/// Where the edge to a state is.
enum Slot {
    /// No edge leads to the first.
    First,
    /// Among the items.
    Near(usize),
    /// In [`super::Edges`].
    Far(usize),
}

impl Layout {
    /// Makes the states, each before those that it leads to, which follow at once: a decision goes the same way.
    fn states(&mut self, filed: &[Filed]) {
        let mut pending = vec![Pending { filed, depth: 0, from: Slot::First }];
        while let Some(Pending { filed, depth, from }) = pending.pop() {
            let state = self.finder.items.len();
            self.lead(from, short(state));
            self.finder.items.push(Item::State { rules: 0, fans: 0 });
            let step = |filed: &Filed| filed.path.get(depth).copied().unwrap_or_default();
            let (own, further) = filed.split_at(filed.partition_point(|filed| step(filed) == 0));
            own.iter().for_each(|filed| self.rule(filed.turn.rule()));
            let fans = self.finder.items.len();
            for filed in further.chunk_by(|a, b| table(step(a)) == table(step(b))) {
                let targets: Vec<&[Filed]> = filed.chunk_by(|a, b| step(a) == step(b)).collect();
                let slots = self.fan(&targets, step);
                // What is taken first is put in last.
                pending.extend(targets.into_iter().zip(slots).rev().map(|(filed, from)| Pending { filed, depth: depth + 1, from }));
            }
            let (rules, fans) = (short(fans - state - 1), short(self.finder.items.len() - fans));
            self.finder.items.iter_mut().skip(state).take(1).for_each(|item| *item = Item::State { rules, fans });
        }
    }

    fn lead(&mut self, from: Slot, to: u32) {
        match from {
            Slot::First => {}
            Slot::Near(slot) => {
                if let Some(Item::Edge { state, .. }) = self.finder.items.get_mut(slot) {
                    *state = to;
                }
            }
            Slot::Far(slot) => self.finder.edges.lead(slot, to),
        }
    }

    fn fan(&mut self, targets: &[&[Filed]], step: impl Fn(&Filed) -> Step) -> Vec<Slot> {
        let steps: Vec<Step> = targets.iter().filter_map(|filed| filed.first()).map(step).collect();
        let numbers: Vec<u32> = steps.iter().map(|step| u32::try_from(step & u64::from(u32::MAX)).unwrap_or(u32::MAX)).collect();
        let table = steps.first().map_or(0, |step| table(*step).saturating_sub(1));
        let items = &mut self.finder.items;
        if numbers.len() > MAX_NEAR {
            let size = self.sizes.get(index(table)).copied().unwrap_or_default();
            let (fan, slots) = self.finder.edges.add(size, &numbers);
            items.push(Item::Far { table, fan });
            return slots.into_iter().map(Slot::Far).collect();
        }
        items.push(Item::Near { table, edges: short(numbers.len()) });
        let first = items.len();
        items.extend(numbers.iter().map(|number| Item::Edge { number: *number, state: 0 }));
        (first..items.len()).map(Slot::Near).collect()
    }

    fn rule(&mut self, rule: u32) {
        let Some((turn, checks)) = self.candidates.get(rule) else { return };
        self.finder.items.push(Item::Rule { turn, checks: short(checks.len()) });
        self.finder.items.extend(checks.iter().copied().map(Item::Check));
    }
}

/// One more than the table of a step.
fn table(step: Step) -> u32 {
    u32::try_from(step >> 32).unwrap_or(u32::MAX)
}
