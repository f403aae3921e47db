//! `tollgate eval --explain`: every rule, with the value of every condition, as a tree.

use tollgate_evaluator::{ChoiceTrace, ConditionTrace, Explanation, Observed, RuleTrace};

use crate::output::{Paint, count, tame};

/// The decision, then the rules.
pub fn tree(explanation: &Explanation) -> String {
    let mut tree = Tree { out: String::new(), paint: Paint::stdout() };
    let (about, other): (Vec<&RuleTrace>, Vec<&RuleTrace>) = explanation.rules.iter().partition(|rule| rule.on);
    for rule in about {
        tree.rule(rule);
    }
    if !other.is_empty() {
        tree.line(0, &format!("{} about other tools", count(other.len(), "rule")));
    }
    tree.out
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

    fn rule(&mut self, rule: &RuleTrace) {
        let verdict = if rule.matched { self.paint.good("matches") } else { self.paint.faint("does not match") };
        let shadow = if rule.shadow { " (shadow)" } else { "" };
        self.out.push_str(&format!("{} {}{shadow}: {verdict}\n", rule.effect, rule.rule));
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

fn shown(observed: &Observed) -> String {
    match observed {
        Observed::Value(json) => json.clone(),
        Observed::Error(message) => format!("error: {message}"),
        Observed::NotReached => "not reached".to_owned(),
    }
}
