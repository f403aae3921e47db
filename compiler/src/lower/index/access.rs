//! Access predicates: what a rule says that can be looked up instead of evaluated.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_evaluator::plan::{
    self, Argument, Attribute, Bound, ConstId, Constant, Fact, GlobEnds, Interval, Keys, Node, NodeId, Order, Pattern, PatternId, Text,
};
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Kept, KeptSet};

use super::super::Lowering;
use super::super::constants::Constants;
use super::super::fold::{self, Known};
use super::super::intern::{HashMap, index, number};

/// How many keys a predicate may have: with more, filing a rule takes more room than looking at it saves.
pub const MAX_KEYS: usize = 64;

/// How many guards of a rule are looked at.
const MAX_GUARDS: usize = 64;

/// How many parts a disjunction may have to be split.
const MAX_PARTS: usize = 8;

/// How many bytes a text may have to be searched for together with others.
const MAX_PART: usize = 1024;

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
    /// Only where the text begins with one of these.
    Start(NodeId, Vec<ConstId>),
    /// Only where the text ends with one of these.
    End(NodeId, Vec<ConstId>),
    /// Only where the address is in one of these networks.
    Net(NodeId, Vec<ConstId>),
    /// Only where the value is in one of these intervals.
    Between(NodeId, Vec<Interval>),
    /// Only where the text matches one of these patterns.
    Match(NodeId, Vec<PatternId>),
    /// Only where the value is in one of these data.
    Data(NodeId, Vec<u32>),
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
    /// The guards that it is read off, by their places.
    pub said: Vec<u32>,
    /// Those that it proves.
    pub proves: Vec<u32>,
    /// Whether it proves `on`.
    pub on: bool,
    /// Whether it is one part of a disjunction: the rule can match where any of such predicates holds.
    pub is_part: bool,
}

impl Access {
    /// What is looked at.
    pub fn attribute(&self) -> Attribute {
        match self {
            Access::Tools(_) => Attribute::Tool,
            Access::Declarations(_) => Attribute::Declaration,
            Access::Values(node, _) => Attribute::Node(*node),
            Access::Start(node, _) => Attribute::Start(*node),
            Access::End(node, _) => Attribute::End(*node),
            Access::Net(node, _) => Attribute::Net(*node),
            Access::Between(node, _) => Attribute::Order(*node),
            Access::Match(node, _) => Attribute::Match(*node),
            Access::Data(node, _) => Attribute::Data(*node),
        }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match self {
            Access::Tools(set) | Access::Declarations(set) => set.len(),
            Access::Values(_, values) | Access::Start(_, values) | Access::End(_, values) | Access::Net(_, values) => values.len(),
            Access::Between(_, intervals) => intervals.len(),
            Access::Match(_, patterns) => patterns.len(),
            Access::Data(_, data) => data.len(),
        }
    }

    /// The keys as the plan has them.
    pub fn keys(&self) -> Keys {
        match self {
            Access::Tools(set) | Access::Declarations(set) => Keys::Tools { tools: set.tools.clone(), other: set.other },
            Access::Values(_, values) | Access::Start(_, values) | Access::End(_, values) | Access::Net(_, values) => Keys::Values(values.clone()),
            Access::Between(_, intervals) => Keys::Between(intervals.clone()),
            Access::Match(_, patterns) => Keys::Patterns(patterns.clone()),
            Access::Data(_, data) => Keys::Data(data.clone()),
        }
    }

    /// What another predicate on the same attribute allows too; `None` where keys cannot say both.
    fn and(&self, other: &Access, constants: &Constants) -> Option<Access> {
        Some(match (self, other) {
            (Access::Tools(a), Access::Tools(b)) => Access::Tools(a.and(b)),
            (Access::Declarations(a), Access::Declarations(b)) => Access::Declarations(a.and(b)),
            (Access::Values(node, a), Access::Values(_, b)) => {
                Access::Values(*node, a.iter().copied().filter(|value| b.binary_search(value).is_ok()).collect())
            }
            (Access::Between(node, a), Access::Between(_, b)) => {
                let pairs = a.iter().flat_map(|a| b.iter().map(|b| overlap(*a, *b, constants)));
                Access::Between(*node, pairs.collect())
            }
            _ => return None,
        })
    }

    /// What either of two predicates on the same attribute allows.
    fn or(self, other: Access) -> Option<Access> {
        let both = |mut a: Vec<ConstId>, b: Vec<ConstId>| {
            a.extend(b);
            a.sort_unstable();
            a.dedup();
            a
        };
        Some(match (self, other) {
            (Access::Values(node, a), Access::Values(same, b)) if node == same => Access::Values(node, both(a, b)),
            (Access::Start(node, a), Access::Start(same, b)) if node == same => Access::Start(node, both(a, b)),
            (Access::End(node, a), Access::End(same, b)) if node == same => Access::End(node, both(a, b)),
            (Access::Net(node, a), Access::Net(same, b)) if node == same => Access::Net(node, both(a, b)),
            (Access::Match(node, a), Access::Match(same, b)) if node == same => Access::Match(node, both(a, b)),
            (Access::Data(node, a), Access::Data(same, b)) if node == same => Access::Data(node, both(a, b)),
            (Access::Between(node, mut a), Access::Between(same, b)) if node == same => {
                a.extend(b);
                Access::Between(node, a)
            }
            _ => return None,
        })
    }
}

/// The glob of all texts that contain that one; `None` for one that is too long, or in every text.
fn containing(part: &str) -> Option<Text> {
    if part.is_empty() || part.len() > MAX_PART {
        return None;
    }
    let mut glob = String::from("*");
    for char in part.chars() {
        if matches!(char, '*' | '?' | '\\') {
            glob.push('\\');
        }
        glob.push(char);
    }
    glob.push('*');
    Some(glob.into())
}

/// What lies in two intervals of one type.
fn overlap(a: Interval, b: Interval, constants: &Constants) -> Interval {
    let tighter = |a: Option<Bound>, b: Option<Bound>, wanted: Ordering| match (a, b) {
        (Some(a), Some(b)) => Some(match constants.value(a.value).view().order(constants.value(b.value).view()) {
            Ordering::Equal => Bound { inside: a.inside && b.inside, ..a },
            found if found == wanted => a,
            _ => b,
        }),
        (one, other) => one.or(other),
    };
    Interval { low: tighter(a.low, b.low, Ordering::Greater), high: tighter(a.high, b.high, Ordering::Less) }
}

impl ToolSet {
    fn and(&self, other: &ToolSet) -> ToolSet {
        let tools = self.tools.iter().copied().filter(|tool| other.tools.binary_search(tool).is_ok());
        ToolSet { tools: tools.collect(), other: self.other && other.other }
    }

    fn len(&self) -> usize {
        self.tools.len() + usize::from(self.other)
    }
}

/// What guards over declared facts come to: for each such guard the declarations under which it holds.
#[derive(Clone, Debug)]
pub struct Declarations {
    /// The facts that some tools have in common, with their numbers.
    facts: Vec<(Vec<u32>, Vec<Arc<Kept>>)>,
    undeclared: Vec<Arc<Kept>>,
    count: usize,
    folded: HashMap<NodeId, Option<Arc<ToolSet>>>,
}

impl Declarations {
    /// The declarations of a set.
    pub fn new(lowering: &mut Lowering<'_>) -> Declarations {
        let mut alike: BTreeMap<Vec<ConstId>, Vec<u32>> = BTreeMap::new();
        for (tool, place) in lowering.tools.declarations() {
            let facts = lowering.program.tools.get(place).map(|tool| tool.facts.as_slice()).unwrap_or_default();
            alike.entry(facts.iter().map(|fact| lowering.constants.intern(fact)).collect()).or_default().push(tool);
        }
        let values = |facts: Vec<ConstId>| facts.into_iter().map(|fact| lowering.constants.value(fact)).collect();
        Declarations {
            facts: alike.into_iter().map(|(facts, tools)| (tools, values(facts))).collect(),
            undeclared: Fact::ALL.into_iter().map(|fact| Arc::new(undeclared(fact))).collect(),
            count: lowering.tools.declarations().count(),
            folded: HashMap::default(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
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
    /// The access predicates of a rule, one an attribute; then the parts of a disjunction, if there is one whose parts can all be looked up.
    pub(super) fn predicates(&mut self, rule: &plan::Rule, declarations: &mut Declarations) -> Vec<Predicate> {
        let mut found: Vec<Predicate> = Vec::new();
        if let Some(on) = &rule.on
            && let Some(tools) = self.tools_of(on)
        {
            found.push(Predicate { access: Access::Tools(tools), said: Vec::new(), proves: Vec::new(), on: on.patterns.is_empty(), is_part: false });
        }
        let mut parts = Vec::new();
        for (place, guard) in rule.guards.iter().enumerate().take(MAX_GUARDS) {
            if parts.is_empty() {
                parts = self.parts(*guard, number(place));
            }
            let Some((access, exact)) = self.access(*guard, declarations) else { continue };
            let attribute = access.attribute();
            let proves = exact.then(|| number(place));
            match found.iter_mut().find(|known| known.access.attribute() == attribute) {
                Some(known) => {
                    if let Some(both) = known.access.and(&access, &self.constants) {
                        known.access = both;
                        known.said.push(number(place));
                        known.proves.extend(proves);
                    }
                }
                None => found.push(Predicate { access, said: vec![number(place)], proves: proves.into_iter().collect(), on: false, is_part: false }),
            }
        }
        found.retain(|predicate| predicate.access.len() <= MAX_KEYS);
        found.extend(parts);
        found
    }

    /// A guard that is a disjunction, part by part; none where one of them cannot be looked up, or all look at the same.
    fn parts(&mut self, guard: NodeId, place: u32) -> Vec<Predicate> {
        let Node::Or(items) = self.graph.get(guard).clone() else { return Vec::new() };
        if items.len() > MAX_PARTS {
            return Vec::new();
        }
        let visits = MAX_VISITS / number(items.len()).max(1);
        let each = items.iter().map(|item| {
            let (access, exact) = self.compared(*item, visits)?;
            let can_look_up = access.len() <= MAX_KEYS && self.can_look_up(access.attribute().node()?);
            let proves = exact.then_some(place).into_iter().collect();
            can_look_up.then(|| Predicate { access, said: vec![place], proves, on: false, is_part: true })
        });
        let parts: Vec<Predicate> = each.collect::<Option<_>>().unwrap_or_default();
        let alike = parts.iter().all(|part| parts.first().is_some_and(|first| first.access.attribute() == part.access.attribute()));
        if alike { Vec::new() } else { parts }
    }

    /// The tools that an `on` clause can be about. A pattern may be about any tool that the plan does not name.
    fn tools_of(&mut self, on: &plan::On) -> Option<ToolSet> {
        let mut tools = on.tools.to_vec();
        for pattern in &*on.patterns {
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

    /// What a guard says that can be looked up, and whether that is all that it says.
    fn access(&mut self, guard: NodeId, declarations: &mut Declarations) -> Option<(Access, bool)> {
        if let Some(tools) = self.fold_over(declarations, guard)
            && tools.len() <= MAX_KEYS
        {
            return Some((Access::Declarations((*tools).clone()), true));
        }
        let itself = (Access::Values(guard, vec![self.bool_constant_of(true)?]), true);
        let compared = self.compared(guard, MAX_VISITS);
        compared.into_iter().chain([itself]).find(|(access, _)| access.attribute().node().is_some_and(|node| self.can_look_up(node)))
    }

    fn can_look_up(&self, node: NodeId) -> bool {
        let traits = self.graph.traits(node);
        traits.free.is_empty() && !traits.binds && traits.is_total
    }

    /// The declarations under which a guard holds that depends on declared facts alone.
    fn fold_over(&self, declarations: &mut Declarations, guard: NodeId) -> Option<Arc<ToolSet>> {
        if let Some(known) = declarations.folded.get(&guard) {
            return known.clone();
        }
        let folded = if self.graph.constant(guard).is_some() { None } else { self.fold_guard(declarations, guard) };
        let folded = folded.map(Arc::new);
        declarations.folded.insert(guard, folded.clone());
        folded
    }

    fn fold_guard(&self, declarations: &Declarations, guard: NodeId) -> Option<ToolSet> {
        let holds = |facts: &[Arc<Kept>]| self.under_facts(guard, facts, &mut { MAX_VISITS })?.view().as_bool();
        let other = holds(&declarations.undeclared)?;
        let mut tools = Vec::new();
        for (alike, facts) in &declarations.facts {
            if holds(facts)? {
                tools.extend_from_slice(alike);
            }
        }
        tools.sort_unstable();
        Some(ToolSet { tools, other })
    }

    /// The value of an expression for a tool with those facts; `None` where it depends on anything else.
    fn under_facts(&self, id: NodeId, facts: &[Arc<Kept>], visits: &mut u32) -> Known {
        *visits = visits.checked_sub(1)?;
        match self.graph.get(id) {
            Node::Fact(fact) => facts.get(Fact::ALL.iter().position(|other| other == fact)?).cloned(),
            Node::Definition(place) => self.under_facts(self.definitions.get(index(*place))?.node, facts, visits),
            node => fold::evaluate(node, &self.constants, &mut |child| self.under_facts(child, facts, visits)),
        }
    }

    /// What a condition says of an expression by comparing it with constants, and whether that is all that it says.
    fn compared(&mut self, condition: NodeId, visits: u32) -> Option<(Access, bool)> {
        let visits = visits.checked_sub(1)?;
        let exact = |access: Access| (access, true);
        match self.graph.get(condition).clone() {
            Node::Definition(place) => self.compared(self.definitions.get(index(place))?.node, visits),
            Node::Equal(a, b) => match (self.graph.constant(a), self.graph.constant(b)) {
                (None, Some(value)) => self.scalars([value]).map(|values| exact(Access::Values(a, values))),
                (Some(value), None) => self.scalars([value]).map(|values| exact(Access::Values(b, values))),
                _ => None,
            },
            Node::In(a, collection) => match self.graph.constant(collection) {
                Some(collection) => self.member(a, collection).map(exact),
                None => self.data_of(collection, visits).map(|data| exact(Access::Data(a, vec![data]))),
            },
            Node::Order(order, a, b) => match (self.graph.constant(a), self.graph.constant(b)) {
                (None, Some(value)) => self.interval(order, value).map(|interval| exact(Access::Between(a, vec![interval]))),
                (Some(value), None) => self.interval(order.turned(), value).map(|interval| exact(Access::Between(b, vec![interval]))),
                _ => None,
            },
            Node::Call(function, args) => self.called(function, &args).map(exact),
            Node::Matches(text, pattern) => self.matched(text, pattern),
            Node::Or(items) => self.any_of(&items, visits / number(items.len()).max(1)),
            Node::And(items) => self.all_of(&items, visits / number(items.len()).max(1)),
            Node::Not(inner) => self.bool_constant_of(false).map(|value| exact(Access::Values(inner, vec![value]))),
            _ => None,
        }
    }

    /// The same for a disjunction whose parts all look at one expression.
    fn any_of(&mut self, items: &[NodeId], visits: u32) -> Option<(Access, bool)> {
        let mut all: Option<(Access, bool)> = None;
        for item in items {
            let (access, exact) = self.compared(*item, visits)?;
            all = Some(match all {
                None => (access, exact),
                Some((known, known_exact)) => (known.or(access)?, known_exact && exact),
            });
        }
        all
    }

    /// The same for a conjunction: what its parts say together of the first expression that one of them looks at.
    fn all_of(&mut self, items: &[NodeId], visits: u32) -> Option<(Access, bool)> {
        let mut all: Option<Access> = None;
        let mut all_exact = true;
        for item in items {
            let compared = self.compared(*item, visits);
            let both = match (&all, compared) {
                (None, Some((access, exact))) => Some((access, exact)),
                (Some(known), Some((access, exact))) if known.attribute() == access.attribute() => {
                    known.and(&access, &self.constants).map(|both| (both, exact))
                }
                _ => None,
            };
            all_exact &= both.as_ref().is_some_and(|(_, exact)| *exact);
            all = both.map(|(access, _)| access).or(all);
        }
        all.map(|access| (access, all_exact))
    }

    fn interval(&self, order: Order, value: ConstId) -> Option<Interval> {
        if !self.constants.get(value).is_ordered() {
            return None;
        }
        let bound = |inside| Some(Bound { value, inside });
        Some(match order {
            Order::Less => Interval { low: None, high: bound(false) },
            Order::LessOrEqual => Interval { low: None, high: bound(true) },
            Order::Greater => Interval { low: bound(false), high: None },
            Order::GreaterOrEqual => Interval { low: bound(true), high: None },
        })
    }

    fn called(&mut self, function: u32, args: &[Argument]) -> Option<Access> {
        let [Argument::Node(text), Argument::Node(part)] = args else { return None };
        let part = self.graph.constant(*part)?;
        let Constant::Str(written) = self.constants.get(part) else { return None };
        match self.builtins.get(function).map(|key| &**key)? {
            "string.starts_with" => Some(Access::Start(*text, vec![part])),
            "string.ends_with" => Some(Access::End(*text, vec![part])),
            "string.contains" => {
                let pattern = Pattern::Like(containing(written)?);
                Some(Access::Match(*text, vec![self.patterns.intern(pattern)]))
            }
            _ => None,
        }
    }

    /// What a glob says of how a text begins, or ends; else that the text matches the pattern.
    fn matched(&mut self, text: NodeId, pattern: u32) -> Option<(Access, bool)> {
        let itself = Some((Access::Match(text, vec![pattern]), true));
        let Some(GlobEnds { start, end, is_all }) = self.patterns.get(pattern)?.glob_ends() else { return itself };
        if start.len() >= end.len() && !start.is_empty() {
            Some((Access::Start(text, vec![self.constants.text(&start)]), is_all && end.is_empty()))
        } else if !end.is_empty() {
            Some((Access::End(text, vec![self.constants.text(&end)]), is_all && start.is_empty()))
        } else {
            itself
        }
    }

    fn member(&self, item: NodeId, collection: ConstId) -> Option<Access> {
        match self.constants.get(collection) {
            Constant::Cidr(..) => Some(Access::Net(item, vec![collection])),
            Constant::List(items) | Constant::Set(items) => Some(Access::Values(item, self.scalars(items.iter().copied())?)),
            _ => None,
        }
    }

    /// The data that an expression is, where they are a collection whose elements, or keys, are scalars.
    fn data_of(&self, collection: NodeId, visits: u32) -> Option<u32> {
        let visits = visits.checked_sub(1)?;
        match *self.graph.get(collection) {
            Node::Definition(place) => self.data_of(self.definitions.get(index(place))?.node, visits),
            Node::Data(place) => match &self.program.data.get(index(place))?.ty {
                Type::List(element) | Type::Set(element) => element.is_scalar().then_some(place),
                Type::Map(_) => Some(place),
                _ => None,
            },
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
