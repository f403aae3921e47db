//! Evaluation where some of the request is unknown: a value that is certain, or none.

use std::collections::HashMap;

use tollgate_stdlib::Value;

use super::{Eval, Machine};
use crate::plan::{CAN_ERR, LocalId, Node, NodeId, bit, index};

/// What is certain of an expression.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guess<'a> {
    /// It gives that.
    Known(Eval<'a>),
    /// It may give anything; an error only where that is set.
    Unknown { errs: bool },
}

/// Which expressions read what is unknown.
#[derive(Clone, Copy)]
pub(crate) enum Unknown<'a> {
    /// Those with any of these flags.
    Flags(u8),
    /// Those for which it is said, by their numbers.
    Nodes(&'a [bool]),
}

/// What is unknown, and what has been found out despite it.
pub(crate) struct Guesses<'a> {
    unknown: Unknown<'a>,
    /// Variables whose value is unknown, as in [`bit`].
    locals: u128,
    shared: HashMap<NodeId, Guess<'a>>,
}

impl<'a> Guesses<'a> {
    /// Nothing found out yet.
    pub fn new(unknown: Unknown<'a>) -> Guesses<'a> {
        Guesses { unknown, locals: 0, shared: HashMap::new() }
    }

    /// Says whether a variable's value is known.
    pub fn set_known(&mut self, local: LocalId, known: bool) {
        if known { self.locals &= !bit(local) } else { self.locals |= bit(local) }
    }

    /// What is certain of an expression.
    pub fn guess(&mut self, machine: &mut Machine<'a>, id: NodeId) -> Guess<'a> {
        let program = machine.program;
        let (Some(facts), Some(node)) = (program.survey.get(id), program.plan.nodes.get(index(id))) else { return Guess::Unknown { errs: true } };
        let is_open = match self.unknown {
            Unknown::Flags(flags) => facts.flags & flags != 0,
            Unknown::Nodes(open) => open.get(index(id)).copied().unwrap_or(true),
        };
        if !is_open && facts.free & self.locals == 0 {
            return Guess::Known(machine.eval(id));
        }
        let unknown = Guess::Unknown { errs: facts.flags & CAN_ERR != 0 };
        match node {
            Node::And(all) => self.connective(machine, all, false),
            Node::Or(all) => self.connective(machine, all, true),
            Node::Not(of) => match self.guess(machine, *of) {
                Guess::Known(result) => Guess::Known(result.map(|value| Value::Bool(!value.as_bool().unwrap_or(false)))),
                unknown => unknown,
            },
            Node::If(condition, then, other) => match self.guess(machine, *condition) {
                Guess::Known(Ok(value)) => self.guess(machine, if value.as_bool().unwrap_or(false) { *then } else { *other }),
                Guess::Known(Err(error)) => Guess::Known(Err(error)),
                Guess::Unknown { .. } => unknown,
            },
            Node::Coalesce(value, other) => match self.guess(machine, *value) {
                Guess::Known(Ok(Value::None)) => self.guess(machine, *other),
                Guess::Known(known) => Guess::Known(known),
                Guess::Unknown { .. } => unknown,
            },
            Node::Shared(_, of) => self.remembered(machine, *of),
            Node::Definition(definition) => match program.plan.definitions.get(index(*definition)) {
                Some(definition) => self.remembered(machine, definition.node),
                None => unknown,
            },
            _ => unknown,
        }
    }

    /// What is certain of an expression that is looked at more than once, in a frame of its own.
    fn remembered(&mut self, machine: &mut Machine<'a>, id: NodeId) -> Guess<'a> {
        if let Some(known) = self.shared.get(&id) {
            return *known;
        }
        let locals = std::mem::take(&mut self.locals);
        let size = machine.program.survey.locals(id);
        let guess = machine.in_frame(size, &[], |machine| self.guess(machine, id));
        self.locals = locals;
        self.shared.insert(id, guess);
        guess
    }

    fn connective(&mut self, machine: &mut Machine<'a>, all: &[NodeId], decisive: bool) -> Guess<'a> {
        let (mut certain, mut errs) = (true, false);
        for id in all {
            match self.guess(machine, *id) {
                Guess::Known(Ok(value)) if value.as_bool() == Some(decisive) => {
                    // What came before may still err instead.
                    return if errs { Guess::Unknown { errs } } else { Guess::Known(Ok(value)) };
                }
                Guess::Known(Ok(_)) => {}
                Guess::Known(Err(error)) if certain => return Guess::Known(Err(error)),
                Guess::Known(Err(_)) => (certain, errs) = (false, true),
                Guess::Unknown { errs: may } => (certain, errs) = (false, errs | may),
            }
        }
        if certain { Guess::Known(Ok(Value::Bool(!decisive))) } else { Guess::Unknown { errs } }
    }
}
