//! JSON as CEL's values.

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Value};
use serde_json::Value as Json;

/// A call: its fields are variables.
pub struct Call<'a> {
    /// The tool's name, for hosts that keep programs by tool.
    pub tool: String,
    pub context: Context<'a, 'a>,
}

/// Adds a call's fields as variables; gives the tool's name.
pub fn variables(bytes: &[u8], context: &mut Context<'_, '_>) -> String {
    let call: Json = serde_json::from_slice(bytes).expect("a call is JSON");
    let tool = call["tool"]["name"].as_str().unwrap_or_default().to_owned();
    add_all(call, context);
    tool
}

/// Adds an object's fields as variables.
pub fn add_all(object: Json, context: &mut Context<'_, '_>) {
    let Json::Object(fields) = object else { panic!("an object has fields") };
    for (name, value) in fields {
        context.add_variable_from_value(name, of(value));
    }
}

/// CEL's own conversion would make numbers unsigned.
fn of(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => value.into(),
        Json::Number(number) => number.as_i64().expect("calls have whole numbers").into(),
        Json::String(text) => text.into(),
        Json::Array(values) => Value::List(Arc::new(values.into_iter().map(of).collect())),
        Json::Object(fields) => Value::from(fields.into_iter().map(|(name, value)| (name, of(value))).collect::<HashMap<String, Value>>()),
    }
}
