//! From a key of a JSON object to the place of a record's field.

use std::collections::HashMap;

use crate::plan::Text;

/// A record with more fields than this has them hashed.
const MAX_SCANNED: usize = 32;

/// The places of a shape's fields.
#[derive(Debug)]
pub(crate) enum FieldTable {
    Few(Vec<(Mark, Text)>),
    Many(HashMap<Text, usize, foldhash::fast::RandomState>),
}

impl FieldTable {
    pub(super) fn new(names: &[Text]) -> FieldTable {
        if names.len() > MAX_SCANNED {
            return FieldTable::Many(names.iter().cloned().zip(0..).collect());
        }
        FieldTable::Few(names.iter().map(|name| (Mark::new(name), name.clone())).collect())
    }

    /// The place of the field of that name.
    pub fn place(&self, name: &str) -> Option<usize> {
        match self {
            FieldTable::Few(names) => {
                let mark = Mark::new(name);
                names.iter().position(|(other, full)| *other == mark && (mark.is_whole() || **full == *name))
            }
            FieldTable::Many(places) => places.get(name).copied(),
        }
    }
}

/// Whether JSON writes a name as it is.
pub(super) fn is_plain(name: &str) -> bool {
    !name.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
}

/// A name's length and some of its bytes: all of them, where it has at most eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    length: usize,
    bytes: u64,
}

impl Mark {
    fn new(name: &str) -> Mark {
        let bytes = name.as_bytes();
        let bytes = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
            _ => bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        Mark { length: name.len(), bytes }
    }

    /// Whether it tells its name from every other.
    fn is_whole(self) -> bool {
        self.length <= 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let names: Vec<Text> = ["", "a", "ab", "ba", "abcd", "abcdefgh", "abcdefgi", "abcdXfghi", "abcdYfghi"].map(Text::from).to_vec();
        let many: Vec<Text> = (0..100).map(|place| Text::from(format!("f{place}"))).collect();
        for names in [names, many] {
            let table = FieldTable::new(&names);
            for (place, name) in names.iter().enumerate() {
                assert_eq!(table.place(name), Some(place));
            }
            for name in ["b", "abc", "abcdefg", "abcdefghi", "abcdZfghi", "f100", "\0a"] {
                assert_eq!(table.place(name), None, "{name}");
            }
        }
    }
}
