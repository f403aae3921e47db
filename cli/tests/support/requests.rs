//! `NAME.cases.jsonl`: requests, with what their decisions must have.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use tollgate_evaluator::{DataError, Engine};

/// A line of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    name: String,
    /// The request.
    #[serde(default)]
    input: Option<Value>,
    /// The request's bytes, where they are no JSON or matter as they are.
    #[serde(default)]
    raw: Option<String>,
    /// Data to bind before.
    #[serde(default)]
    data: Map<String, Value>,
    /// A part of the decision.
    expect: Value,
}

/// Decides every request.
pub fn run(engine: &Engine, path: &Path, text: &str, how: &str, faults: &mut Vec<String>) {
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = match serde_json::from_str::<Request>(line) {
            Ok(request) => decide(engine, &request).err().map(|fault| format!("{how}request `{}`: {fault}", request.name)),
            Err(error) => Some(format!("{}:{}: {error}", path.display(), number + 1)),
        };
        faults.extend(fault);
    }
}

fn decide(engine: &Engine, request: &Request) -> Result<(), String> {
    let engine = engine.fork();
    bind(&engine, &request.data).map_err(|error| error.to_string())?;
    let bytes = match (&request.raw, &request.input) {
        (Some(raw), None) => raw.clone().into_bytes(),
        (None, Some(input)) => input.to_string().into_bytes(),
        _ => return Err("it has not one of `input` and `raw`".to_owned()),
    };
    let decision = engine.decide(&bytes).to_json();
    let got: Value = serde_json::from_str(&decision).map_err(|error| format!("the decision is no JSON: {error}"))?;
    if fits(&request.expect, &got) { Ok(()) } else { Err(format!("expected {}\n    got {decision}", request.expect)) }
}

fn bind(engine: &Engine, data: &Map<String, Value>) -> Result<(), DataError> {
    data.iter().try_for_each(|(name, value)| engine.set_data(name, value.to_string()))
}

/// Whether a decision has what is expected: of an object the fields named, of `errors` what [`error_fits`] says.
fn fits(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => expected.iter().all(|(name, expected)| {
            let fits = if name == "errors" { errors_fit } else { fits };
            got.get(name).is_some_and(|got| fits(expected, got))
        }),
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| fits(expected, got))
        }
        (Value::Number(expected), Value::Number(got)) => expected.as_f64() == got.as_f64(),
        _ => expected == got,
    }
}

fn errors_fit(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| error_fits(expected, got))
        }
        _ => false,
    }
}

/// Whether an error is the one expected: a text is its path or in its message; of an object, `message` is in its message and others are equal.
fn error_fits(expected: &Value, got: &Value) -> bool {
    let is = |name: &str, text: &str| got.get(name).and_then(Value::as_str) == Some(text);
    let says = |text: &str| got.get("message").and_then(Value::as_str).is_some_and(|message| message.contains(text));
    match expected {
        Value::String(text) => is("path", text) || says(text),
        Value::Object(fields) => fields.iter().all(|(name, expected)| match (name.as_str(), expected.as_str()) {
            ("message", Some(text)) => says(text),
            (name, Some(text)) => is(name, text),
            (name, None) => got.get(name) == Some(expected),
        }),
        _ => false,
    }
}
