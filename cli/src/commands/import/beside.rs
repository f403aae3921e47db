//! The policies that are there already.

use std::path::{Path, PathBuf};

use tollgate_compiler::Sources;

use super::Text;
use crate::output::{Failure, Result};
use crate::project::Project;

/// The other policies of the set that a file belongs to, or is to belong to: those of its project, or else those in its folder.
pub fn around(file: &Path) -> Result<Vec<Text>> {
    let is_file = file.extension().is_some_and(|extension| extension == "toll");
    let folder = if is_file { file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")) } else { file };
    let existing = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let project = Project::around(existing)?;
    let roots = match project.folder {
        Some(_) => project.roots.into_iter().filter(|root| root.exists()).collect(),
        None => in_folder(folder),
    };
    let own = std::fs::canonicalize(file).ok();
    let mut texts = below(&roots)?;
    texts.retain(|text| own.is_none() || std::fs::canonicalize(&text.name).ok() != own);
    Ok(texts)
}

/// The policies below some paths.
pub fn below(paths: &[PathBuf]) -> Result<Vec<Text>> {
    let sources = Sources::read(paths).map_err(Failure::new)?;
    Ok(sources.files().iter().map(|file| Text { name: file.path.to_string(), text: file.text.to_string() }).collect())
}

/// The policies that stand in a folder itself: what stands below it may be no part of any set.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut policies: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "toll") && path.is_file()).collect();
    policies.sort();
    policies
}
