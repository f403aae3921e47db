//! Reviews for people.

use std::fmt::Write as _;

use tollgate_compiler::residual::Outlook;
use tollgate_evaluator::Effect;

use super::Review;
use super::changes::{Changed, Changes};
use super::table::{Group, Table};
use super::usage::Usage;
use super::words::{Line, REFUSED, effect, lines};
use crate::output::{Paint, count, tame};

/// So many groups of agents are told in full; of more, each is told on a line.
const MAX_GROUPS: usize = 16;
/// So many names are told one after the other.
const MAX_NAMES: usize = 12;

/// A review.
pub fn review(review: &Review) -> String {
    let (paint, groups) = (Paint::stdout(), review.table.groups());
    let mut out = String::new();
    if groups.len() > MAX_GROUPS {
        compact(&groups, &mut out);
    } else {
        groups.iter().for_each(|group| in_full(group, paint, &mut out));
    }
    if let Some(usage) = &review.usage {
        used(&review.table, usage, paint, &mut out);
    }
    if review.table.tools.is_empty() {
        out.push_str("no tool is declared that this is about\n\n");
    }
    out + REFUSED + "\n"
}

/// The changes between two versions.
pub fn changes(changes: &Changes<'_>) -> String {
    let paint = Paint::stdout();
    let mut out = String::new();
    let mut cells: Vec<(&Changed<'_>, Vec<&str>)> = Vec::new();
    for changed in &changes.cells {
        // What has changed so for one agent has mostly changed so for others.
        let alike = |other: &Changed<'_>| other.tool == changed.tool && other.old == changed.old && other.new == changed.new;
        match cells.iter_mut().find(|(other, _)| alike(other)) {
            Some((_, agents)) => agents.push(&changed.subject.label),
            None => cells.push((changed, vec![&changed.subject.label])),
        }
    }
    for (changed, agents) in cells {
        let word = |outlook: Option<&Outlook>| outlook.map_or("undeclared".to_owned(), |outlook| painted(effect(outlook), paint));
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}: {}  {} → {}", listed(&agents), tame(changed.tool), word(changed.old), word(changed.new));
        for (mark, outlook) in [("-", changed.old), ("+", changed.new)] {
            let told = outlook.filter(|outlook| outlook.settled().is_none()).map(lines).unwrap_or_default();
            table_of(&told, &format!("  {mark} "), paint, &mut out);
        }
        for name in &changed.redefined {
            let _ = writeln!(out, "    {}", paint.notable(format!("`{}` means something else now", tame(name))));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{} of {} changed", changes.cells.len(), count(changes.compared, "cell"));
    if !changes.types.is_empty() {
        let types: Vec<String> = changes.types.iter().map(|name| format!("`{}`", tame(name))).collect();
        let _ = writeln!(out, "other types now: {}; what conditions ask of their values may be decided otherwise in any cell", types.join(", "));
    }
    out
}

fn in_full(group: &Group<'_>, paint: Paint, out: &mut String) {
    let agents: Vec<&str> = group.rows.iter().map(|row| row.subject.label.as_str()).collect();
    let _ = writeln!(out, "{}", listed(&agents));
    let settled = group.outlooks.iter().filter(|(outlook, _)| outlook.settled().is_some());
    for wanted in [Effect::Allow, Effect::Review, Effect::Deny] {
        let tools: Vec<&str> =
            settled.clone().filter(|(outlook, _)| outlook.settled() == Some(wanted)).flat_map(|(_, tools)| tools.iter().copied()).collect();
        if !tools.is_empty() {
            let _ = writeln!(out, "  {}  {}", padded(wanted.name(), paint), names(&tools));
        }
    }
    for (outlook, tools) in group.outlooks.iter().filter(|(outlook, _)| outlook.settled().is_none()) {
        let _ = writeln!(out, "  {}  {}", padded("depends", paint), names(tools));
        table_of(&lines(outlook), "    ", paint, out);
        scores(outlook, "    ", paint, out);
    }
    out.push('\n');
}

/// A line for each group: how many tools have which effect.
fn compact(groups: &[Group<'_>], out: &mut String) {
    let _ = writeln!(out, "{:>7} {:>7} {:>7} {:>7}  agents", "allow", "review", "deny", "depends");
    for group in groups {
        let of = |word: &str| -> usize { group.outlooks.iter().filter(|(outlook, _)| effect(outlook) == word).map(|(_, tools)| tools.len()).sum() };
        let agents: Vec<&str> = group.rows.iter().map(|row| row.subject.label.as_str()).collect();
        let _ = writeln!(out, "{:>7} {:>7} {:>7} {:>7}  {}", of("allow"), of("review"), of("deny"), of("depends"), listed(&agents));
    }
    let _ = writeln!(
        out,
        "\n{} of agents alike; name some of them, or write `--format html` or `csv`, to see conditions\n",
        count(groups.len(), "group")
    );
}

fn table_of(lines: &[Line], indent: &str, paint: Paint, out: &mut String) {
    for line in lines {
        let mut said = vec![padded(line.effect.name(), paint)];
        said.extend([line.when.as_str(), line.note].into_iter().filter(|text| !text.is_empty()).map(tame));
        if !line.rules.is_empty() {
            said.push(paint.faint(format!("({})", tame(&line.rules.join(", ")))));
        }
        let _ = writeln!(out, "{indent}{}", said.join("  ").trim_end());
    }
}

fn scores(outlook: &Outlook, indent: &str, paint: Paint, out: &mut String) {
    for score in &outlook.scores {
        let _ = writeln!(out, "{indent}{}", paint.faint(tame(&format!("where {score}"))));
    }
}

fn used(table: &Table, usage: &Usage, paint: Paint, out: &mut String) {
    let calls = usize::try_from(usage.calls).unwrap_or(usize::MAX);
    let unused: Vec<_> = super::unused(table, usage).collect();
    let _ = writeln!(
        out,
        "{} recorded; {} that may be allowed {} used by none",
        count(calls, "call"),
        count(unused.len(), "grant"),
        if unused.len() == 1 { "was" } else { "were" }
    );
    for row in &table.rows {
        let tools: Vec<&str> = unused.iter().filter(|(other, _)| std::ptr::eq(*other, row)).map(|(_, tool)| *tool).collect();
        if !tools.is_empty() {
            let _ = writeln!(out, "  {}  {}: {}", paint.notable("unused"), tame(&row.subject.label), names(&tools));
        }
    }
    for (row, tool, calls) in table.rows.iter().flat_map(|row| table.tools.iter().map(move |tool| (row, tool, usage.of(&row.subject.label, tool)))) {
        if calls > 0 {
            let _ = writeln!(out, "  {calls:>6}  {}: {}", tame(&row.subject.label), tame(tool));
        }
    }
    for (tool, calls) in &usage.undeclared {
        let _ = writeln!(out, "  {calls:>6}  `{}`, which the policy does not declare", tame(tool));
    }
    if usage.unread > 0 {
        let _ = writeln!(out, "  {:>6}  that have no `agent.id` and `tool.name`", usage.unread);
    }
    out.push('\n');
}

/// Agents: all of a few, and how many.
fn listed(agents: &[&str]) -> String {
    let shown = agents.iter().take(MAX_NAMES).map(|agent| tame(agent)).collect::<Vec<_>>().join(", ");
    match agents.len() {
        1 => shown,
        number if number <= MAX_NAMES => format!("{shown} ({number} agents)"),
        number => format!("{shown}, … ({number} agents)"),
    }
}

fn names(tools: &[&str]) -> String {
    tools.iter().map(|tool| tame(tool)).collect::<Vec<_>>().join(", ")
}

fn padded(effect: &str, paint: Paint) -> String {
    painted(&format!("{effect:<7}"), paint)
}

fn painted(effect: &str, paint: Paint) -> String {
    match effect.trim_end() {
        "allow" => paint.good(effect),
        "deny" => paint.bad(effect),
        _ => paint.notable(effect),
    }
}
