//! A call as a test.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::format::{format, quoted};
use tollgate_evaluator::{Decision, Engine};

use super::value::Value;
use super::written;

/// How deep values that stand in for data are.
const DEEPEST: usize = 4;

/// A test of a recorded call, for a file: its request, and what the set decides of it.
///
/// # Errors
/// Why there is none, in a sentence for the author.
pub fn test_from_call(set: &PolicySet, file: FileId, json: &str, title: &str) -> Result<String, String> {
    let input = Value::parse(json).filter(|value| matches!(value, Value::Object(_))).ok_or("the call is no JSON object")?;
    let engine = engine(set)?;
    let data = unbound(set, &engine);
    bind(&engine, &data)?;
    Ok(test(set, file, title, &input, &data, &engine))
}

/// An engine of the set.
pub fn engine(set: &PolicySet) -> Result<Engine, String> {
    let compiled = set.compile().map_err(|_| "the policies have errors".to_owned())?;
    compiled.into_engine().map_err(|error| error.to_string())
}

/// Some values for the data that only a host binds.
pub fn unbound(set: &PolicySet, engine: &Engine) -> Vec<(String, Value)> {
    let names = engine.unbound();
    let data = set.program().data.iter().filter(|data| names.iter().any(|name| **name == *data.name));
    data.map(|data| (data.name.to_string(), Value::of_type(&data.ty, DEEPEST))).collect()
}

/// Binds data.
pub fn bind(engine: &Engine, data: &[(String, Value)]) -> Result<(), String> {
    engine.set_all(data.iter().map(|(name, value)| (name, value.to_json()))).map_err(|error| error.to_string())
}

/// The text of a test that holds: the request, the data, and what the engine decides.
pub fn test(set: &PolicySet, file: FileId, title: &str, input: &Value, data: &[(String, Value)], engine: &Engine) -> String {
    let decision = engine.decide(input.to_json().as_bytes());
    let data: Vec<String> =
        data.iter().filter_map(|(name, value)| Some(format!("  data {} = {}\n", written::name(set, file, name)?, value.to_literal()))).collect();
    let text =
        format!("test {} {{\n  input {}\n{}  expect {}\n}}\n", quoted(title), input.to_literal(), data.concat(), expected(set, file, &decision));
    laid_out(&text)
}

/// What is expected: the rules by name, where the file can name them all.
fn expected(set: &PolicySet, file: FileId, decision: &Decision) -> String {
    let effect = decision.effect();
    let rules: Option<Vec<String>> = decision.rules().map(|rule| written::name(set, file, rule)).collect();
    match rules {
        Some(rules) if rules.is_empty() => format!("{effect} by none"),
        Some(rules) => format!("{effect} by {}", rules.join(", ")),
        None => effect.to_string(),
    }
}

fn laid_out(test: &str) -> String {
    let whole = format(&format!("package a\n\n{test}"));
    whole.ok().and_then(|text| text.split_once("\n\n").map(|(_, test)| test.to_owned())).unwrap_or_else(|| test.to_owned())
}
