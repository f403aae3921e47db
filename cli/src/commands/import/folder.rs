//! The files of a plugin's folder.

use std::path::{Path, PathBuf};

use tollgate_import::{Fate, Note, plugin};

use super::{LARGEST, Text};
use crate::files;
use crate::output::{Failure, Result};

/// The most files and folders that are looked at.
const MOST: usize = 100_000;

/// Those of several folders: named by the folder besides, where there are several.
pub fn all(folders: &[PathBuf]) -> Result<(Vec<Text>, Vec<Note>)> {
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for folder in folders {
        let (texts, unread) = texts(folder)?;
        let below = if folders.len() > 1 { format!("{}/", folder.display().to_string().trim_end_matches('/')) } else { String::new() };
        all.extend(texts.into_iter().map(|text| Text { name: format!("{below}{}", text.name), ..text }));
        notes.extend(unread.into_iter().map(|note| Note { source: format!("{below}{}", note.source), ..note }));
    }
    Ok((all, notes))
}

/// The files that say something of a plugin, by their paths in its folder, sorted, and notes about those that cannot be read. Links are not followed.
pub fn texts(folder: &Path) -> Result<(Vec<Text>, Vec<Note>)> {
    let mut paths = Vec::new();
    let mut open = vec![folder.to_owned()];
    let mut seen = 0;
    while let Some(at) = open.pop() {
        let entries = std::fs::read_dir(&at).map_err(|error| Failure::file("read", &at, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Failure::file("read", &at, error))?;
            let kind = entry.file_type().map_err(|error| Failure::file("read", &entry.path(), error))?;
            seen += 1;
            if seen > MOST {
                return Err(Failure::file("read", folder, format!("it holds more than {MOST} files")));
            }
            let name = entry.file_name();
            if kind.is_dir() && name != ".git" && name != "node_modules" {
                open.push(entry.path());
            } else if kind.is_file() {
                paths.push(entry.path());
            }
        }
    }
    let named = |path: PathBuf| {
        let name =
            path.strip_prefix(folder).unwrap_or(&path).components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        plugin::is_read(&name).then_some((name, path))
    };
    let mut named: Vec<(String, PathBuf)> = paths.into_iter().filter_map(named).collect();
    named.sort();
    let (mut texts, mut notes) = (Vec::new(), Vec::new());
    for (name, path) in named {
        match text(&path) {
            Ok(text) => texts.push(Text { name, text }),
            Err(reason) => notes.push(Note::new(&name, "", Fate::Stricter, format!("{reason}: nothing of it is imported"))),
        }
    }
    Ok((texts, notes))
}

/// The text of a file, or why it cannot be read.
fn text(path: &Path) -> std::result::Result<String, String> {
    match files::read(path, LARGEST) {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned()),
        Err(Failure::Because(reason)) => Err(reason),
        Err(Failure::Unread) => Err("it cannot be read".to_owned()),
    }
}
