//! Requests as data that may be changed, and written as JSON and as literals.

use tollgate_compiler::format::quoted;
use tollgate_stdlib::types::{Presence, Type};
use tollgate_stdlib::{Kept, scalar, write_json_string};

use super::literal::key;

/// How deep values stand in values.
const DEEPEST: usize = 100;

/// A value of JSON, with its fields in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    None,
    /// `true`, `false`
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// Reads JSON.
    pub fn parse(json: &str) -> Option<Value> {
        let mut reader = Reader { rest: json };
        let value = reader.value(DEEPEST)?;
        reader.rest.trim_start().is_empty().then_some(value)
    }

    /// Some value that is read as a type: what it needs, and no more.
    pub fn of_type(ty: &Type, depth: usize) -> Value {
        match ty {
            Type::Error | Type::None | Type::Optional(_) => Value::None,
            Type::Bool => Value::Bool(false),
            Type::Int | Type::Decimal => Value::Number("1".to_owned()),
            Type::Duration => Value::Text("1h".to_owned()),
            Type::Timestamp => Value::Text("2026-01-01T00:00:00Z".to_owned()),
            Type::Ip => Value::Text("192.0.2.1".to_owned()),
            Type::Cidr => Value::Text("192.0.2.0/24".to_owned()),
            Type::Str => Value::Text("x".to_owned()),
            Type::Enum(ty) => Value::Text(ty.variants.first().map_or_else(String::new, ToString::to_string)),
            Type::List(_) | Type::Set(_) => Value::List(Vec::new()),
            Type::Json | Type::Map(_) => Value::Object(Vec::new()),
            Type::Record(record) => {
                let needed = record.fields.iter().filter(|field| depth > 0 && matches!(field.presence, Presence::Required));
                Value::Object(needed.map(|field| (field.name.to_string(), Value::of_type(&field.ty, depth - 1))).collect())
            }
        }
    }

    /// A value of the language as JSON has it.
    pub fn of_kept(value: &Kept) -> Value {
        match value.to_json() {
            Kept::None => Value::None,
            Kept::Bool(value) => Value::Bool(value),
            Kept::List(items) => Value::List(items.iter().map(Value::of_kept).collect()),
            Kept::Map(map) => Value::Object(map.entries().iter().map(|(name, value)| (name.to_string(), Value::of_kept(value))).collect()),
            number @ (Kept::Int(_) | Kept::Decimal(_)) => Value::Number(number.view().to_string()),
            other => Value::Text(other.view().to_string()),
        }
    }

    /// The value below a name, made where there is none.
    pub fn entry(&mut self, name: &str) -> Option<&mut Value> {
        if *self == Value::None {
            *self = Value::Object(Vec::new());
        }
        let Value::Object(fields) = self else { return None };
        if let Some(place) = fields.iter().position(|(known, _)| known == name) {
            return fields.get_mut(place).map(|(_, value)| value);
        }
        fields.push((name.to_owned(), Value::None));
        fields.last_mut().map(|(_, value)| value)
    }

    /// Puts a value below a name.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Some(slot) = self.entry(name) {
            *slot = value;
        }
    }

    /// The value below a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Value::Object(fields) = self else { return None };
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The value as JSON.
    pub fn to_json(&self) -> String {
        let string = |text: &str| {
            let mut out = Vec::new();
            write_json_string(text, &mut out);
            String::from_utf8(out).unwrap_or_default()
        };
        match self {
            Value::None => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.clone(),
            Value::Text(text) => string(text),
            Value::List(items) => format!("[{}]", items.iter().map(Value::to_json).collect::<Vec<_>>().join(",")),
            Value::Object(fields) => {
                let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}:{}", string(name), value.to_json())).collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }

    /// The value as a literal of the language.
    pub fn to_literal(&self) -> String {
        match self {
            Value::None => "none".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) if number.contains(['e', 'E']) => {
                scalar::parse_json_number(number).map_or_else(|| number.clone(), |number| number.to_string())
            }
            Value::Number(number) => number.clone(),
            Value::Text(text) => quoted(text),
            Value::List(items) => format!("[{}]", items.iter().map(Value::to_literal).collect::<Vec<_>>().join(", ")),
            Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
            Value::Object(fields) => {
                let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {}", key(name), value.to_literal())).collect();
                format!("{{ {} }}", fields.join(", "))
            }
        }
    }
}

/// Reads a text from its start.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn take(&mut self, mark: &str) -> Option<()> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']).strip_prefix(mark)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.take("")?;
        match self.rest.chars().next()? {
            '{' if depth > 0 => self.object(depth - 1),
            '[' if depth > 0 => self.list(depth - 1),
            '"' => self.text().map(Value::Text),
            't' => self.take("true").map(|()| Value::Bool(true)),
            'f' => self.take("false").map(|()| Value::Bool(false)),
            'n' => self.take("null").map(|()| Value::None),
            '-' | '0'..='9' => self.number(),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | 'e' | 'E')).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        scalar::parse_json_number(number).map(|_| Value::Number(number.to_owned()))
    }

    /// A string, which another reader of JSON decodes.
    fn text(&mut self) -> Option<String> {
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == '"' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        })?;
        let (text, rest) = self.rest.split_at_checked(end.0 + 1)?;
        self.rest = rest;
        serde_json::from_str(text).ok()
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.take("[")?;
        let mut items = Vec::new();
        if self.take("]").is_some() {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take("]").is_some() {
                return Some(Value::List(items));
            }
            self.take(",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.take("{")?;
        let mut fields = Vec::new();
        if self.take("}").is_some() {
            return Some(Value::Object(fields));
        }
        loop {
            self.take("")?;
            let name = self.text()?;
            self.take(":")?;
            fields.push((name, self.value(depth)?));
            if self.take("}").is_some() {
                return Some(Value::Object(fields));
            }
            self.take(",")?;
        }
    }
}
