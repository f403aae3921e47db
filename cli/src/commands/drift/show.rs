//! Drift for people and for programs.

use serde_json::{Value, json};

use super::compare::{Drift, Grant, Need};
use crate::commands::access::words;
use crate::output::{Paint, count, tame};

/// For people.
pub fn pretty(drift: &Drift) -> String {
    let paint = Paint::stdout();
    let mut out = String::new();
    section(&mut out, &paint.bad("needed and not allowed"), drift.missing.iter().map(need));
    section(&mut out, &paint.bad("allowed and not needed"), drift.unneeded.iter().map(grant));
    section(&mut out, &paint.notable("needed and to be reviewed"), drift.reviewed.iter().map(need));
    section(&mut out, &paint.notable("needed, and allowed under conditions: to be compared by hand"), drift.unclear.iter().map(need));
    let hooks = match drift.hooks {
        0 => String::new(),
        hooks => format!("; {} of the plugins not: whether rules require them is not seen", count(hooks, "hook")),
    };
    let unclear = if drift.unclear.is_empty() { String::new() } else { format!("{} to be compared, ", drift.unclear.len()) };
    out.push_str(&format!(
        "{} met, {unclear}{} to be reviewed, {} missing; {} that no skill needs\nonly declared tools are compared: what rules allow of others is not seen{hooks}\n",
        count(drift.met, "permission"),
        drift.reviewed.len(),
        drift.missing.len(),
        count(drift.unneeded.len(), "grant")
    ));
    out
}

fn section(out: &mut String, heading: &str, lines: impl ExactSizeIterator<Item = String>) {
    if lines.len() == 0 {
        return;
    }
    out.push_str(&format!("{heading}\n"));
    for line in lines {
        out.push_str(&format!("  {}\n", tame(&line).replace('\n', "\n    ")));
    }
    out.push('\n');
}

fn need(need: &Need) -> String {
    let of = format!("{} ({}): {}", need.skill, need.agent, need.permission);
    match (&need.tool, &need.outlook) {
        (Some(tool), Some(outlook)) => {
            let tool = if *tool == need.permission { String::new() } else { format!(", which is {tool}") };
            format!("{of}{tool}\n{}", said(outlook))
        }
        _ => format!("{of}\nthe policy declares no such tool"),
    }
}

fn grant(grant: &Grant) -> String {
    let needed = if grant.needed.is_empty() { String::new() } else { format!("\nof which skills need {} only", grant.needed.join(", ")) };
    format!("{} may call {}\n{}{needed}", grant.agent, grant.tool, said(&grant.outlook))
}

fn said(outlook: &tollgate_compiler::residual::Outlook) -> String {
    let rules = words::rules(outlook);
    let by = if rules.is_empty() { "no rule matches".to_owned() } else { format!("by {}", rules.join(", ")) };
    format!("{}: {by}", words::sentence(outlook))
}

/// For programs.
pub fn json(drift: &Drift) -> Value {
    let outlook = |outlook: &tollgate_compiler::residual::Outlook| json!({ "effect": words::effect(outlook), "condition": words::sentence(outlook), "rules": words::rules(outlook) });
    let need = |need: &Need| {
        json!({
            "skill": need.skill,
            "agent": need.agent,
            "permission": need.permission,
            "tool": need.tool,
            "outlook": need.outlook.as_ref().map(outlook),
        })
    };
    let grant = |grant: &Grant| json!({ "agent": grant.agent, "tool": grant.tool, "outlook": outlook(&grant.outlook), "needed": grant.needed });
    json!({
        "missing": drift.missing.iter().map(need).collect::<Vec<_>>(),
        "reviewed": drift.reviewed.iter().map(need).collect::<Vec<_>>(),
        "unclear": drift.unclear.iter().map(need).collect::<Vec<_>>(),
        "unneeded": drift.unneeded.iter().map(grant).collect::<Vec<_>>(),
        "met": drift.met,
        "hooks_not_compared": drift.hooks,
    })
}
