//! What lints say of conditions, held to decisions: a rule that is said never to match allows nothing, nor does one that is said never to decide; what is offered to be
//! taken away, as it is always true or said already, makes no difference.

#![cfg(test)]

#[path = "oracle/random.rs"]
#[expect(dead_code, reason = "the oracle asks for more")]
mod random;

use tollgate_compiler::diagnostic::{Code, Diagnostic, Fix};
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Effect, Engine};

use random::Random;

const POLICIES: u64 = 400;

const ITEMS: &str = r#"package a
tool "crm/read" { category: "read", labels: {"pii"}, read_only: true, destructive: false }
tool "crm/drop" { category: "drop", labels: {"pii", "eu"} }
tool "list" { category: "read", read_only: true }
tool "fs/list" { category: "list", labels: {"eu"} }
fn is(x: string) = agent.id == x
fn either(x: string, y: string) = is(x) or agent.role == y
fn tagged(label: string) = label in tool.labels
let price = if agent.id == "x" then 5 else if agent.role == "a" then 10 else 15
let reads = tool.category == "read" and not tool.destructive
"#;

const TOOLS: &[&str] =
    &["", "", "on \"crm/read\"", "on \"crm/read\", \"crm/drop\"", "on \"list\"", "on \"fs/list\"", "on \"web/get\"", "on \"crm/*\""];

const CHOICES: &[&str] = &["", "", "", "for g in {\"a\", \"b\"}", "for g in [\"x\"]", "for g in agent.labels"];

const ATOMS: &[&str] = &[
    "tool.read_only",
    "tool.destructive",
    "tool.declared",
    "reads",
    "tool.category == \"read\"",
    "tool.category != \"drop\"",
    "tool.category.len() > 3",
    "\"pii\" in tool.labels",
    "tagged(\"eu\")",
    "tool.labels.is_empty()",
    "tool.name == \"list\"",
    "tool.name like \"r*\"",
    "tool.server == \"crm\"",
    "agent.id == \"x\"",
    "agent.id != \"y\"",
    "is(\"x\")",
    "is(\"y\")",
    "either(\"y\", \"b\")",
    "agent.id == agent.role",
    "agent.role != agent.id",
    "agent.role in {\"a\", \"b\"}",
    "agent.role == \"b\"",
    "price > 10",
    "price <= 15",
    "price == 7",
    "session.cost > 1",
    "2 <= session.cost",
    "session.cost < 2",
    "\"prod\" like \"p*\"",
    "\"prod\".starts_with(\"t\")",
];

const OF_CHOICE: &[&str] = &["g == \"a\"", "g != \"c\"", "g == agent.role", "g.starts_with(\"b\")", "is(g)"];

fn condition(random: &mut Random, depth: usize, has_choice: bool) -> String {
    if depth == 0 || random.chance(40) {
        let atoms = if has_choice && random.chance(40) { OF_CHOICE } else { ATOMS };
        return random.word(atoms).to_owned();
    }
    if random.chance(20) {
        return format!("not ({})", condition(random, depth - 1, has_choice));
    }
    let word = random.word(&["and", "or"]);
    let (left, right) = (condition(random, depth - 1, has_choice), condition(random, depth - 1, has_choice));
    format!("({left} {word} {right})")
}

fn policy(random: &mut Random) -> String {
    let mut text = ITEMS.to_owned();
    for (effect, because) in [("allow", ""), ("deny", "because \"a\"")].into_iter().take(random.within(1, 2)) {
        let (on, choice) = (random.word(TOOLS), random.word(CHOICES));
        let when: Vec<String> = (0..random.within(1, 3)).map(|_| condition(random, 2, !choice.is_empty())).collect();
        let unless = if random.chance(30) { format!("unless {}", condition(random, 1, !choice.is_empty())) } else { String::new() };
        text.push_str(&format!("{effect} {effect}s {on} {choice} when {} {unless} {because}\n", when.join(" and ")));
    }
    text
}

fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    for (server, name) in [("crm", "read"), ("crm", "drop"), ("crm", "list"), ("fs", "list"), ("o", "list"), ("web", "get"), ("fs", "read")] {
        for (id, role) in ["x", "y", "a", "z"].into_iter().flat_map(|id| ["a", "b", "x"].map(|role| (id, role))) {
            for (cost, labels) in [(0, "[]"), (1, "[\"a\"]"), (2, "[\"b\",\"x\"]"), (3, "[\"c\"]")] {
                requests.push(format!(
                    r#"{{"agent":{{"id":"{id}","role":"{role}","labels":{labels}}},"tool":{{"server":"{server}","name":"{name}"}},"session":{{"cost":{cost}}}}}"#
                ));
            }
        }
    }
    requests
}

fn set(text: &str) -> PolicySet {
    let set = PolicySet::check(Sources::of("a.toll", text));
    assert!(!set.has_errors(), "{text}\n{:?}", set.diagnostics());
    set
}

fn effects(text: &str, requests: &[String]) -> Vec<Effect> {
    let engine = Engine::new(set(text).plan().unwrap().clone()).unwrap();
    requests
        .iter()
        .map(|request| engine.decide(request.as_bytes()))
        .inspect(|decision| assert_eq!(decision.errors().len(), 0))
        .map(|decision| decision.effect())
        .collect()
}

fn fixed(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.at.span.start as usize..edit.at.span.end as usize, &edit.text);
    }
    text
}

#[test]
fn what_lints_say_of_conditions_is_so() {
    let requests = requests();
    let mut told = std::collections::BTreeMap::<&str, usize>::new();
    for seed in 0..POLICIES {
        let text = policy(&mut Random::new(seed));
        let decided = effects(&text, &requests);
        let codes = [Code::NeverMatches, Code::ShadowedRule, Code::ConstantCondition, Code::ConstantComparison, Code::RepeatedCondition];
        let found = set(&text).lints(&Levels::default());
        for Diagnostic { code, at, fixes, message, .. } in found.iter().filter(|found| codes.contains(&found.code)) {
            *told.entry(code.name()).or_default() += 1;
            let is_of_allow = text[at.span.start as usize..].starts_with("allows");
            let is_idle = matches!(code, Code::NeverMatches | Code::ShadowedRule) && is_of_allow;
            assert!(!is_idle || !decided.contains(&Effect::Allow), "{message}: {text}");
            for fix in fixes {
                assert_eq!(effects(&fixed(&text, fix), &requests), decided, "{message}: {}: {text}", fix.title);
            }
        }
    }
    assert!(told.len() == 5, "{told:?}");
}
