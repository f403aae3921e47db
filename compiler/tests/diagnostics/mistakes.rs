//! Mistakes that authors make, one file each.
#![expect(clippy::disallowed_methods, reason = "they are read")]

use std::path::Path;

use crate::support::{assert_fixes_mend, diagnostics, snapshot};

/// Every mistake by name, in the order of names.
fn mistakes() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/mistakes");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn messages() {
    for (name, text) in mistakes() {
        assert!(!diagnostics(&text).is_empty(), "{name}: nothing is said of it");
        snapshot(&format!("mistake_{name}"), &text, None);
    }
}

#[test]
fn fixes_mend() {
    for (name, text) in mistakes() {
        assert_fixes_mend(&name, &text, None);
    }
}

#[test]
fn each_broken_rule_has_one_diagnostic() {
    let (_, text) = mistakes().into_iter().find(|(name, _)| name == "five_broken_rules").unwrap();
    assert_eq!(diagnostics(&text).len(), 5);
}
