//! Why a decision is not the one that was expected.

use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Decision, Effect, Engine, Observed, Origin, RuleTrace};

use crate::program::ExpectedRules;

use super::nearest::{Missed, source_error};

/// How many rules are told of, where none is named.
const TOLD_RULES: usize = 10;
/// How many conditions of a rule are.
const TOLD_CONDITIONS: usize = 20;

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
        Origin::Path(path) => misfit(path, message),
        Origin::Data(_) | Origin::Limit(_) => message.to_owned(),
    };
    decision.errors().map(|problem| line(problem.origin, problem.message)).collect()
}

/// What is said of an input that does not fit at a path, which is empty for its root.
pub fn misfit(path: &str, message: &str) -> String {
    if path.is_empty() { format!("the input does not fit: {message}") } else { format!("the input does not fit at `{path}`: {message}") }
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
    let surplus: Vec<&RuleTrace> = explanation.rules.iter().filter(|rule| has_matched(rule) && !is_expected(&rule.rule)).collect();
    lines.extend(surplus.iter().take(TOLD_RULES).flat_map(|rule| held(rule)));
    lines.extend(more(surplus.len(), TOLD_RULES, "rule that matched", "rules that matched"));
    lines.extend(errors(decision));
    let missing = |rule: &RuleTrace| match by {
        ExpectedRules::Any => rule.effect == effect && decision.effect() != effect && !rule.shadow,
        ExpectedRules::None | ExpectedRules::Exactly(_) => is_expected(&rule.rule) && !has_matched(rule),
    };
    let mut candidates: Vec<&RuleTrace> = explanation.rules.iter().filter(|rule| missing(rule)).collect();
    // Rules about this tool are the likelier ones.
    candidates.sort_by_key(|rule| !rule.on);
    let told = if *by == ExpectedRules::Any { TOLD_RULES } else { candidates.len() };
    lines.extend(candidates.iter().take(told).map(|rule| unmatched(engine, request, rule)));
    lines.extend(more(candidates.len(), told, &format!("{effect} rule"), &format!("{effect} rules")));
    lines
}

/// A line about those beyond what is told.
fn more(number: usize, told: usize, one: &str, several: &str) -> Option<String> {
    let rest = number.saturating_sub(told);
    (rest > 0).then(|| format!("and {rest} more {}", if rest == 1 { one } else { several }))
}

/// A line for each condition by which a rule matched: those of the choice that matches, or else of the first that errs.
fn held(rule: &RuleTrace) -> Vec<String> {
    let errs = |choice: &&ChoiceTrace| source_error(choice).is_some() || choice.conditions.iter().any(has_erred);
    let choice = rule.witness().or_else(|| rule.choices.iter().find(errs));
    let source = choice.and_then(source_error);
    let variables = choice.filter(|_| source.is_none()).map(variables).unwrap_or_default();
    let within = if variables.is_empty() { String::new() } else { format!(", for {variables}") };
    let conditions = rule.conditions.iter().chain(choice.into_iter().flat_map(|choice| &choice.conditions));
    let conditions: Vec<&ConditionTrace> = conditions.filter(|condition| condition.observed != Observed::NotReached).collect();
    let name = &rule.rule;
    let mut lines: Vec<String> =
        conditions.iter().take(TOLD_CONDITIONS).map(|condition| format!("in `{name}`{within}, {}", told(condition))).collect();
    lines.extend(more(conditions.len(), TOLD_CONDITIONS, "condition", "conditions").map(|more| format!("in `{name}`{within}, {more}")));
    lines.extend(source.map(|(variable, error)| format!("in `{name}`, {}", source_told(variable, error))));
    lines
}

fn has_erred(condition: &ConditionTrace) -> bool {
    matches!(condition.observed, Observed::Error(_))
}

fn source_told(variable: &str, error: &str) -> String {
    format!("what `{variable}` ranges over ended in an error: {error}")
}

/// What kept a rule from deciding.
fn unmatched(engine: &Engine, request: &[u8], rule: &RuleTrace) -> String {
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
    // Among several choices the nearest is told, for which each is looked at whole.
    let whole = if rule.choices.len() > 1 { engine.explain_rule(name, request) } else { None };
    let reason = match missed(whole.as_ref().unwrap_or(rule)) {
        Some(reason) => reason,
        None => rule.error.clone().unwrap_or_else(|| "its `for` has nothing to choose from".to_owned()),
    };
    format!("`{name}` did not match: {reason}")
}

/// The first condition that kept the nearest choice from matching.
fn missed(rule: &RuleTrace) -> Option<String> {
    let missed = Missed::nearest(rule);
    let Some(condition) = missed.conditions.first() else { return missed.source.map(|(variable, error)| source_told(variable, error)) };
    let variables = missed.choice.map(variables).unwrap_or_default();
    Some(match missed.choices {
        _ if variables.is_empty() => told(condition),
        1 => format!("for {variables}: {}", told(condition)),
        _ => format!("for {variables}, the nearest of {}: {}", missed.number(), told(condition)),
    })
}

/// The variables of a choice with their values.
pub fn variables(choice: &ChoiceTrace) -> String {
    let variables: Vec<String> = choice.variables.iter().map(|(name, value)| format!("`{name}` = {value}")).collect();
    variables.join(", ")
}

/// A condition's value, with the values in it: `` `args.rows > 1_000` was false: `args.rows` = 40 ``.
pub fn told(condition: &ConditionTrace) -> String {
    let mut values = Vec::new();
    parts(condition, &mut values);
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    let word = if condition.unless { "`unless` " } else { "" };
    let outcome = match &condition.observed {
        Observed::Error(message) => format!("ended in an error ({message})"),
        observed => format!("was {observed}"),
    };
    format!("{word}`{}` {outcome}{values}", condition.text)
}

fn parts(condition: &ConditionTrace, values: &mut Vec<String>) {
    for part in &condition.parts {
        let value = format!("`{}` = {}", part.text, part.observed);
        if part.observed != Observed::NotReached && !values.contains(&value) {
            values.push(value);
        }
        parts(part, values);
    }
}
