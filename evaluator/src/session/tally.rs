//! What a session keeps up about its calls, one tally for each aggregate of the plan.

use std::sync::Arc;

use tollgate_stdlib::{EvalError, Kept, Value};

use super::group::Groups;
use super::total::Total;
use super::words::Words;
use crate::Engine;
use crate::data::Bound;
use crate::eval::{Machine, Memory};
use crate::plan::{Aggregate, Order, READS_REQUEST, Role, index};
use crate::program::Program;
use crate::scratch::with_scratch;

/// The tallies of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tallies {
    list: Vec<Tally>,
    /// How many calls are in them.
    calls: usize,
    /// The data that calls were recorded with, where a tally depends on it.
    bound: Option<Arc<Bound>>,
}

/// What is kept up for an aggregate.
#[derive(Clone, Debug)]
struct Tally {
    kept: Kind,
    /// How many variables its expressions need.
    locals: usize,
    reads_data: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Figures by keys.
    Groups(Groups),
    /// Calls by their words.
    Words(Words),
    /// Nothing: only evaluating tells.
    Lost,
}

/// What a call comes to under an aggregate.
struct Taken<'a> {
    mark: Option<Value<'a>>,
    text: Value<'a>,
    element: Value<'a>,
}

/// What a decision asks of an aggregate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'q, 'a> {
    /// The number of the aggregate.
    pub aggregate: u32,
    /// The values of the keys.
    pub keys: &'q [Value<'a>],
    /// The bounds of the mark.
    pub bounds: &'q [(Order, Value<'a>)],
    /// What must be mentioned.
    pub mentioned: Option<Value<'a>>,
    /// Whether any call can be meant.
    pub meant: bool,
}

/// Where what the elements meant come to is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    /// It is that.
    Total(Total<'a>),
    /// They are among those calls.
    Among(Candidates<'a>),
}

/// Calls of which one may be meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidates<'a> {
    /// Their places, the newest last.
    pub places: &'a [u32],
    /// Whether no call is marked lower than one before it.
    pub in_order: bool,
    /// How many variables the aggregate's expressions need.
    pub locals: usize,
}

impl Tallies {
    /// Brings the tallies up to those calls, the first of which are in them already. Where data was replaced that they depend on, they are made anew.
    pub fn follow(&mut self, engine: &Engine, calls: &[Kept]) {
        let program = engine.program();
        if program.plan.aggregates.is_empty() {
            return;
        }
        let bound = engine.bound();
        let is_stale = self.bound.as_ref().is_some_and(|seen| !Arc::ptr_eq(seen, &bound));
        if self.list.is_empty() || is_stale {
            self.list = program.plan.aggregates.iter().map(|aggregate| Tally::new(program, aggregate)).collect();
            self.bound = self.list.iter().any(|tally| tally.reads_data).then(|| Arc::clone(&bound));
            self.calls = 0;
        }
        for (place, call) in calls.iter().enumerate().skip(self.calls) {
            with_scratch(|arena, stamps, _| {
                let memory = Memory::new(stamps, program.memory_size(), arena);
                let mut machine = Machine::new(program, &bound, arena, memory, engine.limits().steps);
                for (aggregate, tally) in program.plan.aggregates.iter().zip(&mut self.list) {
                    tally.add(&mut machine, aggregate, place, call.view());
                }
            });
        }
        self.calls = calls.len();
    }

    /// The tally of that aggregate, where it holds for that data.
    fn tally(&self, aggregate: u32, bound: &Bound) -> Option<&Tally> {
        let tally = self.list.get(index(aggregate))?;
        let holds = !tally.reads_data || self.bound.as_ref().is_some_and(|seen| std::ptr::eq(&**seen, bound));
        Some(tally).filter(|_| holds)
    }

    /// Where what the elements meant come to is found; `None` where only evaluating tells.
    pub fn find(&self, program: &Program, bound: &Bound, asked: Asked<'_, '_>) -> Option<Found<'_>> {
        let aggregate = program.plan.aggregates.get(index(asked.aggregate))?;
        let tally = self.tally(asked.aggregate, bound)?;
        match (&tally.kept, asked.mentioned) {
            // Evaluating would come to an error of those keys even so.
            (Kind::Groups(groups), None) if !asked.meant => groups.total(asked.keys, &[], aggregate.summary).map(|_| Found::Total(Total::default())),
            (Kind::Words(_), Some(_)) if !asked.meant => Some(Found::Total(Total::default())),
            (Kind::Groups(groups), None) => groups.total(asked.keys, asked.bounds, aggregate.summary).map(Found::Total),
            (Kind::Words(words), Some(value)) if asked.bounds.iter().all(|(_, bound)| words.compares(*bound)) => {
                let places = words.candidates(asked.keys, value)?;
                Some(Found::Among(Candidates { places, in_order: words.in_order, locals: tally.locals }))
            }
            _ => None,
        }
    }
}

impl Tally {
    fn new(program: &Program, aggregate: &Aggregate) -> Tally {
        let steps = || aggregate.steps.iter();
        Tally {
            kept: if aggregate.count(|role| matches!(role, Role::Mention(_))) > 0 {
                Kind::Words(Words::new())
            } else {
                Kind::Groups(Groups::default())
            },
            locals: steps().map(|step| program.survey.locals(step.node).max(index(step.local).saturating_add(1))).max().unwrap_or(0),
            reads_data: steps().any(|step| program.survey.flags(step.node) & READS_REQUEST != 0),
        }
    }

    fn add<'a>(&mut self, machine: &mut Machine<'a>, aggregate: &'a Aggregate, place: usize, call: Value<'a>) {
        if matches!(self.kept, Kind::Lost) {
            return;
        }
        let mut keys = Vec::new();
        let taken = machine.in_frame(self.locals, &[], |machine| take(machine, aggregate, call, &mut keys));
        let has_keys = keys.len() == aggregate.count(|role| matches!(role, Role::Key));
        let added = match (&mut self.kept, taken) {
            (_, Ok(None)) => true,
            (Kind::Groups(groups), Ok(Some(taken))) => {
                let place = Value::Int(i64::try_from(place).unwrap_or(i64::MAX));
                let element = if aggregate.summary.is_place() { place } else { taken.element };
                groups.add(&keys, taken.mark, element, aggregate.summary);
                true
            }
            // An error stands in the way of those alone who ask for these keys.
            (Kind::Groups(groups), Err(_)) if has_keys => {
                groups.lose(&keys);
                true
            }
            (Kind::Words(words), Ok(Some(taken))) => words.add(place, &keys, taken.mark, taken.text),
            _ => false,
        };
        if !added {
            self.kept = Kind::Lost;
        }
    }
}

/// Takes a call through the steps; `None` where it does not come through.
fn take<'a>(machine: &mut Machine<'a>, aggregate: &'a Aggregate, call: Value<'a>, keys: &mut Vec<Value<'a>>) -> Result<Option<Taken<'a>>, EvalError> {
    let mut taken = Taken { mark: None, text: Value::None, element: call };
    for step in &aggregate.steps {
        machine.bind(step.local, taken.element);
        let value = machine.eval(step.node)?;
        match step.role {
            Role::Test if value.as_bool() != Some(true) => return Ok(None),
            Role::Test => {}
            Role::Map => taken.element = value,
            Role::Key => keys.push(value),
            Role::Mark => taken.mark = Some(value),
            Role::Mention(_) => taken.text = value,
        }
    }
    Ok(Some(taken))
}
