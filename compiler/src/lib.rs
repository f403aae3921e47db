//! Tollgate's compiler: a policy set's source to a plan.
//!
//! ```
//! use tollgate_compiler::{PolicySet, Sources};
//!
//! let set = PolicySet::check(Sources::of("a.toll", r#"package a  allow reads when tool.name == "read""#));
//! let engine = set.compile().unwrap().into_engine().unwrap();
//! let decision = engine.decide(br#"{"agent": {"id": "x"}, "tool": {"name": "read"}}"#);
//! assert_eq!(decision.effect().name(), "allow");
//! ```
//!
//! The stages, each in a folder of its own, each looking only at those before it: [`syntax`] makes trees of text, [`check`] a typed
//! [`program`] of trees, [`lower`] a plan of the program. [`format`](mod@format) lays text out; [`diagnostic`] says what is wrong.

#![forbid(unsafe_code)]

// What the grammar's parser calls its own, where pest does without the standard library.
extern crate alloc;

pub mod check;
mod compiled;
pub mod diagnostic;
mod fallible;
pub mod format;
pub mod lint;
pub mod lower;
pub mod mutation;
pub mod program;
pub mod residual;
mod set;
pub mod sources;
pub mod syntax;
pub mod testing;
mod unfold;

pub use check::notes::{Sight, Symbol, SymbolKind, Use};
pub use compiled::{CompileError, Compiled, compile};
pub use fallible::fallible;
pub use set::{Inspection, ItemAt, PolicySet, Probe, Question, Reference};
pub use sources::{ReadError, Source, Sources};
