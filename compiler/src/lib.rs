//! Tollgate's compiler: a policy set's source to a plan.

pub mod diagnostic;
pub mod syntax;
