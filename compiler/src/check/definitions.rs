//! `let`, `fn`, `score` and `data`.

use std::sync::Arc;

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::{Presence, Type};

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{self, Argument, Expr, ExprKind, Refinement, ScorePart};
use crate::syntax::ast::{self, ItemKind, Param, TypeExpr};

use super::Checker;
use super::budget::excess;
use super::fold::fold;
use super::order::dependency_order;
use super::presence::strip;
use super::scope::{Local, Reads, Scope};
use super::symbols::{Place, STD, ValueRef, name_of};

/// How many parameters a function or an obligation may have.
const MAX_PARAMS: usize = 256;

/// So many fields in sight of a refinement count as one that is made.
const FIELDS_IN_SIGHT: usize = 8;

/// What is known of a definition or score where it is used.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Whether it is a `fn`.
    pub is_fn: bool,
    /// The types of its parameters.
    pub params: Vec<Type>,
    /// The type of its value.
    pub result: Type,
    /// Whether its evaluation can err.
    pub errs: bool,
    /// Whether its evaluation uses no steps.
    pub free: bool,
    /// What it reads, directly or through others.
    pub reads: Reads,
    /// The constant that it is.
    pub constant: Option<Kept>,
    /// Its place in the program's list.
    pub position: usize,
}

impl Signature {
    fn unknown(position: usize) -> Signature {
        Signature {
            is_fn: false,
            params: Vec::new(),
            result: Type::Error,
            errs: false,
            free: true,
            reads: Reads::Constants,
            constant: None,
            position,
        }
    }
}

impl<'a> Checker<'a> {
    /// Resolves the types and defaults of all data.
    pub(super) fn declare_data(&mut self) {
        for place in self.symbols.data.clone() {
            let ItemKind::Data { name, ty, default } = &place.item.kind else { continue };
            self.check_declared_name(place, name);
            let ty = self.resolve_type(place, ty, false);
            let default = default.as_ref().and_then(|default| self.constant(place, default, &ty));
            let full: Arc<str> = place.full_name(&name.text).into();
            self.known.data_named.entry(full.clone()).or_default().push(self.known.data.len());
            self.known.data_named.entry(name.text.as_str().into()).or_default().push(self.known.data.len());
            self.known.data.push(program::Data { name: full, ty, default, at: place.at(name.span) });
        }
    }

    /// Checks definitions and scores, each after those it refers to; gives the definitions in that order, and the scores by name.
    pub(super) fn check_definitions(&mut self) -> (Vec<program::Definition>, Vec<program::Score>) {
        let places: Vec<Place<'a>> = self.symbols.definitions.iter().chain(&self.symbols.scores).copied().collect();
        let definitions = self.symbols.definitions.len();
        let edges: Vec<Vec<usize>> = places.iter().map(|place| self.values_named_in(*place)).collect();
        let (order, cycles) = dependency_order(&edges);
        for cycle in &cycles {
            let members: Vec<Place<'a>> = cycle.iter().filter_map(|index| places.get(*index).copied()).collect();
            self.report_cycle(&members);
        }
        let mut position = 0;
        self.known.signatures = vec![Signature::unknown(0); definitions];
        self.known.scores = vec![Signature::unknown(0); places.len() - definitions];
        for index in order.iter().filter(|index| **index < definitions) {
            if let Some(signature) = self.known.signatures.get_mut(*index) {
                signature.position = position;
                position += 1;
            }
        }
        let in_cycle: std::collections::HashSet<usize> = cycles.iter().flatten().copied().collect();
        let mut checked = Vec::new();
        let mut scores: Vec<(usize, program::Score)> = Vec::new();
        for index in order {
            let Some(place) = places.get(index).copied() else { continue };
            if index < definitions {
                checked.extend(self.check_definition(place, index, in_cycle.contains(&index)));
            } else if !in_cycle.contains(&index) {
                scores.extend(self.check_score(place, index - definitions).map(|score| (index, score)));
            }
        }
        scores.sort_by_key(|(index, _)| *index);
        (checked, scores.into_iter().map(|(_, score)| score).collect())
    }

    fn check_definition(&mut self, place: Place<'a>, index: usize, in_cycle: bool) -> Option<program::Definition> {
        let name = name_of(place.item)?;
        self.check_declared_name(place, name);
        let position = self.known.signatures.get(index)?.position;
        let no_params: &'a [Param] = &[];
        let (is_fn, params, result, body): (bool, &'a [Param], Option<&'a TypeExpr>, &'a ast::Expr) = match &place.item.kind {
            ItemKind::Let { ty, value, .. } => (false, no_params, ty.as_ref(), value),
            ItemKind::Fn { params, result, body, .. } => (true, params, result.as_ref(), body),
            _ => return None,
        };
        let params = self.within_limit(place, params);
        let types: Vec<Type> = params.iter().map(|param| self.resolve_type(place, &param.ty, false)).collect();
        let result = result.map(|ty| self.resolve_type(place, ty, false));
        let (typed, locals) = self.in_scope(Scope::new(place, Reads::All), |checker| {
            for (param, ty) in params.iter().zip(&types) {
                checker.declare_local(&param.name, ty.clone());
                if let Some(default) = &param.default {
                    checker.error(Code::Arguments, default.span, "parameters of functions have no defaults");
                }
            }
            if in_cycle { checker.error_expr(body.span) } else { checker.definition_body(body, result.as_ref()) }
        });
        let signature = Signature {
            is_fn,
            params: types.clone(),
            result: result.unwrap_or_else(|| typed.ty.clone()),
            errs: typed.errs,
            free: typed.free,
            reads: self.reads_of(&typed),
            constant: if is_fn { None } else { fold(&typed) },
            position,
        };
        self.known.definition_reads.insert(position, signature.reads);
        if let Some(slot) = self.known.signatures.get_mut(index) {
            *slot = signature;
        }
        Some(program::Definition { name: place.full_name(&name.text).into(), is_fn, params: types, locals, body: typed, at: place.at(name.span) })
    }

    /// The parameters; the first of them where they are too many.
    pub(super) fn within_limit(&mut self, place: Place<'a>, params: &'a [Param]) -> &'a [Param] {
        if let Some(excess) = params.get(MAX_PARAMS) {
            let message = format!("there are at most {MAX_PARAMS} parameters");
            self.report(Diagnostic::error(Code::TooLarge, place.at(excess.name.span), message));
        }
        params.get(..MAX_PARAMS).unwrap_or(params)
    }

    fn definition_body(&mut self, body: &'a ast::Expr, result: Option<&Type>) -> Expr {
        let Some(result) = result else {
            let typed = self.infer(body);
            if matches!(typed.ty, Type::None) {
                self.error_with_help(
                    Code::CannotInfer,
                    body.span,
                    "nothing tells the type of `none`",
                    "give the name a type, as in `let limit: int? = none`",
                );
                return self.error_expr(body.span);
            }
            if let Some((code, message)) = excess(&typed.ty) {
                self.error_with_help(code, body.span, message, "declare types for its parts, with `type`");
                return self.error_expr(body.span);
            }
            return typed;
        };
        self.check(body, result)
    }

    fn check_score(&mut self, place: Place<'a>, index: usize) -> Option<program::Score> {
        let ItemKind::Score { name, low, high, parts } = &place.item.kind else { return None };
        self.check_declared_name(place, name);
        let bound = |checker: &mut Self, expr: &'a ast::Expr| match checker.constant(place, expr, &Type::Int) {
            Some(Kept::Int(value)) => Some(value),
            _ => None,
        };
        let (low_value, high_value) = (bound(self, low), bound(self, high));
        if let (Some(low_value), Some(high_value)) = (low_value, high_value)
            && low_value > high_value
        {
            let message = format!("the range of `{}` is empty: {low_value} is above {high_value}", name.text);
            let range = place.at(low.span.to(high.span));
            let diagnostic = Diagnostic::error(Code::ScoreRange, range, message).with_help("write the lower end first");
            let turned = format!("{high_value}..={low_value}");
            self.report(diagnostic.with_fix(format!("write `{turned}`"), range, turned));
        }
        let (parts, locals) =
            self.in_scope(Scope::new(place, Reads::All), |checker| parts.iter().map(|part| checker.score_part(part)).collect::<Vec<_>>());
        let all = || parts.iter().flat_map(|part| [&part.amount, &part.condition]);
        let signature = Signature {
            result: Type::Int,
            errs: all().any(|expr| expr.errs),
            free: all().all(|expr| expr.free),
            reads: Reads::All,
            position: index,
            ..Signature::unknown(index)
        };
        if let Some(slot) = self.known.scores.get_mut(index) {
            *slot = signature;
        }
        let at = place.at(name.span);
        Some(program::Score {
            name: place.full_name(&name.text).into(),
            low: low_value.unwrap_or(0),
            high: high_value.unwrap_or(0),
            parts,
            locals,
            at,
        })
    }

    fn score_part(&mut self, part: &'a ast::ScorePart) -> ScorePart {
        let amount = self.check(&part.amount, &Type::Int);
        self.in_block(|checker| {
            let condition = checker.condition(&part.condition);
            checker.assume(&part.condition, true);
            let because = part.because.as_ref().map(|because| checker.text(because));
            ScorePart { amount, condition, text: crate::format::expr_to_text(&part.condition), because }
        })
    }

    /// A `because`: a template.
    pub(super) fn text(&mut self, expr: &'a ast::Expr) -> Expr {
        self.check(expr, &Type::Str)
    }

    /// Checks the conditions of refined fields, which see the record's fields and constants.
    pub(super) fn check_refinements(&mut self) -> Vec<Refinement> {
        let pending = self.refinements.clone();
        pending
            .into_iter()
            .map(|pending| {
                let mut scope = Scope::new(pending.place, Reads::Constants);
                let fields = pending.record.as_ref().map_or(0, |record| record.fields.len());
                if !self.known.budget.spend(fields / FIELDS_IN_SIGHT, pending.place.at(pending.condition.span)) {
                    let condition = self.error_expr(pending.condition.span);
                    return Refinement { condition, locals: 0, text: String::new() };
                }
                for field in pending.record.iter().flat_map(|record| &record.fields) {
                    let own = &*field.name == pending.field;
                    let ty = if own && matches!(field.presence, Presence::Optional) { field.ty.clone() } else { field.read_type() };
                    let index = scope.fresh();
                    scope.locals.push(Local {
                        name: field.name.to_string(),
                        ty,
                        index,
                        at: self.declared_at(field).unwrap_or(pending.place.at(pending.condition.span)),
                    });
                }
                scope.this.clone_from(&pending.record);
                let (condition, locals) = self.in_scope(scope, |checker| checker.condition(pending.condition));
                Refinement { condition, locals, text: crate::format::expr_to_text(pending.condition) }
            })
            .collect()
    }

    /// Refuses names of values that hide something that every package has.
    fn check_declared_name(&mut self, place: Place<'a>, name: &ast::Name) {
        let hidden = match name.text.as_str() {
            _ if place.package == STD => None,
            text if self.known.input.field(text).is_some() => Some("a field of the input"),
            STD => Some("the standard library"),
            "ip" | "cidr" | "timestamp" => Some("the constructor of that name"),
            _ => None,
        };
        if let Some(hidden) = hidden {
            let message = format!("`{}` would hide {hidden}", name.text);
            self.report(Diagnostic::error(Code::HiddenName, place.at(name.span), message).with_help("give it another name"));
        }
    }

    /// Refuses words for imported packages that a value of the file's package or a field of the input has already.
    pub(super) fn check_import_words(&mut self) {
        for (word, piece, package) in self.symbols.import_words.clone() {
            let own = self.find_value_in(package, &word.text);
            let what = match own {
                _ if self.known.input.field(&word.text).is_some() => "a field of the input",
                Some(_) => "a definition of this package",
                None => continue,
            };
            let diagnostic =
                Diagnostic::error(Code::HiddenName, Location { file: piece, span: word.span }, format!("`{}` would hide {what}", word.text))
                    .with_help("give the package another name here, with `as`");
            self.report(match own {
                Some(own) => diagnostic.with_secondary(self.value_location(own), "which is declared here"),
                None => diagnostic,
            });
        }
    }

    /// What an expression reads, directly or through definitions.
    fn reads_of(&self, expr: &Expr) -> Reads {
        let mut reads = Reads::Constants;
        let mut stack = vec![expr];
        while let Some(expr) = stack.pop() {
            reads = reads.max(match &expr.kind {
                ExprKind::Input(_) | ExprKind::Args | ExprKind::Fact(_) | ExprKind::Score(_) => return Reads::All,
                ExprKind::Data(_) => Reads::NoRequest,
                ExprKind::Definition(position) | ExprKind::Invoke { definition: position, .. } => {
                    self.known.definition_reads.get(position).copied().unwrap_or(Reads::All)
                }
                _ => Reads::Constants,
            });
            push_children(expr, &mut stack);
        }
        reads
    }

    /// The definitions (and, behind them, the scores) that an item refers to by name.
    pub(super) fn values_named_in(&self, place: Place<'a>) -> Vec<usize> {
        let definitions = self.symbols.definitions.len();
        let mut found = Vec::new();
        let mut add = |value: Option<ValueRef>| match value {
            Some(ValueRef::Definition(index)) => found.push(index),
            Some(ValueRef::Score(index)) => found.push(definitions + index),
            Some(ValueRef::Data(_)) | None => {}
        };
        for root in item_expressions(place.item) {
            crate::syntax::walk(root, &mut |expr| add(self.value_named(place, expr)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The value that an expression names outright: `name`, `name(…)`, `package.name` or `package.name(…)`.
    pub(super) fn value_named(&self, place: Place<'a>, expr: &ast::Expr) -> Option<ValueRef> {
        let own = |name: &str| [place.package, STD].into_iter().find_map(|package| self.find_value_in(package, name));
        match &expr.kind {
            ast::ExprKind::Name(name) => own(name),
            ast::ExprKind::Call { name, .. } => own(&name.text),
            ast::ExprKind::Field { base, name, .. } | ast::ExprKind::Method { base, name, .. } => {
                let ast::ExprKind::Name(word) = &strip(base).kind else { return None };
                let package = self.symbols.imports.get(&place.file)?.get(word.as_str())?;
                self.find_value_in(package, &name.text)
            }
            _ => None,
        }
    }
}

fn item_expressions(item: &ast::Item) -> Vec<&ast::Expr> {
    match &item.kind {
        ItemKind::Let { value, .. } => vec![value],
        ItemKind::Fn { body, .. } => vec![body],
        ItemKind::Score { parts, .. } => {
            parts.iter().flat_map(|part| [Some(&part.amount), Some(&part.condition), part.because.as_ref()]).flatten().collect()
        }
        _ => Vec::new(),
    }
}

fn push_children<'e>(expr: &'e Expr, stack: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Error
        | ExprKind::Const(_)
        | ExprKind::Input(_)
        | ExprKind::Args
        | ExprKind::Data(_)
        | ExprKind::Definition(_)
        | ExprKind::Score(_)
        | ExprKind::Fact(_)
        | ExprKind::Local(_) => {}
        ExprKind::Field { base, .. } | ExprKind::Member { base, .. } => stack.push(base),
        ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::ToDecimal(inner) | ExprKind::ToJson(inner) => stack.push(inner),
        ExprKind::Like(inner, _) | ExprKind::Matches(inner, _) => stack.push(inner),
        ExprKind::Index { base: left, index: right }
        | ExprKind::Equal(left, right)
        | ExprKind::Order(_, left, right)
        | ExprKind::In(left, right)
        | ExprKind::Coalesce(left, right)
        | ExprKind::Arithmetic(_, left, right)
        | ExprKind::WithPresent { base: left, body: right, .. } => stack.extend([&**left, &**right]),
        ExprKind::If { condition, then, otherwise } => stack.extend([&**condition, &**then, &**otherwise]),
        ExprKind::And(parts)
        | ExprKind::Or(parts)
        | ExprKind::Text(parts)
        | ExprKind::List(parts)
        | ExprKind::Set(parts)
        | ExprKind::Record(_, parts) => {
            stack.extend(parts);
        }
        ExprKind::Map(entries) => stack.extend(entries.iter().map(|(_, value)| value)),
        ExprKind::With { base, changes } => {
            stack.push(base);
            stack.extend(changes.iter().map(|(_, value)| value));
        }
        ExprKind::Call { args, .. } => stack.extend(args.iter().map(|arg| match arg {
            Argument::Value(value) => value,
            Argument::Lambda { body, .. } => body,
        })),
        ExprKind::Invoke { args, .. } => stack.extend(args),
    }
}
