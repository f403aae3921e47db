//! A plan that is kept up with its set: where only rules have changed, the others are not lowered again.
//!
//! Such a plan decides as that of the whole set does. It may number things in another order, and hold some that no rule needs any more.

use std::ops::Range;
use std::sync::Arc;

use tollgate_evaluator::plan::{self, Pattern, Plan, RuleSource, Text};

use crate::diagnostic::Diagnostic;
use crate::program::{Program, Rule};

use super::constants::Constants;
use super::graph::Graph;
use super::history::Histories;
use super::index::{Filing, IndexReport};
use super::intern::Interner;
use super::layout::Slots;
use super::share::Final;
use super::tools::Tools;
use super::types::Types;
use super::{Lowering, bounds};

/// A plan holds at most this many times what it needs before it is made anew; a small one may grow by [`SMALL`].
const MOST_GROWTH: usize = 2;
const SMALL: usize = 1 << 12;

/// A plan with what is needed to keep it up.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What its rules were made of.
    rules: Vec<Arc<Rule>>,
    nodes: Final,
    filing: Filing,
    tables: Tables,
    /// How many expressions, constants and shown conditions there were when the whole was lowered.
    size: usize,
}

/// What lowering numbers; see [`Lowering`].
#[derive(Clone, Debug)]
struct Tables {
    graph: Graph,
    constants: Constants,
    patterns: Interner<Pattern>,
    builtins: Interner<Text>,
    slots: Slots,
    types: Types,
    tools: Tools,
    definitions: Vec<plan::Definition>,
    definition_places: Vec<usize>,
    definition_numbers: Vec<Option<u32>>,
    histories: Histories,
}

impl Planned {
    /// Lowers a program without errors.
    ///
    /// # Errors
    /// As [`super::lower`].
    pub fn new(program: &Program) -> Result<Planned, Vec<Diagnostic>> {
        let (lowering, plan, nodes, filing) = Lowering::decide(program)?;
        let tables = Tables::of(lowering);
        let size = tables.size() + nodes.shown();
        Ok(Planned { plan, rules: program.rules.clone(), nodes, filing, tables, size })
    }

    /// The plan of a program without errors that has other rules than before and is the same otherwise. `None` where all of it must be lowered:
    /// it names other tools, has grown too much, or is beyond a bound.
    pub fn update(self, program: &Program) -> Option<Planned> {
        let Planned { mut plan, mut rules, mut nodes, mut filing, tables, size } = self;
        let (before, after) = differing(&rules, &program.rules);
        if before.is_empty() && after.is_empty() {
            return Some(Planned { plan, rules, nodes, filing, tables, size });
        }
        let changed = program.rules.get(after.clone())?;
        if !changed.iter().flat_map(|rule| &rule.on).all(|text| tables.tools.has(text)) {
            return None;
        }
        let mut lowering = tables.resume(program);
        let (lowered, mut sources): (Vec<plan::Rule>, Vec<RuleSource>) = changed.iter().map(|rule| lowering.rule(rule)).unzip();
        plan.rules.splice(before.clone(), lowered);
        lowering.file_again(&mut plan, &mut filing, before.clone(), after.clone());
        let places = (before.clone(), after.clone());
        nodes.finish_rules((&lowering.graph, &lowering.histories), &mut plan, places, &mut sources);
        lowering.fill(&mut plan, &nodes);
        let is_beyond = bounds::rules_beyond(&plan, plan.rules.get(after)?, changed).is_some();
        rules.splice(before, changed.iter().cloned());
        if lowering.is_erroneous || is_beyond || plan.validate().is_err() {
            return None;
        }
        let tables = Tables::of(lowering);
        (tables.size() + nodes.shown() <= size * MOST_GROWTH + SMALL).then_some(Planned { plan, rules, nodes, filing, tables, size })
    }

    /// What each rule is filed under; the program is the one that the plan is of.
    pub fn report(&self, program: &Program) -> IndexReport {
        self.filing.report(program, &self.plan)
    }
}

/// Where two lists of rules differ: what they begin and end with in common is left out.
fn differing(before: &[Arc<Rule>], after: &[Arc<Rule>]) -> (Range<usize>, Range<usize>) {
    let same = |(a, b): &(&Arc<Rule>, &Arc<Rule>)| Arc::ptr_eq(a, b);
    let first = before.iter().zip(after).take_while(same).count();
    let most = before.len().min(after.len()) - first;
    let last = before.iter().rev().zip(after.iter().rev()).take(most).take_while(same).count();
    (first..before.len() - last, first..after.len() - last)
}

impl Tables {
    fn of(lowering: Lowering<'_>) -> Tables {
        let Lowering {
            graph, constants, patterns, builtins, slots, types, tools, definitions, definition_places, definition_numbers, histories, ..
        } = lowering;
        Tables { graph, constants, patterns, builtins, slots, types, tools, definitions, definition_places, definition_numbers, histories }
    }

    fn resume(self, program: &Program) -> Lowering<'_> {
        let Tables { graph, constants, patterns, builtins, slots, types, tools, definitions, definition_places, definition_numbers, histories } =
            self;
        Lowering {
            program,
            graph,
            constants,
            patterns,
            builtins,
            slots,
            types,
            tools,
            definitions,
            definition_places,
            definition_numbers,
            is_erroneous: false,
            histories,
            only_queries: false,
        }
    }

    fn size(&self) -> usize {
        self.graph.len() + self.constants.list().len()
    }
}
