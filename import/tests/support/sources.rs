//! The sources of a case, by their names.

use std::fs;
use std::path::Path;

use tollgate_import::{Import, Source, Unreadable, cedar, iam, mcp, plugin, rules};

/// Imports the files of a case's folder `source`.
pub fn import(importer: &str, case: &Path) -> Result<Import, Unreadable> {
    let files = files(&case.join("source"), "");
    let named = |begins: &str| -> Vec<Source<'_>> {
        let chosen = files.iter().filter(|(name, _)| name.starts_with(begins));
        chosen.map(|(name, text)| Source { name, text }).collect()
    };
    match importer {
        "mcp" => {
            let package = fs::read_to_string(case.join("package.txt")).ok().map(|name| name.trim().to_owned());
            let text = fs::read_to_string(case.join("with.toll")).ok();
            let beside: Vec<Source> = text.iter().map(|text| Source { name: "with.toll", text }).collect();
            mcp::import(&named(""), &mcp::Options { server: None, package, beside: &beside })
        }
        "iam" => {
            let levels = |begins: &str| named(begins).into_iter().map(|source| vec![source]).collect();
            let attached = fs::read_to_string(case.join("attached.txt")).ok();
            let principals = fs::read_to_string(case.join("principals.txt")).ok();
            let resources = named("resource").into_iter().map(|source| iam::Attached { source, to: attached.as_deref().map(str::trim) });
            let documents = iam::Documents {
                policies: named("policy"),
                resources: resources.collect(),
                boundaries: named("boundary"),
                control: levels("scp"),
                resource_control: levels("rcp"),
                session: named("session"),
                principals: principals.as_deref().map(|text| text.lines().collect()).unwrap_or_default(),
            };
            iam::import(&documents, None)
        }
        "cedar" => {
            let cedar =
                cedar::Cedar { policies: named("policies"), schema: named("schema").first().copied(), entities: named("entities").first().copied() };
            cedar::import(&cedar, None)
        }
        "rules" => rules::import(&named(""), None),
        "plugin" => {
            let text = fs::read_to_string(case.join("with.toll")).ok();
            let beside: Vec<Source> = text.iter().map(|text| Source { name: "with.toll", text }).collect();
            plugin::import(&named(""), &plugin::Options { package: None, beside: &beside })
        }
        other => Err(Unreadable::new(other, "", "no importer has this name")),
    }
}

/// Every file below a folder, by its path in it, sorted.
fn files(folder: &Path, below: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match fs::read_to_string(entry.path()) {
            Ok(text) => files.push((name, text)),
            Err(_) => files.extend(self::files(&entry.path(), &format!("{name}/"))),
        }
    }
    files.sort();
    files
}
