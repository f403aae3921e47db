//! Whether a set takes the data of its project.

use std::path::{Path, PathBuf};

use tollgate_compiler::PolicySet;
use tollgate_evaluator::Engine;

use crate::tried;

/// The files of a folder of data that a set does not take, each with the reason; `None` where that cannot be said of a set with errors.
pub fn unfit(set: &mut PolicySet, folder: Option<&Path>) -> Option<Vec<(PathBuf, String)>> {
    let (Some(folder), data) = (folder, tried::data(folder)) else { return Some(Vec::new()) };
    if data.is_empty() {
        return Some(Vec::new());
    }
    let engine = Engine::new(set.plan().ok()?.clone()).ok()?;
    let reason = |(name, json): (String, Vec<u8>)| Some((folder.join(format!("{name}.json")), engine.set_data(&name, json).err()?.to_string()));
    Some(data.into_iter().filter_map(reason).collect())
}
