//! Plugins of agents: what their manifests say of tools, and of the permissions that skills need.
//!
//! A manifest asks for permissions, and grants none: what a skill needs becomes a `review`, until its author says otherwise.
//! [`read`](read()) takes a plugin's files apart, [`permission`] reads the names that hosts have for tools.

mod demands;
mod homes;
mod hooks;
mod own;
pub mod permission;
mod place;
mod read;
mod said;
mod scope;
mod servers;
mod skills;
mod there;
mod tools;
mod write;

pub use hooks::Hook;
pub use permission::Permission;
pub use read::read;
pub use skills::Skill;

use there::{Policy, There};

use crate::report::joined;
use crate::toll;
use crate::{Fate, Import, ImportedFile, Note, Source, Unreadable};

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

/// The tools of plugins as declarations, and a `review` of what their skills need. The sources are the files of a folder, or of several, named by their paths.
///
/// Hooks are of all calls in a host, so that each review requires those of all the plugins.
///
/// # Errors
///
/// Where a manifest cannot be read, or there is none.
pub fn import(sources: &[Source], options: &Options) -> Result<Import, Unreadable> {
    let mut notes = Vec::new();
    let plugins = read(sources, &mut notes)?;
    let first = sources.first().map_or("", |source| source.name);
    let (plugins, empty): (Vec<Plugin>, Vec<Plugin>) =
        if plugins.len() > 1 { plugins.into_iter().partition(Plugin::says_something) } else { (plugins, Vec::new()) };
    for plugin in empty {
        notes.push(Note::new(&plugin.name, "", Fate::LeftOut, "the plugin has neither skills nor servers nor hooks"));
    }
    let hooks: Vec<&Hook> = plugins.iter().flat_map(|plugin| &plugin.hooks).collect();
    let policies = there::policies(options.beside);
    let places = place::all(&plugins, options.package, &policies, &mut notes);
    let mut there = There::of(policies.iter().filter(|policy| !places.iter().zip(&plugins).any(|(place, plugin)| place.is_of(policy, plugin))));
    let (mut files, mut written) = (Vec::new(), 0);
    for (plugin, place) in plugins.iter().zip(places) {
        let text = write::policy(&place.package, plugin, &hooks, &there, &mut written, &mut notes)
            .ok_or_else(|| Unreadable::new(first, "", "its skills and hooks are too many: the rules would require more hooks than anybody reads"))?;
        let file = ImportedFile { path: place.path, text: toll::laid_out(first, &text)? };
        // A tool is declared once in a set.
        there.add(&Policy::read(Source { name: &file.path, text: &file.text }));
        files.push(file);
    }
    Ok(Import { files, notes: joined(notes) })
}

impl Plugin {
    fn says_something(&self) -> bool {
        !self.skills.is_empty() || !self.servers.is_empty() || !self.hooks.is_empty()
    }
}
