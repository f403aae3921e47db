//! Values, types and the built-in functions of the Tollgate language.
//!
//! The crate is pure: no input or output, no clock, no environment, no globals that change.

mod error;
mod function;
mod functions;
mod kept;
mod print;
mod shape;
pub mod types;
mod value;

pub use bumpalo::Bump as Arena;
pub use error::EvalError;
pub use function::{Arg, Bound, Cost, Function, Host, Lambda, Param, Sig, Var};
pub use functions::{all, by_key};
pub use kept::{Kept, KeptMap, KeptRecord, KeptSet};
pub use shape::Shape;
pub use value::{Entries, Fields, Items, Record, Value, Variant};

/// The parts of the standard library that are written in the language: `(file name, text)`.
pub const SOURCES: &[(&str, &str)] = &[("std.toll", include_str!("../std/std.toll"))];
