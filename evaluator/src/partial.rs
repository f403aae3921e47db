//! A request of which only some is known: what is certain of a policy's expressions all the same.

use std::sync::{Arc, OnceLock};

use tollgate_stdlib::{Kept, Value};

use crate::data::Bound;
use crate::decode::Given;
use crate::engine::Ask;
use crate::eval::{Guess, Guesses, Machine, Memory, Unknown};
use crate::json::members;
use crate::plan::{self, Layout, Node, NodeId, Plan, SlotId, TypeNode, index};
use crate::program::{Call, Program};
use crate::scratch::with_scratch;
use crate::{Engine, EvaluateError};

/// A request of which only some is known, and the tool of the call: what the request leaves out may be anything that fits, and so may the arguments.
#[derive(Clone, Debug)]
pub struct PartialRequest {
    engine: Engine,
    bound: Arc<Bound>,
    slots: Box<[Kept]>,
    open: Arc<Open>,
    call: Call,
    tool: Known,
}

/// What is known of the call's tool.
#[derive(Clone, Copy, Debug)]
enum Known {
    Nothing,
    /// All but its server.
    Name,
    All,
}

/// What is certain of an expression.
#[derive(Clone, Debug)]
pub enum Judgement {
    /// It gives that value in every request that agrees with what is known.
    Value(Kept),
    /// It gives an error in every such request.
    Error(String),
    /// It may give one thing or another.
    Open,
}

/// What is unknown.
#[derive(Debug)]
struct Open {
    slots: Box<[bool]>,
    /// The expressions that read any of it, or of what is unknown of the tool: see [`Known`].
    nodes: [OnceLock<Box<[bool]>>; 3],
}

impl Engine {
    /// Reads a request of which only some is known, to ask what is certain all the same. The request's own fields and those of records in it may be
    /// left out, and are unknown then; lists, sets, maps and `json` are given whole. Its tool and arguments are passed over: see
    /// [`PartialRequest::of_tool`]; until then nothing is known of the tool.
    ///
    /// # Errors
    /// Where what is given does not fit its types, or data are not bound.
    pub fn read_part(&self, request: &[u8]) -> Result<PartialRequest, EvaluateError> {
        let bound = self.bound();
        let ask = Ask { given: Given::Part, ..Ask::new(&bound, Some(request)) };
        let slots = self.run(ask, |machine, _| machine.slots.iter().map(|value| Kept::from(*value)).collect());
        let slots = slots.map_err(|refusal| self.no_value(refusal))?;
        let open = Open { slots: open_slots(self.program(), request), nodes: Default::default() };
        Ok(PartialRequest { engine: self.clone(), bound, slots, open: Arc::new(open), call: Call::default(), tool: Known::Nothing })
    }
}

impl PartialRequest {
    /// The same request for a call of a tool, given as a policy declares it: of one with a server that is the call's, of one without it is unknown.
    pub fn of_tool(&self, tool: &str) -> PartialRequest {
        let program = self.engine.program();
        let (server, name) = tool.rsplit_once('/').map_or((None, tool), |(server, name)| (Some(server), name));
        let call = program.tools.fitting(&program.plan, server.unwrap_or_default(), name);
        let mut slots = self.slots.clone();
        if let Some(places) = program.plan.input.tool {
            for (slot, text) in [(places.name, name), (places.server, server.unwrap_or_default())] {
                slots.iter_mut().skip(index(slot)).take(1).for_each(|kept| *kept = Kept::Str(text.into()));
            }
        }
        let tool = if server.is_some() { Known::All } else { Known::Name };
        PartialRequest { engine: self.engine.clone(), bound: Arc::clone(&self.bound), slots, open: Arc::clone(&self.open), call, tool }
    }

    /// What is certain of a query of the plan, with those values for its parameters, of which some may be unknown.
    pub fn judge(&self, query: usize, params: &[Option<Kept>]) -> Judgement {
        let program = self.engine.program();
        let Some(found) = program.plan.queries.get(query).filter(|query| index(query.params) == params.len()) else { return Judgement::Open };
        with_scratch(|arena, stamps, _| {
            let memory = Memory::new(stamps, program.memory_size(), arena);
            let mut machine = Machine::new(program, &self.bound, arena, memory, self.engine.limits().steps);
            machine.slots = arena.alloc_slice_fill_iter(self.slots.iter().map(Kept::view));
            machine.call = self.call;
            let mut guesses = Guesses::new(Unknown::Nodes(self.open_nodes()));
            let unknown = (0..).zip(params).filter(|(_, param)| param.is_none());
            unknown.for_each(|(local, _)| guesses.set_known(local, false));
            let values: Vec<Value<'_>> = params.iter().map(|param| param.as_ref().map_or(Value::None, Kept::view)).collect();
            match machine.in_frame(index(found.locals), &values, |machine| guesses.guess(machine, found.node)) {
                Guess::Known(Ok(value)) => Judgement::Value(value.into()),
                // What takes too long here may be certain all the same.
                Guess::Known(Err(tollgate_stdlib::EvalError::StepLimit)) | Guess::Unknown { .. } => Judgement::Open,
                Guess::Known(Err(error)) => Judgement::Error(error.to_string()),
            }
        })
    }

    /// The expressions that read what is unknown.
    fn open_nodes(&self) -> &[bool] {
        let plan = &self.engine.program().plan;
        let [of_any_tool, of_any_server, of_tool] = &self.open.nodes;
        let places = plan.input.tool.map(|tool| (tool.name, tool.server));
        let (nodes, slots) = match (self.tool, places) {
            (Known::Nothing, Some((name, server))) => (of_any_tool, vec![name, server]),
            (Known::Name, Some((_, server))) => (of_any_server, vec![server]),
            _ => (of_tool, Vec::new()),
        };
        nodes.get_or_init(|| {
            let mut open = self.open.slots.clone();
            slots.into_iter().for_each(|slot| set(&mut open, slot, true));
            open_nodes(plan, &open, matches!(self.tool, Known::Nothing))
        })
    }
}

/// Which of the values that are kept of a request are unknown.
fn open_slots(program: &Program, request: &[u8]) -> Box<[bool]> {
    let input = &program.plan.input;
    let mut open = vec![true; index(input.slots).min(program.plan.kept_values())].into_boxed_slice();
    if let Ok(text) = std::str::from_utf8(request) {
        let of_call = |field: u32| input.tool.is_some_and(|tool| field == tool.tool || field == tool.args);
        mark(&program.plan, input.ty, &input.keep, text, &of_call, &mut open);
    }
    for slot in input.tool.into_iter().flat_map(|tool| [tool.name, tool.server]) {
        set(&mut open, slot, false);
    }
    open
}

/// Marks as known what a record's text gives of what is kept of it.
fn mark(plan: &Plan, ty: plan::TypeId, layout: &Layout, text: &str, is_passed: &dyn Fn(u32) -> bool, open: &mut [bool]) {
    let Some(TypeNode::Record { shape, fields, .. }) = plan.types.get(index(ty)) else { return };
    for kept in layout.fields.iter().filter(|kept| !is_passed(kept.field)) {
        let name = plan.shapes.get(index(*shape)).and_then(|names| names.get(index(kept.field)));
        let (Some(name), Some(field)) = (name, fields.get(index(kept.field))) else { continue };
        let Some(text) = member(text, name) else { continue };
        let is_whole = is_whole(plan, field.ty, text);
        if let Some(slot) = kept.slot {
            set(open, slot, !is_whole);
        }
        if is_whole { mark_all(&kept.inner, open) } else { mark(plan, field.ty, &kept.inner, text, &|_| false, open) }
    }
}

/// Marks everything that is kept below a field that is known.
fn mark_all(layout: &Layout, open: &mut [bool]) {
    for kept in &layout.fields {
        kept.slot.into_iter().for_each(|slot| set(open, slot, false));
        mark_all(&kept.inner, open);
    }
}

/// Whether a text gives all of a value of a type: of a record, each of its fields. Types of a plan are never deep.
fn is_whole(plan: &Plan, ty: plan::TypeId, text: &str) -> bool {
    let Some(TypeNode::Record { shape, fields, .. }) = plan.types.get(index(ty)).filter(|_| text.trim() != "null") else { return true };
    let names = plan.shapes.get(index(*shape)).into_iter().flatten();
    names.zip(fields).all(|(name, field)| member(text, name).is_some_and(|text| is_whole(plan, field.ty, text)))
}

fn member<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    members(object, [name]).and_then(|[member]| member)
}

fn set(open: &mut [bool], slot: SlotId, is_open: bool) {
    if let Some(place) = open.get_mut(index(slot)) {
        *place = is_open;
    }
}

/// Which expressions read a value that is unknown, or a fact where those are: each comes after those that it reads.
fn open_nodes(plan: &Plan, slots: &[bool], facts: bool) -> Box<[bool]> {
    let mut open: Vec<bool> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let of = |id: NodeId| open.get(index(id)).copied().unwrap_or(true);
        let mut is_open = match node {
            Node::Slot(slot) => slots.get(index(*slot)).copied().unwrap_or(true),
            Node::Fact(_) => facts,
            Node::Definition(id) | Node::Invoke(id, _) => plan.definitions.get(index(*id)).is_none_or(|definition| of(definition.node)),
            Node::Score(id) => plan.scores.get(index(*id)).is_none_or(|score| score.parts.iter().any(|part| of(part.amount) || of(part.condition))),
            _ => false,
        };
        node.for_each_child(&mut |child, _| is_open |= of(child));
        open.push(is_open);
    }
    open.into()
}
