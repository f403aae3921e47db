//! What the tests of a set have seen of it: rules that matched, outcomes of conditions, reasons given.
//!
//! A rule's conditions are looked at in every decision that tests make, also where a stronger rule decides. Its reason counts where the decision gives it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use tollgate_evaluator::{ConditionTrace, Effect, Engine, Explanation, Kept, Observed, RuleTrace};

use crate::PolicySet;
use crate::diagnostic::Location;
use crate::program::{self, Condition};

use super::Suite;

/// What tests have seen of a set.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The rules, sorted by full name.
    pub rules: Vec<RuleCoverage>,
    /// The scores, sorted by full name.
    pub scores: Vec<ScoreCoverage>,
}

/// What tests have seen of a rule.
#[derive(Clone, Debug)]
pub struct RuleCoverage {
    /// Its full name.
    pub name: Arc<str>,
    /// Its effect.
    pub effect: Effect,
    /// Where its name stands.
    pub at: Location,
    /// How many decisions it matched in.
    pub matched: u64,
    /// Its conditions as they are written: the conjuncts of `when`, then `unless`.
    pub conditions: Vec<ConditionCoverage>,
    /// Its `because`.
    pub because: Option<BecauseCoverage>,
}

/// What tests have seen of a condition.
#[derive(Clone, Debug)]
pub struct ConditionCoverage {
    /// Its source.
    pub text: String,
    /// Where it stands.
    pub at: Location,
    /// Whether it is an `unless`, which must be false.
    pub unless: bool,
    /// How often it was true.
    pub seen_true: u64,
    /// How often it was false.
    pub seen_false: u64,
}

/// What tests have seen of a `because`.
#[derive(Clone, Debug)]
pub struct BecauseCoverage {
    /// Where it stands.
    pub at: Location,
    /// How many decisions it was given in.
    pub given: u64,
}

/// What tests have seen of a score.
#[derive(Clone, Debug)]
pub struct ScoreCoverage {
    /// Its full name.
    pub name: Arc<str>,
    /// Where its name stands.
    pub at: Location,
    /// The conditions of its contributions.
    pub parts: Vec<ConditionCoverage>,
}

impl Coverage {
    /// Nothing has been seen of a set yet.
    pub fn none(set: &PolicySet) -> Coverage {
        let program = set.program();
        let score = |score: &program::Score| ScoreCoverage {
            name: Arc::clone(&score.name),
            at: set.place(score.at),
            parts: score.parts.iter().map(|part| ConditionCoverage::none(&part.text, set.place(part.condition.at))).collect(),
        };
        Coverage {
            rules: program.rules.iter().map(|rule| RuleCoverage::none(rule, set)).collect(),
            scores: program.scores.iter().map(score).collect(),
        }
    }

    /// All conditions: those of the rules, then those of the scores.
    pub fn conditions(&self) -> impl Iterator<Item = &ConditionCoverage> {
        self.rules.iter().flat_map(|rule| &rule.conditions).chain(self.scores.iter().flat_map(|score| &score.parts))
    }

    /// How many outcomes have been seen, and how many there are: of the rules and of the scores.
    pub fn outcomes(&self) -> (usize, usize) {
        let each = self.rules.iter().map(RuleCoverage::outcomes).chain(self.scores.iter().map(ScoreCoverage::outcomes));
        each.fold((0, 0), |(seen, all), (more_seen, more)| (seen + more_seen, all + more))
    }

    /// How much of the outcomes has been seen, in percent; all of them where there are none.
    pub fn percent(&self) -> f64 {
        let (seen, all) = self.outcomes();
        if all == 0 { 100.0 } else { 100.0 * seen as f64 / all as f64 }
    }

    /// Sees what became of the rules and of the scores' contributions in a decision.
    fn see(&mut self, explanation: &Explanation, parts: &[Option<bool>]) {
        let decisive: HashSet<&str> = explanation.decision.rules().collect();
        for (rule, trace) in self.rules.iter_mut().zip(&explanation.rules) {
            rule.see(trace, decisive.contains(&*rule.name));
        }
        for (part, holds) in self.scores.iter_mut().flat_map(|score| &mut score.parts).zip(parts) {
            part.seen_true += u64::from(*holds == Some(true));
            part.seen_false += u64::from(*holds == Some(false));
        }
    }
}

impl Suite {
    /// Notes what a request that is decided shows, where somebody wants to know.
    pub(super) fn see(&self, engine: &Engine, request: &[u8]) {
        let Some(coverage) = &self.coverage else { return };
        let explanation = engine.explain(request);
        // A request that is refused has no values.
        let holds = |query: u32| match engine.query(query as usize, &[Kept::None, Kept::None], Some(request)) {
            Ok(Kept::Bool(holds)) => Some(holds),
            _ => None,
        };
        let parts: Vec<Option<bool>> = self.tests.score_parts.iter().map(|query| holds(*query)).collect();
        coverage.lock().unwrap_or_else(PoisonError::into_inner).see(&explanation, &parts);
    }
}

impl RuleCoverage {
    fn none(rule: &program::Rule, set: &PolicySet) -> RuleCoverage {
        let condition = |condition: &Condition| ConditionCoverage::none(&condition.text, set.place(condition.expr.at));
        let unless = rule.unless.iter().map(|unless| ConditionCoverage { unless: true, ..condition(unless) });
        RuleCoverage {
            name: Arc::clone(&rule.name),
            effect: rule.effect,
            at: set.place(rule.at),
            matched: 0,
            conditions: rule.when.iter().map(condition).chain(unless).collect(),
            because: rule.because.as_ref().map(|because| BecauseCoverage { at: set.place(because.at), given: 0 }),
        }
    }

    /// How many of its outcomes have been seen, and how many there are: that it matches, that its `because` is given, and two of each condition.
    pub fn outcomes(&self) -> (usize, usize) {
        let given = self.because.as_ref().map(|because| because.given > 0);
        let (seen, all) = outcomes(&self.conditions);
        (seen + usize::from(self.matched > 0) + usize::from(given == Some(true)), all + 1 + usize::from(given.is_some()))
    }

    fn see(&mut self, trace: &RuleTrace, decides: bool) {
        if !trace.on {
            return;
        }
        self.matched += u64::from(trace.matched);
        // No decision gives what a shadow rule would say.
        if let Some(because) = &mut self.because
            && (decides || trace.shadow)
            && trace.reason.is_some()
            && trace.reason != trace.error
        {
            because.given += 1;
        }
        self.see_conditions(trace);
    }

    fn see_conditions(&mut self, trace: &RuleTrace) {
        // The conditions that are tested before the choices are some of the conjuncts, in their order.
        let mut guards = trace.conditions.iter().peekable();
        let mut others = Vec::with_capacity(self.conditions.len());
        for condition in &mut self.conditions {
            match guards.next_if(|guard| guard.text == condition.text) {
                Some(guard) => condition.see(guard),
                None => others.push(condition),
            }
        }
        for choice in &trace.choices {
            others.iter_mut().zip(&choice.conditions).for_each(|(condition, seen)| condition.see(seen));
        }
        // A rule that matched without an error has a choice that is as it must be, be it too far back to be shown.
        if trace.matched && trace.error.is_none() && trace.witness().is_none() {
            others.iter_mut().for_each(|condition| if condition.unless { condition.seen_false += 1 } else { condition.seen_true += 1 });
        }
    }
}

impl ScoreCoverage {
    /// How many outcomes of its contributions have been seen, and how many there are: two of each.
    pub fn outcomes(&self) -> (usize, usize) {
        outcomes(&self.parts)
    }
}

/// How many outcomes of conditions have been seen, and how many there are: two of each.
fn outcomes(conditions: &[ConditionCoverage]) -> (usize, usize) {
    (conditions.iter().map(ConditionCoverage::outcomes).sum(), 2 * conditions.len())
}

impl ConditionCoverage {
    fn none(text: &str, at: Location) -> ConditionCoverage {
        ConditionCoverage { text: text.to_owned(), at, unless: false, seen_true: 0, seen_false: 0 }
    }

    /// How many of its two outcomes have been seen.
    pub fn outcomes(&self) -> usize {
        usize::from(self.seen_true > 0) + usize::from(self.seen_false > 0)
    }

    fn see(&mut self, trace: &ConditionTrace) {
        match &trace.observed {
            Observed::Value(value) if value == "true" => self.seen_true += 1,
            Observed::Value(_) => self.seen_false += 1,
            Observed::Error(_) | Observed::NotReached => {}
        }
    }
}
