//! The native part of the Node package `tollgate`: texts of JSON in, texts of JSON out. What JavaScript sees is `index.js`, which never hands out the
//! classes of this one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Either, Error, Result};
use napi_derive::napi;
use tollgate_evaluator::{Effect, Explanation, Limits, Outcome};

/// What an answer says where the engine has panicked, which it never should.
const PANICKED: &str = "the engine panicked";

/// JSON, as a string or as its bytes.
type Json<'j> = Either<String, &'j [u8]>;

/// Limits that are other than the usual ones.
#[napi(object)]
pub struct OtherLimits {
    pub input_bytes: Option<f64>,
    pub depth: Option<f64>,
    pub steps: Option<f64>,
    pub data_bytes: Option<f64>,
}

/// See `index.d.ts`.
#[napi]
pub struct Engine {
    engine: tollgate_evaluator::Engine,
}

/// See `index.d.ts`.
#[napi]
pub struct Session {
    engine: tollgate_evaluator::Engine,
    session: Mutex<tollgate_evaluator::Session>,
}

#[napi]
impl Engine {
    #[napi(factory)]
    pub fn load(plan: &[u8], limits: OtherLimits) -> Result<Engine> {
        let engine = caught(|| tollgate_evaluator::Engine::load(plan))?;
        Ok(Engine { engine: engine.with_limits(limits.over(Limits::default())) })
    }

    #[napi]
    pub fn policy(&self) -> &str {
        self.engine.policy()
    }

    #[napi]
    pub fn unbound(&self) -> Vec<String> {
        self.engine.unbound()
    }

    /// How many bytes of a request and of data are read.
    #[napi]
    pub fn bounds(&self) -> Vec<f64> {
        let limits = self.engine.limits();
        vec![limits.input_bytes as f64, limits.data_bytes as f64]
    }

    #[napi]
    pub fn set_all(&self, names: Vec<String>, texts: Vec<Json<'_>>) -> Result<()> {
        caught(|| self.engine.set_all(names.iter().zip(texts.iter().map(bytes))))
    }

    #[napi]
    pub fn decide(&self, request: Json<'_>) -> String {
        decide(&self.engine, || self.engine.decide(bytes(&request)))
    }

    #[napi]
    pub fn refuse(&self, path: String, message: String) -> String {
        self.engine.refuse(&path, message).to_json()
    }

    #[napi]
    pub fn explain(&self, request: Json<'_>) -> String {
        let explained = caught(|| Ok::<_, String>(self.engine.explain(bytes(&request))));
        explained.unwrap_or_else(|error| Explanation::from(self.engine.refuse("", error))).to_json()
    }

    #[napi]
    pub fn refuse_to_explain(&self, path: String, message: String) -> String {
        Explanation::from(self.engine.refuse(&path, message)).to_json()
    }

    #[napi]
    pub fn allowed_tools(&self, request: Json<'_>) -> Result<Vec<Outlook>> {
        let tools = caught(|| self.engine.allowed_tools(bytes(&request)))?;
        let outlook = |tool: tollgate_evaluator::ToolOutlook| Outlook { tool: tool.tool, allow: tool.allow, review: tool.review, deny: tool.deny };
        Ok(tools.into_iter().map(outlook).collect())
    }

    #[napi]
    pub fn fork(&self) -> Engine {
        Engine { engine: self.engine.fork() }
    }

    #[napi]
    pub fn session(&self, facts: Json<'_>) -> Result<Session> {
        let session = caught(|| tollgate_evaluator::Session::open(self.engine.clone(), bytes(&facts)))?;
        Ok(Session { engine: self.engine.clone(), session: Mutex::new(session) })
    }
}

/// What could become of a tool's call.
#[napi(object)]
pub struct Outlook {
    pub tool: String,
    pub allow: bool,
    pub review: bool,
    pub deny: bool,
}

#[napi]
impl Session {
    #[napi]
    pub fn decide(&self, request: Json<'_>) -> String {
        decide(&self.engine, || self.locked().decide(bytes(&request)))
    }

    #[napi]
    pub fn record(&self, request: Json<'_>, effect: String, result: Option<Json<'_>>) -> Result<()> {
        let effect = match effect.as_str() {
            "allow" => Effect::Allow,
            "review" => Effect::Review,
            "deny" => Effect::Deny,
            other => return Err(Error::from_reason(format!("expected `allow`, `review` or `deny`, got `{other}`"))),
        };
        let outcome = Outcome { request: bytes(&request), effect, result: result.as_ref().map(bytes) };
        caught(|| self.locked().record(outcome))
    }

    #[napi]
    pub fn length(&self) -> u32 {
        u32::try_from(self.locked().len()).unwrap_or(u32::MAX)
    }
}

impl Session {
    fn locked(&self) -> MutexGuard<'_, tollgate_evaluator::Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OtherLimits {
    /// A number that is none is the nearest one.
    fn over(self, usual: Limits) -> Limits {
        Limits {
            input_bytes: self.input_bytes.map_or(usual.input_bytes, |bytes| bytes as usize),
            depth: self.depth.map_or(usual.depth, |depth| depth as usize),
            steps: self.steps.map_or(usual.steps, |steps| steps as u64),
            data_bytes: self.data_bytes.map_or(usual.data_bytes, |bytes| bytes as usize),
        }
    }
}

fn bytes<'j>(json: &'j Json<'_>) -> &'j [u8] {
    match json {
        Either::A(text) => text.as_bytes(),
        Either::B(bytes) => bytes,
    }
}

/// A decision as JSON, whatever happens.
fn decide(engine: &tollgate_evaluator::Engine, decide: impl FnOnce() -> tollgate_evaluator::Decision) -> String {
    catch_unwind(AssertUnwindSafe(decide)).unwrap_or_else(|_| engine.refuse("", PANICKED)).to_json()
}

/// What something gives, where neither fails nor panics.
fn caught<T, E: ToString>(run: impl FnOnce() -> std::result::Result<T, E>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(done) => done.map_err(|error| Error::from_reason(error.to_string())),
        Err(_) => Err(Error::from_reason(PANICKED)),
    }
}
