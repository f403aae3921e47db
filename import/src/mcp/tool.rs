//! One tool of a server as a declaration.

use std::fmt::Write as _;

use super::answer::is_name;
use super::category;
use super::combine::Combiner;
use super::lost::Lost;
use super::prose;
use super::read::Reader;
use super::shape::Shape;
use super::types::{Counts, Declared, Types};
use crate::Fate;
use crate::json::Json;
use crate::json::shown;
use crate::toll::quoted;

/// A tool that was read.
#[derive(Debug)]
pub struct Tool {
    /// Its name on its server.
    pub name: String,
    title: Option<String>,
    description: Option<String>,
    category: Option<&'static str>,
    /// Facts that are not the language's defaults.
    facts: Vec<(&'static str, bool)>,
    /// What its arguments may be.
    pub shape: Shape,
}

/// The hints of MCP, the attributes of the language, and what these are where nothing is said.
const HINTS: [(&str, &str, bool); 4] = [
    ("readOnlyHint", "read_only", false),
    ("destructiveHint", "destructive", true),
    ("idempotentHint", "idempotent", false),
    ("openWorldHint", "open_world", true),
];

/// Reads a tool; none where no call can name it.
pub fn read(json: &Json, place: &str, combiner: &mut Combiner, lost: &mut Lost) -> Option<Tool> {
    let Some(name) = json.get("name").and_then(Json::as_text) else {
        lost.note(Fate::Stricter, place, format!("`{}`: it has no name, so that no rule can be about it", shown(json)));
        return None;
    };
    if !is_name(name) {
        let text =
            format!("the tool `{}`: names have letters, digits, `_`, `.` and `-`, 128 at most, and every call with another is denied", shown(&name));
        lost.note(Fate::Stricter, place, text);
        return None;
    }
    for (key, value) in json.as_object().unwrap_or_default() {
        match key.as_str() {
            "name" | "title" | "description" | "inputSchema" | "annotations" => {}
            _ if SCHEMAS.contains(&key.as_str()) => {}
            "outputSchema" | "_meta" | "icons" | "execution" | "strict" => {
                lost.note(Fate::LeftOut, name, format!("`{key}`: says nothing of what the tool is called with"));
            }
            _ => lost.note(Fate::LeftOut, name, format!("`{}: {}`: no part of a tool that the importer knows", shown(key), shown(value))),
        }
    }
    let annotations = json.get("annotations").and_then(Json::as_object).unwrap_or_default();
    let hint = |wanted: &str| annotations.iter().find(|(key, _)| key == wanted).and_then(|(_, value)| value.as_bool());
    for (key, value) in annotations {
        let is_known = key == "title" && value.as_text().is_some() || HINTS.iter().any(|(hint, ..)| hint == key) && value.as_bool().is_some();
        if !is_known && *value != Json::Null {
            lost.note(Fate::LeftOut, name, format!("`annotations: {{{}: {}}}`: no hint that the importer knows", shown(key), shown(value)));
        }
    }
    let title = json
        .get("title")
        .and_then(Json::as_text)
        .or_else(|| annotations.iter().find(|(key, _)| key == "title").and_then(|(_, value)| value.as_text()));
    let guessed = category::guess(name, hint("readOnlyHint"));
    if let Some((category, from)) = &guessed {
        lost.note(Fate::Guessed, name, format!("category \"{category}\": guessed from {from}"));
    }
    Some(Tool {
        name: name.to_owned(),
        title: title.map(str::trim).filter(|title| !title.is_empty()).map(brief),
        description: json.get("description").and_then(Json::as_text).map(str::to_owned),
        category: guessed.map(|(category, _)| category),
        facts: HINTS.into_iter().filter_map(|(key, fact, usual)| Some((fact, hint(key).filter(|said| *said != usual)?))).collect(),
        shape: shape(json, name, combiner, lost),
    })
}

fn brief(title: &str) -> String {
    crate::toll::shown(title).chars().take(200).collect()
}

/// Where the schema of arguments stands in lists that were made for something else than MCP.
const SCHEMAS: [&str; 4] = ["input_schema", "inputschema", "parameters", "args_schema"];

fn shape<'j>(json: &'j Json, name: &'j str, combiner: &mut Combiner, lost: &mut Lost) -> Shape {
    let others = SCHEMAS.into_iter().filter_map(|key| Some((key, json.get(key)?)));
    let mut found = json.get("inputSchema").map(|schema| ("inputSchema", schema)).into_iter().chain(others);
    let Some((key, schema)) = found.next() else {
        lost.note(Fate::Unchecked, name, "it has no `inputSchema`: any arguments are taken");
        return Shape::any();
    };
    if key != "inputSchema" {
        lost.note(Fate::Guessed, name, format!("`{key}` is read as `inputSchema`, which it has not"));
    }
    for (other, schema) in found {
        lost.note(Fate::Differs, name, format!("`{other}: {}`: it has `{key}` too, and that is read", shown(schema)));
    }
    Reader::new(schema, name, combiner, lost).read(schema, name)
}

impl Tool {
    /// The declaration, not yet laid out.
    pub fn declaration(&self, server: &str, counts: &Counts, declared: &mut Declared, lost: &mut Lost) -> String {
        let mut out = self.description.as_deref().map(|text| prose::of_tool(text, lost, &self.name)).unwrap_or_default();
        let _ = writeln!(out, "tool {} {{", quoted(&format!("{server}/{}", self.name)));
        if let Some(title) = &self.title {
            let _ = writeln!(out, "title: {}", quoted(title));
        }
        if let Some(category) = self.category {
            let _ = writeln!(out, "category: {} {GUESSED}", quoted(category));
        }
        for (fact, said) in &self.facts {
            let _ = writeln!(out, "{fact}: {said}");
        }
        let arguments = Types { counts, declared, lost, written: 0 }.arguments(&self.shape, &self.name);
        let _ = writeln!(out, "args {arguments}\n}}");
        out
    }
}

/// Stands behind what is guessed, so that the author sees it, and a refresh may guess again.
pub const GUESSED: &str = "// guessed";
