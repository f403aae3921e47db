//! `tollgate test`: runs the tests of a policy set.

mod cases;
mod coverage;
mod github;
mod jobs;
mod json;
mod junit;
mod mutate;
mod pretty;
mod results;
mod tap;
mod watch;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{Diagnostic, Severity};
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::testing::{Case, Suite};

use crate::annotations;
use crate::args::{Format, TestArgs, TestFormat};
use crate::output::{self, Failure, Outcome, Result, complain, report, tenths};
use crate::project::Project;

use cases::CasesFile;
use coverage::Covered;
use jobs::{Job, Selection};
use results::{Places, Results, TestResult};

/// The stack of the threads that run tests: as large as a main thread's, on which decisions are made elsewhere.
const STACK: usize = 8 << 20;

/// The most threads that run tests.
pub const MOST_THREADS: usize = 512;

/// Runs the tests that are asked for.
pub fn run(args: &TestArgs) -> Result {
    refuse_formats(args)?;
    if args.watch {
        return watch::run(args);
    }
    let project = Project::find(&args.set.paths)?;
    let Some(set) = checked(args, &project)? else { return Ok(Outcome::Found) };
    let Some(prepared) = prepare(args, &project, &set)? else { return Ok(Outcome::Found) };
    if args.filter.is_some() && prepared.jobs(args).is_empty() {
        complain("warning: no test is meant by `--filter`; `--list` names them\n");
    }
    if args.mutate || args.mutate_min.is_some() {
        return mutate::run(args, &project, &set, &prepared.suite, &prepared.wanted(args));
    }
    if args.list {
        let jobs = prepared.jobs(args);
        match args.format {
            TestFormat::Json => json::list(&jobs)?,
            _ => pretty::list(&jobs)?,
        }
        return Ok(Outcome::Clean);
    }
    let results = prepared.run(args)?;
    let covered = prepared.suite.coverage().map(|coverage| Covered { coverage, places: &prepared.places });
    print(args, &results, covered.as_ref())
}

/// What is not results of tests is not written as such.
fn refuse_formats(args: &TestArgs) -> Result<()> {
    let is_mutation = args.mutate || args.mutate_min.is_some();
    let word = if is_mutation { "--mutate" } else { "--list" };
    match args.format {
        TestFormat::Junit | TestFormat::Tap | TestFormat::Github if is_mutation || args.list => {
            Err(Failure::new(format!("`{word}` has no other formats than `pretty` and `json`")))
        }
        _ => Ok(()),
    }
}

/// The set to test; none where it has errors, which a program that reads results is told as results.
fn checked(args: &TestArgs, project: &Project) -> Result<Option<PolicySet>> {
    let set = project.check()?;
    let findings = project.judged(set.diagnostics());
    report(&findings, set.sources(), errors(args));
    let broken: Vec<Diagnostic> = findings.into_iter().filter(|found| found.severity == Severity::Error).collect();
    if broken.is_empty() {
        return Ok(Some(set));
    }
    match args.format {
        TestFormat::Pretty | TestFormat::Json => {}
        TestFormat::Junit => junit::print_broken(&broken, set.sources())?,
        TestFormat::Tap => tap::print_broken(&broken, set.sources())?,
        TestFormat::Github => output::print(&annotations::of_diagnostics(&broken, set.sources()))?,
    }
    Ok(None)
}

/// How diagnostics are written.
fn errors(args: &TestArgs) -> Format {
    if args.format == TestFormat::Json { Format::Json } else { Format::Pretty }
}

/// Tests that are ready to run.
struct Prepared<'s> {
    suite: Suite,
    files: Vec<CasesFile>,
    places: Places<'s>,
}

/// Makes the tests of a set without errors ready; `None`, after a report, where it is too large.
fn prepare<'s>(args: &TestArgs, project: &Project, set: &'s PolicySet) -> Result<Option<Prepared<'s>>> {
    let Some(suite) = suite(set, project, args)? else { return Ok(None) };
    let files = args.cases.iter().map(|path| CasesFile::read(path)).collect::<Result<Vec<_>>>()?;
    Ok(Some(Prepared { suite, files, places: Places::new(set) }))
}

impl<'s> Prepared<'s> {
    /// The tests that are wanted.
    fn jobs(&self, args: &TestArgs) -> Vec<Job<'_>> {
        jobs::gather(&self.suite, &self.places, &self.files, &Selection::of(args))
    }

    /// The same of the policies alone, by their places among the suite's.
    fn wanted(&self, args: &TestArgs) -> Vec<usize> {
        let (cases, selection) = (self.suite.cases(), Selection::of(args));
        let wants = |case: &Case| selection.fits(&case.title, &case.package, &self.places.of(case.at).file);
        cases.iter().enumerate().filter(|(_, case)| wants(case)).map(|(place, _)| place).collect()
    }

    /// Runs all of them.
    fn run(&self, args: &TestArgs) -> Result<Results<'s>> {
        self.run_those(args, self.jobs(args))
    }

    /// Runs some, and updates recorded cases where that is wanted.
    fn run_those(&self, args: &TestArgs, jobs: Vec<Job<'_>>) -> Result<Results<'s>> {
        let results = run_all(args, &self.suite, jobs, &self.places)?;
        update(&self.files, &results)?;
        Ok(results)
    }
}

/// Prints results and coverage.
fn print(args: &TestArgs, results: &Results<'_>, covered: Option<&Covered<'_>>) -> Result {
    match args.format {
        TestFormat::Pretty => pretty::print(results)?,
        TestFormat::Json => json::print(results, covered)?,
        TestFormat::Junit => junit::print(results)?,
        TestFormat::Tap => tap::print(results)?,
        TestFormat::Github => github::print(results)?,
    }
    let Some(covered) = covered else { return Ok(Outcome::found(results.failed() > 0)) };
    covered.write(args, args.format == TestFormat::Pretty)?;
    let is_below = covered.is_below(args.min_coverage);
    if is_below {
        let least = args.min_coverage.unwrap_or_default();
        let percent = tenths(covered.coverage.percent());
        complain(&format!("tollgate: the tests have seen {percent} % of the outcomes, {least} % are demanded\n"));
    }
    Ok(Outcome::found(results.failed() > 0 || is_below))
}

/// The suite of a set with its data; `None`, after a report, where it is too large.
fn suite(set: &PolicySet, project: &Project, args: &TestArgs) -> Result<Option<Suite>> {
    let options = LowerOptions { tests: true, ..LowerOptions::default() };
    match set.lower(&options) {
        Ok(lowered) => {
            let testing = lowered.testing.ok_or_else(|| Failure::new("the tests were not compiled"))?;
            let suite = Suite::new(testing).map_err(Failure::new)?.with_limits(project.limits);
            project.bind(suite.engine(), &args.data)?;
            let is_covered = args.coverage.is_some() || args.min_coverage.is_some();
            Ok(Some(if is_covered { suite.with_coverage(set) } else { suite }))
        }
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), errors(args));
            Ok(None)
        }
    }
}

/// The threads that so many tests, or as much else, run on: no more than there is to do.
fn threads(args: &TestArgs, work: usize) -> Result<rayon::ThreadPool> {
    let wanted = args.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(wanted.min(work.clamp(1, MOST_THREADS))).stack_size(STACK);
    threads.build().map_err(Failure::new)
}

/// Runs the tests side by side. The result does not depend on how: with `--fail-fast` it ends with the first failure in order.
fn run_all<'s>(args: &TestArgs, suite: &Suite, jobs: Vec<Job<'_>>, places: &Places<'s>) -> Result<Results<'s>> {
    let pool = threads(args, jobs.len())?;
    let start = Instant::now();
    let first_failure = AtomicUsize::new(usize::MAX);
    let number = jobs.len();
    let run = |(place, job): (usize, Job<'_>)| {
        if args.fail_fast && place > first_failure.load(Ordering::Relaxed) {
            return None;
        }
        let result = job.run(suite, places, args.update);
        if !result.failed.is_empty() {
            first_failure.fetch_min(place, Ordering::Relaxed);
        }
        Some(result)
    };
    // Coverage counts the tests that are told of, and no other that ran beside the first failure.
    let in_order = args.fail_fast && suite.is_covered();
    let all: Vec<Option<TestResult>> = pool.install(|| match in_order {
        true => jobs.into_iter().enumerate().map(run).collect(),
        false => jobs.into_par_iter().enumerate().map(run).collect(),
    });
    let last = if args.fail_fast { first_failure.into_inner() } else { usize::MAX };
    let tests: Vec<TestResult> = all.into_iter().take(last.saturating_add(1)).flatten().collect();
    Ok(Results { sources: places.sources(), skipped: number - tests.len(), unaffected: 0, tests, duration: start.elapsed() })
}

/// Writes what was observed into the files of recorded cases that have other expectations.
fn update(files: &[CasesFile], results: &Results<'_>) -> Result<()> {
    let observed = |file: &CasesFile| -> BTreeMap<u32, &str> {
        let tests = results.tests.iter().filter(|test| test.place.at.is_none() && test.place.file == file.shown);
        tests.filter_map(|test| Some((test.place.start.line, test.observed.as_deref()?))).collect()
    };
    files
        .iter()
        .map(|file| (file, observed(file)))
        .filter(|(_, observed)| !observed.is_empty())
        .try_for_each(|(file, observed)| file.update(&observed))
}
