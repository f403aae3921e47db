//! What names mean where an expression stands, and what is known to be present there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_stdlib::types::{RecordType, Type};

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::syntax::ast::{Name, Span};

use super::Checker;
use super::notes::{Symbol, SymbolKind};
use super::symbols::Place;

/// The surroundings of an expression.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The item that it stands in.
    pub place: Place<'a>,
    /// Variables in sight, innermost last.
    pub locals: Vec<Local>,
    /// The next free place in the frame.
    pub next_local: usize,
    /// The type of `args`.
    pub args: Args,
    /// What may be read.
    pub reads: Reads,
    /// Expressions known to be present.
    pub present: Present,
    /// Why `args` is `json` here, where a rule's `on` is the reason.
    pub untyped: Option<UntypedArgs>,
    /// The record whose fields are the first variables: `this`, in a refinement.
    pub this: Option<Arc<RecordType>>,
}

/// Why `args` is `json` in a rule.
#[derive(Clone, Debug)]
pub struct UntypedArgs {
    /// The entry of `on`, or the rule's name where it has no `on`.
    pub at: Location,
    /// The reason, as its label says it.
    pub why: &'static str,
    /// How to give it a type.
    pub remedy: &'static str,
    /// A declared tool that may be meant.
    pub near: Option<String>,
    /// Whether the reason is a declaration that could not be read, which is told of where it stands.
    pub is_broken: bool,
    /// Where `args` is read.
    pub read_at: HashSet<u32>,
}

/// A variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its place in the frame.
    pub index: usize,
    /// Where it is declared.
    pub at: Location,
}

/// The type of `args` in a scope.
#[derive(Clone, Debug)]
pub enum Args {
    /// As `input` gives it.
    Input,
    /// As the tools of the rule's `on` give it.
    Tools {
        /// The fields on which the tools agree.
        record: Arc<RecordType>,
        /// The fields on which they do not, by name: each tool with its type.
        differing: Arc<HashMap<Arc<str>, String>>,
    },
}

/// What the names of a scope may reach, and what an expression reaches; each more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reads {
    /// Variables and constants: refinements, annotations, defaults.
    Constants,
    /// Everything but the request: inputs and data of tests.
    NoRequest,
    /// Everything.
    All,
}

/// Expressions known to be present, by their canonical text, in the order in which they became known.
#[derive(Clone, Debug, Default)]
pub struct Present {
    order: Vec<String>,
    times: HashMap<String, usize>,
}

impl Present {
    /// How many facts are known.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether that expression is known to be present.
    pub fn contains(&self, key: &str) -> bool {
        self.times.contains_key(key)
    }

    /// Adds facts.
    pub fn extend(&mut self, keys: impl IntoIterator<Item = String>) {
        for key in keys {
            *self.times.entry(key.clone()).or_default() += 1;
            self.order.push(key);
        }
    }

    /// Forgets all but the first `length` facts.
    pub fn truncate(&mut self, length: usize) {
        for key in self.order.drain(length.min(self.order.len())..) {
            if let Some(times) = self.times.get_mut(&key) {
                *times -= 1;
                if *times == 0 {
                    self.times.remove(&key);
                }
            }
        }
    }
}

impl Local {
    /// What it is.
    pub fn symbol(&self) -> Symbol {
        Symbol { kind: SymbolKind::Variable, name: self.name.as_str().into(), at: Some(self.at), ty: self.ty.clone() }
    }
}

impl<'a> Scope<'a> {
    /// A scope without variables.
    pub fn new(place: Place<'a>, reads: Reads) -> Scope<'a> {
        Scope { place, locals: Vec::new(), next_local: 0, args: Args::Input, reads, present: Present::default(), untyped: None, this: None }
    }

    /// The variable of that name.
    pub fn local(&self, name: &str) -> Option<&Local> {
        self.locals.iter().rev().find(|local| local.name == name)
    }

    /// Takes the next place in the frame.
    pub fn fresh(&mut self) -> usize {
        let index = self.next_local;
        self.next_local += 1;
        index
    }

    /// Adds a variable in a place of its own.
    pub fn declare(&mut self, name: &str, ty: Type, span: Span) -> usize {
        let index = self.fresh();
        self.locals.push(Local { name: name.to_owned(), ty, index, at: self.place.at(span) });
        index
    }
}

impl<'a> Checker<'a> {
    /// Declares a variable in the current scope; a name that would hide another is refused.
    pub(super) fn declare_local(&mut self, name: &Name, ty: Type) -> usize {
        self.check_hidden(name);
        let place = self.scope.declare(&name.text, ty, name.span);
        if let Some(local) = self.scope.locals.last().map(Local::symbol) {
            self.note_use(name.span, |_| local);
        }
        place
    }

    /// Refuses the name of a variable that something in scope has already.
    fn check_hidden(&mut self, name: &Name) {
        let other = if let Some(local) = self.scope.local(&name.text) {
            Some(("another variable", Some(local.at)))
        } else if self.known.input.field(&name.text).is_some() && self.scope.reads != Reads::Constants {
            Some(("a field of the input", None))
        } else if let Some(value) = self.find_value(&name.text) {
            Some(("a definition of this package", Some(self.value_location(value))))
        } else if self.package_of_word(&name.text).is_some() {
            Some(("an imported package", None))
        } else {
            None
        };
        if let Some((what, at)) = other {
            let message = format!("`{}` would hide {what}", name.text);
            let diagnostic = Diagnostic::error(Code::HiddenName, self.at(name.span), message).with_help("give it another name");
            self.report(match at {
                Some(at) => diagnostic.with_secondary(at, "which is declared here"),
                None => diagnostic,
            });
        }
    }

    /// Runs `work` with variables and presence facts of its own; what it declares is out of sight afterwards.
    pub(super) fn in_block<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let locals = self.scope.locals.len();
        let present = self.scope.present.len();
        let result = work(self);
        self.scope.locals.truncate(locals);
        self.scope.present.truncate(present);
        result
    }

    /// Runs `work` in a scope of its own; gives its result and how many locals it used.
    pub(super) fn in_scope<T>(&mut self, scope: Scope<'a>, work: impl FnOnce(&mut Self) -> T) -> (T, usize) {
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = work(self);
        let inner = std::mem::replace(&mut self.scope, outer);
        (result, inner.next_local)
    }
}
