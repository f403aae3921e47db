//! Rule files of gateways as rules: `name`, `tool`, `conditions`, `action`, `rate_limit`, `max_batch_size`.
//!
//! The stages: [`read`] makes rules of YAML, [`condition`] tests of conditions' text, which [`spelling`] brings to the language's and [`fields`] makes of other forms, [`caps`] hands over what rules
//! add to others, [`shape`] finds out which fields are read and of what type, [`said`] says conditions in the language, [`write`](mod@write) makes the policy, [`plain`] takes out what decides nothing.
//!
//! Such files differ from gateway to gateway and seldom say what a missing field means, so what is open is decided to the strict side and told.

mod caps;
mod condition;
mod fields;
mod plain;
mod read;
mod said;
mod shape;
mod spelling;
mod write;

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
    caps::hand_over(&mut rules, &files, &mut notes)?;
    let shape = shape::Shape::of(&rules, &mut notes);
    let package = package.unwrap_or("rules");
    let written = write::policy(package, &files, &rules, &shape, &mut notes);
    let first = sources.first().map_or("", |source| source.name);
    let text = toll::laid_out(first, &plain::told(first, written, &mut notes)?)?;
    let file = ImportedFile { path: format!("{}.toll", package.replace('.', "_")), text };
    Ok(Import { files: vec![file], notes })
}
