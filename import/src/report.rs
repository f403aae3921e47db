//! What an import gives: files, and a note for everything that is not carried over as it was.

use std::collections::{BTreeMap, HashMap};
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

/// How many places of one note are named; of the others the number is.
const PLACES: usize = 3;

/// How many notes of one fate are kept; of the others the number is.
const NOTES: usize = 200;

/// The longest place, in characters.
const PLACE: usize = 160;

/// Notes as a report has them: what is said of several places is said once, and of what would flood it the number is told.
pub fn joined(notes: Vec<Note>) -> Vec<Note> {
    let mut known: HashMap<(String, Fate, String), usize> = HashMap::new();
    let mut joined: Vec<(Note, Vec<String>, usize)> = Vec::new();
    for note in notes {
        let next = joined.len();
        let number = *known.entry((note.source.clone(), note.fate, note.text.clone())).or_insert(next);
        let place = brief(&note.place);
        match joined.get_mut(number) {
            Some((_, places, _)) if places.contains(&place) => {}
            Some((_, places, _)) if places.len() < PLACES => places.push(place),
            Some((.., further)) => *further += 1,
            None => joined.push((note, vec![place], 0)),
        }
    }
    let mut kept = Vec::new();
    let mut counts = BTreeMap::<Fate, (usize, String)>::new();
    for (note, places, further) in joined {
        let (count, _) = counts.entry(note.fate).or_insert_with(|| (0, note.source.clone()));
        *count += 1;
        if *count <= NOTES {
            let more = if further > 0 { format!(" and {further} more") } else { String::new() };
            kept.push(Note { place: places.join(", ") + &more, ..note });
        }
    }
    for (fate, (count, source)) in counts.into_iter().filter(|(_, (count, _))| *count > NOTES) {
        kept.push(Note::new(&source, "", fate, format!("{} further notes of this kind, which are not listed", count - NOTES)));
    }
    kept
}

/// A place of which the middle is left out where it is long.
fn brief(place: &str) -> String {
    let letters = place.chars().count();
    if letters <= PLACE {
        return place.to_owned();
    }
    let half = PLACE / 2;
    place.chars().take(half).chain(['…']).chain(place.chars().skip(letters - half)).collect()
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

#[cfg(test)]
mod tests {
    use super::{Fate, NOTES, Note, joined};

    #[test]
    fn what_is_said_of_many_places_is_said_once() {
        let same = (0..5).map(|at| Note::new("a", format!("p{at}"), Fate::Differs, "so"));
        let notes = joined(same.chain([Note::new("b", "p", Fate::Differs, "so"), Note::new("a", "p1", Fate::Differs, "so")]).collect());
        let told: Vec<_> = notes.iter().map(|note| (note.source.as_str(), note.place.as_str())).collect();
        assert_eq!(told, [("a", "p0, p1, p2 and 2 more"), ("b", "p")]);
    }

    #[test]
    fn a_report_does_not_flood() {
        let many = (0..10_000).map(|at| Note::new("a", "x.".repeat(at), Fate::Unchecked, format!("{at}")));
        let notes = joined(many.chain([Note::new("a", "", Fate::Stricter, "once")]).collect());
        assert_eq!(notes.len(), NOTES + 2);
        assert_eq!(notes.last().unwrap().text, "9800 further notes of this kind, which are not listed");
        assert!(notes.iter().all(|note| note.place.chars().count() < 200));
    }
}
