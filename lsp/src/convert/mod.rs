//! What the analysis layer tells, as the protocol says it.

pub mod diagnostic;
pub mod formatting;
