//! The policy sets of the editor's folders and documents, as they are now.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};

use tollgate_compiler::diagnostic::Diagnostic;
use tollgate_compiler::lower::IndexReport;
use tollgate_compiler::{PolicySet, ReadError, Sources};

use crate::documents::has_no_file;
use crate::edited::Edited;
use crate::inputs::Inputs;
use crate::placed::{self, Placed, RealPaths};
use crate::replayed::{Recorded, Replayed};
use crate::tried::{Outcome, Tried};
use crate::{FindProject, Problem, Project, findings, library};

/// So many rules are filed while somebody waits, of texts of so many bytes.
const FEW: usize = 1_000;
const SHORT: usize = 1 << 17;

/// A set without policies.
static NOTHING: LazyLock<Arc<PolicySet>> = LazyLock::new(|| Arc::new(PolicySet::check(Sources::new())));

/// The sets, with what is known of them.
pub struct World {
    find: FindProject,
    /// What was on disk when it was looked at, and the folders of which projects were found then.
    looked: Option<(u64, BTreeSet<PathBuf>)>,
    /// By the roots of each.
    homes: BTreeMap<Vec<PathBuf>, Home>,
    /// The documents that were open when it was found out where they belong.
    placed: Vec<PathBuf>,
    /// Where links lead.
    real: RealPaths,
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
    /// What the recorded calls have.
    pub recorded: Option<Arc<Recorded>>,
    /// What became of the recorded calls when they were decided last.
    pub replayed: Option<Arc<Replayed>>,
    /// Why it could not be read anew.
    pub unread: Option<Arc<ReadError>>,
    on_disk: Arc<Sources>,
    open: Arc<Placed>,
    /// What the rules of this version are filed under, once somebody has asked.
    filed: Arc<OnceLock<Option<Arc<IndexReport>>>>,
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
    /// What its data do not fit in.
    pub unfit: Vec<Problem>,
}

/// What tests came to, as far as it may still be said.
pub struct Outcomes {
    /// Of the tests whose text is what it was, at their places now.
    pub still: Vec<Outcome>,
    /// The rules of which nothing may be said, by full name: they were edited, or tests that match them.
    pub unsure: HashSet<String>,
}

impl World {
    /// No sets.
    pub fn new(find: FindProject) -> World {
        World { find, looked: None, homes: BTreeMap::new(), placed: Vec::new(), real: RealPaths::default() }
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
        let has_looked = self.look(inputs);
        self.place(inputs, has_looked);
        self.homes.values_mut().for_each(|home| home.refresh(inputs));
    }

    /// Keeps what was found out about a set, and the set with its plan, unless it has changed or is gone.
    pub fn keep(&mut self, roots: &[PathBuf], studied: Studied, set: PolicySet) {
        if let Some(home) = self.homes.get_mut(roots).filter(|home| home.version == studied.version) {
            (home.set, home.studied) = (Arc::new(set), Some(Arc::new(studied)));
        }
    }

    /// Keeps what a set's recorded calls have.
    pub fn keep_recorded(&mut self, roots: &[PathBuf], recorded: Recorded) {
        if let Some(home) = self.homes.get_mut(roots) {
            home.recorded = Some(Arc::new(recorded));
        }
    }

    /// Keeps what became of a set's recorded calls.
    pub fn keep_replayed(&mut self, roots: &[PathBuf], replayed: Replayed) {
        if let Some(home) = self.homes.get_mut(roots) {
            home.replayed = Some(Arc::new(replayed));
        }
    }

    /// Looks at the disk, where it may have changed; gives whether it did.
    fn look(&mut self, inputs: &Inputs) -> bool {
        let parents = inputs.documents.iter().filter(|(path, _)| !library::has(path)).filter_map(|(path, _)| path.parent());
        let folders: BTreeSet<PathBuf> = inputs.folders.iter().map(PathBuf::as_path).chain(parents).map(Path::to_owned).collect();
        let now = inputs.disk().map(|disk| (disk, folders.clone()));
        if now.is_some() && now == self.looked {
            return false;
        }
        let mut before = std::mem::take(&mut self.homes);
        for project in self.projects(inputs, &before) {
            let (on_disk, errors) = Sources::read_some(&project.roots);
            let home = match before.remove(&project.roots) {
                Some(home) => home.read_again(project, on_disk, errors),
                None => Home::new(project, on_disk, errors),
            };
            self.homes.insert(home.project.roots.clone(), home);
        }
        self.looked = now;
        true
    }

    /// Finds out where the open documents belong, where that may have changed.
    fn place(&mut self, inputs: &Inputs, has_looked: bool) {
        let is_same = self.placed.iter().map(PathBuf::as_path).eq(inputs.documents.iter().map(|(path, _)| path));
        if is_same && !has_looked {
            return;
        }
        if has_looked {
            self.real.forget();
        }
        self.placed = inputs.documents.iter().map(|(path, _)| path.to_owned()).collect();
        let sets: Vec<(&[PathBuf], &Sources)> = self.homes.iter().map(|(roots, home)| (roots.as_slice(), &*home.on_disk)).collect();
        let placed = placed::place(&sets, &self.placed, &mut self.real);
        for (home, placed) in self.homes.values_mut().zip(placed) {
            home.open = Arc::new(placed);
        }
    }

    /// The projects of the folders, and of documents that are in none of theirs.
    fn projects(&self, inputs: &Inputs, before: &BTreeMap<Vec<PathBuf>, Home>) -> Vec<Project> {
        let mut projects: BTreeMap<Vec<PathBuf>, Project> = BTreeMap::new();
        let add = |projects: &mut BTreeMap<Vec<PathBuf>, Project>, folder: &Path| {
            let project = self.find(folder, before);
            projects.insert(project.roots.clone(), project);
        };
        inputs.folders.iter().for_each(|folder| add(&mut projects, folder));
        for (path, _) in inputs.documents.iter().filter(|(path, _)| !library::has(path)) {
            if has_no_file(path) {
                let roots = vec![path.to_owned()];
                projects.insert(roots.clone(), Project { roots, ..Project::default() });
                continue;
            }
            let is_known = projects.keys().flatten().any(|root| path.starts_with(root));
            let Some(folder) = path.parent().filter(|_| !is_known) else { continue };
            let project = self.find(folder, before);
            // A file that is opened on its own means nothing of what happens to be around it; a policy that the project leaves out is not one of its own.
            let is_alone = project.roots == [folder];
            let is_left_out = is_policy(path) && !project.roots.iter().any(|root| path.starts_with(root));
            let roots = if is_alone || is_left_out { vec![path.to_owned()] } else { project.roots.clone() };
            let left_out = is_left_out.then(|| path.to_owned());
            let data = project.data.filter(|_| !is_left_out);
            projects.insert(roots.clone(), Project { roots, left_out, data, ..project });
        }
        projects.into_values().collect()
    }

    /// The project of a folder. While its settings cannot be read, they are as they were.
    fn find(&self, folder: &Path, before: &BTreeMap<Vec<PathBuf>, Home>) -> Project {
        let found = (self.find)(folder);
        let place = found.unreadable.as_ref().and_then(|problem| problem.file.parent());
        let is_known =
            |known: &&Project| known.left_out.is_none() && known.roots.iter().any(|root| place.is_some_and(|place| root.starts_with(place)));
        match before.values().map(|home| &*home.project).find(is_known) {
            Some(known) => Project { unreadable: found.unreadable, problems: Vec::new(), ..known.clone() },
            None => found,
        }
    }
}

fn is_policy(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toll")
}

impl Home {
    /// What the rules are filed under, as it was found out when nobody typed; of a small set as it is now. `None` where nothing is known.
    pub fn filed(&self) -> Option<Arc<IndexReport>> {
        match self.studied.as_ref().filter(|studied| studied.version == self.version || !self.is_small()) {
            Some(studied) => studied.filed.clone(),
            None if self.is_small() => self.filed.get_or_init(|| PolicySet::clone(&self.set).index_report().ok().map(Arc::new)).clone(),
            None => None,
        }
    }

    fn is_small(&self) -> bool {
        let length: usize = self.set.sources().files().iter().take(self.set.own_files()).map(|source| source.text.len()).sum();
        self.set.program().rules.len() <= FEW && length <= SHORT
    }

    /// What the tests came to when nobody typed; `None` where they have not run.
    pub fn outcomes(&self) -> Option<Outcomes> {
        let studied = self.studied.as_ref()?;
        let edited = Edited::since(&studied.sources, &self.set);
        let mut outcomes = Outcomes { still: Vec::new(), unsure: edited.rules.clone() };
        for outcome in studied.tried.outcomes.as_ref()? {
            let at = findings::moved_place(outcome.at, &studied.sources, self.set.sources());
            match at.filter(|at| !edited.has(*at)) {
                Some(at) => outcomes.still.push(Outcome { at, ..outcome.clone() }),
                None => outcomes.unsure.extend(outcome.matched.iter().cloned()),
            }
        }
        Some(outcomes)
    }

    fn new(project: Project, on_disk: Sources, errors: Vec<ReadError>) -> Home {
        let unread = errors.into_iter().next().map(Arc::new);
        let (project, on_disk) = (Arc::new(project), Arc::new(on_disk));
        Home {
            project,
            set: NOTHING.clone(),
            version: 0,
            studied: None,
            recorded: None,
            replayed: None,
            unread,
            on_disk,
            open: Arc::default(),
            filed: Arc::default(),
        }
    }

    /// What is on disk now. What cannot be read for a moment is as it was: whatever refers to it is right as far as anybody knows.
    fn read_again(self, project: Project, on_disk: Sources, errors: Vec<ReadError>) -> Home {
        let is_lost = |path: &str| errors.iter().any(|error| Path::new(path).starts_with(&error.path));
        let lost = self.on_disk.files().iter().filter(|file| is_lost(&file.path));
        let mut files: Vec<_> = on_disk.files().iter().chain(lost).collect();
        files.sort_by(|a, b| Path::new(&a.path).cmp(Path::new(&b.path)));
        files.dedup_by(|a, b| a.path == b.path);
        let mut known = Sources::new();
        for file in files {
            known.add(file.path.clone(), file.text.clone());
        }
        Home { project: Arc::new(project), on_disk: Arc::new(known), unread: errors.into_iter().next().map(Arc::new), ..self }
    }

    /// Makes the set what texts and files make it.
    fn refresh(&mut self, inputs: &Inputs) {
        let sources = self.sources(inputs);
        let own = self.set.sources().files().iter().take(self.set.own_files());
        let is_same = own.map(|source| (&source.path, &source.text)).eq(sources.files().iter().map(|source| (&source.path, &source.text)));
        if !is_same {
            let set = std::mem::replace(&mut self.set, NOTHING.clone());
            self.set = Arc::new(Arc::unwrap_or_clone(set).update(sources));
            self.version += 1;
            self.filed = Arc::default();
        }
    }

    /// The files below the roots, open documents as they are in the editor.
    fn sources(&self, inputs: &Inputs) -> Sources {
        let mut sources = Sources::new();
        for (place, file) in self.on_disk.files().iter().enumerate() {
            let instead = self.open.instead.get(&place).and_then(|path| Some((path, inputs.documents.get(path)?)));
            match instead {
                Some((path, document)) => sources.add(path.display().to_string(), document.text.clone()),
                None => sources.add(file.path.clone(), file.text.clone()),
            };
        }
        for (path, document) in self.open.new.iter().filter_map(|path| Some((path, inputs.documents.get(path)?))) {
            sources.add(path.display().to_string(), document.text.clone());
        }
        sources
    }
}
