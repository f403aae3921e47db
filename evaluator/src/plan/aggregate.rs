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
    /// It must mention a value that the request gives, by that function; there is one such step at most, and only where
    /// [`Summary::takes_mentions`].
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
    /// That of the call that was recorded first; `none` of none.
    First,
    /// That of the call that was recorded last; `none` of none.
    Last,
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

/// How many terms an answer may have: more would take more room than walking the list saves.
pub const MAX_TERMS: usize = 8;

/// An expression about `session.calls` that a session can answer from what it keeps up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AggregateRead {
    /// What the answer is put together from: at least one, at most [`MAX_TERMS`], whose aggregates have one summary.
    pub terms: Box<[AggregateTerm]>,
    /// Whether the value is the opposite of [`Summary::Any`].
    pub negated: bool,
    /// The expression itself, over the whole list: it is evaluated where no session keeps anything up, or what it keeps does not tell.
    pub whole: NodeId,
}

/// Some of the elements that an [`AggregateRead`] asks about. Where they are counted or added up, no element is in two terms, but in one that leaves it
/// out of another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AggregateTerm {
    /// The number in [`super::Plan::aggregates`].
    pub aggregate: u32,
    /// Whether they are left out of those of other terms; only where [`Summary::adds_up`].
    pub minus: bool,
    /// What the values of its [`Role::Key`] steps must equal, in order.
    pub keys: Box<[NodeId]>,
    /// How the value of its [`Role::Mark`] step must stand to those values.
    pub bounds: Box<[(Order, NodeId)]>,
    /// What the value of its [`Role::Mention`] step must mention.
    pub mentioned: Option<NodeId>,
    /// What must hold for any element to count.
    pub guards: Box<[NodeId]>,
}

impl Aggregate {
    /// How many of its steps have that role.
    pub fn count(&self, is: impl Fn(Role) -> bool) -> usize {
        self.steps.iter().filter(|step| is(step.role)).count()
    }
}

impl Summary {
    /// Whether that of some elements and that of others give that of all, and the other way round.
    pub fn adds_up(self) -> bool {
        matches!(self, Summary::Any | Summary::Count | Summary::Sum(_))
    }

    /// Whether it is one of the calls, so that their places are compared, not the elements.
    pub fn is_place(self) -> bool {
        matches!(self, Summary::First | Summary::Last)
    }

    /// Whether it can be asked of the calls that mention something.
    pub fn takes_mentions(self) -> bool {
        matches!(self, Summary::Any | Summary::Count | Summary::First | Summary::Last)
    }
}

impl AggregateRead {
    /// Calls `visit` with each of its expressions: what the request gives, then the whole.
    pub fn for_each_child(&self, visit: &mut dyn FnMut(NodeId)) {
        for term in &self.terms {
            term.keys.iter().for_each(|id| visit(*id));
            term.bounds.iter().for_each(|(_, id)| visit(*id));
            term.mentioned.iter().chain(&term.guards).for_each(|id| visit(*id));
        }
        visit(self.whole);
    }

    /// Replaces each of its expressions.
    pub fn map_children(&mut self, map: &mut dyn FnMut(NodeId) -> NodeId) {
        for term in &mut self.terms {
            term.keys.iter_mut().for_each(|id| *id = map(*id));
            term.bounds.iter_mut().for_each(|(_, id)| *id = map(*id));
            term.mentioned.iter_mut().chain(&mut term.guards).for_each(|id| *id = map(*id));
        }
        self.whole = map(self.whole);
    }
}
