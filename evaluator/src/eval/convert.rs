//! The conversions that the language makes by itself: `int` to `decimal`, and any value to `json`.

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{Decimal, Entries, EvalError, Items, Value};

use super::build::count;
use super::{Eval, Machine};
use crate::decode::integral;
use crate::plan::NodeId;

impl<'a> Machine<'a> {
    #[inline(never)]
    pub(super) fn as_decimal(&mut self, of: NodeId) -> Eval<'a> {
        let value = self.eval(of)?;
        self.decimal(value)
    }

    fn decimal(&mut self, value: Value<'a>) -> Eval<'a> {
        match value {
            Value::Int(value) => Ok(Value::Decimal(Decimal::from(value))),
            other => self.converted(other, &|machine, value| machine.decimal(value)),
        }
    }

    #[inline(never)]
    pub(super) fn as_json(&mut self, of: NodeId) -> Eval<'a> {
        let value = self.eval(of)?;
        self.json(value)
    }

    fn json(&mut self, value: Value<'a>) -> Eval<'a> {
        match value {
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Str(_) => Ok(value),
            Value::Decimal(decimal) => Ok(integral(decimal).map_or(value, Value::Int)),
            Value::Enum(variant) => Ok(Value::Str(variant.name)),
            Value::Duration(_) | Value::Timestamp(_) | Value::Ip(_) | Value::Cidr(_) => self.printed(value).map(Value::Str),
            Value::Set(items) => self.json(Value::List(items)),
            Value::List(_) | Value::Map(_) => self.converted(value, &|machine, value| machine.json(value)),
            Value::Record(record) => {
                self.spend(count(record.shape().len() / 8))?;
                let mut map: ArenaVec<'a, (&'a str, Value<'a>)> = ArenaVec::new_in(self.arena);
                for (name, value) in record.present() {
                    map.push((name, self.json(value)?));
                }
                map.sort_unstable_by_key(|(key, _)| *key);
                Ok(Value::Map(Entries::Own(map.into_bump_slice())))
            }
        }
    }

    /// The same list, set or map of converted elements; anything else as it is.
    fn converted(&mut self, value: Value<'a>, convert: &Conversion<'a>) -> Eval<'a> {
        match value {
            Value::List(items) => self.converted_items(items, convert).map(Value::List),
            Value::Set(items) => self.converted_items(items, convert).map(Value::Set),
            Value::Map(entries) => {
                self.spend(count(entries.len()))?;
                let mut map: ArenaVec<'a, (&'a str, Value<'a>)> = ArenaVec::with_capacity_in(entries.len(), self.arena);
                for (key, value) in entries.iter() {
                    map.push((key, convert(self, value)?));
                }
                Ok(Value::Map(Entries::Own(map.into_bump_slice())))
            }
            other => Ok(other),
        }
    }

    fn converted_items(&mut self, items: Items<'a>, convert: &Conversion<'a>) -> Result<Items<'a>, EvalError> {
        self.spend(count(items.len()))?;
        let mut list: ArenaVec<'a, Value<'a>> = ArenaVec::with_capacity_in(items.len(), self.arena);
        for item in items.iter() {
            list.push(convert(self, item)?);
        }
        Ok(Items::Own(list.into_bump_slice()))
    }
}

type Conversion<'a> = dyn Fn(&mut Machine<'a>, Value<'a>) -> Eval<'a>;
