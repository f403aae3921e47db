//! Why a decision is not the one that was expected.

use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Decision, Effect, Engine, Observed, Origin, RuleTrace};

use crate::program::ExpectedRules;

/// How many rules that did not match are told of, where none is named.
const TOLD: usize = 5;

/// The decision on one line.
pub fn summary(decision: &Decision) -> String {
    let rules: Vec<&str> = decision.rules().collect();
    if rules.is_empty() { format!("{} by none", decision.effect()) } else { format!("{} by {}", decision.effect(), rules.join(", ")) }
}

/// A line for each reason of the decision.
pub fn matched(decision: &Decision) -> Vec<String> {
    let reason = |rule: &str| decision.reasons().find(|reason| reason.rule == rule).map(|reason| reason.text);
    let line = |rule: &str| match reason(rule) {
        Some(text) => format!("`{rule}` matched: {text}"),
        None => format!("`{rule}` matched"),
    };
    let default = (decision.rules().len() == 0).then(|| reason("")).flatten().map(|text| format!("no rule matched: {text}"));
    default.into_iter().chain(decision.rules().map(line)).collect()
}

/// A line for each error of the decision.
pub fn errors(decision: &Decision) -> Vec<String> {
    let line = |origin: Origin<'_>, message: &str| match origin {
        Origin::Rule("") => format!("error in the default: {message}"),
        Origin::Rule(rule) => format!("error in `{rule}`: {message}"),
        Origin::Score(score) => format!("error in the score `{score}`: {message}"),
        Origin::Path("") => format!("the input does not fit: {message}"),
        Origin::Path(path) => format!("the input does not fit at `{path}`: {message}"),
        Origin::Data(_) | Origin::Limit(_) => message.to_owned(),
    };
    decision.errors().map(|problem| line(problem.origin, problem.message)).collect()
}

/// Why not that effect by those rules: what matched, and what kept each rule from it that should have.
pub fn of_effect(engine: &Engine, request: &[u8], decision: &Decision, effect: Effect, by: &ExpectedRules) -> Vec<String> {
    let mut lines = matched(decision);
    lines.extend(errors(decision));
    let explanation = engine.explain(request);
    let missing = |rule: &RuleTrace| match by {
        ExpectedRules::Any => rule.effect == effect && decision.effect() != effect && !rule.shadow,
        ExpectedRules::None => false,
        ExpectedRules::Exactly(expected) => expected.iter().any(|name| **name == *rule.rule) && decision.rules().all(|name| name != rule.rule),
    };
    let mut candidates: Vec<&RuleTrace> = explanation.rules.iter().filter(|rule| missing(rule)).collect();
    // Rules about this tool are the likelier ones.
    candidates.sort_by_key(|rule| !rule.on);
    let told = if *by == ExpectedRules::Any { TOLD } else { candidates.len() };
    lines.extend(candidates.iter().take(told).map(|rule| unmatched(rule)));
    lines
}

/// What kept a rule from deciding.
fn unmatched(rule: &RuleTrace) -> String {
    let name = &rule.rule;
    if rule.shadow {
        return format!("`{name}` is a shadow rule, which takes no part");
    }
    if rule.matched {
        return format!("`{name}` matched too, but a stronger rule decided");
    }
    if !rule.on {
        return format!("`{name}` did not match: its `on` does not name this tool");
    }
    let reason = match rule.conditions.iter().find_map(failed).or_else(|| of_choices(rule)) {
        Some(reason) => reason,
        None => rule.error.clone().unwrap_or_else(|| "its `for` has nothing to choose from".to_owned()),
    };
    format!("`{name}` did not match: {reason}")
}

/// What kept the first choice from matching.
fn of_choices(rule: &RuleTrace) -> Option<String> {
    let choice = rule.choices.first()?;
    let reason = choice.conditions.iter().find_map(failed).or_else(|| of_source(choice))?;
    let variables: Vec<String> = choice.variables.iter().map(|(name, value)| format!("{name} = {}", shown(value))).collect();
    let others = rule.choices.len() - 1 + rule.more;
    let others = if others > 0 { format!(" (and for {others} more no better)") } else { String::new() };
    if variables.is_empty() { Some(reason) } else { Some(format!("for {}: {reason}{others}", variables.join(", "))) }
}

fn of_source(choice: &ChoiceTrace) -> Option<String> {
    let (name, value) = choice.variables.last()?;
    if let Observed::Error(error) = value { Some(format!("what `{name}` ranges over ends in an error: {error}")) } else { None }
}

/// What is said of a condition that is not as it must be, with the values in it.
fn failed(condition: &ConditionTrace) -> Option<String> {
    let as_it_must_be = if condition.unless { "false" } else { "true" };
    match &condition.observed {
        Observed::NotReached => return None,
        Observed::Value(value) if value == as_it_must_be => return None,
        Observed::Value(_) | Observed::Error(_) => {}
    }
    let mut values = Vec::new();
    parts(condition, &mut values);
    let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
    let word = if condition.unless { "`unless` " } else { "" };
    Some(format!("{word}`{}` is {}{values}", condition.text, shown(&condition.observed)))
}

fn parts(condition: &ConditionTrace, values: &mut Vec<String>) {
    for part in &condition.parts {
        if part.observed != Observed::NotReached {
            values.push(format!("`{}` is {}", part.text, shown(&part.observed)));
        }
        parts(part, values);
    }
}

fn shown(observed: &Observed) -> String {
    match observed {
        Observed::Value(json) => json.clone(),
        Observed::Error(message) => format!("an error: {message}"),
        Observed::NotReached => "not reached".to_owned(),
    }
}
