//! The native part of the Python package `tollgate`: an engine, its decisions, and Python's values as JSON.
//!
//! What it promises: [`Engine::decide`] raises nothing for what a request holds. What is no request is denied, as by the evaluator itself.

mod decision;
mod engine;
mod error;
mod json;
mod session;

use pyo3::prelude::*;

pub(crate) use decision::Decision;
pub(crate) use session::Session;

#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use super::decision::Decision;
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::error::{DataError, LoadError, RequestError, TollgateError};
    #[pymodule_export]
    use super::session::Session;
}
