//! Decisions as hosts see them.
//!
//! A decision refers to its policy's names by number and keeps every text that was made for it in one string, so that a host which reuses a
//! decision ([`crate::Engine::decide_into`]) makes the next one without allocating.

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tollgate_stdlib::{Kept, Value, write_json, write_json_string};

use crate::plan::{ConstId, index};
use crate::program::Program;

/// What a decision says of a tool call. The order is that of strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The call may be made.
    Allow,
    /// A person must approve it first.
    Review,
    /// It may not be made.
    #[default]
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
///
/// [`Decision::default`] is a deny of no policy, for [`crate::Engine::decide_into`] to fill.
#[derive(Clone, Default)]
pub struct Decision {
    source: Option<Arc<Source>>,
    effect: Effect,
    /// Numbers of rules.
    rules: Vec<u32>,
    reasons: Vec<Why>,
    obligations: Vec<Duty>,
    /// The arguments of all obligations, one after the other.
    args: Vec<Given>,
    scores: Vec<Option<i64>>,
    shadow: Vec<Silent>,
    errors: Vec<Met>,
    text: String,
}

/// The policy that made a decision. Each thread hands out its own, so that threads share no count of references.
pub(crate) struct Source {
    pub program: Arc<Program>,
}

/// A place in a decision's text.
type Span = Range<usize>;

#[derive(Clone, Debug)]
struct Why {
    /// `None` for the default.
    rule: Option<u32>,
    text: Span,
}

#[derive(Clone, Debug)]
struct Duty {
    obligation: u32,
    args: Span,
}

/// An argument of an obligation.
#[derive(Clone, Debug)]
enum Given {
    Const(ConstId),
    Text(Span),
    Other(Kept),
}

#[derive(Clone, Debug)]
struct Silent {
    rule: u32,
    effect: Effect,
    text: Span,
}

#[derive(Clone, Debug)]
struct Met {
    at: At<Span>,
    message: Span,
}

/// Where an error was met, by numbers.
#[derive(Clone, Debug)]
pub(crate) enum At<P> {
    /// `None`: in the default.
    Rule(Option<u32>),
    Score(u32),
    Path(P),
    Data(u32),
    Limit(&'static str),
}

/// Why a rule, or the default, decided so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'d> {
    /// The rule's full name; empty for the default.
    pub rule: &'d str,
    /// The rule's `@id`.
    pub id: Option<&'d str>,
    /// Its `because`, or the error by which it matched.
    pub text: &'d str,
}

/// What the enforcement point must do.
#[derive(Clone, Copy)]
pub struct Obligation<'d> {
    decision: &'d Decision,
    duty: &'d Duty,
}

/// What a `@shadow` rule would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadow<'d> {
    /// The rule's full name.
    pub rule: &'d str,
    /// What it would have said.
    pub effect: Effect,
    /// Its reason; empty without `because`.
    pub text: &'d str,
}

/// An error that a decision met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'d> {
    /// Where.
    pub origin: Origin<'d>,
    /// What.
    pub message: &'d str,
}

/// Where a decision met an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'d> {
    /// In a rule of that full name; empty for the default.
    Rule(&'d str),
    /// In a score of that full name.
    Score(&'d str),
    /// In the request, at that JSON path; empty for its root.
    Path(&'d str),
    /// In data of that full name, which is not bound.
    Data(&'d str),
    /// In a limit of that name.
    Limit(&'static str),
}

impl Decision {
    /// Whether the call may be made.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The full names of all rules that made the decision, sorted; none where the default or an error did.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.rules.iter().map(|rule| self.rule_name(Some(*rule)))
    }

    /// Why, in the order of the rules.
    pub fn reasons(&self) -> impl ExactSizeIterator<Item = Reason<'_>> + Clone {
        self.reasons.iter().map(|why| Reason { rule: self.rule_name(why.rule), id: self.rule_id(why.rule), text: self.part(&why.text) })
    }

    /// What the enforcement point must do; one that cannot refuses the call.
    pub fn obligations(&self) -> impl ExactSizeIterator<Item = Obligation<'_>> + Clone {
        self.obligations.iter().map(|duty| Obligation { decision: self, duty })
    }

    /// Every score's value under its short name, `None` where it could not be computed.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = (&str, Option<i64>)> + Clone {
        self.scores.iter().enumerate().map(|(place, value)| (self.score_name(place), *value))
    }

    /// What the shadow rules that matched would have done, sorted by full name.
    pub fn shadow(&self) -> impl ExactSizeIterator<Item = Shadow<'_>> + Clone {
        self.shadow.iter().map(|silent| Shadow { rule: self.rule_name(Some(silent.rule)), effect: silent.effect, text: self.part(&silent.text) })
    }

    /// The errors that were met.
    pub fn errors(&self) -> impl ExactSizeIterator<Item = Problem<'_>> + Clone {
        self.errors.iter().map(|met| Problem { origin: self.origin(&met.at), message: self.part(&met.message) })
    }

    /// The digest of the plan that decided; empty where none did.
    pub fn policy(&self) -> &str {
        self.program().map_or("", |program| &program.policy)
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
            field(out, "rules", |out| array(out, self.rules(), text));
            field(out, "reasons", |out| array(out, self.reasons(), Reason::write_json));
            field(out, "obligations", |out| array(out, self.obligations(), Obligation::write_json));
            field(out, "scores", |out| {
                object(out, |out| {
                    for (name, score) in self.scores() {
                        field(out, name, |out| write_json(score.map_or(Value::None, Value::Int), out));
                    }
                });
            });
            field(out, "shadow", |out| array(out, self.shadow(), Shadow::write_json));
            field(out, "errors", |out| array(out, self.errors(), Problem::write_json));
            field(out, "policy", |out| text(out, self.policy()));
        });
    }

    fn program(&self) -> Option<&Program> {
        self.source.as_deref().map(|source| &*source.program)
    }

    fn rule_name(&self, rule: Option<u32>) -> &str {
        rule.and_then(|rule| self.program()?.plan.rules.get(index(rule))).map_or("", |rule| &rule.name)
    }

    fn rule_id(&self, rule: Option<u32>) -> Option<&str> {
        self.program()?.plan.rules.get(index(rule?))?.id.as_deref()
    }

    fn score_name(&self, place: usize) -> &str {
        self.program().and_then(|program| program.short_scores.get(place)).map_or("", |name| name)
    }

    fn part(&self, span: &Span) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    fn origin(&self, at: &At<Span>) -> Origin<'_> {
        let plan = self.program().map(|program| &program.plan);
        match at {
            At::Rule(rule) => Origin::Rule(self.rule_name(*rule)),
            At::Score(score) => Origin::Score(plan.and_then(|plan| plan.scores.get(index(*score))).map_or("", |score| &score.name)),
            At::Path(path) => Origin::Path(self.part(path)),
            At::Data(data) => Origin::Data(plan.and_then(|plan| plan.data.get(index(*data))).map_or("", |data| &data.name)),
            At::Limit(name) => Origin::Limit(name),
        }
    }
}

/// Two decisions are equal where they say the same, by whatever policy's numbers.
impl PartialEq for Decision {
    fn eq(&self, other: &Decision) -> bool {
        self.effect == other.effect
            && self.rules().eq(other.rules())
            && self.reasons().eq(other.reasons())
            && self.obligations().eq(other.obligations())
            && self.scores().eq(other.scores())
            && self.shadow().eq(other.shadow())
            && self.errors().eq(other.errors())
            && self.policy() == other.policy()
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decision({self})")
    }
}

impl<'d> Obligation<'d> {
    /// Its name.
    pub fn name(&self) -> &'d str {
        self.declared().map_or("", |obligation| &obligation.name)
    }

    /// Its arguments under their names, in the order of its parameters.
    pub fn args(&self) -> impl ExactSizeIterator<Item = (&'d str, Value<'d>)> + Clone + use<'d> {
        let decision = self.decision;
        let params = self.declared().map(|obligation| obligation.params.as_slice()).unwrap_or_default();
        let args = decision.args.get(self.duty.args.clone()).unwrap_or_default();
        params.iter().map(|param| &**param).zip(args.iter().map(|given| decision.given(given)))
    }

    fn declared(&self) -> Option<&'d crate::plan::Obligation> {
        self.decision.program()?.plan.obligations.get(index(self.duty.obligation))
    }

    fn write_json(out: &mut Vec<u8>, obligation: Obligation<'_>) {
        object(out, |out| {
            field(out, "name", |out| text(out, obligation.name()));
            field(out, "args", |out| {
                object(out, |out| {
                    for (name, value) in obligation.args() {
                        field(out, name, |out| write_json(value, out));
                    }
                });
            });
        });
    }
}

impl PartialEq for Obligation<'_> {
    fn eq(&self, other: &Obligation<'_>) -> bool {
        let (own, others) = (self.args(), other.args());
        self.name() == other.name() && own.len() == others.len() && own.zip(others).all(|((a, x), (b, y))| a == b && x.equals(y))
    }
}

impl fmt::Debug for Obligation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name())?;
        self.args().enumerate().try_for_each(|(place, (name, value))| write!(f, "{}{name}: {value}", if place > 0 { ", " } else { "" }))?;
        f.write_char(')')
    }
}

/// How a decision is made: it is begun, and what was found is added piece by piece.
impl Decision {
    /// Makes it a deny without rules, reasons and scores, by that policy; the memory of what it was is kept for what it becomes.
    pub(crate) fn begin(&mut self, program: &Arc<Program>) {
        if !self.source.as_ref().is_some_and(|source| Arc::ptr_eq(&source.program, program)) {
            self.source = Some(crate::scratch::source(program));
        }
        self.clear();
    }

    /// Takes back all that was added.
    pub(crate) fn clear(&mut self) {
        self.effect = Effect::Deny;
        self.rules.clear();
        self.reasons.clear();
        self.obligations.clear();
        self.args.clear();
        self.shadow.clear();
        self.errors.clear();
        self.text.clear();
        self.scores.clear();
        let scores = self.program().map_or(0, |program| program.plan.scores.len());
        self.scores.resize(scores, None);
    }

    pub(crate) fn set_effect(&mut self, effect: Effect) {
        self.effect = effect;
    }

    pub(crate) fn add_rule(&mut self, rule: u32) {
        self.rules.push(rule);
    }

    /// Adds a reason of a rule, or of the default.
    pub(crate) fn add_reason(&mut self, rule: Option<u32>, reason: &str) {
        let text = self.say_text(reason);
        self.reasons.push(Why { rule, text });
    }

    pub(crate) fn add_obligation<'a>(&mut self, obligation: u32, args: impl Iterator<Item = (Option<ConstId>, Value<'a>)>) {
        let start = self.args.len();
        for (constant, value) in args {
            let given = match (constant, value) {
                (Some(id), _) => Given::Const(id),
                (None, Value::Str(text)) => Given::Text(self.say_text(text)),
                (None, value) => Given::Other(value.into()),
            };
            self.args.push(given);
        }
        self.obligations.push(Duty { obligation, args: start..self.args.len() });
    }

    pub(crate) fn set_score(&mut self, score: u32, value: i64) {
        if let Some(slot) = self.scores.get_mut(index(score)) {
            *slot = Some(value);
        }
    }

    pub(crate) fn add_shadow(&mut self, rule: u32, effect: Effect, reason: &str) {
        let text = self.say_text(reason);
        self.shadow.push(Silent { rule, effect, text });
    }

    pub(crate) fn add_problem(&mut self, at: At<&str>, message: impl fmt::Display) {
        let message = self.say(message);
        let at = match at {
            At::Rule(rule) => At::Rule(rule),
            At::Score(score) => At::Score(score),
            At::Path(path) => At::Path(self.say_text(path)),
            At::Data(data) => At::Data(data),
            At::Limit(name) => At::Limit(name),
        };
        self.errors.push(Met { at, message });
    }

    /// Adds that data is not bound.
    pub(crate) fn add_unbound(&mut self, data: u32) {
        let name = self.program().and_then(|program| program.plan.data.get(index(data))).map_or("", |data| &data.name);
        let message = format!("data `{name}` is not bound");
        self.add_problem(At::Data(data), message);
    }

    /// Sorts the errors by the full names of the rules and scores in which they were met.
    pub(crate) fn sort_errors(&mut self) {
        if self.errors.len() > 1 {
            let mut errors = std::mem::take(&mut self.errors);
            errors.sort_by(|a, b| self.origin(&a.at).name().cmp(self.origin(&b.at).name()));
            self.errors = errors;
        }
    }

    fn say_text(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    fn say(&mut self, what: impl fmt::Display) -> Span {
        let start = self.text.len();
        // Writing to a string has no errors of its own; a text that says it cannot be printed is left as far as it came.
        let _ = write!(self.text, "{what}");
        start..self.text.len()
    }

    fn given<'d>(&'d self, given: &'d Given) -> Value<'d> {
        match given {
            Given::Const(id) => self.program().map_or(Value::None, |program| program.constant(*id)),
            Given::Text(span) => Value::Str(self.part(span)),
            Given::Other(kept) => kept.view(),
        }
    }
}

impl<'d> Origin<'d> {
    fn name(self) -> &'d str {
        match self {
            Origin::Rule(name) | Origin::Score(name) => name,
            _ => "",
        }
    }
}

impl Reason<'_> {
    fn write_json(out: &mut Vec<u8>, reason: Reason<'_>) {
        object(out, |out| {
            field(out, "rule", |out| text(out, reason.rule));
            if let Some(id) = reason.id {
                field(out, "id", |out| text(out, id));
            }
            field(out, "text", |out| text(out, reason.text));
        });
    }
}

impl Shadow<'_> {
    fn write_json(out: &mut Vec<u8>, shadow: Shadow<'_>) {
        object(out, |out| {
            field(out, "rule", |out| text(out, shadow.rule));
            field(out, "effect", |out| text(out, shadow.effect.name()));
            field(out, "text", |out| text(out, shadow.text));
        });
    }
}

impl Problem<'_> {
    fn write_json(out: &mut Vec<u8>, problem: Problem<'_>) {
        let (kind, name) = match problem.origin {
            Origin::Rule(name) => ("rule", name),
            Origin::Score(name) => ("score", name),
            Origin::Path(path) => ("path", path),
            Origin::Data(name) => ("data", name),
            Origin::Limit(name) => ("limit", name),
        };
        object(out, |out| {
            field(out, kind, |out| text(out, name));
            field(out, "message", |out| text(out, problem.message));
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
pub(crate) fn array<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, item: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (place, each) in items.into_iter().enumerate() {
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
