//! A text that many edits are applied to.

use tower_lsp::ls_types::{Position, Range};

use crate::position::Encoding;

/// The most bytes of a block: an edit looks through one, and walks over all blocks before it.
const BLOCK: usize = 2048;

/// A text in blocks, so that an edit costs about the same wherever it is and however long the lines are.
pub struct Text {
    blocks: Vec<Block>,
    encoding: Encoding,
}

struct Block {
    text: String,
    /// How many line ends it has.
    ends: usize,
    /// How many units of the encoding it has.
    units: usize,
}

/// A place in a text: a block, and a byte offset in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    block: usize,
    at: usize,
}

impl Text {
    /// The text in blocks, whose positions count in that encoding.
    pub fn new(text: &str, encoding: Encoding) -> Text {
        Text { blocks: blocks(text, encoding), encoding }
    }

    /// Puts another text in the place of a range. A position beyond its line is the line's end, and one before the range's start is that start.
    pub fn edit(&mut self, range: Range, new: &str) {
        let start = self.place(range.start);
        let end = if range.end == range.start { start } else { self.place(range.end).max(start) };
        if start == end && new.is_empty() {
            return;
        }
        let head = self.blocks.get(start.block).and_then(|block| block.text.get(..start.at)).unwrap_or_default();
        let tail = self.blocks.get(end.block).and_then(|block| block.text.get(end.at..)).unwrap_or_default();
        let changed = blocks(&[head, new, tail].concat(), self.encoding);
        let after = end.block.saturating_add(1).min(self.blocks.len());
        self.blocks.splice(start.block.min(after)..after, changed);
    }

    /// The whole text.
    pub fn join(&self) -> String {
        self.blocks.iter().map(|block| block.text.as_str()).collect()
    }

    /// The place of a position.
    fn place(&self, position: Position) -> Place {
        let start = self.line(position.line);
        let place = self.along(start, position.character);
        // Both characters of a line end are beyond the line.
        if place > start && self.after(place) == Some('\n') { self.without_return(place) } else { place }
    }

    /// The start of a line; of one beyond the text, its end.
    fn line(&self, line: u32) -> Place {
        let Some(mut before) = line.checked_sub(1) else { return Place { block: 0, at: 0 } };
        for (block, held) in self.blocks.iter().enumerate() {
            match usize::try_from(before) {
                Ok(nth) if nth < held.ends => {
                    let end = held.text.match_indices('\n').nth(nth).map_or(held.text.len(), |(at, _)| at + 1);
                    return Place { block, at: end };
                }
                _ => before -= held.ends as u32,
            }
        }
        Place { block: self.blocks.len(), at: 0 }
    }

    /// The place so many units after another, in the same line.
    fn along(&self, start: Place, mut units: u32) -> Place {
        let mut at = start.at;
        for (block, held) in self.blocks.iter().enumerate().skip(start.block) {
            if at == 0 && held.ends == 0 && held.units < units as usize {
                units -= held.units as u32;
                continue;
            }
            for (offset, character) in held.text.get(at..).unwrap_or_default().char_indices() {
                if units == 0 || character == '\n' {
                    return Place { block, at: at + offset };
                }
                units = units.saturating_sub(self.encoding.units(character) as u32);
            }
            at = 0;
        }
        Place { block: self.blocks.len(), at: 0 }
    }

    /// The character after a place that [`Text::along`] gave, which is never the end of a block.
    fn after(&self, place: Place) -> Option<char> {
        self.blocks.get(place.block)?.text.get(place.at..)?.chars().next()
    }

    /// The place before the `\r` that is before a place, if one is.
    fn without_return(&self, place: Place) -> Place {
        let before = match place.at.checked_sub(1) {
            Some(at) => Some(Place { at, ..place }),
            None => place.block.checked_sub(1).and_then(|block| {
                let at = self.blocks.get(block)?.text.len().checked_sub(1)?;
                Some(Place { block, at })
            }),
        };
        before.filter(|before| self.after(*before) == Some('\r')).unwrap_or(place)
    }
}

/// A text in blocks of about the same size, none of them empty.
fn blocks(text: &str, encoding: Encoding) -> Vec<Block> {
    let size = text.len().div_ceil(text.len().div_ceil(BLOCK).max(1));
    let mut blocks = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (block, after) = rest.split_at(rest.ceil_char_boundary(size));
        let ends = block.bytes().filter(|byte| *byte == b'\n').count();
        blocks.push(Block { text: block.to_owned(), ends, units: encoding.length(block) });
        rest = after;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, from: (u32, u32), to: (u32, u32), new: &str) -> String {
        let mut text = Text::new(text, Encoding::Utf16);
        text.edit(range(from, to), new);
        text.join()
    }

    fn range(from: (u32, u32), to: (u32, u32)) -> Range {
        Range::new(Position::new(from.0, from.1), Position::new(to.0, to.1))
    }

    #[test]
    fn edits_count_in_utf_16() {
        assert_eq!(edit("a😀b\r\nc", (0, 3), (0, 4), "x"), "a😀x\r\nc");
        assert_eq!(edit("a😀b\r\nc", (0, 1), (1, 0), ""), "ac");
    }

    #[test]
    fn edits_count_in_utf_8_where_that_is_agreed() {
        let mut text = Text::new("a😀b\r\nc", Encoding::Utf8);
        text.edit(range((0, 5), (0, 6)), "x");
        assert_eq!(text.join(), "a😀x\r\nc");
    }

    #[test]
    fn places_beyond_the_text_are_its_ends() {
        assert_eq!(edit("ab\ncd", (0, 99), (0, 99), "!"), "ab!\ncd");
        assert_eq!(edit("ab\r\ncd", (0, 99), (0, 99), "!"), "ab!\r\ncd");
        assert_eq!(edit("ab", (7, 0), (9, 9), "!"), "ab!");
        assert_eq!(edit("ab", (0, 2), (0, 0), "!"), "ab!");
        assert_eq!(edit("", (0, 0), (u32::MAX, u32::MAX), "!"), "!");
        assert_eq!(edit("ab\n", (1, 0), (1, u32::MAX), "!"), "ab\n!");
    }

    #[test]
    fn many_edits_of_a_large_text_end() {
        for line in ["// a line of a policy\n", "a long line; ", "\n"] {
            let mut text = Text::new(&line.repeat((1 << 20) / line.len()), Encoding::Utf16);
            for number in 0..10_000 {
                let at = if number % 2 == 0 { (0, 0) } else { (u32::from(line.ends_with('\n')) * 40_000, 1 << 19) };
                text.edit(range(at, at), if number % 4 < 2 { "" } else { "x" });
            }
            assert_eq!(text.join().matches('x').count(), 5_000);
        }
    }

    #[test]
    fn blocks_make_no_difference() {
        // A simple generator stands in for an editor that types and deletes all over the text.
        let mut seed = 7_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut expected = String::new();
        let mut text = Text::new("", Encoding::Utf16);
        for _ in 0..2000 {
            let lines: Vec<&str> = expected.split('\n').collect();
            let mut pick = || {
                let line = next(lines.len());
                let characters: Vec<char> = lines[line].chars().collect();
                let column = next(characters.len() + 1);
                let offset = lines[..line].iter().map(|line| line.len() + 1).sum::<usize>();
                let before: String = characters[..column].iter().collect();
                ((line as u32, before.encode_utf16().count() as u32), offset + before.len())
            };
            let (mut from, mut to) = (pick(), pick());
            if next(3) > 0 {
                to = from;
            }
            if to.1 < from.1 {
                (from, to) = (to, from);
            }
            let new = ["é", "😀\n", "x", "", "a long piece of text ", "\n"][next(6)].repeat(next(200));
            text.edit(range(from.0, to.0), &new);
            expected.replace_range(from.1..to.1, &new);
            assert_eq!(text.join(), expected);
        }
        assert!(text.blocks.iter().all(|block| !block.text.is_empty() && block.text.len() < BLOCK + 4));
    }
}
