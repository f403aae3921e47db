//! What is to be said of a rule and a request.

use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Decision, Engine, Observed, RuleTrace};

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

/// The choice that came nearest to matching.
#[derive(Debug)]
pub struct Missed<'t> {
    /// The choice; `None` where there was nothing to choose from.
    pub choice: Option<&'t ChoiceTrace>,
    /// How many choices there were.
    pub choices: usize,
    /// The conditions that were not as they must be.
    pub conditions: Vec<&'t ConditionTrace>,
    /// The variable whose source ended in an error, with the error.
    pub source: Option<(&'t str, &'t str)>,
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

impl<'t> Missed<'t> {
    fn nearest(trace: &'t RuleTrace) -> Missed<'t> {
        let guards = failing(&trace.conditions, false);
        let choices = trace.choices.len() + trace.more;
        let of_choice = |choice: &'t ChoiceTrace| {
            let conditions = failing(&choice.conditions, !guards.is_empty());
            let source = match choice.variables.last() {
                Some((name, Observed::Error(error))) => Some((name.as_str(), error.as_str())),
                _ => None,
            };
            Missed { choice: Some(choice), choices, conditions, source }
        };
        // Of several that are equally near, the first.
        let nearest = trace.choices.iter().map(of_choice).min_by_key(|missed| missed.conditions.len() + usize::from(missed.source.is_some()));
        let mut missed = nearest.unwrap_or(Missed { choice: None, choices, conditions: Vec::new(), source: None });
        missed.conditions.splice(0..0, guards);
        missed
    }
}

/// The conditions that are not as they must be. An error counts where nothing before it has failed: elsewhere it may come of that.
fn failing(conditions: &[ConditionTrace], mut has_failed: bool) -> Vec<&ConditionTrace> {
    let mut failing = Vec::new();
    for condition in conditions {
        let fails = match &condition.observed {
            Observed::Value(value) => (value == "true") == condition.unless,
            Observed::Error(_) => !has_failed,
            Observed::NotReached => false,
        };
        if fails {
            has_failed = true;
            failing.push(condition);
        }
    }
    failing
}
