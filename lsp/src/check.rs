//! Checks whatever is newest each time that something has changed, and tells the editor.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tower_lsp::Client;
use tower_lsp::ls_types::{MessageType, Uri};

use crate::findings::{self, FileFindings};
use crate::inputs::Inputs;
use crate::replayed;
use crate::state::{State, Wanted};

/// Who has not typed for so long has time for what is said of other files than the open ones.
const PAUSE: Duration = Duration::from_millis(15);
/// The longest that nothing must be typed before sets are looked at thoroughly; less where that takes less.
const QUIET: Duration = Duration::from_millis(300);

/// What is found in each file.
type Found = BTreeMap<Uri, FileFindings>;

/// Checks and tells for as long as there is an editor.
pub async fn check_when_changed(client: Client, state: Arc<State>) {
    let mut teller = Teller { client, told: BTreeMap::new() };
    let mut quiet = Duration::ZERO;
    let mut given_up: Option<JoinHandle<Option<Found>>> = None;
    state.changed().await;
    loop {
        let shared = state.clone();
        let Some((inputs, found)) = teller.blocking(move || of_open(&shared)).await else {
            state.changed().await;
            continue;
        };
        teller.tell(&inputs, found).await;
        if tokio::time::timeout(PAUSE, state.changed()).await.is_ok() {
            continue;
        }
        let shared = state.clone();
        let Some((inputs, found)) = teller.blocking(move || of_all(&shared)).await else { continue };
        teller.tell_all(&inputs, found).await;
        if tokio::time::timeout(quiet, state.changed()).await.is_ok() {
            continue;
        }
        // What was given up goes on for a moment; another beside it would find out nothing sooner.
        if let Some(study) = given_up.take() {
            let _nothing = study.await;
        }
        let (waiting, wanted) = Wanted::waiting();
        let replayed = wanted.clone();
        let shared = state.clone();
        let start = Instant::now();
        let mut study = tokio::task::spawn_blocking(move || thoroughly(&shared, &wanted));
        tokio::select! {
            found = &mut study => {
                quiet = start.elapsed().min(QUIET);
                if let Ok(Some(found)) = found {
                    teller.tell_all(&inputs, found).await;
                    teller.refresh(&inputs);
                }
            }
            () = state.changed() => {
                // Whoever types again so soon types more.
                quiet = QUIET;
                given_up = Some(study);
                continue;
            }
        }
        let shared = state.clone();
        let mut replay = tokio::task::spawn_blocking(move || replay(&shared, &replayed).then(Found::new));
        tokio::select! {
            replayed = &mut replay => {
                if let Ok(Some(_)) = replayed {
                    teller.refresh_lenses(&inputs);
                }
                state.changed().await;
            }
            () = state.changed() => given_up = Some(replay),
        }
        drop(waiting);
    }
}

/// What is known at once of the files that somebody looks at.
fn of_open(state: &State) -> (Inputs, Found) {
    let (homes, inputs) = state.homes();
    let found = findings::of_open(&homes, &inputs);
    (inputs, found)
}

/// What is known at once of all files.
fn of_all(state: &State) -> (Inputs, Found) {
    let (homes, inputs) = state.homes();
    let found = findings::of(&homes, &inputs);
    (inputs, found)
}

/// What takes longer; `None` where something has changed meanwhile.
fn thoroughly(state: &State, wanted: &Wanted) -> Option<Found> {
    let (homes, _) = state.homes();
    for home in homes {
        let (studied, set) = findings::study(&home, &|| wanted.is_over())?;
        state.world().0.keep(&home.project.roots, studied, set);
    }
    let (homes, inputs) = state.homes();
    (!wanted.is_over()).then(|| findings::of(&homes, &inputs))
}

/// What recorded calls have, and what became of them; gives whether there is news of that.
fn replay(state: &State, wanted: &Wanted) -> bool {
    let mut is_new = false;
    // One set at a time is kept from being edited in place.
    for place in 0.. {
        let Some(home) = state.homes().0.into_iter().nth(place) else { break };
        let roots = home.project.roots.clone();
        if let Some(recorded) = replayed::record(&home, &|| wanted.is_over()) {
            state.world().0.keep_recorded(&roots, recorded);
        }
        if let Some(replayed) = replayed::replay(home, &|| wanted.is_over()) {
            state.world().0.keep_replayed(&roots, replayed);
            is_new = true;
        }
    }
    is_new
}

/// Tells the editor what it does not know yet.
struct Teller {
    client: Client,
    told: BTreeMap<Uri, FileFindings>,
}

impl Teller {
    /// Runs something that takes a while; `None`, after a message, where it fails.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        match tokio::task::spawn_blocking(work).await {
            Ok(value) => Some(value),
            Err(error) => {
                self.client.log_message(MessageType::ERROR, format!("checking failed: {error}")).await;
                None
            }
        }
    }

    /// Sends what was found in all files where it is other than what was sent before.
    async fn tell_all(&mut self, inputs: &Inputs, mut found: Found) {
        let gone: Vec<Uri> = self.told.keys().filter(|uri| !found.contains_key(uri)).cloned().collect();
        found.extend(gone.iter().map(|uri| (uri.clone(), FileFindings::default())));
        self.tell(inputs, found).await;
        gone.iter().for_each(|uri| drop(self.told.remove(uri)));
    }

    /// Sends what was found in some files where it is other than what was sent before, documents that are open first; an editor that asks for it gets
    /// nothing unasked.
    async fn tell(&mut self, inputs: &Inputs, found: Found) {
        if inputs.client.pulls {
            return;
        }
        let mut news: Vec<(Uri, FileFindings)> = found.into_iter().filter(|(uri, file)| self.told.get(uri) != Some(file)).collect();
        news.sort_by_key(|(_, file)| file.version.is_none());
        for (uri, file) in news {
            self.client.publish_diagnostics(uri.clone(), file.diagnostics.clone(), file.version).await;
            self.told.insert(uri, file);
        }
    }

    /// Asks the editor to ask again for what it shows. Its answers are waited for by nobody.
    fn refresh(&self, inputs: &Inputs) {
        let (client, wishes) = (self.client.clone(), inputs.client);
        tokio::spawn(async move {
            if wishes.pulls && wishes.refreshes.diagnostics {
                let _unheard = client.workspace_diagnostic_refresh().await;
            }
            if wishes.refreshes.hints {
                let _unheard = client.inlay_hint_refresh().await;
            }
        });
        self.refresh_lenses(inputs);
    }

    /// The same of its lenses alone.
    fn refresh_lenses(&self, inputs: &Inputs) {
        let client = self.client.clone();
        if inputs.client.refreshes.lenses {
            tokio::spawn(async move {
                let _unheard = client.code_lens_refresh().await;
            });
        }
    }
}
