//! Cases that bring their request along, as logs and other tools have them.

use std::sync::Arc;

use serde::Serialize;
use tollgate_evaluator::{Decision, Effect, Kept, Reason};

use crate::program::ExpectedRules;

use super::run::{Decided, Run};
use super::{Failing, Suite, Unasked, why};

/// A request with the decision that is expected of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The request as JSON.
    pub input: Vec<u8>,
    /// Data to bind before, by name, as JSON.
    pub data: Vec<(String, Vec<u8>)>,
    /// The effect; `None`: any.
    pub effect: Option<Effect>,
    /// Exactly these rules, by full name; `None`: any.
    pub rules: Option<Vec<String>>,
    /// Exactly these reasons, in the decision's order; `None`: any.
    pub reasons: Option<Vec<ExpectedReason>>,
}

/// What is expected of a reason; `None`: anything.
#[derive(Clone, Debug, Serialize)]
pub struct ExpectedReason {
    /// The rule's full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The rule's `@id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What running a recorded case gave.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The decision; `None` where nothing was decided: the data do not fit, or the set has no rule that is expected.
    pub decision: Option<Decision>,
    /// What failed.
    pub failing: Vec<Failing>,
    /// A deny that was expected, and that no rule made.
    pub unasked: Option<Unasked>,
}

impl Suite {
    /// Decides a recorded request and compares.
    pub fn run_recorded(&self, case: &Recorded) -> Recording {
        let broken = |failing: Vec<Failing>| Recording { decision: None, failing, unasked: None };
        let unknown: Vec<Failing> = self.unknown_rules(case).collect();
        if !unknown.is_empty() {
            return broken(unknown);
        }
        let engine = self.engine().fork();
        if let Err(error) = engine.set_all(case.data.iter().map(|(name, json)| (name, json))) {
            return broken(vec![Failing::broken(None, error.to_string())]);
        }
        let run = Run::new(self, engine, Kept::None);
        let decision = run.decide(&case.input);
        let decided = Decided { run: &run, request: &case.input, decision: &decision };
        let mut failing = Vec::new();
        if let Some(effect) = case.effect {
            failing.extend(decided.effect(effect, &case.by(), None).or_else(|| case.reasons_failing(effect, &decision)));
        }
        failing.extend(decided.properties());
        let is_bare = case.effect == Some(Effect::Deny) && case.rules.is_none() && case.reasons.is_none();
        let unasked = if is_bare && failing.is_empty() { Unasked::of(&decision) } else { None };
        Recording { decision: Some(decision), failing, unasked }
    }

    fn unknown_rules<'c>(&'c self, case: &'c Recorded) -> impl Iterator<Item = Failing> + 'c {
        // They are sorted by name.
        let rules = &self.engine().plan().rules;
        let is_known = |name: &String| rules.binary_search_by(|rule| (*rule.name).cmp(name.as_str())).is_ok();
        // A default's reason names no rule.
        let of_reasons = case.reasons.iter().flatten().filter_map(|reason| reason.rule.as_ref()).filter(|name| !name.is_empty());
        let unknown = case.rules.iter().flatten().chain(of_reasons).filter(move |name| !is_known(name));
        unknown.map(|name| Failing { expected: "rules of the set".to_owned(), ..Failing::broken(None, format!("there is no rule `{name}`")) })
    }
}

impl Recorded {
    fn by(&self) -> ExpectedRules {
        let Some(rules) = &self.rules else { return ExpectedRules::Any };
        let mut rules: Vec<Arc<str>> = rules.iter().map(|name| name.as_str().into()).collect();
        rules.sort();
        rules.dedup();
        if rules.is_empty() { ExpectedRules::None } else { ExpectedRules::Exactly(rules) }
    }

    fn reasons_failing(&self, effect: Effect, decision: &Decision) -> Option<Failing> {
        let expected = self.reasons.as_ref()?;
        let reasons = decision.reasons();
        if expected.len() == reasons.len() && expected.iter().zip(reasons.clone()).all(|(expected, reason)| expected.fits(&reason)) {
            return None;
        }
        let got: Vec<ExpectedReason> = reasons.map(|reason| ExpectedReason::of(&reason)).collect();
        let told = |reasons: &[ExpectedReason]| serde_json::to_string(reasons).unwrap_or_default();
        Some(Failing {
            at: None,
            step: None,
            expected: format!("{} because {}", why::expected(effect, &self.by()), told(expected)),
            got: format!("{} because {}", why::summary(decision), told(&got)),
            why: why::matched(decision),
        })
    }
}

impl ExpectedReason {
    fn of(reason: &Reason<'_>) -> ExpectedReason {
        ExpectedReason { rule: Some(reason.rule.to_owned()), id: reason.id.map(str::to_owned), text: Some(reason.text.to_owned()) }
    }

    fn fits(&self, reason: &Reason<'_>) -> bool {
        let fits = |expected: &Option<String>, got: Option<&str>| expected.as_deref().is_none_or(|expected| got == Some(expected));
        fits(&self.rule, Some(reason.rule)) && fits(&self.id, reason.id) && fits(&self.text, Some(reason.text))
    }
}
