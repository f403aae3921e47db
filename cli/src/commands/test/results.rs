//! What running tests gave, with the places that people and programs are told.

use std::time::Duration;

use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::diagnostic::position::{LineIndex, Position};
use tollgate_compiler::testing::{Failing, Unasked};
use tollgate_compiler::{PolicySet, Sources};

/// What running the tests gave.
pub struct Results<'s> {
    /// The policies.
    pub sources: &'s Sources,
    /// The tests that ran, in order.
    pub tests: Vec<TestResult>,
    /// How many did not run, since one before them failed.
    pub skipped: usize,
    /// How many did not run, since they passed before and nothing that they could tell has changed.
    pub unaffected: usize,
    /// How long all of it took.
    pub duration: Duration,
}

/// What running a test gave.
pub struct TestResult {
    /// Its title.
    pub title: String,
    /// The package it stands in; empty of a recorded case.
    pub package: String,
    /// Where its title stands.
    pub place: Place,
    /// What failed.
    pub failed: Vec<Failed>,
    /// What should be looked at though it passed.
    pub warnings: Vec<Warning>,
    /// What a recorded case is to expect from now on.
    pub observed: Option<String>,
    /// How long it took.
    pub duration: Duration,
}

/// An expectation that did not hold.
pub struct Failed {
    /// The title of its step.
    pub step: Option<String>,
    /// Where it stands.
    pub place: Place,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Why.
    pub why: Vec<String>,
}

/// A deny that was expected, and that no rule made, since the request does not fit.
pub struct Warning {
    /// The title of its step.
    pub step: Option<String>,
    /// Where it is expected.
    pub place: Place,
    /// Where in the request; empty for its root.
    pub path: String,
    /// What is wrong there.
    pub message: String,
    /// All of it in a sentence.
    pub told: String,
}

/// A place in a file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The same place in the policies; `None` of one elsewhere.
    pub at: Option<Location>,
}

impl Results<'_> {
    /// How many tests failed.
    pub fn failed(&self) -> usize {
        self.tests.iter().filter(|test| !test.failed.is_empty()).count()
    }

    /// How many passed, now or before.
    pub fn passed(&self) -> usize {
        self.tests.len() - self.failed() + self.unaffected
    }

    /// How many recorded cases expect something else from now on.
    pub fn updated(&self) -> usize {
        self.tests.iter().filter(|test| test.observed.is_some()).count()
    }
}

impl Failed {
    /// What failed in a test that stands there.
    pub fn new(failing: Failing, test: &Place, places: &Places<'_>) -> Failed {
        let place = failing.at.map_or_else(|| test.clone(), |at| places.of(at));
        Failed { step: failing.step, place, expected: failing.expected, got: failing.got, why: failing.why }
    }
}

impl Warning {
    /// That of a test that stands there.
    pub fn new(unasked: Unasked, test: &Place, places: &Places<'_>) -> Warning {
        let place = unasked.at.map_or_else(|| test.clone(), |at| places.of(at));
        let meant = if unasked.at.is_some() { "`expect deny by none`" } else { "`{\"effect\": \"deny\", \"rules\": []}`" };
        let told = format!("{}: mend the request, or write {meant}", unasked.problem());
        Warning { step: unasked.step, place, path: unasked.path, message: unasked.message, told }
    }
}

impl TestResult {
    /// Its title, with that of a step.
    pub fn titled(&self, step: Option<&str>) -> String {
        step.map_or_else(|| self.title.clone(), |step| format!("{}, step `{step}`", self.title))
    }
}

impl Place {
    /// A line of a file that is no policy.
    pub fn line(file: &str, line: u32) -> Place {
        let start = Position { line, column: 1, offset: 0 };
        Place { file: file.to_owned(), start, end: start, at: None }
    }
}

/// Finds places in the policies.
pub struct Places<'s> {
    sources: &'s Sources,
    indexes: Vec<LineIndex<'s>>,
}

impl<'s> Places<'s> {
    /// The places of a set.
    pub fn new(set: &'s PolicySet) -> Places<'s> {
        let sources = set.sources();
        Places { sources, indexes: sources.files().iter().map(|source| LineIndex::new(&source.text)).collect() }
    }

    /// A place of the set.
    pub fn of(&self, at: Location) -> Place {
        let start = self.start(at);
        let end = self.index(at).map_or(start, |index| index.position(at.span.end));
        Place { file: self.sources.path(at.file).to_owned(), start, end, at: Some(at) }
    }

    /// Where a place of the set begins.
    pub fn start(&self, at: Location) -> Position {
        self.index(at).map_or(Position { line: 1, column: 1, offset: 0 }, |index| index.position(at.span.start))
    }

    fn index(&self, at: Location) -> Option<&LineIndex<'s>> {
        self.indexes.get(at.file.0 as usize)
    }

    /// The policies.
    pub fn sources(&self) -> &'s Sources {
        self.sources
    }
}
