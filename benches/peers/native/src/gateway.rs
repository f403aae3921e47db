//! W2 as it is usually written: rules as typed values whose strings are compared as strings.

use hashbrown::HashMap;
use peers_workloads::{Condition, Effect, Rule, Test};

use crate::Policy;
use crate::requests::gateway::{Facts, Gateway};

/// A condition of a rule.
#[derive(Clone)]
pub enum Check {
    Role(String),
    NotRole(String),
    DataType(String),
    SizeAbove(i64),
    RecipientEnds(String),
    Environment(String),
    Category(Vec<String>),
}

impl Check {
    pub fn new(condition: &Condition) -> Check {
        match (&*condition.attribute, &condition.test) {
            ("agent.role", Test::Equals(role)) => Check::Role(role.clone()),
            ("agent.role", Test::Differs(role)) => Check::NotRole(role.clone()),
            ("args.data_type", Test::Equals(data_type)) => Check::DataType(data_type.clone()),
            ("args.size", Test::Above(bound)) => Check::SizeAbove(*bound),
            ("args.recipient", Test::EndsWith(end)) => Check::RecipientEnds(end.clone()),
            ("context.environment", Test::Equals(environment)) => Check::Environment(environment.clone()),
            ("tool.category", Test::OneOf(categories)) => Check::Category(categories.clone()),
            _ => panic!("the gateway has no rules with {condition:?}"),
        }
    }

    #[inline]
    fn holds(&self, call: &Facts<'_>) -> bool {
        match self {
            Check::Role(role) => call.role == role,
            Check::NotRole(role) => call.role != role,
            Check::DataType(data_type) => call.data_type == data_type,
            Check::SizeAbove(bound) => call.size > *bound,
            Check::RecipientEnds(end) => call.recipient.ends_with(&**end),
            Check::Environment(environment) => call.environment == environment,
            Check::Category(categories) => categories.iter().any(|category| call.category == category),
        }
    }
}

type Checks = Vec<Check>;

fn checks(rule: &Rule) -> Checks {
    rule.conditions.iter().map(Check::new).collect()
}

fn all_hold(checks: &Checks, call: &Facts<'_>) -> bool {
    checks.iter().all(|check| check.holds(call))
}

/// Rules by their effect, the strongest first.
type ByEffect<T> = [Vec<T>; 3];

/// Looks at every rule, the strongest first, until one matches.
pub struct Scan(ByEffect<(Vec<String>, Checks)>);

impl Scan {
    pub fn new(rules: &[Rule]) -> Scan {
        let mut by_effect = ByEffect::default();
        for rule in rules {
            by_effect[rule.effect as usize].push((rule.tools.clone(), checks(rule)));
        }
        Scan(by_effect)
    }
}

impl Policy<Gateway> for Scan {
    fn decide(&self, call: &Facts<'_>) -> Effect {
        let about = |tools: &Vec<String>| tools.is_empty() || tools.iter().any(|tool| call.tool == tool);
        let matches = |effect: &Effect| self.0[*effect as usize].iter().any(|(tools, checks)| about(tools) && all_hold(checks, call));
        Effect::ALL.into_iter().find(matches).unwrap_or(Effect::Deny)
    }
}

/// A table of tools; rules without one are looked at in every decision.
pub struct Index {
    by_tool: HashMap<String, ByEffect<Checks>>,
    everywhere: ByEffect<Checks>,
}

impl Index {
    pub fn new(rules: &[Rule]) -> Index {
        let mut index = Index { by_tool: HashMap::new(), everywhere: ByEffect::default() };
        for rule in rules {
            for tool in &rule.tools {
                index.by_tool.entry_ref(&**tool).or_default()[rule.effect as usize].push(checks(rule));
            }
            if rule.tools.is_empty() {
                index.everywhere[rule.effect as usize].push(checks(rule));
            }
        }
        index
    }
}

impl Policy<Gateway> for Index {
    fn decide(&self, call: &Facts<'_>) -> Effect {
        let own = self.by_tool.get(call.tool);
        let any = |rules: &[Checks]| rules.iter().any(|checks| all_hold(checks, call));
        let matches = |effect: &Effect| {
            let place = *effect as usize;
            own.is_some_and(|own| any(&own[place])) || any(&self.everywhere[place])
        };
        Effect::ALL.into_iter().find(matches).unwrap_or(Effect::Deny)
    }
}
