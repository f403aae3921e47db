//! New values: texts, lists, sets, maps, records, and changed copies.

use std::fmt::Write as _;

use bumpalo::collections::{String as ArenaString, Vec as ArenaVec};
use tollgate_stdlib::{Entries, EvalError, Fields, Items, Record, Value};

use super::{Eval, Machine};
use crate::plan::{Change, ConstId, NodeId, ShapeId, index};

/// How many bytes of text a step makes.
const TEXT_STEP: usize = 16;

/// Text that is written as long as there is room.
struct Bounded<'t, 'a> {
    text: &'t mut ArenaString<'a>,
    room: usize,
}

impl std::fmt::Write for Bounded<'_, '_> {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        self.room = self.room.checked_sub(part.len()).ok_or(std::fmt::Error)?;
        self.text.push_str(part);
        Ok(())
    }
}

impl<'a> Machine<'a> {
    #[inline(never)]
    pub(super) fn text(&mut self, parts: &[NodeId]) -> Eval<'a> {
        let mut text = ArenaString::new_in(self.arena);
        for part in parts {
            let value = self.eval(*part)?;
            self.print(value, &mut text)?;
        }
        Ok(Value::Str(text.into_bump_str()))
    }

    /// A value as it prints.
    pub fn printed(&mut self, value: Value<'_>) -> Result<&'a str, EvalError> {
        let mut text = ArenaString::new_in(self.arena);
        self.print(value, &mut text)?;
        Ok(text.into_bump_str())
    }

    /// Prints a value, which may be far larger than what it was made of: it is paid for before it grows.
    fn print(&mut self, value: Value<'_>, text: &mut ArenaString<'a>) -> Result<(), EvalError> {
        if let Value::Str(part) = value {
            self.spend_text(part.len())?;
            text.push_str(part);
            return Ok(());
        }
        let before = text.len();
        let room = usize::try_from(self.steps.saturating_add(1)).unwrap_or(usize::MAX).saturating_mul(TEXT_STEP);
        let written = write!(Bounded { text, room }, "{value}");
        let bytes = text.len() - before;
        if written.is_err() { Err(EvalError::StepLimit) } else { self.spend_text(bytes) }
    }

    pub(super) fn concatenate(&mut self, a: &str, b: &str) -> Eval<'a> {
        self.spend_text(a.len() + b.len())?;
        let mut text = ArenaString::with_capacity_in(a.len() + b.len(), self.arena);
        text.push_str(a);
        text.push_str(b);
        Ok(Value::Str(text.into_bump_str()))
    }

    /// Pays for bytes of text; a short text is part of the expression's own cost.
    fn spend_text(&mut self, bytes: usize) -> Result<(), EvalError> {
        self.spend(count(bytes / TEXT_STEP))
    }

    fn all(&mut self, ids: &[NodeId]) -> Result<ArenaVec<'a, Value<'a>>, EvalError> {
        let mut values = ArenaVec::with_capacity_in(ids.len(), self.arena);
        for id in ids {
            let value = self.eval(*id)?;
            self.spend_inside(value)?;
            values.push(value);
        }
        Ok(values)
    }

    /// Pays for all that a value holds, which becomes part of another: values that hold one another many times over, as `[x, x]` does, thus stay as
    /// small as the steps, and looking through them ends.
    #[inline(always)]
    pub(super) fn spend_inside(&mut self, value: Value<'a>) -> Result<(), EvalError> {
        match value {
            Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => self.spend_parts(value),
            _ => Ok(()),
        }
    }

    #[inline(never)]
    fn spend_parts(&mut self, value: Value<'a>) -> Result<(), EvalError> {
        let mut seen = 0_u64;
        let mut pending = ArenaVec::from_iter_in([value], self.arena);
        while let Some(value) = pending.pop() {
            seen += 1;
            if seen.is_multiple_of(8) {
                self.spend(1)?;
            }
            match value {
                Value::List(_) | Value::Set(_) | Value::Map(_) => pending.extend(value.elements()),
                Value::Record(record) => pending.extend(record.present().map(|(_, value)| value)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Pays for a copy of all that a value holds, texts that it holds many times over counted each time.
    #[inline]
    pub fn spend_copy(&mut self, value: Value<'_>) -> Result<(), EvalError> {
        match value {
            Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => self.spend_copies(value),
            scalar => self.spend(1 + count(scalar.as_str().map_or(0, str::len) / TEXT_STEP)),
        }
    }

    fn spend_copies(&mut self, value: Value<'_>) -> Result<(), EvalError> {
        let mut pending = ArenaVec::new_in(self.arena);
        pending.push(value);
        while let Some(value) = pending.pop() {
            let text = value.as_str().map_or(0, str::len);
            self.spend(1 + count(text / TEXT_STEP))?;
            match value {
                Value::List(_) | Value::Set(_) | Value::Map(_) => pending.extend(value.elements()),
                Value::Record(record) => {
                    self.spend(count(record.shape().len() / 8))?;
                    pending.extend(record.present().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn list(&mut self, items: &[NodeId]) -> Eval<'a> {
        Ok(Value::List(Items::Own(self.all(items)?.into_bump_slice())))
    }

    #[inline(never)]
    pub(super) fn set(&mut self, items: &[NodeId]) -> Eval<'a> {
        let mut values = self.all(items)?;
        values.sort_unstable_by(|a, b| a.order(*b));
        values.dedup_by(|a, b| a.order(*b).is_eq());
        Ok(Value::Set(Items::Own(values.into_bump_slice())))
    }

    #[inline(never)]
    pub(super) fn record(&mut self, shape: ShapeId, values: &[NodeId]) -> Eval<'a> {
        let values = self.all(values)?.into_bump_slice();
        let Some(shape) = self.program.shapes.get(index(shape)) else { return Ok(Value::None) };
        Ok(Value::Record(Record::Own(self.arena.alloc(Fields { shape, values }))))
    }

    #[inline(never)]
    pub(super) fn map(&mut self, entries: &[(ConstId, NodeId)]) -> Eval<'a> {
        let mut map: ArenaVec<'a, (&'a str, Value<'a>)> = ArenaVec::with_capacity_in(entries.len(), self.arena);
        for (name, id) in entries {
            let value = self.eval(*id)?;
            self.spend_inside(value)?;
            map.push((self.program.name(*name), value));
        }
        map.sort_by_key(|(key, _)| *key);
        map.dedup_by(|(a, _), (b, _)| a == b);
        Ok(Value::Map(Entries::Own(map.into_bump_slice())))
    }

    #[inline(never)]
    pub(super) fn with(&mut self, base: NodeId, changes: &[Change]) -> Eval<'a> {
        let mut value = self.eval(base)?;
        for change in changes {
            let new = self.eval(change.value)?;
            self.spend_inside(new)?;
            value = self.changed(value, &change.path, new)?;
        }
        Ok(value)
    }

    /// A copy of a record or `json` object in which what stands at the path is another value.
    fn changed(&mut self, base: Value<'a>, path: &[ConstId], new: Value<'a>) -> Eval<'a> {
        let Some((name, rest)) = path.split_first() else { return Ok(new) };
        let name = self.program.name(*name);
        let inner = self.changed(base.get(name), rest, new)?;
        match base {
            Value::Record(record) => self.changed_record(record, name, inner),
            Value::Map(entries) => self.changed_map(entries, name, inner),
            _ => self.changed_map(Entries::Own(&[]), name, inner),
        }
    }

    fn changed_record(&mut self, record: Record<'a>, name: &str, new: Value<'a>) -> Eval<'a> {
        let shape = record.shape();
        self.spend(count(shape.len() / 8))?;
        let place = shape.index_of(name);
        let field = |index| if place == Some(index) { new } else { Value::Record(record).field(index) };
        let values = ArenaVec::from_iter_in((0..shape.len()).map(field), self.arena).into_bump_slice();
        Ok(Value::Record(Record::Own(self.arena.alloc(Fields { shape, values }))))
    }

    fn changed_map(&mut self, entries: Entries<'a>, name: &'a str, new: Value<'a>) -> Eval<'a> {
        self.spend(count(entries.len()))?;
        let mut map: ArenaVec<'a, (&'a str, Value<'a>)> = ArenaVec::with_capacity_in(entries.len() + 1, self.arena);
        map.extend(entries.iter());
        match map.binary_search_by(|(key, _)| (*key).cmp(name)) {
            Ok(place) => {
                if let Some((_, value)) = map.get_mut(place) {
                    *value = new;
                }
            }
            Err(place) => map.insert(place, (name, new)),
        }
        Ok(Value::Map(Entries::Own(map.into_bump_slice())))
    }
}

/// A count of steps.
pub(super) fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
