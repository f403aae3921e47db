//! Python's values as JSON, strictly: what has no JSON of its own is an error, never another value.

use std::borrow::Cow;
use std::io::Write as _;

use pyo3::PyTypeInfo as _;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDateTime, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet, PyString, PyTuple, PyType,
};
use tollgate_evaluator::Limits;
use tollgate_stdlib::write_json_string;

/// What a `str` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// JSON.
    Json,
    /// A value like any other.
    Value,
}

/// Why a value has no JSON.
pub struct NoJson {
    /// Where in it, as in a decision's errors.
    pub path: String,
    /// What is there.
    pub message: String,
}

type Result<T> = std::result::Result<T, NoJson>;

/// The JSON of a value. Bytes are JSON already. Beyond `bound` bytes it is cut off: whoever reads it has that limit.
pub fn json<'v>(value: &'v Bound<'_, PyAny>, text: Text, bound: usize) -> Result<Cow<'v, [u8]>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Cow::Borrowed(bytes.as_bytes()));
    }
    if value.is_instance_of::<PyByteArray>() || value.is_instance_of::<PyMemoryView>() {
        // They may change while they are read.
        let copy = PyBytes::type_object(value.py()).call1((value,)).map_err(|error| no_json(error.to_string()))?;
        return copy.cast::<PyBytes>().map(|copy| Cow::Owned(copy.as_bytes().to_vec())).map_err(|_| no_json("the bytes cannot be read"));
    }
    if text == Text::Json
        && let Ok(text) = value.cast::<PyString>()
    {
        return string(text).map(|text| Cow::Borrowed(text.as_bytes()));
    }
    let mut writer = Writer { out: Vec::with_capacity(1024), bound, depth: 0 };
    writer.value(value)?;
    Ok(Cow::Owned(writer.out))
}

#[cold]
fn no_json(message: impl Into<String>) -> NoJson {
    NoJson { path: String::new(), message: message.into() }
}

impl NoJson {
    /// The message with its place.
    pub fn said(&self) -> String {
        if self.path.is_empty() { self.message.clone() } else { format!("at `{}`: {}", self.path, self.message) }
    }

    /// Seen from the object around it.
    #[cold]
    fn in_field(self, name: &str) -> NoJson {
        self.below(if name.len() > 64 { "…" } else { name })
    }

    /// Seen from the array around it.
    #[cold]
    fn in_element(self, place: usize) -> NoJson {
        self.below(&format!("[{place}]"))
    }

    fn below(self, step: &str) -> NoJson {
        let inner = if self.path.len() > 256 { "…" } else { &self.path };
        let dot = if inner.is_empty() || inner.starts_with(['[', '…']) { "" } else { "." };
        NoJson { path: format!("{step}{dot}{inner}"), message: self.message }
    }
}

/// A string's text, which Python may not have: a lone surrogate is no character.
fn string<'v>(text: &'v Bound<'_, PyString>) -> Result<&'v str> {
    text.to_str().map_err(|_| no_json("expected Unicode text, got a lone surrogate"))
}

/// Writes JSON.
struct Writer {
    out: Vec<u8>,
    bound: usize,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Bound<'_, PyAny>) -> Result<()> {
        if self.out.len() > self.bound {
            return Ok(());
        }
        if let Ok(text) = value.cast::<PyString>() {
            write_json_string(string(text)?, &mut self.out);
        } else if value.is_none() {
            self.out.extend_from_slice(b"null");
        } else if let Ok(value) = value.cast::<PyBool>() {
            self.out.extend_from_slice(if value.is_true() { b"true" } else { b"false" });
        } else if let Ok(value) = value.cast::<PyInt>() {
            self.int(value)?;
        } else if let Ok(value) = value.cast::<PyFloat>() {
            self.float(value.value())?;
        } else if let Ok(fields) = value.cast::<PyDict>() {
            self.nested(|writer| writer.object(fields))?;
        } else if let Ok(items) = value.cast::<PyList>() {
            self.nested(|writer| writer.array(items.iter()))?;
        } else if let Ok(items) = value.cast::<PyTuple>() {
            self.nested(|writer| writer.array(items.iter()))?;
        } else if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
            self.nested(|writer| writer.set(value))?;
        } else {
            self.other(value)?;
        }
        Ok(())
    }

    /// Deeper than an engine reads nothing is written, so that no value overflows the stack, a list that holds itself among them.
    fn nested(&mut self, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.depth >= Limits::MAX_DEPTH {
            return Err(no_json(format!("nested deeper than {}", Limits::MAX_DEPTH)));
        }
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        written
    }

    fn object(&mut self, fields: &Bound<'_, PyDict>) -> Result<()> {
        self.out.push(b'{');
        // A copy: a value may run Python's code, which may change the dict.
        for (place, (key, value)) in fields.items().iter().filter_map(|item| item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().ok()).enumerate()
        {
            if self.out.len() > self.bound {
                break;
            }
            if place > 0 {
                self.out.push(b',');
            }
            let Ok(key) = key.cast::<PyString>() else { return Err(no_json(format!("expected `str` for a key, got `{}`", type_name(&key)))) };
            let key = string(key)?;
            write_json_string(key, &mut self.out);
            self.out.push(b':');
            self.value(&value).map_err(|error| error.in_field(key))?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn array<'py>(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> Result<()> {
        self.out.push(b'[');
        for (place, item) in items.enumerate() {
            if self.out.len() > self.bound {
                break;
            }
            if place > 0 {
                self.out.push(b',');
            }
            self.value(&item).map_err(|error| error.in_element(place))?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// A set in the order of its elements' JSON: the same set is the same JSON.
    fn set(&mut self, value: &Bound<'_, PyAny>) -> Result<()> {
        let copy = PyList::type_object(value.py()).call1((value,)).map_err(|error| no_json(error.to_string()))?;
        let items = copy.cast::<PyList>().map_err(|_| no_json("the set cannot be read"))?;
        let mut texts = Vec::new();
        let mut length = self.out.len();
        for item in items.iter() {
            if length > self.bound {
                break;
            }
            let mut writer = Writer { out: Vec::new(), bound: self.bound, depth: self.depth };
            writer.value(&item)?;
            length += writer.out.len();
            texts.push(writer.out);
        }
        texts.sort_unstable();
        self.out.push(b'[');
        self.out.extend(texts.join(&b','));
        self.out.push(b']');
        Ok(())
    }

    fn int(&mut self, value: &Bound<'_, PyInt>) -> Result<()> {
        if let Ok(value) = value.extract::<i64>() {
            // Writing to memory cannot fail.
            let _ = write!(self.out, "{value}");
            return Ok(());
        }
        // The digits of `int` itself, whatever a class derived from it prints.
        let digits = PyInt::type_object(value.py()).call_method1("__repr__", (value,)).map_err(|error| no_json(error.to_string()))?;
        self.digits(&digits)
    }

    fn float(&mut self, value: f64) -> Result<()> {
        if !value.is_finite() {
            return Err(no_json(format!("expected a number, got {value}")));
        }
        let _ = write!(self.out, "{value:?}");
        Ok(())
    }

    /// An exact decimal as a number, an instant as RFC 3339 text; anything else has no JSON.
    fn other(&mut self, value: &Bound<'_, PyAny>) -> Result<()> {
        let failed = |error: PyErr| no_json(error.to_string());
        if let Ok(time) = value.cast::<PyDateTime>() {
            if time.getattr("tzinfo").map_err(failed)?.is_none() {
                return Err(no_json("a datetime without a time zone is no instant"));
            }
            let text = time.call_method0("isoformat").map_err(failed)?;
            let text = text.cast::<PyString>().map_err(|_| no_json("`isoformat` gave no text"))?;
            write_json_string(string(text)?, &mut self.out);
            return Ok(());
        }
        let decimal = decimal(value.py()).map_err(failed)?;
        if value.is_exact_instance(decimal) {
            if !value.call_method0("is_finite").and_then(|finite| finite.extract::<bool>()).map_err(failed)? {
                return Err(no_json("expected a number, got a decimal that is none"));
            }
            return self.digits(&value.str().map_err(failed)?.into_any());
        }
        Err(no_json(format!("a `{}` has no JSON", type_name(value))))
    }

    /// A number as Python prints it.
    fn digits(&mut self, text: &Bound<'_, PyAny>) -> Result<()> {
        let text = text.cast::<PyString>().map_err(|_| no_json("a number printed no text"))?;
        self.out.extend_from_slice(string(text)?.as_bytes());
        Ok(())
    }
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "value".to_owned(), |name| name.to_string_lossy().chars().take(64).collect())
}

/// `decimal.Decimal`.
fn decimal(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}

/// The Python value of JSON that the engine wrote.
pub fn loads<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((json,))
}
