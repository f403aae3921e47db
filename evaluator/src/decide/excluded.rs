//! Why the index does not give a rule, in the rule's own words.

use super::explain::observed;
use crate::eval::Machine;
use crate::explanation::Exclusion;
use crate::plan::{Attribute, Condition, Node, NodeId, RuleSource, index};
use crate::program::{Found, Standing};

/// What the index makes of each rule; all are looked at where there is none, or it comes to the end of the steps.
pub(super) fn standings<'a>(machine: &mut Machine<'a>, found: &mut Found, indexed: bool) -> Vec<Standing<'a>> {
    let program = machine.program;
    let rules = program.plan.rules.len();
    let known = if indexed { program.finder.standings(rules, machine, found).ok() } else { None };
    known.unwrap_or_else(|| vec![Standing::Given; rules])
}

/// Why a rule of which the index makes that is not looked at.
pub(super) fn exclusion(machine: &mut Machine<'_>, standing: Standing<'_>, source: &RuleSource) -> Option<Exclusion> {
    match standing {
        Standing::Given => None,
        Standing::Unfiled => Some(Exclusion::Never),
        Standing::Missed(Attribute::Tool) => Some(Exclusion::Tool),
        Standing::Missed(Attribute::Declaration) => Some(by_fact(machine, source).unwrap_or(Exclusion::Tool)),
        Standing::Missed(
            Attribute::Node(node)
            | Attribute::Start(node)
            | Attribute::End(node)
            | Attribute::Order(node)
            | Attribute::Net(node)
            | Attribute::Match(node)
            | Attribute::Data(node),
        ) => {
            let nodes = &machine.program.plan.nodes;
            let guards = source.guards.iter().filter_map(|guard| Some((guard, text(nodes, guard, *node)?)));
            let (conditions, expressions): (Vec<String>, Vec<&str>) = guards.map(|(guard, text)| (guard.text.to_string(), text)).unzip();
            let expression = expressions.first().map(ToString::to_string).unwrap_or_default();
            Some(Exclusion::Value { expression, value: observed(machine.eval(*node)), conditions })
        }
    }
}

/// The conditions about what a declaration says of the tool that are false, by the first fact in them.
fn by_fact(machine: &mut Machine<'_>, source: &RuleSource) -> Option<Exclusion> {
    let program = machine.program;
    let asking = source.guards.iter().filter_map(|guard| Some((guard, fact(&program.plan.nodes, guard)?)));
    let failing: Vec<(&Condition, &Condition)> = asking.filter(|(guard, _)| machine.test(guard.node) == Ok(false)).collect();
    let (_, fact) = failing.first()?;
    let value = observed(machine.eval(fact.node));
    let conditions = failing.iter().map(|(guard, _)| guard.text.to_string()).collect();
    Some(Exclusion::Value { expression: fact.text.to_string(), value, conditions })
}

/// A fact of the tool that a condition reads.
fn fact<'c>(nodes: &[Node], condition: &'c Condition) -> Option<&'c Condition> {
    match nodes.get(index(bare(nodes, condition.node))) {
        Some(Node::Fact(_)) => Some(condition),
        _ => condition.parts.iter().find_map(|part| fact(nodes, part)),
    }
}

/// How a condition writes an expression that it reads.
fn text<'c>(nodes: &[Node], condition: &'c Condition, wanted: NodeId) -> Option<&'c str> {
    if bare(nodes, condition.node) == bare(nodes, wanted) {
        return Some(&condition.text);
    }
    condition.parts.iter().find_map(|part| text(nodes, part, wanted))
}

/// The expression, whether or not its result is shared.
fn bare(nodes: &[Node], node: NodeId) -> NodeId {
    match nodes.get(index(node)) {
        Some(Node::Shared(_, of)) => *of,
        _ => node,
    }
}
