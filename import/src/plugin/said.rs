//! What a value says of tools: the names in a text or a list, settings such as `{"allow": […], "deny": […]}`, or an object whose keys are names.

use super::permission::separated;
use crate::Fate;
use crate::json::{Json, shown};

/// What a value says of tools. A name is missing where something stands that is none.
#[derive(Debug, Default)]
pub struct Said {
    /// The tools that are needed.
    pub needed: Vec<Option<String>>,
    /// Those that are needed, and of which a person is asked.
    pub asked: Vec<Option<String>>,
    /// Those that are denied.
    pub denied: Vec<String>,
    /// What else it says.
    pub others: Vec<(Fate, String)>,
}

/// Keys of settings, one of which tells them from an object whose keys are names, with what becomes of those that hold no tools.
const SETTINGS: [(&str, Option<(Fate, &str)>); 10] = [
    ("allow", None),
    ("ask", None),
    ("deny", None),
    ("tools", None),
    ("defaultMode", Some((Fate::Differs, "no mode is imported: every call waits for a review"))),
    ("additionalDirectories", Some((Fate::Stricter, "no folder is let through for it: every call waits for a review"))),
    ("disableBypassPermissionsMode", Some((Fate::LeftOut, "nothing is imported that would bypass a review"))),
    ("disableAutoMode", Some((Fate::LeftOut, "nothing is imported that would bypass a review"))),
    ("description", Some((Fate::LeftOut, "it says nothing of calls"))),
    ("reason", Some((Fate::LeftOut, "it says nothing of calls"))),
];

/// What a value says.
pub fn said(value: &Json) -> Said {
    let Json::Object(fields) = value else { return Said { needed: listed(value), ..Said::default() } };
    let is_setting = |(key, _): &(String, Json)| SETTINGS.iter().take(7).any(|(known, _)| known == key);
    if fields.iter().any(is_setting) { of_settings(fields) } else { of_names(fields) }
}

/// `{"allow": […], "ask": […], "deny": […], "defaultMode": "plan"}`
fn of_settings(fields: &[(String, Json)]) -> Said {
    let mut all = Said::default();
    for (key, value) in fields {
        match (key.as_str(), value) {
            ("allow" | "ask" | "deny" | "tools", Json::Text(_) | Json::List(_) | Json::Object(_)) => {
                let inner = said(value);
                all.others.extend(inner.others);
                all.denied.extend(inner.denied);
                let named = inner.needed.into_iter();
                match key.as_str() {
                    "deny" => all.denied.extend(named.chain(inner.asked).flatten()),
                    "ask" => all.asked.extend(named.chain(inner.asked)),
                    _ => {
                        all.needed.extend(named);
                        all.asked.extend(inner.asked);
                    }
                }
            }
            (_, Json::Null) => {}
            _ => {
                let known = SETTINGS.iter().find(|(known, _)| known == key).and_then(|(_, fate)| *fate);
                let (fate, why) = known.unwrap_or((Fate::Differs, "not known to importing: every call waits for a review, whatever this says"));
                all.others.push((fate, format!("`{key}: {}`: {why}", shown(value))));
            }
        }
    }
    all
}

/// `{"files/read": true, "files/write": false, "Bash": "ask"}`
fn of_names(fields: &[(String, Json)]) -> Said {
    let mut all = Said::default();
    for (name, value) in fields {
        match Word::of(value) {
            Some(Word::Allow) => all.needed.push(Some(name.clone())),
            Some(Word::Ask) => all.asked.push(Some(name.clone())),
            Some(Word::Deny) => all.denied.push(name.clone()),
            None => {
                all.needed.push(Some(name.clone()));
                all.others.push((Fate::Differs, format!("what `{}` says of `{name}` is not imported: every call waits for a review", shown(value))));
            }
        }
    }
    all
}

/// What a word says of a tool.
enum Word {
    Allow,
    Ask,
    Deny,
}

impl Word {
    fn of(value: &Json) -> Option<Word> {
        match value {
            Json::Null | Json::Bool(true) => Some(Word::Allow),
            Json::Bool(false) => Some(Word::Deny),
            Json::Text(word) => match word.to_ascii_lowercase().as_str() {
                "allow" | "allowed" | "true" | "yes" | "on" | "always" | "required" => Some(Word::Allow),
                "ask" | "prompt" | "confirm" | "review" => Some(Word::Ask),
                "deny" | "denied" | "disallow" | "false" | "no" | "off" | "never" | "none" | "forbid" | "forbidden" | "block" => Some(Word::Deny),
                _ => None,
            },
            Json::Object(fields) if !fields.is_empty() && fields.iter().all(|(_, value)| matches!(Word::of(value), Some(Word::Deny))) => {
                Some(Word::Deny)
            }
            _ => None,
        }
    }
}

/// The names in a text or a list.
fn listed(value: &Json) -> Vec<Option<String>> {
    match value {
        Json::Text(text) => separated(text).into_iter().map(Some).collect(),
        Json::List(parts) => parts.iter().map(|part| part.as_text().or_else(|| named(part)).map(str::to_owned)).collect(),
        Json::Null => Vec::new(),
        _ => vec![None],
    }
}

/// The tool of an entry that says nothing else of it: what else stands there may deny it.
fn named(entry: &Json) -> Option<&str> {
    let is_plain = |(key, _): &(String, Json)| matches!(key.as_str(), "tool" | "name" | "description" | "reason" | "why");
    let name = entry.get("tool").or_else(|| entry.get("name")).and_then(Json::as_text);
    name.filter(|_| entry.as_object().is_some_and(|fields| fields.iter().all(is_plain)))
}

#[cfg(test)]
mod tests {
    use super::{Json, said};

    #[test]
    fn words_and_modes_never_widen() {
        let read = |text: &str| {
            let said = said(&Json::read("a.json", text).unwrap());
            let names = |names: Vec<Option<String>>| names.into_iter().map(|name| name.unwrap_or("-".to_owned())).collect::<Vec<_>>().join(" ");
            (names(said.needed), names(said.asked), said.denied.join(" "), said.others.len())
        };
        let is = |needed: &str, asked: &str, denied: &str, others| (needed.to_owned(), asked.to_owned(), denied.to_owned(), others);
        assert_eq!(read(r#"{"defaultMode": "bypassPermissions"}"#), is("", "", "", 1));
        assert_eq!(read(r#"{"allow": ["A"], "ask": "B C", "deny": ["D"], "additionalDirectories": ["/"], "x": 1}"#), is("A", "B C", "D", 2));
        assert_eq!(read(r#"{"allow": true, "tools": {"allow": ["A"], "defaultMode": "acceptEdits"}}"#), is("A", "", "", 2));
        assert_eq!(read(r#"{"A": true, "B": false, "C": "deny", "D": "ask", "E": {"*": "deny"}}"#), is("A", "D", "B C E", 0));
        assert_eq!(read(r#"{"A": {"git *": "allow", "*": "deny"}, "B": "why not"}"#), is("A B", "", "", 2));
        assert_eq!(read(r#"[{"tool": "A"}, {"tool": "B", "action": "deny"}, 1]"#), is("A - -", "", "", 0));
    }
}
