//! What depends on data alone: computed once for each version of the data, by whichever decision needs it first.

use tollgate_stdlib::{Kept, Value};

use super::{Eval, Machine, Memory};
use crate::Limits;
use crate::data::Bound;
use crate::plan::{CALLS, Node, NodeId, Plan, READS_CALL, Survey, index};
use crate::program::Program;
use crate::scratch::with_scratch;

/// Steps that computing one such value may take. Engines of other limits share it, and none may see anything else than the others.
const STEPS: u64 = Limits::DEFAULT_STEPS;

/// Steps that computing all of them may take, in equal parts: the first decision after a change of the data may need every one.
const ALL_STEPS: u64 = 64 * STEPS;

/// Copying a value to where it lasts may take this part of its steps: what is copied holds memory until the data change.
const COPY: u64 = 4;

/// Which of what a decision remembers may last, and the steps for each.
#[derive(Debug, Default)]
pub(crate) struct Lasting {
    /// Sorted.
    keys: Vec<u32>,
    steps: u64,
}

impl Lasting {
    /// What depends on data alone and is more than a read of them.
    pub fn new(plan: &Plan, survey: &Survey) -> Lasting {
        let lasts = |node: NodeId| {
            let flags = survey.flags(node);
            flags & READS_CALL == 0 && flags & CALLS != 0 && plan.nodes.get(index(node)).is_some_and(|node| !is_read(node))
        };
        let shared = plan.nodes.iter().filter_map(|node| if let Node::Shared(memo, of) = node { Some((*memo, *of)) } else { None });
        let definitions = (plan.memos..).zip(&plan.definitions).filter(|(_, definition)| definition.params == 0);
        let all = shared.chain(definitions.map(|(key, definition)| (key, definition.node)));
        let mut keys: Vec<u32> = all.filter(|(_, node)| lasts(*node)).map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        let count = u64::try_from(keys.len()).unwrap_or(u64::MAX).max(1);
        Lasting { keys, steps: STEPS.min(ALL_STEPS / count) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    fn place(&self, key: usize) -> Option<usize> {
        self.keys.binary_search(&u32::try_from(key).ok()?).ok()
    }
}

/// Whether a value is part of one that is there already.
fn is_read(node: &Node) -> bool {
    matches!(node, Node::Data(_) | Node::Definition(_) | Node::Shared(..) | Node::Field(..) | Node::Member(..))
}

impl<'a> Machine<'a> {
    /// The result of an expression under its key: what the decision or the version of the data knows, or else what evaluating gives.
    pub(super) fn remembered(&mut self, key: usize, node: NodeId, locals: usize) -> Eval<'a> {
        if let Some(known) = self.memory.recall(key) {
            return known;
        }
        let result = match self.lasting(key, node, locals) {
            Some(value) => Ok(value),
            None => self.alone(locals, |machine| machine.eval(node)),
        };
        self.memory.remember(key, result);
        result
    }

    /// The value that lasts as long as the version of the data. There is none for an error, nor for what takes too many steps: a decision that needs
    /// such a one computes it itself, at its own cost.
    fn lasting(&self, key: usize, node: NodeId, locals: usize) -> Option<Value<'a>> {
        let (program, bound) = (self.program, self.bound);
        if program.survey.flags(node) & READS_CALL != 0 {
            return None;
        }
        let cell = bound.lasting(program.lasting.len(), program.lasting.place(key)?)?;
        cell.get_or_init(|| computed(program, bound, node, locals).map(Box::new)).as_deref().map(Kept::view)
    }
}

/// The value by the plan and the data, and by nothing that the decision knows which asks for it.
#[inline(never)]
fn computed(program: &Program, bound: &Bound, node: NodeId, locals: usize) -> Option<Kept> {
    with_scratch(|arena, stamps, _| {
        let memory = Memory::new(stamps, program.memory_size(), arena);
        let mut machine = Machine::new(program, bound, arena, memory, program.lasting.steps);
        let value = machine.in_frame(locals, &[], |machine| machine.eval(node)).ok()?;
        machine.steps = machine.steps.min(program.lasting.steps / COPY);
        machine.spend_copy(value).ok()?;
        Some(value.into())
    })
}
