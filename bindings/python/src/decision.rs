//! Decisions as Python sees them.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tollgate_evaluator::Origin;

use crate::error::RequestError;
use crate::json::loads;

/// What the policy says of one tool call, by which rules, and why.
#[pyclass(frozen, eq, module = "tollgate")]
pub struct Decision {
    decision: tollgate_evaluator::Decision,
    /// All of it as Python's values, once somebody asks for more than the effect.
    parts: PyOnceLock<Py<PyDict>>,
}

impl PartialEq for Decision {
    fn eq(&self, other: &Decision) -> bool {
        self.decision == other.decision
    }
}

#[pymethods]
impl Decision {
    /// `"allow"`, `"review"` or `"deny"`.
    #[getter]
    fn effect(&self) -> &'static str {
        self.decision.effect().name()
    }

    /// The full names of the rules that made it.
    #[getter]
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "rules")
    }

    /// Why, in the order of the rules.
    #[getter]
    fn reasons<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "reasons")
    }

    /// What must be done besides; who cannot refuses the call.
    #[getter]
    fn obligations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "obligations")
    }

    /// Every score, `None` where it could not be computed.
    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "scores")
    }

    /// What the shadow rules that matched would have done.
    #[getter]
    fn shadow<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "shadow")
    }

    /// The errors that were met.
    #[getter]
    fn errors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.part(py, "errors")
    }

    /// The digest of the plan that decided.
    #[getter]
    fn policy(&self) -> &str {
        self.decision.policy()
    }

    /// One line of JSON, as `tollgate eval` prints it.
    fn to_json(&self) -> String {
        self.decision.to_json()
    }

    /// The same as a dict.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        Ok(loads(py, &self.decision.to_json())?.cast_into()?)
    }

    fn __repr__(&self) -> String {
        format!("Decision({})", self.decision)
    }

    /// A deny that were true would be taken for an allow.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("a decision is neither true nor false: compare its `effect`"))
    }
}

impl Decision {
    pub fn of(decision: tollgate_evaluator::Decision) -> Decision {
        Decision { decision, parts: PyOnceLock::new() }
    }

    /// The decision, or the exception for one of a request that could not be decided.
    pub fn strictly(self, py: Python<'_>) -> PyResult<Decision> {
        let undecided = |origin: Origin<'_>| matches!(origin, Origin::Path(_) | Origin::Data(_) | Origin::Limit(_));
        let Some(problem) = self.decision.errors().find(|problem| undecided(problem.origin)) else { return Ok(self) };
        let message = match problem.origin {
            Origin::Path(path) if !path.is_empty() => format!("at `{path}`: {}", problem.message),
            _ => problem.message.to_owned(),
        };
        let error = RequestError::new_err(message);
        error.value(py).setattr("decision", self)?;
        Err(error)
    }

    fn part<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let parts = self.parts.get_or_try_init(py, || self.to_dict(py).map(Bound::unbind))?;
        parts.bind(py).as_any().get_item(name)
    }
}
