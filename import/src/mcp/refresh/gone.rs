//! What went away, as annotations: `@gone` on a tool that its server has no more, `@gone("argument")` on one that lost arguments.

use std::collections::{HashMap, HashSet};

use tollgate_compiler::syntax::ast::Annotation;

use super::declared::{Declaration, Declared, Kind, range, read};
use super::edits::{Edit, edited};
use super::outline::{Line, Types, outline};
use crate::report::Unreadable;
use crate::toll::quoted;

/// What a tool has lost.
pub enum Gone {
    /// Its server has it no more.
    Whole,
    /// What the server says of it now.
    Parts(Vec<Line>),
}

/// A policy with annotations of what went away since it was as before. `lost` tells it of a tool.
pub fn annotated(name: &str, text: &str, before: &Declared, lost: impl Fn(&Declaration) -> Option<Gone>) -> Result<String, Unreadable> {
    let file = read(name, text)?;
    let after = Declared::of(&file);
    let (types, before_types) = (types(&after), types(before));
    let known: HashMap<&str, &Declaration> = before.declarations.iter().map(|declaration| (declaration.name.as_str(), declaration)).collect();
    let mut edits = Vec::new();
    for now in &after.declarations {
        let (Kind::Tool(tool), Some(was)) = (now.kind, known.get(now.name.as_str())) else { continue };
        let Kind::Tool(was) = was.kind else { continue };
        let noted: Vec<&Annotation> = now.item.annotations.iter().filter(|annotation| annotation.name.text == "gone").collect();
        let written = match lost(now) {
            None => continue,
            Some(Gone::Whole) => "@gone".to_owned(),
            Some(Gone::Parts(served)) => parts(&noted, &outline(was, &before_types), &outline(tool, &types), &served),
        };
        edits.extend(annotation(text, now, &noted, &written));
    }
    Ok(edited(text, edits))
}

fn types<'t>(declared: &Declared<'t>) -> Types<'t> {
    Types::of(declared.declarations.iter().map(|declaration| declaration.item))
}

/// The annotation of a tool that lost arguments: those that it had lost before, and are not back, among them.
fn parts(noted: &[&Annotation], was: &[Line], is: &[Line], served: &[Line]) -> String {
    let there: HashSet<&str> = is.iter().chain(served).filter(|line| line.is_argument).map(|line| line.path.as_str()).collect();
    let before = noted.iter().flat_map(|annotation| &annotation.args).map(|argument| argument.text.to_string());
    let served: HashSet<&str> = served.iter().map(|line| line.path.as_str()).collect();
    let mut all: Vec<String> = before.filter(|path| !served.contains(path.as_str())).collect();
    for path in went_away(was, is) {
        if !there.contains(path.as_str()) && !all.contains(&path) {
            all.push(path);
        }
    }
    match all.as_slice() {
        [] => String::new(),
        paths => format!("@gone({})", paths.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(", ")),
    }
}

fn annotation(text: &str, now: &Declaration, noted: &[&Annotation], written: &str) -> Vec<Edit> {
    let known: Vec<&str> = noted.iter().filter_map(|annotation| text.get(range(annotation.span))).collect();
    if known.concat() == written || (written == "@gone" && known.contains(&"@gone")) {
        return Vec::new();
    }
    let mut edits: Vec<Edit> = Vec::new();
    for annotation in noted {
        let end = annotation.span.end as usize;
        let space = text.get(end..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        edits.push((annotation.span.start as usize..end + space, String::new()));
    }
    if !written.is_empty() {
        edits.push((now.body.start..now.body.start, format!("{written}\n")));
    }
    edits
}

/// The arguments that went away, without the parts of those.
pub fn went_away(was: &[Line], is: &[Line]) -> Vec<String> {
    let there: HashMap<&str, &Line> = is.iter().filter(|line| line.is_argument).map(|line| (line.path.as_str(), line)).collect();
    let mut gone: Vec<String> = Vec::new();
    for line in was.iter().filter(|line| line.is_argument && !there.contains_key(line.path.as_str())) {
        let parent = line.path.rsplit_once('.').map(|(parent, _)| parent.trim_end_matches("[]").trim_end_matches(".*"));
        // A part of something that is no record any more may still be there: only its type went away.
        let is_of_record = parent.is_none_or(|parent| there.get(parent).is_some_and(|line| line.head.contains('{')));
        if is_of_record {
            gone.push(line.path.clone());
        }
    }
    gone
}
