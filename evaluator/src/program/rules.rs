//! What is known of the rules beside the plan: in which order they are tried, and what is left to test of one that the index has found.

use super::check::{Check, Comparisons, Terms};
use crate::Effect;
use crate::plan::{self, Entry, Plan, Rule, Survey, index};

/// A rule, and when it is tried: denies, reviews, allows, then shadow rules, each by their numbers, which follow their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn(u32);

/// Rules that are tried together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// `deny`
    Deny,
    /// `review`
    Review,
    /// `allow`
    Allow,
    /// `@shadow`
    Shadow,
}

/// The rules as the index finds them.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// For each rule its turn and where its checks begin.
    rules: Vec<(Turn, usize)>,
    checks: Vec<Check>,
}

/// What is known of each rule.
#[derive(Debug)]
pub(crate) struct Rules {
    facts: Vec<RuleFacts>,
    /// All rules in the order in which they are tried.
    turns: Vec<Turn>,
    /// Guards that are no checks: places in [`plan::Rule::guards`].
    others: Vec<u32>,
}

/// What is known of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleFacts {
    /// What a choice costs beside its step: an eighth of the expressions that it may evaluate.
    pub choice_cost: u32,
    /// Whether a source, a condition or a requirement may err.
    pub can_err: bool,
    /// Whether the index, where it finds the rule, proves its `on`.
    pub proves_on: bool,
    others: (u32, u32),
}

impl Turn {
    /// A plan has at most 2^29 rules.
    fn new(rule: u32, of: &Rule) -> Turn {
        let level = match (of.shadow, of.effect) {
            (true, _) => Level::Shadow,
            (false, Effect::Allow) => Level::Allow,
            (false, Effect::Review) => Level::Review,
            (false, Effect::Deny) => Level::Deny,
        };
        Turn((level as u32) << 30 | rule << 1)
    }

    /// The turn of a rule of which nothing is proved.
    pub fn of(rule: u32, plan: &Plan) -> Turn {
        plan.rules.get(index(rule)).map_or(Turn(u32::MAX - 1), |of| Turn::new(rule, of))
    }

    /// The number of the rule.
    pub fn rule(self) -> u32 {
        self.0 >> 1 & (u32::MAX >> 3)
    }

    /// With which rules it is tried.
    pub fn level(self) -> Level {
        match self.0 >> 30 {
            0 => Level::Deny,
            1 => Level::Review,
            2 => Level::Allow,
            _ => Level::Shadow,
        }
    }

    /// Whether nothing is left to evaluate: the rule matches, and says nothing but that.
    pub fn is_settled(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Rules {
    /// Nothing is known of what the index proves yet.
    pub fn new(plan: &Plan, survey: &Survey) -> Rules {
        let mut turns: Vec<Turn> = (0_u32..).zip(&plan.rules).map(|(id, rule)| Turn::new(id, rule)).collect();
        turns.sort_unstable();
        let facts = plan.rules.iter().map(|rule| RuleFacts::new(rule, survey)).collect();
        Rules { facts, turns, others: Vec::new() }
    }

    /// Finds out what is left to test of the next rule, which the index finds by that entry, or always.
    pub fn file(&mut self, terms: Terms<'_>, rule: &Rule, entry: Option<&Entry>, comparisons: &mut Comparisons, candidates: &mut Candidates) {
        let (id, first, others) = (candidates.rules.len(), candidates.checks.len(), self.others.len());
        for (place, guard) in (0_u32..).zip(&rule.guards) {
            if entry.is_some_and(|entry| entry.proves.contains(&place)) {
                continue;
            }
            match Check::new(terms, *guard, comparisons) {
                Some(check) => candidates.checks.push(check),
                None => self.others.push(place),
            }
        }
        candidates.checks.get_mut(first..).unwrap_or_default().sort_by_key(|check| check.cost(comparisons));
        let proves_on = rule.on.is_none() || entry.is_some_and(|entry| entry.proves_on);
        let is_settled = proves_on && others == self.others.len() && says_nothing(rule);
        if let Some(facts) = self.facts.get_mut(id) {
            facts.others = (short(others), short(self.others.len()));
            facts.proves_on = proves_on;
        }
        let Turn(turn) = Turn::new(short(id), rule);
        candidates.rules.push((Turn(turn | u32::from(is_settled)), first));
    }

    /// Gives back what room is not needed.
    pub fn shrink_to_fit(&mut self) {
        self.others.shrink_to_fit();
    }

    /// The rules of a level.
    pub fn level(&self, level: Level) -> &[Turn] {
        let from = self.turns.partition_point(|turn| turn.level() < level);
        let to = self.turns.partition_point(|turn| turn.level() <= level);
        self.turns.get(from..to).unwrap_or_default()
    }

    /// How many rules there are.
    pub fn count(&self) -> usize {
        self.turns.len()
    }

    /// Whether some of them are shadow rules.
    pub fn has_shadows(&self) -> bool {
        self.turns.last().is_some_and(|turn| turn.level() == Level::Shadow)
    }

    /// What is known of a rule.
    pub fn facts(&self, rule: u32) -> Option<RuleFacts> {
        self.facts.get(index(rule)).copied()
    }

    /// The guards that are left to test once the index has found a rule and its checks have passed.
    pub fn others(&self, facts: RuleFacts) -> &[u32] {
        self.others.get(index(facts.others.0)..index(facts.others.1)).unwrap_or_default()
    }
}

impl Candidates {
    /// A rule's turn, and the comparisons that are left to make.
    pub fn get(&self, rule: u32) -> Option<(Turn, &[Check])> {
        let (turn, first) = *self.rules.get(index(rule))?;
        let end = self.rules.get(index(rule) + 1).map_or(self.checks.len(), |(_, next)| *next);
        Some((turn, self.checks.get(first..end)?))
    }
}

impl RuleFacts {
    fn new(rule: &Rule, survey: &Survey) -> RuleFacts {
        let conditions = rule.conditions.iter().chain(&rule.unless).copied();
        let inner = || conditions.clone().chain(rule.choices.iter().map(|choice| choice.source));
        let written = rule.because.into_iter();
        let required = rule.require.iter().flat_map(|requirement| requirement.args.iter().copied());
        let weight: u64 = inner().chain(written).chain(required.clone()).map(|node| u64::from(survey.weight(node))).sum();
        let mut all = inner().chain(required).chain(rule.guards.iter().copied());
        RuleFacts {
            choice_cost: u32::try_from(weight / 8).unwrap_or(u32::MAX),
            can_err: all.any(|node| survey.flags(node) & plan::CAN_ERR != 0),
            proves_on: false,
            others: (0, 0),
        }
    }
}

/// Whether a rule whose guards hold matches, with neither reason nor obligations.
fn says_nothing(rule: &Rule) -> bool {
    let conditions = rule.choices.is_empty() && rule.conditions.is_empty() && rule.unless.is_none();
    conditions && rule.because.is_none() && rule.require.is_empty()
}

fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
