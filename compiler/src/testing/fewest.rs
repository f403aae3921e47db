//! The fewest conditions that would have to be otherwise for others to be as they must be.

use tollgate_evaluator::{ConditionTrace, Joint, Observed};

/// How many ways to be otherwise are kept of one condition.
const MAX_WAYS: usize = 64;
/// Among more conditions than these nobody looks for the fewest.
const MAX_CONDITIONS: usize = 256;

/// A condition without others in it, and what it would have to be.
#[derive(Clone, Copy, Debug)]
pub struct Turned<'t> {
    /// The condition.
    pub condition: &'t ConditionTrace,
    /// What it is not.
    pub wanted: bool,
}

/// Conditions that have to be otherwise together.
type Way<'t> = Vec<Turned<'t>>;

/// The fewest conditions that would have to be otherwise for all of those to be as they must be, as far as it is looked for; each is taken for itself,
/// whatever it reads in common with others. None where there are too many to say.
pub fn fewest<'t>(conditions: &[&'t ConditionTrace]) -> Vec<Turned<'t>> {
    if conditions.iter().map(|condition| size(condition)).sum::<usize>() > MAX_CONDITIONS {
        return Vec::new();
    }
    let each = conditions.iter().map(|condition| ways(condition, !condition.unless));
    all(each).into_iter().next().unwrap_or_default()
}

/// How many conditions and values there are in one.
fn size(condition: &ConditionTrace) -> usize {
    1 + condition.parts.iter().map(size).sum::<usize>()
}

/// The ways in which a condition would come to what is wanted, those with the fewest first; an empty one where it is that already.
fn ways(condition: &ConditionTrace, wanted: bool) -> Vec<Way<'_>> {
    let is_so = matches!(&condition.observed, Observed::Value(value) if (value == "true") == wanted);
    if is_so {
        return vec![Vec::new()];
    }
    let parts = |wanted: bool| condition.parts.iter().map(move |part| ways(part, wanted));
    match (condition.joint, wanted) {
        (Joint::And, true) | (Joint::Or, false) => all(parts(wanted)),
        (Joint::And, false) | (Joint::Or, true) => shortest(parts(wanted).flatten().collect()),
        (Joint::Not, _) => parts(!wanted).next().unwrap_or_default(),
        (Joint::None, _) => vec![vec![Turned { condition, wanted }]],
    }
}

/// The ways in which all of several come to what is wanted.
fn all<'t>(each: impl Iterator<Item = Vec<Way<'t>>>) -> Vec<Way<'t>> {
    each.fold(vec![Vec::new()], |known, more| {
        let both = |one: &Way<'t>, other: &Way<'t>| {
            let mut both = one.clone();
            let is_new = |turned: &&Turned<'t>| !one.iter().any(|known| known.is(turned));
            both.extend(other.iter().filter(is_new));
            both
        };
        shortest(known.iter().flat_map(|one| more.iter().map(move |other| both(one, other))).collect())
    })
}

fn shortest(mut ways: Vec<Way<'_>>) -> Vec<Way<'_>> {
    ways.sort_by_key(Vec::len);
    ways.truncate(MAX_WAYS);
    ways
}

impl Turned<'_> {
    fn is(&self, other: &Turned<'_>) -> bool {
        self.wanted == other.wanted && self.condition.text == other.condition.text
    }
}
