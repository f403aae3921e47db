//! Decides AI agents' tool calls from a compiled plan: `allow`, `review` or `deny`, with the rules that said so and why.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = tollgate_evaluator::Engine::load(std::fs::read("policy.plan")?)?;
//! engine.set_data("registry", std::fs::read("registry.json")?)?;
//! let decision = engine.decide(br#"{"agent": {"id": "cs-1"}, "tool": {"name": "export_data"}, "args": {"rows": 5000}}"#);
//! println!("{}", decision.to_json());
//! # Ok(()) }
//! ```
//!
//! [`Engine`] is all that a service needs: it is cheap to clone, may be used from any number of threads, and takes no lock to decide. A request
//! that cannot be decided (it is no JSON, does not fit the policy's types, goes beyond a limit) is denied, with an entry in
//! [`Decision::errors`]; there is no error that could be taken for an allow. A [`Session`] keeps the calls of a conversation for the policy.
//!
//! The crate is pure: no input or output, no clock, no environment. The same plan, data and request always give the same decision.
//!
//! # From bytes to a decision
//!
//! A [`plan::Plan`] is validated once and made ready to run: constants become values, patterns are compiled, the index is hashed. A request's bytes
//! are read straight into slots, guided by the plan's types: everything that a type reaches is checked, what rules read is kept, strings stay where
//! they are. The index gives the rules that could match; the denies among them are tried first, then the reviews, then the allows. All values of one
//! decision live in an arena that the thread reuses.
//!
//! # Features
//!
//! - `full-stdlib` (default): every function of the standard library. Without it the crate has few dependencies, and a plan that calls a function
//!   which is missing is refused when it is loaded.
//! - `serde_json` (default): `Engine::decide_value`, which decides any serializable value.

#![forbid(unsafe_code)]

pub mod plan;

mod data;
mod decide;
mod decision;
mod decode;
mod engine;
mod error;
mod eval;
mod explanation;
mod json;
mod limits;
mod outlook;
mod partial;
mod program;
mod scratch;
mod session;

pub use decision::{Decision, Effect, Obligation, Origin, Problem, Reason, Shadow};
pub use engine::{Engine, Reading};
pub use error::{DataError, EvaluateError, LoadError};
pub use explanation::{ChoiceTrace, ConditionTrace, Exclusion, Explanation, Joint, Observed, RuleTrace, ScorePartTrace, ScoreTrace};
pub use json::members;
pub use limits::Limits;
pub use outlook::ToolOutlook;
pub use partial::{Judgement, PartialRequest};
pub use session::{Outcome, Session};
pub use tollgate_stdlib::{EvalError, Kept, Value};
