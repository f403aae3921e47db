//! Checks the policy sets that the editor's folders and documents belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use line_index::LineIndex;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, ReadError, Source, Sources};
use tower_lsp::ls_types::{self as lsp, Position, Uri};

use crate::FindProject;
use crate::convert::{self, File};
use crate::documents::Documents;
use crate::hover;

/// What is to be checked.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The editor's folders.
    pub folders: Vec<PathBuf>,
    /// The open documents.
    pub documents: Documents,
    /// Says which policy set a folder belongs to.
    pub find: FindProject,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// The findings in each file, for a file with findings or an open document.
    pub files: BTreeMap<Uri, FileFindings>,
    /// Sets that could not be read.
    pub unread: Vec<ReadError>,
}

/// The findings in a file.
#[derive(Debug, Default)]
pub struct FileFindings {
    /// The version of the text that was checked, where it is an open document.
    pub version: Option<i32>,
    /// The findings.
    pub diagnostics: Vec<lsp::Diagnostic>,
}

/// The sets as they were checked last, by their roots: what has not changed is not checked again.
pub type Sets = BTreeMap<Vec<PathBuf>, PolicySet>;

impl Snapshot {
    /// Checks every set, and keeps it in the place of what is `known` of it.
    pub fn check(&self, known: &mut Sets) -> Findings {
        let mut findings = Findings::default();
        for (_, document) in self.documents.iter() {
            let file = FileFindings { version: Some(document.version), diagnostics: Vec::new() };
            findings.files.insert(document.uri.clone(), file);
        }
        let mut before = std::mem::take(known);
        for (roots, levels) in self.sets() {
            match self.refresh(before.remove(&roots), &roots) {
                Ok(mut set) => {
                    self.report(&mut set, &levels, &mut findings);
                    known.insert(roots, set);
                }
                Err(error) => findings.unread.push(error),
            }
        }
        findings
    }

    /// What is to be said at a position of a file; its set is kept in the place of what is `known` of it.
    pub fn hover(&self, known: &mut Sets, path: &Path, position: Position) -> Option<lsp::Hover> {
        let around = |roots: &Vec<PathBuf>| roots.iter().any(|root| path.starts_with(root));
        self.sets().into_keys().filter(around).find_map(|roots| {
            let mut set = self.refresh(known.remove(&roots), &roots).ok()?;
            let found = hover_in(&mut set, path, position);
            known.insert(roots, set);
            found
        })
    }

    /// The set below the roots as it is now, made of what is known of it.
    fn refresh(&self, known: Option<PolicySet>, roots: &[PathBuf]) -> Result<PolicySet, ReadError> {
        let sources = self.read(roots)?;
        Ok(match known {
            Some(set) => set.update(sources),
            None => PolicySet::check(sources),
        })
    }

    /// The roots of each set, with the levels of its lints: of the folders, and of documents that are in none of theirs.
    fn sets(&self) -> BTreeMap<Vec<PathBuf>, Levels> {
        let find = |folder: &Path| {
            let project = (self.find)(folder);
            (project.roots, project.levels)
        };
        let mut sets: BTreeMap<Vec<PathBuf>, Levels> = self.folders.iter().map(|folder| find(folder)).collect();
        for (path, _) in self.documents.iter() {
            let known = sets.keys().flatten().any(|root| path.starts_with(root));
            if let Some(folder) = path.parent().filter(|_| !known) {
                sets.extend([find(folder)]);
            }
        }
        sets
    }

    /// The files below the roots, open documents as they are in the editor.
    fn read(&self, roots: &[PathBuf]) -> Result<Sources, ReadError> {
        let on_disk = Sources::read(roots)?;
        let linked = self.linked(&on_disk);
        let mut sources = Sources::new();
        let mut seen = BTreeSet::new();
        for file in on_disk.files() {
            let shown = PathBuf::from(&file.path);
            let path = linked.get(&shown).map_or(shown, |path| (*path).to_owned());
            let text = self.documents.get(&path).map_or_else(|| file.text.clone(), |document| document.text.clone());
            sources.add(path.display().to_string(), text);
            seen.insert(path);
        }
        let is_new = |path: &Path| {
            let below = roots.iter().any(|root| path.starts_with(root));
            below && path.extension().is_some_and(|extension| extension == "toll") && !seen.contains(path)
        };
        for (path, document) in self.documents.iter().filter(|(path, _)| is_new(path)) {
            sources.add(path.display().to_string(), document.text.clone());
        }
        Ok(sources)
    }

    /// The files that are open under another path than their set shows them under, with that path: links lead to them.
    fn linked(&self, on_disk: &Sources) -> BTreeMap<PathBuf, &Path> {
        let shown: BTreeSet<&Path> = on_disk.files().iter().map(|file| Path::new(&file.path)).collect();
        let others = self.documents.iter().map(|(path, _)| path).filter(|path| !shown.contains(path));
        let others: BTreeMap<PathBuf, &Path> = others.filter_map(|path| Some((path.canonicalize().ok()?, path))).collect();
        if others.is_empty() {
            return BTreeMap::new();
        }
        let linked = shown.into_iter().filter_map(|file| Some((file.to_owned(), *others.get(&file.canonicalize().ok()?)?)));
        linked.collect()
    }

    /// Adds what is wrong with a set.
    fn report(&self, set: &mut PolicySet, levels: &Levels, findings: &mut Findings) {
        let file = |source: &Source| {
            let path = Path::new(&source.path);
            let uri = self.documents.get(path).map(|document| document.uri.clone()).or_else(|| Uri::from_file_path(path))?;
            Some(File { uri, index: LineIndex::new(&source.text) })
        };
        let files: Vec<Option<File>> = set.sources().files().iter().take(set.own_files()).map(file).collect();
        let find = |at: Location| files.get(at.file.0 as usize).and_then(Option::as_ref);
        let of_plan = levels.judged(set.plan_diagnostics());
        let of_lints = set.lints(levels);
        for found in set.diagnostics().iter().chain(&of_plan).chain(&of_lints) {
            let Some(home) = find(found.at) else { continue };
            let entry = findings.files.entry(home.uri.clone()).or_default();
            entry.diagnostics.push(convert::diagnostic(found, home, find));
        }
    }
}

fn hover_in(set: &mut PolicySet, path: &Path, position: Position) -> Option<lsp::Hover> {
    let is_at = |source: &Source| Path::new(&source.path) == path;
    let (file, source) = (0..).map(FileId).zip(set.sources().files()).find(|(_, source)| is_at(source))?;
    let index = LineIndex::new(&source.text);
    let found = hover::hover(set, file, convert::offset(&index, position)?)?;
    Some(convert::hover(found, &index))
}
