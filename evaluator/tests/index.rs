//! The index changes nothing but the work: decisions with and without it are equal.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod support;

use proptest::prelude::*;
use support::*;
use tollgate_evaluator::Effect;
use tollgate_evaluator::plan::*;

const AGENTS: [&str; 3] = ["a", "b", "c"];
const EFFECTS: [Effect; 3] = [Effect::Allow, Effect::Review, Effect::Deny];

/// How a rule is filed and what it asks.
#[derive(Clone, Debug)]
struct Filed {
    effect: usize,
    shadow: bool,
    tools: Vec<u32>,
    agents: Vec<usize>,
    amounts: Vec<i64>,
    patterns: Vec<usize>,
    divides: bool,
}

fn filed() -> impl Strategy<Value = Filed> {
    let tools = prop::collection::vec(0_u32..3, 0..3);
    let agents = prop::collection::vec(0_usize..3, 0..3);
    let amounts = prop::collection::vec(0_i64..4, 0..3);
    let patterns = prop::collection::vec(0_usize..4, 0..3);
    (0_usize..3, prop::bool::weighted(0.1), tools, agents, amounts, patterns, any::<bool>())
        .prop_map(|(effect, shadow, tools, agents, amounts, patterns, divides)| Filed { effect, shadow, tools, agents, amounts, patterns, divides })
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap()
}

/// Rules filed under the tool, the agent, the amount, what the agent's name matches, and several of them.
fn plan(rules: &[Filed]) -> Plan {
    let mut build = Build::new();
    let tool = |server: Option<&str>, name: &str| Tool { server: server.map(Text::from), name: name.into(), declaration: None };
    build.plan.tools = vec![tool(None, "pay"), tool(Some("bank"), "pay"), tool(None, "read")];
    let (like, regex) = (|text: &str| Pattern::Like(text.into()), |text: &str| Pattern::Regex(text.into()));
    build.plan.patterns = vec![like("*a*"), like("?"), regex("^[bc]$"), regex("B")];
    let (agent, amount) = (build.slot(AGENT), build.slot(AMOUNT));
    let agents = AGENTS.map(|name| build.str(name));
    // Whole decimals stand for ints: the index goes by equality.
    let amounts = [0, 1, 2, 3].map(|value| build.constant(Constant::Decimal(value * 10, 1)));
    let mut groups: Vec<Group> = Vec::new();
    for (place, filed) in rules.iter().enumerate() {
        let name = format!("p.r{place:02}");
        let mut attributes = Vec::new();
        let mut keys = Vec::new();
        let mut proves = Vec::new();
        build.rule(EFFECTS[filed.effect], &name, |build, rule| {
            rule.shadow = filed.shadow;
            if !filed.tools.is_empty() {
                rule.on = Some(On { tools: filed.tools.clone().into(), patterns: [].into() });
                let mut tools = filed.tools.clone();
                tools.sort_unstable();
                attributes.push(Attribute::Tool);
                keys.push(Keys::Tools { tools, other: false });
            }
            if !filed.agents.is_empty() {
                let names: Vec<ConstId> = filed.agents.iter().map(|agent| agents[*agent]).collect();
                let set = build.constant(Constant::List(names.clone()));
                let set = build.node(Node::Const(set));
                rule.guards.push(when(build.node(Node::In(agent, set))));
                attributes.push(Attribute::Node(agent));
                keys.push(Keys::Values(names));
                proves.push(0);
            }
            if !filed.amounts.is_empty() {
                let values: Vec<ConstId> = filed.amounts.iter().map(|value| amounts[usize::try_from(*value).unwrap()]).collect();
                let set = build.constant(Constant::List(values.clone()));
                let set = build.node(Node::Const(set));
                proves.push(u32::try_from(rule.guards.len()).unwrap());
                rule.guards.push(when(build.node(Node::In(amount, set))));
                attributes.push(Attribute::Node(amount));
                keys.push(Keys::Values(values));
            }
            if !filed.patterns.is_empty() {
                let matches: Vec<NodeId> = filed.patterns.iter().map(|pattern| build.node(Node::Matches(agent, short(*pattern)))).collect();
                proves.push(u32::try_from(rule.guards.len()).unwrap());
                rule.guards.push(when(build.node(Node::Or(matches.into()))));
                attributes.push(Attribute::Match(agent));
                keys.push(Keys::Patterns(filed.patterns.iter().copied().map(short).collect()));
            }
            if filed.divides {
                rule.conditions = vec![when(build.hundredth(amount))];
            }
        });
        if attributes.is_empty() {
            continue;
        }
        let entry = Entry { rule: u32::try_from(place).unwrap(), keys, proves, proves_on: !filed.tools.is_empty() };
        match groups.iter_mut().find(|group| group.attributes == attributes) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group { attributes, entries: vec![entry] }),
        }
    }
    build.plan.index.groups = groups;
    build.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_and_without_the_index(rules in prop::collection::vec(filed(), 0..12)) {
        let engine = tollgate_evaluator::Engine::load(plan(&rules).to_bytes()).unwrap();
        let scan = engine.clone().without_index();
        for tool in [r#"{"name": "pay"}"#, r#"{"name": "pay", "server": "bank"}"#, r#"{"name": "read", "server": "x"}"#, r#"{"name": "other"}"#] {
            for agent in AGENTS {
                for amount in 0..4 {
                    let request = format!(r#"{{"tool": {tool}, "agent": "{agent}", "amount": {amount}}}"#);
                    prop_assert_eq!(engine.decide(request.as_bytes()), scan.decide(request.as_bytes()), "{}", request);
                }
            }
        }
    }
}
