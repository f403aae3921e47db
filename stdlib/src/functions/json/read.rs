//! Strict JSON text to a value.

use bumpalo::collections::String as ArenaString;

use super::{list_of, map_of};
use crate::error::EvalError;
use crate::function::Host;
use crate::functions::support::{new_text, spend_text};
use crate::scalar::parse_json_number;
use crate::value::Value;

const DEPTH: usize = 128;

/// Reads a text that is one JSON value; `Ok(None)` where it is not. The caller has paid for reading the text.
pub fn parse<'a>(host: &mut dyn Host<'a>, text: &'a str) -> Result<Option<Value<'a>>, EvalError> {
    let mut reader = Reader { rest: text, host };
    match reader.value(DEPTH) {
        Ok(value) => {
            reader.skip_space();
            Ok(reader.rest.is_empty().then_some(value))
        }
        Err(Stop::Unreadable) => Ok(None),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// Why reading ends early.
enum Stop {
    Unreadable,
    Error(EvalError),
}

impl From<EvalError> for Stop {
    fn from(error: EvalError) -> Stop {
        Stop::Error(error)
    }
}

struct Reader<'a, 'h> {
    rest: &'a str,
    host: &'h mut dyn Host<'a>,
}

impl<'a> Reader<'a, '_> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        let depth = depth.checked_sub(1).ok_or(Stop::Unreadable)?;
        self.host.spend(1)?;
        self.skip_space();
        match self.rest.as_bytes().first() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::Str),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value<'a>, Stop> {
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::None)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(value);
            }
        }
        Err(Stop::Unreadable)
    }

    fn number(&mut self) -> Result<Value<'a>, Stop> {
        let length = self.rest.bytes().take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
        let (number, rest) = self.rest.split_at_checked(length).ok_or(Stop::Unreadable)?;
        self.rest = rest;
        parse_json_number(number).ok_or(Stop::Unreadable)
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        self.eat(b'[')?;
        let mut values = Vec::new();
        if self.eat(b']').is_ok() {
            return Ok(Value::EMPTY_LIST);
        }
        loop {
            values.push(self.value(depth)?);
            if self.eat(b',').is_err() {
                self.eat(b']')?;
                return Ok(list_of(self.host, &values)?);
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Stop> {
        self.eat(b'{')?;
        let mut entries = Vec::new();
        if self.eat(b'}').is_ok() {
            return Ok(Value::EMPTY_MAP);
        }
        loop {
            self.skip_space();
            let key = self.string()?;
            self.eat(b':')?;
            entries.push((key, self.value(depth)?));
            if self.eat(b',').is_err() {
                self.eat(b'}')?;
                return map_of(self.host, &entries)?.ok_or(Stop::Unreadable);
            }
        }
    }

    fn string(&mut self) -> Result<&'a str, Stop> {
        let body = self.rest.strip_prefix('"').ok_or(Stop::Unreadable)?;
        let end = body.find(['"', '\\']).ok_or(Stop::Unreadable)?;
        let (plain, rest) = body.split_at_checked(end).ok_or(Stop::Unreadable)?;
        if plain.bytes().any(|byte| byte < 0x20) {
            return Err(Stop::Unreadable);
        }
        if let Some(rest) = rest.strip_prefix('"') {
            self.rest = rest;
            return Ok(plain);
        }
        let mut out = new_text(self.host, plain.len())?;
        out.push_str(plain);
        self.rest = rest;
        self.escaped(&mut out)?;
        spend_text(self.host, out.len())?;
        Ok(out.into_bump_str())
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, out: &mut ArenaString<'a>) -> Result<(), Stop> {
        loop {
            let mut chars = self.rest.chars();
            match chars.next().ok_or(Stop::Unreadable)? {
                '"' => {
                    self.rest = chars.as_str();
                    return Ok(());
                }
                '\\' => {
                    let escape = chars.next().ok_or(Stop::Unreadable)?;
                    self.rest = chars.as_str();
                    out.push(self.escape(escape)?);
                }
                control if control < ' ' => return Err(Stop::Unreadable),
                other => {
                    out.push(other);
                    self.rest = chars.as_str();
                }
            }
        }
    }

    fn escape(&mut self, escape: char) -> Result<char, Stop> {
        Ok(match escape {
            '"' | '\\' | '/' => escape,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.unit()?;
                if !(0xd800..0xdc00).contains(&unit) {
                    return char::from_u32(unit).ok_or(Stop::Unreadable);
                }
                self.rest = self.rest.strip_prefix("\\u").ok_or(Stop::Unreadable)?;
                let low = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(Stop::Unreadable)?;
                return char::from_u32(0x10000 + ((unit - 0xd800) << 10) + low).ok_or(Stop::Unreadable);
            }
            _ => return Err(Stop::Unreadable),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Stop> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or(Stop::Unreadable)?;
        self.rest = rest;
        digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?)).ok_or(Stop::Unreadable)
    }

    fn eat(&mut self, byte: u8) -> Result<(), Stop> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(char::from(byte)).ok_or(Stop::Unreadable)?;
        Ok(())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::support::test::{TestHost, json};
    use crate::{Arena, Arg, EvalError, Value};

    fn parsed(text: &str) -> String {
        let arena = Arena::new();
        json(TestHost::new(&arena).call("string.parse_json", &[Arg::Value(Value::Str(arena.alloc_str(text)))]).unwrap())
    }

    #[test]
    fn reads() {
        for (text, expected) in [
            (r#" { "b" : [ ] , "a" : { } } "#, r#"{"a":{},"b":[]}"#),
            ("[1, -0, 1.50, 1e2, 1.0, 9223372036854775808, true, null]", "[1,0,1.5,100,1,9223372036854775808,true,null]"),
            (r#""\"\\\/\b\f\n\r\té\ud83d\ude00""#, "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\té😀\""),
            ("\"é\"", "\"é\""),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses() {
        for text in [
            "",
            " ",
            "[1,]",
            "[,1]",
            "{,}",
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            "'a'",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "0x1",
            "NaN",
            "tru",
            "truex",
            "[1] 2",
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#""\ud800""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            r#""\x""#,
            r#""\u+041""#,
            "\"a\nb\"",
            "\"a",
            "\"\\",
            "1e99",
            "1.23456789012345678901234567890",
            "\u{feff}1",
            "[1\u{a0}]",
        ] {
            assert_eq!(parsed(text), "null", "{text}");
        }
    }

    #[test]
    fn is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_ne!(parsed(&nested(127)), "null");
        assert_eq!(parsed(&nested(129)), "null");
        assert_eq!(parsed(&"[".repeat(1_000_000)), "null");
        let (arena, many) = (Arena::new(), format!("[{}1]", "1,".repeat(100_000)));
        let mut host = TestHost::new(&arena);
        host.steps = 50_000;
        assert_eq!(host.call("string.parse_json", &[Arg::Value(Value::Str(&many))]).unwrap_err(), EvalError::StepLimit);
    }
}
