//! Which of a rule's access predicates it is filed under.
//!
//! A rule is found cheaply where few requests have its keys, and where the attributes that must be looked at serve many rules. The more different
//! values rules compare an attribute with, the fewer rules one value finds: that number, counted over the whole set, is the measure. Everything is
//! counted in whole numbers, so that a set has the same index on every machine.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_evaluator::plan::{Attribute, Bound, ConstId, Interval};

use super::super::constants::Constants;
use super::super::intern::{HashMap, Interner, index, number};
use super::access::{Access, MAX_KEYS, Predicate};

/// What looking at one rule costs, whose other guards are comparisons; the unit of everything here.
const RULE: u64 = 1_000_000;
/// What looking up a group's first attribute costs. It is more than this for a group alone, but most attributes serve several groups.
const TOOL_LOOKUP: u64 = RULE / 5;
const VALUE_LOOKUP: u64 = RULE * 2 / 5;
const SEARCH: u64 = RULE * 3 / 5;
const MATCH: u64 = RULE * 8;
/// What going on to a second attribute costs: a value to hash, a state to find.
const SECOND_LOOKUP: u64 = RULE;
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
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The groups.
    pub groups: Vec<Group>,
    /// The other rules.
    pub unfiled: Vec<u32>,
}

/// Attributes, and the rules filed under them.
pub type Group = (Vec<Attribute>, Vec<Member>);

/// A rule in a group.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The rule.
    pub rule: u32,
    /// The places of its predicates, in the order of the attributes.
    pub places: Places,
    /// The share of requests, in millionths, that the rule is expected to be looked at for.
    pub share: u64,
}

/// One or two of a rule's predicates.
pub type Places = (usize, Option<usize>);

/// A way to file a rule.
#[derive(Clone, Copy)]
struct Filing {
    key: GroupKey,
    /// The number of the key.
    group: u32,
    places: Places,
    /// The share of requests, in millionths, that it is found for.
    share: u64,
    /// What looking at the rule costs, as often as it is found.
    cost: u64,
    /// What every decision pays for its group.
    lookup: u64,
}

/// A part of a disjunction: the rule is filed under each.
#[derive(Clone, Copy)]
struct Part {
    attribute: u32,
    place: usize,
    share: u64,
    cost: u64,
    lookup: u64,
}

/// Every way to file each rule.
struct Ways {
    /// Of disjunctions, by rule.
    splits: Vec<(u32, Vec<Part>)>,
    filings: Vec<Filing>,
    /// Where those of each rule end.
    ends: Vec<usize>,
    /// How many groups they are about.
    groups: usize,
}

impl Ways {
    /// The ways of each rule, in order.
    fn of_rules(&self) -> impl Iterator<Item = &[Filing]> {
        let mut start = 0;
        self.ends.iter().map(move |end| self.filings.get(std::mem::replace(&mut start, *end)..*end).unwrap_or_default())
    }
}

/// How many rules are filed, or could be, in each group.
struct Support(Vec<u64>);

impl Support {
    fn count<'f>(groups: usize, filings: impl IntoIterator<Item = &'f Filing>) -> Support {
        let mut support = Support(vec![0; groups]);
        for filing in filings {
            if let Some(count) = support.0.get_mut(index(filing.group)) {
                *count += 1;
            }
        }
        support
    }

    fn of(&self, filing: &Filing) -> u64 {
        self.0.get(index(filing.group)).copied().unwrap_or(0)
    }
}

/// Files every rule under at most two of its predicates, or under each part of a disjunction.
pub fn select(rules: &[Vec<Predicate>], tools: usize, declarations: usize, constants: &Constants) -> Selection {
    let (attributes, ways) = all_ways(rules, tools, declarations, constants);
    let support = Support::count(ways.groups, &ways.filings);
    let mut chosen: Vec<Option<Filing>> = ways.of_rules().map(|filings| cheapest(filings, |filing| support.of(filing))).collect();
    for _ in 1..ROUNDS {
        let support = Support::count(ways.groups, chosen.iter().flatten());
        for (filings, choice) in ways.of_rules().zip(&mut chosen) {
            let old = choice.map(|filing| filing.group);
            *choice = cheapest(filings, |filing| support.of(filing) + u64::from(old != Some(filing.group)));
        }
    }
    let (mut groups, mut others) = largest(&ways, &mut chosen);
    split(&ways, &chosen, &mut groups, &mut others);
    gather(groups, others, &attributes)
}

/// The cheapest way to file a rule, given how many rules share each group with it; `None` where looking at it always is no dearer.
fn cheapest<'f>(filings: impl IntoIterator<Item = &'f Filing>, sharing: impl Fn(&Filing) -> u64) -> Option<Filing> {
    let cost = |filing: &Filing| filing.cost + filing.lookup / sharing(filing).max(1);
    let (cost, best) = filings.into_iter().map(|filing| (cost(filing), filing)).min_by_key(|(cost, filing)| (*cost, filing.key))?;
    (cost < RULE).then_some(*best)
}

fn lookup_cost((_, second): GroupKey, first: u64) -> u64 {
    first + second.map_or(0, |_| SECOND_LOOKUP)
}

/// What looking up an attribute costs.
fn cost_of(attribute: &Attribute) -> u64 {
    match attribute {
        Attribute::Tool | Attribute::Declaration => TOOL_LOOKUP,
        Attribute::Node(_) | Attribute::Data(_) => VALUE_LOOKUP,
        Attribute::Start(_) | Attribute::End(_) | Attribute::Net(_) | Attribute::Order(_) => SEARCH,
        Attribute::Match(_) => MATCH,
    }
}

/// A predicate as selection sees it.
struct Measured {
    attribute: u32,
    place: usize,
    keys: usize,
    share: u64,
    lookup: u64,
    is_part: bool,
}

/// The attributes of a set, tool and declaration first, and every way to file each rule.
fn all_ways(rules: &[Vec<Predicate>], tools: usize, declarations: usize, constants: &Constants) -> (Interner<Attribute>, Ways) {
    let mut attributes = Interner::default();
    attributes.intern(Attribute::Tool);
    attributes.intern(Attribute::Declaration);
    let mut census = Census { distinct: vec![number(tools).into(), number(declarations).into()], ..Census::default() };
    let mut measured: Vec<Measured> = Vec::with_capacity(rules.iter().map(Vec::len).sum());
    for (place, predicate) in rules.iter().flat_map(|rule| rule.iter().enumerate()) {
        let is_part = predicate.is_part;
        let name = predicate.access.attribute();
        let lookup = cost_of(&name);
        let attribute = attributes.intern(name);
        census.add(attribute, &predicate.access);
        measured.push(Measured { attribute, place, keys: predicate.access.len(), share: 0, lookup, is_part });
    }
    census.rank(constants);
    let mut ways = Ways { splits: Vec::new(), filings: Vec::with_capacity(measured.len() * 2), ends: Vec::with_capacity(rules.len()), groups: 0 };
    let mut groups: HashMap<GroupKey, u32> = HashMap::default();
    let mut rest = measured.as_mut_slice();
    for (id, rule) in (0..).zip(rules) {
        let (own, others) = rest.split_at_mut_checked(rule.len()).unwrap_or_default();
        rest = others;
        for (predicate, measured) in rule.iter().zip(own.iter_mut()) {
            measured.share = census.share(measured.attribute, &predicate.access, constants);
        }
        own.sort_unstable_by_key(|measured| (measured.is_part, measured.share, measured.attribute));
        let (whole, parts) = own.split_at(own.partition_point(|measured| !measured.is_part));
        add_filings(whole, &mut ways.filings, &mut groups);
        if !parts.is_empty() {
            ways.splits.push((id, parts.iter().map(Part::new).collect()));
        }
        ways.ends.push(ways.filings.len());
    }
    ways.groups = groups.len();
    (attributes, ways)
}

/// What a set's rules compare attributes with.
#[derive(Default)]
struct Census {
    /// How many different keys each attribute has.
    distinct: Vec<u64>,
    seen: HashMap<(u32, ConstId), ()>,
    /// The ends of intervals, by attribute.
    ends: BTreeMap<u32, Vec<ConstId>>,
    /// The place of each end among those of its attribute.
    ranks: HashMap<(u32, ConstId), u64>,
}

impl Census {
    fn add(&mut self, attribute: u32, access: &Access) {
        if self.distinct.len() <= index(attribute) {
            self.distinct.resize(index(attribute) + 1, 0);
        }
        match access {
            Access::Tools(_) | Access::Declarations(_) => {}
            Access::Values(_, values) | Access::Start(_, values) | Access::End(_, values) | Access::Net(_, values) => {
                values.iter().for_each(|key| {
                    self.see(attribute, *key);
                });
            }
            Access::Match(_, ids) | Access::Data(_, ids) => ids.iter().for_each(|id| {
                self.see(attribute, *id);
            }),
            Access::Between(_, intervals) => {
                for bound in intervals.iter().flat_map(|interval| [interval.low, interval.high]).flatten() {
                    if self.see(attribute, bound.value) {
                        self.ends.entry(attribute).or_default().push(bound.value);
                    }
                }
            }
        }
    }

    /// Counts a key of an attribute, if it is a new one.
    fn see(&mut self, attribute: u32, key: ConstId) -> bool {
        let is_new = self.seen.insert((attribute, key), ()).is_none();
        if let Some(count) = self.distinct.get_mut(index(attribute)).filter(|_| is_new) {
            *count += 1;
        }
        is_new
    }

    fn rank(&mut self, constants: &Constants) {
        for (attribute, ends) in &mut self.ends {
            ends.sort_by(|a, b| constants.value(*a).view().order(constants.value(*b).view()));
            self.ranks.extend(ends.iter().zip(1..).map(|(end, rank)| ((*attribute, *end), rank)));
        }
    }

    /// The share of requests, in millionths, that have one of a predicate's keys.
    fn share(&self, attribute: u32, access: &Access, constants: &Constants) -> u64 {
        let distinct = self.distinct.get(index(attribute)).copied().unwrap_or(0);
        match access {
            Access::Between(_, intervals) => {
                let covered: u64 = intervals.iter().map(|interval| self.width(attribute, *interval, distinct)).sum();
                (covered * RULE / (distinct + 1)).min(RULE)
            }
            Access::Values(_, values) if values.iter().all(|value| constants.value(*value).view().as_bool().is_some()) => match values.len() {
                0 => 0,
                1 => BOOL_SHARE,
                _ => RULE,
            },
            _ => (u64::from(number(access.len())) * RULE / (distinct + 1)).min(RULE),
        }
    }

    /// How many of the gaps between the ends an interval spans.
    fn width(&self, attribute: u32, interval: Interval, ends: u64) -> u64 {
        let rank = |bound: Bound| self.ranks.get(&(attribute, bound.value)).copied().unwrap_or_default();
        interval.high.map_or(ends + 1, rank).saturating_sub(interval.low.map_or(0, rank)).max(1)
    }
}

impl Part {
    fn new(measured: &Measured) -> Part {
        let Measured { attribute, place, share, lookup, .. } = *measured;
        Part { attribute, place, share, cost: share + KEY * u64::from(number(measured.keys)), lookup }
    }
}

/// Adds every way to file a rule.
fn add_filings(predicates: &[Measured], all: &mut Vec<Filing>, groups: &mut HashMap<GroupKey, u32>) {
    let cost = |share: u64, keys: usize| share + KEY * u64::from(number(keys));
    let mut group_of = |key: GroupKey| {
        let next = number(groups.len());
        *groups.entry(key).or_insert(next)
    };
    for (rank, one) in predicates.iter().enumerate() {
        let key = (one.attribute, None);
        let places = (one.place, None);
        let lookup = lookup_cost(key, one.lookup);
        all.push(Filing { key, group: group_of(key), places, share: one.share, cost: cost(one.share, one.keys), lookup });
        for other in predicates.iter().take(PAIRED).skip(rank + 1) {
            let keys = one.keys * other.keys;
            // A text is not searched for the patterns of all rules on behalf of those that share another key.
            if keys > MAX_KEYS || one.lookup.max(other.lookup) == MATCH {
                continue;
            }
            let (first, second) = if one.attribute < other.attribute { (one, other) } else { (other, one) };
            let key = (first.attribute, Some(second.attribute));
            let share = one.share * other.share / RULE;
            let places = (first.place, Some(second.place));
            let lookup = lookup_cost(key, first.lookup);
            all.push(Filing { key, group: group_of(key), places, share, cost: cost(share, keys), lookup });
        }
    }
}

/// The rules of each group.
type Groups = BTreeMap<GroupKey, Vec<Member>>;
/// The same, and the rules without one.
type Filed = (Groups, Vec<u32>);

/// The largest of the chosen groups, with their rules. A rule of another group is filed in the largest that it could be filed in.
fn largest(ways: &Ways, chosen: &mut [Option<Filing>]) -> Filed {
    let mut sizes: BTreeMap<GroupKey, u64> = BTreeMap::new();
    chosen.iter().flatten().for_each(|filing| *sizes.entry(filing.key).or_default() += 1);
    if sizes.len() > MAX_GROUPS {
        let mut by_size: Vec<(u64, GroupKey)> = sizes.iter().map(|(key, size)| (*size, *key)).collect();
        by_size.sort_unstable_by(|a, b| b.cmp(a));
        sizes = by_size.into_iter().take(MAX_GROUPS).map(|(size, key)| (key, size)).collect();
        for (filings, choice) in ways.of_rules().zip(chosen.iter_mut()) {
            if choice.is_some_and(|filing| !sizes.contains_key(&filing.key)) {
                let kept = filings.iter().filter(|filing| sizes.contains_key(&filing.key));
                *choice = cheapest(kept, |filing| sizes.get(&filing.key).copied().unwrap_or(0));
            }
        }
    }
    let (mut groups, mut others): Filed = Default::default();
    for (rule, filing) in (0..).zip(chosen) {
        match filing {
            Some(filing) => groups.entry(filing.key).or_default().push(Member { rule, places: filing.places, share: filing.share }),
            None => others.push(rule),
        }
    }
    (groups, others)
}

/// Files rules under each part of their disjunctions instead, where that is cheaper.
fn split(ways: &Ways, chosen: &[Option<Filing>], groups: &mut Groups, others: &mut Vec<u32>) {
    let mut sharing: HashMap<u32, u64> = HashMap::default();
    for part in ways.splits.iter().flat_map(|(_, parts)| parts) {
        *sharing.entry(part.attribute).or_default() += 1;
    }
    let mut moved: HashMap<u32, &[Part]> = HashMap::default();
    let mut new: BTreeSet<u32> = BTreeSet::new();
    for (rule, parts) in &ways.splits {
        let old = chosen.get(index(*rule)).copied().flatten();
        let size = |key: GroupKey| groups.get(&key).map_or(0, |rules| u64::from(number(rules.len())));
        let shared = |part: &Part| sharing.get(&part.attribute).copied().unwrap_or(1).max(size((part.attribute, None)));
        let cost: u64 = parts.iter().map(|part| part.cost + part.lookup / shared(part)).sum();
        let old_cost = old.map_or(RULE, |filing| filing.cost + filing.lookup / size(filing.key).max(1));
        let missing = parts.iter().map(|part| part.attribute).filter(|attribute| size((*attribute, None)) == 0 && !new.contains(attribute));
        let missing: Vec<u32> = missing.collect();
        if cost < old_cost && groups.len() + new.len() + missing.len() <= MAX_GROUPS {
            new.extend(missing);
            moved.insert(*rule, parts);
        }
    }
    groups.values_mut().for_each(|rules| rules.retain(|member| !moved.contains_key(&member.rule)));
    others.retain(|rule| !moved.contains_key(rule));
    for (rule, _) in &ways.splits {
        for part in moved.get(rule).copied().unwrap_or_default() {
            groups.entry((part.attribute, None)).or_default().push(Member { rule: *rule, places: (part.place, None), share: part.share });
        }
    }
    groups.retain(|_, rules| !rules.is_empty());
}

fn gather(groups: Groups, unfiled: Vec<u32>, attributes: &Interner<Attribute>) -> Selection {
    let named = |((first, second), rules): (GroupKey, _)| {
        let names = [Some(first), second].into_iter().flatten().filter_map(|attribute| attributes.get(attribute).cloned());
        (names.collect(), rules)
    };
    Selection { groups: groups.into_iter().map(named).collect(), unfiled }
}
