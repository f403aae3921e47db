//! Rules that belong to no engine, and what a request is decided by them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Effect, Expected};

/// A rule: it matches when its tools name the call's and every condition holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Its name, a word in every engine's language.
    pub id: String,
    /// What it decides.
    pub effect: Effect,
    /// The tools that it is about; every tool where there is none.
    pub tools: Vec<String>,
    /// All must hold.
    pub conditions: Vec<Condition>,
}

/// A test of one attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The path of a field of the request.
    #[serde(rename = "attr")]
    pub attribute: String,
    /// What must be true of it.
    #[serde(flatten)]
    pub test: Test,
}

/// What a condition asks of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", content = "value")]
pub enum Test {
    /// It is that text.
    #[serde(rename = "eq")]
    Equals(String),
    /// It is another text.
    #[serde(rename = "ne")]
    Differs(String),
    /// It is one of those texts.
    #[serde(rename = "in")]
    OneOf(Vec<String>),
    /// It begins so.
    #[serde(rename = "starts_with")]
    StartsWith(String),
    /// It ends so.
    #[serde(rename = "ends_with")]
    EndsWith(String),
    /// It is more.
    #[serde(rename = "gt")]
    Above(i64),
    /// It is as much or more.
    #[serde(rename = "ge")]
    AtLeast(i64),
    /// It is less.
    #[serde(rename = "lt")]
    Below(i64),
}

impl Condition {
    /// A test of that field.
    pub fn new(attribute: &str, test: Test) -> Condition {
        Condition { attribute: attribute.into(), test }
    }

    /// Whether it holds of a request. A field that is missing fails every test.
    fn holds(&self, request: &Value) -> bool {
        let found = self.attribute.split('.').try_fold(request, |value, name| value.get(name));
        let text = found.and_then(Value::as_str);
        let number = found.and_then(Value::as_i64);
        match &self.test {
            Test::Equals(wanted) => text.is_some_and(|text| text == wanted),
            Test::Differs(other) => text.is_some_and(|text| text != other),
            Test::OneOf(wanted) => text.is_some_and(|text| wanted.iter().any(|each| each == text)),
            Test::StartsWith(start) => text.is_some_and(|text| text.starts_with(start)),
            Test::EndsWith(end) => text.is_some_and(|text| text.ends_with(end)),
            Test::Above(bound) => number.is_some_and(|number| number > *bound),
            Test::AtLeast(bound) => number.is_some_and(|number| number >= *bound),
            Test::Below(bound) => number.is_some_and(|number| number < *bound),
        }
    }
}

impl Rule {
    fn matches(&self, tool: &str, request: &Value) -> bool {
        (self.tools.is_empty() || self.tools.iter().any(|each| each == tool)) && self.conditions.iter().all(|condition| condition.holds(request))
    }
}

/// What the rules decide: every rule is looked at, and the strongest effect of those that match counts; deny where none does.
pub(crate) fn decide(rules: &[Rule], request: &Value) -> Expected {
    let tool = request["tool"]["name"].as_str().unwrap_or_default();
    let matching: Vec<&Rule> = rules.iter().filter(|rule| rule.matches(tool, request)).collect();
    let effect = matching.iter().map(|rule| rule.effect).min().unwrap_or(Effect::Deny);
    Expected::new(effect, matching.iter().filter(|rule| rule.effect == effect).map(|rule| rule.id.clone()))
}
