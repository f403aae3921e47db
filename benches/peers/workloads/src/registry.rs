//! W1, a registry: agents, each with 20 of 200 tools and the highest risk that it may take.
//!
//! A call is allowed where the registry has the agent, its entry the tool, and the risk asked for is not above its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::{Effect, Expected};

/// The risks, the lowest first.
pub const RISKS: [&str; 4] = ["low", "medium", "high", "critical"];
const TOOLS: u64 = 200;

/// The place of a risk in [`RISKS`].
pub fn risk_rank(risk: &str) -> Option<i64> {
    RISKS.iter().position(|each| *each == risk).map(|place| place as i64)
}

/// The agents' entries by their ids, and the risks' ranks for languages without ordered enumerations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registry {
    /// An entry for each agent.
    pub agents: BTreeMap<String, Grant>,
    /// The rank of each risk.
    pub risk: BTreeMap<String, i64>,
}

/// What an agent may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// The tools that it may call.
    pub tools: Vec<String>,
    /// The highest risk that it may take.
    pub max_risk: String,
}

#[derive(Serialize)]
pub(crate) struct Request {
    agent_id: String,
    tool_id: String,
    requested_risk: String,
}

fn tool(number: u64) -> String {
    format!("tool_{number:03}")
}

pub(crate) fn registry(agents: usize, seed: u64) -> Registry {
    let mut random = Random::stream(seed, 11);
    let mut grant = || Grant { tools: random.distinct(20, TOOLS).into_iter().map(tool).collect(), max_risk: random.pick(&RISKS).to_string() };
    Registry {
        agents: (0..agents).map(|number| (format!("agent-{number:05}"), grant())).collect(),
        risk: RISKS.iter().zip(0..).map(|(risk, rank)| (risk.to_string(), rank)).collect(),
    }
}

/// One in ten is of an unknown agent; three in four of the others ask for a tool of their entry.
pub(crate) fn requests(registry: &Registry, count: usize, seed: u64) -> Vec<Request> {
    let mut random = Random::stream(seed, 12);
    let agents = registry.agents.len() as u64;
    let mut request = || {
        let known = !random.percent(10);
        let agent_id = format!("{}-{:05}", if known { "agent" } else { "ghost" }, random.below(agents));
        let tool_id = match registry.agents.get(&agent_id) {
            Some(grant) if random.percent(75) => random.pick(&grant.tools).clone(),
            _ => tool(random.below(TOOLS)),
        };
        Request { agent_id, tool_id, requested_risk: random.pick(&RISKS).to_string() }
    };
    (0..count).map(|_| request()).collect()
}

pub(crate) fn decide(registry: &Registry, request: &Request) -> Expected {
    let granted = registry
        .agents
        .get(&request.agent_id)
        .is_some_and(|grant| grant.tools.contains(&request.tool_id) && risk_rank(&request.requested_risk) <= risk_rank(&grant.max_risk));
    if granted { Expected::new(Effect::Allow, ["granted".into()]) } else { Expected::new(Effect::Deny, []) }
}
