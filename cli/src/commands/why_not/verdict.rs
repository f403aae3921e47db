//! What is to be said of a rule and a request.

use tollgate_compiler::testing::Missed;
use tollgate_evaluator::{Decision, Engine, RuleTrace};

/// A rule and a request that somebody asks about.
pub struct Asked {
    /// The rule's full name.
    pub rule: String,
    /// The decision.
    pub decision: Decision,
    /// What became of the rule; `None` where the request was refused before any rule.
    pub trace: Option<RuleTrace>,
}

/// Why a rule did not decide.
#[derive(Debug)]
pub enum Verdict<'t> {
    /// The request was refused before any rule was looked at.
    Refused,
    /// It did: it matched, and is among the rules of the decision.
    Decided,
    /// It matched, and takes no part.
    Shadow,
    /// It matched, and a stronger rule decided.
    Overruled,
    /// Its `on` does not name the tool.
    OtherTool,
    /// Conditions were not as they must be.
    Conditions(Missed<'t>),
    /// It ended in an error elsewhere than in a condition.
    Error(&'t str),
}

impl Asked {
    /// Decides the request, and looks at the rule.
    pub fn new(engine: &Engine, rule: &str, request: &[u8]) -> Asked {
        Asked { rule: rule.to_owned(), decision: engine.decide(request), trace: engine.explain_rule(rule, request) }
    }

    /// Why the rule did not decide.
    pub fn verdict(&self) -> Verdict<'_> {
        let Some(trace) = &self.trace else { return Verdict::Refused };
        if !trace.on {
            return Verdict::OtherTool;
        }
        if trace.matched {
            let decided = self.decision.rules().any(|rule| rule == self.rule);
            return if decided {
                Verdict::Decided
            } else if trace.shadow {
                Verdict::Shadow
            } else {
                Verdict::Overruled
            };
        }
        let missed = Missed::nearest(trace);
        match &trace.error {
            Some(error) if missed.choice.is_some() && missed.conditions.is_empty() && missed.source.is_none() => Verdict::Error(error),
            _ => Verdict::Conditions(missed),
        }
    }
}
