//! How the engine is asked: the one place that knows.

use std::cell::RefCell;

use peers_harness::Engine;
use peers_workloads::Effect;
use tollgate_evaluator::{Decision, Engine as Tollgate, Reading};

/// The engine, and the decision whose memory it uses again.
pub struct Gate {
    engine: Tollgate,
    decision: RefCell<Decision>,
}

impl Gate {
    /// Loads the plan, and binds the data of W1.
    pub fn load(plan: &[u8], agents: Option<&[u8]>) -> Result<Gate, String> {
        let engine = Tollgate::load(plan).map_err(|error| error.to_string())?;
        if let Some(agents) = agents {
            engine.set_data("agents", agents).map_err(|error| error.to_string())?;
        }
        Ok(Gate { engine, decision: RefCell::default() })
    }
}

impl Engine for Gate {
    type Decoded<'a> = Reading;

    fn decode<'a>(&'a self, request: &'a [u8]) -> Reading {
        self.engine.read(request).expect("the request fits")
    }

    fn decide<'a>(&'a self, request: &Reading) -> Effect {
        let mut decision = self.decision.borrow_mut();
        request.decide_into(&mut decision);
        effect(&decision)
    }

    fn end_to_end(&self, request: &[u8]) -> Effect {
        let mut decision = self.decision.borrow_mut();
        self.engine.decide_into(request, &mut decision);
        effect(&decision)
    }

    fn rules(&self, request: &[u8]) -> Option<Vec<String>> {
        let decision = self.engine.decide(request);
        assert!(decision.errors().len() == 0, "a request does not fit: {decision}");
        Some(decision.rules().map(|rule| rule.rsplit_once('.').map_or(rule, |(_, name)| name).to_owned()).collect())
    }
}

fn effect(decision: &Decision) -> Effect {
    match decision.effect() {
        tollgate_evaluator::Effect::Deny => Effect::Deny,
        tollgate_evaluator::Effect::Review => Effect::Review,
        tollgate_evaluator::Effect::Allow => Effect::Allow,
    }
}
