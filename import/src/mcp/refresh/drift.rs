//! Schema drift: what servers say now against what a policy set declares, and the rules that it is about.

use std::collections::{HashMap, HashSet};

use tollgate_compiler::diagnostic::{Code, Diagnostic, FileId, Location};
use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::lint::{self, Reading};
use tollgate_compiler::syntax::ast::{Expr, Item, ItemKind, Name, Tool};
use tollgate_compiler::syntax::{File, SyntaxLimits, parse};
use tollgate_compiler::{PolicySet, syntax};

use super::beside::{package, values};
use super::gone::went_away;
use super::outline::{Difference, Line, Types, differences, outline};
use super::{Change, HINTS, What, is_hint, settled, with_hints};
use crate::mcp::types::Declared as DeclaredTypes;
use crate::mcp::{Options, STANDARD, policy, served};
use crate::report::Unreadable;
use crate::{Source, toll};

/// What differs between servers and a set.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// The tools that differ: what is added, gone and changed since they were declared.
    pub changes: Vec<Change>,
    /// The rules and definitions that rely on what went away or is of another type, and the tools whose hints are better than the server's.
    pub found: Vec<Diagnostic>,
    /// The servers none of whose tools is declared, each with the source that tells of it: nothing was compared with them.
    pub unknown: Vec<(String, String)>,
}

/// Holds what servers say against what a set declares.
///
/// # Errors
///
/// Where a source is no list of tools.
pub fn drift(sources: &[Source], set: &PolicySet) -> Result<Drift, Unreadable> {
    let own = set.sources().files().iter().take(set.own_files());
    let files: Vec<File> = (0..).zip(own).map(|(id, source)| parse(&source.text, FileId(id), &SyntaxLimits::default()).0).collect();
    let mut comparison = Comparison::new(&files, set);
    for mut served in served(sources, &Options::default(), &mut Vec::new())? {
        let own = served.tools.iter().map(|tool| tool.name.as_str()).collect();
        if let Some(name) = settled(&served.server.name, &own, comparison.tools.iter().map(|known| known.tool.name.text.as_str())) {
            served.server.name = name;
        }
        let (server, source) = (served.server.name.clone(), served.server.source.to_owned());
        let mut types = DeclaredTypes::beside(STANDARD, comparison.values(&server).iter().map(String::as_str));
        let tools = served.declarations(&mut types, &mut Vec::new());
        let text = toll::laid_out(&server, &policy("package fresh\n\n".to_owned(), &types, &tools).0)?;
        if !comparison.server(&server, &syntax::parse(&text, FileId(0), &SyntaxLimits::default()).0) {
            comparison.drift.unknown.push((server, source));
        }
    }
    Ok(comparison.drift)
}

/// A declared tool.
#[derive(Clone, Copy)]
struct KnownTool<'c> {
    tool: &'c Tool,
    /// Its file.
    file: FileId,
    /// Whether it is known to have gone.
    is_gone: bool,
}

/// A set's declarations and readings, and what is found out about them.
struct Comparison<'c> {
    files: &'c [File],
    types: Types<'c>,
    tools: Vec<KnownTool<'c>>,
    by_name: HashMap<&'c str, KnownTool<'c>>,
    readings: Vec<Reading>,
    drift: Drift,
}

impl<'c> Comparison<'c> {
    fn new(files: &'c [File], set: &PolicySet) -> Comparison<'c> {
        let is_gone = |item: &Item| item.annotations.iter().any(|annotation| annotation.name.text == "gone" && annotation.args.is_empty());
        let items = || (0..).map(FileId).zip(files).flat_map(|(id, file)| file.items.iter().map(move |item| (id, item)));
        let tools: Vec<KnownTool> = items().filter_map(|(file, item)| Some(KnownTool { tool: tool(item)?, file, is_gone: is_gone(item) })).collect();
        Comparison {
            files,
            types: Types::of(items().map(|(_, item)| item)),
            by_name: tools.iter().map(|known| (known.tool.name.text.as_str(), *known)).collect(),
            tools,
            readings: set.readings(),
            drift: Drift::default(),
        }
    }

    /// The names of values in the package that declares a server's tools, which conditions give to no variable.
    fn values(&self, server: &str) -> HashSet<String> {
        let declares =
            |file: &File| file.items.iter().filter_map(tool).any(|tool| tool.name.text.rsplit_once('/').is_some_and(|(of, _)| of == server));
        let packages: HashSet<Option<String>> = self.files.iter().filter(|file| declares(file)).map(package).collect();
        self.files.iter().filter(|file| packages.contains(&package(file))).flat_map(values).collect()
    }

    /// Whether any of a server's tools is declared.
    fn server(&mut self, server: &str, fresh: &File) -> bool {
        let types = Types::of(&fresh.items);
        let mut served = HashSet::new();
        let mut is_known = false;
        for now in fresh.items.iter().filter_map(tool) {
            let name = now.name.text.as_str();
            served.insert(name);
            match self.by_name.get(name).or_else(|| self.by_name.get(name.rsplit('/').next().unwrap_or(name))).copied() {
                Some(known) => {
                    is_known = true;
                    self.hints(known, now);
                    self.tool(name, outline(known.tool, &self.types), outline(now, &types));
                }
                None => self.drift.changes.push(Change { tool: name.to_owned(), what: What::Added, differences: Vec::new() }),
            }
        }
        for known in self.tools.clone() {
            let name = known.tool.name.text.as_str();
            if name.rsplit_once('/').is_some_and(|(of, _)| of == server) && !served.contains(name) {
                is_known = true;
                if !known.is_gone {
                    self.drift.changes.push(Change { tool: name.to_owned(), what: What::Gone, differences: Vec::new() });
                    self.rules_about(name);
                }
            }
        }
        is_known
    }

    /// Warns of hints that a declaration has better than the server.
    fn hints(&mut self, known: KnownTool, now: &Tool) {
        let mut found = Vec::new();
        // What is usual where nothing is said is what is worse.
        for (hint, worse) in HINTS {
            let own = known.tool.attributes.iter().find(|(name, _)| name.text == *hint);
            let is_worse = |said: Option<&(Name, Expr)>| said.is_none_or(|(_, value)| expr_to_text(value) == worse);
            let Some((name, value)) = own.filter(|own| !is_worse(Some(own))) else { continue };
            if is_worse(now.attributes.iter().find(|(name, _)| name.text == *hint)) {
                let message =
                    format!("\"{}\" is `{hint}: {worse}` by its server now, and declared `{hint}: {}`", known.tool.name.text, expr_to_text(value));
                let at = Location { file: known.file, span: name.span };
                let help = "rules may rely on it; `tollgate import mcp --update` brings it up, and `@allow(schema_drift)` on the tool says that it is meant so";
                found.push(Diagnostic::warning(Code::SchemaDrift, at, message).with_help(help));
            }
        }
        self.add(found);
    }

    fn tool(&mut self, name: &str, was: Vec<Line>, is: Vec<Line>) {
        let (was, is) = (without_own(with_hints(was), &is), with_hints(is));
        let is_told = |difference: &Difference| difference.is_argument || is_hint(&difference.path);
        let differences: Vec<Difference> = differences(&was, &is).into_iter().filter(is_told).collect();
        for path in went_away(&was, &is) {
            self.add(lint::drift(&self.readings, name, &path));
        }
        let heads: HashMap<&str, &str> = is.iter().filter(|line| line.is_argument).map(|line| (line.path.as_str(), line.head.as_str())).collect();
        for line in was.iter().filter(|line| line.is_argument) {
            let Some(head) = heads.get(line.path.as_str()).filter(|head| **head != line.head) else { continue };
            let found = lint::drift(&self.readings, name, &line.path).into_iter().map(|mut found| {
                found.message = format!("`{}` of \"{name}\" is now `{head}`, and this is about `{}`", line.path, line.head);
                found
            });
            self.add(found.collect());
        }
        if !differences.is_empty() {
            self.drift.changes.push(Change { tool: name.to_owned(), what: What::Changed, differences });
        }
    }

    /// Says of rules that name a tool that it went away.
    fn rules_about(&mut self, name: &str) {
        let mut found = Vec::new();
        for (id, file) in (0..).zip(self.files) {
            for item in &file.items {
                let ItemKind::Rule(rule) = &item.kind else { continue };
                for entry in rule.on.iter().filter(|entry| entry.text == name) {
                    let message = format!("`{}` is about \"{name}\", which its server has no more", rule.name.text);
                    let at = Location { file: FileId(id), span: entry.span };
                    found.push(
                        Diagnostic::warning(Code::SchemaDrift, at, message)
                            .with_help("remove the rule with the tool, or name the tool that came in its place"),
                    );
                }
            }
        }
        self.add(found);
    }

    /// Adds findings, but for what an item allows.
    fn add(&mut self, found: Vec<Diagnostic>) {
        let is_allowed = |found: &Diagnostic| {
            let items =
                usize::try_from(found.at.file.0).ok().and_then(|file| self.files.get(file)).map(|file| file.items.as_slice()).unwrap_or_default();
            let item = items.iter().find(|item| item.span.start <= found.at.span.start && found.at.span.end <= item.span.end);
            let allowing = item.into_iter().flat_map(|item| &item.annotations).filter(|annotation| annotation.name.text == "allow");
            allowing.flat_map(|annotation| &annotation.args).any(|name| name.text.replace('_', "-") == Code::SchemaDrift.name())
        };
        let found: Vec<Diagnostic> = found.into_iter().filter(|found| !is_allowed(found)).collect();
        self.drift.found.extend(found);
    }
}

fn tool(item: &Item) -> Option<&Tool> {
    match &item.kind {
        ItemKind::Tool(tool) => Some(tool),
        _ => None,
    }
}

/// An outline without what its author asks beyond the server.
fn without_own(mut lines: Vec<Line>, said: &[Line]) -> Vec<Line> {
    let said: HashMap<(bool, &str), &Line> = said.iter().map(|line| ((line.is_argument, line.path.as_str()), line)).collect();
    for line in &mut lines {
        let Some(said) = said.get(&(line.is_argument, line.path.as_str())) else { continue };
        if said.conditions.iter().all(|condition| line.conditions.contains(condition)) {
            line.conditions.clone_from(&said.conditions);
        }
        if said.default.is_none() && line.default.is_some() {
            line.default = None;
            line.head.clone_from(&said.head);
        }
    }
    lines
}
