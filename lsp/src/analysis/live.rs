//! What the policies say of one request, rule by rule and condition by condition.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::program::{Condition, Rule};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::testing::{errors, summary, told, variables};
use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Decision, Engine, Exclusion, Observed, RuleTrace};

use super::text_of;

/// The longest text that stands in a line, in bytes.
const LONGEST: usize = 100;

/// A set that has decided a request.
#[derive(Clone, Debug)]
pub struct Live {
    engine: Engine,
    request: Vec<u8>,
    /// What was decided.
    pub decision: Decision,
}

/// Something that is shown at the end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveHint {
    /// The end of the line.
    pub offset: u32,
    /// What is shown.
    pub text: String,
    /// What more there is to know.
    pub tooltip: String,
    /// What it says.
    pub state: LiveState,
}

/// What is said of a part of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// The decision.
    Decision,
    /// The rule matches.
    Matched,
    /// The rule does not match.
    NotMatched,
    /// The rule is not about the call: it is not looked at.
    Excluded,
    /// The condition holds, or the exception does not.
    Holds,
    /// The condition does not hold, or the exception does.
    Fails,
    /// It ended in an error.
    Error,
}

/// Decides a request, with data by name, as JSON.
///
/// # Errors
/// When the set has errors, or the data do not fit.
pub fn live(set: &mut PolicySet, data: &[(String, Vec<u8>)], request: &[u8]) -> Result<Live, String> {
    let plan = set.plan().map_err(|_| "the policies have errors".to_owned())?.clone();
    let engine = Engine::new(plan).map_err(|error| error.to_string())?;
    engine.set_all(data.iter().map(|(name, json)| (name, json))).map_err(|error| error.to_string())?;
    let decision = engine.decide(request);
    Ok(Live { engine, request: request.to_vec(), decision })
}

/// What is shown in a part of a file, in the order of its lines. Each rule of the part costs a look at all rules of the set.
pub fn annotations(set: &PolicySet, live: &Live, file: FileId, within: Span) -> Vec<LiveHint> {
    let text = text_of(set, file);
    let mut hints: Vec<LiveHint> = Vec::new();
    for item in set.items(file).filter(|item| item.span.start <= within.end && within.start <= item.span.end) {
        match item.item.map(|written| (&written.kind, item.at(written.span))) {
            Some((ItemKind::Package(_), span)) => hints.push(decided(live, line_end(text, span.end))),
            Some((ItemKind::Rule(rule), _)) => hints.extend(of_rule(set, live, Location { file, span: item.at(rule.name.span) }, &rule.name.text)),
            _ => {}
        }
    }
    hints.sort_by_key(|hint| hint.offset);
    hints
}

/// What is shown where nothing can be decided: that it is so, behind the package, and why.
pub fn failed(set: &PolicySet, file: FileId, within: Span, input: &str, reason: &str) -> Option<LiveHint> {
    let package = set.items(file).find(|item| item.item.is_some_and(|item| matches!(item.kind, ItemKind::Package(_))));
    let top = package.and_then(|item| Some(item.at(item.item?.span).end)).unwrap_or(0);
    let offset = line_end(text_of(set, file), top);
    let tooltip = format!("nothing is decided live by `{input}`: {reason}");
    let hint = LiveHint { offset, text: cut(&format!("no decision by {input}")), tooltip, state: LiveState::Error };
    (within.start..=within.end).contains(&offset).then_some(hint)
}

fn decided(live: &Live, offset: u32) -> LiveHint {
    let reasons = live.decision.reasons().map(|reason| reason.text.to_owned());
    let met = errors(&live.decision);
    let text = match met.first().filter(|_| live.decision.rules().len() == 0) {
        Some(error) => format!("{}: {error}", summary(&live.decision)),
        None => summary(&live.decision),
    };
    let tooltip: Vec<String> = reasons.chain(met).collect();
    LiveHint { offset, text: cut(&text), tooltip: tooltip.join("\n"), state: LiveState::Decision }
}

fn of_rule(set: &PolicySet, live: &Live, name: Location, own: &str) -> Vec<LiveHint> {
    let full = format!("{}.{own}", set.package(name.file));
    let rules = &set.program().rules;
    let rule = rules.binary_search_by(|rule| (*rule.name).cmp(&full)).ok().and_then(|place| rules.get(place));
    let Some((rule, trace)) = rule.zip(live.engine.explain_rule(&full, &live.request)) else { return Vec::new() };
    let text = text_of(set, name.file);
    let choice = trace.choices.iter().find(|choice| choice.conditions.iter().all(holds)).or(trace.choices.first());
    let mut hints = vec![head(&trace, choice, line_end(text, name.span.end))];
    let conditions = trace.conditions.iter().chain(choice.into_iter().flat_map(|choice| &choice.conditions));
    hints.extend(conditions.filter_map(|condition| {
        let written = written(rule, condition)?;
        of_condition(condition, line_end(text, set.place(written.expr.at).span.end))
    }));
    hints
}

/// What is said of a rule as a whole.
fn head(trace: &RuleTrace, choice: Option<&ChoiceTrace>, offset: u32) -> LiveHint {
    let (state, text) = match &trace.excluded {
        _ if trace.matched && trace.shadow => (LiveState::Matched, "would match".to_owned()),
        _ if trace.matched => (LiveState::Matched, "matches".to_owned()),
        _ if !trace.on => (LiveState::Excluded, "about other tools".to_owned()),
        Some(Exclusion::Never) => (LiveState::Excluded, "can never match".to_owned()),
        Some(Exclusion::Tool) => (LiveState::Excluded, "filed under other tools".to_owned()),
        Some(Exclusion::Value { expression, value, .. }) if !expression.is_empty() => {
            (LiveState::Excluded, format!("filed under another value: {expression} = {value}"))
        }
        _ if trace.error.is_some() => (LiveState::Error, "ends in an error".to_owned()),
        _ => (LiveState::NotMatched, "does not match".to_owned()),
    };
    let variables = choice.map(variables).filter(|variables| !variables.is_empty()).map(|variables| format!("for {variables}"));
    let tooltip: Vec<String> = [trace.reason.clone(), trace.error.clone(), variables].into_iter().flatten().collect();
    LiveHint { offset, text: cut(&text), tooltip: tooltip.join("\n"), state }
}

fn of_condition(condition: &ConditionTrace, offset: u32) -> Option<LiveHint> {
    let (state, word) = match &condition.observed {
        Observed::NotReached => return None,
        Observed::Error(error) => (LiveState::Error, format!("error: {error}")),
        Observed::Value(value) => (if holds(condition) { LiveState::Holds } else { LiveState::Fails }, value.clone()),
    };
    let mut values = Vec::new();
    parts(condition, &mut values);
    let text = if values.is_empty() { word } else { format!("{word}: {}", values.join(", ")) };
    Some(LiveHint { offset, text: cut(&text), tooltip: told(condition), state })
}

/// Whether a condition is as the rule needs it.
fn holds(condition: &ConditionTrace) -> bool {
    matches!(&condition.observed, Observed::Value(value) if (value == "true") != condition.unless)
}

/// The values that a condition reads.
fn parts(condition: &ConditionTrace, values: &mut Vec<String>) {
    for part in &condition.parts {
        if let (true, Observed::Value(_)) = (part.parts.is_empty(), &part.observed) {
            let value = format!("{} = {}", part.text, part.observed);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        parts(part, values);
    }
}

/// The condition of a rule that a trace is of.
fn written<'r>(rule: &'r Rule, trace: &ConditionTrace) -> Option<&'r Condition> {
    match trace.unless {
        true => rule.unless.as_ref(),
        false => rule.when.iter().find(|condition| condition.text == trace.text),
    }
}

fn line_end(text: &str, offset: u32) -> u32 {
    let rest = text.get(offset as usize..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    offset + line.trim_end_matches('\r').len() as u32
}

fn cut(text: &str) -> String {
    match text.len() > LONGEST {
        true => format!("{}…", text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default()),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use tollgate_compiler::Sources;

    use super::*;

    const WHOLE: Span = Span { start: 0, end: u32::MAX };

    const POLICY: &str = "package shop // ours\ndata known: map<int> = {}\ntool \"pay/send\" { args { amount: int, to: string } }\n\
deny large on \"pay/send\"\n  when args.amount > 1_000\n    and agent.role != \"admin\"\n  unless agent.team == \"till\" because \"{args.amount}\"\n\
allow small on \"pay/send\" when args.amount < limit and known.len() == 0\nlet limit = 50 * 2\n\
allow by_role when agent.role == \"clerk\" and agent.id == \"é\"\nreview other on \"crm/*\"\ndeny broken when 1 / args.amount.as_int().len() == 2\n\
@shadow deny listed for k in known when k > 3\nallow never when agent.id in [] // no\n";

    fn shown_with(policy: &str, data: &[(String, Vec<u8>)], request: &str) -> String {
        let mut set = PolicySet::check(Sources::of("a.toll", policy));
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let live = live(&mut set, data, request.as_bytes()).unwrap();
        let mut text = policy.to_owned();
        for hint in annotations(&set, &live, FileId(0), WHOLE).into_iter().rev() {
            let mut hints = String::new();
            let _ = write!(hints, "   «{:?} {}»", hint.state, hint.text);
            text.insert_str(hint.offset as usize, &hints);
        }
        text
    }

    #[test]
    fn every_rule_and_condition_says_what_became_of_it() {
        let policy = POLICY.replace(
            "deny broken when 1 / args.amount.as_int().len() == 2\n",
            "deny broken when 1 / agent.id.len() > 2 and agent.role.len() / (agent.id.len() - 3) == 0\n",
        );
        let data = [("known".to_owned(), br#"{"a": 1, "b": 5}"#.to_vec())];
        let requests = [
            r#"{"agent": {"id": "bot"}, "tool": {"name": "send", "server": "pay"}, "args": {"amount": 5000, "to": "x"}}"#,
            r#"{"agent": {"id": "b", "role": "clerk"}, "tool": {"name": "send", "server": "pay"}, "args": {"amount": 40, "to": "x"}}"#,
            r#"{"agent": {"id": "b"}, "tool": {"name": "read", "server": "crm"}}"#,
            r#"{"agent": 1}"#,
        ];
        let told: Vec<String> = requests.iter().map(|request| format!("==== {request}\n{}", shown_with(&policy, &data, request))).collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn what_decides_nothing_is_told_at_the_top() {
        let set = PolicySet::check(Sources::of("a.toll", "// é\npackage a // ours\nallow x when 1\n"));
        let hint = failed(&set, FileId(0), WHOLE, "call.json", "it is no JSON").unwrap();
        assert_eq!((hint.offset, hint.text.as_str()), (23, "no decision by call.json"));
        assert_eq!(hint.tooltip, "nothing is decided live by `call.json`: it is no JSON");
        assert_eq!(failed(&set, FileId(0), Span { start: 30, end: 31 }, "call.json", "x"), None);
        let none = PolicySet::check(Sources::of("a.toll", ""));
        assert_eq!(failed(&none, FileId(0), WHOLE, "call.json", "x").unwrap().offset, 0);
    }

    #[test]
    fn what_cannot_decide_says_why() {
        let mut broken = PolicySet::check(Sources::of("a.toll", "package a\nallow x when 1\n"));
        assert_eq!(live(&mut broken, &[], b"{}").unwrap_err(), "the policies have errors");
        let mut set = PolicySet::check(Sources::of("a.toll", "package a\nallow x\n"));
        assert!(live(&mut set, &[("nothing".to_owned(), b"1".to_vec())], b"{}").unwrap_err().contains("nothing"));
        let request = live(&mut set, &[], b"\xff").unwrap();
        assert_eq!(annotations(&set, &request, FileId(0), WHOLE).len(), 1);
        assert!(annotations(&set, &request, FileId(9), WHOLE).is_empty());
    }
}
