//! What is known of each expression before any decision: one pass over the nodes, which also checks their references.

use std::collections::HashMap;

use tollgate_stdlib::{Function, Sig};

use super::{AggregateRead, AggregateTerm, Argument, Constant, LocalId, MAX_TERMS, Node, NodeId, Plan, Role, ScorePart, Summary};
use crate::LoadError;

/// The expression may give an error.
pub(crate) const CAN_ERR: u8 = 1;
/// The expression calls a built-in function other than in what is remembered by itself.
pub(crate) const CALLS: u8 = 2;
/// The expression reads the request, data, or a fact of the call's tool.
pub(crate) const READS_REQUEST: u8 = 4;
/// The expression reads the call's arguments, or what extends `tool`.
pub(crate) const READS_ARGS: u8 = 8;
/// The expression reads `tool.server`.
pub(crate) const READS_SERVER: u8 = 16;
/// The expression reads the request, or a fact of the call's tool: more than data.
pub(crate) const READS_CALL: u8 = 32;

/// What is known of an expression.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// The flags above, of it and of everything that it evaluates.
    pub flags: u8,
    /// The variables of its frame that it reads and does not bind itself, one bit each; see [`bit`].
    pub free: u128,
    /// How deep its evaluation recurses.
    pub depth: u16,
    /// How many locals a frame must have for it.
    pub locals: u32,
    /// How many nodes evaluating it visits at most, loops once, what is remembered not at all.
    pub weight: u32,
}

/// The bit of a variable in [`Facts::free`]; variables beyond the 127th share one, which is never known to be bound.
pub(crate) fn bit(local: LocalId) -> u128 {
    1 << local.min(127)
}

/// What is known of every expression of a plan.
#[derive(Debug)]
pub(crate) struct Survey {
    rows: Vec<Row>,
    /// The sets of variables that expressions read, each once; the first is empty.
    free: Vec<u128>,
}

/// [`Facts`] as they are kept, of which there may be very many.
#[derive(Clone, Copy, Debug)]
struct Row {
    weight: u32,
    /// A place in [`Survey::free`].
    free: u32,
    locals: u16,
    depth: u16,
    flags: u8,
}

impl Survey {
    /// Surveys a plan whose tables other than the nodes may still be wrong.
    pub fn new(plan: &Plan, builtins: &[&'static Function]) -> Result<Survey, LoadError> {
        let mut surveyor = Surveyor {
            plan,
            builtins,
            slots: slot_flags(plan),
            memos: vec![None; plan.nodes.len().min(index(plan.memos))],
            survey: Survey { rows: Vec::with_capacity(plan.nodes.len()), free: vec![0] },
            free: HashMap::default(),
        };
        for (id, node) in plan.nodes.iter().enumerate() {
            let facts = surveyor.node(node).map_err(|what| LoadError::Invalid(format!("expression {id}: {what}")))?;
            surveyor.add(facts);
        }
        Ok(surveyor.survey)
    }

    /// What is known of that expression; it is `None` for one that does not exist.
    pub fn get(&self, id: NodeId) -> Option<Facts> {
        let Row { weight, free, locals, depth, flags } = *self.rows.get(index(id))?;
        let free = self.free.get(index(free)).copied().unwrap_or(u128::MAX);
        Some(Facts { flags, free, depth, locals: locals.into(), weight })
    }

    /// The flags of that expression.
    pub fn flags(&self, id: NodeId) -> u8 {
        self.rows.get(index(id)).map_or(0, |row| row.flags)
    }

    /// The weight of that expression.
    pub fn weight(&self, id: NodeId) -> u32 {
        self.rows.get(index(id)).map_or(0, |row| row.weight)
    }

    /// The locals of that expression.
    pub fn locals(&self, id: NodeId) -> usize {
        self.rows.get(index(id)).map_or(0, |row| row.locals.into())
    }
}

/// A number of the plan as an index.
pub(crate) fn index(id: u32) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// For each slot, what reading it means: see [`READS_ARGS`] and [`READS_SERVER`].
fn slot_flags(plan: &Plan) -> Vec<u8> {
    let mut slots = vec![READS_REQUEST | READS_CALL; index(plan.input.slots).min(plan.kept_values())];
    let Some(tool) = plan.input.tool else { return slots };
    for args in plan.tools.iter().filter_map(|tool| tool.declaration.as_ref()?.args.as_ref()) {
        let whole = super::Kept { field: 0, slot: args.whole, inner: args.keep.clone() };
        mark(&[whole], &mut slots);
    }
    for kept in plan.input.keep.fields.iter().filter(|kept| kept.field == tool.tool || kept.field == tool.args) {
        mark(std::slice::from_ref(kept), &mut slots);
    }
    for (slot, flag) in [(tool.name, 0), (tool.server, READS_SERVER)] {
        if let Some(flags) = slots.get_mut(index(slot)) {
            *flags = READS_REQUEST | READS_CALL | flag;
        }
    }
    slots
}

/// Marks the slots that those entries fill; trees of a plan are never deep.
fn mark(fields: &[super::Kept], slots: &mut [u8]) {
    for kept in fields {
        if let Some(flags) = kept.slot.and_then(|slot| slots.get_mut(index(slot))) {
            *flags |= READS_ARGS;
        }
        mark(&kept.inner.fields, slots);
    }
}

struct Surveyor<'p> {
    plan: &'p Plan,
    builtins: &'p [&'static Function],
    slots: Vec<u8>,
    memos: Vec<Option<NodeId>>,
    /// What is known so far.
    survey: Survey,
    /// The places of [`Survey::free`].
    free: HashMap<u128, u32, foldhash::fast::RandomState>,
}

type Checked<T> = Result<T, &'static str>;

impl Surveyor<'_> {
    fn add(&mut self, facts: Facts) {
        let Facts { flags, free, depth, locals, weight } = facts;
        let sets = &mut self.survey.free;
        let add_set = || {
            sets.push(free);
            u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
        };
        let free = if free == 0 { 0 } else { *self.free.entry(free).or_insert_with(add_set) };
        let locals = u16::try_from(locals).unwrap_or(u16::MAX);
        self.survey.rows.push(Row { weight, free, locals, depth, flags });
    }

    fn node(&mut self, node: &Node) -> Checked<Facts> {
        let mut facts = self.leaf(node)?;
        let mut failure = None;
        node.for_each_child(&mut |child, binds| match self.survey.get(child) {
            Some(of) => facts = facts.with(of.binding(binds)),
            None => failure = Some("it refers to an expression that does not come before it"),
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        if let Node::Shared(..) = node {
            if facts.free & (u128::MAX >> 1) != 0 {
                return Err("what is shared reads a variable");
            }
            facts = facts.remembered();
        }
        facts.depth = facts.depth.saturating_add(1);
        facts.weight = facts.weight.saturating_add(1);
        if facts.locals > super::MAX_LOCALS {
            return Err("it has too many variables");
        }
        if usize::from(facts.depth) > super::MAX_DEPTH {
            return Err("it is nested too deep");
        }
        Ok(facts)
    }

    /// What a node has apart from its children, which is also where its references to other tables are checked.
    fn leaf(&mut self, node: &Node) -> Checked<Facts> {
        let plan = self.plan;
        let flags = |flags| Ok(Facts { flags, ..Facts::default() });
        match node {
            Node::Const(id) => within(*id, plan.constants.len()).and(flags(0)),
            Node::Slot(id) => flags(*self.slots.get(index(*id)).ok_or("it reads a slot that does not exist")?),
            Node::Data(id) => within(*id, plan.data.len()).and(flags(READS_REQUEST)),
            Node::Fact(_) => flags(READS_REQUEST | READS_CALL),
            Node::Local(id) => Ok(Facts { free: bit(*id), locals: id.saturating_add(1), ..Facts::default() }),
            Node::Definition(id) => self.definition(*id, 0).map(Facts::remembered),
            Node::Invoke(id, args) => self.invoked(*id, args.len()),
            Node::Score(id) => self.score(*id),
            Node::Shared(memo, of) => self.memo(*memo, *of),
            Node::Member(_, name) => self.text(*name).and(flags(0)),
            Node::Map(entries) => entries.iter().try_for_each(|(name, _)| self.text(*name)).and(flags(0)),
            Node::With(_, changes) => self.changes(changes),
            Node::Matches(_, id) => within(*id, plan.patterns.len()).and(flags(0)),
            Node::Record(id, values) => match plan.shapes.get(index(*id)) {
                Some(shape) if shape.len() == values.len() => flags(0),
                _ => Err("a record has other fields than its shape"),
            },
            Node::Arithmetic(..) | Node::Negate(_) => flags(CAN_ERR),
            Node::Call(id, args) => self.call(*id, args),
            Node::Aggregate(read) => self.aggregate(read).and(flags(READS_REQUEST | READS_CALL)),
            Node::WithPresent(_, local, _) => Ok(Facts { locals: local.saturating_add(1), ..Facts::default() }),
            _ => flags(0),
        }
    }

    fn text(&self, id: u32) -> Checked<()> {
        match self.plan.constants.get(index(id)) {
            Some(Constant::Str(_)) => Ok(()),
            _ => Err("a name is no string constant"),
        }
    }

    fn changes(&self, changes: &[super::Change]) -> Checked<Facts> {
        let mut longest = 0;
        for change in changes {
            change.path.iter().try_for_each(|name| self.text(*name))?;
            longest = longest.max(change.path.len());
            if change.path.is_empty() || longest > super::MAX_DEPTH {
                return Err("a change has no path, or one that is too long");
            }
        }
        Ok(Facts { depth: u16::try_from(longest).unwrap_or(u16::MAX), ..Facts::default() })
    }

    fn definition(&self, id: u32, args: usize) -> Checked<Facts> {
        let definition = self.plan.definitions.get(index(id)).ok_or("it reads a definition that does not exist")?;
        if index(definition.params) != args {
            return Err("a definition has another number of parameters");
        }
        let facts = self.survey.get(definition.node).ok_or("a definition does not come before its use")?;
        Ok(facts.in_own_frame())
    }

    /// A definition that is called: its frame is made each time.
    fn invoked(&self, id: u32, args: usize) -> Checked<Facts> {
        let facts = self.definition(id, args)?;
        let locals = self.plan.definitions.get(index(id)).and_then(|definition| self.survey.get(definition.node)).map_or(0, |body| body.locals);
        Ok(Facts { weight: facts.weight.saturating_add(locals / 8), ..facts })
    }

    fn score(&self, id: u32) -> Checked<Facts> {
        let score = self.plan.scores.get(index(id)).ok_or("it reads a score that does not exist")?;
        let mut sum = Facts::default();
        for ScorePart { amount, condition, .. } in &score.parts {
            for node in [amount, condition] {
                sum = sum.with(self.survey.get(*node).ok_or("a score does not come before its use")?);
            }
        }
        Ok(sum.remembered())
    }

    fn memo(&mut self, memo: u32, of: NodeId) -> Checked<Facts> {
        let place = self.memos.get_mut(index(memo)).ok_or("it is shared under a number that does not exist")?;
        if place.is_some_and(|other| other != of) {
            return Err("two expressions are shared under one number");
        }
        *place = Some(of);
        Ok(Facts::default())
    }

    /// Whether what a read gives is what its aggregates ask for.
    fn aggregate(&self, read: &AggregateRead) -> Checked<()> {
        let aggregate = |term: &AggregateTerm| self.plan.aggregates.get(index(term.aggregate)).ok_or("it reads an aggregate that does not exist");
        let summary = aggregate(read.terms.first().ok_or("it reads no aggregate")?)?.summary;
        let is_mark = |role| matches!(role, Role::Mark);
        let is_mention = |role| matches!(role, Role::Mention(_));
        if read.terms.len() > MAX_TERMS {
            return Err("it reads too many aggregates");
        }
        for term in &read.terms {
            let aggregate = aggregate(term)?;
            let fits = aggregate.summary == summary
                && aggregate.count(|role| matches!(role, Role::Key)) == term.keys.len()
                && (term.bounds.is_empty() || aggregate.count(is_mark) == 1)
                && usize::from(term.mentioned.is_some()) == aggregate.count(is_mention)
                && (!term.minus || summary.adds_up());
            if !fits {
                return Err("it asks for what its aggregate does not keep up");
            }
        }
        if !read.negated || summary == Summary::Any { Ok(()) } else { Err("it is the opposite of what is no condition") }
    }

    fn call(&self, id: u32, args: &[Argument]) -> Checked<Facts> {
        let function = self.builtins.get(index(id)).ok_or("it calls a function that does not exist")?;
        if args.len() > function.params.len() {
            return Err("a call has too many arguments");
        }
        let mut locals = 0;
        for (place, param) in function.params.iter().enumerate() {
            match (args.get(place), matches!(param.sig, Sig::Lambda(..))) {
                (Some(Argument::Lambda(local, _)), true) => locals = locals.max(local.saturating_add(1)),
                (Some(Argument::Node(_)), false) => {}
                (None, _) if param.optional => {}
                _ => return Err("a call's arguments do not fit the function"),
            }
        }
        Ok(Facts { flags: CALLS | if function.errs { CAN_ERR } else { 0 }, locals, ..Facts::default() })
    }
}

fn within(id: u32, len: usize) -> Checked<()> {
    if index(id) < len { Ok(()) } else { Err("it refers to something that does not exist") }
}

impl Facts {
    fn with(self, other: Facts) -> Facts {
        Facts {
            flags: self.flags | other.flags,
            free: self.free | other.free,
            depth: self.depth.max(other.depth),
            locals: self.locals.max(other.locals),
            weight: self.weight.saturating_add(other.weight),
        }
    }

    /// Seen from where one of its variables is bound.
    fn binding(self, local: Option<LocalId>) -> Facts {
        let bound = local.filter(|local| *local < 127).map_or(0, bit);
        Facts { free: self.free & !bound, ..self }
    }

    /// Seen from a frame that calls it.
    fn in_own_frame(self) -> Facts {
        Facts { free: 0, locals: 0, ..self }
    }

    /// Seen from where its remembered result is read.
    fn remembered(self) -> Facts {
        Facts { weight: 0, flags: self.flags & !CALLS, ..self.in_own_frame() }
    }
}
