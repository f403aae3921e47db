//! The index: rules filed under what they say, so that a decision looks only at those that could match.
//!
//! `access` reads off each rule what can be looked up, `select` chooses under which of it the rule is filed.

mod access;
mod select;

use std::ops::Range;

use tollgate_evaluator::plan::{Condition, Entry, Group, Index, Plan};
use tollgate_stdlib::Kept;

use super::Lowering;
use super::intern::index;
use access::{Access, Declarations, Predicate};
use select::{Member, Places, Selection};

/// What every rule is filed under, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexReport {
    /// The rules, sorted by full name.
    pub rules: Vec<FiledRule>,
    /// How many groups the index has: each is one lookup in every decision.
    pub groups: usize,
}

/// What a rule is filed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledRule {
    /// Its full name.
    pub rule: String,
    /// Where it is found.
    pub filed: Filed,
    /// For how many of a million requests it is expected to be looked at, were the values that rules name equally frequent.
    pub per_million: u64,
}

/// Where a rule is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filed {
    /// Only where all of these hold, in the policy's words.
    Under(Vec<String>),
    /// Nowhere: it can never match.
    Never,
    /// In every decision: it says nothing that can be looked up.
    Nothing,
}

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
        plan.index = filing.index(self.select(&filing));
        filing
    }

    /// Files the rules of a plan again of which those at some places are others than before, whose places name nodes of the graph.
    pub(super) fn file_again(&mut self, plan: &mut Plan, filing: &mut Filing, before: Range<usize>, after: Range<usize>) {
        let changed = plan.rules.get(after).unwrap_or_default();
        let predicates: Vec<Vec<Predicate>> = changed.iter().map(|rule| self.predicates(rule, &mut filing.declarations)).collect();
        filing.predicates.splice(before, predicates);
        plan.index = filing.index(self.select(filing));
    }

    fn select(&self, filing: &Filing) -> Selection {
        select::select(&filing.predicates, self.tools.len(), filing.declarations.len(), &self.constants)
    }

    /// What the rules of a plan are filed under.
    pub(super) fn report(&self, filing: &Filing, plan: &Plan) -> IndexReport {
        let selection = self.select(filing);
        let mut report: Vec<(Filed, u64)> = vec![(Filed::Nothing, 1_000_000); plan.rules.len()];
        for Member { rule, places, share } in selection.groups.iter().flat_map(|(_, rules)| rules) {
            let used = filing.used(*rule, *places);
            match report.get_mut(index(*rule)) {
                // A further part of a disjunction, which has been said as a whole.
                Some((Filed::Under(_), known)) if used.iter().any(|predicate| predicate.is_part) => *known = 1_000_000.min(*known + share),
                Some(slot) => *slot = (self.in_words(*rule, &used, plan), *share),
                None => {}
            }
        }
        let filed = plan.rules.iter().zip(report).map(|(rule, (filed, per_million))| FiledRule { rule: rule.name.to_string(), filed, per_million });
        IndexReport { rules: filed.collect(), groups: selection.groups.len() }
    }

    fn in_words(&self, rule: u32, used: &[&Predicate], plan: &Plan) -> Filed {
        if used.iter().any(|predicate| predicate.access.len() == 0) {
            return Filed::Never;
        }
        let source = self.program.rules.get(index(rule));
        let guards = plan.source(rule).map(|source| source.guards).unwrap_or_default();
        Filed::Under(used.iter().map(|predicate| words(predicate, &guards, source.map(|rule| rule.on.as_slice()).unwrap_or_default())).collect())
    }
}

impl Filing {
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

fn words(predicate: &Predicate, guards: &[Condition], on: &[std::sync::Arc<str>]) -> String {
    let texts = predicate.said.iter().filter_map(|guard| guards.get(index(*guard))).map(|guard| format!("`{}`", guard.text));
    let said = texts.collect::<Vec<_>>().join(" and ");
    match &predicate.access {
        Access::Tools(_) => format!("tool {}", on.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        Access::Declarations(set) => {
            let undeclared = if set.other { " and undeclared tools" } else { "" };
            format!("{said}: {} declared {}{undeclared}", set.tools.len(), if set.tools.len() == 1 { "tool" } else { "tools" })
        }
        _ => said,
    }
}

fn entry(rule: u32, used: &[&Predicate]) -> Entry {
    let mut proves: Vec<u32> = used.iter().flat_map(|predicate| predicate.proves.iter().copied()).collect();
    proves.sort_unstable();
    Entry { rule, keys: used.iter().map(|predicate| predicate.access.keys()).collect(), proves, proves_on: used.iter().any(|predicate| predicate.on) }
}
