//! Patterns over one text: which of them it matches, many in one pass.

use std::collections::HashMap;

use regex_automata::meta::Regex;
use regex_automata::{Input, PatternSet};

use super::{Hasher, short};
use crate::plan::{Pattern, PatternId, index};
use crate::program::pattern::together;

/// How many patterns are searched for together: with more, the states that a search can be in grow faster than what it saves.
const MAX_SET: usize = 64;

/// A longer text is searched for each pattern by itself: who writes it can make searches for many at once go from state to new state, byte by byte.
const MAX_TEXT: usize = 4096;

/// Patterns, each with a number.
#[derive(Debug)]
pub(super) struct Patterns {
    numbers: HashMap<PatternId, u32, Hasher>,
    /// By number.
    ids: Vec<PatternId>,
    sets: Vec<Set>,
}

/// Patterns that are searched for in one pass.
#[derive(Debug)]
struct Set {
    regex: Regex,
    /// The number of the first; the others' follow.
    first: u32,
}

impl Patterns {
    /// Those of a plan's patterns; `None` where one cannot be searched for.
    pub fn new(all: &[Pattern], ids: impl Iterator<Item = PatternId>) -> Option<Patterns> {
        let mut made = Patterns { numbers: HashMap::default(), ids: Vec::new(), sets: Vec::new() };
        let mut patterns: Vec<&Pattern> = Vec::new();
        for id in ids {
            let next = short(patterns.len());
            if *made.numbers.entry(id).or_insert(next) == next {
                patterns.push(all.get(index(id))?);
                made.ids.push(id);
            }
        }
        let mut first = 0;
        for patterns in patterns.chunks(MAX_SET) {
            made.add(patterns, &mut first)?;
        }
        Some(made)
    }

    /// Adds patterns together, or in halves where they are too large.
    fn add(&mut self, patterns: &[&Pattern], first: &mut u32) -> Option<()> {
        if let Some(regex) = together(patterns) {
            self.sets.push(Set { regex, first: *first });
            *first += short(patterns.len());
            return Some(());
        }
        if patterns.len() < 2 {
            return None;
        }
        let (some, others) = patterns.split_at_checked(patterns.len() / 2)?;
        self.add(some, first)?;
        self.add(others, first)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    /// Forgets the patterns' numbers, which nothing is filed under any more.
    pub fn finish(&mut self) {
        self.numbers = HashMap::default();
    }

    /// The number of a pattern.
    pub fn number(&self, id: PatternId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// Calls back with the number of each pattern that a text matches; `matches` says it of one pattern.
    pub fn numbers(&self, text: &str, matched: &mut Matched, matches: impl Fn(PatternId) -> bool, mut found: impl FnMut(u32)) {
        if text.len() > MAX_TEXT {
            return (0..).zip(&self.ids).filter(|(_, id)| matches(**id)).for_each(|(number, _)| found(number));
        }
        let Matched(matched) = matched;
        for set in &self.sets {
            matched.clear();
            set.regex.which_overlapping_matches(&Input::new(text), matched);
            matched.iter().for_each(|pattern| found(set.first + short(pattern.as_usize())));
        }
    }
}

/// The patterns of one set that a text matches, in memory that decisions reuse.
#[derive(Debug)]
pub(super) struct Matched(PatternSet);

impl Default for Matched {
    fn default() -> Matched {
        Matched(PatternSet::new(MAX_SET))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::pattern::compile;

    #[test]
    fn a_text_matches_the_same_patterns_together_as_alone() {
        let like = ["*", "", "a*", "*b", "*.env*", "a?c", "a\\*c", "*(x)*", "a<b>*", "*\n*", "ä?*", "[a]", "*-*"];
        let regex = ["", "a|b", "^a", "b$", "(?i)SECRET", r"\d{3}", "(a*)*c", "x(?s:.)y", "^$", "é"];
        let mut all: Vec<Pattern> = like.iter().map(|text| Pattern::Like((*text).into())).collect();
        all.extend(regex.iter().map(|text| Pattern::Regex((*text).into())));
        // More than one set.
        all.extend((0..100).map(|number| Pattern::Like(format!("*n{number}*").into())));
        let alone = compile(&all).expect("patterns");
        let ids: Vec<PatternId> = (0..short(all.len())).rev().collect();
        let together = Patterns::new(&all, ids.iter().copied()).expect("small");
        let mut matched = Matched::default();
        let texts =
            ["", "a", "b", "abc", "a*c", "axc", "x.env", "f(x)", "a<b>c", "1\n2", "äöü", "[a]", "my Secret 123", "x\ny", "n7 n77", "é", "a-b"];
        let long = "x.env ".repeat(1000);
        for text in texts.into_iter().chain([&*long]) {
            let mut found = Vec::new();
            let matches = |id: PatternId| alone[index(id)].matches(text);
            together.numbers(text, &mut matched, matches, |number| found.push(number));
            for (id, matcher) in (0..).zip(&alone) {
                let number = together.number(id).expect("known");
                assert_eq!(found.contains(&number), matcher.matches(text), "{text:?} {:?}", all[index(id)]);
            }
        }
    }
}
