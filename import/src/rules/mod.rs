//! Rule files of gateways as rules: `name`, `tool`, `conditions`, `action`, `rate_limit`, `max_batch_size`.
//!
//! The stages: [`read`] makes rules of YAML, [`condition`] tests of conditions' text, [`caps`] hands over what rules
//! add to others, [`shape`] finds out which fields are read and of what type, [`said`] says conditions in the language, [`write`](mod@write) makes the policy.
//!
//! Such files differ from gateway to gateway and seldom say what a missing field means, so what is open is decided to the strict side and told.

mod caps;
mod condition;
mod read;
mod said;
mod shape;
mod write;

use tollgate_compiler::{PolicySet, Sources};

use crate::toll;
use crate::{Import, ImportedFile, Source, Unreadable};

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
    caps::hand_over(&mut rules, &files, &mut notes);
    let shape = shape::Shape::of(&rules, &mut notes);
    let package = package.unwrap_or("rules");
    let text = write::policy(package, &files, &rules, &shape, &mut notes);
    let first = sources.first().map_or("", |source| source.name);
    let text = toll::laid_out(first, &text)?;
    let set = PolicySet::check(Sources::of(first, &text));
    if let Some(error) = set.diagnostics().iter().find(|_| set.has_errors()) {
        return Err(Unreadable::new(first, "", format!("what was made of it is no policy ({}): this is a fault of the importer", error.message)));
    }
    let file = ImportedFile { path: format!("{}.toll", package.replace('.', "_")), text };
    Ok(Import { files: vec![file], notes })
}
