//! The answer for people.

use tollgate_compiler::testing::{Missed, Turned, errors, fewest, summary, told, variables};

use tollgate_evaluator::Joint;

use crate::output::tame;

use super::verdict::{Asked, Verdict};

/// Why the rule did not decide, and what did.
pub fn text(asked: &Asked) -> String {
    let rule = &asked.rule;
    let mut lines = match asked.verdict() {
        Verdict::Refused => vec![format!("`{rule}` was not looked at: the request was refused before any rule")],
        Verdict::Decided => vec![format!("`{rule}` matched, and decided")],
        Verdict::Shadow => vec![format!("`{rule}` matched, and takes no part: it is a shadow rule")],
        Verdict::Overruled => vec![format!("`{rule}` matched, but a stronger rule decided")],
        Verdict::OtherTool => vec![format!("`{rule}` did not match: its `on` does not name this tool, so that its conditions were not looked at")],
        Verdict::Error(error) => vec![format!("`{rule}` did not match: its `because` or `require` ended in an error ({error})")],
        Verdict::Conditions(missed) => conditions(rule, &missed),
    };
    lines.push(format!("the decision is {}", summary(&asked.decision)));
    if asked.trace.is_none() {
        lines.extend(errors(&asked.decision).into_iter().map(|line| format!("  {line}")));
    }
    lines.iter().map(|line| tame(line).replace('\n', " ") + "\n").collect()
}

fn conditions(rule: &str, missed: &Missed<'_>) -> Vec<String> {
    let mut lines = vec![format!("`{rule}` did not match:")];
    match missed.choice {
        None => lines.push("  its `for` has nothing to choose from".to_owned()),
        Some(choice) if choice.variables.is_empty() || missed.source.is_some() => {}
        Some(choice) if missed.choices > 1 => {
            lines.push(format!("  for {}, the nearest of {}:", variables(choice), missed.number()));
        }
        Some(choice) => lines.push(format!("  for {}:", variables(choice))),
    }
    lines.extend(missed.conditions.iter().map(|condition| format!("  {}", told(condition))));
    lines.extend(at_the_least(missed));
    lines.extend(missed.source.map(|(name, error)| format!("  what `{name}` ranges over ended in an error ({error})")));
    lines
}

/// The fewest conditions that would have to be otherwise, where those that failed have more in them.
fn at_the_least(missed: &Missed<'_>) -> Option<String> {
    if missed.conditions.iter().all(|condition| matches!(condition.joint, Joint::None)) {
        return None;
    }
    let turned = fewest(missed);
    let each: Vec<String> = turned.iter().map(|Turned { condition, wanted }| format!("`{}` {wanted}", condition.text)).collect();
    (!each.is_empty()).then(|| format!("  at the least, otherwise: {}", each.join(", ")))
}
