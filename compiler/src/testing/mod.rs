//! Runs the tests of a policy set, for the command, the editor and whoever else wants to know.
//!
//! A [`Suite`] has the [`Case`]s: one for a test, or one for each row of a test's table. Running a case evaluates its inputs, decides them as any host
//! would, from bytes, and compares. Properties are held against every decision that a test makes.
//!
//! Invariant: nothing here reads a clock or a file, so a case gives the same verdict always.

mod history;
mod why;

use tollgate_evaluator::{Decision, Effect, Engine, EvaluateError, Kept, Limits, LoadError};
use tollgate_stdlib::write_json;

use crate::check::tests::decision_value;
use crate::diagnostic::Location;
use crate::lower::{PlannedClaim, PlannedCondition, PlannedExpectation, PlannedProperty, PlannedStep, PlannedTest, TestPlan, Testing};
use crate::program::ExpectedRules;

use history::History;

/// The tests of a policy set, ready to run.
#[derive(Clone, Debug)]
pub struct Suite {
    engine: Engine,
    tests: TestPlan,
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

/// An expectation that did not hold, or an expression of a test that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Where it stands.
    pub at: Location,
    /// The title of its step.
    pub step: Option<String>,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Why: the rules that matched, and what kept the others from it.
    pub why: Vec<String>,
}

impl Suite {
    /// A suite of lowered tests.
    ///
    /// # Errors
    /// When the plan is beyond the evaluator's bounds.
    pub fn new(testing: Testing) -> Result<Suite, LoadError> {
        Ok(Suite { engine: Engine::new(testing.plan)?, tests: testing.tests })
    }

    /// The same suite, decided within other limits.
    pub fn with_limits(self, limits: Limits) -> Suite {
        Suite { engine: self.engine.with_limits(limits), ..self }
    }

    /// The same suite, decided without the index.
    pub fn without_index(self) -> Suite {
        Suite { engine: self.engine.without_index(), ..self }
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
        let Ok(run) = Run::new(self, case, test) else { return Vec::new() };
        test.steps.iter().filter_map(|step| run.ask(step.input).ok()).map(|input| json_of(&input)).collect()
    }

    /// Runs a case: what failed, nothing if it passed. Of a sequence, what failed in its first failing step.
    pub fn run(&self, case: &Case) -> Vec<Failing> {
        let failed = |reason: String| vec![Failing::broken(case.at, reason)];
        if let Some(reason) = &case.broken {
            return failed(reason.clone());
        }
        let Some(test) = self.tests.tests.get(case.test) else { return Vec::new() };
        match Run::new(self, case, test) {
            Ok(run) => run.steps(test),
            Err(reason) => failed(reason),
        }
    }
}

impl Failing {
    fn broken(at: Location, reason: String) -> Failing {
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
    let case = |row: Kept, broken: Option<String>| {
        let title = asker.query(test.title as usize, &[row.clone(), Kept::None], None);
        let broken = broken.or_else(|| title.as_ref().err().map(|error| format!("the title has no value: {error}")));
        let title = title.map(|title| text_of(&title)).unwrap_or_default();
        Case { title, at: test.at, package: test.package.to_string(), test: place, row, broken }
    };
    let Some(rows) = test.rows else { return vec![case(Kept::None, None)] };
    match asker.query(rows as usize, &[Kept::None, Kept::None], None) {
        Ok(Kept::List(rows)) => rows.iter().map(|row| case(row.clone(), None)).collect(),
        Ok(Kept::Set(rows)) => rows.items().iter().map(|row| case(row.clone(), None)).collect(),
        Ok(_) => Vec::new(),
        Err(error) => vec![case(Kept::None, Some(format!("the cases have no value: {error}")))],
    }
}

/// A case being run.
struct Run<'s> {
    suite: &'s Suite,
    /// Decides, with the test's data.
    engine: Engine,
    /// Evaluates the test's expressions.
    asker: Engine,
    row: Kept,
}

impl<'s> Run<'s> {
    fn new(suite: &'s Suite, case: &Case, test: &PlannedTest) -> Result<Run<'s>, String> {
        let engine = suite.engine.fork();
        let base = asker(&engine);
        for (place, query) in &test.data {
            let name = engine.plan().data.get(*place as usize).map(|data| data.name.to_string()).unwrap_or_default();
            let value = base.query(*query as usize, &[case.row.clone(), Kept::None], None);
            let value = value.map_err(|error| format!("data `{name}` has no value: {error}"))?;
            engine.set_data(&name, json_of(&value)).map_err(|error| error.to_string())?;
        }
        let asker = asker(&engine);
        Ok(Run { suite, engine, asker, row: case.row.clone() })
    }

    fn steps(&self, test: &PlannedTest) -> Vec<Failing> {
        let mut history = History::default();
        for step in &test.steps {
            let failing = self.step(test, step, &mut history);
            if !failing.is_empty() {
                return failing;
            }
        }
        Vec::new()
    }

    fn step(&self, test: &PlannedTest, step: &PlannedStep, history: &mut History) -> Vec<Failing> {
        let title = step.title.map(|title| self.ask(title).map(|title| text_of(&title)).unwrap_or_default());
        let input = match self.ask(step.input) {
            Ok(input) => history.before(input),
            Err(error) => return vec![Failing { step: title, ..Failing::broken(test.at, format!("the input has no value: {error}")) }],
        };
        let result = match step.result.map(|result| self.ask(result)).transpose() {
            Ok(result) => result,
            Err(error) => return vec![Failing { step: title, ..Failing::broken(test.at, format!("the result has no value: {error}")) }],
        };
        let request = json_of(&input);
        let decision = self.engine.decide(&request);
        let decided = Decided { run: self, request: &request, decision: &decision };
        let failing = step.expect.iter().filter_map(|expectation| decided.expectation(expectation));
        let failing: Vec<Failing> = failing.chain(decided.properties()).map(|failing| Failing { step: title.clone(), ..failing }).collect();
        history.after(&input, decision.effect(), result);
        failing
    }

    fn ask(&self, query: u32) -> Result<Kept, EvaluateError> {
        self.asker.query(query as usize, &[self.row.clone(), Kept::None], None)
    }
}

/// A decision that expectations are held against.
struct Decided<'r> {
    run: &'r Run<'r>,
    request: &'r [u8],
    decision: &'r Decision,
}

impl Decided<'_> {
    fn expectation(&self, expectation: &PlannedExpectation) -> Option<Failing> {
        match expectation {
            PlannedExpectation::Effect { effect, by, at } => self.effect(*effect, by, *at),
            PlannedExpectation::Condition(condition) => self.condition(condition),
        }
    }

    fn effect(&self, effect: Effect, by: &ExpectedRules, at: Location) -> Option<Failing> {
        let rules = self.decision.rules();
        let as_expected = match by {
            ExpectedRules::Any => true,
            ExpectedRules::None => rules.len() == 0,
            ExpectedRules::Exactly(expected) => rules.eq(expected.iter().map(|name| &**name)),
        };
        if self.decision.effect() == effect && as_expected {
            return None;
        }
        let expected = match by {
            ExpectedRules::Any => effect.to_string(),
            ExpectedRules::None => format!("{effect} by none"),
            ExpectedRules::Exactly(expected) => format!("{effect} by {}", expected.join(", ")),
        };
        let why = why::of_effect(&self.run.engine, self.request, self.decision, effect, by);
        Some(Failing { at, step: None, expected, got: why::summary(self.decision), why })
    }

    fn condition(&self, condition: &PlannedCondition) -> Option<Failing> {
        let got = match self.ask(condition.query) {
            Ok(Kept::Bool(true)) => return None,
            Ok(value) => shown(&value),
            Err(error) => error.to_string(),
        };
        let mut why = Vec::new();
        self.parts(condition, &mut why);
        why.push(format!("the decision is {}", why::summary(self.decision)));
        why.extend(why::errors(self.decision));
        Some(Failing { at: condition.at, step: None, expected: format!("`{}`", condition.text), got, why })
    }

    /// The values of a condition's parts, the larger before the smaller.
    fn parts(&self, condition: &PlannedCondition, lines: &mut Vec<String>) {
        for part in &condition.parts {
            let value = self.ask(part.query).map_or_else(|error| error.to_string(), |value| shown(&value));
            lines.push(format!("`{}` is {value}", part.text));
            self.parts(part, lines);
        }
    }

    /// The claims of properties that the decision contradicts, or of which nobody knows whether it does.
    fn properties(&self) -> Vec<Failing> {
        let properties = self.run.suite.tests.properties.iter();
        let claims = properties.flat_map(|property| property.claims.iter().map(move |claim| (property, claim)));
        claims.filter_map(|(property, claim)| self.claim(property, claim)).collect()
    }

    fn claim(&self, property: &PlannedProperty, claim: &PlannedClaim) -> Option<Failing> {
        let applies = claim.when.as_ref().map_or(Ok(true), |when| self.applies(when.query));
        let (got, why) = match applies {
            Ok(applies) if !applies || (self.decision.effect() == claim.effect) == claim.always => return None,
            Ok(_) => (why::summary(self.decision), why::matched(self.decision)),
            Err(error) => (format!("its `when` ends in an error: {error}"), vec![format!("the decision is {}", why::summary(self.decision))]),
        };
        let word = if claim.always { "always" } else { "never" };
        let when = claim.when.as_ref().map(|when| format!(" when {}", when.text)).unwrap_or_default();
        let expected = format!("{word} {}{when}, as the property `{}` claims", claim.effect, property.title);
        Some(Failing { at: property.at, step: None, expected, got, why })
    }

    /// Whether a claim is about this request. None is about one that was refused before anything was evaluated, where its condition has no value.
    fn applies(&self, when: u32) -> Result<bool, EvaluateError> {
        match self.ask_request(when) {
            Ok(value) => Ok(value == Kept::Bool(true)),
            Err(EvaluateError::Input { .. }) => Ok(false),
            Err(_) if !self.run.engine.unbound().is_empty() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Evaluates in sight of the request and the decision. A request that does not fit has no values; the decision can be asked about all the same.
    fn ask(&self, query: u32) -> Result<Kept, EvaluateError> {
        match self.ask_request(query) {
            Err(EvaluateError::Input { .. }) => self.run.asker.query(query as usize, &self.params(), None),
            other => other,
        }
    }

    fn ask_request(&self, query: u32) -> Result<Kept, EvaluateError> {
        self.run.asker.query(query as usize, &self.params(), Some(self.request))
    }

    fn params(&self) -> [Kept; 2] {
        let decision = serde_json::from_str(&self.decision.to_json()).unwrap_or_default();
        [self.run.row.clone(), decision_value(&decision)]
    }
}

fn json_of(value: &Kept) -> Vec<u8> {
    let mut json = Vec::new();
    write_json(value.view(), &mut json);
    json
}

/// The longest value that a message shows, in characters.
const LONGEST: usize = 200;

/// A value as messages show it: as JSON, cut where it is long.
fn shown(value: &Kept) -> String {
    let json = String::from_utf8(json_of(value)).unwrap_or_default();
    match json.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", json.get(..end).unwrap_or_default()),
        None => json,
    }
}

fn text_of(value: &Kept) -> String {
    if let Kept::Str(text) = value { text.to_string() } else { shown(value) }
}
