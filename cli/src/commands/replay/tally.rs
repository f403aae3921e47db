//! What has changed, counted: by effects and the rules responsible.

use std::collections::btree_map::{BTreeMap, Entry};

use serde_json::Value;
use tollgate_evaluator::{Decision, Effect, Origin, members};

use super::entry::Logged;

/// Samples that are kept of each change.
const SAMPLES: usize = 3;
/// Changes that are told apart; further ones are counted together.
const MAX_CHANGES: usize = 1_000;

/// Ways not to fit that are told apart.
const MAX_REFUSALS: usize = 100;

/// What was decided before.
#[derive(Clone, Copy, Debug)]
pub enum Before<'d> {
    /// By another policy.
    Decision(&'d Decision),
    /// As the log has it.
    Logged(&'d Logged<'d>),
}

/// A line of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the logs.
    pub log: usize,
    /// The line, from 1.
    pub line: u64,
}

/// A kind of change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The effect before, and now.
    pub effects: (Effect, Effect),
    /// The rules before, and now.
    pub rules: (Vec<String>, Vec<String>),
}

/// How often something happened, and where first.
#[derive(Debug, Default)]
pub struct Times {
    /// How often.
    pub count: u64,
    /// The first of them, with their requests.
    pub samples: Vec<(Place, String)>,
}

/// What shadow rules would have done to decisions of an effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShadowChange {
    /// The rule.
    pub rule: String,
    /// The effect that was decided, and that of the rule.
    pub effects: (Effect, Effect),
}

/// The outcome of a replay.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many decisions were made.
    pub decisions: u64,
    /// How many of them have something to be compared with.
    pub compared: u64,
    /// How many allow, review and deny.
    pub effects: BTreeMap<Effect, u64>,
    /// What has changed.
    pub changes: BTreeMap<Change, Times>,
    /// Changes beyond those.
    pub others: u64,
    /// Requests that were denied before any rule, by what does not fit first.
    pub refused: BTreeMap<String, Times>,
    /// Requests that did not fit in further ways.
    pub other_refused: u64,
    /// Lines that cannot be taken apart, or whose recorded decision is not understood, by why not.
    pub unreadable: BTreeMap<&'static str, Times>,
    /// What shadow rules would have changed.
    pub shadow: BTreeMap<ShadowChange, Times>,
}

impl Tally {
    /// Counts a decision.
    pub fn count(&mut self, before: Option<Before<'_>>, after: &Decision, place: Place, input: &[u8], shadow: bool) {
        self.decisions += 1;
        *self.effects.entry(after.effect()).or_default() += 1;
        if let Some(before) = before {
            self.compared += 1;
            if before.effect() != after.effect() || before.requires_otherwise(after) {
                let change = Change { effects: (before.effect(), after.effect()), rules: (before.rules(), names(after)) };
                match self.change(change) {
                    Some(times) => times.note(place, input),
                    None => self.others += 1,
                }
            }
        }
        if let Some(reason) = refusal(after) {
            match of_kind(&mut self.refused, reason, MAX_REFUSALS) {
                Some(times) => times.note(place, input),
                None => self.other_refused += 1,
            }
        }
        for rule in after.shadow().filter(|_| shadow) {
            let would_change = rule.effect > after.effect() || (after.rules().len() == 0 && rule.effect != after.effect());
            if would_change {
                let change = ShadowChange { rule: rule.rule.to_owned(), effects: (after.effect(), rule.effect) };
                self.shadow.entry(change).or_default().note(place, input);
            }
        }
    }

    /// Counts a line that cannot be compared.
    pub fn unreadable(&mut self, why: &'static str, place: Place, line: &[u8]) {
        self.unreadable.entry(why).or_default().note(place, line);
    }

    /// Adds what comes after.
    pub fn add(&mut self, later: Tally) {
        self.decisions += later.decisions;
        self.compared += later.compared;
        self.others += later.others;
        later.effects.into_iter().for_each(|(effect, count)| *self.effects.entry(effect).or_default() += count);
        for (change, times) in later.changes {
            match self.change(change) {
                Some(known) => known.add(times),
                None => self.others += times.count,
            }
        }
        self.other_refused += later.other_refused;
        for (reason, times) in later.refused {
            match of_kind(&mut self.refused, reason, MAX_REFUSALS) {
                Some(known) => known.add(times),
                None => self.other_refused += times.count,
            }
        }
        later.unreadable.into_iter().for_each(|(why, times)| self.unreadable.entry(why).or_default().add(times));
        later.shadow.into_iter().for_each(|(change, times)| self.shadow.entry(change).or_default().add(times));
    }

    /// How many decisions have changed.
    pub fn changed(&self) -> u64 {
        self.changes.values().map(|times| times.count).sum::<u64>() + self.others
    }

    /// How many requests were refused.
    pub fn refusals(&self) -> u64 {
        self.refused.values().map(|times| times.count).sum::<u64>() + self.other_refused
    }

    /// How many lines cannot be compared.
    pub fn unread(&self) -> u64 {
        self.unreadable.values().map(|times| times.count).sum()
    }

    /// How often that has changed so far; `None` where there are too many kinds of changes for another.
    fn change(&mut self, change: Change) -> Option<&mut Times> {
        of_kind(&mut self.changes, change, MAX_CHANGES)
    }
}

/// How often that has happened so far; `None` where so many kinds are told apart already.
fn of_kind<K: Ord>(kinds: &mut BTreeMap<K, Times>, kind: K, most: usize) -> Option<&mut Times> {
    let has_room = kinds.len() < most;
    match kinds.entry(kind) {
        Entry::Occupied(known) => Some(known.into_mut()),
        Entry::Vacant(new) => has_room.then(|| new.insert(Times::default())),
    }
}

/// Why a request was denied before any rule, if it was: it is too large, no JSON, or does not fit the policy's types.
fn refusal(decision: &Decision) -> Option<String> {
    let mut errors = decision.errors().filter_map(|error| match error.origin {
        Origin::Path("") => Some(error.message.to_owned()),
        Origin::Path(path) => Some(format!("{path}: {}", error.message)),
        Origin::Limit(limit @ "input_bytes") => Some(format!("{limit}: {}", error.message)),
        _ => None,
    });
    errors.next()
}

impl Times {
    fn note(&mut self, place: Place, input: &[u8]) {
        self.count += 1;
        if self.samples.len() < SAMPLES {
            self.samples.push((place, String::from_utf8_lossy(input).into_owned()));
        }
    }

    fn add(&mut self, later: Times) {
        self.count += later.count;
        let left = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(later.samples.into_iter().take(left));
    }
}

impl Before<'_> {
    fn effect(self) -> Effect {
        match self {
            Before::Decision(decision) => decision.effect(),
            Before::Logged(logged) => logged.effect,
        }
    }

    /// Whether something else was required, in whatever order; a log need not say what was.
    fn requires_otherwise(self, after: &Decision) -> bool {
        match self {
            Before::Decision(before) => {
                let (mut before, after) = (before.obligations(), after.obligations());
                before.len() != after.len() || !before.all(|one| after.clone().any(|other| one == other))
            }
            Before::Logged(logged) => logged.obligations.is_some_and(|before| is_other_list(before, after)),
        }
    }

    fn rules(self) -> Vec<String> {
        match self {
            Before::Decision(decision) => names(decision),
            Before::Logged(logged) => logged.rules.clone(),
        }
    }
}

/// Whether a list of obligations, as a log has it, is not what a decision requires. The same is mostly written the same.
fn is_other_list(before: &str, after: &Decision) -> bool {
    if after.obligations().len() == 0 && before == "[]" {
        return false;
    }
    let json = after.to_json();
    let Some([Some(after)]) = members(&json, ["obligations"]) else { return true };
    let parsed = |json: &str| serde_json::from_str::<Vec<Value>>(json).ok();
    // A log may have one twice in the place of another.
    let are_in = |these: &[Value], those: &[Value]| these.len() == those.len() && these.iter().all(|one| those.contains(one));
    before != after && parsed(before).zip(parsed(after)).is_none_or(|(before, after)| !are_in(&before, &after) || !are_in(&after, &before))
}

fn names(decision: &Decision) -> Vec<String> {
    decision.rules().map(str::to_owned).collect()
}
