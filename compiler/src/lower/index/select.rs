//! Which of a rule's access predicates it is filed under.
//!
//! A rule is found cheaply where few requests have its keys, and where the attributes that must be looked at serve many rules. The more different
//! values rules compare an attribute with, the fewer rules one value finds: that number, counted over the whole set, is the measure. Everything is
//! counted in whole numbers, so that a set has the same index on every machine.

use std::collections::BTreeMap;

use tollgate_evaluator::plan::Attribute;

use super::super::intern::{HashMap, Interner, index, number};
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
    pub groups: Vec<Group>,
    /// The other rules.
    pub unfiled: Vec<u32>,
}

/// Attributes, and the rules filed under them.
pub type Group = (Vec<Attribute>, Vec<(u32, Places)>);

/// One or two of a rule's predicates.
pub type Places = (usize, Option<usize>);

/// A way to file a rule.
#[derive(Clone, Copy)]
struct Filing {
    key: GroupKey,
    places: Places,
    cost: u64,
}

/// How many rules are filed, or could be, in each group.
type Support = HashMap<GroupKey, u64>;

/// Files every rule under at most two of its predicates.
pub fn select(rules: &[Vec<Predicate>], tools: usize, declarations: usize, is_bool: impl Fn(&Access) -> bool) -> Selection {
    let (attributes, filings) = all_filings(rules, tools, declarations, is_bool);
    let mut support = Support::default();
    filings.iter().flatten().for_each(|filing| *support.entry(filing.key).or_default() += 1);
    let mut chosen: Vec<Option<Filing>> = filings.iter().map(|filings| cheapest(filings, |key| support_of(&support, key))).collect();
    for _ in 1..ROUNDS {
        support.clear();
        chosen.iter().flatten().for_each(|filing| *support.entry(filing.key).or_default() += 1);
        for (filings, choice) in filings.iter().zip(&mut chosen) {
            let old = choice.map(|filing| filing.key);
            *choice = cheapest(filings, |key| support_of(&support, key) + u64::from(old != Some(key)));
        }
    }
    gather(&chosen, &attributes)
}

fn support_of(support: &Support, key: GroupKey) -> u64 {
    support.get(&key).copied().unwrap_or(0)
}

/// The cheapest way to file a rule, given how many rules share each group with it; `None` where looking at it always is no dearer.
fn cheapest(filings: &[Filing], sharing: impl Fn(GroupKey) -> u64) -> Option<Filing> {
    let cost = |filing: &Filing| filing.cost + lookup_cost(filing.key) / sharing(filing.key).max(1);
    let (cost, best) = filings.iter().map(|filing| (cost(filing), filing)).min_by_key(|(cost, filing)| (*cost, filing.key))?;
    (cost < RULE).then_some(*best)
}

fn lookup_cost((first, second): GroupKey) -> u64 {
    let one = |attribute: u32| if attribute < 2 { TOOL_LOOKUP } else { VALUE_LOOKUP };
    one(first) + second.map_or(0, one)
}

/// A predicate as selection sees it.
struct Measured {
    attribute: u32,
    place: usize,
    keys: usize,
    share: u64,
}

/// The attributes of a set, tool and declaration first, and every way to file each rule.
fn all_filings(
    rules: &[Vec<Predicate>],
    tools: usize,
    declarations: usize,
    is_bool: impl Fn(&Access) -> bool,
) -> (Interner<Attribute>, Vec<Vec<Filing>>) {
    let mut attributes = Interner::default();
    attributes.intern(Attribute::Tool);
    attributes.intern(Attribute::Declaration);
    let mut distinct: Vec<u64> = vec![number(tools).into(), number(declarations).into()];
    let mut seen: HashMap<(u32, u32), ()> = HashMap::default();
    let mut measured: Vec<Vec<Measured>> = Vec::with_capacity(rules.len());
    for rule in rules {
        let number_of = |(place, predicate): (usize, &Predicate)| {
            let attribute = attributes.intern(predicate.access.attribute());
            distinct.resize(attributes.list().len(), 0);
            if let Access::Values(_, values) = &predicate.access {
                let new = values.iter().filter(|value| seen.insert((attribute, **value), ()).is_none()).count();
                distinct.iter_mut().skip(index(attribute)).take(1).for_each(|count| *count += u64::from(number(new)));
            }
            Measured { attribute, place, keys: predicate.access.len(), share: 0 }
        };
        measured.push(rule.iter().enumerate().map(number_of).collect());
    }
    for (rule, predicates) in rules.iter().zip(&mut measured) {
        for (predicate, measured) in rule.iter().zip(predicates.iter_mut()) {
            let distinct = distinct.get(index(measured.attribute)).copied().unwrap_or(0);
            measured.share = share(measured.keys, distinct, is_bool(&predicate.access));
        }
        predicates.sort_unstable_by_key(|measured| (measured.share, measured.attribute));
    }
    (attributes, measured.iter().map(|predicates| filings(predicates)).collect())
}

/// The share of requests, in millionths, that have one of a predicate's keys.
fn share(keys: usize, distinct: u64, is_bool: bool) -> u64 {
    match (is_bool, keys) {
        (true, 1) => BOOL_SHARE,
        (true, 2) => RULE,
        _ => (u64::from(number(keys)) * RULE / (distinct + 1)).min(RULE),
    }
}

/// Every way to file a rule; the cost is that of looking at it as often as it is found.
fn filings(predicates: &[Measured]) -> Vec<Filing> {
    let cost = |share: u64, keys: usize| share + KEY * u64::from(number(keys));
    let mut all: Vec<Filing> = Vec::with_capacity(predicates.len() * 2);
    for (rank, one) in predicates.iter().enumerate() {
        all.push(Filing { key: (one.attribute, None), places: (one.place, None), cost: cost(one.share, one.keys) });
        for other in predicates.iter().take(PAIRED).skip(rank + 1) {
            let keys = one.keys * other.keys;
            let (first, second) = if one.attribute < other.attribute { (one, other) } else { (other, one) };
            let filing = Filing {
                key: (first.attribute, Some(second.attribute)),
                places: (first.place, Some(second.place)),
                cost: cost(one.share * other.share / RULE, keys),
            };
            all.extend((keys <= MAX_KEYS).then_some(filing));
        }
    }
    all
}

fn gather(chosen: &[Option<Filing>], attributes: &Interner<Attribute>) -> Selection {
    let mut groups: BTreeMap<GroupKey, Vec<(u32, Places)>> = BTreeMap::new();
    let mut unfiled = Vec::new();
    for (rule, filing) in (0..).zip(chosen) {
        match filing {
            Some(filing) => groups.entry(filing.key).or_default().push((rule, filing.places)),
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
