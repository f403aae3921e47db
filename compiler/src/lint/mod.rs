//! Lints: what a set that compiles probably does not mean.
//!
//! Each lint is a small function over the typed program, the syntax, or both, in a module of its theme. They run over a set without errors, when somebody asks
//! ([`crate::PolicySet::lints`]), in time that goes by the size of the set. What they say of finite things (enums, bools, tools and their facts, presence, intervals
//! over constants) they have decided; where anything is open they say nothing.

mod allow;
mod anchors;
mod annotations;
mod conditions;
mod deciders;
mod deprecated;
mod drift;
mod entries;
mod errors;
mod foreign;
mod holes;
mod implied;
mod level;
mod matching;
mod mistaken;
mod overlap;
mod patterns;
mod readings;
mod reason;
mod removal;
mod rules;
mod slashes;
mod style;
mod testing;
mod text;
mod tools;
mod unused;
mod uses;
mod visit;

use crate::check::symbols::{STD, Symbols};
use crate::check::{SourceFile, SourceItem};
use crate::diagnostic::fix::keeps_comments;
use crate::diagnostic::{Code, Diagnostic, Edit, FileId, Location};
use crate::program::Program;
use crate::syntax::ast::{Item, Span};

pub(crate) use allow::allowed;
pub use deciders::Deciders;
pub use drift::found as drift;
pub use level::{Level, Levels, UnknownLint, is_lint, lints};
pub use readings::Reading;
pub(crate) use readings::readings;
pub(crate) use slashes::{HELP as ABOUT_SLASHES, is_division};
pub use uses::Kind;
pub(crate) use uses::uses;
pub use visit::{each_expr, each_root, each_type};

/// What lints find in the text of a file.
pub(crate) fn of_text(file: FileId, text: &str) -> Vec<Diagnostic> {
    let mut found = text::of_text(file, text);
    found.extend(slashes::of_text(file, text));
    found
}

/// What lints look at: the set's own files, and what they mean.
pub(crate) struct View<'a> {
    /// The files, without those of the standard library.
    pub files: Vec<SourceFile<'a>>,
    /// What the set declares.
    pub symbols: Symbols<'a>,
    /// What it means.
    pub program: &'a Program,
    /// The text of a place.
    pub text: &'a dyn Fn(Location) -> &'a str,
}

/// An item with where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Source<'v, 'a> {
    /// Its file.
    pub file: &'v SourceFile<'a>,
    /// The item.
    pub item: &'a Item,
    /// The piece of text that its spans are of.
    piece: FileId,
}

impl Source<'_, '_> {
    /// A span of the item as a place.
    pub fn at(&self, span: Span) -> Location {
        Location { file: self.piece, span }
    }
}

impl<'a> View<'a> {
    /// A view of the files of a set, those of the standard library among them.
    pub fn new(files: Vec<SourceFile<'a>>, program: &'a Program, text: &'a dyn Fn(Location) -> &'a str) -> View<'a> {
        // What is wrong with the names is known: the set was checked.
        let symbols = Symbols::collect(&files, &mut Vec::new());
        let files = files.into_iter().filter(|file| file.package != STD).collect();
        View { files, symbols, program, text }
    }

    /// A view of the standard library's files too.
    pub fn of_all(files: Vec<SourceFile<'a>>, program: &'a Program) -> View<'a> {
        let symbols = Symbols::collect(&files, &mut Vec::new());
        View { files, symbols, program, text: &|_| "" }
    }

    /// Every item in order.
    pub fn items<'v>(&'v self) -> impl Iterator<Item = Source<'v, 'a>> {
        let of_file = |file: &'v SourceFile<'a>| file.items.iter().map(move |SourceItem { piece, item }| Source { file, item, piece: *piece });
        self.files.iter().flat_map(of_file)
    }
}

/// What a lint found.
#[derive(Default)]
pub(crate) struct Findings(Vec<Diagnostic>);

impl Findings {
    /// Adds a finding.
    pub fn add(&mut self, found: Diagnostic) {
        self.0.push(found);
    }

    /// Adds a finding with what may be taken away to mend it.
    pub fn add_with_removal(&mut self, found: Diagnostic, title: &str, taken: Option<Location>) {
        self.add(match taken {
            Some(taken) => found.with_choice(title, taken, ""),
            None => found,
        });
    }

    /// Adds a finding that its message says all of but how to mend it.
    pub fn say(&mut self, code: Code, at: Location, message: impl Into<String>, help: impl Into<String>) {
        self.add(Diagnostic::warning(code, at, message).with_help(help));
    }
}

/// Everything that lints find in a set without errors, but for what items `@allow`; places are of its pieces. `None` where nobody wants to know any more.
pub(crate) fn run(view: &View<'_>, is_over: &dyn Fn() -> bool) -> Option<Vec<Diagnostic>> {
    const ALL: [fn(&View<'_>, &mut Findings); 17] = [
        allow::run,
        anchors::run,
        annotations::run,
        conditions::run,
        drift::run,
        entries::run,
        errors::run,
        foreign::run,
        holes::run,
        mistaken::run,
        overlap::run,
        patterns::run,
        rules::run,
        style::run,
        testing::run,
        tools::run,
        unused::run,
    ];
    let mut findings = Findings::default();
    for lint in ALL {
        if is_over() {
            return None;
        }
        lint(view, &mut findings);
    }
    let mut findings = allow::without_allowed(view, findings.0);
    // What rewrites an expression is offered where it takes no comment away.
    let keeps = |edit: &Edit| keeps_comments((view.text)(edit.at), &edit.text);
    findings.iter_mut().for_each(|found| found.fixes.retain(|fix| fix.is_choice || fix.edits.iter().all(keeps)));
    Some(findings)
}
