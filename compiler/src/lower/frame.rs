//! The variables of a definition, rule or score: from the program's numbers to the plan's.
//!
//! What a lambda binds is numbered by how deep it stands among lambdas, so that an expression is the same node wherever it is written. No two
//! variables that live at one time share a number: the parameters come first, and a rule's choices after every lambda's variable.

use tollgate_evaluator::plan::LocalId;

use super::intern::{HashMap, number};

/// The variables in sight of an expression.
#[derive(Debug, Default)]
pub struct Frame {
    numbers: HashMap<usize, LocalId>,
    next_bound: LocalId,
    size: u32,
}

impl Frame {
    /// A frame whose first locals are that many parameters.
    pub fn with_params(params: usize) -> Frame {
        let count = number(params);
        Frame { numbers: (0..params).zip(0..count).collect(), next_bound: count, size: count }
    }

    /// A frame whose first locals are those variables, as parameters.
    pub fn with_locals(locals: &[usize]) -> Frame {
        let count = number(locals.len());
        Frame { numbers: locals.iter().copied().zip(0..count).collect(), next_bound: count, size: count }
    }

    /// Gives a choice's variable its number; `lambdas` is how deep lambdas stand in each other in that rule.
    pub fn choose(&mut self, local: usize, lambdas: u32) -> LocalId {
        let chosen = self.size.max(lambdas);
        self.numbers.insert(local, chosen);
        self.size = chosen.saturating_add(1);
        chosen
    }

    /// Binds a variable until [`Frame::leave`].
    pub fn enter(&mut self, local: usize) -> LocalId {
        let bound = self.next_bound;
        self.numbers.insert(local, bound);
        self.next_bound = bound.saturating_add(1);
        self.size = self.size.max(self.next_bound);
        bound
    }

    /// Ends the binding that was entered last.
    pub fn leave(&mut self) {
        self.next_bound = self.next_bound.saturating_sub(1);
    }

    /// The plan's number of a variable.
    pub fn local(&self, local: usize) -> Option<LocalId> {
        self.numbers.get(&local).copied()
    }

    /// How many locals the frame needs.
    pub fn size(&self) -> u32 {
        self.size
    }
}
