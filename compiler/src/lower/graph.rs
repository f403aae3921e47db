//! The expressions of the plan being built: hash-consed, each with what lowering knows of it.

use tollgate_evaluator::plan::{Argument, ConstId, LocalId, Node, NodeId};

use super::intern::{Interner, index};

/// Nodes in an order in which children come before their parents; equal nodes are one.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Interner<Node>,
    traits: Vec<Traits>,
}

/// What lowering knows of a node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits {
    /// The variables that it reads and does not bind itself.
    pub free: Locals,
    /// Whether its value depends on the request, its tool or data.
    pub reads: bool,
    /// Whether it depends on more of these than data.
    pub asks: bool,
    /// Whether it calls a function other than in what is remembered by itself.
    pub calls: bool,
    /// Whether it binds a variable in the frame that it is evaluated in.
    pub binds: bool,
    /// How many expressions it is made of, itself among them, each counted wherever it stands.
    pub size: u32,
    /// Whether it has a value whatever the request holds, even where the rule that it stands in could not match: it is made of reads,
    /// comparisons and logic alone.
    pub is_total: bool,
}

/// A set of variables. Those from 127 on are one that is never taken out, which errs on the side of "reads a variable".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locals(u128);

const LAST: u32 = 127;

impl Locals {
    fn one(local: LocalId) -> Locals {
        Locals(1 << local.min(LAST))
    }

    fn union(self, other: Locals) -> Locals {
        Locals(self.0 | other.0)
    }

    fn without(self, local: LocalId) -> Locals {
        if local < LAST { Locals(self.0 & !(1 << local)) } else { self }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether that variable is among them.
    pub fn has(self, local: LocalId) -> bool {
        self.0 & Locals::one(local).0 != 0
    }

    /// Whether there is that variable and no other.
    pub fn is_only(self, local: LocalId) -> bool {
        local < LAST && self == Locals::one(local)
    }
}

impl Graph {
    /// The number of a node. The expression of the definition that it names comes with it, where it names one.
    pub fn intern(&mut self, node: Node, definition: Option<NodeId>) -> NodeId {
        let number = self.nodes.intern(node);
        if index(number) == self.traits.len() {
            self.traits.push(self.traits_of(self.get(number), definition));
        }
        number
    }

    /// The node of that number.
    pub fn get(&self, id: NodeId) -> &Node {
        self.nodes.get(id).unwrap_or(&Node::Const(0))
    }

    /// What is known of the node of that number.
    pub fn traits(&self, id: NodeId) -> Traits {
        self.traits.get(index(id)).copied().unwrap_or_default()
    }

    /// Whether it reads no variable but those that it binds.
    pub fn is_closed(&self, id: NodeId) -> bool {
        self.traits(id).free.is_empty()
    }

    /// Whether its value is worth keeping as long as the data do not change.
    pub fn lasts(&self, id: NodeId) -> bool {
        let Traits { reads, asks, calls, .. } = self.traits(id);
        reads && !asks && calls && self.is_closed(id)
    }

    /// The constant that it is.
    pub fn constant(&self, id: NodeId) -> Option<ConstId> {
        if let Node::Const(constant) = self.get(id) { Some(*constant) } else { None }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.list().len()
    }

    fn traits_of(&self, node: &Node, definition: Option<NodeId>) -> Traits {
        let mut traits = Traits { is_total: is_total(node), size: 1, ..Traits::default() };
        match node {
            Node::Local(local) => traits.free = Locals::one(*local),
            Node::Data(_) => traits.reads = true,
            Node::Slot(_) | Node::Score(_) | Node::Fact(_) => (traits.reads, traits.asks) = (true, true),
            Node::Definition(_) | Node::Invoke(..) => {
                let body = definition.map_or(Traits { reads: true, asks: true, ..Traits::default() }, |body| self.traits(body));
                (traits.reads, traits.asks) = (body.reads, body.asks);
                traits.calls = body.calls && matches!(node, Node::Invoke(..));
            }
            Node::Call(..) => traits.calls = true,
            _ => {}
        }
        node.for_each_child(&mut |child, bound| {
            let inner = self.traits(child);
            traits.free = traits.free.union(bound.map_or(inner.free, |local| inner.free.without(local)));
            traits.reads |= inner.reads;
            traits.asks |= inner.asks;
            traits.calls |= inner.calls;
            traits.binds |= inner.binds || bound.is_some();
            traits.is_total &= inner.is_total;
            traits.size = traits.size.saturating_add(inner.size);
        });
        traits
    }
}

fn is_total(node: &Node) -> bool {
    let is_read = matches!(node, Node::Const(_) | Node::Slot(_) | Node::Data(_) | Node::Definition(_) | Node::Fact(_));
    let is_access = matches!(node, Node::Field(..) | Node::Member(..) | Node::Index(..) | Node::Coalesce(..));
    let is_logic = matches!(node, Node::And(_) | Node::Or(_) | Node::Not(_) | Node::If(..));
    let is_comparison = matches!(node, Node::Equal(..) | Node::Order(..) | Node::In(..) | Node::Matches(..));
    is_read || is_access || is_logic || is_comparison
}

/// Replaces each child of a node.
pub fn map_children(node: &mut Node, map: &mut impl FnMut(NodeId) -> NodeId) {
    let mut each = |ids: &mut [&mut NodeId]| ids.iter_mut().for_each(|id| **id = map(**id));
    match node {
        Node::Const(_) | Node::Slot(_) | Node::Data(_) | Node::Definition(_) | Node::Score(_) | Node::Fact(_) | Node::Local(_) => {}
        Node::Shared(_, a)
        | Node::Field(a, _)
        | Node::Member(a, _)
        | Node::Not(a)
        | Node::Matches(a, _)
        | Node::Negate(a)
        | Node::ToDecimal(a)
        | Node::ToJson(a) => each(&mut [a]),
        Node::Index(a, b)
        | Node::Equal(a, b)
        | Node::Order(_, a, b)
        | Node::In(a, b)
        | Node::Coalesce(a, b)
        | Node::Arithmetic(_, a, b)
        | Node::WithPresent(a, _, b) => each(&mut [a, b]),
        Node::If(a, b, c) => each(&mut [a, b, c]),
        Node::And(items) | Node::Or(items) | Node::Text(items) | Node::List(items) | Node::Set(items) => {
            items.iter_mut().for_each(|id| *id = map(*id))
        }
        Node::Record(_, items) | Node::Invoke(_, items) => items.iter_mut().for_each(|id| *id = map(*id)),
        Node::Map(entries) => entries.iter_mut().for_each(|(_, id)| *id = map(*id)),
        Node::With(base, changes) => {
            *base = map(*base);
            changes.iter_mut().for_each(|change| change.value = map(change.value));
        }
        Node::Call(_, args) => args.iter_mut().for_each(|arg| match arg {
            Argument::Node(id) | Argument::Lambda(_, id) => *id = map(*id),
        }),
        Node::Aggregate(read) => read.map_children(map),
    }
}
