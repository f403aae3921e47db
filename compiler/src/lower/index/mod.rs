//! The index: rules filed under what they say, so that a decision looks only at those that could match.
//!
//! `access` reads off each rule what can be looked up, `select` chooses under which of it the rule is filed, `report` says so to people, `unfiled`
//! warns where that is nothing.

mod access;
mod report;
mod select;
mod unfiled;

use std::iter::{Peekable, Zip};
use std::ops::Range;
use std::vec::IntoIter;

use tollgate_evaluator::plan::{Attribute, Entry, Group, Index, Plan};
use tollgate_stdlib::Kept;

use super::Lowering;
use super::intern::{HashMap, index, number};
use access::{Declarations, Predicate};
pub use report::{Filed, FiledRule, IndexReport};
use select::{Member, Places, Selection};
pub use unfiled::unfiled;

/// What rules say that can be looked up.
#[derive(Clone, Debug)]
pub struct Filing {
    declarations: Declarations,
    /// Of each rule, in the order of the plan.
    predicates: Vec<Vec<Predicate>>,
    selection: Selection,
}

impl Lowering<'_> {
    /// Files the rules of a plan that still names nodes of the graph.
    pub(super) fn file_rules(&mut self, plan: &mut Plan) -> Filing {
        for value in [false, true] {
            self.constants.intern(&Kept::Bool(value));
        }
        let mut filing = Filing { declarations: Declarations::new(self), predicates: Vec::new(), selection: Selection::default() };
        filing.predicates = plan.rules.iter().map(|rule| self.predicates(rule, &mut filing.declarations)).collect();
        filing.selection = select::select(&filing.predicates, self.tools.len(), filing.declarations.len(), &self.constants);
        plan.index = filing.index(|_| None);
        filing
    }

    /// Files the rules of a plan again of which those at some places are others than before, whose places name nodes of the graph.
    pub(super) fn file_again(&mut self, plan: &mut Plan, filing: &mut Filing, before: Range<usize>, after: Range<usize>) {
        let changed = plan.rules.get(after.clone()).unwrap_or_default();
        let predicates: Vec<Vec<Predicate>> = changed.iter().map(|rule| self.predicates(rule, &mut filing.declarations)).collect();
        filing.predicates.splice(before.clone(), predicates);
        let selection = select::select(&filing.predicates, self.tools.len(), filing.declarations.len(), &self.constants);
        let old = Old::new(std::mem::replace(&mut filing.selection, selection), std::mem::take(&mut plan.index));
        let moved = Moved { before, after };
        let mut known: HashMap<Vec<Attribute>, Old> = old.collect();
        plan.index = filing.index(|attributes| Some((known.remove(attributes)?, &moved)));
    }
}

/// The entries of a group as they were, each with the member that it was made of.
struct Old(Peekable<Zip<IntoIter<Member>, IntoIter<Entry>>>);

/// Which rules have changed, by their places before and after.
struct Moved {
    before: Range<usize>,
    after: Range<usize>,
}

impl Old {
    fn new(selection: Selection, index: Index) -> impl Iterator<Item = (Vec<Attribute>, Old)> {
        let groups = selection.groups.into_iter().zip(index.groups);
        groups.map(|((attributes, members), group)| (attributes, Old(members.into_iter().zip(group.entries).peekable())))
    }

    /// The entry of a rule that is filed as it was. Members stand in the order of the rules, twice over at most.
    fn entry(&mut self, member: Member, moved: &Moved) -> Option<Entry> {
        while self.0.next_if(|(old, _)| moved.now(old.rule).is_none_or(|rule| rule < member.rule)).is_some() {}
        let same = |old: &Member| moved.now(old.rule) == Some(member.rule) && old.places == member.places;
        self.0.next_if(|(old, _)| same(old)).map(|(_, entry)| Entry { rule: member.rule, ..entry })
    }
}

impl Moved {
    /// The place of a rule that has not changed.
    fn now(&self, rule: u32) -> Option<u32> {
        let place = index(rule);
        if place < self.before.start {
            return Some(rule);
        }
        let beyond = place.checked_sub(self.before.end)?;
        Some(number(self.after.end + beyond))
    }
}

impl Filing {
    /// The predicates under which a rule is filed.
    fn used(&self, rule: u32, places: Places) -> Vec<&Predicate> {
        let places = std::iter::once(places.0).chain(places.1);
        places.filter_map(|place| self.predicates.get(index(rule))?.get(place)).collect()
    }

    /// The index that files rules so. What is known of a group's entries is taken from there.
    fn index<'m>(&self, mut known: impl FnMut(&[Attribute]) -> Option<(Old, &'m Moved)>) -> Index {
        let group = |(attributes, members): &select::Group| {
            let mut known = known(attributes);
            let entries = members.iter().map(|member| {
                let known = known.as_mut().and_then(|(old, moved)| old.entry(*member, moved));
                known.unwrap_or_else(|| entry(member.rule, &self.used(member.rule, member.places)))
            });
            Group { entries: entries.collect(), attributes: attributes.clone() }
        };
        Index { groups: self.selection.groups.iter().map(group).collect(), unfiled: self.selection.unfiled.clone() }
    }
}

fn entry(rule: u32, used: &[&Predicate]) -> Entry {
    let mut proves: Vec<u32> = used.iter().flat_map(|predicate| predicate.proves.iter().copied()).collect();
    proves.sort_unstable();
    Entry { rule, keys: used.iter().map(|predicate| predicate.access.keys()).collect(), proves, proves_on: used.iter().any(|predicate| predicate.on) }
}
