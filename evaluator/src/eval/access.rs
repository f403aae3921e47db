//! Parts of values: fields, entries, elements, membership.

use tollgate_stdlib::Value;

use super::build::count;
use super::{Eval, Machine, size};
use crate::plan::{ConstId, NodeId, index};

impl<'a> Machine<'a> {
    #[inline(never)]
    pub(super) fn field(&mut self, of: NodeId, place: u32) -> Eval<'a> {
        self.operand(of).map(|value| value.field(index(place)))
    }

    #[inline(never)]
    pub(super) fn member(&mut self, of: NodeId, name: ConstId) -> Eval<'a> {
        let name = self.program.name(name);
        self.operand(of).map(|value| value.get(name))
    }

    #[inline(never)]
    pub(super) fn element(&mut self, of: NodeId, by: NodeId) -> Eval<'a> {
        let value = self.operand(of)?;
        let by = self.operand(by)?;
        Ok(match (value, by) {
            (Value::List(items), Value::Int(place)) => {
                let place = if place < 0 {
                    usize::try_from(place.unsigned_abs()).ok().and_then(|back| items.len().checked_sub(back))
                } else {
                    usize::try_from(place).ok()
                };
                place.and_then(|place| items.get(place)).unwrap_or(Value::None)
            }
            (value, by) => by.as_str().map_or(Value::None, |name| value.get(name)),
        })
    }

    #[inline(never)]
    pub(super) fn contains(&mut self, item: NodeId, of: NodeId) -> Eval<'a> {
        let item = self.operand(item)?;
        let of = self.operand(of)?;
        if let (Value::List(items), true) = (of, self.looping) {
            // Texts may be equal but for their ends.
            self.spend(size(of).saturating_add(size(item).saturating_mul(count(items.len()))))?;
        }
        Ok(Value::Bool(is_in(item, of)))
    }
}

/// Whether a value is in a collection, a key in a map, an address in a network.
pub(crate) fn is_in(item: Value<'_>, of: Value<'_>) -> bool {
    match of {
        Value::List(items) => items.list_contains(item),
        Value::Set(items) => items.set_contains(item),
        Value::Map(entries) => item.as_str().is_some_and(|key| entries.get(key).is_some()),
        Value::Cidr(net) => matches!(item, Value::Ip(ip) if net.contains(&ip)),
        _ => false,
    }
}
