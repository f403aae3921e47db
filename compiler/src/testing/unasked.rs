//! Denials that a test expects, and that no rule made: the request does not fit its types.

use tollgate_evaluator::{Decision, Effect, Origin};

use crate::diagnostic::Location;
use crate::lower::{PlannedExpectation, PlannedStep};
use crate::program::ExpectedRules;

use super::why::misfit;

/// A request that does not fit, so that no rule was asked, where a test expects a deny by whatever it be: it may not test what it was written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// Where the deny is expected; `None` of a recorded case.
    pub at: Option<Location>,
    /// The title of its step.
    pub step: Option<String>,
    /// Where in the request; empty for its root.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl Unasked {
    /// That of a step whose expectations are met.
    pub(super) fn of_step(step: &PlannedStep, title: Option<&str>, decision: &Decision) -> Option<Unasked> {
        let of_effect = |expectation: &PlannedExpectation| match expectation {
            PlannedExpectation::Effect { effect: Effect::Deny, by, at } => Some((by.clone(), *at)),
            _ => None,
        };
        let denials: Vec<(ExpectedRules, Location)> = step.expect.iter().filter_map(of_effect).collect();
        let is_meant = step.asks_errors || denials.iter().any(|(by, _)| *by != ExpectedRules::Any);
        let (_, at) = denials.first().filter(|_| !is_meant)?;
        let unasked = Unasked::of(decision)?;
        Some(Unasked { at: Some(*at), step: title.map(str::to_owned), ..unasked })
    }

    /// That of a decision.
    pub(super) fn of(decision: &Decision) -> Option<Unasked> {
        let misfit = decision.errors().find_map(|problem| match problem.origin {
            Origin::Path(path) => Some((path.to_owned(), problem.message.to_owned())),
            _ => None,
        });
        misfit.map(|(path, message)| Unasked { at: None, step: None, path, message })
    }

    /// What is wrong, in words.
    pub fn problem(&self) -> String {
        format!("{}, so no rule was asked", misfit(&self.path, &self.message))
    }
}
