//! Test results for people.

use tollgate_compiler::testing::{Case, Failing};

use crate::output::{self, Paint, Result, count, tame};

use super::{CaseResult, Places, Results};

/// Prints what failed, and how many passed.
pub fn print(results: &Results<'_>) -> Result<()> {
    let paint = Paint::stdout();
    let mut out = String::new();
    for result in results.cases.iter().filter(|result| !result.failing.is_empty()) {
        out.push_str(&format!("{} {}\n{}\n", paint.bad("failed"), tame(&result.case.title), failures(result, &results.places)));
    }
    let failed = match results.failed() {
        0 => String::new(),
        failed => format!(", {}", paint.bad(format!("{failed} failed"))),
    };
    let skipped = if results.skipped > 0 { format!(", {} not run", results.skipped) } else { String::new() };
    let time = paint.faint(format!("({} ms)", results.duration.as_millis()));
    let passed = format!("{} passed", count(results.passed(), "test"));
    let passed = if failed.is_empty() { paint.good(passed) } else { passed };
    output::print(&format!("{out}{passed}{failed}{skipped} {time}\n"))
}

/// Prints the names and places of tests.
pub fn list(cases: &[Case], places: &Places<'_>) -> Result<()> {
    let line = |case: &Case| format!("{}:{}: {}\n", places.file(case.at), places.start(case.at).line, tame(&case.title));
    output::print(&cases.iter().map(line).collect::<String>())
}

/// What failed in a case, with its source.
pub fn failures(result: &CaseResult, places: &Places<'_>) -> String {
    result.failing.iter().map(|failing| failure(failing, places)).collect()
}

fn failure(failing: &Failing, places: &Places<'_>) -> String {
    let start = places.start(failing.at);
    let step = failing.step.as_ref().map(|step| format!(", step `{}`", tame(step))).unwrap_or_default();
    let line = tame(&places.text(failing.at).replace('\t', " "));
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(start.column.saturating_sub(1) as usize);
    let length = failing.at.span.end.saturating_sub(failing.at.span.start) as usize;
    let rest = line.chars().count().saturating_sub(indent.len());
    let marks = "^".repeat(length.clamp(1, rest.max(1)));
    let mut out = format!("  at {}:{}:{}{step}\n", places.file(failing.at), start.line, start.column);
    out.push_str(&format!("  {number} | {line}\n  {margin} | {indent}{marks}\n"));
    out.push_str(&format!("  expected  {}\n  got       {}\n", tame(&failing.expected), tame(&failing.got)));
    for (place, why) in failing.why.iter().enumerate() {
        let word = if place == 0 { "because" } else { "" };
        out.push_str(&format!("  {word:9} {}\n", tame(why)));
    }
    out
}
