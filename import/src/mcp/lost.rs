//! What was not carried over, each thing said once with the places where it stands.

use std::collections::HashMap;

use crate::{Fate, Note};

/// How many places are named; of the others the number is.
const NAMED: usize = 3;

/// The longest piece of a source that a note shows, in characters.
const SHOWN: usize = 120;

/// Notes about one source.
#[derive(Debug)]
pub struct Lost {
    source: String,
    notes: Vec<(Fate, String, Vec<String>, usize)>,
    known: HashMap<(Fate, String), usize>,
}

impl Lost {
    /// Nothing yet.
    pub fn new(source: &str) -> Lost {
        Lost { source: source.to_owned(), notes: Vec::new(), known: HashMap::new() }
    }

    /// Notes something of a place. The same of another place joins it.
    pub fn note(&mut self, fate: Fate, place: &str, text: impl Into<String>) {
        let text = text.into();
        let next = self.notes.len();
        let number = *self.known.entry((fate, text.clone())).or_insert(next);
        match self.notes.get_mut(number) {
            Some((_, _, places, _)) if places.len() < NAMED => {
                if !places.iter().any(|known| known == place) {
                    places.push(place.to_owned());
                }
            }
            Some((_, _, places, further)) => *further += usize::from(!places.iter().any(|known| known == place)),
            None => self.notes.push((fate, text, vec![place.to_owned()], 0)),
        }
    }

    /// The notes, in the order in which they were first met.
    pub fn into_notes(self) -> Vec<Note> {
        let source = &self.source;
        let note = |(fate, text, places, further): (Fate, String, Vec<String>, usize)| {
            let more = if further > 0 { format!(" and {further} more") } else { String::new() };
            Note::new(source, places.join(", ") + &more, fate, text)
        };
        self.notes.into_iter().map(note).collect()
    }
}

/// A piece of a source as a note shows it.
pub fn shown(text: &impl std::fmt::Display) -> String {
    use std::fmt::Write as _;
    let mut out = Bounded(String::new());
    let is_whole = write!(out, "{text}").is_ok() && out.0.chars().count() <= SHOWN;
    let brief: String = crate::toll::shown(&out.0).chars().take(SHOWN).collect();
    if is_whole { brief } else { brief + "…" }
}

/// A text of which no more is written than is shown.
struct Bounded(String);

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = (SHOWN * 4).saturating_sub(self.0.len());
        self.0.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        if text.len() > room { Err(std::fmt::Error) } else { Ok(()) }
    }
}
