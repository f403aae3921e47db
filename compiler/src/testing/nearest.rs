//! What kept a rule from matching, and of several choices in that which came nearest.

use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Effect, Observed, RuleTrace};

/// The choice that came nearest to matching.
#[derive(Debug, Default)]
pub struct Missed<'t> {
    /// The choice; `None` where there was nothing to choose from.
    pub choice: Option<&'t ChoiceTrace>,
    /// How many choices there were, counted up to a number.
    pub choices: usize,
    /// How many of them were looked at, the first.
    pub looked_at: usize,
    /// The conditions that were not as they must be.
    pub conditions: Vec<&'t ConditionTrace>,
    /// All of its conditions.
    pub all: Vec<&'t ConditionTrace>,
    /// Whether one that ends in an error lets the rule match.
    pub errors_match: bool,
    /// The variable whose source ended in an error, with the error.
    pub source: Option<(&'t str, &'t str)>,
}

impl<'t> Missed<'t> {
    /// That of a rule that did not match; of several choices that are equally near, the first.
    pub fn nearest(trace: &'t RuleTrace) -> Missed<'t> {
        let errors_match = trace.effect != Effect::Allow;
        let (choices, looked_at) = (trace.choices.len() + trace.more, trace.choices.len());
        let of_choice = |choice: Option<&'t ChoiceTrace>| {
            let all: Vec<&ConditionTrace> = trace.conditions.iter().chain(choice.into_iter().flat_map(|choice| &choice.conditions)).collect();
            let conditions = all.iter().copied().filter(|condition| has_failed(condition, errors_match)).collect();
            Missed { choice, choices, looked_at, conditions, all, errors_match, source: choice.and_then(source_error) }
        };
        let of_choices = trace.choices.iter().map(|choice| of_choice(Some(choice)));
        let nearest = of_choices.min_by_key(|missed| missed.conditions.len() + usize::from(missed.source.is_some()));
        nearest.unwrap_or_else(|| of_choice(None))
    }

    /// Of how many choices it is the nearest.
    pub fn number(&self) -> String {
        let first = if self.looked_at < self.choices { "the first " } else { "" };
        format!("{first}{} choice{}", self.looked_at, if self.looked_at == 1 { "" } else { "s" })
    }
}

/// The variable of a choice whose source ended in an error, with the error.
pub fn source_error(choice: &ChoiceTrace) -> Option<(&str, &str)> {
    match choice.variables.last() {
        Some((name, Observed::Error(error))) => Some((name, error)),
        _ => None,
    }
}

/// Whether a condition is not as it must be. An error may come of what another, which has failed, proves present.
fn has_failed(condition: &ConditionTrace, errors_match: bool) -> bool {
    match condition.observed {
        Observed::NotReached => false,
        Observed::Error(_) => !errors_match,
        Observed::Value(_) => !condition.is_met(),
    }
}
