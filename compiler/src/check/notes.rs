//! What checking finds out about the names and expressions of items, noted where somebody asks for it.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::Function as Builtin;
use tollgate_stdlib::types::{EnumType, Field, Type};

use crate::diagnostic::{FileId, Location};
use crate::syntax::ast::{Key, Name, Path, Span, Text};

use super::Checker;
use super::glob::may_mean;
use super::literal::key_text;
use super::scope::{Args, Local, Reads};
use super::symbols::{Place, ValueRef, name_of};

/// What a name stands for.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// What sort of thing it is.
    pub kind: SymbolKind,
    /// Its name: a full one such as `a.b.limit` for what packages declare, the word alone for the rest.
    pub name: Arc<str>,
    /// Where the name stands in its declaration; `None` for what the language itself has.
    pub at: Option<Location>,
    /// The type of its value, or the type that it is; the error type for what has none.
    pub ty: Type,
}

/// The sorts of things that have names.
#[derive(Clone, Copy, Debug)]
pub enum SymbolKind {
    /// A variable of `for`, of a lambda, or a parameter of a function.
    Variable,
    /// A field of a record, the request's among them.
    Field,
    /// `tool.category` and the other facts of a tool's declaration.
    Fact(Fact),
    /// A `data` item.
    Data,
    /// A `let`.
    Let,
    /// A `fn`.
    Function,
    /// A `score`.
    Score,
    /// A `type` or `enum`.
    Type,
    /// A variant of an enum.
    Variant,
    /// A rule.
    Rule,
    /// An obligation.
    Obligation,
    /// A parameter of an obligation.
    Parameter,
    /// A tool.
    Tool,
    /// A package.
    Package,
    /// A method of the language.
    Method(&'static Builtin),
    /// `ip`, `cidr` or `timestamp` of a constant.
    Constructor,
}

/// A place where a name stands for something; a declaration is one for what it declares.
#[derive(Clone, Debug)]
pub struct Use {
    /// The name's place.
    pub at: Location,
    /// What it stands for.
    pub symbol: Symbol,
}

/// What an expression may name at a place.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The variables, innermost last.
    pub variables: Vec<Symbol>,
    /// The type of `args`; `None` where the request cannot be read.
    pub args: Option<Type>,
    /// Whether the request can be read.
    pub reads_request: bool,
}

/// What is noted.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// The pieces of text whose items are noted.
    pub pieces: HashSet<FileId>,
    /// A place whose surroundings are noted.
    pub cursor: Option<Location>,
    /// What names stand for.
    pub uses: Vec<Use>,
    /// The types of expressions.
    pub values: Vec<(Location, Type)>,
    /// The types that are expected of expressions.
    pub expected: Vec<(Location, Type)>,
    /// What the innermost expression around the cursor may name.
    pub sight: Option<Sight>,
}

/// A name in its declaration: whoever has the same allocation means that declaration, however its type was changed on the way.
#[derive(Clone, Debug)]
pub struct Declared(pub Arc<str>);

impl PartialEq for Declared {
    fn eq(&self, other: &Declared) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Declared {}

impl Hash for Declared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).cast::<u8>().hash(state);
    }
}

impl<'a> Checker<'a> {
    /// Remembers where a field or variant is declared.
    pub(super) fn note_declared(&mut self, name: &Arc<str>, at: Location) {
        self.known.declared.insert(Declared(Arc::clone(name)), at);
    }

    /// The name that a key gives a field of a record that nothing else declares.
    pub(super) fn key_name(&mut self, key: &Key) -> Arc<str> {
        let name: Arc<str> = key_text(key).into();
        if self.notes.is_some() {
            let at = self.at(key.span);
            self.note_declared(&name, at);
        }
        name
    }

    /// Notes what a name of the current scope's item stands for.
    pub(super) fn note_use(&mut self, span: Span, symbol: impl FnOnce(&Self) -> Symbol) {
        let at = self.at(span);
        self.note_use_at(at, symbol);
    }

    /// The same of a place.
    pub(super) fn note_use_at(&mut self, at: Location, symbol: impl FnOnce(&Self) -> Symbol) {
        if self.notes.as_ref().is_some_and(|notes| notes.pieces.contains(&at.file)) {
            let symbol = symbol(self);
            if let Some(notes) = &mut self.notes {
                notes.uses.push(Use { at, symbol });
            }
        }
    }

    /// Notes the type of an expression.
    pub(super) fn note_value(&mut self, span: Span, ty: &Type) {
        let at = self.at(span);
        if let Some(notes) = self.notes.as_mut().filter(|notes| notes.pieces.contains(&at.file)) {
            notes.values.push((at, ty.clone()));
        }
    }

    /// Notes the type that is expected of an expression.
    pub(super) fn note_expected(&mut self, span: Span, ty: &Type) {
        let at = self.at(span);
        if let Some(notes) = self.notes.as_mut().filter(|notes| notes.pieces.contains(&at.file)) {
            notes.expected.push((at, ty.clone()));
        }
    }

    /// Notes what may be named, where the cursor is in an expression; those within it come later.
    pub(super) fn note_sight(&mut self, span: Span) {
        let here = self.at(span);
        let is_around = |at: Location| at.file == here.file && (here.span.start..=here.span.end).contains(&at.span.start);
        if self.notes.as_ref().and_then(|notes| notes.cursor).is_some_and(is_around) {
            let sight = self.sight();
            if let Some(notes) = &mut self.notes {
                notes.sight = Some(sight);
            }
        }
    }

    /// Notes nothing of what is looked at again, or looked at on trial.
    pub(super) fn without_notes<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let notes = self.notes.take();
        let result = work(self);
        self.notes = notes;
        result
    }

    fn sight(&self) -> Sight {
        let reads_request = self.scope.reads == Reads::All;
        let args = match &self.scope.args {
            Args::Tools { record, .. } => Some(Type::Record(record.clone())),
            Args::Input => self.known.args_field.and_then(|index| Some(self.known.input.fields.get(index)?.read_type())),
        };
        Sight { variables: self.scope.locals.iter().map(Local::symbol).collect(), args: args.filter(|_| reads_request), reads_request }
    }

    /// What a value of a package is.
    pub(super) fn value_symbol(&self, value: ValueRef) -> Symbol {
        match value {
            ValueRef::Data(index) => {
                let ty = self.known.data.get(index).map_or(Type::Error, |data| data.ty.clone());
                declared(self.symbols.data.get(index), SymbolKind::Data, ty)
            }
            ValueRef::Definition(index) => {
                let signature = self.known.signatures.get(index);
                let kind = if signature.is_some_and(|signature| signature.is_fn) { SymbolKind::Function } else { SymbolKind::Let };
                declared(self.symbols.definitions.get(index), kind, signature.map_or(Type::Error, |signature| signature.result.clone()))
            }
            ValueRef::Score(index) => declared(self.symbols.scores.get(index), SymbolKind::Score, Type::Int),
        }
    }

    /// What a declared type is.
    pub(super) fn type_symbol(&self, index: usize) -> Symbol {
        let ty = self.known.types.get(index).map_or(Type::Error, |ty| ty.open.clone());
        declared(self.symbols.types.get(index), SymbolKind::Type, ty)
    }

    /// What a rule is.
    pub(super) fn rule_symbol(&self, index: usize) -> Symbol {
        declared(self.symbols.rules.get(index), SymbolKind::Rule, Type::Error)
    }

    /// What an obligation is.
    pub(super) fn obligation_symbol(&self, index: usize) -> Symbol {
        declared(self.symbols.obligations.get(index), SymbolKind::Obligation, Type::Error)
    }

    /// Where a field of a record is declared.
    pub(super) fn declared_at(&self, field: &Field) -> Option<Location> {
        self.known.declared.get(&Declared(field.name.clone())).copied()
    }

    /// What a field of a record is.
    pub(super) fn field_symbol(&self, field: &Field) -> Symbol {
        let at = self.declared_at(field);
        Symbol { kind: SymbolKind::Field, name: field.name.clone(), at, ty: field.read_type() }
    }

    /// What a variant of an enum is.
    pub(super) fn variant_symbol(&self, ty: &Arc<EnumType>, variant: &str) -> Symbol {
        let name = ty.variants.iter().find(|known| ***known == *variant);
        let at = name.and_then(|name| self.known.declared.get(&Declared(name.clone())).copied());
        Symbol { kind: SymbolKind::Variant, name: variant.into(), at, ty: Type::Enum(ty.clone()) }
    }

    /// What a tool of the program is.
    pub(super) fn tool_symbol(tool: &crate::program::Tool) -> Symbol {
        let ty = tool.args.clone().map_or(Type::Json, Type::Record);
        Symbol { kind: SymbolKind::Tool, name: tool.name.clone(), at: Some(tool.at), ty }
    }

    /// Notes that a path stands for a declared type, and its first word, where there are two, for a package.
    pub(super) fn note_type(&mut self, place: Place<'a>, path: &Path, index: usize) {
        if let [.., name] = path.parts.as_slice() {
            self.note_use_at(place.at(name.span), |checker| checker.type_symbol(index));
        }
        self.note_word(place, path);
    }

    /// Notes that the words of a path before its last stand for a package.
    pub(super) fn note_home(&mut self, path: &Path, package: &str) {
        if let [first, .., last, _] | [first @ last, _] = path.parts.as_slice() {
            self.note_package(first.span.to(last.span), package);
        }
    }

    /// Notes that the first of two words stands for a package.
    pub(super) fn note_word(&mut self, place: Place<'a>, path: &Path) {
        if let [word, _] = path.parts.as_slice()
            && let Some(package) = self.symbols.imports.get(&place.file).and_then(|words| words.get(word.text.as_str())).copied()
        {
            let symbol = Symbol { kind: SymbolKind::Package, name: package.into(), at: None, ty: Type::Error };
            self.note_use_at(place.at(word.span), |_| symbol);
        }
    }

    /// Notes that a name stands for a parameter of an obligation.
    pub(super) fn note_parameter(&mut self, span: Span, name: &Arc<str>, ty: &Type) {
        self.note_use(span, |checker| checker.parameter_symbol(name, ty));
    }

    /// What a parameter of an obligation is.
    pub(super) fn parameter_symbol(&self, name: &Arc<str>, ty: &Type) -> Symbol {
        let at = self.known.declared.get(&Declared(Arc::clone(name))).copied();
        Symbol { kind: SymbolKind::Parameter, name: Arc::clone(name), at, ty: ty.clone() }
    }

    /// Notes the tools that an entry of `on` names; of a pattern, or where it may mean others too, all that it fits.
    pub(super) fn note_tool(&mut self, entry: &Text) {
        if self.notes.is_none() {
            return;
        }
        let mut tools: Vec<Symbol> = self.tools_named(&entry.text).map(Self::tool_symbol).collect();
        if tools.is_empty() {
            tools.extend(self.known.tools.iter().filter(|tool| may_mean(&entry.text, &tool.name)).map(Self::tool_symbol));
        }
        tools.into_iter().for_each(|tool| self.note_use(entry.span, |_| tool));
    }

    /// Notes the tool that a request written out is a call of.
    pub(super) fn note_called(&mut self, tool: usize, span: Span) {
        if let Some(symbol) = self.known.tools.get(tool).map(Self::tool_symbol) {
            self.note_use(span, |_| symbol);
        }
    }

    /// Notes that a name stands for a method.
    pub(super) fn note_method(&mut self, name: &Name, function: &'static Builtin) {
        self.note_use(name.span, |_| Symbol { kind: SymbolKind::Method(function), name: function.key.into(), at: None, ty: Type::Error });
    }

    /// Notes that a word stands for a package.
    pub(super) fn note_package(&mut self, span: Span, package: &str) {
        self.note_use(span, |_| Symbol { kind: SymbolKind::Package, name: package.into(), at: None, ty: Type::Error });
    }

    /// Notes a key of a literal that is read as that type.
    pub(super) fn note_key(&mut self, read_as: &Type, key: &Key) {
        let mut ty = read_as.clone();
        for part in &key.parts {
            let Type::Record(record) = ty.present() else { return };
            let Some((_, field)) = record.field(&part.text) else { return };
            let field = field.clone();
            self.note_use(part.span, |checker| checker.field_symbol(&field));
            ty = field.ty;
        }
    }
}

fn declared(place: Option<&Place<'_>>, kind: SymbolKind, ty: Type) -> Symbol {
    let named = place.and_then(|place| Some((place, name_of(place.item)?)));
    let name = named.map_or_else(String::new, |(place, name)| place.full_name(&name.text));
    Symbol { kind, name: name.into(), at: named.map(|(place, name)| place.at(name.span)), ty }
}
