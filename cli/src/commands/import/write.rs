//! What an import made, in its place, and the report of what was not carried over.

use std::path::{Component, Path, PathBuf};

use serde_json::json;
use tollgate_import::mcp::Refreshed;
use tollgate_import::{Fate, Import, ImportedFile, Note};

use super::changes;
use crate::args::{Format, ImportTo};
use crate::files;
use crate::output::{Failure, Outcome, Paint, Result, color_of, complain, count, print, tame};

/// Writes the files and the report.
pub fn finish(import: Import, to: &ImportTo) -> Result {
    let written = write(&import.files, to)?;
    match to.format {
        Format::Pretty => complain(&report(&import.notes, &written)),
        Format::Json => complain(&format!("{:#}\n", as_json(&import.notes, &written))),
    }
    Ok(Outcome::found(to.strict && import.notes.iter().any(|note| note.fate.is_loss())))
}

/// Says what a refresh has changed in a policy.
pub fn refreshed(path: &Path, refreshed: &Refreshed, to: &ImportTo) -> Result {
    let is_loss = refreshed.notes.iter().any(|note| note.fate.is_loss());
    match to.format {
        Format::Pretty => {
            let paint = Paint::new(color_of(&std::io::stderr()));
            let mut out = match refreshed.changes.len() {
                0 => format!("{}: no tool has changed\n", path.display()),
                changed => format!("{}: {}\n{}", path.display(), count(changed, "changed tool"), changes::shown(&refreshed.changes, &paint)),
            };
            if !refreshed.kept.is_empty() {
                out.push_str(&format!(
                    "\nkept as its author has it (-), where the server says otherwise (+)\n{}",
                    changes::shown(&refreshed.kept, &paint)
                ));
            }
            complain(&(out + &noted(&refreshed.notes)));
        }
        Format::Json => {
            let mut json = as_json(&refreshed.notes, &[path.to_owned()]);
            if let Some(fields) = json.as_object_mut() {
                fields.insert("changes".to_owned(), changes::as_json(&refreshed.changes));
                fields.insert("kept".to_owned(), changes::as_json(&refreshed.kept));
            }
            complain(&format!("{json:#}\n"));
        }
    }
    Ok(Outcome::found(to.strict && is_loss))
}

/// The paths that were written; none where all went to standard output.
fn write(imported: &[ImportedFile], to: &ImportTo) -> Result<Vec<PathBuf>> {
    let Some(output) = &to.output else {
        return match imported {
            [only] => print(&only.text).map(|()| Vec::new()),
            _ => Err(Failure::new(format!("it makes {}: name a folder for them with --output", count(imported.len(), "file")))),
        };
    };
    let paths = placed(imported, output)?;
    let existing = paths.iter().find(|path| path.exists());
    if let Some(path) = existing.filter(|_| !to.force) {
        return Err(Failure::file("write", path, "it is there already; --force writes over it"));
    }
    for (path, file) in paths.iter().zip(imported) {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, error))?;
        }
        files::replace(path, file.text.as_bytes()).map_err(|error| Failure::file("write", path, error))?;
    }
    Ok(paths)
}

fn placed(imported: &[ImportedFile], output: &Path) -> Result<Vec<PathBuf>> {
    let is_file = output.extension().is_some_and(|extension| extension == "toll");
    match imported {
        [_] if is_file => Ok(vec![output.to_owned()]),
        _ if is_file => Err(Failure::new(format!("it makes {}: name a folder for them with --output", count(imported.len(), "file")))),
        _ => imported.iter().map(|file| below(output, &file.path)).collect(),
    }
}

/// A path below a folder, whatever the importer made of a name.
fn below(folder: &Path, path: &str) -> Result<PathBuf> {
    let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain { Ok(folder.join(path)) } else { Err(Failure::new(format!("`{path}` is no place below a folder"))) }
}

fn report(notes: &[Note], written: &[PathBuf]) -> String {
    let mut out: String = written.iter().map(|path| format!("wrote {}\n", path.display())).collect();
    if notes.is_empty() {
        out.push_str("everything was carried over\n");
    }
    out + &noted(notes)
}

/// The notes, the gravest first.
fn noted(notes: &[Note]) -> String {
    let paint = Paint::new(color_of(&std::io::stderr()));
    let mut out = String::new();
    for fate in Fate::ALL {
        let of_fate: Vec<&Note> = notes.iter().filter(|note| note.fate == fate).collect();
        if of_fate.is_empty() {
            continue;
        }
        let heading = format!("{} ({})", heading(fate), of_fate.len());
        out.push_str(&format!("\n{}\n", if fate.is_loss() { paint.notable(heading) } else { heading }));
        for note in of_fate {
            let place = if note.place.is_empty() { note.source.clone() } else { format!("{}: {}", note.source, note.place) };
            out.push_str(&format!("  {}\n    {}\n", paint.faint(tame(&place)), tame(&note.text).replace('\n', "\n    ")));
        }
    }
    out
}

fn heading(fate: Fate) -> &'static str {
    match fate {
        Fate::Stricter => "stricter: denied or to review where the source may allow",
        Fate::Differs => "different: decided otherwise in the case that is told, and never allowed where the source does not",
        Fate::Unchecked => "unchecked: arguments that are checked less than the source says",
        Fate::Guessed => "guessed: to be looked at",
        Fate::LeftOut => "left out: without bearing on decisions",
    }
}

fn as_json(notes: &[Note], written: &[PathBuf]) -> serde_json::Value {
    let note = |note: &Note| json!({"fate": note.fate.name(), "source": note.source, "place": note.place, "text": note.text});
    json!({
        "files": written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "notes": notes.iter().map(note).collect::<Vec<_>>(),
    })
}
