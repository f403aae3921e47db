//! `tollgate test`: runs the tests of a policy set.

mod json;
mod junit;
mod mutate;
mod pretty;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::diagnostic::position::{LineIndex, Position};
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::testing::{Case, Failing, Suite};

use crate::args::{Format, TestArgs, TestFormat};
use crate::output::{Failure, Outcome, Result, report};
use crate::project::Project;

/// The stack of the threads that run tests: as large as a main thread's, on which decisions are made elsewhere.
const STACK: usize = 8 << 20;

/// What running the cases gave.
struct Results<'s> {
    places: Places<'s>,
    /// The cases that ran, in order.
    cases: Vec<CaseResult>,
    /// How many did not run, since one before them failed.
    skipped: usize,
    duration: Duration,
}

struct CaseResult {
    case: Case,
    failing: Vec<Failing>,
    duration: Duration,
}

impl Results<'_> {
    fn failed(&self) -> usize {
        self.cases.iter().filter(|result| !result.failing.is_empty()).count()
    }

    fn passed(&self) -> usize {
        self.cases.len() - self.failed()
    }
}

/// Runs the tests that are asked for.
pub fn run(args: &TestArgs) -> Result {
    let project = Project::find(&args.set.paths)?;
    let errors = if args.format == TestFormat::Json { Format::Json } else { Format::Pretty };
    let Some(set) = project.check_cleanly(errors)? else { return Ok(Outcome::Found) };
    let Some(suite) = suite(&set, errors)? else { return Ok(Outcome::Found) };
    let suite = suite.with_limits(project.limits);
    project.bind(suite.engine(), &args.data)?;
    let wanted = |case: &Case| args.filter.as_ref().is_none_or(|text| case.title.contains(text.as_str()));
    if args.mutate || args.mutate_min.is_some() {
        let places: Vec<usize> = suite.cases().iter().enumerate().filter(|(_, case)| wanted(case)).map(|(place, _)| place).collect();
        return mutate::run(args, &project, &set, &suite, &places);
    }
    let cases: Vec<Case> = suite.cases().into_iter().filter(wanted).collect();
    let places = Places::new(&set);
    if args.list {
        match args.format {
            TestFormat::Json => json::list(&cases, &places)?,
            TestFormat::Pretty | TestFormat::Junit => pretty::list(&cases, &places)?,
        }
        return Ok(Outcome::Clean);
    }
    let results = run_all(args, &suite, cases, places)?;
    match args.format {
        TestFormat::Pretty => pretty::print(&results)?,
        TestFormat::Json => json::print(&results)?,
        TestFormat::Junit => junit::print(&results)?,
    }
    Ok(Outcome::found(results.failed() > 0))
}

fn suite(set: &PolicySet, errors: Format) -> Result<Option<Suite>> {
    let options = LowerOptions { tests: true, ..LowerOptions::default() };
    match set.lower(&options) {
        Ok(lowered) => {
            let testing = lowered.testing.ok_or_else(|| Failure::new("the tests were not compiled"))?;
            Suite::new(testing).map(Some).map_err(Failure::new)
        }
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), errors);
            Ok(None)
        }
    }
}

/// Runs the cases side by side. The result does not depend on how: with `--fail-fast` it ends with the first failure in order.
fn run_all<'s>(args: &TestArgs, suite: &Suite, cases: Vec<Case>, places: Places<'s>) -> Result<Results<'s>> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0)).stack_size(STACK);
    let pool = threads.build().map_err(Failure::new)?;
    let start = Instant::now();
    let first_failure = AtomicUsize::new(usize::MAX);
    let number = cases.len();
    let run = |(place, case): (usize, Case)| {
        if args.fail_fast && place > first_failure.load(Ordering::Relaxed) {
            return None;
        }
        let start = Instant::now();
        let failing = suite.run(&case);
        if !failing.is_empty() {
            first_failure.fetch_min(place, Ordering::Relaxed);
        }
        Some(CaseResult { case, failing, duration: start.elapsed() })
    };
    let all: Vec<Option<CaseResult>> = pool.install(|| cases.into_par_iter().enumerate().map(run).collect());
    let last = if args.fail_fast { first_failure.into_inner() } else { usize::MAX };
    let cases: Vec<CaseResult> = all.into_iter().take(last.saturating_add(1)).flatten().collect();
    Ok(Results { places, skipped: number - cases.len(), cases, duration: start.elapsed() })
}

/// Where tests stand, for people.
struct Places<'s> {
    set: &'s PolicySet,
    indexes: Vec<LineIndex<'s>>,
}

impl<'s> Places<'s> {
    fn new(set: &'s PolicySet) -> Places<'s> {
        Places { set, indexes: set.sources().files().iter().map(|source| LineIndex::new(&source.text)).collect() }
    }

    fn file(&self, at: Location) -> &'s str {
        self.set.sources().get(at.file).map_or("", |source| &source.path)
    }

    fn index(&self, at: Location) -> Option<&LineIndex<'s>> {
        self.indexes.get(at.file.0 as usize)
    }

    fn start(&self, at: Location) -> Position {
        self.index(at).map_or(Position { line: 1, column: 1, offset: 0 }, |index| index.position(at.span.start))
    }

    /// The first line of a place.
    fn text(&self, at: Location) -> &'s str {
        self.index(at).map_or("", |index| index.line(self.start(at).line))
    }
}
