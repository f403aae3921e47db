//! Recorded calls in files: one as JSON, or many as JSON Lines.

use std::path::Path as FilePath;

use crate::analysis::actions::{self, RecordedCall, Value};
use crate::analysis::seen::{Found, Path, Shapes};
use crate::analysis::{TextEdit, calls};
use crate::inputs::Inputs;
use crate::view::View;
use crate::world::Home;
use crate::{commands, tried};

/// The most bytes of a recorded call, and of a log of which one is wanted.
const LONGEST: u64 = 32 << 20;
/// The most bytes of a file that is read for its keys while somebody waits.
const MOST_READ: u64 = 1 << 20;

/// Whether a file has many calls, one a line.
pub fn is_log(path: &FilePath) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson")
}

/// The name of a file, for people.
pub fn name_of(path: &FilePath) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// A call with the data of a project: that of a file or, of a log, that of the line of a number; without one, the first. An open document counts
/// instead of the file.
///
/// # Errors
/// Why there is none, in a sentence for the author.
pub fn call(path: &FilePath, line: Option<usize>, home: &Home, inputs: &Inputs) -> Result<RecordedCall, String> {
    let text = text(path, inputs)?;
    let name = name_of(path);
    let stem = path.file_stem().map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned());
    let data = tried::data(home.project.data.as_deref());
    if !is_log(path) {
        return Ok(RecordedCall { title: stem, json: text, data });
    }
    let mut lines = calls::lines(&text);
    let found = match line {
        Some(line) => lines.find(|(number, _)| *number == line).ok_or_else(|| format!("line {line} of `{name}` has no call"))?,
        None => lines.next().ok_or_else(|| format!("`{name}` has no call"))?,
    };
    Ok(RecordedCall { title: format!("{stem}, line {}", found.0), json: found.1.to_owned(), data })
}

fn text(path: &FilePath, inputs: &Inputs) -> Result<String, String> {
    let bytes = inputs.read(path, LONGEST).ok_or_else(|| format!("`{}` is no file of at most {} MB", path.display(), LONGEST >> 20))?;
    String::from_utf8(bytes).map_err(|_| format!("`{}` is no UTF-8", path.display()))
}

/// What was seen at a path: in the active call and the recorded calls, or in the file of data.
pub fn seen(view: &View, path: &Path) -> Vec<(String, Found)> {
    let of_file = |file: &FilePath, value: fn(&str) -> Option<Value>| {
        let text = String::from_utf8(view.inputs.read(file, MOST_READ)?).ok()?;
        let mut shapes = Shapes::default();
        shapes.add(&value(&text)?);
        Some((name_of(file), shapes.at(&path.steps)?))
    };
    let Some(data) = &path.data else {
        let active = commands::active_input(view).filter(|input| !is_log(input)).and_then(|input| of_file(input, calls::request));
        let recorded = view.home.recorded.as_ref();
        let recorded = recorded.and_then(|recorded| Some((name_of(&recorded.path), recorded.seen.at(&path.steps)?)));
        return active.into_iter().chain(recorded).collect();
    };
    view.data_file(data).and_then(|file| of_file(&file, Value::parse)).into_iter().collect()
}

/// A test of a call, for the set that is nearest to its file: that with which it has most folders in common.
///
/// # Errors
/// As [`call`], and as [`actions::test_of_call`].
pub fn test(path: &FilePath, line: Option<usize>, homes: Vec<Home>, inputs: &Inputs) -> Result<(Home, TextEdit), String> {
    let shared = |root: &FilePath| root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let nearness = |home: &Home| home.project.roots.iter().map(|root| shared(root)).max().unwrap_or_default();
    // Of several that are as near, the first.
    let home = homes.into_iter().rev().max_by_key(nearness).ok_or("there are no policies to decide the call")?;
    let call = call(path, line, &home, inputs)?;
    let edit = actions::test_of_call(&home.set, None, &call)?;
    Ok((home, edit))
}
