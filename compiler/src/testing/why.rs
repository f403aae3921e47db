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

/// What is expected, on one line.
pub fn expected(effect: Effect, by: &ExpectedRules) -> String {
    match by {
        ExpectedRules::Any => effect.to_string(),
        ExpectedRules::None => format!("{effect} by none"),
        ExpectedRules::Exactly(expected) => format!("{effect} by {}", expected.join(", ")),
    }
}

/// Why not that effect by those rules: what matched, with the conditions of what should not have, and what kept each rule from it that should have.
pub fn of_effect(engine: &Engine, request: &[u8], decision: &Decision, effect: Effect, by: &ExpectedRules) -> Vec<String> {
    let is_expected = |rule: &str| match by {
        ExpectedRules::Any | ExpectedRules::None => false,
        ExpectedRules::Exactly(expected) => expected.iter().any(|name| **name == *rule),
    };
    let has_matched = |rule: &RuleTrace| decision.rules().any(|name| name == rule.rule);
    let explanation = engine.explain(request);
    let mut lines = matched(decision);
    let surplus = explanation.rules.iter().filter(|rule| has_matched(rule) && !is_expected(&rule.rule));
    lines.extend(surplus.take(TOLD).flat_map(held));
    lines.extend(errors(decision));
    let missing = |rule: &RuleTrace| match by {
        ExpectedRules::Any => rule.effect == effect && decision.effect() != effect && !rule.shadow,
        ExpectedRules::None | ExpectedRules::Exactly(_) => is_expected(&rule.rule) && !has_matched(rule),
    };
    let mut candidates: Vec<&RuleTrace> = explanation.rules.iter().filter(|rule| missing(rule)).collect();
    // Rules about this tool are the likelier ones.
    candidates.sort_by_key(|rule| !rule.on);
    let told = if *by == ExpectedRules::Any { TOLD } else { candidates.len() };
    lines.extend(candidates.iter().take(told).map(|rule| unmatched(rule)));
    lines
}

/// A line for each condition by which a rule matched.
fn held(rule: &RuleTrace) -> Vec<String> {
    let choice = rule.choices.iter().find(|choice| choice.conditions.iter().all(|condition| misfit(condition).is_none()));
    let variables = choice.map(variables).unwrap_or_default();
    let within = if variables.is_empty() { String::new() } else { format!(", for {variables}") };
    let conditions = rule.conditions.iter().chain(choice.into_iter().flat_map(|choice| &choice.conditions));
    conditions.take(TOLD).map(|condition| format!("in `{}`{within}, {}", rule.rule, told(condition))).collect()
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
    let reason = match rule.conditions.iter().find_map(misfit).or_else(|| of_choices(rule)) {
        Some(reason) => reason,
        None => rule.error.clone().unwrap_or_else(|| "its `for` has nothing to choose from".to_owned()),
    };
    format!("`{name}` did not match: {reason}")
}

/// What kept the first choice from matching.
fn of_choices(rule: &RuleTrace) -> Option<String> {
    let choice = rule.choices.first()?;
    let reason = choice.conditions.iter().find_map(misfit).or_else(|| of_source(choice))?;
    let variables = variables(choice);
    let others = rule.choices.len() - 1 + rule.more;
    let others = if others > 0 { format!(" (and for {others} more no better)") } else { String::new() };
    if variables.is_empty() { Some(reason) } else { Some(format!("for {variables}: {reason}{others}")) }
}

fn of_source(choice: &ChoiceTrace) -> Option<String> {
    let (name, value) = choice.variables.last()?;
    if let Observed::Error(error) = value { Some(format!("what `{name}` ranges over ended in an error: {error}")) } else { None }
}

/// The variables of a choice with their values.
pub fn variables(choice: &ChoiceTrace) -> String {
    let variables: Vec<String> = choice.variables.iter().map(|(name, value)| format!("`{name}` = {}", shown(value))).collect();
    variables.join(", ")
}

/// What is said of a condition that is not as it must be, with the values in it.
pub fn misfit(condition: &ConditionTrace) -> Option<String> {
    let is_misfit = match &condition.observed {
        Observed::NotReached => false,
        Observed::Value(value) => (value == "true") == condition.unless,
        Observed::Error(_) => true,
    };
    is_misfit.then(|| told(condition))
}

/// A condition's value, with the values in it: `` `args.rows > 1_000` was false: `args.rows` = 40 ``.
pub fn told(condition: &ConditionTrace) -> String {
    let mut values = Vec::new();
    parts(condition, &mut values);
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    let word = if condition.unless { "`unless` " } else { "" };
    let outcome = match &condition.observed {
        Observed::Value(value) => format!("was {value}"),
        Observed::Error(message) => format!("ended in an error ({message})"),
        Observed::NotReached => "was not reached".to_owned(),
    };
    format!("{word}`{}` {outcome}{values}", condition.text)
}

fn parts(condition: &ConditionTrace, values: &mut Vec<String>) {
    for part in &condition.parts {
        if part.observed != Observed::NotReached {
            values.push(format!("`{}` = {}", part.text, shown(&part.observed)));
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
