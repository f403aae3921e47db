//! What the language brings with it as files that an editor can show: the standard library's sources, and the pages of diagnostics.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use tollgate_compiler::diagnostic::Code;

/// The files that this process has written or found as they are to be.
static THERE: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// The file with a source of the standard library; `None` where it cannot be written. `shown` is its path in diagnostics.
pub fn source(shown: &str, text: &str) -> Option<PathBuf> {
    written(folder()?.join(shown), text)
}

/// The file with the page of a code; `None` where it cannot be written.
pub fn page(code: Code) -> Option<PathBuf> {
    written(folder()?.join("diagnostics").join(format!("{}.md", code.code())), code.page())
}

/// Whether a file is one of these, which belong to every set and are checked in none.
pub fn has(path: &Path) -> bool {
    shown(path).is_some()
}

/// The path in diagnostics of a source of the standard library that an editor shows.
pub fn shown(path: &Path) -> Option<PathBuf> {
    path.strip_prefix(folder()?).ok().map(Path::to_owned)
}

fn written(path: PathBuf, text: &str) -> Option<PathBuf> {
    let mut there = THERE.lock().unwrap_or_else(PoisonError::into_inner);
    if there.contains(&path) {
        return Some(path);
    }
    if !std::fs::read_to_string(&path).is_ok_and(|known| known == text) {
        std::fs::create_dir_all(path.parent()?).ok()?;
        std::fs::write(&path, text).ok()?;
    }
    there.insert(path.clone());
    Some(path)
}

/// In the user's own cache, where nobody else writes.
fn folder() -> Option<PathBuf> {
    let of = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = of("XDG_CACHE_HOME").or_else(|| Some(of("HOME")?.join(".cache"))).or_else(|| of("LOCALAPPDATA"))?;
    Some(cache.join("tollgate").join(env!("CARGO_PKG_VERSION")))
}
