//! Which cases an edit can affect: those whose own test has changed, and those in whose decisions the index looks at a rule that has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_evaluator::Kept;

use crate::PolicySet;

use super::run::Run;
use super::{Case, Recorded, Suite};

/// What differs between two versions of a set that differ in rules and tests alone.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The rules of the version before that the other has not, or not in this form.
    before: Vec<Arc<str>>,
    /// The same of the version after.
    after: Vec<Arc<str>>,
    /// For each test of the version after its place before, where it is the same.
    tests: Vec<Option<usize>>,
}

impl Changes {
    /// What differs; `None` where more does than rules and tests, so that every decision may be another.
    pub fn between(before: &PolicySet, after: &PolicySet) -> Option<Changes> {
        if !after.differs_in_rules_alone(before) {
            return None;
        }
        let (old, new) = (before.program(), after.program());
        let claims = |set: &PolicySet| set.program().properties.iter().map(Arc::as_ptr).collect::<Vec<_>>();
        if claims(before) != claims(after) {
            return None;
        }
        let tests: HashMap<_, usize> = old.tests.iter().map(Arc::as_ptr).zip(0..).collect();
        let missing = |rules: &[Arc<_>], from: &[Arc<crate::program::Rule>]| {
            let known: HashSet<_> = from.iter().map(Arc::as_ptr).collect();
            rules.iter().filter(|rule| !known.contains(&Arc::as_ptr(rule))).map(|rule| Arc::clone(&rule.name)).collect()
        };
        Some(Changes {
            before: missing(&old.rules, &new.rules),
            after: missing(&new.rules, &old.rules),
            tests: new.tests.iter().map(|test| tests.get(&Arc::as_ptr(test)).copied()).collect(),
        })
    }

    fn is_seen(&self, before: &Run<'_>, after: &Run<'_>, request: &[u8]) -> bool {
        before.engine().looks_at(&self.before, request) || after.engine().looks_at(&self.after, request)
    }
}

impl Suite {
    /// Whether a case can come to something else than it did with the version before, whose suite that is and which had the same data.
    pub fn can_tell(&self, case: &Case, changes: &Changes, before: &Suite) -> bool {
        let known = changes.tests.get(case.test).copied().flatten().and_then(|place| before.tests.tests.get(place));
        let (Some(known), Some(test)) = (known, self.tests.tests.get(case.test)) else { return true };
        if changes.before.is_empty() && changes.after.is_empty() {
            return false;
        }
        // What a step leaves to those after it is not known before it is decided.
        let ([_], None) = (&*test.steps, &case.broken) else { return true };
        let (Ok(old), Ok(new)) = (Run::of_test(before, case, known), Run::of_test(self, case, test)) else { return true };
        new.requests(test).iter().any(|request| changes.is_seen(&old, &new, request))
    }

    /// The same of a recorded case.
    pub fn can_tell_recorded(&self, case: &Recorded, changes: &Changes, before: &Suite) -> bool {
        let run = |suite| {
            let engine = Suite::engine(suite).fork();
            engine.set_all(case.data.iter().map(|(name, json)| (name, json))).ok()?;
            Some(Run::new(suite, engine, Kept::None))
        };
        let (Some(old), Some(new)) = (run(before), run(self)) else { return true };
        changes.is_seen(&old, &new, &case.input)
    }
}
