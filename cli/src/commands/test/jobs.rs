//! What there is to run: the tests of the policies, and recorded cases.

use std::time::Instant;

use tollgate_compiler::testing::{Case, Changes, Failing, Ran, Suite};

use super::cases::{CasesFile, Line};
use super::results::{Failed, Place, Places, TestResult, Warning};
use crate::args::TestArgs;

/// A test that can run.
pub struct Job<'c> {
    /// Its title.
    pub title: String,
    /// The package it stands in; empty of a recorded case.
    pub package: String,
    /// Where its title stands.
    pub place: Place,
    what: What<'c>,
}

enum What<'c> {
    Test(Case),
    Recorded(&'c Line),
}

/// Which tests are wanted.
pub struct Selection<'a> {
    /// A text in the title, the package or the file; `None`: every test.
    pub text: Option<&'a str>,
    /// Whether it must be the whole of it.
    pub exact: bool,
}

impl Selection<'_> {
    /// What the command line asks for.
    pub fn of(args: &TestArgs) -> Selection<'_> {
        Selection { text: args.filter.as_deref(), exact: args.exact }
    }

    /// Whether a test of that title, package and file is wanted.
    pub fn fits(&self, title: &str, package: &str, file: &str) -> bool {
        let Some(text) = self.text else { return true };
        [title, package, file].iter().any(|name| if self.exact { *name == text } else { name.contains(text) })
    }
}

/// The tests that are wanted: those of the policies in the order of their files, then the recorded cases.
pub fn gather<'c>(suite: &Suite, places: &Places<'_>, files: &'c [CasesFile], selection: &Selection<'_>) -> Vec<Job<'c>> {
    let test = |case: Case| Job { title: case.title.clone(), package: case.package.clone(), place: places.of(case.at), what: What::Test(case) };
    let recorded = |path: &str, line: &'c Line| {
        let place = Place::line(path, line.number);
        Job { title: line.name.clone(), package: String::new(), place, what: What::Recorded(line) }
    };
    let tests = suite.cases().into_iter().map(test);
    let cases = files.iter().flat_map(|file| file.lines.iter().map(move |line| recorded(&file.shown, line)));
    tests.chain(cases).filter(|job| selection.fits(&job.title, &job.package, &job.place.file)).collect()
}

impl Job<'_> {
    /// Whether it can come to something else than before those changes.
    pub fn can_tell(&self, suite: &Suite, changes: &Changes, before: &Suite) -> bool {
        match &self.what {
            What::Test(case) => suite.can_tell(case, changes, before),
            What::Recorded(line) => line.case.as_ref().is_ok_and(|case| suite.can_tell_recorded(&case.recorded(), changes, before)),
        }
    }

    /// Runs it; `update`: whether a recorded case is to expect what came.
    pub fn run(self, suite: &Suite, places: &Places<'_>, update: bool) -> TestResult {
        let start = Instant::now();
        let (ran, observed) = match &self.what {
            What::Test(case) => (suite.run_whole(case), None),
            What::Recorded(line) => run_line(suite, line, update),
        };
        let failed = ran.failing.into_iter().map(|failing| Failed::new(failing, &self.place, places)).collect();
        let warnings = ran.unasked.into_iter().map(|unasked| Warning::new(unasked, &self.place, places)).collect();
        TestResult { title: self.title, package: self.package, place: self.place, failed, warnings, observed, duration: start.elapsed() }
    }
}

fn run_line(suite: &Suite, line: &Line, update: bool) -> (Ran, Option<String>) {
    let unreadable = |reason: &str| {
        let expected = "a case `{\"name\", \"input\", \"expect\"}`".to_owned();
        let failing = Failing { at: None, step: None, expected, got: reason.to_owned(), why: Vec::new() };
        (Ran { failing: vec![failing], unasked: Vec::new() }, None)
    };
    let case = match &line.case {
        Ok(case) => case,
        Err(reason) => return unreadable(reason),
    };
    let expects = match &case.expects {
        Ok(None) if !update => return unreadable("it has no `expect`"),
        Ok(expects) => expects,
        Err(reason) => return unreadable(reason),
    };
    let mut ran = suite.run_recorded(&case.recorded());
    let is_otherwise = expects.is_none() || ran.failing.iter().any(|failing| failing.at.is_none());
    let observed = ran.decision.filter(|_| update && is_otherwise).map(|decision| case.observed(&decision));
    if observed.is_some() {
        // What is left contradicts a property.
        ran.failing.retain(|failing| failing.at.is_some());
    }
    (Ran { failing: ran.failing, unasked: ran.unasked.into_iter().collect() }, observed)
}
