//! Rego: a set of matching rules for each effect, and a decision that asks the strongest first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::{Value, json};

use super::{elements, quoted};
use crate::{Condition, Effect, Rule, Test};

/// W1; the registry is data.
pub const REGISTRY: &str = include_str!("../../policies/registry.rego");
/// W3.
pub const SINGLE: &str = include_str!("../../policies/single.rego");

/// What each policy is asked for.
pub const DECISION: &str = "data.gateway.decision";
/// What W1's is asked for.
pub const REGISTRY_DECISION: &str = "data.registry.allow";
/// What W3's is asked for.
pub const SINGLE_DECISION: &str = "data.single.decision";

/// How a rule about several tools is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tools {
    /// As a definition for each, with `==`.
    Expanded,
    /// As one definition, with `in`.
    Listed,
}

/// A policy of those rules.
pub fn policy(rules: &[Rule], tools: Tools) -> String {
    let mut out = String::from("package gateway\n\n");
    for rule in rules {
        for tool in tool_conditions(rule, tools) {
            let conditions: String = tool.into_iter().chain(rule.conditions.iter().map(condition)).map(|each| format!("\t{each}\n")).collect();
            let _ = writeln!(out, "{} contains {} if {{\n{conditions}}}", rule.effect.name(), quoted(&rule.id));
        }
    }
    for effect in Effect::ALL.into_iter().filter(|effect| rules.iter().all(|rule| rule.effect != *effect)) {
        let _ = writeln!(out, "{} contains \"none\" if false", effect.name());
    }
    out + STRONGEST
}

/// A condition for each definition of a rule.
fn tool_conditions(rule: &Rule, tools: Tools) -> Vec<Option<String>> {
    match (&*rule.tools, tools) {
        ([], _) => vec![None],
        ([_, _, ..], Tools::Listed) => vec![Some(format!("input.tool.name in {{{}}}", elements(&rule.tools)))],
        (each, _) => each.iter().map(|tool| Some(format!("input.tool.name == {}", quoted(tool)))).collect(),
    }
}

fn condition(condition: &Condition) -> String {
    let field = format!("input.{}", condition.attribute);
    match &condition.test {
        Test::Equals(text) => format!("{field} == {}", quoted(text)),
        Test::Differs(text) => format!("{field} != {}", quoted(text)),
        Test::OneOf(texts) => format!("{field} in {{{}}}", elements(texts)),
        Test::StartsWith(text) => format!("startswith({field}, {})", quoted(text)),
        Test::EndsWith(text) => format!("endswith({field}, {})", quoted(text)),
        Test::Above(bound) => format!("{field} > {bound}"),
        Test::AtLeast(bound) => format!("{field} >= {bound}"),
        Test::Below(bound) => format!("{field} < {bound}"),
    }
}

const STRONGEST: &str = r#"
default decision := "deny"
decision := "deny" if {
	count(deny) > 0
} else := "review" if {
	count(review) > 0
} else := "allow" if {
	count(allow) > 0
}
"#;

/// A policy that reads those rules from [`data`]: what a careful author does without an index of rules. It knows the attributes and the tests that
/// they use, for each that it knows costs time.
pub fn policy_over_data(rules: &[Rule]) -> String {
    let conditions = || rules.iter().flat_map(|rule| &rule.conditions);
    let attributes: BTreeSet<&str> = conditions().map(|condition| &*condition.attribute).collect();
    let tests: BTreeSet<&str> = conditions().map(|condition| test_of_data(&condition.test)).collect();
    let fields: String = attributes.iter().map(|attribute| format!("\t{}: input.{attribute},\n", quoted(attribute))).collect();
    let holds: String = tests.iter().map(|test| format!("holds(c) if {{ {test} }}\n")).collect();
    format!("package gateway\n\nattr := {{\n{fields}}}\n\n{holds}{OVER_DATA}")
}

/// The definition that knows a kind of test.
fn test_of_data(test: &Test) -> &'static str {
    match test {
        Test::Equals(_) => r#"c.op == "eq"; attr[c.attr] == c.value"#,
        Test::Differs(_) => r#"c.op == "ne"; attr[c.attr] != c.value"#,
        Test::OneOf(_) => r#"c.op == "in"; attr[c.attr] in c.value"#,
        Test::StartsWith(_) => r#"c.op == "starts_with"; startswith(attr[c.attr], c.value)"#,
        Test::EndsWith(_) => r#"c.op == "ends_with"; endswith(attr[c.attr], c.value)"#,
        Test::Above(_) => r#"c.op == "gt"; attr[c.attr] > c.value"#,
        Test::AtLeast(_) => r#"c.op == "ge"; attr[c.attr] >= c.value"#,
        Test::Below(_) => r#"c.op == "lt"; attr[c.attr] < c.value"#,
    }
}

const OVER_DATA: &str = include_str!("../../policies/over_data.rego");

/// The rules as data: those of each tool, and those of every tool.
pub fn data(rules: &[Rule]) -> Value {
    let mut by_tool: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        for tool in &rule.tools {
            by_tool.entry(tool).or_default().push(rule);
        }
    }
    let everywhere: Vec<&Rule> = rules.iter().filter(|rule| rule.tools.is_empty()).collect();
    json!({"by_tool": by_tool, "global": everywhere})
}
