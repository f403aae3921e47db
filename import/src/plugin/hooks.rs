//! Hooks: what runs before and after tools.

use super::own::Own;
use super::permission;
use crate::json::{Json, shown};
use crate::{Fate, Note};

/// Something that runs before or after calls of some tools.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hook {
    /// The manifest.
    pub source: String,
    /// Whether it runs before a call, and may stop it.
    pub is_before: bool,
    /// The tools, as `on` takes them; none for all.
    pub tools: Vec<String>,
    /// What runs.
    pub command: String,
}

impl Hook {
    /// Whether it may run at a call of a tool that `on` names so, in small letters: a name that differs by case alone is that of no other tool.
    pub fn is_of(&self, tool: &str) -> bool {
        let meets = |of: &String| {
            let of = &of.to_lowercase();
            permission::takes(of, tool) || permission::takes(tool, of) || (of.contains('*') && tool.contains('*'))
        };
        self.tools.is_empty() || self.tools.iter().any(meets)
    }
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// Tools, of which a matcher says which.
    Tools,
    /// What some tools do.
    Kind(&'static str),
}

/// The events about calls of tools, and whether they come before one.
const EVENTS: [(&str, bool, About); 21] = [
    ("PreToolUse", true, About::Tools),
    ("preToolUse", true, About::Tools),
    ("beforeToolCall", true, About::Tools),
    ("before_tool", true, About::Tools),
    ("BeforeTool", true, About::Tools),
    ("PermissionRequest", true, About::Tools),
    ("beforeMCPExecution", true, About::Kind("tools of MCP servers")),
    ("beforeShellExecution", true, About::Kind("shells")),
    ("beforeReadFile", true, About::Kind("reading files")),
    ("beforeTabFileRead", true, About::Kind("reading files")),
    ("PostToolUse", false, About::Tools),
    ("postToolUse", false, About::Tools),
    ("PostToolUseFailure", false, About::Tools),
    ("postToolUseFailure", false, About::Tools),
    ("afterToolCall", false, About::Tools),
    ("after_tool", false, About::Tools),
    ("AfterTool", false, About::Tools),
    ("afterMCPExecution", false, About::Kind("tools of MCP servers")),
    ("afterShellExecution", false, About::Kind("shells")),
    ("afterFileEdit", false, About::Kind("changing files")),
    ("afterTabFileEdit", false, About::Kind("changing files")),
];

/// Whether a file that may be about anything is about hooks.
pub fn is_about(value: &Json) -> bool {
    value.get("hooks").is_some() || value.as_object().unwrap_or_default().iter().any(|(key, _)| EVENTS.iter().any(|(event, ..)| event == key))
}

/// The hooks of a manifest: `{"PreToolUse": [{"matcher", "hooks": [{"command"}]}]}`.
pub fn read(source: &str, value: &Json, own: &Own, notes: &mut Vec<Note>) -> Vec<Hook> {
    let said = value.get("hooks").unwrap_or(value);
    let mut reader = Reader { source, own, notes, hooks: Vec::new() };
    match said.as_object() {
        Some(events) => events.iter().for_each(|(event, entries)| reader.event(event, entries)),
        None => {
            let text = format!("hooks are an object, and this is {}: none of them is imported", said.kind());
            reader.note("hooks", Fate::Stricter, text);
        }
    }
    reader.hooks
}

/// Hooks being read.
struct Reader<'r> {
    source: &'r str,
    own: &'r Own,
    notes: &'r mut Vec<Note>,
    hooks: Vec<Hook>,
}

impl Reader<'_> {
    /// Reads the hooks of one event.
    fn event(&mut self, event: &str, entries: &Json) {
        let place = format!("hooks.{event}");
        let known = EVENTS.iter().find(|(name, ..)| *name == event).map(|(_, is_before, about)| (*is_before, *about));
        let Some((is_before, about)) = known.or_else(|| unknown(event)) else {
            return self.note(&place, Fate::Guessed, format!("`{event}` is taken to be about no tool call: left out"));
        };
        if known.is_none() {
            let text = format!("`{event}` is not known here, and its name is that of an event about calls: the hook is for all tools");
            self.note(&place, Fate::Stricter, text);
        }
        if let About::Kind(kind) = about {
            let text = format!("`{event}` is about {kind}, and which tools that are cannot be told: the hook is for all tools");
            self.note(&place, Fate::Stricter, text);
        }
        let entries = match entries {
            Json::List(entries) => entries.as_slice(),
            Json::Object(_) => std::slice::from_ref(entries),
            other => {
                let text = format!("`{event}` has {}, and hooks are a list: none of them is imported", other.kind());
                return self.note(&place, Fate::Stricter, text);
            }
        };
        let has_matchers = known.is_some() && about == About::Tools;
        for (at, entry) in entries.iter().enumerate() {
            let place = format!("{place}[{at}]");
            let tools = if has_matchers { self.tools(&place, entry) } else { Vec::new() };
            for command in entry.get("hooks").and_then(Json::as_list).unwrap_or(std::slice::from_ref(entry)) {
                let command = self.command(&place, command);
                self.hooks.push(Hook { source: self.source.to_owned(), is_before, tools: tools.clone(), command });
            }
        }
    }

    /// The tools of an entry, as `on` takes them; none for all.
    fn tools(&mut self, place: &str, entry: &Json) -> Vec<String> {
        match entry.get("matcher").map(|matcher| matcher.as_text().unwrap_or_default()) {
            None | Some("" | "*" | ".*") => Vec::new(),
            Some(matcher) => matched(matcher, self.own).unwrap_or_else(|| {
                self.note(place, Fate::Stricter, format!("the tools of `{matcher}` cannot be told: the hook is for all tools"));
                Vec::new()
            }),
        }
    }

    /// What runs.
    fn command(&mut self, place: &str, command: &Json) -> String {
        if let Some(only) = command.get("if") {
            self.note(place, Fate::Stricter, format!("`if: {}`: the hook is for every call of its tools", shown(only)));
        }
        let said = ["command", "prompt", "url", "script"].iter().find_map(|key| command.get(key)).and_then(Json::as_text);
        if said.is_none() {
            self.note(place, Fate::Guessed, format!("what runs is not told in `{command}`: the obligation has it as it stands"));
        }
        said.map_or_else(|| command.to_string(), str::to_owned)
    }

    fn note(&mut self, place: &str, fate: Fate, text: String) {
        self.notes.push(Note::new(self.source, place, fate, text));
    }
}

/// What an event is about that is not known, by its name: calls of any tool, or none.
fn unknown(event: &str) -> Option<(bool, About)> {
    let name = event.to_ascii_lowercase();
    let is_of_calls = ["tool", "mcp", "shell", "exec", "command", "file", "edit", "write"].iter().any(|word| name.contains(word));
    is_of_calls.then_some((!name.starts_with("after") && !name.starts_with("post"), About::Tools))
}

/// The tools of a matcher, a regular expression that hosts hold against the whole of a tool's name; `None` where it has more than names, `.*` and `|`.
fn matched(matcher: &str, own: &Own) -> Option<Vec<String>> {
    let whole = matcher.trim_start_matches('^').trim_end_matches('$');
    let alternatives = whole.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(whole).split('|');
    let mut tools = Vec::new();
    for alternative in alternatives {
        let pattern = alternative.trim().replace(".*", "*");
        if pattern.contains(|c: char| !(c.is_ascii_alphanumeric() || "_-*".contains(c))) {
            return None;
        }
        tools.push(host_pattern(&pattern, own)?);
    }
    Some(tools)
}

/// A pattern of a host's names for tools as one of `on`: no narrower.
fn host_pattern(pattern: &str, own: &Own) -> Option<String> {
    let Some(rest) = pattern.strip_prefix("mcp__") else { return permission::tool(pattern, own) };
    // Where the wildcard may stand for the sign between server and tool, what follows it may be of either.
    if rest.trim_end_matches('*').contains('*') && !rest.contains("__") {
        return Some("*/*".to_owned());
    }
    if rest.starts_with("plugin_*") {
        return permission::tool(&format!("{}/*", widened(rest.trim_start_matches("plugin_*"))), own);
    }
    let (server, tool, is_guessed) = own.parts(rest)?;
    // `mcp__cloud.*` is of servers that begin so, and `mcp__plugin_a_b_c` of a server that nobody knows.
    let server = if is_guessed { "*" } else { &server };
    let named = format!("{server}/{}", tool.filter(|tool| !tool.is_empty()).unwrap_or("*"));
    permission::is_tool(&named).then_some(named)
}

fn widened(end: &str) -> String {
    let server = end.split("__").next().unwrap_or(end).trim_end_matches('*');
    format!("*{server}*")
}

#[cfg(test)]
mod tests {
    use super::{Own, matched as matched_by};

    #[test]
    fn matchers_are_tools() {
        let matched = |matcher: &str| matched_by(matcher, &Own::default());
        assert_eq!(matched("mcp__plugin_a_b_c__d|mcp__plugin_a_b_*"), Some(vec!["*/d".to_owned(), "*/*".to_owned()]));
        assert_eq!(
            matched("use_aws|mcp__aws.*|mcp__plugin_.*aws-mcp.*|mcp__a__b"),
            Some(["use_aws", "aws*/*", "*/*", "a/b"].map(str::to_owned).to_vec())
        );
        assert_eq!(matched("^Bash$"), Some(vec!["Bash".to_owned()]));
        assert_eq!(matched("^(Read|Write)$"), Some(vec!["Read".to_owned(), "Write".to_owned()]));
        assert_eq!(matched("(Read|Write)(x)"), None);
    }
}
