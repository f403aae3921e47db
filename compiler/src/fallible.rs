//! The expressions whose evaluation can end in an error, for those who want to know what their policy risks.

use crate::diagnostic::Location;
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program};
use crate::set::PolicySet;

/// Where errors can arise in definitions, scores, rules and the default, in the order of files and places. An expression that only passes on an
/// operand's error is not listed.
pub fn fallible(set: &PolicySet) -> Vec<Location> {
    let mut places = Vec::new();
    roots(set.program()).for_each(|expr| collect(expr, &mut places));
    places.iter_mut().for_each(|at| *at = set.place(*at));
    places.sort();
    places.dedup();
    places
}

fn roots(program: &Program) -> impl Iterator<Item = &Expr> {
    let definitions = program.definitions.iter().map(|definition| &definition.body);
    let parts = program.scores.iter().flat_map(|score| &score.parts);
    let scores = parts.flat_map(|part| [Some(&part.amount), Some(&part.condition), part.because.as_ref()]).flatten();
    let rules = program.rules.iter().flat_map(|rule| {
        let sources = rule.choices.iter().map(|choice| &choice.source);
        let conditions = rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr);
        let arguments = rule.require.iter().flat_map(|requirement| &requirement.args);
        sources.chain(conditions).chain(&rule.because).chain(arguments)
    });
    let default = program.default.iter().filter_map(|default| default.because.as_ref());
    definitions.chain(scores).chain(rules).chain(default)
}

/// Expressions nest no deeper than the parser allows.
fn collect(expr: &Expr, places: &mut Vec<Location>) {
    if !expr.errs {
        return;
    }
    let mut is_passed_on = false;
    each_operand(expr, &mut |operand, _| {
        is_passed_on |= operand.errs;
        collect(operand, places);
    });
    let computes = matches!(expr.kind, ExprKind::Arithmetic(..) | ExprKind::Negate(_));
    if computes || !is_passed_on {
        places.push(expr.at);
    }
}
