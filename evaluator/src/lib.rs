//! Decides AI agents' tool calls from a compiled plan.
pub mod plan;
mod data;
mod decide;
mod decision;
mod decode;
mod engine;
mod error;
mod eval;
mod json;
mod limits;
mod program;
mod scratch;

pub use decision::{Decision, Effect, Obligation, Origin, Problem, Reason, Shadow};
pub use engine::Engine;
pub use error::{DataError, EvaluateError, LoadError};
pub use limits::Limits;
pub use tollgate_stdlib::{EvalError, Kept};
pub(crate) use decode::Misfit;
