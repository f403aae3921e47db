//! The request: its fields into slots, its tool among the policy's, its arguments by that tool's declaration.

use tollgate_stdlib::Value;

use super::record::{Keys, RecordType, Seen};
use super::{Decoder, Fit, Misfit, Want};
use crate::eval::Machine;
use crate::json::Scanner;
use crate::plan::{ArgsLayout, FieldNode, ToolField, TypeNode, index};
use crate::program::Call;
use crate::session::History;

/// What a request brings, and what the host adds.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub text: &'a str,
    pub depth: usize,
    pub given: Given<'a>,
}

/// Who gives what stands outside the request.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    /// The request has everything.
    Nothing,
    /// The host keeps the session, which the request must not bring.
    Session(&'a History),
    /// There is no call: the request's tool and arguments are passed over.
    NoCall,
    /// There is no call, and what else the request leaves out is unknown, in the request itself and in the records in it.
    Part,
}

impl Given<'_> {
    /// Whether the request's tool and arguments are passed over.
    fn has_no_call(self) -> bool {
        matches!(self, Given::NoCall | Given::Part)
    }
}

/// Reads a request into the machine's slots.
pub(crate) fn decode_request<'a>(machine: &mut Machine<'a>, request: Request<'a>) -> Fit<()> {
    let program = machine.program;
    let input = &program.plan.input;
    let Some(ty) = program.plan.types.get(index(input.ty)).and_then(RecordType::of) else { return Ok(()) };
    let mut decoder = Decoder::new(machine, request.text, request.depth);
    decoder.is_part = matches!(request.given, Given::Part);
    decoder.slots = decoder.machine.arena.alloc_slice_fill_copy(index(input.slots), Value::None);
    let seen = decoder.machine.arena.alloc_slice_fill_copy(ty.fields.len(), Seen::No);
    let values = decoder.machine.arena.alloc_slice_fill_copy(if ty.is_refined() { ty.fields.len() } else { 0 }, Value::None);
    RequestDecoder { decoder, ty, seen, values, args: None, called: false, request }.run()
}

struct RequestDecoder<'a, 'm> {
    decoder: Decoder<'a, 'm>,
    ty: RecordType<'a>,
    seen: &'a mut [Seen],
    /// The fields' values, where refinements see them.
    values: &'a mut [Value<'a>],
    /// Where the value of `args` is in the text, and how deep.
    args: Option<(usize, usize)>,
    /// Whether the call's tool has been found, and its arguments have been read by its declaration.
    called: bool,
    request: Request<'a>,
}

impl<'a> RequestDecoder<'a, '_> {
    fn run(mut self) -> Fit<()> {
        let program = self.decoder.program;
        self.decoder.open(self.ty.node, b'{')?;
        let mut keys = Keys::new(program, self.ty);
        while let Some((place, key)) = self.decoder.next_known(self.ty, &mut keys)? {
            self.declared(place, key)?;
        }
        self.decoder.json.end()?;
        for (place, field) in self.ty.fields.iter().enumerate() {
            if self.seen.get(place) != Some(&Seen::Present) {
                self.absent(place, field)?;
            }
        }
        if !self.values.is_empty() && !self.request.given.has_no_call() {
            let values = std::mem::take(&mut self.values);
            self.decoder.refine(self.ty, values, self.seen)?;
        }
        match program.plan.input.tool {
            Some(tool) if !self.called && !self.request.given.has_no_call() => self.call(tool)?,
            _ => {}
        }
        self.decoder.machine.slots = self.decoder.slots;
        Ok(())
    }

    /// Reads a field that the input declares.
    fn declared(&mut self, place: usize, key: &'a str) -> Fit<()> {
        let input = &self.decoder.program.plan.input;
        let is = |field: Option<u32>| field.is_some_and(|field| index(field) == place);
        match self.request.given {
            Given::Session(_) if is(input.session) => {
                return Err(Misfit::new("expected none, since the host keeps the session, got one".into()).in_field(key));
            }
            given if given.has_no_call() && (is(input.tool.map(|tool| tool.tool)) || is(input.tool.map(|tool| tool.args))) => {
                return self.decoder.json.skip().map_err(|misfit| misfit.in_field(key));
            }
            _ => {}
        }
        if let Some(tool) = input.tool.filter(|tool| index(tool.args) == place) {
            if let Some(args) = self.sole_reader(tool)? {
                return self.declared_arguments(place, key, args);
            }
            self.args = Some((self.decoder.json.place(), self.decoder.json.depth()));
        }
        if self.values.is_empty() {
            return self.decoder.kept_field(self.ty, place, key, self.seen, &input.keep);
        }
        let value = self.decoder.field(self.ty, place, key, self.seen, Want::All)?;
        self.store(place, value);
        Ok(())
    }

    /// Keeps a field's value that was not read straight into slots.
    fn store(&mut self, place: usize, value: Value<'a>) {
        if let Some(slot) = self.values.get_mut(place) {
            *slot = value;
        }
        if let Some(kept) = self.decoder.program.plan.input.keep.field(place) {
            self.decoder.settle(kept, value);
        }
    }

    fn absent(&mut self, place: usize, field: &FieldNode) -> Fit<()> {
        let input = &self.decoder.program.plan.input;
        let value = match (self.request.given, input.tool) {
            (Given::Session(history), _) if input.session.is_some_and(|field| index(field) == place) => {
                match history.value(self.decoder.machine.arena) {
                    Some(session) => session,
                    None => self.decoder.absent(self.ty, place, field)?,
                }
            }
            (given, Some(tool)) if given.has_no_call() && (index(tool.tool) == place || index(tool.args) == place) => return Ok(()),
            _ => self.decoder.absent(self.ty, place, field)?,
        };
        self.store(place, value);
        Ok(())
    }

    /// How the arguments are read where reading them by the tool's declaration is all: the tool is known by now, and what the input itself says
    /// of them, that they are any JSON, is neither kept nor more than the declaration says.
    fn sole_reader(&mut self, tool: ToolField) -> Fit<Option<&'a ArgsLayout>> {
        let program = self.decoder.program;
        let ty = self.ty.fields.get(index(tool.args)).and_then(|field| program.plan.types.get(index(field.ty)));
        let is_known = self.seen.get(index(tool.tool)) == Some(&Seen::Present);
        let is_plain = matches!(ty, Some(TypeNode::Json)) && self.values.is_empty() && program.plan.input.keep.field(index(tool.args)).is_none();
        if !is_known || !is_plain {
            return Ok(None);
        }
        Ok(self.find_tool(tool)?.filter(|args| program.is_sealed(args.ty)))
    }

    /// Reads the value of `args`, which comes next, by the tool's declaration alone.
    fn declared_arguments(&mut self, place: usize, key: &str, args: &'a ArgsLayout) -> Fit<()> {
        let Some(seen) = self.seen.get_mut(place) else { return Ok(()) };
        if std::mem::replace(seen, Seen::Present) != Seen::No {
            return Err(super::twice_given(key));
        }
        self.called = true;
        let empty = self.decoder.json.null()?;
        if !empty {
            return self.read_arguments(args).map_err(|misfit| misfit.in_field(key));
        }
        let (arena, depth) = (self.decoder.machine.arena, self.request.depth);
        let json = std::mem::replace(&mut self.decoder.json, Scanner::new("{}", arena, depth));
        let result = self.read_arguments(args).map_err(|misfit| misfit.in_field(key));
        self.decoder.json = json;
        result
    }

    /// Finds the call's tool, and reads the arguments by its declaration.
    fn call(&mut self, tool: ToolField) -> Fit<()> {
        match self.find_tool(tool)? {
            Some(args) => self.arguments(args).map_err(|misfit| misfit.in_field("args")),
            None => Ok(()),
        }
    }

    /// Finds the call's tool; gives how its declaration reads the arguments.
    fn find_tool(&mut self, tool: ToolField) -> Fit<Option<&'a ArgsLayout>> {
        let program = self.decoder.program;
        let text = |slot| self.decoder.slot(slot).as_str().unwrap_or_default();
        let (name, server) = (text(tool.name), text(tool.server));
        if let Some((field, message)) = program.tools.objection(&program.plan, server, name) {
            let names = program.plan.types.get(index(program.plan.input.ty)).and_then(RecordType::of);
            let names = names.and_then(|ty| program.plan.shapes.get(index(ty.shape)));
            let tool = names.and_then(|names| names.get(index(tool.tool))).map(|name| &**name).unwrap_or_default();
            return Err(Misfit::new(message).in_field(field).in_field(tool));
        }
        let call: Call = program.tools.fitting(&program.plan, server, name);
        self.decoder.machine.call = call;
        Ok(program.tools.declaration(&program.plan, call).and_then(|declaration| declaration.args.as_ref()))
    }

    fn arguments(&mut self, args: &'a ArgsLayout) -> Fit<()> {
        let arena = self.decoder.machine.arena;
        match self.args {
            Some((place, depth)) => self.decoder.json.return_to(place, depth),
            None => self.decoder.json = Scanner::new("{}", arena, self.request.depth),
        }
        if self.decoder.json.null()? {
            self.decoder.json = Scanner::new("{}", arena, self.request.depth);
        }
        self.read_arguments(args)
    }

    fn read_arguments(&mut self, args: &'a ArgsLayout) -> Fit<()> {
        match args.whole {
            None => self.decoder.value(args.ty, Want::Fields(&args.keep)).map(|_| ()),
            Some(slot) => {
                let value = self.decoder.value(args.ty, Want::All)?;
                self.decoder.set_slot(slot, value);
                self.decoder.spread(&args.keep, value);
                Ok(())
            }
        }
    }
}
