//! A conformance case: policies, with marks where errors are expected, and requests with the decisions expected.

use std::path::{Path, PathBuf};

use tollgate_compiler::diagnostic::Severity;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::testing::Suite;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;

use super::{format, markers, requests};

/// A case as it is on disk.
pub struct Case {
    sources: Sources,
    requests: Option<(PathBuf, String)>,
}

impl Case {
    /// Reads the case in a file, or a folder.
    pub fn read(path: &Path) -> Result<Case, String> {
        let sources = Sources::read(&[path]).map_err(|error| error.to_string())?;
        let requests = if path.is_dir() { path.join("cases.jsonl") } else { path.with_extension("cases.jsonl") };
        let requests = match std::fs::read_to_string(&requests) {
            Ok(text) => Some((requests, text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{}: {error}", requests.display())),
        };
        Ok(Case { sources, requests })
    }

    /// Everything in which the case is not as it says.
    pub fn faults(&self) -> Vec<String> {
        let set = PolicySet::check(self.sources.clone());
        let mut faults = markers::faults(&self.sources, &set);
        faults.extend(format::faults(&self.sources, &set));
        if set.has_errors() {
            faults.extend(self.requests.iter().map(|(path, _)| format!("{}: nothing decides these requests", path.display())));
            return faults;
        }
        if let Err(fault) = self.run(&set, &mut faults) {
            faults.push(fault);
        }
        faults
    }

    /// Runs the tests and requests of a set without errors, with the index and without.
    fn run(&self, set: &PolicySet, faults: &mut Vec<String>) -> Result<(), String> {
        let lowered = set.lower(&LowerOptions { tests: true, ..LowerOptions::default() });
        let lowered = lowered.map_err(|diagnostics| diagnostics.into_iter().map(|found| found.message).collect::<Vec<_>>().join("; "))?;
        let testing = lowered.testing.ok_or("the tests were not lowered")?;
        let suite = Suite::new(testing).map_err(|error| error.to_string())?;
        let engine = Engine::load(lowered.plan.to_bytes()).map_err(|error| error.to_string())?;
        for (suite, engine, how) in [(suite.clone(), engine.clone(), ""), (suite.without_index(), engine.without_index(), "without the index, ")] {
            run_tests(&suite, how, faults);
            if let Some((path, text)) = &self.requests {
                requests::run(&engine, path, text, how, faults);
            }
        }
        Ok(())
    }
}

fn run_tests(suite: &Suite, how: &str, faults: &mut Vec<String>) {
    for case in suite.cases() {
        for failing in suite.run(&case) {
            let step = failing.step.map(|step| format!(", step `{step}`")).unwrap_or_default();
            let (title, why) = (&case.title, failing.why.join("\n    "));
            faults.push(format!("{how}test `{title}`{step}: expected {}, got {}\n    {why}", failing.expected, failing.got));
        }
    }
}

/// The errors of a set, with the file and the offset at which each begins.
pub fn errors(set: &PolicySet) -> impl Iterator<Item = (usize, u32, &'static str, &str)> {
    let errors = set.diagnostics().iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| (found.at.file.0 as usize, found.at.span.start, found.code.code(), found.message.as_str()))
}
