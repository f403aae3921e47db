//! Calls as Cedar's requests.

use std::str::FromStr;

use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use serde_json::Value;

/// The types of entities in requests.
pub struct Types {
    pub agent: EntityTypeName,
    pub action: EntityTypeName,
    pub server: EntityTypeName,
    pub tool: EntityTypeName,
}

impl Types {
    pub fn new() -> Types {
        let named = |name| EntityTypeName::from_str(name).expect("a name of a type");
        Types { agent: named("Agent"), action: named("Action"), server: named("Server"), tool: named("Tool") }
    }
}

pub fn entity(ty: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(ty.clone(), EntityId::new(id))
}

/// A way to make a context of a call.
pub trait ContextOf {
    fn context(call: Value) -> Context;
}

/// Expression by expression.
pub struct Quick;
/// By Cedar's own reading of JSON.
pub struct Documented;

impl ContextOf for Quick {
    fn context(call: Value) -> Context {
        let Value::Object(fields) = call else { panic!("a call is an object") };
        Context::from_pairs(fields.into_iter().map(|(name, value)| (name, expression(value)))).expect("fields differ")
    }
}

impl ContextOf for Documented {
    fn context(call: Value) -> Context {
        Context::from_json_value(call, None).expect("a call is a context")
    }
}

fn expression(value: Value) -> RestrictedExpression {
    match value {
        Value::Null => panic!("calls have no null, and Cedar neither"),
        Value::Bool(value) => RestrictedExpression::new_bool(value),
        Value::Number(number) => RestrictedExpression::new_long(number.as_i64().expect("calls have whole numbers")),
        Value::String(text) => RestrictedExpression::new_string(text),
        Value::Array(values) => RestrictedExpression::new_set(values.into_iter().map(expression)),
        Value::Object(fields) => {
            RestrictedExpression::new_record(fields.into_iter().map(|(name, value)| (name, expression(value)))).expect("fields differ")
        }
    }
}

/// A call as a request: the agent asks to do the tool at its server.
pub fn request<C: ContextOf>(types: &Types, bytes: &[u8]) -> Request {
    let call: Value = serde_json::from_slice(bytes).expect("a call is JSON");
    let text = |object: &str, field: &str| call[object][field].as_str().expect("a text");
    let agent = entity(&types.agent, text("agent", "id"));
    let tool = entity(&types.action, text("tool", "name"));
    let server = entity(&types.server, text("tool", "server"));
    Request::new(agent, tool, server, C::context(call), None).expect("without a schema every request will do")
}
