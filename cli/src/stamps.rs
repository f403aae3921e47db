//! What a watching command looks at: when the files of a project were written last.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::project::{FILE, Project};

/// How long to wait between two looks at the files.
const PAUSE: Duration = Duration::from_millis(10);

/// Looking at the files takes at most this part of the time.
const SHARE: u32 = 10;

/// When each file that matters was written last, and how long it is.
pub type Stamps = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Those of a project's policies, data and settings, and of other files.
pub fn stamps<'p>(project: &'p Project, others: impl Iterator<Item = &'p Path>) -> Stamps {
    let mut stamps = Stamps::new();
    let own = project.roots.iter().map(PathBuf::as_path).chain(project.data.as_deref());
    let mut pending: Vec<PathBuf> = own.chain(others).map(Path::to_owned).collect();
    pending.extend(project.folder.iter().map(|folder| folder.join(FILE)));
    let mut visited = BTreeSet::new();
    while let Some(path) = pending.pop() {
        let known = std::fs::metadata(&path);
        let is_folder = known.as_ref().is_ok_and(std::fs::Metadata::is_dir);
        // Links may lead round in a circle.
        if is_folder && std::fs::canonicalize(&path).is_ok_and(|real| visited.insert(real)) {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            pending.extend(entries.filter(matters).map(|entry| entry.path()));
        }
        // A folder changes with whatever is written into it; what matters of that has stamps of its own.
        let stamp = known.ok().filter(|_| !is_folder).and_then(|known| Some((known.modified().ok()?, known.len())));
        stamps.insert(path, stamp);
    }
    stamps
}

/// Waits until the next look, after one that took so long.
pub fn pause(look: Duration) {
    std::thread::sleep(PAUSE.max(look * SHARE));
}

/// Whether an entry may be a folder, a policy or data.
fn matters(entry: &std::fs::DirEntry) -> bool {
    let path = entry.path();
    let has_kind = path.extension().is_some_and(|extension| extension == "toll" || extension == "json");
    has_kind || entry.file_type().is_ok_and(|kind| !kind.is_file())
}
