//! Mistakes that authors make, one file each, in folders that say where the habit comes from. What is said of each was read and judged: see `mistakes/README.md`.
#![expect(clippy::disallowed_methods, reason = "they are read")]

use std::path::{Path, PathBuf};

use crate::support::{diagnostics, failed_fixes, snapshot};

/// How a file says in its first line that it holds several mistakes.
const COUNT: &str = "// diagnostics: ";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/mistakes")
}

/// The paths below a folder, in order.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Every mistake in the order of names, which are folder and file: `rego/allow_block`.
fn mistakes() -> Vec<(String, String)> {
    let files = paths(&folder()).into_iter().filter(|path| path.is_dir()).flat_map(|habit| paths(&habit));
    files.map(|path| (name_of(&path), std::fs::read_to_string(&path).unwrap())).collect()
}

fn name_of(path: &Path) -> String {
    path.with_extension("").strip_prefix(folder()).unwrap().to_string_lossy().replace('\\', "/")
}

/// How many diagnostics a file should have.
fn expected(text: &str) -> usize {
    let first = text.lines().next().and_then(|line| line.strip_prefix(COUNT));
    first.map_or(1, |count| count.parse().unwrap())
}

#[test]
fn there_are_many() {
    assert!(mistakes().len() >= 400, "{}", mistakes().len());
}

#[test]
fn each_is_judged() {
    let judgement = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let missing: Vec<String> = mistakes().into_iter().map(|(name, _)| name).filter(|name| !judgement.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn messages() {
    for (name, text) in mistakes() {
        snapshot(&format!("mistake_{}", name.replace('/', "_")), &text, None);
    }
}

#[test]
fn one_mistake_has_one_diagnostic() {
    let wrong: Vec<String> = mistakes()
        .iter()
        .map(|(name, text)| (name, diagnostics(text).len(), expected(text)))
        .filter(|(_, found, expected)| found != expected)
        .map(|(name, found, expected)| format!("{name}: {found} in place of {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn fixes_mend() {
    let failures: Vec<String> = mistakes().iter().flat_map(|(name, text)| failed_fixes(name, text, None)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
