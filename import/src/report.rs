//! What an import gives: files, and a note for everything that is not carried over as it was.

use std::fmt;

/// What an importer made of its sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The files, policies before data, in the order in which they are to be read.
    pub files: Vec<ImportedFile>,
    /// What was not carried over as it was, in the order of the sources.
    pub notes: Vec<Note>,
}

/// A file that an importer made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its path below the folder of the output, with `/`: `github.toll`, `data/entities.json`.
    pub path: String,
    /// What stands in it. A policy is laid out as `tollgate fmt` does.
    pub text: String,
}

/// A construct that was not carried over as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The source's name, as the user gave it.
    pub source: String,
    /// Where in it: `Statement[3].Condition`, `line 12`. Empty where it is about the whole.
    pub place: String,
    /// What became of it.
    pub fate: Fate,
    /// The construct in the source's words, and why this became of it.
    pub text: String,
}

/// What became of a construct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// More is denied, or waits for a review, than the source says.
    Stricter,
    /// It decides otherwise in some case that the note tells, and never allows what the source does not.
    Differs,
    /// An argument is checked less than the source says; rules decide about it as about any other.
    Unchecked,
    /// The source does not say; this is a guess that an author should look at.
    Guessed,
    /// It has no bearing on decisions and was left out.
    LeftOut,
}

impl Fate {
    /// Every fate, the gravest first.
    pub const ALL: [Fate; 5] = [Fate::Stricter, Fate::Differs, Fate::Unchecked, Fate::Guessed, Fate::LeftOut];

    /// Its name in reports: `stricter`.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Stricter => "stricter",
            Fate::Differs => "differs",
            Fate::Unchecked => "unchecked",
            Fate::Guessed => "guessed",
            Fate::LeftOut => "left-out",
        }
    }

    /// Whether something of what the source decides was lost.
    pub fn is_loss(self) -> bool {
        matches!(self, Fate::Stricter | Fate::Differs | Fate::Unchecked)
    }
}

impl Note {
    /// A note.
    pub fn new(source: &str, place: impl Into<String>, fate: Fate, text: impl Into<String>) -> Note {
        Note { source: source.to_owned(), place: place.into(), fate, text: text.into() }
    }
}

/// A source that could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The source's name, as the user gave it.
    pub source: String,
    /// Where in it, or empty.
    pub place: String,
    /// What is wrong.
    pub reason: String,
}

impl Unreadable {
    /// A source that could not be read for a reason.
    pub fn new(source: &str, place: impl Into<String>, reason: impl fmt::Display) -> Unreadable {
        Unreadable { source: source.to_owned(), place: place.into(), reason: reason.to_string() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.source)?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Unreadable {}
