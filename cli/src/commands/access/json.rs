//! Reviews for programs.

use serde_json::{Value, json};
use tollgate_compiler::residual::{Case, Clause, Outlook, ScoreLeft};

use super::Review;
use super::changes::Changes;
use super::words::{effect, sentence};
use tollgate_evaluator::Effect;

/// A review.
pub fn review(review: &Review) -> Value {
    let table = &review.table;
    let known = |request: &str| serde_json::from_str::<Value>(request).unwrap_or_default();
    let agents: Vec<Value> = table.rows.iter().map(|row| json!({"agent": row.subject.label, "known": known(&row.subject.request)})).collect();
    let cells = table.rows.iter().flat_map(|row| {
        table.tools.iter().enumerate().filter_map(move |(place, tool)| {
            let mut cell =
                json!({"agent": row.subject.label, "tool": tool, "effect": effect(table.outlook(row, place)?), "outlook": row.cells.get(place)?});
            if let (Some(usage), Some(cell)) = (&review.usage, cell.as_object_mut()) {
                cell.insert("calls".to_owned(), usage.of(&row.subject.label, tool).into());
            }
            Some(cell)
        })
    });
    let mut whole = json!({
        "policy": table.policy,
        "tools": table.tools,
        "agents": agents,
        "outlooks": table.outlooks.iter().map(outlook).collect::<Vec<_>>(),
        "cells": cells.collect::<Vec<_>>(),
    });
    if let (Some(usage), Some(whole)) = (&review.usage, whole.as_object_mut()) {
        let unused = super::unused(table, usage).map(|(row, tool)| json!({"agent": row.subject.label, "tool": tool}));
        let used = json!({"calls": usage.calls, "undeclared": usage.undeclared, "unread": usage.unread, "unused": unused.collect::<Vec<_>>()});
        whole.insert("usage".to_owned(), used);
    }
    whole
}

/// The changes between two versions.
pub fn changes(changes: &Changes<'_>) -> Value {
    let cell = |changed: &super::changes::Changed<'_>| json!({"agent": changed.subject.label, "tool": changed.tool, "old": changed.old.map(outlook), "new": changed.new.map(outlook), "redefined": changed.redefined});
    json!({
        "old": changes.policies.0,
        "new": changes.policies.1,
        "compared": changes.compared,
        "types": changes.types,
        "changes": changes.cells.iter().map(cell).collect::<Vec<_>>(),
    })
}

fn outlook(outlook: &Outlook) -> Value {
    let otherwise = &outlook.otherwise;
    let may: Vec<&str> = [Effect::Deny, Effect::Review, Effect::Allow].into_iter().filter(|effect| outlook.may(*effect)).map(Effect::name).collect();
    json!({
        "effect": effect(outlook),
        "may": may,
        "sentence": sentence(outlook),
        "clauses": outlook.clauses.iter().map(clause).collect::<Vec<_>>(),
        "scores": outlook.scores.iter().map(score).collect::<Vec<_>>(),
        "otherwise": {"effect": otherwise.effect.name(), "rules": otherwise.rules, "may_fail": otherwise.may_fail},
    })
}

fn score(score: &ScoreLeft) -> Value {
    let parts: Vec<Value> = score.parts.iter().map(|(amount, when)| json!({"amount": amount, "when": when})).collect();
    json!({"name": score.name, "known": score.known, "parts": parts})
}

fn clause(clause: &Clause) -> Value {
    json!({
        "effect": clause.effect.name(),
        "rule": clause.rule,
        "cases": clause.cases.iter().map(case).collect::<Vec<_>>(),
        "may_fail": clause.may_fail,
    })
}

fn case(case: &Case) -> Value {
    json!({"for": case.choices, "when": case.when, "unless": case.unless, "may_err": case.may_err})
}
