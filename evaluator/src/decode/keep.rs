//! Values of data, apart from the text that they were read from.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_stdlib::{Kept, KeptMap, KeptRecord, KeptSet, Record, Value};

use crate::plan::{TypeId, TypeNode, index};
use crate::program::Program;

/// So many texts are kept once, however often they occur: tools, roles and the like, of which large data repeat a few.
const MAX_SHARED: usize = 1024;
/// Longer ones, in bytes, are not looked for.
const MAX_LENGTH: usize = 64;

/// A value that outlives what it borrows from; records keep the plan's own shape.
pub(crate) fn keep(program: &Program, ty: TypeId, value: Value<'_>) -> Kept {
    Keeper { program, shared: HashMap::default() }.keep(ty, value)
}

struct Keeper<'p, 'v> {
    program: &'p Program,
    shared: HashMap<&'v str, Arc<str>, foldhash::fast::RandomState>,
}

impl<'v> Keeper<'_, 'v> {
    fn keep(&mut self, ty: TypeId, value: Value<'v>) -> Kept {
        let program = self.program;
        match (program.plan.types.get(index(ty)), value) {
            (Some(TypeNode::Optional(of)), _) if !value.is_none() => self.keep(*of, value),
            (Some(TypeNode::List(of)), Value::List(items)) => Kept::List(items.iter().map(|item| self.keep(*of, item)).collect()),
            (Some(TypeNode::Set(of)), Value::Set(items)) => Kept::Set(KeptSet::new(items.iter().map(|item| self.keep(*of, item)).collect())),
            (Some(TypeNode::Map(of)), Value::Map(entries)) => {
                Kept::Map(KeptMap::new(entries.iter().map(|(key, value)| (Arc::from(key), self.keep(*of, value))).collect()))
            }
            (Some(TypeNode::Record { shape, fields, .. }), Value::Record(Record::Own(own))) => {
                let values = fields.iter().zip(own.values).map(|(field, value)| self.keep(field.ty, *value)).collect();
                program.shapes.get(index(*shape)).map_or(Kept::None, |shape| Kept::Record(KeptRecord { shape: shape.clone(), values }))
            }
            (_, Value::Str(text)) => Kept::Str(self.text(text)),
            (_, Value::Enum(variant)) => Kept::Enum(self.text(variant.name), variant.rank),
            (_, other) => other.into(),
        }
    }

    fn text(&mut self, text: &'v str) -> Arc<str> {
        if text.len() > MAX_LENGTH {
            return text.into();
        }
        if let Some(shared) = self.shared.get(text) {
            return shared.clone();
        }
        let kept: Arc<str> = text.into();
        if self.shared.len() < MAX_SHARED {
            self.shared.insert(text, kept.clone());
        }
        kept
    }
}
