//! `tollgate diff`: requests that two policy sets decide differently, searched for without a log.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde_json::{Value, json};
use tollgate_compiler::PolicySet;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::mutation::{Telling, constants_of, difference, vary};
use tollgate_compiler::testing::Suite;
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
    let requests = requests(args, &old, &new)?;
    if requests.is_empty() {
        return Err(Failure::new("there is no request to begin with: neither set has a test, and `-i` names no requests"));
    }
    let found = search(&old, &new, &requests);
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

/// The requests of both sets' tests, then those that are given; each once.
fn requests(args: &DiffArgs, old: &Side, new: &Side) -> Result<Vec<Vec<u8>>> {
    let of = |side: &Side| -> Vec<Vec<u8>> { side.suite.cases().iter().flat_map(|case| side.suite.requests(case)).collect() };
    let mut all = [of(old), of(new)].concat();
    if let Some(input) = &args.input {
        let mut given = Requests::open(input, new.suite.engine().limits().input_bytes)?;
        while let Some(request) = given.next()? {
            all.push(request);
        }
    }
    let mut seen = HashSet::new();
    all.retain(|request| seen.insert(request.clone()));
    Ok(all)
}

/// What a search has found.
#[derive(Default)]
struct Found {
    /// The first request of each kind of difference, by the two decisions; and how many there were.
    kinds: BTreeMap<(String, String), (Telling, usize)>,
    decided: usize,
}

impl Found {
    fn look(&mut self, old: &Engine, new: &Engine, input: String) -> ControlFlow<()> {
        self.decided += 1;
        if let Some(telling) = difference(old, new, input) {
            let kind = (telling.before.clone(), telling.after.clone());
            if self.kinds.len() < MAX_KINDS || self.kinds.contains_key(&kind) {
                self.kinds.entry(kind).or_insert((telling, 0)).1 += 1;
            }
        }
        if self.decided >= MAX_TRIALS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn search(old: &Side, new: &Side, requests: &[Vec<u8>]) -> Found {
    let (mut found, engines) = (Found::default(), (old.suite.engine(), new.suite.engine()));
    for request in requests.iter().filter_map(|request| String::from_utf8(request.clone()).ok()) {
        if found.look(engines.0, engines.1, request).is_break() {
            return found;
        }
    }
    let texts = [old, new].into_iter().flat_map(|side| side.set.sources().texts().take(side.set.own_files()));
    let mut seen = HashSet::new();
    let constants: Vec<Value> = texts.flat_map(constants_of).filter(|constant| seen.insert(constant.to_string())).collect();
    vary(requests.iter().map(Vec::as_slice), &constants, |input| found.look(engines.0, engines.1, input));
    found
}

fn in_words(args: &DiffArgs, found: &Found, old: &Side, new: &Side) -> String {
    let mut text = String::new();
    for (Telling { input, before, after }, times) in found.kinds.values() {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}\n  old: {before}\n  new: {after}{}",
            tame(input),
            if *times > 1 { format!("  ({times} requests)") } else { String::new() }
        );
        if args.explain {
            for (word, side) in [("old", old), ("new", new)] {
                let _ = writeln!(text, "\n{word}:\n{}", explanation::tree(&side.suite.engine().explain(input.as_bytes()), false));
            }
        }
        text.push('\n');
    }
    let kinds = count(found.kinds.len(), "kind");
    let _ = writeln!(text, "{kinds} of difference in {}; a search near the tests' requests, not a proof", count(found.decided, "request"));
    text
}

fn in_json(found: &Found) -> Value {
    let kind = |(Telling { input, before, after }, times): &(Telling, usize)| json!({"input": input, "old": before, "new": after, "requests": times});
    json!({"decided": found.decided, "differences": found.kinds.values().map(kind).collect::<Vec<_>>()})
}
