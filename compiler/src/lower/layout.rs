//! Slots: which values of the request are kept, and where.
//!
//! A read of the request is a path of fields from it, or from the arguments as the call's tool types them. Every path has one slot, whichever
//! rules read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_evaluator::plan::{Kept, Layout, SlotId};
use tollgate_stdlib::types::{RecordType, Type};

use crate::program::{Expr, ExprKind};

/// The slots that reads were given.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    count: u32,
    input: InputTree,
    args: ArgsTree,
}

/// What is kept below a field of the request.
#[derive(Clone, Debug, Default)]
struct InputTree {
    slot: Option<SlotId>,
    inner: BTreeMap<u32, InputTree>,
}

/// What is kept below a name of some tools' arguments: slots by the type of what they hold, since tools may type one name differently.
#[derive(Clone, Debug, Default)]
struct ArgsTree {
    slots: Vec<(Type, SlotId)>,
    inner: BTreeMap<Arc<str>, ArgsTree>,
}

/// A read of the request.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// The request's fields by index, outermost first, never empty.
    Input(Vec<u32>),
    /// Names from the arguments on; empty: the arguments as a whole.
    Args(Vec<Arc<str>>),
}

/// The read that an expression is, if it is nothing else.
pub fn read_of(expr: &Expr) -> Option<Read> {
    let mut fields = Vec::new();
    let mut base = expr;
    loop {
        match &base.kind {
            ExprKind::Field { base: inner, name, index } => {
                fields.push((name, u32::try_from(*index).ok()?));
                base = inner;
            }
            ExprKind::Input(field) => {
                let first = u32::try_from(*field).ok()?;
                return Some(Read::Input(std::iter::once(first).chain(fields.iter().rev().map(|(_, index)| *index)).collect()));
            }
            ExprKind::Args => return Some(Read::Args(fields.iter().rev().map(|(name, _)| Arc::clone(name)).collect())),
            _ => return None,
        }
    }
}

impl Slots {
    /// The slot of a read of a value of that type.
    pub fn slot(&mut self, read: &Read, ty: &Type) -> SlotId {
        match read {
            Read::Input(path) => self.input_slot(path),
            Read::Args(path) => self.args_slot(path, ty.present()),
        }
    }

    /// The slot of a path of the request's fields.
    pub fn input_slot(&mut self, path: &[u32]) -> SlotId {
        let tree = path.iter().fold(&mut self.input, |tree, field| tree.inner.entry(*field).or_default());
        *tree.slot.get_or_insert_with(|| next(&mut self.count))
    }

    /// The slot of a path of the request's fields that is read.
    pub fn find(&self, path: &[u32]) -> Option<SlotId> {
        path.iter().try_fold(&self.input, |tree, field| tree.inner.get(field))?.slot
    }

    fn args_slot(&mut self, path: &[Arc<str>], ty: &Type) -> SlotId {
        let tree = path.iter().fold(&mut self.args, |tree, name| tree.inner.entry(Arc::clone(name)).or_default());
        let is_whole = path.is_empty();
        if let Some((_, slot)) = tree.slots.iter().find(|(kept, _)| is_whole || kept.same(ty)) {
            return *slot;
        }
        let slot = next(&mut self.count);
        tree.slots.push((ty.clone(), slot));
        slot
    }

    /// How many slots there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// What is kept of the request.
    pub fn input_layout(&self) -> Layout {
        self.input.layout()
    }

    /// What is kept of the arguments of a tool whose block has that type: the slot of the whole, and those of its fields.
    pub fn args_layout(&self, ty: &RecordType) -> (Option<SlotId>, Layout) {
        (self.args.slots.first().map(|(_, slot)| *slot), self.args.layout(ty))
    }
}

fn next(count: &mut u32) -> SlotId {
    let slot = *count;
    *count = count.saturating_add(1);
    slot
}

impl InputTree {
    fn layout(&self) -> Layout {
        Layout { fields: self.inner.iter().map(|(field, tree)| Kept { field: *field, slot: tree.slot, inner: tree.layout() }).collect() }
    }
}

impl ArgsTree {
    fn layout(&self, ty: &RecordType) -> Layout {
        let mut fields = Vec::new();
        if self.inner.is_empty() {
            return Layout { fields };
        }
        for (place, field) in (0..).zip(&ty.fields) {
            let Some(tree) = self.inner.get(&field.name) else { continue };
            let present = field.ty.present();
            let slot = tree.slots.iter().find(|(kept, _)| kept.same(present)).map(|(_, slot)| *slot);
            let inner = if let Type::Record(inner) = present { tree.layout(inner) } else { Layout::default() };
            if slot.is_some() || !inner.fields.is_empty() {
                fields.push(Kept { field: place, slot, inner });
            }
        }
        Layout { fields }
    }
}
