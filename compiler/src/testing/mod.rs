//! Runs the tests of a policy set, for the command, the editor and whoever else wants to know.
//!
//! A [`Suite`] has the [`Case`]s: one for a test, or one for each row of a test's table. Running a case evaluates its inputs, decides them as any host
//! would, from bytes, and compares. A [`Recorded`] case brings its request along. Properties are held against every decision that is made.
//!
//! Invariant: nothing here reads a clock or a file, so a case gives the same verdict always.

mod affected;
mod among;
pub mod coverage;
mod fewest;
mod history;
mod nearest;
mod recorded;
mod run;
mod unasked;
mod why;

use std::sync::{Arc, Mutex, PoisonError};

use tollgate_evaluator::{Decision, Engine, Kept, Limits, LoadError};
use tollgate_stdlib::write_json;

use crate::PolicySet;
use crate::diagnostic::Location;
use crate::lower::{PlannedTest, PlannedTitle, TestPlan, Testing};

pub use affected::Changes;
pub use fewest::{Turned, fewest};
pub use nearest::Missed;
pub use recorded::{ExpectedReason, Recorded, Recording};
pub use unasked::Unasked;
pub use why::{errors, summary, told, variables};

use coverage::Coverage;
use run::Run;

/// The tests of a policy set, ready to run.
#[derive(Clone, Debug)]
pub struct Suite {
    engine: Engine,
    tests: TestPlan,
    /// What the decisions of the tests have seen, where somebody wants to know.
    coverage: Option<Arc<Mutex<Coverage>>>,
}

/// A test, or a row of its table.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its title, holes filled.
    pub title: String,
    /// Where its title stands.
    pub at: Location,
    /// The package it stands in.
    pub package: String,
    test: usize,
    row: Kept,
    /// Why it cannot run.
    broken: Option<String>,
}

/// What running a case gave.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// What failed, nothing if it passed. Of a sequence, what failed in its first failing step.
    pub failing: Vec<Failing>,
    /// Denials that were expected, and that no rule made.
    pub unasked: Vec<Unasked>,
}

/// Requests that are decided with the same data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// The data that are bound for them, by full name, as JSON.
    pub data: Vec<(String, Vec<u8>)>,
    /// The requests, as JSON.
    pub requests: Vec<Vec<u8>>,
}

/// A request as JSON, and what is decided of it.
pub type Answered = (Vec<u8>, Decision);

/// An expectation that did not hold, or an expression of a test that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Where it stands; `None` of a recorded case, which stands in no policy.
    pub at: Option<Location>,
    /// The title of its step.
    pub step: Option<String>,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Why: the rules that matched, and what kept the others from it.
    pub why: Vec<String>,
}

impl Situation {
    /// An engine with these data beside its own; `None` where they do not fit.
    pub fn engine(&self, engine: &Engine) -> Option<Engine> {
        if self.data.is_empty() {
            return Some(engine.clone());
        }
        let engine = engine.fork();
        engine.set_all(self.data.iter().map(|(name, json)| (name, json))).ok()?;
        Some(engine)
    }
}

impl Suite {
    /// A suite of lowered tests.
    ///
    /// # Errors
    /// When the plan is beyond the evaluator's bounds.
    pub fn new(testing: Testing) -> Result<Suite, LoadError> {
        Ok(Suite { engine: Engine::new(testing.plan)?, tests: testing.tests, coverage: None })
    }

    /// The same suite, decided within other limits.
    pub fn with_limits(self, limits: Limits) -> Suite {
        Suite { engine: self.engine.with_limits(limits), ..self }
    }

    /// The same suite, decided without the index.
    pub fn without_index(self) -> Suite {
        Suite { engine: self.engine.without_index(), ..self }
    }

    /// The same suite, which notes what its tests see of its set; see [`Suite::coverage`]. Noting takes much more time than deciding.
    pub fn with_coverage(self, set: &PolicySet) -> Suite {
        Suite { coverage: Some(Arc::new(Mutex::new(Coverage::none(set)))), ..self }
    }

    /// Whether it notes what its tests see.
    pub fn is_covered(&self) -> bool {
        self.coverage.is_some()
    }

    /// What the tests that have run have seen; nothing of a suite without [`Suite::with_coverage`].
    pub fn coverage(&self) -> Option<Coverage> {
        let coverage = self.coverage.as_ref()?;
        Some(coverage.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The engine that decides, for binding data.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Every case, in the order of the files. Data must be bound before.
    pub fn cases(&self) -> Vec<Case> {
        let asker = asker(&self.engine);
        let cases = self.tests.tests.iter().enumerate().flat_map(|(place, test)| cases_of(&asker, place, test));
        cases.collect()
    }

    /// The requests that a case makes, as JSON, without what the steps before left to them; none of a case that cannot run.
    pub fn requests(&self, case: &Case) -> Vec<Vec<u8>> {
        let Some(test) = self.tests.tests.get(case.test).filter(|_| case.broken.is_none()) else { return Vec::new() };
        Run::of_test(self, case, test).map(|run| run.requests(test)).unwrap_or_default()
    }

    /// The data that a case binds, by their full names, as JSON; none of a case that cannot run.
    pub fn data(&self, case: &Case) -> Vec<(String, Vec<u8>)> {
        let Some(test) = self.tests.tests.get(case.test).filter(|_| case.broken.is_none()) else { return Vec::new() };
        Run::data_of(self, case, test).unwrap_or_default()
    }

    /// The requests that cases make, together with those that are made with the same data.
    pub fn situations<'c>(&self, cases: impl IntoIterator<Item = &'c Case>) -> Vec<Situation> {
        let mut all: Vec<Situation> = Vec::new();
        for case in cases {
            let (data, requests) = (self.data(case), self.requests(case));
            match all.iter_mut().find(|situation| situation.data == data) {
                Some(situation) => situation.requests.extend(requests),
                None => all.push(Situation { data, requests }),
            }
        }
        all
    }

    /// The requests that a case makes, step after step, and what is decided of each; none of a case that cannot run.
    pub fn decisions(&self, case: &Case) -> Vec<Answered> {
        let Some(test) = self.tests.tests.get(case.test).filter(|_| case.broken.is_none()) else { return Vec::new() };
        Run::of_test(self, case, test).map(|run| run.decisions(test)).unwrap_or_default()
    }

    /// The full names of the rules that match a request of a case, sorted: those too that a stronger effect keeps from deciding. None of a case that
    /// cannot run.
    pub fn matched(&self, case: &Case) -> Vec<String> {
        let Some(test) = self.tests.tests.get(case.test).filter(|_| case.broken.is_none()) else { return Vec::new() };
        let Ok(run) = Run::of_test(self, case, test) else { return Vec::new() };
        let decided = run.decisions(test);
        let mut matched: Vec<String> = decided.iter().flat_map(|(request, _)| run.engine().matched(request)).map(str::to_owned).collect();
        matched.sort_unstable();
        matched.dedup();
        matched
    }

    /// Runs a case: what failed, nothing if it passed. Of a sequence, what failed in its first failing step.
    pub fn run(&self, case: &Case) -> Vec<Failing> {
        self.run_whole(case).failing
    }

    /// Runs a case, and tells all there is to tell of it.
    pub fn run_whole(&self, case: &Case) -> Ran {
        let failed = |reason: String| Ran { failing: vec![Failing::broken(Some(case.at), reason)], unasked: Vec::new() };
        if let Some(reason) = &case.broken {
            return failed(reason.clone());
        }
        let Some(test) = self.tests.tests.get(case.test) else { return Ran::default() };
        match Run::of_test(self, case, test) {
            Ok(run) => run.steps(test),
            Err(reason) => failed(reason),
        }
    }
}

impl Failing {
    fn broken(at: Option<Location>, reason: String) -> Failing {
        Failing { at, step: None, expected: "a test that can run".to_owned(), got: reason, why: Vec::new() }
    }
}

/// An engine for questions that need no request: data that nobody has bound is `none`, for a test may yet bind it.
fn asker(engine: &Engine) -> Engine {
    let asker = engine.fork();
    for name in engine.unbound() {
        // The name is the plan's own.
        let _ = asker.set_value(&name, Kept::None);
    }
    asker
}

fn cases_of(asker: &Engine, place: usize, test: &PlannedTest) -> Vec<Case> {
    let case =
        |title: String, row: Kept, broken: Option<String>| Case { title, at: test.at, package: test.package.to_string(), test: place, row, broken };
    let of_row = |row: Kept| {
        let (title, broken) = title_of(asker, &test.title, &row);
        case(title, row, broken)
    };
    let broken = |reason: String| vec![case(test.title.plain.clone(), Kept::None, Some(reason))];
    let Some(rows) = test.rows else { return vec![of_row(Kept::None)] };
    let rows: Vec<Kept> = match asker.query(rows as usize, &[Kept::None, Kept::None], None) {
        Ok(Kept::List(rows)) => rows.to_vec(),
        Ok(Kept::Set(rows)) => rows.items().to_vec(),
        Ok(_) => Vec::new(),
        Err(error) => return broken(format!("the cases have no value: {error}")),
    };
    if rows.is_empty() {
        return broken("its table has no rows, so that it tests nothing".to_owned());
    }
    rows.into_iter().map(of_row).collect()
}

/// A title with its holes filled; where they have no value the title without them, and why.
fn title_of(asker: &Engine, title: &PlannedTitle, row: &Kept) -> (String, Option<String>) {
    match asker.query(title.query as usize, &[row.clone(), Kept::None], None) {
        Ok(text) => (text_of(&text), None),
        Err(error) => (title.plain.clone(), Some(format!("the title has no value: {error}"))),
    }
}

fn json_of(value: &Kept) -> Vec<u8> {
    let mut json = Vec::new();
    write_json(value.view(), &mut json);
    json
}

/// The longest value that a message shows, in characters.
const LONGEST: usize = 200;

/// A value as messages show it: `none`, or as JSON, cut where it is long.
fn shown(value: &Kept) -> String {
    if *value == Kept::None {
        return "none".to_owned();
    }
    let json = String::from_utf8(json_of(value)).unwrap_or_default();
    match json.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", json.get(..end).unwrap_or_default()),
        None => json,
    }
}

fn text_of(value: &Kept) -> String {
    if let Kept::Str(text) = value { text.to_string() } else { shown(value) }
}
