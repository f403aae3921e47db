//! Test results for people.

use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::render::{Printer, Remark};

use crate::output::{self, Paint, Result, color_of, count, tame};

use super::jobs::Job;
use super::results::{Failed, Results, TestResult, Warning};

/// Prints what failed, and how many passed.
pub fn print(results: &Results<'_>) -> Result<()> {
    let mut failures = Failures::new(results.sources, color_of(&std::io::stdout()));
    let mut out: String = results.tests.iter().map(|test| failures.of(test)).collect();
    out.extend(results.tests.iter().map(|test| warnings(test, Paint::stdout())));
    out.push_str(&summary(results));
    output::print(&out)
}

/// What should be looked at in a test that passed, a line for each with its place.
pub fn warnings(test: &TestResult, paint: Paint) -> String {
    let word = paint.notable("warning");
    let line = |warning: &Warning| {
        let (title, place) = (test.titled(warning.step.as_deref()), &warning.place);
        format!("{word}: {}: {}\n  at {}:{}\n\n", tame(&title), tame(&warning.told), tame(&place.file), place.start.line)
    };
    test.warnings.iter().map(line).collect()
}

/// How many passed and failed, on a line.
pub fn summary(results: &Results<'_>) -> String {
    let paint = Paint::stdout();
    let failed = match results.failed() {
        0 => String::new(),
        failed => format!(", {}", paint.bad(format!("{failed} failed"))),
    };
    let skipped = if results.skipped > 0 { format!(", {} not run", results.skipped) } else { String::new() };
    let again = if results.unaffected > 0 { format!(", {} run again", results.tests.len()) } else { String::new() };
    let updated = if results.updated() > 0 { format!(", {} updated", results.updated()) } else { String::new() };
    let time = paint.faint(format!("({} ms)", results.duration.as_millis()));
    let passed = format!("{} passed", count(results.passed(), "test"));
    let passed = if failed.is_empty() { paint.good(passed) } else { passed };
    format!("{passed}{failed}{again}{skipped}{updated} {time}\n")
}

/// Prints the names and places of tests.
pub fn list(jobs: &[Job<'_>]) -> Result<()> {
    let line = |job: &Job<'_>| format!("{}:{}: {}\n", job.place.file, job.place.start.line, tame(&job.title));
    output::print(&jobs.iter().map(line).collect::<String>())
}

/// Shows what failed, with its source.
pub struct Failures<'s> {
    printer: Printer<'s>,
    color: bool,
}

impl<'s> Failures<'s> {
    /// What failed in these sources.
    pub fn new(sources: &'s Sources, color: bool) -> Failures<'s> {
        Failures { printer: Printer::new(sources, color), color }
    }

    /// What failed in a test.
    pub fn of(&mut self, test: &TestResult) -> String {
        test.failed.iter().map(|failed| self.failure(test, failed)).collect()
    }

    fn failure(&mut self, test: &TestResult, failed: &Failed) -> String {
        let title = test.titled(failed.step.as_deref());
        let (mut out, got) = match failed.place.at {
            Some(at) => (self.printer.remark(&Remark { kind: "failed", message: &title, at, label: &format!("got {}", failed.got) }), None),
            None => {
                let word = Paint::new(self.color).bad("failed");
                (format!("{word}: {}\n  at {}:{}\n", tame(&title), failed.place.file, failed.place.start.line), Some(failed.got.as_str()))
            }
        };
        let because = failed.why.iter().enumerate().map(|(place, why)| (if place == 0 { "because" } else { "" }, why.as_str()));
        let lines = [("expected", failed.expected.as_str())].into_iter().chain(got.map(|got| ("got", got))).chain(because);
        for (word, text) in lines {
            out.push_str(&format!("  {word:9} {}\n", tame(text)));
        }
        out.push('\n');
        out
    }
}
