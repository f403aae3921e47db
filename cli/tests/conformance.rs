//! Runs the conformance cases below `tests/conformance`, a test a case; `tests/README.md` says how they are written.
//!
//! `TOLLGATE_BLESS=1` writes the codes that were found over `//~ ERROR`, where as many errors were found on the line as are marked there.

mod support;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

use support::case::Case;

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let trials = cases(&root).into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap_or(&path).with_extension("").display().to_string();
        Trial::test(name, move || run(&path))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn run(path: &Path) -> Result<(), Failed> {
    let faults = Case::read(path).map_err(Failed::from)?.faults();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// The cases: each file `SECTION/NAME.toll`, and each folder `SECTION/NAME`.
fn cases(root: &Path) -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = entries(root).iter().flat_map(|section| entries(section)).filter(|path| is_case(path)).collect();
    cases.sort();
    cases
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn is_case(path: &Path) -> bool {
    path.is_dir() || path.extension().is_some_and(|extension| extension == "toll")
}
