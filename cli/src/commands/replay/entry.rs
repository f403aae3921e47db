//! A line of a log: a request, or a request with the decision that was made of it.

use tollgate_evaluator::{Effect, members};

/// A line of a log.
#[derive(Debug)]
pub struct Entry<'l> {
    /// The request; the whole line where it cannot be taken apart.
    pub input: &'l [u8],
    /// What the line has beside it.
    pub recorded: Recorded<'l>,
}

/// What a log has of a decision.
#[derive(Debug, PartialEq, Eq)]
pub enum Recorded<'l> {
    /// Nothing: the line is a request.
    Nothing,
    /// What was decided.
    Decision(Logged<'l>),
    /// A decision that is not understood.
    Unreadable,
    /// The line itself cannot be taken apart, and why.
    Broken(&'static str),
}

/// A decision as a log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged<'l> {
    /// The effect.
    pub effect: Effect,
    /// The rules, where the log names them.
    pub rules: Vec<String>,
    /// The list of what it requires, as it is written, where the log has one.
    pub obligations: Option<&'l str>,
}

impl Entry<'_> {
    /// `{"input": REQUEST, "decision": {"effect", "rules"?, "obligations"?}}` or `{"input": REQUEST, "effect": EFFECT}`; any other object is a request itself.
    pub fn of(line: &[u8]) -> Entry<'_> {
        let whole = |recorded| Entry { input: line, recorded };
        let Ok(text) = std::str::from_utf8(line) else { return whole(Recorded::Broken("the line is no UTF-8")) };
        match members(text, ["input", "decision", "effect"]) {
            None => whole(Recorded::Broken("the line is no JSON object, or has `input`, `decision` or `effect` twice")),
            Some([Some(input), decision, effect]) if decision.or(effect).is_some() => {
                let recorded = logged(decision, effect).map_or(Recorded::Unreadable, Recorded::Decision);
                Entry { input: input.as_bytes(), recorded }
            }
            Some(_) => whole(Recorded::Nothing),
        }
    }
}

/// What is said of a decision that is not understood.
pub const NO_DECISION: &str =
    "the line's decision has no effect `allow`, `review` or `deny`, or `rules` that are no list of names, or `obligations` that are no list";

fn logged<'l>(decision: Option<&'l str>, effect: Option<&'l str>) -> Option<Logged<'l>> {
    let [effect, rules, obligations] = match decision.filter(|decision| *decision != "null") {
        Some(decision) => members(decision, ["effect", "rules", "obligations"])?,
        None => [effect, None, None],
    };
    let effect = match effect? {
        r#""allow""# => Effect::Allow,
        r#""review""# => Effect::Review,
        r#""deny""# => Effect::Deny,
        _ => return None,
    };
    let rules = rules.map_or(Ok(Vec::new()), serde_json::from_str).ok()?;
    let is_list = obligations.is_none_or(|obligations| obligations.starts_with('['));
    is_list.then_some(Logged { effect, rules, obligations })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> (&str, Recorded<'_>) {
        let entry = Entry::of(line.as_bytes());
        (std::str::from_utf8(entry.input).unwrap_or_default(), entry.recorded)
    }

    #[test]
    fn a_line_is_an_entry_or_a_request() {
        let required = |effect, rules: &[&str], obligations| {
            let rules = rules.iter().map(ToString::to_string).collect();
            Recorded::Decision(Logged { effect, rules, obligations })
        };
        let decided = |effect, rules| required(effect, rules, None);
        assert_eq!(of(r#"{"input": {"a": 1}, "effect": "deny", "at": 3}"#), (r#"{"a": 1}"#, decided(Effect::Deny, &[])));
        let line = r#"{"decision": {"effect": "allow", "rules": ["p.a"], "x": 1}, "input": {}}"#;
        assert_eq!(of(line), ("{}", decided(Effect::Allow, &["p.a"])));
        let line = r#"{"input": {}, "decision": {"effect": "allow", "obligations": [{"name": "a"}]}}"#;
        assert_eq!(of(line), ("{}", required(Effect::Allow, &[], Some(r#"[{"name": "a"}]"#))));
        assert_eq!(of(r#"{"decision": null, "effect": "review", "input": []}"#), ("[]", decided(Effect::Review, &[])));
        for request in [r#"{"a": 1}"#, r#"{"input": {"a": 1}}"#, r#"{"decision": {"effect": "allow"}}"#] {
            assert_eq!(of(request), (request, Recorded::Nothing));
        }
    }

    #[test]
    fn what_is_not_understood_is_no_decision() {
        for recorded in [
            r#""effect": "perhaps""#,
            r#""effect": "Deny""#,
            r#""effect": {"allow": null}"#,
            r#""decision": "deny""#,
            r#""decision": {"effect": {"deny": null}}"#,
            r#""decision": {"effect": "deny", "rules": "p.a"}"#,
            r#""decision": {"effect": "deny", "obligations": "audit"}"#,
            r#""decision": {"effect": "deny", "obligations": null}"#,
        ] {
            assert_eq!(of(&format!(r#"{{"input": {{}}, {recorded}}}"#)), ("{}", Recorded::Unreadable), "{recorded}");
        }
        for line in [r#"{"input": {}, "input": {}, "effect": "allow"}"#, "nonsense", "", "[]", r#"{"input": {}, "effect": "allow""#] {
            assert!(matches!(of(line), (input, Recorded::Broken(_)) if input == line), "{line}");
        }
        assert!(matches!(Entry::of(b"{\"input\": \"\xff\", \"effect\": \"allow\"}").recorded, Recorded::Broken(_)));
    }
}
