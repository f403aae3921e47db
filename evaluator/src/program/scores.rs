//! The contributions to a score, made ready.

use tollgate_stdlib::Kept;

use super::check::{Check, Terms};
use crate::plan::{Node, NodeId, Score, index};

/// The contributions to a score, in order.
#[derive(Debug)]
pub(crate) struct Parts(Vec<Part>);

/// A contribution.
#[derive(Debug)]
pub(crate) struct Part {
    pub condition: Condition,
    pub amount: Amount,
}

/// When a contribution counts.
#[derive(Debug)]
pub(crate) enum Condition {
    /// The same as the expression, without the interpreter.
    Check(Check),
    Node(NodeId),
}

/// How much a contribution counts.
#[derive(Debug)]
pub(crate) enum Amount {
    Known(i64),
    Node(NodeId),
}

impl Parts {
    pub(super) fn new(terms: Terms<'_>, score: &Score) -> Parts {
        let part = |part: &crate::plan::ScorePart| Part {
            condition: Check::new(terms, part.condition).map_or(Condition::Node(part.condition), Condition::Check),
            amount: known(terms, part.amount).map_or(Amount::Node(part.amount), Amount::Known),
        };
        Parts(score.parts.iter().map(part).collect())
    }

    /// The contributions.
    pub fn iter(&self) -> std::slice::Iter<'_, Part> {
        self.0.iter()
    }
}

fn known(terms: Terms<'_>, node: NodeId) -> Option<i64> {
    let Some(Node::Const(id)) = terms.plan.nodes.get(index(node)) else { return None };
    if let Some(Kept::Int(amount)) = terms.constants.get(index(*id)) { Some(*amount) } else { None }
}
