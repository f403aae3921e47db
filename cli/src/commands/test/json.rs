//! Test results for programs.

use serde::Serialize;

use crate::output::{Result, print_json};

use super::coverage::{self, Covered, JsonCoverage};
use super::jobs::Job;
use super::results::{Failed, Results, TestResult, Warning};

#[derive(Serialize)]
struct JsonResults<'r> {
    passed: usize,
    failed: usize,
    skipped: usize,
    updated: usize,
    duration_ms: f64,
    tests: Vec<JsonTest<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<JsonCoverage<'r>>,
}

#[derive(Serialize)]
struct JsonTest<'r> {
    name: &'r str,
    package: &'r str,
    file: &'r str,
    line: u32,
    outcome: &'static str,
    duration_ms: f64,
    expected: Option<&'r str>,
    got: Option<&'r str>,
    why: Option<&'r [String]>,
    failures: Vec<JsonFailure<'r>>,
    warnings: Vec<JsonWarning<'r>>,
}

#[derive(Serialize)]
struct JsonFailure<'r> {
    step: Option<&'r str>,
    file: &'r str,
    line: u32,
    column: u32,
    expected: &'r str,
    got: &'r str,
    why: &'r [String],
}

#[derive(Serialize)]
struct JsonWarning<'r> {
    step: Option<&'r str>,
    file: &'r str,
    line: u32,
    column: u32,
    path: &'r str,
    message: &'r str,
    text: &'r str,
}

#[derive(Serialize)]
struct JsonList<'r> {
    tests: Vec<JsonListed<'r>>,
}

#[derive(Serialize)]
struct JsonListed<'r> {
    name: &'r str,
    package: &'r str,
    file: &'r str,
    line: u32,
}

/// Prints results.
pub fn print(results: &Results<'_>, covered: Option<&Covered<'_>>) -> Result<()> {
    print_json(&JsonResults {
        passed: results.passed(),
        failed: results.failed(),
        skipped: results.skipped,
        updated: results.updated(),
        duration_ms: results.duration.as_secs_f64() * 1000.0,
        tests: results.tests.iter().map(test).collect(),
        coverage: covered.map(coverage::json),
    })
}

/// Prints the names and places of tests.
pub fn list(jobs: &[Job<'_>]) -> Result<()> {
    print_json(&JsonList { tests: jobs.iter().map(listed).collect() })
}

fn listed<'r>(job: &'r Job<'_>) -> JsonListed<'r> {
    JsonListed { name: &job.title, package: &job.package, file: &job.place.file, line: job.place.start.line }
}

fn test(result: &TestResult) -> JsonTest<'_> {
    let first = result.failed.first();
    JsonTest {
        name: &result.title,
        package: &result.package,
        file: &result.place.file,
        line: result.place.start.line,
        outcome: if first.is_some() { "failed" } else { "passed" },
        duration_ms: result.duration.as_secs_f64() * 1000.0,
        expected: first.map(|failed| failed.expected.as_str()),
        got: first.map(|failed| failed.got.as_str()),
        why: first.map(|failed| failed.why.as_slice()),
        failures: result.failed.iter().map(failure).collect(),
        warnings: result.warnings.iter().map(warning).collect(),
    }
}

fn failure(failed: &Failed) -> JsonFailure<'_> {
    JsonFailure {
        step: failed.step.as_deref(),
        file: &failed.place.file,
        line: failed.place.start.line,
        column: failed.place.start.column,
        expected: &failed.expected,
        got: &failed.got,
        why: &failed.why,
    }
}

fn warning(warning: &Warning) -> JsonWarning<'_> {
    JsonWarning {
        step: warning.step.as_deref(),
        file: &warning.place.file,
        line: warning.place.start.line,
        column: warning.place.start.column,
        path: &warning.path,
        message: &warning.message,
        text: &warning.told,
    }
}
