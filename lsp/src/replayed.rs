//! What the recorded calls that a project names have, and what a set decides of them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;

use crate::analysis::actions::Value;
use crate::analysis::calls;
use crate::analysis::seen::Shapes;
use crate::world::Home;
use crate::{files, tried};

/// The most calls that are looked at, ...
const MOST_CALLS: usize = 10_000;
/// ... the most bytes of them, ...
const MOST_BYTES: u64 = 32 << 20;
/// ... and the longest that it may take.
const LONGEST: Duration = Duration::from_secs(10);

/// What recorded calls have.
#[derive(Debug)]
pub struct Recorded {
    /// The file.
    pub path: PathBuf,
    /// What keys they have.
    pub seen: Shapes,
    stamp: FileStamp,
}

/// What became of recorded calls.
#[derive(Debug)]
pub struct Replayed {
    /// The file.
    pub path: PathBuf,
    /// The texts of the set that decided them.
    pub sources: Sources,
    /// How many there are.
    pub calls: usize,
    /// Whether the file has more.
    pub has_more: bool,
    /// How many of them each rule matches, by full name.
    pub matched: HashMap<String, usize>,
    /// What they were when they were read, and what decided them.
    stamp: Stamp,
}

/// Tells a file from what it was before.
#[derive(Debug, PartialEq, Eq)]
struct FileStamp {
    changed: Option<SystemTime>,
    bytes: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    file: FileStamp,
    version: u64,
    /// Of the data.
    digest: u64,
}

/// Reads the calls that a project names for what they have, whatever is wrong with its policies; `None` where it names none, they cannot be read, nobody
/// wants to know any more, or it is known already.
pub fn record(home: &Home, is_over: &dyn Fn() -> bool) -> Option<Recorded> {
    let path = home.project.calls.clone()?;
    let stamp = FileStamp::of(&path)?;
    if home.recorded.as_ref().is_some_and(|known| known.path == path && known.stamp == stamp) {
        return None;
    }
    let mut seen = Shapes::default();
    each(&path, is_over, |call| seen.add(call))?;
    Some(Recorded { path, seen, stamp })
}

/// Decides the calls that a project names; `None` as for [`record`], and where the set has errors.
pub fn replay(home: Home, is_over: &dyn Fn() -> bool) -> Option<Replayed> {
    let path = home.project.calls.clone()?;
    let data = tried::data(home.project.data.as_deref());
    let stamp = Stamp::of(&path, home.version, &data)?;
    if home.replayed.as_ref().is_some_and(|known| known.path == path && known.stamp == stamp) || home.set.has_errors() {
        return None;
    }
    let engine = engine(&home, data)?;
    let sources = home.set.sources().clone();
    drop(home);
    let mut matched: HashMap<String, usize> = HashMap::new();
    let (calls, has_more) = each(&path, is_over, |call| {
        for rule in engine.matched(call.to_json().as_bytes()) {
            match matched.get_mut(rule) {
                Some(count) => *count += 1,
                None => drop(matched.insert(rule.to_owned(), 1)),
            }
        }
    })?;
    Some(Replayed { path, sources, calls, has_more, matched, stamp })
}

/// Visits the calls of a file; how many there are, and whether there are more. `None` where it cannot be read, or nobody wants to know any more.
fn each(path: &Path, is_over: &dyn Fn() -> bool, mut visit: impl FnMut(&Value)) -> Option<(usize, bool)> {
    let (bytes, is_whole) = files::read_start(path, MOST_BYTES)?;
    let text = String::from_utf8_lossy(&bytes);
    // What is cut off is no call.
    let text = if is_whole { &*text } else { text.rsplit_once('\n')?.0 };
    let start = Instant::now();
    let mut count = 0;
    for (_, line) in calls::lines(text) {
        if is_over() {
            return None;
        }
        if count == MOST_CALLS || start.elapsed() > LONGEST {
            return Some((count, true));
        }
        if let Some(call) = calls::request(line) {
            count += 1;
            visit(&call);
        }
    }
    Some((count, !is_whole))
}

/// An engine of a set with data; the plan of a set that has been looked at is there already.
fn engine(home: &Home, data: Vec<(String, Vec<u8>)>) -> Option<Engine> {
    let plan = PolicySet::clone(&home.set).plan().ok()?.clone();
    let engine = Engine::new(plan).ok()?;
    for (name, json) in data {
        // What does not fit is said by the command.
        let _unfit = engine.set_data(&name, json);
    }
    Some(engine)
}

impl FileStamp {
    fn of(path: &Path) -> Option<FileStamp> {
        let file = std::fs::metadata(path).ok()?;
        Some(FileStamp { changed: file.modified().ok(), bytes: file.len() })
    }
}

impl Stamp {
    fn of(path: &Path, version: u64, data: &[(String, Vec<u8>)]) -> Option<Stamp> {
        let mut hasher = DefaultHasher::new();
        data.hash(&mut hasher);
        Some(Stamp { file: FileStamp::of(path)?, version, digest: hasher.finish() })
    }
}
