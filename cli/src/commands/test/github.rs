//! Test results as annotations of a workflow on GitHub.

use crate::output::{self, Result, count, tame};

use super::results::{Failed, Place, Results, TestResult};

/// Prints an annotation for each expectation that failed and each warning, and how many tests passed.
pub fn print(results: &Results<'_>) -> Result<()> {
    let failures = results.tests.iter().flat_map(|test| test.failed.iter().map(move |failed| (test, failed)));
    let mut out: String = failures.map(|(test, failed)| of_failure(test, failed)).collect();
    let warnings = results.tests.iter().flat_map(|test| test.warnings.iter().map(move |warning| (test, warning)));
    out.extend(warnings.map(|(test, warning)| annotation("warning", &test.titled(warning.step.as_deref()), &warning.place, &warning.told)));
    out.push_str(&format!("{} passed, {} failed, {} not run\n", count(results.passed(), "test"), results.failed(), results.skipped));
    output::print(&out)
}

fn of_failure(test: &TestResult, failed: &Failed) -> String {
    let mut message = format!("expected {}, got {}", failed.expected, failed.got);
    for why in &failed.why {
        message.push('\n');
        message.push_str(why);
    }
    annotation("error", &test.titled(failed.step.as_deref()), &failed.place, &message)
}

fn annotation(kind: &str, title: &str, place: &Place, message: &str) -> String {
    let (start, end) = (place.start, place.end);
    // Columns are of one line only.
    let columns = if start.line == end.line { format!(",col={},endColumn={}", start.column, end.column) } else { format!(",col={}", start.column) };
    let (file, title, message) = (property(&place.file), property(title), data(message));
    format!("::{kind} file={file},line={},endLine={}{columns},title={title}::{message}\n", start.line, end.line)
}

/// Text in which nothing ends the line of a command.
fn data(text: &str) -> String {
    tame(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Text in which nothing ends a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
