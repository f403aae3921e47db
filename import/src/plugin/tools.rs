//! The tools that skills name, and how they are declared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Plugin;
use super::there::There;
use crate::toll::{comment, documentation, quoted};
use crate::{Fate, Note};

/// The tools of a plugin.
#[derive(Default)]
pub struct Tools<'p> {
    /// Those that are to be declared, with the skills that need them.
    new: BTreeMap<&'p str, Vec<&'p str>>,
    /// Those that are declared already, by the file.
    there: BTreeMap<&'p str, BTreeSet<&'p str>>,
    /// Those whose names differ from another's by case alone, with what they are called; none where no call can name them.
    otherwise: HashMap<&'p str, Option<&'p str>>,
}

impl<'p> Tools<'p> {
    /// Those that the skills of a plugin name.
    pub fn of(plugin: &'p Plugin, there: &'p There, notes: &mut Vec<Note>) -> Tools<'p> {
        let mut tools = Tools::default();
        let mut folded: HashMap<String, &str> = HashMap::new();
        for skill in &plugin.skills {
            for tool in skill.permissions.iter().map(|permission| permission.tool.as_str()).filter(|tool| !tool.contains(['*', '?'])) {
                let first = *folded.entry(tool.to_lowercase()).or_insert(tool);
                let mut note = |fate, text: String| notes.push(Note::new(&skill.source, "", fate, text));
                if first != tool {
                    let text =
                        format!("`{tool}` and `{first}` differ by case alone: a call by the name that is not declared is denied as an input error");
                    note(Fate::Stricter, text);
                    tools.otherwise.insert(tool, None);
                } else if let Some(declared) = there.tool(tool) {
                    tools.there.entry(&declared.file).or_default().insert(tool);
                } else if let Some((name, declared)) = there.otherwise_written(tool) {
                    // A tool that hosts bring along is one, however it is written.
                    let called = known(tool).map(|_| name);
                    let what = if called.is_some() { "it is called so here" } else { "nothing is let through for it" };
                    let text = format!(
                        "`{tool}` is declared as `{name}` already: they differ by case alone, and a call by this name is denied as an input error; {what}"
                    );
                    note(Fate::Stricter, text);
                    tools.otherwise.insert(tool, called);
                    tools.there.entry(&declared.file).or_default().insert(name);
                } else {
                    let skills = tools.new.entry(tool).or_default();
                    if !skills.contains(&skill.name.as_str()) {
                        skills.push(&skill.name);
                    }
                }
            }
        }
        tools
    }

    /// What a tool is called that a skill names; none where no call can name it.
    pub fn called(&self, tool: &'p str) -> Option<&'p str> {
        self.otherwise.get(tool).map_or(Some(tool), |called| *called)
    }

    /// Writes what declares them.
    pub fn write(&self, out: &mut String, plugin: &Plugin, notes: &mut Vec<Note>) {
        for (file, tools) in &self.there {
            let tools = tools.iter().map(|tool| quoted(tool)).collect::<Vec<_>>().join(", ");
            out.push_str(&comment(&format!("Declared in {file}: {tools}.")));
            out.push('\n');
            notes.push(Note::new(&plugin.name, "", Fate::LeftOut, format!("{tools}: declared in {file} already, and not again here")));
        }
        let mut guessed = Vec::new();
        for (tool, skills) in &self.new {
            let needed_by = skills.iter().map(|skill| format!("`{skill}`")).collect::<Vec<_>>().join(", ");
            out.push_str(&documentation(&format!("Needed by {needed_by}.")));
            out.push_str(&format!("tool {} {{\n", quoted(tool)));
            if let Some(known) = known(tool) {
                guessed.push(format!("`{tool}`"));
                out.push_str(&format!("category: {} // guessed\n", quoted(known.category)));
                if let Some(argument) = known.argument {
                    out.push_str(&format!("args {{ {argument}: string, .. }} // guessed\n"));
                }
            }
            out.push_str("}\n\n");
        }
        if !guessed.is_empty() {
            let text = format!("the kind and the arguments of {} are guessed from names, which are those of a well-known host", guessed.join(", "));
            notes.push(Note::new(&plugin.name, "", Fate::Guessed, text));
        }
    }
}

/// The tool that hosts bring along under a name, however that is written.
pub fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// A tool that hosts bring along.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    category: &'static str,
    argument: Option<&'static str>,
}

const fn of_hosts(name: &'static str, category: &'static str, argument: Option<&'static str>) -> Known {
    Known { name, category, argument }
}

/// The tools that agents of the command line have in common.
const KNOWN: [Known; 25] = [
    of_hosts("Bash", "execute", Some("command")),
    of_hosts("Read", "read", Some("file_path")),
    of_hosts("Write", "write", Some("file_path")),
    of_hosts("Edit", "write", Some("file_path")),
    of_hosts("MultiEdit", "write", Some("file_path")),
    of_hosts("NotebookEdit", "write", Some("notebook_path")),
    of_hosts("Glob", "read", Some("pattern")),
    of_hosts("Grep", "read", Some("pattern")),
    of_hosts("WebFetch", "read", Some("url")),
    of_hosts("WebSearch", "read", Some("query")),
    of_hosts("Task", "execute", None),
    of_hosts("LS", "read", None),
    of_hosts("NotebookRead", "read", None),
    of_hosts("BashOutput", "read", None),
    of_hosts("KillShell", "delete", None),
    of_hosts("TodoWrite", "write", None),
    of_hosts("Skill", "execute", None),
    of_hosts("read_file", "read", None),
    of_hosts("list_directory", "read", None),
    of_hosts("search_file_content", "read", None),
    of_hosts("google_web_search", "read", None),
    of_hosts("web_fetch", "read", None),
    of_hosts("write_file", "write", None),
    of_hosts("replace", "write", None),
    of_hosts("run_shell_command", "execute", None),
];
