//! The facts of a tool, each three ways: as imported, as the author has it, as the server says.

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{Expr, Name, Tool};

use super::HINTS;
use super::base::Base;
use super::declared::{Declaration, range};
use super::edits::Edit;
use super::ledger;
use super::merge::{Loss, Why};
use crate::mcp::tool::GUESSED;

/// The facts that an import writes, in its order, beside the hints.
const SAID: [&str; 2] = ["title", "category"];

/// What is to be changed of a tool's facts, and what the server has otherwise too.
pub fn merged(text: &str, own: &Declaration, tool: &Tool, served: &Tool, base: &Base) -> (Vec<Edit>, Vec<Loss>) {
    let (mut edits, mut lost) = (Vec::new(), Vec::new());
    let mut before = own.facts.start;
    for fact in SAID.into_iter().chain(HINTS.map(|(hint, _)| hint)) {
        let (mine, theirs) = (find(tool, fact), find(served, fact));
        let (is, says) = (mine.map(digest), theirs.map(digest));
        let is_guess = fact == "category" && mine.is_some_and(|(name, _)| is_guessed(text, name));
        // A guess that the author has left without its mark is the author's word.
        let is_servers = if fact == "category" && mine.is_some() { is_guess } else { base.is_known && is.as_deref() == base.fact(fact) };
        let is_taken = is != says && is_servers && (theirs.is_some() || base.is_known);
        if is_taken {
            edits.push(match (mine, theirs) {
                (Some((_, value)), Some((_, now))) => (range(value.span), expr_to_text(now)),
                (Some((name, value)), None) => remove(text, name, value),
                (None, _) => (before..before, written(text, before, fact, theirs)),
            });
        } else if is != says && base.is_known && says.as_deref() != base.fact(fact) && fact != "category" {
            let said = theirs.map(|(_, now)| format!("{fact}: {}", expr_to_text(now)));
            lost.push(Loss { place: own.name.clone(), why: Why::Kept, said: said.unwrap_or_else(|| format!("{fact}: {}", usual(fact))) });
        }
        // Behind what goes nothing can be put.
        if let Some((_, value)) = mine.filter(|_| !is_taken || theirs.is_some()) {
            before = line_end(text, value.span.end as usize);
        }
    }
    (edits, lost)
}

fn find<'t>(tool: &'t Tool, fact: &str) -> Option<&'t (Name, Expr)> {
    tool.attributes.iter().find(|(name, _)| name.text == fact)
}

fn digest((_, value): &(Name, Expr)) -> String {
    ledger::digest(&expr_to_text(value))
}

fn usual(fact: &str) -> &'static str {
    HINTS.iter().find(|(hint, _)| *hint == fact).map_or("\"\"", |(_, usual)| usual)
}

/// Whether a fact's line says that it is guessed.
fn is_guessed(text: &str, fact: &Name) -> bool {
    text.get(fact.span.start as usize..).and_then(|rest| rest.lines().next()).is_some_and(|line| line.contains(GUESSED))
}

/// A fact on a line of its own.
fn written(text: &str, place: usize, fact: &str, value: Option<&(Name, Expr)>) -> String {
    let mark = if fact == "category" { format!(" {GUESSED}") } else { String::new() };
    let ends_line = text.get(place..).and_then(|rest| rest.lines().next()).is_none_or(|rest| rest.trim().is_empty());
    let end = if ends_line { "" } else { "\n" };
    value.map(|(_, value)| format!("\n{fact}: {}{mark}{end}", expr_to_text(value))).unwrap_or_default()
}

/// The end of the line of a fact where nothing but a comment follows it there, or else of the fact.
fn line_end(text: &str, end: usize) -> usize {
    let rest = text.get(end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let after = rest.trim_start().trim_start_matches(',').trim_start();
    if after.is_empty() || after.starts_with("//") { end + rest.len() } else { end }
}

/// Takes a fact away: with its line where it has one of its own.
fn remove(text: &str, name: &Name, value: &Expr) -> Edit {
    let (start, end) = (name.span.start as usize, value.span.end as usize);
    let before = text.get(..start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let after = rest.trim_start().trim_start_matches(',').trim();
    if text.get(line..start).is_some_and(|before| before.trim().is_empty()) && (after.is_empty() || after == GUESSED) {
        return (line..(end + rest.len() + 1).min(text.len()), String::new());
    }
    let further = text.get(end..).unwrap_or_default();
    let comma = further.trim_start().strip_prefix(',').map_or(0, |rest| further.len() - rest.len());
    (start..end + comma, String::new())
}
