//! Rule files of gateways as rules: `name`, `tool`, `conditions`, `action`, `rate_limit`, `max_batch_size`.
//!
//! The stages: [`read`] makes rules of YAML, [`condition`] tests of conditions' text, which [`spelling`] brings to the language's, [`caps`] hands over what rules
//! add to others, [`shape`] finds out which fields are read and of what type, [`said`] says conditions in the language, [`write`](mod@write) makes the policy.
//!
//! Such files differ from gateway to gateway and seldom say what a missing field means, so what is open is decided to the strict side and told.

mod caps;
mod condition;
mod read;
mod said;
mod shape;
mod spelling;
mod write;

use tollgate_compiler::diagnostic::Code;
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};

use crate::toll;
use crate::{Fate, Import, ImportedFile, Note, Source, Unreadable};

/// All files as one package, `rules` unless another is named.
///
/// # Errors
///
/// Where a file is no YAML, or has no rules.
pub fn import(sources: &[Source], package: Option<&str>) -> Result<Import, Unreadable> {
    let mut notes = Vec::new();
    let mut files = Vec::new();
    for source in sources {
        files.push(read::read(source, &mut notes)?);
    }
    let mut rules: Vec<read::Rule> = files.iter_mut().flat_map(|file| std::mem::take(&mut file.rules)).collect();
    caps::hand_over(&mut rules, &files, &mut notes)?;
    let shape = shape::Shape::of(&rules, &mut notes);
    let package = package.unwrap_or("rules");
    let text = write::policy(package, &files, &rules, &shape, &mut notes);
    let first = sources.first().map_or("", |source| source.name);
    let text = told(first, toll::laid_out(first, &text)?, &mut notes)?;
    let file = ImportedFile { path: format!("{}.toll", package.replace('.', "_")), text };
    Ok(Import { files: vec![file], notes })
}

/// Where the rule begins that has a place, but for what stands above it.
fn rule_above(text: &str, place: usize) -> Option<usize> {
    let end = text.get(place..)?.find('\n').map_or(text.len(), |end| place + end);
    let begins = ["\nallow ", "\nreview ", "\ndeny "].iter().filter_map(|begin| text.get(..end)?.rfind(begin));
    begins.max().map(|line| line + 1)
}

/// The policy, in which rules that decide nothing, or are open to more than they seem, say so: they stand in the file too.
fn told(source: &str, text: String, notes: &mut Vec<Note>) -> Result<String, Unreadable> {
    let set = PolicySet::check(Sources::of(source, &text));
    if let Some(error) = set.diagnostics().iter().find(|_| set.has_errors()) {
        return Err(Unreadable::new(source, "", format!("what was made of it is no policy ({}): this is a fault of the importer", error.message)));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for lint in set.lints(&Levels::default()) {
        let allowed = match lint.code {
            Code::DuplicateRule => "duplicate_rule",
            Code::ShadowedRule => "shadowed_rule",
            Code::UnanchoredPattern => "unanchored_pattern",
            _ => continue,
        };
        let Some(line) = rule_above(&text, lint.at.span.start as usize) else { continue };
        let (Some(before), Some(name)) = (text.get(rest..line), text.get(line..).and_then(|rule| rule.split_whitespace().nth(1))) else { continue };
        out.push_str(&format!("{before}{}@allow({allowed})\n", toll::comment(&format!("Kept from the source, although {}.", lint.message))));
        rest = line;
        notes.push(Note::new(source, "", Fate::Guessed, format!("`{name}`: {}", lint.message)));
    }
    out.push_str(text.get(rest..).unwrap_or_default());
    toll::laid_out(source, &out)
}
