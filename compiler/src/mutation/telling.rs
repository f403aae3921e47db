//! Looks for a request that a policy and its mutant decide differently: the test that is missing.
//!
//! It is a search, not a proof: requests that tests make are changed in a place or two, and others are made of what rules ask for.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::ControlFlow;

use serde_json::Value;
use tollgate_evaluator::Engine;

use super::Mutant;
use super::difference::{Telling, difference};
use super::inputs::{constants_of, near};
use super::requests::Imagined;
use crate::PolicySet;
use crate::testing::Situation;

/// How many requests are changed.
const MAX_REQUESTS: usize = 200;
/// How many decisions are compared in each way of looking.
const MAX_TRIALS: usize = 2_000;
/// How many constants are tried in all requests before others are.
const NEAR: usize = 40;
/// How many sets of data are looked at.
const MAX_SITUATIONS: usize = 8;

/// Looks for requests that tell mutants of a set apart from it.
pub struct Search<'s> {
    set: &'s PolicySet,
    grounds: Vec<Ground<'s>>,
    /// The constants of all of its texts.
    constants: Vec<Value>,
}

/// Where it looks: near requests that are decided with the same data.
struct Ground<'s> {
    situation: Situation,
    policy: Engine,
    imagined: Imagined<'s>,
}

impl<'s> Search<'s> {
    /// A search near those requests, by the engine of the set without a change.
    pub fn new(set: &'s PolicySet, policy: &Engine, mut situations: Vec<Situation>) -> Search<'s> {
        if situations.is_empty() {
            situations.push(Situation::default());
        }
        let ground = |situation: Situation| {
            let policy = situation.engine(policy)?;
            let imagined = Imagined::new(set, &policy, &[]);
            Some(Ground { situation, policy, imagined })
        };
        let grounds = situations.into_iter().take(MAX_SITUATIONS).filter_map(ground).collect();
        let constants = set.sources().texts().take(set.own_files()).flat_map(constants_of).collect();
        Search { set, grounds, constants }
    }

    /// A request that tells a mutant apart, if one is found.
    pub fn telling(&self, mutant: &Mutant, changed: &Engine) -> Option<Telling> {
        let own = constants_of(mutant.item(self.set.sources().text(mutant.file)));
        let texts: Vec<String> = own.iter().map(Value::to_string).collect();
        let mut seen = HashSet::new();
        let all: Vec<&Value> = own.iter().chain(&self.constants).filter(|constant| seen.insert(constant.to_string())).collect();
        let about = mutant.of.split_once(' ').map_or(&*mutant.of, |(_, name)| name);
        self.grounds.iter().find_map(|ground| {
            let changed = ground.situation.engine(changed)?;
            let telling = ground.telling(&changed, about, &texts, &all)?;
            Some(telling.with_data(&ground.situation.data))
        })
    }
}

impl Ground<'_> {
    /// The nearest constants in all requests, what the mutant's conditions ask for, then other constants.
    fn telling(&self, changed: &Engine, about: &str, own: &[String], constants: &[&Value]) -> Option<Telling> {
        let fitting = |request: &&[u8]| own.iter().filter(|own| request.windows(own.len().max(1)).any(|part| part == own.as_bytes())).count();
        let mut requests: Vec<&[u8]> = self.situation.requests.iter().map(Vec::as_slice).collect();
        requests.sort_by_cached_key(|request| Reverse(fitting(request)));
        requests.truncate(MAX_REQUESTS);
        let (nearest, far) = constants.split_at(constants.len().min(NEAR));
        let is_near = |name: &str| name == about;
        self.tried(changed, |visit| near(requests.iter().copied(), nearest, visit))
            .or_else(|| self.tried(changed, |visit| self.imagined.vary(&requests, is_near, visit)))
            .or_else(|| self.tried(changed, |visit| self.imagined.visit(is_near, visit)))
            .or_else(|| self.tried(changed, |visit| near(requests.iter().copied(), far, visit)))
    }

    fn tried(&self, changed: &Engine, requests: impl FnOnce(&mut dyn FnMut(String) -> ControlFlow<()>) -> ControlFlow<()>) -> Option<Telling> {
        let (mut trials, mut found) = (0, None);
        let _ = requests(&mut |input| {
            trials += 1;
            found = difference(&self.policy, changed, input);
            if found.is_some() || trials == MAX_TRIALS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }
}
