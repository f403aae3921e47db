//! Which of a rule's access predicates it is filed under.
//!
//! A rule is found cheaply where few requests have its keys, and where the attributes that must be looked at serve many rules. The more different
//! values rules compare an attribute with, the fewer rules one value finds: that number, counted over the whole set, is the measure. Everything is
//! counted in whole numbers, so that a set has the same index on every machine.

use std::collections::{BTreeMap, HashMap, HashSet};

use tollgate_evaluator::plan::Attribute;

use super::super::intern::{Interner, index, number};
use super::access::{Access, MAX_KEYS, Predicate};

/// What looking at one rule costs; the unit of everything here.
const RULE: u64 = 1_000_000;
/// What looking up one attribute of a group costs.
const TOOL_LOOKUP: u64 = RULE / 5;
const VALUE_LOOKUP: u64 = RULE * 2 / 5;
/// What a key takes in room.
const KEY: u64 = RULE / 20_000;
/// How often a rule with a condition that is true or false there holds.
const BOOL_SHARE: u64 = RULE * 7 / 10;

/// How many of a rule's predicates are tried in pairs.
const PAIRED: usize = 4;
/// How often rules reconsider, once it is known where the others are filed.
const ROUNDS: usize = 3;
/// How many groups there may be: each costs every decision a lookup.
const MAX_GROUPS: usize = 512;

/// One or two attributes by their numbers.
type GroupKey = (u32, Option<u32>);

/// Where rules are filed.
pub struct Selection {
    /// The groups: their attributes, and each rule in them with the places of its predicates, in the order of the attributes.
    pub groups: Vec<(Vec<Attribute>, Vec<(u32, Vec<usize>)>)>,
    /// The other rules.
    pub unfiled: Vec<u32>,
}

/// A way to file a rule.
struct Filing {
    key: GroupKey,
    predicates: Vec<usize>,
    cost: u64,
}

/// Files every rule under at most two of its predicates.
pub fn select(rules: &[Vec<Predicate>], tools: usize, declarations: usize, is_bool: impl Fn(&Access) -> bool) -> Selection {
    let measures = Measures::new(rules, tools, declarations, is_bool);
    let mut support: HashMap<GroupKey, u64> = HashMap::new();
    for filing in rules.iter().flat_map(|rule| measures.filings(rule)) {
        *support.entry(filing.key).or_default() += 1;
    }
    let mut chosen: Vec<Option<Filing>> = Vec::new();
    for _ in 0..ROUNDS {
        chosen = rules.iter().zip(chosen.iter().map(Some).chain(std::iter::repeat(None))).map(|(rule, was)| measures.cheapest(rule, was, &support)).collect();
        support.clear();
        for filing in chosen.iter().flatten() {
            *support.entry(filing.key).or_default() += 1;
        }
    }
    gather(chosen, &measures.attributes)
}

/// What is known of the attributes of a set.
struct Measures<F> {
    attributes: Interner<Attribute>,
    /// For each attribute how many different values rules compare it with.
    distinct: Vec<u64>,
    is_bool: F,
}

impl<F: Fn(&Access) -> bool> Measures<F> {
    fn new(rules: &[Vec<Predicate>], tools: usize, declarations: usize, is_bool: F) -> Measures<F> {
        let mut attributes = Interner::default();
        attributes.intern(Attribute::Tool);
        attributes.intern(Attribute::Declaration);
        let mut distinct = vec![number(tools).into(), number(declarations).into()];
        let mut seen = HashSet::new();
        for predicate in rules.iter().flatten() {
            let Access::Values(node, values) = &predicate.access else { continue };
            let attribute = attributes.intern(Attribute::Node(*node));
            distinct.resize(attributes.list().len(), 0);
            let new = values.iter().filter(|value| seen.insert((attribute, **value))).count();
            if let Some(count) = distinct.get_mut(index(attribute)) {
                *count += u64::from(number(new));
            }
        }
        Measures { attributes, distinct, is_bool }
    }

    /// The share of requests, in millionths, that have one of a predicate's keys.
    fn share(&self, attribute: u32, access: &Access) -> u64 {
        let keys = u64::from(number(access.len()));
        if (self.is_bool)(access) && keys > 0 {
            return if keys == 1 { BOOL_SHARE } else { RULE };
        }
        let distinct = self.distinct.get(index(attribute)).copied().unwrap_or(0);
        (keys * RULE / (distinct + 1)).min(RULE)
    }

    /// Every way to file a rule; the cost is that of looking at it as often as it is found.
    fn filings(&self, rule: &[Predicate]) -> Vec<Filing> {
        let mut single: Vec<(u64, u32, usize)> = Vec::with_capacity(rule.len());
        for (place, predicate) in rule.iter().enumerate() {
            let attribute = self.attributes.find(&predicate.access.attribute()).unwrap_or_default();
            single.push((self.share(attribute, &predicate.access), attribute, place));
        }
        single.sort_unstable();
        let keys = |place: usize| rule.get(place).map_or(0, |predicate| predicate.access.len());
        let cost = |share: u64, keys: usize| share + KEY * u64::from(number(keys));
        let mut all: Vec<Filing> = Vec::new();
        for (first, (share, attribute, place)) in single.iter().enumerate() {
            all.push(Filing { key: (*attribute, None), predicates: vec![*place], cost: cost(*share, keys(*place)) });
            for (other_share, other, other_place) in single.iter().take(PAIRED).skip(first + 1) {
                let both = keys(*place) * keys(*other_place);
                if both > MAX_KEYS {
                    continue;
                }
                let (key, predicates) = if attribute < other {
                    ((*attribute, Some(*other)), vec![*place, *other_place])
                } else {
                    ((*other, Some(*attribute)), vec![*other_place, *place])
                };
                all.push(Filing { key, predicates, cost: cost(share * other_share / RULE, both) });
            }
        }
        all
    }

    /// The cheapest way to file a rule, given how many rules are filed in each group; `None` where looking at it always is no dearer.
    fn cheapest(&self, rule: &[Predicate], was: Option<&Option<Filing>>, support: &HashMap<GroupKey, u64>) -> Option<Filing> {
        let old = was.and_then(Option::as_ref).map(|filing| filing.key);
        let is_first = was.is_none();
        let shared = |filing: &Filing| {
            let others = support.get(&filing.key).copied().unwrap_or(0);
            let rules = if is_first || old == Some(filing.key) { others } else { others + 1 };
            filing.cost + lookup_cost(filing.key) / rules.max(1)
        };
        let best = self.filings(rule).into_iter().map(|filing| (shared(&filing), filing)).min_by_key(|(cost, filing)| (*cost, filing.key))?;
        (best.0 < RULE).then_some(best.1)
    }
}

fn lookup_cost((first, second): GroupKey) -> u64 {
    let one = |attribute: u32| if attribute < 2 { TOOL_LOOKUP } else { VALUE_LOOKUP };
    one(first) + second.map_or(0, one)
}

fn gather(chosen: Vec<Option<Filing>>, attributes: &Interner<Attribute>) -> Selection {
    let mut groups: BTreeMap<GroupKey, Vec<(u32, Vec<usize>)>> = BTreeMap::new();
    let mut unfiled = Vec::new();
    for (rule, filing) in (0..).zip(chosen) {
        match filing {
            Some(filing) => groups.entry(filing.key).or_default().push((rule, filing.predicates)),
            None => unfiled.push(rule),
        }
    }
    let mut sizes: Vec<usize> = groups.values().map(Vec::len).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let least = sizes.get(MAX_GROUPS).map_or(0, |size| size + 1);
    let mut kept = Vec::new();
    for ((first, second), rules) in groups {
        if rules.len() < least {
            unfiled.extend(rules.into_iter().map(|(rule, _)| rule));
            continue;
        }
        let names = [Some(first), second].into_iter().flatten().filter_map(|attribute| attributes.get(attribute).cloned());
        kept.push((names.collect(), rules));
    }
    unfiled.sort_unstable();
    Selection { groups: kept, unfiled }
}
