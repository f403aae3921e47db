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
/// How many decisions more are compared where what is found is not what a test best asks for.
const MAX_MORE: usize = 400;
/// Bytes of a request that is read at a glance.
const SHORT: usize = 400;
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
        let mut trial = Trial { policy: &self.policy, changed, best: None };
        let mut search = || {
            trial.run(|visit| near(requests.iter().copied(), nearest, visit))?;
            trial.run(|visit| self.imagined.vary(&requests, is_near, visit))?;
            trial.run(|visit| self.imagined.visit(is_near, visit))?;
            trial.run(|visit| near(requests.iter().copied(), far, visit))
        };
        // It breaks off with the best.
        let _ = search();
        trial.best
    }
}

/// Two policies that are compared, and the best request found that tells them apart.
struct Trial<'g> {
    policy: &'g Engine,
    changed: &'g Engine,
    best: Option<Telling>,
}

impl Trial<'_> {
    /// Tries requests, until one is as good as can be.
    fn run(&mut self, requests: impl FnOnce(&mut dyn FnMut(String) -> ControlFlow<()>) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut left = if self.best.is_some() { MAX_MORE } else { MAX_TRIALS };
        let mut done = ControlFlow::Continue(());
        let _ = requests(&mut |input| {
            left = left.saturating_sub(1);
            if let Some(found) = difference(self.policy, self.changed, input)
                && self.best.as_ref().is_none_or(|best| worth(&found) > worth(best))
            {
                left = left.min(MAX_MORE);
                if worth(&found) == BEST {
                    done = ControlFlow::Break(());
                }
                self.best = Some(found);
            }
            if done.is_break() || left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        done
    }
}

const BEST: (bool, bool) = (true, true);

/// How good a test a request makes: whether the effect is another, which whoever reads it sees at once, and whether it is short.
fn worth(telling: &Telling) -> (bool, bool) {
    (telling.changes_effect(), telling.input.len() <= SHORT)
}
