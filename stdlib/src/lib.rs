//! Values, types and the built-in functions of the Tollgate language.
//!
//! The crate is pure: no input or output, no clock, no environment, no globals that change.

#![forbid(unsafe_code)]

pub mod arithmetic;
mod error;
mod function;
mod functions;
mod kept;
mod print;
pub mod scalar;
mod shape;
mod timestamp;
pub mod types;
mod value;
mod wide;
pub mod words;

pub use bumpalo::Bump as Arena;
pub use error::EvalError;
pub use function::{Arg, Bound, Cost, Function, Host, Implementation, Lambda, Param, Sig, Var};
pub use functions::{all, by_key};
pub use ipnet::IpNet;
pub use kept::{Kept, KeptMap, KeptRecord, KeptSet};
pub use print::{write_json, write_json_string};
pub use rust_decimal::Decimal;
pub use shape::Shape;
pub use timestamp::{Civil, Timestamp};
pub use value::{Elements, Entries, Fields, Items, Record, Value, Variant};

/// The parts of the standard library that are written in the language: `(file name, text)`.
pub const SOURCES: &[(&str, &str)] = &[("std.toll", include_str!("../std/std.toll"))];
