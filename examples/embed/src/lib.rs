//! An enforcement point for an assistant's tool calls.
//!
//! This is what a service has to do around an [`Engine`]: load a plan, bind data, follow conversations, obey effects and obligations, and
//! refuse whenever it cannot. Everything that touches the world is behind [`Host`], so that the tests can watch it.

mod duty;

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use tollgate_evaluator::{DataError, Decision, Effect, Engine, LoadError, Outcome, Session};

pub use duty::{Approval, Duty};
use duty::{BeforeCall, duties};

/// What a gate needs of the service that it stands in.
pub trait Host {
    /// The instant, as RFC 3339 text. Policies have no clock: what they know of time is what a request says.
    fn now(&mut self) -> String;

    /// Makes a tool call that may be made; `Err` is what the tool complained about.
    fn run(&mut self, call: &ToolCall<'_>, args: &Value) -> Result<Value, String>;

    /// Asks a person, who may take their time; `false` where they refuse or do not answer in time.
    fn approve(&mut self, call: &ToolCall<'_>, reasons: &[String], wanted: &Approval) -> bool;

    /// Writes to a channel that people read; `false` where that failed.
    fn notify(&mut self, channel: &str, text: &str) -> bool;

    /// Keeps a decision, as one line of JSON; `false` where that failed.
    fn audit(&mut self, level: &str, decision: &str) -> bool;
}

/// A tool call that an agent wants to make.
#[derive(Clone, Debug, Serialize)]
pub struct ToolCall<'c> {
    /// The server that has the tool.
    pub server: &'c str,
    /// The tool.
    pub name: &'c str,
    /// What it is called with.
    pub args: Value,
}

/// What the agent is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The call was made; this is what the tool gave, without what was to be redacted.
    Done(Value),
    /// The call was made, and the tool complained.
    Failed(String),
    /// The call was not made, for those reasons.
    Refused(Vec<String>),
}

/// A policy at work. It is cheap to clone and shared by all conversations.
#[derive(Clone, Debug)]
pub struct Gate {
    engine: Engine,
}

/// Why there is no gate.
#[derive(Debug)]
pub enum GateError {
    /// The plan cannot be used.
    Plan(LoadError),
    /// Data do not fit the policy.
    Data(DataError),
    /// The policy needs data that are not there.
    Unbound(Vec<String>),
}

/// One conversation between a person and an agent. Its history is what the policy sees as `session`.
#[derive(Debug)]
pub struct Conversation {
    agent: String,
    session: Session,
    /// Set when a call could not be remembered: a policy that has missed a call must not be asked about the next.
    broken: bool,
}

impl Gate {
    /// A gate for a compiled plan with its data, given as `(name, JSON)`.
    pub fn open<'d>(plan: &[u8], data: impl IntoIterator<Item = (&'d str, &'d [u8])>) -> Result<Gate, GateError> {
        let engine = Engine::load(plan).map_err(GateError::Plan)?;
        engine.set_all(data).map_err(GateError::Data)?;
        let unbound = engine.unbound();
        if unbound.is_empty() { Ok(Gate { engine }) } else { Err(GateError::Unbound(unbound)) }
    }

    /// Replaces data while conversations go on; decisions that have begun do not see it.
    pub fn replace_data(&self, name: &str, json: &[u8]) -> Result<(), GateError> {
        self.engine.set_data(name, json).map_err(GateError::Data)
    }

    /// Begins a conversation that an agent has with a person who asked for something.
    pub fn begin(&self, agent: &str, prompt: &str) -> Result<Conversation, GateError> {
        let facts = serde_json::json!({ "prompt": prompt }).to_string();
        let session = Session::open(self.engine.clone(), facts.as_bytes()).map_err(GateError::Data)?;
        Ok(Conversation { agent: agent.to_owned(), session, broken: false })
    }
}

impl Conversation {
    /// Decides a call, obeys the decision, and remembers what became of it.
    pub fn call(&mut self, call: &ToolCall<'_>, host: &mut dyn Host) -> Answer {
        if self.broken {
            return refused("an earlier call could not be remembered");
        }
        let request = self.request(call, host);
        let decision = self.session.decide(&request);
        let answer = obey(&decision, call, host);
        let result = match &answer {
            Ok(result) => Some(result.made.to_string()),
            Err(Answer::Failed(message)) => Some(serde_json::json!({ "error": message }).to_string()),
            Err(_) => None,
        };
        // To the policy, a call that was not made is a denied one, whoever refused it.
        let effect = if result.is_some() { decision.effect() } else { Effect::Deny };
        let outcome = Outcome { request: &request, effect, result: result.as_deref().map(str::as_bytes) };
        self.broken = self.session.record(outcome).is_err();
        answer.map_or_else(|answer| answer, |result| Answer::Done(result.shown))
    }

    /// What the policy is asked. Only `tool.name` and `args` are the agent's word; the rest is ours.
    fn request(&self, call: &ToolCall<'_>, host: &mut dyn Host) -> Vec<u8> {
        let request = serde_json::json!({
            "agent": { "id": self.agent },
            "tool": { "server": call.server, "name": call.name },
            "args": call.args,
            "context": { "time": host.now() },
        });
        request.to_string().into_bytes()
    }
}

/// What a call gave: as the tool made it, which the history keeps, and as the agent is shown it.
struct Made {
    made: Value,
    shown: Value,
}

/// Does what a decision says; the answer is the error where the call was not made or failed.
fn obey(decision: &Decision, call: &ToolCall<'_>, host: &mut dyn Host) -> Result<Made, Answer> {
    let reasons: Vec<String> = decision.reasons().map(|reason| reason.text.to_owned()).collect();
    let Some(duties) = duties(decision) else {
        return Err(refused("the policy wants something done that this service cannot do"));
    };
    if decision.effect() == Effect::Deny {
        // What a deny asks for, such as an audit, is tried; there is nothing left to refuse.
        let _ = duty::before_call(&duties, decision, call, &reasons, host);
        let errors = decision.errors().map(|error| error.message.to_owned());
        return Err(Answer::Refused(reasons.into_iter().chain(errors).collect()));
    }
    let args = match duty::before_call(&duties, decision, call, &reasons, host) {
        BeforeCall::Go(args) => args,
        BeforeCall::Stop(why) => return Err(Answer::Refused(reasons.into_iter().chain([why]).collect())),
    };
    let made = host.run(call, &args).map_err(Answer::Failed)?;
    let shown = duty::after_call(&duties, made.clone());
    Ok(Made { made, shown })
}

fn refused(why: &str) -> Answer {
    Answer::Refused(vec![why.to_owned()])
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateError::Plan(error) => error.fmt(f),
            GateError::Data(error) => error.fmt(f),
            GateError::Unbound(names) => write!(f, "data `{}` is not bound", names.join("`, `")),
        }
    }
}

impl std::error::Error for GateError {}
