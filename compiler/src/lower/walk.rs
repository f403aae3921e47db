//! Walks over typed expressions.

use std::collections::BTreeSet;

use crate::program::{Argument, Expr, ExprKind, Program};

/// Calls back with each operand of an expression, and whether the expression binds a variable for it.
pub(crate) fn each_operand<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Expr, bool)) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Const(_)
        | ExprKind::Input(_)
        | ExprKind::Args
        | ExprKind::Data(_)
        | ExprKind::Definition(_)
        | ExprKind::Score(_)
        | ExprKind::Fact(_)
        | ExprKind::Local(_) => {}
        ExprKind::Field { base, .. } | ExprKind::Member { base, .. } => visit(base, false),
        ExprKind::Not(a) | ExprKind::Like(a, _) | ExprKind::Matches(a, _) | ExprKind::Negate(a) | ExprKind::ToDecimal(a) | ExprKind::ToJson(a) => {
            visit(a, false)
        }
        ExprKind::Index { base: a, index: b }
        | ExprKind::Equal(a, b)
        | ExprKind::Order(_, a, b)
        | ExprKind::In(a, b)
        | ExprKind::Coalesce(a, b)
        | ExprKind::Arithmetic(_, a, b) => {
            visit(a, false);
            visit(b, false);
        }
        ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(|operand| visit(operand, false)),
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Text(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().for_each(|item| visit(item, false));
        }
        ExprKind::Record(_, items) | ExprKind::Invoke { args: items, .. } => items.iter().for_each(|item| visit(item, false)),
        ExprKind::Map(entries) => entries.iter().for_each(|(_, value)| visit(value, false)),
        ExprKind::With { base, changes } => {
            visit(base, false);
            changes.iter().for_each(|(_, value)| visit(value, false));
        }
        ExprKind::Call { args, .. } => args.iter().for_each(|arg| match arg {
            Argument::Value(value) => visit(value, false),
            Argument::Lambda { body, .. } => visit(body, true),
        }),
        ExprKind::WithPresent { base, body, .. } => {
            visit(base, false);
            visit(body, true);
        }
    }
}

/// The same operands, to change.
pub(crate) fn operands_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    match &mut expr.kind {
        ExprKind::Error
        | ExprKind::Const(_)
        | ExprKind::Input(_)
        | ExprKind::Args
        | ExprKind::Data(_)
        | ExprKind::Definition(_)
        | ExprKind::Score(_)
        | ExprKind::Fact(_)
        | ExprKind::Local(_) => Vec::new(),
        ExprKind::Field { base: a, .. }
        | ExprKind::Member { base: a, .. }
        | ExprKind::Not(a)
        | ExprKind::Like(a, _)
        | ExprKind::Matches(a, _)
        | ExprKind::Negate(a)
        | ExprKind::ToDecimal(a)
        | ExprKind::ToJson(a) => vec![a],
        ExprKind::Index { base: a, index: b }
        | ExprKind::Equal(a, b)
        | ExprKind::Order(_, a, b)
        | ExprKind::In(a, b)
        | ExprKind::Coalesce(a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::WithPresent { base: a, body: b, .. } => vec![a, b],
        ExprKind::If { condition, then, otherwise } => vec![condition, then, otherwise],
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Text(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter_mut().collect()
        }
        ExprKind::Record(_, items) | ExprKind::Invoke { args: items, .. } => items.iter_mut().collect(),
        ExprKind::Map(entries) => entries.iter_mut().map(|(_, value)| value).collect(),
        ExprKind::With { base, changes } => std::iter::once(&mut **base).chain(changes.iter_mut().map(|(_, value)| value)).collect(),
        ExprKind::Call { args, .. } => args
            .iter_mut()
            .map(|arg| match arg {
                Argument::Value(operand) | Argument::Lambda { body: operand, .. } => operand,
            })
            .collect(),
    }
}

/// How many variables an expression binds one inside the other, at most.
pub fn binding_depth(expr: &Expr) -> u32 {
    let mut deepest = 0;
    each_operand(expr, &mut |operand, binds| deepest = deepest.max(binding_depth(operand) + u32::from(binds)));
    deepest
}

/// A `let`, `fn` or score, by its place in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// A `let` or `fn`.
    Definition(usize),
    /// A score.
    Score(usize),
}

/// Definitions and scores in an order in which each comes after those that it refers to, and which depends on their names and texts alone.
pub fn dependency_order(program: &Program) -> Vec<Named> {
    let mut roots: Vec<(&str, Named)> = Vec::new();
    roots.extend(program.definitions.iter().enumerate().map(|(place, definition)| (&*definition.name, Named::Definition(place))));
    roots.extend(program.scores.iter().enumerate().map(|(place, score)| (&*score.name, Named::Score(place))));
    roots.sort();
    let mut entered = BTreeSet::new();
    let mut order = Vec::with_capacity(roots.len());
    for (_, root) in roots {
        let mut path = if entered.insert(root) { vec![(root, references(program, root).into_iter())] } else { Vec::new() };
        while let Some((named, rest)) = path.last_mut() {
            match rest.next() {
                Some(next) if entered.insert(next) => path.push((next, references(program, next).into_iter())),
                Some(_) => {}
                None => {
                    order.push(*named);
                    path.pop();
                }
            }
        }
    }
    order
}

/// What a definition or score refers to, in written order.
fn references(program: &Program, named: Named) -> Vec<Named> {
    let mut found = Vec::new();
    match named {
        Named::Definition(place) => {
            if let Some(definition) = program.definitions.get(place) {
                collect(&definition.body, &mut found);
            }
        }
        Named::Score(place) => {
            let parts = program.scores.get(place).map(|score| score.parts.as_slice()).unwrap_or_default();
            for expr in parts.iter().flat_map(|part| [Some(&part.amount), Some(&part.condition), part.because.as_ref()]).flatten() {
                collect(expr, &mut found);
            }
        }
    }
    found
}

fn collect(expr: &Expr, found: &mut Vec<Named>) {
    match &expr.kind {
        ExprKind::Definition(place) | ExprKind::Invoke { definition: place, .. } => found.push(Named::Definition(*place)),
        ExprKind::Score(place) => found.push(Named::Score(*place)),
        _ => {}
    }
    each_operand(expr, &mut |operand, _| collect(operand, found));
}
