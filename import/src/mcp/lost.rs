//! What was not carried over of one server's tools.

use crate::{Fate, Note};

/// Notes about one source.
#[derive(Debug)]
pub struct Lost {
    source: String,
    notes: Vec<Note>,
}

impl Lost {
    /// Nothing yet.
    pub fn new(source: &str) -> Lost {
        Lost { source: source.to_owned(), notes: Vec::new() }
    }

    /// Notes something of a place.
    pub fn note(&mut self, fate: Fate, place: &str, text: impl Into<String>) {
        self.notes.push(Note::new(&self.source, place, fate, text));
    }

    /// The notes, in the order in which they were met.
    pub fn into_notes(self) -> Vec<Note> {
        self.notes
    }
}
