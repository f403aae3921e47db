//! Tests, properties and questions: expressions that are evaluated beside decisions.

use std::sync::Arc;

use tollgate_evaluator::Effect;
use tollgate_evaluator::plan::{NodeId, Plan, Query};
use tollgate_stdlib::Kept;

use crate::diagnostic::{Diagnostic, Location};
use crate::program::{self, Condition, Expectation, ExpectedRules, Expr, ExprKind, Property, Step, Test};

use super::frame::Frame;
use super::intern::number;
use super::outline::Outline;
use super::reads::{Read, reads};
use super::share::Final;
use super::walk::each_operand;
use super::{LowerOptions, Lowering, Testing, bounds, too_large};

/// The tests and properties of a set. Every number is that of a query of the plan.
#[derive(Clone, Debug, Default)]
pub struct TestPlan {
    /// The tests, in the order of the program.
    pub tests: Vec<PlannedTest>,
    /// The properties, in the order of the program.
    pub properties: Vec<PlannedProperty>,
    /// The query of each condition of a contribution, score by score.
    pub score_parts: Vec<u32>,
}

/// A test. Its queries take two parameters: the row, and the decision (each `none` where there is none yet).
#[derive(Clone, Debug)]
pub struct PlannedTest {
    /// Its title.
    pub title: PlannedTitle,
    /// The query of its rows, a list; without it the test is one case.
    pub rows: Option<u32>,
    /// Its data: the place in [`Plan::data`] and the query of the value, as `json`.
    pub data: Vec<(u32, u32)>,
    /// Its steps.
    pub steps: Vec<PlannedStep>,
    /// Where its title stands.
    pub at: Location,
    /// The package it stands in.
    pub package: Arc<str>,
}

/// A step of a test.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// Its title.
    pub title: Option<PlannedTitle>,
    /// The query of the request, as `json`.
    pub input: u32,
    /// The query of what the tool gives, as `json`.
    pub result: Option<u32>,
    /// What is expected.
    pub expect: Vec<PlannedExpectation>,
    /// Whether it expects something of the decision's errors.
    pub asks_errors: bool,
}

/// The title of a test or step.
#[derive(Clone, Debug)]
pub struct PlannedTitle {
    /// Its query.
    pub query: u32,
    /// It without its holes, for where they have no value.
    pub plain: String,
}

/// What a test expects.
#[derive(Clone, Debug)]
pub enum PlannedExpectation {
    /// An effect, and by which rules.
    Effect {
        /// The effect.
        effect: Effect,
        /// The rules, by full name, sorted.
        by: ExpectedRules,
        /// Where it stands.
        at: Location,
    },
    /// A condition that holds of the decision.
    Condition(PlannedCondition),
}

/// A condition with the parts that are worth showing where it fails.
#[derive(Clone, Debug)]
pub struct PlannedCondition {
    /// Its query.
    pub query: u32,
    /// Its source.
    pub text: String,
    /// Where it stands.
    pub at: Location,
    /// Its parts.
    pub parts: Vec<PlannedCondition>,
}

/// A property.
#[derive(Clone, Debug)]
pub struct PlannedProperty {
    /// Its title.
    pub title: Arc<str>,
    /// Its claims.
    pub claims: Vec<PlannedClaim>,
    /// Where its title stands.
    pub at: Location,
}

/// What a property claims of every input.
#[derive(Clone, Debug)]
pub struct PlannedClaim {
    /// Whether it is claimed always, or never.
    pub always: bool,
    /// The effect.
    pub effect: Effect,
    /// The condition; without it the claim is of every input.
    pub when: Option<PlannedCondition>,
}

impl TestPlan {
    /// Calls back with every place in it.
    pub(crate) fn each_place(&mut self, visit: &mut impl FnMut(&mut Location)) {
        for test in &mut self.tests {
            visit(&mut test.at);
            test.steps.iter_mut().flat_map(|step| &mut step.expect).for_each(|expectation| match expectation {
                PlannedExpectation::Effect { at, .. } => visit(at),
                PlannedExpectation::Condition(condition) => condition.each_place(visit),
            });
        }
        for property in &mut self.properties {
            visit(&mut property.at);
            property.claims.iter_mut().filter_map(|claim| claim.when.as_mut()).for_each(|condition| condition.each_place(visit));
        }
    }
}

impl PlannedCondition {
    fn each_place(&mut self, visit: &mut impl FnMut(&mut Location)) {
        visit(&mut self.at);
        self.parts.iter_mut().for_each(|part| part.each_place(visit));
    }
}

/// The parameters of a test's queries: the row and the decision.
const TEST_PARAMS: usize = 2;
/// Which of them the decision is.
const DECISION: usize = 1;

impl Lowering<'_> {
    /// The plan extended by the queries that are asked for.
    pub(super) fn testing(&mut self, options: &LowerOptions<'_>, deciding: &Plan, mut nodes: Final) -> Result<Testing, Vec<Diagnostic>> {
        self.only_queries = true;
        let program = self.program;
        let mut queries = Queries::default();
        let tests = if options.tests {
            TestPlan {
                tests: program.tests.iter().map(|test| self.test(test, &mut queries)).collect(),
                properties: program.properties.iter().map(|property| self.property(property, &mut queries)).collect(),
                score_parts: self.score_parts(&mut queries),
            }
        } else {
            TestPlan::default()
        };
        let questions = options.questions.iter().map(|(text, expr)| self.query(text, expr, 0, &mut queries)).collect();
        let outline = if options.outline { self.outline(&mut queries) } else { Outline::default() };
        let mut plan = Plan { queries: queries.list, ..deciding.clone() };
        nodes.finish_queries(&self.graph, &mut plan.queries);
        self.fill(&mut plan, &nodes);
        if let Some(diagnostic) = bounds::query_beyond(&plan, &queries.places) {
            return Err(vec![diagnostic]);
        }
        plan.validate().map_err(|error| vec![too_large(&error.to_string())])?;
        Ok(Testing { plan, tests, questions, outline })
    }

    fn test(&mut self, test: &Test, queries: &mut Queries) -> PlannedTest {
        let title = self.title(&test.title, queries);
        let mut ask = |expr: &Expr| self.query("", expr, TEST_PARAMS, queries);
        let rows = test.rows.as_ref().map(&mut ask);
        let data = test.data.iter().map(|(place, value)| (number(*place), ask(value))).collect();
        let steps = test.steps.iter().map(|step| self.step(step, queries)).collect();
        PlannedTest { title, rows, data, steps, at: test.at, package: Arc::clone(&test.package) }
    }

    fn step(&mut self, step: &Step, queries: &mut Queries) -> PlannedStep {
        let title = step.title.as_ref().map(|title| self.title(title, queries));
        let mut ask = |expr: &Expr| self.query("", expr, TEST_PARAMS, queries);
        let (input, result) = (ask(&step.input), step.result.as_ref().map(&mut ask));
        let expect = step
            .expect
            .iter()
            .map(|expectation| match expectation {
                Expectation::Effect { effect, by, at } => PlannedExpectation::Effect { effect: *effect, by: by.clone(), at: *at },
                Expectation::Condition(condition) => PlannedExpectation::Condition(self.planned_condition(condition, queries)),
            })
            .collect();
        let asks_errors =
            step.expect.iter().any(|expectation| matches!(expectation, Expectation::Condition(condition) if reads_errors(&condition.expr)));
        PlannedStep { title, input, result, expect, asks_errors }
    }

    fn title(&mut self, title: &Expr, queries: &mut Queries) -> PlannedTitle {
        PlannedTitle { query: self.query("", title, TEST_PARAMS, queries), plain: plain(title) }
    }

    fn property(&mut self, property: &Property, queries: &mut Queries) -> PlannedProperty {
        let mut claim = |claim: &program::Claim| PlannedClaim {
            always: claim.always,
            effect: claim.effect,
            when: claim.when.as_ref().map(|condition| self.planned_condition(condition, queries)),
        };
        PlannedProperty { title: Arc::clone(&property.title), claims: property.claims.iter().map(&mut claim).collect(), at: property.at }
    }

    fn score_parts(&mut self, queries: &mut Queries) -> Vec<u32> {
        let program = self.program;
        let parts = program.scores.iter().flat_map(|score| &score.parts);
        parts.map(|part| self.query(&part.text, &part.condition, TEST_PARAMS, queries)).collect()
    }

    fn planned_condition(&mut self, condition: &Condition, queries: &mut Queries) -> PlannedCondition {
        let query = self.query(&condition.text, &condition.expr, TEST_PARAMS, queries);
        let mut parts: Vec<PlannedCondition> = condition.parts.iter().map(|part| self.planned_condition(part, queries)).collect();
        for Read { expr, text } in reads(self.program, condition, &[(DECISION, "decision")]) {
            parts.push(PlannedCondition { query: self.query(&text, expr, TEST_PARAMS, queries), text, at: expr.at, parts: Vec::new() });
        }
        PlannedCondition { query, text: condition.text.clone(), at: condition.expr.at, parts }
    }

    fn query(&mut self, name: &str, expr: &Expr, params: usize, queries: &mut Queries) -> u32 {
        let mut frame = Frame::with_params(params);
        let node = self.expr(&mut frame, expr);
        queries.add(name, expr.at, params, frame.size(), node)
    }
}

/// A title without its holes.
fn plain(title: &Expr) -> String {
    match &title.kind {
        ExprKind::Const(Kept::Str(text)) => text.to_string(),
        ExprKind::Text(parts) => parts.iter().map(plain).collect(),
        _ => "{…}".to_owned(),
    }
}

/// Whether an expression of a test reads the decision's errors.
fn reads_errors(expr: &Expr) -> bool {
    if let ExprKind::Field { base, name, .. } = &expr.kind
        && matches!(base.kind, ExprKind::Local(DECISION))
    {
        return **name == *"errors";
    }
    let mut found = false;
    each_operand(expr, &mut |operand, _| found = found || reads_errors(operand));
    found
}

/// The queries so far, and where each stands.
#[derive(Default)]
pub(super) struct Queries {
    list: Vec<Query>,
    places: Vec<Location>,
}

impl Queries {
    /// Adds a query, and gives its number.
    pub fn add(&mut self, name: &str, at: Location, params: usize, locals: u32, node: NodeId) -> u32 {
        self.places.push(at);
        self.list.push(Query { name: name.into(), params: number(params), locals, node });
        number(self.list.len() - 1)
    }
}
