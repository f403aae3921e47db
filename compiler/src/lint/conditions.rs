//! What conditions come to: always true, always false, contradictory, said twice.

use std::collections::HashMap;

use tollgate_evaluator::Effect;

use crate::check::symbols::STD;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::lower::walk::each_operand;
use crate::program::{Condition, Expr, ExprKind, Program, Rule};

use super::reason::{Assumptions, decided, key};
use super::tools::ToolNames;
use super::{Findings, View};

/// Each lint about what conditions come to.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let program = view.program;
    let tools = ToolNames::new(program);
    for rule in &program.rules {
        of_rule(program, &tools, rule, findings);
    }
    for part in program.scores.iter().flat_map(|score| &score.parts) {
        if let Some(outcome) = outcome(program, &part.condition) {
            let message = if outcome { "this part always counts" } else { "this part never counts" };
            findings.say(Code::IdleScorePart, part.condition.at, message, "remove it, or say when it counts");
        }
        within(program, &part.condition, findings);
    }
    for definition in program.definitions.iter().filter(|definition| !is_standard(&definition.name)) {
        // A constant is what a `let` is for.
        if definition.body.constant().is_none() {
            whole(program, &definition.body, "this", findings);
        }
        within(program, &definition.body, findings);
    }
}

fn is_standard(name: &str) -> bool {
    name.strip_prefix(STD).is_some_and(|rest| rest.starts_with('.'))
}

fn of_rule(program: &Program, tools: &ToolNames<'_>, rule: &Rule, findings: &mut Findings) {
    let mut has_constant = false;
    let mut seen: HashMap<String, Location> = HashMap::new();
    for condition in &rule.when {
        has_constant |= whole(program, &condition.expr, "this condition", findings);
        repeated(condition, &mut seen, findings);
        within(program, &condition.expr, findings);
    }
    if let Some(unless) = &rule.unless {
        has_constant |= whole(program, &unless.expr, "this condition", findings);
        within(program, &unless.expr, findings);
    }
    rule.choices.iter().for_each(|choice| within(program, &choice.source, findings));
    if !has_constant {
        never_matches(program, tools, rule, findings);
    }
}

/// Says of a condition that it has one outcome, if so.
fn whole(program: &Program, condition: &Expr, what: &str, findings: &mut Findings) -> bool {
    let Some(outcome) = outcome(program, condition) else { return false };
    if decided(condition).is_some() && condition.constant().is_none() {
        // The comparison itself is the matter, and `within` says so.
        return true;
    }
    let message = format!("{what} is always {outcome}");
    findings.say(Code::ConstantCondition, condition.at, message, "remove it, or compare with what was meant");
    true
}

/// The outcome that a condition always has.
fn outcome(program: &Program, condition: &Expr) -> Option<bool> {
    if condition.errs || !matches!(condition.ty, tollgate_stdlib::types::Type::Bool) {
        return None;
    }
    let never = |outcome: bool| {
        let mut assumptions = Assumptions::new(program);
        assumptions.assume(condition, outcome);
        assumptions.are_impossible()
    };
    if never(true) { Some(false) } else { never(false).then_some(true) }
}

/// What stands within a condition: comparisons that have one outcome, and conditions of `if`.
fn within(program: &Program, expr: &Expr, findings: &mut Findings) {
    match &expr.kind {
        ExprKind::Equal(..) | ExprKind::Order(..) | ExprKind::In(..) if !expr.errs => {
            if let Some(outcome) = decided(expr) {
                let message = format!("this comparison is always {outcome}");
                findings.say(Code::ConstantComparison, expr.at, message, "compare with what was meant, or say the outcome");
            }
        }
        // `!=` stands where its equality does.
        ExprKind::Not(inner) if inner.at == expr.at && !expr.errs => {
            if let Some(outcome) = decided(expr) {
                let message = format!("this comparison is always {outcome}");
                findings.say(Code::ConstantComparison, expr.at, message, "compare with what was meant, or say the outcome");
                return;
            }
        }
        ExprKind::If { condition, .. } => {
            whole(program, condition, "this condition", findings);
        }
        ExprKind::And(parts) | ExprKind::Or(parts) => {
            let mut seen = HashMap::new();
            parts.iter().for_each(|part| repeated_in(part, &mut seen, findings));
        }
        _ => {}
    }
    each_operand(expr, &mut |operand, _| within(program, operand, findings));
}

fn repeated(condition: &Condition, seen: &mut HashMap<String, Location>, findings: &mut Findings) {
    repeated_in(&condition.expr, seen, findings);
}

fn repeated_in(expr: &Expr, seen: &mut HashMap<String, Location>, findings: &mut Findings) {
    let Some(key) = key(expr).filter(|_| expr.constant().is_none()) else { return };
    match seen.get(&key) {
        Some(first) => {
            let found = Diagnostic::warning(Code::RepeatedCondition, expr.at, "this is said already");
            findings.add(found.with_secondary(*first, "here").with_help("remove it, or compare with what was meant"));
        }
        None => {
            seen.insert(key, expr.at);
        }
    }
}

/// Rules whose conditions contradict each other, or every tool of `on`. An error in a condition makes a deny or review match.
fn never_matches(program: &Program, tools: &ToolNames<'_>, rule: &Rule, findings: &mut Findings) {
    let conditions = || rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr);
    let errs = conditions().chain(rule.choices.iter().map(|choice| &choice.source)).any(|expr| expr.errs);
    if rule.effect != Effect::Allow && errs {
        return;
    }
    let assumed = assumed(program, rule);
    let help = "a rule matches where all of `when` holds and `unless` does not; say `or` for alternatives";
    if assumed.are_impossible() {
        findings.say(Code::NeverMatches, rule.at, "this rule never matches: its conditions contradict each other", help);
        return;
    }
    let excludes = |entry: &str| tools.meant(entry).is_some_and(|meant| meant.is_excluded(&assumed));
    let mut excluded = rule.on.iter().map(|entry| &**entry).map(excludes);
    if !rule.on.is_empty() && excluded.all(|excluded| excluded) {
        let message = "this rule never matches: no tool of its `on` meets its conditions";
        findings.say(Code::NeverMatches, rule.at, message, "compare the tools' declarations with the conditions");
    }
}

/// What a rule that matches says.
pub fn assumed<'p>(program: &'p Program, rule: &'p Rule) -> Assumptions<'p> {
    let mut assumptions = Assumptions::new(program);
    rule.when.iter().for_each(|condition| assumptions.assume(&condition.expr, true));
    rule.unless.iter().for_each(|condition| assumptions.assume(&condition.expr, false));
    assumptions
}
