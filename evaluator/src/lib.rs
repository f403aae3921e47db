//! Decides AI agents' tool calls from a compiled plan.
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
pub mod plan;
mod program;
mod scratch;
mod session;

pub use decision::{Decision, Effect, Obligation, Origin, Problem, Reason, Shadow};
pub(crate) use decode::Misfit;
pub use engine::Engine;
pub use error::{DataError, EvaluateError, LoadError};
pub use explanation::{ChoiceTrace, ConditionTrace, Explanation, Observed, RuleTrace};
pub use limits::Limits;
pub use outlook::ToolOutlook;
pub use session::{Outcome, Session};
pub use tollgate_stdlib::{EvalError, Kept};
