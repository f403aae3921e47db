//! A line of a log: a request, or a request with the decision that was made of it.

use serde::Deserialize;
use serde_json::value::RawValue;
use tollgate_evaluator::Effect;

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

#[derive(Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    input: Option<&'l RawValue>,
    decision: Option<LineDecision>,
    effect: Option<String>,
}

#[derive(Deserialize)]
struct LineDecision {
    effect: String,
    #[serde(default)]
    rules: Vec<String>,
}

impl Entry<'_> {
    /// `{"input": REQUEST, "decision": {"effect", "rules"?}}` or `{"input": REQUEST, "effect": EFFECT}`; any other line is a request itself.
    pub fn of(line: &[u8]) -> Entry<'_> {
        let request = Entry { input: line, logged: None };
        let Ok(Line { input: Some(input), decision, effect }) = serde_json::from_slice::<Line<'_>>(line) else { return request };
        let decision = decision.or(effect.map(|effect| LineDecision { effect, rules: Vec::new() }));
        let logged = decision.and_then(|decision| Some(Logged { effect: effect_named(&decision.effect)?, rules: decision.rules }));
        if logged.is_some() { Entry { input: input.get().as_bytes(), logged } } else { request }
    }
}

fn effect_named(name: &str) -> Option<Effect> {
    [Effect::Allow, Effect::Review, Effect::Deny].into_iter().find(|effect| effect.name() == name)
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
        for request in [r#"{"a": 1}"#, r#"{"input": {"a": 1}}"#, r#"{"input": {}, "effect": "perhaps"}"#, "nonsense", ""] {
            assert_eq!(of(request), (request, None));
        }
    }
}
