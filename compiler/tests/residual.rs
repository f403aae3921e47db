//! What is left of rules where only some of a request is known, held to decisions of whole requests: what is said to be certain is, and what is left
//! of a rule, put back into a policy as text, matches as the rule does.
//!
//! `TOLLGATE_RESIDUAL_PAIRS` says how many pairs of a policy and a request are tried, `TOLLGATE_RESIDUAL_SEED` where the seeds begin.

#![cfg(test)]

#[path = "oracle/generate/mod.rs"]
mod generate;
#[path = "oracle/random.rs"]
mod random;

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_json::value::RawValue;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::residual::{Outlook, Residuals};
use tollgate_compiler::{PolicySet, Sources, format};
use tollgate_evaluator::{Effect, Engine};

use generate::Case;
use random::Random;

const PAIRS: usize = 3_000;
const ROUNDS: usize = 1;
const REQUESTS: usize = 10;

#[expect(clippy::disallowed_methods, reason = "the size of a run is asked for in the environment")]
fn variable(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[derive(Default, Debug)]
struct Tally {
    pairs: usize,
    settled: usize,
    clauses: usize,
    /// Clauses that were put back into a policy.
    tried: usize,
    /// What is left of rules with a text that the compiler refuses: mostly literals that are compared with each other.
    refused: usize,
}

#[test]
fn what_is_left_decides_as_the_rules_do() {
    let first = variable("TOLLGATE_RESIDUAL_SEED", 1) as u64;
    let policies = variable("TOLLGATE_RESIDUAL_PAIRS", PAIRS).div_ceil(ROUNDS * REQUESTS) as u64;
    let mut tally = Tally::default();
    for seed in first..first + policies {
        try_case(&generate::case(seed, ROUNDS, REQUESTS), seed, &mut tally);
    }
    println!("{tally:?}");
    if policies > 100 {
        assert!(tally.settled > 0 && tally.tried * 10 > tally.clauses * 9, "{tally:?}");
    }
}

fn check(files: &[(String, String)]) -> PolicySet {
    let mut sources = Sources::new();
    files.iter().for_each(|(path, text)| {
        sources.add(path.clone(), text.clone());
    });
    PolicySet::check(sources)
}

fn is_rule(item: &str) -> bool {
    let starts = ["allow ", "review ", "deny "].into_iter().flat_map(|effect| ["r_", "m_"].map(|name| format!("{effect}{name}")));
    starts.into_iter().any(|start| item.starts_with(&start) || item.contains(&format!(" {start}")) || item.contains(&format!("\n{start}")))
}

fn try_case(case: &Case, seed: u64, tally: &mut Tally) {
    let set = check(&generate::files(&case.items, 50));
    let Ok(lowered) = set.lower(&LowerOptions { outline: true, ..LowerOptions::default() }) else { return };
    let residuals = Residuals::new(&set, lowered).unwrap();
    let mut random = Random::new(seed ^ 0xACCE55);
    for round in &case.rounds {
        if residuals.engine().set_all(round.data.iter()).is_err() {
            continue;
        }
        for request in &round.requests {
            try_request(case, seed, (&residuals, &set), &round.data, request, &mut random, tally);
        }
    }
}

fn try_request(
    case: &Case,
    seed: u64,
    (residuals, set): (&Residuals<'_>, &PolicySet),
    data: &BTreeMap<String, String>,
    request: &str,
    random: &mut Random,
    tally: &mut Tally,
) {
    let decision: Json = serde_json::from_str(&residuals.engine().decide(request.as_bytes()).to_json()).unwrap();
    let is_refused = decision["errors"].as_array().unwrap().iter().any(|error| ["path", "limit", "data"].iter().any(|at| error.get(at).is_some()));
    let Some((known, tool)) = (!is_refused).then(|| part_of(request, random)).flatten() else { return };
    let names: Vec<String> = residuals.tools().map(ToString::to_string).collect();
    let Some(place) = [tool.0.clone() + "/" + &tool.1, tool.1].into_iter().find_map(|name| names.iter().position(|known| *known == name)) else {
        return;
    };
    let told = || format!("seed: {seed}\nrequest: {request}\nknown: {known}\ntool: {}\ndata: {data:?}\ndecision: {decision}", names[place]);
    let outlook = residuals.suppose(known.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{}", told())).outlook(place);
    let effect = [Effect::Allow, Effect::Review, Effect::Deny].into_iter().find(|effect| decision["effect"] == effect.name()).unwrap();
    tally.pairs += 1;
    assert!(outlook.may(effect), "{effect} is not foreseen\n{outlook:#?}\n{}", told());
    if let Some(settled) = outlook.settled() {
        tally.settled += 1;
        assert_eq!(settled, effect, "{outlook:#?}\n{}", told());
    }
    let matched: Vec<&str> = residuals.engine().matched(request.as_bytes());
    for rule in &outlook.otherwise.rules {
        assert!(matched.contains(&&**rule), "{rule} does not match\n{outlook:#?}\n{}", told());
    }
    tally.clauses += outlook.clauses.len();
    let Some((engine, names)) = put_back(case, set, &outlook, data, tally) else { return };
    let now = engine.matched(request.as_bytes());
    for (name, rule) in names {
        let clause = outlook.clauses.iter().find(|clause| *clause.rule == *rule).unwrap();
        if clause.may_fail && clause.effect == Effect::Allow {
            continue;
        }
        let (before, after) = (matched.contains(&rule.as_str()), now.iter().any(|now| now.starts_with(&name)));
        assert_eq!(before, after, "{rule} before and after\n{clause:#?}\n{}\n{}", source_of(set, &rule), told());
    }
}

fn source_of(set: &PolicySet, rule: &str) -> String {
    let rule = set.program().rules.iter().find(|known| *known.name == *rule).unwrap();
    let at = set.place(rule.item);
    at.span.of(set.sources().text(at.file)).to_owned()
}

/// Some of a request, and the tool of its call: server and name.
fn part_of(request: &str, random: &mut Random) -> Option<(String, (String, String))> {
    type Fields = BTreeMap<String, Box<RawValue>>;
    let mut fields: Fields = serde_json::from_str(request).ok()?;
    let tool: Json = serde_json::from_str(fields.get("tool")?.get()).ok()?;
    let tool = (tool["server"].as_str().unwrap_or_default().to_owned(), tool["name"].as_str()?.to_owned());
    fields.retain(|name, _| name != "tool" && name != "args" && random.chance(60));
    for name in ["agent", "context"] {
        if let Some(value) = fields.get_mut(name)
            && let Ok(mut inner) = serde_json::from_str::<Fields>(value.get())
        {
            inner.retain(|_, _| random.chance(70));
            *value = RawValue::from_string(serde_json::to_string(&inner).ok()?).ok()?;
        }
    }
    Some((serde_json::to_string(&fields).ok()?, tool))
}

/// The policy with what is left of rules in their places; the beginnings of the new rules' names, each with the rule's.
fn put_back(
    case: &Case,
    set: &PolicySet,
    outlook: &Outlook,
    data: &BTreeMap<String, String>,
    tally: &mut Tally,
) -> Option<(Engine, Vec<(String, String)>)> {
    let kept: Vec<(&'static str, String)> = case.items.iter().filter(|(_, item)| !is_rule(item)).cloned().collect();
    let mut new = Vec::new();
    for (place, clause) in outlook.clauses.iter().enumerate() {
        let rule = set.program().rules.iter().find(|rule| rule.name == clause.rule).unwrap();
        let package = if clause.rule.starts_with(generate::MAIN) { generate::MAIN } else { generate::OTHER };
        let on: Vec<String> = rule.on.iter().map(|on| format::quoted(on)).collect();
        let on = if on.is_empty() { String::new() } else { format!(" on {}", on.join(", ")) };
        let name = format!("put_{place}_");
        let texts = clause.cases.iter().enumerate().map(|(number, case)| (package, format!("{} {name}{number}{on} {case}", clause.effect)));
        new.push((format!("{package}.{name}"), clause.rule.to_string(), texts.collect::<Vec<_>>()));
    }
    let compiles = |new: &[&(String, String, Vec<(&'static str, String)>)]| {
        let items: Vec<(&'static str, String)> = kept.iter().cloned().chain(new.iter().flat_map(|(_, _, texts)| texts.clone())).collect();
        check(&generate::files(&items, 500)).compile().ok()
    };
    let all: Vec<_> = new.iter().collect();
    let (compiled, tried) = match compiles(&all) {
        Some(compiled) => (compiled, all),
        None => {
            let good: Vec<_> = all.into_iter().filter(|one| compiles(&[*one]).is_some()).collect();
            (compiles(&good)?, good)
        }
    };
    tally.tried += tried.len();
    tally.refused += new.len() - tried.len();
    if std::env::var_os("TOLLGATE_RESIDUAL_SHOW").is_some() {
        for (_, rule, texts) in new.iter().filter(|one| !tried.iter().any(|tried| tried.0 == one.0)) {
            let found = check(&generate::files(&kept.iter().cloned().chain(texts.clone()).collect::<Vec<_>>(), 500));
            let errors: Vec<_> = found
                .diagnostics()
                .iter()
                .filter(|found| found.severity == tollgate_compiler::diagnostic::Severity::Error)
                .map(|found| &found.message)
                .collect();
            println!("{}\n{texts:#?}\n{errors:?}\n", source_of(set, rule));
        }
    }
    let engine = compiled.into_engine().unwrap();
    engine.set_all(data.iter()).unwrap();
    Some((engine, tried.into_iter().map(|(name, rule, _)| (name.clone(), rule.clone())).collect()))
}
