//! Functions of the texts that agents put into arguments: addresses, versions, patterns, randomness.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, make_text, record, spend_text, text};
use crate::shape::Shape;
use crate::value::Value;

const STRING: Param = Param::new("self", Sig::Str);

/// The fields of `Semver`.
pub static SEMVER: Shape = Shape::Static(&["major", "minor", "patch", "pre", "build"]);

/// Functions of texts that mean something.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "string.email_domain",
        name: "email_domain",
        params: &[STRING],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The domain of an email address, in lower case; the address may stand as `Name <address>`. `\"\"` for text that is not one plain address, \
              such as one with two `@`, a space or a list of addresses.",
        example: r#""Bob <bob@Example.COM>".email_domain() == "example.com" and "a@b.c, d@e.f".email_domain() == """#,
        run: email_domain,
    },
    Function {
        key: "string.glob",
        name: "glob",
        params: &[STRING, Param::new("pattern", Sig::Str)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Counted,
        doc: "Whether the whole text fits a pattern, as `like` asks, but the pattern may come from data: `*` is any run of characters, `?` one, and `\\` \
              takes the next character as it is.",
        example: r#""report-2026.pdf".glob("report-????.*")"#,
        run: glob,
    },
    Function {
        key: "string.entropy",
        name: "entropy",
        params: &[STRING],
        result: Sig::Decimal,
        errs: false,
        cost: Cost::Counted,
        doc: "The Shannon entropy in bits per character, rounded to four places: low for words, above 4 for long random text.",
        example: r#""abab".entropy() == 1.0"#,
        run: entropy,
    },
    Function {
        key: "string.semver",
        name: "semver",
        params: &[STRING],
        result: Sig::Optional(&Sig::Named("Semver")),
        errs: false,
        cost: Cost::Counted,
        doc: "The parts of a version number as Semantic Versioning 2.0 has it.",
        example: r#""1.20.3-rc.1+b7".semver()?.minor ?? 0 == 20"#,
        run: semver,
    },
];

fn email_domain<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    match address(text(args, 0)).and_then(domain) {
        Some(domain) if domain.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) => Ok(Value::Str(domain)),
        Some(domain) => make_text(host, &domain.to_lowercase()),
        None => Ok(Value::Str("")),
    }
}

/// The address in a text that is one, or a name and one in angle brackets.
fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let Some(text) = text.strip_suffix('>') else { return Some(text) };
    let (name, address) = text.split_once('<')?;
    // What could make a reader see another address keeps the text from being one.
    if name.chars().any(|char| matches!(char, '@' | ',' | ';' | ':' | '(' | ')' | '\\') || char.is_control()) { None } else { Some(address) }
}

fn domain(address: &str) -> Option<&str> {
    let (local, domain) = address.split_at_checked(address.bytes().position(|byte| byte == b'@')?)?;
    let domain = domain.strip_prefix('@')?;
    let is_local = |char| is_in_domain(char) || ".!#$%&'*+/=?^`{|}~".contains(char);
    // Most addresses are letters, digits and points, which bytes tell soonest.
    let local_fits = !local.is_empty() && (local.bytes().all(|byte| is_plain(byte) || byte == b'.') || local.chars().all(is_local));
    let label_fits = |label: &[u8]| !label.is_empty() && label.iter().all(|byte| is_plain(*byte) || !byte.is_ascii());
    let domain_fits = domain.as_bytes().split(|byte| *byte == b'.').all(label_fits)
        && (domain.is_ascii() || domain.chars().all(|char| is_in_domain(char) || char == '.'));
    (local_fits && domain_fits).then_some(domain)
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_')
}

fn is_in_domain(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '-' | '_')
}

/// Matches left to right, going back at most to the last `*`; each character looked at is paid for.
fn glob<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (mut text, mut pattern) = (text(args, 0), text(args, 1));
    spend_text(host, text.len())?;
    let mut after_star = None;
    let mut looked_at: u64 = 0;
    loop {
        looked_at += 1;
        if looked_at.is_multiple_of(16) {
            host.spend(1)?;
        }
        if let Some(rest) = pattern.strip_prefix('*') {
            pattern = rest;
            after_star = Some((rest, text));
        } else if let Some((rest_of_text, rest)) = one(text, pattern) {
            (text, pattern) = (rest_of_text, rest);
        } else if text.is_empty() && pattern.is_empty() {
            return Ok(Value::Bool(true));
        } else if let Some((retry, from)) = after_star
            && let Some(char) = from.chars().next()
        {
            text = from.get(char.len_utf8()..).unwrap_or_default();
            pattern = retry;
            after_star = Some((retry, text));
        } else {
            return Ok(Value::Bool(false));
        }
    }
}

/// What is left of both where the pattern's first sign stands for the text's first character.
fn one<'t, 'p>(text: &'t str, pattern: &'p str) -> Option<(&'t str, &'p str)> {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    let char = text.next()?;
    let fits = match pattern.next()? {
        '?' => true,
        '\\' => pattern.next().unwrap_or('\\') == char,
        sign => sign == char,
    };
    fits.then_some((text.as_str(), pattern.as_str()))
}

const FRACTION: u32 = 40;

fn entropy<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    host.spend(u64::try_from(text.len() / 4).unwrap_or(u64::MAX))?;
    let mut counts: BTreeMap<char, u64> = BTreeMap::new();
    for char in text.chars() {
        *counts.entry(char).or_default() += 1;
    }
    let total: u64 = counts.values().sum();
    if total == 0 {
        return Ok(Value::Decimal(Decimal::ZERO));
    }
    // n log n less the sum of c log c, over n: exact integers apart from the logarithms, so that every machine gets the same digits.
    let weighted = |count: u64| u128::from(count) * u128::from(log2(count));
    let bits = weighted(total).saturating_sub(counts.values().copied().map(weighted).sum());
    let divisor = u128::from(total) << FRACTION;
    let rounded = (bits * 20_000 + divisor) / (divisor * 2);
    Ok(Value::Decimal(Decimal::new(i64::try_from(rounded).unwrap_or(i64::MAX), 4)))
}

/// The binary logarithm with 40 binary places: each squaring of the mantissa gives one.
fn log2(number: u64) -> u64 {
    let whole = number.max(1).ilog2();
    let mut mantissa = number << (63 - whole);
    let mut log = u64::from(whole);
    for _ in 0..FRACTION {
        let square = u128::from(mantissa) * u128::from(mantissa);
        let carry = square >> 127;
        log = log << 1 | u64::try_from(carry).unwrap_or(1);
        mantissa = u64::try_from(square >> (63 + carry)).unwrap_or(u64::MAX);
    }
    log
}

fn semver<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    spend_text(host, text.len())?;
    match version(text) {
        Some(([major, minor, patch], pre, build)) => {
            record(host, &SEMVER, [Value::Int(major), Value::Int(minor), Value::Int(patch), Value::Str(pre), Value::Str(build)])
        }
        None => Ok(Value::None),
    }
}

fn version(text: &str) -> Option<([i64; 3], &str, &str)> {
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
    let mut numbers = core.split('.').map(version_number);
    let numbers = [numbers.next()??, numbers.next()??, numbers.next()??];
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let pre_fits = |part: &str| is_word(part) && (version_number(part).is_some() || !part.bytes().all(|byte| byte.is_ascii_digit()));
    let fits =
        core.split('.').count() == 3 && pre.is_none_or(|pre| pre.split('.').all(pre_fits)) && build.is_none_or(|build| build.split('.').all(is_word));
    fits.then_some((numbers, pre.unwrap_or_default(), build.unwrap_or_default()))
}

/// A number without leading zeros.
fn version_number(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use crate::Value::Str;
    use crate::functions::support::test::{TestHost, called};
    use crate::{Arena, Arg, EvalError};

    #[test]
    fn email_domains() {
        for (text, expected) in [
            ("a@B.com", "b.com"),
            (" a@b.com ", "b.com"),
            ("Al \"x\" <a@b.com>", "b.com"),
            ("a+b@sub.b-c.org", "sub.b-c.org"),
            ("ä@müller.de", "müller.de"),
            ("", ""),
            ("a", ""),
            ("a@", ""),
            ("@b.com", ""),
            ("a@b@c.com", ""),
            ("a b@c.com", ""),
            ("a@b.com x", ""),
            ("a@b..com", ""),
            ("a@b.com.", ""),
            ("a@[1.2.3.4]", ""),
            ("\"a@good.com\" <x@evil.com>", ""),
            ("x@evil.com, <a@good.com>", ""),
            ("<a@good.com>, x@evil.com", ""),
            ("a@good.com\nbcc: x@evil.com", ""),
            ("a@good.com\0", ""),
        ] {
            assert_eq!(called("string.email_domain", &[Str(text)]), expected, "{text}");
        }
    }

    #[test]
    fn globs() {
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "*", true),
            ("a", "", false),
            ("día", "d?a", true),
            ("a\nb", "a*b", true),
            ("abcabd", "*abd", true),
            ("abab", "*ab", true),
            ("abc", "a*b", false),
            ("a*c", r"a\*c", true),
            ("abc", r"a\*c", false),
            (r"a\", r"a\", true),
            ("mississippi", "m*iss*pi", true),
            ("A", "a", false),
        ] {
            assert_eq!(called("string.glob", &[Str(text), Str(pattern)]), expected.to_string(), "{text} glob {pattern}");
        }
        let (text, pattern) = ("a".repeat(200_000), format!("*{}b", "a".repeat(100_000)));
        let arena = Arena::new();
        let mut host = TestHost::new(&arena);
        host.steps = 100_000;
        assert_eq!(host.call("string.glob", &[Arg::Value(Str(&text)), Arg::Value(Str(&pattern))]).unwrap_err(), EvalError::StepLimit);
    }

    #[test]
    fn entropies() {
        for (text, expected) in
            [("", "0"), ("aaaa", "0"), ("ab", "1"), ("abc", "1.585"), ("abcdefgh", "3"), ("aab", "0.9183"), ("correct horse", "2.8731")]
        {
            assert_eq!(called("string.entropy", &[Str(text)]), expected, "{text}");
        }
    }

    #[test]
    fn versions() {
        let parsed = |text| called("string.semver", &[Str(text)]);
        assert_eq!(parsed("1.0.0-alpha-1.2+x.007"), r#"{"major":1,"minor":0,"patch":0,"pre":"alpha-1.2","build":"x.007"}"#);
        assert_eq!(parsed("1.2.3+a-b"), r#"{"major":1,"minor":2,"patch":3,"pre":"","build":"a-b"}"#);
        for text in
            ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "v1.2.3", "1.2.-3", "1.+2.3", "1.2.99999999999999999999", " 1.2.3"]
        {
            assert_eq!(parsed(text), "none", "{text}");
        }
    }
}
