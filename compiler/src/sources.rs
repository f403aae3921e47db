//! The text of a policy set.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::FileId;
use crate::syntax::SyntaxLimits;

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

    /// Sets the text of a file.
    pub(crate) fn set_text(&mut self, file: FileId, text: impl Into<Arc<str>>) {
        if let Some(source) = usize::try_from(file.0).ok().and_then(|place| self.files.get_mut(place)) {
            source.text = text.into();
        }
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

    /// Reads every `.toll` file named or below a folder named, in the order of their paths: hidden folders too, and what links lead to, since a rule
    /// that is left out may be one that denies. What several paths lead to is read once, under the first of them. The one place of the crate that
    /// touches the file system.
    ///
    /// # Errors
    /// When a path does not exist or a file is unreadable or no UTF-8, or what has the name of a policy is no file.
    pub fn read<P: AsRef<Path>>(roots: &[P]) -> Result<Sources, ReadError> {
        let (sources, errors) = Sources::read_some(roots);
        errors.into_iter().next().map_or(Ok(sources), Err)
    }

    /// What [`Sources::read`] reads, as far as it can be read, and why the rest cannot be. It is for whoever looks at policies; nobody may decide by a part
    /// of them.
    #[expect(clippy::disallowed_methods, reason = "policies are in files, and this is where they are read")]
    pub fn read_some<P: AsRef<Path>>(roots: &[P]) -> (Sources, Vec<ReadError>) {
        let mut roots: Vec<&Path> = roots.iter().map(AsRef::as_ref).collect();
        roots.sort();
        let mut walk = Walk::default();
        roots.into_iter().for_each(|root| walk.below(root));
        walk.files.sort();
        let mut sources = Sources::new();
        for path in walk.files {
            match std::fs::File::open(&path).and_then(read_text) {
                Ok(text) => {
                    sources.add(path.display().to_string(), text);
                }
                Err(reason) => walk.errors.push(ReadError { path, reason }),
            }
        }
        (sources, walk.errors)
    }
}

/// The text of a policy file. Of one that is larger than a file may be, as much is read as shows that it is.
///
/// # Errors
/// When the input is unreadable or no UTF-8.
pub fn read_text(input: impl Read) -> std::io::Result<String> {
    let limit = SyntaxLimits::default().file_bytes;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(LONGEST_CHARACTER);
    let mut bytes = Vec::new();
    input.take(most).read_to_end(&mut bytes)?;
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
        && error.valid_up_to() > limit
    {
        // The reading ended inside a character.
        bytes.truncate(error.valid_up_to());
    }
    String::from_utf8(bytes).map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is no UTF-8"))
}

/// The bytes of the longest character: with so many more than the limit, what is whole of them is beyond it.
const LONGEST_CHARACTER: u64 = 4;

/// A walk through folders.
#[derive(Default)]
struct Walk {
    /// The real paths of what it has come by: links lead to the same file twice, or round in a circle.
    visited: BTreeSet<PathBuf>,
    /// The files found, as they are shown.
    files: Vec<PathBuf>,
    /// What it could not go to.
    errors: Vec<ReadError>,
}

impl Walk {
    /// Goes to a file, or to all below a folder, in the order of their paths.
    fn below(&mut self, root: &Path) {
        let mut pending = vec![root.to_owned()];
        while let Some(path) = pending.pop() {
            match self.visit(&path) {
                Ok(mut inside) => {
                    inside.sort_by(|a, b| b.cmp(a));
                    pending.append(&mut inside);
                }
                Err(reason) => self.errors.push(ReadError { path, reason }),
            }
        }
    }

    /// Notes a file; gives what there is to visit in a folder.
    #[expect(clippy::disallowed_methods, reason = "as for `Sources::read`")]
    fn visit(&mut self, path: &Path) -> std::io::Result<Vec<PathBuf>> {
        let kind = std::fs::metadata(path)?;
        if !kind.is_file() && !kind.is_dir() {
            // Reading a pipe or a device may never end.
            return Err(std::io::Error::other("neither a file nor a folder"));
        }
        if !self.visited.insert(std::fs::canonicalize(path)?) {
            return Ok(Vec::new());
        }
        if kind.is_file() {
            self.files.push(path.to_owned());
            return Ok(Vec::new());
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            match is_to_visit(&entry) {
                Ok(is_wanted) => inside.extend(is_wanted.then(|| entry.path())),
                Err(reason) => self.errors.push(ReadError { path: entry.path(), reason }),
            }
        }
        Ok(inside)
    }
}

/// Whether an entry is a folder or has the name of a policy.
#[expect(clippy::disallowed_methods, reason = "as for `Sources::read`")]
fn is_to_visit(entry: &std::fs::DirEntry) -> std::io::Result<bool> {
    let (path, kind) = (entry.path(), entry.file_type()?);
    let is_policy = path.extension().is_some_and(|extension| extension == "toll");
    if !kind.is_symlink() {
        return Ok(kind.is_dir() || is_policy);
    }
    match std::fs::metadata(&path) {
        Ok(target) => Ok(target.is_dir() || is_policy),
        // A link `.#a.toll` that leads nowhere is an editor's mark that `a.toll` is being edited.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(is_policy && !entry.file_name().to_string_lossy().starts_with(".#")),
        Err(error) => Err(error),
    }
}
