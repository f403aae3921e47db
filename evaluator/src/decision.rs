//! Decisions as hosts see them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tollgate_stdlib::{Kept, write_json, write_json_string};

/// What a decision says of a tool call. The order is that of strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The call may be made.
    Allow,
    /// A person must approve it first.
    Review,
    /// It may not be made.
    Deny,
}

impl Effect {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Allow => "allow",
            Effect::Review => "review",
            Effect::Deny => "deny",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the policy says of one tool call, by which rules, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub(crate) effect: Effect,
    pub(crate) rules: Vec<Arc<str>>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) scores: Vec<(Arc<str>, Option<i64>)>,
    pub(crate) shadow: Vec<Shadow>,
    pub(crate) errors: Vec<Problem>,
    pub(crate) policy: Arc<str>,
}

/// Why a rule, or the default, decided so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The rule's full name; empty for the default.
    pub rule: Arc<str>,
    /// The rule's `@id`.
    pub id: Option<Arc<str>>,
    /// Its `because`, or the error by which it matched.
    pub text: String,
}

/// What the enforcement point must do.
#[derive(Clone, Debug, PartialEq)]
pub struct Obligation {
    /// Its name.
    pub name: Arc<str>,
    /// Its arguments in the order of its parameters.
    pub args: Vec<(Arc<str>, Kept)>,
}

/// What a `@shadow` rule would have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// The rule's full name.
    pub rule: Arc<str>,
    /// What it would have said.
    pub effect: Effect,
    /// Its reason; empty without `because`.
    pub text: String,
}

/// An error that a decision met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub origin: Origin,
    /// What.
    pub message: String,
}

/// Where a decision met an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a rule of that full name; empty for the default.
    Rule(Arc<str>),
    /// In a score of that full name.
    Score(Arc<str>),
    /// In the request, at that JSON path; empty for its root.
    Path(String),
    /// In data of that full name, which is not bound.
    Data(Arc<str>),
    /// In a limit of that name.
    Limit(&'static str),
}

impl Decision {
    /// Whether the call may be made.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The full names of all rules that made the decision, sorted; none where the default or an error did.
    pub fn rules(&self) -> &[Arc<str>] {
        &self.rules
    }

    /// Why, in the order of the rules.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// What the enforcement point must do; one that cannot refuses the call.
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// Every score's value, `None` where it could not be computed.
    pub fn scores(&self) -> &[(Arc<str>, Option<i64>)] {
        &self.scores
    }

    /// What the shadow rules that matched would have done, sorted by full name.
    pub fn shadow(&self) -> &[Shadow] {
        &self.shadow
    }

    /// The errors that were met.
    pub fn errors(&self) -> &[Problem] {
        &self.errors
    }

    /// The digest of the plan that decided.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The decision as one line of JSON, in the form that the language's reference gives.
    pub fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(512);
        self.write_json(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        object(out, |out| {
            field(out, "effect", |out| text(out, self.effect.name()));
            field(out, "rules", |out| array(out, &self.rules, |out, rule| text(out, rule)));
            field(out, "reasons", |out| array(out, &self.reasons, Reason::write_json));
            field(out, "obligations", |out| array(out, &self.obligations, Obligation::write_json));
            field(out, "scores", |out| {
                object(out, |out| {
                    for (name, score) in &self.scores {
                        field(out, name, |out| write_json(score.map_or(Kept::None, Kept::Int).view(), out));
                    }
                });
            });
            field(out, "shadow", |out| array(out, &self.shadow, Shadow::write_json));
            field(out, "errors", |out| array(out, &self.errors, Problem::write_json));
            field(out, "policy", |out| text(out, &self.policy));
        });
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl Reason {
    fn write_json(out: &mut Vec<u8>, reason: &Reason) {
        object(out, |out| {
            field(out, "rule", |out| text(out, &reason.rule));
            if let Some(id) = &reason.id {
                field(out, "id", |out| text(out, id));
            }
            field(out, "text", |out| text(out, &reason.text));
        });
    }
}

impl Obligation {
    fn write_json(out: &mut Vec<u8>, obligation: &Obligation) {
        object(out, |out| {
            field(out, "name", |out| text(out, &obligation.name));
            field(out, "args", |out| {
                object(out, |out| {
                    for (name, value) in &obligation.args {
                        field(out, name, |out| write_json(value.view(), out));
                    }
                });
            });
        });
    }
}

impl Shadow {
    fn write_json(out: &mut Vec<u8>, shadow: &Shadow) {
        object(out, |out| {
            field(out, "rule", |out| text(out, &shadow.rule));
            field(out, "effect", |out| text(out, shadow.effect.name()));
            field(out, "text", |out| text(out, &shadow.text));
        });
    }
}

impl Problem {
    fn write_json(out: &mut Vec<u8>, problem: &Problem) {
        let (kind, name) = match &problem.origin {
            Origin::Rule(name) => ("rule", &**name),
            Origin::Score(name) => ("score", &**name),
            Origin::Path(path) => ("path", path.as_str()),
            Origin::Data(name) => ("data", &**name),
            Origin::Limit(name) => ("limit", *name),
        };
        object(out, |out| {
            field(out, kind, |out| text(out, name));
            field(out, "message", |out| text(out, &problem.message));
        });
    }
}

/// Writes an object, whose fields the closure writes with [`field`].
pub(crate) fn object(out: &mut Vec<u8>, fields: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'{');
    fields(out);
    out.push(b'}');
}

/// Writes a field of the open object.
pub(crate) fn field(out: &mut Vec<u8>, name: &str, value: impl FnOnce(&mut Vec<u8>)) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    write_json_string(name, out);
    out.push(b':');
    value(out);
}

/// Writes an array.
pub(crate) fn array<T>(out: &mut Vec<u8>, items: &[T], item: impl Fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (place, each) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        item(out, each);
    }
    out.push(b']');
}

/// Writes a string.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    write_json_string(text, out);
}
