//! W1: agents are entities; the tool is the resource, and the risk a number in the context.

use std::borrow::Cow;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression};
use peers_harness::Engine;
use peers_workloads::{Effect, Registry, risk_rank};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Types, entity};
use crate::gateway::parse;

/// The agents as entities.
pub struct Agents {
    policies: PolicySet,
    authorizer: Authorizer,
    entities: Entities,
    types: Types,
    invoke: EntityUid,
}

/// The registry as Cedar's JSON of entities.
pub fn entities(registry: &Registry) -> Value {
    let tool = |id: &String| json!({"__entity": {"type": "Tool", "id": id}});
    let agents = registry.agents.iter().map(|(id, grant)| {
        let tools: Vec<Value> = grant.tools.iter().map(tool).collect();
        json!({"uid": {"type": "Agent", "id": id}, "parents": [], "attrs": {"max_risk": risk_rank(&grant.max_risk), "tools": tools}})
    });
    agents.collect()
}

impl Agents {
    pub fn load(source: &str, entities: &Value) -> Result<Agents, String> {
        let types = Types::new();
        let invoke = entity(&types.action, "invoke");
        let entities = Entities::from_json_value(entities.clone(), None).map_err(|error| error.to_string())?;
        Ok(Agents { policies: parse(source)?, authorizer: Authorizer::new(), entities, types, invoke })
    }
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    agent_id: Cow<'a, str>,
    #[serde(borrow)]
    tool_id: Cow<'a, str>,
    #[serde(borrow)]
    requested_risk: Cow<'a, str>,
}

impl Engine for Agents {
    type Decoded<'a> = Request;

    fn decode(&self, bytes: &[u8]) -> Request {
        let call: Call<'_> = serde_json::from_slice(bytes).expect("a call is JSON");
        let risk = RestrictedExpression::new_long(risk_rank(&call.requested_risk).expect("calls have a risk"));
        let context = Context::from_pairs([("risk".to_owned(), risk)]).expect("fields differ");
        let (agent, tool) = (entity(&self.types.agent, &call.agent_id), entity(&self.types.tool, &call.tool_id));
        Request::new(agent, self.invoke.clone(), tool, context, None).expect("without a schema every request will do")
    }

    fn decide(&self, request: &Request) -> Effect {
        match self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() {
            Decision::Allow => Effect::Allow,
            Decision::Deny => Effect::Deny,
        }
    }
}
