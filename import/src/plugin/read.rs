//! A plugin's files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::homes::{Homes, of_manifest};
use super::own::Own;
use super::{Hook, Permission, Plugin, Server, hooks, servers, skills};
use crate::json::{Json, shown};
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
    /// A skill.
    Skill,
    /// An agent with tools of its own.
    Agent,
    /// A command, which is a skill where it says what it needs.
    Command,
    /// A command in a form that names no tools.
    Prompt,
    /// Permissions and hooks of a host.
    Settings,
    /// Where plugins are, each with a folder of its own.
    Listing,
}

/// How many hooks a plugin may have: each rule looks at all of them.
const HOOKS: usize = 1000;

/// What becomes of a command that is a prompt alone.
const PROMPT: &str = "a command that names no tools: what its prompt runs is not looked at";

/// What becomes of a list of plugins.
const LIST: &str = "a list of plugins: each is imported from its own folder";

impl Kind {
    /// By a path in the folder.
    pub fn of(path: &str) -> Option<Kind> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folder.rsplit('/').next().unwrap_or_default();
        match name {
            "plugin.json" | "gemini-extension.json" => Some(Kind::Manifest),
            "marketplace.json" => Some(Kind::Listing),
            _ if name.ends_with("plugin.json") => Some(Kind::Manifest),
            "mcp.json" | ".mcp.json" => Some(Kind::Servers),
            _ if name.ends_with(".mcp.json") => Some(Kind::Servers),
            "hooks.json" => Some(Kind::Hooks),
            "settings.json" | "settings.local.json" if parent == ".claude" || !parent.starts_with('.') => Some(Kind::Settings),
            _ if parent == "hooks" && name.ends_with(".json") => Some(Kind::Hooks),
            "SKILL.md" | "skill.md" => Some(Kind::Skill),
            _ if name.ends_with(".md") && folder.split('/').any(|folder| folder == "commands") => Some(Kind::Command),
            _ if name.ends_with(".md") && folder.split('/').any(|folder| folder == "agents") => Some(Kind::Agent),
            _ if name.ends_with(".toml") && folder.split('/').any(|folder| folder == "commands") => Some(Kind::Prompt),
            _ => None,
        }
    }
}

/// The plugins of the files of a folder, named by their paths in it.
///
/// # Errors
///
/// Where a manifest that stands alone cannot be read, or none says anything of a plugin.
pub fn read(sources: &[Source], notes: &mut Vec<Note>) -> Result<Vec<Plugin>, Unreadable> {
    let known: Vec<(&Source, Kind)> = sources.iter().filter_map(|source| Some((source, Kind::of(source.name)?))).collect();
    if known.iter().all(|(_, kind)| *kind == Kind::Prompt) {
        return Err(Unreadable::new(
            sources.first().map_or("the folder", |source| source.name),
            "",
            "no `plugin.json`, `mcp.json`, `hooks.json` or `SKILL.md` is here",
        ));
    }
    let homes = Homes::of(&known);
    let mut files: BTreeMap<&str, Vec<(&Source, Kind)>> = BTreeMap::new();
    for (source, kind) in &known {
        files.entry(homes.home(source.name)).or_default().push((source, *kind));
    }
    let mut own = Own::default();
    for (home, files) in &files {
        let found: Vec<String> = files.iter().flat_map(|(source, kind)| servers::named(source, *kind)).collect();
        own.add(homes.name(home).unwrap_or("plugin"), found.iter().map(String::as_str));
    }
    let manifests = known.iter().filter(|(_, kind)| *kind == Kind::Manifest).count();
    let is_only = |kind: Kind| known.len() == 1 || (kind == Kind::Manifest && manifests == 1);
    let mut plugins = Vec::new();
    let is_list = |files: &[(&Source, Kind)]| files.len() < known.len() && files.iter().all(|(_, kind)| *kind == Kind::Listing);
    for (home, files) in files {
        if is_list(&files) {
            files.iter().for_each(|(source, _)| notes.push(Note::new(source.name, "", Fate::LeftOut, LIST)));
            continue;
        }
        plugins.push(plugin(homes.name(home), &files, &own, &is_only, notes)?);
    }
    let hooks: Vec<_> = plugins.iter().flat_map(|plugin| &plugin.hooks).collect();
    match hooks.first() {
        Some(first) if hooks.len() > HOOKS => {
            Err(Unreadable::new(&first.source, "", format!("the plugin has {} hooks, and {HOOKS} are read at most", hooks.len())))
        }
        _ => Ok(plugins),
    }
}

/// The plugin of some files.
fn plugin(
    name: Option<&str>,
    files: &[(&Source, Kind)],
    own: &Own,
    is_only: &dyn Fn(Kind) -> bool,
    notes: &mut Vec<Note>,
) -> Result<Plugin, Unreadable> {
    let mut reader = Reader {
        plugin: Plugin::default(),
        files,
        names: files.iter().map(|(source, _)| source.name).collect(),
        servers: HashMap::new(),
        hooks: HashSet::new(),
        denied: Vec::new(),
        own,
        notes,
    };
    for (source, kind) in files {
        match reader.file(source, *kind) {
            Err(error) if is_only(*kind) => return Err(error),
            // The others are read all the same.
            Err(error) => reader.note(
                source.name,
                &error.place,
                Fate::Stricter,
                format!("it cannot be read: {}", error.reason.lines().next().unwrap_or_default()),
            ),
            Ok(()) => {}
        }
    }
    let (mut plugin, denied) = (reader.plugin, reader.denied);
    plugin.skills.iter_mut().for_each(|skill| skill.drop_denied(&denied));
    if plugin.name.is_empty() {
        name.unwrap_or("plugin").clone_into(&mut plugin.name);
    }
    Ok(plugin)
}

struct Reader<'n> {
    plugin: Plugin,
    /// The files that are read.
    files: &'n [(&'n Source<'n>, Kind)],
    /// The names of all plugins and servers.
    own: &'n Own,
    /// Their names.
    names: BTreeSet<&'n str>,
    /// Where servers stand in the plugin, by their names.
    servers: HashMap<String, usize>,
    /// The hooks that are known.
    hooks: HashSet<Hook>,
    /// What all skills of the plugin are denied.
    denied: Vec<Permission>,
    notes: &'n mut Vec<Note>,
}

impl Reader<'_> {
    fn note(&mut self, source: &str, place: &str, fate: Fate, text: String) {
        self.notes.push(Note::new(source, place, fate, text));
    }

    fn file(&mut self, source: &Source, kind: Kind) -> Result<(), Unreadable> {
        match kind {
            Kind::Manifest => self.manifest(source.name, &Json::read(source.name, source.text)?)?,
            Kind::Servers => self.servers(source.name, "", &Json::read(source.name, source.text)?),
            Kind::Hooks => {
                let value = Json::read(source.name, source.text)?;
                if source.name.ends_with("hooks.json") || hooks::is_about(&value) {
                    self.hooks(source.name, &value);
                }
            }
            Kind::Settings => self.settings(source.name, &Json::read(source.name, source.text)?),
            Kind::Skill | Kind::Agent | Kind::Command => self.skill(source, kind)?,
            Kind::Prompt => self.note(source.name, "", Fate::LeftOut, PROMPT.to_owned()),
            Kind::Listing => self.listing(source.name, &Json::read(source.name, source.text)?),
        }
        Ok(())
    }

    /// A list of plugins: what it says of one beside where its folder is would be lost.
    fn listing(&mut self, source: &str, list: &Json) {
        for (at, plugin) in list.get("plugins").and_then(Json::as_list).unwrap_or_default().iter().enumerate() {
            let said: Vec<String> = ["mcpServers", "hooks", "commands", "agents", "skills"]
                .into_iter()
                .filter(|key| plugin.get(key).is_some())
                .map(|key| format!("`{key}`"))
                .collect();
            if !said.is_empty() {
                let text =
                    format!("{} of a plugin in a list of plugins: nothing of it is imported but what stands in the folder itself", said.join(", "));
                self.note(source, &format!("plugins[{at}]"), Fate::Stricter, text);
            }
        }
        self.note(source, "", Fate::LeftOut, LIST.to_owned());
    }

    /// What stands in a file that a manifest names is read where the file is known by its name.
    fn named(&mut self, source: &str, key: &str, path: &str) {
        let wanted = path.trim_start_matches("${CLAUDE_PLUGIN_ROOT}").trim_start_matches('/').trim_start_matches("./");
        let is_it = |name: &str| name.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        let kind = if key == "hooks" { Kind::Hooks } else { Kind::Servers };
        if wanted.is_empty() || !self.files.iter().any(|(file, of)| *of == kind && is_it(file.name)) {
            let text = format!("`{path}` is not read: it is not there, or is called otherwise than such files are: nothing of it is imported");
            self.note(source, key, Fate::Stricter, text);
        }
    }

    /// Where skills and the like stand: the folder's files are read anyway, where they are called as such are.
    fn placed(&mut self, source: &str, place: &str, path: &str) {
        let wanted = path.trim_start_matches("${CLAUDE_PLUGIN_ROOT}").trim_start_matches("./").trim_matches('/');
        let beside = source.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_read = [of_manifest(source), beside].into_iter().any(|folder| {
            let parts = [folder, wanted].into_iter().filter(|part| !part.is_empty() && *part != ".");
            let at = parts.collect::<Vec<_>>().join("/");
            let below = if at.is_empty() { String::new() } else { format!("{at}/") };
            self.names.contains(at.as_str()) || self.names.range(below.as_str()..).next().is_some_and(|name| name.starts_with(&below))
        });
        if !is_read {
            let text = format!("`{path}`: nothing is read there: it is not there, or what is there is called otherwise than such files are");
            self.note(source, place, Fate::Stricter, text);
        }
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
                ("mcpServers" | "mcp_servers" | "mcp" | "hooks", Json::Text(path)) => self.named(source, key, path),
                ("mcpServers" | "mcp_servers" | "hooks", Json::List(parts)) => {
                    for part in parts {
                        match (part, key.as_str()) {
                            (Json::Text(path), _) => self.named(source, key, path),
                            (Json::Object(_), "hooks") => self.hooks(source, part),
                            (Json::Object(_), _) => self.servers(source, key, part),
                            _ => self.note(source, key, Fate::Stricter, format!("`{part}` is no path: nothing of it is imported")),
                        }
                    }
                }
                ("mcpServers" | "mcp_servers" | "hooks", _) => {
                    self.note(source, key, Fate::Stricter, format!("it is {}: nothing of it is imported", value.kind()));
                }
                ("skills" | "agents", Json::List(entries)) => self.entries(source, key, entries),
                ("skills" | "agents" | "commands", Json::Text(path)) => self.placed(source, key, path),
                ("commands", Json::List(paths)) => paths.iter().filter_map(Json::as_text).for_each(|path| self.placed(source, key, path)),
                (key, _) if skills::is_about_tools(key) => self.of_all(source, key, value),
                (key, _) if ["tool", "permission", "allow", "deny"].iter().any(|word| key.to_lowercase().contains(word)) => {
                    let text = format!("`{key}: {}`: not known to importing: every call waits for a review, whatever this says", shown(value));
                    self.note(source, key, Fate::Differs, text);
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

    /// What is said of all the skills of the plugin.
    fn of_all(&mut self, source: &str, key: &str, value: &Json) {
        let name = self.plugin.name.clone();
        let said = Json::Object(vec![(key.to_owned(), value.clone())]);
        let skill = skills::of(source, key, &name, &said, self.own, self.notes);
        self.denied.extend(skill.denied.iter().cloned());
        if !skill.permissions.is_empty() {
            self.plugin.skills.push(skill);
        }
    }

    /// A host's own settings, of which some stand in plugins.
    fn settings(&mut self, source: &str, settings: &Json) {
        for (key, value) in settings.as_object().unwrap_or_default() {
            match key.as_str() {
                "hooks" => self.hooks(source, value),
                key if skills::is_about_tools(key) => self.of_all(source, key, value),
                _ => {
                    let text = format!("`{key}: {}`: a setting of the host, of which nothing is imported", shown(value));
                    self.note(source, key, Fate::LeftOut, text);
                }
            }
        }
    }

    fn entries(&mut self, source: &str, key: &str, entries: &[Json]) {
        for (at, entry) in entries.iter().enumerate() {
            let place = format!("{key}[{at}]");
            if let Some(path) = entry.as_text() {
                self.placed(source, &place, path);
            } else if entry.as_object().is_some() {
                let mut skill = skills::of(source, &place, &format!("skill {}", at + 1), entry, self.own, self.notes);
                if key == "agents" && entry.get("name").is_some() {
                    skill.agent.get_or_insert_with(|| skill.name.clone());
                }
                self.plugin.skills.push(skill);
            }
        }
    }

    fn servers(&mut self, source: &str, place: &str, value: &Json) {
        for (name, server) in servers::entries(value) {
            let Some(reached) = servers::reached(server) else {
                let text = format!("the server `{name}` has neither a command nor a URL: nothing is let through for it");
                self.note(source, place, Fate::Stricter, text);
                continue;
            };
            let at = format!("{place}{}{name}", if place.is_empty() { "" } else { "." });
            servers::beside(server).for_each(|(fate, text)| self.note(source, &at, fate, text));
            match self.servers.get(name).and_then(|at| self.plugin.servers.get(*at)) {
                Some(known) if known.reached == reached => {}
                Some(known) => {
                    let text =
                        format!("the server `{name}` is reached otherwise here (`{reached}`) than in `{}` (`{}`)", known.source, known.reached);
                    self.note(source, place, Fate::Guessed, text);
                }
                None => {
                    self.servers.insert(name.clone(), self.plugin.servers.len());
                    let is_disabled = servers::is_disabled(server);
                    self.plugin.servers.push(Server { source: source.to_owned(), name: name.clone(), reached, is_disabled });
                }
            }
        }
    }

    fn hooks(&mut self, source: &str, value: &Json) {
        for hook in hooks::read(source, value, self.own, self.notes) {
            if self.hooks.insert(hook.clone()) {
                self.plugin.hooks.push(hook);
            }
        }
    }

    /// The fields of a head. Hosts take the value of a line for text where it is none of YAML.
    fn head(&mut self, source: &str, head: &str) -> Result<Json, Unreadable> {
        Json::read_yaml(source, head).or_else(|error| {
            let fields = Json::read_yaml(source, &skills::plain(head)).map_err(|_| error.clone())?;
            let reason = error.reason.lines().next().unwrap_or_default();
            self.note(source, &error.place, Fate::Guessed, format!("{reason}: the values of lines are taken for texts"));
            Ok(fields)
        })
    }

    fn skill(&mut self, source: &Source, kind: Kind) -> Result<(), Unreadable> {
        let path = source.name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = source.name.rsplit('/').next().unwrap_or_default();
        let named = if file.eq_ignore_ascii_case("SKILL.md") { path.rsplit('/').next().unwrap_or_default() } else { file.trim_end_matches(".md") };
        let Some(head) = skills::head(source.text) else {
            if kind == Kind::Command {
                return Ok(());
            }
            self.note(source.name, "", Fate::Stricter, "the file has no head between `---`: nothing is let through for it".to_owned());
            return Ok(());
        };
        let fields = self.head(source.name, head)?;
        if kind == Kind::Command && !skills::is_needing(&fields) {
            return Ok(());
        }
        let mut skill = skills::of(source.name, "", named, &fields, self.own, self.notes);
        if kind == Kind::Agent {
            skill.agent.get_or_insert_with(|| skill.name.clone());
        }
        self.plugin.skills.push(skill);
        Ok(())
    }
}
