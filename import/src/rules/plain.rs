//! The policy without what decides nothing: rules that never match are left out, and conditions that always hold.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tollgate_compiler::diagnostic::{Code, Diagnostic};

use super::write::{NEVER, Written};
use crate::lints::{self, Lines, name};
use crate::toll::comment;
use crate::{Fate, Note, Unreadable};

/// The policy's text. Rules that say what others say, or are open to more than they seem, say so: they stand in the file too.
pub fn told(source: &str, written: Written, notes: &mut Vec<Note>) -> Result<String, Unreadable> {
    let Written { text, places } = written;
    let mut policy = Policy { source, places: &places, notes };
    let found = lints::found(source, &[&text])?;
    match policy.without(&text, &Lines::of(&text), &found) {
        None => Ok(policy.kept(&text, &found)),
        Some(text) => {
            let found = lints::found(source, &[&text])?;
            Ok(policy.kept(&text, &found))
        }
    }
}

struct Policy<'p> {
    source: &'p str,
    places: &'p HashMap<String, (String, String)>,
    notes: &'p mut Vec<Note>,
}

impl Policy<'_> {
    fn note(&mut self, name: &str, fate: Fate, text: String) {
        let note = match self.places.get(name) {
            Some((source, place)) => Note::new(source, place.clone(), fate, text),
            None => Note::new(self.source, "", fate, format!("`{name}`: {text}")),
        };
        self.notes.push(note);
    }

    fn kept(&mut self, text: &str, found: &[(usize, Diagnostic)]) -> String {
        let found: Vec<&Diagnostic> = found.iter().map(|(_, lint)| lint).collect();
        lints::allowed(text, &Lines::of(text), &found, |name, message| self.note(name, Fate::Guessed, message.to_owned()))
    }

    /// The text without what decides nothing; `None` where it all does.
    fn without(&mut self, text: &str, lines: &Lines, found: &[(usize, Diagnostic)]) -> Option<String> {
        let (never, always) = idle(text, lines, found);
        if never.is_empty() && always.is_empty() {
            return None;
        }
        let taken: BTreeSet<usize> = always.values().copied().collect();
        let mut out = String::with_capacity(text.len());
        let mut is_left_out = false;
        for line in 0..lines.len() {
            let written = lines.text(text, line);
            is_left_out &= !written.is_empty();
            if is_left_out || taken.contains(&line) {
                continue;
            }
            if !written.starts_with("// ") && is_above(text, lines, line, &never) {
                is_left_out = true;
                out.push_str(&comment(&format!("Left out: {NEVER}.")));
                continue;
            }
            out.push_str(written);
            out.push('\n');
        }
        for item in never {
            self.note(name(lines.text(text, item)), Fate::LeftOut, format!("{NEVER}: the rule is left out"));
        }
        for item in always.keys() {
            self.note(name(lines.text(text, *item)), Fate::LeftOut, "its condition always holds: the rule is written without it".to_owned());
        }
        Some(out)
    }
}

/// The lines that name rules which never match, and of rules that always do the line of their condition by that of their name.
fn idle(text: &str, lines: &Lines, found: &[(usize, Diagnostic)]) -> (BTreeSet<usize>, BTreeMap<usize, usize>) {
    let (mut never, mut always) = (BTreeSet::new(), BTreeMap::new());
    for (_, lint) in found {
        let span = lint.at.span.start as usize..lint.at.span.end as usize;
        let (line, Some(item)) = (lines.at(span.start), lines.item(text, span.start)) else { continue };
        match lint.code {
            Code::NeverMatches => {
                never.insert(item);
            }
            Code::ConstantCondition if lines.text(text, line).strip_prefix("when ") == text.get(span) => {
                always.insert(item, line);
            }
            _ => {}
        }
    }
    // A condition that never holds has one outcome too.
    always.retain(|item, _| !never.contains(item));
    (never, always)
}

/// Whether a line names one of these items, or stands above it.
fn is_above(text: &str, lines: &Lines, line: usize, items: &BTreeSet<usize>) -> bool {
    items.range(line..).next().is_some_and(|item| (line..*item).all(|between| !lines.text(text, between).is_empty()))
}
