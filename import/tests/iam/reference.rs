//! A plain evaluator of IAM policies, written from the documentation and from nothing of the importer.

use std::net::IpAddr;

use serde_json::Value;

/// Whether an identity-based policy allows a request: some `Allow` matches, and no `Deny`.
pub fn is_allowed(document: &Value, request: &Value) -> bool {
    let (allows, denies) = effects(document, request);
    allows && !denies
}

/// Whether an `Allow` of it matches, and whether a `Deny`.
pub fn effects(document: &Value, request: &Value) -> (bool, bool) {
    let has_variables = document["Version"] == "2012-10-17";
    let matching = |effect: &str| {
        let mut of_effect = many(&document["Statement"]).into_iter().filter(|statement| statement["Effect"] == effect);
        of_effect.any(|statement| matches(statement, request, has_variables))
    };
    (matching("Allow"), matching("Deny"))
}

fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn matches(statement: &Value, request: &Value, has_variables: bool) -> bool {
    let action = text(&request["action"]).to_lowercase();
    let lists_action = |list: &Value| many(list).into_iter().any(|pattern| glob(&text(pattern).to_lowercase(), &action));
    let resource = text(&request["resource"]);
    let lists_resource = |list: &Value| {
        many(list).into_iter().any(|pattern| {
            let signs = signs(&text(pattern), request, has_variables);
            signs.is_some_and(|signs| fits(&completed(signs), &resource.chars().collect::<Vec<_>>(), 0))
        })
    };
    let is_action = if statement["NotAction"].is_null() { lists_action(&statement["Action"]) } else { !lists_action(&statement["NotAction"]) };
    let is_resource =
        if statement["NotResource"].is_null() { lists_resource(&statement["Resource"]) } else { !lists_resource(&statement["NotResource"]) };
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    let mut each = conditions.flat_map(|(operator, keys)| keys.as_object().into_iter().flatten().map(move |(key, values)| (operator, key, values)));
    is_action && is_resource && each.all(|(operator, key, values)| holds(operator, key, &many(values), request, has_variables))
}

/// A sign of a pattern: a character, `*` or `?`.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Is(char),
    Run,
    One,
}

/// A pattern with what its variables are; `None` where one is not known.
fn signs(pattern: &str, request: &Value, has_variables: bool) -> Option<Vec<Sign>> {
    let mut signs = Vec::new();
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        if has_variables && rest.starts_with("${") {
            let (name, after) = rest[2..].split_once('}').unwrap();
            rest = after;
            match name {
                "*" | "?" | "$" => signs.push(Sign::Is(name.chars().next().unwrap())),
                _ => {
                    let (key, default) = name.split_once(',').map_or((name, None), |(key, default)| (key, Some(default.trim().trim_matches('\''))));
                    let values = values(key.trim(), request);
                    let value = match (values.as_slice(), default) {
                        ([one], _) => one.clone(),
                        ([], Some(default)) => default.to_owned(),
                        _ => return None,
                    };
                    signs.extend(value.chars().map(Sign::Is));
                }
            }
            continue;
        }
        signs.push(match character {
            '*' => Sign::Run,
            '?' => Sign::One,
            other => Sign::Is(other),
        });
        rest = &rest[character.len_utf8()..];
    }
    Some(signs)
}

/// An ARN that ends early means all that begin so.
fn completed(mut signs: Vec<Sign>) -> Vec<Sign> {
    let is_arn = signs.starts_with(&['a', 'r', 'n', ':'].map(Sign::Is));
    if is_arn && signs.iter().filter(|sign| **sign == Sign::Is(':')).count() < 5 && signs.last() != Some(&Sign::Run) {
        signs.extend([Sign::Is(':'), Sign::Run]);
    }
    signs
}

/// Whether a text fits, where before the last part of an ARN wildcards stay in theirs, but for `*` at its end.
fn fits(signs: &[Sign], text: &[char], colons: usize) -> bool {
    match signs {
        [] => text.is_empty(),
        [Sign::Is(wanted), rest @ ..] => text.first() == Some(wanted) && fits(rest, &text[1..], colons + usize::from(*wanted == ':')),
        [sign, rest @ ..] => {
            let ends = rest.is_empty() || rest[0] == Sign::Is(':');
            let crosses = colons >= 5 || (*sign == Sign::Run && ends);
            let takes = text.first().is_some_and(|first| crosses || *first != ':');
            match sign {
                Sign::One => takes && fits(rest, &text[1..], colons),
                _ => fits(rest, text, colons) || (takes && fits(signs, &text[1..], colons)),
            }
        }
    }
}

/// Whether a text fits a pattern of `*` and `?`.
pub fn glob(pattern: &str, text: &str) -> bool {
    let begin = pattern.split(['*', '?']).next().unwrap();
    if !text.starts_with(begin) {
        return false;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // reached[i]: whether the text so far fits the first i signs
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    let close = |reached: &mut Vec<bool>| {
        for at in 0..pattern.len() {
            reached[at + 1] |= reached[at] && pattern[at] == '*';
        }
    };
    close(&mut reached);
    for character in text {
        let mut next = vec![false; pattern.len() + 1];
        for at in 0..pattern.len() {
            next[at + 1] |= reached[at] && (pattern[at] == '?' || pattern[at] == character);
            next[at] |= reached[at] && pattern[at] == '*';
        }
        close(&mut next);
        reached = next;
    }
    reached[pattern.len()]
}

/// The values of a context key.
fn values(key: &str, request: &Value) -> Vec<String> {
    let conditions = request["condition"].as_object().into_iter().flatten();
    let found = conditions.filter(|(name, _)| name.to_lowercase() == key.to_lowercase()).flat_map(|(_, value)| many(value));
    found.map(text).collect()
}

fn holds(operator: &str, key: &str, wanted: &[&Value], request: &Value, has_variables: bool) -> bool {
    let given = values(key, request);
    let wanted: Vec<String> = wanted.iter().map(|value| text(value)).collect();
    if operator == "Null" {
        return wanted.iter().any(|wanted| (wanted == "true") == given.is_empty());
    }
    let (set, base) = operator.split_once(':').unwrap_or(("", operator));
    let (base, if_exists) = base.strip_suffix("IfExists").map_or((base, false), |base| (base, true));
    if given.is_empty() && if_exists {
        return true;
    }
    let is_negated = base.contains("Not");
    let base = base.replace("Not", "");
    let one = |given: &String| wanted.iter().any(|wanted| compares(&base, given, wanted, request, has_variables));
    match set {
        "ForAllValues" => given.iter().all(|given| one(given) != is_negated),
        "ForAnyValue" => given.iter().any(|given| one(given) != is_negated),
        _ => given.iter().any(one) != is_negated,
    }
}

fn compares(base: &str, given: &str, wanted: &str, request: &Value, has_variables: bool) -> bool {
    let exactly = |given: &str, wanted: &str| {
        let signs = signs(wanted, request, has_variables);
        let literal: Option<String> = signs.map(|signs| {
            signs
                .into_iter()
                .map(|sign| match sign {
                    Sign::Is(is) => is,
                    Sign::Run => '*',
                    Sign::One => '?',
                })
                .collect()
        });
        literal.is_some_and(|literal| literal == given)
    };
    if let Some(order) = base.strip_prefix("Numeric") {
        let (Ok(given), Ok(wanted)) = (given.parse::<f64>(), wanted.parse::<f64>()) else { return false };
        return ordered(order, given.partial_cmp(&wanted).unwrap());
    }
    if let Some(order) = base.strip_prefix("Date") {
        // the generator gives dates of one form, which sort as texts do
        return ordered(order, given.cmp(wanted));
    }
    match base {
        "StringEquals" => exactly(given, wanted),
        "StringEqualsIgnoreCase" => {
            let signs = signs(wanted, request, has_variables);
            signs.is_some_and(|signs| {
                let literal: String = signs
                    .into_iter()
                    .map(|sign| match sign {
                        Sign::Is(is) => is,
                        Sign::Run => '*',
                        Sign::One => '?',
                    })
                    .collect();
                literal.to_lowercase() == given.to_lowercase()
            })
        }
        "StringLike" => signs(wanted, request, has_variables).is_some_and(|signs| fits(&signs, &given.chars().collect::<Vec<_>>(), 5)),
        "Bool" | "BinaryEquals" => given == wanted,
        "IpAddress" => in_network(given, wanted),
        "ArnEquals" | "ArnLike" => {
            let Some(signs) = signs(wanted, request, has_variables) else { return false };
            let (patterns, parts) = (six(&signs, &Sign::Is(':')), six(&given.chars().collect::<Vec<_>>(), &':'));
            patterns.len() == 6 && parts.len() == 6 && patterns.iter().zip(&parts).all(|(pattern, part)| fits(pattern, part, 5))
        }
        other => panic!("{other}"),
    }
}

/// Six parts between colons, of which the last has all that is left.
fn six<T: Clone + PartialEq>(whole: &[T], colon: &T) -> Vec<Vec<T>> {
    let mut parts = vec![Vec::new()];
    for one in whole {
        if one == colon && parts.len() < 6 { parts.push(Vec::new()) } else { parts.last_mut().unwrap().push(one.clone()) }
    }
    parts
}

fn ordered(order: &str, is: std::cmp::Ordering) -> bool {
    match order {
        "Equals" => is.is_eq(),
        "LessThan" => is.is_lt(),
        "LessThanEquals" => is.is_le(),
        "GreaterThan" => is.is_gt(),
        "GreaterThanEquals" => is.is_ge(),
        other => panic!("{other}"),
    }
}

fn in_network(given: &str, wanted: &str) -> bool {
    let (address, length) = wanted.split_once('/').map_or((wanted, None), |(address, length)| (address, Some(length.parse::<u32>().unwrap())));
    match (given.parse::<IpAddr>(), address.parse::<IpAddr>().unwrap()) {
        (Ok(IpAddr::V4(given)), IpAddr::V4(network)) => {
            let shift = 32 - length.unwrap_or(32);
            u64::from(u32::from(given)) >> shift == u64::from(u32::from(network)) >> shift
        }
        (Ok(IpAddr::V6(given)), IpAddr::V6(network)) => {
            let shift = 128 - length.unwrap_or(128);
            u128::from(given).checked_shr(shift) == u128::from(network).checked_shr(shift)
        }
        _ => false,
    }
}
