//! Recorded calls: a file of one, or a log of one a line, as `tollgate replay` reads them.

use super::actions::Value;

/// The request of a recorded call: `{"input": REQUEST, "decision": {"effect": EFFECT}}` and `{"input": REQUEST, "effect": EFFECT}` say what was decided
/// too, anything else is a request itself. `None` of what is no JSON object.
pub fn request(recorded: &str) -> Option<Value> {
    let Value::Object(fields) = Value::parse(recorded)? else { return None };
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let effect = field("decision").map_or_else(|| field("effect"), |decision| decision.get("effect"));
    let was_decided = matches!(effect, Some(Value::Text(effect)) if ["allow", "review", "deny"].contains(&effect.as_str()));
    match field("input") {
        Some(input) if was_decided => Some(input.clone()),
        _ => Some(Value::Object(fields)),
    }
}

/// The lines of a log that are not empty, with their numbers, from one on.
pub fn lines(log: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(log.lines()).map(|(number, line)| (number, line.trim())).filter(|(_, line)| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_request_or_has_one() {
        let cases = [
            (r#"{"input": {"a": 1}, "effect": "deny", "at": 3}"#, Some(r#"{"a":1}"#)),
            (r#"{"decision": {"effect": "allow", "rules": ["p.a"]}, "input": {}}"#, Some("{}")),
            (r#"{"input": {"a": 1}}"#, Some(r#"{"input":{"a":1}}"#)),
            (r#"{"input": {}, "effect": "perhaps"}"#, Some(r#"{"input":{},"effect":"perhaps"}"#)),
            ("[]", None),
            ("nonsense", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(request(line).map(|value| value.to_json()).as_deref(), expected, "{line}");
        }
        assert_eq!(lines("{}\n\n \r\n {\"a\": 1} \r\n").collect::<Vec<_>>(), [(1, "{}"), (4, "{\"a\": 1}")]);
    }
}
