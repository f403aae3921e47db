//! Tollgate's compiler: a policy set's source to a plan.

pub mod check;
pub mod diagnostic;
pub mod format;
pub mod lower;
pub mod program;
mod set;
pub mod sources;
pub mod syntax;

pub use set::{PolicySet, Question};
pub use sources::{ReadError, Sources};
