//! Runs a case: imports, compares with what is expected, compiles, decides.

pub mod engine;
mod lints;
mod sources;

use std::fs;
use std::path::Path;

use serde_json::Value;
use tollgate_import::{Import, ImportedFile};

/// The outcome of a case in a folder of an importer.
pub fn run(importer: &str, case: &Path) -> Result<(), String> {
    let blessed = std::env::var_os("TOLLGATE_BLESS").is_some();
    let import = match sources::import(importer, case) {
        Err(refused) => return same(&case.join("expected/refused.txt"), &format!("{refused}\n"), blessed),
        Ok(import) => import,
    };
    for file in &import.files {
        same(&case.join("expected").join(&file.path), &file.text, blessed)?;
    }
    same(&case.join("expected/report.txt"), &report(&import), blessed)?;
    let lints = lints::of(&import.files);
    let is_whole = importer == "plugin" && !case.join("with.toll").exists();
    if (is_whole || matches!(importer, "rules" | "iam" | "cedar")) && !lints.is_empty() {
        return Err(format!("lints: {}", lints.join("\n")));
    }
    decisions(case, &import.files)
}

/// The notes, one a line.
fn report(import: &Import) -> String {
    let notes = import.notes.iter();
    notes.map(|note| format!("{} | {} | {} | {}\n", note.fate.name(), note.source, note.place, note.text.replace('\n', "\\n"))).collect()
}

fn same(path: &Path, made: &str, blessed: bool) -> Result<(), String> {
    if blessed {
        let folder = path.parent().ok_or("no folder")?;
        return fs::create_dir_all(folder).and_then(|()| fs::write(path, made)).map_err(|error| error.to_string());
    }
    let expected = fs::read_to_string(path).map_err(|error| format!("{}: {error}; TOLLGATE_BLESS=1 writes it", path.display()))?;
    if expected == made {
        return Ok(());
    }
    let differing = expected.lines().zip(made.lines()).position(|(a, b)| a != b).unwrap_or(expected.lines().count().min(made.lines().count()));
    let line = |text: &str| text.lines().nth(differing).unwrap_or("(nothing)").to_owned();
    Err(format!("{}, line {}:\n expected {}\n made     {}", path.display(), differing + 1, line(&expected), line(made)))
}

/// Decides the lines of `cases.jsonl` with what was imported, and with the policies beside it (`with.toll`).
fn decisions(case: &Path, files: &[ImportedFile]) -> Result<(), String> {
    let engine = engine::of(files, fs::read_to_string(case.join("with.toll")).ok())?;
    let lines = fs::read_to_string(case.join("cases.jsonl")).unwrap_or_default();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let asked: Value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let decision = engine.decide(asked.get("input").unwrap_or(&Value::Null).to_string().as_bytes());
        let decided: Value = serde_json::from_str(&decision.to_json()).map_err(|error| error.to_string())?;
        let name = asked.get("name").unwrap_or(&Value::Null);
        for (key, expected) in asked.get("expect").and_then(Value::as_object).ok_or("a case without `expect`")? {
            let got = decided.get(key).unwrap_or(&Value::Null);
            if got != expected {
                return Err(format!("{name}: {key} is {got}, not {expected}\n{decided:#}"));
            }
        }
    }
    Ok(())
}
