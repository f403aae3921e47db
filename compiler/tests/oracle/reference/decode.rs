//! JSON to values, by their types. Every misfit is collected: which of several a decision names first is not laid down.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tollgate_compiler::program::Program;
use tollgate_stdlib::scalar;
use tollgate_stdlib::types::{EnumType, Field, Presence, RecordType, Type};

use super::eval::{Evaluator, Frame, World};
use super::value::{Value, whole};

/// A JSON value, its parts unread, its numbers as written.
enum Json<'t> {
    Null,
    Bool(bool),
    Number(&'t str),
    Text(String),
    Array(Vec<&'t RawValue>),
    Object(BTreeMap<String, &'t RawValue>),
}

impl<'t> Json<'t> {
    fn read(raw: &'t RawValue) -> Json<'t> {
        let text = raw.get();
        let part = "a part of valid JSON is valid";
        match text.as_bytes().first() {
            Some(b'{') => Json::Object(serde_json::from_str(text).expect(part)),
            Some(b'[') => Json::Array(serde_json::from_str(text).expect(part)),
            Some(b'"') => Json::Text(serde_json::from_str(text).expect(part)),
            Some(b't') => Json::Bool(true),
            Some(b'f') => Json::Bool(false),
            Some(b'n') => Json::Null,
            _ => Json::Number(text),
        }
    }
}

/// Where in the JSON: `session.calls[0].id`.
#[derive(Clone, Default)]
pub struct Path(String);

impl Path {
    pub fn field(&self, name: &str) -> Path {
        let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let name = if is_word { name.to_owned() } else { format!("\"{}\"", name.escape_debug()) };
        Path(if self.0.is_empty() { name } else { format!("{}.{name}", self.0) })
    }

    fn element(&self, place: usize) -> Path {
        Path(format!("{}[{place}]", self.0))
    }
}

/// Reads JSON by types.
pub struct Decoder<'p> {
    program: &'p Program,
    /// The paths of what did not fit.
    pub misfits: Vec<String>,
}

impl<'p> Decoder<'p> {
    pub fn new(program: &'p Program) -> Decoder<'p> {
        Decoder { program, misfits: Vec::new() }
    }

    /// Says that something does not fit.
    pub fn misfit(&mut self, path: &Path) -> Option<Value> {
        self.misfits.push(path.0.clone());
        None
    }

    /// The value of a type that JSON denotes.
    pub fn value(&mut self, ty: &Type, raw: &RawValue, path: &Path) -> Option<Value> {
        let json = Json::read(raw);
        let value = match (ty, json) {
            (Type::Json, json) => self.json(json),
            (Type::Optional(_), Json::Null) => Some(Value::None),
            (Type::Optional(inner), _) => return self.value(inner, raw, path),
            (Type::Bool, Json::Bool(value)) => Some(Value::Bool(value)),
            (Type::Int, Json::Number(text)) => int(text).map(Value::Int),
            (Type::Decimal, Json::Number(text)) => scalar::parse_decimal(text).map(Value::Decimal),
            (Type::Decimal, Json::Text(text)) => scalar::parse_decimal(&text).map(Value::Decimal),
            (Type::Str, Json::Text(text)) => Some(Value::Text(text)),
            (Type::Duration, Json::Text(text)) => scalar::parse_duration(&text).map(Value::Duration),
            (Type::Timestamp, Json::Text(text)) => scalar::parse_timestamp(&text).map(Value::Timestamp),
            (Type::Ip, Json::Text(text)) => scalar::parse_ip(&text).map(Value::Ip),
            (Type::Cidr, Json::Text(text)) => scalar::parse_cidr(&text).map(Value::Cidr),
            (Type::Enum(ty), Json::Text(text)) => variant(ty, text),
            (Type::List(of), Json::Array(elements)) => return self.elements(of, elements, path).map(Value::List),
            (Type::Set(of), Json::Array(elements)) => return self.elements(of, elements, path).map(Value::set),
            (Type::Map(of), Json::Object(entries)) => {
                let read: Vec<_> = entries.into_iter().map(|(key, raw)| (self.value(of, raw, &path.field(&key)), key)).collect();
                return read.into_iter().map(|(value, key)| Some((key, value?))).collect::<Option<_>>().map(Value::Map);
            }
            (Type::Record(ty), Json::Object(entries)) => return self.record(ty, &entries, path),
            _ => None,
        };
        if value.is_none() { self.misfit(path) } else { value }
    }

    fn elements(&mut self, of: &Type, elements: Vec<&RawValue>, path: &Path) -> Option<Vec<Value>> {
        let read: Vec<Option<Value>> = elements.into_iter().enumerate().map(|(place, raw)| self.value(of, raw, &path.element(place))).collect();
        read.into_iter().collect()
    }

    fn json(&mut self, json: Json<'_>) -> Option<Value> {
        Some(match json {
            Json::Null => Value::None,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(text) => match int(text) {
                Some(value) => Value::Int(value),
                None => Value::Decimal(scalar::parse_decimal(text)?),
            },
            Json::Text(text) => Value::Text(text),
            Json::Array(elements) => Value::List(elements.into_iter().map(|raw| self.json(Json::read(raw))).collect::<Option<_>>()?),
            Json::Object(entries) => {
                Value::Map(entries.into_iter().map(|(key, raw)| Some((key, self.json(Json::read(raw))?))).collect::<Option<_>>()?)
            }
        })
    }

    /// A record: what is absent, what is given, what is refined, what nobody declared.
    pub fn record(&mut self, ty: &RecordType, entries: &BTreeMap<String, &RawValue>, path: &Path) -> Option<Value> {
        let undeclared: Vec<&String> = entries.keys().filter(|key| ty.field(key).is_none()).collect();
        if ty.closed {
            undeclared.iter().for_each(|key| self.misfits.push(path.field(key).0));
        }
        let mut read = Vec::new();
        for field in &ty.fields {
            let may_be_null = matches!(field.presence, Presence::Required);
            let given = entries.get(&*field.name).copied().filter(|raw| may_be_null || raw.get() != "null");
            let path = path.field(&field.name);
            let value = match (given, &field.presence) {
                (Some(raw), _) => self.value(&field.ty, raw, &path),
                (None, Presence::Optional) => Some(Value::None),
                (None, Presence::Default(value)) => Some(value.into()),
                (None, Presence::Required) => self.misfit(&path),
            };
            read.push((field, given.is_some(), value));
        }
        let mut values = Vec::new();
        for (field, _, value) in &read {
            values.push((field.name.to_string(), value.clone()?));
        }
        for (field, given, _) in &read {
            if *given && !self.refined(field, &values) {
                self.misfit(&path.field(&field.name));
            }
        }
        Some(Value::Record(values))
    }

    /// Whether a field's refinement holds; one that errs does not.
    fn refined(&self, field: &Field, values: &[(String, Value)]) -> bool {
        let Some(number) = field.refinement else { return true };
        let refinement = &self.program.refinements[usize::try_from(number).expect("numbers are small")];
        let world = World::empty();
        let mut frame = Frame::of(values.iter().map(|(_, value)| value.clone()).collect());
        matches!(Evaluator::new(self.program, &world).eval(&refinement.condition, &mut frame), Ok(Value::Bool(true)))
    }
}

fn int(text: &str) -> Option<i64> {
    scalar::parse_int(text).or_else(|| whole(scalar::parse_decimal(text)?))
}

fn variant(ty: &EnumType, text: String) -> Option<Value> {
    let place = ty.variants.iter().position(|variant| **variant == *text)?;
    let rank = if ty.ordered { u16::try_from(place).expect("variants are few") } else { 0 };
    Some(Value::Variant { name: text, rank })
}
