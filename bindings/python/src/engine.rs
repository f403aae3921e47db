//! The engine as Python sees it.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMapping};
use tollgate_evaluator::{Explanation, Limits, ToolOutlook};

use crate::error::{DataError, LoadError, PANICKED, RequestError, caught};
use crate::json::{NoJson, Text, json, loads};
use crate::{Decision, Session};

/// A request from so many bytes on is decided without holding up Python's other threads; what is shorter is decided sooner than they would be told.
const LONG: usize = 16 << 10;

/// A policy with its data, ready to decide from any number of threads.
#[pyclass(frozen, module = "tollgate")]
pub struct Engine {
    engine: tollgate_evaluator::Engine,
}

#[pymethods]
impl Engine {
    /// An engine for a plan, given as its bytes or as the path of its file.
    #[staticmethod]
    #[pyo3(signature = (plan, *, input_bytes=None, depth=None, steps=None, data_bytes=None))]
    fn load(
        py: Python<'_>,
        plan: &Bound<'_, PyAny>,
        input_bytes: Option<usize>,
        depth: Option<usize>,
        steps: Option<u64>,
        data_bytes: Option<usize>,
    ) -> PyResult<Engine> {
        let bytes = match plan.cast::<PyBytes>() {
            Ok(bytes) => bytes.as_bytes().to_vec(),
            Err(_) if plan.is_instance_of::<PyByteArray>() => plan.extract()?,
            Err(_) => {
                let path: PathBuf = plan.extract()?;
                std::fs::read(&path).map_err(|error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display())))?
            }
        };
        let usual = Limits::default();
        let limits = Limits {
            input_bytes: input_bytes.unwrap_or(usual.input_bytes),
            depth: depth.unwrap_or(usual.depth),
            steps: steps.unwrap_or(usual.steps),
            data_bytes: data_bytes.unwrap_or(usual.data_bytes),
        };
        let loaded = py.detach(|| caught(|| tollgate_evaluator::Engine::load(bytes)));
        match loaded {
            Some(Ok(engine)) => Ok(Engine { engine: engine.with_limits(limits) }),
            Some(Err(error)) => Err(LoadError::new_err(error.to_string())),
            None => Err(LoadError::new_err(PANICKED)),
        }
    }

    /// The digest of the plan.
    #[getter]
    fn policy(&self) -> &str {
        self.engine.policy()
    }

    /// The full names of data that must be bound before anything but `deny` is decided.
    fn unbound(&self) -> Vec<String> {
        self.engine.unbound()
    }

    /// Binds data under its full name, or under its last part where that is unique.
    fn set_data(&self, py: Python<'_>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let text = self.data(name, value)?;
        self.bind(py, &[(name.to_owned(), text)])
    }

    /// Binds several data at once: all of them, or none where one does not fit.
    fn set_all(&self, py: Python<'_>, data: &Bound<'_, PyMapping>) -> PyResult<()> {
        let mut texts = Vec::new();
        for item in data.items()?.iter() {
            let (name, value): (String, Bound<'_, PyAny>) = item.extract()?;
            let text = self.data(&name, &value)?;
            texts.push((name, text));
        }
        self.bind(py, &texts)
    }

    /// Decides a request. What cannot be decided is denied, with an entry in the decision's errors; `strict` raises `RequestError` for it instead.
    #[pyo3(signature = (request, *, strict=false))]
    fn decide(&self, py: Python<'_>, request: &Bound<'_, PyAny>, strict: bool) -> PyResult<Decision> {
        let decision = decide(&self.engine, py, request, |bytes| self.engine.decide(bytes));
        if strict { decision.strictly(py) } else { Ok(decision) }
    }

    /// The deny of a request that the host could not make: where in it, empty for its root, and what is wrong.
    #[pyo3(signature = (message, *, path=""))]
    fn refuse(&self, message: &str, path: &str) -> Decision {
        Decision::of(self.engine.refuse(path, message))
    }

    /// The decision, with what became of every rule and the value of every condition. Slow.
    fn explain<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let refused = |path: &str, message: &str| Explanation::from(self.engine.refuse(path, message));
        let text = match json(request, Text::Json, self.engine.limits().input_bytes) {
            Ok(bytes) => py.detach(|| caught(|| self.engine.explain(&bytes)).unwrap_or_else(|| refused("", PANICKED)).to_json()),
            Err(NoJson { path, message }) => refused(&path, &message).to_json(),
        };
        loads(py, &text)
    }

    /// Which of the declared tools the agent of a request could still be allowed to call; the request's tool and arguments are passed over.
    fn allowed_tools<'py>(&self, py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let bytes = json(request, Text::Json, self.engine.limits().input_bytes).map_err(|no| RequestError::new_err(no.said()))?;
        let tools = py.detach(|| caught(|| self.engine.allowed_tools(&bytes)));
        let tools = tools.ok_or_else(|| RequestError::new_err(PANICKED))?.map_err(|error| RequestError::new_err(error.to_string()))?;
        tools.iter().map(|tool| outlook(py, tool)).collect()
    }

    /// An engine of the same policy with the same data, whose data can then be replaced apart.
    fn fork(&self) -> Engine {
        Engine { engine: self.engine.fork() }
    }

    /// A conversation that begins with those facts, of the policy's type `Session`.
    #[pyo3(signature = (facts=None))]
    fn session(&self, py: Python<'_>, facts: Option<&Bound<'_, PyAny>>) -> PyResult<Session> {
        let bytes = match facts {
            Some(facts) => {
                json(facts, Text::Json, self.engine.limits().data_bytes).map_err(|no| DataError::new_err(format!("session: {}", no.said())))?
            }
            None => b"{}".into(),
        };
        let opened = py.detach(|| caught(|| tollgate_evaluator::Session::open(self.engine.clone(), &bytes)));
        let session = opened.ok_or_else(|| DataError::new_err(PANICKED))?.map_err(|error| DataError::new_err(error.to_string()))?;
        Ok(Session::of(self.engine.clone(), session))
    }

    fn __repr__(&self) -> String {
        format!("<Engine {}>", self.engine.policy())
    }
}

impl Engine {
    /// The JSON of data.
    fn data(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
        let text = json(value, Text::Json, self.engine.limits().data_bytes);
        text.map(|text| text.into_owned()).map_err(|no| DataError::new_err(format!("data `{name}`: {}", no.said())))
    }

    fn bind(&self, py: Python<'_>, texts: &[(String, Vec<u8>)]) -> PyResult<()> {
        let bound = py.detach(|| caught(|| self.engine.set_all(texts.iter().map(|(name, text)| (name, text)))));
        bound.ok_or_else(|| DataError::new_err(PANICKED))?.map_err(|error| DataError::new_err(error.to_string()))
    }
}

/// Decides a request given as JSON or as Python's values: whatever it is, there is a decision.
pub(crate) fn decide(
    engine: &tollgate_evaluator::Engine,
    py: Python<'_>,
    request: &Bound<'_, PyAny>,
    decide: impl Fn(&[u8]) -> tollgate_evaluator::Decision + Sync,
) -> Decision {
    let run = |bytes: &[u8]| caught(|| decide(bytes)).unwrap_or_else(|| engine.refuse("", PANICKED));
    let decision = match json(request, Text::Json, engine.limits().input_bytes) {
        Ok(bytes) if bytes.len() >= LONG => py.detach(|| run(&bytes)),
        Ok(bytes) => run(&bytes),
        Err(NoJson { path, message }) => engine.refuse(&path, message),
    };
    Decision::of(decision)
}

fn outlook<'py>(py: Python<'py>, tool: &ToolOutlook) -> PyResult<Bound<'py, PyAny>> {
    let outlook = pyo3::types::PyDict::new(py);
    outlook.set_item("tool", &tool.tool)?;
    outlook.set_item("allow", tool.allow)?;
    outlook.set_item("review", tool.review)?;
    outlook.set_item("deny", tool.deny)?;
    Ok(outlook.into_any())
}
