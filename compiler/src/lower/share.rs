//! From the graph to the plan's nodes: what is not used is left out, what is used often is marked to be computed once per
//! decision, and what calls functions for data alone, once per version of the data.

use std::ops::Range;

use tollgate_evaluator::plan::{Aggregate, AggregateRead, Condition, Index, Node, NodeId, Plan, Query, Rule, RuleSource, TypeNode};

use super::graph::{Graph, map_children};
use super::history::Histories;
use super::intern::{Interner, index, number};

/// How a place of the plan uses its expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A decision evaluates it once there at most.
    Once,
    /// The same, as part of what is remembered as a whole.
    Within,
    /// A decision may evaluate it there again and again, with other variables.
    Repeated,
    /// Only explanations and tests evaluate it.
    Shown,
}

/// The nodes of the plan, made from those of the graph.
#[derive(Clone, Debug, Default)]
pub struct Final {
    /// The nodes so far.
    pub nodes: Vec<Node>,
    /// How many of them are remembered.
    pub memos: u32,
    numbers: Vec<Option<NodeId>>,
    /// What sessions keep up.
    aggregates: Interner<Aggregate>,
    /// Conditions as explanations show them, encoded.
    conditions: Interner<Vec<u8>>,
}

impl Final {
    /// Gives every place of a plan that decides, and of its rules' sources, which name nodes of the graph, the number of its node in the plan.
    pub fn finish(&mut self, graph: &Graph, histories: &Histories, plan: &mut Plan, sources: &mut [RuleSource]) {
        let mut wanted = Wanted::new(graph);
        each_place(plan, &mut |place, usage| wanted.add(*place, usage));
        each_shown(sources, &mut |place| wanted.add(*place, Use::Shown));
        wanted.add_operands(histories);
        self.add(graph, histories, &wanted);
        plan.aggregates = self.aggregates.list().to_vec();
        each_place(plan, &mut |place, _| *place = self.number_of(*place));
        self.write(plan, 0..0, sources);
    }

    /// The same for the index of a plan, and for rules at some places, which have come for those that were at others, where the rest is finished.
    pub fn finish_rules(
        &mut self,
        (graph, histories): (&Graph, &Histories),
        plan: &mut Plan,
        (before, after): (Range<usize>, Range<usize>),
        sources: &mut [RuleSource],
    ) {
        let mut wanted = Wanted::new(graph);
        let rules = plan.rules.get_mut(after).unwrap_or_default();
        rules.iter_mut().for_each(|rule| each_of_rule(rule, &mut |place, usage| wanted.add(*place, usage)));
        each_shown(sources, &mut |place| wanted.add(*place, Use::Shown));
        each_attribute(&mut plan.index, &mut |place, usage| wanted.add(*place, usage));
        wanted.add_operands(histories);
        self.add(graph, histories, &wanted);
        plan.aggregates.extend_from_slice(self.aggregates.list().get(plan.aggregates.len()..).unwrap_or_default());
        rules.iter_mut().for_each(|rule| each_of_rule(rule, &mut |place, _| *place = self.number_of(*place)));
        each_attribute(&mut plan.index, &mut |place, _| *place = self.number_of(*place));
        self.write(plan, before, sources);
    }

    /// Writes what explanations show of some rules in the place of others.
    fn write(&mut self, plan: &mut Plan, before: Range<usize>, sources: &mut [RuleSource]) {
        each_shown(sources, &mut |place| *place = self.number_of(*place));
        let written: Vec<Vec<u8>> = sources.iter().map(|source| source.to_bytes(|condition| self.conditions.intern(condition))).collect();
        plan.sources.rules.splice(before, &written);
        let known = plan.sources.conditions.len();
        self.conditions.list().iter().skip(known).for_each(|condition| plan.sources.conditions.push(condition));
    }

    /// How many conditions explanations show.
    pub fn shown(&self) -> usize {
        self.conditions.list().len()
    }

    /// The same for the queries of a plan whose other places are finished.
    pub fn finish_queries(&mut self, graph: &Graph, queries: &mut [Query]) {
        let mut wanted = Wanted::new(graph);
        queries.iter().for_each(|query| wanted.add(query.node, Use::Shown));
        let histories = Histories::default();
        wanted.add_operands(&histories);
        self.add(graph, &histories, &wanted);
        queries.iter_mut().for_each(|query| query.node = self.number_of(query.node));
    }

    /// Adds the wanted nodes that are not there yet. A node that reads no variable and is used at least twice is remembered, unless evaluating it is as
    /// cheap as remembering it, or it depends on nothing, as all that refinements read: those are checked while input and data are read. So is one that
    /// calls functions for data alone, where it is not part of another such: its value lasts longer than a decision.
    fn add(&mut self, graph: &Graph, histories: &Histories, wanted: &Wanted) {
        self.numbers.resize(graph.len(), None);
        for (place, uses) in wanted.uses.iter().enumerate() {
            let (id, Some(uses)) = (number(place), uses) else { continue };
            if self.numbers.get(place).is_some_and(Option::is_some) {
                continue;
            }
            let mut node = graph.get(id).clone();
            map_children(&mut node, &mut |child| self.number_of(child));
            let is_shared = *uses > 1 && graph.traits(id).reads && graph.is_closed(id) && !is_cheap(&node);
            let mut own = self.push(node);
            if let Some(read) = self.kept_up(histories, id, own) {
                own = self.push(Node::Aggregate(read.into()));
            }
            if is_shared {
                let memo = self.memos;
                self.memos += 1;
                own = self.push(Node::Shared(memo, own));
            }
            if let Some(slot) = self.numbers.get_mut(place) {
                *slot = Some(own);
            }
        }
    }

    /// How a session answers that node of the graph, which is `whole` in the plan.
    fn kept_up(&mut self, histories: &Histories, id: NodeId, whole: NodeId) -> Option<AggregateRead> {
        let mut read = histories.get(id)?.clone();
        for term in &mut read.terms {
            let mut aggregate = histories.aggregate(term)?.clone();
            aggregate.steps.iter_mut().for_each(|step| step.node = self.number_of(step.node));
            term.aggregate = self.aggregates.intern(aggregate);
        }
        read.map_children(&mut |child| self.number_of(child));
        Some(AggregateRead { whole, ..read })
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        number(self.nodes.len() - 1)
    }

    fn number_of(&self, id: NodeId) -> NodeId {
        self.numbers.get(index(id)).copied().flatten().unwrap_or_default()
    }
}

/// The nodes that a plan needs: how often what decides uses each.
struct Wanted<'g> {
    graph: &'g Graph,
    uses: Vec<Option<u32>>,
}

impl<'g> Wanted<'g> {
    fn new(graph: &'g Graph) -> Wanted<'g> {
        Wanted { graph, uses: vec![None; graph.len()] }
    }

    fn add(&mut self, node: NodeId, usage: Use) {
        let weight = match usage {
            Use::Once if self.graph.lasts(node) => 2,
            Use::Once | Use::Within => 1,
            Use::Repeated => 2,
            Use::Shown => 0,
        };
        if let Some(uses) = self.uses.get_mut(index(node)) {
            *uses = Some(uses.unwrap_or_default().saturating_add(weight));
        }
    }

    /// Adds what the wanted nodes evaluate. A node that reads no variable counts twice where what uses it reads one, or where it is the body of a
    /// lambda: there it would be evaluated for every value of the variable.
    /// What a session answers has operands beside those of the expression, all of which are among the expression's, or made before it.
    fn add_operands(&mut self, histories: &Histories) {
        let graph = self.graph;
        for place in (0..graph.len()).rev() {
            let (id, Some(uses)) = (number(place), self.uses.get(place).copied().flatten()) else { continue };
            let is_closed = graph.is_closed(id);
            let once = if graph.lasts(id) { Use::Within } else { Use::Once };
            graph.get(id).for_each_child(&mut |child, bound| {
                let is_repeated = graph.is_closed(child) && (!is_closed || bound.is_some());
                let usage = if is_repeated { Use::Repeated } else { once };
                self.add(child, if uses == 0 { Use::Shown } else { usage });
            });
            if let Some(read) = histories.get(id) {
                let usage = if uses == 0 { Use::Shown } else { Use::Once };
                read.for_each_child(&mut |child| {
                    if child != id {
                        self.add(child, usage)
                    }
                });
                let aggregates = read.terms.iter().filter_map(|term| histories.aggregate(term));
                aggregates.flat_map(|aggregate| &aggregate.steps).for_each(|step| self.add(step.node, usage));
            }
        }
    }
}

/// Whether reading a node again costs no more than remembering it.
fn is_cheap(node: &Node) -> bool {
    let is_read = matches!(node, Node::Const(_) | Node::Slot(_) | Node::Data(_) | Node::Fact(_) | Node::Local(_) | Node::Field(..));
    let is_remembered = matches!(node, Node::Definition(_) | Node::Score(_) | Node::Shared(..));
    is_read || is_remembered || matches!(node, Node::Not(_))
}

/// Calls back with every place of what decides that names a node.
fn each_place(plan: &mut Plan, visit: &mut impl FnMut(&mut NodeId, Use)) {
    for ty in &mut plan.types {
        if let TypeNode::Record { fields, .. } = ty {
            fields.iter_mut().filter_map(|field| field.refinement.as_mut()).for_each(|refinement| visit(&mut refinement.node, Use::Repeated));
        }
    }
    for definition in &mut plan.definitions {
        visit(&mut definition.node, if definition.params > 0 { Use::Repeated } else { Use::Within });
    }
    for part in plan.scores.iter_mut().flat_map(|score| &mut score.parts) {
        visit(&mut part.amount, Use::Once);
        visit(&mut part.condition, Use::Once);
        part.because.iter_mut().for_each(|node| visit(node, Use::Shown));
    }
    plan.rules.iter_mut().for_each(|rule| each_of_rule(rule, visit));
    if let Some(because) = plan.default.as_mut().and_then(|default| default.because.as_mut()) {
        visit(because, Use::Once);
    }
    each_attribute(&mut plan.index, visit);
}

fn each_of_rule(rule: &mut Rule, visit: &mut impl FnMut(&mut NodeId, Use)) {
    let inner = if rule.choices.is_empty() { Use::Once } else { Use::Repeated };
    rule.guards.iter_mut().for_each(|guard| visit(guard, Use::Once));
    for (place, choice) in rule.choices.iter_mut().enumerate() {
        visit(&mut choice.source, if place == 0 { Use::Once } else { Use::Repeated });
    }
    rule.conditions.iter_mut().chain(&mut rule.unless).for_each(|condition| visit(condition, inner));
    rule.because.iter_mut().for_each(|node| visit(node, Use::Once));
    rule.require.iter_mut().flat_map(|requirement| &mut requirement.args).for_each(|node| visit(node, inner));
}

fn each_attribute(index: &mut Index, visit: &mut impl FnMut(&mut NodeId, Use)) {
    for attribute in index.groups.iter_mut().flat_map(|group| &mut group.attributes) {
        if let Some(node) = attribute.node_mut() {
            visit(node, Use::Once);
        }
    }
}

/// Calls back with every place of rules' sources that names a node.
fn each_shown(sources: &mut [RuleSource], visit: &mut impl FnMut(&mut NodeId)) {
    sources.iter_mut().flat_map(RuleSource::all_mut).for_each(|condition| each_of_condition(condition, visit));
}

fn each_of_condition(condition: &mut Condition, visit: &mut impl FnMut(&mut NodeId)) {
    visit(&mut condition.node);
    condition.parts.iter_mut().for_each(|part| each_of_condition(part, visit));
}
