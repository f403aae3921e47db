//! A compiled policy set, and the shortest way to one.

use std::fmt;
use std::path::Path;

use tollgate_evaluator::plan::Plan;
use tollgate_evaluator::{Engine, LoadError};

use crate::diagnostic::{Diagnostic, render};
use crate::set::PolicySet;
use crate::sources::{ReadError, Sources};

/// A compiled policy set.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The plan.
    pub plan: Plan,
}

/// Why a policy set was not compiled.
#[derive(Debug)]
pub enum CompileError {
    /// It could not be read.
    Read(ReadError),
    /// It has errors: what was found, and the sources that it was found in.
    Diagnostics(Box<Sources>, Vec<Diagnostic>),
}

/// Reads and compiles the policy set in a file or below a folder.
///
/// # Errors
/// When it cannot be read or has errors; the error's text shows them with their source.
pub fn compile(path: impl AsRef<Path>) -> Result<Compiled, CompileError> {
    let set = PolicySet::check(Sources::read(&[path]).map_err(CompileError::Read)?);
    set.compile().map_err(|diagnostics| CompileError::Diagnostics(Box::new(set.sources().clone()), diagnostics))
}

impl Compiled {
    /// An engine for the plan.
    ///
    /// # Errors
    /// When this build of the evaluator lacks a function that the plan calls.
    pub fn into_engine(self) -> Result<Engine, LoadError> {
        Engine::new(self.plan)
    }

    /// The plan as bytes, for [`Engine::load`].
    pub fn to_bytes(&self) -> Vec<u8> {
        self.plan.to_bytes()
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::Read(error) => error.fmt(f),
            CompileError::Diagnostics(sources, diagnostics) => f.write_str(&render::render(diagnostics, sources, false)),
        }
    }
}

impl std::error::Error for CompileError {}
