//! The long pages: each shows its mistake and the remedy, and both are tried.

use std::collections::HashSet;

use tollgate_compiler::diagnostic::{Code, Severity};

use crate::support::{assert_fixes_mend, diagnostics_of, snapshot};

/// The texts of a page's fenced blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The example and the remedy of a code's page; none where no small file shows the mistake.
fn examples(code: Code) -> Option<(String, String)> {
    let shown = blocks(code.page(), "toll");
    match shown.as_slice() {
        [] => None,
        [mistake, remedy] => Some((mistake.clone(), remedy.clone())),
        other => panic!("{}: {} examples in place of two", code.code(), other.len()),
    }
}

#[test]
fn pages_are_of_one_form() {
    for code in Code::ALL {
        let page = code.page();
        assert_eq!(page.lines().next(), Some(format!("# {}: {}", code.code(), code.name()).as_str()));
        match examples(*code) {
            Some((mistake, remedy)) => {
                assert!(mistake.starts_with("package ") || *code == Code::MissingPackage, "{}", code.code());
                assert!(remedy.starts_with("package "), "{}", code.code());
            }
            None => assert_eq!(blocks(page, "text").len(), 1, "{}: nothing is shown", code.code()),
        }
    }
}

#[test]
fn the_first_example_has_the_code_and_no_other_error() {
    for code in Code::ALL {
        let Some((mistake, _)) = examples(*code) else { continue };
        let found = diagnostics_of(&mistake, Some(*code));
        assert!(found.iter().any(|diagnostic| diagnostic.code == *code), "{}: {found:?}", code.code());
        let others = found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error && diagnostic.code != *code);
        assert_eq!(others.count(), 0, "{}: {found:?}", code.code());
    }
}

#[test]
fn the_remedy_has_no_error() {
    for code in Code::ALL {
        let Some((_, remedy)) = examples(*code) else { continue };
        let found = diagnostics_of(&remedy, Some(*code));
        let remains = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error || diagnostic.code == *code);
        assert!(!remains, "{}: {found:?}", code.code());
    }
}

#[test]
fn messages() {
    for code in Code::ALL {
        let Some((mistake, _)) = examples(*code) else { continue };
        snapshot(&format!("{}_{}", code.code(), code.name().replace('-', "_")), &mistake, Some(*code));
    }
}

#[test]
fn fixes_mend() {
    for code in Code::ALL {
        let Some((mistake, _)) = examples(*code) else { continue };
        assert_fixes_mend(code.code(), &mistake, Some(*code));
    }
}

#[test]
fn codes_and_names_are_unique() {
    let codes: HashSet<&str> = Code::ALL.iter().map(|code| code.code()).collect();
    let names: HashSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!((codes.len(), names.len()), (Code::ALL.len(), Code::ALL.len()));
    assert!(Code::ALL.is_sorted_by_key(|code| code.code()));
    assert!(Code::ALL.iter().all(|code| Code::from_text(code.code()) == Some(*code) && Code::from_text(code.name()) == Some(*code)));
}
