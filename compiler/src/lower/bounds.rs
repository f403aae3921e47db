//! Whether a plan keeps the bounds within which evaluation is safe, and whom to tell if not.

use std::sync::Arc;

use tollgate_evaluator::plan::{self, MAX_DEPTH, MAX_LOCALS, MAX_WEIGHT, Node, NodeId, Plan};

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{Program, Rule};

use super::intern::index;

/// What evaluating a node takes.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    /// How deep it recurses, through definitions and scores.
    depth: usize,
    /// How many nodes it visits, the functions that it calls written out, what is remembered not counted.
    weight: u32,
}

/// An expression of the plan as its author knows it.
struct Place {
    node: NodeId,
    locals: u32,
    at: Location,
}

/// What is wrong with the first definition, score or rule that goes beyond a bound; `places` are the program's places of the plan's definitions.
pub fn beyond(program: &Program, places: &[usize], plan: &Plan) -> Option<Diagnostic> {
    let extents = extents(plan);
    all_places(program, places, plan).iter().find_map(|place| place.beyond(&extents))
}

/// The same of the queries; `places` are where they stand.
pub fn query_beyond(plan: &Plan, places: &[Location]) -> Option<Diagnostic> {
    let extents = extents(plan);
    let mut queries = plan.queries.iter().zip(places).map(|(query, at)| Place { node: query.node, locals: query.locals, at: *at });
    queries.find_map(|place| place.beyond(&extents))
}

/// The same of some rules; `sources` are what they were made of.
pub fn rules_beyond(plan: &Plan, rules: &[plan::Rule], sources: &[Arc<Rule>]) -> Option<Diagnostic> {
    let extents = extents(plan);
    rules.iter().zip(sources).flat_map(|(rule, source)| places_of(rule, source)).find_map(|place| place.beyond(&extents))
}

impl Place {
    fn beyond(&self, extents: &[Extent]) -> Option<Diagnostic> {
        let extent = extents.get(index(self.node)).copied().unwrap_or_default();
        if extent.depth > MAX_DEPTH {
            let message = "this is nested too deeply, with the definitions that it refers to";
            return Some(Diagnostic::error(Code::Nesting, self.at, message).with_help("shorten the chain of definitions that build on each other"));
        }
        if extent.weight > MAX_WEIGHT || self.locals > MAX_LOCALS {
            let message = "this is too large, with the functions that it calls";
            return Some(
                Diagnostic::error(Code::TooLarge, self.at, message).with_help("name intermediate results with `let`, which are computed once"),
            );
        }
        None
    }
}

fn extents(plan: &Plan) -> Vec<Extent> {
    let mut extents: Vec<Extent> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let extent = extent(plan, node, &extents);
        extents.push(extent);
    }
    extents
}

fn extent(plan: &Plan, node: &Node, earlier: &[Extent]) -> Extent {
    let of = |id: NodeId| earlier.get(index(id)).copied().unwrap_or_default();
    let body = |id: &u32| plan.definitions.get(index(*id)).map(|definition| of(definition.node)).unwrap_or_default();
    let mut sum = match node {
        Node::Definition(id) => Extent { weight: 0, ..body(id) },
        Node::Invoke(id, _) => {
            let locals = plan.definitions.get(index(*id)).map_or(0, |definition| definition.locals);
            Extent { weight: body(id).weight.saturating_add(locals / 8), ..body(id) }
        }
        Node::Score(id) => {
            let parts = plan.scores.get(index(*id)).map(|score| score.parts.as_slice()).unwrap_or_default();
            let depth = parts.iter().map(|part| of(part.amount).depth.max(of(part.condition).depth)).max();
            Extent { depth: depth.unwrap_or(0), weight: 0 }
        }
        Node::With(_, changes) => Extent { depth: changes.iter().map(|change| change.path.len()).max().unwrap_or(0), weight: 0 },
        _ => Extent::default(),
    };
    let is_remembered = matches!(node, Node::Shared(..));
    node.for_each_child(&mut |child, _| {
        let child = of(child);
        sum.depth = sum.depth.max(child.depth);
        sum.weight = sum.weight.saturating_add(if is_remembered { 0 } else { child.weight });
    });
    Extent { depth: sum.depth.saturating_add(1), weight: sum.weight.saturating_add(1) }
}

/// What is checked, in an order in which what others build on comes first.
fn all_places(program: &Program, places: &[usize], plan: &Plan) -> Vec<Place> {
    let mut all = Vec::new();
    for (definition, place) in plan.definitions.iter().zip(places) {
        let at = program.definitions.get(*place).map(|definition| definition.at).unwrap_or_default();
        all.push(Place { node: definition.node, locals: definition.locals, at });
    }
    for (score, source) in plan.scores.iter().zip(&program.scores) {
        let nodes = score.parts.iter().flat_map(|part| [Some(part.amount), Some(part.condition), part.because]).flatten();
        all.extend(nodes.map(|node| Place { node, locals: score.locals, at: source.at }));
    }
    all.extend(plan.rules.iter().zip(&program.rules).flat_map(|(rule, source)| places_of(rule, source)));
    if let (Some(default), Some(source)) = (&plan.default, &program.default) {
        all.extend(default.because.map(|node| Place { node, locals: default.locals, at: source.at }));
    }
    all
}

fn places_of(rule: &plan::Rule, source: &Rule) -> impl Iterator<Item = Place> {
    let conditions = rule.guards.iter().chain(&rule.conditions).chain(&rule.unless).copied();
    let arguments = rule.require.iter().flat_map(|requirement| requirement.args.iter().copied());
    let nodes = conditions.chain(rule.choices.iter().map(|choice| choice.source)).chain(rule.because).chain(arguments);
    let (locals, at) = (rule.locals, source.at);
    nodes.map(move |node| Place { node, locals, at })
}
