//! Which plugin of several a file is of.

use std::collections::BTreeMap;

use super::read::Kind;
use crate::Source;
use crate::json::Json;

/// The folders of plugins, with what names them.
pub struct Homes {
    names: BTreeMap<String, Option<String>>,
}

impl Homes {
    /// Those of manifests, and those that a list of plugins names and that have no manifest.
    pub fn of(files: &[(&Source<'_>, Kind)]) -> Homes {
        let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
        let read = |wanted: Kind| {
            let of_kind = files.iter().filter(move |(_, kind)| *kind == wanted);
            of_kind.filter_map(|(source, _)| Some((source.name, Json::read(source.name, source.text).ok()?)))
        };
        for (source, _) in files.iter().filter(|(_, kind)| *kind == Kind::Manifest) {
            names.entry(of_manifest(source.name).to_owned()).or_default();
        }
        for (source, manifest) in read(Kind::Manifest) {
            let name = manifest.get("name").and_then(Json::as_text).map(str::to_owned);
            if let Some(known) = names.get_mut(of_manifest(source)).filter(|known| known.is_none()) {
                *known = name;
            }
        }
        for (source, list) in read(Kind::Listing) {
            let mut listed: BTreeMap<String, Vec<Option<&str>>> = BTreeMap::new();
            for entry in list.get("plugins").and_then(Json::as_list).unwrap_or_default() {
                let below = entry.get("source").and_then(Json::as_text).filter(|path| path.starts_with('.') && !path.contains(".."));
                if let Some(below) = below {
                    let parts = [of_manifest(source), below.trim_start_matches("./").trim_matches(['/', '.'])];
                    let home = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
                    listed.entry(home).or_default().push(entry.get("name").and_then(Json::as_text));
                }
            }
            for (home, entries) in listed {
                // What several entries share is nobody's own.
                if let [name] = entries.as_slice() {
                    names.entry(home).or_insert_with(|| name.map(str::to_owned));
                }
            }
        }
        let mut homes = Homes { names };
        let nested: Vec<String> =
            homes.names.iter().filter(|(home, name)| homes.is_variant(home, name.as_deref())).map(|(home, _)| home.clone()).collect();
        nested.iter().for_each(|home| drop(homes.names.remove(home)));
        homes
    }

    /// Whether it is another host's folder of the plugin around it.
    fn is_variant(&self, home: &str, name: Option<&str>) -> bool {
        let around = above(home).find_map(|folder| self.names.get(folder));
        around.is_some_and(|around| name.is_none() || around.as_deref() == name)
    }

    /// The folder of the plugin that a file is of.
    pub fn home(&self, file: &str) -> &str {
        let found = above(file).find_map(|folder| self.names.get_key_value(folder)).map(|(home, _)| home.as_str());
        found.or(self.names.keys().next().filter(|_| self.names.len() == 1).map(String::as_str)).unwrap_or_default()
    }

    /// What a folder's plugin is called by a manifest or a list.
    pub fn name(&self, home: &str) -> Option<&str> {
        self.names.get(home)?.as_deref()
    }
}

/// The folder of a manifest's plugin: that of hosts' own, `.claude-plugin`, stands in it.
pub fn of_manifest(manifest: &str) -> &str {
    let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = folder.strip_suffix("/plugin").filter(|above| above.ends_with(".github")).unwrap_or(folder);
    let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    if last.starts_with('.') { above } else { folder }
}

/// The folders that a path stands in, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path).filter(|path| !path.is_empty());
    std::iter::from_fn(move || {
        let path = rest?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        rest = Some(folder).filter(|folder| !folder.is_empty());
        Some(folder)
    })
}
