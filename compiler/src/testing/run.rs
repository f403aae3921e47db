//! A case being run: its requests are decided, and the decisions held against what is expected.

use tollgate_evaluator::{Decision, Effect, Engine, EvaluateError, Kept};

use crate::check::tests::decision_value;
use crate::diagnostic::Location;
use crate::lower::{PlannedClaim, PlannedCondition, PlannedExpectation, PlannedProperty, PlannedStep, PlannedTest};
use crate::program::ExpectedRules;

use super::history::History;
use super::{Case, Failing, Ran, Suite, Unasked, asker, json_of, shown, title_of, why};

/// A case being run.
pub struct Run<'s> {
    suite: &'s Suite,
    /// Decides, with the test's data.
    engine: Engine,
    /// Evaluates the test's expressions.
    asker: Engine,
    row: Kept,
}

impl<'s> Run<'s> {
    /// A run of a test, with its data.
    pub fn of_test(suite: &'s Suite, case: &Case, test: &PlannedTest) -> Result<Run<'s>, String> {
        let engine = suite.engine.fork();
        for (name, json) in Run::data_of(suite, case, test)? {
            engine.set_data(&name, json).map_err(|error| error.to_string())?;
        }
        Ok(Run::new(suite, engine, case.row.clone()))
    }

    /// The data that a test binds, by their full names, as JSON.
    pub fn data_of(suite: &Suite, case: &Case, test: &PlannedTest) -> Result<Vec<(String, Vec<u8>)>, String> {
        let base = asker(&suite.engine);
        let of_one = |(place, query): &(u32, u32)| {
            let name = base.plan().data.get(*place as usize).map(|data| data.name.to_string()).unwrap_or_default();
            let value = base.query(*query as usize, &[case.row.clone(), Kept::None], None);
            let value = value.map_err(|error| format!("data `{name}` has no value: {error}"))?;
            Ok((name, json_of(&value)))
        };
        test.data.iter().map(of_one).collect()
    }

    /// A run by an engine that has its data.
    pub fn new(suite: &'s Suite, engine: Engine, row: Kept) -> Run<'s> {
        let asker = asker(&engine);
        Run { suite, engine, asker, row }
    }

    /// What decides.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Decides a request.
    pub fn decide(&self, request: &[u8]) -> Decision {
        self.suite.see(&self.engine, request);
        self.engine.decide(request)
    }

    /// The request of each step, without what the steps before left to it.
    pub fn requests(&self, test: &PlannedTest) -> Vec<Vec<u8>> {
        test.steps.iter().filter_map(|step| self.ask(step.input).ok()).map(|input| json_of(&input)).collect()
    }

    /// What is decided step after step, as long as steps have inputs: each request with its decision.
    pub fn decisions(&self, test: &PlannedTest) -> Vec<(Vec<u8>, Decision)> {
        let mut history = History::default();
        let step = |step: &PlannedStep| {
            let input = history.before(self.ask(step.input).ok()?);
            let result = step.result.map(|result| self.ask(result)).transpose().ok()?;
            let request = json_of(&input);
            let decision = self.engine.decide(&request);
            history.after(&input, decision.effect(), result);
            Some((request, decision))
        };
        test.steps.iter().map_while(step).collect()
    }

    /// Runs step after step, until one fails.
    pub fn steps(&self, test: &PlannedTest) -> Ran {
        let mut history = History::default();
        let mut ran = Ran::default();
        for step in &test.steps {
            self.step(test, step, &mut history, &mut ran);
            if !ran.failing.is_empty() {
                break;
            }
        }
        ran
    }

    fn step(&self, test: &PlannedTest, step: &PlannedStep, history: &mut History, ran: &mut Ran) {
        let (title, untitled) = step.title.as_ref().map(|title| title_of(&self.asker, title, &self.row)).unzip();
        let mut broken = |reason: String| ran.failing.push(Failing { step: title.clone(), ..Failing::broken(Some(test.at), reason) });
        if let Some(reason) = untitled.flatten() {
            return broken(reason);
        }
        let input = match self.ask(step.input) {
            Ok(input) => history.before(input),
            Err(error) => return broken(format!("the input has no value: {error}")),
        };
        let result = match step.result.map(|result| self.ask(result)).transpose() {
            Ok(result) => result,
            Err(error) => return broken(format!("the result has no value: {error}")),
        };
        let request = json_of(&input);
        let decision = self.decide(&request);
        let decided = Decided { run: self, request: &request, decision: &decision };
        let failing = step.expect.iter().filter_map(|expectation| decided.expectation(expectation));
        ran.failing.extend(failing.chain(decided.properties()).map(|failing| Failing { step: title.clone(), ..failing }));
        if ran.failing.is_empty() {
            ran.unasked.extend(Unasked::of_step(step, title.as_deref(), &decision));
        }
        history.after(&input, decision.effect(), result);
    }

    fn ask(&self, query: u32) -> Result<Kept, EvaluateError> {
        self.asker.query(query as usize, &[self.row.clone(), Kept::None], None)
    }
}

/// A decision that expectations are held against.
pub struct Decided<'r> {
    /// What decided.
    pub run: &'r Run<'r>,
    /// The request.
    pub request: &'r [u8],
    /// The decision.
    pub decision: &'r Decision,
}

impl Decided<'_> {
    fn expectation(&self, expectation: &PlannedExpectation) -> Option<Failing> {
        match expectation {
            PlannedExpectation::Effect { effect, by, at } => self.effect(*effect, by, Some(*at)),
            PlannedExpectation::Condition(condition) => self.condition(condition),
        }
    }

    /// Holds the decision against an effect, and the rules that it must be by.
    pub fn effect(&self, effect: Effect, by: &ExpectedRules, at: Option<Location>) -> Option<Failing> {
        let rules = self.decision.rules();
        let as_expected = match by {
            ExpectedRules::Any => true,
            ExpectedRules::None => rules.len() == 0,
            ExpectedRules::Exactly(expected) => rules.eq(expected.iter().map(|name| &**name)),
        };
        if self.decision.effect() == effect && as_expected {
            return None;
        }
        let expected = why::expected(effect, by);
        let why = self.why(effect, by);
        Some(Failing { at, step: None, expected, got: why::summary(self.decision), why })
    }

    fn why(&self, effect: Effect, by: &ExpectedRules) -> Vec<String> {
        why::of_effect(&self.run.engine, self.request, self.decision, effect, by)
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
        Some(Failing { at: Some(condition.at), step: None, expected: format!("`{}`", condition.text), got, why })
    }

    /// The values of a condition's parts, the larger before the smaller.
    fn parts(&self, condition: &PlannedCondition, lines: &mut Vec<String>) {
        for part in &condition.parts {
            let value = self.ask(part.query).map_or_else(|error| error.to_string(), |value| shown(&value));
            let line = format!("`{}` is {value}", part.text);
            if !lines.contains(&line) {
                lines.push(line);
            }
            self.parts(part, lines);
        }
    }

    /// The claims of properties that the decision contradicts, or of which nobody knows whether it does.
    pub fn properties(&self) -> Vec<Failing> {
        let properties = self.run.suite.tests.properties.iter();
        let claims = properties.flat_map(|property| property.claims.iter().map(move |claim| (property, claim)));
        claims.filter_map(|(property, claim)| self.claim(property, claim)).collect()
    }

    fn claim(&self, property: &PlannedProperty, claim: &PlannedClaim) -> Option<Failing> {
        let applies = claim.when.as_ref().map_or(Ok(true), |when| self.applies(when.query));
        let (got, why) = match applies {
            Ok(applies) if !applies || (self.decision.effect() == claim.effect) == claim.always => return None,
            Ok(_) => (why::summary(self.decision), self.why(claim.effect, &ExpectedRules::Any)),
            Err(error) => (format!("its `when` ends in an error: {error}"), vec![format!("the decision is {}", why::summary(self.decision))]),
        };
        let word = if claim.always { "always" } else { "never" };
        let when = claim.when.as_ref().map(|when| format!(" when {}", when.text)).unwrap_or_default();
        let expected = format!("{word} {}{when}, as the property `{}` claims", claim.effect, property.title);
        Some(Failing { at: Some(property.at), step: None, expected, got, why })
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
