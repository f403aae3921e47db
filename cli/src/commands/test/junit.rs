//! Test results for continuous integration.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::output::{self, Failure, Result};

use super::pretty::Failures;
use super::results::{Results, TestResult};

/// Prints results, a suite a file.
pub fn print(results: &Results<'_>) -> Result<()> {
    let mut failures = Failures::new(results.sources, false);
    let mut report = Report::new("tollgate");
    report.set_time(results.duration);
    for of_file in results.tests.chunk_by(|a, b| a.place.file == b.place.file) {
        let Some(first) = of_file.first() else { continue };
        let mut suite = TestSuite::new(&first.place.file);
        suite.set_time(of_file.iter().map(|result| result.duration).sum());
        suite.add_test_cases(of_file.iter().map(|result| test_case(result, &mut failures)));
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(Failure::new)?;
    output::print(&(text + "\n"))
}

fn test_case(result: &TestResult, failures: &mut Failures<'_>) -> TestCase {
    let status = match result.failed.first() {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(format!("expected {}, got {}", first.expected, first.got));
            status.set_type("expectation");
            status.set_description(failures.of(result));
            status
        }
    };
    let mut case = TestCase::new(result.title.as_str(), status);
    case.set_classname(if result.package.is_empty() { result.place.file.as_str() } else { result.package.as_str() });
    case.set_time(result.duration);
    case
}
