//! What the server knows, shared by its handlers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::FindProject;
use crate::inputs::Inputs;
use crate::library;
use crate::view::View;
use crate::world::{Home, World};

/// What the server knows, and who is told when it changes.
pub struct State {
    inputs: Mutex<Inputs>,
    /// Held while the sets are brought up to date, not while something is found out about them.
    world: Mutex<World>,
    changed: Notify,
    /// Whether the editor has said that it leaves.
    left: AtomicBool,
}

/// Says whether somebody still waits for an answer.
#[derive(Clone, Debug, Default)]
pub struct Wanted(Arc<AtomicBool>);

/// The one who waits; with it goes the wish.
#[derive(Debug)]
pub struct Waiting(Wanted);

impl State {
    /// Nothing open.
    pub fn new(find: FindProject) -> State {
        State { inputs: Mutex::default(), world: Mutex::new(World::new(find)), changed: Notify::new(), left: AtomicBool::new(false) }
    }

    /// What the editor has said.
    pub fn inputs(&self) -> MutexGuard<'_, Inputs> {
        // A change that panicked has left a text as it was or as it is to be; both can be checked.
        self.inputs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies a notification.
    pub fn notice(&self, method: &str, params: Option<&Value>) {
        if self.inputs().notice(method, params.cloned().unwrap_or_default()) {
            self.changed.notify_one();
        }
    }

    /// Chooses the recorded input by which the set of a policy is decided live.
    pub fn evaluate_with(&self, policy: PathBuf, input: Option<PathBuf>) {
        self.inputs().chosen.insert(policy, input);
    }

    /// The editor says that it leaves.
    pub fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    /// Whether the editor has said that it leaves.
    pub fn is_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    /// Waits until something has changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The sets, up to date, with the inputs that they are of.
    pub fn world(&self) -> (MutexGuard<'_, World>, Inputs) {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let inputs = self.inputs().clone();
        world.refresh(&inputs);
        (world, inputs)
    }

    /// All sets as they are now.
    pub fn homes(&self) -> (Vec<Home>, Inputs) {
        let (world, inputs) = self.world();
        (world.homes().cloned().collect(), inputs)
    }

    /// A file of a set, as it is now; `None` where no set has it.
    ///
    /// # Errors
    /// `RequestCancelled` where nobody waits any more, `ContentModified` where the document has another version than the one asked about.
    pub fn view(&self, path: &Path, asked: Option<i32>, wanted: &Wanted) -> Result<Option<View>> {
        wanted.check()?;
        let (world, inputs) = self.world();
        self.still(path, asked, wanted)?;
        let (home, path) = match library::shown(path) {
            // Every set has the standard library.
            Some(shown) => (world.homes().next().cloned(), shown),
            None => (world.home(path).cloned(), path.to_owned()),
        };
        drop(world);
        Ok(home.and_then(|home| View::new(home, &path, inputs)))
    }

    /// Whether an answer about that version of a document is still an answer.
    ///
    /// # Errors
    /// As [`State::view`].
    pub fn still(&self, path: &Path, asked: Option<i32>, wanted: &Wanted) -> Result<()> {
        wanted.check()?;
        if self.inputs().version(path) == asked { Ok(()) } else { Err(Error::new(ErrorCode::ContentModified)) }
    }
}

impl Wanted {
    /// One who waits, and what tells whether he still does.
    pub fn waiting() -> (Waiting, Wanted) {
        let wanted = Wanted::default();
        (Waiting(wanted.clone()), wanted)
    }

    /// Whether nobody waits any more.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn check(&self) -> Result<()> {
        if self.is_over() { Err(Error::new(ErrorCode::RequestCancelled)) } else { Ok(()) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}
