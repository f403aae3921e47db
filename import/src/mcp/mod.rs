//! Tools of MCP servers: the answers of `tools/list` as `tool` declarations.
//!
//! An answer is read ([`answer`]), each tool's schema becomes a [`shape`] whatever keywords say it ([`read`], [`combine`]), and that a type
//! ([`types`]) with conditions ([`conditions`]). A call that the schema takes fits the type; what the type takes beyond the schema is noted ([`lost`]).

mod answer;
mod category;
mod combine;
mod conditions;
mod lost;
mod number;
mod pattern;
mod prose;
mod read;
mod shape;
mod tool;
mod types;

use std::collections::HashMap;

use crate::toll::{comment, laid_out, value_name};
use crate::{Fate, Import, ImportedFile, Note, Source, Unreadable};
use answer::Server;
use combine::Combiner;
use lost::{Lost, shown};
use tool::Tool;
use types::{Counts, Declared};

/// How tools are imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server's name in the policy, of all sources; else from what the answer says, or the source's name.
    pub server: Option<String>,
    /// The package's name [default: `tools.` and the server's name].
    pub package: Option<String>,
}

/// The tools of servers as declarations, one file a server.
///
/// # Errors
///
/// Where a source is no list of tools.
pub fn import(sources: &[Source], options: &Options) -> Result<Import, Unreadable> {
    let mut import = Import::default();
    for served in served(sources, options, &mut import.notes)? {
        let (source, path) = (served.server.source, format!("{}.toll", served.server.name));
        let text = laid_out(source, &served.policy(options.package.as_deref(), &mut import.notes))?;
        import.files.push(ImportedFile { path, text });
    }
    Ok(import)
}

/// The tools of one server, read.
struct Served<'s> {
    server: Server<'s>,
    tools: Vec<Tool>,
    lost: Lost,
}

/// What the servers of some sources serve.
fn served<'s>(sources: &[Source<'s>], options: &Options, notes: &mut Vec<Note>) -> Result<Vec<Served<'s>>, Unreadable> {
    if let Some(name) = options.server.as_deref().filter(|name| !answer::is_name(name)) {
        let reason = format!("`{}` is no name of a server: they have letters, digits, `_`, `.` and `-`, 128 at most", shown(&name));
        return Err(Unreadable::new("--server", "", reason));
    }
    let mut combiner = Combiner::default();
    let servers = answer::servers(sources, options.server.as_deref(), notes)?;
    Ok(servers.into_iter().map(|server| Served::read(server, options.server.is_some(), &mut combiner)).collect())
}

impl<'s> Served<'s> {
    fn read(mut server: Server<'s>, is_named: bool, combiner: &mut Combiner) -> Served<'s> {
        let mut lost = Lost::new(server.source);
        if !is_named {
            let from = if server.title.is_some() { "`serverInfo`" } else { "the file's name" };
            let text = format!("the server is \"{}\", from {from}: requests must call it so; `--server` says otherwise", server.name);
            lost.note(Fate::Guessed, "", text);
        }
        let mut tools: Vec<Tool> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let listed = std::mem::take(&mut server.tools);
        for (at, json) in listed.iter().enumerate() {
            let first = json.get("name").and_then(crate::json::Json::as_text).and_then(|name| known.get(name));
            if let Some(first) = first {
                if listed.get(*first) != Some(json) {
                    lost.note(Fate::Differs, &format!("tools[{at}]"), "a tool of a name that stands before it, and otherwise: the first is declared");
                }
                continue;
            }
            if let Some(tool) = tool::read(json, &format!("tools[{at}]"), combiner, &mut lost) {
                known.insert(tool.name.clone(), at);
                tools.push(tool);
            }
        }
        Served { server, tools, lost }
    }

    /// The policy, not yet laid out.
    fn policy(self, package: Option<&str>, notes: &mut Vec<Note>) -> String {
        let package = package.map_or_else(|| format!("tools.{}", value_name(&self.server.name)), str::to_owned);
        let head = comment(&self.heading());
        let (types, tools) = self.declarations(notes);
        let items: Vec<String> = types.into_iter().chain(tools.into_iter().map(|(_, text)| text)).collect();
        format!("{head}package {package}\n\n{}", items.join("\n"))
    }

    fn heading(&self) -> String {
        let title = self.server.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
        let sources: Vec<String> = self.server.sources.iter().map(|source| shown(source)).collect();
        format!(
            "Tools of the MCP server \"{}\"{title}, imported from {}.\nTheir hints are the server's word; `// guessed` marks what nobody has said.",
            self.server.name,
            sources.join(", ")
        )
    }

    /// The declarations of types, and those of tools by their names.
    fn declarations(self, notes: &mut Vec<Note>) -> (Vec<String>, Vec<(String, String)>) {
        const STANDARD: [&str; 9] = ["Agent", "User", "Tool", "Context", "Session", "Call", "Approval", "Token", "Url"];
        let Served { server, tools, mut lost } = self;
        let mut counts = Counts::default();
        tools.iter().for_each(|tool| counts.add(&tool.shape));
        let mut declared = Declared::beside(STANDARD);
        let declare = |tool: &Tool| (format!("{}/{}", server.name, tool.name), tool.declaration(&server.name, &counts, &mut declared, &mut lost));
        let written: Vec<(String, String)> = tools.iter().map(declare).collect();
        notes.extend(lost.into_notes());
        (declared.items, written)
    }
}
