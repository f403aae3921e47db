//! Sessions as Python sees them.

use std::sync::{PoisonError, RwLock};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use tollgate_evaluator::{Effect, Outcome};

use crate::Decision;
use crate::engine::decide;
use crate::error::{DataError, PANICKED, caught};
use crate::json::{Text, json};

/// A conversation: it decides requests, which bring no `session` of their own, and remembers the calls that were made.
#[pyclass(frozen, module = "tollgate")]
pub struct Session {
    engine: tollgate_evaluator::Engine,
    /// Whoever waits for it has let Python's other threads go on.
    session: RwLock<tollgate_evaluator::Session>,
}

#[pymethods]
impl Session {
    /// Decides a request, as an engine does.
    #[pyo3(signature = (request, *, strict=false))]
    fn decide(&self, py: Python<'_>, request: &Bound<'_, PyAny>, strict: bool) -> PyResult<Decision> {
        let decision = decide(&self.engine, py, request, |bytes| self.session.read().unwrap_or_else(PoisonError::into_inner).decide(bytes));
        if strict { decision.strictly(py) } else { Ok(decision) }
    }

    /// The deny of a request that the host could not make.
    #[pyo3(signature = (message, *, path=""))]
    fn refuse(&self, message: &str, path: &str) -> Decision {
        Decision::of(self.engine.refuse(path, message))
    }

    /// Remembers a call: what was decided of it, and what the tool gave, where it was called. A `str` is a tool's text, bytes are JSON.
    #[pyo3(signature = (request, effect, result=None))]
    fn record(&self, py: Python<'_>, request: &Bound<'_, PyAny>, effect: &str, result: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let effect = match effect {
            "allow" => Effect::Allow,
            "review" => Effect::Review,
            "deny" => Effect::Deny,
            other => return Err(PyValueError::new_err(format!("expected `allow`, `review` or `deny`, got `{other}`"))),
        };
        let limits = self.engine.limits();
        let no_call = |what: &str, message: String| DataError::new_err(format!("{what}: {message}"));
        let request = json(request, Text::Json, limits.input_bytes).map_err(|no| no_call("the request", no.said()))?;
        let result = result.map(|result| json(result, Text::Value, limits.data_bytes)).transpose();
        let result = result.map_err(|no| no_call("the result", no.said()))?;
        let outcome = Outcome { request: &request, effect, result: result.as_deref() };
        let recorded = py.detach(|| caught(|| self.session.write().unwrap_or_else(PoisonError::into_inner).record(outcome)));
        recorded.ok_or_else(|| DataError::new_err(PANICKED))?.map_err(|error| DataError::new_err(error.to_string()))
    }

    fn __len__(&self) -> usize {
        self.session.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Session {
    pub fn of(engine: tollgate_evaluator::Engine, session: tollgate_evaluator::Session) -> Session {
        Session { engine, session: RwLock::new(session) }
    }
}
