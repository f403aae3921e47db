//! Test results for programs.

use serde::Serialize;
use tollgate_compiler::testing::{Case, Failing};

use crate::output::{Result, print_json};

use super::{CaseResult, Places, Results};

#[derive(Serialize)]
struct JsonResults<'r> {
    passed: usize,
    failed: usize,
    skipped: usize,
    duration_ms: f64,
    tests: Vec<JsonTest<'r>>,
}

#[derive(Serialize)]
struct JsonTest<'r> {
    name: &'r str,
    file: &'r str,
    line: u32,
    outcome: &'static str,
    duration_ms: f64,
    expected: Option<&'r str>,
    got: Option<&'r str>,
    why: Option<&'r [String]>,
    failures: Vec<JsonFailure<'r>>,
}

#[derive(Serialize)]
struct JsonFailure<'r> {
    step: Option<&'r str>,
    file: &'r str,
    line: u32,
    expected: &'r str,
    got: &'r str,
    why: &'r [String],
}

#[derive(Serialize)]
struct JsonList<'r> {
    tests: Vec<JsonListed<'r>>,
}

#[derive(Serialize)]
struct JsonListed<'r> {
    name: &'r str,
    file: &'r str,
    line: u32,
}

/// Prints results.
pub fn print(results: &Results<'_>) -> Result<()> {
    print_json(&JsonResults {
        passed: results.passed(),
        failed: results.failed(),
        skipped: results.skipped,
        duration_ms: results.duration.as_secs_f64() * 1000.0,
        tests: results.cases.iter().map(|result| test(result, &results.places)).collect(),
    })
}

/// Prints the names and places of tests.
pub fn list(cases: &[Case], places: &Places<'_>) -> Result<()> {
    let tests = cases.iter().map(|case| JsonListed { name: &case.title, file: places.file(case.at), line: places.start(case.at).line });
    print_json(&JsonList { tests: tests.collect() })
}

fn test<'r>(result: &'r CaseResult, places: &Places<'r>) -> JsonTest<'r> {
    let first = result.failing.first();
    JsonTest {
        name: &result.case.title,
        file: places.file(result.case.at),
        line: places.start(result.case.at).line,
        outcome: if first.is_some() { "failed" } else { "passed" },
        duration_ms: result.duration.as_secs_f64() * 1000.0,
        expected: first.map(|failing| failing.expected.as_str()),
        got: first.map(|failing| failing.got.as_str()),
        why: first.map(|failing| failing.why.as_slice()),
        failures: result.failing.iter().map(|failing| failure(failing, places)).collect(),
    }
}

fn failure<'r>(failing: &'r Failing, places: &Places<'r>) -> JsonFailure<'r> {
    JsonFailure {
        step: failing.step.as_deref(),
        file: places.file(failing.at),
        line: places.start(failing.at).line,
        expected: &failing.expected,
        got: &failing.got,
        why: &failing.why,
    }
}
