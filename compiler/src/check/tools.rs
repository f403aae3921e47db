//! Tools: their declarations, and the type that `on` gives `args`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use smol_str::SmolStr;
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::types::{Field, Presence, RecordType, Type};
use tollgate_stdlib::{Kept, KeptSet};

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program;
use crate::syntax::ast::{self, ItemKind, Span, Text};

use super::Checker;
use super::access::fact_type;
use super::scope::{Args, UntypedArgs};
use super::symbols::{Place, name_of};

/// The longest tool name, as the Model Context Protocol has it.
const MAX_TOOL_NAME: usize = 128;

/// Of how many tools that declare a field differently the types are shown.
const SHOWN_TOOLS: usize = 8;

impl<'a> Checker<'a> {
    /// Checks every tool declaration.
    pub(super) fn declare_tools(&mut self) {
        let mut seen: BTreeMap<Arc<str>, Location> = BTreeMap::new();
        for place in self.symbols.tools.clone() {
            let ItemKind::Tool(tool) = &place.item.kind else { continue };
            let at = place.at(tool.name.span);
            self.check_tool_name(&tool.name, at);
            let name: Arc<str> = tool.name.text.as_str().into();
            if let Some(first) = seen.get(&name) {
                let diagnostic = Diagnostic::error(Code::DuplicateTool, at, format!("tool \"{name}\" is declared twice"));
                self.report(diagnostic.with_secondary(*first, "first declared here"));
                continue;
            }
            seen.insert(name.clone(), at);
            let facts = self.tool_facts(place, tool);
            let args = tool.args.as_ref().and_then(|args| match self.record_type(place, None, &args.fields, !args.open, true) {
                Type::Record(record) => Some(record),
                _ => None,
            });
            self.known.tools.push(program::Tool { name, facts, args, at });
        }
        self.known.tools.sort_by(|a, b| a.name.cmp(&b.name));
        for (index, tool) in self.known.tools.iter().enumerate() {
            self.known.tools_by_name.entry(tool.name.clone()).or_default().push(index);
            if let (Some(_), own) = split(&tool.name) {
                self.known.tools_by_name.entry(format!("*/{own}").into()).or_default().push(index);
            }
        }
    }

    fn check_tool_name(&mut self, name: &Text, at: Location) {
        let (server, own) = split(&name.text);
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-');
        let problem = if own.is_empty() || server.is_some_and(str::is_empty) {
            Some("a tool's name is `name` or `server/name`, without an empty part".to_owned())
        } else if own.len() > MAX_TOOL_NAME || !own.chars().all(fits) {
            Some(format!("no call can name a tool \"{own}\": names have letters, digits, `_`, `.` and `-`, {MAX_TOOL_NAME} at most"))
        } else {
            None
        };
        if let Some(problem) = problem {
            self.report(Diagnostic::error(Code::ToolName, at, problem));
        }
    }

    fn tool_facts(&mut self, place: Place<'a>, tool: &'a ast::Tool) -> Vec<Kept> {
        let mut facts = default_facts(true);
        let mut seen = HashMap::new();
        for (name, value) in &tool.attributes {
            let at = place.at(name.span);
            if let Some(first) = seen.insert(name.text.as_str(), at) {
                let diagnostic = Diagnostic::error(Code::Duplicate, at, format!("`{}` is given twice", name.text));
                self.report(diagnostic.with_secondary(first, "first given here"));
            }
            let attributes = || Fact::ALL.into_iter().filter(|fact| *fact != Fact::Declared);
            let Some(fact) = attributes().find(|fact| fact.name() == name.text) else {
                let diagnostic = Diagnostic::error(Code::ToolName, at, format!("tools have no attribute `{}`", name.text));
                self.report(match self.symbols.suggestions.nearest(&name.text, attributes().map(Fact::name)) {
                    _ if name.text == "args" => {
                        let colon = place.at(Span { start: name.span.end, end: value.span.start });
                        diagnostic.with_help("the arguments are a block: write `args { … }`").with_fix("write `args { … }`", colon, " ")
                    }
                    Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
                    None => diagnostic
                        .with_help("they have `category`, `title`, `labels`, `read_only`, `destructive`, `idempotent`, `open_world` and `args`"),
                });
                continue;
            };
            if let (Some(constant), Some(slot)) = (self.constant(place, value, &fact_type(fact)), facts.get_mut(fact as usize)) {
                *slot = constant;
            }
        }
        facts
    }

    /// The type of `args` in a rule with that `on`; rules with the same one share it.
    pub(super) fn args_of(&mut self, place: Place<'a>, on: &'a [Text]) -> Args {
        let entries: Vec<SmolStr> = on.iter().map(|entry| entry.text.clone()).collect();
        if let Some(known) = self.known.args_known.get(&entries) {
            return known.clone();
        }
        let args = self.make_args(place, on);
        self.known.args_known.insert(entries, args.clone());
        args
    }

    fn make_args(&mut self, place: Place<'a>, on: &[Text]) -> Args {
        let mut records: Vec<Declared> = Vec::new();
        for entry in on {
            let known = records.len();
            for tool in self.tools_named(&entry.text) {
                let Some(args) = tool.args.as_ref() else { return Args::Input };
                records.push((tool.name.clone(), args.clone()));
            }
            if records.len() == known {
                return Args::Input;
            }
        }
        let (Some((_, only)), Some(last)) = (records.first(), on.last()) else { return Args::Input };
        if records.len() == 1 {
            return Args::Tools { record: only.clone(), differing: Arc::default() };
        }
        let fields = records.iter().map(|(_, record)| record.fields.len().saturating_add(1)).sum();
        if !self.known.budget.spend(fields, place.at(last.span)) {
            return Args::Input;
        }
        merged(&records)
    }

    /// Why `args` is `json` in a rule with that `on`: an entry of it is the reason, or that there is none.
    pub(super) fn untyped_args(&self, place: Place<'a>, on: &[Text]) -> Option<UntypedArgs> {
        let is_untyped = |entry: &&Text| {
            let mut tools = self.tools_named(&entry.text).peekable();
            tools.peek().is_none() || tools.any(|tool| tool.args.is_none())
        };
        if on.is_empty() {
            let at = place.at(name_of(place.item)?.span);
            let (why, remedy) = ("without `on`, `args` is `json`", "name the tool with `on`");
            return Some(UntypedArgs { at, why, remedy, near: None, is_broken: false, read_at: Default::default() });
        }
        let entry = on.iter().find(is_untyped)?;
        let (why, remedy, near) = if entry.text.contains(['*', '?', '\\']) {
            ("with a pattern, `args` is `json`", "name declared tools", None)
        } else if self.tools_named(&entry.text).next().is_none() {
            let near = self.symbols.suggestions.nearest(&entry.text, self.known.tools.iter().map(|tool| &*tool.name));
            ("this tool is not declared, so its `args` is `json`", "declare the tool with its `args`", near)
        } else {
            ("this tool declares no `args`, so it is `json`", "declare its `args`", None)
        };
        let is_broken = on.iter().any(|entry| self.is_broken_tool(&entry.text));
        Some(UntypedArgs { at: place.at(entry.span), why, remedy, near, is_broken, read_at: Default::default() })
    }

    /// Whether an entry of `on` means a tool whose declaration could not be read.
    fn is_broken_tool(&self, entry: &str) -> bool {
        let is_broken = |name: &str| self.tools_filed(name).is_empty() && self.is_broken("", &format!("\"{name}\""));
        is_broken(entry) || is_broken(split(entry).1)
    }

    /// Says of `json` that comes from `args` why it is not typed.
    pub(super) fn with_reason(&self, diagnostic: Diagnostic) -> Diagnostic {
        let reason = self.scope.untyped.as_ref().filter(|untyped| untyped.read_at.contains(&diagnostic.at.span.start));
        let Some(untyped) = reason.filter(|_| diagnostic.code == Code::JsonUse) else { return diagnostic };
        let diagnostic = diagnostic.with_secondary(untyped.at, untyped.why);
        match (&untyped.near, diagnostic.help.clone()) {
            (Some(near), _) => diagnostic.with_help(format!("there is a tool \"{near}\"")).with_fix(
                format!("replace with \"{near}\""),
                untyped.at,
                format!("\"{near}\""),
            ),
            (None, Some(help)) => diagnostic.with_help(format!("{}, or {help}", untyped.remedy)),
            (None, None) => diagnostic,
        }
    }

    /// The declared tools that an entry of `on` means; none where it is a pattern, or where a tool that it means may be undeclared.
    pub(super) fn tools_named(&self, entry: &str) -> impl Iterator<Item = &program::Tool> {
        let (server, own) = split(entry);
        let (declared, elsewhere) = match (self.tools_filed(entry), server) {
            _ if entry.contains(['*', '?', '\\']) => (Default::default(), Default::default()),
            ([], Some(_)) => (self.tools_filed(own), Default::default()),
            ([], None) | (_, Some(_)) => (self.tools_filed(entry), Default::default()),
            (declared, None) => (declared, self.tools_filed(&format!("*/{own}"))),
        };
        declared.iter().chain(elsewhere).filter_map(|place| self.known.tools.get(*place))
    }

    /// The declared tool that a call with that server and name means.
    pub(super) fn declared_tool(&self, server: Option<&str>, name: &str) -> Option<usize> {
        let with_server = server.map(|server| self.tools_filed(&format!("{server}/{name}"))).unwrap_or_default();
        with_server.first().or_else(|| self.tools_filed(name).first()).copied()
    }

    /// The tools of that name; of `*/own`, whatever their server.
    pub(super) fn tools_filed(&self, name: &str) -> &[usize] {
        self.known.tools_by_name.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Server and name of `server/name`, split at the last `/`.
pub fn split(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once('/') {
        Some((server, own)) => (Some(server), own),
        None => (None, name),
    }
}

/// The facts of a tool without attributes, or without a declaration.
pub fn default_facts(declared: bool) -> Vec<Kept> {
    Fact::ALL
        .into_iter()
        .map(|fact| match fact {
            Fact::Declared => Kept::Bool(declared),
            Fact::Category | Fact::Title => Kept::Str("".into()),
            Fact::Labels => Kept::Set(KeptSet::default()),
            Fact::ReadOnly | Fact::Idempotent => Kept::Bool(false),
            Fact::Destructive | Fact::OpenWorld => Kept::Bool(true),
        })
        .collect()
}

/// A tool's name and its arguments.
type Declared = (Arc<str>, Arc<RecordType>);

/// What several tools' arguments have in common: a field that all declare with one type, optional where some lack it or make it so.
fn merged(records: &[Declared]) -> Args {
    let mut names: Vec<&Arc<str>> = Vec::new();
    let mut declared: HashMap<&str, Vec<(&str, &Field)>> = HashMap::new();
    for (tool, record) in records {
        for field in &record.fields {
            let found = declared.entry(&field.name).or_default();
            if found.is_empty() {
                names.push(&field.name);
            }
            found.push((tool, field));
        }
    }
    let mut fields = Vec::new();
    let mut differing = HashMap::new();
    for name in names {
        let Some(found) = declared.get(&**name) else { continue };
        let Some((_, first)) = found.first() else { continue };
        if !found.iter().all(|(_, field)| field.ty.same(&first.ty)) {
            differing.insert(name.clone(), types_by_tool(found));
            continue;
        }
        let everywhere = found.len() == records.len() && found.iter().all(|(_, field)| !matches!(field.presence, Presence::Optional));
        let presence = if everywhere { Presence::Required } else { Presence::Optional };
        fields.push(Field { name: name.clone(), ty: first.ty.clone(), presence, refinement: None, doc: first.doc.clone() });
    }
    Args::Tools { record: Arc::new(RecordType::new(None, fields, false)), differing: Arc::new(differing) }
}

/// What each of several tools declares a field to be, for a help.
fn types_by_tool(found: &[(&str, &Field)]) -> String {
    let types: Vec<String> = found.iter().take(SHOWN_TOOLS).map(|(tool, field)| format!("`{}` in \"{tool}\"", field.ty)).collect();
    let more = if found.len() > SHOWN_TOOLS { " and so on" } else { "" };
    types.join(" and ") + more
}
