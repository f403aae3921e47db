//! Test results for continuous integration, as JUnit's XML: no more of it than the schemas have in common that build servers go by.

use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::ElementWriter;
use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::{Diagnostic, render};

use crate::output::{self, Failure, Result, tame};

use super::pretty::Failures;
use super::results::{Results, TestResult};

type Xml = Writer<Vec<u8>>;
type Written = std::io::Result<()>;

/// Prints results, a suite a file.
pub fn print(results: &Results<'_>) -> Result<()> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    document(results, &mut xml).map_err(Failure::new)?;
    let text = String::from_utf8(xml.into_inner()).map_err(Failure::new)?;
    output::print(&(text + "\n"))
}

/// Prints a suite of one test that could not be run: the policies have these errors.
pub fn print_broken(errors: &[Diagnostic], sources: &Sources) -> Result<()> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    broken(errors, sources, &mut xml).map_err(Failure::new)?;
    let text = String::from_utf8(xml.into_inner()).map_err(Failure::new)?;
    output::print(&(text + "\n"))
}

fn broken(errors: &[Diagnostic], sources: &Sources, xml: &mut Xml) -> Written {
    let totals = [("tests", "1"), ("failures", "0"), ("errors", "1"), ("time", "0.000")];
    let message = errors.first().map(|error| plain(&error.message)).unwrap_or_default();
    let shown = plain(&render::render(errors, sources, false));
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = xml.create_element("testsuites").with_attribute(("name", "tollgate")).with_attributes(totals);
    root.write_inner_content(|xml| {
        let suite = xml.create_element("testsuite").with_attribute(("name", "policies")).with_attributes(totals);
        suite
            .write_inner_content(|xml| {
                let case = xml.create_element("testcase").with_attributes([("name", "check"), ("classname", "policies"), ("time", "0.000")]);
                case.write_inner_content(|xml| {
                    let error = xml.create_element("error").with_attributes([("message", message.as_str()), ("type", "policy")]);
                    error.write_text_content(BytesText::new(&shown)).map(drop)
                })
                .map(drop)
            })
            .map(drop)
    })?;
    Ok(())
}

fn document(results: &Results<'_>, xml: &mut Xml) -> Written {
    let mut failures = Failures::new(results.sources, false);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let totals = totals(&results.tests, results.duration);
    let root = xml.create_element("testsuites").with_attribute(("name", "tollgate")).with_attributes(borrowed(&totals));
    root.write_inner_content(|xml| {
        results.tests.chunk_by(|a, b| a.place.file == b.place.file).try_for_each(|tests| suite(tests, &mut failures, xml))
    })?;
    Ok(())
}

fn suite(tests: &[TestResult], failures: &mut Failures<'_>, xml: &mut Xml) -> Written {
    let name = tests.first().map(|test| plain(&test.place.file)).unwrap_or_default();
    let totals = totals(tests, tests.iter().map(|test| test.duration).sum());
    let suite = xml.create_element("testsuite").with_attribute(("name", name.as_str())).with_attributes(borrowed(&totals));
    suite.write_inner_content(|xml| tests.iter().try_for_each(|test| case(test, failures, xml)))?;
    Ok(())
}

fn case(test: &TestResult, failures: &mut Failures<'_>, xml: &mut Xml) -> Written {
    let class = if test.package.is_empty() { &test.place.file } else { &test.package };
    let attributes = [("name", plain(&test.title)), ("classname", plain(class)), ("time", seconds(test.duration))];
    let case = xml.create_element("testcase").with_attributes(borrowed(&attributes));
    let Some(first) = test.failed.first() else { return passed(case, test) };
    case.write_inner_content(|xml| {
        let message = plain(&format!("expected {}, got {}", first.expected, first.got));
        let failure = xml.create_element("failure").with_attributes([("message", message.as_str()), ("type", "expectation")]);
        failure.write_text_content(BytesText::new(&plain(&failures.of(test)))).map(drop)
    })?;
    Ok(())
}

/// A test that passed, with its warnings in what it has printed.
fn passed(case: ElementWriter<'_, Vec<u8>>, test: &TestResult) -> Written {
    if test.warnings.is_empty() {
        return case.write_empty().map(drop);
    }
    let warnings: Vec<String> = test.warnings.iter().map(|warning| format!("warning: {}", warning.told)).collect();
    case.write_inner_content(|xml| xml.create_element("system-out").write_text_content(BytesText::new(&plain(&warnings.join("\n")))).map(drop))?;
    Ok(())
}

/// How many tests there are, how many of them failed, and how long they took. No test errs: what is wrong with its policy keeps all of them from running.
fn totals(tests: &[TestResult], duration: Duration) -> [(&'static str, String); 4] {
    let failures = tests.iter().filter(|test| !test.failed.is_empty()).count();
    [("tests", tests.len().to_string()), ("failures", failures.to_string()), ("errors", "0".to_owned()), ("time", seconds(duration))]
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

fn borrowed<'t>(attributes: &'t [(&'static str, String)]) -> impl Iterator<Item = (&'t str, &'t str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str()))
}

/// A text of characters that XML may have.
fn plain(text: &str) -> String {
    tame(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
