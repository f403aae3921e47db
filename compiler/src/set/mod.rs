//! A policy set: its sources, parsed and checked.

mod inspect;
mod needed;
mod pieces;
mod references;
mod reuse;

use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;
use tollgate_evaluator::plan::Plan;

use crate::check::symbols::SourceItem;
use crate::check::{self, Checked, SourceFile};
use crate::compiled::Compiled;
use crate::diagnostic::{Code, Diagnostic, FileId, Location, Severity};
use crate::lint::{self, Levels};
use crate::lower::{self, IndexReport, LowerOptions, Lowered, Planned};
use crate::program::{self, Program};
use crate::sources::{Source, Sources};
use crate::syntax::ast::ItemKind;
use crate::syntax::{self, SyntaxLimits};

pub use inspect::{Inspection, ItemAt, Probe};
use pieces::{Change, ParsedFile, Pieces};
pub use references::Reference;
use reuse::Known;

/// A parsed and checked policy set.
#[derive(Clone, Debug)]
pub struct PolicySet {
    sources: Sources,
    files: Vec<ParsedFile>,
    pieces: Pieces,
    checked: Checked,
    diagnostics: Vec<Diagnostic>,
    /// The plan of [`PolicySet::plan`], of the set as it was when that was last asked for; copies of the set share it.
    planned: Option<Arc<Planned>>,
}

/// An item that gives conditions their meaning.
#[derive(Clone, Debug)]
pub struct Definition<'s> {
    /// Its package.
    pub package: SmolStr,
    /// Its name, without the package: of a tool as it is declared, of an import what it is called here.
    pub name: SmolStr,
    /// What it is.
    pub kind: DefinitionKind,
    /// Its text.
    pub text: &'s str,
}

/// What an item that gives conditions their meaning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionKind {
    /// A `let`, `fn`, score, data or import.
    Value,
    /// A tool.
    Tool,
    /// A type, an enum, or `input`.
    Type,
}

/// A typed expression of [`PolicySet::check_expression`].
#[derive(Clone, Debug)]
pub struct Question {
    /// The set it belongs to.
    pub program: Program,
    /// The expression.
    pub expr: program::Expr,
    /// How many locals it uses.
    pub locals: usize,
}

impl PolicySet {
    /// Parses and checks a set. It never fails: what is wrong is among the diagnostics.
    pub fn check(sources: Sources) -> PolicySet {
        let sources = with_standard_library(sources);
        let mut pieces = Pieces::default();
        let ids = (0..).map(FileId);
        let files: Vec<ParsedFile> = ids.zip(sources.files()).map(|(id, source)| ParsedFile::parse(id, &source.text, None, &mut pieces)).collect();
        let checked = check_all(&sources, &files);
        PolicySet { sources, files, pieces, checked, diagnostics: Vec::new(), planned: None }.with_diagnostics()
    }

    /// The set with another text of one of its files, as checking all of it anew would give it, in a time that goes by how much has changed.
    /// Files of the standard library and unknown ones do not change.
    pub fn edit(self, file: FileId, text: impl Into<Arc<str>>) -> PolicySet {
        self.change(vec![(file, text.into())])
    }

    /// The set of these sources, as [`PolicySet::check`] gives it; where they are files of the same paths as before, in the time of edits.
    pub fn update(self, sources: Sources) -> PolicySet {
        let own = self.sources.files().get(..self.own_files()).unwrap_or_default();
        if !own.iter().map(|source| &source.path).eq(sources.files().iter().map(|source| &source.path)) {
            return PolicySet::check(sources);
        }
        let differs = |(old, new): &(&Source, &Source)| old.text != new.text;
        let changed = (0..).map(FileId).zip(own.iter().zip(sources.files())).filter(|(_, texts)| differs(texts));
        let changes = changed.map(|(file, (_, new))| (file, Arc::clone(&new.text))).collect();
        self.change(changes)
    }

    fn change(mut self, changes: Vec<(FileId, Arc<str>)>) -> PolicySet {
        let own = self.own_files();
        let mut change: Option<Change> = None;
        for (id, text) in changes {
            let Some(file) = self.files.iter_mut().take(own).find(|file| file.id == id) else { continue };
            let known = Known { text: self.sources.text(id), pieces: &file.pieces };
            let after = ParsedFile::parse(id, &text, Some(known), &mut self.pieces);
            let of_file = file.compare(&after);
            change = Some(change.map_or(of_file, |change| change.and(of_file)));
            *file = after;
            self.sources.set_text(id, text);
        }
        self.checked = match change {
            None => return self,
            Some(Change::Declarations) => {
                self.planned = None;
                check_all(&self.sources, &self.files)
            }
            Some(Change::Definitions) => {
                self.planned = None;
                let (files, broken) = (source_files(&self.sources, &self.files), broken_names(&self.files));
                check::check_definitions_again(self.checked, &files, &broken).unwrap_or_else(|| check::check(&files, &broken))
            }
            Some(Change::Rules { renamed }) => {
                let (files, broken) = (source_files(&self.sources, &self.files), broken_names(&self.files));
                check::check_again(self.checked, &files, &broken, renamed).unwrap_or_else(|| {
                    self.planned = None;
                    check::check(&files, &broken)
                })
            }
        };
        self.with_diagnostics()
    }

    /// Whether the set was made from that one by changes of rules, tests and properties alone, so that what has not changed is shared.
    pub(crate) fn differs_in_rules_alone(&self, before: &PolicySet) -> bool {
        let same_files = self.sources.files().iter().map(|source| &source.path).eq(before.sources.files().iter().map(|source| &source.path));
        let in_rules = |(before, now): (&ParsedFile, &ParsedFile)| matches!(before.compare(now), Change::Rules { .. });
        same_files && before.files.iter().zip(&self.files).all(in_rules) && Arc::ptr_eq(&self.program().input, &before.program().input)
    }

    /// How many files are not of the standard library; they come first.
    pub fn own_files(&self) -> usize {
        self.sources.files().len().saturating_sub(tollgate_stdlib::SOURCES.len())
    }

    /// Collects what was found, in the order of files and places.
    fn with_diagnostics(mut self) -> PolicySet {
        let own = self.own_files();
        let mut checked: Vec<Diagnostic> = self.checked.diagnostics.iter().map(|found| self.locate(found)).collect();
        checked.sort_by(|a, b| (a.at, a.code, &a.message).cmp(&(b.at, b.code, &b.message)));
        checked.dedup_by(|a, b| a.at == b.at && a.code == b.code && a.message == b.message);
        let parsed = self.files.iter().enumerate().flat_map(|(place, file)| file.diagnostics(place >= own));
        let mut all: Vec<Diagnostic> = parsed.map(|found| self.locate(&found)).collect();
        all.sort_by_key(|found| found.at);
        all.extend(checked);
        all.sort_by_key(|found| (found.at, found.code));
        self.diagnostics = all.into_iter().map(|found| self.told_of_comment(found)).collect();
        self
    }

    /// What is wrong before a comment that is a division elsewhere is so for want of what stands in the comment.
    fn told_of_comment(&self, found: Diagnostic) -> Diagnostic {
        let after = self.sources.text(found.at.file).get(found.at.span.end as usize..).unwrap_or_default();
        match lint::is_division(after.trim_start_matches([' ', '\t'])) {
            true => found.with_help(lint::ABOUT_SLASHES),
            false => found,
        }
    }

    /// The sources, those of the standard library last.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What was found, in the order of files and places.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether the set does not compile.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The typed program; meaningful where there are no errors.
    pub fn program(&self) -> &Program {
        &self.checked.program
    }

    /// Where something stands that the program has a place of.
    pub fn place(&self, at: Location) -> Location {
        let unknown = FileId(u32::try_from(self.sources.files().len()).unwrap_or(u32::MAX));
        self.pieces.place(at).unwrap_or(Location { file: unknown, span: at.span })
    }

    /// A diagnostic of the program as one of the files.
    pub fn locate(&self, found: &Diagnostic) -> Diagnostic {
        let mut found = found.clone();
        let edits = found.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.at);
        for at in found.labels.iter_mut().map(|label| &mut label.at).chain(edits).chain([&mut found.at]) {
            *at = self.place(*at);
        }
        found
    }

    /// Lowers the set to its plan; with errors in it, gives them.
    ///
    /// # Errors
    /// The set's errors, or those of lowering: a set beyond the evaluator's bounds.
    pub fn lower(&self, options: &LowerOptions<'_>) -> Result<Lowered, Vec<Diagnostic>> {
        let program = self.sound_program()?;
        let mut lowered = lower::lower(program, options).map_err(|found| self.locate_all(&found))?;
        lowered.warnings = self.locate_all(&lowered.warnings);
        if let Some(testing) = &mut lowered.testing {
            testing.tests.each_place(&mut |at| *at = self.place(*at));
            testing.outline.each_place(&mut |at| *at = self.place(*at));
        }
        Ok(lowered)
    }

    /// The program, where it has no errors.
    fn sound_program(&self) -> Result<&Program, Vec<Diagnostic>> {
        if self.has_errors() { Err(self.diagnostics.clone()) } else { Ok(&self.checked.program) }
    }

    fn locate_all(&self, found: &[Diagnostic]) -> Vec<Diagnostic> {
        found.iter().map(|found| self.locate(found)).collect()
    }

    /// Compiles the set.
    ///
    /// # Errors
    /// As [`PolicySet::lower`].
    pub fn compile(&self) -> Result<Compiled, Vec<Diagnostic>> {
        let program = self.sound_program()?;
        lower::plan(program).map(|plan| Compiled { plan }).map_err(|found| self.locate_all(&found))
    }

    /// A plan that decides as that of [`PolicySet::compile`] does, though it may number things otherwise. After edits of rules, tests and properties
    /// alone it takes the time of what has changed, and of filing all rules.
    ///
    /// # Errors
    /// As [`PolicySet::compile`].
    pub fn plan(&mut self) -> Result<&Plan, Vec<Diagnostic>> {
        Ok(&self.planned()?.plan)
    }

    /// What each rule is filed under in [`PolicySet::plan`].
    ///
    /// # Errors
    /// As [`PolicySet::compile`].
    pub fn index_report(&mut self) -> Result<IndexReport, Vec<Diagnostic>> {
        self.planned()?;
        let report = self.planned.as_ref().map(|planned| planned.report(&self.checked.program));
        Ok(report.unwrap_or_default())
    }

    /// What [`PolicySet::plan`] tells beyond [`PolicySet::diagnostics`]: that the set is beyond the evaluator's bounds, or warnings of what decisions
    /// cost. Nothing of a set with errors.
    pub fn plan_diagnostics(&mut self) -> Vec<Diagnostic> {
        if self.has_errors() {
            return Vec::new();
        }
        if let Err(found) = self.planned() {
            return found;
        }
        let warnings = self.planned.iter().filter_map(|planned| lower::unfiled(&self.checked.program, &planned.plan));
        warnings.map(|found| self.locate(&found)).collect()
    }

    /// What lints find in the set, at those levels, in the order of files and places. Nothing of a set with errors. It looks at the whole set.
    pub fn lints(&self, levels: &Levels) -> Vec<Diagnostic> {
        self.lints_unless(levels, &|| false).unwrap_or_default()
    }

    /// What [`PolicySet::lints`] finds; `None` where `is_over` says meanwhile that nobody wants to know any more.
    pub fn lints_unless(&self, levels: &Levels, is_over: &dyn Fn() -> bool) -> Option<Vec<Diagnostic>> {
        if self.has_errors() {
            return Some(Vec::new());
        }
        let text = |at: Location| {
            let at = self.place(at);
            at.span.of(self.sources.text(at.file))
        };
        let view = lint::View::new(source_files(&self.sources, &self.files), &self.checked.program, &text);
        let mut found = self.locate_all(&lint::run(&view, is_over)?);
        let allowed: Vec<(Location, Code)> = lint::allowed(&view).map(|(at, lint)| (self.place(at), lint)).collect();
        let is_within = |at: Location, item: Location| at.file == item.file && item.span.start <= at.span.start && at.span.end <= item.span.end;
        let is_allowed = |found: &Diagnostic| allowed.iter().any(|(item, lint)| *lint == found.code && is_within(found.at, *item));
        for (id, file) in (0..).map(FileId).zip(self.sources.files()).take(self.own_files()) {
            found.extend(lint::of_text(id, &file.text).into_iter().filter(|found| !is_allowed(found)));
        }
        found.sort_by(|a, b| (a.at, a.code, &a.message).cmp(&(b.at, b.code, &b.message)));
        found.dedup_by(|a, b| a.at == b.at && a.code == b.code && a.message == b.message);
        Some(levels.judged(found))
    }

    /// The arguments of tools that the set reads, in the order of its files and places; of a set with errors too.
    pub fn readings(&self) -> Vec<lint::Reading> {
        let view = lint::View::new(source_files(&self.sources, &self.files), &self.checked.program, &|_| "");
        let mut readings = lint::readings(view.items());
        readings.iter_mut().for_each(|reading| reading.at = self.place(reading.at));
        readings
    }

    /// The items that give conditions their meaning: imports, types, enums, `input`, tools, `let`s, `fn`s, scores and data.
    pub fn definitions(&self) -> Vec<Definition<'_>> {
        let files = source_files(&self.sources, &self.files);
        let of_file = |file: &SourceFile<'_>| -> Vec<Definition<'_>> {
            let package: SmolStr = file.package.into();
            let of_item = |item: &SourceItem<'_>| {
                let name = match &item.item.kind {
                    ItemKind::Import { path, alias } => alias.as_ref().or(path.parts.last())?.text.clone(),
                    ItemKind::Tool(tool) => tool.name.text.clone(),
                    ItemKind::Input { .. } => "input".into(),
                    ItemKind::Rule(_) | ItemKind::Obligation { .. } => return None,
                    _ => check::symbols::name_of(item.item)?.text.clone(),
                };
                let kind = match &item.item.kind {
                    ItemKind::Tool(_) => DefinitionKind::Tool,
                    ItemKind::Type { .. } | ItemKind::Enum { .. } | ItemKind::Input { .. } => DefinitionKind::Type,
                    _ => DefinitionKind::Value,
                };
                let at = self.place(Location { file: item.piece, span: item.item.span });
                Some(Definition { package: package.clone(), name, kind, text: at.span.of(self.sources.text(at.file)) })
            };
            file.items.iter().filter_map(of_item).collect()
        };
        files.iter().flat_map(of_file).collect()
    }

    /// The plan, brought up to what the set is now.
    fn planned(&mut self) -> Result<&Planned, Vec<Diagnostic>> {
        self.sound_program()?;
        let updated = self.planned.take().and_then(|planned| Arc::unwrap_or_clone(planned).update(&self.checked.program));
        let planned = match updated {
            Some(planned) => Ok(planned),
            None => Planned::new(&self.checked.program).map_err(|found| self.locate_all(&found)),
        };
        let planned: &Planned = self.planned.insert(Arc::new(planned?));
        Ok(planned)
    }

    /// Types an expression in the scope of a package, as if it stood in a file of it that imports every package by its last word.
    ///
    /// # Errors
    /// The diagnostics of the expression; their file is the last of the [`Sources`] that come with them.
    pub fn check_expression(&self, text: &str, package: Option<&str>) -> Result<Question, (Sources, Vec<Diagnostic>)> {
        let mut sources = self.sources.clone();
        let id = sources.add("expression", text);
        let (expr, diagnostics) = syntax::parse_expr(text, id, &SyntaxLimits::default());
        if !diagnostics.is_empty() {
            return Err((sources, diagnostics));
        }
        let package = package.unwrap_or_else(|| self.files.first().map_or(check::symbols::STD, |parsed| &parsed.package));
        let files = source_files(&self.sources, &self.files);
        let broken = HashSet::new();
        let piece = self.pieces.next();
        let (program, expr, locals, found) = check::check_expression(&files, SourceFile { id: piece, package, items: Vec::new() }, &broken, &expr);
        let own: Vec<Diagnostic> = found.iter().filter(|found| found.at.file == piece).map(|found| self.locate(found)).collect();
        if own.is_empty() { Ok(Question { program, expr, locals }) } else { Err((sources, own)) }
    }
}

fn with_standard_library(mut sources: Sources) -> Sources {
    for (path, text) in tollgate_stdlib::SOURCES {
        sources.add(format!("std/{path}"), *text);
    }
    sources
}

fn check_all(sources: &Sources, files: &[ParsedFile]) -> Checked {
    check::check(&source_files(sources, files), &broken_names(files))
}

/// The files that are checked: those of others than the standard library may not be in its package.
fn source_files<'f>(sources: &Sources, files: &'f [ParsedFile]) -> Vec<SourceFile<'f>> {
    let own = sources.files().len() - tollgate_stdlib::SOURCES.len();
    let (own, standard) = files.split_at_checked(own).unwrap_or_default();
    own.iter().filter(|file| !file.is_standard()).chain(standard).map(ParsedFile::source).collect()
}

fn broken_names(files: &[ParsedFile]) -> HashSet<(String, String)> {
    files.iter().flat_map(ParsedFile::broken_names).collect()
}
