//! Conditions, operator by operator.

use tollgate_stdlib::scalar;

use super::Bound;
use super::helpers::{Helper, Readable};
use super::operator::{Base, Operator, Set};
use super::statement::Condition;
use super::string::{self, Piece};
use super::words::{Form, Words};
use crate::toll::quoted;

/// What a condition asks, in the language; `None` where it always holds.
pub struct Said {
    pub condition: Option<String>,
    /// What IAM leaves open, and which side was taken.
    pub doubt: Option<&'static str>,
}

/// A condition.
///
/// # Errors
///
/// Where it cannot be said, and why.
pub fn said(words: &mut Words, condition: &Condition, has_variables: bool, bound: Bound) -> Result<Said, String> {
    let operator = Operator::named(&condition.operator).ok_or("there is no operator of this name")?;
    let values = condition.values.as_ref().ok_or("its values are no strings, numbers or bools")?;
    if values.is_empty() {
        return Err("it lists no value".to_owned());
    }
    if string::folds_to_ascii(&condition.key) {
        return Err("a character of the key is in lower case one of ASCII, and whether IAM takes it for that, it does not say".to_owned());
    }
    if operator.base == Base::Null {
        return null(words, &condition.key, values, bound).map(|condition| Said { condition, doubt: None });
    }
    let base = with_case(operator, bound);
    let wanted = wanted(words, base, values, has_variables)?;
    let key = words.key(&condition.key);
    // an empty value may count as none, of which `ForAllValues` is true
    let asked = if operator.set == Set::All && bound == Bound::Beyond { format!("{}({key})", words.call(Helper::Filled)) } else { key.clone() };
    let set = quantifier(operator, bound);
    let positive = format!("{}({asked}, {wanted})", words.call(Helper::Operator(set, base)));
    let mut said = if operator.is_negated { format!("not {positive}") } else { positive };
    if let Some(readable) = readable(operator.base) {
        let are_all = Helper::AreAll(readable);
        match (operator.is_negated, bound) {
            (false, Bound::Beyond) => said = format!("(not {}({key}) or {said})", words.call(are_all)),
            (true, Bound::Within) => said = format!("({}({key}) and {said})", words.call(are_all)),
            _ => {}
        }
    }
    let (is_open, doubt) = match (operator.if_exists, operator.set, operator.is_negated, bound) {
        (false, ..) | (true, Set::All, ..) | (true, Set::One, true, _) => (false, None),
        (true, Set::One, false, _) => (true, None),
        (true, Set::Any, _, Bound::Beyond) => (true, Some("whether `IfExists` counts with `ForAnyValue`, IAM does not say; here it does")),
        (true, Set::Any, _, Bound::Within) => (false, Some("whether `IfExists` counts with `ForAnyValue`, IAM does not say; here it does not")),
    };
    if is_open {
        said = format!("({key}.is_empty() or {said})");
    }
    Ok(Said { condition: Some(said), doubt })
}

/// What is compared: which letters beyond ASCII are one but for case, IAM does not say, so that what allows takes none for another.
fn with_case(operator: Operator, bound: Bound) -> Base {
    let bound = if operator.is_negated { bound.negated() } else { bound };
    match (operator.base, bound) {
        (Base::StringEqualsIgnoreCase, Bound::Within) => Base::StringEqualsIgnoreAsciiCase,
        (base, _) => base,
    }
}

/// Of which values of the key the operator asks without its negation. Where a key has several values and the operator is about one, what allows asks for
/// exactly one value, or under a negated operator that all be right; for what denies one is enough.
fn quantifier(operator: Operator, bound: Bound) -> Set {
    match (operator.set, operator.is_negated, bound) {
        (Set::One, false, Bound::Within) | (Set::One, true, Bound::Beyond) => Set::One,
        (Set::One, false, Bound::Beyond) | (Set::One, true, Bound::Within) => Set::Any,
        (Set::Any, false, _) | (Set::All, true, _) => Set::Any,
        (Set::Any, true, _) | (Set::All, false, _) => Set::All,
    }
}

/// `Null`: whether the key is absent.
fn null(words: &mut Words, key: &str, values: &[String], bound: Bound) -> Result<Option<String>, String> {
    let wanted = bools(values)?;
    let key = words.key(key);
    let filled = |words: &mut Words| format!("{}({key})", words.call(Helper::Filled));
    Ok(match (wanted.contains(&"true"), wanted.contains(&"false"), bound) {
        (true, true, _) => None,
        (true, false, Bound::Within) => Some(format!("{key}.is_empty()")),
        (true, false, Bound::Beyond) => Some(format!("{}.is_empty()", filled(words))),
        (false, _, Bound::Within) => Some(format!("not {}.is_empty()", filled(words))),
        (false, _, Bound::Beyond) => Some(format!("not {key}.is_empty()")),
    })
}

fn readable(base: Base) -> Option<Readable> {
    match base {
        Base::Numeric(_) => Some(Readable::Numbers),
        Base::Date(_) => Some(Readable::Dates),
        Base::IpAddress => Some(Readable::Addresses),
        Base::Bool => Some(Readable::Bools),
        _ => None,
    }
}

/// The values of the policy as a list.
fn wanted(words: &mut Words, base: Base, values: &[String], has_variables: bool) -> Result<String, String> {
    let literal = |values: Vec<String>| format!("[{}]", values.join(", "));
    Ok(match base {
        Base::StringEquals => strings(words, values, Form::Text, |value| string::plain_pieces(value, has_variables))?,
        Base::StringEqualsIgnoreCase => strings(words, values, Form::Folded, |value| string::plain_pieces(value, has_variables))?,
        Base::StringEqualsIgnoreAsciiCase => strings(words, values, Form::AsciiLower, |value| string::plain_pieces(value, has_variables))?,
        Base::StringLike => strings(words, values, Form::Glob, |value| string::pieces(value, has_variables))?,
        Base::Arn => strings(words, values, Form::Glob, |value| arn(string::pieces(value, has_variables)?))?,
        Base::Binary => literal(values.iter().map(|value| quoted(value.trim_matches('='))).collect()),
        Base::Bool => literal(bools(values)?.into_iter().map(quoted).collect()),
        Base::Null => literal(Vec::new()),
        Base::Numeric(_) => literal(values.iter().map(|value| number(value)).collect::<Result<_, _>>()?),
        Base::Date(_) => literal(values.iter().map(|value| date(value)).collect::<Result<_, _>>()?),
        Base::IpAddress => literal(values.iter().map(|value| network(value)).collect::<Result<_, _>>()?),
    })
}

/// Strings with variables as a list: those without first, then what each of the others has.
fn strings(words: &mut Words, values: &[String], form: Form, pieces: impl Fn(&str) -> Result<Vec<Piece>, String>) -> Result<String, String> {
    let mut constants: Vec<String> = Vec::new();
    let mut computed: Vec<String> = Vec::new();
    for value in values {
        let pieces = pieces(value)?;
        if string::has_variables(&pieces) {
            computed.push(words.strings(&pieces, form)?);
        } else {
            let plain = || string::plain(&pieces).unwrap_or_default();
            let text = match form {
                Form::Glob => string::glob(&pieces),
                Form::Text => plain().to_owned(),
                Form::Folded => plain().chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect(),
                Form::AsciiLower if plain().is_ascii() => plain().to_ascii_lowercase(),
                Form::AsciiLower => plain().to_owned(),
            };
            constants.push(quoted(&text));
        }
    }
    let constants = if constants.is_empty() { None } else { Some(format!("[{}]", constants.join(", "))) };
    let mut lists = constants.into_iter().chain(computed);
    let first = lists.next().unwrap_or_default();
    Ok(lists.fold(first, |all, list| format!("{all}.union({list})")))
}

/// A pattern of six parts, such as each of them is compared with.
fn arn(pieces: Vec<Piece>) -> Result<Vec<Piece>, String> {
    let mut colons = 0;
    for piece in &pieces {
        match piece {
            Piece::Text(text) => colons += text.matches(':').count(),
            Piece::Variable { .. } if colons < 5 => return Err("a variable before the fifth colon of an ARN cannot be said here".to_owned()),
            _ => {}
        }
    }
    if colons < 5 { Err("it has fewer than the six parts of an ARN".to_owned()) } else { Ok(pieces) }
}

fn bools(values: &[String]) -> Result<Vec<&'static str>, String> {
    let mut wanted = Vec::new();
    for value in values {
        wanted.push(match value.to_ascii_lowercase().as_str() {
            "true" => "true",
            "false" => "false",
            _ => return Err(format!("`{value}` is neither `true` nor `false`")),
        });
    }
    wanted.dedup();
    Ok(wanted)
}

/// A number as a literal.
fn number(value: &str) -> Result<String, String> {
    let digits = value.trim();
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let is_plain =
        unsigned.split('.').count() <= 2 && unsigned.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_integer = !unsigned.contains('.');
    let fits = if is_integer { digits.parse::<i64>().is_ok() } else { scalar::parse_decimal(digits).is_some() };
    if !is_plain || !fits {
        return Err(format!("`{value}` is no number of at most 28 digits"));
    }
    let significant = unsigned.trim_start_matches('0');
    let significant = if significant.is_empty() || significant.starts_with('.') { format!("0{significant}") } else { significant.to_owned() };
    Ok(if digits.starts_with('-') { format!("-{significant}") } else { significant })
}

/// A date as a literal: one of the forms of ISO 8601 that the W3C names, or seconds since 1970.
fn date(value: &str) -> Result<String, String> {
    let value = value.trim();
    let wrong = || format!("`{value}` is no date");
    if value.len() > 4 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse::<i64>().ok().filter(|seconds| *seconds < 9_000_000_000).ok_or_else(wrong)?;
        return Ok(format!("timestamp(\"1970-01-01T00:00:00Z\") + {seconds}s"));
    }
    let forms =
        [value.to_owned(), format!("{value}T00:00:00Z"), format!("{value}-01T00:00:00Z"), format!("{value}-01-01T00:00:00Z"), with_seconds(value)];
    let text = forms.into_iter().find(|text| scalar::parse_timestamp(text).is_some()).ok_or_else(wrong)?;
    Ok(format!("timestamp({})", quoted(&text)))
}

/// `2026-01-01T10:15Z` with its seconds.
fn with_seconds(value: &str) -> String {
    let (before, after) = value.split_at_checked(16).unwrap_or((value, ""));
    format!("{before}:00{after}")
}

fn network(value: &str) -> Result<String, String> {
    scalar::parse_cidr(value.trim())
        .map(|_| format!("cidr({})", quoted(value.trim())))
        .ok_or_else(|| format!("`{value}` is neither address nor network"))
}

#[cfg(test)]
mod tests {
    use super::{date, network, number};

    #[test]
    fn values_become_literals() {
        assert_eq!(["10", "-1.50", "007", "0.5", "0"].map(|text| number(text).unwrap()), ["10", "-1.50", "7", "0.5", "0"]);
        assert!(["", "ten", "1e3", "1.", ".5", "--1", "99999999999999999999"].iter().all(|text| number(text).is_err()));
        let dates = ["2026-01-02T03:04:05Z", "2026-01-02", "2026-01", "2026", "2026-01-02T03:04+01:00", "1700000000"].map(|text| date(text).unwrap());
        assert_eq!(dates.first().unwrap(), "timestamp(\"2026-01-02T03:04:05Z\")");
        assert_eq!(dates.get(4).unwrap(), "timestamp(\"2026-01-02T03:04:00+01:00\")");
        assert_eq!(dates.last().unwrap(), "timestamp(\"1970-01-01T00:00:00Z\") + 1700000000s");
        assert!(["", "yesterday", "2026-13-01"].iter().all(|text| date(text).is_err()));
        assert!(network("10.0.0.0/33").is_err() && network("2001:db8::/32").is_ok());
    }
}
