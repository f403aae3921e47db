//! What lints say of what an importer made.

use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_import::ImportedFile;

/// Each finding, by the lint's name.
pub fn of(files: &[ImportedFile]) -> Vec<String> {
    let mut sources = Sources::new();
    for file in files.iter().filter(|file| file.path.ends_with(".toll")) {
        sources.add(file.path.as_str(), file.text.as_str());
    }
    PolicySet::check(sources).lints(&Levels::default()).iter().map(|lint| format!("{}: {}", lint.code.name(), lint.message)).collect()
}
