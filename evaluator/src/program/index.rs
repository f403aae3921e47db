//! The index, hashed: from the values of some attributes to the rules that could match.
//!
//! A group is a trie over its attributes' values. Each value is first looked up among those that rules are filed under, which gives it a number;
//! numbers lead from state to state, and the last state holds the rules. Nothing here depends on chance: a hash only finds, equality decides.

use std::collections::HashMap;
use std::net::IpAddr;

use tollgate_stdlib::{EvalError, IpNet, Kept, Timestamp, Value};

use super::{Call, Order};
use crate::plan::{Attribute, Entry, Group, Keys, NodeId, Plan, index};

type Hasher = foldhash::fast::RandomState;

/// The places of attributes' tables.
type Known = HashMap<Attribute, usize, Hasher>;

/// How many paths through the trie a rule may take for each of its keys; a rule with more is looked at always.
const MAX_PATHS: usize = 16;

/// The index of a program.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    attributes: Vec<Table>,
    groups: Vec<(u32, Vec<usize>)>,
    edges: HashMap<(u32, u32), u32, Hasher>,
    states: Vec<Vec<Candidate>>,
    proofs: Vec<Proof>,
    always: Vec<Candidate>,
}

/// A rule to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// Its place in [`Order`].
    pub place: u32,
    /// What finding it proves; see [`Finder::proof`].
    proof: u32,
}

/// What finding a rule proves of it.
#[derive(Debug, Default)]
struct Proof {
    on: bool,
    /// Sorted.
    guards: Vec<u32>,
}

/// The numbers of an attribute's values.
#[derive(Debug)]
struct Table {
    attribute: Attribute,
    texts: HashMap<Box<str>, u32, Hasher>,
    others: HashMap<Scalar, u32, Hasher>,
}

/// A scalar apart from text, such that equal values are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scalar {
    None,
    Bool(bool),
    Number(i128, u32),
    Duration(i64),
    Timestamp(Timestamp),
    Ip(IpAddr),
    Cidr(IpNet),
}

/// The rules to look at, in memory that decisions reuse.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Sorted by place, each place once.
    pub candidates: Vec<Candidate>,
    /// For each attribute the numbers of what the decision has there.
    numbers: Vec<[Option<u32>; 2]>,
}

/// What is looked up: at most two values, for a call fits at most two tools.
pub(crate) trait Lookup<'a> {
    fn call(&self) -> Call;
    fn value(&mut self, node: NodeId) -> Result<Value<'a>, EvalError>;
}

impl Found {
    /// All rules, nothing proved of any.
    pub fn all(&mut self, order: &Order) {
        self.candidates.clear();
        self.candidates.extend((0_u32..).zip(&order.rules).map(|(place, _)| Candidate::unproved(place)));
    }
}

impl Candidate {
    const UNPROVED: u32 = u32::MAX;

    /// A rule of which nothing is proved.
    pub fn unproved(place: u32) -> Candidate {
        Candidate { place, proof: Candidate::UNPROVED }
    }
}

impl Finder {
    pub(super) fn new(plan: &Plan, constants: &[Kept], order: &Order) -> Finder {
        let mut places = vec![0; plan.rules.len()];
        for (place, rule) in (0_u32..).zip(&order.rules) {
            if let Some(slot) = places.get_mut(index(*rule)) {
                *slot = place;
            }
        }
        let place = |rule: u32| places.get(index(rule)).copied().unwrap_or_default();
        let mut finder = Finder::default();
        let mut known = Known::default();
        for group in &plan.index.groups {
            finder.file(group, &mut known, constants, &place);
        }
        finder.always.extend(plan.index.unfiled.iter().map(|rule| Candidate::unproved(place(*rule))));
        finder
    }

    fn file(&mut self, group: &Group, known: &mut Known, constants: &[Kept], place: &dyn Fn(u32) -> u32) {
        let attributes: Vec<usize> = group.attributes.iter().map(|attribute| self.table(attribute, known)).collect();
        let root = self.state();
        for entry in &group.entries {
            match self.paths(entry, &attributes, constants) {
                Some(paths) => {
                    let proof = u32::try_from(self.proofs.len()).unwrap_or(Candidate::UNPROVED);
                    let mut guards = entry.proves.clone();
                    guards.sort_unstable();
                    self.proofs.push(Proof { on: entry.proves_on, guards });
                    self.extend(root, &paths, Candidate { place: place(entry.rule), proof });
                }
                None => self.always.push(Candidate::unproved(place(entry.rule))),
            }
        }
        self.groups.push((root, attributes));
    }

    fn table(&mut self, attribute: &Attribute, known: &mut Known) -> usize {
        let next = self.attributes.len();
        let place = *known.entry(attribute.clone()).or_insert(next);
        if place == next {
            self.attributes.push(Table { attribute: attribute.clone(), texts: HashMap::default(), others: HashMap::default() });
        }
        place
    }

    fn state(&mut self) -> u32 {
        self.states.push(Vec::new());
        u32::try_from(self.states.len() - 1).unwrap_or(u32::MAX)
    }

    /// For each attribute the numbers of the values that the entry is filed under; `None` where the paths would be too many.
    fn paths(&mut self, entry: &Entry, attributes: &[usize], constants: &[Kept]) -> Option<Vec<Vec<u32>>> {
        let mut paths = Vec::with_capacity(attributes.len());
        for (table, keys) in attributes.iter().zip(&entry.keys) {
            let mut numbers: Vec<u32> = match keys {
                Keys::Tools { tools, other } => tools.iter().map(|tool| tool + 1).chain(other.then_some(0)).collect(),
                Keys::Values(values) => {
                    let table = self.attributes.get_mut(*table)?;
                    values.iter().map(|id| constants.get(index(*id)).and_then(|kept| table.intern(kept.view()))).collect::<Option<_>>()?
                }
            };
            numbers.sort_unstable();
            numbers.dedup();
            paths.push(numbers);
        }
        let total = paths.iter().try_fold(1_usize, |total, numbers| total.checked_mul(numbers.len()))?;
        let keys: usize = paths.iter().map(Vec::len).sum();
        (total <= MAX_PATHS * keys).then_some(paths)
    }

    fn extend(&mut self, root: u32, paths: &[Vec<u32>], candidate: Candidate) {
        let mut states = vec![root];
        for numbers in paths {
            let mut next = Vec::with_capacity(states.len() * numbers.len());
            for state in states {
                for number in numbers {
                    let known = self.edges.get(&(state, *number)).copied();
                    let to = known.unwrap_or_else(|| self.state());
                    self.edges.insert((state, *number), to);
                    next.push(to);
                }
            }
            states = next;
        }
        for state in states {
            if let Some(found) = self.states.get_mut(index(state)) {
                found.push(candidate);
            }
        }
    }

    /// Finds the rules that could match.
    pub fn find<'a>(&self, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        let Found { candidates, numbers } = found;
        candidates.clear();
        candidates.extend_from_slice(&self.always);
        numbers.clear();
        for table in &self.attributes {
            numbers.push(table.numbers(lookup)?);
        }
        for (root, attributes) in &self.groups {
            self.walk(*root, attributes, numbers, candidates);
        }
        candidates.sort_unstable();
        candidates.dedup_by_key(|candidate| candidate.place);
        Ok(())
    }

    fn walk(&self, state: u32, attributes: &[usize], numbers: &[[Option<u32>; 2]], found: &mut Vec<Candidate>) {
        let Some((attribute, rest)) = attributes.split_first() else {
            found.extend(self.states.get(index(state)).into_iter().flatten());
            return;
        };
        for number in numbers.get(*attribute).into_iter().flatten().flatten() {
            if let Some(next) = self.edges.get(&(state, *number)) {
                self.walk(*next, rest, numbers, found);
            }
        }
    }

    /// Whether finding the rule proved that its `on` is about the call.
    pub fn proves_on(&self, candidate: Candidate) -> bool {
        self.proofs.get(index(candidate.proof)).is_some_and(|proof| proof.on)
    }

    /// Whether finding the rule proved that guard.
    pub fn proves_guard(&self, candidate: Candidate, guard: usize) -> bool {
        self.proofs.get(index(candidate.proof)).is_some_and(|proof| proof.guards.binary_search_by(|proved| index(*proved).cmp(&guard)).is_ok())
    }
}

impl Table {
    /// The number of a value that a rule is filed under; `None` for a compound one.
    fn intern(&mut self, value: Value<'_>) -> Option<u32> {
        let next = u32::try_from(self.texts.len() + self.others.len()).ok()?;
        match value.as_str() {
            Some(text) => Some(*self.texts.entry(text.into()).or_insert(next)),
            None => Some(*self.others.entry(Scalar::new(value)?).or_insert(next)),
        }
    }

    /// The numbers of what a decision has here.
    fn numbers<'a>(&self, lookup: &mut impl Lookup<'a>) -> Result<[Option<u32>; 2], EvalError> {
        let call = lookup.call();
        Ok(match self.attribute {
            Attribute::Tool if call.fitting == [None, None] => [Some(0), None],
            Attribute::Tool => call.fitting.map(|tool| tool.map(|tool| tool + 1)),
            Attribute::Declaration => [Some(call.declared.map_or(0, |tool| tool + 1)), None],
            Attribute::Node(node) => [self.number(lookup.value(node)?), None],
        })
    }

    fn number(&self, value: Value<'_>) -> Option<u32> {
        match value.as_str() {
            Some(text) => self.texts.get(text).copied(),
            None => self.others.get(&Scalar::new(value)?).copied(),
        }
    }
}

impl Scalar {
    fn new(value: Value<'_>) -> Option<Scalar> {
        Some(match value {
            Value::None => Scalar::None,
            Value::Bool(value) => Scalar::Bool(value),
            Value::Int(value) => Scalar::Number(value.into(), 0),
            Value::Decimal(value) => {
                let value = value.normalize();
                Scalar::Number(value.mantissa(), value.scale())
            }
            Value::Duration(nanos) => Scalar::Duration(nanos),
            Value::Timestamp(instant) => Scalar::Timestamp(instant),
            Value::Ip(ip) => Scalar::Ip(ip),
            Value::Cidr(net) => Scalar::Cidr(net),
            Value::Enum(_) | Value::Str(_) | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => return None,
        })
    }
}
