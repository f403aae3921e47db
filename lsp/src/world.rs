//! The policy sets of the editor's folders and documents, as they are now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use tollgate_compiler::diagnostic::Diagnostic;
use tollgate_compiler::lower::IndexReport;
use tollgate_compiler::{PolicySet, ReadError, Sources};

use crate::inputs::Inputs;
use crate::replayed::Replayed;
use crate::tried::{Outcome, Tried};
use crate::{FindProject, Project, findings, library};

/// So many rules are filed while somebody waits.
const FEW: usize = 1_000;

/// A set without policies.
static NOTHING: LazyLock<Arc<PolicySet>> = LazyLock::new(|| Arc::new(PolicySet::check(Sources::new())));

/// The sets, with what is known of them.
pub struct World {
    find: FindProject,
    /// What was on disk when it was looked at, and the folders of which projects were found then.
    looked: Option<(u64, BTreeSet<PathBuf>)>,
    /// By the roots of each.
    homes: BTreeMap<Vec<PathBuf>, Home>,
}

/// A policy set and its surroundings.
#[derive(Clone)]
pub struct Home {
    /// What it belongs to.
    pub project: Arc<Project>,
    /// The set with the texts of the open documents. Whoever keeps it longer than a question takes makes the next edit copy it.
    pub set: Arc<PolicySet>,
    /// Counts its changes.
    pub version: u64,
    /// The last version that was looked at thoroughly.
    pub studied: Option<Arc<Studied>>,
    /// What became of the recorded calls when they were decided last.
    pub replayed: Option<Arc<Replayed>>,
    /// Why it could not be read anew.
    pub unread: Option<Arc<ReadError>>,
    on_disk: Arc<Sources>,
}

/// What is found out about a set once nobody types any more.
pub struct Studied {
    /// The version of the set.
    pub version: u64,
    /// The texts that it had.
    pub sources: Sources,
    /// What lints and the plan say of it.
    pub findings: Vec<Diagnostic>,
    /// What its rules are filed under.
    pub filed: Option<Arc<IndexReport>>,
    /// What its tests came to.
    pub tried: Tried,
}

impl World {
    /// No sets.
    pub fn new(find: FindProject) -> World {
        World { find, looked: None, homes: BTreeMap::new() }
    }

    /// The sets.
    pub fn homes(&self) -> impl Iterator<Item = &Home> {
        self.homes.values()
    }

    /// The set that the file at a path belongs to.
    pub fn home(&self, path: &Path) -> Option<&Home> {
        let has_it = |home: &&Home| home.set.sources().files().iter().any(|source| Path::new(&source.path) == path);
        self.homes.values().find(has_it)
    }

    /// Makes the sets what the editor's texts and the files on disk make them.
    pub fn refresh(&mut self, inputs: &Inputs) {
        self.look(inputs);
        for (roots, home) in &mut self.homes {
            home.refresh(roots, inputs);
        }
    }

    /// Keeps what was found out about a set, and the set with its plan, unless it has changed or is gone.
    pub fn keep(&mut self, roots: &[PathBuf], studied: Studied, set: PolicySet) {
        if let Some(home) = self.homes.get_mut(roots).filter(|home| home.version == studied.version) {
            (home.set, home.studied) = (Arc::new(set), Some(Arc::new(studied)));
        }
    }

    /// Keeps what became of a set's recorded calls.
    pub fn keep_replayed(&mut self, roots: &[PathBuf], replayed: Replayed) {
        if let Some(home) = self.homes.get_mut(roots) {
            home.replayed = Some(Arc::new(replayed));
        }
    }

    /// Looks at the disk, where it may have changed.
    fn look(&mut self, inputs: &Inputs) {
        let parents = inputs.documents.iter().filter(|(path, _)| !library::has(path)).filter_map(|(path, _)| path.parent());
        let folders: BTreeSet<PathBuf> = inputs.folders.iter().map(PathBuf::as_path).chain(parents).map(Path::to_owned).collect();
        let now = inputs.disk().map(|disk| (disk, folders.clone()));
        if now.is_some() && now == self.looked {
            return;
        }
        let mut before = std::mem::take(&mut self.homes);
        for project in self.projects(inputs) {
            let home = match (before.remove(&project.roots), Sources::read(&project.roots)) {
                (Some(home), Ok(on_disk)) => Home { project: Arc::new(project), on_disk: Arc::new(on_disk), unread: None, ..home },
                (Some(home), Err(error)) => Home { project: Arc::new(project), unread: Some(Arc::new(error)), ..home },
                (None, read) => Home::new(project, read),
            };
            self.homes.insert(home.project.roots.clone(), home);
        }
        self.looked = now;
    }

    /// The projects of the folders, and of documents that are in none of theirs.
    fn projects(&self, inputs: &Inputs) -> Vec<Project> {
        let mut projects: BTreeMap<Vec<PathBuf>, Project> = BTreeMap::new();
        let add = |projects: &mut BTreeMap<Vec<PathBuf>, Project>, folder: &Path| {
            let project = (self.find)(folder);
            projects.insert(project.roots.clone(), project);
        };
        inputs.folders.iter().for_each(|folder| add(&mut projects, folder));
        for (path, _) in inputs.documents.iter().filter(|(path, _)| !library::has(path)) {
            let is_known = projects.keys().flatten().any(|root| path.starts_with(root));
            let Some(folder) = path.parent().filter(|_| !is_known) else { continue };
            let project = (self.find)(folder);
            // A file that is opened on its own means nothing of what happens to be around it.
            let is_alone = project.roots == [folder];
            let roots = if is_alone { vec![path.to_owned()] } else { project.roots.clone() };
            projects.insert(roots.clone(), Project { roots, ..project });
        }
        projects.into_values().collect()
    }
}

impl Home {
    /// What the rules are filed under, as it was found out when nobody typed; of a small set as it is now. `None` where nothing is known.
    pub fn filed(&self) -> Option<Arc<IndexReport>> {
        let known = self.studied.as_ref().filter(|studied| studied.version == self.version || self.set.program().rules.len() > FEW);
        match known {
            Some(studied) => studied.filed.clone(),
            None => PolicySet::clone(&self.set).index_report().ok().map(Arc::new),
        }
    }

    /// What the tests came to when nobody typed, at their places now; `None` where they have not run.
    pub fn outcomes(&self) -> Option<Vec<Outcome>> {
        let studied = self.studied.as_ref()?;
        let moved = |outcome: &Outcome| {
            let at = findings::moved_place(outcome.at, &studied.sources, self.set.sources())?;
            Some(Outcome { at, ..outcome.clone() })
        };
        Some(studied.tried.outcomes.as_ref()?.iter().filter_map(moved).collect())
    }

    fn new(project: Project, read: Result<Sources, ReadError>) -> Home {
        let (on_disk, unread) = match read {
            Ok(sources) => (sources, None),
            Err(error) => (Sources::new(), Some(Arc::new(error))),
        };
        Home { project: Arc::new(project), set: NOTHING.clone(), version: 0, studied: None, replayed: None, unread, on_disk: Arc::new(on_disk) }
    }

    /// Makes the set what texts and files make it.
    fn refresh(&mut self, roots: &[PathBuf], inputs: &Inputs) {
        let sources = self.sources(roots, inputs);
        let own = self.set.sources().files().iter().take(self.set.own_files());
        let is_same = own.map(|source| (&source.path, &source.text)).eq(sources.files().iter().map(|source| (&source.path, &source.text)));
        if !is_same {
            let set = std::mem::replace(&mut self.set, NOTHING.clone());
            self.set = Arc::new(Arc::unwrap_or_clone(set).update(sources));
            self.version += 1;
        }
    }

    /// The files below the roots, open documents as they are in the editor.
    fn sources(&self, roots: &[PathBuf], inputs: &Inputs) -> Sources {
        let linked = linked(&self.on_disk, inputs);
        let mut sources = Sources::new();
        let mut seen = BTreeSet::new();
        for file in self.on_disk.files() {
            let shown = PathBuf::from(&file.path);
            let path = linked.get(&shown).map_or(shown, |path| (*path).to_owned());
            let text = inputs.documents.get(&path).map_or_else(|| file.text.clone(), |document| document.text.clone());
            sources.add(path.display().to_string(), text);
            seen.insert(path);
        }
        let is_new = |path: &Path| {
            let below = roots.iter().any(|root| path.starts_with(root));
            below && path.extension().is_some_and(|extension| extension == "toll") && !seen.contains(path)
        };
        for (path, document) in inputs.documents.iter().filter(|(path, _)| is_new(path)) {
            sources.add(path.display().to_string(), document.text.clone());
        }
        sources
    }
}

/// The files that are open under another path than their set shows them under, with that path: links lead to them.
fn linked<'i>(on_disk: &Sources, inputs: &'i Inputs) -> BTreeMap<PathBuf, &'i Path> {
    let shown: BTreeSet<&Path> = on_disk.files().iter().map(|file| Path::new(&file.path)).collect();
    let others = inputs.documents.iter().map(|(path, _)| path).filter(|path| !shown.contains(path));
    let others: BTreeMap<PathBuf, &Path> = others.filter_map(|path| Some((path.canonicalize().ok()?, path))).collect();
    if others.is_empty() {
        return BTreeMap::new();
    }
    let linked = shown.into_iter().filter_map(|file| Some((file.to_owned(), *others.get(&file.canonicalize().ok()?)?)));
    linked.collect()
}
