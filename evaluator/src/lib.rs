//! Decides AI agents' tool calls from a compiled plan.
pub mod plan;
mod decision;
pub use decision::Effect;
