//! Entities as data.

use std::collections::BTreeMap;

use cedar_policy::{Entities, EntityUid};
use serde_json::{Value, json};

use super::term::uid;
use crate::report::{Fate, Note};

/// The entities as the data `entities`, one a line, sorted.
pub fn data(entities: &Entities, source: &str, notes: &mut Vec<Note>) -> Option<String> {
    let mut facts: BTreeMap<String, Value> = BTreeMap::new();
    for entity in entities.iter() {
        let own = entity.uid();
        let mut ancestors: Vec<String> = entities.ancestors(&own).into_iter().flatten().map(name).collect();
        ancestors.sort();
        let json = entity.to_json_value().unwrap_or_else(|error| {
            let text = format!("the attributes and tags of `{own}`, which JSON cannot hold: {error}");
            notes.push(Note::new(source, own.to_string(), Fate::Stricter, text));
            Value::Null
        });
        let known = [("attributes", json.get("attrs").cloned()), ("tags", json.get("tags").cloned())];
        let mut fact: serde_json::Map<String, Value> = known
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.filter(|value| value.as_object().is_some_and(|it| !it.is_empty()))?)))
            .collect();
        if !ancestors.is_empty() {
            fact.insert("ancestors".to_owned(), json!(ancestors));
        }
        if !fact.is_empty() {
            facts.insert(name(&own), Value::Object(fact));
        }
    }
    if facts.is_empty() {
        return None;
    }
    let lines: Vec<String> = facts.into_iter().map(|(name, fact)| format!("  {}: {fact}", Value::from(name))).collect();
    Some(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

fn name(of: &EntityUid) -> String {
    uid(&of.type_name().to_string(), of.id().unescaped())
}
