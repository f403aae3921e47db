//! What the tests of a set come to.

use std::path::Path;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::syntax::ast::Span;
use tollgate_compiler::testing::{Case, Suite};
use tollgate_evaluator::{Effect, Engine};

/// Sets with more rules are left to the test runner: they take longer than an editor's user waits.
const MOST_RULES: usize = 3_000;
/// So are tests beyond these.
const MOST_TESTS: usize = 1_000;

/// What a test, or a row of its table, came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where its title stands.
    pub at: Location,
    /// Its title, holes filled.
    pub title: String,
    /// The effects that were decided, step after step.
    pub effects: Vec<Effect>,
    /// Whether everything that it expects came so.
    pub passed: bool,
}

/// Runs the tests of a set without errors, with the data of a folder; none of a set that is too large.
pub fn run(set: &PolicySet, data: Option<&Path>, is_over: &dyn Fn() -> bool) -> Vec<Outcome> {
    let program = set.program();
    if set.has_errors() || program.tests.is_empty() || program.rules.len() > MOST_RULES {
        return Vec::new();
    }
    let lowered = set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).ok();
    let Some(suite) = lowered.and_then(|lowered| Suite::new(lowered.testing?).ok()) else { return Vec::new() };
    bind(suite.engine(), data);
    suite.cases().iter().take(MOST_TESTS).take_while(|_| !is_over()).map(|case| outcome(&suite, case)).collect()
}

fn outcome(suite: &Suite, case: &Case) -> Outcome {
    let effects = suite.decisions(case).iter().map(|(_, decision)| decision.effect()).collect();
    Outcome { at: case.at, title: case.title.clone(), effects, passed: suite.run(case).is_empty() }
}

/// Binds each `NAME.json` of a folder; what does not fit is said by the command.
pub fn bind(engine: &Engine, folder: Option<&Path>) {
    let Some(entries) = folder.and_then(|folder| std::fs::read_dir(folder).ok()) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let is_readable = std::fs::metadata(&path).is_ok_and(|known| known.len() <= engine.limits().data_bytes as u64);
        let name = path.file_stem().and_then(|name| name.to_str()).filter(|_| is_readable);
        if let Some((name, bytes)) = name.and_then(|name| Some((name, std::fs::read(&path).ok()?))) {
            let _unfit = engine.set_data(name, bytes);
        }
    }
}

/// The titles of the tests whose title stands at a place.
pub fn titles(outcomes: &[Outcome], file: FileId, title: Span) -> Vec<String> {
    let at = Location { file, span: title };
    outcomes.iter().filter(|outcome| outcome.at == at).map(|outcome| outcome.title.clone()).collect()
}
