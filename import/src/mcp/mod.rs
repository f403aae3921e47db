//! Tools of MCP servers: the answers of `tools/list` as `tool` declarations.
//!
//! An answer is read ([`answer`]), each tool's schema becomes a [`shape`] whatever keywords say it ([`read`], [`combine`]), and that a type
//! ([`types`]) with conditions ([`conditions`]). A call that the schema takes fits the type; what the type takes beyond the schema is noted ([`lost`]).

mod answer;
mod apart;
mod category;
mod combine;
mod conditions;
mod form;
mod lost;
mod number;
mod pattern;
mod prose;
mod read;
mod refresh;
mod shape;
mod tool;
mod types;

use std::collections::{HashMap, HashSet};

use crate::json::Json;
use crate::json::shown;
use crate::report::joined;
use crate::toll::{comment, laid_out, value_name};
use crate::{Fate, Import, ImportedFile, Note, Source, Unreadable};
use answer::Server;
use combine::Combiner;
use lost::Lost;
use refresh::Beside;
pub use refresh::{Change, Difference, Drift, Known, Refreshed, What, drift, update};
use tool::Tool;
use types::{Counts, Declared};

/// How tools are imported.
#[derive(Clone, Debug, Default)]
pub struct Options<'o> {
    /// The server's name in the policy, of all sources; else from what the answer says, or the source's name.
    pub server: Option<String>,
    /// The package's name [default: `tools.` and the server's name].
    pub package: Option<String>,
    /// The policies that are there already: their package's names are taken, and tools that they declare are told.
    pub beside: &'o [Source<'o>],
}

/// The names of types that `std` has, which would be read for them.
const STANDARD: [&str; 9] = ["Agent", "User", "Tool", "Context", "Session", "Call", "Approval", "Token", "Url"];

/// The tools of servers as declarations, one file a server.
///
/// # Errors
///
/// Where a source is no list of tools.
pub fn import(sources: &[Source], options: &Options) -> Result<Import, Unreadable> {
    let mut import = Import::default();
    let mut places = Places::default();
    // The types of those of its package that this import has declared.
    let mut shared: Option<Declared> = None;
    for served in served(sources, options, &mut import.notes)? {
        let (source, name) = (served.server.source, served.server.name.clone());
        let (path, package) = places.of(&name, options.package.as_deref());
        if options.package.is_none() && package != package_of(&name) {
            let text = format!("the package is `{package}`: another server's is `{}` already", package_of(&name));
            import.notes.push(Note::new(source, "", Fate::Guessed, text));
        }
        let head = format!("{}package {package}\n\n", comment(&served.heading()));
        let others: Vec<Source> = options.beside.iter().filter(|other| !other.is_at(&path)).copied().collect();
        let beside = Beside::of(Some(&package), &others);
        let types = STANDARD.into_iter().chain(beside.types.iter().map(String::as_str));
        let mut declared = match shared.take().filter(|_| options.package.is_some()) {
            Some(shared) => shared.and_another(),
            None => Declared::beside(types, beside.values.iter().map(String::as_str)),
        };
        for tool in &served.tools {
            if let Some(file) = beside.tools.get(&format!("{name}/{}", tool.name)) {
                let text = format!("{file} declares it already, and a set declares a tool once: `--update {file}` brings it up there");
                import.notes.push(Note::new(source, &tool.name, Fate::Guessed, text));
            }
        }
        let tools = served.declarations(&mut declared, &mut import.notes);
        let (text, is_whole) = policy(head, &declared, &tools);
        if !is_whole {
            import.notes.push(Note::new(source, "", Fate::LeftOut, "descriptions, with which the file were larger than files may be"));
        }
        let text = refresh::with_ledger(source, &laid_out(source, &text)?)?;
        import.files.push(ImportedFile { path, text });
        shared = Some(declared);
    }
    import.notes = joined(import.notes);
    Ok(import)
}

/// The package of a server's tools, where none is asked for.
fn package_of(server: &str) -> String {
    format!("tools.{}", value_name(server))
}

/// The files and packages that are taken, each with the sign that joins numbers to it: `git-hub` and `git_hub` are two servers, and so are `GitHub` and `github`.
#[derive(Default)]
struct Places(HashSet<String>);

impl Places {
    /// The path of a server's file, and its package.
    fn of(&mut self, server: &str, package: Option<&str>) -> (String, String) {
        let path = self.unused(server, "-");
        let package = package.map_or_else(|| self.unused(&package_of(server), "_"), str::to_owned);
        (format!("{path}.toll"), package)
    }

    /// No file system tells all others from it: the case of letters does not count.
    fn unused(&mut self, name: &str, joint: &str) -> String {
        let numbered = (2..).map(|number: usize| format!("{name}{joint}{number}"));
        let unused = std::iter::once(name.to_owned()).chain(numbered).find(|name| self.0.insert(format!("{joint}{}", name.to_lowercase())));
        unused.unwrap_or_default()
    }
}

/// A policy of declarations, not yet laid out, and whether it has all their documentation: what were too large a file goes without.
fn policy(head: String, types: &Declared, tools: &[String]) -> (String, bool) {
    const LARGEST: usize = 12 << 20;
    let items = || types.items.iter().chain(tools).map(String::as_str);
    let is_whole = items().map(str::len).sum::<usize>() < LARGEST;
    let mut text = head;
    for item in items() {
        let lines = item.lines().filter(|line| is_whole || !line.starts_with("///"));
        lines.for_each(|line| text.extend([line, "\n"]));
        text.push('\n');
    }
    (text, is_whole)
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
            let name = json.get("name").and_then(Json::as_text).unwrap_or_default();
            if let Some(first) = known.get(name) {
                if listed.get(*first) != Some(json) {
                    let text = "the tool is listed again, and otherwise: it is declared as it was listed first";
                    lost.note(Fate::Differs, name, text);
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

    fn heading(&self) -> String {
        let title = self.server.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
        let sources: Vec<String> = self.server.sources.iter().map(shown).collect();
        format!(
            "Tools of the MCP server \"{}\"{title}, imported from {}.\nTheir hints are the server's word; `// guessed` marks what nobody has said.",
            self.server.name,
            sources.join(", ")
        )
    }

    /// The declarations of tools, not yet laid out, and those of their types.
    fn declarations(self, declared: &mut Declared, notes: &mut Vec<Note>) -> Vec<String> {
        let Served { server, tools, mut lost } = self;
        let mut counts = Counts::default();
        tools.iter().for_each(|tool| counts.add(&tool.shape));
        let written = tools.iter().map(|tool| tool.declaration(&server.name, &counts, declared, &mut lost)).collect();
        notes.extend(lost.into_notes());
        written
    }
}
