//! What an expression comes to where all that it reads is known.

use tollgate_evaluator::plan::Pattern;
use tollgate_stdlib::{Arena, Arg, EvalError, Function, Host, Kept, KeptSet, Lambda, Value};

use crate::check::fold::fold_with;
use crate::check::glob::glob_holds;
use crate::program::{Argument, Expr, ExprKind};

/// Calls that take more steps than this are not made.
const MAX_STEPS: u64 = 1 << 12;

/// The value of an expression, where `known` tells the values of what it reads.
pub fn evaluate(expr: &Expr, known: &dyn Fn(&Expr) -> Option<Kept>) -> Option<Kept> {
    fold_with(expr, &|part| of_part(part, known))
}

fn of_part(expr: &Expr, known: &dyn Fn(&Expr) -> Option<Kept>) -> Option<Kept> {
    let value = |operand: &Expr| evaluate(operand, known);
    let all = |operands: &[Expr]| operands.iter().map(value).collect::<Option<Vec<Kept>>>();
    match &expr.kind {
        ExprKind::In(item, container) => {
            let item = value(item)?;
            contains(value(container)?.view(), item.view()).map(Kept::Bool)
        }
        ExprKind::Like(text, pattern) => Some(Kept::Bool(glob_holds(pattern, value(text)?.view().as_str()?))),
        ExprKind::Matches(text, pattern) => {
            let text = value(text)?;
            let holds = Pattern::Regex((&**pattern).into()).matcher().ok()?;
            Some(Kept::Bool(holds(text.view().as_str()?)))
        }
        ExprKind::ToJson(inner) => Some(value(inner)?.to_json()),
        ExprKind::List(items) => Some(Kept::List(all(items)?.into())),
        ExprKind::Set(items) => Some(Kept::Set(KeptSet::new(all(items)?))),
        ExprKind::Call { function, args } => {
            let values = args.iter().map(|arg| if let Argument::Value(arg) = arg { value(arg) } else { None });
            called(function, &values.collect::<Option<Vec<Kept>>>()?)
        }
        _ => known(expr),
    }
}

fn contains(container: Value<'_>, item: Value<'_>) -> Option<bool> {
    match (container, item) {
        (Value::List(items), item) => Some(items.list_contains(item)),
        (Value::Set(items), item) => Some(items.set_contains(item)),
        (Value::Cidr(net), Value::Ip(ip)) => Some(net.contains(&ip)),
        _ => None,
    }
}

fn called(function: &Function, args: &[Kept]) -> Option<Kept> {
    let arena = Arena::new();
    let args: Vec<Arg<'_>> = args.iter().map(|value| Arg::Value(value.view())).collect();
    let result = (function.run)(&mut Caller { arena: &arena, left: MAX_STEPS }, &args);
    result.ok().map(Kept::from)
}

/// What built-in functions without lambdas ask for.
struct Caller<'a> {
    arena: &'a Arena,
    left: u64,
}

impl<'a> Host<'a> for Caller<'a> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn apply(&mut self, _lambda: Lambda, _argument: Value<'a>) -> Result<Value<'a>, EvalError> {
        Err(EvalError::StepLimit)
    }

    fn spend(&mut self, steps: u64) -> Result<(), EvalError> {
        self.left = self.left.checked_sub(steps).ok_or(EvalError::StepLimit)?;
        Ok(())
    }
}
