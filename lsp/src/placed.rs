//! Which sets the open documents belong to, and which of their files they stand for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use tollgate_compiler::Sources;

/// The open documents of one set.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// By the place of a file among those on disk, the document that counts instead.
    pub instead: BTreeMap<usize, PathBuf>,
    /// Those that are not on disk, or were not when it was looked at.
    pub new: Vec<PathBuf>,
}

/// The real paths of files, as long as nothing tells that they may have changed.
#[derive(Debug, Default)]
pub struct RealPaths(HashMap<PathBuf, Option<PathBuf>>);

impl RealPaths {
    /// Forgets what is known.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// The real path of a file, where it has one.
    fn of(&mut self, path: &Path) -> Option<PathBuf> {
        if let Some(known) = self.0.get(path) {
            return known.clone();
        }
        let real = path.canonicalize().ok();
        self.0.insert(path.to_owned(), real.clone());
        real
    }
}

/// Where each document belongs in sets, each with its roots and what is on disk; in time that goes by what there is, not by pairs of it.
pub fn place<'s>(sets: &[(&'s [PathBuf], &'s Sources)], open: &'s [PathBuf], real: &mut RealPaths) -> Vec<Placed> {
    let mut placed = vec![Placed::default(); sets.len()];
    let documents: BTreeSet<&Path> = open.iter().map(PathBuf::as_path).collect();
    let mut shown: BTreeSet<(usize, &Path)> = BTreeSet::new();
    for (set, (_, on_disk)) in sets.iter().enumerate() {
        for (file, source) in on_disk.files().iter().enumerate() {
            if let Some(path) = documents.get(Path::new(&source.path)).copied() {
                shown.insert((set, path));
                if let Some(placed) = placed.get_mut(set) {
                    placed.instead.insert(file, path.to_path_buf());
                }
            }
        }
    }
    let is_elsewhere = |path: &&PathBuf| !(0..sets.len()).all(|set| shown.contains(&(set, path.as_path())));
    if sets.len() > 1 || open.iter().any(|path| is_elsewhere(&path)) {
        link(sets, open, &shown, real, &mut placed);
    }
    add_new(sets, open, &shown, &mut placed);
    placed
}

/// Documents that are open under other paths than sets show their files under: links lead to them.
fn link(sets: &[(&[PathBuf], &Sources)], open: &[PathBuf], shown: &BTreeSet<(usize, &Path)>, real: &mut RealPaths, placed: &mut [Placed]) {
    let mut by_real: HashMap<PathBuf, Vec<&PathBuf>> = HashMap::new();
    for path in open {
        if let Some(real) = real.of(path) {
            by_real.entry(real).or_default().push(path);
        }
    }
    for (set, ((_, on_disk), placed)) in sets.iter().zip(placed).enumerate() {
        for (file, source) in on_disk.files().iter().enumerate() {
            let documents = if placed.instead.contains_key(&file) { None } else { real.of(Path::new(&source.path)) };
            let mut documents = documents.and_then(|real| by_real.get(&real)).into_iter().flatten();
            if let Some(path) = documents.find(|path| !shown.contains(&(set, path.as_path()))) {
                placed.instead.insert(file, (*path).clone());
            }
        }
    }
}

/// Policies below the roots of sets that stand for none of their files.
fn add_new(sets: &[(&[PathBuf], &Sources)], open: &[PathBuf], shown: &BTreeSet<(usize, &Path)>, placed: &mut [Placed]) {
    let mut by_root: HashMap<&Path, Vec<usize>> = HashMap::new();
    for (set, (roots, _)) in sets.iter().enumerate() {
        roots.iter().for_each(|root| by_root.entry(root).or_default().push(set));
    }
    for path in open.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toll")) {
        let around: BTreeSet<usize> = path.ancestors().filter_map(|root| by_root.get(root)).flatten().copied().collect();
        for set in around.into_iter().filter(|set| !shown.contains(&(*set, path.as_path()))) {
            let Some(placed) = placed.get_mut(set) else { continue };
            if !placed.instead.values().any(|instead| instead == path) {
                placed.new.push(path.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&Path]) -> Sources {
        let mut sources = Sources::new();
        paths.iter().for_each(|path| {
            sources.add(path.display().to_string(), "package a\n");
        });
        sources
    }

    #[test]
    fn documents_stand_for_files_of_the_same_path_or_are_new() {
        let (one, two) = ([PathBuf::from("/one")], [PathBuf::from("/two")]);
        let (in_one, in_two) = (set(&[Path::new("/one/a.toll"), Path::new("/one/b.toll")]), set(&[Path::new("/two/a.toll")]));
        let open: Vec<PathBuf> = ["/one/b.toll", "/one/c.toll", "/one/d.json", "/three/a.toll", "/two/a.toll"].map(PathBuf::from).to_vec();
        let placed = place(&[(&one, &in_one), (&two, &in_two)], &open, &mut RealPaths::default());
        let told: Vec<_> = placed.iter().map(|placed| (placed.instead.clone(), placed.new.clone())).collect();
        let instead = |file: usize, path: &str| BTreeMap::from([(file, PathBuf::from(path))]);
        assert_eq!(told, [(instead(1, "/one/b.toll"), vec![PathBuf::from("/one/c.toll")]), (instead(0, "/two/a.toll"), vec![])]);
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_documents_and_what_is_known_of_them_is_forgotten_when_told() {
        let folder = tempfile::TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (real, link) = (root.join("real.toll"), root.join("link.toll"));
        std::fs::write(&real, "package a\n").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let (roots, on_disk) = ([root.clone()], set(&[&link]));
        let mut paths = RealPaths::default();
        let open = [real.clone()];
        let placed = |paths: &mut RealPaths| place(&[(&roots, &on_disk)], &open, paths).remove(0);
        assert_eq!(placed(&mut paths).instead, BTreeMap::from([(0, real.clone())]));
        assert!(placed(&mut paths).new.is_empty());
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&link, &link).unwrap();
        assert_eq!(placed(&mut paths).instead.len(), 1);
        paths.forget();
        assert_eq!((placed(&mut paths).instead.len(), placed(&mut paths).new), (0, vec![real]));
    }

    #[test]
    fn a_thousand_documents_in_a_thousand_sets_are_placed_at_once() {
        let roots: Vec<[PathBuf; 1]> = (0..1_000).map(|number| [PathBuf::from(format!("/f{number}"))]).collect();
        let open: Vec<PathBuf> = roots.iter().map(|[root]| root.join("a.toll")).collect();
        let sources: Vec<Sources> = open.iter().map(|path| set(&[path])).collect();
        let sets: Vec<(&[PathBuf], &Sources)> = roots.iter().zip(&sources).map(|(roots, sources)| (roots.as_slice(), sources)).collect();
        let mut real = RealPaths::default();
        place(&sets, &open, &mut real);
        let start = std::time::Instant::now();
        let placed = place(&sets, &open, &mut real);
        assert!(placed.iter().all(|placed| placed.instead.len() == 1 && placed.new.is_empty()));
        assert!(start.elapsed().as_millis() < 500, "{:?}", start.elapsed());
    }
}
