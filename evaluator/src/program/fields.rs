//! From a key of a JSON object to the place of a record's field.

use std::collections::HashMap;

use crate::plan::Text;

/// A record with more fields than this has them hashed.
const MAX_SCANNED: usize = 32;

/// The places of a shape's fields.
#[derive(Debug)]
pub(crate) enum FieldTable {
    /// What tells most names apart, then the name.
    Few(Vec<(u32, Text)>),
    Many(HashMap<Text, usize, foldhash::fast::RandomState>),
}

impl FieldTable {
    pub(super) fn new(names: &[Text]) -> FieldTable {
        if names.len() > MAX_SCANNED {
            return FieldTable::Many(names.iter().cloned().zip(0..).collect());
        }
        FieldTable::Few(names.iter().map(|name| (mark(name), name.clone())).collect())
    }

    /// The place of the field of that name.
    pub fn place(&self, name: &str) -> Option<usize> {
        match self {
            FieldTable::Few(names) => {
                let mark = mark(name);
                names.iter().position(|(other, full)| *other == mark && **full == *name)
            }
            FieldTable::Many(places) => places.get(name).copied(),
        }
    }
}

/// A name's length and two of its bytes.
fn mark(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).copied().map_or(0, u32::from);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX) & 0xffff;
    length << 16 | at(0) << 8 | at(bytes.len() / 2)
}
