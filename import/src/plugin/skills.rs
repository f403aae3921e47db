//! Skills, and what they need.

use std::collections::BTreeSet;

use super::own::Own;
use super::permission::Permission;
use super::said::{Said, said};
use crate::json::{Json, shown};
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
    /// The agent that it runs as, where it says so: itself, where it is an agent.
    pub agent: Option<String>,
    /// The tools that it needs, each once.
    pub permissions: Vec<Permission>,
    /// Those of them of which the manifest says that a person is asked.
    pub asked: BTreeSet<Permission>,
    /// The tools that are denied to it.
    pub denied: Vec<Permission>,
}

impl Skill {
    /// Adds what a key says is needed, apart from what is denied; `whole` is the key's value as it is written.
    fn add(&mut self, key: &str, said: Said, whole: &str, own: &Own, note: &mut impl FnMut(Fate, String)) {
        said.others.into_iter().for_each(|(fate, text)| note(fate, format!("`{key}` of the skill `{}`: {text}", self.name)));
        let needed = said.needed.into_iter().map(|written| (written, false));
        for (written, is_asked) in needed.chain(said.asked.into_iter().map(|written| (written, true))) {
            let Some(permission) = written.as_deref().and_then(|written| Permission::read(written, own)) else {
                let written = shown(&written.as_deref().unwrap_or(whole));
                let text = format!("`{key}` of the skill `{}` has `{written}`, which names no tool: nothing is let through for it", self.name);
                note(Fate::Stricter, text);
                continue;
            };
            if let Some(text) = permission.doubt(own) {
                note(Fate::Guessed, text);
            }
            if self.denied.iter().any(|denied| covers(denied, &permission)) {
                continue;
            }
            if is_asked {
                self.asked.insert(permission.clone());
            }
            self.permissions.push(permission);
        }
    }

    /// Drops what is denied.
    pub fn drop_denied(&mut self, denied: &[Permission]) {
        self.permissions.retain(|needed| !denied.iter().any(|denied| covers(denied, needed)));
    }
}

/// The keys under which tools stand.
const PERMISSIONS: [&str; 13] = [
    "allowed-tools",
    "allowedTools",
    "allowed_tools",
    "permission",
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

/// Keys under which tools stand that are not to be called.
const DENIED: [&str; 4] = ["disallowedTools", "disallowed-tools", "disallowed_tools", "excludeTools"];

/// Keys that bear on tools, of which nothing is made.
const NOT_READ: [(&str, &str); 6] = [
    ("hooks", "they are no obligations of its reviews"),
    ("mcpServers", "the tools of its servers wait for a review where it names them"),
    ("readonly", "every call waits for a review"),
    ("permissionMode", "every call waits for a review"),
    ("permission-mode", "every call waits for a review"),
    ("permission_mode", "every call waits for a review"),
];

/// Keys that say nothing of calls.
const PLAIN: [&str; 24] = [
    "name",
    "description",
    "agent",
    "argument-hint",
    "author",
    "background",
    "category",
    "color",
    "compatibility",
    "context",
    "disable-model-invocation",
    "effort",
    "homepage",
    "keywords",
    "license",
    "maxTurns",
    "memory",
    "metadata",
    "model",
    "tags",
    "title",
    "user-invocable",
    "version",
    "when_to_use",
];

/// Whether a key of a manifest says which tools are needed, or denied.
pub fn is_about_tools(key: &str) -> bool {
    PERMISSIONS.contains(&key) || DENIED.contains(&key)
}

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
pub fn of(source: &str, place: &str, name: &str, fields: &Json, own: &Own, notes: &mut Vec<Note>) -> Skill {
    let text = |key: &str| fields.get(key).and_then(Json::as_text).map(str::to_owned);
    let mut skill = Skill {
        source: source.to_owned(),
        name: text("name").unwrap_or_else(|| name.to_owned()),
        description: text("description"),
        agent: text("agent"),
        permissions: Vec::new(),
        asked: BTreeSet::new(),
        denied: Vec::new(),
    };
    let mut note = |fate: Fate, text: String| notes.push(Note::new(source, place, fate, text));
    for (key, why) in NOT_READ.iter().filter(|(key, _)| fields.get(key).is_some()) {
        note(Fate::Differs, format!("`{key}` of the skill `{}` is not imported: {why}", skill.name));
    }
    let all: Vec<(&str, Said)> = PERMISSIONS.iter().filter_map(|key| Some((*key, said(fields.get(key)?)))).collect();
    let mut denied: Vec<String> = DENIED.iter().filter_map(|key| fields.get(key)).flat_map(|value| said(value).needed).flatten().collect();
    denied.extend(all.iter().flat_map(|(_, said)| said.denied.iter().cloned()));
    for tool in &denied {
        note(
            Fate::Differs,
            format!(
                "`{tool}` is denied by the manifest: where just that is needed, nothing is let through; where more is, its calls wait for a review too"
            ),
        );
    }
    skill.denied = denied.iter().filter_map(|tool| Permission::read(tool, own)).collect();
    for (key, said) in all {
        let whole = fields.get(key).map(ToString::to_string).unwrap_or_default();
        skill.add(key, said, &whole, own, &mut note);
    }
    let mut known = BTreeSet::new();
    skill.permissions.retain(|permission| known.insert(permission.clone()));
    let is_known = |key: &str| PLAIN.contains(&key) || is_about_tools(key) || NOT_READ.iter().any(|(known, _)| *known == key);
    let others: Vec<String> =
        fields.as_object().unwrap_or_default().iter().filter(|(key, _)| !is_known(key)).map(|(key, _)| format!("`{key}`")).collect();
    if !others.is_empty() {
        let text = format!("of {} of the skill `{}` nothing is known to importing that would be about tools", others.join(", "), skill.name);
        note(Fate::LeftOut, text);
    }
    if skill.permissions.is_empty() && skill.denied.is_empty() {
        note(Fate::Stricter, format!("the skill `{}` says of no tool that it needs it: the host's own permissions are not imported", skill.name));
    }
    skill
}

/// A head in which the value of each line that is no text of YAML by itself stands in quotes.
pub fn plain(head: &str) -> String {
    let mut out = String::new();
    for line in head.lines() {
        let is_key = |key: &str| !key.is_empty() && key.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
        match line
            .split_once(": ")
            .filter(|(key, value)| is_key(key) && !value.trim_start().starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!']))
        {
            Some((key, value)) => out.push_str(&format!("{key}: {}", serde_json::Value::from(value.trim()))),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// Whether all of what is needed is denied.
fn covers(denied: &Permission, needed: &Permission) -> bool {
    let is_whole = denied.scope.is_none() && (denied.takes(&needed.tool) || denied.tool == needed.tool);
    is_whole || (denied.tool == needed.tool && denied.scope == needed.scope)
}

#[cfg(test)]
mod tests {
    use super::{head, plain};

    #[test]
    fn lines_of_a_head_are_texts() {
        let said = plain("name: a\ndescription: Use it: <x> \\n\ntools:\n  - A: b\nlist: [x]\n");
        assert_eq!(said, "name: \"a\"\ndescription: \"Use it: <x> \\\\n\"\ntools:\n  - A: b\nlist: [x]\n");
    }

    #[test]
    fn heads_end_where_they_do() {
        assert_eq!(head("---\nname: a\n---\n# A\n---\n"), Some("name: a\n"));
        assert_eq!(head("---\r\nname: a\r\nb: c\r\n---\r\n"), Some("name: a\r\nb: c\r\n"));
        assert_eq!(head("---\nname: a\n"), None);
        assert_eq!(head("# A\n---\nname: a\n---\n"), None);
    }
}
