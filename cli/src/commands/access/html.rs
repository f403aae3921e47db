//! Reviews as one page that needs nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use tollgate_compiler::residual::Outlook;

use super::Review;
use super::changes::Changes;
use super::words::{Line, REFUSED, effect, lines};
use crate::html::{FOOT, escape, head};
use crate::output::{Failure, Result, count};

/// The largest page, in bytes: a browser is to show it.
const LARGEST: usize = 32 << 20;

/// A review.
///
/// # Errors
/// When the page would be too large.
pub fn review(review: &Review) -> Result<String> {
    let (table, groups) = (&review.table, review.table.groups());
    let mut page = begin("Access review");
    // Writing to a string cannot fail.
    let _ = writeln!(
        page,
        "<p>{} and {}, by policy <code>{}</code>. {}</p>",
        count(table.rows.len(), "agent"),
        count(table.tools.len(), "tool"),
        escape(&table.policy),
        escape(&REFUSED.replace('`', ""))
    );
    search(&mut page);
    page.push_str("<table>\n<thead><tr><th>Agents</th><th>Effect</th><th>Tools</th><th>Conditions</th></tr></thead>\n<tbody>\n");
    for group in &groups {
        let agents: Vec<&str> = group.rows.iter().map(|row| row.subject.label.as_str()).collect();
        for (outlook, tools) in &group.outlooks {
            let word = effect(outlook);
            let _ = writeln!(
                page,
                "<tr data-effect=\"{word}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                names(&agents),
                badge(word),
                names(tools),
                conditions(outlook)
            );
            bounded(&page)?;
        }
    }
    page.push_str("</tbody>\n</table>\n");
    if let Some(usage) = &review.usage {
        let unused: Vec<_> = super::unused(table, usage).collect();
        let _ = writeln!(
            page,
            "<h2>Recorded calls</h2>\n<p>{} recorded; {} that may be allowed and no call used.</p>",
            count(usize::try_from(usage.calls).unwrap_or(usize::MAX), "call"),
            count(unused.len(), "grant")
        );
        page.push_str("<table>\n<thead><tr><th>Agent</th><th>Tool</th><th>Calls</th></tr></thead>\n<tbody>\n");
        for (row, tool) in unused {
            let _ = writeln!(page, "<tr><td>{}</td><td><code>{}</code></td><td>0, unused</td></tr>", escape(&row.subject.label), escape(tool));
            bounded(&page)?;
        }
        for (row, tool, calls) in
            table.rows.iter().flat_map(|row| table.tools.iter().map(move |tool| (row, tool, usage.of(&row.subject.label, tool))))
        {
            if calls > 0 {
                let _ = writeln!(page, "<tr><td>{}</td><td><code>{}</code></td><td>{calls}</td></tr>", escape(&row.subject.label), escape(tool));
                bounded(&page)?;
            }
        }
        for (tool, calls) in &usage.undeclared {
            let _ = writeln!(page, "<tr><td></td><td><code>{}</code>, not declared</td><td>{calls}</td></tr>", escape(tool));
        }
        page.push_str("</tbody>\n</table>\n");
    }
    Ok(page + FOOT)
}

/// The changes between two versions.
///
/// # Errors
/// When the page would be too large.
pub fn changes(changes: &Changes<'_>) -> Result<String> {
    let mut page = begin("Access changes");
    let (old, new) = changes.policies;
    let _ = writeln!(
        page,
        "<p>{} of {} changed, from policy <code>{}</code> to <code>{}</code>. {}</p>",
        changes.cells.len(),
        count(changes.compared, "cell"),
        escape(old),
        escape(new),
        escape(&REFUSED.replace('`', ""))
    );
    if !changes.types.is_empty() {
        let types: Vec<String> = changes.types.iter().map(|name| format!("<code>{}</code>", escape(name))).collect();
        let _ =
            writeln!(page, "<p>Other types now: {}. What conditions ask of their values may be decided otherwise in any cell.</p>", types.join(", "));
    }
    search(&mut page);
    page.push_str("<table>\n<thead><tr><th>Agent</th><th>Tool</th><th>Old</th><th>New</th></tr></thead>\n<tbody>\n");
    for changed in &changes.cells {
        let cell = |outlook: Option<&Outlook>| match outlook {
            Some(outlook) => format!("{} {}", badge(effect(outlook)), conditions(outlook)),
            None => "<span class=\"faint\">undeclared</span>".to_owned(),
        };
        let now = changed.new.map_or("undeclared", effect);
        let _ = writeln!(
            page,
            "<tr data-effect=\"{now}\"><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escape(&changed.subject.label),
            escape(changed.tool),
            cell(changed.old),
            cell(changed.new) + &redefined(&changed.redefined)
        );
        bounded(&page)?;
    }
    page.push_str("</tbody>\n</table>\n");
    Ok(page + FOOT)
}

/// Refuses a page that is too large, rather than leave something out.
fn bounded(page: &str) -> Result<()> {
    if page.len() <= LARGEST {
        return Ok(());
    }
    let text = format!(
        "the page would be larger than {} MiB, which no browser shows well: name some of the agents or tools, or write `--format csv` or `json`, which are of any size",
        LARGEST >> 20
    );
    Err(Failure::new(text))
}

fn begin(title: &str) -> String {
    let mut page = head(title, include_str!("page.css"), include_str!("search.js"));
    let _ = writeln!(page, "<h1>{title}</h1>");
    page
}

fn search(page: &mut String) {
    page.push_str("<form id=\"search\" role=\"search\" hidden><input type=\"search\" placeholder=\"Search\" aria-label=\"Search\" autocomplete=\"off\" spellcheck=\"false\">");
    for word in ["allow", "review", "deny", "depends"] {
        let _ = write!(page, "<label><input type=\"checkbox\" value=\"{word}\" checked> {}</label>", badge(word));
    }
    page.push_str("<output></output></form>\n");
}

fn badge(word: &str) -> String {
    format!("<span class=\"effect {word}\">{word}</span>")
}

fn names(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("<code>{}</code>", escape(name))).collect();
    names.join(", ")
}

fn conditions(outlook: &Outlook) -> String {
    if outlook.settled().is_some() {
        return rules(&outlook.otherwise.rules.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    let line = |line: &Line| {
        let note = if line.note.is_empty() { String::new() } else { format!(" <span class=\"faint\">{}</span>", escape(line.note)) };
        format!("<li>{} <code>{}</code>{note} {}</li>", badge(line.effect.name()), escape(&line.when), rules(&line.rules))
    };
    let scores = outlook.scores.iter().map(|score| format!("<li class=\"faint\">where {}</li>", escape(&score.to_string())));
    format!("<ul>{}{}</ul>", lines(outlook).iter().map(line).collect::<String>(), scores.collect::<String>())
}

fn redefined(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!(" <span class=\"faint\"><code>{}</code> means something else now</span>", escape(name))).collect()
}

fn rules(rules: &[String]) -> String {
    if rules.is_empty() { String::new() } else { format!("<span class=\"faint\">{}</span>", escape(&rules.join(", "))) }
}
