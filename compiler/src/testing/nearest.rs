//! What kept a rule from matching, and of several choices in that which came nearest.

use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Observed, RuleTrace};

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

impl<'t> Missed<'t> {
    /// That of a rule that did not match; of several choices that are equally near, the first.
    pub fn nearest(trace: &'t RuleTrace) -> Missed<'t> {
        let guards = failing(&trace.conditions);
        let choices = trace.choices.len() + trace.more;
        let of_choice = |choice: &'t ChoiceTrace| {
            let conditions = failing(&choice.conditions);
            Missed { choice: Some(choice), choices, conditions, source: source_error(choice) }
        };
        let nearest = trace.choices.iter().map(of_choice).min_by_key(|missed| missed.conditions.len() + usize::from(missed.source.is_some()));
        let mut missed = nearest.unwrap_or(Missed { choice: None, choices, conditions: Vec::new(), source: None });
        missed.conditions.splice(0..0, guards);
        missed
    }
}

/// The variable of a choice whose source ended in an error, with the error.
pub fn source_error(choice: &ChoiceTrace) -> Option<(&str, &str)> {
    match choice.variables.last() {
        Some((name, Observed::Error(error))) => Some((name, error)),
        _ => None,
    }
}

/// The conditions that are not as they must be. An error may come of what another, which has failed, proves present.
fn failing(conditions: &[ConditionTrace]) -> Vec<&ConditionTrace> {
    conditions.iter().filter(|condition| condition.observed != Observed::NotReached && !condition.is_met()).collect()
}
