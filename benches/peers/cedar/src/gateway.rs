//! One policy set, as it is meant to be used.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::str::FromStr;

use cedar_policy::{Authorizer, Decision, Entities, PolicyId, PolicySet, Request, Response};
use peers_harness::Engine;
use peers_workloads::Effect;

use crate::call::{ContextOf, Types, request};

/// The policies whose permit is a review. They are found once, since asking for an annotation parses its key.
pub struct Reviews(HashSet<PolicyId>);

impl Reviews {
    pub fn of(policies: &PolicySet) -> Reviews {
        Reviews(policies.policies().filter(|policy| policy.annotation("effect") == Some("review")).map(|policy| policy.id().clone()).collect())
    }

    /// The effect of the policies that determined the response; `None` where none did.
    pub fn effect(&self, response: &Response) -> Option<Effect> {
        let mut determining = response.diagnostics().reason().peekable();
        determining.peek()?;
        Some(match response.decision() {
            Decision::Deny => Effect::Deny,
            Decision::Allow if determining.any(|policy| self.0.contains(policy)) => Effect::Review,
            Decision::Allow => Effect::Allow,
        })
    }
}

/// The policy set, with a way to make contexts.
pub struct Gateway<C> {
    policies: PolicySet,
    reviews: Reviews,
    authorizer: Authorizer,
    entities: Entities,
    types: Types,
    context: PhantomData<C>,
}

pub fn parse(source: &str) -> Result<PolicySet, String> {
    PolicySet::from_str(source).map_err(|error| error.to_string())
}

impl<C> Gateway<C> {
    pub fn load(source: &str) -> Result<Gateway<C>, String> {
        let policies = parse(source)?;
        let reviews = Reviews::of(&policies);
        Ok(Gateway { policies, reviews, authorizer: Authorizer::new(), entities: Entities::empty(), types: Types::new(), context: PhantomData })
    }
}

impl<C: ContextOf> Engine for Gateway<C> {
    type Decoded<'a>
        = Request
    where
        Self: 'a;

    fn decode(&self, bytes: &[u8]) -> Request {
        request::<C>(&self.types, bytes)
    }

    fn decide(&self, request: &Request) -> Effect {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        self.reviews.effect(&response).unwrap_or(Effect::Deny)
    }
}
