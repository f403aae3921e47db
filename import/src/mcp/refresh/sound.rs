//! Whether a refreshed policy declares what it may: what the author asked and cannot be asked any more goes, and is told.

use std::collections::HashMap;

use tollgate_compiler::diagnostic::{Code, Diagnostic, FileId, Severity};
use tollgate_compiler::syntax::ast::{FieldDecl, Item, ItemKind, Span};
use tollgate_compiler::syntax::{SyntaxLimits, parse};
use tollgate_compiler::{PolicySet, Sources};

use super::Known;
use super::declared::{Declared, range, read};
use super::edits::{Edit, below_comment, edited, slice};
use super::merge::{Loss, Why, before, below, beside, record};
use super::outline::{conjuncts, part_text, parts};
use crate::report::Unreadable;

/// How often a text is looked at again: what is taken away may have been the proof for something else.
const ROUNDS: usize = 24;

/// A text without the conditions and defaults that are wrong in it and were not before, and which these are.
///
/// # Errors
///
/// Where something else of a declaration is wrong. That rules name what went away is theirs to mend.
pub fn mended(known: &Known, text: String, fresh: &Declared) -> Result<(String, Vec<Loss>), Unreadable> {
    let (mut text, mut lost) = (text, Vec::new());
    for _ in 0..ROUNDS {
        let faults = further_faults(known, &text);
        let Some(first) = faults.first() else { return Ok((text, lost)) };
        let file = read(known.policy.name, &text)?;
        let mut mend = Mend { text: &text, fresh, edits: Vec::new(), lost: Vec::new() };
        let own: Vec<Span> = faults.iter().filter(|found| found.at.file == FileId(0)).map(|found| found.at.span).collect();
        mend.run(&Declared::of(&file), &own);
        if mend.edits.is_empty() {
            return Err(refused(known, &text, first));
        }
        lost.append(&mut mend.lost);
        text = edited(&text, mend.edits);
    }
    match further_faults(known, &text).first() {
        Some(first) => Err(refused(known, &text, first)),
        None => Ok((text, lost)),
    }
}

fn refused(known: &Known, text: &str, found: &Diagnostic) -> Unreadable {
    let line = text.get(..found.at.span.start as usize).unwrap_or_default().matches('\n').count() + 1;
    let place = if found.at.file == FileId(0) { format!("line {line} of what it were") } else { String::new() };
    let reason = format!("{}: nothing is written; mend what the policy says there first, or take it out", found.message);
    Unreadable::new(known.policy.name, place, reason)
}

/// What is wrong with a text that was not before.
fn further_faults(known: &Known, text: &str) -> Vec<Diagnostic> {
    let mut before: HashMap<(Code, String), usize> = HashMap::new();
    for found in faults(known, known.policy.text) {
        *before.entry((found.code, found.message)).or_default() += 1;
    }
    let mut further = faults(known, text);
    further.retain(|found| match before.get_mut(&(found.code, found.message.clone())) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    further
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

struct Mend<'m> {
    text: &'m str,
    fresh: &'m Declared<'m>,
    edits: Vec<Edit>,
    lost: Vec<Loss>,
}

impl Mend<'_> {
    fn run(&mut self, declared: &Declared, faults: &[Span]) {
        for declaration in &declared.declarations {
            let within: Vec<Span> = faults.iter().copied().filter(|fault| is_in(*fault, declaration.item.span)).collect();
            let Some(fields) = declaration.fields().filter(|_| !within.is_empty()) else { continue };
            let served = self.fresh.declarations.iter().find(|now| now.name == declaration.name);
            let served = served.and_then(|now| now.fields()).map(|now| now.fields).unwrap_or_default();
            for field in fields.fields {
                let own: Vec<Span> = within.iter().copied().filter(|fault| is_in(*fault, field.span)).collect();
                if own.is_empty() {
                    continue;
                }
                let now = served.iter().find(|now| now.name.text == field.name.text);
                if !self.field(field, now, &own, &declaration.name, &below("", field)) {
                    self.replace(field, now, &declaration.name);
                }
            }
        }
    }

    /// Takes what is wrong out of a field, and of those in it; not where that is neither a condition nor a default.
    fn field(&mut self, field: &FieldDecl, served: Option<&FieldDecl>, faults: &[Span], of: &str, path: &str) -> bool {
        if let Some((within, inner)) = record(&field.ty, path) {
            let now = served.and_then(|now| record(&now.ty, path)).map(|(_, now)| now.fields).unwrap_or_default();
            for field in inner.fields {
                let own: Vec<Span> = faults.iter().copied().filter(|fault| is_in(*fault, field.span)).collect();
                let now = now.iter().find(|now| now.name.text == field.name.text);
                if !own.is_empty() && !self.field(field, now, &own, of, &below(&within, field)) {
                    return false;
                }
            }
        }
        if faults.iter().any(|fault| is_in(*fault, field.ty.span)) && record(&field.ty, path).is_none() {
            return false;
        }
        let is_wrong = |span: Span| faults.iter().any(|fault| is_in(*fault, span));
        let said = served.map(|now| conjuncts(now.refinement.as_ref())).unwrap_or_default();
        let mut kept = Vec::new();
        let all = field.refinement.as_ref().map(parts).unwrap_or_default();
        let is_whole_wrong = !all.iter().any(|part| is_wrong(part.span)) && field.refinement.as_ref().is_some_and(|all| is_wrong(all.span));
        for part in &all {
            let text = part_text(part);
            if is_whole_wrong || is_wrong(part.span) {
                let why = if said.contains(&text) { Why::Server } else { Why::Author };
                self.lost.push(Loss { place: format!("{of}.{path}"), why, said: text });
            } else {
                kept.push(text);
            }
        }
        let default = field.default.as_ref().filter(|default| !is_wrong(default.span));
        if let Some(gone) = field.default.as_ref().filter(|_| default.is_none()) {
            let said = format!("= {}", slice(self.text, gone.span));
            self.lost.push(Loss { place: format!("{of}.{path}"), why: Why::Author, said });
            self.edits.push((field.name.span.end as usize..field.ty.span.start as usize, "?: ".to_owned()));
        }
        if kept.len() < all.len() || default.is_some() != field.default.is_some() {
            self.edits.push((field.ty.span.end as usize..field.span.end as usize, beside(&kept, default)));
        }
        true
    }

    /// The server's words in the place of a field of which nothing can stay.
    fn replace(&mut self, field: &FieldDecl, served: Option<&FieldDecl>, of: &str) {
        let Some(now) = served.filter(|now| slice(self.fresh.text, now.span) != slice(self.text, field.span)) else { return };
        let place = range(field.span);
        self.edits.retain(|(edit, _)| edit.start < place.start || edit.start >= place.end);
        let written = slice(self.text, field.span);
        self.edits.push(below_comment(self.text, field, &before(written), slice(self.fresh.text, now.span)));
        let said = written.split_whitespace().collect::<Vec<_>>().join(" ");
        self.lost.push(Loss { place: format!("{of}.{}", field.name.text), why: Why::Author, said });
    }
}

fn is_in(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
