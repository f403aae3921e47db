//! `tollgate eval --explain`: every rule that a decision looks at, with the value of every condition, as a tree; what scores are made of; and what
//! the index kept from it.

use std::collections::BTreeMap;

use tollgate_compiler::testing::errors;
use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Decision, Exclusion, Explanation, Observed, Origin, Problem, RuleTrace, ScoreTrace};

use crate::output::{Paint, count, tame};

/// The rules looked at, the scores, then those that the index excluded, counted by why; `all` lists them.
pub fn tree(explanation: &Explanation, all: bool) -> String {
    let mut tree = Tree { out: String::new(), paint: Paint::stdout() };
    let is_refused = |error: Problem<'_>| matches!(error.origin, Origin::Path(_) | Origin::Data(_) | Origin::Limit(_));
    if explanation.rules.is_empty() && explanation.decision.errors().any(is_refused) {
        tree.refusal(&explanation.decision);
    }
    let mut excluded: BTreeMap<String, Vec<(&RuleTrace, &Exclusion)>> = BTreeMap::new();
    for rule in &explanation.rules {
        match &rule.excluded {
            None => tree.rule(rule),
            Some(why) => excluded.entry(by(why)).or_default().push((rule, why)),
        }
    }
    explanation.scores.iter().for_each(|score| tree.score(score));
    if !excluded.is_empty() {
        tree.excluded(&excluded, all);
    }
    tree.out
}

/// What rules are excluded by, as the second half of a sentence about them.
fn by(why: &Exclusion) -> String {
    match why {
        Exclusion::Never => "can never match".to_owned(),
        Exclusion::Tool => "by the tool".to_owned(),
        Exclusion::Value { expression, value, .. } if expression.is_empty() => format!("by a value: {}", shown(value)),
        Exclusion::Value { expression, value, .. } => format!("by {expression} → {}", shown(value)),
    }
}

struct Tree {
    out: String,
    paint: Paint,
}

impl Tree {
    fn line(&mut self, depth: usize, text: &str) {
        self.out.extend(std::iter::repeat_n("  ", depth));
        self.out.push_str(&tame(text).replace('\n', " "));
        self.out.push('\n');
    }

    /// Why no rule was looked at.
    fn refusal(&mut self, decision: &Decision) {
        self.line(0, &format!("{} before any rule was looked at:", decision.effect()));
        errors(decision).iter().for_each(|reason| self.line(1, reason));
    }

    fn excluded(&mut self, excluded: &BTreeMap<String, Vec<(&RuleTrace, &Exclusion)>>, all: bool) {
        self.line(0, &format!("the index excluded {}", count(excluded.values().map(Vec::len).sum(), "rule")));
        for (by, rules) in excluded {
            self.line(1, &format!("{} {by}", rules.len()));
            for (rule, why) in rules.iter().filter(|_| all) {
                let conditions = if let Exclusion::Value { conditions, .. } = why { conditions.join(" and ") } else { String::new() };
                let colon = if conditions.is_empty() { "" } else { ": " };
                self.line(2, &format!("{}{colon}{conditions}", named(rule)));
            }
        }
    }

    fn rule(&mut self, rule: &RuleTrace) {
        let verdict = match (rule.matched, rule.on) {
            (true, _) => self.paint.good("matches"),
            (false, true) => self.paint.faint("does not match"),
            (false, false) => self.paint.faint("is about other tools"),
        };
        self.out.push_str(&format!("{}: {verdict}\n", named(rule)));
        if let Some(reason) = &rule.reason {
            self.line(1, &format!("because {reason}"));
        }
        if let Some(error) = &rule.error {
            self.line(1, &format!("error: {error}"));
        }
        for condition in &rule.conditions {
            self.condition(1, condition);
        }
        for choice in &rule.choices {
            self.choice(choice);
        }
        if rule.more > 0 {
            self.line(1, &format!("and {} more", count(rule.more, "choice")));
        }
    }

    fn score(&mut self, score: &ScoreTrace) {
        self.line(0, &format!("score {} = {}", score.score, shown(&score.value)));
        for part in &score.parts {
            let amount = part.amount.map_or_else(String::new, |amount| format!("{amount:+} "));
            self.line(1, &format!("{amount}when {} → {}", part.text, shown(&part.observed)));
            if let Some(reason) = &part.reason {
                self.line(2, &format!("because {reason}"));
            }
        }
    }

    fn choice(&mut self, choice: &ChoiceTrace) {
        let variable = |(name, value): &(String, Observed)| format!("{name} = {}", shown(value));
        let depth = match choice.variables.as_slice() {
            [] => 1,
            variables => {
                let variables: Vec<String> = variables.iter().map(variable).collect();
                self.line(1, &format!("for {}", variables.join(", ")));
                2
            }
        };
        for condition in &choice.conditions {
            self.condition(depth, condition);
        }
    }

    fn condition(&mut self, depth: usize, condition: &ConditionTrace) {
        let word = if condition.unless { "unless " } else { "" };
        self.line(depth, &format!("{word}{} → {}", condition.text, shown(&condition.observed)));
        for part in &condition.parts {
            self.condition(depth + 1, part);
        }
    }
}

fn named(rule: &RuleTrace) -> String {
    format!("{} {}{}", rule.effect, rule.rule, if rule.shadow { " (shadow)" } else { "" })
}

fn shown(observed: &Observed) -> String {
    match observed {
        Observed::Error(message) => format!("error: {message}"),
        observed => observed.to_string(),
    }
}
