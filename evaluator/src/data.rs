//! The data that a host binds: one immutable version at a time.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use tollgate_stdlib::{Arena, Kept};

use crate::decode::{decode_value, keep};
use crate::eval::{Machine, Memory, Stamps};
use crate::plan::{TypeId, TypeNode, index};
use crate::program::{Holders, Program, last_part};
use crate::{DataError, Limits};

/// One version of all data.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// As many as the plan declares; `None` for what is not bound.
    pub values: Vec<Option<Arc<Kept>>>,
    /// The first that is not bound and has no default.
    pub missing: Option<usize>,
    /// What depends on this version alone, see [`Bound::lasting`].
    lasting: OnceLock<Box<[Lasts]>>,
    /// See [`Bound::holders`].
    holders: OnceLock<Holders>,
}

/// A value, once one was looked for; `None` where there is none to keep.
type Lasts = OnceLock<Option<Box<Kept>>>;

/// The current version, replaced as a whole.
pub(crate) type Store = ArcSwap<Bound>;

impl Bound {
    fn new(values: Vec<Option<Arc<Kept>>>) -> Bound {
        let missing = values.iter().position(Option::is_none);
        Bound { values, missing, lasting: OnceLock::new(), holders: OnceLock::new() }
    }

    /// No data, which keeps nothing either: what values are read with before there is a version.
    pub fn unread() -> Bound {
        Bound { lasting: OnceLock::from(Box::default()), ..Bound::default() }
    }

    /// Every default.
    pub fn defaults(program: &Program) -> Bound {
        let values = program.plan.data.iter().map(|data| Some(Arc::new(program.kept_constant(data.default?))));
        Bound::new(values.collect())
    }

    /// This version with other values of some data.
    pub fn with(&self, changes: &[(usize, Arc<Kept>)]) -> Bound {
        let mut values = self.values.clone();
        for (place, value) in changes {
            if let Some(slot) = values.get_mut(*place) {
                *slot = Some(value.clone());
            }
        }
        Bound::new(values)
    }

    /// Which of those data hold a value; they are the same for every decision.
    pub fn holders(&self, data: &[u32]) -> &Holders {
        self.holders.get_or_init(|| Holders::new(data, &self.values))
    }

    /// Where the value of that place is kept which depends on this version alone: the first decision that needs it computes it, for all threads.
    /// There is place for `len` of them.
    pub fn lasting(&self, len: usize, place: usize) -> Option<&Lasts> {
        self.lasting.get_or_init(|| std::iter::repeat_with(OnceLock::new).take(len).collect()).get(place)
    }
}

/// The number of the data of that full name, or of that last part where it is unique.
pub(crate) fn find(program: &Program, name: &str) -> Result<usize, DataError> {
    let names = program.plan.data.iter().map(|data| &*data.name);
    match find_name(names, name) {
        Ok(place) => Ok(place),
        Err(full) if full.is_empty() => Err(DataError::Unknown(name.into())),
        Err(full) => Err(DataError::Ambiguous(name.into(), full)),
    }
}

/// The place of a full name, or of a last part that is unique; else all full names that it is the last part of.
pub(crate) fn find_name<'n>(names: impl Iterator<Item = &'n str> + Clone, name: &str) -> Result<usize, Vec<String>> {
    if let Some(place) = names.clone().position(|full| full == name) {
        return Ok(place);
    }
    let found: Vec<(usize, &str)> = names.enumerate().filter(|(_, full)| last_part(full) == name).collect();
    match found.as_slice() {
        [(place, _)] => Ok(*place),
        _ => Err(found.into_iter().map(|(_, full)| full.to_string()).collect()),
    }
}

/// Reads data from JSON, checked against its type.
pub(crate) fn read(program: &Program, limits: &Limits, place: usize, json: &[u8]) -> Result<Arc<Kept>, DataError> {
    let Some(data) = program.plan.data.get(place) else { return Err(DataError::Unknown(String::new())) };
    read_as(program, limits, data.ty, json).map(Arc::new).map_err(|(path, message)| DataError::Misfit { name: data.name.to_string(), path, message })
}

/// Reads a value of a type from JSON; an error is its path and what was expected.
pub(crate) fn read_as(program: &Program, limits: &Limits, ty: u32, json: &[u8]) -> Result<Kept, (String, String)> {
    let root = |message: String| (String::new(), message);
    if json.len() > limits.data_bytes {
        return Err(root(format!("size limit exceeded: {} bytes, {} are allowed", json.len(), limits.data_bytes)));
    }
    let text = std::str::from_utf8(json).map_err(|error| root(format!("expected UTF-8, got other bytes at byte {}", error.valid_up_to())))?;
    // What data needs is not a decision's, so that its memory is no thread's to keep.
    let (arena, mut stamps) = (Arena::new(), Stamps::default());
    let memory = Memory::new(&mut stamps, program.memory_size(), &arena);
    // Refinements are checked for each element, so that the steps grow with the data.
    let steps = limits.steps.saturating_add(u64::try_from(json.len()).unwrap_or(u64::MAX));
    let none = Bound::unread();
    let mut machine = Machine::new(program, &none, &arena, memory, steps);
    let value = decode_value(&mut machine, text, ty, limits.nesting()).map_err(|misfit| (misfit.path(), misfit.message))?;
    Ok(keep(program, ty, value))
}

/// Puts a changed version in the place of the current one. What rules are found by in it is made ready first: no decision waits for that.
pub(crate) fn replace(store: &Store, program: &Program, changes: &[(usize, Arc<Kept>)]) {
    store.rcu(|bound| {
        let changed = bound.with(changes);
        changed.holders(&program.finder.data);
        changed
    });
}

/// The place and type of a record type's field of that name.
pub(crate) fn find_field(program: &Program, ty: TypeId, name: &str) -> Option<(usize, TypeId)> {
    let TypeNode::Record { shape, fields, .. } = program.plan.types.get(index(ty))? else { return None };
    let place = program.plan.shapes.get(index(*shape))?.iter().position(|field| **field == *name)?;
    Some((place, fields.get(place)?.ty))
}
