//! `//~ E0123` at the end of a line: exactly these errors begin on it.

use tollgate_compiler::diagnostic::position::LineIndex;
use tollgate_compiler::{PolicySet, Source, Sources};

use super::case::errors;

/// Stands for any code.
const ANY: &str = "ERROR";

/// An error found on a line.
struct Found {
    code: &'static str,
    message: String,
}

/// The lines on which others errors are found than are marked.
pub fn faults(sources: &Sources, set: &PolicySet) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, source) in sources.files().iter().enumerate() {
        let index = LineIndex::new(&source.text);
        let mut found: Vec<Vec<Found>> = source.text.split('\n').map(|_| Vec::new()).collect();
        for (_, start, code, message) in errors(set).filter(|(file, ..)| *file == place) {
            if let Some(line) = found.get_mut(index.position(start).line as usize - 1) {
                line.push(Found { code, message: message.to_owned() });
            }
        }
        let mut blessed = Vec::new();
        for (number, (line, found)) in source.text.split('\n').zip(&found).enumerate() {
            faults.extend(fault(&source.path, number + 1, line, found));
            blessed.push(bless(line, found));
        }
        if std::env::var_os("TOLLGATE_BLESS").is_some() {
            write(source, &blessed.join("\n"), &mut faults);
        }
    }
    let elsewhere = errors(set).filter(|(file, ..)| *file >= sources.files().len());
    faults.extend(elsewhere.map(|(_, _, code, message)| format!("in the standard library: {code} {message}")));
    faults
}

fn marks(line: &str) -> Vec<&str> {
    line.rsplit_once("//~").map(|(_, marks)| marks.split_whitespace().collect()).unwrap_or_default()
}

fn fault(path: &str, number: usize, line: &str, found: &[Found]) -> Option<String> {
    let mut left: Vec<&Found> = found.iter().collect();
    let mut missing = Vec::new();
    // Codes take theirs before `ERROR` takes any.
    let mut wanted = marks(line);
    wanted.sort_by_key(|mark| *mark == ANY);
    for mark in wanted {
        match left.iter().position(|found| mark == ANY || found.code == mark) {
            Some(place) => drop(left.remove(place)),
            None => missing.push(mark),
        }
    }
    if left.is_empty() && missing.is_empty() {
        return None;
    }
    let surplus: Vec<String> = left.iter().map(|found| format!("{} {}", found.code, found.message)).collect();
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(format!("{name}:{number}: expected and not found: [{}]; found and not expected: [{}]", missing.join(", "), surplus.join("; ")))
}

/// The line with the codes found in the place of `ERROR`, where the numbers agree.
fn bless(line: &str, found: &[Found]) -> String {
    let marks = marks(line);
    if marks.len() != found.len() || marks.is_empty() || marks.iter().any(|mark| *mark != ANY) {
        return line.to_owned();
    }
    let codes: Vec<&str> = found.iter().map(|found| found.code).collect();
    let text = line.rsplit_once("//~").map_or(line, |(text, _)| text);
    format!("{text}//~ {}", codes.join(" "))
}

fn write(source: &Source, text: &str, faults: &mut Vec<String>) {
    if *text == *source.text {
        return;
    }
    if let Err(error) = std::fs::write(&source.path, text) {
        faults.push(format!("{}: {error}", source.path));
    }
}
