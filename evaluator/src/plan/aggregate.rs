//! What a session keeps up about its calls, so that a decision need not walk their list.

use serde::{Deserialize, Serialize};

use super::{LocalId, NodeId, Order};

/// Something that is kept up about a session's calls: which of them count, under what they are found again, and what is asked of those found.
/// Its expressions read neither the request nor the call's tool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Aggregate {
    /// What becomes of each call when it is recorded, in order: the element is the call at first.
    pub steps: Vec<Step>,
    /// What is asked of the elements that come through.
    pub summary: Summary,
}

/// A step of an [`Aggregate`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Step {
    /// The variable from which the expression reads the element, in a frame of its own.
    pub local: LocalId,
    /// The expression.
    pub node: NodeId,
    /// What its value is for.
    pub role: Role,
}

/// What the value of a [`Step`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// The element goes on only where it holds.
    Test,
    /// It takes the element's place.
    Map,
    /// It must equal a value that the request gives.
    Key,
    /// It must lie within bounds that the request gives; there is one such step at most.
    Mark,
    /// It must mention a value that the request gives, by that function; there is one such step at most, and only with [`Summary::Any`] and
    /// [`Summary::Count`].
    Mention(u32),
}

/// What is asked of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Summary {
    /// Whether there is one.
    Any,
    /// How many there are.
    Count,
    /// Their sum.
    Sum(Zero),
    /// The least; `none` of none.
    Least,
    /// The greatest; `none` of none.
    Greatest,
}

/// The sum of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Zero {
    /// `0`; elements may be decimals too.
    Int,
    /// `0` as a decimal
    Decimal,
    /// `0s`
    Duration,
}

/// An expression about `session.calls` that a session can answer from what it keeps up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AggregateRead {
    /// The number in [`super::Plan::aggregates`].
    pub aggregate: u32,
    /// What the values of its [`Role::Key`] steps must equal, in order.
    pub keys: Box<[NodeId]>,
    /// How the value of its [`Role::Mark`] step must stand to those values.
    pub bounds: Box<[(Order, NodeId)]>,
    /// What the value of its [`Role::Mention`] step must mention.
    pub mentioned: Option<NodeId>,
    /// What must hold for any element to count.
    pub guards: Box<[NodeId]>,
    /// Whether the value is the opposite of [`Summary::Any`].
    pub negated: bool,
    /// The expression itself, over the whole list: it is evaluated where no session keeps anything up, or what it keeps does not tell.
    pub whole: NodeId,
}

impl Aggregate {
    /// How many of its steps have that role.
    pub fn count(&self, is: impl Fn(Role) -> bool) -> usize {
        self.steps.iter().filter(|step| is(step.role)).count()
    }
}

impl AggregateRead {
    /// Calls `visit` with each of its expressions: what the request gives, then the whole.
    pub fn for_each_child(&self, visit: &mut dyn FnMut(NodeId)) {
        self.keys.iter().for_each(|id| visit(*id));
        self.bounds.iter().for_each(|(_, id)| visit(*id));
        self.mentioned.iter().chain(&self.guards).for_each(|id| visit(*id));
        visit(self.whole);
    }

    /// Replaces each of its expressions.
    pub fn map_children(&mut self, map: &mut dyn FnMut(NodeId) -> NodeId) {
        self.keys.iter_mut().for_each(|id| *id = map(*id));
        self.bounds.iter_mut().for_each(|(_, id)| *id = map(*id));
        self.mentioned.iter_mut().chain(&mut self.guards).for_each(|id| *id = map(*id));
        self.whole = map(self.whole);
    }
}
