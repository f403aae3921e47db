//! The documentation is held to the code: policies in it compile, links lead somewhere, and the standard library's page is what the command writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot read a page fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tollgate_compiler::diagnostic::render::render;
use tollgate_compiler::{PolicySet, Sources};

/// Rewrites `docs/standard-library.md` instead of comparing it.
const UPDATE: &str = "TOLLGATE_UPDATE_DOCS";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pages, by their path from the root.
fn pages() -> Vec<(PathBuf, String)> {
    let folders = ["", "docs", "tests", "examples/gateway", "examples/registry", "examples/embed", "examples/agentdojo"];
    let mut pages = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.push((Path::new(folder).join(path.file_name().unwrap()), text));
            }
        }
    }
    assert!(pages.len() > 8, "{}", pages.len());
    pages
}

/// The policies in a page: its blocks `toll`. One that does not begin with its package goes on with the file of the block before.
fn policies(text: &str) -> Vec<String> {
    let mut policies: Vec<String> = Vec::new();
    for block in text.split("```toll\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block) {
        let before = policies.last().filter(|_| !block.starts_with("package")).map_or("", String::as_str);
        policies.push(format!("{before}\n{block}").trim_start().to_owned());
    }
    policies
}

#[test]
fn policies_in_pages_compile() {
    let mut count = 0;
    for (path, text) in pages() {
        for policy in policies(&text) {
            count += 1;
            let set = PolicySet::check(Sources::of(&path.display().to_string(), &policy));
            assert!(set.diagnostics().is_empty(), "{}\n{policy}", render(set.diagnostics(), set.sources(), false));
            assert!(set.compile().is_ok());
        }
    }
    assert!(count > 3);
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in pages() {
        for rest in text.split("](").skip(1) {
            let Some((target, _)) = rest.split_once(')') else { continue };
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if target.contains("://") {
                continue;
            }
            let to = if file.is_empty() { root().join(&path) } else { root().join(path.parent().unwrap()).join(file) };
            assert!(to.exists(), "{}: `{target}` leads nowhere", path.display());
            let has_anchor = anchor.is_empty() || anchors(&to).contains(anchor);
            assert!(has_anchor, "{}: `{target}` names no heading", path.display());
        }
    }
}

/// The anchors of a page: those of its headings, and those that stand in it.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let anchor = |heading: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let written = text.split("<a id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    text.lines().filter(|line| line.starts_with('#')).map(anchor).chain(written).collect()
}

#[test]
fn the_page_of_the_standard_library_is_current() {
    let path = root().join("docs/standard-library.md");
    let made = Command::new(env!("CARGO_BIN_EXE_tollgate")).args(["doc", "--std"]).output().unwrap();
    assert!(made.status.success());
    let current = String::from_utf8(made.stdout).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/standard-library.md is out of date: run this test once with {UPDATE}=1");
}
