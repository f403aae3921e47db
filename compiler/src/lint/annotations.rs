//! Annotations that say nothing, where one with a meaning is meant: a rule that `@Shadow` should only have made report decides.

use crate::check::rules::MEANINGS;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::syntax::ast::{Annotation, ItemKind};

use super::{Findings, Source, View};

/// Shorter names are a letter away from many a word.
const SHORTEST: usize = 5;
/// What people write for `@shadow`, in lower case and without `_`.
const FOR_SHADOW: [&str; 8] = ["disabled", "disable", "dryrun", "monitor", "reportonly", "logonly", "auditonly", "shadowed"];

/// Names of annotations that are near one with a meaning, or stand for one.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        for annotation in source.item.annotations.iter().filter(|annotation| known().all(|known| known != annotation.name.text)) {
            if let Some(found) = misspelled(source, annotation) {
                findings.add(found);
            }
        }
    }
}

/// The names of the annotations that have a meaning.
fn known() -> impl Iterator<Item = &'static str> {
    MEANINGS.iter().map(|meaning| meaning.name)
}

fn misspelled(source: Source<'_, '_>, annotation: &Annotation) -> Option<Diagnostic> {
    let (name, at) = (&*annotation.name.text, source.at(annotation.name.span));
    let meant = meant(source, annotation)?;
    let found = Diagnostic::warning(Code::MisspelledAnnotation, at, format!("`@{name}` means nothing"));
    let help = match (meant, &source.item.kind) {
        ("shadow", ItemKind::Rule(rule)) => {
            let rule = &rule.name.text;
            format!("`{rule}` decides as any rule does: to report without deciding, write `@shadow`")
        }
        _ => format!("there is `@{meant}`"),
    };
    Some(found.with_help(help).with_choice(format!("write `@{meant}`"), at, meant))
}

/// The annotation that one is meant to be.
fn meant(source: Source<'_, '_>, annotation: &Annotation) -> Option<&'static str> {
    let name = &*annotation.name.text;
    if let Some(known) = known().find(|known| known.eq_ignore_ascii_case(name)) {
        return Some(known);
    }
    let is_rule = matches!(source.item.kind, ItemKind::Rule(_));
    let plain = name.to_ascii_lowercase().replace('_', "");
    // With arguments it may be a note of the author's own: `@monitor("payments")`.
    if is_rule && annotation.args.is_empty() && FOR_SHADOW.contains(&&*plain) {
        return Some("shadow");
    }
    let near = nearest(name, known().filter(|known| known.len() >= SHORTEST && (is_rule || *known != "shadow")))?;
    known().find(|known| *known == near)
}
