//! What the tests of a set come to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::testing::coverage::RuleCoverage;
use tollgate_compiler::testing::{Case, Suite, summary};
use tollgate_evaluator::Limits;

use crate::files;

/// Sets with more rules are left to the test runner: they take longer than an editor's user waits.
const MOST_RULES: usize = 3_000;
/// So are tests beyond these.
const MOST_TESTS: usize = 1_000;
/// Looking at every condition of every rule in each test is left out where it is more than that.
const MOST_LOOKS: usize = 100_000;

/// What a test, or a row of its table, came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where its title stands.
    pub at: Location,
    /// What was decided, step after step, such as `deny by a.x`.
    pub decided: Vec<String>,
    /// Whether everything that it expects came so.
    pub passed: bool,
    /// The full names of the rules that match its requests.
    pub matched: Vec<String>,
}

/// What the tests of a set come to.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    /// What each came to; `None` where they have not run.
    pub outcomes: Option<Vec<Outcome>>,
    /// Of the outcomes of each rule, how many tests have seen, of how many; by full name, where they were looked at.
    pub covered: HashMap<Arc<str>, (usize, usize)>,
}

/// Runs the tests of a set without errors, with the data of a folder; none of a set that is too large.
pub fn run(set: &PolicySet, data: Option<&Path>, is_over: &dyn Fn() -> bool) -> Tried {
    let Some(suite) = suite(set, data) else { return Tried::default() };
    let cases = suite.cases();
    let is_looked_at = cases.len().min(MOST_TESTS) * set.program().rules.len() <= MOST_LOOKS;
    let suite = if is_looked_at { suite.with_coverage(set) } else { suite };
    let outcomes = cases.iter().take(MOST_TESTS).take_while(|_| !is_over()).map(|case| outcome(&suite, case)).collect();
    let covered = suite.coverage().map(|coverage| coverage.rules.iter().map(covered).collect()).unwrap_or_default();
    Tried { outcomes: Some(outcomes), covered }
}

fn covered(rule: &RuleCoverage) -> (Arc<str>, (usize, usize)) {
    (rule.name.clone(), rule.outcomes())
}

/// The tests of the same sets, a row each: where the title stands, and what it says with its holes filled.
pub fn rows(set: &PolicySet, data: Option<&Path>) -> Vec<(Location, String)> {
    let Some(suite) = suite(set, data) else { return Vec::new() };
    suite.cases().into_iter().take(MOST_TESTS).map(|case| (case.at, case.title)).collect()
}

fn suite(set: &PolicySet, data: Option<&Path>) -> Option<Suite> {
    let program = set.program();
    if set.has_errors() || program.tests.is_empty() || program.rules.len() > MOST_RULES {
        return None;
    }
    let lowered = set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).ok()?;
    let suite = Suite::new(lowered.testing?).ok()?;
    for (name, json) in self::data(data) {
        // What does not fit is said by the command.
        let _unfit = suite.engine().set_data(&name, json);
    }
    Some(suite)
}

fn outcome(suite: &Suite, case: &Case) -> Outcome {
    let decided = suite.decisions(case).iter().map(|(_, decision)| summary(decision)).collect();
    Outcome { at: case.at, decided, passed: suite.run(case).is_empty(), matched: suite.matched(case) }
}

/// What the `NAME.json` of a folder hold, by their names, those alone that data may be as large as.
pub fn data(folder: Option<&Path>) -> Vec<(String, Vec<u8>)> {
    let Some(entries) = folder.and_then(|folder| std::fs::read_dir(folder).ok()) else { return Vec::new() };
    let limit = u64::try_from(Limits::default().data_bytes).unwrap_or(u64::MAX);
    let read = |path: PathBuf| {
        let is_data = path.extension().is_some_and(|extension| extension == "json");
        let name = path.file_stem().and_then(|name| name.to_str()).filter(|_| is_data)?;
        Some((name.to_owned(), files::read(&path, limit)?))
    };
    let mut found: Vec<(String, Vec<u8>)> = entries.flatten().filter_map(|entry| read(entry.path())).collect();
    found.sort();
    found
}
