//! Strict JSON, token by token, over text that is known to be UTF-8.

use tollgate_stdlib::Arena;

use crate::Limits;
use crate::decode::{Fit, Misfit};
use crate::program::Field;

/// Reads JSON from a text.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    arena: &'a Arena,
    depth: usize,
    max_depth: usize,
}

/// A number as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    pub text: &'a str,
    /// Whether it has neither point nor exponent.
    pub whole: bool,
}

/// The brackets that are open: for each a bit, whether it is an object's. Deeper than [`Limits::MAX_DEPTH`] nothing is opened.
#[derive(Default)]
struct Brackets {
    bits: [u64; Limits::MAX_DEPTH / 64],
    len: usize,
}

impl Brackets {
    fn push(&mut self, object: bool) {
        if let Some(word) = self.bits.get_mut(self.len / 64) {
            *word = *word & !(1 << (self.len % 64)) | u64::from(object) << (self.len % 64);
        }
        self.len += 1;
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    fn last(&self) -> Option<bool> {
        let top = self.len.checked_sub(1)?;
        self.bits.get(top / 64).map(|word| word >> (top % 64) & 1 == 1)
    }
}

/// How many bytes of a string come before one that does not stand for itself: `"`, `\`, what is below a blank, or the end of the text. Most strings
/// are shorter than sixteen bytes, whose length no branch depends on.
#[inline(never)]
fn plain_length(text: &[u8]) -> usize {
    if let Some([one, other]) = text.first_chunk().map(words) {
        let found = [special(one), special(other)];
        match found {
            [0, 0] => {}
            [0, other] => return 8 + place_of(other),
            [one, _] => return place_of(one),
        }
    }
    plain_length_of_long(text)
}

/// The same by rows of sixteen bytes, and by two of them at once in a long text.
#[inline(never)]
fn plain_length_of_long(text: &[u8]) -> usize {
    let mut rest = text;
    if (0..4).all(|_| pass_row(&mut rest)) {
        while pass_rows(&mut rest) {}
        pass_row(&mut rest);
    }
    while let Some((word, after)) = rest.split_first_chunk() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return text.len() - rest.len() + place_of(found);
        }
        rest = after;
    }
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
    text.len() - rest.len() + found.unwrap_or(rest.len())
}

/// Passes over sixteen bytes that all stand for themselves, where they come next. This and the next are written so that they become a few instructions
/// on vectors, which an array between two loops prevents.
#[inline(always)]
fn pass_row(text: &mut &[u8]) -> bool {
    let Some((row, after)) = text.split_first_chunk::<16>() else { return false };
    let is_plain = row.iter().fold(true, |is_plain, byte| is_plain & (mark(*byte) != 0));
    if is_plain {
        *text = after;
    }
    is_plain
}

/// The same with thirty-two.
#[inline(always)]
fn pass_rows(text: &mut &[u8]) -> bool {
    let Some((rows, after)) = text.split_first_chunk::<32>() else { return false };
    let (rows, _) = rows.as_chunks::<16>();
    let [one, other] = rows else { return false };
    let is_plain = one.iter().zip(other).fold(true, |is_plain, (one, other)| is_plain & (mark(*one).min(mark(*other)) != 0));
    if is_plain {
        *text = after;
    }
    is_plain
}

/// Zero for a byte that does not stand for itself in a string.
#[inline(always)]
fn mark(byte: u8) -> u8 {
    (byte ^ b'"').min(byte ^ b'\\').min(byte.saturating_sub(0x1f))
}

/// Of eight bytes, the first one lowest, the bits that mark those which are special in a string. The lowest bit that is set is sure to be one of the
/// first such byte; those above it may mark others.
#[inline(always)]
fn special(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |bytes: u64, than: u8| bytes.wrapping_sub(EACH * u64::from(than)) & !bytes;
    let found = below(bytes ^ (EACH * u64::from(b'"')), 1) | below(bytes ^ (EACH * u64::from(b'\\')), 1) | below(bytes, 0x20);
    found & (EACH * 0x80)
}

/// Which byte the lowest bit marks.
#[inline(always)]
fn place_of(found: u64) -> usize {
    usize::try_from(found.trailing_zeros() / 8).unwrap_or_default()
}

/// Two words, as they stand in memory.
#[inline(always)]
fn words(bytes: &[u8; 16]) -> [u64; 2] {
    let (words, _) = bytes.as_chunks();
    if let [one, other] = words { [u64::from_le_bytes(*one), u64::from_le_bytes(*other)] } else { [0; 2] }
}

impl<'a> Scanner<'a> {
    /// Reads from the start of the text, at most `max_depth` levels deep.
    pub fn new(text: &'a str, arena: &'a Arena, max_depth: usize) -> Scanner<'a> {
        Scanner { text, at: 0, arena, depth: 0, max_depth }
    }

    /// The first byte of the next token, which stays.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Where the next token begins.
    pub fn place(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// Reads on from a place where a token began, at a known depth.
    pub fn return_to(&mut self, place: usize, depth: usize) {
        (self.at, self.depth) = (place, depth);
    }

    /// How many arrays and objects are open.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// What is wrong here: other text than was expected.
    #[cold]
    pub fn unexpected<T>(&mut self, expected: &str) -> Fit<T> {
        let got = self.peek();
        let rest = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        Err(match (got, rest) {
            (None, _) => Misfit::new(format!("expected {expected}, got the end of the text")),
            (_, Some('\u{feff}')) if self.at == 0 => Misfit::new("expected JSON, got a byte order mark".into()),
            (_, Some(char)) => Misfit::new(format!("expected {expected}, got `{}` at byte {}", char.escape_debug(), self.at)),
            (Some(_), None) => Misfit::new(format!("expected {expected} at byte {}", self.at)),
        })
    }

    /// Refuses whatever follows but white space.
    pub fn end(&mut self) -> Fit<()> {
        if self.peek().is_none() { Ok(()) } else { self.unexpected("the end of the text") }
    }

    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Opens an array or object.
    pub fn open(&mut self, bracket: u8) -> Fit<()> {
        if !self.eat(bracket) {
            return self.unexpected(if bracket == b'{' { "`{`" } else { "`[`" });
        }
        if self.depth == self.max_depth {
            return Err(Misfit::new(format!("nesting limit exceeded: more than {} levels", self.max_depth)));
        }
        self.depth += 1;
        Ok(())
    }

    /// Whether another element of the open array follows; closes it where none does.
    pub fn next_element(&mut self, first: &mut bool) -> Fit<bool> {
        match self.peek() {
            Some(b']') => self.closed(),
            _ if std::mem::take(first) => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => self.unexpected("`,` or `]`"),
        }
    }

    /// The key of the next entry of the open object, whose value then follows; closes the object where there is none.
    pub fn next_key(&mut self, first: &mut bool) -> Fit<Option<&'a str>> {
        if self.comes_key(first)? { self.key().map(Some) } else { Ok(None) }
    }

    /// A key, which comes next.
    pub fn key(&mut self) -> Fit<&'a str> {
        let key = self.string()?;
        if self.eat(b':') { Ok(key) } else { self.unexpected("`:`") }
    }

    /// A key, which comes next, where it is written without escapes and without white space before its colon.
    #[inline]
    pub fn plain_key(&mut self) -> Option<&'a [u8]> {
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        let (key, rest) = rest.split_at_checked(plain_length(rest))?;
        if !rest.starts_with(b"\":") {
            return None;
        }
        self.at += key.len() + 3;
        Some(key)
    }

    /// Reads the key of that field where it comes next, written without escapes and without white space before its colon.
    #[inline]
    pub fn eat_key(&mut self, field: &Field) -> bool {
        let text = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        let written = field.written_in(text);
        self.at += written.map_or(0, |written| written + 1);
        written.is_some()
    }

    /// Whether another key of the open object follows; closes the object where none does.
    #[inline]
    pub fn comes_key(&mut self, first: &mut bool) -> Fit<bool> {
        // As it is written without white space.
        match (self.text.as_bytes().get(self.at..), *first) {
            (Some([b'"', ..]), true) => {
                *first = false;
                Ok(true)
            }
            (Some([b',', b'"', ..]), false) => {
                self.at += 1;
                Ok(true)
            }
            _ => self.comes_key_anyhow(first),
        }
    }

    fn comes_key_anyhow(&mut self, first: &mut bool) -> Fit<bool> {
        match self.peek() {
            Some(b'}') => return self.closed(),
            _ if std::mem::take(first) => {}
            Some(b',') => self.at += 1,
            _ => return self.unexpected("`,` or `}`"),
        }
        if self.peek() == Some(b'"') { Ok(true) } else { self.unexpected("a key") }
    }

    /// A bracket that closes an empty array, or comes after an element; one after a comma is refused by what reads the element.
    fn closed(&mut self) -> Fit<bool> {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
        Ok(false)
    }

    /// Reads `null` where it comes next.
    pub fn null(&mut self) -> Fit<bool> {
        if self.peek() == Some(b'n') { self.word("null").map(|()| true) } else { Ok(false) }
    }

    /// Reads `true` or `false` where one comes next.
    pub fn bool(&mut self) -> Fit<Option<bool>> {
        match self.peek() {
            Some(b't') => self.word("true").map(|()| Some(true)),
            Some(b'f') => self.word("false").map(|()| Some(false)),
            _ => Ok(None),
        }
    }

    fn word(&mut self, word: &str) -> Fit<()> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return self.unexpected("a JSON value");
        }
        self.at += word.len();
        Ok(())
    }

    /// A number, which comes next.
    pub fn number(&mut self) -> Fit<Number<'a>> {
        let start = self.place();
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return self.unexpected("a digit"),
        }
        let mut whole = true;
        if self.byte() == Some(b'.') {
            (self.at, whole) = (self.at + 1, false);
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            (self.at, whole) = (self.at + 1, false);
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Number { text: self.text.get(start..self.at).unwrap_or_default(), whole })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn digits(&mut self) -> Fit<()> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { self.unexpected("a digit") }
    }

    /// A string, which comes next; borrowed from the text where it has no escapes.
    #[inline]
    pub fn string(&mut self) -> Fit<&'a str> {
        let start = self.at + 1;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = plain_length(rest.as_bytes());
        match (rest.as_bytes().get(length), rest.get(..length)) {
            (Some(b'"'), Some(text)) => {
                self.at = start + length + 1;
                Ok(text)
            }
            _ => self.escaped(start, length),
        }
    }

    /// Goes on to the next byte of a string that does not stand for itself, or to the end of the text.
    fn pass_plain(&mut self) {
        self.at += plain_length(self.text.as_bytes().get(self.at..).unwrap_or_default());
    }

    /// A string that has an escape, begins there and stands for itself so far.
    #[cold]
    fn escaped(&mut self, start: usize, length: usize) -> Fit<&'a str> {
        self.at = start + length;
        let mut text = bumpalo::collections::String::new_in(self.arena);
        let mut plain = start;
        loop {
            match self.byte() {
                Some(b'"') => {
                    text.push_str(self.text.get(plain..self.at).unwrap_or_default());
                    self.at += 1;
                    return Ok(text.into_bump_str());
                }
                Some(b'\\') => {
                    text.push_str(self.text.get(plain..self.at).unwrap_or_default());
                    self.at += 1;
                    text.push(self.escape(true)?);
                    plain = self.at;
                }
                Some(0..=0x1f) => return self.unexpected("a character of a string"),
                Some(_) => self.pass_plain(),
                None => return self.unexpected("`\"`"),
            }
        }
    }

    /// What an escape stands for, its backslash read; a lone surrogate is refused where that is asked for.
    fn escape(&mut self, strict: bool) -> Fit<char> {
        let char = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(strict),
            _ => return self.unexpected("an escape"),
        };
        self.at += 1;
        Ok(char)
    }

    fn unicode_escape(&mut self, strict: bool) -> Fit<char> {
        let first = self.four_digits()?;
        if let Some(char) = char::from_u32(first) {
            return Ok(char);
        }
        let after_first = self.at;
        if first < 0xdc00 && self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
            self.at += 1;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        if strict {
            return Err(Misfit::new(format!("expected a pair of surrogates, got the lone surrogate `\\u{first:04x}`")));
        }
        self.at = after_first;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// The number that `u` and four hexadecimal digits give.
    fn four_digits(&mut self) -> Fit<u32> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.byte().and_then(|byte| char::from(byte).to_digit(16)) else { return self.unexpected("a hexadecimal digit") };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// Reads a value of whatever kind, only checking that it is JSON; nothing is said of keys twice, surrogates and sizes of numbers.
    pub fn skip(&mut self) -> Fit<()> {
        match self.peek() {
            Some(b'{' | b'[') => self.skip_nested(),
            first => self.skip_scalar(first),
        }
    }

    #[inline]
    fn skip_scalar(&mut self, first: Option<u8>) -> Fit<()> {
        match first {
            Some(b'"') => self.skip_string(),
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| ()),
            Some(b'n') => self.word("null"),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            _ => self.unexpected("a JSON value"),
        }
    }

    #[inline(never)]
    fn skip_nested(&mut self) -> Fit<()> {
        let mut objects = Brackets::default();
        let mut first = true;
        loop {
            let opened = match self.peek() {
                Some(b'{') => Some(true),
                Some(b'[') => Some(false),
                scalar => {
                    self.skip_scalar(scalar)?;
                    None
                }
            };
            if let Some(object) = opened {
                self.open(if object { b'{' } else { b'[' })?;
                objects.push(object);
                first = true;
            }
            // Up to the next value, out of everything that ends before it.
            loop {
                let Some(object) = objects.last() else { return Ok(()) };
                let more = if object { self.skip_key(&mut first)? } else { self.next_element(&mut first)? };
                if more {
                    break;
                }
                objects.pop();
                first = false;
            }
        }
    }

    fn skip_key(&mut self, first: &mut bool) -> Fit<bool> {
        if !self.comes_key(first)? {
            return Ok(false);
        }
        self.skip_string()?;
        if self.eat(b':') { Ok(true) } else { self.unexpected("`:`") }
    }

    #[inline]
    fn skip_string(&mut self) -> Fit<()> {
        let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        let length = plain_length(rest);
        self.at += 1 + length;
        if rest.get(length) != Some(&b'"') {
            return self.skip_escaped();
        }
        self.at += 1;
        Ok(())
    }

    /// Passes over the rest of a string, from an escape on.
    #[inline(never)]
    fn skip_escaped(&mut self) -> Fit<()> {
        loop {
            match self.text.as_bytes().get(self.at..) {
                Some([b'"', ..]) => {
                    self.at += 1;
                    return Ok(());
                }
                Some([b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..]) => self.at += 2,
                Some([b'\\', ..]) => {
                    self.at += 1;
                    self.escape(false)?;
                }
                Some([_, ..]) => return self.unexpected("a character of a string"),
                _ => return self.unexpected("`\"`"),
            }
            self.pass_plain();
        }
    }

    /// Passes over a value: of an array or object, over all up to the bracket that closes it.
    fn pass(&mut self) -> Fit<()> {
        match self.peek() {
            Some(b'{' | b'[') => self.pass_nested(),
            scalar => self.skip_scalar(scalar),
        }
    }

    fn pass_nested(&mut self) -> Fit<()> {
        let mut open = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
        self.unexpected("a bracket")
    }

    /// What comes next, for a message: its kind and, cut short, its text.
    pub fn describe(&mut self) -> String {
        let token = |text: &str| crate::decode::shortened(text);
        let Some(first) = self.peek() else { return "nothing".into() };
        match first {
            b'{' => "an object".into(),
            b'[' => "an array".into(),
            b'"' => match self.string() {
                Ok(text) => format!("string {}", crate::decode::quoted(text)),
                Err(_) => "no string".into(),
            },
            b'-' | b'0'..=b'9' => match self.number() {
                Ok(number) => format!("number `{}`", token(number.text)),
                Err(_) => "no number".into(),
            },
            b'n' | b't' | b'f' if self.skip().is_err() => "no JSON value".into(),
            b'n' => "null".into(),
            b't' => "bool `true`".into(),
            b'f' => "bool `false`".into(),
            _ => "no JSON value".into(),
        }
    }
}

/// Of a JSON object, the texts of the members of those names, as they stand in it: for what holds a request among other things, such as a line of a log.
/// `None` where the text is no object, or has one of the names twice; of arrays and objects in it only the ends are looked for, and what reads one of
/// them finds out whether it is JSON.
pub fn members<'t, const N: usize>(object: &'t str, names: [&str; N]) -> Option<[Option<&'t str>; N]> {
    let arena = Arena::new();
    let mut json = Scanner::new(object, &arena, Limits::MAX_DEPTH);
    let (mut found, mut first) = ([None; N], true);
    json.open(b'{').ok()?;
    while let Some(key) = json.next_key(&mut first).ok()? {
        let start = json.place();
        json.pass().ok()?;
        let member = names.iter().zip(&mut found).find(|(name, _)| **name == key);
        if let Some((_, member)) = member
            && member.replace(object.get(start..json.at)?).is_some()
        {
            return None;
        }
    }
    json.end().ok()?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_as_they_are_written() {
        fn of(object: &str) -> Option<[Option<&str>; 2]> {
            members(object, ["a", "b"])
        }
        assert_eq!(of(r#" { "x": [{"a": 1}], "\u0062" : {"b": "}"} , "a":-1.0e2} "#), Some([Some("-1.0e2"), Some(r#"{"b": "}"}"#)]));
        assert_eq!(of(r#"{"A": null}"#), Some([None, None]));
        for text in
            ["", "[]", "1", r#"{"a": 1"#, r#"{"a": 1} x"#, r#"{"a": }"#, r#"{"a": 1, "a": 2}"#, r#"{"a": "\x"}"#, r#"{"a": [{}"#, r#"{"a": {"\x"}}"#]
        {
            assert_eq!(of(text), None, "{text}");
        }
        // What is inside is for its reader to judge.
        let deep = format!("{}{}", "[".repeat(100_000), "}".repeat(100_000));
        assert_eq!(of(&format!(r#"{{"b":{deep}, "a": {{"x": ["]" y] z}}}}"#)), Some([Some(r#"{"x": ["]" y] z}"#), Some(&*deep)]));
    }

    #[test]
    fn strings_stand_for_themselves_up_to_the_first_special_byte() {
        let plain: Vec<u8> = (0x20..=0xff).filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
        let special: Vec<u8> = (0..0x20).chain([b'"', b'\\']).collect();
        for length in (0..100).chain([127, 128, 129, 190, 200, 333]) {
            let text: Vec<u8> = plain.iter().copied().cycle().skip(length * 7).take(length).collect();
            for rest in [0, 1, 7, 8, 15, 16, 40, 100] {
                for byte in &special {
                    // What follows may look like anything.
                    let after = std::iter::once(*byte).chain(special.iter().copied().cycle().take(rest));
                    let text: Vec<u8> = text.iter().copied().chain(after).collect();
                    assert_eq!(plain_length(&text), length, "{text:?}");
                }
            }
            assert_eq!(plain_length(&text), length);
        }
    }
}
