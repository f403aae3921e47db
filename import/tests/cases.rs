//! The cases of `tests/import`: sources, what is made of them, and what that decides. See `tests/README.md`.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/import");
    let mut trials = Vec::new();
    for importer in folders(&root) {
        for case in folders(&importer) {
            let name = case.strip_prefix(&root).unwrap_or(&case).display().to_string();
            let kind = importer.file_name().unwrap_or_default().to_string_lossy().into_owned();
            trials.push(Trial::test(name, move || support::run(&kind, &case).map_err(Failed::from)));
        }
    }
    assert!(!trials.is_empty(), "no cases below {}", root.display());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
