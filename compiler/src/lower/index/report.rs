//! What the index says of itself: under what each rule is filed, in the policy's words, and how often it is looked at.

use std::fmt;
use std::sync::Arc;

use tollgate_evaluator::plan::{Condition, Plan};

use crate::diagnostic::brief;
use crate::program::{Program, Rule};

use super::super::intern::index;
use super::Filing;
use super::access::{Access, Predicate};
use super::select::Member;

/// All requests, of which a share is so many.
const ALL: u64 = 1_000_000;

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
    /// For how many of a million requests it is expected to be looked at, were the values that rules name equally frequent; none where it can never match.
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

impl fmt::Display for Filed {
    /// The place as the second half of a sentence about the rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filed::Under(keys) => f.write_str(&keys.join(" and ")),
            Filed::Never => f.write_str("can never match"),
            Filed::Nothing => f.write_str("filed under nothing"),
        }
    }
}

impl FiledRule {
    /// For how many requests it is expected to be looked at, as a percentage.
    pub fn share(&self) -> String {
        let percent = format!("{:.4}", self.per_million as f64 / 1e4);
        format!("{} %", percent.trim_end_matches('0').trim_end_matches('.'))
    }

    /// The share in so many digits as somebody reads.
    fn rough_share(&self) -> String {
        match self.per_million {
            1..500 => "less than 0.1 %".to_owned(),
            per_million => {
                let percent = format!("{:.1}", per_million as f64 / 1e4);
                format!("about {} %", percent.trim_end_matches(".0"))
            }
        }
    }

    /// Where it is found and what that costs, in one sentence of bounded length.
    pub fn sentence(&self) -> String {
        match &self.filed {
            Filed::Under(_) => format!("filed under {}; looked at for {} of requests", brief(self.filed.to_string()), self.rough_share()),
            Filed::Never => self.filed.to_string(),
            Filed::Nothing => format!("{}: looked at in every decision", self.filed),
        }
    }
}

impl Filing {
    /// What the rules of a plan are filed under.
    pub fn report(&self, program: &Program, plan: &Plan) -> IndexReport {
        let mut places: Vec<(Filed, u64)> = vec![(Filed::Nothing, ALL); plan.rules.len()];
        for Member { rule, places: used, share } in self.selection.groups.iter().flat_map(|(_, rules)| rules) {
            let used = self.used(*rule, *used);
            match places.get_mut(index(*rule)) {
                // A further part of a disjunction, which has been said as a whole.
                Some((Filed::Under(_), known)) if used.iter().any(|predicate| predicate.is_part) => *known = ALL.min(*known + share),
                Some(place) => {
                    let guards = plan.source(*rule).map(|source| source.guards).unwrap_or_default();
                    *place = in_words(&used, &guards, program.rules.get(index(*rule)).map(Arc::as_ref), *share);
                }
                None => {}
            }
        }
        let filed = plan.rules.iter().zip(places).map(|(rule, (filed, per_million))| FiledRule { rule: rule.name.to_string(), filed, per_million });
        IndexReport { rules: filed.collect(), groups: self.selection.groups.len() }
    }
}

/// Where a rule is found that is filed under some predicates, and for which share of requests.
fn in_words(used: &[&Predicate], guards: &[Condition], rule: Option<&Rule>, share: u64) -> (Filed, u64) {
    if used.iter().any(|predicate| predicate.access.len() == 0) {
        return (Filed::Never, 0);
    }
    let on = rule.map(|rule| rule.on.as_slice()).unwrap_or_default();
    (Filed::Under(used.iter().map(|predicate| words(predicate, guards, on)).collect()), share)
}

fn words(predicate: &Predicate, guards: &[Condition], on: &[Arc<str>]) -> String {
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
