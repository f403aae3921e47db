//! The fewest conditions that would have to be otherwise for a rule to match.

use std::collections::HashMap;

use tollgate_evaluator::{ConditionTrace, Joint, Observed};

use super::among::Among;
use super::nearest::Missed;

/// How many ways to be otherwise are kept of one condition, or of all together.
const MAX_WAYS: usize = 64;
/// Among more conditions than these nobody looks for the fewest.
const MAX_CONDITIONS: usize = 256;
/// How many ways are looked at.
const MAX_LOOKED_AT: usize = 1_000;

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

/// The fewest conditions that would have to be otherwise for all to be as they must be, as far as it is looked for: the same text is the same condition
/// everywhere, and no value is two constants. None where there are too many to say, or no way is found.
pub fn fewest<'t>(missed: &Missed<'t>) -> Vec<Turned<'t>> {
    if missed.conditions.iter().map(|condition| size(condition)).sum::<usize>() > MAX_CONDITIONS {
        return Vec::new();
    }
    let mut among = HashMap::new();
    missed.all.iter().for_each(|condition| note(condition, &mut among));
    Search { among, errors_match: missed.errors_match }.shortest(&missed.all)
}

/// How many conditions and values there are in one.
fn size(condition: &ConditionTrace) -> usize {
    1 + condition.parts.iter().map(size).sum::<usize>()
}

fn note<'t>(condition: &'t ConditionTrace, among: &mut HashMap<&'t str, Among>) {
    match condition.joint {
        Joint::None => drop(Among::of(&condition.text).map(|says| among.insert(&condition.text, says))),
        _ => condition.parts.iter().for_each(|part| note(part, among)),
    }
}

struct Search<'t> {
    /// What conditions say of values among constants, by their texts.
    among: HashMap<&'t str, Among>,
    /// Whether a condition that ends in an error lets the rule match.
    errors_match: bool,
}

impl<'t> Search<'t> {
    /// The shortest way: each that is not enough is followed by those in which the first condition that fails in it does not.
    fn shortest(&self, conditions: &[&'t ConditionTrace]) -> Way<'t> {
        let mut open: Vec<Way<'t>> = vec![Vec::new()];
        for _ in 0..MAX_LOOKED_AT {
            if open.is_empty() {
                break;
            }
            let way = open.remove(0);
            let Some(failing) = self.first_failing(conditions, &way) else { return way };
            open.extend(self.ways(failing, !failing.unless, &way).iter().filter_map(|more| self.both(&way, more)));
            open = shortest(open);
        }
        Vec::new()
    }

    /// The first condition that keeps the rule from matching. One that ends in an error may decide that it matches, whatever comes after.
    fn first_failing(&self, conditions: &[&'t ConditionTrace], way: &[Turned<'t>]) -> Option<&'t ConditionTrace> {
        let decisive = conditions.iter().find(|condition| self.outcome(condition, way) != Some(!condition.unless))?;
        let matches = self.errors_match && self.outcome(decisive, way).is_none();
        (!matches).then_some(*decisive)
    }

    /// What a condition comes to in a way; `None` where that is an error.
    fn outcome(&self, condition: &ConditionTrace, way: &[Turned<'t>]) -> Option<bool> {
        if !self.is_touched(condition, way) {
            return match &condition.observed {
                Observed::Value(value) => Some(value == "true"),
                Observed::Error(_) | Observed::NotReached => None,
            };
        }
        let mut parts = condition.parts.iter().map(|part| self.outcome(part, way));
        match condition.joint {
            Joint::None => self.settled(condition, way),
            Joint::Not => parts.next().flatten().map(|holds| !holds),
            Joint::And => parts.find(|outcome| *outcome != Some(true)).unwrap_or(Some(true)),
            Joint::Or => parts.find(|outcome| *outcome != Some(false)).unwrap_or(Some(false)),
        }
    }

    fn is_touched(&self, condition: &ConditionTrace, way: &[Turned<'t>]) -> bool {
        match condition.joint {
            Joint::None => self.settled(condition, way).is_some(),
            _ => condition.parts.iter().any(|part| self.is_touched(part, way)),
        }
    }

    /// What a condition without others in it comes to by what is otherwise; `None` where that says nothing of it.
    fn settled(&self, condition: &ConditionTrace, way: &[Turned<'t>]) -> Option<bool> {
        let says = self.among.get(&*condition.text);
        way.iter().find_map(|turned| {
            if turned.condition.text == condition.text {
                return Some(turned.wanted);
            }
            says?.follows(self.among.get(&*turned.condition.text)?, turned.wanted)
        })
    }

    /// The ways in which a condition would come to what is wanted, beside what is otherwise already, those with the fewest first; an empty one where it is
    /// that already.
    fn ways(&self, condition: &'t ConditionTrace, wanted: bool, way: &[Turned<'t>]) -> Vec<Way<'t>> {
        match self.outcome(condition, way) {
            Some(outcome) if outcome == wanted => return vec![Vec::new()],
            None if self.errors_match => return vec![Vec::new()],
            _ => {}
        }
        let parts = |wanted: bool| condition.parts.iter().map(move |part| self.ways(part, wanted, way));
        match (condition.joint, wanted) {
            (Joint::And, true) | (Joint::Or, false) => self.all(parts(wanted)),
            (Joint::And, false) | (Joint::Or, true) => shortest(parts(wanted).flatten().collect()),
            (Joint::Not, _) => parts(!wanted).next().unwrap_or_default(),
            (Joint::None, _) if self.settled(condition, way).is_some() => Vec::new(),
            (Joint::None, _) => vec![vec![Turned { condition, wanted }]],
        }
    }

    /// The ways in which all of several come to what is wanted.
    fn all(&self, each: impl Iterator<Item = Vec<Way<'t>>>) -> Vec<Way<'t>> {
        each.fold(vec![Vec::new()], |known, more| {
            shortest(known.iter().flat_map(|one| more.iter().filter_map(move |other| self.both(one, other))).collect())
        })
    }

    /// What is otherwise in the one and in the other; `None` where they contradict one another.
    fn both(&self, one: &[Turned<'t>], other: &[Turned<'t>]) -> Option<Way<'t>> {
        other.iter().try_fold(one.to_vec(), |mut both, turned| {
            match self.settled(turned.condition, &both) {
                None => both.push(*turned),
                Some(outcome) if outcome == turned.wanted => {}
                Some(_) => return None,
            }
            Some(both)
        })
    }
}

fn shortest(mut ways: Vec<Way<'_>>) -> Vec<Way<'_>> {
    ways.sort_by_key(Vec::len);
    ways.truncate(MAX_WAYS);
    ways
}
