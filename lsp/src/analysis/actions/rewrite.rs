//! Saying the same in another way, and reasons.

use tollgate_compiler::format::quoted;
use tollgate_compiler::syntax::ast::{BinaryOp, Effect, ExprKind, ItemKind, Span};
use tollgate_compiler::syntax::lexer::lex;

use tollgate_compiler::diagnostic::Code;

use super::{Action, ActionKind, Asked, Here};

/// A reason for a rule that asks for one and has none: the first sentence of its documentation, or its name.
pub fn because(asked: &Asked<'_>, here: &Here<'_>) -> Option<Action> {
    let ItemKind::Rule(rule) = &here.item.kind else { return None };
    if rule.effect == Effect::Allow || rule.because.is_some() {
        return None;
    }
    let doc = here.item.doc.split(['.', '\n']).next().unwrap_or_default().trim();
    let reason = if doc.is_empty() { rule.name.text.replace('_', " ") } else { doc.to_owned() };
    let body = Span { start: rule.name.span.end, end: here.item.span.end }.of(here.text);
    let is_require = |span: Span| span.of(body) == "require";
    let mut depth = 0_usize;
    let require = lex(body).into_iter().find(|token| {
        depth = depth.saturating_add(usize::from(token.kind.opens())).saturating_sub(usize::from(token.kind.opener().is_some()));
        depth == 0 && is_require(token.span)
    });
    let edit = match require.filter(|_| !rule.require.is_empty()) {
        Some(token) => {
            let separator = if here.is_long() { "\n  " } else { " " };
            here.insert(rule.name.span.end + token.span.start, format!("because {}{separator}", quoted(&reason)))
        }
        None => here.insert(here.item.span.end, format!("{}because {}", if here.is_long() { "\n  " } else { " " }, quoted(&reason))),
    };
    let lints = [Code::UnexplainedReview, Code::UnexplainedDeny];
    let mends: Vec<usize> = asked.findings().filter(|(_, found)| lints.contains(&found.code)).map(|(place, _)| place).collect();
    let kind = if mends.is_empty() { ActionKind::Rewrite } else { ActionKind::QuickFix };
    Some(Action { mends, ..Action::new("add `because`", kind, vec![edit]) })
}

/// Turns a comparison round.
pub fn flip(_: &Asked<'_>, here: &Here<'_>) -> Option<Action> {
    let at = here.range.start;
    let (op, left, right) = here.around(here.range).into_iter().rev().find_map(|expr| match &expr.kind {
        ExprKind::Binary { op, op_span, left, right } if (op_span.start..=op_span.end).contains(&at) => Some((*op, &**left, &**right)),
        _ => None,
    })?;
    let turned = match op {
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => ">",
        BinaryOp::Le => ">=",
        BinaryOp::Gt => "<",
        BinaryOp::Ge => "<=",
        _ => return None,
    };
    let text = format!("{} {turned} {}", right.span.of(here.text), left.span.of(here.text));
    let edits = vec![here.replace(left.span.to(right.span), text)];
    Some(Action::new("turn the comparison round", ActionKind::Rewrite, edits))
}
