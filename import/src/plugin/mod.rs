//! Plugins of agents: what their manifests say of tools, and of the permissions that skills need.
//!
//! A manifest asks for permissions, and grants none: what a skill needs becomes a `review`, until its author says otherwise.
//! [`read`](read()) takes a plugin's files apart, [`permission`] reads the names that hosts have for tools.

mod hooks;
pub mod permission;
mod read;
mod skills;
mod write;

pub use hooks::Hook;
pub use permission::Permission;
pub use read::read;
pub use skills::Skill;

use crate::toll;
use crate::{Import, ImportedFile, Source, Unreadable};

/// A plugin.
#[derive(Clone, Debug, Default)]
pub struct Plugin {
    /// Its name; empty where no manifest names it.
    pub name: String,
    /// Its version, where a manifest has one.
    pub version: Option<String>,
    /// Its skills, with what they need.
    pub skills: Vec<Skill>,
    /// Its MCP servers.
    pub servers: Vec<Server>,
    /// What runs before or after tools.
    pub hooks: Vec<Hook>,
}

/// An MCP server of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The manifest.
    pub source: String,
    /// Its name, which is that of its tools' server.
    pub name: String,
    /// How it is reached: a command line, or a URL.
    pub reached: String,
    /// Whether it is switched off.
    pub is_disabled: bool,
}

/// Whether a file of a plugin's folder says something that is imported, by its path there.
pub fn is_read(path: &str) -> bool {
    read::Kind::of(path).is_some()
}

/// The tools of a plugin as declarations, and a `review` of what its skills need. The sources are the files of its folder, named by their paths in it.
///
/// # Errors
///
/// Where a manifest cannot be read, or there is none.
pub fn import(sources: &[Source], package: Option<&str>) -> Result<Import, Unreadable> {
    let mut notes = Vec::new();
    let plugin = read(sources, &mut notes)?;
    let name = package.map_or_else(|| toll::value_name(&plugin.name), str::to_owned);
    let text = write::policy(&name, &plugin, &mut notes);
    let first = sources.first().map_or("", |source| source.name);
    let file = ImportedFile { path: format!("{}.toll", name.replace('.', "_")), text: toll::laid_out(first, &text)? };
    Ok(Import { files: vec![file], notes })
}
