//! The engine of what an importer made.

use tollgate_compiler::diagnostic::render;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;
use tollgate_import::ImportedFile;

/// The engine of what was imported: it must compile.
pub fn of(files: &[ImportedFile], with: Option<String>) -> Result<Engine, String> {
    let mut sources = Sources::new();
    for file in files.iter().filter(|file| file.path.ends_with(".toll")) {
        sources.add(file.path.as_str(), file.text.as_str());
    }
    if let Some(text) = with {
        sources.add("with.toll", text);
    }
    let set = PolicySet::check(sources);
    let compiled = set.compile().map_err(|found| render::render(&found, set.sources(), false))?;
    let engine = compiled.into_engine().map_err(|error| error.to_string())?;
    for file in files {
        if let Some(name) = file.path.strip_prefix("data/").and_then(|name| name.strip_suffix(".json")) {
            engine.set_data(name, &file.text).map_err(|error| error.to_string())?;
        }
    }
    Ok(engine)
}
