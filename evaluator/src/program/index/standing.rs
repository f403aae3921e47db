//! Which rules the index gives for a call, and what keeps it from giving the others: the whole trie walked, for explanations.

use tollgate_stdlib::EvalError;

use super::{Finder, Found, Item, Lookup};
use crate::plan::{Attribute, index};

/// What the index makes of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing<'f> {
    /// It is looked at.
    Given,
    /// It is not: of this attribute the call has no value that the rule is filed under.
    Missed(&'f Attribute),
    /// It is filed nowhere, since it can never match.
    Unfiled,
}

impl Finder {
    /// What the index makes of each of so many rules.
    pub fn standings<'a>(&self, rules: usize, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<Vec<Standing<'_>>, EvalError> {
        self.find(lookup, found)?;
        let mut survey = Survey { finder: self, standings: vec![Standing::Unfiled; rules] };
        survey.state(0, None, lookup, found)?;
        Ok(survey.standings)
    }

    /// Where the edges of a fan lead, by their numbers, and how many items follow the fan that are its own.
    fn edges(&self, fan: Item, following: &[Item]) -> (u32, Vec<(u32, u32)>, usize) {
        let near = |edges: u32| {
            let edges = following.get(..index(edges)).unwrap_or_default();
            edges.iter().filter_map(|item| if let Item::Edge { number, state } = item { Some((*number, *state)) } else { None }).collect()
        };
        match fan {
            Item::Near { table, edges } => (table, near(edges), index(edges)),
            Item::Far { table, fan } => (table, self.edges.of(fan), 0),
            _ => (u32::MAX, Vec::new(), following.len()),
        }
    }
}

struct Survey<'f> {
    finder: &'f Finder,
    standings: Vec<Standing<'f>>,
}

impl<'f> Survey<'f> {
    /// Goes through what a state holds and leads to, where a call that has not what an attribute asks for never comes.
    fn state<'a>(&mut self, state: u32, missed: Option<&'f Attribute>, lookup: &mut impl Lookup<'a>, found: &mut Found) -> Result<(), EvalError> {
        let finder = self.finder;
        let Some((Item::State { rules, fans }, rest)) = finder.items.get(index(state)..).and_then(|items| items.split_first()) else { return Ok(()) };
        let (rules, rest) = rest.split_at_checked(index(*rules)).unwrap_or_default();
        for item in rules {
            if let Item::Rule { turn, .. } = item {
                self.rule(turn.rule(), missed);
            }
        }
        let mut fans = rest.get(..index(*fans)).unwrap_or_default();
        while let Some((fan, rest)) = fans.split_first() {
            let (table, edges, own) = finder.edges(*fan, rest);
            let (start, end) = found.numbers_of(finder, table, lookup)?;
            let mut numbers = found.numbers.get(index(start)..index(end)).unwrap_or_default().to_vec();
            numbers.sort_unstable();
            let attribute = finder.tables.get(index(table)).map(|table| &table.attribute);
            for (number, next) in edges {
                let missed = missed.or(attribute.filter(|_| numbers.binary_search(&number).is_err()));
                self.state(next, missed, lookup, found)?;
            }
            fans = rest.get(own..).unwrap_or_default();
        }
        Ok(())
    }

    /// A rule that is filed in several places is given if it is in one of them.
    fn rule(&mut self, rule: u32, missed: Option<&'f Attribute>) {
        if let Some(standing) = self.standings.get_mut(index(rule)) {
            *standing = match (*standing, missed) {
                (_, None) => Standing::Given,
                (Standing::Unfiled, Some(attribute)) => Standing::Missed(attribute),
                (known, Some(_)) => known,
            };
        }
    }
}
