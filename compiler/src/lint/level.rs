//! What is made of a lint.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::diagnostic::{Code, Diagnostic, Severity, nearest};

/// What is made of a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is not reported.
    Allow,
    /// It is a warning.
    Warn,
    /// It is an error.
    Deny,
}

impl FromStr for Level {
    type Err = ();

    fn from_str(word: &str) -> Result<Level, ()> {
        match word {
            "allow" => Ok(Level::Allow),
            "warn" => Ok(Level::Warn),
            "deny" => Ok(Level::Deny),
            _ => Err(()),
        }
    }
}

/// The levels of lints: the usual ones, but for those that a project sets.
#[derive(Clone, Debug, Default)]
pub struct Levels(BTreeMap<Code, Level>);

/// A name that no lint has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLint {
    /// The name.
    pub name: String,
    /// The lint that may be meant.
    pub near: Option<String>,
}

impl fmt::Display for UnknownLint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no lint `{}`", self.name)?;
        self.near.iter().try_for_each(|near| write!(f, "; there is `{near}`"))
    }
}

impl std::error::Error for UnknownLint {}

impl Levels {
    /// Every lint at one level.
    pub fn all(level: Level) -> Levels {
        Levels(lints().map(|lint| (lint, level)).collect())
    }

    /// Sets the level of the lint of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), UnknownLint> {
        let lint = named(name).ok_or_else(|| unknown(name))?;
        self.0.insert(lint, level);
        Ok(())
    }

    /// The level of a lint.
    pub fn of(&self, lint: Code) -> Level {
        self.0.get(&lint).copied().unwrap_or_else(|| usual(lint))
    }

    /// Findings at their levels: warnings are dropped or made errors; errors stay what they are.
    pub fn judged(&self, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let judge = |found: Diagnostic| match (found.severity, self.of(found.code)) {
            (Severity::Warning, Level::Allow) => None,
            (Severity::Warning, Level::Deny) => Some(Diagnostic { severity: Severity::Error, ..found }),
            _ => Some(found),
        };
        findings.into_iter().filter_map(judge).collect()
    }
}

/// Every lint.
pub fn lints() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| is_lint(*code))
}

/// Whether a code is of a lint.
pub fn is_lint(code: Code) -> bool {
    code.code().starts_with('W')
}

/// The lint of that name, which may have `_` for `-`, as words must.
pub(super) fn named(name: &str) -> Option<Code> {
    let same = |(letter, other): (char, char)| letter == other || (letter, other) == ('-', '_');
    lints().find(|lint| lint.name().len() == name.len() && lint.name().chars().zip(name.chars()).all(same))
}

/// What is said of a name that no lint has.
pub(super) fn unknown(name: &str) -> UnknownLint {
    UnknownLint { name: name.to_owned(), near: nearest(&name.replace('_', "-"), lints().map(Code::name)) }
}

/// The level that a lint has where nobody sets it: what many a sound policy does is asked for.
fn usual(lint: Code) -> Level {
    match lint {
        Code::AgentIgnored | Code::FallibleCondition | Code::UntestedRule => Level::Allow,
        _ => Level::Warn,
    }
}
