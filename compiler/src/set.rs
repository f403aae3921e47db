//! A policy set: its sources, parsed and checked.

use std::collections::HashSet;

use crate::check::{self, Checked, SourceFile};
use crate::compiled::Compiled;
use crate::diagnostic::{Code, Diagnostic, FileId, Location, Severity};
use crate::lower::{self, LowerOptions, Lowered};
use crate::program::{self, Program};
use crate::sources::Sources;
use crate::syntax::{self, SyntaxLimits};

/// A parsed and checked policy set.
#[derive(Clone, Debug)]
pub struct PolicySet {
    sources: Sources,
    files: Vec<ParsedFile>,
    checked: Checked,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, Debug)]
struct ParsedFile {
    id: FileId,
    package: String,
    file: syntax::File,
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
        let mut diagnostics = Vec::new();
        let files = parse_all(&sources, &mut diagnostics);
        let broken = broken_names(&files);
        let checked = check::check(&source_files(&files), &broken);
        diagnostics.extend(checked.diagnostics.iter().cloned());
        diagnostics.sort_by_key(|found| (found.at, found.code));
        PolicySet { sources, files, checked, diagnostics }
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

    /// A parsed file.
    pub fn file(&self, file: FileId) -> Option<&syntax::File> {
        self.files.iter().find(|parsed| parsed.id == file).map(|parsed| &parsed.file)
    }

    /// Lowers the set to its plan; with errors in it, gives them.
    ///
    /// # Errors
    /// The set's errors, or those of lowering: a set beyond the evaluator's bounds.
    pub fn lower(&self, options: &LowerOptions<'_>) -> Result<Lowered, Vec<Diagnostic>> {
        if self.has_errors() {
            return Err(self.diagnostics.clone());
        }
        lower::lower(&self.checked.program, options)
    }

    /// Compiles the set.
    ///
    /// # Errors
    /// As [`PolicySet::lower`].
    pub fn compile(&self) -> Result<Compiled, Vec<Diagnostic>> {
        self.lower(&LowerOptions::default()).map(|lowered| Compiled { plan: lowered.plan })
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
        let files = source_files(&self.files);
        let broken = HashSet::new();
        let (checked, expr, locals) = check::check_expression(&files, SourceFile { id, package, items: &[] }, &broken, &expr);
        let own: Vec<Diagnostic> = checked.diagnostics.into_iter().filter(|diagnostic| diagnostic.at.file == id).collect();
        if own.is_empty() { Ok(Question { program: checked.program, expr, locals }) } else { Err((sources, own)) }
    }
}

fn with_standard_library(mut sources: Sources) -> Sources {
    for (path, text) in tollgate_stdlib::SOURCES {
        sources.add(format!("std/{path}"), *text);
    }
    sources
}

fn parse_all(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Vec<ParsedFile> {
    let limits = SyntaxLimits::default();
    let own = sources.files().len() - tollgate_stdlib::SOURCES.len();
    let mut files = Vec::new();
    for (index, source) in sources.files().iter().enumerate() {
        let id = FileId(u32::try_from(index).unwrap_or(u32::MAX));
        let (file, found) = syntax::parse(&source.text, id, &limits);
        diagnostics.extend(found);
        let package = file.package.as_ref().map(check::symbols::path_text).unwrap_or_default();
        if index < own && package == check::symbols::STD {
            let span = file.package.as_ref().map(|path| path.span).unwrap_or_default();
            let message = "`std` is the standard library's package";
            diagnostics.push(Diagnostic::error(Code::HiddenName, Location { file: id, span }, message).with_help("give the package another name"));
            continue;
        }
        files.push(ParsedFile { id, package, file });
    }
    files
}

fn source_files(files: &[ParsedFile]) -> Vec<SourceFile<'_>> {
    files.iter().map(|parsed| SourceFile { id: parsed.id, package: &parsed.package, items: &parsed.file.items }).collect()
}

fn broken_names(files: &[ParsedFile]) -> HashSet<(String, String)> {
    let names = |parsed: &ParsedFile| {
        let package = parsed.package.clone();
        parsed.file.broken.iter().filter_map(|item| item.name.as_ref()).map(move |name| (package.clone(), name.text.to_string())).collect::<Vec<_>>()
    };
    files.iter().flat_map(names).collect()
}
