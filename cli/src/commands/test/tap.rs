//! Test results as the Test Anything Protocol has them, version 14.

use serde_json::json;
use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::Diagnostic;

use crate::output::{self, Result, count};

use super::results::{Results, TestResult, Warning};

/// Prints results, a line a test, and a block of YAML for one that failed.
pub fn print(results: &Results<'_>) -> Result<()> {
    let mut out = format!("TAP version 14\n1..{}\n", results.tests.len());
    for (number, test) in (1..).zip(&results.tests) {
        let not = if test.failed.is_empty() { "" } else { "not " };
        out.push_str(&format!("{not}ok {number} - {}\n", described(&test.title)));
        out.push_str(&diagnostics(test));
        // A comment, which is what a test that passed may have.
        let warning =
            |warning: &Warning| format!("# warning: {}: {}\n", on_one_line(&test.titled(warning.step.as_deref())), on_one_line(&warning.told));
        out.extend(test.warnings.iter().map(warning));
    }
    if results.skipped > 0 {
        out.push_str(&format!("# {} not run\n", results.skipped));
    }
    output::print(&out)
}

/// Says that nothing was run, since the policies have errors.
pub fn print_broken(errors: &[Diagnostic], sources: &Sources) -> Result<()> {
    let first = errors.first().map_or(String::new(), |error| format!(": {}: {}", sources.path(error.at.file), error.message));
    output::print(&format!("TAP version 14\nBail out! {}{}\n", count(errors.len(), "error"), on_one_line(&first)))
}

/// A title in which nothing is a directive, on one line.
fn described(title: &str) -> String {
    on_one_line(&title.replace('\\', "\\\\").replace('#', "\\#"))
}

fn on_one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// What failed, as YAML: strings in JSON are strings in YAML.
fn diagnostics(test: &TestResult) -> String {
    if test.failed.is_empty() {
        return String::new();
    }
    let mut out = "  ---\n  failures:\n".to_owned();
    for failed in &test.failed {
        let place = &failed.place;
        out.push_str(&format!("    - file: {}\n      line: {}\n      column: {}\n", json!(place.file), place.start.line, place.start.column));
        if let Some(step) = &failed.step {
            out.push_str(&format!("      step: {}\n", json!(step)));
        }
        out.push_str(&format!("      expected: {}\n      got: {}\n      why: {}\n", json!(failed.expected), json!(failed.got), json!(failed.why)));
    }
    out.push_str("  ...\n");
    out
}
