//! Access predicates: what a rule says that can be looked up instead of evaluated.

use std::rc::Rc;

use tollgate_evaluator::plan::{self, Attribute, ConstId, Constant, Fact, Keys, Node, NodeId};
use tollgate_stdlib::{Kept, KeptSet};

use super::super::Lowering;
use super::super::fold::{self, Known};
use super::super::intern::{HashMap, index, number};

/// How many keys a predicate may have: with more, filing a rule takes more room than looking at it saves.
pub const MAX_KEYS: usize = 64;

/// How many guards of a rule are looked at.
const MAX_GUARDS: usize = 64;

/// How many expressions are looked at to understand one guard.
const MAX_VISITS: u32 = 256;

/// Where a rule can match. Adding a kind of lookup is adding a variant here and to the plan's [`Attribute`] and [`Keys`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only where one of these tools fits the call.
    Tools(ToolSet),
    /// Only where one of these declarations counts for the call.
    Declarations(ToolSet),
    /// Only where the expression has one of these scalar values, which are sorted.
    Values(NodeId, Vec<ConstId>),
}

/// Some of the plan's tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolSet {
    /// Their numbers, sorted.
    pub tools: Vec<u32>,
    /// Whether a call is meant too that none of the plan's tools fits, or no declaration.
    pub other: bool,
}

/// A predicate with what finding a rule under it proves.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// Where the rule can match.
    pub access: Access,
    /// The guards that it proves, by their places.
    pub guards: Vec<u32>,
    /// Whether it proves `on`.
    pub on: bool,
}

impl Access {
    /// What is looked at.
    pub fn attribute(&self) -> Attribute {
        match self {
            Access::Tools(_) => Attribute::Tool,
            Access::Declarations(_) => Attribute::Declaration,
            Access::Values(node, _) => Attribute::Node(*node),
        }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match self {
            Access::Tools(set) | Access::Declarations(set) => set.len(),
            Access::Values(_, values) => values.len(),
        }
    }

    /// The keys as the plan has them.
    pub fn keys(&self) -> Keys {
        match self {
            Access::Tools(set) | Access::Declarations(set) => Keys::Tools { tools: set.tools.clone(), other: set.other },
            Access::Values(_, values) => Keys::Values(values.clone()),
        }
    }

    /// Keeps the keys that another predicate on the same attribute has too.
    fn narrow(&mut self, by: &Access) {
        match (self, by) {
            (Access::Tools(set), Access::Tools(by)) | (Access::Declarations(set), Access::Declarations(by)) => {
                set.tools.retain(|tool| by.tools.binary_search(tool).is_ok());
                set.other &= by.other;
            }
            (Access::Values(_, values), Access::Values(_, by)) => values.retain(|value| by.binary_search(value).is_ok()),
            _ => {}
        }
    }
}

impl ToolSet {
    fn len(&self) -> usize {
        self.tools.len() + usize::from(self.other)
    }
}

/// What guards over declared facts come to: for each such guard the declarations under which it holds.
#[derive(Debug)]
pub struct Declarations {
    facts: Vec<(u32, Vec<Rc<Kept>>)>,
    undeclared: Vec<Rc<Kept>>,
    folded: HashMap<NodeId, Option<Rc<ToolSet>>>,
}

impl Declarations {
    /// The declarations of a set.
    pub fn new(lowering: &Lowering<'_>) -> Declarations {
        let facts = |place: usize| lowering.program.tools.get(place).map(|tool| tool.facts.iter().map(|fact| Rc::new(fact.clone())).collect());
        Declarations {
            facts: lowering.tools.declarations().map(|(number, place)| (number, facts(place).unwrap_or_default())).collect(),
            undeclared: Fact::ALL.into_iter().map(|fact| Rc::new(undeclared(fact))).collect(),
            folded: HashMap::default(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }
}

/// The facts of a tool that no declaration fits.
fn undeclared(fact: Fact) -> Kept {
    match fact {
        Fact::Declared | Fact::ReadOnly | Fact::Idempotent => Kept::Bool(false),
        Fact::Destructive | Fact::OpenWorld => Kept::Bool(true),
        Fact::Category | Fact::Title => Kept::Str("".into()),
        Fact::Labels => Kept::Set(KeptSet::default()),
    }
}

impl Lowering<'_> {
    /// The access predicates of a rule, one an attribute.
    pub(super) fn predicates(&mut self, rule: &plan::Rule, declarations: &mut Declarations) -> Vec<Predicate> {
        let mut found: Vec<Predicate> = Vec::new();
        if let Some(on) = &rule.on
            && let Some(tools) = self.tools_of(on)
        {
            found.push(Predicate { access: Access::Tools(tools), guards: Vec::new(), on: on.patterns.is_empty() });
        }
        for (place, guard) in rule.guards.iter().enumerate().take(MAX_GUARDS) {
            let Some(access) = self.access(guard.node, declarations) else { continue };
            let attribute = access.attribute();
            match found.iter_mut().find(|known| known.access.attribute() == attribute) {
                Some(known) => {
                    known.access.narrow(&access);
                    known.guards.push(number(place));
                }
                None => found.push(Predicate { access, guards: vec![number(place)], on: false }),
            }
        }
        found.retain(|predicate| predicate.access.len() <= MAX_KEYS);
        found
    }

    /// The tools that an `on` clause can be about. A pattern may be about any tool that the plan does not name.
    fn tools_of(&mut self, on: &plan::On) -> Option<ToolSet> {
        let mut tools = on.tools.clone();
        for pattern in &on.patterns {
            let fitting = self.tools_of_pattern(*pattern);
            if fitting.len() > MAX_KEYS {
                return None;
            }
            tools.extend_from_slice(&fitting);
        }
        tools.sort_unstable();
        tools.dedup();
        Some(ToolSet { tools, other: !on.patterns.is_empty() })
    }

    fn access(&self, guard: NodeId, declarations: &mut Declarations) -> Option<Access> {
        if let Some(tools) = self.fold_over(declarations, guard)
            && tools.len() <= MAX_KEYS
        {
            return Some(Access::Declarations((*tools).clone()));
        }
        let (node, values) = self.values_of(guard, MAX_VISITS)?;
        let traits = self.graph.traits(node);
        let is_lookup = traits.free.is_empty() && !traits.binds && traits.is_total;
        is_lookup.then_some(Access::Values(node, values))
    }

    /// The declarations under which a guard holds that depends on declared facts alone.
    fn fold_over(&self, declarations: &mut Declarations, guard: NodeId) -> Option<Rc<ToolSet>> {
        if let Some(known) = declarations.folded.get(&guard) {
            return known.clone();
        }
        let folded = if self.graph.constant(guard).is_some() { None } else { self.fold_guard(declarations, guard) };
        let folded = folded.map(Rc::new);
        declarations.folded.insert(guard, folded.clone());
        folded
    }

    fn fold_guard(&self, declarations: &Declarations, guard: NodeId) -> Option<ToolSet> {
        let holds = |facts: &[Rc<Kept>]| self.under_facts(guard, facts, &mut { MAX_VISITS })?.view().as_bool();
        let other = holds(&declarations.undeclared)?;
        let mut tools = Vec::new();
        for (tool, facts) in &declarations.facts {
            if holds(facts)? {
                tools.push(*tool);
            }
        }
        Some(ToolSet { tools, other })
    }

    /// The value of an expression for a tool with those facts; `None` where it depends on anything else.
    fn under_facts(&self, id: NodeId, facts: &[Rc<Kept>], visits: &mut u32) -> Known {
        *visits = visits.checked_sub(1)?;
        match self.graph.get(id) {
            Node::Fact(fact) => facts.get(Fact::ALL.iter().position(|other| other == fact)?).cloned(),
            Node::Definition(place) => self.under_facts(self.definitions.get(index(*place))?.node, facts, visits),
            node => fold::evaluate(node, &self.constants, &mut |child| self.under_facts(child, facts, visits)),
        }
    }

    /// The expression that a condition compares with constants, and the constants with which it holds; a condition of another form is compared
    /// with `true` itself.
    fn values_of(&self, condition: NodeId, visits: u32) -> Option<(NodeId, Vec<ConstId>)> {
        let visits = visits.checked_sub(1)?;
        let found = match self.graph.get(condition) {
            Node::Definition(place) => self.definitions.get(index(*place)).and_then(|definition| self.values_of(definition.node, visits)),
            Node::Equal(a, b) => match (self.graph.constant(*a), self.graph.constant(*b)) {
                (None, Some(value)) => self.scalars([value]).map(|values| (*a, values)),
                (Some(value), None) => self.scalars([value]).map(|values| (*b, values)),
                _ => None,
            },
            Node::In(a, collection) => self.elements(*collection).map(|values| (*a, values)),
            Node::Or(items) => self.values_of_any(items, visits / number(items.len()).max(1)),
            Node::Not(inner) => self.bool_constant_of(false).map(|value| (*inner, vec![value])),
            _ => None,
        };
        found.or_else(|| Some((condition, vec![self.bool_constant_of(true)?])))
    }

    /// The same for a disjunction whose parts all look at one expression.
    fn values_of_any(&self, items: &[NodeId], visits: u32) -> Option<(NodeId, Vec<ConstId>)> {
        let mut all: Option<(NodeId, Vec<ConstId>)> = None;
        for item in items {
            let (node, values) = self.values_of(*item, visits)?;
            match &mut all {
                None => all = Some((node, values)),
                Some((same, known)) if *same == node => known.extend(values),
                Some(_) => return None,
            }
        }
        let (node, values) = all?;
        Some((node, self.scalars(values)?))
    }

    fn elements(&self, collection: NodeId) -> Option<Vec<ConstId>> {
        match self.constants.get(self.graph.constant(collection)?) {
            Constant::List(items) | Constant::Set(items) => self.scalars(items.iter().copied()),
            _ => None,
        }
    }

    /// Sorted and without duplicates; `None` where one of them is no present scalar, which no key can stand for.
    fn scalars(&self, values: impl IntoIterator<Item = ConstId>) -> Option<Vec<ConstId>> {
        let mut values: Vec<ConstId> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        values.iter().all(|value| self.constants.is_scalar(*value)).then_some(values)
    }

    fn bool_constant_of(&self, value: bool) -> Option<ConstId> {
        self.constants.find(&Constant::Bool(value))
    }
}
