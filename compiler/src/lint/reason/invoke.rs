//! What a `fn` says of the arguments of a call.

use std::cell::Cell;

use crate::lower::walk::each_operand;
use crate::program::{Argument, Expr, ExprKind};

/// A `fn`'s body with the arguments in the place of its parameters, which takes from what is `left`; `None` where that is used up, and where the body binds variables
/// of its own.
pub fn with_arguments(body: &Expr, args: &[Expr], left: &Cell<usize>) -> Option<Expr> {
    left.set(left.get().checked_sub(1)?);
    let one = |operand: &Expr| with_arguments(operand, args, left).map(Box::new);
    let all = |operands: &[Expr]| operands.iter().map(|operand| with_arguments(operand, args, left)).collect::<Option<Vec<Expr>>>();
    let kind = match &body.kind {
        ExprKind::Local(local) => {
            let arg = args.get(*local)?;
            left.set(left.get().checked_sub(size(arg))?);
            return Some(arg.clone());
        }
        ExprKind::Const(_) | ExprKind::Input(_) | ExprKind::Data(_) | ExprKind::Definition(_) | ExprKind::Score(_) | ExprKind::Fact(_) => {
            body.kind.clone()
        }
        ExprKind::Field { base, name, index } => ExprKind::Field { base: one(base)?, name: name.clone(), index: *index },
        ExprKind::Member { base, name } => ExprKind::Member { base: one(base)?, name: name.clone() },
        ExprKind::Index { base, index } => ExprKind::Index { base: one(base)?, index: one(index)? },
        ExprKind::And(parts) => ExprKind::And(all(parts)?),
        ExprKind::Or(parts) => ExprKind::Or(all(parts)?),
        ExprKind::Not(inner) => ExprKind::Not(one(inner)?),
        ExprKind::If { condition, then, otherwise } => ExprKind::If { condition: one(condition)?, then: one(then)?, otherwise: one(otherwise)? },
        ExprKind::Equal(a, b) => ExprKind::Equal(one(a)?, one(b)?),
        ExprKind::Order(order, a, b) => ExprKind::Order(*order, one(a)?, one(b)?),
        ExprKind::In(a, b) => ExprKind::In(one(a)?, one(b)?),
        ExprKind::Coalesce(a, b) => ExprKind::Coalesce(one(a)?, one(b)?),
        ExprKind::Like(text, pattern) => ExprKind::Like(one(text)?, pattern.clone()),
        ExprKind::Matches(text, pattern) => ExprKind::Matches(one(text)?, pattern.clone()),
        ExprKind::List(items) => ExprKind::List(all(items)?),
        ExprKind::Set(items) => ExprKind::Set(all(items)?),
        ExprKind::Call { function, args: of_call } => {
            let values = of_call.iter().map(|arg| if let Argument::Value(arg) = arg { with_arguments(arg, args, left) } else { None });
            ExprKind::Call { function, args: values.map(|value| value.map(Argument::Value)).collect::<Option<_>>()? }
        }
        ExprKind::Invoke { definition, args } => ExprKind::Invoke { definition: *definition, args: all(args)? },
        ExprKind::ToDecimal(inner) => ExprKind::ToDecimal(one(inner)?),
        ExprKind::ToJson(inner) => ExprKind::ToJson(one(inner)?),
        _ => return None,
    };
    Some(Expr { kind, ty: body.ty.clone(), at: body.at, errs: body.errs, free: body.free })
}

fn size(expr: &Expr) -> usize {
    let mut found = 1;
    each_operand(expr, &mut |operand, _| found += size(operand));
    found
}
