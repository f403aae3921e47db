//! Cedar: tools are actions, so that a rule's tools stand in the policy's scope; the whole call is the context; a review is a permit with an annotation.

use super::{elements, quoted};
use crate::{Condition, Effect, Rule, Test};

/// W1; agents are entities, and the adapter makes risks numbers.
pub const REGISTRY: &str = include_str!("../../policies/registry.cedar");
/// W3.
pub const SINGLE: &str = include_str!("../../policies/single.cedar");

/// A policy of those rules.
pub fn policy(rules: &[Rule]) -> String {
    rules.iter().map(rule).collect()
}

fn rule(rule: &Rule) -> String {
    let action = match &*rule.tools {
        [] => "action".to_owned(),
        [only] => format!("action == Action::{}", quoted(only)),
        several => format!("action in [{}]", several.iter().map(|tool| format!("Action::{}", quoted(tool))).collect::<Vec<_>>().join(", ")),
    };
    let word = if rule.effect == Effect::Deny { "forbid" } else { "permit" };
    let conditions: Vec<String> = rule.conditions.iter().map(condition).collect();
    let (id, effect) = (quoted(&rule.id), quoted(rule.effect.name()));
    format!("@id({id}) @effect({effect}) {word}(principal, {action}, resource) when {{ {} }};\n", conditions.join(" && "))
}

fn condition(condition: &Condition) -> String {
    let field = format!("context.{}", condition.attribute);
    match &condition.test {
        Test::Equals(text) => format!("{field} == {}", quoted(text)),
        Test::Differs(text) => format!("{field} != {}", quoted(text)),
        Test::OneOf(texts) => format!("[{}].contains({field})", elements(texts)),
        Test::StartsWith(text) => format!("{field} like {}", quoted(&format!("{text}*"))),
        Test::EndsWith(text) => format!("{field} like {}", quoted(&format!("*{text}"))),
        Test::Above(bound) => format!("{field} > {bound}"),
        Test::AtLeast(bound) => format!("{field} >= {bound}"),
        Test::Below(bound) => format!("{field} < {bound}"),
    }
}
