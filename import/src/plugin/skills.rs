//! Skills, and what they need.

use std::collections::BTreeSet;

use super::permission::{Permission, separated};
use crate::json::Json;
use crate::{Fate, Note};

/// A skill: what an agent is taught to do with some tools.
#[derive(Clone, Debug)]
pub struct Skill {
    /// The file.
    pub source: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The agent that it runs as, where it says so.
    pub agent: Option<String>,
    /// The tools that it needs, each once.
    pub permissions: Vec<Permission>,
}

/// The keys under which tools stand.
const PERMISSIONS: [&str; 12] = [
    "allowed-tools",
    "allowedTools",
    "allowed_tools",
    "permissions",
    "required-permissions",
    "requiredPermissions",
    "required_permissions",
    "requires",
    "required_tools",
    "requiredTools",
    "required-tools",
    "tools",
];

/// Keys that bear on tools, of which nothing is made.
const NOT_READ: [(&str, &str); 6] = [
    ("disallowedTools", "no rule denies them"),
    ("disallowed-tools", "no rule denies them"),
    ("disallowed_tools", "no rule denies them"),
    ("hooks", "they are no obligations of its reviews"),
    ("permissionMode", "every call waits for a review"),
    ("permission-mode", "every call waits for a review"),
];

/// Whether a head says which tools are needed.
pub fn is_needing(fields: &Json) -> bool {
    PERMISSIONS.iter().any(|key| fields.get(key).is_some())
}

/// The head of a Markdown file: what stands between two lines `---` at its beginning.
pub fn head(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rest = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"))?;
    let end = rest.lines().scan(0, |at, line| {
        let start = *at;
        // A line ends in `\n` or `\r\n`; what is cut off below is one line of the head at most.
        *at += line.len() + 1 + usize::from(rest.get(start + line.len()..).is_some_and(|after| after.starts_with('\r')));
        Some((start, line))
    });
    let mut end = end.filter(|(_, line)| line.trim_end() == "---").map(|(start, _)| start);
    rest.get(..end.next()?)
}

/// A skill of its head, or of its entry in a manifest. `name` is that of its file.
pub fn of(source: &str, place: &str, name: &str, fields: &Json, notes: &mut Vec<Note>) -> Skill {
    let text = |key: &str| fields.get(key).and_then(Json::as_text).map(str::to_owned);
    let mut skill = Skill {
        source: source.to_owned(),
        name: text("name").unwrap_or_else(|| name.to_owned()),
        description: text("description"),
        agent: text("agent"),
        permissions: Vec::new(),
    };
    for (key, why) in NOT_READ.iter().filter(|(key, _)| fields.get(key).is_some()) {
        notes.push(Note::new(source, place, Fate::Differs, format!("`{key}` of the skill `{}` is not imported: {why}", skill.name)));
    }
    let mut known = BTreeSet::new();
    for key in PERMISSIONS {
        let Some(value) = fields.get(key) else { continue };
        let denied: Vec<String> = value.get("deny").filter(|denied| is_names(denied)).map(listed).unwrap_or_default().into_iter().flatten().collect();
        for tool in &denied {
            notes.push(Note::new(source, place, Fate::Differs, format!("`{tool}` is denied by the manifest: not imported as a rule")));
        }
        for written in listed(value).into_iter().filter(|written| !written.as_ref().is_some_and(|written| denied.contains(written))) {
            match written.as_deref().and_then(Permission::read) {
                Some(permission) if known.insert(permission.clone()) => skill.permissions.push(permission),
                Some(_) => {}
                None => {
                    let text = format!(
                        "`{key}` of the skill `{}` has `{}`, which names no tool: nothing is let through for it",
                        skill.name,
                        written.unwrap_or_else(|| value.to_string())
                    );
                    notes.push(Note::new(source, place, Fate::Stricter, text));
                }
            }
        }
    }
    if skill.permissions.is_empty() {
        let text = format!("the skill `{}` says of no tool that it needs it: the host's own permissions are not imported", skill.name);
        notes.push(Note::new(source, place, Fate::Stricter, text));
    }
    skill
}

/// Whether a value lists names, and is no word about one.
fn is_names(value: &Json) -> bool {
    matches!(value, Json::Text(_) | Json::List(_) | Json::Object(_))
}

/// The names in a text, a list, an object of such lists, or one whose keys are names; `None` for what is no text.
fn listed(value: &Json) -> Vec<Option<String>> {
    match value {
        Json::Text(text) => separated(text).into_iter().map(Some).collect(),
        Json::List(parts) => parts.iter().map(|part| part.as_text().or_else(|| named(part)).map(str::to_owned)).collect(),
        Json::Object(fields) if ["allow", "ask", "deny", "tools"].iter().any(|key| value.get(key).is_some_and(is_names)) => {
            let is_needed = |key: &str| matches!(key, "allow" | "ask" | "tools");
            fields.iter().filter(|(key, value)| is_needed(key) && is_names(value)).flat_map(|(_, value)| listed(value)).collect()
        }
        Json::Object(fields) => fields.iter().filter(|(_, value)| value.as_bool() != Some(false)).map(|(name, _)| Some(name.clone())).collect(),
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
    use super::head;

    #[test]
    fn heads_end_where_they_do() {
        assert_eq!(head("---\nname: a\n---\n# A\n---\n"), Some("name: a\n"));
        assert_eq!(head("---\r\nname: a\r\nb: c\r\n---\r\n"), Some("name: a\r\nb: c\r\n"));
        assert_eq!(head("---\nname: a\n"), None);
        assert_eq!(head("# A\n---\nname: a\n---\n"), None);
    }
}
