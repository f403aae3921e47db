//! Checks a text, shows what is said of it, and applies what is offered.

use tollgate_compiler::diagnostic::render::render;
use tollgate_compiler::diagnostic::{Code, Diagnostic, Fix};
use tollgate_compiler::lint::{Level, Levels};
use tollgate_compiler::{PolicySet, Sources};

/// The path that snapshots show.
const PATH: &str = "policy.toll";

/// A set of one file.
pub fn check(text: &str) -> PolicySet {
    PolicySet::check(Sources::of(PATH, text))
}

/// What is said of a text: by the checker, or where it says nothing, by lowering.
pub fn diagnostics(text: &str) -> Vec<Diagnostic> {
    diagnostics_of(text, None)
}

/// What is said of a text, by a lint too.
pub fn diagnostics_of(text: &str, lint: Option<Code>) -> Vec<Diagnostic> {
    let set = check(text);
    let lints = || set.lints(&Levels::all(Level::Warn)).into_iter().filter(|found| Some(found.code) == lint);
    match set.lower(&Default::default()) {
        Ok(_) => set.diagnostics().iter().cloned().chain(lints()).collect(),
        Err(diagnostics) => diagnostics,
    }
}

/// The text, what is said of it, and the fixes that an editor offers.
pub fn story(text: &str, lint: Option<Code>) -> String {
    let found = diagnostics_of(text, lint);
    let mut story = format!("{}\n{}\n\n{}", text.trim_end(), "─".repeat(80), render(&found, check(text).sources(), false));
    for (diagnostic, fix) in fixes(&found) {
        story.push_str(&format!("[{}] Fix: {}\n", diagnostic.code.code(), fix.title));
    }
    story
}

/// Asserts of every fix that it removes its diagnostic and brings no new one.
pub fn assert_fixes_mend(name: &str, text: &str, lint: Option<Code>) {
    let failures = failed_fixes(name, text, lint);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The fixes that do not remove their diagnostic or bring a new one, each with what it makes of the text.
pub fn failed_fixes(name: &str, text: &str, lint: Option<Code>) -> Vec<String> {
    let before = diagnostics_of(text, lint);
    let mut failures = Vec::new();
    for (mended, fix) in fixes(&before) {
        let fixed = apply(text, fix);
        let after = diagnostics_of(&fixed, lint);
        let remains = after.iter().filter(|other| other.code == mended.code && other.message == mended.message).count()
            >= before.iter().filter(|other| other.code == mended.code && other.message == mended.message).count();
        if remains || after.len() >= before.len() {
            failures.push(format!("{name}: after `{}`:\n{fixed}\n{}", fix.title, render(&after, check(&fixed).sources(), false)));
        }
    }
    failures
}

/// Takes a snapshot of a named story.
pub fn snapshot(name: &str, text: &str, lint: Option<Code>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, story(text, lint)));
}

fn fixes(diagnostics: &[Diagnostic]) -> impl Iterator<Item = (&Diagnostic, &Fix)> {
    diagnostics.iter().flat_map(|diagnostic| diagnostic.fixes.iter().map(move |fix| (diagnostic, fix)))
}

/// The text of the file after the edits of a fix.
fn apply(text: &str, fix: &Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.at.span.start));
    let mut fixed = text.to_owned();
    for edit in edits {
        fixed.replace_range(edit.at.span.start as usize..edit.at.span.end as usize, &edit.text);
    }
    fixed
}
