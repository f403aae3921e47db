//! What a rule lacks, or has in vain.

use tollgate_evaluator::Effect;
use tollgate_stdlib::Kept;

use crate::diagnostic::{Code, Diagnostic};
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program, Rule};
use crate::syntax::ast::{self, ItemKind};

use super::reason::decided;
use super::{Findings, View, removal};

/// Obligations of the standard library that say how a call goes ahead; no other may have their names.
const OF_CALLS: [&str; 6] = ["approval", "limit", "redact", "set_arg", "expire", "sandbox"];

/// Each lint about one rule.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    idle_obligations(view, findings);
    let knows_agent = asks_agent(view.program);
    for rule in &view.program.rules {
        unexplained(rule, findings);
        if rule.effect == Effect::Allow {
            unconditional(rule, findings);
            agent_ignored(view.program, rule, &knows_agent, findings);
        }
    }
}

/// Whether a rule only reports.
pub fn is_shadow(rule: &Rule) -> bool {
    rule.annotations.iter().any(|annotation| annotation.name.text == "shadow")
}

/// Whoever waits or is refused wants to know why.
fn unexplained(rule: &Rule, findings: &mut Findings) {
    let (code, whom) = match rule.effect {
        Effect::Review => (Code::UnexplainedReview, "whoever reviews the call"),
        Effect::Deny => (Code::UnexplainedDeny, "the agent"),
        Effect::Allow => return,
    };
    let is_empty = |because: &Expr| matches!(because.constant(), Some(Kept::Str(text)) if text.trim().is_empty());
    if rule.because.as_ref().is_none_or(is_empty) {
        let message = format!("this rule gives no reason: {whom} is not told why");
        findings.say(code, rule.at, message, "add `because \"…\"`, with the values that matter in `{…}`");
    }
}

/// A call that is denied is not made, so that nothing can be said of how.
fn idle_obligations(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        let ItemKind::Rule(rule) = &source.item.kind else { continue };
        let spans: Vec<ast::Span> = rule.require.iter().map(|required| required.span).collect();
        for (place, required) in rule.require.iter().enumerate().filter(|_| rule.effect == ast::Effect::Deny) {
            let Some(name) = required.name.parts.last().filter(|name| OF_CALLS.contains(&&*name.text)) else { continue };
            let message = format!("`{}` is about a call that goes ahead, and this rule denies it", name.text);
            let found = Diagnostic::warning(Code::IdleObligation, source.at(required.span), message);
            let found = found.with_help("remove the obligation, or make the rule a `review`");
            let taken = match spans.as_slice() {
                [only] => removal::clause(view, source, "require", *only),
                all => removal::element(view, source, all, place),
            };
            findings.add_with_removal(found, "remove the obligation", taken);
        }
    }
}

fn unconditional(rule: &Rule, findings: &mut Findings) {
    if is_unconditional(rule) && !is_shadow(rule) {
        let message = "this rule allows every call of every tool";
        findings.say(Code::UnconditionalAllow, rule.at, message, "name the tools after `on`, or say when the rule holds");
    }
}

fn is_unconditional(rule: &Rule) -> bool {
    let is_any = |entry: &str| entry.strip_prefix("*/").unwrap_or(entry) == "*";
    let any_tool = rule.on.is_empty() || rule.on.iter().any(|entry| is_any(entry));
    any_tool && rule.choices.is_empty() && rule.when.is_empty() && rule.unless.is_none()
}

fn agent_ignored(program: &Program, rule: &Rule, knows_agent: &Known, findings: &mut Findings) {
    let conditions = rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr);
    let asks = conditions.chain(rule.choices.iter().map(|choice| &choice.source)).any(|expr| asks(program, expr, knows_agent));
    // Of a rule for every call more than that is told.
    if !asks && !is_unconditional(rule) {
        let message = "this rule does not ask which agent calls";
        findings.say(Code::AgentIgnored, rule.at, message, "compare a field of `agent`, such as `agent.id` or `agent.role`");
    }
}

/// Which definitions and scores read the agent.
struct Known {
    definitions: Vec<bool>,
    scores: Vec<bool>,
}

fn asks_agent(program: &Program) -> Known {
    let mut known = Known { definitions: vec![true; program.definitions.len()], scores: vec![true; program.scores.len()] };
    // Definitions stand after those they refer to; what is said of scores may come too late for one, which then counts as asking.
    for (place, definition) in program.definitions.iter().enumerate() {
        let found = asks(program, &definition.body, &known);
        if let Some(slot) = known.definitions.get_mut(place) {
            *slot = found;
        }
    }
    for (place, score) in program.scores.iter().enumerate() {
        let found = score.parts.iter().any(|part| asks(program, &part.condition, &known) || asks(program, &part.amount, &known));
        if let Some(slot) = known.scores.get_mut(place) {
            *slot = found;
        }
    }
    known
}

/// The fields of `context` that say nothing of who calls.
const CIRCUMSTANCES: [&str; 3] = ["environment", "time", "trace_id"];

/// Whether an expression reads who calls: `agent`, `user`, what `context` says of them, or any other field of the request than the tool, its arguments and what
/// was called before.
fn asks(program: &Program, expr: &Expr, known: &Known) -> bool {
    // `agent.id == agent.id` asks nothing.
    if decided(expr).is_some() || is_circumstance(program, expr) {
        return false;
    }
    let own = match &expr.kind {
        ExprKind::Input(field) => ![program.tool_field, program.args_field, program.session_field].contains(&Some(*field)),
        ExprKind::Definition(place) | ExprKind::Invoke { definition: place, .. } => known.definitions.get(*place).copied().unwrap_or(true),
        ExprKind::Score(place) => known.scores.get(*place).copied().unwrap_or(true),
        _ => false,
    };
    let mut found = own;
    each_operand(expr, &mut |operand, _| found = found || asks(program, operand, known));
    found
}

fn is_circumstance(program: &Program, expr: &Expr) -> bool {
    let ExprKind::Field { base, name, .. } = &expr.kind else { return false };
    let ExprKind::Input(field) = base.kind else { return false };
    program.input.fields.get(field).is_some_and(|field| &*field.name == "context") && CIRCUMSTANCES.contains(&&**name)
}
