//! `tollgate test --coverage`: what the tests have seen of the policies.

mod html;
mod lcov;
mod summary;

use std::path::{Path, PathBuf};

use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::diagnostic::position::Position;
use tollgate_compiler::testing::coverage::{ConditionCoverage, Coverage};

use crate::args::{CoverageFormat, TestArgs};
use crate::output::{self, Failure, Paint, Result};

use super::results::Places;

pub use summary::{JsonCoverage, json};

/// Coverage with its places.
pub struct Covered<'s> {
    /// What was seen.
    pub coverage: Coverage,
    /// Where it stands.
    pub places: &'s Places<'s>,
}

/// How much of something has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Full,
    /// Some of it.
    Half,
    /// Nothing.
    None,
}

impl Covered<'_> {
    /// Writes what is asked for: a file, or, if `to_terminal`, the summary.
    pub fn write(&self, args: &TestArgs, to_terminal: bool) -> Result<()> {
        let Some(format) = args.coverage else { return Ok(()) };
        let (text, usual) = match format {
            CoverageFormat::Summary if args.coverage_output.is_none() => {
                return if to_terminal { output::print(&summary::text(self, Paint::stdout())) } else { Ok(()) };
            }
            CoverageFormat::Summary => (summary::text(self, Paint::new(false)), ""),
            CoverageFormat::Lcov => (lcov::text(self), "lcov.info"),
            CoverageFormat::Html => (html::page(self), "coverage.html"),
        };
        let path = args.coverage_output.clone().unwrap_or_else(|| PathBuf::from(usual));
        write_file(&path, &text)?;
        if to_terminal { output::print(&format!("{}, in {}\n", summary::total(self), path.display())) } else { Ok(()) }
    }

    /// Whether less has been seen than is demanded.
    pub fn is_below(&self, least: Option<f64>) -> bool {
        least.is_some_and(|least| self.coverage.percent() < least)
    }

    fn sources(&self) -> &Sources {
        self.places.sources()
    }

    fn file(&self, at: Location) -> &str {
        self.sources().path(at.file)
    }

    fn start(&self, at: Location) -> Position {
        self.places.start(at)
    }
}

impl Extent {
    /// How much of a condition's outcomes has been seen.
    pub fn of(condition: &ConditionCoverage) -> Extent {
        match condition.outcomes() {
            0 => Extent::None,
            1 => Extent::Half,
            _ => Extent::Full,
        }
    }

    /// All or nothing.
    pub fn whole(seen: u64) -> Extent {
        if seen > 0 { Extent::Full } else { Extent::None }
    }
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|error| Failure::file("write", path, error))
}
