//! Whether a refreshed policy declares what it may.

use std::collections::HashMap;

use tollgate_compiler::diagnostic::{Code, Diagnostic, FileId, Severity};
use tollgate_compiler::syntax::ast::{Item, ItemKind};
use tollgate_compiler::syntax::{SyntaxLimits, parse};
use tollgate_compiler::{PolicySet, Sources};

use super::Known;
use crate::report::Unreadable;

/// Refuses a text in which a declaration is wrong that was not before. That rules name what went away is theirs to mend.
pub fn is_sound(known: &Known, text: &str) -> Result<(), Unreadable> {
    let mut before: HashMap<(Code, String), usize> = HashMap::new();
    for found in faults(known, known.policy.text) {
        *before.entry((found.code, found.message)).or_default() += 1;
    }
    for found in faults(known, text) {
        match before.get_mut(&(found.code, found.message.clone())) {
            Some(count) if *count > 0 => *count -= 1,
            _ => {
                let line = text.get(..found.at.span.start as usize).unwrap_or_default().matches('\n').count() + 1;
                let place = if found.at.file == FileId(0) { format!("line {line} of what it were") } else { String::new() };
                let reason = format!("{}: nothing is written; mend what the policy says there first, or take it out", found.message);
                return Err(Unreadable::new(known.policy.name, place, reason));
            }
        }
    }
    Ok(())
}

/// What is wrong with the declarations of a text, and with any that another has too.
fn faults(known: &Known, text: &str) -> Vec<Diagnostic> {
    let mut sources = Sources::of(known.policy.name, text);
    for other in known.beside {
        sources.add(other.name, other.text);
    }
    let declares = |item: &&Item| matches!(item.kind, ItemKind::Tool(_) | ItemKind::Type { .. } | ItemKind::Enum { .. });
    let file = parse(text, FileId(0), &SyntaxLimits::default()).0;
    let items: Vec<&Item> = file.items.iter().filter(declares).collect();
    let is_declared = |found: &Diagnostic| {
        let at = found.at;
        at.file == FileId(0) && items.iter().any(|item| item.span.start <= at.span.start && at.span.end <= item.span.end)
    };
    let is_twice = |found: &Diagnostic| matches!(found.code, Code::Duplicate | Code::DuplicateTool);
    let set = PolicySet::check(sources);
    let errors = set.diagnostics().iter().filter(|found| found.severity == Severity::Error);
    errors.filter(|found| is_twice(found) || is_declared(found)).cloned().collect()
}
