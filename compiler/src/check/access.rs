//! Reading into values: fields, indices, `has`, and `with`.

use std::sync::Arc;

use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::types::{Presence, RecordType, Type};

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{Condition, Expr, ExprKind};
use crate::syntax::ast::{self, ItemKind, Key, Name, Span};
use crate::syntax::lexer::is_value_name;

use super::Checker;
use super::coerce::{json_use, optional_base, optional_use};
use super::habits::foreign_method;
use super::literal::{plain_text, takes_its_type};
use super::notes::{Symbol, SymbolKind};
use super::presence::{self, strip};
use super::scope::Args;
use super::symbols::STD;

/// The longest name of a field, in bytes, that is told to who misses one.
const LONGEST_SHOWN: usize = 100;

/// The record that a refinement is about.
pub(super) const THIS: &str = "this";

impl<'a> Checker<'a> {
    /// `a.b`, `a?.b`, or a name of an imported package.
    pub(super) fn field_access(&mut self, base: &'a ast::Expr, name: &'a Name, optional: bool, span: Span) -> Expr {
        if let Some(package) = self.package_word(base) {
            self.note_package(base.span, package);
            return self.package_member(package, name, span);
        }
        if let Some(diagnostic) = self.foreign_path(base, name, span) {
            self.report(diagnostic);
            return self.error_expr(span);
        }
        if let Some(record) = self.this(base) {
            self.note_value(base.span, &Type::Record(record.clone()));
            return self.own_field(&record, name, span);
        }
        let base = self.infer(base);
        self.field_of(base, name, optional, span)
    }

    /// The record that `this` is in a refinement, where no variable of a lambda is named so.
    fn this(&self, base: &ast::Expr) -> Option<Arc<RecordType>> {
        let record = self.scope.this.as_ref()?;
        let is_variable = || self.scope.locals.iter().skip(record.fields.len()).any(|local| local.name == THIS);
        matches!(&base.kind, ast::ExprKind::Name(word) if word == THIS && !is_variable()).then(|| record.clone())
    }

    /// `this.name` in a refinement: the field that `name` alone is too, where that is a name.
    fn own_field(&mut self, record: &RecordType, name: &Name, span: Span) -> Expr {
        let Some(local) = record.field(&name.text).and_then(|(index, _)| self.scope.locals.get(index)).cloned() else {
            self.unknown_field(record, &name.text, name.span);
            return self.error_expr(span);
        };
        self.note_use(name.span, |_| local.symbol());
        Expr { kind: ExprKind::Local(local.index), ty: local.ty, at: self.at(span), errs: false, free: true }
    }

    /// The package that an expression names, where it is a word for one and for nothing else.
    pub(super) fn package_word(&self, base: &ast::Expr) -> Option<&'a str> {
        let ast::ExprKind::Name(word) = &base.kind else { return None };
        let is_value = self.scope.local(word).is_some() || self.known.input.field(word).is_some() || self.find_value(word).is_some();
        if is_value { None } else { self.package_of_word(word) }
    }

    fn package_member(&mut self, package: &'a str, name: &Name, span: Span) -> Expr {
        if let Some(value) = self.find_value_in(package, &name.text) {
            self.note_use(name.span, |checker| checker.value_symbol(value));
            return self.value(value, &name.text, span);
        }
        if !self.is_broken(package, &name.text) {
            let at = self.at(name.span);
            let diagnostic = Diagnostic::error(Code::UnknownName, at, format!("no `{}` in package `{package}`", name.text));
            let names = self.symbols.packages.get(package).into_iter().flat_map(|package| package.values.keys().copied());
            let diagnostic = match self.symbols.suggestions.nearest(&name.text, names) {
                Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
                None => diagnostic,
            };
            self.report(diagnostic);
        }
        self.error_expr(span)
    }

    fn field_of(&mut self, base: Expr, name: &Name, optional: bool, span: Span) -> Expr {
        if let Some(fact) = self.tool_fact(&base, name, span) {
            return fact;
        }
        match base.ty.clone() {
            Type::Error => self.error_expr(span),
            Type::Json => self.member(base, name, span),
            Type::Optional(inner) if matches!(*inner, Type::Json) => self.member(base, name, span),
            Type::Record(record) => self.record_field(base, &record, name, span),
            Type::Optional(inner) => match &*inner {
                Type::Record(record) if optional => {
                    let field = self.record_field(base, record, name, span);
                    Expr { ty: field.ty.clone().optional(), ..field }
                }
                _ if optional => self.no_fields(&inner, name, span),
                _ => {
                    self.report(match *inner {
                        Type::Record(_) => optional_base(&base, &format!("read `?.{}`", name.text)),
                        _ => optional_use(&base),
                    });
                    self.error_expr(span)
                }
            },
            other => self.no_fields(&other, name, span),
        }
    }

    fn member(&mut self, base: Expr, name: &Name, span: Span) -> Expr {
        let (errs, free) = (base.errs, base.free);
        let kind = ExprKind::Member { base: Box::new(base), name: name.text.as_str().into() };
        Expr { kind, ty: Type::Json.optional(), at: self.at(span), errs, free }
    }

    fn record_field(&mut self, base: Expr, record: &Arc<RecordType>, name: &Name, span: Span) -> Expr {
        if let Some((index, field)) = record.field(&name.text) {
            self.note_use(name.span, |checker| checker.field_symbol(field));
            let (ty, errs, free) = (field.read_type(), base.errs, base.free);
            let kind = ExprKind::Field { base: Box::new(base), name: field.name.clone(), index };
            return Expr { kind, ty, at: self.at(span), errs, free };
        }
        if matches!(base.kind, ExprKind::Args) {
            self.unknown_argument(record, name);
        } else {
            self.unknown_field(record, &name.text, name.span);
        }
        self.error_expr(span)
    }

    /// An argument that the tools of the rule's `on` do not have, or have with different types.
    fn unknown_argument(&mut self, record: &RecordType, name: &Name) {
        if let Args::Tools { differing, .. } = &self.scope.args
            && let Some(types) = differing.get(name.text.as_str())
        {
            let message = format!("the tools of `on` declare `args.{}` with different types", name.text);
            let help = format!("it is {types}; write a rule for each");
            return self.error_with_help(Code::ArgsDiffer, name.span, message, help);
        }
        let diagnostic = self.no_field("`args`".to_owned(), record, &name.text, self.at(name.span));
        if let Some(gone) = self.gone(record, &name.text) {
            return self.report(diagnostic.with_secondary(gone, "it went away here: the schema of the tool's server has changed"));
        }
        let has_it = |tool: &&crate::program::Tool| tool.args.as_ref().is_some_and(|args| args.field(&name.text).is_some());
        self.report(match self.known.tools.iter().find(has_it).filter(|_| diagnostic.fixes.is_empty()) {
            Some(tool) => diagnostic.with_help(format!("tool \"{}\" has it, which the rule's `on` does not name", tool.name)),
            None => diagnostic,
        });
    }

    /// Reading a field that a record does not declare.
    pub(super) fn unknown_field(&mut self, record: &RecordType, name: &str, span: Span) {
        let owner = match &record.name {
            Some(_) => format!("`{record}`"),
            None => "this record".to_owned(),
        };
        let diagnostic = self.no_field(owner, record, name, self.at(span));
        self.report(diagnostic);
    }

    fn no_fields(&mut self, ty: &Type, name: &Name, span: Span) -> Expr {
        let diagnostic = Diagnostic::error(Code::UnknownField, self.at(name.span), format!("`{ty}` has no field `{}`", name.text));
        let foreign = foreign_method(&name.text).filter(|method| self.has_plain_method(ty, method));
        let diagnostic = match (ty, foreign) {
            _ if self.has_plain_method(ty, &name.text) => {
                let end = Span { start: name.span.end, end: name.span.end };
                diagnostic.with_help(format!("`{}` is a method: write `.{}()`", name.text, name.text)).with_fix("call it", self.at(end), "()")
            }
            (_, Some(method)) => {
                let called = format!("{method}()");
                diagnostic.with_help(format!("a method tells it: write `.{called}`")).with_fix("call the method", self.at(name.span), called)
            }
            (Type::Map(_), None) => diagnostic.with_help(format!("read a map's entry with `[\"{}\"]`", name.text)),
            _ => diagnostic,
        };
        self.report(diagnostic);
        self.error_expr(span)
    }

    /// `tool.category` and the other facts of a tool's declaration.
    fn tool_fact(&mut self, base: &Expr, name: &Name, span: Span) -> Option<Expr> {
        let ExprKind::Input(index) = base.kind else { return None };
        if Some(index) != self.known.tool_field {
            return None;
        }
        let fact = Fact::ALL.into_iter().find(|fact| fact.name() == name.text)?;
        let ty = fact_type(fact);
        self.note_use(name.span, |_| Symbol { kind: SymbolKind::Fact(fact), name: fact.name().into(), at: None, ty: ty.clone() });
        Some(Expr { kind: ExprKind::Fact(fact), ty, at: self.at(span), errs: false, free: true })
    }

    /// The place of an element; a text is none.
    fn place_in_list(&mut self, index: &'a ast::Expr) -> Expr {
        let typed = self.infer(index);
        if !matches!(typed.ty, Type::Str) {
            return self.coerce(typed, &Type::Int);
        }
        let diagnostic = Diagnostic::error(Code::TypeMismatch, typed.at, "`int` is needed, and this is `string`");
        self.report(diagnostic.with_help("`[…]` counts places in a list: ask with `… in …` whether something is an element, or declare a `map<…>`"));
        Expr { ty: Type::Error, ..typed }
    }

    /// `m[k]`, `l[i]`, `j[…]`
    pub(super) fn index_access(&mut self, base: &'a ast::Expr, index: &'a ast::Expr, span: Span) -> Expr {
        if matches!(&index.kind, ast::ExprKind::Name(name) if name == "_") && self.scope.local("_").is_none() && self.find_value("_").is_none() {
            self.infer(index);
            return self.error_expr(span);
        }
        let source = base;
        let base = self.infer(source);
        let (result, wanted) = match base.ty.clone() {
            Type::Map(element) => ((*element).clone().optional(), Some(Type::Str)),
            Type::List(element) => ((*element).clone().optional(), Some(Type::Int)),
            ty if matches!(ty.present(), Type::Json) => (Type::Json.optional(), None),
            Type::Error => (Type::Error, None),
            ty => {
                let diagnostic = match ty.present() {
                    Type::Map(_) | Type::List(_) => optional_use(&base),
                    Type::Record(record) => self.indexed_record(source, &base, record, index, span),
                    Type::Set(_) => Diagnostic::error(Code::TypeMismatch, base.at, "a set has no places").with_help("ask it with `in`"),
                    Type::Str => Diagnostic::error(Code::TypeMismatch, base.at, "`[…]` reads lists, maps and `json`, and this is `string`")
                        .with_help("a part of a text is `.slice(0, 1)`, or asked with `.starts_with(…)`"),
                    _ => Diagnostic::error(Code::TypeMismatch, base.at, format!("`[…]` reads lists, maps and `json`, and this is `{ty}`")),
                };
                self.report(diagnostic);
                (Type::Error, None)
            }
        };
        let index = match wanted {
            Some(Type::Int) if !takes_its_type(index) => self.place_in_list(index),
            Some(wanted) => self.check(index, &wanted),
            None => {
                let typed = self.infer(index);
                if !matches!(typed.ty, Type::Int | Type::Str | Type::Error) && !result.is_error() {
                    let diagnostic =
                        Diagnostic::error(Code::TypeMismatch, typed.at, format!("`json` is read by `int` or `string`, and this is `{}`", typed.ty));
                    self.report(diagnostic);
                }
                typed
            }
        };
        let (errs, free) = (base.errs || index.errs, base.free && index.free);
        Expr { kind: ExprKind::Index { base: Box::new(base), index: Box::new(index) }, ty: result, at: self.at(span), errs, free }
    }

    /// `agent["id"]`
    fn indexed_record(&self, source: &ast::Expr, base: &Expr, record: &RecordType, index: &ast::Expr, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::error(Code::TypeMismatch, base.at, "records are read by field, and this is one");
        let Some(field) = plain_text(index).filter(|field| record.field(field).is_some() && is_value_name(field)) else {
            return diagnostic.with_help("write `.name`");
        };
        let source_text = crate::format::expr_to_text(source);
        if base.ty.is_optional() {
            return diagnostic.with_help(format!("write `{source_text}?.{field}`, which may be absent too"));
        }
        let written = format!("{source_text}.{field}");
        let after = self.at(Span { start: source.span.end, end: span.end });
        diagnostic.with_help(format!("write `{written}`")).with_fix(format!("write `{written}`"), after, format!(".{field}"))
    }

    /// `r has f`
    pub(super) fn has(&mut self, base: &'a ast::Expr, field: &'a Name, span: Span) -> Expr {
        let source = base;
        let base = self.infer(source);
        let read = match base.ty.clone() {
            Type::Error => return self.error_expr(span),
            Type::Json => self.member(base, field, span),
            Type::Optional(inner) if matches!(*inner, Type::Json) => self.member(base, field, span),
            Type::Record(record) => match record.field(&field.text) {
                Some((_, declared)) if !matches!(declared.presence, Presence::Optional) => {
                    let message = format!("`{}` is always present", field.text);
                    self.error_with_help(Code::NotComparable, field.span, message, "`has` asks optional fields");
                    return self.error_expr(span);
                }
                _ => self.record_field(base, &record, field, span),
            },
            Type::Map(_) => {
                let help = format!("ask a map with `\"{}\" in …`", field.text);
                self.error_with_help(Code::TypeMismatch, span, "`has` asks records, and this is a map", help);
                return self.error_expr(span);
            }
            ty if ty.is_optional() => {
                self.report(optional_use(&base));
                return self.error_expr(span);
            }
            ty => {
                let diagnostic = Diagnostic::error(Code::TypeMismatch, self.at(span), format!("`has` asks records, and this is `{ty}`"));
                self.report(match &ty {
                    Type::List(element) | Type::Set(element) if matches!(**element, Type::Str | Type::Enum(_)) => {
                        let asked = format!("{} in {}", crate::format::quoted(&field.text), crate::format::expr_to_text(source));
                        diagnostic.with_help(format!("write `{asked}`")).with_fix(format!("write `{asked}`"), self.at(span), asked)
                    }
                    _ => diagnostic,
                });
                return self.error_expr(span);
            }
        };
        if read.ty.is_error() {
            return read;
        }
        let (errs, free) = (read.errs, read.free);
        let none = self.constant_expr(tollgate_stdlib::Kept::None, Type::None, span);
        let absent = Expr { kind: ExprKind::Equal(Box::new(read), Box::new(none)), ty: Type::Bool, at: self.at(span), errs, free };
        Expr { kind: ExprKind::Not(Box::new(absent)), ty: Type::Bool, at: self.at(span), errs, free }
    }

    /// `base with { a.b: v }`
    pub(super) fn with(&mut self, base: &'a ast::Expr, changes: &'a [(Key, ast::Expr)], span: Span) -> Expr {
        let base_key = presence::key(base);
        let base = self.infer(base);
        match base.ty.clone() {
            Type::Error => self.error_expr(span),
            Type::Json => self.json_with(base, changes, None, span),
            Type::Record(record) => self.record_with(base, base_key.as_deref(), &record, changes, span),
            ty => {
                let diagnostic = match ty.present() {
                    Type::Json => json_use(&base, &Type::Error.map()),
                    Type::Record(_) => optional_use(&base),
                    _ => Diagnostic::error(Code::TypeMismatch, base.at, format!("`with` changes records and `json`, and this is `{ty}`")),
                };
                self.report(diagnostic);
                self.error_expr(span)
            }
        }
    }

    fn record_with(&mut self, base: Expr, base_key: Option<&str>, record: &Arc<RecordType>, changes: &'a [(Key, ast::Expr)], span: Span) -> Expr {
        let mut typed = Vec::new();
        for (key, value) in changes {
            self.note_key(&Type::Record(record.clone()), key);
            let Some(ty) = self.path_type(record, base_key, key) else {
                self.infer(value);
                continue;
            };
            typed.push((path_of(key), self.check(value, &ty)));
        }
        let ty = base.ty.clone();
        self.changed(base, typed, ty, span)
    }

    /// The type of what a path of `with` names; it goes through an optional record that is known to be present.
    fn path_type(&mut self, record: &Arc<RecordType>, base_key: Option<&str>, key: &Key) -> Option<Type> {
        let mut current = Type::Record(record.clone());
        let mut reached = base_key.map(str::to_owned);
        for part in &key.parts {
            if current.is_optional() && reached.as_ref().is_some_and(|reached| self.scope.present.contains(reached)) {
                current = current.present().clone();
            }
            let inner = match &current {
                Type::Record(inner) => inner.clone(),
                Type::Json => return Some(Type::Json),
                Type::Error => return None,
                other => {
                    let message = format!("`{other}` has no field `{}`", part.text);
                    self.error(Code::UnknownField, part.span, message);
                    return None;
                }
            };
            match inner.field(&part.text) {
                Some((_, field)) => {
                    current = field.read_type();
                    reached = reached.map(|reached| format!("{reached}.{:?}", part.text));
                }
                None => {
                    self.unknown_field(&inner, &part.text, part.span);
                    return None;
                }
            }
        }
        Some(current)
    }

    /// `with` on `json`: sets or adds. `read_as`: the type that the whole will be read as, where it is known.
    pub(super) fn json_with(&mut self, base: Expr, changes: &'a [(Key, ast::Expr)], read_as: Option<&Type>, span: Span) -> Expr {
        let change = |checker: &mut Self, key: &Key, value: &'a ast::Expr| {
            let ty = checker.entry_type(read_as, key);
            (path_of(key), checker.json_literal_for(value, ty.as_ref()))
        };
        let typed: Vec<(Vec<Arc<str>>, Expr)> = changes.iter().map(|(key, value)| change(self, key, value)).collect();
        self.changed(base, typed, Type::Json, span)
    }

    fn changed(&mut self, base: Expr, changes: Vec<(Vec<Arc<str>>, Expr)>, ty: Type, span: Span) -> Expr {
        let errs = base.errs || changes.iter().any(|(_, value)| value.errs);
        Expr { kind: ExprKind::With { base: Box::new(base), changes }, ty, at: self.at(span), errs, free: false }
    }

    /// The type of `decision` in tests.
    pub(super) fn make_decision_type(&self) -> Type {
        super::tests::decision_type()
    }

    /// Says that a record, named so, has no field of that name.
    fn no_field(&self, owner: String, record: &RecordType, name: &str, at: Location) -> Diagnostic {
        let diagnostic = Diagnostic::error(Code::UnknownField, at, format!("{owner} has no field `{name}`"));
        let mut known: Vec<&str> = record.fields.iter().map(|field| &*field.name).collect();
        if record.name.as_deref() == Some("std.Tool") {
            // What is read of the tool that is called, besides its fields.
            for fact in Fact::ALL {
                known.push(fact.name());
            }
        }
        match self.symbols.suggestions.nearest(name, known.iter().copied()) {
            Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
            None if record.fields.is_empty() => diagnostic.with_help("it has no fields"),
            None if self.has_own(record, name) => {
                let help = "a request holds the standard type of this name, until an `input` block names the set's own: `input { agent: Agent, tool: Tool, … }`";
                diagnostic.with_help(help)
            }
            None => {
                let names: Vec<String> = known.iter().filter(|name| name.len() <= LONGEST_SHOWN).take(8).map(|name| format!("`{name}`")).collect();
                let more = if known.len() > names.len() { ", …" } else { "" };
                diagnostic.with_help(format!("it has {}{more}", names.join(", ")))
            }
        }
    }
}

impl Checker<'_> {
    /// Whether the package has a type of its own with the name of a standard one, which has a field of that name.
    fn has_own(&self, record: &RecordType, name: &str) -> bool {
        let own = || {
            let short = record.name.as_deref()?.strip_prefix(STD)?.strip_prefix('.')?;
            let place = *self.symbols.packages.get(self.scope.place.package)?.types.get(short)?;
            if let Type::Record(own) = &self.known.types.get(place)?.open { own.field(name).map(|_| ()) } else { None }
        };
        own().is_some()
    }

    /// Where a tool with those arguments says that one of that name went away.
    fn gone(&self, record: &RecordType, name: &str) -> Option<Location> {
        let tool = self.known.tools.iter().find(|tool| tool.args.as_deref().is_some_and(|args| std::ptr::eq(args, record)))?;
        let place =
            self.symbols.tools.iter().find(|place| matches!(&place.item.kind, ItemKind::Tool(declared) if *declared.name.text == *tool.name))?;
        let gone = place.item.annotations.iter().filter(|annotation| annotation.name.text == "gone").flat_map(|annotation| &annotation.args);
        gone.into_iter().find(|argument| argument.text == name).map(|argument| place.at(argument.span))
    }
}

/// The type of a fact.
pub fn fact_type(fact: Fact) -> Type {
    match fact {
        Fact::Category | Fact::Title => Type::Str,
        Fact::Labels => Type::Str.set(),
        Fact::Declared | Fact::ReadOnly | Fact::Destructive | Fact::Idempotent | Fact::OpenWorld => Type::Bool,
    }
}

fn path_of(key: &Key) -> Vec<Arc<str>> {
    key.parts.iter().map(|part| part.text.as_str().into()).collect()
}

/// What is worth showing beside a condition: the operands that are no constants, or the parts of `and`, `or` and `not`.
pub fn shown_parts(source: &ast::Expr, typed: &Expr) -> Vec<Condition> {
    let typed_operands: Vec<&Expr> = match &typed.kind {
        ExprKind::And(operands) | ExprKind::Or(operands) => operands.iter().collect(),
        ExprKind::Not(inner) => match (&strip(source).kind, &inner.kind) {
            (ast::ExprKind::Unary { .. }, _) => vec![inner],
            (_, ExprKind::Equal(left, right) | ExprKind::In(left, right)) => vec![left, right],
            _ => Vec::new(),
        },
        ExprKind::Equal(left, right) | ExprKind::Order(_, left, right) | ExprKind::In(left, right) | ExprKind::Coalesce(left, right) => {
            vec![left, right]
        }
        ExprKind::Like(text, _) | ExprKind::Matches(text, _) => vec![text],
        _ => Vec::new(),
    };
    let sources: Vec<&ast::Expr> = match &strip(source).kind {
        ast::ExprKind::Logic { operands, .. } => operands.iter().collect(),
        ast::ExprKind::Unary { operand, .. } => vec![operand],
        ast::ExprKind::Binary { left, right, .. } => vec![left, right],
        _ => Vec::new(),
    };
    let pairs = sources.into_iter().zip(typed_operands);
    pairs
        .filter(|(_, typed)| typed.constant().is_none())
        .map(|(source, typed)| Condition { expr: typed.clone(), text: crate::format::expr_to_text(source), parts: shown_parts(strip(source), typed) })
        .collect()
}
