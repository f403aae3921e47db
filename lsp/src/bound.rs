//! Whether a set takes the data of its project.

use std::path::Path;

use tollgate_compiler::PolicySet;
use tollgate_evaluator::{DataError, Engine};

use crate::{Problem, Spot, json, tried};

/// What a folder has that is no data of a set, at its place; `None` where that cannot be said of a set with errors.
pub fn unfit(set: &mut PolicySet, folder: Option<&Path>) -> Option<Vec<Problem>> {
    let (Some(folder), data) = (folder, tried::data(folder)) else { return Some(Vec::new()) };
    if data.is_empty() {
        return Some(Vec::new());
    }
    let engine = Engine::new(set.plan().ok()?.clone()).ok()?;
    let problem = |(name, bytes): (String, Vec<u8>)| {
        let error = engine.set_data(&name, &bytes).err()?;
        Some(Problem { file: folder.join(format!("{name}.json")), at: spot(&bytes, &error), message: error.to_string() })
    };
    Some(data.into_iter().filter_map(problem).collect())
}

/// Where data do not fit.
fn spot(bytes: &[u8], error: &DataError) -> Option<Spot> {
    let DataError::Misfit { path, .. } = error else { return None };
    let text = str::from_utf8(bytes).ok()?;
    Some(Spot::of(text, json::place(text, path)))
}
