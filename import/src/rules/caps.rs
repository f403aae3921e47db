//! Rules that allow nothing and stop nothing by themselves, but add to what others allow: limits of rate and size, records, messages.
//!
//! An obligation belongs to the rule that lets a call through, so it is handed to each rule that may let a call of the same tools through.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::condition::Test;
use super::read::{Action, File, Obligation, Rule};
use crate::toll::glob;
use crate::{Fate, Note, Unreadable};

/// How many rules a note names.
const NAMED: usize = 8;

/// How many rules the obligations of others may need besides.
const MOST_BESIDES: usize = 20_000;

/// Hands obligations over, and takes the rules away that had nothing else.
///
/// # Errors
///
/// Where that would take too many rules.
pub fn hand_over(rules: &mut Vec<Rule>, files: &[File], notes: &mut Vec<Note>) -> Result<(), Unreadable> {
    let (mut adding, mut deciding): (Vec<Rule>, Vec<Rule>) =
        std::mem::take(rules).into_iter().partition(|rule| !rule.obligations.is_empty() && adds(rule));
    let mut besides = Vec::new();
    let default = files.iter().find_map(|file| file.default);
    for rule in deciding.iter().filter(|rule| rule.action == Action::Deny) {
        if rule.obligations.iter().any(Obligation::bounds) {
            let text = "it blocks under its conditions, beyond its limit or not: whether the limit is all that it stops is not told";
            notes.push(Note::new(&rule.source, rule.place.clone(), Fate::Stricter, text));
        }
        if rule.obligations.iter().any(|obligation| !obligation.bounds() && !obligation.is_of_any_call()) {
            let text = "approvers, sandboxes and what is to be hidden are about calls that go ahead: the rule blocks";
            notes.push(Note::new(&rule.source, rule.place.clone(), Fate::LeftOut, text));
        }
    }
    let letting = Meeting::of(&deciding);
    for rule in &mut adding {
        if rule.action == Action::Deny {
            let text = "it is taken to block beyond its limit: the enforcement point counts, and refuses the call, as the obligation says";
            notes.push(Note::new(&rule.source, rule.place.clone(), Fate::Guessed, text));
        }
        if default == Some(Action::Allow) {
            // What is allowed anyway is allowed by this rule too, which brings its obligations.
            rule.action = Action::Allow;
            rule.bounded = std::mem::replace(&mut rule.condition, Test::All(Vec::new()));
            deciding.push(rule.clone());
            continue;
        }
        besides.extend(bind(rule, &mut deciding, &letting, notes));
        if besides.len() > MOST_BESIDES {
            let reason = format!("its limits and what they bound come to more than {MOST_BESIDES} rules: name tools in them, or divide the file");
            return Err(Unreadable::new(&rule.source, rule.place.clone(), reason));
        }
    }
    deciding.retain(|rule| rule.action != Action::Add);
    deciding.extend(besides);
    *rules = deciding;
    Ok(())
}

fn is_always(rule: &Rule) -> bool {
    rule.condition == Test::All(Vec::new()) && rule.left.is_empty()
}

/// Whether a rule is about its obligations alone.
fn adds(rule: &Rule) -> bool {
    rule.action == Action::Add || (rule.action == Action::Deny && is_always(rule) && rule.obligations.iter().any(Obligation::bounds))
}

/// Binds a rule's obligations to what lets its tools through. Gives the rules that bring them where they are not for all that a rule lets through.
fn bind(rule: &Rule, deciding: &mut [Rule], letting: &Meeting, notes: &mut Vec<Note>) -> Vec<Rule> {
    let mut bound = Vec::new();
    let mut besides = Vec::new();
    let mut binds_more = false;
    let is_always = is_always(rule);
    for at in letting.about(&rule.tools) {
        let Some(other) = deciding.get_mut(at).filter(|other| meet(&other.tools, &rule.tools)) else { continue };
        bound.push(format!("`{}`", other.name));
        let covers = rule.tools.is_empty() || (!other.tools.is_empty() && other.tools.iter().all(|tool| rule.tools.contains(tool)));
        match common(&rule.tools, &other.tools) {
            Some(tools) if !(covers && is_always) => {
                let name = format!("{} {}", other.name, rule.name);
                besides.push(Rule {
                    name,
                    tools,
                    obligations: rule.obligations.clone(),
                    bounded: rule.condition.clone(),
                    place: rule.place.clone(),
                    ..other.clone()
                });
            }
            _ => {
                binds_more |= !(covers && is_always);
                let new = rule.obligations.iter().filter(|obligation| !other.obligations.contains(obligation)).cloned().collect::<Vec<_>>();
                other.obligations.extend(new);
            }
        }
    }
    let more = bound.len().saturating_sub(NAMED);
    bound.truncate(NAMED);
    if more > 0 {
        bound.push(format!("{more} more"));
    }
    let (fate, text) = match bound.as_slice() {
        [] => (Fate::LeftOut, "no rule of the file lets a call of these tools through, so that there is nothing to limit or record".to_owned()),
        rules if !binds_more => (Fate::LeftOut, format!("it is an obligation of what lets these tools through: {}", rules.join(", "))),
        rules => (Fate::Stricter, format!("it is an obligation of all that these rules let through: {}", rules.join(", "))),
    };
    notes.push(Note::new(&rule.source, rule.place.clone(), fate, text));
    besides
}

/// Rules that let calls through, by how the tools begin that they are about.
struct Meeting {
    /// Those about all tools.
    all: Vec<usize>,
    by_begin: BTreeMap<String, Vec<usize>>,
}

impl Meeting {
    fn of(rules: &[Rule]) -> Meeting {
        let mut meeting = Meeting { all: Vec::new(), by_begin: BTreeMap::new() };
        for (at, rule) in rules.iter().enumerate().filter(|(_, rule)| matches!(rule.action, Action::Allow | Action::Review)) {
            if rule.tools.is_empty() {
                meeting.all.push(at);
            }
            for tool in &rule.tools {
                meeting.by_begin.entry(begin(tool).to_owned()).or_default().push(at);
            }
        }
        meeting
    }

    /// The rules that may be about one of these tools, in their order.
    fn about(&self, tools: &[String]) -> Vec<usize> {
        if tools.is_empty() {
            return sorted(self.all.iter().chain(self.by_begin.values().flatten()));
        }
        let mut about: Vec<&usize> = self.all.iter().collect();
        for tool in tools {
            let begin = begin(tool);
            let shorter = begin.char_indices().map(|(end, _)| begin.get(..end).unwrap_or_default());
            about.extend(shorter.filter_map(|begin| self.by_begin.get(begin)).flatten());
            if is_pattern(tool) {
                let longer = self.by_begin.range::<str, _>((Bound::Included(begin), Bound::Unbounded));
                about.extend(longer.take_while(|(other, _)| other.starts_with(begin)).flat_map(|(_, rules)| rules));
            } else {
                about.extend(self.by_begin.get(begin).into_iter().flatten());
            }
        }
        sorted(about.into_iter())
    }
}

fn sorted<'n>(numbers: impl Iterator<Item = &'n usize>) -> Vec<usize> {
    numbers.copied().collect::<BTreeSet<usize>>().into_iter().collect()
}

/// How the tools of a name begin, whatever their server.
fn begin(tool: &str) -> &str {
    before_wildcards(tool.rsplit('/').next().unwrap_or(tool))
}

/// The tools that two lists have in common, where that can be told; an empty list is all tools.
fn common(one: &[String], other: &[String]) -> Option<Vec<String>> {
    if one.is_empty() || other.is_empty() {
        return Some(if one.is_empty() { other } else { one }.to_vec());
    }
    let mut tools: Vec<String> = Vec::new();
    for (a, b) in one.iter().flat_map(|a| other.iter().map(move |b| (a, b))).filter(|(a, b)| may_be_one(a, b)) {
        let narrower = match (is_pattern(a), is_pattern(b)) {
            (false, _) if a == b || is_pattern(b) => a,
            (true, false) => b,
            (true, true) if a == b => a,
            _ => return None,
        };
        if a.contains('/') != b.contains('/') {
            return None;
        }
        if !tools.contains(narrower) {
            tools.push(narrower.clone());
        }
    }
    Some(tools)
}

/// Whether two lists of tools may have one in common; an empty one is all tools.
pub fn meet(one: &[String], other: &[String]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|a| other.iter().any(|b| may_be_one(a, b)))
}

/// Whether two patterns of `on` may mean one tool. Two with wildcards are taken to, unless what they begin or end with tells.
fn may_be_one(one: &str, other: &str) -> bool {
    let part = |a: &str, b: &str| match (is_pattern(a), is_pattern(b)) {
        (true, true) => agree(before_wildcards(a), before_wildcards(b)) && agree_at_end(a, b),
        (true, false) => glob(a, b),
        (false, true) => glob(b, a),
        (false, false) => a == b,
    };
    match (one.rsplit_once('/'), other.rsplit_once('/')) {
        (Some((server, tool)), Some((other_server, other_tool))) => part(server, other_server) && part(tool, other_tool),
        _ => part(one.rsplit('/').next().unwrap_or(one), other.rsplit('/').next().unwrap_or(other)),
    }
}

/// Whether a name of a tool has wildcards.
pub fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

fn before_wildcards(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// Whether texts may begin with both.
fn agree(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Whether texts may end as both patterns do.
fn agree_at_end(one: &str, other: &str) -> bool {
    let end = |pattern| str::rsplit(pattern, ['*', '?']).next().unwrap_or_default();
    end(one).ends_with(end(other)) || end(other).ends_with(end(one))
}
