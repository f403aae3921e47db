//! Policies from what teams already have: tool lists, access policies, rule files, plugin manifests.
//!
//! Each importer is a module with a function `import`, which takes texts and gives an [`Import`]: files of policies and data, and a
//! [`Note`] for every construct that was not carried over as it was. Nothing is dropped silently, and nothing that cannot be said
//! widens access: it becomes a `review` or a `deny`.
//!
//! No file is read or written here; that is the command's.

#![forbid(unsafe_code)]

pub mod cedar;
pub mod iam;
pub mod json;
mod lints;
pub mod mcp;
pub mod plugin;
pub mod report;
pub mod rules;
pub mod toll;

pub use report::{Fate, Import, ImportedFile, Note, Unreadable};

/// A text to import from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name in notes, as the user gave it.
    pub name: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

impl Source<'_> {
    /// Whether it may be what stood where a file of an import is to stand: its name ends in that path.
    fn is_at(&self, path: &str) -> bool {
        let before = self.name.strip_suffix(path);
        before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '\\']))
    }
}
