//! W1: a table of agents, each with the set of its tools.

use hashbrown::{HashMap, HashSet};
use peers_workloads::{Effect, Registry as Source};

use crate::Policy;
use crate::requests::registry::{Facts, Registry};

/// The agents' tools and risks.
pub struct Agents(HashMap<String, (HashSet<String>, u8)>);

impl Agents {
    pub fn new(source: &Source) -> Agents {
        let entry = |grant: &peers_workloads::Grant| (grant.tools.iter().cloned().collect(), risk(&grant.max_risk));
        Agents(source.agents.iter().map(|(id, grant)| (id.clone(), entry(grant))).collect())
    }
}

impl Policy<Registry> for Agents {
    fn decide(&self, call: &Facts<'_>) -> Effect {
        match self.0.get(call.agent) {
            Some((tools, most)) if risk(call.risk) <= *most && tools.contains(call.tool) => Effect::Allow,
            _ => Effect::Deny,
        }
    }
}

/// A risk's rank; an unknown one is above all.
pub fn risk(name: &str) -> u8 {
    match name {
        "low" => 0,
        "medium" => 1,
        "high" => 2,
        "critical" => 3,
        _ => u8::MAX,
    }
}
