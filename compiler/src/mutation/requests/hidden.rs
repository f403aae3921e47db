//! Requests in which no stronger rule hides what a rule says.
//!
//! The engine names the rules that do; what they ask for is made false, one after the other, as long as what is asked for already stays so.

use tollgate_evaluator::Effect;

use super::shape::What;
use super::solve::{Env, State};
use super::{Imagined, Seed, Solver};
use crate::check::glob::may_mean;
use crate::program::Rule;

/// How many ways of a seed are looked at.
const MAX_LOOKED_AT: usize = 24;
/// How often a request is decided again.
const MAX_ROUNDS: usize = 8;
/// How many ways for a rule not to match are followed.
const MAX_REFUTED: usize = 16;

impl Imagined<'_> {
    /// Those of a seed's ways that other rules hide, changed so that fewer of them match.
    pub(super) fn shown<'s>(&self, seed: &'s Seed) -> &'s [State] {
        seed.shown.get_or_init(|| seed.ways.iter().take(MAX_LOOKED_AT).filter_map(|way| self.uncovered(seed, way)).collect())
    }

    fn uncovered(&self, seed: &Seed, way: &State) -> Option<State> {
        let mut found: Option<State> = None;
        for _ in 0..MAX_ROUNDS {
            let state = found.as_ref().unwrap_or(way);
            let solver = self.world.solver();
            let refute = |state: Option<State>, rule: &Rule| solver.refuted(rule, state.as_ref().unwrap_or(way)).or(state);
            let next = self.hiding(seed, state).into_iter().fold(found.clone(), refute);
            if next.as_ref().is_none_or(|next| next.is_like(state)) {
                break;
            }
            found = next;
        }
        found
    }

    /// The rules by which a request is decided in place of the one that a seed is about.
    fn hiding(&self, seed: &Seed, state: &State) -> Vec<&Rule> {
        let rules = &self.world.program.rules;
        let own = seed.rule.and_then(|rule| rules.get(rule));
        let hides = |rule: &Rule| own.map_or(rule.effect > Effect::Allow, |own| rule.effect >= own.effect && rule.name != own.name);
        let decision = self.engine.decide(self.world.request(state).0.to_string().as_bytes());
        let named = decision.rules().filter_map(|name| rules.binary_search_by(|rule| (*rule.name).cmp(name)).ok());
        named.filter_map(|place| rules.get(place)).map(|rule| &**rule).filter(|rule| hides(rule)).collect()
    }
}

impl Solver<'_> {
    /// A way for a rule not to match, beside what is asked for already.
    fn refuted(&self, rule: &Rule, state: &State) -> Option<State> {
        self.work.set(0);
        let called = State { tool: state.tool.or(Some(0)), ..state.clone() };
        let within = self.chosen(rule).iter().fold(vec![called], |ways, env| {
            let next = ways.iter().flat_map(|way| self.failing(rule, env, way));
            next.filter(State::is_consistent).take(MAX_REFUTED).collect()
        });
        let is_meant = |name: &str| rule.on.is_empty() || rule.on.iter().any(|entry| may_mean(entry, name));
        let elsewhere = self.with_tool(|tool| !is_meant(&tool.name), state.clone());
        within.into_iter().chain(elsewhere).find(|way| !way.is_like(state))
    }

    /// Ways in which one of a rule's conditions is not as it must be.
    fn failing(&self, rule: &Rule, env: &Env, state: &State) -> Vec<State> {
        let conditions = rule.when.iter().map(|condition| (condition, false)).chain(rule.unless.iter().map(|condition| (condition, true)));
        conditions.flat_map(|(condition, wanted)| self.solve(&condition.expr, wanted, env, state.clone())).collect()
    }
}

impl State {
    /// Whether they make the same request.
    fn is_like(&self, other: &State) -> bool {
        self.tool.unwrap_or(0) == other.tool.unwrap_or(0) && self.changes == other.changes
    }

    /// Whether all that has been asked for is so, as far as it is known.
    fn is_consistent(&self) -> bool {
        let holds = |at: &[_]| self.value(at).is_none_or(|value| self.bears(at, value));
        let is_absent = |at: &[_]| self.changes.iter().any(|change| change.what == What::Absent && at.starts_with(&change.at));
        self.claims.iter().all(|(term, ..)| holds(&term.at))
            && !self.changes.iter().any(|change| change.what != What::Absent && is_absent(&change.at))
    }
}
