//! The one way in which values print, for people and as JSON.

use std::fmt::{self, Write as _};

use crate::value::Value;

/// Decimals without trailing zeros, durations as `1d12h`, timestamps in RFC 3339 UTC, lists and sets as `a, b`, records and maps as
/// `{key: value}`, what is absent as `none`, strings bare.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::None => f.write_str("none"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Decimal(value) => write!(f, "{}", value.normalize()),
            Value::Duration(nanos) => print_duration(nanos, f),
            Value::Timestamp(value) => write!(f, "{value}"),
            Value::Ip(value) => write!(f, "{value}"),
            Value::Cidr(value) => write!(f, "{value}"),
            Value::Enum(variant) => f.write_str(variant.name),
            Value::Str(text) => f.write_str(text),
            Value::List(items) | Value::Set(items) => {
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
            Value::Map(entries) => print_fields(entries.iter(), f),
            Value::Record(record) => print_fields(record.present(), f),
        }
    }
}

fn print_fields<'a>(fields: impl Iterator<Item = (&'a str, Value<'a>)>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("{")?;
    for (index, (name, value)) in fields.enumerate() {
        write!(f, "{}{name}: {value}", if index > 0 { ", " } else { "" })?;
    }
    f.write_str("}")
}

fn print_duration(nanos: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const UNITS: [(u64, &str); 7] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
        (1000, "us"),
        (1, "ns"),
    ];
    if nanos == 0 {
        return f.write_str("0s");
    }
    if nanos < 0 {
        f.write_str("-")?;
    }
    let mut rest = nanos.unsigned_abs();
    for (size, unit) in UNITS {
        if rest >= size {
            write!(f, "{}{unit}", rest / size)?;
            rest %= size;
        }
    }
    Ok(())
}

/// Appends a value as compact JSON: decimals as numbers digit for digit, what JSON has no kind for as strings, sets as arrays, a record's present
/// fields in declared order, a map's entries by key.
pub fn write_json(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::None => out.extend_from_slice(b"null"),
        Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => write_text(value, out),
        Value::Duration(_) | Value::Timestamp(_) | Value::Ip(_) | Value::Cidr(_) => {
            out.push(b'"');
            write_text(value, out);
            out.push(b'"');
        }
        Value::Enum(variant) => write_json_string(variant.name, out),
        Value::Str(text) => write_json_string(text, out),
        Value::List(items) | Value::Set(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_json(item, out);
            }
            out.push(b']');
        }
        Value::Map(entries) => write_json_object(entries.iter(), out),
        Value::Record(record) => write_json_object(record.present(), out),
    }
}

fn write_json_object<'a>(fields: impl Iterator<Item = (&'a str, Value<'a>)>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (name, value)) in fields.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
        write_json(value, out);
    }
    out.push(b'}');
}

/// Appends the value's printed text, which needs no escaping.
fn write_text(value: Value<'_>, out: &mut Vec<u8>) {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{value}");
    out.extend_from_slice(text.as_bytes());
}

/// Appends a JSON string: quotes, backslashes and control characters escaped, everything else as it is.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |digit: u8| HEX.get(usize::from(digit & 15)).copied().unwrap_or(b'0');
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..=0x1f | 0x7f => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte)]),
            other => out.push(other),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar;
    use crate::shape::Shape;
    use crate::value::{Entries, Fields, Items, Record, Variant};

    #[test]
    fn durations() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500_000_000, "1s500ms"),
            (129_600_000_000_000, "1d12h"),
            (-129_600_000_000_000, "-1d12h"),
            (1_002_003, "1ms2us3ns"),
            (i64::MIN, "-106751d23h47m16s854ms775us808ns"),
        ] {
            assert_eq!(Value::Duration(nanos).to_string(), text);
        }
    }

    #[test]
    fn scalars_and_collections() {
        let decimal = Value::Decimal(scalar::parse_decimal("12.500").unwrap());
        let list = [Value::Int(1), decimal, Value::Str("x \"y\"\n"), Value::None, Value::Duration(1)];
        assert_eq!(Value::List(Items::Own(&list)).to_string(), "1, 12.5, x \"y\"\n, none, 1ns");
        let mut out = Vec::new();
        write_json(Value::Set(Items::Own(&list)), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"[1,12.5,"x \"y\"\n",null,"1ns"]"#);
    }

    #[test]
    fn records_leave_out_what_is_absent() {
        let shape = Shape::new(["b", "gone", "a"]);
        let entries = [("k\u{1}", Value::Enum(Variant { name: "low", rank: 0 }))];
        let values = [Value::Int(1), Value::None, Value::Map(Entries::Own(&entries))];
        let fields = Fields { shape: &shape, values: &values };
        let record = Value::Record(Record::Own(&fields));
        assert_eq!(record.to_string(), "{b: 1, a: {k\u{1}: low}}");
        let mut out = Vec::new();
        write_json(record, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"b":1,"a":{"k\u0001":"low"}}"#);
    }
}
