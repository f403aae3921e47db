//! `tollgate doc`: the reference of a policy set, or of the standard library.

mod anchors;
mod html;
mod items;
mod layout;
mod markdown;
mod model;
mod page;
mod policies;
mod prose;
mod rewrite;
mod standard;

use std::path::{Path, PathBuf};

use crate::args::{DocArgs, DocFormat, Format};
use crate::files;
use crate::output::{Failure, Outcome, Result, print};
use crate::project::Project;

use model::{Files, Model};
use page::Page;

/// Writes the page that is asked for; nothing of a set with errors.
pub fn run(args: &DocArgs) -> Result {
    let page = if args.std { Some(standard::page()) } else { of_set(&args.set.paths)? };
    let Some(page) = page else { return Ok(Outcome::Found) };
    let text = match format(args) {
        DocFormat::Markdown => markdown::text(&page),
        DocFormat::Html => html::text(&page),
    };
    match &args.output {
        Some(path) => files::replace(path, text.as_bytes()).map_err(|error| Failure::file("write", path, error))?,
        None => print(&text)?,
    }
    Ok(Outcome::Clean)
}

/// The format that is asked for, or else that of the file's name.
fn format(args: &DocArgs) -> DocFormat {
    let is_html = |path: &PathBuf| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
    let of_name = if args.output.as_ref().is_some_and(is_html) { DocFormat::Html } else { DocFormat::Markdown };
    args.format.unwrap_or(of_name)
}

/// The page about a policy set; `None`, after a report, where it has errors.
fn of_set(paths: &[PathBuf]) -> Result<Option<Page>> {
    let project = Project::find(paths)?;
    let Some(set) = project.check_cleanly(Format::Pretty)? else { return Ok(None) };
    // A page says where things stand in the project, wherever that is.
    let folder = named(&project);
    let shown = |path: &str| {
        let inside = folder.and_then(|folder| Path::new(path).strip_prefix(folder).ok()).filter(|inside| !inside.as_os_str().is_empty());
        inside.unwrap_or(Path::new(path)).display().to_string()
    };
    let files = Files::read(&set, 0..set.own_files(), shown);
    Ok(Some(policies::page(title(&project), &Model::new(&set, &files))))
}

/// The name of the project's folder, or of what alone is named.
fn title(project: &Project) -> String {
    let absolute = named(project).and_then(|path| std::fs::canonicalize(path).ok());
    let name = absolute.as_deref().and_then(|path| if path.is_dir() { path.file_name() } else { path.file_stem() });
    name.map_or_else(|| "Policies".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The project's folder, or what alone is named.
fn named(project: &Project) -> Option<&Path> {
    match (&project.folder, project.roots.as_slice()) {
        (Some(folder), _) => Some(folder),
        (None, [root]) => Some(root),
        _ => None,
    }
}
