//! A policy set for each tool and one for the policies without a tool: both are asked.

use std::collections::HashMap;

use cedar_policy::{ActionConstraint, Authorizer, Entities, EntityUid, PolicySet, Request};
use peers_harness::Engine;
use peers_workloads::Effect;

use crate::call::{Quick, Types, request};
use crate::gateway::{Reviews, parse};

/// The policy sets.
pub struct Sliced {
    by_tool: HashMap<EntityUid, PolicySet>,
    everywhere: PolicySet,
    reviews: Reviews,
    authorizer: Authorizer,
    entities: Entities,
    types: Types,
}

impl Sliced {
    pub fn load(source: &str) -> Result<Sliced, String> {
        let all = parse(source)?;
        let mut everywhere = PolicySet::new();
        let mut by_tool: HashMap<EntityUid, PolicySet> = HashMap::new();
        for policy in all.policies() {
            let add = |policies: &mut PolicySet| policies.add(policy.clone()).expect("ids differ");
            match policy.action_constraint() {
                ActionConstraint::Any => add(&mut everywhere),
                ActionConstraint::Eq(tool) => add(by_tool.entry(tool).or_default()),
                ActionConstraint::In(tools) => tools.into_iter().for_each(|tool| add(by_tool.entry(tool).or_default())),
            }
        }
        let reviews = Reviews::of(&all);
        Ok(Sliced { by_tool, everywhere, reviews, authorizer: Authorizer::new(), entities: Entities::empty(), types: Types::new() })
    }
}

impl Engine for Sliced {
    type Decoded<'a> = Request;

    fn decode(&self, bytes: &[u8]) -> Request {
        request::<Quick>(&self.types, bytes)
    }

    fn decide(&self, request: &Request) -> Effect {
        let own = request.action().and_then(|tool| self.by_tool.get(tool));
        let asked = own.into_iter().chain([&self.everywhere]);
        let effects = asked.filter_map(|policies| self.reviews.effect(&self.authorizer.is_authorized(request, policies, &self.entities)));
        effects.min().unwrap_or(Effect::Deny)
    }
}
