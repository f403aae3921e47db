//! W1: the registry is variables of a context that is made once; a call's three texts are those of one within it.

use std::borrow::Cow;
use std::sync::Arc;

use cel::{Context, Env, Program};
use peers_harness::Engine;
use peers_workloads::Effect;
use peers_workloads::translate::cel::REGISTRY;
use serde::Deserialize;

use crate::holds;
use crate::values::add_all;

/// The registry.
pub struct Registry {
    data: Context<'static, 'static>,
    program: Program,
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

impl Registry {
    pub fn load(data: &serde_json::Value) -> Result<Registry, String> {
        let env = Arc::new(Env::stdlib());
        let program = env.compile(REGISTRY).map_err(|error| error.to_string())?;
        let mut context = Context::with_env(env);
        add_all(data.clone(), &mut context);
        Ok(Registry { data: context, program })
    }
}

impl Engine for Registry {
    type Decoded<'a> = Context<'a, 'a>;

    fn decode<'a>(&'a self, bytes: &'a [u8]) -> Context<'a, 'a> {
        let call: Call<'_> = serde_json::from_slice(bytes).expect("a call is JSON");
        let mut context: Context<'a, 'a> = self.data.new_inner_scope();
        context.add_variable_from_value("agent_id", call.agent_id.into_owned());
        context.add_variable_from_value("tool_id", call.tool_id.into_owned());
        context.add_variable_from_value("requested_risk", call.requested_risk.into_owned());
        context
    }

    fn decide<'a>(&'a self, call: &Context<'a, 'a>) -> Effect {
        if holds(&self.program, call) { Effect::Allow } else { Effect::Deny }
    }
}
