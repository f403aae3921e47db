//! Breaks a policy on purpose, one small change a time: what no test notices, no test proves.
//!
//! A [`Mutant`] is an edit of the text, so that it is recompiled as an author's edit is, and is shown as one. [`Mutants`] holds what a set's tests
//! say of it: where one of them fails, the mutant is killed.

mod change;
mod difference;
mod inputs;
mod reach;
mod requests;
mod sites;
mod telling;

use tollgate_evaluator::Engine;

use crate::PolicySet;
use crate::diagnostic::{FileId, Location};
use crate::lower::LowerOptions;
use crate::syntax::ast::Span;
use crate::testing::Suite;

pub use difference::{Telling, difference, told_by_case, told_by_errors};
pub use inputs::{constants_of, near, vary};
pub use requests::{Imagined, changed_names};
pub use telling::Search;

/// One small change of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file.
    pub file: FileId,
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
    /// The change in words: `` `>` becomes `>=` ``.
    pub what: String,
    /// What is changed: `deny p.exports`, `let p.limit`.
    pub of: String,
    /// The item that it is in.
    pub within: Span,
}

/// What the tests say of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is no policy, or the same one: nothing to tell.
    Moot,
    /// The case at this place fails.
    Killed(usize),
    /// No test fails.
    Survived,
}

/// A policy set whose tests pass, and the changes that they should notice.
pub struct Mutants<'s> {
    set: &'s PolicySet,
    all: Vec<Mutant>,
    /// The digest of the plan that is not changed.
    digest: String,
}

impl<'s> Mutants<'s> {
    /// The mutants of a set without errors, in the order of the text.
    ///
    /// # Errors
    /// When the set does not compile.
    pub fn new(set: &'s PolicySet) -> Result<Mutants<'s>, Vec<crate::diagnostic::Diagnostic>> {
        let digest = set.compile()?.plan.digest();
        let files = (0..).map(FileId).zip(set.sources().files()).take(set.own_files());
        Ok(Mutants { set, all: sites::of_files(files.map(|(file, source)| (file, &*source.text))), digest })
    }

    /// All of them.
    pub fn all(&self) -> &[Mutant] {
        &self.all
    }

    /// Runs cases against a mutant until one fails: those at these places of [`Suite::cases`], in this order, over the data that `bind` binds.
    pub fn judge(&self, mutant: &Mutant, bind: impl FnOnce(&Engine) -> bool, order: impl IntoIterator<Item = usize>) -> Verdict {
        let Some(suite) = self.suite(mutant).filter(|suite| bind(suite.engine())) else { return Verdict::Moot };
        let cases = suite.cases();
        let fails = |place: &usize| cases.get(*place).is_some_and(|case| !suite.run(case).is_empty());
        order.into_iter().find(fails).map_or(Verdict::Survived, Verdict::Killed)
    }

    /// The tests over the changed policy; none where it does not compile, or is the same.
    pub fn suite(&self, mutant: &Mutant) -> Option<Suite> {
        let changed = self.set.clone().edit(mutant.file, mutant.applied_to(self.set.sources().text(mutant.file))?);
        if changed.has_errors() {
            return None;
        }
        let lowered = changed.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).ok()?;
        if lowered.plan.digest() == self.digest {
            return None;
        }
        Suite::new(lowered.testing?).ok()
    }
}

impl Mutant {
    /// Where it is.
    pub fn at(&self) -> Location {
        Location { file: self.file, span: self.span }
    }

    /// The text with the change in it.
    pub fn applied_to(&self, text: &str) -> Option<String> {
        let before = text.get(..usize::try_from(self.span.start).ok()?)?;
        let after = text.get(usize::try_from(self.span.end).ok()?..)?;
        Some([before, &self.replacement, after].concat())
    }

    /// The item that it changes, as the text has it.
    pub fn item<'t>(&self, text: &'t str) -> &'t str {
        self.within.of(text)
    }

    /// The lines that it changes, before and after.
    pub fn lines(&self, text: &str) -> (String, String) {
        let (start, end) = (usize::try_from(self.span.start).unwrap_or(0), usize::try_from(self.span.end).unwrap_or(0));
        let first = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |line_end| line_end + 1);
        let last = text.get(end..).and_then(|after| after.find('\n')).map_or(text.len(), |line_end| end + line_end);
        let old = text.get(first..last).unwrap_or_default();
        let new = [text.get(first..start).unwrap_or_default(), &self.replacement, text.get(end..last).unwrap_or_default()].concat();
        (old.to_owned(), new)
    }
}

#[cfg(test)]
mod tests;
