//! What the analysis layer tells, as the protocol says it.

pub mod actions;
pub mod completion;
pub mod diagnostic;
pub mod formatting;
pub mod hints;
pub mod hover;
pub mod navigation;
pub mod symbols;
pub mod tests;
pub mod tokens;
