//! Constant folding: what an expression of constants, or of one declaration's facts, comes to.

use std::sync::Arc;

use tollgate_evaluator::plan::{Arithmetic, Node, NodeId, Order};
use tollgate_stdlib::{EvalError, Kept, KeptMap, KeptRecord, KeptSet, Shape, Value, arithmetic};

use super::constants::{Constants, to_decimal};

/// Compound results may hold this many times as many scalars as the expression has operands, plus [`FOLD_BASE`]: what is written out is folded, what
/// doubles from definition to definition is not.
const FOLD_FACTOR: usize = 4;
const FOLD_BASE: usize = 256;

/// A known operand; `None` for one that is not known, which makes the result unknown where it matters.
pub type Known = Option<Arc<Kept>>;

/// The value of a node whose operands' values `operand` tells; `None` where it is not known, or an error.
pub fn evaluate(node: &Node, constants: &Constants, operand: &mut impl FnMut(NodeId) -> Known) -> Known {
    match node {
        Node::Const(id) => Some(constants.value(*id)),
        Node::And(items) => junction(items, false, operand),
        Node::Or(items) => junction(items, true, operand),
        Node::Not(a) => bool_of(operand(*a)?).and_then(|value| known(Kept::Bool(!value))),
        Node::If(condition, then, otherwise) => {
            let branch = if bool_of(operand(*condition)?)? { *then } else { *otherwise };
            operand(branch)
        }
        Node::Coalesce(a, b) => operand(*a).and_then(|value| if value.view().is_none() { operand(*b) } else { Some(value) }),
        Node::Equal(a, b) => {
            let (a, b) = (operand(*a)?, operand(*b)?);
            known(Kept::Bool(a.view().equals(b.view())))
        }
        Node::In(a, b) => {
            let (a, b) = (operand(*a)?, operand(*b)?);
            known(Kept::Bool(contains(b.view(), a.view())?))
        }
        Node::Order(order, a, b) => {
            let (a, b) = (operand(*a)?, operand(*b)?);
            known(Kept::Bool(ordered(*order, a.view(), b.view())?))
        }
        Node::Arithmetic(operator, a, b) => {
            let (a, b) = (operand(*a)?, operand(*b)?);
            calculate(*operator, a.view(), b.view())
        }
        Node::Negate(a) => {
            let a = operand(*a)?;
            if is_quantity(a.view()) { arithmetic::neg(a.view()).ok().and_then(|value| known(value.into())) } else { None }
        }
        Node::Field(a, place) => known(operand(*a)?.view().field(usize::try_from(*place).ok()?).into()),
        Node::Member(a, name) => {
            let name = constants.value(*name);
            known(operand(*a)?.view().get(name.view().as_str()?).into())
        }
        Node::ToDecimal(a) => known(to_decimal(&*operand(*a)?)),
        Node::ToJson(a) => known(operand(*a)?.to_json()),
        _ => compound(node, constants, operand),
    }
}

fn compound(node: &Node, constants: &Constants, operand: &mut impl FnMut(NodeId) -> Known) -> Known {
    match node {
        Node::Text(items) => {
            let parts = values(items, operand)?;
            if parts.iter().map(size).sum::<usize>() > FOLD_BASE {
                return None;
            }
            let text: String = parts.iter().map(|part| part.view().to_string()).collect();
            known(Kept::Str(text.into()))
        }
        Node::List(items) => known(Kept::List(bounded(items, operand)?.into())),
        Node::Set(items) => known(Kept::Set(KeptSet::new(bounded(items, operand)?))),
        Node::Record(shape, items) => {
            let values = bounded(items, operand)?;
            let names = constants.shapes().get(usize::try_from(*shape).ok()?)?;
            known(Kept::Record(KeptRecord { shape: Shape::new(names).into(), values: values.into() }))
        }
        Node::Map(entries) => {
            let ids: Vec<NodeId> = entries.iter().map(|(_, id)| *id).collect();
            let values = bounded(&ids, operand)?;
            let keys = entries.iter().map(|(key, _)| constants.value(*key).view().as_str().map(Into::into));
            known(Kept::Map(KeptMap::new(keys.zip(values).map(|(key, value)| Some((key?, value))).collect::<Option<_>>()?)))
        }
        _ => None,
    }
}

/// `and` (which `false` decides) or `or` (which `true` decides).
fn junction(items: &[NodeId], decisive: bool, operand: &mut impl FnMut(NodeId) -> Known) -> Known {
    for item in items {
        if bool_of(operand(*item)?)? == decisive {
            return known(Kept::Bool(decisive));
        }
    }
    known(Kept::Bool(!decisive))
}

fn values(items: &[NodeId], operand: &mut impl FnMut(NodeId) -> Known) -> Option<Vec<Arc<Kept>>> {
    items.iter().map(|item| operand(*item)).collect()
}

fn bounded(items: &[NodeId], operand: &mut impl FnMut(NodeId) -> Known) -> Option<Vec<Kept>> {
    let mut left = items.len().saturating_mul(FOLD_FACTOR).saturating_add(FOLD_BASE);
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let value = operand(*item)?;
        left = left.checked_sub(size(&value))?;
        all.push((*value).clone());
    }
    Some(all)
}

fn size(value: &Arc<Kept>) -> usize {
    fn count(value: &Kept) -> usize {
        match value {
            Kept::Str(text) => 1 + text.len() / 16,
            Kept::List(items) => 1 + items.iter().map(count).sum::<usize>(),
            Kept::Set(set) => 1 + set.items().iter().map(count).sum::<usize>(),
            Kept::Map(map) => 1 + map.entries().iter().map(|(_, value)| 1 + count(value)).sum::<usize>(),
            Kept::Record(record) => 1 + record.values.iter().map(count).sum::<usize>(),
            _ => 1,
        }
    }
    count(value)
}

fn known(value: Kept) -> Known {
    Some(Arc::new(value))
}

fn bool_of(value: Arc<Kept>) -> Option<bool> {
    value.view().as_bool()
}

fn contains(collection: Value<'_>, value: Value<'_>) -> Option<bool> {
    match collection {
        Value::List(items) => Some(items.list_contains(value)),
        Value::Set(items) => Some(items.set_contains(value)),
        Value::Map(entries) => Some(entries.get(value.as_str()?).is_some()),
        _ => None,
    }
}

fn ordered(order: Order, a: Value<'_>, b: Value<'_>) -> Option<bool> {
    if std::mem::discriminant(&a) != std::mem::discriminant(&b) {
        return None;
    }
    let found = a.order(b);
    Some(match order {
        Order::Less => found.is_lt(),
        Order::LessOrEqual => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterOrEqual => found.is_ge(),
    })
}

fn is_quantity(value: Value<'_>) -> bool {
    matches!(value, Value::Int(_) | Value::Decimal(_) | Value::Duration(_) | Value::Timestamp(_))
}

fn calculate(operator: Arithmetic, a: Value<'_>, b: Value<'_>) -> Known {
    if !is_quantity(a) || !is_quantity(b) {
        return None;
    }
    let result: Result<Value<'_>, EvalError> = match operator {
        Arithmetic::Add => arithmetic::add(a, b),
        Arithmetic::Subtract => arithmetic::sub(a, b),
        Arithmetic::Multiply => arithmetic::mul(a, b),
        Arithmetic::Divide => arithmetic::div(a, b),
        Arithmetic::Remainder => arithmetic::rem(a, b),
    };
    known(Kept::from(result.ok()?))
}
