//! What a manifest says of MCP servers.

use super::read::Kind;
use crate::json::{Json, shown};
use crate::{Fate, Source};

/// What a server's entry says that bears on no call.
const OF_SERVERS: [&str; 24] = [
    "$schema",
    "alwaysLoad",
    "args",
    "bearer_token_env_var",
    "command",
    "cwd",
    "description",
    "disabled",
    "enabled",
    "env",
    "envFile",
    "headers",
    "http_headers",
    "httpUrl",
    "icon",
    "name",
    "oauth",
    "serverUrl",
    "startup_timeout_sec",
    "timeout",
    "title",
    "transport",
    "type",
    "url",
];

/// What a server's entry says of its tools, and why nothing is made of it.
const OF_TOOLS: [(&str, Fate, &str); 14] = [
    ("includeTools", Fate::Differs, "every tool of the server waits for a review"),
    ("enabled_tools", Fate::Differs, "every tool of the server waits for a review"),
    ("enabledTools", Fate::Differs, "every tool of the server waits for a review"),
    ("allowedTools", Fate::Differs, "every tool of the server waits for a review"),
    ("tools", Fate::Differs, "every tool of the server waits for a review"),
    ("excludeTools", Fate::Differs, "no rule denies them"),
    ("disabled_tools", Fate::Differs, "no rule denies them"),
    ("disabledTools", Fate::Differs, "no rule denies them"),
    ("excludedTools", Fate::Differs, "no rule denies them"),
    ("trust", Fate::Stricter, "every call waits for a review"),
    ("autoApprove", Fate::Stricter, "every call waits for a review"),
    ("alwaysAllow", Fate::Stricter, "every call waits for a review"),
    ("default_tools_approval_mode", Fate::Stricter, "every call waits for a review"),
    ("required", Fate::LeftOut, "it says nothing of calls"),
];

/// The servers of a manifest's value.
pub fn entries(value: &Json) -> impl Iterator<Item = &(String, Json)> {
    let servers = value.get("mcpServers").or_else(|| value.get("servers")).unwrap_or(value);
    servers.as_object().unwrap_or_default().iter().filter(|(name, _)| name != "$schema")
}

/// The names of the servers in a file.
pub fn named(source: &Source<'_>, kind: Kind) -> Vec<String> {
    let names = |value: &Json| entries(value).map(|(name, _)| name.clone()).collect::<Vec<_>>();
    match (kind, Json::read(source.name, source.text)) {
        (Kind::Servers, Ok(file)) => names(&file),
        (Kind::Manifest, Ok(manifest)) => {
            let said = ["mcpServers", "mcp_servers"].into_iter().filter_map(|key| manifest.get(key));
            said.flat_map(|value| value.as_list().unwrap_or(std::slice::from_ref(value))).flat_map(names).collect()
        }
        _ => Vec::new(),
    }
}

/// How a server is reached: a URL, or a command line.
pub fn reached(server: &Json) -> Option<String> {
    let text = |key: &str| server.get(key).and_then(Json::as_text);
    let url = ["url", "httpUrl", "serverUrl"].into_iter().find_map(text);
    let arguments = server.get("args").and_then(Json::as_list).unwrap_or_default().iter().filter_map(Json::as_text);
    url.map(str::to_owned).or_else(|| Some(std::iter::once(text("command")?).chain(arguments).collect::<Vec<_>>().join(" ")))
}

/// Whether a server is switched off.
pub fn is_disabled(server: &Json) -> bool {
    let said = |key: &str| server.get(key).and_then(Json::as_bool);
    said("disabled") == Some(true) || said("enabled") == Some(false)
}

/// What else an entry says.
pub fn beside(server: &Json) -> impl Iterator<Item = (Fate, String)> {
    let others = server.as_object().unwrap_or_default().iter().filter(|(key, _)| !OF_SERVERS.contains(&key.as_str()));
    others.map(|(key, value)| {
        let known = OF_TOOLS.iter().find(|(of, ..)| of == key);
        let (fate, why) = known.map_or((Fate::LeftOut, "nothing is known to importing that would be about tools"), |(_, fate, why)| (*fate, *why));
        (fate, format!("`{key}: {}`: {why}", shown(value)))
    })
}
