//! Byte offsets to lines and columns.

use serde::Serialize;

/// A place in a text as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1. Lines end with `\n`.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The offset in bytes, from 0.
    pub offset: u32,
}

/// Finds positions in one text, quickly even where all of it is one line.
#[derive(Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<u32>,
    /// How many characters stand before each multiple of [`STEP`] bytes.
    characters: Vec<u32>,
}

const STEP: usize = 1024;

impl<'t> LineIndex<'t> {
    /// The index of a text of less than 4 GiB.
    pub fn new(text: &'t str) -> Self {
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1));
        let mut count = 0;
        let mut characters = vec![0];
        for chunk in text.as_bytes().chunks(STEP) {
            count += starts(chunk);
            characters.push(count);
        }
        LineIndex { text, lines, characters }
    }

    /// The position of an offset; one past the end is that of the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.lines.get(line)).copied().unwrap_or_default();
        let column = self.characters_before(offset) - self.characters_before(start) + 1;
        Position { line: line as u32, column, offset }
    }

    /// The text of a line, counted from 1, without its end.
    pub fn line(&self, line: u32) -> &'t str {
        let start = |line: u32| line.checked_sub(1).and_then(|line| self.lines.get(line as usize)).copied();
        let from = start(line).map_or(self.text.len(), |start| start as usize);
        let to = start(line + 1).map_or(self.text.len(), |start| start as usize);
        self.text.get(from..to).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    fn characters_before(&self, offset: u32) -> u32 {
        let step = offset as usize / STEP;
        let rest = self.text.as_bytes().get(step * STEP..offset as usize).unwrap_or_default();
        self.characters.get(step).copied().unwrap_or_default() + starts(rest)
    }
}

/// How many characters begin in these bytes.
fn starts(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let text = format!("é{}\nab😀c\n", "ö".repeat(2000));
        let index = LineIndex::new(&text);
        let at = |needle: &str| {
            let Position { line, column, .. } = index.position(text.find(needle).unwrap() as u32);
            (line, column)
        };
        assert_eq!((at("é"), at("a"), at("c")), ((1, 1), (2, 1), (2, 4)));
        assert_eq!(index.position(u32::MAX), Position { line: 3, column: 1, offset: text.len() as u32 });
        assert_eq!(index.position(4002).column, 2002);
        assert_eq!((index.line(2), index.line(3), index.line(9)), ("ab😀c", "", ""));
    }
}
