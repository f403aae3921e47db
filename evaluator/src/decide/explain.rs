//! Every rule tried in the open: the same evaluation, with what it sees written down.

use std::fmt::Write as _;

use tollgate_stdlib::{Value, write_json, write_json_string};

use super::excluded::{exclusion, standings};
use super::{applies, try_rule};
use crate::decode::shortened;
use crate::eval::{Eval, Machine};
use crate::explanation::{ChoiceTrace, ConditionTrace, Joint, Observed, RuleTrace, ScorePartTrace, ScoreTrace};
use crate::plan::{Condition, Node, NodeId, Rule, RuleSource, ScorePart, index};
use crate::program::{Found, Standing};

/// Choices of one rule that are shown among many rules.
const SHOWN_CHOICES: usize = 20;
/// Choices of a rule that are shown of it alone.
const SHOWN_ALONE: usize = 1000;
/// Choices of one rule that are counted.
const COUNTED_CHOICES: usize = 10_000;
/// Bytes of a value that are shown as they are.
const SHOWN_BYTES: usize = 400;

/// How much of a rule is looked at.
#[derive(Clone, Copy)]
struct Scope {
    /// Whether a condition is evaluated where one before it has decided.
    whole: bool,
    /// How many choices are shown.
    choices: usize,
}

/// What becomes of each rule. Each has all the steps for itself, since showing takes more than deciding.
pub(crate) fn explain(machine: &mut Machine<'_>, found: &mut Found, indexed: bool, steps: u64) -> Vec<RuleTrace> {
    let program = machine.program;
    let rules = (0_u32..).zip(&program.plan.rules).zip(standings(machine, found, indexed));
    let traces = rules.map(|((id, rule), standing)| {
        machine.steps = steps;
        trace(machine, (id, rule, standing), Scope { whole: false, choices: SHOWN_CHOICES })
    });
    traces.collect()
}

/// What becomes of one rule, with the value of every condition, whatever those before it are. A condition that relies on what one before it proves
/// present may be false, or end in an error, for that reason.
pub(crate) fn explain_rule(machine: &mut Machine<'_>, found: &mut Found, indexed: bool, id: u32) -> Option<RuleTrace> {
    let steps = machine.steps;
    let standing = standings(machine, found, indexed).get(index(id)).copied()?;
    machine.steps = steps;
    let rule = machine.program.plan.rules.get(index(id))?;
    Some(trace(machine, (id, rule, standing), Scope { whole: true, choices: SHOWN_ALONE }))
}

/// What each score is made of, each with all the steps for itself.
pub(crate) fn explain_scores(machine: &mut Machine<'_>, steps: u64) -> Vec<ScoreTrace> {
    let program = machine.program;
    let scores = (0_u32..).zip(&program.plan.scores).zip(program.short_scores.iter());
    let traces = scores.map(|((id, score), name)| {
        machine.steps = steps;
        let value = observed(machine.score(id).map(Value::Int));
        let parts = machine.in_frame(index(score.locals), &[], |machine| score.parts.iter().map(|part| score_part(machine, part)).collect());
        ScoreTrace { score: name.to_string(), value, parts }
    });
    traces.collect()
}

fn score_part(machine: &mut Machine<'_>, part: &ScorePart) -> ScorePartTrace {
    let result = machine.eval(part.condition);
    let holds = matches!(result, Ok(Value::Bool(true)));
    let observed = observed(result);
    let amount = holds.then(|| machine.eval(part.amount).ok()?.as_int()).flatten();
    let reason = part.because.filter(|_| holds).map(|because| match machine.eval(because) {
        Ok(reason) => reason.as_str().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    });
    ScorePartTrace { text: part.text.to_string(), observed, amount, reason }
}

fn trace<'a>(machine: &mut Machine<'a>, (id, rule, standing): (u32, &'a Rule, Standing<'a>), scope: Scope) -> RuleTrace {
    let on = applies(machine, rule);
    let outcome = try_rule(machine, id, false);
    let (matched, reason, error) = match outcome {
        Ok(None) => (false, None, None),
        Ok(Some(outcome)) => (outcome.matched, outcome.reason.map(String::from), outcome.error),
        Err(error) => (false, None, Some(error)),
    };
    let source = machine.program.plan.source(id).unwrap_or_default();
    let annotations = source.annotations.iter().map(|(name, args)| (name.to_string(), args.iter().map(ToString::to_string).collect()));
    let mut trace = RuleTrace {
        rule: rule.name.to_string(),
        effect: rule.effect,
        shadow: rule.shadow,
        annotations: annotations.collect(),
        excluded: exclusion(machine, standing, &source),
        on,
        matched,
        reason,
        error: error.map(|error| error.to_string()),
        conditions: Vec::new(),
        choices: Vec::new(),
        more: 0,
    };
    if on {
        machine.in_frame(index(rule.locals), &[], |machine| {
            let mut reached = true;
            trace.conditions = source.guards.iter().map(|guard| condition(machine, guard, false, &mut reached, scope)).collect();
            // Without `for`, an `unless` is shown where it is not reached too.
            if reached || (rule.choices.is_empty() && source.unless.is_some()) {
                Choices { rule, scope, source: &source, trace: &mut trace, reached, variables: Vec::new(), witnessed: false, erred: false }
                    .choose(machine, 0);
            }
        });
    }
    trace
}

struct Choices<'a, 't> {
    rule: &'a Rule,
    scope: Scope,
    source: &'t RuleSource,
    trace: &'t mut RuleTrace,
    /// Whether the conditions of a choice are reached.
    reached: bool,
    variables: Vec<(String, Observed)>,
    /// Whether a choice that is shown matches.
    witnessed: bool,
    /// Whether one that is shown errs.
    erred: bool,
}

impl<'a> Choices<'a, '_> {
    fn choose(&mut self, machine: &mut Machine<'a>, place: usize) {
        let rule = self.rule;
        let Some(choice) = rule.choices.get(place) else { return self.show(machine) };
        let name = self.source.choices.get(place).map(ToString::to_string).unwrap_or_default();
        let source = match machine.eval(choice.source) {
            Ok(source) => source,
            Err(error) => {
                let mut variables = self.variables.clone();
                variables.push((name, Observed::Error(error.to_string())));
                return self.add(ChoiceTrace { variables, conditions: Vec::new() });
            }
        };
        for element in source.elements() {
            if self.trace.more >= COUNTED_CHOICES || machine.spend(1).is_err() {
                return;
            }
            machine.bind(choice.local, element);
            self.variables.push((name.clone(), observed(Ok(element))));
            self.choose(machine, place + 1);
            self.variables.pop();
        }
    }

    fn show(&mut self, machine: &mut Machine<'a>) {
        let (source, scope, mut reached) = (self.source, self.scope, self.reached);
        if self.trace.choices.len() >= scope.choices && !self.is_decisive(machine) {
            self.trace.more += 1;
            return;
        }
        let mut conditions: Vec<_> = source.conditions.iter().map(|each| condition(machine, each, false, &mut reached, scope)).collect();
        conditions.extend(source.unless.iter().map(|unless| condition(machine, unless, true, &mut reached, scope)));
        self.witnessed |= conditions.iter().all(ConditionTrace::is_met);
        self.erred |= conditions.iter().any(|condition| matches!(condition.observed, Observed::Error(_)));
        self.trace.choices.push(ChoiceTrace { variables: self.variables.clone(), conditions });
    }

    /// Whether the rule matches by this choice, be it by an error, and none that is shown does.
    fn is_decisive(&self, machine: &mut Machine<'a>) -> bool {
        if !self.trace.matched || self.witnessed {
            return false;
        }
        let wanted = self.rule.conditions.iter().map(|condition| (condition, true)).chain(self.rule.unless.iter().map(|unless| (unless, false)));
        for (condition, wanted) in wanted {
            match machine.test(*condition) {
                Ok(holds) if holds == wanted => {}
                Ok(_) => return false,
                Err(_) => return !self.erred,
            }
        }
        true
    }

    fn add(&mut self, choice: ChoiceTrace) {
        if self.trace.choices.len() >= self.scope.choices { self.trace.more += 1 } else { self.trace.choices.push(choice) }
    }
}

/// A condition's value, if it is reached, and whether what follows is.
fn condition(machine: &mut Machine<'_>, condition: &Condition, unless: bool, reached: &mut bool, scope: Scope) -> ConditionTrace {
    let mut trace = part(machine, condition, *reached, scope.whole);
    trace.unless = unless;
    *reached &= scope.whole || trace.observed == Observed::Value(if unless { "false" } else { "true" }.into());
    trace
}

/// The same of a condition or something in it; where the `whole` is wanted, what comes after what decides too, but for errors, which may come of that.
fn part(machine: &mut Machine<'_>, condition: &Condition, reached: bool, whole: bool) -> ConditionTrace {
    let observed = match (reached || whole).then(|| observed(machine.eval(condition.node))) {
        Some(Observed::Error(_)) if !reached => Observed::NotReached,
        Some(Observed::Value(_)) if whole && orders_absent(machine, condition.node) => Observed::Value("false".into()),
        observed => observed.unwrap_or(Observed::NotReached),
    };
    let joint = joint(machine, condition);
    let decisive = match joint {
        Joint::And => Some("false"),
        Joint::Or => Some("true"),
        Joint::None | Joint::Not => None,
    };
    let branches = branches(machine, condition);
    let (mut open, mut taken) = (reached, None);
    let parts = (0..).zip(&condition.parts).map(|(place, inner)| {
        let is_taken = !branches || place == 0 || taken == Some(place);
        let trace = part(machine, inner, open && is_taken, whole);
        if branches && place == 0 {
            taken = match &trace.observed {
                Observed::Value(value) => Some(if value == "true" { 1 } else { 2 }),
                _ => None,
            };
        }
        let decides = match (&trace.observed, decisive) {
            (Observed::Value(value), Some(decisive)) => value == decisive,
            (Observed::Error(_), Some(_)) => true,
            _ => false,
        };
        open &= !decides;
        trace
    });
    ConditionTrace { text: condition.text.to_string(), unless: false, parts: parts.collect(), observed, joint }
}

/// Whether a condition asks how values stand to one another of which one is absent: it relies on what another, which does not hold, proves present.
fn orders_absent(machine: &mut Machine<'_>, node: NodeId) -> bool {
    let program = machine.program;
    let Some(Node::Order(_, left, right)) = bare(&program.plan.nodes, node) else { return false };
    [*left, *right].into_iter().any(|operand| machine.eval(operand).is_ok_and(Value::is_none))
}

/// Whether its parts are the condition of an `if` and its two branches.
fn branches(machine: &Machine<'_>, condition: &Condition) -> bool {
    let nodes = &machine.program.plan.nodes;
    let Some(Node::If(asked, then, otherwise)) = bare(nodes, condition.node) else { return false };
    matches!(&*condition.parts, [first, second, third] if [first.node, second.node, third.node] == [*asked, *then, *otherwise])
}

/// The node, whether or not its result is shared.
fn bare(nodes: &[Node], node: NodeId) -> Option<&Node> {
    match nodes.get(index(node)) {
        Some(Node::Shared(_, of)) => nodes.get(index(*of)),
        node => node,
    }
}

/// How a condition comes of its parts, where they are the operands of `and`, `or` or `not`: those of a function that is written out are what it reads.
fn joint(machine: &Machine<'_>, condition: &Condition) -> Joint {
    let nodes = &machine.program.plan.nodes;
    // One within another of its kind may stand with its operands alone.
    let is_nested = |node: NodeId| matches!(bare(nodes, node), Some(Node::And(_) | Node::Or(_)));
    let are_parts = |operands: &[NodeId]| {
        let mut parts = condition.parts.iter();
        !condition.parts.is_empty() && parts.all(|part| operands.contains(&part.node) || is_nested(part.node))
    };
    match bare(nodes, condition.node) {
        Some(Node::And(operands)) if are_parts(operands) => Joint::And,
        Some(Node::Or(operands)) if are_parts(operands) => Joint::Or,
        Some(Node::Not(inner)) if condition.parts.iter().any(|part| part.node == *inner) => Joint::Not,
        _ => Joint::None,
    }
}

pub(super) fn observed(result: Eval<'_>) -> Observed {
    let value = match result {
        Ok(value) => value,
        Err(error) => return Observed::Error(error.to_string()),
    };
    let mut json = Vec::new();
    if is_short(value) {
        write_json(value, &mut json);
    }
    if json.is_empty() || json.len() > SHOWN_BYTES {
        let mut start = Start(String::new());
        // Its only error is that there is more than is shown.
        let _ = write!(start, "{value}");
        json.clear();
        write_json_string(&shortened(&start.0), &mut json);
    }
    Observed::Value(String::from_utf8(json).unwrap_or_default())
}

/// Whether a value may be short enough to be shown as it is; one that holds others many times over is not written out to see.
fn is_short(value: Value<'_>) -> bool {
    let (mut bytes, mut pending) = (0, vec![value]);
    while let Some(value) = pending.pop() {
        bytes += 1 + value.as_str().map_or(0, str::len);
        if bytes > SHOWN_BYTES {
            return false;
        }
        match value {
            Value::List(_) | Value::Set(_) | Value::Map(_) => pending.extend(value.elements().take(SHOWN_BYTES)),
            Value::Record(record) => pending.extend(record.present().map(|(_, value)| value)),
            _ => {}
        }
    }
    true
}

/// The start of a text.
struct Start(String);

impl std::fmt::Write for Start {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        let end = part.char_indices().map(|(end, _)| end).find(|end| self.0.len() + end > SHOWN_BYTES);
        self.0.push_str(part.get(..end.unwrap_or(part.len())).unwrap_or_default());
        if end.is_some() { Err(std::fmt::Error) } else { Ok(()) }
    }
}
