//! What is known of the rules beside the plan: in which order they are looked at, and what is left to test of one that the index has found.

use std::collections::HashMap;

use tollgate_stdlib::Value;

use super::check::Check;
use super::{Call, Program};
use crate::Effect;
use crate::plan::{self, Entry, Plan, Rule, Survey, bit, index};

/// The rules as decisions look at them: denies, reviews, allows, then shadow rules, each sorted by full name.
#[derive(Debug)]
pub(crate) struct Order {
    /// Numbers of rules.
    pub rules: Vec<u32>,
    /// Where the reviews, the allows, and the shadow rules begin.
    pub starts: [u32; 3],
}

/// What is known of each rule.
#[derive(Debug)]
pub(crate) struct Rules {
    facts: Vec<RuleFacts>,
    /// Where the checks of each place of [`Order`] begin in `checks`; one more than there are rules.
    starts: Vec<u32>,
    checks: Vec<Check>,
    /// Guards that are no checks: places in [`plan::Rule::guards`].
    others: Vec<u32>,
}

/// What is known of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleFacts {
    /// What a choice costs beside its step: an eighth of the expressions that it may evaluate.
    pub choice_cost: u64,
    /// Whether a source, a condition or a requirement may err.
    pub can_err: bool,
    /// Whether the index, where it finds the rule, proves its `on`.
    pub proves_on: bool,
    /// The variables of its choices, as in [`bit`].
    pub witness: u128,
    others: (u32, u32),
}

impl Order {
    pub(super) fn new(plan: &Plan) -> Order {
        let place = |rule: &Rule| match (rule.shadow, rule.effect) {
            (true, _) => 3,
            (false, Effect::Allow) => 2,
            (false, Effect::Review) => 1,
            (false, Effect::Deny) => 0,
        };
        let mut places: Vec<(usize, u32)> = (0_u32..).zip(&plan.rules).map(|(id, rule)| (place(rule), id)).collect();
        places.sort_unstable();
        let start = |part| u32::try_from(places.partition_point(|(place, _)| *place < part)).unwrap_or(u32::MAX);
        Order { starts: [start(1), start(2), start(3)], rules: places.into_iter().map(|(_, id)| id).collect() }
    }
}

impl Rules {
    /// `proved`: of which rules the index proves what their entries say.
    pub(super) fn new(plan: &Plan, survey: &Survey, order: &Order, proved: &[bool]) -> Rules {
        let entries = plan.index.groups.iter().flat_map(|group| &group.entries);
        let entries = entries.filter(|entry| proved.get(index(entry.rule)) == Some(&true));
        let entries: HashMap<u32, &Entry, foldhash::fast::RandomState> = entries.map(|entry| (entry.rule, entry)).collect();
        let mut rules = Rules {
            facts: plan.rules.iter().map(|rule| RuleFacts::new(rule, survey)).collect(),
            starts: vec![0],
            checks: Vec::new(),
            others: Vec::new(),
        };
        for id in &order.rules {
            if let Some(rule) = plan.rules.get(index(*id)) {
                rules.add(plan, *id, rule, entries.get(id).copied());
            }
        }
        rules
    }

    fn add(&mut self, plan: &Plan, id: u32, rule: &Rule, entry: Option<&Entry>) {
        let (checks, others) = (self.checks.len(), short(self.others.len()));
        for (place, guard) in (0_u32..).zip(&rule.guards) {
            if entry.is_some_and(|entry| entry.proves.contains(&place)) {
                continue;
            }
            match Check::new(plan, *guard) {
                Some(check) => self.checks.push(check),
                None => self.others.push(place),
            }
        }
        self.checks.get_mut(checks..).unwrap_or_default().sort_by_key(|check| check.rank());
        self.starts.push(short(self.checks.len()));
        if let Some(facts) = self.facts.get_mut(index(id)) {
            facts.others = (others, short(self.others.len()));
            facts.proves_on = rule.on.is_none() || entry.is_some_and(|entry| entry.proves_on);
        }
    }

    /// What is known of a rule.
    pub fn facts(&self, rule: u32) -> Option<RuleFacts> {
        self.facts.get(index(rule)).copied()
    }

    /// Keeps, of the places that the index has found, those whose checks pass, sorted, each once.
    pub fn sift(&self, program: &Program, slots: &[Value<'_>], call: Call, places: &mut Vec<u32>) {
        places.retain(|place| self.checks(*place).iter().all(|check| check.passes(program, slots, call)));
        if places.len() > 1 {
            places.sort_unstable();
            places.dedup();
        }
    }

    fn checks(&self, place: u32) -> &[Check] {
        let span = self.starts.get(index(place)).zip(self.starts.get(index(place) + 1));
        span.and_then(|(start, end)| self.checks.get(index(*start)..index(*end))).unwrap_or_default()
    }

    /// The guards that are left to test once the index has found a rule and its checks have passed.
    pub fn others(&self, facts: RuleFacts) -> &[u32] {
        self.others.get(index(facts.others.0)..index(facts.others.1)).unwrap_or_default()
    }
}

impl RuleFacts {
    fn new(rule: &Rule, survey: &Survey) -> RuleFacts {
        let conditions = rule.conditions.iter().chain(&rule.unless).copied();
        let inner = || conditions.clone().chain(rule.choices.iter().map(|choice| choice.source));
        let written = rule.because.into_iter();
        let required = rule.require.iter().flat_map(|requirement| requirement.args.iter().copied());
        let weight: u64 = inner().chain(written).chain(required.clone()).map(|node| u64::from(survey.weight(node))).sum();
        let mut all = inner().chain(required).chain(rule.guards.iter().copied());
        RuleFacts {
            choice_cost: weight / 8,
            can_err: all.any(|node| survey.flags(node) & plan::CAN_ERR != 0),
            proves_on: false,
            witness: rule.choices.iter().fold(0, |bits, choice| bits | bit(choice.local)),
            others: (0, 0),
        }
    }
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
