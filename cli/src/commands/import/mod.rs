//! `tollgate import`: policies from what teams already have.

mod beside;
pub mod changes;
pub mod folder;
mod write;

use std::path::{Path, PathBuf};

use tollgate_compiler::PolicySet;
use tollgate_import::{Import, Source, Unreadable, cedar, iam, mcp, plugin, rules};

use crate::args::{ImportArgs, ImportCedarArgs, ImportCommand, ImportIamArgs, ImportMcpArgs, ImportPluginArgs, ImportRulesArgs, ImportTo};
use crate::files;
use crate::output::{Failure, Result};

/// The most bytes of a source.
const LARGEST: usize = 64 << 20;

/// Imports.
pub fn run(args: &ImportArgs) -> Result {
    match &args.what {
        ImportCommand::Mcp(args) => import_mcp(args),
        ImportCommand::Iam(args) => import_iam(args),
        ImportCommand::Cedar(args) => import_cedar(args),
        ImportCommand::Rules(args) => import_rules(args),
        ImportCommand::Plugin(args) => import_plugin(args),
    }
}

fn import_mcp(args: &ImportMcpArgs) -> Result {
    let texts = Text::all(&args.sources)?;
    let known = args.to.output.as_deref().map(beside::around).transpose()?.unwrap_or_default();
    let options = mcp::Options { server: args.server.clone(), package: args.to.package.clone(), beside: &sources(&known) };
    match &args.update {
        Some(path) => update_mcp(path, &texts, &options, &args.to),
        None => write::finish(made(mcp::import(&sources(&texts), &options))?, &args.to),
    }
}

/// Refreshes a policy in its place.
fn update_mcp(path: &Path, texts: &[Text], options: &mcp::Options, to: &ImportTo) -> Result {
    let policy = Text::read(path)?;
    let others = beside::around(path)?;
    let known = mcp::Known { policy: policy.source(), beside: &sources(&others) };
    let refreshed = mcp::update(&sources(texts), options, &known).map_err(|error| Failure::new(format!("cannot update from {error}")))?;
    if refreshed.text != policy.text {
        files::replace(path, refreshed.text.as_bytes()).map_err(|error| Failure::file("write", path, error))?;
    }
    write::refreshed(path, &refreshed, to)
}

/// What the answers of MCP servers say against what a set declares.
pub fn drift(paths: &[PathBuf], set: &PolicySet) -> Result<mcp::Drift> {
    let texts = Text::all(paths)?;
    mcp::drift(&sources(&texts), set).map_err(|error| Failure::new(format!("cannot compare with {error}")))
}

fn import_iam(args: &ImportIamArgs) -> Result {
    let [policies, boundaries, session] = [&args.sources, &args.boundary, &args.session].map(|paths| Text::all(paths));
    let (policies, boundaries, session) = (policies?, boundaries?, session?);
    let level = |files: &String| Text::all(&files.split(',').map(PathBuf::from).collect::<Vec<_>>());
    let resources = args.resource.iter().map(|given| attached(given)).collect::<Result<Vec<_>>>()?;
    let [control, resource_control] = [&args.scp, &args.rcp].map(|levels| levels.iter().map(level).collect::<Result<Vec<_>>>());
    let (control, resource_control) = (control?, resource_control?);
    let documents = iam::Documents {
        policies: sources(&policies),
        resources: resources.iter().map(|(to, text)| iam::Attached { source: text.source(), to: *to }).collect(),
        boundaries: sources(&boundaries),
        control: control.iter().map(|level| sources(level)).collect(),
        resource_control: resource_control.iter().map(|level| sources(level)).collect(),
        session: sources(&session),
        principals: args.principal.iter().map(String::as_str).collect(),
    };
    write::finish(made(iam::import(&documents, args.to.package.as_deref()))?, &args.to)
}

/// A resource-based policy given as `[ARN=]FILE`.
fn attached(given: &str) -> Result<(Option<&str>, Text)> {
    let (to, path) = match given.split_once('=') {
        Some((arn, path)) if arn.starts_with("arn:") => (Some(arn), path),
        _ => (None, given),
    };
    Ok((to, Text::read(Path::new(path))?))
}

fn import_cedar(args: &ImportCedarArgs) -> Result {
    let policies = Text::all(&args.sources)?;
    let schema = args.schema.as_deref().map(Text::read).transpose()?;
    let entities = args.entities.as_deref().map(Text::read).transpose()?;
    let cedar =
        cedar::Cedar { policies: sources(&policies), schema: schema.as_ref().map(Text::source), entities: entities.as_ref().map(Text::source) };
    write::finish(made(cedar::import(&cedar, args.to.package.as_deref()))?, &args.to)
}

fn import_rules(args: &ImportRulesArgs) -> Result {
    let texts = Text::all(&args.sources)?;
    write::finish(made(rules::import(&sources(&texts), args.to.package.as_deref()))?, &args.to)
}

fn import_plugin(args: &ImportPluginArgs) -> Result {
    let (texts, unread) = folder::all(&args.dirs)?;
    let known = match (&args.with, &args.to.output) {
        (paths, _) if !paths.is_empty() => beside::below(paths)?,
        (_, Some(output)) => beside::around(output)?,
        _ => Vec::new(),
    };
    let options = plugin::Options { package: args.to.package.as_deref(), beside: &sources(&known) };
    let mut import = made(plugin::import(&sources(&texts), &options))?;
    import.notes.splice(0..0, unread);
    write::finish(import, &args.to)
}

fn made(import: std::result::Result<Import, Unreadable>) -> Result<Import> {
    import.map_err(|error| Failure::new(format!("cannot import {error}")))
}

/// A source that was read.
pub struct Text {
    name: String,
    text: String,
}

impl Text {
    fn all(paths: &[PathBuf]) -> Result<Vec<Text>> {
        paths.iter().map(|path| Text::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Text> {
        let is_stdin = path == Path::new("-");
        let bytes = if is_stdin { files::read_stdin(LARGEST)? } else { files::read(path, LARGEST)? };
        let name = if is_stdin { "<stdin>".to_owned() } else { path.display().to_string() };
        let text = String::from_utf8(bytes).map_err(|error| Failure::file("read", path, error))?;
        Ok(Text { name, text })
    }

    fn source(&self) -> Source<'_> {
        Source { name: &self.name, text: &self.text }
    }
}

/// Texts as sources.
pub fn sources(texts: &[Text]) -> Vec<Source<'_>> {
    texts.iter().map(Text::source).collect()
}
