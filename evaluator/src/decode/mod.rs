//! JSON bytes straight into values, guided by the plan's types; strings stay where they are.

mod keep;
mod misfit;
mod record;
mod request;
mod scalar;

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{Entries, Items, Value};

use crate::eval::Machine;
use crate::json::Scanner;
use crate::plan::{self, Layout, SlotId, TypeId, TypeNode, index};
use crate::program::Program;

pub(crate) use keep::keep;
pub(crate) use misfit::{Fit, Misfit, quoted, shortened};
pub(crate) use request::{Given, Request, decode_request};
pub(crate) use scalar::integral;

/// Reads JSON of the plan's types.
pub(crate) struct Decoder<'a, 'm> {
    program: &'a Program,
    machine: &'m mut Machine<'a>,
    json: Scanner<'a>,
    /// Elements of the arrays that are open.
    values: ArenaVec<'a, Value<'a>>,
    /// Entries of the objects that are open.
    entries: ArenaVec<'a, (&'a str, Value<'a>)>,
    /// What is kept of a request.
    slots: &'a mut [Value<'a>],
    /// Whether what a record leaves out is unknown: neither missed nor held against what is refined.
    is_part: bool,
}

/// What is wanted of a value that is read.
#[derive(Clone, Copy)]
pub(crate) enum Want<'a> {
    /// That it fits.
    Check,
    /// All of it.
    All,
    /// Some fields of a record, into their slots.
    Fields(&'a Layout),
}

/// Reads one JSON text as a value of a type, all of it kept.
pub(crate) fn decode_value<'a>(machine: &mut Machine<'a>, text: &'a str, ty: TypeId, depth: usize) -> Fit<Value<'a>> {
    let mut decoder = Decoder::new(machine, text, depth);
    let value = decoder.value(ty, Want::All)?;
    decoder.json.end()?;
    Ok(value)
}

impl<'a, 'm> Decoder<'a, 'm> {
    pub fn new(machine: &'m mut Machine<'a>, text: &'a str, depth: usize) -> Decoder<'a, 'm> {
        let (program, arena) = (machine.program, machine.arena);
        let json = Scanner::new(text, arena, depth);
        Decoder { program, machine, json, values: ArenaVec::new_in(arena), entries: ArenaVec::new_in(arena), slots: &mut [], is_part: false }
    }

    /// What a slot holds by now.
    fn slot(&self, slot: SlotId) -> Value<'a> {
        self.slots.get(index(slot)).copied().unwrap_or(Value::None)
    }

    /// Fills a slot.
    fn set_slot(&mut self, slot: SlotId, value: Value<'a>) {
        if let Some(place) = self.slots.get_mut(index(slot)) {
            *place = value;
        }
    }

    /// Fills the slots that a layout has for a record's fields.
    fn spread(&mut self, layout: &Layout, record: Value<'a>) {
        for kept in &layout.fields {
            self.settle(kept, record.field(index(kept.field)));
        }
    }

    /// Fills the slots that a layout has for a field with that value.
    #[inline]
    fn settle(&mut self, kept: &plan::Kept, value: Value<'a>) {
        if let Some(slot) = kept.slot {
            self.set_slot(slot, value);
        }
        if !kept.inner.fields.is_empty() {
            self.spread(&kept.inner, value);
        }
    }

    /// Reads a value of that type; what it gives matters only where [`Want::All`] is wanted.
    pub fn value(&mut self, ty: TypeId, want: Want<'a>) -> Fit<Value<'a>> {
        let program = self.program;
        let Some(ty) = program.plan.types.get(index(ty)) else { return Ok(Value::None) };
        match ty {
            TypeNode::Str if self.json.peek() == Some(b'"') => self.json.string().map(Value::Str),
            TypeNode::Json => self.json_value(),
            TypeNode::List(of) => self.whole(|decoder| decoder.list(ty, *of, want)),
            TypeNode::Set(of) => self.whole(|decoder| decoder.set(ty, *of)),
            TypeNode::Map(of) => self.whole(|decoder| decoder.map(ty, *of, want)),
            TypeNode::Record { .. } => self.record(ty, want),
            TypeNode::Optional(of) => {
                if self.json.null()? {
                    Ok(Value::None)
                } else {
                    self.value(*of, want)
                }
            }
            scalar => self.scalar(scalar),
        }
    }

    /// Opens an array or object that a value of that type is.
    fn open(&mut self, ty: &TypeNode, bracket: u8) -> Fit<()> {
        if self.json.peek() == Some(bracket) { self.json.open(bracket) } else { self.misfit(ty) }
    }

    /// Says that what comes next is no value of that type, or, where it is no JSON at all, what is wrong with it as JSON.
    #[cold]
    fn misfit<T>(&mut self, ty: &TypeNode) -> Fit<T> {
        let (place, depth) = (self.json.place(), self.json.depth());
        self.json.skip()?;
        self.json.return_to(place, depth);
        let got = self.json.describe();
        Err(Misfit::new(format!("expected `{}`, got {got}", type_name(self.program, ty))))
    }

    /// Reads what is given whole, also in a request of which only a part is given.
    #[inline]
    fn whole(&mut self, read: impl FnOnce(&mut Self) -> Fit<Value<'a>>) -> Fit<Value<'a>> {
        let is_part = std::mem::take(&mut self.is_part);
        let value = read(self);
        self.is_part = is_part;
        value
    }

    fn list(&mut self, ty: &TypeNode, of: TypeId, want: Want<'a>) -> Fit<Value<'a>> {
        let start = self.elements(ty, of, want)?;
        let items = self.taken(start);
        Ok(Value::List(Items::Own(items)))
    }

    fn set(&mut self, ty: &TypeNode, of: TypeId) -> Fit<Value<'a>> {
        let start = self.elements(ty, of, Want::All)?;
        if let Some(open) = self.values.get_mut(start..) {
            open.sort_unstable_by(|a, b| a.order(*b));
        }
        let items = self.taken(start);
        let distinct = items.windows(2).all(|pair| if let [a, b] = pair { a.order(*b).is_ne() } else { true });
        if distinct {
            return Ok(Value::Set(Items::Own(items)));
        }
        let mut once = ArenaVec::from_iter_in(items.iter().copied(), self.machine.arena);
        once.dedup_by(|a, b| a.order(*b).is_eq());
        Ok(Value::Set(Items::Own(once.into_bump_slice())))
    }

    /// Reads an array's elements onto the end of `values`; gives where they start.
    fn elements(&mut self, ty: &TypeNode, of: TypeId, want: Want<'a>) -> Fit<usize> {
        let start = self.values.len();
        let keep = matches!(want, Want::All);
        self.open(ty, b'[')?;
        let (mut first, mut place) = (true, 0);
        while self.json.next_element(&mut first)? {
            let value = self.value(of, want).map_err(|misfit| misfit.in_element(place))?;
            if keep {
                self.values.push(value);
            }
            place += 1;
        }
        Ok(start)
    }

    /// Takes the values from `start` on into a slice of their own.
    fn taken(&mut self, start: usize) -> &'a [Value<'a>] {
        let taken: &[Value<'a>] = self.machine.arena.alloc_slice_copy(self.values.get(start..).unwrap_or_default());
        self.values.truncate(start);
        taken
    }

    fn map(&mut self, ty: &TypeNode, of: TypeId, want: Want<'a>) -> Fit<Value<'a>> {
        self.open(ty, b'{')?;
        self.object(|decoder| decoder.value(of, want))
    }

    /// Reads the entries of an open object, each key once.
    fn object(&mut self, mut value: impl FnMut(&mut Self) -> Fit<Value<'a>>) -> Fit<Value<'a>> {
        let (start, mut first) = (self.entries.len(), true);
        while let Some(key) = self.json.next_key(&mut first)? {
            let value = value(self).map_err(|misfit| misfit.in_field(key))?;
            self.entries.push((key, value));
        }
        let open = self.entries.get_mut(start..).unwrap_or_default();
        if !open.is_sorted_by(|(a, _), (b, _)| a < b) {
            open.sort_unstable_by_key(|(key, _)| *key);
            let twice = open.windows(2).find_map(|pair| if let [(a, _), (b, _)] = pair { (a == b).then_some(*a) } else { None });
            if let Some(key) = twice {
                return Err(twice_given(key));
            }
        }
        let entries: &[(&str, Value<'a>)] = self.machine.arena.alloc_slice_copy(open);
        self.entries.truncate(start);
        Ok(Value::Map(Entries::Own(entries)))
    }

    /// Reads any JSON value.
    fn json_value(&mut self) -> Fit<Value<'a>> {
        match self.json.peek() {
            Some(b'"') => self.json.string().map(Value::Str),
            Some(b'-' | b'0'..=b'9') => self.json_number(),
            Some(b'{') => {
                self.json.open(b'{')?;
                self.object(Self::json_value)
            }
            Some(b'[') => self.json_array(),
            Some(b'n') => self.json.null().map(|_| Value::None),
            _ => match self.json.bool()? {
                Some(value) => Ok(Value::Bool(value)),
                None => self.json.unexpected("a JSON value"),
            },
        }
    }

    fn json_array(&mut self) -> Fit<Value<'a>> {
        let (start, mut first, mut place) = (self.values.len(), true, 0);
        self.json.open(b'[')?;
        while self.json.next_element(&mut first)? {
            let value = self.json_value().map_err(|misfit| misfit.in_element(place))?;
            self.values.push(value);
            place += 1;
        }
        Ok(Value::List(Items::Own(self.taken(start))))
    }
}

/// The misfit of a key that an object has twice.
#[cold]
fn twice_given(key: &str) -> Box<Misfit> {
    Misfit::new("expected each key once, got it twice".into()).in_field(key)
}

/// A type as messages name it.
pub(crate) fn type_name(program: &Program, ty: &TypeNode) -> String {
    let of = |id: &TypeId| program.plan.types.get(index(*id)).map_or_else(String::new, |ty| type_name(program, ty));
    match ty {
        TypeNode::Bool => "bool".into(),
        TypeNode::Int => "int".into(),
        TypeNode::Decimal => "decimal".into(),
        TypeNode::Duration => "duration".into(),
        TypeNode::Timestamp => "timestamp".into(),
        TypeNode::Ip => "ip".into(),
        TypeNode::Cidr => "cidr".into(),
        TypeNode::Str => "string".into(),
        TypeNode::Json => "json".into(),
        TypeNode::Enum { name, .. } | TypeNode::Record { name, .. } => name.to_string(),
        TypeNode::List(id) => format!("list<{}>", of(id)),
        TypeNode::Set(id) => format!("set<{}>", of(id)),
        TypeNode::Map(id) => format!("map<{}>", of(id)),
        TypeNode::Optional(id) => format!("{}?", of(id)),
    }
}
