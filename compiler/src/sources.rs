//! The text of a policy set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::FileId;

/// The files of a policy set, in the order of their paths.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path as diagnostics show it.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
}

/// Why a policy set could not be read.
#[derive(Debug)]
pub struct ReadError {
    /// What could not be read.
    pub path: PathBuf,
    /// Why.
    pub reason: std::io::Error,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read `{}`: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for ReadError {}

impl Sources {
    /// No files.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// A set of one file, for tests and questions.
    pub fn of(path: &str, text: &str) -> Sources {
        let mut sources = Sources::new();
        sources.add(path, text);
        sources
    }

    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(Source { path: path.into(), text: text.into() });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The files in order; a file's place is its [`FileId`].
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// A file.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(usize::try_from(file.0).ok()?)
    }

    /// The path of a file as it is shown; empty for an unknown one.
    pub fn path(&self, file: FileId) -> &str {
        self.get(file).map_or("", |source| &source.path)
    }

    /// The text of a file; empty for an unknown one.
    pub fn text(&self, file: FileId) -> &str {
        self.get(file).map_or("", |source| &source.text)
    }

    /// The texts of all files in the order of their ids.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|source| &*source.text)
    }

    /// Reads every `.toll` file named or below a folder named, hidden folders left out, in the order of their paths. The one place of the
    /// crate that touches the file system.
    ///
    /// # Errors
    /// When a path does not exist or a file is unreadable or no UTF-8.
    #[expect(clippy::disallowed_methods, reason = "policies are in files, and this is where they are read")]
    pub fn read<P: AsRef<Path>>(roots: &[P]) -> Result<Sources, ReadError> {
        let mut paths = Vec::new();
        for root in roots {
            collect(root.as_ref(), &mut paths)?;
        }
        paths.sort();
        paths.dedup();
        let mut sources = Sources::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|reason| ReadError { path: path.clone(), reason })?;
            sources.add(path.display().to_string(), text);
        }
        Ok(sources)
    }
}

/// Gathers `.toll` files without following links to folders, so that no cycle of links is endless.
#[expect(clippy::disallowed_methods, reason = "as for `Sources::read`")]
fn collect(path: &Path, paths: &mut Vec<PathBuf>) -> Result<(), ReadError> {
    let failed = |reason| ReadError { path: path.to_owned(), reason };
    let mut pending = vec![path.to_owned()];
    if std::fs::metadata(path).map_err(failed)?.is_file() {
        paths.push(path.to_owned());
        return Ok(());
    }
    while let Some(folder) = pending.pop() {
        let failed = |reason| ReadError { path: folder.clone(), reason };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let name = entry.file_name();
            let hidden = name.to_string_lossy().starts_with('.');
            if kind.is_dir() && !hidden {
                pending.push(entry.path());
            } else if !kind.is_dir() && entry.path().extension().is_some_and(|extension| extension == "toll") {
                paths.push(entry.path());
            }
        }
    }
    Ok(())
}
