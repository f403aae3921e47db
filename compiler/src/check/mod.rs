//! The checker: syntax trees of a policy set to its typed program.
//!
//! Every stage collects diagnostics and goes on. What is wrong has the error type, which goes with everything and says nothing more.
//! No stage recurses over definitions: they are put in the order of their dependencies first.

mod access;
mod budget;
mod call;
mod coerce;
mod constant;
mod definitions;
mod expr;
mod fold;
mod input;
mod literal;
mod names;
mod operators;
mod order;
mod presence;
mod rules;
mod scope;
pub mod symbols;
mod template;
pub mod tests;
mod tools;
mod types;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_evaluator::plan::Pattern;
use tollgate_stdlib::Function as Builtin;
use tollgate_stdlib::types::{RecordType, Type};

use crate::diagnostic::{Code, Diagnostic, Location, Severity};
use crate::program::{self, Program};
use crate::syntax::ast::{Item, ItemKind, Span};

use budget::Budget;
use constant::EarlyConstants;
use definitions::Signature;
use scope::{Args, Reads, Scope};
pub use symbols::SourceFile;
use symbols::{Place, Symbols, name_of};
use types::{DeclaredType, PendingRefinement};

/// What checking a policy set gives.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The program; parts that have errors are missing from it or hold error expressions.
    pub program: Program,
    /// What was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether there is an error, so that the program must not be lowered.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Checks a policy set; the standard library's sources are among the files. `broken`: names of items that could not be parsed, by package, whose
/// uses are no further errors.
pub fn check<'a>(files: &[SourceFile<'a>], broken: &HashSet<(String, String)>) -> Checked {
    let mut diagnostics = Vec::new();
    let symbols = Symbols::collect(files, &mut diagnostics);
    let mut checker = Checker::new(symbols, diagnostics, broken);
    let program = checker.program();
    let mut diagnostics = checker.diagnostics;
    diagnostics.extend(checker.budget.exceeded());
    diagnostics.sort_by(|a, b| (a.at, a.code, &a.message).cmp(&(b.at, b.code, &b.message)));
    diagnostics.dedup_by(|a, b| a.at == b.at && a.code == b.code && a.message == b.message);
    Checked { program, diagnostics }
}

/// Checks one expression in the scope of a package of an already checked set; used for `--expr`.
pub fn check_expression<'a>(
    files: &[SourceFile<'a>],
    file: SourceFile<'a>,
    broken: &'a HashSet<(String, String)>,
    expr: &'a crate::syntax::ast::Expr,
) -> (Checked, program::Expr, usize) {
    let mut diagnostics = Vec::new();
    let symbols = Symbols::collect(files, &mut diagnostics);
    let mut checker = Checker::new(symbols, diagnostics, broken);
    let program = checker.program();
    let imports = checker.symbols.packages.keys().map(|package| (package.rsplit('.').next().unwrap_or(package), *package)).collect();
    checker.symbols.imports.insert(file.id, imports);
    let place = Place { file: file.id, package: file.package, item: NOWHERE };
    let (expr, locals) = checker.in_scope(Scope::new(place, Reads::All), |checker| checker.infer(expr));
    (Checked { program, diagnostics: checker.diagnostics }, expr, locals)
}

/// The state of checking one set.
struct Checker<'a> {
    symbols: Symbols<'a>,
    broken: &'a HashSet<(String, String)>,
    diagnostics: Vec<Diagnostic>,
    types: Vec<DeclaredType>,
    refinements: Vec<PendingRefinement<'a>>,
    input: Arc<RecordType>,
    tool_field: Option<usize>,
    args_field: Option<usize>,
    session_field: Option<usize>,
    tools: Vec<program::Tool>,
    data: Vec<program::Data>,
    signatures: Vec<Signature>,
    /// Constants of `let`s that declarations name before definitions are checked.
    early: EarlyConstants,
    scores: Vec<Signature>,
    /// What the definitions checked so far read, by position.
    definition_reads: HashMap<usize, Reads>,
    tools_by_name: HashMap<Arc<str>, Vec<usize>>,
    /// The type of `args` by the entries of `on`.
    args_known: HashMap<Vec<&'a str>, Args>,
    /// The types of requests that name a tool, by its place.
    requests_known: HashMap<usize, Type>,
    /// Data by full name, and by the last part of it.
    data_named: HashMap<Arc<str>, Vec<usize>>,
    obligations: Vec<program::Obligation>,
    decision_type: Type,
    methods: HashMap<&'static str, Vec<&'static Builtin>>,
    /// The patterns that were found usable, and what they take when compiled.
    patterns: HashSet<Pattern>,
    pattern_bytes: usize,
    /// The variants of every declared enum.
    variants: HashSet<Arc<str>>,
    budget: Budget,
    /// Whether overloads are being tried, which they are one level deep.
    trying: bool,
    scope: Scope<'a>,
}

/// Stands where no item is being checked.
const NOWHERE: &Item = &Item {
    span: Span { start: 0, end: 0 },
    doc: String::new(),
    annotations: Vec::new(),
    kind: ItemKind::Package(crate::syntax::ast::Path { parts: Vec::new(), span: Span { start: 0, end: 0 } }),
};

impl<'a> Checker<'a> {
    fn new(symbols: Symbols<'a>, diagnostics: Vec<Diagnostic>, broken: &'a HashSet<(String, String)>) -> Checker<'a> {
        let mut methods: HashMap<&'static str, Vec<&'static Builtin>> = HashMap::new();
        for function in tollgate_stdlib::all() {
            methods.entry(function.name).or_default().push(function);
        }
        let nowhere = Place { file: Default::default(), package: symbols::STD, item: NOWHERE };
        Checker {
            symbols,
            broken,
            diagnostics,
            types: Vec::new(),
            refinements: Vec::new(),
            input: Arc::new(RecordType::new(None, Vec::new(), false)),
            tool_field: None,
            args_field: None,
            session_field: None,
            tools: Vec::new(),
            data: Vec::new(),
            signatures: Vec::new(),
            early: EarlyConstants::default(),
            scores: Vec::new(),
            definition_reads: HashMap::new(),
            tools_by_name: HashMap::new(),
            args_known: HashMap::new(),
            requests_known: HashMap::new(),
            data_named: HashMap::new(),
            obligations: Vec::new(),
            decision_type: Type::Error,
            methods,
            patterns: HashSet::new(),
            pattern_bytes: 0,
            variants: HashSet::new(),
            budget: Budget::default(),
            trying: false,
            scope: Scope::new(nowhere, Reads::Constants),
        }
    }

    fn program(&mut self) -> Program {
        self.resolve_declared_types();
        self.resolve_input();
        self.check_import_words();
        self.decision_type = self.make_decision_type();
        self.declare_data();
        let (definitions, scores) = self.check_definitions();
        self.declare_obligations();
        self.declare_tools();
        let rules = self.check_rules();
        let default = self.check_default();
        let tests = self.check_tests();
        let properties = self.check_properties();
        let refinements = self.check_refinements();
        Program {
            input: self.input.clone(),
            tool_field: self.tool_field,
            args_field: self.args_field,
            session_field: self.session_field,
            refinements,
            tools: self.tools.clone(),
            data: self.data.clone(),
            definitions,
            scores,
            obligations: self.obligations.clone(),
            rules,
            default,
            tests,
            properties,
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        let diagnostic = self.with_reason(diagnostic);
        self.diagnostics.push(diagnostic);
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let at = self.at(span);
        self.report(Diagnostic::error(code, at, message));
    }

    fn error_with_help(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        let at = self.at(span);
        self.report(Diagnostic::error(code, at, message).with_help(help));
    }

    /// A span of the file of the current scope.
    fn at(&self, span: Span) -> Location {
        self.scope.place.at(span)
    }

    fn report_cycle(&mut self, members: &[Place<'a>]) {
        let mut members: Vec<Place<'a>> = members.to_vec();
        members.sort_by_key(|place| (place.file, place.item.span));
        let Some((first, rest)) = members.split_first() else { return };
        let Some(name) = name_of(first.item) else { return };
        let chain: Vec<String> =
            members.iter().chain([first]).filter_map(|place| name_of(place.item)).take(12).map(|name| format!("`{}`", name.text)).collect();
        let mut diagnostic =
            Diagnostic::error(Code::Cycle, first.at(name.span), format!("`{}` depends on itself: {}", name.text, chain.join(" -> ")));
        for place in rest.iter().take(8) {
            if let Some(name) = name_of(place.item) {
                diagnostic = diagnostic.with_secondary(place.at(name.span), "part of the cycle");
            }
        }
        self.report(diagnostic);
    }
}
