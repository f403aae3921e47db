//! `mentions` and `mentions_any`: whether a value occurs in text as a whole token, ignoring case.

use std::fmt::Write as _;

use bumpalo::collections::Vec as ArenaVec;

use crate::Arena;
use crate::error::EvalError;
use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::search::find;
use crate::functions::support::{Outcome, items, new_text, recased, spend_items, spend_text, steps, text, value};
use crate::value::Value;
use crate::words::{self, is_word};

/// `mentions` and `mentions_any`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "string.mentions",
        name: "mentions",
        params: &[Param::new("self", Sig::Str), Param::new("value", Sig::Any)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Counted,
        doc: "Whether the value, as templates print it, occurs in the text as a whole token, ignoring case: where it begins or ends with a letter, digit \
              or `_`, no such character stands next to it. An empty text, a list and an object are never mentioned.",
        example: r#""Please pay ACME-7, not acme-77.".mentions("acme-7") and not "acme-77".mentions("acme-7")"#,
        run: in_text,
    },
    Function {
        key: "string.mentions_any",
        name: "mentions_any",
        params: &[Param::new("self", Sig::Str), Param::new("values", Sig::Sequence(&Sig::Str))],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Counted,
        doc: "Whether the text mentions one of the values: the same as `values.any(value => text.mentions(value))`, but faster.",
        example: r#""Please send the bill to Ann.".mentions_any({"mail", "send"}) and not "unsent".mentions_any(["mail", "send"])"#,
        run: any_in_text,
    },
    Function {
        key: "json.mentions",
        name: "mentions",
        params: &[Param::new("self", Sig::Json), Param::new("value", Sig::Any)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Counted,
        doc: "Whether a string anywhere inside mentions the value, or a number inside is the value. Keys are not looked at.",
        example: r##"r#"{"to": ["pay DE12 now"], "amount": 50.0}"#.parse_json()?.mentions("de12") ?? false"##,
        run: in_json,
    },
];

fn in_text<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let Some(needle) = Needle::new(host, value(args, 1))? else { return Ok(Value::Bool(false)) };
    needle.occurs(host, text(args, 0)).map(Value::Bool)
}

fn any_in_text<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    for value in items(args, 1).iter() {
        spend_items(host, 1)?;
        if let Some(needle) = Needle::new(host, value)?
            && needle.occurs(host, text)?
        {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn in_json<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let Some(needle) = Needle::new(host, value(args, 1))? else { return Ok(Value::Bool(false)) };
    occurs_inside(host, &needle, value(args, 0)).map(Value::Bool)
}

fn occurs_inside<'a>(host: &mut dyn Host<'a>, needle: &Needle<'a>, value: Value<'a>) -> Result<bool, EvalError> {
    host.spend(1)?;
    match value {
        Value::None | Value::Bool(_) => Ok(false),
        Value::Str(text) => needle.occurs(host, text),
        Value::List(_) | Value::Set(_) | Value::Map(_) => {
            for element in value.elements() {
                if occurs_inside(host, needle, element)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Record(record) => {
            for (_, field) in record.present() {
                if occurs_inside(host, needle, field)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        scalar => Ok(needle.is(scalar)),
    }
}

/// A value to look for.
struct Needle<'a> {
    value: Value<'a>,
    /// Its text, folded.
    text: &'a str,
}

impl<'a> Needle<'a> {
    /// What is looked for; nothing where the value has no text of its own.
    fn new(host: &mut dyn Host<'a>, value: Value<'a>) -> Result<Option<Needle<'a>>, EvalError> {
        let printed = match value {
            Value::None | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => return Ok(None),
            Value::Str(text) => text,
            Value::Enum(variant) => variant.name,
            other => {
                let mut out = new_text(host, 40)?;
                // Writing to a string cannot fail.
                let _ = write!(out, "{other}");
                out.into_bump_str()
            }
        };
        let text = fold(host, printed)?;
        if text.is_empty() {
            return Ok(None);
        }
        // The borders are paid for whether or not they are needed, so that steps do not tell where a value occurs.
        host.spend(steps(text.len() / 16 + 1 + text.len()))?;
        Ok(Some(Needle { value, text }))
    }

    /// Whether a scalar in `json` is the value.
    fn is(&self, other: Value<'_>) -> bool {
        self.value.equals(other) || self.value.as_str().is_some_and(|_| self.text == other.to_string().to_lowercase())
    }

    fn occurs(&self, host: &mut dyn Host<'a>, text: &'a str) -> Result<bool, EvalError> {
        if text.len() < self.text.len() / 3 {
            return Ok(false);
        }
        let text = match host.folded(text) {
            // It costs what folding it costs, so that steps do not tell what was looked for before.
            Some(folded) => {
                spend_text(host, text.len())?;
                folded
            }
            None => {
                let folded = fold(host, text)?;
                if !std::ptr::eq(folded, text) {
                    host.keep_folded(text, folded);
                }
                folded
            }
        };
        spend_text(host, text.len())?;
        let Some(first) = find(text, self.text) else { return Ok(false) };
        Ok(self.has_edges(text, first, first + self.text.len()) || self.is_token(host.arena(), text, first))
    }

    /// Whether an occurrence from `first` on is a whole token (Knuth, Morris, Pratt): hostile text costs no more than other text.
    fn is_token(&self, arena: &Arena, text: &str, first: usize) -> bool {
        let needle = self.text.as_bytes();
        let borders = borders(arena, needle);
        let border = |length: usize| borders.get(length - 1).copied().unwrap_or(0);
        let mut matched = 0;
        for (place, byte) in text.bytes().enumerate().skip(first) {
            while matched > 0 && needle.get(matched) != Some(&byte) {
                matched = border(matched);
            }
            if needle.get(matched) == Some(&byte) {
                matched += 1;
            }
            if matched == needle.len() {
                let end = place + 1;
                if self.has_edges(text, end - matched, end) {
                    return true;
                }
                matched = border(matched);
            }
        }
        false
    }

    fn has_edges(&self, text: &str, start: usize, end: usize) -> bool {
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        let after = text.get(end..).and_then(|text| text.chars().next());
        let splits = |inside: Option<char>, outside: Option<char>| inside.is_some_and(is_word) && outside.is_some_and(is_word);
        !splits(self.text.chars().next(), before) && !splits(self.text.chars().next_back(), after)
    }
}

/// For each prefix of a text, the length of its longest proper border.
fn borders<'a>(arena: &'a Arena, text: &[u8]) -> ArenaVec<'a, usize> {
    let mut table = ArenaVec::with_capacity_in(text.len(), arena);
    let mut length = 0;
    for (place, byte) in text.iter().enumerate() {
        while length > 0 && text.get(length) != Some(byte) {
            length = table.get(length - 1).copied().unwrap_or(0);
        }
        if place > 0 && text.get(length) == Some(byte) {
            length += 1;
        }
        table.push(length);
    }
    table
}

/// The text in lower case, each character for itself.
fn fold<'a>(host: &mut dyn Host<'a>, text: &'a str) -> Result<&'a str, EvalError> {
    if words::is_folded(text) {
        return Ok(text);
    }
    recased(host, text, str::make_ascii_lowercase, words::fold(text))
}

#[cfg(test)]
mod tests {
    use crate::Value::{self, Int, Str};
    use crate::functions::support::test::called;
    use crate::scalar::parse_decimal;
    use crate::value::{Entries, Items, Variant};

    #[test]
    fn whole_tokens() {
        for (text, value, expected) in [
            ("send to Bob@Example.com.", "bob@example.com", true),
            ("send to abob@example.com", "bob@example.com", false),
            ("bob@example.com.evil.org", "bob@example.com", true),
            ("id_7", "7", false),
            ("id-7", "7", true),
            ("a (b)", "(b)", true),
            ("x(b)y", "(b)", true),
            ("foo foobar bar", "bar", true),
            ("foobar", "bar", false),
            ("abab ab", "ab", true),
            ("aaaa", "aa", false),
            ("aaa aa", "aa", true),
            ("Straße", "STRASSE", false),
            ("ΟΔΟΣ", "οδος", true),
            ("été", "t", false),
            ("x", "", false),
            ("", "x", false),
            ("a a ab", "a a", true),
            ("ab ab ab a", "ab ab a", true),
        ] {
            assert_eq!(called("string.mentions", &[Str(text), Str(value)]), expected.to_string(), "{text} mentions {value}");
        }
    }

    #[test]
    fn other_values() {
        let decimal = Value::Decimal(parse_decimal("12.50").unwrap());
        assert_eq!(called("string.mentions", &[Str("costs 12.5 now"), decimal]), "true");
        assert_eq!(called("string.mentions", &[Str("room 7"), Int(7)]), "true");
        assert_eq!(called("string.mentions", &[Str("is Low"), Value::Enum(Variant { name: "low", rank: 0 })]), "true");
        assert_eq!(called("string.mentions", &[Str("none"), Value::None]), "false");
        assert_eq!(called("string.mentions", &[Str(""), Value::EMPTY_LIST]), "false");
    }

    #[test]
    fn inside_json() {
        let items = [Str("Pay ACME"), Int(50), Value::Bool(true), Value::None];
        let entries = [("acme_key", Value::List(Items::Own(&items)))];
        let json = Value::Map(Entries::Own(&entries));
        for (value, expected) in [
            (Str("acme"), true),
            (Str("acme_key"), false),
            (Int(50), true),
            (Value::Decimal(parse_decimal("50.0").unwrap()), true),
            (Str("50"), true),
            (Int(5), false),
            (Str("true"), false),
        ] {
            assert_eq!(called("json.mentions", &[json, value]), expected.to_string(), "{value}");
        }
    }

    #[test]
    fn hostile_text_costs_no_more() {
        let text = "ab ".repeat(300_000);
        let value = format!("{}a", "ab ".repeat(100_000));
        assert_eq!(called("string.mentions", &[Str(&text), Str(&value)]), "false");
        let (text, value) = ("a".repeat(1_000_000), "a".repeat(400_000));
        assert_eq!(called("string.mentions", &[Str(&text), Str(&value)]), "false");
    }
}
