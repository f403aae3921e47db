//! The policy of a plugin.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::permission::Permission;
use super::there::There;
use super::{Hook, Plugin, Skill};
use crate::toll::{Names, comment, documentation, quoted, value_name};
use crate::{Fate, Note};

/// How many hooks all rules together may require.
const DEMANDS: usize = 100_000;

/// The policy, before it is laid out; none where its rules would require more hooks than anybody reads.
pub fn policy(package: &str, plugin: &Plugin, there: &There, notes: &mut Vec<Note>) -> Option<String> {
    let version = plugin.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    let demands = Demands::of(package, plugin, there);
    let mut out = format!("package {package}\n\n{}", demands.imports);
    out.push_str(&comment(&format!("Imported from the plugin `{}`{version}.", plugin.name)));
    out.push_str(&comment("A manifest asks for permissions and grants none: a person approves what a skill needs. To allow it, make the review an allow: a review decides where both match."));
    out.push('\n');
    let (head, mut out) = (out, String::new());
    let named: HashSet<&str> =
        plugin.skills.iter().flat_map(|skill| &skill.permissions).filter_map(|permission| Some(permission.tool.split_once('/')?.0)).collect();
    let mut names = Names::taken(["agent", "user", "tool", "args", "context", "session", "hook", "hook_after", "hooks"]);
    tools(&mut out, plugin, there, notes);
    for server in &plugin.servers {
        let known = named.contains(server.name.as_str());
        out.push_str(&comment(&format!("{}: MCP server `{}`, reached by `{}`", server.source, server.name, server.reached)));
        if server.is_disabled {
            notes.push(Note::new(&server.source, &server.name, Fate::LeftOut, format!("the server `{}` is switched off", server.name)));
            out.push_str("// It is switched off.\n\n");
            continue;
        }
        let text = format!(
            "the tools of the server `{}` are not in the manifest: `tollgate import mcp` declares them from its answer to `tools/list`",
            server.name
        );
        notes.push(Note::new(&server.source, &server.name, Fate::Unchecked, text));
        match super::permission::tool(&format!("{}/*", server.name)) {
            Some(pattern) if !known => {
                let rule = Rule {
                    name: names.value(&format!("server {}", server.name)),
                    on: vec![pattern],
                    choice: None,
                    when: format!("agent.id == {}", quoted(&plugin.name)),
                    because: format!("no skill says which tools of `{}` it needs", server.name),
                };
                out.push_str(&rule.text(&plugin.hooks, &demands));
            }
            Some(_) => {}
            None => notes.push(Note::new(
                &server.source,
                &server.name,
                Fate::Stricter,
                format!("`{}` can be the name of no server: nothing is let through for it", server.name),
            )),
        }
        out.push('\n');
    }
    for skill in &plugin.skills {
        out.push_str(&of_skill(skill, plugin, there, &demands, &mut names, notes));
    }
    tell_hooks(&mut out, plugin, &demands);
    (demands.written.get() <= DEMANDS).then(|| format!("{head}{}{out}", demands.declarations()))
}

/// What the obligations are called that run hooks before and after calls.
struct Demands {
    before: String,
    after: String,
    /// The import of those that are there.
    imports: String,
    /// The others, with what they say.
    declared: Vec<(bool, &'static str)>,
    /// Whether a rule requires the one before, and the one after.
    required: [Cell<bool>; 2],
    /// How many demands rules have.
    written: Cell<usize>,
}

impl Demands {
    fn of(package: &str, plugin: &Plugin, there: &There) -> Demands {
        let mut demands = Demands {
            before: "hook".to_owned(),
            after: "hook_after".to_owned(),
            imports: String::new(),
            declared: Vec::new(),
            required: Default::default(),
            written: Cell::new(0),
        };
        let (mut imports, mut declared) = (String::new(), Vec::new());
        let kinds = [
            (true, &mut demands.before, "The enforcement point runs the command before the call, which the command may refuse."),
            (false, &mut demands.after, "The enforcement point runs the command after the call."),
        ];
        for (is_before, name, says) in kinds {
            if !plugin.hooks.iter().any(|hook| hook.is_before == is_before) {
                continue;
            }
            match there.obligation(name) {
                Some(known) if known.takes_command && known.package == package => continue,
                Some(known) if known.takes_command => {
                    let import = format!("import {} as hooks\n\n", known.package);
                    if imports.is_empty() || imports == import {
                        imports = import;
                        *name = format!("hooks.{name}");
                        continue;
                    }
                    *name = format!("{}_{name}", value_name(&plugin.name));
                }
                Some(_) => *name = format!("{}_{name}", value_name(&plugin.name)),
                None => {}
            }
            declared.push((is_before, says));
        }
        Demands { imports, declared, ..demands }
    }

    /// The declarations of those that are not there.
    fn declarations(&self) -> String {
        let declaration = |(is_before, says): &(bool, &str)| {
            let (name, [before, after]) = (if *is_before { &self.before } else { &self.after }, &self.required);
            let is_required = if *is_before { before.get() } else { after.get() };
            let allowed = if is_required { "" } else { "// No rule requires it yet: see the end of the file.\n@allow(unused_obligation)\n" };
            format!("/// {says}\n{allowed}obligation {name}(command: string)\n\n")
        };
        self.declared.iter().map(declaration).collect()
    }

    /// The demand of a rule that runs a hook.
    fn required(&self, hook: &Hook) -> String {
        let [before, after] = &self.required;
        if hook.is_before { before } else { after }.set(true);
        self.written.set(self.written.get() + 1);
        self.of_hook(hook)
    }

    /// The demand that runs a hook.
    fn of_hook(&self, hook: &Hook) -> String {
        format!("{}({})", if hook.is_before { &self.before } else { &self.after }, quoted(&hook.command))
    }
}

/// Declares the tools that skills name.
fn tools(out: &mut String, plugin: &Plugin, there: &There, notes: &mut Vec<Note>) {
    let mut declared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut folded: BTreeMap<String, &str> = BTreeMap::new();
    let mut elsewhere: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for skill in &plugin.skills {
        for permission in skill.permissions.iter().filter(|permission| !permission.tool.contains(['*', '?'])) {
            let first = *folded.entry(permission.tool.to_lowercase()).or_insert(&permission.tool);
            if first != permission.tool {
                let text = format!(
                    "`{}` and `{first}` differ by case alone: a call by the name that is not declared is denied as an input error",
                    permission.tool
                );
                notes.push(Note::new(&skill.source, "", Fate::Stricter, text));
                continue;
            }
            if let Some(known) = there.tool(&permission.tool) {
                elsewhere.entry(&known.file).or_default().insert(&permission.tool);
                continue;
            }
            if let Some(known) = there.otherwise_written(&permission.tool) {
                let text = format!(
                    "`{}` is declared as `{known}` already: they differ by case alone, and a call by this name is denied as an input error",
                    permission.tool
                );
                notes.push(Note::new(&skill.source, "", Fate::Stricter, text));
                continue;
            }
            let of = declared.entry(&permission.tool).or_default();
            if !of.contains(&skill.name.as_str()) {
                of.push(&skill.name);
            }
        }
    }
    for (file, tools) in elsewhere {
        let tools = tools.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
        out.push_str(&comment(&format!("Declared in {file}: {tools}.")));
        out.push('\n');
        notes.push(Note::new(&plugin.name, "", Fate::LeftOut, format!("{tools}: declared in {file} already, and not again here")));
    }
    let mut guessed = Vec::new();
    for (tool, skills) in declared {
        let known = KNOWN.iter().find(|known| known.name == tool);
        let (category, read_only, argument) = known.map_or((None, false, None), |known| (Some(known.category), known.read_only, known.argument));
        out.push_str(&documentation(&format!("Needed by {}.", skills.iter().map(|skill| format!("`{skill}`")).collect::<Vec<_>>().join(", "))));
        out.push_str(&format!("tool {} {{\n", quoted(tool)));
        if let Some(category) = category {
            guessed.push(format!("`{tool}`"));
            out.push_str(&format!("category: {} // guessed\n", quoted(category)));
        }
        if read_only {
            out.push_str("read_only: true // guessed\n destructive: false // guessed\n");
        }
        if let Some(argument) = argument {
            out.push_str(&format!("args {{ {argument}: string, .. }} // guessed\n"));
        }
        out.push_str("}\n\n");
    }
    if !guessed.is_empty() {
        let text = format!("what {} do and take is guessed from their names, which are those of a well-known host", guessed.join(", "));
        notes.push(Note::new(&plugin.name, "", Fate::Guessed, text));
    }
}

/// A tool that hosts bring along.
struct Known {
    name: &'static str,
    category: &'static str,
    read_only: bool,
    argument: Option<&'static str>,
}

const fn known(name: &'static str, category: &'static str, read_only: bool, argument: Option<&'static str>) -> Known {
    Known { name, category, read_only, argument }
}

/// The tools that agents of the command line have in common.
const KNOWN: [Known; 25] = [
    known("Bash", "execute", false, Some("command")),
    known("Read", "read", true, Some("file_path")),
    known("Write", "write", false, Some("file_path")),
    known("Edit", "write", false, Some("file_path")),
    known("MultiEdit", "write", false, Some("file_path")),
    known("NotebookEdit", "write", false, Some("notebook_path")),
    known("Glob", "read", true, Some("pattern")),
    known("Grep", "read", true, Some("pattern")),
    known("WebFetch", "read", true, Some("url")),
    known("WebSearch", "read", true, Some("query")),
    known("Task", "execute", false, None),
    known("LS", "read", true, None),
    known("NotebookRead", "read", true, None),
    known("BashOutput", "read", true, None),
    known("KillShell", "delete", false, None),
    known("TodoWrite", "write", false, None),
    known("Skill", "execute", false, None),
    known("read_file", "read", true, None),
    known("list_directory", "read", true, None),
    known("search_file_content", "read", true, None),
    known("google_web_search", "read", true, None),
    known("web_fetch", "read", true, None),
    known("write_file", "write", false, None),
    known("replace", "write", false, None),
    known("run_shell_command", "execute", false, None),
];

/// A rule.
struct Rule {
    name: String,
    on: Vec<String>,
    choice: Option<&'static str>,
    when: String,
    because: String,
}

impl Rule {
    fn text(&self, hooks: &[Hook], demands: &Demands) -> String {
        let mut known = HashSet::new();
        let is_room = demands.written.get() <= DEMANDS;
        let of_rule = hooks.iter().filter(|_| is_room).filter(|hook| self.on.iter().any(|tool| hook.is_of(tool)));
        let demands: Vec<String> = of_rule.map(|hook| demands.required(hook)).filter(|demand| known.insert(demand.clone())).collect();
        let on = self.on.iter().map(|tool| quoted(tool)).collect::<Vec<_>>().join(", ");
        let choice = self.choice.map_or_else(String::new, |choice| format!("for {choice}\n"));
        let require = if demands.is_empty() { String::new() } else { format!("require {}\n", demands.join(", ")) };
        format!("review {}\non {on}\n{choice}when {}\nbecause {}\n{require}", self.name, self.when, quoted(&self.because))
    }
}

/// The reviews of what a skill needs: one of what it needs without more ado, and one for each tool of which it needs a part.
fn of_skill(skill: &Skill, plugin: &Plugin, there: &There, demands: &Demands, names: &mut Names, notes: &mut Vec<Note>) -> String {
    let mut out = String::new();
    let is_agent = format!("agent.id == {}", quoted(skill.agent.as_deref().unwrap_or(&plugin.name)));
    let (whole, partial): (Vec<&Permission>, Vec<&Permission>) = skill.permissions.iter().partition(|permission| permission.scope.is_none());
    let because = format!("the skill `{}` needs it", skill.name);
    let mut write = |written: &[&Permission], rule: &Rule| {
        let written: Vec<&str> = written.iter().map(|permission| permission.written.as_str()).collect();
        out.push_str(&comment(&format!("{}: {}", skill.source, written.join(", "))));
        out.push_str(&rule.text(&plugin.hooks, demands));
        out.push('\n');
    };
    if !whole.is_empty() {
        let mut known = HashSet::new();
        let on: Vec<String> = whole.iter().filter(|permission| known.insert(&permission.tool)).map(|permission| permission.tool.clone()).collect();
        write(&whole, &Rule { name: names.value(&skill.name), on, choice: None, when: is_agent.clone(), because: because.clone() });
    }
    let mut known = HashSet::new();
    for tool in partial.iter().map(|permission| permission.tool.as_str()).filter(|tool| known.insert(*tool)) {
        let of_tool: Vec<&Permission> = partial.iter().copied().filter(|permission| permission.tool == tool).collect();
        let is_readable = there.tool(tool).is_none_or(|declared| scoped(tool).is_some_and(|argument| declared.has_text(argument)));
        let (mut asked, mut is_narrowed) = (Vec::new(), true);
        for permission in &of_tool {
            let scope = permission.scope.as_deref().unwrap_or_default();
            match alternatives(tool, scope).filter(|_| is_readable) {
                Some(alternatives) => asked.extend(alternatives),
                None => {
                    let why = if is_readable { "is not known to importing" } else { "cannot be asked for, as the tool is declared" };
                    let text = format!("`{}`: what `{scope}` leaves of the tool {why}: every call of it waits for a review", permission.written);
                    notes.push(Note::new(&skill.source, "", Fate::Differs, text));
                    is_narrowed = false;
                }
            }
        }
        let (choice, narrowed) = narrowed(tool, &asked).filter(|_| is_narrowed).unwrap_or_default();
        let when = if narrowed.is_empty() { is_agent.clone() } else { format!("{is_agent} and {narrowed}") };
        let name = names.value(&format!("{} {tool}", skill.name));
        write(&of_tool, &Rule { name, on: vec![tool.to_owned()], choice, when, because: because.clone() });
    }
    out
}

/// The argument that a scope is about.
fn scoped(tool: &str) -> Option<&'static str> {
    match tool {
        "Bash" => Some("command"),
        "WebFetch" => Some("url"),
        _ => None,
    }
}

/// `git:*` of a shell, `domain:example.com` of what is fetched: the conditions of which one must hold; none where it cannot be told.
fn alternatives(tool: &str, scope: &str) -> Option<Vec<String>> {
    match tool {
        "Bash" => scope.split(',').map(command).collect(),
        "WebFetch" => {
            // Hosts are written small where URLs are read, and no wildcard is one.
            let host = scope.strip_prefix("domain:")?.trim().to_lowercase();
            let is_host = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || "-.:[]".contains(c));
            is_host.then(|| vec![format!("url.host == {}", quoted(&host))])
        }
        _ => None,
    }
}

/// What is chosen of a call first, and the condition, where one of some conditions must hold.
fn narrowed(tool: &str, alternatives: &[String]) -> Option<(Option<&'static str>, String)> {
    let asked = match alternatives {
        [] => return None,
        [only] => only.clone(),
        several => format!("({})", several.join(" or ")),
    };
    match tool {
        "Bash" => {
            let all = format!(
                "not shell.has_substitution and shell.commands.all(command => command.redirects.is_empty() and command.assignments.is_empty() and {asked})"
            );
            Some((Some("shell in args.command.parse_shell()"), all))
        }
        "WebFetch" => Some((Some("url in args.url.parse_url()"), asked)),
        _ => None,
    }
}

/// A command line such as `git add:*` as a condition for each command of a shell's; none where it is more than words.
fn command(scope: &str) -> Option<String> {
    let scope = scope.trim();
    // A wildcard that ends a word is the rest of that word, which is no word here.
    let open = scope.strip_suffix(":*").or_else(|| scope.strip_suffix(" *"));
    let said = open.unwrap_or(scope);
    if said.contains(|c: char| "*?[]\"'\\$&|;<>(){}`".contains(c)) {
        return None;
    }
    let mut words = said.split_whitespace();
    let mut parts = vec![format!("command.path == {}", quoted(words.next()?))];
    let mut count = 0;
    for word in words {
        parts.push(format!("(command.args[{count}] ?? \"\") == {}", quoted(word)));
        count += 1;
    }
    if open.is_none() {
        parts.push(format!("command.args.len() == {count}"));
    }
    Some(if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" and ")) })
}

/// What rules that allow have to bring along.
fn tell_hooks(out: &mut String, plugin: &Plugin, demands: &Demands) {
    for hook in &plugin.hooks {
        let tools = if hook.tools.is_empty() { "any tool".to_owned() } else { hook.tools.join(", ") };
        out.push_str(&comment(&format!("{}: a rule that allows a call of {tools} requires {}.", hook.source, demands.of_hook(hook))));
    }
}
