//! Which variables an expression reads.

use tollgate_compiler::program::{Argument, Expr, ExprKind};

/// Whether an expression reads that variable.
pub fn mentions(expr: &Expr, local: usize) -> bool {
    if let ExprKind::Local(own) = expr.kind {
        return own == local;
    }
    operands(expr).into_iter().any(|operand| mentions(operand, local))
}

fn operands(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
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
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Text(all) | ExprKind::List(all) | ExprKind::Set(all) | ExprKind::Record(_, all) => {
            all.iter().collect()
        }
        ExprKind::Invoke { args, .. } => args.iter().collect(),
        ExprKind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
        ExprKind::With { base, changes } => std::iter::once(&**base).chain(changes.iter().map(|(_, value)| value)).collect(),
        ExprKind::Call { args, .. } => args
            .iter()
            .map(|arg| match arg {
                Argument::Value(expr) => expr,
                Argument::Lambda { body, .. } => body,
            })
            .collect(),
    }
}
