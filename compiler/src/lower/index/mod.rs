//! The index: rules filed under what they say, so that a decision looks only at those that could match.
//!
//! `access` reads off each rule what can be looked up, `select` chooses under which of it the rule is filed, `report` says so to people, `unfiled`
//! warns where that is nothing.

mod access;
mod report;
mod select;
mod unfiled;

use std::ops::Range;

use tollgate_evaluator::plan::{Entry, Group, Index, Plan};
use tollgate_stdlib::Kept;

use super::Lowering;
use super::constants::Constants;
use super::intern::index;
use super::tools::Tools;
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
}

impl Lowering<'_> {
    /// Files the rules of a plan that still names nodes of the graph.
    pub(super) fn file_rules(&mut self, plan: &mut Plan) -> Filing {
        for value in [false, true] {
            self.constants.intern(&Kept::Bool(value));
        }
        let mut filing = Filing { declarations: Declarations::new(self), predicates: Vec::new() };
        filing.predicates = plan.rules.iter().map(|rule| self.predicates(rule, &mut filing.declarations)).collect();
        plan.index = filing.index(filing.select(&self.tools, &self.constants));
        filing
    }

    /// Files the rules of a plan again of which those at some places are others than before, whose places name nodes of the graph.
    pub(super) fn file_again(&mut self, plan: &mut Plan, filing: &mut Filing, before: Range<usize>, after: Range<usize>) {
        let changed = plan.rules.get(after).unwrap_or_default();
        let predicates: Vec<Vec<Predicate>> = changed.iter().map(|rule| self.predicates(rule, &mut filing.declarations)).collect();
        filing.predicates.splice(before, predicates);
        plan.index = filing.index(filing.select(&self.tools, &self.constants));
    }
}

impl Filing {
    /// Where each rule is filed.
    fn select(&self, tools: &Tools, constants: &Constants) -> Selection {
        select::select(&self.predicates, tools.len(), self.declarations.len(), constants)
    }

    /// The predicates under which a rule is filed.
    fn used(&self, rule: u32, places: Places) -> Vec<&Predicate> {
        let places = std::iter::once(places.0).chain(places.1);
        places.filter_map(|place| self.predicates.get(index(rule))?.get(place)).collect()
    }

    fn index(&self, selection: Selection) -> Index {
        let filed = |member: Member| entry(member.rule, &self.used(member.rule, member.places));
        let group = |(attributes, rules): select::Group| Group { attributes, entries: rules.into_iter().map(filed).collect() };
        Index { groups: selection.groups.into_iter().map(group).collect(), unfiled: selection.unfiled }
    }
}

fn entry(rule: u32, used: &[&Predicate]) -> Entry {
    let mut proves: Vec<u32> = used.iter().flat_map(|predicate| predicate.proves.iter().copied()).collect();
    proves.sort_unstable();
    Entry { rule, keys: used.iter().map(|predicate| predicate.access.keys()).collect(), proves, proves_on: used.iter().any(|predicate| predicate.on) }
}
