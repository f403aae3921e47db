//! Visiting every expression below one.

use super::ast::{Expr, ExprKind, TemplatePart};

/// Calls `visit` for the expression and everything in it, outermost first, in written order; does not recurse.
pub fn walk<'a>(root: &'a Expr, visit: &mut impl FnMut(&'a Expr)) {
    let mut pending = vec![root];
    let mut children = Vec::new();
    while let Some(expr) = pending.pop() {
        visit(expr);
        children_of(expr, &mut children);
        pending.extend(children.drain(..).rev());
    }
}

fn children_of<'a>(expr: &'a Expr, out: &mut Vec<&'a Expr>) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Bool(_)
        | ExprKind::None
        | ExprKind::Int(_)
        | ExprKind::Decimal(_)
        | ExprKind::Duration(_)
        | ExprKind::Name(_) => {}
        ExprKind::Template { parts, .. } => out.extend(parts.iter().filter_map(|part| match part {
            TemplatePart::Hole { expr, .. } => Some(expr),
            TemplatePart::Text(_) => None,
        })),
        ExprKind::List(items) | ExprKind::Set(items) => out.extend(items),
        ExprKind::Record(entries) => out.extend(entries.iter().map(|(_, value)| value)),
        ExprKind::Field { base, .. } | ExprKind::Has { base, .. } => out.push(base),
        ExprKind::Index { base, index } => out.extend([&**base, &**index]),
        ExprKind::Method { base, args, .. } => {
            out.push(base);
            out.extend(args);
        }
        ExprKind::Call { args, .. } => out.extend(args),
        ExprKind::Lambda { body: inner, .. } | ExprKind::Unary { operand: inner, .. } | ExprKind::Paren(inner) => out.push(inner),
        ExprKind::With { base, changes } => {
            out.push(base);
            out.extend(changes.iter().map(|(_, value)| value));
        }
        ExprKind::Logic { operands, .. } => out.extend(operands),
        ExprKind::Binary { left, right, .. } => out.extend([&**left, &**right]),
        ExprKind::If { condition, then, otherwise } => out.extend([&**condition, &**then, &**otherwise]),
    }
}
