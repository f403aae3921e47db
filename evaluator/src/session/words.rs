//! Calls by the words in them, for conditions that ask whether a value was mentioned.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use tollgate_stdlib::{Value, words};

use super::group::{hash, is_of_kind, scalar};

/// Where each word, and each word with the next, occurs.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// For each of them, with the keys of the call, the places of its calls in order. Different words may fall together: what is found is a guess.
    places: HashMap<u64, Vec<u32>>,
    state: RandomState,
    /// The mark of the newest call that has one.
    newest: Option<Value<'static>>,
    /// Whether marks came in order.
    pub in_order: bool,
}

impl Words {
    pub fn new() -> Words {
        Words { places: HashMap::new(), state: RandomState::default(), newest: None, in_order: true }
    }

    /// Adds a call by what is asked about; says whether that could be done.
    pub fn add(&mut self, place: usize, keys: &[Value<'_>], mark: Option<Value<'_>>, text: Value<'_>) -> bool {
        let Ok(place) = u32::try_from(place) else { return false };
        // What is no scalar equals no value that is asked for.
        let Some(keys) = hash(&self.state, keys) else { return true };
        if let Some(mark) = mark {
            let Some(mark) = scalar(mark).filter(|mark| self.newest.is_none_or(|newest| is_of_kind(newest, *mark))) else { return false };
            self.in_order &= self.newest.is_none_or(|newest| newest.order(mark).is_le());
            self.newest = Some(mark);
        }
        words::inside(text, &mut |word| {
            let places = self.places.entry(self.state.hash_one((keys, word))).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        });
        true
    }

    /// Calls that have those keys and could mention that value, and perhaps others; `None` where the value has no words.
    pub fn candidates(&self, keys: &[Value<'_>], value: Value<'_>) -> Option<&[u32]> {
        let keys = hash(&self.state, keys)?;
        let mut fewest: Option<&[u32]> = None;
        words::sought(value, &mut |word| {
            if fewest.is_some_and(<[u32]>::is_empty) {
                return;
            }
            let places = self.places.get(&self.state.hash_one((keys, word))).map(Vec::as_slice).unwrap_or_default();
            if fewest.is_none_or(|fewest| places.len() < fewest.len()) {
                fewest = Some(places);
            }
        });
        fewest
    }

    /// Whether a bound of that value can be compared with the marks.
    pub fn compares(&self, bound: Value<'_>) -> bool {
        self.newest.is_none_or(|newest| is_of_kind(newest, bound))
    }
}
