//! What conditions come to: always true, always false, contradictory, said twice.

use std::collections::HashMap;

use tollgate_evaluator::Effect;

use crate::check::symbols::STD;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program, Rule};
use crate::syntax::ast::{ItemKind, ScorePart, Span};

use super::reason::{Assumptions, decided, key, known_outcome};
use super::removal::{self, Items};
use super::style::strip;
use super::tools::ToolNames;
use super::{Findings, View};

/// Each lint about what conditions come to.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let program = view.program;
    let tools = ToolNames::new(program);
    let seen = Seen { view, program, items: Items::new(view) };
    for rule in &program.rules {
        of_rule(&seen, &tools, rule, findings);
    }
    for part in program.scores.iter().flat_map(|score| &score.parts) {
        if let Some(outcome) = outcome(program, &part.condition) {
            let message = if outcome { "this part always counts" } else { "this part never counts" };
            let found = Diagnostic::warning(Code::IdleScorePart, part.condition.at, message).with_help("remove it, or say when it counts");
            findings.add_with_removal(found, "remove this part", seen.part(part.condition.at).filter(|_| !outcome));
        }
        within(&seen, &part.condition, findings);
    }
    for definition in program.definitions.iter().filter(|definition| !is_standard(&definition.name)) {
        // A constant is what a `let` is for.
        if definition.body.constant().is_none() {
            whole(&seen, &definition.body, "this", findings, |_| None);
        }
        within(&seen, &definition.body, findings);
    }
}

fn is_standard(name: &str) -> bool {
    name.strip_prefix(STD).is_some_and(|rest| rest.starts_with('.'))
}

fn of_rule(seen: &Seen<'_, '_>, tools: &ToolNames<'_>, rule: &Rule, findings: &mut Findings) {
    let mut has_constant = false;
    let mut said: HashMap<String, Location> = HashMap::new();
    for condition in &rule.when {
        has_constant |= whole(seen, &condition.expr, "this condition", findings, |outcome| seen.conjunct(condition.expr.at).filter(|_| outcome));
        repeated(seen, &condition.expr, &mut said, findings);
        within(seen, &condition.expr, findings);
    }
    if let Some(unless) = &rule.unless {
        has_constant |= whole(seen, &unless.expr, "this condition", findings, |outcome| seen.exception(unless.expr.at).filter(|_| !outcome));
        within(seen, &unless.expr, findings);
    }
    rule.choices.iter().for_each(|choice| within(seen, &choice.source, findings));
    if !has_constant {
        never_matches(seen.program, tools, rule, findings);
    }
}

/// What conditions are looked at in.
struct Seen<'v, 'a> {
    view: &'v View<'a>,
    program: &'a Program,
    items: Items<'v, 'a>,
}

impl Seen<'_, '_> {
    /// What to take away so that a condition of `when` is not asked.
    fn conjunct(&self, at: Location) -> Option<Location> {
        let source = self.items.at(at)?;
        let ItemKind::Rule(rule) = &source.item.kind else { return None };
        let whole = rule.when.as_ref().filter(|when| when.span == at.span || strip(when).span == at.span);
        match whole {
            Some(whole) => removal::clause(self.view, source, "when", whole.span),
            None => removal::operand(self.view, source, at, Some(true)),
        }
    }

    /// The same of the condition of `unless`.
    fn exception(&self, at: Location) -> Option<Location> {
        let source = self.items.at(at)?;
        let ItemKind::Rule(rule) = &source.item.kind else { return None };
        let whole = rule.unless.as_ref().filter(|unless| unless.span == at.span || strip(unless).span == at.span)?;
        removal::clause(self.view, source, "unless", whole.span)
    }

    /// The part of a score that has the condition, where it is not the only one.
    fn part(&self, condition: Location) -> Option<Location> {
        let source = self.items.at(condition)?;
        let ItemKind::Score { parts, .. } = &source.item.kind else { return None };
        let has_it = |part: &ScorePart| part.span.start <= condition.span.start && condition.span.end <= part.span.end;
        let spans: Vec<Span> = parts.iter().map(|part| part.span).collect();
        removal::element(self.view, source, &spans, parts.iter().position(has_it)?)
    }
}

/// Says of a condition that it has one outcome, if so; `taken` is what may be taken away where it has that outcome.
fn whole(seen: &Seen<'_, '_>, condition: &Expr, what: &str, findings: &mut Findings, taken: impl Fn(bool) -> Option<Location>) -> bool {
    let Some(outcome) = outcome(seen.program, condition) else { return false };
    if decided(condition).is_some() && condition.constant().is_none() || known_outcome(seen.program, positive(condition)).is_some() {
        // The comparison itself is the matter, and `within` says so.
        return true;
    }
    let found = Diagnostic::warning(Code::ConstantCondition, condition.at, format!("{what} is always {outcome}"));
    findings.add_with_removal(found.with_help("remove it, or compare with what was meant"), "remove the condition", taken(outcome));
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
fn within(seen: &Seen<'_, '_>, expr: &Expr, findings: &mut Findings) {
    match &expr.kind {
        _ if !expr.errs && known(seen.program, expr, findings) => return,
        ExprKind::Equal(..) | ExprKind::Order(..) | ExprKind::In(..) if !expr.errs => one_outcome(expr, findings),
        // `!=` stands where its equality does.
        ExprKind::Not(inner) if inner.at == expr.at && !expr.errs && decided(expr).is_some() => return one_outcome(expr, findings),
        ExprKind::If { condition, .. } => {
            whole(seen, condition, "this condition", findings, |_| None);
        }
        ExprKind::And(parts) | ExprKind::Or(parts) => {
            let mut said = HashMap::new();
            parts.iter().for_each(|part| repeated(seen, part, &mut said, findings));
        }
        _ => {}
    }
    each_operand(expr, &mut |operand, _| within(seen, operand, findings));
}

/// Says of a comparison that it has one outcome by what is compared, if so.
fn known(program: &Program, expr: &Expr, findings: &mut Findings) -> bool {
    let (comparison, is_negated) = match &expr.kind {
        // `!=` stands where its equality does.
        ExprKind::Not(inner) if inner.at == expr.at => (&**inner, true),
        _ => (expr, false),
    };
    let Some((outcome, why)) = known_outcome(program, comparison) else { return false };
    let message = format!("this condition is always {}", outcome != is_negated);
    findings.say(Code::ConstantCondition, expr.at, message, why);
    true
}

/// A condition without the negations around it.
fn positive(condition: &Expr) -> &Expr {
    match &condition.kind {
        ExprKind::Not(inner) => positive(inner),
        _ => condition,
    }
}

/// Says of a comparison that it has one outcome, if so.
fn one_outcome(expr: &Expr, findings: &mut Findings) {
    let Some(outcome) = decided(expr) else { return };
    let found = Diagnostic::warning(Code::ConstantComparison, expr.at, format!("this comparison is always {outcome}"));
    let found = found.with_help("compare with what was meant, or say the outcome");
    findings.add(found.with_choice(format!("write `{outcome}`"), expr.at, outcome.to_string()));
}

/// Says of a condition that it is among those that are `said`, if so; otherwise it is from now on.
fn repeated(seen: &Seen<'_, '_>, expr: &Expr, said: &mut HashMap<String, Location>, findings: &mut Findings) {
    let Some(key) = key(expr).filter(|_| expr.constant().is_none()) else { return };
    match said.get(&key) {
        Some(first) => {
            let found = Diagnostic::warning(Code::RepeatedCondition, expr.at, "this is said already").with_secondary(*first, "here");
            let taken = seen.items.at(expr.at).and_then(|source| removal::operand(seen.view, source, expr.at, None));
            findings.add_with_removal(found.with_help("remove it, or compare with what was meant"), "remove the condition", taken);
        }
        None => {
            said.insert(key, expr.at);
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
    rule.choices.iter().for_each(|choice| assumptions.assume_present(&choice.source));
    rule.when.iter().for_each(|condition| assumptions.assume(&condition.expr, true));
    rule.unless.iter().for_each(|condition| assumptions.assume(&condition.expr, false));
    assumptions
}
