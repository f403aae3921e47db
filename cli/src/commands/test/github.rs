//! Test results as annotations of a workflow on GitHub.

use crate::annotations::{Kind, annotation};
use crate::output::{self, Result, count};

use super::results::{Failed, Place, Results, TestResult};

/// Prints an annotation for each expectation that failed and each warning, and how many tests passed.
pub fn print(results: &Results<'_>) -> Result<()> {
    let failures = results.tests.iter().flat_map(|test| test.failed.iter().map(move |failed| (test, failed)));
    let mut out: String = failures.map(|(test, failed)| of_failure(test, failed)).collect();
    let warnings = results.tests.iter().flat_map(|test| test.warnings.iter().map(move |warning| (test, warning)));
    out.extend(warnings.map(|(test, warning)| at(Kind::Warning, &test.titled(warning.step.as_deref()), &warning.place, &warning.told)));
    out.push_str(&format!("{} passed, {} failed, {} not run\n", count(results.passed(), "test"), results.failed(), results.skipped));
    output::print(&out)
}

fn of_failure(test: &TestResult, failed: &Failed) -> String {
    let mut message = format!("expected {}, got {}", failed.expected, failed.got);
    for why in &failed.why {
        message.push('\n');
        message.push_str(why);
    }
    at(Kind::Error, &test.titled(failed.step.as_deref()), &failed.place, &message)
}

/// At the place of a test.
fn at(kind: Kind, title: &str, place: &Place, message: &str) -> String {
    annotation(kind, title, &place.file, [place.start, place.end], message)
}
