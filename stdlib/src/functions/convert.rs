//! Text to values, and values to text.

use std::fmt::Write as _;

use crate::error::EvalError;
use crate::function::{Arg, Cost, Function, Host, Param, Sig, T};
use crate::functions::support::{Outcome, make_text, new_text, spend_text, text, value};
use crate::scalar;
use crate::value::Value;

const STRING: Param = Param::new("self", Sig::Str);

/// Conversions from text, to text, and from what may be absent.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "string.to_int",
        name: "to_int",
        params: &[STRING],
        result: Sig::Optional(&Sig::Int),
        errs: false,
        cost: Cost::Constant,
        doc: "The int that the text is: digits, with `-` before them at most.",
        example: r#"("-42".to_int() ?? 0) == -42 and "4.2".to_int() == none"#,
        run: |_, args| Ok(scalar::parse_int(text(args, 0)).map_or(Value::None, Value::Int)),
    },
    Function {
        key: "string.to_decimal",
        name: "to_decimal",
        params: &[STRING],
        result: Sig::Optional(&Sig::Decimal),
        errs: false,
        cost: Cost::Constant,
        doc: "The decimal that the text is, written as JSON writes numbers, where `decimal` holds it exactly.",
        example: r#"("1.50".to_decimal() ?? 0) == 1.5 and "1,5".to_decimal() == none"#,
        run: |_, args| Ok(scalar::parse_decimal(text(args, 0)).map_or(Value::None, Value::Decimal)),
    },
    Function {
        key: "string.to_timestamp",
        name: "to_timestamp",
        params: &[STRING],
        result: Sig::Optional(&Sig::Timestamp),
        errs: false,
        cost: Cost::Constant,
        doc: "The instant that the text is, in RFC 3339 with its offset.",
        example: r#""2026-04-04T06:45:12+02:00".to_timestamp()?.hour() ?? 0 == 4"#,
        run: |_, args| Ok(scalar::parse_timestamp(text(args, 0)).map_or(Value::None, Value::Timestamp)),
    },
    Function {
        key: "string.to_duration",
        name: "to_duration",
        params: &[STRING],
        result: Sig::Optional(&Sig::Duration),
        errs: false,
        cost: Cost::Constant,
        doc: "The duration that the text is: `1h30m`, `-5s`, or ISO 8601 such as `PT15M`.",
        example: r#"("PT1H30M".to_duration() ?? 0s) == 90m"#,
        run: |_, args| Ok(scalar::parse_duration(text(args, 0)).map_or(Value::None, Value::Duration)),
    },
    Function {
        key: "string.to_ip",
        name: "to_ip",
        params: &[STRING],
        result: Sig::Optional(&Sig::Ip),
        errs: false,
        cost: Cost::Constant,
        doc: "The IPv4 or IPv6 address that the text is.",
        example: r#""10.0.0.7".to_ip()?.is_private() ?? false"#,
        run: |_, args| Ok(scalar::parse_ip(text(args, 0)).map_or(Value::None, Value::Ip)),
    },
    Function {
        key: "string.to_cidr",
        name: "to_cidr",
        params: &[STRING],
        result: Sig::Optional(&Sig::Cidr),
        errs: false,
        cost: Cost::Constant,
        doc: "The network that the text is. Host bits are cleared, and an address alone is the network of it alone.",
        example: r#""10.1.2.3/8".to_cidr()?.to_string() ?? "" == "10.0.0.0/8""#,
        run: |_, args| Ok(scalar::parse_cidr(text(args, 0)).map_or(Value::None, Value::Cidr)),
    },
    Function {
        key: "string.base64_decode",
        name: "base64_decode",
        params: &[STRING],
        result: Sig::Optional(&Sig::Str),
        errs: false,
        cost: Cost::Counted,
        doc: "The text that is encoded in Base64, of the plain or the URL alphabet, padded or not, white space let pass. Nothing where it is no Base64 \
              or its bytes are no UTF-8.",
        example: r#"("cm0gLXJmIC8=".base64_decode() ?? "") == "rm -rf /""#,
        run: |host, args| decode(host, args, base64_bytes),
    },
    Function {
        key: "string.hex_decode",
        name: "hex_decode",
        params: &[STRING],
        result: Sig::Optional(&Sig::Str),
        errs: false,
        cost: Cost::Counted,
        doc: "The text whose UTF-8 bytes are written as pairs of hexadecimal digits. Nothing where they are not.",
        example: r#"("6f6B".hex_decode() ?? "") == "ok" and "6".hex_decode() == none"#,
        run: |host, args| decode(host, args, hex_bytes),
    },
    Function {
        key: "string.sha256",
        name: "sha256",
        params: &[STRING],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The SHA-256 hash of the text's UTF-8 bytes, as 64 hexadecimal digits in lower case.",
        example: r#""abc".sha256() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#,
        run: sha256,
    },
    Function {
        key: "any.to_string",
        name: "to_string",
        params: &[Param::new("self", Sig::Any)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The value as a template prints it: decimals without trailing zeros, durations as `1d12h`, timestamps in RFC 3339 UTC, a variant's name.",
        example: r#"(1.50).to_string() == "1.5" and (36h).to_string() == "1d12h""#,
        run: to_string,
    },
    Function {
        key: "optional.or_error",
        name: "or_error",
        params: &[Param::new("self", Sig::Optional(&T))],
        result: T,
        errs: true,
        cost: Cost::Constant,
        doc: "The value of an optional. Errs where there is none, so that a deny or review rule matches and an allow rule does not: for what a request or \
              data must have, and `??` has no answer for.",
        example: r#""42".to_int().or_error() == 42"#,
        run: |_, args| match value(args, 0) {
            Value::None => Err(EvalError::Absent),
            present => Ok(present),
        },
    },
];

fn to_string<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    match value(args, 0) {
        text @ Value::Str(_) => Ok(text),
        Value::Enum(variant) => Ok(Value::Str(variant.name)),
        other => {
            let mut out = new_text(host, 40)?;
            // Writing to a string cannot fail.
            let _ = write!(out, "{other}");
            Ok(Value::Str(out.into_bump_str()))
        }
    }
}

fn sha256<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    spend_text(host, text.len())?;
    let hash = hmac_sha256::Hash::hash(text.as_bytes());
    let mut out = new_text(host, 64)?;
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    Ok(Value::Str(out.into_bump_str()))
}

fn decode<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>], bytes_of: fn(&[u8]) -> Option<Vec<u8>>) -> Outcome<'a> {
    let text = text(args, 0);
    spend_text(host, text.len())?;
    match bytes_of(text.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(decoded) => make_text(host, &decoded),
        None => Ok(Value::None),
    }
}

fn hex_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

fn base64_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let padding = digits.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 2 || (padding > 0 && !digits.len().is_multiple_of(4)) {
        return None;
    }
    digits.truncate(digits.len() - padding);
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    for group in digits.chunks(4) {
        let bits = group.iter().try_fold(0_u32, |bits, digit| Some(bits << 6 | base64_digit(*digit)?))?;
        let bytes = match group.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        let bits = bits << (6 * (4 - group.len()));
        out.extend(bits.to_be_bytes().into_iter().skip(1).take(bytes));
    }
    Some(out)
}

fn base64_digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}

#[cfg(test)]
mod tests {
    use crate::Value::{self, Bool, Duration, Int, Str};
    use crate::functions::support::test::called;

    #[test]
    fn decodes() {
        for (text, expected) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zg", "f"),
            ("Zm8=", "fo"),
            ("Zm9v\nZm9v", "foofoo"),
            ("8J-YgA", "😀"),
            ("8J+YgA==", "😀"),
            ("Z", "none"),
            ("Zg=", "none"),
            ("Zg===", "none"),
            ("Z=g=", "none"),
            ("/w==", "none"),
            ("a*==", "none"),
        ] {
            assert_eq!(called("string.base64_decode", &[Str(text)]), expected, "{text}");
        }
        for (text, expected) in [("", ""), ("c3ff", "none"), ("C3a9", "é"), ("c3 a9", "none"), ("0x41", "none"), ("+1", "none"), ("éé", "none")] {
            assert_eq!(called("string.hex_decode", &[Str(text)]), expected, "{text}");
        }
    }

    #[test]
    fn converts() {
        assert_eq!(called("string.to_int", &[Str("9223372036854775808")]), "none");
        assert_eq!(called("string.to_timestamp", &[Str("2026-04-04")]), "none");
        assert_eq!(called("string.to_ip", &[Str("::FFFF:1.2.3.4")]), "1.2.3.4");
        for (value, expected) in [(Int(-5), "-5"), (Bool(true), "true"), (Duration(90_000_000_000), "1m30s"), (Str("x"), "x"), (Value::None, "none")]
        {
            assert_eq!(called("any.to_string", &[value]), expected);
        }
    }
}
