//! The answer for programs.

use serde::Serialize;
use serde_json::value::RawValue;
use tollgate_compiler::testing::{Missed, fewest};
use tollgate_evaluator::{ConditionTrace, Observed};

use super::verdict::{Asked, Verdict};

/// Why the rule did not decide, and what did.
#[derive(Serialize)]
pub struct JsonAnswer<'a> {
    rule: &'a str,
    verdict: &'static str,
    /// The conditions that were not as they must be.
    conditions: Vec<JsonCondition<'a>>,
    /// The fewest that would have to be otherwise, those in others too.
    fewest: Vec<JsonTurned<'a>>,
    /// The choice that they are of.
    variables: Vec<JsonVariable<'a>>,
    choices: usize,
    error: Option<&'a str>,
    decision: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct JsonCondition<'a> {
    text: &'a str,
    unless: bool,
    #[serde(flatten)]
    observed: JsonObserved<'a>,
    parts: Vec<JsonPart<'a>>,
}

#[derive(Serialize)]
struct JsonTurned<'a> {
    text: &'a str,
    wanted: bool,
}

#[derive(Serialize)]
struct JsonPart<'a> {
    text: &'a str,
    #[serde(flatten)]
    observed: JsonObserved<'a>,
}

#[derive(Serialize)]
struct JsonVariable<'a> {
    name: &'a str,
    #[serde(flatten)]
    observed: JsonObserved<'a>,
}

#[derive(Serialize)]
struct JsonObserved<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// The answer.
pub fn of(asked: &Asked) -> JsonAnswer<'_> {
    let none = Missed::default();
    let (verdict, missed, error) = match asked.verdict() {
        Verdict::Refused => ("refused", none, None),
        Verdict::Decided => ("decided", none, None),
        Verdict::Shadow => ("shadow", none, None),
        Verdict::Overruled => ("overruled", none, None),
        Verdict::OtherTool => ("other_tool", none, None),
        Verdict::Error(error) => ("error", none, Some(error)),
        Verdict::Conditions(missed) if missed.choice.is_none() => ("nothing_to_choose", missed, None),
        Verdict::Conditions(missed) => {
            let error = missed.source.map(|(_, error)| error);
            ("conditions", missed, error)
        }
    };
    let variables = missed.choice.iter().flat_map(|choice| &choice.variables);
    JsonAnswer {
        rule: &asked.rule,
        verdict,
        conditions: missed.conditions.iter().map(|condition| json_condition(condition)).collect(),
        fewest: fewest(&missed).iter().map(|turned| JsonTurned { text: &turned.condition.text, wanted: turned.wanted }).collect(),
        variables: variables.map(|(name, value)| JsonVariable { name, observed: observed(value) }).collect(),
        choices: missed.choices,
        error,
        decision: RawValue::from_string(asked.decision.to_json()).ok(),
    }
}

fn json_condition(condition: &ConditionTrace) -> JsonCondition<'_> {
    let mut parts = Vec::new();
    add_parts(condition, &mut parts);
    JsonCondition { text: &condition.text, unless: condition.unless, observed: observed(&condition.observed), parts }
}

/// The parts that were evaluated, the larger before the smaller.
fn add_parts<'a>(condition: &'a ConditionTrace, parts: &mut Vec<JsonPart<'a>>) {
    for part in &condition.parts {
        if part.observed != Observed::NotReached {
            parts.push(JsonPart { text: &part.text, observed: observed(&part.observed) });
        }
        add_parts(part, parts);
    }
}

fn observed(observed: &Observed) -> JsonObserved<'_> {
    match observed {
        Observed::Value(json) => JsonObserved { value: serde_json::from_str(json).ok(), error: None },
        Observed::Error(message) => JsonObserved { value: None, error: Some(message) },
        Observed::NotReached => JsonObserved { value: None, error: None },
    }
}
