//! The exceptions, and what becomes of a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::create_exception;
use pyo3::exceptions::PyException;

create_exception!(tollgate, TollgateError, PyException, "Anything that Tollgate complains of.");
create_exception!(tollgate, LoadError, TollgateError, "The plan cannot be used.");
create_exception!(tollgate, DataError, TollgateError, "Data, a session's facts or a recorded call do not fit the policy.");
create_exception!(tollgate, RequestError, TollgateError, "The request cannot be decided. `decision` is its deny, where one was asked for.");

/// What an answer says where the engine has panicked, which it never should.
pub const PANICKED: &str = "the engine panicked";

/// Runs something; `None` where it panics, so that no panic goes on into Python.
pub fn caught<R>(run: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}
