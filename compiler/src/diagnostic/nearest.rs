//! The nearest name to a misspelt one.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Names longer than this are not compared: nobody misspells them by a letter.
const LONGEST: usize = 64;

/// The most edits that make a misspelling.
const MOST_EDITS: usize = 3;

/// How many names a set's misspelt ones are compared with, all in all.
const COMPARISONS: usize = 1 << 17;

/// Finds the nearest names to the misspelt ones of a set, as long as they are not so many that nobody reads what is said of them.
#[derive(Debug)]
pub struct Suggestions {
    left: AtomicUsize,
}

impl Clone for Suggestions {
    fn clone(&self) -> Suggestions {
        Suggestions { left: AtomicUsize::new(self.left.load(Ordering::Relaxed)) }
    }
}

impl Default for Suggestions {
    fn default() -> Suggestions {
        Suggestions { left: AtomicUsize::new(COMPARISONS) }
    }
}

impl Suggestions {
    /// Whether more names may be looked at.
    pub fn remain(&self) -> bool {
        self.left.load(Ordering::Relaxed) > 0
    }

    /// As [`nearest`]; `None` once too many names have been looked at.
    pub fn nearest<S: AsRef<str>>(&self, name: &str, candidates: impl IntoIterator<Item = S>) -> Option<String> {
        if !self.remain() {
            return None;
        }
        let near = nearest(name, self.within(candidates));
        near.filter(|_| self.remain())
    }

    /// Those candidates; fewer of them, and none from then on, once too many have been looked at.
    pub fn within<S>(&self, candidates: impl IntoIterator<Item = S>) -> impl Iterator<Item = S> {
        let allowed = move |_: &S| {
            // A set is checked by one thread; that it can be shared between several is all that is asked of the counter.
            self.left.store(self.left.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
            self.remain()
        };
        candidates.into_iter().take_while(allowed)
    }
}

/// The candidate with the least edit distance to a name, where that is small enough to be a misspelling: a third of its letters, and three at most.
/// Of several the first in alphabetical order.
pub fn nearest<S: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = S>) -> Option<String> {
    let letters: Vec<char> = name.to_lowercase().chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST {
        return None;
    }
    let most = (letters.len() / 3).clamp(1, MOST_EDITS);
    let mut best: Option<(usize, S)> = None;
    for candidate in candidates {
        let text = candidate.as_ref();
        if text == name || text.len().abs_diff(name.len()) > 4 * most {
            continue;
        }
        let Some(distance) = distance(&letters, text, most) else { continue };
        if best.as_ref().is_none_or(|(least, other)| (distance, text) < (*least, other.as_ref())) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.as_ref().to_owned())
}

/// The optimal string alignment distance, where it is at most `most`: insertions, deletions, substitutions and transpositions of neighbours, case ignored.
fn distance(a: &[char], b: &str, most: usize) -> Option<usize> {
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).take(LONGEST + MOST_EDITS + 1).collect();
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let far = most + 1;
    let mut before = vec![far; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = before.clone();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(far);
    for (i, left) in a.iter().enumerate() {
        // Places further than `most` from the diagonal are too far; those beside this band are read, and may be of earlier rows.
        let (start, end) = ((i + 1).saturating_sub(most), (i + 1 + most).min(b.len()));
        let mut least = far;
        for j in start.saturating_sub(1)..=(end + 1).min(b.len()) {
            let place = match j.checked_sub(1).and_then(|before| b.get(before)) {
                _ if j < start || j > end => far,
                None => i + 1,
                Some(right) => {
                    let swap = i > 0 && j > 1 && a.get(i - 1) == Some(right) && b.get(j - 2) == Some(left);
                    let change = at(&last, j - 1) + usize::from(left != right);
                    let edit = change.min(at(&last, j) + 1).min(at(&row, j - 1) + 1);
                    if swap { edit.min(at(&before, j - 2) + 1) } else { edit }
                }
            };
            if let Some(cell) = row.get_mut(j) {
                *cell = place;
            }
            least = least.min(place);
        }
        if least > most {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(at(&last, b.len())).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_misspellings_and_nothing_else() {
        assert_eq!(nearest("recipeint", ["recipient", "rows"]), Some("recipient".into()));
        assert_eq!(nearest("nam", ["name", "names"]), Some("name".into()));
        assert_eq!(nearest("Labels", ["table", "labels"]), Some("labels".into()));
        assert_eq!(nearest("destination_adres", ["destination_address", "destination"]), Some("destination_address".into()));
        assert_eq!(nearest("colour", ["size"]), None);
        assert_eq!(nearest("name", ["name"]), None);
        assert_eq!(nearest("", ["name"]), None);
    }

    #[test]
    fn suggestions_end() {
        let suggestions = Suggestions::default();
        let names = || std::iter::repeat_n("name", COMPARISONS / 2);
        assert_eq!(suggestions.nearest("nam", names()), Some("name".into()));
        assert_eq!(suggestions.nearest("nam", names()), None);
        assert_eq!(suggestions.nearest("nam", ["name"]), None);
    }
}
