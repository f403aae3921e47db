//! How the engine is asked: the one place that knows.

use peers_harness::Engine;
use peers_workloads::Effect;
use tollgate_evaluator::{Decision, Engine as Tollgate};

/// The engine, and one of a policy that declares the same and has no rules.
pub struct Gate {
    engine: Tollgate,
    reader: Tollgate,
}

impl Gate {
    /// Loads the plans, and binds the data of W1.
    pub fn load(plan: &[u8], reader: &[u8], agents: Option<&[u8]>) -> Result<Gate, String> {
        let load = |plan| {
            let engine = Tollgate::load(plan).map_err(|error| error.to_string())?;
            if let Some(agents) = agents {
                engine.set_data("agents", agents).map_err(|error| error.to_string())?;
            }
            Ok::<Tollgate, String>(engine)
        };
        Ok(Gate { engine: load(plan)?, reader: load(reader)? })
    }
}

impl Engine for Gate {
    type Decoded<'a> = &'a [u8];

    /// The engine decides from bytes only: see [`Engine::DECIDES_DECODED`].
    const DECIDES_DECODED: bool = false;

    fn decode<'a>(&'a self, request: &'a [u8]) -> &'a [u8] {
        std::hint::black_box(self.reader.decide(request));
        request
    }

    fn decide<'a>(&'a self, request: &&'a [u8]) -> Effect {
        effect(&self.engine.decide(request))
    }

    fn end_to_end(&self, request: &[u8]) -> Effect {
        effect(&self.engine.decide(request))
    }

    fn rules(&self, request: &[u8]) -> Option<Vec<String>> {
        let decision = self.engine.decide(request);
        assert!(decision.errors().is_empty(), "a request does not fit: {decision}");
        Some(decision.rules().iter().map(|rule| rule.rsplit_once('.').map_or(&**rule, |(_, name)| name).to_owned()).collect())
    }
}

fn effect(decision: &Decision) -> Effect {
    match decision.effect() {
        tollgate_evaluator::Effect::Deny => Effect::Deny,
        tollgate_evaluator::Effect::Review => Effect::Review,
        tollgate_evaluator::Effect::Allow => Effect::Allow,
    }
}
