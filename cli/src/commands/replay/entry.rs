//! A line of a log: a request, or a request with the decision that was made of it.

use tollgate_evaluator::{Effect, members};

/// A line of a log.
#[derive(Debug)]
pub struct Entry<'l> {
    /// The request.
    pub input: &'l [u8],
    /// What was decided.
    pub logged: Option<Logged>,
}

/// A decision as a log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The effect.
    pub effect: Effect,
    /// The rules, where the log names them.
    pub rules: Vec<String>,
}

impl Entry<'_> {
    /// `{"input": REQUEST, "decision": {"effect", "rules"?}}` or `{"input": REQUEST, "effect": EFFECT}`; any other line is a request itself.
    pub fn of(line: &[u8]) -> Entry<'_> {
        logged(line).unwrap_or(Entry { input: line, logged: None })
    }
}

fn logged(line: &[u8]) -> Option<Entry<'_>> {
    let [input, decision, effect] = members(std::str::from_utf8(line).ok()?, ["input", "decision", "effect"])?;
    let [effect, rules] = match decision.filter(|decision| *decision != "null") {
        Some(decision) => members(decision, ["effect", "rules"])?,
        None => [effect, None],
    };
    let effect = serde_json::from_str(effect?).ok()?;
    let rules = rules.map_or(Ok(Vec::new()), serde_json::from_str).ok()?;
    Some(Entry { input: input?.as_bytes(), logged: Some(Logged { effect, rules }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_entry_or_a_request() {
        let of = |line: &'static str| {
            let entry = Entry::of(line.as_bytes());
            (std::str::from_utf8(entry.input).unwrap_or_default(), entry.logged.map(|logged| (logged.effect, logged.rules)))
        };
        assert_eq!(of(r#"{"input": {"a": 1}, "effect": "deny", "at": 3}"#), (r#"{"a": 1}"#, Some((Effect::Deny, Vec::new()))));
        let logged = Some((Effect::Allow, vec!["p.a".to_owned()]));
        assert_eq!(of(r#"{"decision": {"effect": "allow", "rules": ["p.a"], "x": 1}, "input": {}}"#), ("{}", logged));
        assert_eq!(of(r#"{"decision": null, "effect": "review", "input": []}"#), ("[]", Some((Effect::Review, Vec::new()))));
        for request in [r#"{"a": 1}"#, r#"{"input": {"a": 1}}"#, r#"{"input": {}, "effect": "perhaps"}"#, "nonsense", ""] {
            assert_eq!(of(request), (request, None));
        }
    }
}
