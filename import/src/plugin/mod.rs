//! Plugins of agents: what their manifests say of tools, and of the permissions that skills need.
//!
//! A manifest asks for permissions, and grants none: what a skill needs becomes a `review`, until its author says otherwise.
//! [`read`](read()) takes a plugin's files apart, [`permission`] reads the names that hosts have for tools.

mod hooks;
pub mod permission;
mod read;
mod skills;
mod there;
mod write;

pub use hooks::Hook;
pub use permission::Permission;
pub use read::read;
pub use skills::Skill;

use there::There;

use crate::report::joined;
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

/// How a plugin is imported.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'o> {
    /// The package's name [default: the plugin's].
    pub package: Option<&'o str>,
    /// The policies that are there already: the tools and obligations that they declare are not declared again.
    pub beside: &'o [Source<'o>],
}

/// The tools of a plugin as declarations, and a `review` of what its skills need. The sources are the files of its folder, named by their paths in it.
///
/// # Errors
///
/// Where a manifest cannot be read, or there is none.
pub fn import(sources: &[Source], options: &Options) -> Result<Import, Unreadable> {
    let mut notes = Vec::new();
    let plugin = read(sources, &mut notes)?;
    let name = options.package.map_or_else(|| toll::value_name(&plugin.name), str::to_owned);
    let path = format!("{}.toll", name.replace('.', "_"));
    let beside: Vec<Source> = options.beside.iter().filter(|other| !other.is_at(&path)).copied().collect();
    let first = sources.first().map_or("", |source| source.name);
    let text = write::policy(&name, &plugin, &There::of(&beside), &mut notes)
        .ok_or_else(|| Unreadable::new(first, "", "its skills and hooks are too many: the rules would require more hooks than anybody reads"))?;
    let file = ImportedFile { path, text: toll::laid_out(first, &text)? };
    Ok(Import { files: vec![file], notes: joined(notes) })
}
