//! What conditions come to: always true, always false, contradictory, said twice.

use std::collections::HashMap;

use tollgate_evaluator::Effect;

use crate::check::symbols::STD;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program, Rule};
use crate::syntax::ast::{ItemKind, ScorePart, Span};

use super::matching::{Matching, is_of_tool, may_read};
use super::reason::{Assumptions, Given, decided, key, key_of_negated, known_outcome};
use super::removal::{self, Items};
use super::style::strip;
use super::tools::ToolNames;
use super::{Findings, View};

/// Each lint about what conditions come to.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let program = view.program;
    let seen = Seen { view, program, items: Items::new(view), tools: ToolNames::new(program) };
    for rule in &program.rules {
        of_rule(&seen, rule, findings);
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

fn of_rule(seen: &Seen<'_, '_>, rule: &Rule, findings: &mut Findings) {
    let about = About::new(seen, rule);
    let mut has_constant = false;
    let mut said: HashMap<String, Location> = HashMap::new();
    for condition in &rule.when {
        let taken = || seen.conjunct(condition.expr.at);
        let is_constant = whole(seen, &condition.expr, "this condition", findings, |outcome| taken().filter(|_| outcome));
        has_constant |= is_constant || about.settles(&condition.expr, true, taken, findings);
        repeated(seen, &condition.expr, &mut said, findings);
        within(seen, &condition.expr, findings);
    }
    if let Some(unless) = &rule.unless {
        let taken = || seen.exception(unless.expr.at);
        let is_constant = whole(seen, &unless.expr, "this condition", findings, |outcome| taken().filter(|_| !outcome));
        has_constant |= is_constant || about.settles(&unless.expr, false, taken, findings);
        if !is_constant {
            repeated_exception(&unless.expr, &said, taken, findings);
        }
        within(seen, &unless.expr, findings);
    }
    rule.choices.iter().for_each(|choice| within(seen, &choice.source, findings));
    if !has_constant {
        never_matches(seen, rule, findings);
    }
}

/// What a rule is about before its conditions say more: its tools, and what its choices range over.
struct About<'s, 'p> {
    program: &'p Program,
    rule: &'s Rule,
    /// What is known of the calls, one of which each is.
    alternatives: Vec<Vec<Given>>,
}

impl<'s, 'p> About<'s, 'p> {
    fn new(seen: &Seen<'p, '_>, rule: &'s Rule) -> About<'s, 'p> {
        let calls = seen.tools.of_rule(rule);
        let given = calls.map(|calls| calls.iter().map(|calls| calls.given_for_good()).collect());
        About { program: seen.program, rule, alternatives: given.unwrap_or_else(|| vec![Vec::new()]) }
    }

    /// Says of a condition that for every such call it has the outcome by which it asks nothing, if so.
    fn settles(&self, condition: &Expr, idle: bool, taken: impl Fn() -> Option<Location>, findings: &mut Findings) -> bool {
        let is_asked = |expr: &Expr| is_of_tool(self.program, expr) || !self.rule.choices.is_empty() && matches!(expr.kind, ExprKind::Local(_));
        let never = |given: &Vec<Given>| {
            let mut assumptions = Assumptions::given(self.program, given);
            self.rule.choices.iter().for_each(|choice| assumptions.assume_chosen(choice));
            assumptions.assume(condition, !idle);
            assumptions.are_impossible()
        };
        if condition.errs || !may_read(self.program, condition, &is_asked) || !self.alternatives.iter().all(never) {
            return false;
        }
        let message = format!("this condition is always {idle} here");
        let found = Diagnostic::warning(Code::ConstantCondition, condition.at, message);
        let found = found.with_help("by what the tools of `on` are, or what `for` chooses from: remove it, or compare with what was meant");
        findings.add_with_removal(found, "remove the condition", taken());
        true
    }
}

/// What conditions are looked at in.
struct Seen<'v, 'a> {
    view: &'v View<'a>,
    program: &'v Program,
    items: Items<'v, 'a>,
    tools: ToolNames<'v>,
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
        // `!=` stands where its equality does.
        ExprKind::Not(inner) if inner.at == expr.at && compares(inner) && decided(expr).is_some() => return one_outcome(expr, findings),
        _ if compares(expr) => one_outcome(expr, findings),
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

/// Whether an expression compares its operands, and cannot err.
fn compares(expr: &Expr) -> bool {
    let is_bool = matches!(expr.ty, tollgate_stdlib::types::Type::Bool);
    match &expr.kind {
        ExprKind::Equal(..) | ExprKind::Order(..) | ExprKind::In(..) | ExprKind::Like(..) | ExprKind::Matches(..) => !expr.errs,
        ExprKind::Call { .. } => is_bool && !expr.errs,
        _ => false,
    }
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

/// Says of an exception that it is no more than what `when` asks, if so: what does not hold there is `said` to hold.
fn repeated_exception(unless: &Expr, said: &HashMap<String, Location>, taken: impl Fn() -> Option<Location>, findings: &mut Findings) {
    let first = key_of_negated(unless).and_then(|key| said.get(&key).copied());
    if let Some(first) = first.filter(|_| !unless.errs) {
        let found = Diagnostic::warning(Code::RepeatedCondition, unless.at, "`when` excepts this already").with_secondary(first, "here");
        findings.add_with_removal(found.with_help("remove it, or compare with what was meant"), "remove the exception", taken());
    }
}

/// Rules whose conditions contradict each other, or every tool of `on`. An error in a condition makes a deny or review match.
fn never_matches(seen: &Seen<'_, '_>, rule: &Rule, findings: &mut Findings) {
    let conditions = || rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr);
    let errs = conditions().chain(rule.choices.iter().map(|choice| &choice.source)).any(|expr| expr.errs);
    if rule.effect != Effect::Allow && errs {
        return;
    }
    let matching = Matching::new(seen.program, rule);
    let help = "a rule matches where all of `when` holds and `unless` does not; say `or` for alternatives";
    if matching.are_none() {
        findings.say(Code::NeverMatches, rule.at, "this rule never matches: its conditions contradict each other", help);
        return;
    }
    let excludes = |entry: &str| seen.tools.meant(entry).is_some_and(|meant| matching.exclude(&meant));
    let mut excluded = rule.on.iter().map(|entry| &**entry).map(excludes);
    if !rule.on.is_empty() && excluded.all(|excluded| excluded) {
        let message = "this rule never matches: no tool of its `on` meets its conditions";
        findings.say(Code::NeverMatches, rule.at, message, "compare the tools' declarations with the conditions");
    }
}
