//! Functions of `json`, and the reader of JSON text.

use std::fmt::Write as _;

use crate::error::EvalError;
use crate::function::{Arg, Cost, Function, Host, Implementation, Param, Sig};
use crate::functions::support::{Outcome, list, make_text, new_items, new_text, spend_text, text, value};
use crate::print::write_json;
use crate::value::{Entries, Value};

mod read;

const JSON: Param = Param::new("self", Sig::Json);
const MAYBE: Param = Param::new("self", Sig::Optional(&Sig::Json));

/// A conversion from `json` or `json?`.
const fn conversion(key: &'static str, name: &'static str, result: Sig, doc: &'static str, example: &'static str, run: Implementation) -> Function {
    Function { key, name, params: &[MAYBE], result, errs: false, cost: Cost::Counted, doc, example, run }
}

/// Functions of `json`.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "string.parse_json",
        name: "parse_json",
        params: &[Param::new("self", Sig::Str)],
        result: Sig::Optional(&Sig::Json),
        errs: false,
        cost: Cost::Counted,
        doc: "The value that the text is the JSON of. Nothing where it is not strict JSON (a key twice and a lone surrogate are not), is nested more than \
              128 deep, or has a number that `decimal` cannot hold; and for the text `null`.",
        example: r##"r#"{"a": [1, 2]}"#.parse_json().a[1].as_int() ?? 0 == 2"##,
        run: parse,
    },
    conversion(
        "json.as_int",
        "as_int",
        Sig::Optional(&Sig::Int),
        "The int that it is; `1.0` is one, the string `\"1\"` is none.",
        r#""1.0".parse_json().as_int() ?? 0 == 1"#,
        |_, args| Ok(value(args, 0).as_int().map_or(Value::None, Value::Int)),
    ),
    conversion(
        "json.as_decimal",
        "as_decimal",
        Sig::Optional(&Sig::Decimal),
        "The number that it is.",
        r#""2.5".parse_json().as_decimal() ?? 0 == 2.5"#,
        |_, args| Ok(value(args, 0).as_decimal().map_or(Value::None, Value::Decimal)),
    ),
    conversion(
        "json.as_string",
        "as_string",
        Sig::Optional(&Sig::Str),
        "The string that it is.",
        r##"r#""a""#.parse_json().as_string() ?? "" == "a""##,
        as_string,
    ),
    conversion(
        "json.as_bool",
        "as_bool",
        Sig::Optional(&Sig::Bool),
        "The bool that it is.",
        r#""true".parse_json().as_bool() ?? false"#,
        |_, args| Ok(value(args, 0).as_bool().map_or(Value::None, Value::Bool)),
    ),
    conversion(
        "json.as_list",
        "as_list",
        Sig::Optional(&Sig::List(&Sig::Json)),
        "The list that it is.",
        r#""[1, 2]".parse_json().as_list()?.len() ?? 0 == 2"#,
        as_list,
    ),
    conversion(
        "json.as_map",
        "as_map",
        Sig::Optional(&Sig::Map(&Sig::Json)),
        "The object that it is.",
        r##"r#"{"a": 1}"#.parse_json().as_map()?.len() ?? 0 == 1"##,
        as_map,
    ),
    Function {
        key: "json.type_of",
        name: "type_of",
        params: &[JSON],
        result: Sig::Str,
        errs: false,
        cost: Cost::Constant,
        doc: "Its kind: `\"null\"`, `\"bool\"`, `\"number\"`, `\"string\"`, `\"list\"` or `\"object\"`.",
        example: r#""[1]".parse_json()?.type_of() ?? "" == "list""#,
        run: |_, args| Ok(Value::Str(kind(value(args, 0)))),
    },
    Function {
        key: "json.get",
        name: "get",
        params: &[MAYBE, Param::new("pointer", Sig::Str)],
        result: Sig::Optional(&Sig::Json),
        errs: false,
        cost: Cost::Counted,
        doc: "What a JSON pointer (RFC 6901) such as `/users/0/name` points at. In it `~1` stands for `/` and `~0` for `~`.",
        example: r##"r#"{"a": [1, {"b/c": 7}]}"#.parse_json().get("/a/1/b~1c").as_int() ?? 0 == 7"##,
        run: get,
    },
    Function {
        key: "json.to_string",
        name: "to_string",
        params: &[JSON],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "A string as it is, anything else as compact JSON text.",
        example: r##"r#"{"b": [1, 2.50], "a": null}"#.parse_json()?.to_string() ?? "" == r#"{"a":null,"b":[1,2.5]}"#"##,
        run: to_string,
    },
];

fn parse<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    spend_text(host, text.len())?;
    Ok(read::parse(host, text)?.unwrap_or(Value::None))
}

/// Whatever JSON writes as a string.
fn as_string<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    match value(args, 0) {
        Value::Enum(variant) => Ok(Value::Str(variant.name)),
        text @ Value::Str(_) => Ok(text),
        value @ (Value::Duration(_) | Value::Timestamp(_) | Value::Ip(_) | Value::Cidr(_)) => {
            let mut out = new_text(host, 40)?;
            // Writing to a string cannot fail.
            let _ = write!(out, "{value}");
            Ok(Value::Str(out.into_bump_str()))
        }
        _ => Ok(Value::None),
    }
}

fn as_list<'a>(_: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    Ok(value(args, 0).items().map_or(Value::None, Value::List))
}

fn as_map<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let Value::Record(record) = value(args, 0) else {
        return Ok(if let map @ Value::Map(_) = value(args, 0) { map } else { Value::None });
    };
    let mut entries = new_items(host, record.shape().len())?;
    entries.extend(record.present());
    entries.sort_unstable_by_key(|(name, _)| *name);
    Ok(Value::Map(Entries::Own(entries.into_bump_slice())))
}

fn kind(value: Value<'_>) -> &'static str {
    match value {
        Value::None => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Decimal(_) => "number",
        Value::List(_) | Value::Set(_) => "list",
        Value::Map(_) | Value::Record(_) => "object",
        _ => "string",
    }
}

fn get<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (value, pointer) = (value(args, 0), text(args, 1));
    spend_text(host, pointer.len())?;
    if pointer.is_empty() {
        return Ok(value);
    }
    let Some(path) = pointer.strip_prefix('/') else { return Ok(Value::None) };
    Ok(path.split('/').try_fold(value, step).unwrap_or(Value::None))
}

/// What one part of a JSON pointer leads to.
fn step<'a>(value: Value<'a>, part: &str) -> Option<Value<'a>> {
    if let Some(items) = value.items() {
        let is_index = part == "0" || !part.starts_with(['0', '+']);
        return part.parse().ok().filter(|_| is_index).and_then(|index| items.get(index));
    }
    if part.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
        return None;
    }
    Some(value.get(&part.replace("~1", "/").replace("~0", "~")))
}

fn to_string<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let value = value(args, 0);
    if let Some(text) = value.as_str() {
        return Ok(Value::Str(text));
    }
    spend_json(host, value)?;
    let mut out = Vec::new();
    write_json(value, &mut out);
    make_text(host, &String::from_utf8_lossy(&out))
}

/// Pays for writing the value as JSON, before it is written: what shares its parts can be far longer than the memory it takes.
fn spend_json(host: &mut dyn Host<'_>, value: Value<'_>) -> Result<(), EvalError> {
    host.spend(1)?;
    match value {
        Value::Record(record) => record.present().try_for_each(|(_, value)| spend_json(host, value)),
        Value::Map(entries) => entries.iter().try_for_each(|(key, value)| {
            spend_text(host, key.len())?;
            spend_json(host, value)
        }),
        other => match (other.items(), other.as_str()) {
            (Some(items), _) => items.iter().try_for_each(|item| spend_json(host, item)),
            (_, Some(text)) => spend_text(host, text.len()),
            _ => Ok(()),
        },
    }
}

/// An empty list or one of those elements.
fn list_of<'a>(host: &mut dyn Host<'a>, values: &[Value<'a>]) -> Outcome<'a> {
    let mut items = new_items(host, values.len())?;
    items.extend_from_slice(values);
    Ok(list(items))
}

/// The object of those entries; `None` where a key stands twice.
fn map_of<'a>(host: &mut dyn Host<'a>, entries: &[(&'a str, Value<'a>)]) -> Result<Option<Value<'a>>, EvalError> {
    let mut sorted = new_items(host, entries.len())?;
    sorted.extend_from_slice(entries);
    sorted.sort_unstable_by_key(|(key, _): &(&str, Value<'_>)| *key);
    let is_unique = sorted.windows(2).all(|pair| if let [(a, _), (b, _)] = pair { a != b } else { true });
    Ok(is_unique.then(|| Value::Map(Entries::Own(sorted.into_bump_slice()))))
}

#[cfg(test)]
mod tests {
    use crate::Value::{self, Int, Str};
    use crate::functions::support::test::called;
    use crate::value::{Entries, Items, Variant};

    #[test]
    fn conversions_are_exact() {
        let low = Value::Enum(Variant { name: "low", rank: 0 });
        let list = Value::Set(Items::Own(&[Int(1)]));
        for (key, value, expected) in [
            ("json.as_int", Str("1"), "none"),
            ("json.as_int", Int(1), "1"),
            ("json.as_decimal", Int(1), "1"),
            ("json.as_string", low, "low"),
            ("json.as_string", Int(1), "none"),
            ("json.as_string", Value::Duration(1), "1ns"),
            ("json.as_list", list, "[1]"),
            ("json.as_list", Value::EMPTY_MAP, "none"),
            ("json.as_map", Value::EMPTY_MAP, "{}"),
            ("json.as_bool", Value::None, "none"),
            ("json.type_of", Value::None, "null"),
            ("json.type_of", Value::EMPTY_MAP, "object"),
            ("json.type_of", low, "string"),
            ("json.to_string", Value::None, "null"),
            ("json.to_string", Str("a\"b"), "a\"b"),
            ("json.to_string", list, "[1]"),
        ] {
            assert_eq!(called(key, &[value]), expected, "{key}");
        }
    }

    #[test]
    fn pointers() {
        let inner = [("", Int(1)), ("a/b", Int(2)), ("m~n", Int(3))];
        let items = [Str("x"), Value::Map(Entries::Own(&inner))];
        let value = Value::List(Items::Own(&items));
        for (pointer, expected) in [
            ("/0", "x"),
            ("/1/", "1"),
            ("/1/a~1b", "2"),
            ("/1/m~0n", "3"),
            ("/1/m~n", "none"),
            ("/1/m~01", "none"),
            ("/00", "none"),
            ("/-1", "none"),
            ("/+1", "none"),
            ("/2", "none"),
            ("/0/0", "none"),
            ("0", "none"),
        ] {
            assert_eq!(called("json.get", &[value, Str(pointer)]), expected, "{pointer}");
        }
        assert_eq!(called("json.get", &[Value::None, Str("/a")]), "none");
    }
}
