//! From a key of a JSON object to the place of a record's field.

use std::collections::HashMap;

use crate::plan::Text;

/// A record with more fields than this has them hashed.
const MAX_SCANNED: usize = 32;

/// The places of a shape's fields.
#[derive(Debug)]
pub(crate) struct FieldTable {
    fields: Vec<Field>,
    /// The hints of all names.
    hints: u64,
    /// The places of the names, where they are many.
    hashed: Option<HashMap<Text, usize, foldhash::fast::RandomState>>,
}

/// A field, and how JSON writes its key.
#[derive(Debug)]
pub(crate) struct Field {
    mark: Mark,
    name: Text,
    /// The length of the name, a quotation mark and a colon, as they stand behind the key's first quotation mark.
    written: usize,
    /// The first eight bytes of that.
    head: u64,
    /// Which of those bytes there are; where it has more than eight, its last eight.
    tail: u64,
}

impl FieldTable {
    pub(super) fn new(names: &[Text]) -> FieldTable {
        let hashed = (names.len() > MAX_SCANNED).then(|| names.iter().cloned().zip(0..).collect());
        let hints = names.iter().fold(0, |hints, name| hints | hint(name.as_bytes()));
        FieldTable { fields: names.iter().map(Field::new).collect(), hints, hashed }
    }

    /// The field of that name, and its place.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<(usize, &Field)> {
        if self.hints & hint(name) == 0 { None } else { self.find_hinted(name) }
    }

    #[inline(never)]
    fn find_hinted(&self, name: &[u8]) -> Option<(usize, &Field)> {
        if let Some(places) = &self.hashed {
            let place = *places.get(str::from_utf8(name).ok()?)?;
            return Some((place, self.fields.get(place)?));
        }
        let mark = Mark::new(name);
        self.fields.iter().enumerate().find(|(_, field)| field.mark == mark && (mark.is_whole() || field.name.as_bytes() == name))
    }

    /// The field at that place.
    pub fn field(&self, place: usize) -> Option<&Field> {
        self.fields.get(place)
    }
}

impl Field {
    fn new(name: &Text) -> Field {
        let text = format!("{name}\":");
        let bytes = text.as_bytes();
        let word = |chunk: Option<&[u8; 8]>| chunk.map(|chunk| u64::from_le_bytes(*chunk));
        let (head, tail) = match (word(bytes.first_chunk()), word(bytes.last_chunk())) {
            // No text has bits outside of no bytes.
            _ if !is_plain(name) => (1, 0),
            (Some(head), Some(tail)) if bytes.len() > 8 => (head, tail),
            _ => bytes.iter().rev().fold((0, 0), |(head, mask), byte| (head << 8 | u64::from(*byte), mask << 8 | 0xff)),
        };
        let written = if is_plain(name) { bytes.len() } else { 0 };
        Field { mark: Mark::new(name.as_bytes()), name: name.clone(), written, head, tail }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long its key is at the start of a text that follows a quotation mark: written without escapes, and a colon right behind it. `None` where
    /// something else is there, and perhaps where the text is about to end.
    #[inline]
    pub fn written_in(&self, text: &[u8]) -> Option<usize> {
        let word = u64::from_le_bytes(*text.first_chunk()?);
        if self.written <= 8 {
            return (word & self.tail == self.head).then_some(self.written);
        }
        let is_same = word == self.head
            && text.get(self.written - 8..)?.first_chunk().is_some_and(|last| u64::from_le_bytes(*last) == self.tail)
            && (self.written <= 16 || text.starts_with(self.name.as_bytes()));
        is_same.then_some(self.written)
    }
}

/// A bit that two names share rarely, by their lengths and first bytes.
#[inline]
fn hint(name: &[u8]) -> u64 {
    let first = name.first().copied().unwrap_or_default();
    1 << ((name.len() ^ (usize::from(first) * 5)) % 64)
}

/// Whether JSON writes a name as it is.
fn is_plain(name: &str) -> bool {
    !name.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
}

/// A name's length and some of its bytes: all of them, where it has at most eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    length: usize,
    bytes: u64,
}

impl Mark {
    fn new(bytes: &[u8]) -> Mark {
        let length = bytes.len();
        let bytes = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
            _ => bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        Mark { length, bytes }
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
                assert_eq!(table.find(name.as_bytes()).map(|(place, field)| (place, field.name())), Some((place, &**name)));
            }
            for name in ["b", "abc", "abcdefg", "abcdefghi", "abcdZfghi", "f100", "\0a"] {
                assert!(table.find(name.as_bytes()).is_none(), "{name}");
            }
        }
    }
    #[test]
    fn keys_are_known_as_json_writes_them() {
        let names: Vec<Text> =
            ["", "a", "abcdef", "abcdefg", "abcdefgh", "abcdefghijklmn", "abcdefghijklmno", "abcdefghXjklmnop", "q\"", "ä"].map(Text::from).to_vec();
        let table = FieldTable::new(&names);
        for (place, name) in names.iter().enumerate() {
            let field = table.field(place).unwrap();
            let known = (!name.contains('"')).then_some(name.len() + 2);
            assert_eq!(field.written_in(format!("{name}\":1234567").as_bytes()), known, "{name}");
            for other in ["abcdefghYjklmnop", "b", "abcdeg", "abcdefghijklmnX", "q\\\""] {
                assert_eq!(field.written_in(format!("{other}\":1234567").as_bytes()), None, "{name}, {other}");
            }
            assert_eq!(field.written_in(format!("{name}\" :1234567").as_bytes()), None, "{name}");
            assert_eq!(field.written_in(b""), None);
        }
    }
}
