//! What is left of rules where only some of a request is known, held to decisions of whole requests: what is said to be certain is, and what is left
//! of a rule, put back into a policy as text, matches as the rule does.
//!
//! `TOLLGATE_RESIDUAL_PAIRS` says how many pairs of a policy and a request are tried, `TOLLGATE_RESIDUAL_SEED` where the seeds begin.

#![cfg(test)]

#[path = "oracle/generate/mod.rs"]
#[expect(dead_code, reason = "the oracle puts its files together otherwise")]
mod generate;
#[path = "oracle/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value as Json;
use serde_json::value::RawValue;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::mutation::{constants_of, vary};
use tollgate_compiler::residual::{Outlook, Residuals};
use tollgate_compiler::syntax::ast::ItemKind;
use tollgate_compiler::testing::Suite;
use tollgate_compiler::{ItemAt, PolicySet, Sources, format};
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

/// The examples, their data and the requests of their tests, each of those changed in one place at a time.
#[test]
#[expect(clippy::disallowed_methods, reason = "the examples have their data in files")]
fn what_is_left_of_the_examples_decides_as_they_do() {
    for name in ["registry", "gateway"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("examples").join(name);
        let set = PolicySet::check(Sources::read(&[folder.join("policies"), folder.join("tests")]).unwrap());
        let lowered = set.lower(&LowerOptions { tests: true, outline: true, ..LowerOptions::default() }).unwrap();
        let suite = Suite::new(lowered.testing.clone().unwrap()).unwrap();
        let residuals = Residuals::new(&set, lowered).unwrap();
        let data: BTreeMap<String, String> = std::fs::read_dir(folder.join("data"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
            .collect();
        residuals.engine().set_all(data.iter()).unwrap();
        let requests: Vec<Vec<u8>> = suite.cases().iter().flat_map(|case| suite.requests(case)).collect();
        let constants: Vec<Json> = set.sources().texts().take(set.own_files()).flat_map(constants_of).collect();
        let (mut tally, mut random) = (Tally::default(), Random::new(7));
        let own = own_items(&set);
        vary(requests.iter().map(Vec::as_slice), &constants, |request| {
            // Every one would take minutes.
            if random.chance(8) {
                let trial = Trial { set: &set, residuals: &residuals, kept: &own, data: &data, place: name };
                trial.request(&request, &mut random, &mut tally);
            }
            if tally.pairs < 1_500 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        println!("{name}: {tally:?}");
        assert!(tally.pairs > 100 && tally.settled > 0 && tally.tried == tally.clauses, "{name}: {tally:?}");
    }
}

/// The items of a set but rules and tests, each with its package.
fn own_items(set: &PolicySet) -> Vec<(String, String)> {
    let files = (0..set.own_files()).map(|file| FileId(file as u32));
    let is_kept = |item: &ItemAt<'_>| {
        let kind = item.item.map(|item| &item.kind);
        !matches!(
            kind,
            Some(ItemKind::Package(..) | ItemKind::Import { .. } | ItemKind::Rule(..) | ItemKind::Test(..) | ItemKind::Property { .. }) | None
        )
    };
    let of_file = |file: FileId| {
        set.items(file).filter(is_kept).map(move |item| (set.package(file).to_owned(), item.span.of(set.sources().text(file)).to_owned()))
    };
    files.flat_map(of_file).collect()
}

fn files(items: &[(String, String)]) -> Vec<(String, String)> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for (package, item) in items {
        let import = if package == generate::OTHER { format!("import {}\n", generate::MAIN) } else { String::new() };
        let text = files.entry(package).or_insert_with(|| format!("package {package}\n{import}"));
        text.push_str(&format!("\n{item}\n"));
    }
    files.into_iter().map(|(package, text)| (format!("{package}.toll"), text)).collect()
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
    let items: Vec<(String, String)> = case.items.iter().map(|(package, item)| ((*package).to_owned(), item.clone())).collect();
    let set = check(&files(&items));
    let Ok(lowered) = set.lower(&LowerOptions { outline: true, ..LowerOptions::default() }) else { return };
    let residuals = Residuals::new(&set, lowered).unwrap();
    let kept: Vec<(String, String)> = items.into_iter().filter(|(_, item)| !is_rule(item)).collect();
    let mut random = Random::new(seed ^ 0xACCE55);
    for round in &case.rounds {
        if residuals.engine().set_all(round.data.iter()).is_err() {
            continue;
        }
        for request in &round.requests {
            let place = format!("seed {seed}");
            Trial { set: &set, residuals: &residuals, kept: &kept, data: &round.data, place: &place }.request(request, &mut random, tally);
        }
    }
}

/// What is left of a rule: the beginning of the new rules' full names, the rule's, and the new rules, each with its package.
type PutBack = (String, String, Vec<(String, String)>);

/// A set, with what policies are made of that hold what is left of it.
struct Trial<'t> {
    set: &'t PolicySet,
    residuals: &'t Residuals<'t>,
    /// Its items but rules, each with its package.
    kept: &'t [(String, String)],
    data: &'t BTreeMap<String, String>,
    place: &'t str,
}

impl Trial<'_> {
    fn request(&self, request: &str, random: &mut Random, tally: &mut Tally) {
        let engine = self.residuals.engine();
        let decision: Json = serde_json::from_str(&engine.decide(request.as_bytes()).to_json()).unwrap();
        let is_refused =
            decision["errors"].as_array().unwrap().iter().any(|error| ["path", "limit", "data"].iter().any(|at| error.get(at).is_some()));
        let Some((known, tool)) = (!is_refused).then(|| part_of(request, random)).flatten() else { return };
        let names: Vec<String> = self.residuals.tools().map(ToString::to_string).collect();
        let Some(place) = [tool.0.clone() + "/" + &tool.1, tool.1].into_iter().find_map(|name| names.iter().position(|known| *known == name)) else {
            return;
        };
        let told =
            || format!("{}\nrequest: {request}\nknown: {known}\ntool: {}\ndata: {:?}\ndecision: {decision}", self.place, names[place], self.data);
        let mut supposed = self.residuals.suppose(known.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{}", told()));
        let outlook = supposed.outlook(place);
        let effect = [Effect::Allow, Effect::Review, Effect::Deny].into_iter().find(|effect| decision["effect"] == effect.name()).unwrap();
        tally.pairs += 1;
        assert!(outlook.may(effect), "{effect} is not foreseen\n{outlook:#?}\n{}", told());
        if let Some(settled) = outlook.settled() {
            tally.settled += 1;
            assert_eq!(settled, effect, "{outlook:#?}\n{}", told());
        }
        let matched: Vec<&str> = engine.matched(request.as_bytes());
        for rule in &outlook.otherwise.rules {
            assert!(matched.contains(&&**rule), "{rule} does not match\n{outlook:#?}\n{}", told());
        }
        tally.clauses += outlook.clauses.len();
        let Some((engine, names)) = self.put_back(&outlook, tally) else { return };
        let now = engine.matched(request.as_bytes());
        for (name, rule) in names {
            let clause = outlook.clauses.iter().find(|clause| *clause.rule == *rule).unwrap();
            if clause.may_fail && clause.effect == Effect::Allow {
                continue;
            }
            let (before, after) = (matched.contains(&rule.as_str()), now.iter().any(|now| now.starts_with(&name)));
            assert_eq!(before, after, "{rule} before and after\n{clause:#?}\n{}\n{}", self.source_of(&rule), told());
        }
    }

    fn source_of(&self, rule: &str) -> String {
        let rule = self.set.program().rules.iter().find(|known| *known.name == *rule).unwrap();
        let at = self.set.place(rule.item);
        at.span.of(self.set.sources().text(at.file)).to_owned()
    }

    /// The policy with what is left of rules in their places; the beginnings of the new rules' names, each with the rule's.
    fn put_back(&self, outlook: &Outlook, tally: &mut Tally) -> Option<(Engine, Vec<(String, String)>)> {
        let mut new: Vec<PutBack> = Vec::new();
        for (place, clause) in outlook.clauses.iter().enumerate() {
            let rule = self.set.program().rules.iter().find(|rule| rule.name == clause.rule).unwrap();
            let package = clause.rule.rsplit_once('.').unwrap().0;
            let on: Vec<String> = rule.on.iter().map(|on| format::quoted(on)).collect();
            let on = if on.is_empty() { String::new() } else { format!(" on {}", on.join(", ")) };
            let name = format!("put_{place}_");
            let texts = clause.cases.iter().enumerate();
            let texts = texts.map(|(number, case)| (package.to_owned(), format!("{} {name}{number}{on} {case}", clause.effect)));
            new.push((format!("{package}.{name}"), clause.rule.to_string(), texts.collect::<Vec<_>>()));
        }
        let compiles = |new: &[&PutBack]| {
            let items: Vec<(String, String)> = self.kept.iter().cloned().chain(new.iter().flat_map(|(_, _, texts)| texts.clone())).collect();
            check(&files(&items)).compile().ok()
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
        let engine = compiled.into_engine().unwrap();
        engine.set_all(self.data.iter()).unwrap();
        Some((engine, tried.into_iter().map(|(name, rule, _)| (name.clone(), rule.clone())).collect()))
    }
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
