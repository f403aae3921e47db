//! What is said of the files of the sets, and what of that the editor does not know yet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tollgate_compiler::diagnostic::{Diagnostic, FileId, Location};
use tollgate_compiler::syntax::ast::Span;
use tollgate_compiler::{PolicySet, Sources};
use tower_lsp::ls_types::{self as lsp, DiagnosticSeverity, Uri};

use crate::bound;
use crate::convert::diagnostic as convert;
use crate::inputs::Inputs;
use crate::tried::{self, Tried};
use crate::view::{View, uri_of};
use crate::world::{Home, Studied};

/// What is said of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileFindings {
    /// The version of the text that it is said of, where it is an open document.
    pub version: Option<i32>,
    /// The findings.
    pub diagnostics: Vec<lsp::Diagnostic>,
}

/// The most findings that are told of a file: whoever has more mends some first.
const MOST: usize = 500;

/// What is said of each file of some sets: of open documents, and of those of which there is something to say.
pub fn of(homes: &[Home], inputs: &Inputs) -> BTreeMap<Uri, FileFindings> {
    of_files(homes, inputs, |_| true)
}

/// What is said of the open documents of some sets, for which little of the rest is looked at.
pub fn of_open(homes: &[Home], inputs: &Inputs) -> BTreeMap<Uri, FileFindings> {
    let mut files = of_files(homes, inputs, |path| inputs.documents.get(path).is_some());
    files.retain(|_, file| file.version.is_some());
    files
}

/// What is said of the files of which `is_wanted` says so by their paths.
fn of_files(homes: &[Home], inputs: &Inputs, is_wanted: impl Fn(&Path) -> bool) -> BTreeMap<Uri, FileFindings> {
    let mut files = BTreeMap::new();
    for (_, document) in inputs.documents.iter() {
        files.insert(document.uri.clone(), FileFindings { version: Some(document.version), diagnostics: Vec::new() });
    }
    for home in homes {
        add_surroundings(home, inputs, &mut files);
        add_set(home, inputs, &is_wanted, &mut files);
    }
    files
}

/// Adds what is wrong around a set.
fn add_surroundings(home: &Home, inputs: &Inputs, files: &mut BTreeMap<Uri, FileFindings>) {
    let mut tell = |path: &Path, found: lsp::Diagnostic| {
        uri_of(inputs, path).into_iter().for_each(|uri| files.entry(uri).or_default().diagnostics.push(found.clone()));
    };
    // Of an open document, the text that counts is the editor's.
    if let Some(error) = home.unread.as_ref().filter(|error| inputs.documents.get(&error.path).is_none()) {
        tell(&error.path, of_whole_file(DiagnosticSeverity::ERROR, error.to_string()));
    }
    if let Some(path) = &home.project.left_out {
        tell(path, left_out());
    }
    let unfit = home.studied.iter().flat_map(|studied| &studied.unfit);
    for problem in home.project.unreadable.iter().chain(&home.project.problems).chain(unfit) {
        let range = problem.at.as_ref().map(|at| at.range(inputs.client.encoding)).unwrap_or_default();
        tell(&problem.file, lsp::Diagnostic { range, ..of_whole_file(DiagnosticSeverity::ERROR, problem.message.clone()) });
    }
}

/// Adds what is found in a set's own files.
fn add_set(home: &Home, inputs: &Inputs, is_wanted: impl Fn(&Path) -> bool, files: &mut BTreeMap<Uri, FileFindings>) {
    let own = home.set.sources().files().iter().take(home.set.own_files());
    let wanted: Vec<bool> = own.map(|source| is_wanted(Path::new(&source.path))).collect();
    let view = View::of_set(home.clone(), inputs.clone());
    for found in found_in(home, |file| wanted.get(file.0 as usize).copied().unwrap_or_default()) {
        let Some(uri) = view.uri(found.at.file) else { continue };
        let file = files.entry(uri).or_default();
        if file.diagnostics.len() < MOST {
            file.diagnostics.push(convert::diagnostic(&view, &found));
        }
    }
}

fn left_out() -> lsp::Diagnostic {
    let message = "none of the `roots` in `tollgate.toml` has this file: it is looked at alone";
    of_whole_file(DiagnosticSeverity::INFORMATION, message.to_owned())
}

fn of_whole_file(severity: DiagnosticSeverity, message: String) -> lsp::Diagnostic {
    lsp::Diagnostic { message, severity: Some(severity), source: Some(convert::SOURCE.to_owned()), ..lsp::Diagnostic::default() }
}

/// What checking says of a file, and what was found out about it before, where that still stands.
pub fn all(home: &Home, file: FileId) -> Vec<Diagnostic> {
    found_in(home, |other| other == file)
}

/// The same of the files of which `is_wanted` says so.
fn found_in(home: &Home, is_wanted: impl Fn(FileId) -> bool) -> Vec<Diagnostic> {
    let is_wanted = |found: &&Diagnostic| is_wanted(found.at.file);
    let mut found: Vec<Diagnostic> = home.set.diagnostics().iter().filter(is_wanted).cloned().collect();
    if let Some(studied) = &home.studied {
        let before = studied.findings.iter().filter(is_wanted);
        found.extend(before.filter_map(|found| moved(found, &studied.sources, home.set.sources())));
    }
    found.sort_by_key(|found| (found.at, found.code));
    found
}

/// What lints, the plan and the index say of a set, with the set that has the plan now. `None` where nobody wants to know any more.
pub fn study(home: &Home, is_over: &dyn Fn() -> bool) -> Option<(Studied, PolicySet)> {
    let levels = &home.project.levels;
    let mut findings = home.set.lints_unless(levels, is_over)?;
    if is_over() {
        return None;
    }
    let mut planned = PolicySet::clone(&home.set);
    findings.extend(levels.judged(planned.plan_diagnostics()));
    let filed = planned.index_report().ok().map(Arc::new);
    if home.set.has_errors() {
        // Lints look at sound sets alone; what they said before is not forgotten while something is typed.
        let still = |studied: &Arc<Studied>| {
            studied.findings.iter().filter_map(|found| moved(found, &studied.sources, home.set.sources())).collect::<Vec<_>>()
        };
        let before = home.studied.iter().flat_map(still);
        findings.extend(before);
    }
    let data = home.project.data.as_deref();
    let known = || home.studied.as_ref().map(|studied| studied.unfit.clone()).unwrap_or_default();
    let unfit = bound::unfit(&mut planned, data).unwrap_or_else(known);
    // No command runs tests with data that do not fit.
    let tried = if unfit.is_empty() { tried::run(&home.set, data, is_over) } else { Tried::default() };
    let sources = home.set.sources().clone();
    Some((Studied { version: home.version, sources, findings, filed, tried, unfit }, planned))
}

/// A finding of a set in the set that it has become; `None` where the text around it is another.
fn moved(found: &Diagnostic, from: &Sources, to: &Sources) -> Option<Diagnostic> {
    let mut found = found.clone();
    let fixes = found.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.at);
    for at in found.labels.iter_mut().map(|label| &mut label.at).chain(fixes).chain([&mut found.at]) {
        *at = moved_place(*at, from, to)?;
    }
    Some(found)
}

/// Where a place of a set is in the set that it has become; `None` where the text around it is another.
pub fn moved_place(at: Location, from: &Sources, to: &Sources) -> Option<Location> {
    let (before, now) = (from.get(at.file)?, to.get(at.file)?);
    if before.path != now.path {
        return None;
    }
    if Arc::ptr_eq(&before.text, &now.text) || before.text == now.text {
        return Some(at);
    }
    let (before, now) = (before.text.as_bytes(), now.text.as_bytes());
    let same_start = before.iter().zip(now).take_while(|(a, b)| a == b).count();
    if (at.span.end as usize) <= same_start {
        return Some(at);
    }
    let same_end = before.iter().rev().zip(now.iter().rev()).take_while(|(a, b)| a == b).count();
    let from_end = |offset: u32| before.len().checked_sub(offset as usize);
    if from_end(at.span.start)? > same_end {
        return None;
    }
    let place = |offset: u32| u32::try_from(now.len().checked_sub(from_end(offset)?)?).ok();
    Some(Location { file: at.file, span: Span { start: place(at.span.start)?, end: place(at.span.end)? } })
}

/// The findings of one file of a set.
pub fn of_file(view: &View) -> Vec<lsp::Diagnostic> {
    let about = view.home.project.left_out.iter().map(|_| left_out());
    about.chain(all(&view.home, view.file).iter().take(MOST).map(|found| convert::diagnostic(view, found))).collect()
}
