//! A plugin's files.

use super::{Plugin, Server, hooks, skills};
use crate::json::Json;
use crate::{Fate, Note, Source, Unreadable};

/// What a file of a plugin's folder says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its name, and where the rest is.
    Manifest,
    /// Its MCP servers.
    Servers,
    /// Its hooks.
    Hooks,
    /// A skill, or an agent with tools of its own.
    Skill,
}

impl Kind {
    /// By a path in the folder.
    pub fn of(path: &str) -> Option<Kind> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folder.rsplit('/').next().unwrap_or_default();
        match name {
            "plugin.json" => Some(Kind::Manifest),
            _ if name.ends_with("plugin.json") => Some(Kind::Manifest),
            "mcp.json" | ".mcp.json" => Some(Kind::Servers),
            _ if name.ends_with(".mcp.json") => Some(Kind::Servers),
            "hooks.json" => Some(Kind::Hooks),
            "SKILL.md" | "skill.md" => Some(Kind::Skill),
            _ if parent == "agents" && name.ends_with(".md") => Some(Kind::Skill),
            _ => None,
        }
    }
}

/// A plugin of the files of its folder, named by their paths in it.
///
/// # Errors
///
/// Where one cannot be read, or none says anything of a plugin.
pub fn read(sources: &[Source], notes: &mut Vec<Note>) -> Result<Plugin, Unreadable> {
    let mut reader = Reader { plugin: Plugin::default(), notes };
    let mut known = 0;
    for source in sources {
        let Some(kind) = Kind::of(source.name) else { continue };
        known += 1;
        match kind {
            Kind::Manifest => reader.manifest(source.name, &Json::read(source.name, source.text)?)?,
            Kind::Servers => reader.servers(source.name, "", &Json::read(source.name, source.text)?),
            Kind::Hooks => {
                let value = Json::read(source.name, source.text)?;
                reader.hooks(source.name, &value);
            }
            Kind::Skill => reader.skill(source)?,
        }
    }
    if known == 0 {
        return Err(Unreadable::new(
            sources.first().map_or("the folder", |source| source.name),
            "",
            "no `plugin.json`, `mcp.json`, `hooks.json` or `SKILL.md` is here",
        ));
    }
    let mut plugin = reader.plugin;
    if plugin.name.is_empty() {
        plugin.name = "plugin".to_owned();
    }
    Ok(plugin)
}

struct Reader<'n> {
    plugin: Plugin,
    notes: &'n mut Vec<Note>,
}

impl Reader<'_> {
    fn note(&mut self, source: &str, place: &str, fate: Fate, text: String) {
        self.notes.push(Note::new(source, place, fate, text));
    }

    fn manifest(&mut self, source: &str, manifest: &Json) -> Result<(), Unreadable> {
        let fields =
            manifest.as_object().ok_or_else(|| Unreadable::new(source, "", format!("a manifest is an object, and this is {}", manifest.kind())))?;
        let mut left = Vec::new();
        for (key, value) in fields {
            match (key.as_str(), value) {
                ("name", Json::Text(name)) if self.plugin.name.is_empty() || self.plugin.name == *name => self.plugin.name.clone_from(name),
                ("name", _) => {
                    let text = format!("the folder has manifests of several plugins: `{}` is taken, `{value}` is not", self.plugin.name);
                    self.note(source, key, Fate::LeftOut, text);
                }
                ("version", Json::Text(version)) => self.plugin.version = Some(version.clone()),
                ("mcpServers" | "mcp_servers", Json::Object(_)) => self.servers(source, key, value),
                ("hooks", Json::Object(_)) => self.hooks(source, value),
                ("skills" | "agents", Json::List(entries)) => self.entries(source, key, entries),
                // Where they stand is told; the folder's files are read anyway.
                ("mcpServers" | "hooks" | "skills" | "agents" | "mcp_servers" | "mcp", Json::Text(_)) => {}
                ("permissions" | "required_permissions" | "requiredPermissions" | "allowed-tools" | "allowedTools", _) => {
                    let name = self.plugin.name.clone();
                    let skill = skills::of(source, key, &name, &Json::Object(vec![(key.clone(), value.clone())]), self.notes);
                    self.plugin.skills.push(skill);
                }
                _ => left.push(format!("`{key}`")),
            }
        }
        left.retain(|key| {
            !["`$schema`", "`description`", "`author`", "`homepage`", "`repository`", "`license`", "`keywords`"].contains(&key.as_str())
        });
        if !left.is_empty() {
            self.note(source, "", Fate::LeftOut, format!("of {} nothing is known to importing that would be about tools", left.join(", ")));
        }
        Ok(())
    }

    fn entries(&mut self, source: &str, key: &str, entries: &[Json]) {
        for (at, entry) in entries.iter().enumerate() {
            let place = format!("{key}[{at}]");
            // A text is the path of a file, which is read by itself.
            if entry.as_object().is_some() {
                let skill = skills::of(source, &place, &format!("skill {}", at + 1), entry, self.notes);
                self.plugin.skills.push(skill);
            }
        }
    }

    fn servers(&mut self, source: &str, place: &str, value: &Json) {
        let servers = value.get("mcpServers").or_else(|| value.get("servers")).unwrap_or(value);
        for (name, server) in servers.as_object().unwrap_or_default().iter().filter(|(name, _)| name != "$schema") {
            let text = |key: &str| server.get(key).and_then(Json::as_text);
            let arguments = server.get("args").and_then(Json::as_list).unwrap_or_default().iter().filter_map(Json::as_text);
            let reached = match (text("url"), text("command")) {
                (Some(url), _) => url.to_owned(),
                (None, Some(command)) => std::iter::once(command).chain(arguments).collect::<Vec<_>>().join(" "),
                (None, None) => {
                    let text = format!("the server `{name}` has neither a command nor a URL: nothing is let through for it");
                    self.note(source, place, Fate::Stricter, text);
                    continue;
                }
            };
            let is_disabled =
                server.get("disabled").and_then(Json::as_bool) == Some(true) || server.get("enabled").and_then(Json::as_bool) == Some(false);
            match self.plugin.servers.iter().find(|known| known.name == *name) {
                Some(known) if known.reached == reached => {}
                Some(known) => {
                    let text =
                        format!("the server `{name}` is reached otherwise here (`{reached}`) than in `{}` (`{}`)", known.source, known.reached);
                    self.note(source, place, Fate::Guessed, text);
                }
                None => self.plugin.servers.push(Server { source: source.to_owned(), name: name.clone(), reached, is_disabled }),
            }
        }
    }

    fn hooks(&mut self, source: &str, value: &Json) {
        for hook in hooks::read(source, value, self.notes) {
            if !self.plugin.hooks.contains(&hook) {
                self.plugin.hooks.push(hook);
            }
        }
    }

    fn skill(&mut self, source: &Source) -> Result<(), Unreadable> {
        let path = source.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = source.name.rsplit('/').next().unwrap_or_default();
        let named = if file.eq_ignore_ascii_case("SKILL.md") { path.rsplit('/').next().unwrap_or_default() } else { file.trim_end_matches(".md") };
        let Some(head) = skills::head(source.text) else {
            self.note(source.name, "", Fate::Stricter, "the file has no head between `---`: nothing is let through for it".to_owned());
            return Ok(());
        };
        let fields = Json::read_yaml(source.name, head)?;
        let skill = skills::of(source.name, "", named, &fields, self.notes);
        self.plugin.skills.push(skill);
        Ok(())
    }
}
