//! The three families, each with the table that it asks for.

use hashbrown::HashMap;
use peers_workloads::{Effect, Rule, Test};

use crate::Policy;
use crate::requests::families::{Amount, Identity, Ids, Target};

/// Prefixes, sorted; each knows the longest other one that it begins with.
pub struct Prefixes(Vec<Prefix>);

struct Prefix {
    text: Box<str>,
    /// The strongest effect of this prefix and all that it begins with.
    effect: Effect,
    within: Option<u32>,
}

impl Prefixes {
    pub fn new(rules: &[Rule]) -> Prefixes {
        let mut sorted: Vec<(&str, Effect)> = rules.iter().map(|rule| (start(rule), rule.effect)).collect();
        sorted.sort_unstable();
        // the strongest effect of a prefix is the first
        sorted.dedup_by_key(|(text, _)| *text);
        let mut prefixes: Vec<Prefix> = Vec::with_capacity(sorted.len());
        for (text, effect) in sorted {
            let last = prefixes.len().checked_sub(1).map(|place| place as u32);
            let within = Prefixes::of(&prefixes, last, text);
            let effect = within.map_or(effect, |place| prefixes[place as usize].effect.min(effect));
            prefixes.push(Prefix { text: text.into(), effect, within });
        }
        Prefixes(prefixes)
    }

    /// The longest prefix of a text, among one and those that it is within.
    #[inline]
    fn of(prefixes: &[Prefix], from: Option<u32>, text: &str) -> Option<u32> {
        let mut place = from;
        while let Some(prefix) = place.map(|place| &prefixes[place as usize]).filter(|prefix| !text.starts_with(&*prefix.text)) {
            place = prefix.within;
        }
        place
    }
}

fn start(rule: &Rule) -> &str {
    match &rule.conditions[0].test {
        Test::StartsWith(text) => text,
        test => panic!("this family has no rules with {test:?}"),
    }
}

impl Policy<Target> for Prefixes {
    fn decide(&self, target: &&str) -> Effect {
        let next = self.0.partition_point(|prefix| &*prefix.text <= *target);
        let place = Prefixes::of(&self.0, next.checked_sub(1).map(|place| place as u32), target);
        place.map_or(Effect::Deny, |place| self.0[place as usize].effect)
    }
}

/// Where the strongest effect changes, sorted, and what it is from there on.
pub struct Ranges {
    starts: Vec<i64>,
    effects: Vec<Option<Effect>>,
}

impl Ranges {
    pub fn new(rules: &[Rule]) -> Ranges {
        let mut changes: Vec<(i64, usize, i32)> = rules.iter().flat_map(ends).collect();
        changes.sort_unstable();
        let mut open = [0; 3];
        let mut ranges = Ranges { starts: Vec::new(), effects: Vec::new() };
        for here in changes.chunk_by(|a, b| a.0 == b.0) {
            for (_, effect, change) in here {
                open[*effect] += change;
            }
            let strongest = Effect::ALL.into_iter().find(|effect| open[*effect as usize] > 0);
            if ranges.effects.last() != Some(&strongest) {
                ranges.starts.push(here[0].0);
                ranges.effects.push(strongest);
            }
        }
        ranges
    }
}

/// The two ends of a rule's range, with its effect and how many more ranges are open from there.
fn ends(rule: &Rule) -> [(i64, usize, i32); 2] {
    match (&rule.conditions[0].test, &rule.conditions[1].test) {
        (Test::AtLeast(start), Test::Below(end)) => [(*start, rule.effect as usize, 1), (*end, rule.effect as usize, -1)],
        tests => panic!("this family has no rules with {tests:?}"),
    }
}

impl Policy<Amount> for Ranges {
    fn decide(&self, amount: &i64) -> Effect {
        let next = self.starts.partition_point(|start| start <= amount);
        next.checked_sub(1).and_then(|place| self.effects[place]).unwrap_or(Effect::Deny)
    }
}

/// The strongest effect for each agent and each user.
#[derive(Default)]
pub struct Identities {
    agents: HashMap<String, Effect>,
    users: HashMap<String, Effect>,
}

impl Identities {
    pub fn new(rules: &[Rule]) -> Identities {
        let mut identities = Identities::default();
        for rule in rules {
            let condition = &rule.conditions[0];
            let (table, id) = match (&*condition.attribute, &condition.test) {
                ("agent.id", Test::Equals(id)) => (&mut identities.agents, id),
                ("user.id", Test::Equals(id)) => (&mut identities.users, id),
                _ => panic!("this family has no rules with {condition:?}"),
            };
            let strongest = table.entry_ref(&**id).or_insert(rule.effect);
            *strongest = rule.effect.min(*strongest);
        }
        identities
    }
}

impl Policy<Identity> for Identities {
    fn decide(&self, ids: &Ids<'_>) -> Effect {
        let found = [self.agents.get(ids.agent), self.users.get(ids.user)];
        found.into_iter().flatten().min().copied().unwrap_or(Effect::Deny)
    }
}
