//! Places in JSON.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// So many characters of a key stand in a path.
const SHOWN: usize = 32;

/// Where the value is that a path leads to, as the evaluator writes paths: `a[0]."no word".b`. Of what is not there, the value that it is missed in; of a
/// text that is no JSON, where that shows.
pub fn place(json: &str, path: &str) -> Range<usize> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        let lines: usize = json.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = json.floor_char_boundary(lines + error.column().saturating_sub(1));
        return at..json.ceil_char_boundary(at + 1);
    }
    let (mut value, mut rest) = (json.trim(), path);
    while let Some((step, further)) = next_step(rest) {
        let Some(inner) = inner(value, &step) else { break };
        (value, rest) = (inner, further);
    }
    let start = value.as_ptr().addr() - json.as_ptr().addr();
    start..start + value.len()
}

/// A step of a path.
enum Step<'p> {
    /// To the value of a key, as the path has it.
    Key(&'p str),
    /// To an element.
    Element(usize),
}

/// The first step of a path, and the others.
fn next_step(path: &str) -> Option<(Step<'_>, &str)> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if let Some(rest) = path.strip_prefix('[') {
        let (place, further) = rest.split_once(']')?;
        return Some((Step::Element(place.parse().ok()?), further));
    }
    let mut is_escaped = false;
    let is_end = |letter: char| {
        let ends = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    };
    let end = match path.strip_prefix('"') {
        Some(quoted) => quoted.find(is_end)? + 2,
        None => path.find(['.', '[']).unwrap_or(path.len()),
    };
    let (key, further) = path.split_at_checked(end)?;
    (!key.is_empty()).then_some((Step::Key(key), further))
}

/// The value that a step leads to.
fn inner<'j>(json: &'j str, step: &Step<'_>) -> Option<&'j str> {
    let raw = match step {
        Step::Element(place) => *serde_json::from_str::<Vec<&RawValue>>(json).ok()?.get(*place)?,
        Step::Key(key) => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
            fields.into_iter().find(|(name, _)| *key == name.as_str() || *key == quoted(name)).map(|(_, value)| value)?
        }
    };
    Some(raw.get())
}

/// A key as a path has it where it is no word.
fn quoted(name: &str) -> String {
    let shown: String = name.chars().take(SHOWN).collect();
    format!("\"{}\"", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_their_values() {
        let json = "{\"a\": [1, {\"no \\\"word\": {\"b\": true}}],\n \"é\": \"x\"}";
        for (path, expected) in [
            ("", json),
            ("a[0]", "1"),
            ("a[1].\"no \\\"word\".b", "true"),
            ("\"é\"", "\"x\""),
            ("a[1].missing.b", "{\"no \\\"word\": {\"b\": true}}"),
            ("a[7]", "[1, {\"no \\\"word\": {\"b\": true}}]"),
            ("a.\"open", "[1, {\"no \\\"word\": {\"b\": true}}]"),
        ] {
            assert_eq!(json.get(place(json, path)), Some(expected), "{path}");
        }
    }

    #[test]
    fn what_is_no_json_is_shown_where_reading_ends() {
        for (json, expected) in [("{\"a\": 1,\n \"b\": é}", "é"), ("", ""), ("[1", "1"), ("{} x", "x")] {
            assert_eq!(json.get(place(json, "b")), Some(expected), "{json}");
        }
        let deep = "[".repeat(100_000);
        assert!(place(&deep, "[0]").end <= deep.len());
    }
}
