//! The standard library's page is what the command writes. `pages` holds the other pages to the code.

use std::path::Path;
use std::process::Command;

/// Rewrites `docs/standard-library.md` instead of comparing it.
const UPDATE: &str = "TOLLGATE_UPDATE_DOCS";

#[test]
fn the_page_of_the_standard_library_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/standard-library.md");
    let made = Command::new(env!("CARGO_BIN_EXE_tollgate")).args(["doc", "--std"]).output().unwrap();
    assert!(made.status.success());
    let current = String::from_utf8(made.stdout).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/standard-library.md is out of date: run this test once with {UPDATE}=1");
}
