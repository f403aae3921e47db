//! The oracle: the evaluator against a plain reference, on policies, data and requests that are generated.
//!
//! `TOLLGATE_ORACLE_PAIRS` says how many pairs of a policy and a request are tried, `TOLLGATE_ORACLE_SEED` where the seeds begin. A failure prints
//! the seed of its policy; with it and a count of one, the same policy is tried again.

#![cfg(test)]

mod generate;
mod random;
mod reference;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value as Json;
use tollgate_compiler::{PolicySet, Sources, diagnostic, format};
use tollgate_evaluator::{Engine, Limits};

use generate::{Case, Round};
use random::Random;
use reference::Verdict;

/// Pairs in a run that asks for no other number.
const PAIRS: usize = 20_000;
const ROUNDS: usize = 2;
const REQUESTS: usize = 10;
/// Of so many policies one is also formatted and shuffled.
const LAID_OUT: u64 = 4;
/// Of so many decisions one is also explained and foreseen.
const ASIDES: usize = 3;
/// Limits on steps that decisions are tried with.
const STEPS: [u64; 7] = [0, 1, 3, 7, 15, 40, 100];

#[expect(clippy::disallowed_methods, reason = "the size of a run is asked for in the environment")]
fn variable(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn evaluator_agrees_with_the_reference() {
    let pairs = variable("TOLLGATE_ORACLE_PAIRS", PAIRS);
    let first = variable("TOLLGATE_ORACLE_SEED", 1) as u64;
    let policies = pairs.div_ceil(ROUNDS * REQUESTS) as u64;
    let mut tally = Tally::default();
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2).map(|half| scope.spawn(move || try_seeds((first..first + policies).filter(|seed| seed % 2 == half)))).collect();
        for half in halves {
            tally.add(half.join().expect("the trials report what they find"));
        }
    });
    drop(std::panic::take_hook());
    println!("{tally}");
    assert!(tally.failures.is_empty(), "{} of {policies} policies fail, the first:\n{}", tally.failures.len(), tally.failures[0]);
    tally.assert_varied(pairs);
}

fn try_seeds(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let case = generate::case(seed, ROUNDS, REQUESTS);
        if let Err(failure) = try_case(&case, seed, &mut tally) {
            let failure = shrink(&case, seed, failure);
            if tally.failures.len() < 5 {
                eprintln!("{failure}");
            }
            tally.failures.push(failure);
        }
    }
    tally
}

/// What was tried, and what came of it.
#[derive(Default)]
struct Tally {
    pairs: usize,
    kinds: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn count(&mut self, kind: &str) {
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
    }

    fn add(&mut self, other: Tally) {
        self.pairs += other.pairs;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.failures.extend(other.failures);
    }

    /// A generator that no longer reaches a corner is no oracle.
    fn assert_varied(&self, pairs: usize) {
        if pairs < PAIRS {
            return;
        }
        for kind in ["allow", "review", "deny", "by default", "misfit", "rule error", "score error", "obligation", "shadow", "several rules"] {
            let count = self.kinds.get(kind).copied().unwrap_or(0);
            assert!(count * 200 > self.pairs, "only {count} of {} decisions have: {kind}", self.pairs);
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pairs: {:?}", self.pairs, self.kinds)
    }
}

fn sources(files: &[(String, String)]) -> Sources {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path.clone(), text.clone());
    }
    sources
}

/// A failure: a word for its kind, and everything about it.
struct Failure {
    kind: &'static str,
    text: String,
}

type Trial<T> = Result<T, Failure>;

fn failure<T>(kind: &'static str, text: impl Into<String>) -> Trial<T> {
    Err(Failure { kind, text: text.into() })
}

/// A checked set, as engines.
struct Compiled {
    set: PolicySet,
    engine: Engine,
    /// Without an index, it runs the plan as it is read back from bytes.
    scanning: Engine,
}

fn compile(files: &[(String, String)]) -> Trial<Compiled> {
    let set = PolicySet::check(sources(files));
    if set.has_errors() {
        let errors: Vec<_> = set.diagnostics().iter().filter(|found| found.severity == diagnostic::Severity::Error).cloned().collect();
        return failure("check", diagnostic::render::render(&errors, set.sources(), false));
    }
    let compiled = match set.compile() {
        Ok(compiled) => compiled,
        Err(diagnostics) => return failure("lower", diagnostic::render::render(&diagnostics, set.sources(), false)),
    };
    match (Engine::load(compiled.to_bytes()), compiled.into_engine()) {
        (Ok(loaded), Ok(engine)) => Ok(Compiled { set, engine, scanning: loaded.without_index() }),
        (Err(error), _) | (_, Err(error)) => failure("load", error.to_string()),
    }
}

/// Tries a case; what panics is a failure too.
fn try_case(case: &Case, seed: u64, tally: &mut Tally) -> Trial<()> {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let files = generate::files(&case.items, 7);
        let compiled = compile(&files)?;
        if seed.is_multiple_of(LAID_OUT) {
            try_layouts(case, seed, &files, compiled.engine.policy())?;
        }
        case.rounds.iter().try_for_each(|round| try_round(&compiled, round, tally))
    }));
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        failure("panic", text.unwrap_or_default())
    })
}

/// The formatted policy is the same, and formatting it again changes nothing; so is the policy with its items in another order.
fn try_layouts(case: &Case, seed: u64, files: &[(String, String)], policy: &str) -> Trial<()> {
    let mut formatted = Vec::new();
    for (path, text) in files {
        let once = format::format(text).map_err(|_| Failure { kind: "format", text: "formatting refuses it".into() })?;
        let twice = format::format(&once).map_err(|_| Failure { kind: "format", text: format!("formatting refuses what it made:\n{once}") })?;
        if once != twice {
            return failure("format", format!("formatting twice changes it:\n{once}\n---\n{twice}"));
        }
        formatted.push((path.clone(), once));
    }
    if compile(&formatted)?.engine.policy() != policy {
        return failure("format", "the formatted policy has another digest");
    }
    let mut shuffled = case.items.clone();
    Random::new(!seed).shuffle(&mut shuffled);
    let moved: Vec<(String, String)> = generate::files(&shuffled, 5).into_iter().map(|(path, text)| (format!("moved/{path}"), text)).collect();
    if compile(&moved)?.engine.policy() != policy {
        return failure("order", "the policy in another order has another digest");
    }
    Ok(())
}

fn try_round(compiled: &Compiled, round: &Round, tally: &mut Tally) -> Trial<()> {
    let (set, engine, scanning) = (&compiled.set, compiled.engine.fork(), compiled.scanning.fork());
    let data = reference::bind(set.program(), &round.data);
    match (&data, engine.set_all(round.data.iter())) {
        (Ok(_), Ok(())) => {}
        (Err(_), Err(_)) => return Ok(()),
        (reference, bound) => return failure("data", format!("data: {:?}\nreference: {reference:?}\nevaluator: {bound:?}", round.data)),
    }
    if let Err(error) = scanning.set_all(round.data.iter()) {
        return failure("data", error.to_string());
    }
    for request in &round.requests {
        let verdict = reference::decide(set.program(), data.as_deref().unwrap_or_default(), request);
        for (how, engine) in [("indexed", &engine), ("scanning", &scanning)] {
            let decision: Json = serde_json::from_str(&engine.decide(request.as_bytes()).to_json()).expect("decisions are JSON");
            if let Some(difference) = differs(&verdict, &decision) {
                let data = serde_json::to_string(&round.data).expect("names and texts are JSON");
                return failure("decision", format!("data: {data}\nrequest: {request}\nreference: {verdict:?}\n{how}: {decision}\n{difference}"));
            }
        }
        tally.pairs += 1;
        try_limits(&engine, &scanning, request, tally.pairs)?;
        if let Verdict::Decision(decision, declared) = &verdict
            && tally.pairs.is_multiple_of(ASIDES)
        {
            try_asides(&engine, request, decision, declared.as_deref())?;
        }
        count(&verdict, tally);
    }
    Ok(())
}

/// A limit on steps is met with the index as without it.
fn try_limits(engine: &Engine, scanning: &Engine, request: &str, number: usize) -> Trial<()> {
    let steps = STEPS[number % STEPS.len()];
    let limited = |engine: &Engine| engine.clone().with_limits(Limits { steps, ..Limits::default() }).decide(request.as_bytes());
    let (indexed, scanned) = (limited(engine), limited(scanning));
    if indexed == scanned {
        Ok(())
    } else {
        failure("limit", format!("request: {request}\nwith {steps} steps\nindexed: {indexed}\nscanning: {scanned}"))
    }
}

/// What the decision and the reference do not agree on.
fn differs(verdict: &Verdict, decision: &Json) -> Option<String> {
    match verdict {
        Verdict::Decision(expected, _) => {
            let mut decision = decision.clone();
            decision.as_object_mut()?.remove("policy");
            let fields = expected.as_object()?.iter().filter(|(name, value)| decision.get(name.as_str()) != Some(value));
            let differing: Vec<&str> = fields.map(|(name, _)| name.as_str()).collect();
            (decision != *expected).then(|| format!("they differ in: {}", differing.join(", ")))
        }
        Verdict::Misfit(paths) => (!refuses(decision, "path", paths)).then(|| "the request does not fit".to_owned()),
        Verdict::Unbound(names) => (!refuses(decision, "data", names)).then(|| "data are not bound".to_owned()),
    }
}

/// Whether the decision is a deny for one error alone, met in one of those places.
fn refuses(decision: &Json, word: &str, places: &[String]) -> bool {
    let nothing = ["rules", "reasons", "obligations", "shadow"].iter().all(|part| decision[part] == Json::Array(Vec::new()));
    let named = decision["errors"].as_array().filter(|errors| errors.len() == 1).and_then(|errors| errors[0][word].as_str());
    decision["effect"] == "deny" && nothing && named.is_some_and(|named| places.iter().any(|place| place == named))
}

/// What else the engine says of the request goes with the decision.
fn try_asides(engine: &Engine, request: &str, decision: &Json, declared: Option<&str>) -> Trial<()> {
    let explanation = engine.explain(request.as_bytes());
    let named =
        decision["rules"].as_array().into_iter().flatten().chain(decision["shadow"].as_array().into_iter().flatten().map(|shadow| &shadow["rule"]));
    for name in named {
        if !explanation.rules.iter().any(|rule| *name == rule.rule && rule.matched) {
            return failure("explain", format!("request: {request}\n{decision}\nno match is explained of {name}"));
        }
    }
    if let Some(rule) = explanation.rules.iter().find(|rule| rule.matched && rule.excluded.is_some()) {
        return failure("explain", format!("request: {request}\n{decision}\nthe index excluded {}, which matches: {:?}", rule.rule, rule.excluded));
    }
    let explained: Vec<&str> = explanation.rules.iter().filter(|rule| rule.matched).map(|rule| rule.rule.as_str()).collect();
    let matched = engine.matched(request.as_bytes());
    if explained != matched {
        return failure("matched", format!("request: {request}\n{decision}\n{matched:?} match, and as is explained {explained:?}"));
    }
    let outlooks = match engine.allowed_tools(request.as_bytes()) {
        Ok(outlooks) => outlooks,
        Err(error) => return failure("outlook", format!("request: {request}\n{decision}\n{error}")),
    };
    let Some(outlook) = declared.and_then(|tool| outlooks.iter().find(|outlook| outlook.tool == tool)) else { return Ok(()) };
    let foreseen = match decision["effect"].as_str() {
        Some("allow") => outlook.allow,
        Some("review") => outlook.review,
        _ => outlook.deny,
    };
    if foreseen { Ok(()) } else { failure("outlook", format!("request: {request}\n{decision}\nonly foreseen: {outlook:?}")) }
}

fn count(verdict: &Verdict, tally: &mut Tally) {
    let Verdict::Decision(decision, _) = verdict else {
        return tally.count(if matches!(verdict, Verdict::Unbound(_)) { "unbound" } else { "misfit" });
    };
    tally.count(decision["effect"].as_str().unwrap_or_default());
    let length = |name: &str| decision[name].as_array().map_or(0, Vec::len);
    let errors = decision["errors"].as_array().into_iter().flatten();
    let of_rules = errors.filter(|error| error["rule"].as_str().is_some_and(|name| name.contains(".r_"))).count();
    let scores = decision["scores"].as_object().into_iter().flatten().filter(|(_, score)| score.is_null()).count();
    for (kind, holds) in [
        ("by default", length("rules") == 0),
        ("several rules", length("rules") > 1),
        ("obligation", length("obligations") > 0),
        ("shadow", length("shadow") > 0),
        ("rule error", of_rules > 0),
        ("score error", scores > 0),
    ] {
        if holds {
            tally.count(kind);
        }
    }
}

/// Drops items and requests one by one while the failure stays the same kind, and tells it.
fn shrink(case: &Case, seed: u64, found: Failure) -> String {
    let mut items = case.items.clone();
    let mut last = found.text;
    let fails = |items: &[(&'static str, String)]| {
        let rounds = case.rounds.iter().map(|round| Round { data: declared(items, &round.data), requests: round.requests.clone() }).collect();
        let smaller = Case { items: items.to_vec(), rounds };
        try_case(&smaller, seed, &mut Tally::default()).err().filter(|again| again.kind == found.kind).map(|again| again.text)
    };
    if found.kind != "check" {
        let mut place = items.len();
        while place > 0 {
            place -= 1;
            let removed = items.remove(place);
            match fails(&items) {
                Some(text) => last = text,
                None => items.insert(place, removed),
            }
        }
    }
    let files: Vec<String> = generate::files(&items, 100).into_iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
    format!("seed {seed}, {}:\n{}\n{last}\n", found.kind, files.join("\n"))
}

/// The data that the items still declare.
fn declared(items: &[(&'static str, String)], data: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let is_declared = |name: &str| items.iter().any(|(_, item)| item.contains(&format!("data {name}:")));
    data.iter().filter(|(name, _)| is_declared(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
