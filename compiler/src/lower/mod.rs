//! Lowering: the typed program to the plan.
//!
//! Expressions become nodes of one graph, equal ones the same node; reads of the request become slots; `when` is cut into what the index may prove
//! and the rest; rules are filed. What comes out depends on the items alone: rules, scores, data and tools come sorted, everything else is numbered
//! by walking them in that order.

mod bounds;
mod constants;
mod definitions;
mod expr;
mod fold;
mod frame;
mod graph;
mod history;
mod index;
mod intern;
mod layout;
mod outline;
mod queries;
mod reads;
mod rules;
mod share;
#[cfg(test)]
mod tests;
mod tools;
mod types;
mod update;
pub(crate) mod walk;

use tollgate_evaluator::plan::{self, InputLayout, Pattern, Plan, RuleSource, Text, ToolField};
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{Expr, Program};

use constants::Constants;
use graph::Graph;
use history::Histories;
use index::Filing;
pub use index::{Filed, FiledRule, IndexReport, unfiled};
use intern::{Interner, number};
use layout::Slots;
pub use outline::{Outline, Part, PartKind, RuleOutline};
pub use queries::{PlannedClaim, PlannedCondition, PlannedExpectation, PlannedProperty, PlannedStep, PlannedTest, PlannedTitle, TestPlan};
use share::Final;
use tools::Tools;
use types::Types;
pub use update::Planned;

/// What is lowered beside the rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct LowerOptions<'a> {
    /// Whether tests and properties are lowered too.
    pub tests: bool,
    /// Expressions without parameters whose value somebody wants to know, with their source.
    pub questions: &'a [(&'a str, &'a Expr)],
    /// Whether every part of a condition may be asked the value of.
    pub outline: bool,
}

/// A lowered policy set.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The plan that decides.
    pub plan: Plan,
    /// What each rule is filed under.
    pub report: IndexReport,
    /// What should be known of the plan, though it decides.
    pub warnings: Vec<Diagnostic>,
    /// The plan that answers queries too, where [`LowerOptions`] asks for them.
    pub testing: Option<Testing>,
}

/// A plan with queries, which decides as the plan without them does. Its digest is another, since it keeps what the queries read.
#[derive(Clone, Debug, Default)]
pub struct Testing {
    /// The plan.
    pub plan: Plan,
    /// The tests and properties, by the numbers of their queries.
    pub tests: TestPlan,
    /// The query of each question.
    pub questions: Vec<u32>,
    /// The conditions of the set, by the numbers of the queries of their parts.
    pub outline: Outline,
}

/// Lowers a program without errors. A set that is beyond the evaluator's bounds gives diagnostics.
pub fn lower(program: &Program, options: &LowerOptions<'_>) -> Result<Lowered, Vec<Diagnostic>> {
    let (mut lowering, plan, nodes, filing) = Lowering::decide(program)?;
    let report = filing.report(program, &plan);
    let warnings = unfiled(program, &plan).into_iter().collect();
    let wants_queries = options.tests || options.outline || !options.questions.is_empty();
    let testing = if wants_queries { Some(lowering.testing(options, &plan, nodes)?) } else { None };
    Ok(Lowered { plan, report, warnings, testing })
}

/// The plan alone.
pub fn plan(program: &Program) -> Result<Plan, Vec<Diagnostic>> {
    Lowering::decide(program).map(|(_, plan, ..)| plan)
}

fn too_large(why: &str) -> Diagnostic {
    Diagnostic::error(Code::TooLarge, Location::default(), format!("the policy set is too large: {why}"))
}

/// A program on its way to a plan.
struct Lowering<'p> {
    program: &'p Program,
    graph: Graph,
    constants: Constants,
    patterns: Interner<Pattern>,
    builtins: Interner<Text>,
    slots: Slots,
    types: Types,
    tools: Tools,
    /// The definitions lowered so far.
    definitions: Vec<plan::Definition>,
    /// Where each of them stands in the program.
    definition_places: Vec<usize>,
    /// For each definition of the program its number in the plan.
    definition_numbers: Vec<Option<u32>>,
    /// Whether something was met that has an error, which only a program with diagnostics has.
    is_erroneous: bool,
    /// What a session can keep up.
    histories: Histories,
    /// Whether what is lowered from now on are queries, which no session answers.
    only_queries: bool,
}

impl<'p> Lowering<'p> {
    fn new(program: &'p Program) -> Lowering<'p> {
        Lowering {
            program,
            graph: Graph::default(),
            constants: Constants::default(),
            patterns: Interner::default(),
            builtins: Interner::default(),
            slots: Slots::default(),
            types: Types::default(),
            tools: Tools::new(program),
            definitions: Vec::new(),
            definition_places: Vec::new(),
            definition_numbers: Vec::new(),
            is_erroneous: false,
            histories: Histories::default(),
            only_queries: false,
        }
    }

    /// The plan that decides, and what it was made with.
    fn decide(program: &'p Program) -> Result<(Lowering<'p>, Plan, Final, Filing), Vec<Diagnostic>> {
        let mut lowering = Lowering::new(program);
        let (mut plan, mut sources) = lowering.deciding();
        let filing = lowering.file_rules(&mut plan);
        let mut nodes = Final::default();
        nodes.finish(&lowering.graph, &lowering.histories, &mut plan, &mut sources);
        lowering.fill(&mut plan, &nodes);
        if lowering.is_erroneous {
            return Err(vec![too_large("it has an error that checking did not find; please report it")]);
        }
        if let Some(diagnostic) = bounds::beyond(program, &lowering.definition_places, &plan) {
            return Err(vec![diagnostic]);
        }
        plan.validate().map_err(|error| vec![too_large(&error.to_string())])?;
        Ok((lowering, plan, nodes, filing))
    }

    /// The plan that decides and the sources of its rules, still naming nodes of the graph, without its index.
    fn deciding(&mut self) -> (Plan, Vec<RuleSource>) {
        let program = self.program;
        let tool = self.tool_field();
        let scores = self.definitions_and_scores();
        let (rules, sources) = program.rules.iter().map(|rule| self.rule(rule)).unzip();
        let default = program.default.as_ref().map(|default| self.default_decision(default));
        let input = InputLayout { ty: self.record_type(&program.input), tool, session: program.session_field.map(number), ..InputLayout::default() };
        let data = program.data.iter().map(|data| self.data(data)).collect();
        let tools = self.plan_tools();
        let plan = Plan {
            input,
            tools,
            data,
            definitions: self.definitions.clone(),
            scores,
            obligations: program.obligations.iter().map(obligation).collect(),
            rules,
            default,
            types: self.types.list().to_vec(),
            ..Plan::default()
        };
        (plan, sources)
    }

    /// Brings the plan's tables up to what they are now.
    fn fill(&mut self, plan: &mut Plan, nodes: &Final) {
        if plan.input.slots != self.slots.count() {
            plan.tools = self.plan_tools();
            plan.input.slots = self.slots.count();
            plan.input.keep = self.slots.input_layout();
        }
        extend(&mut plan.shapes, self.constants.shapes());
        extend(&mut plan.constants, self.constants.list());
        extend(&mut plan.patterns, self.patterns.list());
        extend(&mut plan.builtins, self.builtins.list());
        extend(&mut plan.nodes, &nodes.nodes);
        plan.memos = nodes.memos;
    }

    fn data(&mut self, data: &crate::program::Data) -> plan::Data {
        plan::Data { name: (&*data.name).into(), ty: self.ty(&data.ty), default: data.default.as_ref().map(|value| self.constants.intern(value)) }
    }

    /// The slots of the tool's name and server, which every decision reads.
    fn tool_field(&mut self) -> Option<ToolField> {
        let (tool, args) = (self.program.tool_field?, self.program.args_field?);
        let Type::Record(ty) = self.program.input.fields.get(tool)?.ty.present() else { return None };
        let ((name, _), (server, _)) = (ty.field("name")?, ty.field("server")?);
        let tool = number(tool);
        Some(ToolField {
            tool,
            args: number(args),
            name: self.slots.input_slot(&[tool, number(name)]),
            server: self.slots.input_slot(&[tool, number(server)]),
        })
    }
}

/// Adds what a table has not yet of a list that has only grown.
fn extend<T: Clone>(table: &mut Vec<T>, list: &[T]) {
    table.extend_from_slice(list.get(table.len()..).unwrap_or_default());
}

fn obligation(obligation: &crate::program::Obligation) -> plan::Obligation {
    plan::Obligation { name: (&*obligation.name).into(), params: obligation.params.iter().map(|(name, _, _)| (&**name).into()).collect() }
}
