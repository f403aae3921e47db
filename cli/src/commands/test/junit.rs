//! Test results for continuous integration.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::output::{self, Failure, Result};

use super::{CaseResult, Places, Results};

/// Prints results, a suite a file.
pub fn print(results: &Results<'_>) -> Result<()> {
    let mut report = Report::new("tollgate");
    report.set_time(results.duration);
    for of_file in results.cases.chunk_by(|a, b| a.case.at.file == b.case.at.file) {
        let Some(first) = of_file.first() else { continue };
        let mut suite = TestSuite::new(results.places.file(first.case.at));
        suite.set_time(of_file.iter().map(|result| result.duration).sum());
        suite.add_test_cases(of_file.iter().map(|result| test_case(result, &results.places)));
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(Failure::new)?;
    output::print(&(text + "\n"))
}

fn test_case(result: &CaseResult, places: &Places<'_>) -> TestCase {
    let status = match result.failing.first() {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(format!("expected {}, got {}", first.expected, first.got));
            status.set_type("expectation");
            status.set_description(super::pretty::failures(result, places));
            status
        }
    };
    let mut case = TestCase::new(result.case.title.as_str(), status);
    case.set_classname(result.case.package.as_str());
    case.set_time(result.duration);
    case
}
