//! What a name means.

use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{Expr, ExprKind};
use crate::syntax::ast::{ItemKind, Path, Span};

use super::Checker;
use super::access::THIS;
use super::notes::Symbol;
use super::scope::{Args, Reads};
use super::symbols::{Place, STD, UNKNOWN_PACKAGE, ValueRef, name_of};

impl<'a> Checker<'a> {
    /// The package that a word stands for in the current file.
    pub(super) fn package_of_word(&self, word: &str) -> Option<&'a str> {
        self.symbols.imports.get(&self.scope.place.file)?.get(word).copied()
    }

    /// The value of that name in the current package or in the standard library.
    pub(super) fn find_value(&self, name: &str) -> Option<ValueRef> {
        [self.scope.place.package, STD].into_iter().find_map(|package| self.symbols.packages.get(package)?.values.get(name).copied())
    }

    /// The value of that name in a package.
    pub(super) fn find_value_in(&self, package: &str, name: &str) -> Option<ValueRef> {
        self.symbols.packages.get(package)?.values.get(name).copied()
    }

    /// Where a value is declared.
    pub(super) fn value_location(&self, value: ValueRef) -> Location {
        let place = match value {
            ValueRef::Data(index) => self.symbols.data.get(index),
            ValueRef::Definition(index) => self.symbols.definitions.get(index),
            ValueRef::Score(index) => self.symbols.scores.get(index),
        };
        place.map(|place| place.at(name_of(place.item).map_or(place.item.span, |name| name.span))).unwrap_or_default()
    }

    /// A name alone.
    pub(super) fn infer_name(&mut self, name: &str, span: Span) -> Expr {
        let at = self.at(span);
        if let Some(local) = self.scope.local(name).cloned() {
            self.note_use(span, |_| local.symbol());
            return Expr { kind: ExprKind::Local(local.index), ty: local.ty.clone(), at, errs: false, free: true };
        }
        if let Some((index, field)) = self.known.input.clone().field(name) {
            let typed = self.input_field(index, span);
            let ty = typed.ty.clone();
            self.note_use(span, |checker| Symbol { ty, ..checker.field_symbol(field) });
            return typed;
        }
        match self.find_value(name) {
            Some(value) => {
                self.note_use(span, |checker| checker.value_symbol(value));
                self.value(value, name, span)
            }
            None => self.unknown_name(name, span),
        }
    }

    fn input_field(&mut self, index: usize, span: Span) -> Expr {
        if self.scope.reads != Reads::All {
            return self.no_request(span);
        }
        let at = self.at(span);
        if Some(index) == self.known.args_field
            && let Args::Tools { record, .. } = &self.scope.args
        {
            return Expr { kind: ExprKind::Args, ty: Type::Record(record.clone()), at, errs: false, free: true };
        }
        if let Some(untyped) = self.scope.untyped.as_mut().filter(|_| Some(index) == self.known.args_field) {
            if untyped.is_broken {
                return self.error_expr(span);
            }
            untyped.read_at.insert(span.start);
        }
        let ty = self.known.input.fields.get(index).map_or(Type::Error, |field| field.read_type());
        Expr { kind: ExprKind::Input(index), ty, at, errs: false, free: true }
    }

    pub(super) fn no_request(&mut self, span: Span) -> Expr {
        let (message, help) = match self.scope.reads {
            Reads::NoRequest => {
                ("a test's input and data are made before there is a request", "write the value itself, or a `let` that reads no input")
            }
            _ => ("only constants may stand here", "write the value itself; what depends on a request is for a `let` or a rule"),
        };
        self.error_with_help(Code::NotConstant, span, message, help);
        self.error_expr(span)
    }

    /// A value that an item declares.
    pub(super) fn value(&mut self, value: ValueRef, name: &str, span: Span) -> Expr {
        let at = self.at(span);
        self.leans_on.push(value);
        match value {
            ValueRef::Data(index) => {
                if self.scope.reads == Reads::Constants {
                    return self.no_request(span);
                }
                let ty = self.known.data.get(index).map_or(Type::Error, |data| data.ty.clone());
                Expr { kind: ExprKind::Data(index), ty, at, errs: false, free: true }
            }
            ValueRef::Definition(index) => {
                let Some(signature) = self.known.signatures.get(index) else {
                    return match self.early_constant(index) {
                        Some((constant, ty)) => Expr { kind: ExprKind::Const(constant), ty, at, errs: false, free: true },
                        None => self.no_request(span),
                    };
                };
                if signature.is_fn {
                    let help = format!("call it: `{name}(…)`");
                    self.error_with_help(Code::NotCallable, span, format!("`{name}` is a function"), help);
                    return self.error_expr(span);
                }
                let (ty, errs, free) = (signature.result.clone(), signature.errs, signature.free);
                if let Some(constant) = &signature.constant
                    && self.known.budget.copy(constant.view())
                {
                    let constant = constant.clone();
                    return Expr { kind: ExprKind::Const(constant), ty, at, errs: false, free: true };
                }
                let (reads, position) = (signature.reads, signature.position);
                if self.scope.reads == Reads::Constants || reads > self.scope.reads {
                    return if ty.is_error() { self.error_expr(span) } else { self.no_request(span) };
                }
                Expr { kind: ExprKind::Definition(position), ty, at, errs, free }
            }
            ValueRef::Score(index) => {
                if self.scope.reads != Reads::All {
                    return self.no_request(span);
                }
                let signature = self.known.scores.get(index);
                let (errs, free) = signature.map_or((true, false), |signature| (signature.errs, signature.free));
                Expr { kind: ExprKind::Score(index), ty: Type::Int, at, errs, free }
            }
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span) -> Expr {
        if self.is_broken(self.scope.place.package, name) || self.is_needed_by_on(name) {
            return self.error_expr(span);
        }
        let at = self.at(span);
        let diagnostic = Diagnostic::error(Code::UnknownName, at, format!("nothing here is named `{name}`"));
        let diagnostic = match self.foreign_name(name, &diagnostic) {
            Some(meant) => meant,
            None => self.near_name(name, diagnostic),
        };
        self.report(diagnostic);
        self.error_expr(span)
    }

    /// Whether the `on` of the rule needs the field of that name, whose lack is told of at the `input`.
    fn is_needed_by_on(&self, name: &str) -> bool {
        let has_on = matches!(&self.scope.place.item.kind, ItemKind::Rule(rule) if !rule.on.is_empty());
        has_on && matches!(name, "tool" | "args") && self.symbols.input.is_some()
    }

    fn near_name(&self, name: &str, diagnostic: Diagnostic) -> Diagnostic {
        let at = diagnostic.at;
        if self.package_of_word(name).is_some() {
            diagnostic.with_help(format!("`{name}` is a package: name something in it, as in `{name}.x`"))
        } else if name == THIS && self.scope.this.is_some() {
            diagnostic.with_help("`this.name` is the field of that name")
        } else if self.symbols.rule(self.scope.place.package, name).is_some() {
            self.expected_rule(name, diagnostic)
        } else if self.is_variant(name) {
            let quoted = format!("\"{name}\"");
            diagnostic.with_help(format!("the variants of enums are written in quotes: `{quoted}`")).with_fix(format!("write `{quoted}`"), at, quoted)
        } else if let Some(package) = self.package_called(name) {
            diagnostic.with_help(format!("`{package}` is a package: write `import {package}` below the file's own"))
        } else if let Some(near) = self.symbols.suggestions.nearest(name, self.names_in_scope()) {
            diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near)
        } else if self.scope.local("decision").is_some() {
            diagnostic.with_help("what is expected is an effect (`allow`, `review` or `deny`) or a condition")
        } else {
            diagnostic.with_help("text stands in quotes; a name is a `let`, data, a field of the request, or a variable of `for`")
        }
    }

    /// The one package whose last word that is.
    fn package_called(&self, word: &str) -> Option<&'a str> {
        let has_it = |package: &&&'a str| package.rsplit('.').next() == Some(word) && **package != self.scope.place.package;
        let mut called = self.symbols.suggestions.within(self.symbols.packages.keys()).filter(has_it);
        called.next().filter(|_| called.next().is_none() && self.symbols.suggestions.remain()).copied()
    }

    fn is_variant(&self, name: &str) -> bool {
        self.known.variants.contains(name)
    }

    /// Whether an item of that name was written, but could not be parsed, or the package is one that there is not.
    pub(super) fn is_broken(&self, package: &str, name: &str) -> bool {
        let is_broken = self.broken.contains(&(package.to_owned(), name.to_owned()));
        self.leans.set(self.leans.get() || is_broken);
        package == UNKNOWN_PACKAGE || is_broken
    }

    /// The same of a path in an item.
    pub(super) fn is_broken_path(&self, place: Place<'a>, path: &Path) -> bool {
        let imported = |word: &str| self.symbols.imports.get(&place.file)?.get(word).copied();
        match path.parts.as_slice() {
            [name] => self.is_broken(place.package, &name.text),
            [word, name] => imported(&word.text).is_some_and(|package| self.is_broken(package, &name.text)),
            _ => false,
        }
    }

    /// Every name that an expression here could use, for suggestions.
    fn names_in_scope(&self) -> impl Iterator<Item = &str> {
        let locals = self.scope.locals.iter().map(|local| local.name.as_str());
        let fields = self.known.input.fields.iter().map(|field| &*field.name);
        let packages = [self.scope.place.package, STD].into_iter().filter_map(|package| self.symbols.packages.get(package));
        let values = packages.flat_map(|package| package.values.keys().copied());
        locals.chain(fields).chain(values)
    }

    /// An expression of the error type.
    pub(super) fn error_expr(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Error, ty: Type::Error, at: self.at(span), errs: false, free: true }
    }
}
