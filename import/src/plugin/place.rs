//! Where the policy of a plugin goes: its package and its file.

use std::collections::HashSet;

use super::Plugin;
use super::there::Policy;
use crate::toll::package_name;
use crate::{Fate, Note};

/// How the first comment of an imported policy begins.
pub const IMPORTED: &str = "Imported from the plugin `";

/// The package and the file of a plugin's policy.
pub struct Place {
    /// The package.
    pub package: String,
    /// The file's path.
    pub path: String,
}

/// Those of plugins: another package and another file for each, unless a package is given.
pub fn all(plugins: &[Plugin], package: Option<&str>, beside: &[Policy<'_>], notes: &mut Vec<Note>) -> Vec<Place> {
    let mut taken = HashSet::new();
    let mut places = Vec::new();
    for plugin in plugins {
        let name = match package {
            Some(package) if plugins.len() == 1 => package.to_owned(),
            _ => package_name(&plugin.name),
        };
        let mut place = Place::named(&name);
        let mut number = 1;
        let is_given = package.is_some() && plugins.len() == 1;
        let mut other = None;
        while !is_given && (taken.contains(&place.package) || beside.iter().any(|policy| place.is_anothers(policy, plugin))) {
            other = beside.iter().find(|policy| place.is_anothers(policy, plugin)).map(|policy| policy.source.name).or(other);
            number += 1;
            place = Place::named(&format!("{name}_{number}"));
        }
        taken.insert(place.package.clone());
        if number > 1 && package.is_none() {
            let of = other.map_or_else(|| "is another plugin's".to_owned(), |file| format!("is that of {file}"));
            notes.push(Note::new(&plugin.name, "", Fate::Guessed, format!("the package is `{}`, since `{name}` {of}", place.package)));
        }
        if let Some(package) = package {
            package.clone_into(&mut place.package);
        }
        places.push(place);
    }
    places
}

impl Place {
    fn named(package: &str) -> Place {
        Place { package: package.to_owned(), path: format!("{}.toll", package.replace('.', "_")) }
    }

    /// Whether a policy is what an earlier import of the plugin made, which this one is to replace.
    pub fn is_of(&self, policy: &Policy<'_>, plugin: &Plugin) -> bool {
        policy.source.is_at(&self.path) && imported_from(policy).is_none_or(|name| name == shown(&plugin.name))
    }

    /// Whether a policy has the place, and is of another plugin.
    fn is_anothers(&self, policy: &Policy<'_>, plugin: &Plugin) -> bool {
        let is_another = imported_from(policy).is_some_and(|name| name != shown(&plugin.name));
        is_another && (policy.package == self.package || policy.source.is_at(&self.path))
    }
}

/// The plugin that a policy says to be imported from.
fn imported_from<'s>(policy: &Policy<'s>) -> Option<&'s str> {
    let said = policy.source.text.lines().take(20).find_map(|line| line.strip_prefix("// ")?.strip_prefix(IMPORTED))?;
    said.split('`').next()
}

/// A name as the comment has it on its line.
fn shown(name: &str) -> String {
    let comment = crate::toll::comment(&format!("{IMPORTED}{name}`"));
    let line = comment.lines().next().unwrap_or_default();
    let said = line.strip_prefix("// ").and_then(|line| line.strip_prefix(IMPORTED)).unwrap_or_default();
    said.split('`').next().unwrap_or_default().to_owned()
}
