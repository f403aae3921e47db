//! What a set decides of the recorded calls that its project names.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tollgate_compiler::PolicySet;
use tollgate_evaluator::Engine;

use crate::analysis::calls;
use crate::analysis::seen::Shapes;
use crate::world::Home;
use crate::{files, tried};

/// The most calls that are decided, ...
const MOST_CALLS: usize = 10_000;
/// ... the most bytes of them, ...
const MOST_BYTES: u64 = 32 << 20;
/// ... and the longest that it may take.
const LONGEST: Duration = Duration::from_secs(10);

/// What became of recorded calls.
#[derive(Debug)]
pub struct Replayed {
    /// The file.
    pub path: PathBuf,
    /// What they were when they were read, and what decided them.
    stamp: Stamp,
    /// How many there are.
    pub calls: usize,
    /// Whether the file has more.
    pub has_more: bool,
    /// How many of them each rule matches, by full name.
    pub matched: HashMap<String, usize>,
    /// What keys they have.
    pub seen: Shapes,
}

#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    version: u64,
    changed: Option<SystemTime>,
    bytes: u64,
    /// Of the data.
    digest: u64,
}

/// Decides the calls that a project names; `None` where it names none, they cannot be read, the set has errors, nobody wants to know any more, or it is
/// known already.
pub fn replay(home: Home, is_over: &dyn Fn() -> bool) -> Option<Replayed> {
    let path = &home.project.calls.clone()?;
    let data = tried::data(home.project.data.as_deref());
    let stamp = Stamp::of(path, home.version, &data)?;
    if home.replayed.as_ref().is_some_and(|known| known.path == *path && known.stamp == stamp) || home.set.has_errors() {
        return None;
    }
    let (bytes, is_whole) = files::read_start(path, MOST_BYTES)?;
    let text = String::from_utf8_lossy(&bytes);
    // What is cut off is no call.
    let text = if is_whole { &*text } else { text.rsplit_once('\n')?.0 };
    let engine = engine(&home, data)?;
    drop(home);
    let mut replayed = Replayed { path: path.to_owned(), stamp, calls: 0, has_more: !is_whole, matched: HashMap::new(), seen: Shapes::default() };
    let start = Instant::now();
    for (_, line) in calls::lines(text) {
        if is_over() {
            return None;
        }
        if replayed.calls == MOST_CALLS || start.elapsed() > LONGEST {
            replayed.has_more = true;
            break;
        }
        replayed.add(&engine, line);
    }
    Some(replayed)
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

impl Replayed {
    fn add(&mut self, engine: &Engine, line: &str) {
        let Some(request) = calls::request(line) else { return };
        self.calls += 1;
        self.seen.add(&request);
        for rule in engine.matched(request.to_json().as_bytes()) {
            match self.matched.get_mut(rule) {
                Some(count) => *count += 1,
                None => drop(self.matched.insert(rule.to_owned(), 1)),
            }
        }
    }
}

impl Stamp {
    fn of(path: &Path, version: u64, data: &[(String, Vec<u8>)]) -> Option<Stamp> {
        let file = std::fs::metadata(path).ok()?;
        let mut hasher = DefaultHasher::new();
        data.hash(&mut hasher);
        Some(Stamp { version, changed: file.modified().ok(), bytes: file.len(), digest: hasher.finish() })
    }
}
