//! Conditions that are no texts: fields with what they must be, as texts that [`super::condition`] reads; and what of a condition is a guess.

use std::collections::BTreeSet;

use super::condition::{Literal, Test};
use super::shape::visit;
use crate::json::Json;

/// The names that stand alone and may be arguments, of which a test asks whether they are there.
pub fn absences(test: &Test) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    visit(test, &mut |test| {
        if let Test::Present(path, _) | Test::Empty(path) = test
            && path.is_open()
        {
            names.extend(path.fields.first().cloned());
        }
    });
    names
}

/// The texts of a condition that stand there without quotes.
pub fn unquoted(test: &Test, text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    visit(test, &mut |test| {
        let literals = match test {
            Test::Compare(_, _, literal) => std::slice::from_ref(literal),
            Test::OneOf(_, literals) => literals.as_slice(),
            _ => &[],
        };
        for literal in literals {
            if let Literal::Text(word) = literal
                && !word.is_empty()
                && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !text.contains(&format!("\"{word}\""))
                && !text.contains(&format!("'{word}'"))
                && !words.contains(word)
            {
                words.push(word.clone());
            }
        }
    });
    words
}

/// A field with what it must be, as text that [`condition::read`] takes: what values of mappings say besides a constant is read where it is plain.
pub fn mapped(field: &str, value: &Json) -> Option<String> {
    let text = match value {
        Json::Text(text) => text.trim(),
        Json::List(elements) => {
            let is_plain = elements.iter().all(|element| element.as_text().is_none_or(is_constant));
            return if is_plain { spelled(field, "in", value) } else { None };
        }
        value => return spelled(field, "==", value),
    };
    if is_constant(text) {
        return spelled(field, "==", value);
    }
    let sign = [">=", "<=", "==", "!=", ">", "<", "=", "!"].into_iter().find(|sign| text.starts_with(sign));
    if let Some(sign) = sign {
        let rest = text.strip_prefix(sign)?.trim();
        let is_number = rest.parse::<f64>().is_ok() && rest.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-') && !rest.ends_with('.');
        return match sign {
            "!" if is_constant(rest) && !is_number && !rest.is_empty() => spelled(field, "!=", &Json::Text(rest.to_owned())),
            "!" => None,
            sign if is_number => Some(format!("{field} {sign} {rest}")),
            "==" | "=" | "!=" if is_constant(rest) => spelled(field, sign, &Json::Text(rest.to_owned())),
            _ => None,
        };
    }
    // Without its stars the text must be a constant, or they may be those of a regular expression.
    let is_glob = text.contains('*') && !text.contains(".*") && is_constant(&text.replace('*', "0"));
    is_glob.then(|| spelled(field, "glob", &Json::Text(text.to_owned()))).flatten()
}

/// Whether a text has nothing of an operator or a pattern, so that it can be meant as it stands alone.
fn is_constant(text: &str) -> bool {
    let text = text.trim();
    let first = text.split([' ', ':', '(']).next().unwrap_or_default();
    let operators = [
        "not",
        "in",
        "is",
        "between",
        "contains",
        "includes",
        "starts",
        "starts_with",
        "startswith",
        "ends",
        "ends_with",
        "endswith",
        "matches",
        "match",
        "like",
        "glob",
        "regex",
        "regexp",
        "re",
        "pattern",
        "prefix",
        "suffix",
        "one",
        "any",
        "all",
        "none",
        "eq",
        "ne",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
    ];
    let questions = ["any", "all", "none", "null", "set", "unset", "present", "exists", "required", "missing", "empty"];
    let is_operator = first.len() < text.len() && operators.contains(&first.to_lowercase().as_str());
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    let is_range = ["..", "-", " to "].iter().any(|joint| text.split_once(joint).is_some_and(|(low, high)| is_number(low) && is_number(high)));
    let is_slashed = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).is_some_and(|(_, flags)| is_flags(flags));
    !is_operator
        && !questions.contains(&text.to_lowercase().as_str())
        && !is_range
        && !is_slashed
        && !text.starts_with(['!', '<', '>', '=', '~', '^', '%', '$'])
        && !text.ends_with(['$', '%'])
        && !text.contains(['*', '?', '|', '\\', '[', ']', '{', '}', ','])
        && ![".+", " and ", " or ", "&&"].iter().any(|sign| text.to_lowercase().contains(sign))
}

/// Whether letters are the flags behind a pattern between slashes, or nothing.
pub fn is_flags(letters: &str) -> bool {
    letters.len() <= 3 && letters.chars().all(|c| "gimsuxy".contains(c))
}

/// Whether the name of a field would be read as a condition.
pub fn is_more_than_a_field(name: &str) -> bool {
    name.contains(|c: char| c.is_whitespace() || "<>=!&|+*/%".contains(c))
}

/// `field operator value` as text that [`condition::read`] takes.
pub fn spelled(field: &str, operator: &str, value: &Json) -> Option<String> {
    if is_more_than_a_field(field) {
        return None;
    }
    if let Some((yes, no)) = question(operator) {
        return Some(format!("{field} {}", if value.as_bool() == Some(false) { no } else { yes }));
    }
    let sign = match snake(operator).as_str() {
        "==" | "=" | "eq" | "equals" | "equal" | "is" => "==",
        "!=" | "<>" | "ne" | "neq" | "not_equals" | "not_equal" | "is_not" => "!=",
        ">" | "gt" | "greater_than" => ">",
        ">=" | "gte" | "ge" | "greater_than_or_equal" | "at_least" => ">=",
        "<" | "lt" | "less_than" => "<",
        "<=" | "lte" | "le" | "less_than_or_equal" | "at_most" => "<=",
        "in" | "one_of" => "in",
        "not_in" | "nin" | "none_of" => "not in",
        "contains" | "includes" => "contains",
        "not_contains" | "does_not_contain" | "excludes" => "not_contains",
        "starts_with" | "startswith" | "prefix" => "starts_with",
        "not_starts_with" | "does_not_start_with" => "not_starts_with",
        "ends_with" | "endswith" | "suffix" => "ends_with",
        "not_ends_with" | "does_not_end_with" => "not_ends_with",
        "matches" | "regex" | "match" => "matches",
        "not_matches" | "not_match" | "not_regex" | "does_not_match" => "not_matches",
        "like" | "glob" => "like",
        "between" | "range" if value.as_list().is_some_and(|ends| ends.len() == 2) => "between",
        "not_between" if value.as_list().is_some_and(|ends| ends.len() == 2) => "not between",
        _ => return None,
    };
    match value {
        Json::Object(_) => None,
        Json::List(elements) if elements.iter().any(|element| matches!(element, Json::Object(_) | Json::List(_))) => None,
        _ => Some(format!("{field} {sign} {value}")),
    }
}

/// An operator that asks about a field alone, as a phrase, and its opposite.
pub fn question(operator: &str) -> Option<(&'static str, &'static str)> {
    let (set, unset, empty, filled) = ("is set", "is not set", "is empty", "is not empty");
    Some(match snake(operator).as_str() {
        "exists" | "present" | "is_set" | "is_present" | "is_not_null" | "not_null" => (set, unset),
        "not_exists" | "does_not_exist" | "missing" | "absent" | "is_missing" | "is_not_set" | "is_null" => (unset, set),
        "is_empty" | "empty" => (empty, filled),
        "is_not_empty" | "not_empty" => (filled, empty),
        _ => return None,
    })
}

fn snake(operator: &str) -> String {
    operator.trim().to_lowercase().replace([' ', '-'], "_")
}
