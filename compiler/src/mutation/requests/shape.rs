//! Smallest values of types, and changes of requests that keep to their types.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tollgate_stdlib::types::{Presence, RecordType, Type};
use tollgate_stdlib::{Kept, write_json};

use super::Solver;
use super::solve::{Env, Meaning, State, Term};

/// The most elements of a list that is made.
const MAX_ELEMENTS: usize = 64;
/// How deep types are followed.
const MAX_DEPTH: usize = 16;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The field, or the entry, of that name.
    Field(Arc<str>),
    /// The element at that place.
    Element(usize),
}

/// A change of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where.
    pub at: Vec<Step>,
    /// What is there afterwards.
    pub what: What,
}

/// What a change makes of a place.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// That value.
    Put(Kept),
    /// That element, among others.
    Add(Kept),
    /// Something.
    Present,
    /// Nothing.
    Absent,
    /// So many copies of its first element.
    Times(usize),
}

impl Solver<'_> {
    /// The smallest value of a type that holds something.
    fn sample(&self, ty: &Type, depth: usize) -> Value {
        match ty.present() {
            Type::Bool => json!(false),
            Type::Int | Type::Decimal => json!(1),
            Type::Duration => json!("1h"),
            Type::Timestamp => json!("2026-01-01T12:00:00Z"),
            Type::Ip => json!("192.0.2.1"),
            Type::Cidr => json!("192.0.2.0/24"),
            Type::Str => json!("x"),
            Type::Enum(ty) => ty.variants.first().map_or(Value::Null, |variant| json!(&**variant)),
            Type::List(_) | Type::Set(_) => json!([]),
            Type::Map(_) | Type::Json => json!({}),
            Type::Record(record) if depth < MAX_DEPTH => self.sample_of_record(record, depth + 1),
            _ => Value::Null,
        }
    }

    /// What must be there is there, as refinements ask for.
    pub fn sample_of_record(&self, record: &Arc<RecordType>, depth: usize) -> Value {
        let required = record.fields.iter().filter(|field| matches!(field.presence, Presence::Required));
        let mut value = Value::Object(required.map(|field| (field.name.to_string(), self.sample(&field.ty, depth))).collect());
        let refined = record.fields.iter().filter(|field| matches!(field.presence, Presence::Required)).filter_map(|field| field.refinement);
        for refinement in refined.filter_map(|refinement| self.program.refinements.get(refinement as usize)) {
            let env: Env = fields_of(record, &[]).collect();
            let state = self.solve(&refinement.condition, true, &env, State::default()).into_iter().next().unwrap_or_default();
            state.changes.iter().for_each(|change| self.apply(&mut value, &Type::Record(Arc::clone(record)), change));
        }
        value
    }

    /// Makes a change of a value of a type, with what must be around it.
    pub fn apply(&self, root: &mut Value, ty: &Type, change: &Change) {
        if change.what == What::Absent {
            return remove(root, &change.at);
        }
        let Some((slot, ty)) = self.slot(root, ty, &change.at) else { return };
        match &change.what {
            What::Put(value) => *slot = json_of(value),
            What::Add(element) => {
                if !slot.is_array() {
                    *slot = json!([]);
                }
                let element = json_of(element);
                if let Some(elements) = slot.as_array_mut()
                    && !elements.contains(&element)
                {
                    elements.push(element);
                }
            }
            What::Times(times) => {
                let first = slot.get(0).cloned().unwrap_or_else(|| element_of(ty.as_ref()).map_or_else(|| json!("x"), |ty| self.sample(&ty, 0)));
                *slot = Value::Array(vec![first; (*times).min(MAX_ELEMENTS)]);
            }
            What::Present if slot.is_null() => *slot = json!("x"),
            What::Present | What::Absent => {}
        }
    }

    /// The value at a place, made if need be, and its type where it has one.
    fn slot<'v>(&self, root: &'v mut Value, ty: &Type, at: &[Step]) -> Option<(&'v mut Value, Option<Type>)> {
        let (mut value, mut ty) = (root, Some(ty.clone()));
        for step in at {
            match step {
                Step::Field(name) => {
                    if !value.is_object() {
                        *value = ty.as_ref().map(|ty| self.sample(ty, 0)).filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
                    }
                    ty = field_of(ty.as_ref(), name);
                    let new = || ty.as_ref().map_or(Value::Null, |ty| self.sample(ty, 0));
                    value = value.as_object_mut()?.entry(&**name).or_insert_with(new);
                }
                Step::Element(place) => {
                    if !value.is_array() {
                        *value = json!([]);
                    }
                    ty = element_of(ty.as_ref());
                    let elements = value.as_array_mut().filter(|_| *place < MAX_ELEMENTS)?;
                    while elements.len() <= *place {
                        elements.push(ty.as_ref().map_or_else(|| json!("x"), |ty| self.sample(ty, 0)));
                    }
                    value = elements.get_mut(*place)?;
                }
            }
        }
        Some((value, ty))
    }
}

/// The fields of a record at a place, as its refinements name them.
pub fn fields_of<'r>(record: &'r RecordType, at: &'r [Step]) -> impl Iterator<Item = (usize, Meaning)> + 'r {
    let of_field = move |(local, field): (usize, &tollgate_stdlib::types::Field)| {
        let mut at = at.to_vec();
        at.push(Step::Field(field.name.clone()));
        (local, Meaning::Place(Term::of(at, field.ty.clone())))
    };
    record.fields.iter().enumerate().map(of_field)
}

fn field_of(ty: Option<&Type>, name: &str) -> Option<Type> {
    match ty?.present() {
        Type::Record(record) => record.field(name).map(|(_, field)| field.ty.clone()),
        Type::Map(inner) => Some((**inner).clone()),
        _ => None,
    }
}

fn element_of(ty: Option<&Type>) -> Option<Type> {
    match ty?.present() {
        Type::List(inner) | Type::Set(inner) => Some((**inner).clone()),
        _ => None,
    }
}

fn remove(root: &mut Value, at: &[Step]) {
    let Some((last, around)) = at.split_last() else { return };
    let around = around.iter().try_fold(root, |value, step| match step {
        Step::Field(name) => value.get_mut(&**name),
        Step::Element(place) => value.get_mut(place),
    });
    if let (Some(fields), Step::Field(name)) = (around.and_then(Value::as_object_mut), last) {
        fields.remove(&**name);
    }
}

fn json_of(value: &Kept) -> Value {
    let mut json = Vec::new();
    write_json(value.view(), &mut json);
    serde_json::from_slice(&json).unwrap_or_default()
}
