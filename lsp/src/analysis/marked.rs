//! Policy sets for tests, written as one text with the cursor in it.

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::{PolicySet, Sources};

use super::{Cursor, TextEdit};

/// A set with a cursor.
pub struct Marked {
    /// The set.
    pub set: PolicySet,
    /// Where `$0` stood.
    pub at: Cursor,
}

/// The set of a text in which `$0` marks the cursor. `//- name.toll` alone on a line begins another file; what stands before the first such line is `main.toll`.
pub fn marked(text: &str) -> Marked {
    let mut sources = Sources::new();
    let mut at = None;
    let mut files: Vec<(String, String)> = vec![("main.toll".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(name) => files.push((name.trim().to_owned(), String::new())),
            None => files.last_mut().expect("a file").1.push_str(line),
        }
    }
    files.retain(|(_, text)| !text.trim().is_empty());
    for (place, (name, text)) in files.iter().enumerate() {
        if let Some(offset) = text.find("$0") {
            at = Some(Cursor { file: FileId(place as u32), offset: offset as u32 });
        }
        sources.add(name.clone(), text.replacen("$0", "", 1));
    }
    Marked { set: PolicySet::check(sources), at: at.expect("`$0` marks the cursor") }
}

/// A place as tests show it: `file:line:column `text``.
pub fn shown(set: &PolicySet, at: Location) -> String {
    let source = set.sources().get(at.file).expect("a file");
    let before = source.text.get(..at.span.start as usize).expect("a place");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    format!("{}:{line}:{column} `{}`", source.path, at.span.of(&source.text))
}

/// The text of a file after edits.
pub fn edited(set: &PolicySet, file: FileId, edits: &[TextEdit]) -> String {
    let mut edits: Vec<&TextEdit> = edits.iter().filter(|edit| edit.at.file == file).collect();
    edits.sort_by_key(|edit| edit.at.span);
    let mut text = set.sources().text(file).to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.at.span.start as usize..edit.at.span.end as usize, &edit.text);
    }
    text
}
