//! The checker: syntax trees of a policy set to its typed program.
//!
//! Every stage collects diagnostics and goes on. What is wrong has the error type, which goes with everything and says nothing more.
//! No stage recurses over definitions: they are put in the order of their dependencies first.

mod access;
mod again;
mod budget;
mod call;
mod coerce;
mod constant;
mod definitions;
mod expr;
pub(crate) mod fold;
mod foreign;
pub(crate) mod glob;
mod habits;
mod input;
mod inspect;
pub(crate) mod literal;
mod memory;
mod methods;
mod names;
pub mod notes;
mod operators;
mod order;
pub(crate) mod presence;
pub(crate) mod rules;
mod scope;
pub mod symbols;
mod template;
pub mod tests;
pub(crate) mod tools;
mod types;

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{self, Program};
use crate::syntax::ast::{Item, ItemKind, Span};

pub use again::{check_again, check_definitions_again};
use constant::EarlyConstants;
pub use inspect::{declared, inspect};
use memory::{Known, Memory, Outcome, Outcomes};
pub use methods::methods_of;
use notes::Notes;
use scope::{Reads, Scope};
use symbols::{Place, Symbols, ValueRef, name_of};
pub use symbols::{SourceFile, SourceItem};
use types::PendingRefinement;

/// Rules, tests and properties, in the order of the program.
type RulesAndTests = (Vec<Arc<program::Rule>>, Vec<Arc<program::Test>>, Vec<Arc<program::Property>>);

/// What checking a policy set gives.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The program; parts that have errors are missing from it or hold error expressions.
    pub program: Program,
    /// What was found.
    pub diagnostics: Vec<Diagnostic>,
    /// What is known for checking the set again.
    memory: Memory,
}

/// Checks a policy set; the standard library's sources are among the files. `broken`: names of items that could not be parsed, by package, whose
/// uses are no further errors.
pub fn check<'a>(files: &[SourceFile<'a>], broken: &HashSet<(String, String)>) -> Checked {
    let mut diagnostics = Vec::new();
    let symbols = Symbols::collect(files, &mut diagnostics);
    let mut checker = Checker::new(symbols, broken);
    let mut memory = Memory::default();
    let program = checker.program(&mut memory);
    diagnostics.extend(checker.known.budget.exceeded());
    checker.finish(program, memory, diagnostics)
}

/// Checks one expression in the scope of a package of an already checked set; used for `--expr`.
pub fn check_expression<'a>(
    files: &[SourceFile<'a>],
    file: SourceFile<'a>,
    broken: &'a HashSet<(String, String)>,
    expr: &'a crate::syntax::ast::Expr,
) -> (Program, program::Expr, usize, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let symbols = Symbols::collect(files, &mut diagnostics);
    let mut checker = Checker::new(symbols, broken);
    let mut memory = Memory::default();
    let program = checker.program(&mut memory);
    let imports = checker.symbols.packages.keys().map(|package| (package.rsplit('.').next().unwrap_or(package), *package)).collect();
    checker.symbols.imports.insert(file.id, imports);
    let place = Place { file: file.id, order: 0, piece: file.id, package: file.package, item: NOWHERE };
    let (expr, locals) = checker.in_scope(Scope::new(place, Reads::All), |checker| checker.infer(expr));
    (program, expr, locals, checker.diagnostics)
}

/// The state of checking one set.
struct Checker<'a> {
    symbols: Symbols<'a>,
    broken: &'a HashSet<(String, String)>,
    diagnostics: Vec<Diagnostic>,
    refinements: Vec<PendingRefinement<'a>>,
    /// Constants of `let`s that declarations name before definitions are checked.
    early: EarlyConstants,
    /// Whether overloads are being tried, which they are one level deep.
    trying: bool,
    scope: Scope<'a>,
    known: Known,
    /// Whether something was taken for a name that could not be read.
    leans: Cell<bool>,
    /// The definitions and scores that were named since this was last looked at.
    leans_on: Vec<ValueRef>,
    /// What is noted of items, where somebody wants it.
    notes: Option<Box<Notes>>,
}

/// Stands where no item is being checked.
const NOWHERE: &Item = &Item {
    span: Span { start: 0, end: 0 },
    doc: String::new(),
    annotations: Vec::new(),
    kind: ItemKind::Package(crate::syntax::ast::Path { parts: Vec::new(), span: Span { start: 0, end: 0 } }),
};

impl<'a> Checker<'a> {
    fn new(symbols: Symbols<'a>, broken: &'a HashSet<(String, String)>) -> Checker<'a> {
        let nowhere = Place { file: Default::default(), order: 0, piece: Default::default(), package: symbols::STD, item: NOWHERE };
        Checker {
            symbols,
            broken,
            diagnostics: Vec::new(),
            refinements: Vec::new(),
            early: EarlyConstants::default(),
            trying: false,
            scope: Scope::new(nowhere, Reads::Constants),
            known: Known::new(),
            leans: Cell::new(false),
            leans_on: Vec::new(),
            notes: None,
        }
    }

    fn program(&mut self, memory: &mut Memory) -> Program {
        let (definitions, scores, default) = self.declarations(memory);
        memory.declared = std::mem::take(&mut self.diagnostics);
        self.check_items();
        let (rules, tests, properties) = self.rules_and_tests(memory, RulesAndTests::default());
        let others = std::mem::take(&mut self.diagnostics);
        let refinements = self.check_refinements();
        memory.declared.extend(std::mem::replace(&mut self.diagnostics, others));
        memory.fixed = self.leans_on.drain(..).collect();
        Program {
            input: self.known.input.clone(),
            tool_field: self.known.tool_field,
            args_field: self.known.args_field,
            session_field: self.known.session_field,
            refinements,
            tools: self.known.tools.clone(),
            data: self.known.data.clone(),
            definitions,
            scores,
            obligations: self.known.obligations.clone(),
            rules,
            default,
            tests,
            properties,
        }
    }

    /// Checks all that rules, tests and properties may refer to.
    fn declarations(&mut self, memory: &mut Memory) -> (Vec<program::Definition>, Vec<program::Score>, Option<program::DefaultDecision>) {
        self.resolve_declared_types();
        self.resolve_input();
        self.check_import_words();
        self.known.decision_type = self.make_decision_type();
        self.declare_data();
        let (definitions, scores) = self.definitions(memory);
        self.declare_obligations();
        self.declare_tools();
        (definitions, scores, self.check_default())
    }

    /// Checks the definitions and scores. What they lean on is known by their order.
    fn definitions(&mut self, memory: &mut Memory) -> (Vec<program::Definition>, Vec<program::Score>) {
        let (known, leant_on) = (self.diagnostics.len(), self.leans_on.len());
        let checked = self.check_definitions();
        memory.defined = self.diagnostics.split_off(known);
        self.leans_on.truncate(leant_on);
        checked
    }

    /// Checks what is quickly checked of every item.
    fn check_items(&mut self) {
        self.check_input_shape();
        for place in self.annotated_items() {
            self.check_annotations(place);
        }
    }

    /// Checks the rules, tests and properties whose outcome is not known; `before`: what the program had of them when outcomes were noted last.
    fn rules_and_tests(&mut self, memory: &mut Memory, before: RulesAndTests) -> RulesAndTests {
        let (rules, tests, properties) = before;
        let places = self.symbols.rules.clone();
        let rules = self.each(&places, rules, &mut memory.rules, Self::check_rule);
        let places = self.symbols.tests.clone();
        let tests = self.each(&places, tests, &mut memory.tests, Self::check_test);
        let places = self.symbols.properties.clone();
        (rules, tests, self.each(&places, properties, &mut memory.properties, Self::check_property))
    }

    fn each<T>(
        &mut self,
        places: &[Place<'a>],
        before: Vec<Arc<T>>,
        outcomes: &mut Outcomes<T>,
        check: impl Fn(&mut Self, Place<'a>) -> Option<T>,
    ) -> Vec<Arc<T>> {
        let (values, diagnostics) = outcomes.list(places, before, |index| {
            let (known, leant_on) = (self.diagnostics.len(), self.leans_on.len());
            let value = places.get(index).and_then(|place| check(self, *place)).map(Arc::new);
            let mut leans_on = self.leans_on.split_off(leant_on);
            leans_on.sort_unstable();
            leans_on.dedup();
            Outcome { value, diagnostics: self.diagnostics.split_off(known), leans_on: leans_on.into() }
        });
        self.diagnostics.extend(diagnostics);
        values
    }

    /// All that was found, of which some is found twice: `found` by looking at names, the rest by checking.
    fn finish(self, program: Program, mut memory: Memory, found: Vec<Diagnostic>) -> Checked {
        let mut diagnostics = found;
        diagnostics.extend_from_slice(&memory.declared);
        diagnostics.extend_from_slice(&memory.defined);
        diagnostics.extend(self.diagnostics);
        memory.is_reliable = !self.known.is_exhausted() && self.symbols.suggestions.remain();
        memory.leans |= self.leans.get();
        let pieces = |places: &[Place<'_>]| places.iter().map(|place| place.piece).collect();
        memory.order = self.symbols.rule_order();
        memory.definitions = [pieces(&self.symbols.definitions), pieces(&self.symbols.scores)];
        memory.suggestions = self.symbols.suggestions;
        memory.known = self.known;
        Checked { program, diagnostics, memory }
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
        members.sort_by_key(|place| place.order);
        let Some((first, rest)) = members.split_first() else { return };
        let Some(name) = name_of(first.item) else { return };
        let chain: Vec<String> =
            members.iter().chain([first]).filter_map(|place| name_of(place.item)).take(12).map(|name| format!("`{}`", name.text)).collect();
        let mut diagnostic =
            Diagnostic::error(Code::Cycle, first.at(name.span), format!("`{}` depends on itself: {}", name.text, chain.join(" -> ")));
        let is_standard = self.symbols.packages.get(symbols::STD).is_some_and(|package| package.types.contains_key(name.text.as_str()));
        if rest.is_empty() && is_standard {
            diagnostic = diagnostic.with_help(format!("the one that there is already is `std.{0}`: write `= std.{0} with {{ … }}`", name.text));
        }
        for place in rest.iter().take(8) {
            if let Some(name) = name_of(place.item) {
                diagnostic = diagnostic.with_secondary(place.at(name.span), "part of the cycle");
            }
        }
        self.report(diagnostic);
    }
}
