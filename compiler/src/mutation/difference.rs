//! What two policies make of one request, where that differs.

use serde_json::Value;
use tollgate_evaluator::{Decision, Effect, Engine};

use crate::testing::Answered;

/// A request, and what each of the two makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The request, as JSON.
    pub input: String,
    /// The data that are bound for it, by full name, as JSON.
    pub data: Vec<(String, String)>,
    /// The one decision: `deny by p.exports`.
    pub before: String,
    /// The other.
    pub after: String,
    /// The effects of both.
    pub effects: [Effect; 2],
    /// The part of the decisions that differs where effect, rules and obligations do not, such as `scores`.
    pub part: Option<&'static str>,
}

/// What a decision says beside effect, rules and obligations, and is compared.
const PARTS: [&str; 3] = ["reasons", "scores", "shadow"];

impl Telling {
    /// The same with the data that are bound.
    pub fn with_data(self, data: &[(String, Vec<u8>)]) -> Telling {
        let text = |json: &Vec<u8>| String::from_utf8_lossy(json).into_owned();
        Telling { data: data.iter().map(|(name, json)| (name.clone(), text(json))).collect(), ..self }
    }

    /// Whether the effects differ.
    pub fn changes_effect(&self) -> bool {
        let [before, after] = self.effects;
        before != after
    }
}

/// The first of the requests that a case makes of which a policy and its mutant, in more than errors, say something else; see
/// [`crate::testing::Suite::decisions`].
pub fn told_by_case(policy: &[Answered], mutant: &[Answered]) -> Option<Telling> {
    told_by(policy, mutant, &PARTS)
}

/// The same where only errors differ, and not in their words alone: those quote what was changed.
pub fn told_by_errors(policy: &[Answered], mutant: &[Answered]) -> Option<Telling> {
    told_by(policy, mutant, &["errors"])
}

fn told_by(policy: &[Answered], mutant: &[Answered], parts: &[&'static str]) -> Option<Telling> {
    let text = |input: &[u8]| String::from_utf8_lossy(input).into_owned();
    policy.iter().zip(mutant).find_map(|((input, before), (_, after))| compared(before, after, parts, || text(input)))
}

/// What two policies make of a request, where that differs in more than errors.
pub fn difference(policy: &Engine, other: &Engine, input: String) -> Option<Telling> {
    let (before, after) = (policy.decide(input.as_bytes()), other.decide(input.as_bytes()));
    if said(&before.to_json()) == said(&after.to_json()) {
        return None;
    }
    compared(&before, &after, &PARTS, || input)
}

/// What a decision's JSON says before its errors and the policy's digest. A quote within a text is escaped.
fn said(json: &str) -> &str {
    json.rfind(",\"errors\":").and_then(|end| json.get(..end)).unwrap_or(json)
}

fn compared(before: &Decision, after: &Decision, others: &[&'static str], input: impl FnOnce() -> String) -> Option<Telling> {
    let told = [summary(before), summary(after)];
    let effects = [before.effect(), after.effect()];
    let telling = |[before, after]: [String; 2], part| Telling { input: input(), data: Vec::new(), before, after, effects, part };
    match told {
        [one, other] if one != other => Some(telling([one, other], None)),
        [one, other] => {
            let parts = others.iter().map(|part| (*part, part_of(before, part), part_of(after, part)));
            let (part, before, after) = parts.into_iter().find(|(_, before, after)| before != after)?;
            Some(telling([format!("{one}, {part} {before}"), format!("{other}, {part} {after}")], Some(part)))
        }
    }
}

fn part_of(decision: &Decision, part: &str) -> Value {
    let whole = serde_json::from_str::<Value>(&decision.to_json()).ok();
    let mut found = whole.and_then(|mut whole| whole.get_mut(part).map(Value::take)).unwrap_or_default();
    if part == "errors" {
        let errors = found.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
        errors.for_each(|error| drop(error.remove("message")));
    }
    found
}

/// What was decided, by which rules, and what is required.
fn summary(decision: &Decision) -> String {
    let rules: Vec<&str> = decision.rules().collect();
    let by = if rules.is_empty() { "none".to_owned() } else { rules.join(", ") };
    match part_of(decision, "obligations") {
        Value::Array(required) if !required.is_empty() => format!("{} by {by}, requires {}", decision.effect(), Value::Array(required)),
        _ => format!("{} by {by}", decision.effect()),
    }
}
