//! Objects as records: required, optional and defaulted fields, refinements, and fields that go straight into slots.

use tollgate_stdlib::{Fields, Record, Value};

use super::{Decoder, Fit, Misfit, Want, shortened, twice_given, type_name};
use crate::plan::{FieldNode, Kept, Layout, Presence, Refinement, ShapeId, TypeNode, index};
use crate::program::{FieldTable, Program};

/// As many fields as most records have at most.
const FEW: usize = 16;

/// A record type, taken apart.
#[derive(Clone, Copy)]
pub(super) struct RecordType<'a> {
    pub node: &'a TypeNode,
    pub shape: ShapeId,
    pub fields: &'a [FieldNode],
    pub closed: bool,
}

impl<'a> RecordType<'a> {
    pub fn of(node: &'a TypeNode) -> Option<RecordType<'a>> {
        match node {
            TypeNode::Record { shape, fields, closed, .. } => Some(RecordType { node, shape: *shape, fields, closed: *closed }),
            _ => None,
        }
    }

    pub fn is_refined(self) -> bool {
        self.fields.iter().any(|field| field.refinement.is_some())
    }
}

impl<'a> Decoder<'a, '_> {
    pub(super) fn record(&mut self, node: &'a TypeNode, want: Want<'a>) -> Fit<Value<'a>> {
        let Some(ty) = RecordType::of(node) else { return Ok(Value::None) };
        match want {
            // A refinement sees the whole record.
            Want::Fields(layout) if ty.is_refined() => {
                let value = self.whole_record(ty)?;
                self.spread(layout, value);
                Ok(Value::None)
            }
            Want::Check if ty.is_refined() => self.whole_record(ty),
            Want::All => self.whole_record(ty),
            Want::Check => self.fields(ty, &NOTHING).map(|()| Value::None),
            Want::Fields(layout) => self.fields(ty, layout).map(|()| Value::None),
        }
    }

    fn whole_record(&mut self, ty: RecordType<'a>) -> Fit<Value<'a>> {
        let program = self.program;
        self.spend_record(ty)?;
        let values = self.machine.arena.alloc_slice_fill_copy(ty.fields.len(), Value::None);
        let seen = self.machine.arena.alloc_slice_fill_copy(ty.fields.len(), Seen::No);
        self.open(ty.node, b'{')?;
        let mut keys = Keys::new(self.program, ty);
        while let Some((place, key)) = self.next_known(ty, &mut keys)? {
            let value = self.field(ty, place, key, seen, Want::All)?;
            if let Some(slot) = values.get_mut(place) {
                *slot = value;
            }
        }
        for (place, field) in ty.fields.iter().enumerate() {
            if seen.get(place) != Some(&Seen::Present) {
                let absent = self.absent(ty, place, field)?;
                if let Some(slot) = values.get_mut(place) {
                    *slot = absent;
                }
            }
        }
        let values: &'a [Value<'a>] = values;
        if !self.is_part {
            self.refine(ty, values, seen)?;
        }
        let Some(shape) = program.shapes.get(index(ty.shape)) else { return Ok(Value::None) };
        Ok(Value::Record(Record::Own(self.machine.arena.alloc(Fields { shape, values }))))
    }

    /// Reads a record whose fields go into slots or are only checked.
    fn fields(&mut self, ty: RecordType<'a>, layout: &'a Layout) -> Fit<()> {
        self.spend_record(ty)?;
        let mut few = [Seen::No; FEW];
        let seen = match few.get_mut(..ty.fields.len()) {
            Some(few) => few,
            None => self.machine.arena.alloc_slice_fill_copy(ty.fields.len(), Seen::No),
        };
        self.open(ty.node, b'{')?;
        let mut keys = Keys::new(self.program, ty);
        while let Some((place, key)) = self.next_known(ty, &mut keys)? {
            self.kept_field(ty, place, key, seen, layout)?;
        }
        self.absent_fields(ty, seen, layout)
    }

    /// Pays for a record, whose text may be far shorter than the fields that it leaves out.
    fn spend_record(&mut self, ty: RecordType<'a>) -> Fit<()> {
        let fields = u64::try_from(ty.fields.len() / 8).unwrap_or(u64::MAX);
        self.machine.spend(1 + fields).map_err(Misfit::ended)
    }

    /// Reads the field that comes next, and keeps of it what the layout says.
    #[inline]
    pub(super) fn kept_field(&mut self, ty: RecordType<'a>, place: usize, key: &str, seen: &mut [Seen], layout: &'a Layout) -> Fit<()> {
        let kept = layout.field(place);
        if let Some(text) = self.plain_text(ty, place, seen) {
            let text = text.map_err(|misfit| misfit.in_field(key))?;
            kept.into_iter().for_each(|kept| self.settle(kept, Value::Str(text)));
            return Ok(());
        }
        match kept {
            None => self.field(ty, place, key, seen, Want::Check).map(|_| ()),
            Some(Kept { slot: None, inner, .. }) if self.is_record(ty, place) => self.field(ty, place, key, seen, Want::Fields(inner)).map(|_| ()),
            Some(kept) => {
                let value = self.field(ty, place, key, seen, Want::All)?;
                self.settle(kept, value);
                Ok(())
            }
        }
    }

    /// The value of a field that is a text, as most are; `None` where it may be anything else.
    #[inline]
    fn plain_text(&mut self, ty: RecordType<'a>, place: usize, seen: &mut [Seen]) -> Option<Fit<&'a str>> {
        let (field, state) = (ty.fields.get(place)?, seen.get_mut(place)?);
        let is_text = matches!(self.program.plan.types.get(index(field.ty)), Some(TypeNode::Str)) && *state == Seen::No;
        if !is_text || self.json.peek() != Some(b'"') {
            return None;
        }
        *state = Seen::Present;
        Some(self.json.string())
    }

    fn is_record(&self, ty: RecordType<'a>, place: usize) -> bool {
        let node = ty.fields.get(place).and_then(|field| self.program.plan.types.get(index(field.ty)));
        matches!(node, Some(TypeNode::Record { .. }))
    }

    /// Fills the slots of fields that were absent.
    pub(super) fn absent_fields(&mut self, ty: RecordType<'a>, seen: &[Seen], layout: &'a Layout) -> Fit<()> {
        for (place, field) in ty.fields.iter().enumerate() {
            if seen.get(place) != Some(&Seen::Present) {
                let value = self.absent(ty, place, field)?;
                if let Some(kept) = layout.field(place) {
                    self.settle(kept, value);
                }
            }
        }
        Ok(())
    }

    /// The next declared field of the open object, whose value then follows; what is not declared is passed over.
    #[inline]
    pub(super) fn next_known(&mut self, ty: RecordType<'a>, keys: &mut Keys<'a>) -> Fit<Option<(usize, &'a str)>> {
        let Some(table) = keys.table else { return Ok(None) };
        while self.json.comes_key(&mut keys.first)? {
            if let Some(field) = table.field(keys.guess)
                && self.json.eat_key(field)
            {
                keys.guess += 1;
                return Ok(Some((keys.guess - 1, field.name())));
            }
            let key = match self.json.plain_key() {
                Some(key) => key,
                None => self.json.key()?.as_bytes(),
            };
            if let Some((place, field)) = table.find(key) {
                keys.guess = place + 1;
                return Ok(Some((place, field.name())));
            }
            self.pass_undeclared(ty, key)?;
        }
        Ok(None)
    }

    /// Passes over the value of a key that is none of a record's fields.
    fn pass_undeclared(&mut self, ty: RecordType<'a>, key: &[u8]) -> Fit<()> {
        let name = || str::from_utf8(key).unwrap_or_default();
        if ty.closed {
            return Err(self.undeclared(ty, name()).in_field(name()));
        }
        self.json.skip().map_err(|misfit| misfit.in_field(name()))
    }

    #[cold]
    fn undeclared(&mut self, ty: RecordType<'a>, key: &str) -> Box<Misfit> {
        let names = self.program.plan.shapes.get(index(ty.shape)).map(Vec::as_slice).unwrap_or_default();
        let listed: Vec<String> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
        let more = if names.len() > listed.len() { ", …" } else { "" };
        let expected = if names.is_empty() { "no field".into() } else { format!("a field among {}{more}", listed.join(", ")) };
        Misfit::new(format!("expected {expected}, got `{}`", shortened(key)))
    }

    /// Reads a declared field's value, where it is not null.
    pub(super) fn field(&mut self, ty: RecordType<'a>, place: usize, key: &str, seen: &mut [Seen], want: Want<'a>) -> Fit<Value<'a>> {
        let (Some(field), Some(state)) = (ty.fields.get(place), seen.get_mut(place)) else { return Ok(Value::None) };
        if *state != Seen::No {
            return Err(twice_given(key));
        }
        *state = Seen::Null;
        if field.presence != Presence::Required && self.json.null().map_err(|misfit| misfit.in_field(key))? {
            return Ok(Value::None);
        }
        *state = Seen::Present;
        self.value(field.ty, want).map_err(|misfit| misfit.in_field(key))
    }

    /// What a field is where it is absent or null.
    pub(super) fn absent(&mut self, ty: RecordType<'a>, place: usize, field: &FieldNode) -> Fit<Value<'a>> {
        match field.presence {
            Presence::Optional => Ok(Value::None),
            Presence::Default(id) => Ok(self.program.constant(id)),
            Presence::Required if self.is_part => Ok(Value::None),
            Presence::Required => {
                let name = self.program.plan.shapes.get(index(ty.shape)).and_then(|names| names.get(place));
                let expected = self.program.plan.types.get(index(field.ty)).map(|ty| type_name(self.program, ty)).unwrap_or_default();
                Err(Misfit::new(format!("expected `{expected}`, got nothing")).in_field(name.map(|name| &**name).unwrap_or_default()))
            }
        }
    }

    /// Checks the refinements of the fields that are present.
    pub(super) fn refine(&mut self, ty: RecordType<'a>, values: &'a [Value<'a>], seen: &[Seen]) -> Fit<()> {
        for (place, field) in ty.fields.iter().enumerate() {
            let Some(refinement) = field.refinement.as_ref().filter(|_| seen.get(place) == Some(&Seen::Present)) else { continue };
            let cost = self.program.loop_cost(refinement.node);
            let holds = self
                .machine
                .spend(cost)
                .and_then(|()| self.machine.in_frame(index(refinement.locals), values, |machine| machine.test(refinement.node)));
            match holds {
                Ok(true) => {}
                Err(error @ tollgate_stdlib::EvalError::StepLimit) => return Err(Misfit::ended(error)),
                Ok(false) | Err(_) => return Err(self.unrefined(ty, place, refinement, values)),
            }
        }
        Ok(())
    }

    #[cold]
    fn unrefined(&self, ty: RecordType<'a>, place: usize, refinement: &Refinement, values: &[Value<'a>]) -> Box<Misfit> {
        let name = self.program.plan.shapes.get(index(ty.shape)).and_then(|names| names.get(place)).map(|name| &**name).unwrap_or_default();
        let field = ty.fields.get(place).and_then(|field| self.program.plan.types.get(index(field.ty)));
        let expected = field.map(|ty| type_name(self.program, ty)).unwrap_or_default();
        let got = values.get(place).map(|value| shortened(&value.to_string())).unwrap_or_default();
        Misfit::new(format!("expected `{expected} where {}`, got `{got}`", refinement.text)).in_field(name)
    }
}

/// Whether a field has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    No,
    Null,
    Present,
}

/// How far an object has been read. Fields mostly come in the order in which they are declared.
pub(super) struct Keys<'a> {
    /// The fields that are declared.
    table: Option<&'a FieldTable>,
    /// Whether no key has been read.
    first: bool,
    /// The place of the field that is expected next.
    guess: usize,
}

impl<'a> Keys<'a> {
    pub fn new(program: &'a Program, ty: RecordType<'a>) -> Keys<'a> {
        Keys { table: program.fields.get(index(ty.shape)), first: true, guess: 0 }
    }
}

/// The layout of a record that is only checked.
static NOTHING: Layout = Layout { fields: Vec::new() };

impl Layout {
    /// What is kept of that field.
    pub(crate) fn field(&self, place: usize) -> Option<&Kept> {
        // Mostly all fields are kept.
        if let Some(kept) = self.fields.get(place).filter(|kept| index(kept.field) == place) {
            return Some(kept);
        }
        let found = self.fields.binary_search_by(|kept| index(kept.field).cmp(&place)).ok()?;
        self.fields.get(found)
    }
}
