//! JSON with the order of its keys, in which no key stands twice: what a reader that takes the last one would drop silently.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::report::Unreadable;

/// The longest piece of a source that a note shows, in characters.
const SHOWN: usize = 120;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its keys in their order.
    Object(Vec<(String, Json)>),
}

/// How many values a YAML file may have.
const MOST_NODES: usize = 2_000_000;

/// Why a text is none of YAML that is read.
fn no_yaml(error: &serde_saphyr::Error, place: &str) -> String {
    match error.without_snippet() {
        serde_saphyr::Error::MultipleDocuments { .. } => {
            "a second document begins here: each has a file of its own, so that it is plain which rules hold together".to_owned()
        }
        serde_saphyr::Error::Budget { .. } => {
            format!("there is more in the file than is read: at most {MOST_NODES} values, 64 levels and 50000 anchors and aliases; divide it")
        }
        other => {
            let text = other.to_string();
            let first = text.lines().next().unwrap_or_default();
            let first = first.strip_suffix(&format!(" at {place}")).unwrap_or(first);
            // what follows is advice to programmers
            first.split(", set DuplicateKeyPolicy").next().unwrap_or(first).to_owned()
        }
    }
}

impl Json {
    /// Reads a source. At most 128 arrays and objects stand in each other.
    ///
    /// # Errors
    ///
    /// Where it is no JSON, or an object has a key twice.
    pub fn read(source: &str, text: &str) -> Result<Json, Unreadable> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        serde_json::from_str(text).map_err(|error| Unreadable::new(source, "", error))
    }

    /// Reads a source that is YAML 1.2: `yes`, `no` and `on` are texts.
    ///
    /// # Errors
    ///
    /// Where it is no YAML, holds several documents or more than [`MOST_NODES`] values, or a mapping has a key twice.
    pub fn read_yaml(source: &str, text: &str) -> Result<Json, Unreadable> {
        let budget = serde_saphyr::budget! { max_nodes: MOST_NODES, max_events: 3 * MOST_NODES };
        let options = serde_saphyr::options! { strict_booleans: true, budget: budget, with_snippet: false };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let place = error.location().map(|at| format!("line {}, column {}", at.line(), at.column())).unwrap_or_default();
            Unreadable::new(source, place.clone(), no_yaml(&error, &place))
        })
    }

    /// The value of a key, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements.
    pub fn as_list(&self) -> Option<&[Json]> {
        match self {
            Json::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The keys with their values.
    pub fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Json::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// What it is, for messages: `a string`.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a bool",
            Json::Number(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

/// A piece of a source as a note shows it.
pub fn shown(text: &impl fmt::Display) -> String {
    use fmt::Write as _;
    let mut out = Bounded(String::new());
    let is_whole = write!(out, "{text}").is_ok() && out.0.chars().count() <= SHOWN;
    let brief: String = crate::toll::shown(&out.0).chars().take(SHOWN).collect();
    if is_whole { brief } else { brief + "…" }
}

/// A text of which no more is written than is shown.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = (SHOWN * 4).saturating_sub(self.0.len());
        self.0.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        if text.len() > room { Err(fmt::Error) } else { Ok(()) }
    }
}

/// On one line, as JSON.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Text(text) => f.write_str(&quoted(text)),
            Json::List(elements) => {
                f.write_str("[")?;
                for (at, element) in elements.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    write!(f, "{element}")?;
                }
                f.write_str("]")
            }
            Json::Object(fields) => {
                f.write_str("{")?;
                for (at, (key, value)) in fields.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { ", " })?;
                    write!(f, "{}: {value}", quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("a number that JSON does not have"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut fields: Vec<(String, Json)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some((key, value)) = entries.next_entry::<String, Json>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice")));
            }
            fields.push((key, value));
        }
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn order_is_kept_and_keys_stand_once() {
        let value = Json::read("a.json", r#"{"b": [1, 2.5, null], "a": {"x\"": true}}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"b": [1, 2.5, null], "a": {"x\"": true}}"#);
        assert_eq!(value.get("a").and_then(|a| a.get("x\"")).and_then(Json::as_bool), Some(true));
        let twice = Json::read("a.json", r#"{"a": 1, "\u0061": 2}"#).unwrap_err();
        assert_eq!(twice.to_string(), "`a.json`: the key `a` stands twice at line 1 column 21");
        assert!(Json::read("a.json", &"[".repeat(100_000)).is_err());
    }

    #[test]
    fn what_is_no_yaml_says_where_and_why() {
        let refused = |text: &str| Json::read_yaml("a.yaml", text).unwrap_err().to_string();
        assert_eq!(refused("a: 1\na: 2\n"), "`a.yaml`, line 2, column 1: duplicate mapping key: a");
        assert_eq!(refused("a:\n  - b: [\n"), "`a.yaml`, line 2, column 8: unclosed bracket '['");
        assert!(refused("a: 1\n---\na: 2\n").starts_with("`a.yaml`, line 3, column 1: a second document begins here"));
        assert!(refused(&"- a\n".repeat(2_100_000)).contains("at most 2000000 values"));
        assert!(Json::read_yaml("a.yaml", &"- a\n".repeat(300_000)).is_ok());
    }
}
