//! Functions of text.

use crate::error::EvalError;
use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::search::contains;
use crate::functions::support::{Outcome, few_items, int, length, list, new_items, new_text, part, recased, spend_items, spend_text, text};
use crate::value::Value;
use crate::words::is_folded;

const STRING: Param = Param::new("self", Sig::Str);

/// Functions of text.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "string.len",
        name: "len",
        params: &[STRING],
        result: Sig::Int,
        errs: false,
        cost: Cost::Constant,
        doc: "How many code points the text has.",
        example: r#""día".len() == 3"#,
        run: |_, args| Ok(length(text(args, 0).chars().count())),
    },
    Function {
        key: "string.is_empty",
        name: "is_empty",
        params: &[STRING],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the text has no characters; spaces are characters.",
        example: r#"not " ".is_empty()"#,
        run: |_, args| Ok(Value::Bool(text(args, 0).is_empty())),
    },
    Function {
        key: "string.lower",
        name: "lower",
        params: &[STRING],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The text in lower case.",
        example: r#""Ärger".lower() == "ärger""#,
        run: lower,
    },
    Function {
        key: "string.upper",
        name: "upper",
        params: &[STRING],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The text in upper case.",
        example: r#""straße".upper() == "STRASSE""#,
        run: upper,
    },
    Function {
        key: "string.trim",
        name: "trim",
        params: &[STRING],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "The text without white space at its ends.",
        example: r#"" a b\n".trim() == "a b""#,
        run: |_, args| Ok(Value::Str(text(args, 0).trim())),
    },
    Function {
        key: "string.trim_characters",
        name: "trim",
        params: &[STRING, Param::new("characters", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The text without any of these characters at its ends.",
        example: r#""(see a.b).".trim("().") == "see a.b""#,
        run: trim_characters,
    },
    Function {
        key: "string.starts_with",
        name: "starts_with",
        params: &[STRING, Param::new("prefix", Sig::Str)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the text starts with another.",
        example: r#""prod-db".starts_with("prod")"#,
        run: |_, args| Ok(Value::Bool(text(args, 0).starts_with(text(args, 1)))),
    },
    Function {
        key: "string.ends_with",
        name: "ends_with",
        params: &[STRING, Param::new("suffix", Sig::Str)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the text ends with another.",
        example: r#""report.pdf".ends_with(".pdf")"#,
        run: |_, args| Ok(Value::Bool(text(args, 0).ends_with(text(args, 1)))),
    },
    Function {
        key: "string.contains",
        name: "contains",
        params: &[STRING, Param::new("part", Sig::Str)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether another text occurs in this one. For whole words and names see `mentions`.",
        example: r#""drop table users".contains("table")"#,
        run: |_, args| Ok(Value::Bool(contains(text(args, 0), text(args, 1)))),
    },
    Function {
        key: "string.split",
        name: "split",
        params: &[STRING, Param::new("separator", Sig::Str)],
        result: Sig::List(&Sig::Str),
        errs: false,
        cost: Cost::Counted,
        doc: "The parts of the text between separators, empty ones included. An empty separator splits it into its code points.",
        example: r#""a,b,".split(",") == ["a", "b", ""]"#,
        run: split,
    },
    Function {
        key: "string.words",
        name: "words",
        params: &[STRING, Param::new("separators", Sig::Str).optional()],
        result: Sig::List(&Sig::Str),
        errs: false,
        cost: Cost::Counted,
        doc: "What stands between white space, and between any of these characters where some are given. No word is empty.",
        example: r#""Ask Bob, (or Eve)".words(",()") == ["Ask", "Bob", "or", "Eve"]"#,
        run: words,
    },
    Function {
        key: "string.replace",
        name: "replace",
        params: &[STRING, Param::new("from", Sig::Str), Param::new("to", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The text with every occurrence of `from`, left to right, replaced by `to`. An empty `from` occurs nowhere.",
        example: r#""a-b-c".replace("-", "/") == "a/b/c""#,
        run: replace,
    },
    Function {
        key: "string.before",
        name: "before",
        params: &[STRING, Param::new("separator", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "What stands before the first occurrence of the separator; `\"\"` where it does not occur.",
        example: r#""a.b.c".before(".") == "a""#,
        run: |_, args| Ok(Value::Str(text(args, 0).split_once(text(args, 1)).map_or("", |(before, _)| before))),
    },
    Function {
        key: "string.after",
        name: "after",
        params: &[STRING, Param::new("separator", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "What stands after the first occurrence of the separator; `\"\"` where it does not occur.",
        example: r#""a.b.c".after(".") == "b.c""#,
        run: |_, args| Ok(Value::Str(text(args, 0).split_once(text(args, 1)).map_or("", |(_, after)| after))),
    },
    Function {
        key: "string.before_last",
        name: "before_last",
        params: &[STRING, Param::new("separator", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "What stands before the last occurrence of the separator; `\"\"` where it does not occur.",
        example: r#""a.b.c".before_last(".") == "a.b""#,
        run: |_, args| Ok(Value::Str(text(args, 0).rsplit_once(text(args, 1)).map_or("", |(before, _)| before))),
    },
    Function {
        key: "string.after_last",
        name: "after_last",
        params: &[STRING, Param::new("separator", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "What stands after the last occurrence of the separator; `\"\"` where it does not occur.",
        example: r#""a.b.c".after_last(".") == "c""#,
        run: |_, args| Ok(Value::Str(text(args, 0).rsplit_once(text(args, 1)).map_or("", |(_, after)| after))),
    },
    Function {
        key: "string.slice",
        name: "slice",
        params: &[STRING, Param::new("from", Sig::Int), Param::new("to", Sig::Int).optional()],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "The code points from position `from` up to but not including `to`, or to the end. Positions count from 0, negative ones from the end; \
              what is beyond an end is cut off.",
        example: r#""abcdef".slice(1, -1) == "bcde" and "abc".slice(-2) == "bc""#,
        run: slice,
    },
];

fn lower<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    if is_folded(text) {
        return Ok(Value::Str(text));
    }
    recased(host, text, str::make_ascii_lowercase, text.chars().flat_map(char::to_lowercase)).map(Value::Str)
}

fn upper<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    recased(host, text, str::make_ascii_uppercase, text.chars().flat_map(char::to_uppercase)).map(Value::Str)
}

fn trim_characters<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (text, ends) = (text(args, 0), text(args, 1));
    spend_looking(host, text, ends)?;
    // Most texts have nothing to take off, for which no table is made.
    let is_trimmed = [text.chars().next(), text.chars().next_back()].into_iter().flatten().all(|char| !ends.contains(char));
    if is_trimmed {
        return Ok(Value::Str(text));
    }
    let ends = Characters::new(ends);
    Ok(Value::Str(text.trim_matches(|char| ends.has(char))))
}

fn words<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (text, separators) = (text(args, 0), text(args, 1));
    spend_looking(host, text, separators)?;
    let separators = Characters::new(separators);
    let mut words = few_items(host);
    for word in text.split(|char: char| char.is_whitespace() || separators.has(char)).filter(|word| !word.is_empty()) {
        spend_items(host, 1)?;
        words.push(Value::Str(word));
    }
    Ok(list(words))
}

/// Pays for looking for these characters at each place of a text: those of ASCII are found in a table.
fn spend_looking(host: &mut dyn Host<'_>, text: &str, characters: &str) -> Result<(), EvalError> {
    let others = if characters.is_ascii() { 0 } else { characters.len() };
    spend_text(host, text.len().saturating_mul(others + 1))
}

/// Characters to look for, nearly always of ASCII.
struct Characters<'t> {
    /// A bit for each.
    ascii: u128,
    others: &'t str,
}

impl<'t> Characters<'t> {
    fn new(characters: &'t str) -> Characters<'t> {
        let ascii = characters.bytes().filter(u8::is_ascii).fold(0, |bits, byte| bits | 1 << byte);
        Characters { ascii, others: if characters.is_ascii() { "" } else { characters } }
    }

    fn has(&self, char: char) -> bool {
        if char.is_ascii() { self.ascii >> u32::from(char) & 1 == 1 } else { self.others.contains(char) }
    }
}

fn split<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (text, separator) = (text(args, 0), text(args, 1));
    spend_text(host, text.len())?;
    if separator.is_empty() {
        let mut parts = new_items(host, text.chars().count())?;
        parts.extend(text.char_indices().filter_map(|(at, char)| text.get(at..at + char.len_utf8())).map(Value::Str));
        return Ok(list(parts));
    }
    let mut parts = new_items(host, places(text, separator).count() + 1)?;
    let mut rest = 0;
    for place in places(text, separator) {
        parts.push(Value::Str(text.get(rest..place).unwrap_or_default()));
        rest = place + separator.len();
    }
    parts.push(Value::Str(text.get(rest..).unwrap_or_default()));
    Ok(list(parts))
}

fn replace<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (text, from, to) = (text(args, 0), text(args, 1), text(args, 2));
    spend_text(host, text.len())?;
    if from.is_empty() || !contains(text, from) {
        return Ok(Value::Str(text));
    }
    // Paid for before it is made: a short text can grow without bound.
    let count = places(text, from).count();
    spend_text(host, count.saturating_mul(to.len()).saturating_add(text.len()))?;
    let mut out = new_text(host, text.len() - count * from.len() + count * to.len())?;
    let mut rest = 0;
    for place in places(text, from) {
        out.push_str(text.get(rest..place).unwrap_or_default());
        out.push_str(to);
        rest = place + from.len();
    }
    out.push_str(text.get(rest..).unwrap_or_default());
    Ok(Value::Str(out.into_bump_str()))
}

/// Where a text occurs in another, left to right. What is looked for most often is one character, which is found faster.
fn places<'t>(text: &'t str, part: &'t str) -> impl Iterator<Item = usize> {
    let mut chars = part.chars();
    let single = chars.next().filter(|_| chars.as_str().is_empty());
    let of_single = single.into_iter().flat_map(|char| text.match_indices(char));
    let of_others = single.is_none().then(|| text.match_indices(part)).into_iter().flatten();
    of_single.chain(of_others).map(|(place, _)| place)
}

fn slice<'a>(_: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    let part = part(int(args, 1), int(args, 2), text.chars().count());
    let place = |index| text.char_indices().nth(index).map_or(text.len(), |(place, _)| place);
    Ok(Value::Str(text.get(place(part.start)..place(part.end)).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use crate::Value::{Int, Str};
    use crate::functions::support::test::called;

    #[test]
    fn case_and_parts() {
        assert_eq!(called("string.lower", &[Str("ÀB\u{130}")]), "àbi\u{307}");
        assert_eq!(called("string.upper", &[Str("ß")]), "SS");
        for (key, expected) in [("string.before", "a"), ("string.after", "b=c"), ("string.before_last", "a=b"), ("string.after_last", "c")] {
            assert_eq!(called(key, &[Str("a=b=c"), Str("=")]), expected, "{key}");
            assert_eq!(called(key, &[Str("abc"), Str("=")]), "", "{key}");
        }
    }

    #[test]
    fn splits() {
        assert_eq!(called("string.split", &[Str("día"), Str("")]), r#"["d","í","a"]"#);
        assert_eq!(called("string.split", &[Str(""), Str("")]), "[]");
        assert_eq!(called("string.split", &[Str(""), Str(",")]), r#"[""]"#);
        assert_eq!(called("string.split", &[Str("a--b-"), Str("-")]), r#"["a","","b",""]"#);
    }

    #[test]
    fn words_and_ends() {
        assert_eq!(called("string.words", &[Str(" to\tBob,\u{a0}(Eve) ")]), r#"["to","Bob,","(Eve)"]"#);
        assert_eq!(called("string.words", &[Str("«a» — b;c"), Str("«»—;")]), r#"["a","b","c"]"#);
        assert_eq!(called("string.words", &[Str(";; ;"), Str(";")]), "[]");
        assert_eq!(called("string.trim_characters", &[Str("«a.b».é"), Str("«».")]), "a.b».é");
        assert_eq!(called("string.trim_characters", &[Str(" ..!"), Str(".! ")]), "");
        assert_eq!(called("string.trim_characters", &[Str(" a "), Str("")]), " a ");
        let (text, characters) = ("é ".repeat(100_000), "ü".repeat(100_000));
        for key in ["string.words", "string.trim_characters"] {
            assert_eq!(called(key, &[Str(&text), Str(&characters)]), "error: evaluation step limit exceeded", "{key}");
        }
    }

    #[test]
    fn slices() {
        for (from, to, expected) in [(0, 2, "dí"), (1, -1, "í"), (-2, 9, "ía"), (2, 1, ""), (9, 9, ""), (i64::MIN, i64::MAX, "día")] {
            assert_eq!(called("string.slice", &[Str("día"), Int(from), Int(to)]), expected, "{from}, {to}");
        }
        assert_eq!(called("string.slice", &[Str("día"), Int(1)]), "ía");
    }

    #[test]
    fn replacing_cannot_explode() {
        assert_eq!(called("string.replace", &[Str("aaa"), Str("aa"), Str("b")]), "ba");
        assert_eq!(called("string.replace", &[Str("abc"), Str(""), Str("-")]), "abc");
        let long = "a".repeat(1_000_000);
        assert_eq!(called("string.replace", &[Str(&long), Str("a"), Str(&long)]), "error: evaluation step limit exceeded");
    }
}
