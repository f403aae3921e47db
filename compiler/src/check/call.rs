//! Calls: methods of the standard library, and functions of the set.

use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Bound, Cost, Function as Builtin, Kept, Param, Sig};

use crate::diagnostic::{Code, Diagnostic};
use crate::program::{Argument, Expr, ExprKind};
use crate::syntax::ast::{self, Name, Span};

use super::Checker;
use super::coerce::{json_use, optional_base, optional_use};
use super::habits::foreign_method;
use super::methods::{Bindings, fitting, receiver_fits, unify};
use super::notes::{Symbol, SymbolKind};
use super::presence::strip;
use super::symbols::ValueRef;

impl<'a> Checker<'a> {
    /// `a.m(…)`, `a?.m(…)`, or a function of an imported package.
    pub(super) fn method_call(&mut self, base: &'a ast::Expr, name: &'a Name, args: &'a [ast::Expr], optional: bool, span: Span) -> Expr {
        if let Some(package) = self.package_word(base) {
            self.note_package(base.span, package);
            return match self.find_value_in(package, &name.text) {
                Some(value) => self.call_value(value, name, args, span),
                None => {
                    self.unknown_function(name, Some(package));
                    self.infer_all(args, span)
                }
            };
        }
        if let Some(diagnostic) = self.foreign_module(base, name, args, span) {
            self.report(diagnostic);
            return self.error_expr(span);
        }
        let receiver = self.infer(base);
        if !receiver.ty.is_error()
            && let Some(diagnostic) = self.foreign_call(base, &receiver, name, args, span)
        {
            self.report(diagnostic);
            return self.error_expr(span);
        }
        match receiver.ty.clone() {
            // What another language's method takes says nothing beside what is wrong with its receiver.
            Type::Error if !self.known.methods.contains_key(name.text.as_str()) => self.error_expr(span),
            Type::Error => self.infer_all(args, span),
            Type::Optional(inner) if optional && !self.takes_optional(name, &receiver.ty) => self.call_present(receiver, &inner, name, args, span),
            _ => self.builtin(receiver, name, args, span),
        }
    }

    /// `a?.m(…)`: the method of a present value, or `none`.
    fn call_present(&mut self, receiver: Expr, inner: &Type, name: &'a Name, args: &'a [ast::Expr], span: Span) -> Expr {
        let local = self.scope.fresh();
        let present = Expr { kind: ExprKind::Local(local), ty: inner.clone(), at: receiver.at, errs: false, free: true };
        let body = self.builtin(present, name, args, span);
        let (ty, errs, free) = (body.ty.clone().optional(), receiver.errs || body.errs, receiver.free && body.free);
        Expr { kind: ExprKind::WithPresent { base: Box::new(receiver), local, body: Box::new(body) }, ty, at: self.at(span), errs, free }
    }

    fn takes_optional(&self, name: &Name, ty: &Type) -> bool {
        self.known
            .methods
            .get(name.text.as_str())
            .is_some_and(|functions| functions.iter().any(|function| receiver_fits(function, ty, false).is_some()))
    }

    /// Whether a type has a method of that name that needs no arguments.
    pub(super) fn has_plain_method(&self, ty: &Type, name: &str) -> bool {
        let functions = self.known.methods.get(name).into_iter().flatten();
        functions
            .into_iter()
            .any(|function| receiver_fits(function, ty, true).is_some() && function.params.iter().skip(1).all(|param| param.optional))
    }

    fn builtin(&mut self, receiver: Expr, name: &'a Name, args: &'a [ast::Expr], span: Span) -> Expr {
        let named = self.known.methods.get(name.text.as_str()).cloned().unwrap_or_default();
        let exact: Vec<(&'static Builtin, Bindings)> = fitting(&named, &receiver.ty, false);
        let candidates = if exact.is_empty() { fitting(&named, &receiver.ty, true) } else { exact };
        if candidates.is_empty() {
            self.no_method(&receiver, name, &named);
            return self.infer_all(args, span);
        }
        let shaped: Vec<&(&'static Builtin, Bindings)> = candidates.iter().filter(|(function, _)| takes_shape(function, args)).collect();
        match shaped.as_slice() {
            [] => {
                if let Some((function, _)) = candidates.first() {
                    self.note_method(name, function);
                }
                match candidates.first().and_then(|(function, _)| self.unnamed_element(function, &receiver.ty, name, args)) {
                    Some(diagnostic) => {
                        self.report(diagnostic);
                        self.error_expr(span)
                    }
                    None => {
                        self.wrong_arguments(candidates.first().map(|(function, _)| *function), name);
                        self.infer_all(args, span)
                    }
                }
            }
            [(function, bindings)] => {
                self.note_method(name, function);
                self.call_builtin(receiver, function, bindings.clone(), args, span)
            }
            several => {
                let fitting =
                    if self.trying { None } else { several.iter().find(|(function, bindings)| self.arguments_fit(function, bindings, args)) };
                let chosen = fitting.or(several.first());
                match chosen {
                    Some((function, bindings)) => {
                        self.note_method(name, function);
                        self.call_builtin(receiver, function, bindings.clone(), args, span)
                    }
                    None => self.error_expr(span),
                }
            }
        }
    }

    /// Whether the arguments, inferred on their own, have the types that the function takes; nothing is reported.
    fn arguments_fit(&mut self, function: &Builtin, bindings: &Bindings, args: &'a [ast::Expr]) -> bool {
        let known = self.diagnostics.len();
        let next_local = self.scope.next_local;
        let mut bindings = bindings.clone();
        self.trying = true;
        let fits = self.without_notes(|checker| {
            function.params.iter().skip(1).zip(args).all(|(param, arg)| match param.sig {
                Sig::Lambda(..) => true,
                sig => {
                    let ty = checker.infer(arg).ty;
                    ty.is_error() || unify(&sig, &ty, &mut bindings)
                }
            })
        });
        self.trying = false;
        self.diagnostics.truncate(known);
        self.scope.next_local = next_local;
        fits
    }

    fn call_builtin(&mut self, receiver: Expr, function: &'static Builtin, mut bindings: Bindings, args: &'a [ast::Expr], span: Span) -> Expr {
        let receiver_type = receiver.ty.clone();
        let receiver = match function.params.first().map(|param| param.sig) {
            Some(Sig::Decimal) => self.coerce(receiver, &Type::Decimal),
            _ => receiver,
        };
        let mut errs = function.errs || receiver.errs;
        let mut free = function.cost == Cost::Constant && receiver.free;
        let mut failed = false;
        let mut typed = vec![Argument::Value(receiver)];
        for (index, param) in function.params.iter().enumerate().skip(1) {
            let argument = match args.get(index - 1) {
                Some(arg) => self.argument(param, arg, &receiver_type, &mut bindings),
                None => Argument::Value(self.constant_expr(Kept::None, Type::None, span)),
            };
            let expr = match &argument {
                Argument::Value(expr) => expr,
                Argument::Lambda { body, .. } => body,
            };
            errs |= expr.errs;
            free &= expr.free;
            failed |= expr.ty.is_error();
            typed.push(argument);
        }
        let ty = match self.substitute(&function.result, &bindings, &receiver_type) {
            _ if failed => Type::Error,
            Some(ty) => ty,
            None => Type::Error,
        };
        Expr { kind: ExprKind::Call { function, args: typed }, ty, at: self.at(span), errs, free }
    }

    fn argument(&mut self, param: &Param, arg: &'a ast::Expr, receiver: &Type, bindings: &mut Bindings) -> Argument {
        if let Sig::Lambda(input, output) = param.sig {
            return self.lambda(input, output, arg, receiver, bindings);
        }
        let expr = match self.substitute(&param.sig, bindings, receiver) {
            Some(expected) => self.check(arg, &expected),
            None => {
                let typed = self.infer(arg);
                if !typed.ty.is_error() && !unify(&param.sig, &typed.ty, bindings) {
                    self.argument_mismatch(param, &typed);
                    self.error_expr(arg.span)
                } else {
                    typed
                }
            }
        };
        if let Some(check) = param.constant {
            self.check_constant_argument(param, check, &expr);
        }
        Argument::Value(expr)
    }

    fn check_constant_argument(&mut self, param: &Param, check: fn(tollgate_stdlib::Value<'_>) -> Result<(), String>, expr: &Expr) {
        let diagnostic = match expr.constant().map(|value| check(value.view())) {
            Some(Ok(())) => return,
            _ if expr.ty.is_error() => return,
            Some(Err(problem)) => Diagnostic::error(Code::Constant, expr.at, problem),
            None => Diagnostic::error(Code::NotConstant, expr.at, format!("the {} must be a constant", param.name)),
        };
        self.report(diagnostic);
    }

    fn argument_mismatch(&mut self, param: &Param, typed: &Expr) {
        let diagnostic = match &typed.ty {
            ty if ty.is_optional() => optional_use(typed),
            Type::Json => json_use(typed, &Type::Error),
            ty => Diagnostic::error(Code::TypeMismatch, typed.at, format!("`{}` cannot be `{ty}`", param.name)),
        };
        self.report(diagnostic);
    }

    fn lambda(&mut self, input: &Sig, output: &Sig, arg: &'a ast::Expr, receiver: &Type, bindings: &mut Bindings) -> Argument {
        let ast::ExprKind::Lambda { param, body } = &strip(arg).kind else {
            self.error_with_help(Code::Arguments, arg.span, "a lambda is needed here", "write it as in `any(x => x > 1)`");
            return Argument::Value(self.error_expr(arg.span));
        };
        let item = self.substitute(input, bindings, receiver).unwrap_or(Type::Error);
        let expected = self.substitute(output, bindings, receiver);
        self.in_block(|checker| {
            let local = checker.declare_local(param, item);
            let body = match &expected {
                Some(Type::Bool) => checker.condition(body),
                Some(expected) => checker.check(body, expected),
                None => {
                    let typed = checker.infer(body);
                    if !typed.ty.is_error() && !unify(output, &typed.ty, bindings) {
                        checker.lambda_mismatch(output, &typed);
                        checker.error_expr(body.span)
                    } else {
                        typed
                    }
                }
            };
            Argument::Lambda { local, body }
        })
    }

    fn lambda_mismatch(&mut self, output: &Sig, typed: &Expr) {
        let diagnostic = match (output, &typed.ty) {
            (_, ty) if ty.is_optional() => optional_use(typed),
            (_, Type::Json) => json_use(typed, &Type::Error),
            (Sig::Var(_, Bound::Ordered), ty) => Diagnostic::error(Code::NotOrdered, typed.at, format!("`{ty}` has no order")),
            (Sig::Var(_, Bound::Number) | Sig::Int | Sig::Decimal | Sig::Duration, ty) => {
                Diagnostic::error(Code::TypeMismatch, typed.at, format!("a number is needed, and this is `{ty}`"))
            }
            (Sig::List(_), ty) => Diagnostic::error(Code::TypeMismatch, typed.at, format!("a list is needed, and this is `{ty}`")),
            (_, ty) => Diagnostic::error(Code::TypeMismatch, typed.at, format!("`{ty}` does not fit here")),
        };
        self.report(diagnostic);
    }

    /// The type that a signature means, where its variables are bound.
    fn substitute(&self, sig: &Sig, bindings: &Bindings, receiver: &Type) -> Option<Type> {
        Some(match sig {
            Sig::Bool => Type::Bool,
            Sig::Int => Type::Int,
            Sig::Decimal => Type::Decimal,
            Sig::Duration => Type::Duration,
            Sig::Timestamp => Type::Timestamp,
            Sig::Ip => Type::Ip,
            Sig::Cidr => Type::Cidr,
            Sig::Str => Type::Str,
            Sig::Json => Type::Json,
            Sig::Named(name) => self.std_type(name)?,
            Sig::Var(var, _) => bindings.get(*var)?.clone(),
            Sig::List(inner) => self.substitute(inner, bindings, receiver)?.list(),
            Sig::Set(inner) => self.substitute(inner, bindings, receiver)?.set(),
            Sig::Map(inner) => self.substitute(inner, bindings, receiver)?.map(),
            Sig::Optional(inner) => self.substitute(inner, bindings, receiver)?.optional(),
            Sig::Receiver => receiver.clone(),
            Sig::Any | Sig::Enum | Sig::Collection(_) | Sig::Sequence(_) | Sig::Lambda(..) => return None,
        })
    }

    /// A type of the standard library's sources.
    pub(super) fn std_type(&self, name: &str) -> Option<Type> {
        let index = *self.symbols.packages.get(super::symbols::STD)?.types.get(name)?;
        Some(self.known.types.get(index)?.open.clone())
    }

    fn no_method(&mut self, receiver: &Expr, name: &Name, named: &[&'static Builtin]) {
        let ty = &receiver.ty;
        let fits_present = |ty: &Type| named.iter().any(|function| receiver_fits(function, ty, true).is_some());
        let diagnostic = match ty {
            Type::Optional(inner) if matches!(**inner, Type::Json) => json_method(receiver, name, named),
            Type::Json => json_method(receiver, name, named),
            Type::Optional(inner) if fits_present(inner) => optional_base(receiver, &format!("call `?.{}(…)`", name.text)),
            _ => {
                let at = self.at(name.span);
                let diagnostic = Diagnostic::error(Code::UnknownMethod, at, format!("`{ty}` has no method `{}`", name.text));
                let methods: Vec<&'static str> = self
                    .symbols
                    .suggestions
                    .within(&self.known.methods)
                    .filter(|(_, functions)| functions.iter().any(|function| receiver_fits(function, ty.present(), true).is_some()))
                    .map(|(name, _)| *name)
                    .collect();
                let foreign = foreign_method(&name.text).filter(|meant| methods.contains(meant)).map(str::to_owned);
                match foreign.or_else(|| self.symbols.suggestions.nearest(&name.text, methods)) {
                    Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
                    None => match of_elements(ty.present(), named) {
                        true => diagnostic.with_help(format!("its elements have it: ask them with `.any(x => x.{}(…) …)`", name.text)),
                        false => diagnostic,
                    },
                }
            }
        };
        self.report(diagnostic);
    }

    fn wrong_arguments(&mut self, function: Option<&'static Builtin>, name: &Name) {
        let Some(function) = function else { return };
        let params: Vec<String> =
            function.params.iter().skip(1).map(|param| format!("{}{}", param.name, if param.optional { "?" } else { "" })).collect();
        let message = format!("`{}` is called with other arguments than it takes", name.text);
        let more = if function.key == "collection.count" { ", and `.len()` counts all elements" } else { "" };
        self.error_with_help(Code::Arguments, name.span, message, format!("it is `{}({})`{more}", name.text, params.join(", ")));
    }

    /// `f(…)`: a function of the set, or `ip`, `cidr` and `timestamp` of a constant.
    pub(super) fn function_call(&mut self, name: &'a Name, args: &'a [ast::Expr], span: Span) -> Expr {
        if let Some(value) = self.find_value(&name.text) {
            return self.call_value(value, name, args, span);
        }
        if let Some(constructed) = self.constructor(name, args, span) {
            return constructed;
        }
        if !self.is_broken(self.scope.place.package, &name.text)
            && let Some(diagnostic) = self.foreign_function(name, args, span)
        {
            self.report(diagnostic);
            return self.error_expr(span);
        }
        self.unknown_function(name, None);
        self.infer_all(args, span)
    }

    fn constructor(&mut self, name: &Name, args: &'a [ast::Expr], span: Span) -> Option<Expr> {
        use tollgate_stdlib::scalar;
        type Reader = fn(&str) -> Option<Kept>;
        let (ty, read): (Type, Reader) = match name.text.as_str() {
            "ip" => (Type::Ip, |text| scalar::parse_ip(text).map(Kept::Ip)),
            "cidr" => (Type::Cidr, |text| scalar::parse_cidr(text).map(Kept::Cidr)),
            "timestamp" => (Type::Timestamp, |text| scalar::parse_timestamp(text).map(Kept::Timestamp)),
            _ => return None,
        };
        self.note_use(name.span, |_| Symbol { kind: SymbolKind::Constructor, name: name.text.as_str().into(), at: None, ty: ty.clone() });
        let [arg] = args else {
            self.error_with_help(
                Code::Arguments,
                span,
                format!("`{ty}` takes one constant string"),
                format!("text that is no constant is read with `.to_{ty}()`"),
            );
            return Some(self.infer_all(args, span));
        };
        let Some(text) = self.constructor_text(arg, &ty) else { return Some(self.error_expr(span)) };
        Some(match read(&text) {
            Some(value) => self.constant_expr(value, ty, span),
            None => {
                let diagnostic = Diagnostic::error(Code::Constant, self.at(arg.span), format!("\"{text}\" is no `{ty}`"));
                self.report(match (&ty, scalar::parse_cidr(&text)) {
                    (Type::Ip, Some(_)) => {
                        diagnostic.with_help("it is a network: write `cidr(…)`").with_fix("write `cidr`", self.at(name.span), "cidr")
                    }
                    (Type::Ip, None) => diagnostic.with_help("an address is `10.1.2.3` or `2001:db8::1`"),
                    (Type::Cidr, _) => diagnostic.with_help("a network is an address and the bits that count: `10.0.0.0/8`"),
                    _ => diagnostic.with_help("an instant is a date, a time and an offset: `2026-01-31T09:00:00Z`"),
                });
                self.error_expr(span)
            }
        })
    }

    fn constructor_text(&mut self, arg: &'a ast::Expr, ty: &Type) -> Option<String> {
        if let ast::ExprKind::Template { .. } = &strip(arg).kind {
            return self.constant_text(arg, &format!("`{ty}(…)`"), "", None);
        }
        let typed = self.infer(arg);
        match typed.constant() {
            Some(Kept::Str(text)) => return Some(text.to_string()),
            _ if typed.ty.is_error() => {}
            _ => self.error_with_help(
                Code::NotConstant,
                arg.span,
                format!("`{ty}(…)` takes a constant string"),
                format!("text that is no constant is read with `.to_{ty}()`, which gives an optional"),
            ),
        }
        None
    }

    fn call_value(&mut self, value: ValueRef, name: &'a Name, args: &'a [ast::Expr], span: Span) -> Expr {
        self.note_use(name.span, |checker| checker.value_symbol(value));
        self.leans_on.push(value);
        let ValueRef::Definition(index) = value else { return self.not_callable(name, args, span) };
        let Some(signature) = self.known.signatures.get(index).cloned() else { return self.no_request(span) };
        if !signature.is_fn {
            return self.not_callable(name, args, span);
        }
        if signature.reads > self.scope.reads {
            return self.no_request(span);
        }
        if args.len() != signature.params.len() {
            let (takes, given) = (signature.params.len(), args.len());
            let message =
                format!("`{}` takes {takes} {}, and {given} {} given", name.text, plural("argument", takes), if given == 1 { "is" } else { "are" });
            self.error(Code::Arguments, span, message);
            return self.infer_all(args, span);
        }
        let typed: Vec<Expr> = args.iter().zip(&signature.params).map(|(arg, ty)| self.check(arg, ty)).collect();
        let errs = signature.errs || typed.iter().any(|arg| arg.errs);
        let free = signature.free && typed.iter().all(|arg| arg.free);
        let kind = if typed.is_empty() {
            ExprKind::Definition(signature.position)
        } else {
            ExprKind::Invoke { definition: signature.position, args: typed }
        };
        Expr { kind, ty: signature.result, at: self.at(span), errs, free }
    }

    fn not_callable(&mut self, name: &Name, args: &'a [ast::Expr], span: Span) -> Expr {
        let diagnostic = Diagnostic::error(Code::NotCallable, self.at(name.span), format!("`{}` is no function", name.text));
        let diagnostic = diagnostic.with_help(format!("write `{}` alone", name.text));
        let brackets = self.at(Span { start: name.span.end, end: span.end });
        self.report(if args.is_empty() { diagnostic.with_fix(format!("write `{}`", name.text), brackets, "") } else { diagnostic });
        self.infer_all(args, span)
    }

    fn unknown_function(&mut self, name: &Name, package: Option<&'a str>) {
        let home = package.unwrap_or(self.scope.place.package);
        if self.is_broken(home, &name.text) {
            return;
        }
        let at = self.at(name.span);
        let diagnostic = Diagnostic::error(Code::UnknownName, at, format!("no function `{}`", name.text));
        let names = self.symbols.packages.get(home).into_iter().flat_map(|package| package.values.keys().copied());
        let diagnostic = match self.symbols.suggestions.nearest(&name.text, names) {
            Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
            None => diagnostic.with_help("functions are declared with `fn`; those of the standard library are methods: `value.name(…)`"),
        };
        self.report(diagnostic);
    }

    /// Checks arguments for what is wrong in themselves; the call itself is wrong already.
    fn infer_all(&mut self, args: &'a [ast::Expr], span: Span) -> Expr {
        for arg in args.iter().filter(|arg| !matches!(strip(arg).kind, ast::ExprKind::Lambda { .. })) {
            if !super::literal::takes_its_type(arg) {
                self.infer(arg);
            }
        }
        self.error_expr(span)
    }
}

pub fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// Whether the elements of a collection have one of these methods.
fn of_elements(ty: &Type, named: &[&'static Builtin]) -> bool {
    let (Type::List(element) | Type::Set(element) | Type::Map(element)) = ty else { return false };
    named.iter().any(|function| receiver_fits(function, element, true).is_some())
}

fn json_method(receiver: &Expr, name: &Name, named: &[&'static Builtin]) -> Diagnostic {
    let wanted = named.iter().filter_map(|function| function.params.first()).find_map(|param| match param.sig {
        Sig::Str => Some(Type::Str),
        Sig::Int => Some(Type::Int),
        Sig::Decimal => Some(Type::Decimal),
        Sig::List(_) | Sig::Collection(_) | Sig::Sequence(_) => Some(Type::Error.list()),
        Sig::Map(_) => Some(Type::Error.map()),
        _ => None,
    });
    match wanted {
        Some(ty) => {
            let diagnostic = json_use(receiver, &ty);
            Diagnostic { message: format!("`json` has no method `{}`", name.text), ..diagnostic }
        }
        None if receiver.ty.is_optional() && named.iter().any(|function| receiver_fits(function, &Type::Json, false).is_some()) => {
            optional_base(receiver, &format!("call `?.{}(…)`", name.text))
        }
        None => Diagnostic::error(Code::UnknownMethod, receiver.at, format!("`json` has no method `{}`", name.text)),
    }
}

/// Whether as many arguments are given as are taken, and lambdas where lambdas are.
fn takes_shape(function: &Builtin, args: &[ast::Expr]) -> bool {
    let params = function.params.get(1..).unwrap_or_default();
    let required = params.iter().filter(|param| !param.optional).count();
    let is_lambda = |arg: &ast::Expr| matches!(strip(arg).kind, ast::ExprKind::Lambda { .. });
    (required..=params.len()).contains(&args.len())
        && params.iter().zip(args).all(|(param, arg)| matches!(param.sig, Sig::Lambda(..)) == is_lambda(arg))
}
