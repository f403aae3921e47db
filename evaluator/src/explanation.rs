//! Why a decision is as it is: every rule, with the value of every condition.

use std::fmt;

use crate::Effect;
use crate::decision::{Decision, array, field, object, text};

/// A decision with everything that led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// Every rule, sorted by full name; none where the request was refused before any rule.
    pub rules: Vec<RuleTrace>,
    /// Every score, in the decision's order; none where the request was refused before any rule.
    pub scores: Vec<ScoreTrace>,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTrace {
    /// Its full name.
    pub rule: String,
    /// Its effect.
    pub effect: Effect,
    /// Whether it takes no part.
    pub shadow: bool,
    /// Its annotations, with their arguments.
    pub annotations: Vec<(String, Vec<String>)>,
    /// Why the index kept it from being looked at; `None` for one that a decision looks at.
    pub excluded: Option<Exclusion>,
    /// Whether its `on` is about the call; where it is not, nothing else was evaluated.
    pub on: bool,
    /// Whether it matches.
    pub matched: bool,
    /// Its reason, where it matches and gives one.
    pub reason: Option<String>,
    /// The first error that was met.
    pub error: Option<String>,
    /// The conditions that are tested before the choices.
    pub conditions: Vec<ConditionTrace>,
    /// What was chosen for its `for` variables, up to a number, and by which it matches where that comes later; one without variables in a rule that has
    /// none.
    pub choices: Vec<ChoiceTrace>,
    /// How many further choices there were, counted up to a number.
    pub more: usize,
}

/// What a score is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreTrace {
    /// Its name, as the decision has it.
    pub score: String,
    /// Its value, within its range.
    pub value: Observed,
    /// Its contributions, as they are written.
    pub parts: Vec<ScorePartTrace>,
}

/// A contribution to a score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorePartTrace {
    /// The condition's source.
    pub text: String,
    /// Whether it holds.
    pub observed: Observed,
    /// How much it adds, where it holds.
    pub amount: Option<i64>,
    /// Its reason, where it holds and gives one; of one that errs, the error.
    pub reason: Option<String>,
}

/// Why the index does not give a rule for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// It can never match.
    Never,
    /// It is filed under other tools than the call's.
    Tool,
    /// It is filed under other values of an expression.
    Value {
        /// The expression, as the rule writes it; empty where it is not written as one.
        expression: String,
        /// What the expression gave.
        value: Observed,
        /// The rule's conditions that read it.
        conditions: Vec<String>,
    },
}

/// A choice of a rule's `for` variables.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceTrace {
    /// The variables with their values, outermost first; the last has the error of its source, where that errs.
    pub variables: Vec<(String, Observed)>,
    /// The conditions.
    pub conditions: Vec<ConditionTrace>,
}

/// What became of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionTrace {
    /// Its source.
    pub text: String,
    /// Whether it is the `unless`, which must be false.
    pub unless: bool,
    /// Its value.
    pub observed: Observed,
    /// How it comes of its parts.
    pub joint: Joint,
    /// What is in it.
    pub parts: Vec<ConditionTrace>,
}

/// How a condition comes of those in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joint {
    /// Otherwise than by `and`, `or` and `not`: what is in it are values that it reads.
    #[default]
    None,
    /// All of them hold.
    And,
    /// One of them holds.
    Or,
    /// The one does not hold.
    Not,
}

/// What an expression gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// A value, as JSON; a long one is cut short and a string.
    Value(String),
    /// An error.
    Error(String),
    /// Nothing: something before it decided.
    NotReached,
}

/// That of a request which was refused before any rule.
impl From<Decision> for Explanation {
    fn from(decision: Decision) -> Explanation {
        Explanation { decision, rules: Vec::new(), scores: Vec::new() }
    }
}

impl Explanation {
    /// The explanation as one line of JSON: `{"decision", "rules": [{"rule", "effect", "on", "matched", …}], "scores": [{"score", "parts", …}]}`.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(4096);
        object(&mut out, |out| {
            field(out, "decision", |out| self.decision.write_json(out));
            field(out, "rules", |out| array(out, &self.rules, RuleTrace::write_json));
            field(out, "scores", |out| array(out, &self.scores, ScoreTrace::write_json));
        });
        String::from_utf8(out).unwrap_or_default()
    }
}

impl RuleTrace {
    /// The first choice shown whose conditions all are as they must be.
    pub fn witness(&self) -> Option<&ChoiceTrace> {
        let is_whole = |choice: &&ChoiceTrace| !matches!(choice.variables.last(), Some((_, Observed::Error(_))));
        self.choices.iter().filter(is_whole).find(|choice| choice.conditions.iter().all(ConditionTrace::is_met))
    }

    fn write_json(out: &mut Vec<u8>, rule: &RuleTrace) {
        object(out, |out| {
            field(out, "rule", |out| text(out, &rule.rule));
            field(out, "effect", |out| text(out, rule.effect.name()));
            field(out, "shadow", |out| bool(out, rule.shadow));
            field(out, "annotations", |out| {
                object(out, |out| {
                    for (name, args) in &rule.annotations {
                        field(out, name, |out| array(out, args, |out, arg: &String| text(out, arg)));
                    }
                });
            });
            if let Some(excluded) = &rule.excluded {
                field(out, "excluded", |out| excluded.write_json(out));
            }
            field(out, "on", |out| bool(out, rule.on));
            field(out, "matched", |out| bool(out, rule.matched));
            for (name, value) in [("reason", &rule.reason), ("error", &rule.error)] {
                if let Some(value) = value {
                    field(out, name, |out| text(out, value));
                }
            }
            field(out, "conditions", |out| array(out, &rule.conditions, ConditionTrace::write_json));
            field(out, "choices", |out| array(out, &rule.choices, ChoiceTrace::write_json));
            field(out, "more_choices", |out| out.extend_from_slice(rule.more.to_string().as_bytes()));
        });
    }
}

impl ScoreTrace {
    fn write_json(out: &mut Vec<u8>, score: &ScoreTrace) {
        object(out, |out| {
            field(out, "score", |out| text(out, &score.score));
            score.value.write_json(out);
            field(out, "parts", |out| array(out, &score.parts, ScorePartTrace::write_json));
        });
    }
}

impl ScorePartTrace {
    fn write_json(out: &mut Vec<u8>, part: &ScorePartTrace) {
        object(out, |out| {
            field(out, "text", |out| text(out, &part.text));
            part.observed.write_json(out);
            if let Some(amount) = part.amount {
                field(out, "amount", |out| out.extend_from_slice(amount.to_string().as_bytes()));
            }
            if let Some(reason) = &part.reason {
                field(out, "reason", |out| text(out, reason));
            }
        });
    }
}

impl Exclusion {
    fn write_json(&self, out: &mut Vec<u8>) {
        object(out, |out| match self {
            Exclusion::Never => field(out, "by", |out| text(out, "never")),
            Exclusion::Tool => field(out, "by", |out| text(out, "tool")),
            Exclusion::Value { expression, value, conditions } => {
                field(out, "by", |out| text(out, "value"));
                field(out, "expression", |out| text(out, expression));
                value.write_json(out);
                field(out, "conditions", |out| array(out, conditions, |out, condition: &String| text(out, condition)));
            }
        });
    }
}

impl ChoiceTrace {
    fn write_json(out: &mut Vec<u8>, choice: &ChoiceTrace) {
        object(out, |out| {
            field(out, "variables", |out| {
                array(out, &choice.variables, |out, (name, observed)| {
                    object(out, |out| {
                        field(out, "name", |out| text(out, name));
                        observed.write_json(out);
                    });
                });
            });
            field(out, "conditions", |out| array(out, &choice.conditions, ConditionTrace::write_json));
        });
    }
}

impl ConditionTrace {
    /// Whether it is as it must be for the rule to match.
    pub fn is_met(&self) -> bool {
        matches!(&self.observed, Observed::Value(value) if (value == "true") != self.unless)
    }

    fn write_json(out: &mut Vec<u8>, condition: &ConditionTrace) {
        object(out, |out| {
            field(out, "text", |out| text(out, &condition.text));
            if condition.unless {
                field(out, "unless", |out| bool(out, true));
            }
            condition.observed.write_json(out);
            if !condition.parts.is_empty() {
                field(out, "parts", |out| array(out, &condition.parts, ConditionTrace::write_json));
            }
        });
    }
}

/// As people read it: a value is JSON, but for `none`, of which policies speak where there is no value.
impl fmt::Display for Observed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Observed::Value(json) => out.write_str(if json == "null" { "none" } else { json }),
            Observed::Error(message) => write!(out, "an error: {message}"),
            Observed::NotReached => out.write_str("not reached"),
        }
    }
}

impl Observed {
    fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Observed::Value(json) => field(out, "value", |out| out.extend_from_slice(json.as_bytes())),
            Observed::Error(message) => field(out, "error", |out| text(out, message)),
            Observed::NotReached => field(out, "reached", |out| bool(out, false)),
        }
    }
}

fn bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}
