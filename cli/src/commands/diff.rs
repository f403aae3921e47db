//! `tollgate diff`: requests that two policy sets decide differently, searched for without a log.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;

use serde_json::{Value, json};
use tollgate_compiler::PolicySet;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::mutation::{Imagined, Telling, changed_names, constants_of, difference, near};
use tollgate_compiler::testing::{Situation, Suite};
use tollgate_evaluator::Engine;

use super::eval::explanation;
use super::eval::requests::Requests;
use crate::args::{DiffArgs, Format};
use crate::output::{Failure, Outcome, Result, count, print, print_json, report, tame};
use crate::project::Project;

/// How many requests are decided by both.
const MAX_TRIALS: usize = 200_000;
/// How many kinds of differences are listed.
const MAX_KINDS: usize = 100;

/// A policy set, ready to decide.
struct Side {
    set: PolicySet,
    suite: Suite,
}

/// Searches, and lists one request for each kind of difference.
pub fn run(args: &DiffArgs) -> Result {
    let (Some(old), Some(new)) = (side(args, &args.old)?, side(args, &args.new)?) else { return Ok(Outcome::Found) };
    let found = search(&old, &new, &situations(args, &old, &new)?);
    match args.format {
        Format::Pretty => print(&in_words(args, &found, &old, &new))?,
        Format::Json => print_json(&in_json(&found))?,
    }
    Ok(Outcome::found(!found.kinds.is_empty()))
}

/// A set with its data; `None`, after a report, where it has errors.
fn side(args: &DiffArgs, path: &std::path::Path) -> Result<Option<Side>> {
    let project = Project::find(&[path.to_owned()])?;
    let Some(set) = project.check_cleanly(args.format)? else { return Ok(None) };
    let lowered = match set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }) {
        Ok(lowered) => lowered,
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), args.format);
            return Ok(None);
        }
    };
    let testing = lowered.testing.ok_or_else(|| Failure::new("the tests were not compiled"))?;
    let suite = Suite::new(testing).map_err(Failure::new)?.with_limits(project.limits);
    project.bind(suite.engine(), &args.data)?;
    Ok(Some(Side { set, suite }))
}

/// The requests of both sets' tests, and those that are given, each once, by the data that they are decided with.
fn situations(args: &DiffArgs, old: &Side, new: &Side) -> Result<Vec<Situation>> {
    let mut all = vec![Situation::default()];
    for situation in [old, new].into_iter().flat_map(|side| side.suite.situations(&side.suite.cases())) {
        match all.iter_mut().find(|known| known.data == situation.data) {
            Some(known) => known.requests.extend(situation.requests),
            None => all.push(situation),
        }
    }
    if let (Some(input), Some(first)) = (&args.input, all.first_mut()) {
        let mut given = Requests::open(input, new.suite.engine().limits().input_bytes)?;
        while let Some(request) = given.next()? {
            first.requests.push(request);
        }
    }
    all.retain(|situation| engines(old, new, &situation.data).is_some());
    if all.is_empty() {
        let unbound = [old, new].into_iter().flat_map(|side| side.suite.engine().unbound()).next().unwrap_or_default();
        return Err(Failure::new(format!("without data `{unbound}` every request is denied: bind it with `-d`")));
    }
    Ok(all)
}

/// What decides with those data; `None` where they do not fit, or others are missing.
fn engines(old: &Side, new: &Side, data: &[(String, Vec<u8>)]) -> Option<[Engine; 2]> {
    let of = |side: &Side| {
        let engine = side.suite.engine().fork();
        engine.set_all(data.iter().map(|(name, json)| (name, json))).ok()?;
        engine.unbound().is_empty().then_some(engine)
    };
    Some([of(old)?, of(new)?])
}

/// What a search has found.
#[derive(Default)]
struct Found {
    /// The first request of each kind of difference, by the two decisions or the part that differs; and how many there were.
    kinds: BTreeMap<(String, String), (Telling, usize)>,
    decided: usize,
    /// Digests of what has been decided.
    seen: HashSet<u64>,
}

impl Found {
    fn look(&mut self, engines: &[Engine; 2], data: &[(String, Vec<u8>)], input: String) {
        let mut hasher = DefaultHasher::new();
        (data, &input).hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return;
        }
        self.decided += 1;
        let [old, new] = engines;
        let Some(telling) = difference(old, new, input) else { return };
        let kind = match telling.part {
            None => (telling.before.clone(), telling.after.clone()),
            Some(part) => (telling.before.split(", ").next().unwrap_or_default().to_owned(), part.to_owned()),
        };
        if self.kinds.len() < MAX_KINDS || self.kinds.contains_key(&kind) {
            self.kinds.entry(kind).or_insert((telling.with_data(data), 0)).1 += 1;
        }
    }
}

/// Looks at requests as they are given, and near those; and at requests made of what the rules of both sets ask for.
fn search(old: &Side, new: &Side, situations: &[Situation]) -> Found {
    let mut found = Found::default();
    let changed = changed_names(&old.set, &new.set);
    let is_near = |name: &str| changed.contains(name);
    let texts = [old, new].into_iter().flat_map(|side| side.set.sources().texts().take(side.set.own_files()));
    let mut seen = HashSet::new();
    let constants: Vec<Value> = texts.flat_map(constants_of).filter(|constant| seen.insert(constant.to_string())).collect();
    let constants: Vec<&Value> = constants.iter().collect();
    for (Situation { data, requests }, most) in situations.iter().zip((1..).map(|place| MAX_TRIALS / situations.len() * place)) {
        let Some(engines) = engines(old, new, data) else { continue };
        let [of_old, of_new] = &engines;
        let first = Imagined::new(&old.set, of_old, &[]);
        let second = Imagined::new(&new.set, of_new, &first.tools());
        let first = Imagined::new(&old.set, of_old, &second.tools());
        let requests: Vec<&[u8]> = requests.iter().map(Vec::as_slice).collect();
        let mut tried = found.decided;
        let mut look = |input: String| {
            tried += 1;
            found.look(&engines, data, input);
            if tried >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let given = requests.iter().filter_map(|request| String::from_utf8(request.to_vec()).ok());
        // It ends where so many have been tried.
        let _ = given.into_iter().try_for_each(&mut look).is_continue()
            && [&first, &second].into_iter().try_for_each(|imagined| imagined.vary(&requests, is_near, &mut look)).is_continue()
            && [&second, &first].into_iter().try_for_each(|imagined| imagined.visit(is_near, &mut look)).is_continue()
            && near(requests.iter().copied(), &constants, &mut look).is_continue();
    }
    found
}

fn in_words(args: &DiffArgs, found: &Found, old: &Side, new: &Side) -> String {
    let mut text = String::new();
    for (Telling { input, data, before, after, .. }, times) in found.kinds.values() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", tame(input));
        for (name, value) in data {
            let _ = writeln!(text, "  with data {} = {}", tame(name), tame(value));
        }
        let times = if *times > 1 { format!("  ({times} requests)") } else { String::new() };
        let _ = writeln!(text, "  old: {}\n  new: {}{times}", tame(before), tame(after));
        if args.explain {
            let data: Vec<(String, Vec<u8>)> = data.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
            for (word, engine) in ["old", "new"].into_iter().zip(engines(old, new, &data).into_iter().flatten()) {
                let _ = writeln!(text, "\n{word}:\n{}", explanation::tree(&engine.explain(input.as_bytes()), false));
            }
        }
        text.push('\n');
    }
    let kinds = count(found.kinds.len(), "kind");
    let _ = writeln!(text, "{kinds} of difference in {}; a search near what tests and conditions say, not a proof", count(found.decided, "request"));
    text
}

fn in_json(found: &Found) -> Value {
    let kind = |(Telling { input, data, before, after, .. }, times): &(Telling, usize)| {
        let data: serde_json::Map<String, Value> =
            data.iter().map(|(name, value)| (name.clone(), serde_json::from_str(value).unwrap_or_default())).collect();
        json!({"input": input, "data": data, "old": before, "new": after, "requests": times})
    };
    json!({"proof": false, "decided": found.decided, "differences": found.kinds.values().map(kind).collect::<Vec<_>>()})
}
